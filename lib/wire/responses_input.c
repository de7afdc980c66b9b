/* SPDX-License-Identifier: ISC */
/* The canonical conversation as input items. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/responses.h"
#include "wire/wire.h"

/* A URL or a data URL, its data written out where a reference stood for it. */
static void
url(struct jsonw *w, const char *key, const struct canon_url *u)
{
	jsonw_key(w, key);
	if (u->is_data)
		canon_write_data(w, NULL, u->mime, u->n_mime, u->data, u->n_data);
	else
		canon_write_slice(w, u->url, u->n_url);
}

static void
image(struct canon *c, struct jsonw *w, int part, const struct canon_url *u)
{
	static const char *const known[] = {"url", "detail", NULL};
	int inner = json_get(c->j, part, "image_url");

	jsonw_member_if(w, "type", "input_image");
	url(w, "image_url", u);
	jsoncopy_known(w, "detail", c->j, json_get(c->j, inner, "detail"));
	canon_lose_members(c, inner, "image_url.", known);
}

static void
file(struct canon *c, struct jsonw *w, int part, const struct canon_url *u)
{
	static const char *const known[] = {"filename", "file_data", "file_id", NULL};
	int inner = json_get(c->j, part, "file");

	jsonw_member_if(w, "type", "input_file");
	jsoncopy_known(w, "filename", c->j, json_get(c->j, inner, "filename"));
	if (u)
		url(w, u->is_data ? "file_data" : "file_url", u);
	jsoncopy_known(w, "file_id", c->j, json_get(c->j, inner, "file_id"));
	canon_lose_members(c, inner, "file.", known);
}

static void
audio(struct canon *c, struct jsonw *w, int part, const struct canon_url *u)
{
	jsonw_member_if(w, "type", "input_audio");
	jsonw_key(w, "input_audio");
	jsonw_object(w);
	jsonw_key(w, "data");
	canon_write_slice(w, u->data, u->n_data);
	jsoncopy_known(w, "format", c->j, json_path(c->j, part, "input_audio.format"));
	jsonw_end_object(w);
}

static int
can_be_carried(struct canon *c, int part, const struct canon_url *u, int has_url)
{
	switch (canon_part(c, part)) {
	case CANON_TEXT:
		return 1;
	case CANON_IMAGE:
		return has_url;
	case CANON_AUDIO:
		return has_url && u->is_data;
	case CANON_FILE:
		return has_url || canon_member(c, json_get(c->j, part, "file"), "file_id") >= 0;
	default:
		return 0;
	}
}

/* A part of a user's, a system's or a tool's message. */
static void
input_part(struct canon *c, struct jsonw *w, int part)
{
	struct canon_url u = {0};
	int has_url = canon_part_url(c, part, &u) == 0;
	enum canon_part kind = canon_part(c, part);

	if (!can_be_carried(c, part, &u, has_url)) {
		canon_refuse(c, canon_part_name(c, part));
		return;
	}
	jsonw_object(w);
	if (kind == CANON_TEXT) {
		jsonw_member_if(w, "type", "input_text");
		jsoncopy_known(w, "text", c->j, json_get(c->j, part, "text"));
	} else if (kind == CANON_IMAGE) {
		image(c, w, part, &u);
	} else if (kind == CANON_AUDIO) {
		audio(c, w, part, &u);
	} else {
		file(c, w, part, has_url ? &u : NULL);
	}
	jsonw_end_object(w);
	if (canon_member(c, part, "cache_control") >= 0)
		canon_lose(c, "cache_control");
}

static void
input_content(struct canon *c, struct jsonw *w, const char *key, int content)
{
	jsonw_key(w, key);
	if (json_type(c->j, content) == JSON_STRING) {
		jsoncopy(w, c->j, content);
		return;
	}
	if (json_type(c->j, content) != JSON_ARRAY) {
		jsonw_str(w, "");
		return;
	}
	jsonw_array(w);
	for (int p = json_child(c->j, content); p >= 0; p = json_next(c->j, content, p))
		input_part(c, w, p);
	jsonw_end_array(w);
}

