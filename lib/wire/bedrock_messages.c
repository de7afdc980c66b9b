/* SPDX-License-Identifier: ISC */
/* Canonical messages to Converse's: system text apart, results of tools in turns of the user's, neighbours of one role in one turn. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "wire/bedrock.h"
#include "wire/bedrock_out.h"
#include "wire/canon_part.h"

static int
is_format(const struct canon *c, int detail, const char *format)
{
	return json_eq(c->j, json_get(c->j, detail, "format"), format);
}

/* The data of Anthropic's own API is text, which Bedrock has in base64. */
static void
put_encrypted(struct bedrock_out *o, int data, int is_ours)
{
	struct canon *c = &o->c;
	struct buf text = BUF_INIT, coded = BUF_INIT;

	bedrock_open_block(o, "assistant", "reasoningContent");
	jsonw_object(&o->w);
	if (is_ours) {
		jsoncopy_member(&o->w, "redactedContent", c->j, data);
	} else {
		json_str(c->j, data, &text);
		base64_add(&coded, buf_str(&text), text.len);
		jsonw_key(&o->w, "redactedContent");
		jsonw_strn(&o->w, buf_str(&coded), coded.len);
	}
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	buf_release(&text);
	buf_release(&coded);
}

static void
put_signed(struct bedrock_out *o, int text, int signature)
{
	bedrock_open_block(o, "assistant", "reasoningContent");
	jsonw_object(&o->w);
	jsonw_key(&o->w, "reasoningText");
	jsonw_object(&o->w);
	if (json_type(o->c.j, text) == JSON_STRING)
		jsoncopy_member(&o->w, "text", o->c.j, text);
	else
		jsonw_member(&o->w, "text", "");
	jsoncopy_member(&o->w, "signature", o->c.j, signature);
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
}

/* Thoughts are played back where they are signed or encrypted: others are no use to the models that ask for them. A signature without a
 * format is Claude's, as far as has been seen. */
static void
put_detail(struct bedrock_out *o, int detail)
{
	const struct json *j = o->c.j;
	int type = json_get(j, detail, "type"), data = json_get(j, detail, "data"),
	    signature = json_get(j, detail, "signature");
	int claudes = is_format(&o->c, detail, BEDROCK_SIGNED), ours = is_format(&o->c, detail, BEDROCK_ENCRYPTED);
	int unsaid = canon_member(&o->c, detail, "format") < 0;
	const char *model = o->c.ask->model;

	if (claudes && model && !strstr(model, "anthropic.")) /* they are of no use to others, who refuse them */
		return;
	if (json_eq(j, type, "reasoning.encrypted") && (claudes || ours) && json_type(j, data) == JSON_STRING)
		put_encrypted(o, data, ours);
	if (json_eq(j, type, "reasoning.text") && (claudes || unsaid) && json_type(j, signature) == JSON_STRING)
		put_signed(o, json_get(j, detail, "text"), signature);
}

static int
put_call(struct bedrock_out *o, int call)
{
	struct canon *c = &o->c;
	int function = json_get(c->j, call, "function"), name = json_get(c->j, function, "name"),
	    id = json_get(c->j, call, "id"), bad;

	if (json_type(c->j, name) != JSON_STRING || json_type(c->j, id) != JSON_STRING)
		return function < 0 ? canon_refuse(c, "tool_calls.custom")
				    : canon_bad(c, "messages[%d]: a tool call without id or name", o->message);
	bedrock_open_block(o, "assistant", "toolUse");
	jsonw_object(&o->w);
	jsoncopy_member(&o->w, "toolUseId", c->j, id);
	jsoncopy_member(&o->w, "name", c->j, name);
	jsonw_key(&o->w, "input");
	canon_write_args(c, &o->w, json_get(c->j, function, "arguments"), &bad);
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	return bad ? canon_refuse(c, "tool_calls.function.arguments") : 0;
}

/* Before tools had ids there was one call at a time: its number is its id. */
static void
legacy_id(struct bedrock_out *o)
{
	struct buf id = BUF_INIT;

	buf_addf(&id, "call_%d", o->n_legacy);
	jsonw_member(&o->w, "toolUseId", id.p);
	buf_release(&id);
}

