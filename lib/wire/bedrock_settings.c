/* SPDX-License-Identifier: ISC */
/* What stands beside the messages of a request to Converse: limits and sampling, tools, a schema, and what only some models take. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "wire/bedrock.h"
#include "wire/bedrock_out.h"
#include "wire/closed.h"

static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "tools",
    "tool_choice", "functions", "function_call", "parallel_tool_calls", "response_format", "reasoning",
    "reasoning_effort", "top_k", "metadata", "service_tier", "cache_control", NULL};

static int
is_number(const struct canon *c, int node)
{
	return json_type(c->j, node) == JSON_NUMBER;
}

static void
stop_sequences(struct canon *c, struct jsonw *w, int stop)
{
	if (json_type(c->j, stop) == JSON_ARRAY) {
		if (json_count(c->j, stop))
			jsoncopy_member(w, "stopSequences", c->j, stop);
	} else if (json_type(c->j, stop) == JSON_STRING) {
		size_t n;
		const char *raw = json_raw(c->j, stop, &n);
		jsonw_key(w, "stopSequences");
		jsonw_array(w);
		jsonw_raw(w, raw, n);
		jsonw_end_array(w);
	}
}

static void
inference(const struct bedrock_plan *p, struct canon *c, struct jsonw *w)
{
	int limit = canon_get(c, "max_completion_tokens"), stop = canon_get(c, "stop");
	int stops = json_type(c->j, stop) == JSON_STRING || json_count(c->j, stop);

	if (limit < 0)
		limit = canon_get(c, "max_tokens");
	if (!is_number(c, limit) && p->temperature < 0 && p->top_p < 0 && !stops)
		return;
	jsonw_key(w, "inferenceConfig");
	jsonw_object(w);
	if (is_number(c, limit))
		jsoncopy_member(w, "maxTokens", c->j, limit);
	if (p->temperature >= 0)
		jsoncopy_member(w, "temperature", c->j, p->temperature);
	if (p->top_p >= 0)
		jsoncopy_member(w, "topP", c->j, p->top_p);
	stop_sequences(c, w, stop);
	jsonw_end_object(w);
}

/* legacy: the list is `functions`, each is a function by itself. */
static int
tool(struct canon *c, struct jsonw *w, int t, int legacy)
{
	int function = legacy ? t : json_get(c->j, t, "function"), name = json_get(c->j, function, "name");
	int description = json_get(c->j, function, "description"), schema = canon_member(c, function, "parameters");
	int strict = json_get(c->j, function, "strict");
	static const char any[] = BEDROCK_ANY;
	struct buf kind = BUF_INIT;
	size_t n;

	if (json_type(c->j, name) != JSON_STRING) {
		buf_adds(&kind, "tools.");
		json_str(c->j, json_get(c->j, t, "type"), &kind);
		int failed = canon_refuse(c, kind.p);
		buf_release(&kind);
		return failed;
	}
	jsonw_object(w);
	jsonw_key(w, "toolSpec");
	jsonw_object(w);
	jsoncopy_member(w, "name", c->j, name);
	if (json_type(c->j, description) == JSON_STRING && !json_eq(c->j, description, ""))
		jsoncopy_member(w, "description", c->j, description);
	jsonw_key(w, "inputSchema");
	jsonw_object(w);
	jsonw_key(w, "json");
	const char *raw = json_type(c->j, schema) == JSON_OBJECT ? json_raw(c->j, schema, &n) : any;
	jsonw_raw(w, raw, raw == any ? strlen(any) : n);
	jsonw_end_object(w);
	if (json_bool(c->j, strict) == 1)
		jsoncopy_member(w, "strict", c->j, strict);
	jsonw_end_object(w);
	jsonw_end_object(w);
	return 0;
}

static void
tool_cache_point(struct canon *c, struct jsonw *w, int t)
{
	int control = canon_member(c, t, "cache_control");

	if (control >= 0)
		bedrock_write_cache_point(w, c->j, control);
}

