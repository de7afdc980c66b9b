/* SPDX-License-Identifier: ISC */
/* The canonical request as one of Ollama's /api/chat. What differs most, but for the messages: sampling stands in options, and a stream is
 * what comes where nothing is said. */
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/ollama.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"

static void
tool(struct canon *c, struct jsonw *w, int t, int f)
{
	static const char *const tool_carried[] = {"type", "function", NULL};
	static const char *const carried[] = {"name", "description", "parameters", "strict", NULL};
	int parameters = canon_member(c, f, "parameters");

	if (json_type(c->j, f) != JSON_OBJECT) {
		canon_refuse(c, canon_part_name(c, t));
		return;
	}
	jsonw_object(w);
	jsonw_key(w, "type");
	jsonw_str(w, "function");
	jsonw_key(w, "function");
	jsonw_object(w);
	jsoncopy_member(w, "name", c->j, canon_member(c, f, "name"));
	jsoncopy_member(w, "description", c->j, canon_member(c, f, "description"));
	jsoncopy_member(w, "parameters", c->j, parameters);
	if (parameters < 0) { /* templates look for its properties */
		jsonw_key(w, "parameters");
		jsonw_raw(w, NO_PARAMETERS, sizeof(NO_PARAMETERS) - 1);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	if (json_bool(c->j, json_get(c->j, f, "strict")) == 1)
		canon_lose(c, "tools.function.strict");
	canon_lose_members(c, t, "tools.", tool_carried);
	canon_lose_members(c, f, "tools.function.", carried);
}

/* The model chooses; "none" means that it is offered no tools. */
static void
tools(struct canon *c, struct jsonw *w)
{
	int list = canon_get(c, "tools"), choice = canon_get(c, "tool_choice"), legacy = canon_get(c, "functions");

	if (choice >= 0 && !json_eq(c->j, choice, "auto") && !json_eq(c->j, choice, "none"))
		canon_lose(c, "tool_choice");
	if (json_bool(c->j, canon_get(c, "parallel_tool_calls")) == 0)
		canon_lose(c, "parallel_tool_calls");
	if (json_count(c->j, list) + json_count(c->j, legacy) == 0 || json_eq(c->j, choice, "none"))
		return;
	jsonw_key(w, "tools");
	jsonw_array(w);
	if (json_type(c->j, list) == JSON_ARRAY)
		for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t))
			tool(c, w, t, json_get(c->j, t, "function"));
	if (json_type(c->j, legacy) == JSON_ARRAY)
		for (int f = json_child(c->j, legacy); f >= 0; f = json_next(c->j, legacy, f))
			tool(c, w, -1, f);
	jsonw_end_array(w);
}

static void
format(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "response_format"), type = json_get(c->j, node, "type");
	int schema = json_path(c->j, node, "json_schema.schema");

	if (node < 0 || json_eq(c->j, type, "text"))
		return;
	if (json_eq(c->j, type, "json_schema") && json_type(c->j, schema) == JSON_OBJECT) {
		jsoncopy_member(w, "format", c->j, schema);
	} else if (json_eq(c->j, type, "json_object")) {
		jsonw_key(w, "format");
		jsonw_str(w, "json");
	} else {
		canon_refuse(c, "response_format");
	}
}

/* On and off, or one of three levels. */
static const char *
level(const char *effort)
{
	if (strcmp(effort, "xhigh") == 0 || strcmp(effort, "max") == 0)
		return "high";
	return strcmp(effort, "minimal") == 0 ? "low" : effort;
}

static void
think(struct canon *c, struct jsonw *w)
{
	static const char *const carried[] = {"effort", "max_tokens", "enabled", "exclude", NULL};
	struct canon_reasoning r;

	canon_reasoning(c, &r);
	canon_lose_members(c, canon_get(c, "reasoning"), "reasoning.", carried);
	if (r.exclude && r.wanted != 0)
		canon_lose(c, "reasoning.exclude");
	if (r.wanted < 0)
		return;
	jsonw_key(w, "think");
	if (r.wanted && *r.effort)
		jsonw_str(w, level(r.effort));
	else if (r.wanted && r.max_tokens > 0)
		jsonw_str(w, level(canon_effort(r.max_tokens, canon_limit(c))));
	else
		jsonw_bool(w, r.wanted);
}

