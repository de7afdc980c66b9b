/* SPDX-License-Identifier: ISC */
/* Converse's system text and messages become canonical ones. Results of tools are messages of their own, in front of what else a turn holds. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "wire/bedrock.h"
#include "wire/bedrock_in.h"

static int
is_array(struct bedrock_in *in, int node, const char *what)
{
	if (json_type(in->j, node) != JSON_ARRAY)
		bedrock_in_bad(in, "messages[%d]: %s is no array", in->message, what);
	return !in->failed;
}

/* Is it a block that `content` of a message holds? The others are said elsewhere, or by the block before. */
static int
is_content(const struct json *j, int block)
{
	static const char *const elsewhere[] = {"toolResult", "toolUse", "reasoningContent", "cachePoint", NULL};

	for (const char *const *s = elsewhere; *s; s++)
		if (json_get(j, block, *s) >= 0)
			return 0;
	return 1;
}

static int
n_content(const struct json *j, int list)
{
	int n = 0;

	for (int b = json_child(j, list); b >= 0; b = json_next(j, list, b))
		n += is_content(j, b);
	return n;
}

/* One text without a mark is a string, else it is parts. */
static void
content(struct bedrock_in *in, int list)
{
	const struct json *j = in->j;
	int first = json_child(j, list);

	while (first >= 0 && !is_content(j, first))
		first = json_next(j, list, first);
	int text = json_get(j, first, "text");
	jsonw_key(&in->w, "content");
	if (n_content(j, list) == 1 && json_type(j, text) == JSON_STRING && bedrock_in_point(in, list, first) < 0) {
		size_t n;
		const char *raw = json_raw(j, text, &n);
		jsonw_raw(&in->w, raw, n);
		return;
	}
	jsonw_array(&in->w);
	for (int b = first; b >= 0 && !in->failed; b = json_next(j, list, b))
		if (is_content(j, b))
			bedrock_in_part(in, list, b);
	jsonw_end_array(&in->w);
}

static void
result_part(struct bedrock_in *in, int list, int block)
{
	int value = json_get(in->j, block, "json");
	size_t n;

	if (value < 0) {
		bedrock_in_part(in, list, block);
		return;
	}
	const char *raw = json_raw(in->j, value, &n);
	bedrock_in_open_part(in, "text");
	jsonw_key(&in->w, "text");
	jsonw_strn(&in->w, raw, n);
	jsonw_end_object(&in->w);
}

static void
tool_result(struct bedrock_in *in, int result, int point)
{
	static const char *const known[] = {"toolUseId", "content", "status", NULL};
	const struct json *j = in->j;
	int list = json_get(j, result, "content"), first = json_child(j, list), value = json_get(j, first, "json");
	size_t n;

	if (!is_array(in, list, "toolResult.content"))
		return;
	jsonw_object(&in->w);
	bedrock_in_word(in, "role", "tool");
	bedrock_in_raw(in, "tool_call_id", json_get(j, result, "toolUseId"));
	if (json_count(j, list) == 1 && value >= 0) {
		const char *raw = json_raw(j, value, &n);
		jsonw_key(&in->w, "content");
		jsonw_strn(&in->w, raw, n);
	} else if (json_count(j, list) <= 1 && (first < 0 || json_type(j, json_get(j, first, "text")) == JSON_STRING)) {
		if (first >= 0)
			bedrock_in_raw(in, "content", json_get(j, first, "text"));
		else
			bedrock_in_word(in, "content", "");
	} else {
		jsonw_key(&in->w, "content");
		jsonw_array(&in->w);
		for (int b = first; b >= 0 && !in->failed; b = json_next(j, list, b))
			result_part(in, list, b);
		jsonw_end_array(&in->w);
	}
	if (json_eq(j, json_get(j, result, "status"), "error")) {
		jsonw_key(&in->w, "is_error");
		jsonw_bool(&in->w, 1);
	}
	if (point >= 0)
		bedrock_in_cache(in, point);
	jsonw_end_object(&in->w);
	bedrock_in_lose_others(in, result, "toolResult.", known);
}

static void
user(struct bedrock_in *in, int list)
{
	const struct json *j = in->j;

	for (int b = json_child(j, list); b >= 0 && !in->failed; b = json_next(j, list, b)) {
		int result = json_get(j, b, "toolResult");
		if (result >= 0)
			tool_result(in, result, bedrock_in_point(in, list, b));
	}
	if (in->failed || !n_content(j, list))
		return;
	jsonw_object(&in->w);
	bedrock_in_word(in, "role", "user");
	content(in, list);
	jsonw_end_object(&in->w);
}

/* What an assistant said: text, also where it was cited; images go elsewhere. */
static void
said(struct bedrock_in *in, int list)
{
	const struct json *j = in->j;
	struct buf text = BUF_INIT;

	for (int b = json_child(j, list); b >= 0; b = json_next(j, list, b)) {
		int cited = json_get(j, b, "citationsContent"), texts = json_get(j, cited, "content");
		json_str(j, json_get(j, b, "text"), &text);
		for (int i = json_child(j, texts); i >= 0; i = json_next(j, texts, i))
			json_str(j, json_get(j, i, "text"), &text);
		if (json_count(j, json_get(j, cited, "citations")))
			losses_add(in->lost, "citationsContent.citations");
		if (is_content(j, b) && json_get(j, b, "text") < 0 && cited < 0 && json_get(j, b, "image") < 0)
			bedrock_in_other(in, b);
	}
	jsonw_key(&in->w, "content");
	if (text.len)
		jsonw_strn(&in->w, text.p, text.len);
	else
		jsonw_null(&in->w);
	buf_release(&text);
}

