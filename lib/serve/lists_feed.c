/* SPDX-License-Identifier: ISC */
/* Models as a feed: RSS 2.0 (https://www.rssboard.org/rss-specification), as OpenRouter has it with use_rss: part of lists. */
#include <string.h>

#include "err.h"
#include "json.h"
#include "page.h"
#include "serve/lists_priv.h"
#include "tm.h"

static void
add(struct buf *b, const char *tag, const char *s, size_t n)
{
	buf_addf(b, "<%s>", tag);
	page_escape(b, s, n);
	buf_addf(b, "</%s>\n", tag);
}

/* What the row says, or what is said in its place. */
static void
add_member(struct buf *b, const char *tag, const struct json *j, const char *key, const char *other)
{
	struct buf text = BUF_INIT;

	if (json_str(j, json_get(j, 0, key), &text) || !text.len)
		buf_adds(&text, other);
	add(b, tag, buf_str(&text), text.len);
	buf_release(&text);
}

/* Where this gateway is, as the client calls it. */
static void
add_link(struct buf *b, const struct visit *v, const char *path, size_t n)
{
	const struct http1 *h = exchange_request(v->x);
	const char *host = http1_get(h, "host"), *scheme = http1_get(h, "x-forwarded-proto");
	struct buf url = BUF_INIT;

	buf_addf(&url, "%s://%s", scheme && strcmp(scheme, "https") == 0 ? "https" : "http",
	    host && *host ? host : "localhost");
	buf_add(&url, path, n);
	add(b, "link", url.p, url.len);
	buf_release(&url);
}

static void
add_item(struct buf *b, const struct visit *v, const struct shelf_row *r, const struct json *j)
{
	struct buf text = BUF_INIT;

	buf_adds(b, "<item>\n");
	add_member(b, "title", j, "name", r->id);
	if (json_str(j, json_path(j, 0, "links.details"), &text) == 0 && text.len && *text.p == '/')
		add_link(b, v, text.p, text.len);
	add_member(b, "description", j, "description", "");
	buf_adds(b, "<guid isPermaLink=\"false\">");
	page_escape(b, r->id, strlen(r->id));
	buf_adds(b, "</guid>\n");
	if (r->created > 0) {
		buf_clear(&text);
		tm_http(&text, r->created);
		add(b, "pubDate", text.p, text.len);
	}
	buf_adds(b, "</item>\n");
	buf_release(&text);
}

/* U+FFFE and U+FFFF are no characters of XML: U+FFFD. */
static void
make_characters(struct buf *b)
{
	char *p = b->p, *end = b->p + b->len;

	while ((p = memmem(p, (size_t)(end - p), "\xef\xbf", 2))) {
		if (((unsigned char)p[2] & 0xfe) == 0xbe)
			p[2] = (char)0xbd;
		p += 2;
	}
}

void
lists_put_feed(struct visit *v, const struct shelf *s, const struct shelf_pick *p)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	buf_adds(&b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n"
	    "<title>Models of or-serve</title>\n");
	add_link(&b, v, v->path, strlen(v->path));
	buf_adds(&b, "<description>The models that may be asked for here.</description>\n");
	for (size_t i = 0; i < p->n; i++) {
		const struct shelf_row *r = &s->v[p->row[i]];
		if (shelf_json(s, r, &j) == 0)
			add_item(&b, v, r, &j);
	}
	buf_adds(&b, "</channel>\n</rss>\n");
	make_characters(&b);
	visit_fields(v);
	exchange_whole(v->x, 200, "application/rss+xml", b.p, b.len);
	json_release(&j);
	buf_release(&b);
}

static int
truth(const struct visit *v, const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = 0;

	if (visit_query(v, name, &b) == 0 && b.len && strcmp(b.p, "false") != 0)
		r = strcmp(b.p, "true") == 0 ? 1 : err_set(e, ERR_DATA, "%s: true or false", name);
	buf_release(&b);
	return r;
}

int
lists_wants_feed(const struct visit *v, struct err *e)
{
	int feed = truth(v, "use_rss", e), chat = feed < 0 ? -1 : truth(v, "use_rss_chat_links", e);

	if (chat > 0 && feed > 0)
		return err_set(e, ERR_DATA, "use_rss_chat_links: there are no chats here");
	return chat < 0 ? -1 : feed;
}
