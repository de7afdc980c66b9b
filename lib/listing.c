/* SPDX-License-Identifier: ISC */
#include "listing.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "providers.h"
#include "str.h"

/* Lists that come in pages are asked for in one. Cohere's lies in version 1 of its API, its chat in version 2. */
static const struct {
	const char *wire, *path;
} lists[] = {{"openai", "/models"}, {"responses", "/models"}, {"anthropic", "/models?limit=1000"},
    {"gemini", "/models?pageSize=1000"}, {"cohere", "/../v1/models?page_size=1000"}, {"ollama", "/api/tags"}};

static void
add_query(struct buf *b, const char *name, const char *value)
{
	buf_addc(b, strchr(buf_str(b), '?') ? '&' : '?');
	if (name)
		buf_addf(b, "%s=", name);
	str_percent(b, value, name ? "" : "=&+%");
}

/* "." and ".." would lead out of the path. */
static int
has_dots(const char *path)
{
	for (const char *p = path; *p; p += *p == '/') {
		size_t n = strcspn(p, "/");
		if (n && n <= 2 && strspn(p, ".") >= n)
			return 1;
		p += n;
	}
	return 0;
}

int
listing_url(struct buf *b, const struct provider *p, const char *what, struct err *e)
{
	const char *path = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strcmp(lists[i].wire, p->wire) == 0)
			path = lists[i].path;
	if (!path)
		return err_set(
		    e, ERR_USAGE, "%s: a provider of wire %s has no list that can be fetched", p->name, p->wire);
	if (has_dots(what))
		return err_set(e, ERR_USAGE, "%s: no model has such a name", what);
	buf_adds(b, p->base);
	if (str_starts(what, LISTING_ENDPOINTS)) {
		buf_adds(b, "/models/");
		str_percent(b, what + strlen(LISTING_ENDPOINTS), "/:@");
		buf_adds(b, "/endpoints");
	} else {
		buf_adds(b, path);
	}
	for (size_t i = 0; i < p->n_query; i++)
		add_query(b, NULL, p->query[i]);
	return 0;
}

static void
add_header(struct listing_call *c, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_reserve(&b, strlen(name) + strlen(value)); /* growing would leave copies of a key behind */
	buf_adds(&b, name);
	buf_adds(&b, value);
	c->header = mem_grow(c->header, c->n + 1, &c->cap, sizeof(*c->header)); /* and the NULL */
	c->header[c->n++] = buf_take(&b);
	c->header[c->n] = NULL;
}

static void
add_key(struct listing_call *c, const struct provider *p)
{
	static const char *const header[] = {[AUTH_BEARER] = "Authorization: Bearer ",
	    [AUTH_X_API_KEY] = "x-api-key: ",
	    [AUTH_API_KEY] = "api-key: ",
	    [AUTH_X_GOOG_API_KEY] = "x-goog-api-key: "};

	if (p->auth == AUTH_QUERY) {
		buf_reserve(&c->url, strlen("?key=") + 3 * strlen(p->secret));
		add_query(&c->url, "key", p->secret);
	} else if (p->auth != AUTH_NONE) {
		add_header(c, header[p->auth], p->secret);
	}
}

int
listing_call(struct listing_call *c, struct provider *p, const char *url, const char *etag, struct err *e)
{
	buf_adds(&c->url, url);
	add_header(c, "Accept: ", "application/json");
	if (etag && !strpbrk(etag, "\r\n"))
		add_header(c, "If-None-Match: ", etag);
	if (strcmp(p->wire, "anthropic") == 0)
		add_header(c, "anthropic-version: ", "2023-06-01");
	for (size_t i = 0; i < p->n_header; i++)
		add_header(c, "", p->header[i]);
	if (strcmp(p->name, "openrouter") == 0)
		return 0;
	if (provider_key(p, e))
		return -1;
	if (*p->secret)
		add_key(c, p);
	return 0;
}

void
listing_call_release(struct listing_call *c)
{
	for (size_t i = 0; i < c->n; i++)
		mem_wipe_free(c->header[i]);
	free(c->header);
	mem_wipe_free(c->url.p);
	*c = (struct listing_call)LISTING_CALL_INIT;
}
