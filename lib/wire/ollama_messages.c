/* SPDX-License-Identifier: ISC */
/* The canonical messages as Ollama's: text is one string, images are bare base64 beside it, a tool's result names the tool. */
#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/ollama.h"
#include "wire/thoughts.h"
#include "wire/wire.h"

struct encoding {
	struct canon *c;
	struct jsonw *w;
	int i; /* number of the message, for messages to people */
};

static void
key_raw(struct encoding *o, const char *key, int node)
{
	jsoncopy_member(o->w, key, o->c->j, node);
}

static int
is_string(const struct encoding *o, int node)
{
	return json_type(o->c->j, node) == JSON_STRING;
}

/* The inside of a JSON string, where one is being written. */
static void
slice(struct encoding *o, int node)
{
	size_t n;
	const char *p = json_raw(o->c->j, node, &n);

	if (is_string(o, node))
		buf_add(o->w->b, p + 1, n - 2);
}

/* A string, or the texts of a list of parts, one after the other. */
static void
text(struct encoding *o, int content)
{
	const struct json *j = o->c->j;

	if (content >= 0 && !is_string(o, content) && json_type(j, content) != JSON_ARRAY)
		canon_bad(o->c, "messages[%d]: content that is neither a string nor a list", o->i);
	jsonw_key(o->w, "content");
	buf_addc(o->w->b, '"');
	slice(o, content);
	if (json_type(j, content) == JSON_ARRAY)
		for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p)) {
			enum canon_part kind = canon_part(o->c, p);
			if (kind == CANON_TEXT || kind == CANON_REFUSAL)
				slice(o, json_get(j, p, kind == CANON_TEXT ? "text" : "refusal"));
		}
	buf_addc(o->w->b, '"');
	o->w->comma = 1;
}

/* Ollama fetches nothing. */
static void
image(struct encoding *o, int part, int *open)
{
	static const char *const carried[] = {"url", "detail", NULL};
	struct canon *c = o->c;
	struct canon_url u;
	int url = json_get(c->j, part, "image_url"), detail = canon_member(c, url, "detail");

	canon_lose_members(c, url, "image_url.", carried);
	if (detail >= 0 && !json_eq(c->j, detail, "auto"))
		canon_lose(c, "image_url.detail");
	if (canon_part_url(c, part, &u)) {
		canon_bad(c, "messages[%d]: an image without a URL", o->i);
	} else if (!u.is_data) {
		canon_refuse(c, "image_url.url");
	} else {
		if (!*open) {
			jsonw_key(o->w, "images");
			jsonw_array(o->w);
		}
		*open = 1;
		canon_write_slice(o->w, u.data, u.n_data);
	}
}

/* What isn't text: an image goes with the message, other media nowhere. */
static void
part(struct encoding *o, int p, int *open)
{
	static const char *const carried[] = {"type", "text", "image_url", "refusal", NULL};
	struct canon *c = o->c;
	enum canon_part kind = canon_part(c, p);

	if (kind == CANON_IMAGE)
		image(o, p, open);
	else if (kind != CANON_TEXT && kind != CANON_REFUSAL)
		canon_refuse(c, canon_part_name(c, p));
	if (kind == CANON_TEXT || kind == CANON_IMAGE)
		canon_lose_members(c, p, "", carried);
	if (kind == CANON_TEXT && !is_string(o, json_get(c->j, p, "text")))
		canon_bad(c, "messages[%d]: a text part without text", o->i);
}

static void
media(struct encoding *o, int content, int images)
{
	const struct json *j = o->c->j;
	int open = 0;

	if (json_type(j, content) == JSON_ARRAY)
		for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p))
			part(o, p, &open);
	if (json_type(j, images) == JSON_ARRAY)
		for (int p = json_child(j, images); p >= 0; p = json_next(j, images, p))
			part(o, p, &open);
	if (open)
		jsonw_end_array(o->w);
}

