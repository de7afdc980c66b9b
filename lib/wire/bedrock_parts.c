/* SPDX-License-Identifier: ISC */
/* Parts of a message's content as Converse's blocks. Bedrock takes no empty text, and nothing by URL but what lies in S3. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "wire/bedrock.h"
#include "wire/bedrock_out.h"
#include "wire/canon_part.h"

#define MAX_NAMES 100 /* of documents, that are compared; Bedrock takes five */

void
bedrock_end_turn(struct bedrock_out *o)
{
	if (!o->role)
		return;
	jsonw_end_array(&o->w);
	jsonw_end_object(&o->w);
	o->role = NULL;
}

/* A turn begins with its first block. */
static void
turn(struct bedrock_out *o, const char *role)
{
	if (o->nested || (o->role && strcmp(o->role, role) == 0))
		return;
	bedrock_end_turn(o);
	o->role = role;
	jsonw_object(&o->w);
	jsonw_member(&o->w, "role", role);
	jsonw_key(&o->w, "content");
	jsonw_array(&o->w);
}

void
bedrock_open_block(struct bedrock_out *o, const char *role, const char *kind)
{
	turn(o, role);
	jsonw_object(&o->w);
	jsonw_key(&o->w, kind);
}

/* What a block of media is, up to its source. */
static void
open_media(struct bedrock_out *o, const char *role, const char *kind, const char *format)
{
	bedrock_open_block(o, role, kind);
	jsonw_object(&o->w);
	jsonw_member(&o->w, "format", format);
}

static void
close_media(struct bedrock_out *o, const struct canon_url *u)
{
	jsonw_key(&o->w, "source");
	jsonw_object(&o->w);
	if (u->is_data) {
		jsonw_key(&o->w, "bytes");
		canon_write_slice(&o->w, u->data, u->n_data);
	} else {
		jsonw_key(&o->w, "s3Location");
		jsonw_object(&o->w);
		jsonw_key(&o->w, "uri");
		canon_write_slice(&o->w, u->url, u->n_url);
		jsonw_end_object(&o->w);
	}
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
}

static int
is_s3(const struct canon_url *u)
{
	return !u->is_data && u->n_url > 5 && memcmp(u->url, "s3://", 5) == 0;
}

static const char *
media_format(enum bedrock_media m, const struct canon_url *u)
{
	return u->is_data ? bedrock_format(m, u->mime ? u->mime : "", u->n_mime)
			  : bedrock_format_of(m, u->url, u->n_url);
}

/* A document's name: letters, digits, single blanks, hyphens, parentheses, brackets; the prompt may speak of it. */
static void
document_name(struct bedrock_out *o, const struct canon *c, int file)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-()[]";
	char *given = json_dup(c->j, json_get(c->j, file, "filename"), NULL);
	struct buf name = BUF_INIT, line = BUF_INIT;
	char *dot = given ? strrchr(given, '.') : NULL;

	if (dot)
		*dot = '\0';
	for (const char *s = given; s && *s && name.len < 180; s++) {
		if (strchr(plain, *s))
			buf_addc(&name, *s);
		else if (((unsigned char)*s & 0xc0) != 0x80 && name.len && name.p[name.len - 1] != ' ')
			buf_addc(&name, *s == ' ' ? ' ' : '-');
	}
	if (!name.len)
		buf_adds(&name, "document");
	buf_addf(&line, "\n%s\n", name.p);
	int many = o->n_documents++ >= MAX_NAMES;
	for (int i = many ? o->n_documents : 2; many || strstr(buf_str(&o->names), line.p); i++, many = 0) {
		buf_clear(&line);
		buf_addf(&line, "\n%s (%d)\n", name.p, i);
	}
	if (o->n_documents <= MAX_NAMES)
		buf_add(&o->names, line.p, line.len);
	jsonw_key(&o->w, "name");
	jsonw_strn(&o->w, line.p + 1, line.len - 2);
	buf_release(&name);
	buf_release(&line);
	free(given);
}

static int
without_data(struct bedrock_out *o, int part)
{
	const char *name = canon_part_name(&o->c, part);

	return o->c.ask->lossy ? canon_refuse(&o->c, name)
			       : canon_bad(&o->c, "messages[%d]: %s without data", o->message, name);
}

static int
put_media(
    struct bedrock_out *o, int part, const char *role, enum bedrock_media m, const char *kind, const char *url_name)
{
	struct canon *c = &o->c;
	struct canon_url u;