static void
stop(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "stop");
	size_t n;

	if (json_type(c->j, node) == JSON_STRING) {
		const char *raw = json_raw(c->j, node, &n);
		jsonw_key(w, "stop");
		jsonw_array(w);
		jsonw_raw(w, raw, n);
		jsonw_end_array(w);
	} else {
		jsoncopy_member(w, "stop", c->j, node);
	}
}

static const struct {
	const char *from, *to;
} names[] = {{"temperature", "temperature"}, {"top_p", "top_p"}, {"top_k", "top_k"}, {"min_p", "min_p"},
    {"seed", "seed"}, {"repetition_penalty", "repeat_penalty"}, {"presence_penalty", "presence_penalty"},
    {"frequency_penalty", "frequency_penalty"}};

/* Is the option said by a canonical parameter? */
static int
is_named(const struct canon *c, int key)
{
	for (size_t i = 0; i < N(names); i++)
		if (json_eq(c->j, key, names[i].to))
			return canon_get(c, names[i].from) >= 0;
	if (json_eq(c->j, key, "num_predict"))
		return canon_limit(c) >= 0;
	return json_eq(c->j, key, "stop") && canon_get(c, "stop") >= 0;
}

/* Ollama's own options (num_ctx, ...) may be given as they are, in a member of that name. */
static void
own_options(struct canon *c, struct jsonw *w)
{
	int own = canon_get(c, "options");

	if (json_type(c->j, own) != JSON_OBJECT)
		return;
	for (int k = json_child(c->j, own); k >= 0; k = json_next(c->j, own, json_value(c->j, k))) {
		buf_clear(&c->scratch);
		json_str(c->j, k, &c->scratch);
		if (!is_named(c, k))
			jsoncopy_member(w, buf_str(&c->scratch), c->j, json_value(c->j, k));
	}
}

static void
options(struct canon *c, struct jsonw *outer)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	if (canon_limit(c) >= 0) {
		jsonw_key(&w, "num_predict");
		jsonw_int(&w, canon_limit(c));
	}
	for (size_t i = 0; i < N(names); i++)
		jsoncopy_member(&w, names[i].to, c->j, canon_get(c, names[i].from));
	stop(c, &w);
	own_options(c, &w);
	jsonw_end_object(&w);
	if (b.len > 2) {
		jsonw_key(outer, "options");
		jsonw_raw(outer, b.p, b.len);
	}
	buf_release(&b);
}

static void
body(struct canon *c, struct jsonw *w, int streams)
{
	jsonw_object(w);
	if (c->ask->model) {
		jsonw_key(w, "model");
		jsonw_str(w, c->ask->model);
	} else {
		jsoncopy_member(w, "model", c->j, canon_get(c, "model"));
	}
	ollama_messages(c, w);
	jsonw_key(w, "stream");
	jsonw_bool(w, streams);
	tools(c, w);
	format(c, w);
	think(c, w);
	jsoncopy_member(w, "logprobs", c->j, canon_get(c, "logprobs"));
	jsoncopy_member(w, "top_logprobs", c->j, canon_get(c, "top_logprobs"));
	jsoncopy_member(w, "keep_alive", c->j, canon_get(c, "keep_alive"));
	options(c, w);
	jsonw_end_object(w);
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k",
	    "min_p", "stop", "seed", "repetition_penalty", "presence_penalty", "frequency_penalty", "tools",
	    "functions", "tool_choice", "parallel_tool_calls", "response_format", "reasoning", "reasoning_effort",
	    "logprobs", "top_logprobs", "options", "keep_alive", NULL};
	struct canon c;
	struct jsonw w;

	wire_call_clear(out);
	canon_init(&c, ask, "ollama", lost, e);
	out->stream = json_bool(c.j, canon_get(&c, "stream")) == 1;
	wire_url(out, ask, "/api/chat");
	jsonw_init(&w, &out->body);
	body(&c, &w, out->stream);
	canon_lose_others(&c, carried);
	canon_release(&c);
	return c.failed ? -1 : 0;
}

const struct wire wire_ollama = {
    .name = "ollama",
    .framing = WIRE_VALUES,
    .encode = encode,
    .on_chunk = ollama_chunk,
    .on_whole = ollama_whole,
    .on_end = ollama_end,
    .error = ollama_error,
    .release = ollama_release,
};
