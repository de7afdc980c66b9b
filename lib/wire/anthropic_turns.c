/* SPDX-License-Identifier: ISC */
/* A request's turns to canonical messages: results of tools become messages of their own, thoughts become reasoning. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/front.h"

static void
key_raw(struct anthropic_asked *x, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(x->c.j, node, &n);

	jsonw_key(&x->w, key);
	jsonw_raw(&x->w, raw, n);
}

/* Takes back what was written since. */
static void
go_back(struct anthropic_asked *x, size_t len, int comma)
{
	x->w.b->len = len;
	x->w.b->p[len] = '\0';
	x->w.comma = comma;
}

static void
open_message(struct anthropic_asked *x, const char *role)
{
	jsonw_object(&x->w);
	jsonw_key(&x->w, "role");
	jsonw_str(&x->w, role);
}

/* "messages[2].content[1]" */
static const char *
place(struct buf *b, const char *where, int i)
{
	buf_clear(b);
	buf_addf(b, "%s.content[%d]", where, i);
	return buf_str(b);
}

static int
is(const struct json *j, int block, const char *type)
{
	return json_eq(j, json_get(j, block, "type"), type);
}

static void
unknown(struct anthropic_asked *x, int block, const char *where)
{
	struct buf name = BUF_INIT, what = BUF_INIT;

	if (json_str(x->c.j, json_get(x->c.j, block, "type"), &name)) {
		canon_bad(&x->c, "%s.type: a string is wanted", where);
	} else {
		buf_addf(&what, "%s: content of type %s", where, buf_str(&name));
		anthropic_unknown(x, buf_str(&name), buf_str(&what));
	}
	buf_release(&name);
	buf_release(&what);
}

/* The list of parts that the blocks of one message make. */
static void
parts(struct anthropic_asked *x, int list, const char *where, int (*skip)(const struct json *j, int block))
{
	const struct json *j = x->c.j;
	struct buf b = BUF_INIT;
	int i = 0;

	jsonw_array(&x->w);
	for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p), i++) {
		if (skip && skip(j, p))
			continue;
		if (anthropic_is_part(j, p))
			anthropic_part(x, p, -1, place(&b, where, i));
		else
			unknown(x, p, place(&b, where, i));
	}
	jsonw_end_array(&x->w);
	buf_release(&b);
}

static void
key_content(struct anthropic_asked *x, int content, const char *where, int (*skip)(const struct json *j, int block))
{
	switch (json_type(x->c.j, content)) {
	case JSON_STRING:
		key_raw(x, "content", content);
		break;
	case JSON_ARRAY:
		jsonw_key(&x->w, "content");
		parts(x, content, where, skip);
		break;
	default:
		canon_bad(&x->c, "%s.content: text or a list of blocks is wanted", where);
	}
}

static void
plain_message(struct anthropic_asked *x, const char *role, int content, const char *where)
{
	open_message(x, role);
	key_content(x, content, where, NULL);
	jsonw_end_object(&x->w);
}

/* A result's cache_control goes to its last part. */
static void
cached_result(struct anthropic_asked *x, int content, int cache, const char *where)
{
	const struct json *j = x->c.j;
	struct buf b = BUF_INIT;
	int i = 0;

	jsonw_key(&x->w, "content");
	jsonw_array(&x->w);
	if (json_type(j, content) == JSON_STRING) {
		jsonw_object(&x->w);
		jsonw_key(&x->w, "type");
		jsonw_str(&x->w, "text");
		key_raw(x, "text", content);
		key_raw(x, "cache_control", cache);
		jsonw_end_object(&x->w);
	}
	for (int p = json_child(j, content); p >= 0 && json_type(j, content) == JSON_ARRAY; i++) {
		int next = json_next(j, content, p);
		if (anthropic_is_part(j, p))
			anthropic_part(x, p, next < 0 ? cache : -1, place(&b, where, i));
		else
			unknown(x, p, place(&b, where, i));
		p = next;
	}
	jsonw_end_array(&x->w);
	buf_release(&b);
}

