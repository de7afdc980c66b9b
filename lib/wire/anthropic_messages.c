/* SPDX-License-Identifier: ISC */
/*
 * Messages. Anthropic has two roles that take turns: what stands between two answers makes one user turn, results of tools first. System
 * text stands above them all; newer models take it between turns as well, behind the user's.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "wire/anthropic_request.h"

/* A place in the output to which one can go back. */
struct mark {
	size_t len;
	int comma;
};

static struct mark
mark(const struct anthropic_request *x)
{
	return (struct mark){x->w.b->len, x->w.comma};
}

static void
go_back(struct anthropic_request *x, struct mark m)
{
	x->w.b->len = m.len;
	x->w.b->p[m.len] = '\0';
	x->w.comma = m.comma;
}

static int
list_of(const struct anthropic_request *x)
{
	return json_get(x->c.j, 0, "messages");
}

static int
next(const struct anthropic_request *x, int message)
{
	return json_next(x->c.j, list_of(x), message);
}

static int
is_break(const struct anthropic_request *x, int message)
{
	return message < 0 || canon_role(&x->c, message) == CANON_ASSISTANT;
}

/* Does the user's side speak between here and the next answer? */
static int
has_user(const struct anthropic_request *x, int message)
{
	for (; !is_break(x, message); message = next(x, message))
		if (canon_role(&x->c, message) != CANON_SYSTEM)
			return 1;
	return 0;
}

static void
lose_members(struct anthropic_request *x, int message)
{
	static const char *const carried[] = {"role", "content", "tool_call_id", "is_error", "tool_calls",
	    "function_call", "reasoning", "reasoning_details", "reasoning_content", "refusal", "images", "audio",
	    "annotations", NULL};
	enum canon_role role = canon_role(&x->c, message);

	if (role == CANON_TOOL || role == CANON_FUNCTION) { /* the call's id says the same as its name */
		static const char *const result[] = {"role", "content", "tool_call_id", "is_error", "name", NULL};
		canon_lose_members(&x->c, message, "", result);
	} else {
		canon_lose_members(&x->c, message, "", carried);
	}
}

/* System text: of the messages before all others, and of those later ones that no turn can take. */
static void
top_blocks(struct anthropic_request *x)
{
	int m = json_child(x->c.j, list_of(x)), leading = 1, group = 1, here = 1;

	for (; m >= 0; m = next(x, m)) {
		enum canon_role role = canon_role(&x->c, m);
		leading &= role == CANON_SYSTEM;
		if (group && !leading)
			here = !x->model.mid_system || !has_user(x, m);
		group = leading || role == CANON_ASSISTANT;
		if (role == CANON_SYSTEM && (leading || here))
			anthropic_content(x, json_get(x->c.j, m, "content"), 0);
	}
}

/* A list of blocks begins. */
static struct mark
open_blocks(struct anthropic_request *x, const char *key)
{
	jsonw_key(&x->w, key);
	struct mark at = mark(x);
	jsonw_array(&x->w);
	x->n_blocks = 0;
	x->plain = x->string = -1;
	return at;
}

/* One text without more is said as a string. */
static void
close_blocks(struct anthropic_request *x, struct mark at, int text)
{
	size_t n;
	const char *raw = json_raw(x->c.j, text, &n);

	jsonw_end_array(&x->w);
	if (x->n_blocks != 1 || text < 0)
		return;
	go_back(x, at);
	jsonw_raw(&x->w, raw, n);
}

static void
system_text(struct anthropic_request *x)
{
	struct mark before = mark(x), at = open_blocks(x, "system");

	top_blocks(x);
	close_blocks(x, at, x->plain);
	if (!x->n_blocks)
		go_back(x, before);
}

/* Anthropic's ids have letters, digits, _ and -; others' may have more. */
static void
key_id(struct anthropic_request *x, const char *key, int node)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n;
	const char *s = json_view(x->c.j, node, &x->c.scratch, &n);

	jsonw_key(&x->w, key);
	buf_addc(x->w.b, '"');
	for (size_t i = 0; i < n; i++)
		buf_addc(x->w.b, s[i] && strchr(allowed, s[i]) ? s[i] : '_');
	buf_addc(x->w.b, '"');
	x->w.comma = 1;
}

/* The answers to function_call come in its order. */
static void
key_number(struct anthropic_request *x, const char *key, int *n)
{
	jsonw_key(&x->w, key);
	buf_addf(x->w.b, "\"function_%d\"", ++*n);
	x->w.comma = 1;
}

/* A part's cache_control is the block's; the last one counts. */
static int
cache_of(const struct anthropic_request *x, int content)
{
	int found = -1;

	if (json_type(x->c.j, content) == JSON_ARRAY)
		for (int p = json_child(x->c.j, content); p >= 0; p = json_next(x->c.j, content, p)) {
			int cache = canon_member(&x->c, p, "cache_control");
			found = cache >= 0 ? cache : found;
		}
	return found;
}