static int
put_legacy_call(struct bedrock_out *o, int function)
{
	struct canon *c = &o->c;
	int name = json_get(c->j, function, "name"), bad;

	if (json_type(c->j, name) != JSON_STRING)
		return canon_bad(c, "messages[%d]: a function call without a name", o->message);
	o->n_legacy++;
	bedrock_open_block(o, "assistant", "toolUse");
	jsonw_object(&o->w);
	legacy_id(o);
	jsoncopy_member(&o->w, "name", c->j, name);
	jsonw_key(&o->w, "input");
	canon_write_args(c, &o->w, json_get(c->j, function, "arguments"), &bad);
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	return bad ? canon_refuse(c, "function_call.arguments") : 0;
}

static int
assistant(struct bedrock_out *o, int m)
{
	struct canon *c = &o->c;
	int details = json_get(c->j, m, "reasoning_details"), function = canon_member(c, m, "function_call");

	o->calls = json_get(c->j, m, "tool_calls");
	o->n_results = 0;
	if (json_type(c->j, details) == JSON_ARRAY)
		for (int d = json_child(c->j, details); d >= 0; d = json_next(c->j, details, d))
			put_detail(o, d);
	int failed = bedrock_put_content(o, json_get(c->j, m, "content"), "assistant");
	if (!failed)
		bedrock_put_text(o, json_get(c->j, m, "refusal"), "assistant");
	for (int i = json_child(c->j, o->calls); i >= 0 && !failed; i = json_next(c->j, o->calls, i))
		failed = put_call(o, i);
	if (!failed && function >= 0)
		failed = put_legacy_call(o, function);
	if (!failed && json_count(c->j, json_get(c->j, m, "images")))
		failed = canon_refuse(c, "images");
	if (!failed && canon_member(c, m, "audio") >= 0)
		failed = canon_refuse(c, "audio");
	return failed;
}

/* Some leave the id out: results come in the order of the calls. */
static int
result_id(const struct bedrock_out *o, int m)
{
	const struct json *j = o->c.j;
	int id = json_get(j, m, "tool_call_id"), call = json_child(j, o->calls);

	if (json_type(j, id) == JSON_STRING)
		return id;
	for (int i = 0; i < o->n_results && call >= 0; i++)
		call = json_next(j, o->calls, call);
	return json_get(j, call, "id");
}

/* Of a tool, or of a function as they were before. */
static int
tool_result(struct bedrock_out *o, int m, int legacy)
{
	struct canon *c = &o->c;
	int id = result_id(o, m);

	if (legacy ? !o->n_legacy : json_type(c->j, id) != JSON_STRING)
		return canon_bad(c, "messages[%d]: a tool's result without a call", o->message);
	o->n_results++;
	bedrock_open_block(o, "user", "toolResult");
	jsonw_object(&o->w);
	if (legacy)
		legacy_id(o);
	else
		jsoncopy_member(&o->w, "toolUseId", c->j, id);
	jsonw_key(&o->w, "content");
	jsonw_array(&o->w);
	o->nested = 1;
	int failed = bedrock_put_content(o, json_get(c->j, m, "content"), "user");
	o->nested = 0;
	jsonw_end_array(&o->w);
	if (json_bool(c->j, json_get(c->j, m, "is_error")) == 1)
		jsonw_member(&o->w, "status", "error");
	jsonw_end_object(&o->w);
	jsonw_end_object(&o->w);
	return failed;
}

static int
message(struct bedrock_out *o, int m)
{
	struct canon *c = &o->c;
	static const char *const known[] = {"role", "content", "reasoning", "reasoning_details", "reasoning_content",
	    "annotations", "refusal", "tool_calls", "tool_call_id", "is_error", "images", "audio", "function_call",
	    "cache_control", NULL};
	size_t since = o->w.b->len;
	int failed;

	switch (canon_role(c, m)) {
	case CANON_USER:
		failed = bedrock_put_content(o, json_get(c->j, m, "content"), "user");
		break;
	case CANON_ASSISTANT:
		failed = assistant(o, m);
		break;
	case CANON_TOOL:
	case CANON_FUNCTION:
		failed = tool_result(o, m, canon_role(c, m) == CANON_FUNCTION);
		break;
	case CANON_SYSTEM:
		return 0;
	default:
		return canon_bad(c, "messages[%d]: an unknown role", o->message);
	}
	if (!failed)
		bedrock_put_cache_point(o, m, since);
	if (canon_role(c, m) == CANON_USER || canon_role(c, m) == CANON_ASSISTANT)
		canon_lose_members(c, m, "messages.", known);
	return failed;
}

