/* SPDX-License-Identifier: ISC */
#include "wire/modern.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "jsoncopy.h"
#include "jsonw.h"

struct modern {
	const struct json *j;
	struct jsonedit edits;
	int n_call; /* calls of old messages so far: they had no ids */
};

static int
is_there(const struct json *j, int node)
{
	return node >= 0 && json_type(j, node) != JSON_NULL;
}

/* {"type":"function","function":node} */
static void
write_function(struct jsonw *w, const struct json *j, int node, const char *id)
{
	jsonw_object(w);
	if (id) {
		jsonw_key(w, "id");
		jsonw_str(w, id);
	}
	jsonw_key(w, "type");
	jsonw_str(w, "function");
	jsonw_key(w, "function");
	jsoncopy(w, j, node);
	jsonw_end_object(w);
}

static void
set(struct jsonedit *edits, const char *path, const struct buf *b)
{
	jsonedit_set(edits, path, b->p, b->len);
}

static void
functions(struct modern *m)
{
	int list = json_get(m->j, 0, "functions"), choice = json_get(m->j, 0, "function_call");
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonedit_unset(&m->edits, "functions");
	jsonedit_unset(&m->edits, "function_call");
	jsonw_init(&w, &b);
	jsonw_array(&w);
	for (int f = json_child(m->j, list); f >= 0 && json_type(m->j, list) == JSON_ARRAY;
	     f = json_next(m->j, list, f))
		write_function(&w, m->j, f, NULL);
	jsonw_end_array(&w);
	if (json_count(m->j, list) && json_get(m->j, 0, "tools") < 0)
		set(&m->edits, "tools", &b);
	buf_clear(&b);
	jsonw_init(&w, &b);
	if (json_type(m->j, choice) == JSON_OBJECT)
		write_function(&w, m->j, choice, NULL);
	else if (is_there(m->j, choice))
		jsoncopy(&w, m->j, choice);
	if (b.len && json_get(m->j, 0, "tool_choice") < 0)
		set(&m->edits, "tool_choice", &b);
	buf_release(&b);
}

/* Mistral says "any" for "required"; some clients leave the type out. */
static int
tool_choice(struct modern *m)
{
	int choice = json_get(m->j, 0, "tool_choice"), function = json_get(m->j, choice, "function");
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	if (json_eq(m->j, choice, "any"))
		jsonw_str(&w, "required");
	else if (function >= 0 && json_get(m->j, choice, "type") < 0)
		write_function(&w, m->j, function, NULL);
	if (b.len)
		set(&m->edits, "tool_choice", &b);
	int changed = b.len > 0;
	buf_release(&b);
	return changed;
}

/* The words of details that are text or a summary of it. */
static void
details_text(const struct json *j, int details, struct buf *out)
{
	if (json_type(j, details) != JSON_ARRAY)
		return;
	for (int d = json_child(j, details); d >= 0; d = json_next(j, details, d)) {
		int text = json_get(j, d, "text");
		json_str(j, json_type(j, text) == JSON_STRING ? text : json_get(j, d, "summary"), out);
	}
}

static void
reasoning(const struct json *j, int message, struct jsonedit *edits)
{
	int content = json_get(j, message, "reasoning_content");
	struct buf text = BUF_INIT, quoted = BUF_INIT;

	if (is_there(j, content))
		jsonedit_unset(edits, "reasoning_content");
	if (!is_there(j, json_get(j, message, "reasoning"))) {
		if (json_str(j, content, &text))
			details_text(j, json_get(j, message, "reasoning_details"), &text);
		jsonw_quote(&quoted, buf_str(&text), text.len);
		if (text.len)
			set(edits, "reasoning", &quoted);
	}
	buf_release(&text);
	buf_release(&quoted);
}

static const char *
name_call(struct buf *id, int n)
{
	buf_clear(id);
	buf_addf(id, "call_%d", n);
	return buf_str(id);
}

/* A call gets an id, and the result that follows it has the same. */
static void
calls(struct modern *m, int message, struct jsonedit *edits)
{
	int call = json_get(m->j, message, "function_call");
	struct buf b = BUF_INIT, id = BUF_INIT;
	struct jsonw w;

	if (json_eq(m->j, json_get(m->j, message, "role"), "function")) {
		jsonedit_set_str(edits, "role", "tool");
		jsonedit_set_str(edits, "tool_call_id", name_call(&id, m->n_call));
	}
	if (is_there(m->j, call)) {
		jsonedit_unset(edits, "function_call");
		jsonw_init(&w, &b);
		jsonw_array(&w);
		write_function(&w, m->j, call, name_call(&id, ++m->n_call));
		jsonw_end_array(&w);
		set(edits, "tool_calls", &b);
	}
	buf_release(&b);
	buf_release(&id);
}

/* Appends the message, changed where it has to be. Returns whether it was. */
static int
message(struct modern *m, int node, struct buf *out)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json sub = JSON_INIT;
	struct err ignored;
	size_t n;
	const char *raw = json_raw(m->j, node, &n);

	if (json_type(m->j, node) == JSON_OBJECT) {
		reasoning(m->j, node, &edits);
		calls(m, node, &edits);
	}
	int changed =
	    edits.child && json_parse(&sub, raw, n, &ignored) == 0 && jsonedit_write(&edits, &sub, out, &ignored) == 0;
	if (!changed)
		buf_add(out, raw, n);
	jsonedit_release(&edits);
	json_release(&sub);
	return changed;
}

static int
messages(struct modern *m)
{
	int list = json_get(m->j, 0, "messages"), changed = 0;
	struct buf all = BUF_INIT;

	buf_addc(&all, '[');
	for (int i = json_child(m->j, list); i >= 0 && json_type(m->j, list) == JSON_ARRAY;
	     i = json_next(m->j, list, i)) {
		if (all.len > 1)
			buf_addc(&all, ',');
		changed |= message(m, i, &all);
	}
	buf_addc(&all, ']');
	if (changed)
		set(&m->edits, "messages", &all);
	buf_release(&all);
	return changed;
}

/* Is there anything old in its messages? Most requests have nothing, and may hold megabytes. */
static int
is_old(const struct json *j)
{
	static const char *const words[] = {"function_call", "reasoning_content", "reasoning_details"};
	int list = json_get(j, 0, "messages");

	for (int m = json_child(j, list); m >= 0 && json_type(j, list) == JSON_ARRAY; m = json_next(j, list, m)) {
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (is_there(j, json_get(j, m, words[i])))
				return 1;
		if (json_eq(j, json_get(j, m, "role"), "function"))
			return 1;
	}
	return 0;
}

int
modern_request(const struct json *j, struct buf *out)
{
	struct modern m = {.j = j, .edits = JSONEDIT_INIT};
	struct err ignored;
	int changed = 0;

	if (json_type(j, 0) != JSON_OBJECT)
		return 0;
	changed = tool_choice(&m);
	if (is_there(j, json_get(j, 0, "functions")) || is_there(j, json_get(j, 0, "function_call"))) {
		functions(&m);
		changed = 1;
	}
	if (is_old(j))
		changed |= messages(&m);
	if (changed)
		changed = jsonedit_write(&m.edits, j, out, &ignored) == 0;
	jsonedit_release(&m.edits);
	return changed;
}