/* Converse has no word for "none". */
static void
tool_choice(const struct bedrock_plan *p, struct canon *c, struct jsonw *w)
{
	int choice = canon_get(c, "tool_choice"), name = json_path(c->j, choice, "function.name");

	if (choice < 0) {
		choice = canon_get(c, "function_call");
		name = json_get(c->j, choice, "name");
	}
	if (choice < 0 || json_eq(c->j, choice, "auto"))
		return;
	if (!p->forces || (!bedrock_any_tool(c, choice) && json_type(c->j, name) != JSON_STRING)) {
		canon_lose(c, "tool_choice");
		return;
	}
	jsonw_key(w, "toolChoice");
	jsonw_object(w);
	jsonw_key(w, name < 0 ? "any" : "tool");
	jsonw_object(w);
	if (name >= 0)
		jsoncopy_member(w, "name", c->j, name);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* Do the messages call tools, or have results of theirs? Then Bedrock demands toolConfig. */
static int
speaks_of_tools(const struct canon *c)
{
	int list = json_get(c->j, 0, "messages");

	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m))
		if (canon_role(c, m) == CANON_TOOL || canon_role(c, m) == CANON_FUNCTION ||
		    json_count(c->j, json_get(c->j, m, "tool_calls")) || canon_member(c, m, "function_call") >= 0)
			return 1;
	return 0;
}

static int
tools(const struct bedrock_plan *p, struct canon *c, struct jsonw *w)
{
	int list = canon_get(c, "tools"), legacy = list < 0, failed = 0;

	if (json_bool(c->j, canon_get(c, "parallel_tool_calls")) == 0)
		canon_lose(c, "parallel_tool_calls");
	if (legacy)
		list = canon_get(c, "functions");
	int choice = canon_get(c, legacy ? "function_call" : "tool_choice");
	if (!json_count(c->j, list) || (json_eq(c->j, choice, "none") && !speaks_of_tools(c)))
		return 0;
	jsonw_key(w, "toolConfig");
	jsonw_object(w);
	jsonw_key(w, "tools");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0 && !failed; t = json_next(c->j, list, t)) {
		failed = tool(c, w, t, legacy);
		tool_cache_point(c, w, t);
	}
	jsonw_end_array(w);
	tool_choice(p, c, w);
	jsonw_end_object(w);
	return failed;
}

/* A schema goes as a string that holds it. */
static void
output(struct canon *c, struct jsonw *w)
{
	int format = canon_get(c, "response_format"), type = json_get(c->j, format, "type"),
	    spec = json_get(c->j, format, "json_schema");
	int schema = json_get(c->j, spec, "schema"), name = json_get(c->j, spec, "name"),
	    about = json_get(c->j, spec, "description");
	struct buf closed = BUF_INIT;

	if (format < 0 || json_eq(c->j, type, "text"))
		return;
	if (!json_eq(c->j, type, "json_schema") || json_type(c->j, schema) != JSON_OBJECT) {
		canon_lose(c, "response_format");
		return;
	}
	closed_schema(c->j, schema, &closed);
	jsonw_key(w, "outputConfig");
	jsonw_object(w);
	jsonw_key(w, "textFormat");
	jsonw_object(w);
	jsonw_member(w, "type", "json_schema");
	jsonw_key(w, "structure");
	jsonw_object(w);
	jsonw_key(w, "jsonSchema");
	jsonw_object(w);
	jsonw_key(w, "schema");
	jsonw_strn(w, closed.p, closed.len);
	buf_release(&closed);
	if (json_type(c->j, name) == JSON_STRING)
		jsoncopy_member(w, "name", c->j, name);
	if (json_type(c->j, about) == JSON_STRING)
		jsoncopy_member(w, "description", c->j, about);
	for (int i = 0; i < 4; i++)
		jsonw_end_object(w);
}

static void
service(struct canon *c, struct jsonw *w)
{
	static const char *const tiers[] = {"priority", "default", "flex", "reserved"};
	int tier = canon_get(c, "service_tier"), metadata = canon_get(c, "metadata");

	if (json_type(c->j, metadata) == JSON_OBJECT && json_count(c->j, metadata))
		jsoncopy_member(w, "requestMetadata", c->j, metadata);
	if (tier < 0 || json_eq(c->j, tier, "auto"))
		return;
	for (size_t i = 0; i < sizeof(tiers) / sizeof(*tiers); i++)
		if (json_eq(c->j, tier, tiers[i])) {
			jsonw_key(w, "serviceTier");
			jsonw_object(w);
			jsonw_member(w, "type", tiers[i]);
			jsonw_end_object(w);
			return;
		}
	canon_lose(c, "service_tier");
}

void
bedrock_settings(struct canon *c, struct jsonw *w, const char *model)
{
	struct bedrock_plan p;

	bedrock_plan(&p, c, model);
	inference(&p, c, w);
	tools(&p, c, w);
	bedrock_additional(&p, c, w);
	output(c, w);
	service(c, w);
	canon_lose_others(c, carried);
}