static int
messages(struct bedrock_out *o, int list)
{
	struct canon *c = &o->c;
	int failed = 0;

	if (json_type(c->j, list) != JSON_ARRAY)
		return canon_bad(c, "messages is no array");
	jsonw_key(&o->w, "messages");
	jsonw_array(&o->w);
	for (int m = json_child(c->j, list); m >= 0 && !failed; m = json_next(c->j, list, m), o->message++)
		failed = message(o, m);
	if (o->cache && o->role && strcmp(o->role, "user") == 0)
		jsonw_raw(&o->w, BEDROCK_CACHE_POINT, strlen(BEDROCK_CACHE_POINT));
	bedrock_end_turn(o);
	jsonw_end_array(&o->w);
	return failed;
}

/* One message's. A turn that is called system is open. */
static int
system_message(struct bedrock_out *o, int m)
{
	struct canon *c = &o->c;
	int content = json_get(c->j, m, "content"), failed = 0;
	size_t since = o->w.b->len;

	if (json_type(c->j, content) == JSON_STRING)
		bedrock_put_text(o, content, o->role);
	else if (json_type(c->j, content) != JSON_ARRAY)
		failed = canon_bad(c, "messages[%d]: content is neither a string nor an array", o->message);
	else
		for (int p = json_child(c->j, content); p >= 0 && !failed; p = json_next(c->j, content, p)) {
			size_t before = o->w.b->len;
			if (canon_part(c, p) == CANON_TEXT)
				bedrock_put_text(o, json_get(c->j, p, "text"), o->role);
			else
				failed = canon_refuse(c, canon_part_name(c, p));
			bedrock_put_cache_point(o, p, before);
		}
	bedrock_put_cache_point(o, m, since);
	return failed;
}

/* System text, wherever it stands among the messages. */
static int
system_text(struct bedrock_out *o, int list)
{
	struct canon *c = &o->c;
	int failed = 0;

	o->message = 0;
	for (int m = json_child(c->j, list); m >= 0 && !failed; m = json_next(c->j, list, m), o->message++) {
		if (canon_role(c, m) != CANON_SYSTEM)
			continue;
		if (!o->role) {
			jsonw_key(&o->w, "system");
			jsonw_array(&o->w);
			o->role = "system";
		}
		failed = system_message(o, m);
	}
	if (!o->role)
		return failed;
	if (o->cache)
		jsonw_raw(&o->w, BEDROCK_CACHE_POINT, strlen(BEDROCK_CACHE_POINT));
	jsonw_end_array(&o->w);
	return failed;
}

/* Points of the request's own leave no room for ours. */
static int
has_points(const struct json *j)
{
	return memmem(j->text, j->len, "\"cache_control\"", 15) != NULL;
}

int
bedrock_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct bedrock_out o = {.names = BUF_INIT, .calls = -1};
	const struct json *j = ask->request;
	char *model = json_dup(j, json_get(j, 0, "model"), NULL);
	int list = json_get(j, 0, "messages");

	canon_init(&o.c, ask, "bedrock", lost, e);
	o.cache = canon_get(&o.c, "cache_control") >= 0 || (ask->cache && !has_points(j));
	jsonw_init(&o.w, &out->body);
	jsonw_object(&o.w);
	int failed = messages(&o, list) || system_text(&o, list);
	if (!failed)
		bedrock_settings(&o.c, &o.w, ask->model ? ask->model : model ? model : "");
	jsonw_end_object(&o.w);
	failed = o.c.failed;
	canon_release(&o.c);
	buf_release(&o.names);
	free(model);
	return failed ? -1 : 0;
}
