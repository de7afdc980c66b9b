/* SPDX-License-Identifier: ISC */
/* A request to Converse becomes a canonical one: what stands beside its messages, which are bedrock_turns.c's. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "wire/bedrock.h"
#include "wire/bedrock_in.h"

void
bedrock_in_bad(struct bedrock_in *in, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (in->failed)
		return;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	err_set(in->err, ERR_DATA, "%s", buf_str(&b));
	buf_release(&b);
	in->failed = 1;
}

void
bedrock_in_refuse(struct bedrock_in *in, const char *what)
{
	if (in->ask->lossy)
		losses_add_content(in->lost, what);
	else
		bedrock_in_bad(in, "%s has no canonical form", what);
}

void
bedrock_in_lose_others(struct bedrock_in *in, int node, const char *where, const char *const *known)
{
	const struct json *j = in->j;
	struct buf name = BUF_INIT;

	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		const char *const *s = known;
		while (*s && !json_eq(j, k, *s))
			s++;
		if (*s || json_type(j, json_value(j, k)) == JSON_NULL)
			continue;
		buf_clear(&name);
		buf_adds(&name, where);
		json_str(j, k, &name);
		losses_add(in->lost, buf_str(&name));
	}
	buf_release(&name);
}

void
bedrock_in_raw(struct bedrock_in *in, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(in->j, node, &n);

	if (node < 0)
		return;
	jsonw_key(&in->w, key);
	jsonw_raw(&in->w, raw, n);
}

void
bedrock_in_word(struct bedrock_in *in, const char *key, const char *s)
{
	jsonw_key(&in->w, key);
	jsonw_str(&in->w, s);
}

void
bedrock_in_open_list(struct bedrock_in *in, struct bedrock_in_list *l, const char *key)
{
	l->before = in->w.b->len;
	l->comma = in->w.comma;
	jsonw_key(&in->w, key);
	jsonw_array(&in->w);
	l->start = in->w.b->len;
}

void
bedrock_in_close_list(struct bedrock_in *in, const struct bedrock_in_list *l)
{
	if (in->w.b->len > l->start) {
		jsonw_end_array(&in->w);
		return;
	}
	in->w.b->len = l->before;
	in->w.b->p[l->before] = '\0';
	in->w.comma = l->comma;
}

void
bedrock_in_cache(struct bedrock_in *in, int point)
{
	int ttl = json_get(in->j, point, "ttl");

	jsonw_key(&in->w, "cache_control");
	jsonw_object(&in->w);
	bedrock_in_word(in, "type", "ephemeral");
	if (json_type(in->j, ttl) == JSON_STRING)
		bedrock_in_raw(in, "ttl", ttl);
	jsonw_end_object(&in->w);
}

/* An object, or absent. */
static int
is_object(struct bedrock_in *in, int node, const char *what)
{
	enum json_type t = json_type(in->j, node);

	if (node >= 0 && t != JSON_OBJECT && t != JSON_NULL)
		bedrock_in_bad(in, "%s is no object", what);
	return t == JSON_OBJECT;
}

static void
inference(struct bedrock_in *in)
{
	static const char *const known[] = {"maxTokens", "temperature", "topP", "stopSequences", NULL};
	int config = json_get(in->j, 0, "inferenceConfig");

	if (!is_object(in, config, "inferenceConfig"))
		return;
	bedrock_in_raw(in, "max_tokens", json_get(in->j, config, "maxTokens"));
	bedrock_in_raw(in, "temperature", json_get(in->j, config, "temperature"));
	bedrock_in_raw(in, "top_p", json_get(in->j, config, "topP"));
	bedrock_in_raw(in, "stop", json_get(in->j, config, "stopSequences"));
	bedrock_in_lose_others(in, config, "inferenceConfig.", known);
}

