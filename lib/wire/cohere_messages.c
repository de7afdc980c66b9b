/* SPDX-License-Identifier: ISC */
/* The canonical messages as Cohere's: OpenAI's, with a plan before tool calls and parts for thoughts. */
#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/cohere.h"
#include "wire/thoughts.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

struct encoding {
	struct canon *c;
	struct jsonw *w;
	int i;      /* number of the message, for messages to people */
	int called; /* number of the last one that has calls */
};

static void
key_raw(struct encoding *o, const char *key, int node)
{
	jsoncopy_member(o->w, key, o->c->j, node);
}

static void
key_str(struct encoding *o, const char *key, const char *s)
{
	jsonw_key(o->w, key);
	jsonw_str(o->w, s);
}

static int
is_string(const struct encoding *o, int node)
{
	return json_type(o->c->j, node) == JSON_STRING;
}

static void
text_part(struct encoding *o, int node)
{
	if (!is_string(o, node)) {
		canon_bad(o->c, "messages[%d]: a text part without text", o->i);
		return;
	}
	jsonw_object(o->w);
	key_str(o, "type", "text");
	key_raw(o, "text", node);
	jsonw_end_object(o->w);
}

/* By URL or as data, as it came. */
static void
image_part(struct encoding *o, int p)
{
	static const char *const carried[] = {"url", "detail", NULL};
	struct canon *c = o->c;
	struct canon_url u;
	int url = json_get(c->j, p, "image_url");

	if (canon_part_url(c, p, &u)) {
		canon_bad(c, "messages[%d]: an image without a URL", o->i);
		return;
	}
	jsonw_object(o->w);
	key_str(o, "type", "image_url");
	jsonw_key(o->w, "image_url");
	jsonw_object(o->w);
	jsonw_key(o->w, "url");
	if (u.is_data)
		canon_write_data(o->w, NULL, u.mime, u.n_mime, u.data, u.n_data);
	else
		canon_write_slice(o->w, u.url, u.n_url);
	key_raw(o, "detail", canon_member(c, url, "detail"));
	jsonw_end_object(o->w);
	jsonw_end_object(o->w);
	canon_lose_members(c, url, "image_url.", carried);
}

static void
part(struct encoding *o, int p, enum canon_role role)
{
	static const char *const carried[] = {"type", "text", "refusal", "image_url", NULL};
	struct canon *c = o->c;
	enum canon_part kind = canon_part(c, p);

	if (kind == CANON_TEXT)
		text_part(o, json_get(c->j, p, "text"));
	else if (kind == CANON_REFUSAL)
		text_part(o, json_get(c->j, p, "refusal"));
	else if (kind == CANON_IMAGE && role == CANON_USER)
		image_part(o, p);
	else
		canon_refuse(c, canon_part_name(c, p));
	if (kind == CANON_TEXT || kind == CANON_IMAGE)
		canon_lose_members(c, p, "", carried);
}

static void
parts(struct encoding *o, int list, enum canon_role role)
{
	for (int p = json_child(o->c->j, list); p >= 0; p = json_next(o->c->j, list, p))
		part(o, p, role);
}

static void
content(struct encoding *o, int node, enum canon_role role)
{
	if (node < 0)
		return;
	if (is_string(o, node)) {
		key_raw(o, "content", node);
		return;
	}
	if (json_type(o->c->j, node) != JSON_ARRAY) {
		canon_bad(o->c, "messages[%d]: content that is neither a string nor a list", o->i);
		return;
	}
	jsonw_key(o->w, "content");
	jsonw_array(o->w);
	parts(o, node, role);
	jsonw_end_array(o->w);
}

/* Thoughts before a tool call are its plan; before a text they are a part of their own in front of it. */
static void
thinking(struct encoding *o, const struct buf *thoughts, int node)
{
	jsonw_key(o->w, "content");
	jsonw_array(o->w);
	jsonw_object(o->w);
	key_str(o, "type", "thinking");
	jsonw_key(o->w, "thinking");
	jsonw_strn(o->w, thoughts->p, thoughts->len);
	jsonw_end_object(o->w);
	if (is_string(o, node) && !json_eq(o->c->j, node, ""))
		text_part(o, node);
	else if (json_type(o->c->j, node) == JSON_ARRAY)
		parts(o, node, CANON_ASSISTANT);
	jsonw_end_array(o->w);
}

/* The bare calls that were before tool calls have no id: theirs is the number of the message. */
static void
legacy_id(struct encoding *o, const char *key)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "call_%d", o->called);
	key_str(o, key, buf_str(&b));
	buf_release(&b);
}

