/* SPDX-License-Identifier: ISC */
/* The Messages format's front: the top of a request to canonical form. Its messages are anthropic_turns.c's. */
#include "wire/front.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "wire/anthropic.h"

#define MAX_FALLBACKS 3

static const struct json *
json_of(const struct anthropic_asked *x)
{
	return x->c.j;
}

void
anthropic_unknown(struct anthropic_asked *x, const char *name, const char *what)
{
	if (x->ask->lossy)
		losses_add_content(x->c.lost, name);
	else
		canon_bad(&x->c, "%s can't be translated", what);
}

static void
key_raw(struct anthropic_asked *x, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(json_of(x), node, &n);

	jsonw_key(&x->w, key);
	jsonw_raw(&x->w, raw, n);
}

static void
key_str(struct anthropic_asked *x, const char *key, const char *s)
{
	jsonw_key(&x->w, key);
	jsonw_str(&x->w, s);
}

static void
key_bool(struct anthropic_asked *x, const char *key, int v)
{
	jsonw_key(&x->w, key);
	jsonw_bool(&x->w, v);
}

/* The same under its canonical name. */
static void
carry(struct anthropic_asked *x, const char *field, const char *key, enum json_type t)
{
	int node = canon_get(&x->c, field);

	if (node < 0)
		return;
	if (json_type(json_of(x), node) == t)
		key_raw(x, key, node);
	else
		canon_bad(&x->c, "%s: %s is wanted", field, anthropic_wanted(t));
}

static void
model(struct anthropic_asked *x)
{
	if (x->ask->model)
		key_str(x, "model", x->ask->model);
	else
		carry(x, "model", "model", JSON_STRING);
}

static void
function(struct anthropic_asked *x, int t)
{
	static const char *const carried[] = {
	    "type", "name", "description", "input_schema", "strict", "cache_control", NULL};
	const struct json *j = json_of(x);
	int description = canon_member(&x->c, t, "description"), schema = canon_member(&x->c, t, "input_schema");
	int strict = canon_member(&x->c, t, "strict"), cache = canon_member(&x->c, t, "cache_control");

	jsonw_object(&x->w);
	key_str(x, "type", "function");
	jsonw_key(&x->w, "function");
	jsonw_object(&x->w);
	key_raw(x, "name", json_get(j, t, "name"));
	if (description >= 0)
		key_raw(x, "description", description);
	if (schema >= 0)
		key_raw(x, "parameters", schema);
	if (strict >= 0)
		key_raw(x, "strict", strict);
	jsonw_end_object(&x->w);
	if (cache >= 0)
		key_raw(x, "cache_control", cache);
	jsonw_end_object(&x->w);
	canon_lose_members(&x->c, t, "tools.", carried);
}

/* Tools that run at Anthropic's have a type with a date. */
static void
tool(struct anthropic_asked *x, int t, int i)
{
	const struct json *j = json_of(x);
	int type = canon_member(&x->c, t, "type");
	struct buf what = BUF_INIT;

	if (type >= 0 && !json_eq(j, type, "custom")) {
		buf_addf(&what, "tools[%d]: a tool of type ", i);
		json_str(j, type, &what);
		anthropic_unknown(x, "tools", buf_str(&what));
	} else if (json_type(j, json_get(j, t, "name")) != JSON_STRING) {
		canon_bad(&x->c, "tools[%d].name: a string is wanted", i);
	} else {
		function(x, t);
	}
	buf_release(&what);
}

static void
tools(struct anthropic_asked *x)
{
	const struct json *j = json_of(x);
	int list = canon_get(&x->c, "tools"), i = 0;

	if (list < 0 || (json_type(j, list) == JSON_ARRAY && json_count(j, list) == 0))
		return;
	if (json_type(j, list) != JSON_ARRAY) {
		canon_bad(&x->c, "tools: a list is wanted");
		return;
	}
	jsonw_key(&x->w, "tools");
	jsonw_array(&x->w);
	for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t))
		tool(x, t, i++);
	jsonw_end_array(&x->w);
}

