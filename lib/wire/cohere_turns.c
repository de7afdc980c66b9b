/* SPDX-License-Identifier: ISC */
/* The messages of a request as canonical messages. */
#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/cohere.h"

struct asking {
	struct canon *c; /* of their request: what is lost, what is wrong */
	struct jsonw *w;
	struct blobs *blobs;
	int i; /* number of the message, for messages to people */
};

static void
key_raw(struct asking *a, const char *key, int node)
{
	jsoncopy_member(a->w, key, a->c->j, node);
}

static void
key_str(struct asking *a, const char *key, const char *s)
{
	jsonw_key(a->w, key);
	jsonw_str(a->w, s);
}

static int
is_type(const struct asking *a, int part, const char *type)
{
	return json_eq(a->c->j, json_get(a->c->j, part, "type"), type);
}

static void
text_part(struct asking *a, int text)
{
	if (json_type(a->c->j, text) != JSON_STRING) {
		canon_bad(a->c, "messages[%d]: a text part without text", a->i);
		return;
	}
	jsonw_object(a->w);
	key_str(a, "type", "text");
	key_raw(a, "text", text);
	jsonw_end_object(a->w);
}

static void
image_part(struct asking *a, int part)
{
	struct canon_url u;

	if (canon_part_url(a->c, part, &u)) {
		canon_bad(a->c, "messages[%d]: an image without a URL", a->i);
		return;
	}
	jsonw_object(a->w);
	key_str(a, "type", "image_url");
	jsonw_key(a->w, "image_url");
	jsonw_object(a->w);
	jsonw_key(a->w, "url");
	if (u.is_data)
		canon_write_data(a->w, a->blobs, u.mime, u.n_mime, u.data, u.n_data);
	else
		canon_write_slice(a->w, u.url, u.n_url);
	key_raw(a, "detail", canon_member(a->c, json_get(a->c->j, part, "image_url"), "detail"));
	jsonw_end_object(a->w);
	jsonw_end_object(a->w);
}

/* A tool's result as a document: its data, as text. */
static void
document_part(struct asking *a, int document)
{
	int data = canon_member(a->c, document, "data");
	size_t n;
	const char *raw = json_raw(a->c->j, data, &n);

	if (canon_member(a->c, document, "id") >= 0)
		canon_lose(a->c, "document.id");
	if (data < 0 || json_type(a->c->j, data) == JSON_STRING) {
		text_part(a, data);
		return;
	}
	jsonw_object(a->w);
	key_str(a, "type", "text");
	jsonw_key(a->w, "text");
	jsonw_strn(a->w, raw, n);
	jsonw_end_object(a->w);
}

static void
part(struct asking *a, int p)
{
	const struct json *j = a->c->j;

	if (is_type(a, p, "text"))
		text_part(a, json_get(j, p, "text"));
	else if (is_type(a, p, "image_url"))
		image_part(a, p);
	else if (is_type(a, p, "document"))
		document_part(a, json_get(j, p, "document"));
	else if (!is_type(a, p, "thinking"))
		cohere_refuse(a->c, canon_part_name(a->c, p));
}

/* An assistant's calls may stand beside an empty text, which others refuse. */
static int
is_empty(const struct asking *a, int part)
{
	return is_type(a, part, "thinking") ||
	    (is_type(a, part, "text") && json_eq(a->c->j, json_get(a->c->j, part, "text"), ""));
}

static int
says_nothing(const struct asking *a, int node)
{
	const struct json *j = a->c->j;

	if (json_type(j, node) == JSON_ARRAY)
		for (int p = json_child(j, node); p >= 0; p = json_next(j, node, p))
			if (!is_empty(a, p))
				return 0;
	return json_type(j, node) <= JSON_NULL || json_type(j, node) == JSON_ARRAY || json_eq(j, node, "");
}

static void
content(struct asking *a, int node)
{
	const struct json *j = a->c->j;
	enum json_type t = json_type(j, node);

	jsonw_key(a->w, "content");
	if (t == JSON_ARRAY) {
		jsonw_array(a->w);
		for (int p = json_child(j, node); p >= 0; p = json_next(j, node, p))
			part(a, p);
		jsonw_end_array(a->w);
	} else if (t == JSON_STRING) {
		size_t n;
		const char *raw = json_raw(j, node, &n);
		jsonw_raw(a->w, raw, n);
	} else {
		if (t > JSON_NULL)
			canon_bad(a->c, "messages[%d]: content that is neither a string nor a list", a->i);
		jsonw_str(a->w, "");
	}
}

