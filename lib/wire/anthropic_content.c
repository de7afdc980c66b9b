/* SPDX-License-Identifier: ISC */
/* Content parts to blocks: text, images, documents. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "json.h"
#include "jsonw.h"
#include "str.h"
#include "wire/anthropic_request.h"
#include "wire/canon_part.h"

struct media {
	struct canon_url url;
	char mime[64]; /* "": unsaid, or too long to be known */
	int part, cache;
};

void
anthropic_text(struct anthropic_request *x, int text, int cache_control)
{
	if (json_eq(x->c.j, text, "")) /* refused by Anthropic, and says nothing */
		return;
	x->n_blocks++;
	x->plain = cache_control < 0 ? text : -1;
	x->string = -1;
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "text");
	anthropic_key_raw(x, "text", text);
	if (cache_control >= 0)
		anthropic_key_raw(x, "cache_control", cache_control);
	jsonw_end_object(&x->w);
}

/* Lower case, without the backslashes that JSON allows before a slash. */
static void
copy_mime(struct media *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->url.n_mime; i++) {
		char c = m->url.mime[i];
		if (c == '\\')
			continue;
		if (n == sizeof(m->mime) - 1) {
			n = 0;
			break;
		}
		m->mime[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	m->mime[n] = '\0';
	if (strcmp(m->mime, "image/jpg") == 0)
		strlcpy(m->mime, "image/jpeg", sizeof(m->mime));
}

static int
is_image(const char *mime)
{
	static const char *const types[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(types[i], mime) == 0)
			return 1;
	return 0;
}

static void
open_source(struct anthropic_request *x, const char *block, const char *type)
{
	x->n_blocks++;
	x->plain = x->string = -1;
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", block);
	jsonw_key(&x->w, "source");
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", type);
}

static void
close_source(struct anthropic_request *x, const struct media *m)
{
	int filename = json_path(x->c.j, m->part, "file.filename");

	jsonw_end_object(&x->w);
	if (canon_part(&x->c, m->part) == CANON_FILE && json_type(x->c.j, filename) == JSON_STRING)
		anthropic_key_raw(x, "title", filename);
	if (m->cache >= 0)
		anthropic_key_raw(x, "cache_control", m->cache);
	jsonw_end_object(&x->w);
}

static void
base64_source(struct anthropic_request *x, const char *block, const struct media *m)
{
	open_source(x, block, "base64");
	anthropic_key_str(x, "media_type", m->mime);
	jsonw_key(&x->w, "data");
	canon_write_slice(&x->w, m->url.data, m->url.n_data);
	close_source(x, m);
}

/* Decodes into scratch, without the backslashes that JSON allows before a slash. -1: it is no base64, or no text. */
static int
decode_text(struct anthropic_request *x, const char *s, size_t n)
{
	struct buf *out = &x->c.scratch;
	struct base64 d = {0};
	size_t at = 0, got;
	int n_pad = 0;

	buf_clear(out);
	unsigned char *to = (unsigned char *)buf_reserve(out, n / 4 * 3 + 4);
	while (at < n) {
		at += base64_feed(&d, s + at, n - at, to + out->len, &got);
		out->len += got;
		if (at < n && s[at] != '\\')
			break;
		at++;
	}
	while (at < n && s[at] == '=' && n_pad < 3)
		at++, n_pad++;
	int last = at < n ? -1 : base64_end(&d, n_pad, to + out->len);
	if (last < 0)
		return -1;
	out->len += (size_t)last;
	return out->len && utf8_valid(out->p, out->len) == out->len ? 0 : -1;
}

static int
is_text(const char *mime)
{
	return strncmp(mime, "text/", 5) == 0 || strcmp(mime, "application/json") == 0;
}

static void
data_block(struct anthropic_request *x, const struct media *m)
{
	if (is_image(m->mime)) {
		base64_source(x, "image", m);
	} else if (strcmp(m->mime, "application/pdf") == 0) {
		base64_source(x, "document", m);
	} else if (is_text(m->mime) && decode_text(x, m->url.data, m->url.n_data)) {
		anthropic_refuse(x, "file", "files of text that aren't UTF-8 in base64");
	} else if (is_text(m->mime)) {
		open_source(x, "document", "text");
		anthropic_key_str(x, "media_type", "text/plain"); /* the only one there is */
		if (strcmp(m->mime, "text/plain") != 0)
			canon_lose(&x->c, "file.type");
		jsonw_key(&x->w, "data");
		jsonw_strn(&x->w, x->c.scratch.p, x->c.scratch.len);
		close_source(x, m);
	} else {
		struct buf what = BUF_INIT;
		int image = strncmp(m->mime, "image/", 6) == 0;
		buf_addf(&what, "%s of type %s", image ? "images" : "files", *m->mime ? m->mime : "unknown");
		anthropic_refuse(x, image ? "image_url" : "file", buf_str(&what));
		buf_release(&what);
	}
}

static void
url_block(struct anthropic_request *x, const struct media *m)
{
	if (m->url.n_url < 4 || strncasecmp(m->url.url, "http", 4) != 0) {
		canon_bad(&x->c, "%s: neither a URL nor base64 data", canon_part_name(&x->c, m->part));
		return;
	}
	open_source(x, canon_part(&x->c, m->part) == CANON_IMAGE ? "image" : "document", "url");
	jsonw_key(&x->w, "url");
	canon_write_slice(&x->w, m->url.url, m->url.n_url);
	close_source(x, m);
}

/* A file that was uploaded to Anthropic; other people's names of files are no use to it. */
static void
uploaded(struct anthropic_request *x, const struct media *m)
{
	int id = json_path(x->c.j, m->part, "file.file_id");
	char *s = canon_dup(&x->c, id);

	if (s && strncmp(s, "file_", 5) == 0) {
		x->files = 1;
		open_source(x, "document", "file");
		anthropic_key_raw(x, "file_id", id);
		close_source(x, m);
	} else {
		anthropic_refuse(x, "file", s ? "files of another provider" : "files without data");
	}
	free(s);
}

static void
media(struct anthropic_request *x, int part, int cache)
{
	static const char *const outer[] = {"type", "image_url", "file", "cache_control", NULL};
	static const char *const inner[] = {"url", "filename", "file_data", "file_id", NULL};
	int image = json_get(x->c.j, part, "image_url"), detail = canon_member(&x->c, image, "detail");
	struct media m = {.part = part, .cache = cache};

	if (canon_part_url(&x->c, part, &m.url) == 0 && m.url.is_data) {
		copy_mime(&m);
		data_block(x, &m);
	} else if (m.url.url) {
		url_block(x, &m);
	} else if (canon_part(&x->c, part) == CANON_FILE && json_path(x->c.j, part, "file.file_data") < 0) {
		uploaded(x, &m);
	} else {
		canon_bad(&x->c, "%s: neither a URL nor base64 data", canon_part_name(&x->c, part));
	}
	if (detail >= 0 && !json_eq(x->c.j, detail, "auto"))
		canon_lose(&x->c, "image_url.detail");
	canon_lose_members(&x->c, part, "", outer);
	canon_lose_members(&x->c, json_get(x->c.j, part, "file"), "file.", inner);
}

static void
part_block(struct anthropic_request *x, int part, int bare)
{
	static const char *const carried[] = {"type", "text", "refusal", "cache_control", NULL};
	int cache = bare ? -1 : canon_member(&x->c, part, "cache_control");

	switch (canon_part(&x->c, part)) {
	case CANON_TEXT:
	case CANON_REFUSAL: {
		int text = json_get(x->c.j, part, "text");
		if (json_type(x->c.j, text) != JSON_STRING)
			text = json_get(x->c.j, part, "refusal");
		if (json_type(x->c.j, text) == JSON_STRING)
			anthropic_text(x, text, cache);
		else
			canon_bad(&x->c, "a content part of type text without text");
		canon_lose_members(&x->c, part, "", carried);
		break;
	}
	case CANON_IMAGE:
	case CANON_FILE:
		media(x, part, cache);
		break;
	default:
		canon_refuse(&x->c, canon_part_name(&x->c, part));
	}
}

void
anthropic_content(struct anthropic_request *x, int content, int bare)
{
	const struct json *j = x->c.j;

	switch (json_type(j, content)) {
	case JSON_STRING:
		anthropic_text(x, content, -1);
		if (x->plain == content)
			x->string = content;
		break;
	case JSON_ARRAY:
		for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p))
			part_block(x, p, bare);
		break;
	case JSON_NONE:
	case JSON_NULL:
		break;
	default:
		canon_bad(&x->c, "a message's content is neither text nor a list of parts");
	}
}