static void
input_message(struct canon *c, struct jsonw *w, int m)
{
	jsonw_object(w);
	jsonw_member_if(w, "type", "message");
	jsoncopy_known(w, "role", c->j, json_get(c->j, m, "role"));
	input_content(c, w, "content", json_get(c->j, m, "content"));
	jsonw_end_object(w);
}

static void
output_part(struct jsonw *w, const char *type, const char *key, const struct json *j, int text)
{
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsoncopy_known(w, key, j, text);
	jsonw_end_object(w);
}

static void
output_parts(struct canon *c, struct jsonw *w, int content)
{
	if (json_type(c->j, content) == JSON_STRING)
		output_part(w, "output_text", "text", c->j, content);
	if (json_type(c->j, content) != JSON_ARRAY)
		return;
	for (int p = json_child(c->j, content); p >= 0; p = json_next(c->j, content, p)) {
		enum canon_part kind = canon_part(c, p);
		if (kind == CANON_TEXT)
			output_part(w, "output_text", "text", c->j, json_get(c->j, p, "text"));
		else if (kind == CANON_REFUSAL)
			output_part(w, "refusal", "refusal", c->j, json_get(c->j, p, "refusal"));
		else
			canon_refuse(c, canon_part_name(c, p));
		if (canon_member(c, p, "cache_control") >= 0)
			canon_lose(c, "cache_control");
	}
}

static int
has_content(const struct json *j, int node)
{
	return json_type(j, node) == JSON_ARRAY ? json_count(j, node) > 0
						: json_type(j, node) == JSON_STRING && !json_eq(j, node, "");
}

static void
arguments(struct canon *c, struct jsonw *w, int args)
{
	size_t n;

	if (json_type(c->j, args) == JSON_STRING && !json_eq(c->j, args, "")) {
		jsoncopy_known(w, "arguments", c->j, args);
	} else { /* some clients send the object itself */
		const char *raw = json_type(c->j, args) == JSON_OBJECT ? json_raw(c->j, args, &n) : "{}";
		jsonw_key(w, "arguments");
		jsonw_strn(w, raw, json_type(c->j, args) == JSON_OBJECT ? n : 2);
	}
}

static void
call(struct canon *c, struct jsonw *w, int t)
{
	int f = canon_member(c, t, "function"), custom = canon_member(c, t, "custom");

	jsonw_object(w);
	jsonw_member_if(w, "type", f >= 0 ? "function_call" : "custom_tool_call");
	jsoncopy_known(w, "call_id", c->j, json_get(c->j, t, "id"));
	jsoncopy_known(w, "name", c->j, json_get(c->j, f >= 0 ? f : custom, "name"));
	if (f >= 0)
		arguments(c, w, json_get(c->j, f, "arguments"));
	else
		jsoncopy_known(w, "input", c->j, json_get(c->j, custom, "input"));
	jsonw_end_object(w);
}

/* The legacy call of a function has no id: its name is one. */
static void
legacy_call(struct canon *c, struct jsonw *w, int f)
{
	jsonw_object(w);
	jsonw_member_if(w, "type", "function_call");
	jsoncopy_known(w, "call_id", c->j, json_get(c->j, f, "name"));
	jsoncopy_known(w, "name", c->j, json_get(c->j, f, "name"));
	arguments(c, w, json_get(c->j, f, "arguments"));
	jsonw_end_object(w);
}

static void
calls(struct canon *c, struct jsonw *w, int m, int number)
{
	int list = json_get(c->j, m, "tool_calls"), legacy = canon_member(c, m, "function_call");

	if (legacy >= 0)
		legacy_call(c, w, legacy);
	if (json_type(c->j, list) != JSON_ARRAY)
		return;
	for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t)) {
		if (json_type(c->j, json_get(c->j, t, "id")) != JSON_STRING)
			canon_bad(c, "messages[%d]: a tool call without an id", number);
		call(c, w, t);
	}
}