static void
tool(struct bedrock_in *in, int list, int t)
{
	static const char *const known[] = {"name", "description", "inputSchema", "strict", NULL};
	const struct json *j = in->j;
	int spec = json_get(j, t, "toolSpec"), next = json_next(j, list, t), point = json_get(j, next, "cachePoint");

	int schema = json_path(j, spec, "inputSchema.json");
	size_t n = 0;

	if (json_get(j, t, "cachePoint") >= 0)
		return; /* said by the tool before it */
	if (json_type(j, json_get(j, spec, "name")) != JSON_STRING) {
		if (spec >= 0)
			bedrock_in_bad(in, "toolConfig.tools: a tool without a name");
		else
			bedrock_in_refuse(
			    in, json_get(j, t, "systemTool") >= 0 ? "toolConfig.tools.systemTool" : "toolConfig.tools");
		return;
	}
	jsonw_object(&in->w);
	bedrock_in_word(in, "type", "function");
	jsonw_key(&in->w, "function");
	jsonw_object(&in->w);
	bedrock_in_raw(in, "name", json_get(j, spec, "name"));
	bedrock_in_raw(in, "description", json_get(j, spec, "description"));
	const char *raw = json_raw(j, schema, &n);
	if (schema >= 0 && (n != strlen(BEDROCK_ANY) || memcmp(raw, BEDROCK_ANY, n) != 0))
		bedrock_in_raw(in, "parameters", schema);
	bedrock_in_raw(in, "strict", json_get(j, spec, "strict"));
	bedrock_in_lose_others(in, spec, "toolSpec.", known);
	jsonw_end_object(&in->w);
	if (point >= 0)
		bedrock_in_cache(in, point);
	jsonw_end_object(&in->w);
}

static void
tool_choice(struct bedrock_in *in, int choice)
{
	const struct json *j = in->j;
	int name = json_path(j, choice, "tool.name");

	if (json_get(j, choice, "auto") >= 0) {
		bedrock_in_word(in, "tool_choice", "auto");
	} else if (json_get(j, choice, "any") >= 0) {
		bedrock_in_word(in, "tool_choice", "required");
	} else if (json_type(j, name) == JSON_STRING) {
		jsonw_key(&in->w, "tool_choice");
		jsonw_object(&in->w);
		bedrock_in_word(in, "type", "function");
		jsonw_key(&in->w, "function");
		jsonw_object(&in->w);
		bedrock_in_raw(in, "name", name);
		jsonw_end_object(&in->w);
		jsonw_end_object(&in->w);
	} else if (choice >= 0) {
		bedrock_in_bad(in, "toolConfig.toolChoice is neither auto, any nor tool");
	}
}

static void
tools(struct bedrock_in *in)
{
	static const char *const known[] = {"tools", "toolChoice", NULL};
	int config = json_get(in->j, 0, "toolConfig"), list = json_get(in->j, config, "tools");
	struct bedrock_in_list out;

	if (!is_object(in, config, "toolConfig"))
		return;
	if (json_type(in->j, list) != JSON_ARRAY) {
		bedrock_in_bad(in, "toolConfig.tools is no array");
		return;
	}
	bedrock_in_open_list(in, &out, "tools");
	for (int t = json_child(in->j, list); t >= 0 && !in->failed; t = json_next(in->j, list, t))
		tool(in, list, t);
	bedrock_in_close_list(in, &out);
	tool_choice(in, json_get(in->j, config, "toolChoice"));
	bedrock_in_lose_others(in, config, "toolConfig.", known);
}

/* {"thinking": {"type": "enabled", "budget_tokens"}} of Claude, with {"output_config": {"effort"}} where that is adaptive, {"reasoningConfig": {"type", "maxReasoningEffort"}} of Nova,
 * {"reasoning_effort"} of gpt-oss. */
static void
thinking(struct bedrock_in *in, int more)
{
	const struct json *j = in->j;
	int claude = json_get(j, more, "thinking"), nova = json_get(j, more, "reasoningConfig");
	int type = json_get(j, claude >= 0 ? claude : nova, "type"), budget = json_get(j, claude, "budget_tokens");
	int effort = nova >= 0 ? json_get(j, nova, "maxReasoningEffort") : json_get(j, more, "reasoning_effort");

	if (effort < 0)
		effort = json_path(j, more, "output_config.effort");
	if (claude < 0)
		claude = nova;
	if (claude < 0 && effort < 0)
		return;
	jsonw_key(&in->w, "reasoning");
	jsonw_object(&in->w);
	if (claude >= 0 && (json_eq(j, type, "disabled") || json_eq(j, type, "between_tools"))) {
		bedrock_in_word(in, "effort", "none");
	} else if (json_type(j, budget) == JSON_NUMBER) {
		bedrock_in_raw(in, "max_tokens", budget);
	} else if (json_type(j, effort) == JSON_STRING) {
		bedrock_in_raw(in, "effort", effort);
	} else {
		jsonw_key(&in->w, "enabled");
		jsonw_bool(&in->w, 1);
	}
	jsonw_end_object(&in->w);
}