/* node: {name, arguments}, arguments being JSON text. id: -1 for one that has none. */
static void
call(struct encoding *o, int node, int id)
{
	struct canon *c = o->c;
	int name = json_get(c->j, node, "name"), args = canon_member(c, node, "arguments");

	if (!is_string(o, name) || (id >= 0 && !is_string(o, id))) {
		canon_bad(c, "messages[%d]: a tool call without a name or an id", o->i);
		return;
	}
	jsonw_object(o->w);
	if (id >= 0)
		key_raw(o, "id", id);
	else
		legacy_id(o, "id");
	key_str(o, "type", "function");
	jsonw_key(o->w, "function");
	jsonw_object(o->w);
	key_raw(o, "name", name);
	if (is_string(o, args) && !json_eq(c->j, args, "")) {
		key_raw(o, "arguments", args);
	} else {
		size_t n = 2;
		const char *p = json_type(c->j, args) == JSON_OBJECT ? json_raw(c->j, args, &n) : "{}";
		jsonw_key(o->w, "arguments");
		jsonw_strn(o->w, p, n);
	}
	jsonw_end_object(o->w);
	jsonw_end_object(o->w);
}

static void
calls(struct encoding *o, int list, int legacy)
{
	const struct json *j = o->c->j;

	jsonw_key(o->w, "tool_calls");
	jsonw_array(o->w);
	if (json_type(j, list) == JSON_ARRAY)
		for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t)) {
			int function = json_get(j, t, "function"), id = json_get(j, t, "id");
			if (function < 0)
				canon_refuse(o->c, canon_part_name(o->c, t));
			else if (id < 0)
				canon_bad(o->c, "messages[%d]: a tool call without an id", o->i);
			else
				call(o, function, id);
		}
	o->called = o->i;
	if (legacy >= 0)
		call(o, legacy, -1);
	jsonw_end_array(o->w);
}

static void
refuse_media(struct encoding *o, int m)
{
	static const char *const media[] = {"images", "audio"};

	for (size_t i = 0; i < N(media); i++)
		if (json_count(o->c->j, canon_member(o->c, m, media[i])))
			canon_refuse(o->c, media[i]);
}

static void
assistant(struct encoding *o, int m)
{
	static const char *const carried[] = {"role", "content", "refusal", "reasoning", "reasoning_content",
	    "reasoning_details", "tool_calls", "function_call", "images", "audio", "annotations", NULL};
	struct canon *c = o->c;
	int node = canon_member(c, m, "content"), list = canon_member(c, m, "tool_calls");
	int legacy = canon_member(c, m, "function_call"), has_calls = json_count(c->j, list) || legacy >= 0;
	struct buf thoughts = BUF_INIT;
	int thinks = thoughts_text(c, m, &thoughts);

	if (node < 0)
		node = canon_member(c, m, "refusal");
	if (thinks && has_calls) {
		jsonw_key(o->w, "tool_plan");
		jsonw_strn(o->w, thoughts.p, thoughts.len);
	}
	if (thinks && !has_calls)
		thinking(o, &thoughts, node);
	else
		content(o, node, CANON_ASSISTANT);
	if (has_calls)
		calls(o, list, legacy);
	refuse_media(o, m);
	canon_lose_members(c, m, "", carried);
	buf_release(&thoughts);
}

static void
result(struct encoding *o, int m)
{
	static const char *const carried[] = {"role", "content", "tool_call_id", "name", "is_error", NULL};
	struct canon *c = o->c;
	int id = canon_member(c, m, "tool_call_id"), node = canon_member(c, m, "content");

	if (canon_role(c, m) == CANON_FUNCTION)
		legacy_id(o, "tool_call_id");
	else if (is_string(o, id))
		key_raw(o, "tool_call_id", id);
	else
		canon_bad(c, "messages[%d]: a tool's result without its tool_call_id", o->i);
	if (node >= 0)
		content(o, node, CANON_TOOL);
	else
		key_str(o, "content", "");
	if (json_bool(c->j, json_get(c->j, m, "is_error")) == 1)
		canon_lose(c, "is_error");
	canon_lose_members(c, m, "", carried);
}

static void
message(struct encoding *o, int m)
{
	static const char *const words[] = {[CANON_SYSTEM] = "system",
	    [CANON_USER] = "user",
	    [CANON_ASSISTANT] = "assistant",
	    [CANON_TOOL] = "tool",
	    [CANON_FUNCTION] = "tool"};
	static const char *const carried[] = {"role", "content", NULL};
	struct canon *c = o->c;
	enum canon_role role = canon_role(c, m);

	if (role == CANON_UNKNOWN) {
		canon_bad(c, "messages[%d]: unknown role", o->i);
		return;
	}
	jsonw_object(o->w);
	key_str(o, "role", words[role]);
	if (role == CANON_ASSISTANT) {
		assistant(o, m);
	} else if (role == CANON_TOOL || role == CANON_FUNCTION) {
		result(o, m);
	} else {
		content(o, canon_member(c, m, "content"), role);
		canon_lose_members(c, m, "", carried);
	}
	jsonw_end_object(o->w);
}

void
cohere_messages(struct canon *c, struct jsonw *w)
{
	struct encoding o = {c, w, 0, 0};
	int list = canon_get(c, "messages");

	if (json_type(c->j, list) != JSON_ARRAY) {
		canon_bad(c, "messages: a list is needed");
		return;
	}
	jsonw_key(w, "messages");
	jsonw_array(w);
	for (int m = json_child(c->j, list); m >= 0 && !c->failed; m = json_next(c->j, list, m), o.i++)
		message(&o, m);
	jsonw_end_array(w);
}