static void
sealed(struct bedrock_in *in, int data)
{
	struct buf text = BUF_INIT;
	int is_text = bedrock_opened(in->j, data, &text);

	if (is_text)
		bedrock_in_word(in, "data", buf_str(&text));
	else
		bedrock_in_raw(in, "data", data);
	bedrock_in_word(in, "format", is_text ? BEDROCK_SIGNED : BEDROCK_ENCRYPTED);
	buf_release(&text);
}

static void
detail(struct bedrock_in *in, int thought, int index)
{
	const struct json *j = in->j;
	int words = json_get(j, thought, "reasoningText"), signature = json_get(j, words, "signature"),
	    data = json_get(j, thought, "redactedContent");

	bedrock_in_open_part(in, data >= 0 ? "reasoning.encrypted" : "reasoning.text");
	bedrock_in_raw(in, "text", json_get(j, words, "text"));
	bedrock_in_raw(in, "signature", signature);
	if (data >= 0)
		sealed(in, data);
	else if (signature >= 0)
		bedrock_in_word(in, "format", BEDROCK_SIGNED);
	jsonw_key(&in->w, "index");
	jsonw_int(&in->w, index);
	jsonw_end_object(&in->w);
}

static void
thoughts(struct bedrock_in *in, int list)
{
	const struct json *j = in->j;
	int n = 0;

	buf_clear(&in->scratch);
	for (int b = json_child(j, list); b >= 0; b = json_next(j, list, b)) {
		n += json_get(j, b, "reasoningContent") >= 0;
		json_str(j, json_path(j, b, "reasoningContent.reasoningText.text"), &in->scratch);
	}
	if (in->scratch.len) {
		jsonw_key(&in->w, "reasoning");
		jsonw_strn(&in->w, in->scratch.p, in->scratch.len);
	}
	if (!n)
		return;
	jsonw_key(&in->w, "reasoning_details");
	jsonw_array(&in->w);
	int index = 0;
	for (int b = json_child(j, list); b >= 0; b = json_next(j, list, b), index++)
		if (json_get(j, b, "reasoningContent") >= 0)
			detail(in, json_get(j, b, "reasoningContent"), index);
	jsonw_end_array(&in->w);
}

static void
call(struct bedrock_in *in, int use)
{
	const struct json *j = in->j;
	int input = json_get(j, use, "input");
	size_t n = 2;

	if (json_eq(j, json_get(j, use, "type"), "server_tool_use")) {
		bedrock_in_refuse(in, "toolUse.type");
		return;
	}
	const char *raw = input >= 0 ? json_raw(j, input, &n) : "{}";
	bedrock_in_open_part(in, "function");
	bedrock_in_raw(in, "id", json_get(j, use, "toolUseId"));
	jsonw_key(&in->w, "function");
	jsonw_object(&in->w);
	bedrock_in_raw(in, "name", json_get(j, use, "name"));
	jsonw_key(&in->w, "arguments");
	jsonw_strn(&in->w, raw, n);
	jsonw_end_object(&in->w);
	jsonw_end_object(&in->w);
}

/* A list of what the blocks of one kind are. */
static void
each(struct bedrock_in *in, int list, const char *kind, const char *key, void (*put)(struct bedrock_in *in, int v))
{
	struct bedrock_in_list out;

	bedrock_in_open_list(in, &out, key);
	for (int b = json_child(in->j, list); b >= 0 && !in->failed; b = json_next(in->j, list, b)) {
		int v = json_get(in->j, b, kind);
		if (v >= 0)
			put(in, v);
	}
	bedrock_in_close_list(in, &out);
}

static void
image_said(struct bedrock_in *in, int image)
{
	bedrock_in_url_part(in, image, BEDROCK_IMAGE, "image_url", -1);
}

static void
assistant(struct bedrock_in *in, int list)
{
	int last = -1;

	jsonw_object(&in->w);
	bedrock_in_word(in, "role", "assistant");
	said(in, list);
	thoughts(in, list);
	each(in, list, "toolUse", "tool_calls", call);
	each(in, list, "image", "images", image_said);
	for (int b = json_child(in->j, list); b >= 0; b = json_next(in->j, list, b))
		last = json_get(in->j, b, "cachePoint");
	if (last >= 0)
		bedrock_in_cache(in, last);
	jsonw_end_object(&in->w);
}

static void
system_message(struct bedrock_in *in, int list)
{
	if (list < 0 || json_count(in->j, list) == 0)
		return;
	if (json_type(in->j, list) != JSON_ARRAY) {
		bedrock_in_bad(in, "system is no array");
		return;
	}
	jsonw_object(&in->w);
	bedrock_in_word(in, "role", "system");
	content(in, list);
	jsonw_end_object(&in->w);
}

void
bedrock_turns(struct bedrock_in *in)
{
	static const char *const known[] = {"role", "content", NULL};
	const struct json *j = in->j;
	int list = json_get(j, 0, "messages");

	if (json_type(j, list) != JSON_ARRAY) {
		bedrock_in_bad(in, "messages is no array");
		return;
	}
	jsonw_key(&in->w, "messages");
	jsonw_array(&in->w);
	system_message(in, json_get(j, 0, "system"));
	for (int m = json_child(j, list); m >= 0 && !in->failed; m = json_next(j, list, m), in->message++) {
		int role = json_get(j, m, "role"), blocks = json_get(j, m, "content");
		if (!is_array(in, blocks, "content"))
			break;
		if (json_eq(j, role, "user"))
			user(in, blocks);
		else if (json_eq(j, role, "assistant"))
			assistant(in, blocks);
		else
			bedrock_in_bad(in, "messages[%d]: role is neither user nor assistant", in->message);
		bedrock_in_lose_others(in, m, "messages.", known);
	}
	jsonw_end_array(&in->w);
}