static void
tool_message(struct anthropic_asked *x, int block, const char *where)
{
	static const char *const carried[] = {"type", "tool_use_id", "content", "is_error", "cache_control", NULL};
	const struct json *j = x->c.j;
	int id = json_get(j, block, "tool_use_id"), content = canon_member(&x->c, block, "content");
	int cache = canon_member(&x->c, block, "cache_control");

	if (json_type(j, id) != JSON_STRING) {
		canon_bad(&x->c, "%s.tool_use_id: a string is wanted", where);
		return;
	}
	open_message(x, "tool");
	key_raw(x, "tool_call_id", id);
	if (content < 0) {
		jsonw_key(&x->w, "content");
		jsonw_str(&x->w, "");
	} else if (cache >= 0) {
		cached_result(x, content, cache, where);
	} else {
		key_content(x, content, where, NULL);
	}
	if (json_bool(j, json_get(j, block, "is_error")) == 1) {
		jsonw_key(&x->w, "is_error");
		jsonw_bool(&x->w, 1);
	}
	jsonw_end_object(&x->w);
	canon_lose_members(&x->c, block, "tool_result.", carried);
}

static int
is_result(const struct json *j, int block)
{
	return is(j, block, "tool_result");
}

static void
user_turn(struct anthropic_asked *x, int content, const char *where)
{
	const struct json *j = x->c.j;
	struct buf b = BUF_INIT;
	int i = 0, others = 0;

	if (json_type(j, content) != JSON_ARRAY) {
		plain_message(x, "user", content, where);
		return;
	}
	for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p), i++) {
		if (is_result(j, p))
			tool_message(x, p, place(&b, where, i));
		else
			others = 1;
	}
	buf_release(&b);
	if (!others)
		return;
	open_message(x, "user");
	key_content(x, content, where, is_result);
	jsonw_end_object(&x->w);
}

static int
is_thought(const struct json *j, int block)
{
	return is(j, block, "thinking") || is(j, block, "redacted_thinking");
}

static int
is_no_text(const struct json *j, int block)
{
	return is_thought(j, block) || is(j, block, "tool_use");
}

/* Of a list of blocks. */
static int
count(const struct json *j, int list, int (*wanted)(const struct json *j, int block))
{
	int n = 0;

	for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p))
		n += wanted(j, p) != 0;
	return n;
}

/* One text without more is said as a string, as OpenAI's clients would. */
static void
answer_content(struct anthropic_asked *x, int list, const char *where)
{
	const struct json *j = x->c.j;
	int n = json_count(j, list) - count(j, list, is_no_text), only = json_child(j, list);

	while (only >= 0 && is_no_text(j, only))
		only = json_next(j, list, only);
	if (n == 0) {
		jsonw_key(&x->w, "content");
		jsonw_null(&x->w);
	} else if (n == 1 && is(j, only, "text") && canon_member(&x->c, only, "cache_control") < 0 &&
	    json_type(j, json_get(j, only, "text")) == JSON_STRING) {
		key_raw(x, "content", json_get(j, only, "text"));
	} else {
		key_content(x, list, where, is_no_text);
	}
}

static void
reasoning_text(struct anthropic_asked *x, int list)
{
	const struct json *j = x->c.j;
	int before = x->w.comma;
	size_t len = x->w.b->len, empty, n;

	jsonw_key(&x->w, "reasoning");
	buf_addc(x->w.b, '"');
	empty = x->w.b->len;
	for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p)) {
		const char *raw = json_raw(j, json_get(j, p, "thinking"), &n);
		if (is(j, p, "thinking") && raw && *raw == '"')
			buf_add(x->w.b, raw + 1, n - 2);
	}
	if (x->w.b->len == empty) {
		go_back(x, len, before);
		return;
	}
	buf_addc(x->w.b, '"');
	x->w.comma = 1;
}

/* An empty signature is what a model has that doesn't sign: there is nothing to play back. */
static void
detail(struct anthropic_asked *x, int block, int index)
{
	const struct json *j = x->c.j;
	int text = json_get(j, block, "thinking"), signature = json_get(j, block, "signature");
	int data = json_get(j, block, "data"), redacted = is(j, block, "redacted_thinking");

	if (json_type(j, redacted ? data : signature) != JSON_STRING || json_eq(j, redacted ? data : signature, ""))
		return;
	if (redacted && anthropic_unwrap(j, data, &x->c.scratch)) {
		jsonw_raw(&x->w, x->c.scratch.p, x->c.scratch.len);
		return;
	}
	jsonw_object(&x->w);
	jsonw_key(&x->w, "type");
	jsonw_str(&x->w, redacted ? "reasoning.encrypted" : "reasoning.text");
	if (redacted) {
		key_raw(x, "data", data);
	} else {
		if (json_type(j, text) == JSON_STRING)
			key_raw(x, "text", text);
		key_raw(x, "signature", signature);
	}
	jsonw_key(&x->w, "format");
	jsonw_str(&x->w, ANTHROPIC_REASONING);
	jsonw_key(&x->w, "index");
	jsonw_int(&x->w, index);
	jsonw_end_object(&x->w);
}