static void
result_content(struct anthropic_request *x, int content)
{
	if (json_type(x->c.j, content) == JSON_STRING) {
		if (!json_eq(x->c.j, content, ""))
			anthropic_key_raw(x, "content", content);
		return;
	}
	struct mark before = mark(x);
	open_blocks(x, "content");
	anthropic_content(x, content, 1);
	jsonw_end_array(&x->w);
	if (!x->n_blocks)
		go_back(x, before);
}

/* The call that a result is of; some leave it to the order. */
static int
call_of(struct anthropic_request *x, int m)
{
	int id = canon_member(&x->c, m, "tool_call_id"), next_call = x->call;

	if (next_call >= 0)
		x->call = json_next(x->c.j, x->calls, next_call);
	return id >= 0 ? id : json_get(x->c.j, next_call, "id");
}

static void
tool_result(struct anthropic_request *x, int m)
{
	const struct json *j = x->c.j;
	int id = call_of(x, m), content = json_get(j, m, "content"), cache = cache_of(x, content);
	int before = x->n_blocks;

	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "tool_result");
	if (canon_role(&x->c, m) == CANON_FUNCTION)
		key_number(x, "tool_use_id", &x->n_legacy_result);
	else if (json_type(j, id) == JSON_STRING)
		key_id(x, "tool_use_id", id);
	else
		canon_bad(&x->c, "a message of role tool without a tool_call_id");
	result_content(x, content);
	if (json_bool(j, json_get(j, m, "is_error")) == 1) {
		jsonw_key(&x->w, "is_error");
		jsonw_bool(&x->w, 1);
	}
	if (cache >= 0)
		anthropic_key_raw(x, "cache_control", cache);
	jsonw_end_object(&x->w);
	x->n_blocks = before + 1;
}

/* A turn begins; *before is where to go back to if there is nothing in it. Returns where its content is. */
static struct mark
open_turn(struct anthropic_request *x, const char *role, struct mark *before)
{
	*before = mark(x);
	jsonw_object(&x->w);
	anthropic_key_str(x, "role", role);
	return open_blocks(x, "content");
}

static void
close_turn(struct anthropic_request *x, struct mark before, struct mark content)
{
	close_blocks(x, content, x->string);
	jsonw_end_object(&x->w);
	if (!x->n_blocks)
		go_back(x, before);
}

static void
user_turn(struct anthropic_request *x, int first)
{
	struct mark before, content = open_turn(x, "user", &before);

	for (int m = first; !is_break(x, m); m = next(x, m))
		if (canon_role(&x->c, m) == CANON_TOOL || canon_role(&x->c, m) == CANON_FUNCTION)
			tool_result(x, m);
	for (int m = first; !is_break(x, m); m = next(x, m))
		if (canon_role(&x->c, m) == CANON_USER)
			anthropic_content(x, json_get(x->c.j, m, "content"), 0);
	close_turn(x, before, content);
}

static void
system_turn(struct anthropic_request *x, int first)
{
	struct mark before, content = open_turn(x, "system", &before);

	for (int m = first; !is_break(x, m); m = next(x, m))
		if (canon_role(&x->c, m) == CANON_SYSTEM)
			anthropic_content(x, json_get(x->c.j, m, "content"), 0);
	close_turn(x, before, content);
}

static int
is_ours(const struct json *j, int detail)
{
	int format = json_get(j, detail, "format");

	if (json_type(j, format) != JSON_STRING)
		return json_type(j, json_get(j, detail, "signature")) == JSON_STRING;
	return json_eq(j, format, ANTHROPIC_REASONING);
}

/* Is b the next piece of what a began? A stream gives them so, and not everybody puts them together. */
static int
is_more(const struct json *j, int a, int b)
{
	int64_t of_a, of_b;

	return json_int(j, json_get(j, a, "index"), &of_a) == 0 && json_int(j, json_get(j, b, "index"), &of_b) == 0 &&
	    of_a == of_b && is_ours(j, b) && json_eq(j, json_get(j, b, "type"), "reasoning.text");
}

/* Thoughts without a signature are refused. Returns the last piece that was used. */
static int
thought(struct anthropic_request *x, int list, int d)
{
	const struct json *j = x->c.j;
	struct mark before = mark(x);
	int signature = -1, last = d, first = d;
	size_t n;

	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "thinking");
	jsonw_key(&x->w, "thinking");
	buf_addc(x->w.b, '"');
	for (; d >= 0 && (d == first || is_more(j, first, d)); d = json_next(j, list, d)) {
		int text = json_get(j, d, "text"), s = json_get(j, d, "signature");
		const char *raw = json_raw(j, text, &n);
		if (json_type(j, text) == JSON_STRING)
			buf_add(x->w.b, raw + 1, n - 2);
		if (json_type(j, s) == JSON_STRING && !json_eq(j, s, ""))
			signature = s;
		last = d;
	}
	buf_addc(x->w.b, '"');
	x->w.comma = 1;
	if (signature >= 0)
		anthropic_key_raw(x, "signature", signature);
	jsonw_end_object(&x->w);
	if (signature < 0)
		go_back(x, before);
	else
		x->n_blocks++;
	return last;
}

