/* SPDX-License-Identifier: ISC */
/* Converse's blocks of content become canonical parts. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "blobs.h"
#include "buf.h"
#include "wire/bedrock.h"
#include "wire/bedrock_in.h"
#include "wire/canon.h"
#include "wire/canon_part.h"

int
bedrock_in_point(const struct bedrock_in *in, int list, int block)
{
	int next = json_next(in->j, list, block);

	return next < 0 ? -1 : json_get(in->j, next, "cachePoint");
}

void
bedrock_in_open_part(struct bedrock_in *in, const char *type)
{
	jsonw_object(&in->w);
	bedrock_in_word(in, "type", type);
}

static void
text_part(struct bedrock_in *in, int text, int point)
{
	bedrock_in_open_part(in, "text");
	bedrock_in_raw(in, "text", text);
	if (point >= 0)
		bedrock_in_cache(in, point);
	jsonw_end_object(&in->w);
}

/* The value of a URL's member: a data URL of source.bytes, or where it lies in S3. */
static void
url_value(struct bedrock_in *in, const char *key, int source, const char *mime)
{
	int bytes = json_get(in->j, source, "bytes"), uri = json_path(in->j, source, "s3Location.uri");
	size_t n;

	if (json_type(in->j, bytes) == JSON_STRING) {
		const char *raw = json_raw(in->j, bytes, &n);
		jsonw_key(&in->w, key);
		canon_write_data(&in->w, in->ask->blobs, mime, strlen(mime), raw + 1, n - 2);
	} else if (json_type(in->j, uri) == JSON_STRING) {
		bedrock_in_raw(in, key, uri);
	} else {
		bedrock_in_bad(in, "messages[%d]: a source is neither bytes nor s3Location", in->message);
	}
}

static const char *
mime_of(struct bedrock_in *in, int block, enum bedrock_media m)
{
	char *format = json_dup(in->j, json_get(in->j, block, "format"), NULL);
	const char *mime = format ? bedrock_mime(m, format) : NULL;

	if (!mime)
		bedrock_in_bad(in, "messages[%d]: an unknown format of media", in->message);
	free(format);
	return mime;
}

void
bedrock_in_url_part(struct bedrock_in *in, int block, enum bedrock_media m, const char *type, int point)
{
	const char *mime = mime_of(in, block, m);

	if (!mime)
		return;
	bedrock_in_open_part(in, type);
	jsonw_key(&in->w, type);
	jsonw_object(&in->w);
	url_value(in, "url", json_get(in->j, block, "source"), mime);
	jsonw_end_object(&in->w);
	if (point >= 0)
		bedrock_in_cache(in, point);
	jsonw_end_object(&in->w);
}

static void
audio_part(struct bedrock_in *in, int block)
{
	int bytes = json_path(in->j, block, "source.bytes");
	size_t n;

	if (json_type(in->j, bytes) != JSON_STRING) {
		bedrock_in_refuse(in, "audio.source.s3Location");
		return;
	}
	const char *raw = json_raw(in->j, bytes, &n);
	bedrock_in_open_part(in, "input_audio");
	jsonw_key(&in->w, "input_audio");
	jsonw_object(&in->w);
	jsonw_key(&in->w, "data");
	buf_addc(in->w.b, '"');
	blobs_add(in->ask->blobs, raw + 1, n - 2, in->w.b);
	buf_addc(in->w.b, '"');
	in->w.comma = 1;
	bedrock_in_raw(in, "format", json_get(in->j, block, "format"));
	jsonw_end_object(&in->w);
	jsonw_end_object(&in->w);
}

/* A document may be text, or pieces of it: as a file it is text/plain, or what its format says. */
static void
document_text(struct bedrock_in *in, int source, const char *mime)
{
	const struct json *j = in->j;
	int content = json_get(j, source, "content");
	struct buf coded = BUF_INIT;

	buf_clear(&in->scratch);
	json_str(j, json_get(j, source, "text"), &in->scratch);
	for (int i = json_child(j, content); i >= 0; i = json_next(j, content, i)) {
		if (in->scratch.len)
			buf_addc(&in->scratch, '\n');
		json_str(j, json_get(j, i, "text"), &in->scratch);
	}
	base64_add(&coded, buf_str(&in->scratch), in->scratch.len);
	jsonw_key(&in->w, "file_data");
	canon_write_data(&in->w, NULL, mime, strlen(mime), buf_str(&coded), coded.len);
	buf_release(&coded);
}

static void
document_part(struct bedrock_in *in, int block, int point)
{
	static const char *const known[] = {"format", "name", "source", NULL};
	const struct json *j = in->j;
	int source = json_get(j, block, "source"),
	    is_text = json_get(j, source, "text") >= 0 || json_get(j, source, "content") >= 0;
	int has_format = json_get(j, block, "format") >= 0;
	const char *mime = has_format || !is_text ? mime_of(in, block, BEDROCK_DOCUMENT) : "text/plain";
	char *format = json_dup(j, json_get(j, block, "format"), NULL);

	if (mime) {
		bedrock_in_open_part(in, "file");
		jsonw_key(&in->w, "file");
		jsonw_object(&in->w);
		buf_clear(&in->scratch);
		json_str(j, json_get(j, block, "name"), &in->scratch);
		buf_addf(&in->scratch, ".%s", format ? format : "txt");
		bedrock_in_word(in, "filename", in->scratch.p);
		if (is_text)
			document_text(in, source, mime);
		else
			url_value(in, "file_data", source, mime);
		jsonw_end_object(&in->w);
		if (point >= 0)
			bedrock_in_cache(in, point);
		jsonw_end_object(&in->w);
		bedrock_in_lose_others(in, block, "document.", known);
	}
	free(format);
}

/* What a guardrail is to look at is content like other; that it is marked so is lost. */
static void
guarded_part(struct bedrock_in *in, int block, int point)
{
	int text = json_path(in->j, block, "text.text"), image = json_get(in->j, block, "image");

	losses_add(in->lost, "guardContent");
	if (json_type(in->j, text) == JSON_STRING)
		text_part(in, text, point);
	else
		bedrock_in_url_part(in, image, BEDROCK_IMAGE, "image_url", point);
}

void
bedrock_in_other(struct bedrock_in *in, int block)
{
	int key = json_child(in->j, block);

	buf_clear(&in->scratch);
	if (json_type(in->j, block) != JSON_OBJECT || json_str(in->j, key, &in->scratch))
		bedrock_in_bad(in, "messages[%d]: a block is no object with one member", in->message);
	else
		bedrock_in_refuse(in, buf_str(&in->scratch));
}

void
bedrock_in_part(struct bedrock_in *in, int list, int block)
{
	const struct json *j = in->j;
	int point = bedrock_in_point(in, list, block), v;

	if ((v = json_get(j, block, "text")) >= 0)
		text_part(in, v, point);
	else if ((v = json_get(j, block, "image")) >= 0)
		bedrock_in_url_part(in, v, BEDROCK_IMAGE, "image_url", point);
	else if ((v = json_get(j, block, "video")) >= 0)
		bedrock_in_url_part(in, v, BEDROCK_VIDEO, "video_url", point);
	else if ((v = json_get(j, block, "document")) >= 0)
		document_part(in, v, point);
	else if ((v = json_get(j, block, "audio")) >= 0)
		audio_part(in, v);
	else if ((v = json_get(j, block, "guardContent")) >= 0)
		guarded_part(in, v, point);
	else
		bedrock_in_other(in, block);
}
