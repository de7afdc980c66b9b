/* SPDX-License-Identifier: ISC */
/* The Responses wire's back: parameters, tools and what the answer should look like. The conversation is responses_input.c's. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/canon.h"
#include "wire/responses.h"
#include "wire/wire.h"

/* Every field that encode() reads; the others are lost. */
static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "logprobs",
    "top_logprobs", "user", "metadata", "service_tier", "prompt_cache_key", "prompt_cache_retention",
    "prompt_cache_options", "safety_identifier", "store", "max_tool_calls", "parallel_tool_calls", "tools",
    "tool_choice", "functions", "function_call", "response_format", "verbosity", "reasoning", "reasoning_effort", NULL};
/* Of them, what is called the same and means the same. */
static const char *const same[] = {"temperature", "top_p", "top_logprobs", "user", "metadata", "service_tier",
    "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "safety_identifier", "max_tool_calls",
    "parallel_tool_calls", NULL};

static void
members(struct jsonw *w, const struct json *j, int node)
{
	char *key;

	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		key = json_dup(j, k, NULL);
		jsoncopy_known(w, key, j, json_value(j, k));
		free(key);
	}
}

/* {"type":"grammar","grammar":{...}} in the chat format. */
static void
custom_format(struct jsonw *w, const struct json *j, int format)
{
	int grammar = json_get(j, format, "grammar");

	if (json_type(j, format) != JSON_OBJECT)
		return;
	jsonw_key(w, "format");
	jsonw_object(w);
	jsoncopy_known(w, "type", j, json_get(j, format, "type"));
	members(w, j, grammar);
	jsonw_end_object(w);
}

/* Here functions are strict unless they say otherwise, there the other way round. */
static void
function(struct canon *c, struct jsonw *w, int f)
{
	static const char *const known[] = {"name", "description", "parameters", "strict", NULL};
	static const char none[] = "{\"type\":\"object\",\"properties\":{}}";
	int parameters = canon_member(c, f, "parameters");

	jsoncopy_known(w, "name", c->j, json_get(c->j, f, "name"));
	jsoncopy_known(w, "description", c->j, json_get(c->j, f, "description"));
	jsonw_key(w, "parameters");
	if (parameters < 0)
		jsonw_raw(w, none, sizeof(none) - 1);
	else
		jsoncopy(w, c->j, parameters);
	jsonw_key(w, "strict");
	jsonw_bool(w, json_bool(c->j, json_get(c->j, f, "strict")) == 1);
	canon_lose_members(c, f, "tools.", known);
}

/* A tool that is neither is the provider's own: it knows what to make of it. */
static void
tool(struct canon *c, struct jsonw *w, int t)
{
	int f = canon_member(c, t, "function"), custom = canon_member(c, t, "custom");

	if (f < 0 && custom < 0) {
		if (c->ask->provider)
			jsoncopy(w, c->j, t);
		else
			canon_refuse(c, "tools");
		return;
	}
	jsonw_object(w);
	jsonw_member_if(w, "type", f >= 0 ? "function" : "custom");
	if (f >= 0) {
		function(c, w, f);
	} else {
		jsoncopy_known(w, "name", c->j, json_get(c->j, custom, "name"));
		jsoncopy_known(w, "description", c->j, json_get(c->j, custom, "description"));
		custom_format(w, c->j, json_get(c->j, custom, "format"));
	}
	jsonw_end_object(w);
	if (canon_member(c, t, "cache_control") >= 0)
		canon_lose(c, "cache_control");
}

/* The legacy form: functions without the object around them. */
static void
functions(struct canon *c, struct jsonw *w, int list)
{
	if (json_type(c->j, list) != JSON_ARRAY)
		return;
	for (int f = json_child(c->j, list); f >= 0; f = json_next(c->j, list, f)) {
		jsonw_object(w);
		jsonw_member_if(w, "type", "function");
		function(c, w, f);
		jsonw_end_object(w);
	}
}

static void
tools(struct canon *c, struct jsonw *w)
{
	int list = canon_get(c, "tools"), legacy = canon_get(c, "functions");

	if (json_count(c->j, list) == 0 && json_count(c->j, legacy) == 0)
		return;
	jsonw_key(w, "tools");
	jsonw_array(w);
	if (json_type(c->j, list) == JSON_ARRAY)
		for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t))
			tool(c, w, t);
	functions(c, w, legacy);
	jsonw_end_array(w);
}

/* {"type":"function","function":{"name":...}} is flat here; some leave the type out, and so does the legacy function_call. */
static void
named_tool(struct jsonw *w, const struct json *j, int node)
{
	int custom = json_get(j, node, "custom"), inner = custom >= 0 ? custom : json_get(j, node, "function");

	if (inner < 0 && (json_get(j, node, "type") >= 0 || json_type(j, node) != JSON_OBJECT)) {
		jsoncopy(w, j, node);
		return;
	}
	jsonw_object(w);
	jsonw_member_if(w, "type", custom >= 0 ? "custom" : "function");
	jsoncopy_known(w, "name", j, json_get(j, inner >= 0 ? inner : node, "name"));
	jsonw_end_object(w);
}