static void
tool_choice(struct anthropic_asked *x)
{
	static const char *const carried[] = {"type", "name", "disable_parallel_tool_use", NULL};
	const struct json *j = json_of(x);
	int node = canon_get(&x->c, "tool_choice"), type = json_get(j, node, "type"), name = json_get(j, node, "name");

	if (node < 0)
		return;
	if (json_eq(j, type, "tool") && json_type(j, name) == JSON_STRING) {
		jsonw_key(&x->w, "tool_choice");
		jsonw_object(&x->w);
		key_str(x, "type", "function");
		jsonw_key(&x->w, "function");
		jsonw_object(&x->w);
		key_raw(x, "name", name);
		jsonw_end_object(&x->w);
		jsonw_end_object(&x->w);
	} else if (json_eq(j, type, "auto") || json_eq(j, type, "none")) {
		key_raw(x, "tool_choice", type);
	} else if (json_eq(j, type, "any")) {
		key_str(x, "tool_choice", "required");
	} else {
		canon_bad(&x->c, "tool_choice.type: not one we know");
	}
	if (json_bool(j, json_get(j, node, "disable_parallel_tool_use")) == 1)
		key_bool(x, "parallel_tool_calls", 0);
	canon_lose_members(&x->c, node, "tool_choice.", carried);
}

/* effort is the reasoning's where the model is to think as long as it likes; else it is what OpenRouter calls verbosity. */
static void
reasoning(struct anthropic_asked *x, int effort)
{
	static const char *const carried[] = {"type", "budget_tokens", "display", NULL};
	const struct json *j = json_of(x);
	int node = canon_get(&x->c, "thinking"), type = json_get(j, node, "type"),
	    budget = json_get(j, node, "budget_tokens");
	int adaptive = json_eq(j, type, "adaptive"), enabled = json_eq(j, type, "enabled");

	if (effort >= 0 && !adaptive)
		key_raw(x, "verbosity", effort);
	if (node < 0)
		return;
	jsonw_key(&x->w, "reasoning");
	jsonw_object(&x->w);
	if (enabled && json_type(j, budget) == JSON_NUMBER)
		key_raw(x, "max_tokens", budget);
	else
		key_bool(x, "enabled", adaptive || enabled);
	if (effort >= 0 && adaptive)
		key_raw(x, "effort", effort);
	if (json_eq(j, json_get(j, node, "display"), "omitted"))
		key_bool(x, "exclude", 1);
	jsonw_end_object(&x->w);
	if (json_type(j, type) != JSON_STRING)
		canon_bad(&x->c, "thinking.type: a string is wanted");
	canon_lose_members(&x->c, node, "thinking.", carried);
}

/* The name is OpenAI's demand. */
static void
response_format(struct anthropic_asked *x, int format)
{
	const struct json *j = json_of(x);
	int schema = json_get(j, format, "schema");

	if (format < 0)
		return;
	if (!json_eq(j, json_get(j, format, "type"), "json_schema") || json_type(j, schema) != JSON_OBJECT) {
		canon_bad(&x->c, "output_config.format: a JSON schema is wanted");
		return;
	}
	jsonw_key(&x->w, "response_format");
	jsonw_object(&x->w);
	key_str(x, "type", "json_schema");
	jsonw_key(&x->w, "json_schema");
	jsonw_object(&x->w);
	key_str(x, "name", "answer");
	key_bool(x, "strict", 1);
	key_raw(x, "schema", schema);
	jsonw_end_object(&x->w);
	jsonw_end_object(&x->w);
}

static void
output_config(struct anthropic_asked *x)
{
	static const char *const carried[] = {"effort", "format", NULL};
	int node = canon_get(&x->c, "output_config"), format = canon_member(&x->c, node, "format");

	reasoning(x, canon_member(&x->c, node, "effort"));
	response_format(x, format >= 0 ? format : canon_get(&x->c, "output_format")); /* its name in the beta */
	canon_lose_members(&x->c, node, "output_config.", carried);
}

static void
metadata(struct anthropic_asked *x)
{
	static const char *const carried[] = {"user_id", NULL};
	int node = canon_get(&x->c, "metadata"), user = canon_member(&x->c, node, "user_id");

	if (user >= 0)
		key_raw(x, "user", user);
	canon_lose_members(&x->c, node, "metadata.", carried);
}

/* Of the two, speed is what is dear. */
static void
service_tier(struct anthropic_asked *x)
{
	int node = canon_get(&x->c, "service_tier"), speed = canon_get(&x->c, "speed"),
	    is_fast = json_eq(json_of(x), speed, "fast");

	if (is_fast)
		key_str(x, "service_tier", "fast");
	else if (json_eq(json_of(x), node, "standard_only"))
		key_str(x, "service_tier", "default");
	else if (node >= 0)
		key_raw(x, "service_tier", node);
	if (speed >= 0 && !is_fast && !json_eq(json_of(x), speed, "standard"))
		canon_lose(&x->c, "speed");
}