	if (canon_part_url(c, part, &u))
		return without_data(o, part);
	if (!u.is_data && !is_s3(&u))
		return canon_refuse(c, url_name);
	const char *format = media_format(m, &u);
	if (!format)
		return canon_refuse(c, canon_part_name(c, part));
	open_media(o, role, kind, format);
	close_media(o, &u);
	return 0;
}

static int
put_file(struct bedrock_out *o, int part, const char *role)
{
	struct canon *c = &o->c;
	int file = json_get(c->j, part, "file"), name = json_get(c->j, file, "filename");
	struct canon_url u;
	size_t n = 0;

	if (canon_part_url(c, part, &u)) {
		if (canon_member(c, file, "file_id") >= 0)
			return canon_refuse(c, "file.file_id");
		return without_data(o, part);
	}
	if (!u.is_data && !is_s3(&u))
		return canon_refuse(c, "file.url");
	const char *format = media_format(BEDROCK_DOCUMENT, &u), *text = json_view(c->j, name, &c->scratch, &n);
	if (!format && text)
		format = bedrock_format_of(BEDROCK_DOCUMENT, text, n);
	if (!format)
		return canon_refuse(c, "file");
	open_media(o, role, "document", format);
	document_name(o, c, file);
	close_media(o, &u);
	return 0;
}

void
bedrock_put_text(struct bedrock_out *o, int node, const char *role)
{
	if (json_type(o->c.j, node) != JSON_STRING || json_eq(o->c.j, node, ""))
		return;
	bedrock_open_block(o, role, "text");
	size_t n;
	const char *raw = json_raw(o->c.j, node, &n);
	jsonw_raw(&o->w, raw, n);
	jsonw_end_object(&o->w);
}

void
bedrock_write_cache_point(struct jsonw *w, const struct json *j, int control)
{
	int ttl = json_get(j, control, "ttl");

	jsonw_object(w);
	jsonw_key(w, "cachePoint");
	jsonw_object(w);
	jsonw_member(w, "type", "default");
	if (json_type(j, ttl) == JSON_STRING)
		jsoncopy_member(w, "ttl", j, ttl);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

void
bedrock_put_cache_point(struct bedrock_out *o, int part, size_t since)
{
	int control = canon_member(&o->c, part, "cache_control");

	if (control >= 0 && !o->nested && o->w.b->len > since)
		bedrock_write_cache_point(&o->w, o->c.j, control);
}

static void
lose_detail(struct canon *c, int detail)
{
	if (json_type(c->j, detail) == JSON_STRING && !json_eq(c->j, detail, "auto"))
		canon_lose(c, "image_url.detail");
}

static int
put_part(struct bedrock_out *o, int part, const char *role)
{
	struct canon *c = &o->c;

	switch (canon_part(c, part)) {
	case CANON_TEXT:
		bedrock_put_text(o, json_get(c->j, part, "text"), role);
		return 0;
	case CANON_REFUSAL:
		bedrock_put_text(o, json_get(c->j, part, "refusal"), role);
		return 0;
	case CANON_IMAGE:
		lose_detail(c, json_path(c->j, part, "image_url.detail"));
		return put_media(o, part, role, BEDROCK_IMAGE, "image", "image_url.url");
	case CANON_VIDEO:
		return put_media(o, part, role, BEDROCK_VIDEO, "video", "video_url.url");
	case CANON_FILE:
		return put_file(o, part, role);
	case CANON_AUDIO:
		if (!o->nested)
			return put_media(o, part, role, BEDROCK_AUDIO, "audio", "input_audio");
		break;
	case CANON_OTHER:
		break;
	}
	return canon_refuse(c, canon_part_name(c, part));
}

int
bedrock_put_content(struct bedrock_out *o, int content, const char *role)
{
	struct canon *c = &o->c;
	int failed = 0;

	if (json_type(c->j, content) == JSON_STRING) {
		bedrock_put_text(o, content, role);
		return 0;
	}
	if (content >= 0 && json_type(c->j, content) != JSON_NULL && json_type(c->j, content) != JSON_ARRAY)
		return canon_bad(c, "messages[%d]: content is neither a string nor an array", o->message);
	for (int p = json_child(c->j, content); p >= 0 && !failed; p = json_next(c->j, content, p)) {
		size_t since = o->w.b->len;
		failed = put_part(o, p, role);
		if (!failed)
			bedrock_put_cache_point(o, p, since);
	}
	return failed;
}