static void
tool_choice(struct canon *c, struct jsonw *w)
{
	int choice = canon_get(c, canon_get(c, "tool_choice") >= 0 ? "tool_choice" : "function_call");
	int allowed = canon_member(c, choice, "allowed_tools"), list = json_get(c->j, allowed, "tools");

	if (choice < 0)
		return;
	jsonw_key(w, "tool_choice");
	if (allowed < 0) {
		named_tool(w, c->j, choice);
		return;
	}
	jsonw_object(w);
	jsonw_member_if(w, "type", "allowed_tools");
	jsoncopy_known(w, "mode", c->j, json_get(c->j, allowed, "mode"));
	jsonw_key(w, "tools");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t))
		named_tool(w, c->j, t);
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static int
is_known_format(const struct json *j, int format)
{
	static const char *const types[] = {"text", "json_object", "json_schema"};
	int type = json_get(j, format, "type"), known = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		known |= json_eq(j, type, types[i]);
	return known;
}

static void
text_format(struct canon *c, struct jsonw *w, int format)
{
	jsonw_key(w, "format");
	jsonw_object(w);
	jsoncopy_known(w, "type", c->j, json_get(c->j, format, "type"));
	members(w, c->j, canon_member(c, format, "json_schema"));
	jsonw_end_object(w);
}

static void
text(struct canon *c, struct jsonw *w)
{
	int format = canon_get(c, "response_format"), verbosity = canon_get(c, "verbosity");

	if (format >= 0 && !is_known_format(c->j, format)) {
		canon_lose(c, "response_format");
		format = -1;
	}
	if (format < 0 && verbosity < 0)
		return;
	jsonw_key(w, "text");
	jsonw_object(w);
	if (format >= 0)
		text_format(c, w, format);
	jsoncopy_known(w, "verbosity", c->j, verbosity);
	jsonw_end_object(w);
}

/* A summary is made only where it is asked for: OpenAI refuses it to organisations that aren't verified. */
static void
reasoning(struct canon *c, struct jsonw *w, const struct canon_reasoning *r)
{
	static const char *const known[] = {"effort", "max_tokens", "enabled", "exclude", "summary", NULL};
	int node = canon_get(c, "reasoning"), summary = r->exclude ? -1 : canon_member(c, node, "summary");
	const char *effort = r->effort;

	if (node >= 0)
		canon_lose_members(c, node, "reasoning.", known);
	if (r->wanted < 0 && summary < 0)
		return;
	if (r->wanted == 0)
		effort = "none";
	else if (!*effort && r->max_tokens > 0)
		effort = canon_effort(r->max_tokens, canon_limit(c));
	else if (!*effort && r->wanted == 1)
		effort = "medium";
	jsonw_key(w, "reasoning");
	jsonw_object(w);
	if (*effort)
		jsonw_member_if(w, "effort", effort);
	jsoncopy_known(w, "summary", c->j, summary);
	jsonw_end_object(w);
}

/* OpenAI's models that don't reason refuse to be asked for encrypted reasoning. */
static int
reasons(const struct canon_reasoning *r, const char *model)
{
	static const char *const simple[] = {"gpt-4", "gpt-3", "chatgpt-4"};
	const char *name = strrchr(model, '/');

	if (r->wanted >= 0)
		return r->wanted;
	name = name ? name + 1 : model;
	for (size_t i = 0; i < sizeof(simple) / sizeof(*simple); i++)
		if (strncmp(name, simple[i], strlen(simple[i])) == 0)
			return 0;
	return 1;
}

/* What isn't kept for us has to be given to us. */
static void
include(struct canon *c, struct jsonw *w, int encrypted)
{
	int logprobs = json_bool(c->j, canon_get(c, "logprobs")) == 1;

	if (!encrypted && !logprobs)
		return;
	jsonw_key(w, "include");
	jsonw_array(w);
	if (encrypted)
		jsonw_str(w, "reasoning.encrypted_content");
	if (logprobs)
		jsonw_str(w, "message.output_text.logprobs");
	jsonw_end_array(w);
}

static void
body(struct canon *c, struct jsonw *w, const char *model, int stream)
{
	struct canon_reasoning r;
	int64_t limit = canon_limit(c);

	canon_reasoning(c, &r);
	jsonw_object(w);
	jsonw_member_if(w, "model", *model ? model : NULL);
	responses_input(c, w);
	if (limit >= 0) {
		jsonw_key(w, "max_output_tokens");
		jsonw_int(w, limit);
	}
	for (const char *const *f = same; *f; f++)
		if (strcmp(*f, "service_tier") == 0 && json_eq(c->j, canon_get(c, *f), "fast"))
			jsonw_member(w, *f, "priority"); /* OpenRouter's other word for it */
		else
			jsoncopy_known(w, *f, c->j, canon_get(c, *f));
	tools(c, w);
	tool_choice(c, w);
	text(c, w);
	reasoning(c, w, &r);
	include(c, w, reasons(&r, model));
	jsonw_key(w, "store");
	jsonw_bool(w, json_bool(c->j, canon_get(c, "store")) == 1);
	if (stream) {
		jsonw_key(w, "stream");
		jsonw_bool(w, 1);
	}
	jsonw_end_object(w);
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct canon c;
	struct jsonw w;

	wire_call_clear(out);
	canon_init(&c, ask, "responses", lost, e);
	out->stream = json_bool(c.j, canon_get(&c, "stream")) == 1;
	wire_url(out, ask, "/responses");
	char *model = ask->model ? xstrdup(ask->model) : canon_dup(&c, canon_get(&c, "model"));
	jsonw_init(&w, &out->body);
	body(&c, &w, model ? model : "", out->stream);
	canon_lose_others(&c, carried);
	free(model);
	int failed = c.failed;
	canon_release(&c);
	return failed ? -1 : 0;
}

const struct wire wire_responses = {
    .name = "responses",
    .encode = encode,
    .on_chunk = responses_chunk,
    .on_whole = responses_whole,
    .error = responses_error,
    .is_end = responses_is_end,
    .release = responses_release,
};
