/* SPDX-License-Identifier: ISC */
/* Blocks of a request's content to canonical parts. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "json.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/canon_part.h"
#include "wire/front.h"

static void
key_raw(struct anthropic_asked *x, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(x->c.j, node, &n);

	jsonw_key(&x->w, key);
	jsonw_raw(&x->w, raw, n);
}

static void
open_part(struct anthropic_asked *x, const char *type)
{
	jsonw_object(&x->w);
	jsonw_key(&x->w, "type");
	jsonw_str(&x->w, type);
}

static void
close_part(struct anthropic_asked *x, int block, int cache)
{
	if (cache < 0)
		cache = canon_member(&x->c, block, "cache_control");
	if (cache >= 0)
		key_raw(x, "cache_control", cache);
	jsonw_end_object(&x->w);
}

/* A string's source text without its quotes. */
static const char *
inside(const struct json *j, int node, size_t *n)
{
	const char *raw = json_raw(j, node, n);

	if (json_type(j, node) != JSON_STRING)
		return NULL;
	*n -= 2;
	return raw + 1;
}

static int
data_url(struct anthropic_asked *x, int source)
{
	size_t n_mime, n;
	const char *mime = inside(x->c.j, json_get(x->c.j, source, "media_type"), &n_mime);
	const char *data = inside(x->c.j, json_get(x->c.j, source, "data"), &n);

	if (!mime || !data)
		return -1;
	char *decoded = canon_dup(&x->c, json_get(x->c.j, source, "media_type"));
	canon_write_data(&x->w, x->ask->blobs, decoded, strlen(decoded), data, n);
	free(decoded);
	return 0;
}

/* Plain text as the data URL of a file: what reads the canonical request knows documents as files only. */
static int
text_url(struct anthropic_asked *x, int text)
{
	struct buf b = BUF_INIT;
	size_t n;
	const char *s = json_view(x->c.j, text, &x->c.scratch, &n);

	if (!s)
		return -1;
	buf_adds(&b, "data:text/plain;base64,");
	base64_add(&b, s, n);
	jsonw_strn(&x->w, b.p, b.len);
	buf_release(&b);
	return 0;
}

/* Writes the URL of a source; -1: it has none. */
static int
source_url(struct anthropic_asked *x, int source)
{
	const struct json *j = x->c.j;
	int type = json_get(j, source, "type"), url = json_get(j, source, "url");
	size_t n;

	if (json_eq(j, type, "base64"))
		return data_url(x, source);
	if (json_eq(j, type, "text"))
		return text_url(x, json_get(j, source, "data"));
	if (json_eq(j, type, "content"))
		return text_url(x, json_get(j, source, "content"));
	const char *raw = json_raw(j, url, &n);
	if (!json_eq(j, type, "url") || json_type(j, url) != JSON_STRING)
		return -1;
	jsonw_raw(&x->w, raw, n);
	return 0;
}

static void
no_source(struct anthropic_asked *x, int source, const char *where)
{
	struct buf what = BUF_INIT;

	if (json_eq(x->c.j, json_get(x->c.j, source, "type"), "content")) { /* a document that is made of blocks */
		buf_addf(&what, "%s: a document made of blocks", where);
		anthropic_unknown(x, "document", buf_str(&what));
		buf_release(&what);
	} else {
		canon_bad(&x->c, "%s.source: not one we know", where);
	}
}

/* The part is taken back where its source can't be carried. */
static void
go_back(struct anthropic_asked *x, size_t len, int comma)
{
	x->w.b->len = len;
	x->w.b->p[len] = '\0';
	x->w.comma = comma;
}

static void
image(struct anthropic_asked *x, int block, int cache, const char *where)
{
	int source = json_get(x->c.j, block, "source"), comma = x->w.comma;
	size_t len = x->w.b->len;

	open_part(x, "image_url");
	jsonw_key(&x->w, "image_url");
	jsonw_object(&x->w);
	jsonw_key(&x->w, "url");
	int r = source_url(x, source);
	jsonw_end_object(&x->w);
	close_part(x, block, cache);
	if (r) {
		go_back(x, len, comma);
		no_source(x, source, where);
	}
}

static void
file_body(struct anthropic_asked *x, int block, int id)
{
	int title = canon_member(&x->c, block, "title");

	jsonw_key(&x->w, "file");
	jsonw_object(&x->w);
	if (json_type(x->c.j, title) == JSON_STRING)
		key_raw(x, "filename", title);
	if (json_type(x->c.j, id) == JSON_STRING)
		key_raw(x, "file_id", id);
	else
		jsonw_key(&x->w, "file_data");
}

/* A document, or whatever was uploaded. */
static void
file(struct anthropic_asked *x, int block, int cache, const char *where)
{
	int source = json_get(x->c.j, block, "source"), id = json_get(x->c.j, source, "file_id"), comma = x->w.comma;
	size_t len = x->w.b->len;
	int r = 0;

	open_part(x, "file");
	file_body(x, block, id);
	if (json_type(x->c.j, id) != JSON_STRING)
		r = source_url(x, source);
	jsonw_end_object(&x->w);
	close_part(x, block, cache);
	if (r) {
		go_back(x, len, comma);
		no_source(x, source, where);
	}
}

static void
text(struct anthropic_asked *x, int block, int cache, const char *where)
{
	int node = json_get(x->c.j, block, "text");

	if (json_type(x->c.j, node) != JSON_STRING) {
		canon_bad(&x->c, "%s.text: a string is wanted", where);
		return;
	}
	open_part(x, "text");
	key_raw(x, "text", node);
	close_part(x, block, cache);
}

/* Citations of past answers are what the model said; those that are asked for of a document are a wish. */
static void
lose(struct anthropic_asked *x, int block)
{
	static const char *const carried[] = {"type", "text", "source", "title", "citations", "cache_control", NULL};
	int citations = canon_member(&x->c, block, "citations");

	if (json_bool(x->c.j, json_get(x->c.j, citations, "enabled")) == 1)
		canon_lose(&x->c, "citations");
	canon_lose_members(&x->c, block, "", carried);
}

int
anthropic_is_part(const struct json *j, int block)
{
	int type = json_get(j, block, "type");

	return json_eq(j, type, "text") || json_eq(j, type, "image") || json_eq(j, type, "document");
}

void
anthropic_part(struct anthropic_asked *x, int block, int cache, const char *where)
{
	const struct json *j = x->c.j;
	int type = json_get(j, block, "type");

	if (json_eq(j, type, "text"))
		text(x, block, cache, where);
	else if (json_eq(j, type, "document") || json_eq(j, json_path(j, block, "source.type"), "file"))
		file(x, block, cache, where);
	else
		image(x, block, cache, where);
	lose(x, block);
}
