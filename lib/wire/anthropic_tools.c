/* SPDX-License-Identifier: ISC */
/* Tools that a model may call, and which of them it has to. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "wire/anthropic_request.h"

/* A schema without a type would be refused. */
static void
input_schema(struct anthropic_request *x, int schema)
{
	const struct json *j = x->c.j;

	if (schema >= 0 && json_type(j, schema) != JSON_OBJECT)
		canon_bad(&x->c, "tools: parameters that are no object");
	jsonw_key(&x->w, "input_schema");
	if (json_type(x->c.j, json_get(j, schema, "type")) == JSON_STRING) {
		size_t n;
		const char *raw = json_raw(j, schema, &n);
		jsonw_raw(&x->w, raw, n);
		return;
	}
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", "object");
	int properties = json_get(j, schema, "properties");
	if (properties < 0) {
		jsonw_key(&x->w, "properties");
		jsonw_raw(&x->w, "{}", 2);
	}
	for (int k = json_type(j, schema) == JSON_OBJECT ? json_child(j, schema) : -1; k >= 0;
	     k = json_next(j, schema, json_value(j, k))) {
		char *key = canon_dup(&x->c, k);
		if (strcmp(key, "type") != 0)
			anthropic_key_raw(x, key, json_value(j, k));
		free(key);
	}
	jsonw_end_object(&x->w);
}

/* f: name, description, parameters; t: what else there is about it, -1: nothing. */
static void
definition(struct anthropic_request *x, int f, int t, int i)
{
	static const char *const carried[] = {"name", "description", "parameters", "strict", NULL};
	int name = json_get(x->c.j, f, "name");

	if (json_type(x->c.j, name) != JSON_STRING) {
		canon_bad(&x->c, "tools[%d]: no function with a name", i);
		return;
	}
	jsonw_object(&x->w);
	anthropic_key_raw(x, "name", name);
	anthropic_same(x, f, "description");
	input_schema(x, canon_member(&x->c, f, "parameters"));
	if (json_bool(x->c.j, json_get(x->c.j, f, "strict")) == 1) {
		jsonw_key(&x->w, "strict");
		jsonw_bool(&x->w, 1);
	}
	anthropic_same(x, t, "cache_control");
	jsonw_end_object(&x->w);
	canon_lose_members(&x->c, f, "tools.function.", carried);
}

static void
tool(struct anthropic_request *x, int t, int i)
{
	static const char *const carried[] = {"type", "function", "cache_control", NULL};
	int type = canon_member(&x->c, t, "type");

	if (type >= 0 && !json_eq(x->c.j, type, "function")) {
		anthropic_refuse(x, "tools", "tools that are no functions");
		return;
	}
	definition(x, json_get(x->c.j, t, "function"), t, i);
	canon_lose_members(&x->c, t, "tools.", carried);
}

static int
n_items(const struct anthropic_request *x, const char *field)
{
	int list = canon_get(&x->c, field);

	return json_type(x->c.j, list) == JSON_ARRAY ? json_count(x->c.j, list) : 0;
}

static int
has_tools(const struct anthropic_request *x)
{
	return n_items(x, "tools") || n_items(x, "functions");
}

/* Those of `tools`, and of `functions`, which is OpenAI's older word. */
static void
definitions(struct anthropic_request *x)
{
	int list = canon_get(&x->c, "tools"), old = canon_get(&x->c, "functions"), i = 0;

	if (!has_tools(x))
		return;
	jsonw_key(&x->w, "tools");
	jsonw_array(&x->w);
	for (int t = json_child(x->c.j, list); t >= 0 && n_items(x, "tools"); t = json_next(x->c.j, list, t))
		tool(x, t, i++);
	for (int f = json_child(x->c.j, old); f >= 0 && n_items(x, "functions"); f = json_next(x->c.j, old, f))
		definition(x, f, -1, i++);
	jsonw_end_array(&x->w);
}

static int
choice_node(const struct anthropic_request *x)
{
	int node = canon_get(&x->c, "tool_choice");

	return node >= 0 ? node : canon_get(&x->c, "function_call");
}

/* The name of the one tool that has to be called, or -1. */
static int
named_tool(const struct anthropic_request *x)
{
	int node = choice_node(x), name = json_path(x->c.j, node, "function.name");

	return name >= 0 ? name : json_get(x->c.j, node, "name");
}

int
anthropic_is_forced(const struct anthropic_request *x)
{
	int node = choice_node(x),
	    any = json_eq(x->c.j, node, "required") || json_eq(x->c.j, node, "any"); /* Mistral's */

	return has_tools(x) && (any || named_tool(x) >= 0);
}

static void
choice(struct anthropic_request *x)
{
	int node = choice_node(x), one = json_bool(x->c.j, canon_get(&x->c, "parallel_tool_calls")) == 0;
	int forced = anthropic_is_forced(x), none = json_eq(x->c.j, node, "none"),
	    usual = json_eq(x->c.j, node, "auto");

	if (!has_tools(x)) { /* nothing to choose from */
		if (one)
			canon_lose(&x->c, "parallel_tool_calls");
		return;
	}
	if (node >= 0 && !usual && !none && (!forced || !x->model.forced))
		canon_lose(&x->c, "tool_choice");
	if (node < 0 && !one)
		return;
	forced &= x->model.forced;
	jsonw_key(&x->w, "tool_choice");
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", none ? "none" : !forced ? "auto" : named_tool(x) >= 0 ? "tool" : "any");
	if (forced && named_tool(x) >= 0)
		anthropic_key_raw(x, "name", named_tool(x));
	if (one && !none) {
		jsonw_key(&x->w, "disable_parallel_tool_use");
		jsonw_bool(&x->w, 1);
	}
	jsonw_end_object(&x->w);
}

void
anthropic_tools(struct anthropic_request *x)
{
	definitions(x);
	choice(x);
}