static void
additional(struct bedrock_in *in)
{
	static const char *const known[] = {
	    "thinking", "reasoningConfig", "reasoning_effort", "top_k", "inferenceConfig", "output_config", NULL};
	static const char *const inner[] = {"topK", NULL}, *const efforts[] = {"effort", NULL};
	const struct json *j = in->j;
	int more = json_get(j, 0, "additionalModelRequestFields"), config = json_get(j, more, "inferenceConfig");
	int top_k = json_get(j, more, "top_k");

	if (!is_object(in, more, "additionalModelRequestFields"))
		return;
	thinking(in, more);
	bedrock_in_raw(in, "top_k", top_k >= 0 ? top_k : json_get(j, config, "topK"));
	bedrock_in_lose_others(in, more, "additionalModelRequestFields.", known);
	bedrock_in_lose_others(in, config, "additionalModelRequestFields.inferenceConfig.", inner);
	bedrock_in_lose_others(
	    in, json_get(j, more, "output_config"), "additionalModelRequestFields.output_config.", efforts);
}

/* The schema comes as a string that holds it. */
static void
output(struct bedrock_in *in)
{
	const struct json *j = in->j;
	int spec = json_path(j, 0, "outputConfig.textFormat.structure.jsonSchema"), name = json_get(j, spec, "name");
	size_t n = 0;

	if (!is_object(in, json_get(j, 0, "outputConfig"), "outputConfig") || spec < 0)
		return;
	buf_clear(&in->scratch);
	if (json_str(j, json_get(j, spec, "schema"), &in->scratch) ||
	    json_valid(buf_str(&in->scratch), in->scratch.len, &n, NULL) == 0) {
		bedrock_in_bad(in, "outputConfig: the schema is no string that holds JSON");
		return;
	}
	jsonw_key(&in->w, "response_format");
	jsonw_object(&in->w);
	bedrock_in_word(in, "type", "json_schema");
	jsonw_key(&in->w, "json_schema");
	jsonw_object(&in->w);
	if (json_type(j, name) == JSON_STRING)
		bedrock_in_raw(in, "name", name);
	else
		bedrock_in_word(in, "name", "answer");
	bedrock_in_raw(in, "description", json_get(j, spec, "description"));
	jsonw_key(&in->w, "strict");
	jsonw_bool(&in->w, 1);
	jsonw_key(&in->w, "schema");
	jsonw_raw(&in->w, in->scratch.p, in->scratch.len);
	jsonw_end_object(&in->w);
	jsonw_end_object(&in->w);
}

static void
model(struct bedrock_in *in)
{
	int id = json_get(in->j, 0, "modelId"); /* the SDKs' form of a request has it */

	if (in->ask->model)
		bedrock_in_word(in, "model", in->ask->model);
	else if (json_type(in->j, id) == JSON_STRING)
		bedrock_in_raw(in, "model", id);
}

static void
settings(struct bedrock_in *in)
{
	static const char *const known[] = {"modelId", "messages", "system", "inferenceConfig", "toolConfig",
	    "additionalModelRequestFields", "outputConfig", "requestMetadata", "serviceTier", NULL};

	inference(in);
	tools(in);
	additional(in);
	output(in);
	bedrock_in_raw(in, "metadata", json_get(in->j, 0, "requestMetadata"));
	bedrock_in_raw(in, "service_tier", json_path(in->j, 0, "serviceTier.type"));
	bedrock_in_lose_others(in, 0, "", known);
}

int
bedrock_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	struct bedrock_in in = {.ask = ask, .j = ask->request, .lost = lost, .err = e};

	jsonw_init(&in.w, out);
	if (json_type(in.j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "a request is an object");
	jsonw_object(&in.w);
	model(&in);
	if (ask->stream >= 0) {
		jsonw_key(&in.w, "stream");
		jsonw_bool(&in.w, ask->stream);
	}
	bedrock_turns(&in);
	if (!in.failed)
		settings(&in);
	jsonw_end_object(&in.w);
	buf_release(&in.scratch);
	return in.failed ? -1 : 0;
}