/* node: {name, arguments} */
static void
call(struct encoding *o, int node, int id)
{
	struct canon *c = o->c;
	int name = json_get(c->j, node, "name"), bad;

	if (!is_string(o, name)) {
		canon_bad(c, "messages[%d]: a tool call without a name", o->i);
		return;
	}
	jsonw_object(o->w);
	key_raw(o, "id", id);
	jsonw_key(o->w, "function");
	jsonw_object(o->w);
	key_raw(o, "name", name);
	jsonw_key(o->w, "arguments");
	canon_write_args(c, o->w, json_get(c->j, node, "arguments"), &bad);
	jsonw_end_object(o->w);
	jsonw_end_object(o->w);
	if (bad && !c->ask->lossy)
		canon_bad(c, "messages[%d]: the arguments of a tool call are no JSON object", o->i);
	else if (bad)
		canon_refuse(c, "tool_calls.function.arguments");
}

static void
calls(struct encoding *o, int m)
{
	const struct json *j = o->c->j;
	int list = canon_member(o->c, m, "tool_calls"), legacy = canon_member(o->c, m, "function_call");

	if (json_count(j, list) == 0 && json_type(j, legacy) != JSON_OBJECT)
		return;
	jsonw_key(o->w, "tool_calls");
	jsonw_array(o->w);
	if (json_type(j, list) == JSON_ARRAY)
		for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t)) {
			int function = json_get(j, t, "function");
			if (function >= 0)
				call(o, function, canon_member(o->c, t, "id"));
			else
				canon_refuse(o->c, canon_part_name(o->c, t));
		}
	if (json_type(j, legacy) == JSON_OBJECT)
		call(o, legacy, -1);
	jsonw_end_array(o->w);
}

static void
thoughts(struct encoding *o, int m)
{
	struct buf b = BUF_INIT;

	if (thoughts_text(o->c, m, &b)) {
		jsonw_key(o->w, "thinking");
		jsonw_strn(o->w, b.p, b.len);
	}
	buf_release(&b);
}

static void
assistant(struct encoding *o, int m)
{
	static const char *const carried[] = {"role", "content", "refusal", "reasoning", "reasoning_content",
	    "reasoning_details", "tool_calls", "function_call", "images", "audio", "annotations", NULL};
	struct canon *c = o->c;
	int content = canon_member(c, m, "content");

	if (content < 0)
		content = canon_member(c, m, "refusal");
	text(o, content);
	thoughts(o, m);
	media(o, content, canon_member(c, m, "images"));
	calls(o, m);
	if (canon_member(c, m, "audio") >= 0)
		canon_refuse(c, "audio");
	canon_lose_members(c, m, "", carried);
}

/* Older versions know a result by its tool's name alone, newer ones by the call's id. */
static void
result(struct encoding *o, int m)
{
	static const char *const carried[] = {"role", "content", "tool_call_id", "name", "is_error", NULL};
	struct canon *c = o->c;
	int id = canon_member(c, m, "tool_call_id"), name = canon_member(c, m, "name");
	struct buf found = BUF_INIT;

	text(o, canon_member(c, m, "content"));
	media(o, canon_member(c, m, "content"), -1);
	if (id >= 0 && canon_tool_name(c, id, m, &found) == 0) {
		jsonw_key(o->w, "tool_name");
		jsonw_strn(o->w, buf_str(&found), found.len);
	} else if (is_string(o, name)) {
		key_raw(o, "tool_name", name);
	}
	if (is_string(o, id))
		key_raw(o, "tool_call_id", id);
	if (json_bool(c->j, json_get(c->j, m, "is_error")) == 1)
		canon_lose(c, "is_error");
	canon_lose_members(c, m, "", carried);
	buf_release(&found);
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
	jsonw_key(o->w, "role");
	jsonw_str(o->w, words[role]);
	if (role == CANON_ASSISTANT) {
		assistant(o, m);
	} else if (role == CANON_TOOL || role == CANON_FUNCTION) {
		result(o, m);
	} else {
		text(o, canon_member(c, m, "content"));
		media(o, canon_member(c, m, "content"), -1);
		canon_lose_members(c, m, "", carried);
	}
	jsonw_end_object(o->w);
}

void
ollama_messages(struct canon *c, struct jsonw *w)
{
	struct encoding o = {c, w, 0};
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