static void
reasoning(struct anthropic_asked *x, int list)
{
	const struct json *j = x->c.j;
	int before = x->w.comma, index = 0;
	size_t len = x->w.b->len, empty;

	jsonw_key(&x->w, "reasoning_details");
	jsonw_array(&x->w);
	empty = x->w.b->len;
	for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p))
		if (is_thought(j, p))
			detail(x, p, index++);
	jsonw_end_array(&x->w);
	if (x->w.b->len == empty + 1)
		go_back(x, len, before);
}

static void
call(struct anthropic_asked *x, int block, const char *where)
{
	static const char *const carried[] = {"type", "id", "name", "input", "caller", "cache_control", NULL};
	const struct json *j = x->c.j;
	int id = json_get(j, block, "id"), name = json_get(j, block, "name"), input = json_get(j, block, "input");
	int cache = canon_member(&x->c, block, "cache_control");
	size_t n;
	const char *raw = json_raw(j, input, &n);

	if (json_type(j, id) != JSON_STRING || json_type(j, name) != JSON_STRING ||
	    json_type(j, input) != JSON_OBJECT) {
		canon_bad(&x->c, "%s: a tool_use has an id, a name and an object called input", where);
		return;
	}
	jsonw_object(&x->w);
	key_raw(x, "id", id);
	jsonw_key(&x->w, "type");
	jsonw_str(&x->w, "function");
	jsonw_key(&x->w, "function");
	jsonw_object(&x->w);
	key_raw(x, "name", name);
	jsonw_key(&x->w, "arguments");
	jsonw_strn(&x->w, raw, n);
	jsonw_end_object(&x->w);
	if (cache >= 0)
		key_raw(x, "cache_control", cache);
	jsonw_end_object(&x->w);
	canon_lose_members(&x->c, block, "tool_use.", carried);
}

static void
calls(struct anthropic_asked *x, int list, const char *where)
{
	const struct json *j = x->c.j;
	struct buf b = BUF_INIT;
	int i = 0, any = 0;

	for (int p = json_child(j, list); p >= 0; p = json_next(j, list, p), i++) {
		if (!is(j, p, "tool_use"))
			continue;
		if (!any++) {
			jsonw_key(&x->w, "tool_calls");
			jsonw_array(&x->w);
		}
		call(x, p, place(&b, where, i));
	}
	if (any)
		jsonw_end_array(&x->w);
	buf_release(&b);
}

static void
assistant_turn(struct anthropic_asked *x, int content, const char *where)
{
	if (json_type(x->c.j, content) != JSON_ARRAY) {
		plain_message(x, "assistant", content, where);
		return;
	}
	open_message(x, "assistant");
	answer_content(x, content, where);
	reasoning_text(x, content);
	reasoning(x, content);
	calls(x, content, where);
	jsonw_end_object(&x->w);
}

static void
turn(struct anthropic_asked *x, int m, const char *where)
{
	static const char *const carried[] = {"role", "content", NULL};
	const struct json *j = x->c.j;
	int role = json_get(j, m, "role"), content = json_get(j, m, "content");

	if (json_eq(j, role, "user"))
		user_turn(x, content, where);
	else if (json_eq(j, role, "assistant"))
		assistant_turn(x, content, where);
	else if (json_eq(j, role, "system"))
		plain_message(x, "system", content, where);
	else
		canon_bad(&x->c, "%s.role: not one we know", where);
	canon_lose_members(&x->c, m, "", carried);
}

static void
system_message(struct anthropic_asked *x)
{
	int node = canon_get(&x->c, "system");

	if (node >= 0 && !json_eq(x->c.j, node, "") &&
	    (json_type(x->c.j, node) != JSON_ARRAY || json_count(x->c.j, node)))
		plain_message(x, "system", node, "system");
}

void
anthropic_turns(struct anthropic_asked *x)
{
	const struct json *j = x->c.j;
	int list = canon_get(&x->c, "messages"), i = 0;
	struct buf where = BUF_INIT;

	if (json_type(j, list) != JSON_ARRAY) {
		canon_bad(&x->c, "messages: a list is wanted");
		return;
	}
	jsonw_key(&x->w, "messages");
	jsonw_array(&x->w);
	system_message(x);
	for (int m = json_child(j, list); m >= 0 && !x->c.failed; m = json_next(j, list, m)) {
		buf_clear(&where);
		buf_addf(&where, "messages[%d]", i++);
		turn(x, m, buf_str(&where));
	}
	jsonw_end_array(&x->w);
	buf_release(&where);
}