static void
redacted(struct anthropic_request *x, int d)
{
	int data = json_get(x->c.j, d, "data");

	if (json_type(x->c.j, data) != JSON_STRING)
		return;
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "redacted_thinking");
	anthropic_key_raw(x, "data", data);
	jsonw_end_object(&x->w);
	x->n_blocks++;
}

static void
thoughts(struct anthropic_request *x, int m)
{
	const struct json *j = x->c.j;
	int list = json_get(j, m, "reasoning_details");

	if (json_type(j, list) != JSON_ARRAY)
		return;
	for (int d = json_child(j, list); d >= 0; d = json_next(j, list, d)) {
		int type = json_get(j, d, "type");
		if (!is_ours(j, d))
			continue;
		if (json_eq(j, type, "reasoning.text"))
			d = thought(x, list, d);
		else if (json_eq(j, type, "reasoning.encrypted"))
			redacted(x, d);
	}
}

/* call: the object that holds an id; f: its function. */
static void
tool_use(struct anthropic_request *x, int call, int f)
{
	const struct json *j = x->c.j;
	int id = json_get(j, call, "id"), name = json_get(j, f, "name"), bad;

	if (json_type(j, name) != JSON_STRING || (call >= 0 && json_type(j, id) != JSON_STRING)) {
		canon_bad(&x->c, "a tool call without an id or a name");
		return;
	}
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "tool_use");
	if (call >= 0)
		key_id(x, "id", id);
	else
		key_number(x, "id", &x->n_legacy_call);
	anthropic_key_raw(x, "name", name);
	jsonw_key(&x->w, "input");
	canon_write_args(&x->c, &x->w, json_get(j, f, "arguments"), &bad);
	if (bad)
		anthropic_refuse(x, "tool_calls", "arguments of tool calls that are no JSON object");
	if (call >= 0)
		anthropic_same(x, call, "cache_control");
	jsonw_end_object(&x->w);
	x->n_blocks++;
}

static void
tool_uses(struct anthropic_request *x, int m)
{
	const struct json *j = x->c.j;
	int calls = json_get(j, m, "tool_calls"), legacy = json_get(j, m, "function_call");

	if (json_type(j, calls) == JSON_ARRAY)
		for (int t = json_child(j, calls); t >= 0; t = json_next(j, calls, t))
			tool_use(x, t, json_get(j, t, "function"));
	if (json_type(j, legacy) == JSON_OBJECT)
		tool_use(x, -1, legacy);
}

static void
answer(struct anthropic_request *x, int m)
{
	int refusal = json_get(x->c.j, m, "refusal");

	x->calls = json_get(x->c.j, m, "tool_calls");
	x->call = json_type(x->c.j, x->calls) == JSON_ARRAY ? json_child(x->c.j, x->calls) : -1;
	thoughts(x, m);
	anthropic_content(x, json_get(x->c.j, m, "content"), 0);
	if (json_type(x->c.j, refusal) == JSON_STRING)
		anthropic_text(x, refusal, -1);
	tool_uses(x, m);
	if (json_count(x->c.j, json_get(x->c.j, m, "images")))
		anthropic_refuse(x, "images", "images in answers");
	if (canon_member(&x->c, m, "audio") >= 0)
		anthropic_refuse(x, "audio", "audio in answers");
}

/* Returns the message behind the turn. Answers with nothing but system text between them are one. */
static int
assistant_turn(struct anthropic_request *x, int m)
{
	struct mark before, content = open_turn(x, "assistant", &before);
	int behind = m;

	while (m >= 0 && is_break(x, behind)) {
		for (m = behind; m >= 0 && is_break(x, m); m = next(x, m))
			answer(x, m);
		for (behind = m; behind >= 0 && canon_role(&x->c, behind) == CANON_SYSTEM;)
			behind = next(x, behind);
	}
	close_turn(x, before, content);
	return m;
}

static int
check(struct anthropic_request *x)
{
	int list = list_of(x), i = 0;

	if (json_type(x->c.j, list) != JSON_ARRAY)
		return canon_bad(&x->c, "messages: a list is wanted");
	for (int m = json_child(x->c.j, list); m >= 0; m = next(x, m), i++) {
		if (json_type(x->c.j, m) != JSON_OBJECT)
			return canon_bad(&x->c, "messages[%d]: an object is wanted", i);
		if (canon_role(&x->c, m) == CANON_UNKNOWN)
			return canon_bad(&x->c, "messages[%d].role: not one we know", i);
		lose_members(x, m);
	}
	return 0;
}

void
anthropic_messages(struct anthropic_request *x)
{
	if (check(x))
		return;
	int m = json_child(x->c.j, list_of(x));
	system_text(x);
	jsonw_key(&x->w, "messages");
	jsonw_array(&x->w);
	while (m >= 0 && canon_role(&x->c, m) == CANON_SYSTEM)
		m = next(x, m);
	while (m >= 0) {
		if (canon_role(&x->c, m) == CANON_ASSISTANT) {
			m = assistant_turn(x, m);
			continue;
		}
		user_turn(x, m);
		if (x->model.mid_system && has_user(x, m))
			system_turn(x, m);
		while (!is_break(x, m))
			m = next(x, m);
	}
	jsonw_end_array(&x->w);
}