/* The plan and the thoughts are its reasoning. */
static void
reasoning(struct asking *a, int m)
{
	const struct json *j = a->c->j;
	int list = json_get(j, m, "content");
	struct buf b = BUF_INIT;

	json_str(j, json_get(j, m, "tool_plan"), &b);
	if (json_type(j, list) == JSON_ARRAY)
		for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p))
			json_str(j, json_get(j, p, "thinking"), &b);
	if (b.len) {
		jsonw_key(a->w, "reasoning");
		jsonw_strn(a->w, b.p, b.len);
	}
	buf_release(&b);
}

static void
call(struct asking *a, int item)
{
	const struct json *j = a->c->j;
	int function = json_get(j, item, "function"), id = json_get(j, item, "id");
	int name = json_get(j, function, "name"), args = json_get(j, function, "arguments");

	if (json_type(j, id) != JSON_STRING || json_type(j, name) != JSON_STRING) {
		canon_bad(a->c, "messages[%d]: a tool call without an id or a name", a->i);
		return;
	}
	jsonw_object(a->w);
	key_raw(a, "id", id);
	key_str(a, "type", "function");
	jsonw_key(a->w, "function");
	jsonw_object(a->w);
	key_raw(a, "name", name);
	if (json_type(j, args) == JSON_STRING && !json_eq(j, args, "") && !json_eq(j, args, "null"))
		key_raw(a, "arguments", args);
	else
		key_str(a, "arguments", "{}");
	jsonw_end_object(a->w);
	jsonw_end_object(a->w);
}

static void
calls(struct asking *a, int list)
{
	if (json_type(a->c->j, list) != JSON_ARRAY || json_count(a->c->j, list) == 0)
		return;
	jsonw_key(a->w, "tool_calls");
	jsonw_array(a->w);
	for (int t = json_child(a->c->j, list); t >= 0; t = json_next(a->c->j, list, t))
		call(a, t);
	jsonw_end_array(a->w);
}

static void
assistant(struct asking *a, int m)
{
	int node = json_get(a->c->j, m, "content");

	if (says_nothing(a, node)) {
		jsonw_key(a->w, "content");
		jsonw_null(a->w);
	} else {
		content(a, node);
	}
	reasoning(a, m);
	calls(a, json_get(a->c->j, m, "tool_calls"));
}

static void
result(struct asking *a, int m)
{
	int id = json_get(a->c->j, m, "tool_call_id");

	if (json_type(a->c->j, id) != JSON_STRING)
		canon_bad(a->c, "messages[%d]: a tool's result without its tool_call_id", a->i);
	key_raw(a, "tool_call_id", id);
	content(a, json_get(a->c->j, m, "content"));
}

static void
message(struct asking *a, int m)
{
	static const char *const known[] = {
	    "role", "content", "tool_plan", "tool_calls", "tool_call_id", "citations", NULL};
	const struct json *j = a->c->j;
	int role = json_get(j, m, "role");

	jsonw_object(a->w);
	key_raw(a, "role", role);
	if (json_eq(j, role, "assistant"))
		assistant(a, m);
	else if (json_eq(j, role, "tool"))
		result(a, m);
	else if (json_eq(j, role, "user") || json_eq(j, role, "system"))
		content(a, json_get(j, m, "content"));
	else
		canon_bad(a->c, "messages[%d]: unknown role", a->i);
	jsonw_end_object(a->w);
	canon_lose_members(a->c, m, "messages.", known);
}

void
cohere_ask_messages(struct canon *c, struct jsonw *w, struct blobs *blobs)
{
	struct asking a = {c, w, blobs, 0};
	int list = canon_get(c, "messages");

	if (json_type(c->j, list) != JSON_ARRAY) {
		canon_bad(c, "messages: a list is needed");
		return;
	}
	jsonw_key(w, "messages");
	jsonw_array(w);
	for (int m = json_child(c->j, list); m >= 0 && !c->failed; m = json_next(c->j, list, m), a.i++)
		message(&a, m);
	jsonw_end_array(w);
}