/* Models to fall back on, as Anthropic has them. */
static void
fallbacks(struct anthropic_asked *x)
{
	const struct json *j = json_of(x);
	int list = canon_get(&x->c, "fallbacks");

	if (list < 0)
		return;
	if (json_type(j, list) != JSON_ARRAY || json_count(j, list) > MAX_FALLBACKS ||
	    canon_get(&x->c, "models") >= 0) {
		canon_bad(&x->c, "fallbacks: a list of up to %d is wanted, and no models beside it", MAX_FALLBACKS);
		return;
	}
	jsonw_key(&x->w, "models");
	jsonw_array(&x->w);
	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		int name = json_get(j, i, "model");
		size_t n;
		const char *raw = json_raw(j, name, &n);
		if (json_type(j, name) == JSON_STRING && json_count(j, i) == 1)
			jsonw_raw(&x->w, raw, n);
		else
			canon_bad(&x->c, "fallbacks: objects with a model, and nothing else, are wanted");
	}
	jsonw_end_array(&x->w);
}

/* OpenRouter's fields, at its own /messages. */
static void
openrouter(struct anthropic_asked *x)
{
	static const struct {
		const char *field;
		enum json_type t;
	} fields[] = {{"models", JSON_ARRAY}, {"provider", JSON_OBJECT}, {"plugins", JSON_ARRAY},
	    {"route", JSON_STRING}, {"preset", JSON_STRING}, {"session_id", JSON_STRING}, {"trace", JSON_OBJECT},
	    {"stop_server_tools_when", JSON_ARRAY}};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		carry(x, fields[i].field, fields[i].field, fields[i].t);
	if (canon_member(&x->c, canon_get(&x->c, "metadata"), "user_id") < 0)
		carry(x, "user", "user", JSON_STRING);
	fallbacks(x);
}

static void
stream(struct anthropic_asked *x)
{
	int node = canon_get(&x->c, "stream"), v = x->ask->stream >= 0 ? x->ask->stream : json_bool(json_of(x), node);

	if (v >= 0)
		key_bool(x, "stream", v);
}

static void
body(struct anthropic_asked *x, struct buf *out)
{
	jsonw_init(&x->w, out);
	jsonw_object(&x->w);
	model(x);
	anthropic_turns(x);
	carry(x, "max_tokens", "max_tokens", JSON_NUMBER);
	carry(x, "temperature", "temperature", JSON_NUMBER);
	carry(x, "top_p", "top_p", JSON_NUMBER);
	carry(x, "top_k", "top_k", JSON_NUMBER);
	carry(x, "stop_sequences", "stop", JSON_ARRAY);
	tools(x);
	tool_choice(x);
	output_config(x);
	metadata(x);
	service_tier(x);
	openrouter(x);
	carry(x, "cache_control", "cache_control", JSON_OBJECT);
	stream(x);
	jsonw_end_object(&x->w);
}

static int
request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	static const char *const carried[] = {"system", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences",
	    "tools", "tool_choice", "thinking", "output_config", "output_format", "metadata", "service_tier", "speed",
	    "cache_control", "mcp_servers", "models", "provider", "plugins", "route", "preset", "session_id", "trace",
	    "stop_server_tools_when", "user", "fallbacks", NULL};
	const struct wire_ask own = {.request = ask->request, .lossy = ask->lossy};
	struct anthropic_asked x = {.ask = ask};

	canon_init(&x.c, &own, "anthropic", lost, e);
	if (json_type(ask->request, 0) != JSON_OBJECT)
		canon_bad(&x.c, "the request is no object");
	else
		body(&x, out);
	if (json_count(ask->request, canon_get(&x.c, "mcp_servers")))
		anthropic_unknown(&x, "mcp_servers", "mcp_servers");
	canon_lose_others(&x.c, carried);
	canon_release(&x.c);
	return x.c.failed ? -1 : 0;
}

const struct front front_anthropic = {
    .name = "anthropic",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .request = request,
    .whole = anthropic_reply,
    .event = anthropic_event,
    .end = anthropic_stream_end,
    .error = anthropic_reply_error,
    .published_error = anthropic_reply_published_error,
    .release = anthropic_stream_release,
};