/* An answer: its reasoning, its words, its calls, each an item. */
static void
answer(struct canon *c, struct jsonw *w, int m, int number)
{
	int content = json_get(c->j, m, "content"), refusal = json_get(c->j, m, "refusal");

	responses_recall(c, w, m, number);
	if (has_content(c->j, content) || has_content(c->j, refusal)) {
		jsonw_object(w);
		jsonw_member_if(w, "type", "message");
		jsonw_member_if(w, "role", "assistant");
		jsonw_key(w, "content");
		jsonw_array(w);
		if (has_content(c->j, content))
			output_parts(c, w, content);
		if (has_content(c->j, refusal))
			output_part(w, "refusal", "refusal", c->j, refusal);
		jsonw_end_array(w);
		jsonw_end_object(w);
	} else if (canon_member(c, m, "audio") >= 0) {
		canon_refuse(c, "audio");
	}
	calls(c, w, m, number);
}

/* Whose result a tool's message is that doesn't say so: the first's, if it's the first behind the calls, ... */
static int
call_of(const struct canon *c, int message)
{
	int list = json_get(c->j, 0, "messages"), calls_node = -1, call_node = -1;

	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m)) {
		if (canon_role(c, m) == CANON_ASSISTANT) {
			calls_node = json_get(c->j, m, "tool_calls");
			call_node = json_child(c->j, calls_node);
		}
		if (m == message)
			break;
		if (canon_role(c, m) == CANON_TOOL && call_node >= 0)
			call_node = json_next(c->j, calls_node, call_node);
	}
	return json_get(c->j, call_node, "id");
}

static void
result(struct canon *c, struct jsonw *w, int m, int number)
{
	int id = json_get(c->j, m, canon_role(c, m) == CANON_FUNCTION ? "name" : "tool_call_id");

	if (json_type(c->j, id) != JSON_STRING)
		id = call_of(c, m);
	if (json_type(c->j, id) != JSON_STRING)
		canon_bad(c, "messages[%d]: a tool's message without tool_call_id", number);
	int is_custom = canon_member(c, canon_find_call(c, id, m), "custom") >= 0;
	jsonw_object(w);
	jsonw_member_if(w, "type", is_custom ? "custom_tool_call_output" : "function_call_output");
	jsoncopy_known(w, "call_id", c->j, id);
	input_content(c, w, "output", json_get(c->j, m, "content"));
	jsonw_end_object(w);
	if (json_bool(c->j, json_get(c->j, m, "is_error")) == 1)
		canon_lose(c, "is_error");
}

static void
message(struct canon *c, struct jsonw *w, int m, int number)
{
	enum canon_role role = canon_role(c, m);

	if (role == CANON_SYSTEM || role == CANON_USER)
		input_message(c, w, m);
	else if (role == CANON_ASSISTANT)
		answer(c, w, m, number);
	else if (role == CANON_TOOL || role == CANON_FUNCTION)
		result(c, w, m, number);
	else
		canon_bad(c, "messages[%d]: no role that is known", number);
	if (canon_member(c, m, "name") >= 0 && role != CANON_TOOL && role != CANON_FUNCTION)
		canon_lose(c, "name");
}

void
responses_input(struct canon *c, struct jsonw *w)
{
	int list = json_get(c->j, 0, "messages"), m = json_child(c->j, list), number = 0;
	int content = json_get(c->j, m, "content"), is_system = json_eq(c->j, json_get(c->j, m, "role"), "system");

	if (json_type(c->j, list) != JSON_ARRAY) {
		canon_bad(c, "messages: a list is needed");
		return;
	}
	if (is_system && json_type(c->j, content) == JSON_STRING && json_count(c->j, list) > 1) {
		jsoncopy_known(w, "instructions", c->j, content);
		m = json_next(c->j, list, m);
		number++;
	}
	jsonw_key(w, "input");
	jsonw_array(w);
	for (; m >= 0; m = json_next(c->j, list, m))
		message(c, w, m, number++);
	jsonw_end_array(w);
}
