/* SPDX-License-Identifier: ISC */
/*
 * Contents read: what the user says becomes user messages, what tools gave back a tool message each, in front of it.
 * Calls without ids got one (gemini_said.c), which the next response of the same name, that has none either, refers
 * to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "str.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/front.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

static int
is_text(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING;
}

static int
starts(const char *s, const char *with)
{
	return s && str_starts(s, with);
}

void
gemini_at_part(struct gemini_ask *g, int part)
{
	char *dot = strchr(g->at, '.');

	if (dot)
		*dot = '\0';
	size_t n = strlen(g->at);
	snprintf(g->at + n, sizeof(g->at) - n, ".parts[%d]", part);
}

/* Protobuf's JSON takes the alphabet of URLs, too, and no padding; others don't. */
static void
write_base64(struct gemini_ask *g, struct jsonw *w, const char *mime, const char *data, size_t n)
{
	struct buf b = BUF_INIT;

	if (!memchr(data, '-', n) && !memchr(data, '_', n)) {
		canon_write_data(w, g->ask->blobs, mime, strlen(mime), data, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		buf_addc(&b, data[i] == '-' ? '+' : data[i] == '_' ? '/' : data[i]);
	while (b.len % 4)
		buf_addc(&b, '=');
	canon_write_data(w, NULL, mime, strlen(mime), b.p, b.len);
	buf_release(&b);
}

/* {"url": "data:..."} under the type's name; file has it as file_data. */
static void
write_data(struct gemini_ask *g, struct jsonw *w, const char *mime, int data, int name)
{
	const char *type = starts(mime, "image/") ? "image_url" : starts(mime, "video/") ? "video_url" : "file";
	size_t n;
	const char *raw = json_raw(g->j, data, &n);

	jsonw_object(w);
	jsonw_member(w, "type", type);
	jsonw_key(w, type);
	jsonw_object(w);
	if (strcmp(type, "file") == 0)
		jsoncopy_known(w, "filename", g->j, name);
	jsonw_key(w, strcmp(type, "file") == 0 ? "file_data" : "url");
	write_base64(g, w, mime, raw + 1, n - 2);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* Audio has a word for its format: "audio/mpeg" is mp3. Its data is no data URL, and stands here itself (blobs.h). */
static void
write_audio(struct gemini_ask *g, struct jsonw *w, const char *mime, int data)
{
	const char *format = mime + strlen("audio/");
	size_t n;

	format += str_starts(format, "x-") ? 2 : 0;
	n = strcspn(format, ";");
	jsonw_object(w);
	jsonw_member(w, "type", "input_audio");
	jsonw_key(w, "input_audio");
	jsonw_object(w);
	jsoncopy_known(w, "data", g->j, data);
	jsonw_key(w, "format");
	if (n == 4 && memcmp(format, "mpeg", n) == 0)
		jsonw_str(w, "mp3");
	else
		jsonw_strn(w, format, n);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
write_address(struct gemini_ask *g, struct jsonw *w, const char *mime, int uri)
{
	char *url = json_dup(g->j, uri, NULL);
	int is_video = starts(mime, "video/") || (!mime && (strstr(url, "youtube.com/") || strstr(url, "youtu.be/")));
	const char *type = starts(mime, "image/") ? "image_url" : is_video ? "video_url" : "file";

	free(url);
	jsonw_object(w);
	jsonw_member(w, "type", type);
	jsonw_key(w, type);
	jsonw_object(w);
	jsoncopy_known(w, strcmp(type, "file") == 0 ? "file_data" : "url", g->j, uri);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* inlineData or fileData as a content part. 0: the part has none. */
int
gemini_read_media(struct gemini_ask *g, struct jsonw *w, int part)
{
	int blob = gemini_get(g->j, part, "inlineData"), file = gemini_get(g->j, part, "fileData");
	int data = gemini_get(g->j, blob, "data"), uri = gemini_get(g->j, file, "fileUri");
	char *mime = gemini_word(g->j, gemini_get(g->j, blob >= 0 ? blob : file, "mimeType"));

	if (blob < 0 && file < 0)
		return 0;
	if (blob >= 0 && (!is_text(g->j, data) || !mime))
		gemini_bad(g, "inlineData without mimeType or data");
	else if (blob < 0 && !is_text(g->j, uri))
		gemini_bad(g, "fileData without fileUri");
	else if (blob < 0)
		write_address(g, w, mime, uri);
	else if (starts(mime, "audio/"))
		write_audio(g, w, mime, data);
	else
		write_data(g, w, mime, data, gemini_get(g->j, blob, "displayName"));
	free(mime);
	return 1;
}

void
gemini_refuse_part(struct gemini_ask *g, int part)
{
	int key = json_type(g->j, part) == JSON_OBJECT ? json_child(g->j, part) : -1;

	while (gemini_is_key(g->j, key, "thought") || gemini_is_key(g->j, key, "thoughtSignature"))
		key = json_next(g->j, part, json_value(g->j, key));
	char *name = json_dup(g->j, key, NULL);
	if (!name)
		gemini_bad(g, "a part that is no object, or empty");
	else if (strcmp(name, "text") == 0)
		gemini_bad(g, "text that is no string");
	else
		gemini_refuse(g, name);
	free(name);
}

void
gemini_lose_of_part(struct gemini_ask *g, int part)
{
	static const char *const known[] = {
	    "text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse", NULL};

	gemini_lose_members(g, part, "", known);
}

/* A text as it stands in the request, or what a value's JSON is. */
static void
add_value(struct buf *text, const struct json *j, int node)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (json_str(j, node, text))
		buf_add(text, raw, n);
}

/* {"output": x} and {"error": x} are x; whatever else an object says is the whole answer. Returns whether it is an
 * error. */
static int
read_response(struct gemini_ask *g, int response, struct buf *text)
{
	int output = json_get(g->j, response, "output"), error = json_get(g->j, response, "error");
	int is_one = json_count(g->j, response) == 1;

	if (response >= 0)
		add_value(text, g->j, is_one && error >= 0 ? error : is_one && output >= 0 ? output : response);
	return is_one && error >= 0;
}

/* The call that a response without an id answers: the first of its name that waits for one. */
static const char *
find_call(struct gemini_ask *g, const char *name)
{
	for (size_t i = g->first_open; i < g->n_call; i++)
		if (!g->call[i].answered && strcmp(g->call[i].name, name) == 0)
			return g->call[i].id;
	return NULL;
}

static void
mark_answered(struct gemini_ask *g, const char *id)
{
	for (size_t i = g->first_open; i < g->n_call; i++)
		if (!g->call[i].answered && strcmp(g->call[i].id, id) == 0) {
			g->call[i].answered = 1;
			break;
		}
	while (g->first_open < g->n_call && g->call[g->first_open].answered)
		g->first_open++;
}

static void
write_result_content(struct gemini_ask *g, const struct buf *text, int parts)
{
	struct jsonw *w = &g->w;

	jsonw_key(w, "content");
	if (json_type(g->j, parts) != JSON_ARRAY || json_count(g->j, parts) == 0) {
		jsonw_strn(w, buf_str(text), text->len);
		return;
	}
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member(w, "type", "text");
	jsonw_key(w, "text");
	jsonw_strn(w, buf_str(text), text->len);
	jsonw_end_object(w);
	for (int p = json_child(g->j, parts); p >= 0; p = json_next(g->j, parts, p))
		if (!gemini_read_media(g, w, p))
			gemini_refuse_part(g, p);
	jsonw_end_array(w);
}

static void
read_result(struct gemini_ask *g, int r)
{
	static const char *const known[] = {"id", "name", "response", "parts", NULL};
	char *name = gemini_word(g->j, json_get(g->j, r, "name")), *own = gemini_word(g->j, gemini_get(g->j, r, "id"));
	const char *id = own ? own : name ? find_call(g, name) : NULL;
	struct buf text = BUF_INIT;

	gemini_lose_members(g, r, "functionResponse.", known);
	if (!id) {
		gemini_bad(g, "functionResponse: no functionCall before it waits for one of this name");
	} else {
		mark_answered(g, id);
		jsonw_object(&g->w);
		jsonw_member(&g->w, "role", "tool");
		jsonw_member(&g->w, "tool_call_id", id);
		if (name)
			jsonw_member(&g->w, "name", name);
		int failed = read_response(g, gemini_get(g->j, r, "response"), &text);
		write_result_content(g, &text, gemini_get(g->j, r, "parts"));
		if (failed) {
			jsonw_key(&g->w, "is_error");
			jsonw_bool(&g->w, 1);
		}
		jsonw_end_object(&g->w);
	}
	free(name);
	free(own);
	buf_release(&text);
}

static void
read_part(struct gemini_ask *g, struct jsonw *w, int part)
{
	int text = gemini_get(g->j, part, "text");

	if (gemini_read_media(g, w, part)) {
		gemini_lose_of_part(g, part);
		return;
	}
	if (!is_text(g->j, text)) {
		gemini_refuse_part(g, part);
		return;
	}
	gemini_lose_of_part(g, part);
	jsonw_object(w);
	jsonw_member(w, "type", "text");
	jsoncopy_known(w, "text", g->j, text);
	jsonw_end_object(w);
}

/* A list of one text is written as that text. */
static void
write_message(struct gemini_ask *g, const char *role, const struct buf *parts, int lone)
{
	jsonw_object(&g->w);
	jsonw_member(&g->w, "role", role);
	if (lone >= 0) {
		jsoncopy_known(&g->w, "content", g->j, lone);
	} else {
		jsonw_key(&g->w, "content");
		jsonw_array(&g->w);
		jsonw_raw(&g->w, buf_str(parts), parts->len);
		jsonw_end_array(&g->w);
	}
	jsonw_end_object(&g->w);
}

static void
read_user(struct gemini_ask *g, const char *role, int parts)
{
	struct buf rest = BUF_INIT;
	struct jsonw w;
	int at = 0, n = 0, lone = -1;

	jsonw_init(&w, &rest);
	for (int p = gemini_first(g->j, parts); p >= 0; p = gemini_next(g->j, parts, p)) {
		int result = gemini_get(g->j, p, "functionResponse");
		gemini_at_part(g, at++);
		if (json_type(g->j, result) == JSON_OBJECT) {
			read_result(g, result);
			continue;
		}
		lone = n++ || !is_text(g->j, gemini_get(g->j, p, "text")) ? -1 : gemini_get(g->j, p, "text");
		read_part(g, &w, p);
	}
	if (rest.len)
		write_message(g, role, &rest, lone);
	buf_release(&rest);
}

static int
is_list(const struct json *j, int node)
{
	return json_type(j, node) == JSON_ARRAY || json_type(j, node) == JSON_OBJECT;
}

/* A system instruction is a content, or (as the SDKs take it) its text. */
static void
read_system(struct gemini_ask *g, int system)
{
	int parts = gemini_get(g->j, system, "parts");

	snprintf(g->at, sizeof(g->at), "systemInstruction");
	if (is_text(g->j, system))
		write_message(g, "system", NULL, system);
	else if (is_list(g->j, parts))
		read_user(g, "system", parts);
	else if (system >= 0)
		gemini_bad(g, "no parts");
}

static void
read_content(struct gemini_ask *g, int content)
{
	int role = gemini_get(g->j, content, "role"), parts = gemini_get(g->j, content, "parts");

	if (json_type(g->j, content) != JSON_OBJECT || (parts >= 0 && !is_list(g->j, parts)))
		gemini_bad(g, "not a content with a list of parts");
	else if (parts < 0)
		return;
	else if (json_eq(g->j, role, "model"))
		gemini_read_model(g, parts);
	else if (role < 0 || json_eq(g->j, role, "user") || json_eq(g->j, role, "function"))
		read_user(g, "user", parts);
	else
		gemini_bad(g, "unknown role");
}

void
gemini_read_messages(struct gemini_ask *g)
{
	int list = gemini_get(g->j, 0, "contents"), at = 0;

	jsonw_key(&g->w, "messages");
	jsonw_array(&g->w);
	read_system(g, gemini_get(g->j, 0, "systemInstruction"));
	*g->at = '\0';
	if (json_type(g->j, list) != JSON_ARRAY && gemini_get(g->j, list, "parts") < 0)
		gemini_bad(g, "contents: not a list");
	else
		for (int c = gemini_first(g->j, list); c >= 0 && !g->failed; c = gemini_next(g->j, list, c)) {
			snprintf(g->at, sizeof(g->at), "contents[%d]", at++);
			read_content(g, c);
		}
	jsonw_end_array(&g->w);
}
