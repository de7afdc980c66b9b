/* SPDX-License-Identifier: ISC */
/* The canonical request as one of Cohere's /v2/chat: most is OpenAI's under another name. */
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/cohere.h"
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
	jsonw_member(w, "type", "function");
	jsonw_key(w, "function");
	jsonw_object(w);
	jsoncopy_member(w, "name", c->j, canon_member(c, f, "name"));
	jsoncopy_member(w, "description", c->j, canon_member(c, f, "description"));
	jsoncopy_member(w, "parameters", c->j, parameters);
	if (parameters < 0) { /* it is required */
		jsonw_key(w, "parameters");
		jsonw_raw(w, NO_PARAMETERS, sizeof(NO_PARAMETERS) - 1);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	canon_lose_members(c, t, "tools.", tool_carried);
	canon_lose_members(c, f, "tools.function.", carried);
}

/* Appends the name that is asked for: of a tool (some leave out the type), or of a bare function. 0: none is. */
static int
named_tool(const struct canon *c, int choice, struct buf *name)
{
	int type = canon_member(c, choice, "type"), function = json_get(c->j, choice, "function");

	if (type >= 0 && !json_eq(c->j, type, "function"))
		return 0;
	return json_str(c->j, json_get(c->j, function >= 0 ? function : choice, "name"), name) == 0;
}

/* strict_tools is for all of them. */
static void
strict(struct canon *c, struct jsonw *w, int n, int n_strict)
{
	if (n_strict && n_strict == n) {
		jsonw_key(w, "strict_tools");
		jsonw_bool(w, 1);
	} else if (n_strict) {
		canon_lose(c, "tools.function.strict");
	}
}

/* The tools of a list: OpenAI's, or the bare functions that were before them. Where one is asked for by its name, it is the only one that is
 * offered, and one has to be called. */
static int
list(struct canon *c, struct jsonw *w, int node, int bare, const struct buf *only, int *n_strict)
{
	int n = 0;

	if (json_type(c->j, node) != JSON_ARRAY)
		return 0;
	for (int t = json_child(c->j, node); t >= 0; t = json_next(c->j, node, t)) {
		int f = bare ? t : json_get(c->j, t, "function");
		if (only && !json_eq(c->j, json_get(c->j, f, "name"), buf_str(only)))
			continue;
		n++;
		*n_strict += json_bool(c->j, json_get(c->j, f, "strict")) == 1;
		tool(c, w, bare ? -1 : t, f);
	}
	return n;
}

static void
tools(struct canon *c, struct jsonw *outer, const struct buf *only)
{
	struct buf b = BUF_INIT;
	struct jsonw w;
	int n_strict = 0;

	jsonw_init(&w, &b);
	jsonw_array(&w);
	int n = list(c, &w, canon_get(c, "tools"), 0, only, &n_strict);
	n += list(c, &w, canon_get(c, "functions"), 1, only, &n_strict);
	jsonw_end_array(&w);
	if (b.len > 2) {
		jsonw_key(outer, "tools");
		jsonw_raw(outer, b.p, b.len);
		strict(c, outer, n, n_strict);
	}
	if (only && !n)
		canon_bad(c, "tool_choice: there is no tool %s", buf_str(only));
	buf_release(&b);
}

static void
choice(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "tool_choice");
	struct buf name = BUF_INIT;

	if (node < 0)
		node = canon_get(c, "function_call");
	int named = named_tool(c, node, &name);

	tools(c, w, named ? &name : NULL);
	buf_release(&name);
	if (json_eq(c->j, node, "none"))
		jsonw_member(w, "tool_choice", "NONE");
	else if (named || json_eq(c->j, node, "required") || json_eq(c->j, node, "any")) /* Mistral's word */
		jsonw_member(w, "tool_choice", "REQUIRED");
	else if (node >= 0 && !json_eq(c->j, node, "auto"))
		canon_lose(c, "tool_choice");
	if (json_bool(c->j, canon_get(c, "parallel_tool_calls")) == 0)
		canon_lose(c, "parallel_tool_calls");
}

static void
format(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "response_format"), type = json_get(c->j, node, "type");
	int schema = json_path(c->j, node, "json_schema.schema"), has_schema = json_eq(c->j, type, "json_schema");

	if (node < 0 || json_eq(c->j, type, "text"))
		return;
	if (has_schema ? json_type(c->j, schema) != JSON_OBJECT : !json_eq(c->j, type, "json_object")) {
		canon_refuse(c, "response_format");
		return;
	}
	jsonw_key(w, "response_format");
	jsonw_object(w);
	jsonw_member(w, "type", "json_object");
	jsoncopy_member(w, "json_schema", c->j, schema);
	jsonw_end_object(w);
}

static void
thinking(struct canon *c, struct jsonw *w)
{
	static const char *const carried[] = {"effort", "max_tokens", "enabled", "exclude", NULL};
	struct canon_reasoning r;

	canon_reasoning(c, &r);
	canon_lose_members(c, canon_get(c, "reasoning"), "reasoning.", carried);
	if (r.exclude && r.wanted != 0)
		canon_lose(c, "reasoning.exclude");
	if (r.wanted < 0)
		return;
	jsonw_key(w, "thinking");
	jsonw_object(w);
	jsonw_member(w, "type", r.wanted ? "enabled" : "disabled");
	if (r.wanted && (r.max_tokens > 0 || *r.effort)) {
		jsonw_key(w, "token_budget");
		jsonw_int(w, r.max_tokens > 0 ? r.max_tokens : canon_budget(r.effort, canon_limit(c)));
	}
	jsonw_end_object(w);
}

/* From 0.01 to 0.99: the ends that others have mean the same as those. */
static void
top_p(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "top_p");
	int64_t n;

	if (json_int(c->j, node, &n) == 0 && (n == 0 || n == 1)) {
		jsonw_key(w, "p");
		jsonw_raw(w, n ? "0.99" : "0.01", 4);
	} else {
		jsoncopy_member(w, "p", c->j, node);
	}
}

static void
stop(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "stop");
	size_t n;

	if (json_type(c->j, node) == JSON_STRING) {
		const char *raw = json_raw(c->j, node, &n);
		jsonw_key(w, "stop_sequences");
		jsonw_array(w);
		jsonw_raw(w, raw, n);
		jsonw_end_array(w);
	} else {
		jsoncopy_member(w, "stop_sequences", c->j, node);
	}
}

/* The last four are Cohere's own, given as they are. */
static void
parameters(struct canon *c, struct jsonw *w)
{
	static const struct {
		const char *from, *to;
	} names[] = {{"temperature", "temperature"}, {"top_k", "k"}, {"seed", "seed"},
	    {"presence_penalty", "presence_penalty"}, {"frequency_penalty", "frequency_penalty"},
	    {"logprobs", "logprobs"}, {"documents", "documents"}, {"citation_options", "citation_options"},
	    {"safety_mode", "safety_mode"}, {"priority", "priority"}};

	if (canon_limit(c) >= 0) {
		jsonw_key(w, "max_tokens");
		jsonw_int(w, canon_limit(c));
	}
	top_p(c, w);
	stop(c, w);
	for (size_t i = 0; i < N(names); i++)
		jsoncopy_member(w, names[i].to, c->j, canon_get(c, names[i].from));
}

static void
body(struct canon *c, struct jsonw *w, int streams)
{
	jsonw_object(w);
	if (c->ask->model)
		jsonw_member(w, "model", c->ask->model);
	else
		jsoncopy_member(w, "model", c->j, canon_get(c, "model"));
	cohere_messages(c, w);
	jsonw_key(w, "stream");
	jsonw_bool(w, streams);
	choice(c, w);
	format(c, w);
	thinking(c, w);
	parameters(c, w);
	jsonw_end_object(w);
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k",
	    "stop", "seed", "presence_penalty", "frequency_penalty", "logprobs", "tools", "functions", "function_call",
	    "tool_choice", "parallel_tool_calls", "response_format", "reasoning", "reasoning_effort", "documents",
	    "citation_options", "safety_mode", "priority", NULL};
	struct canon c;
	struct jsonw w;

	wire_call_clear(out);
	canon_init(&c, ask, "cohere", lost, e);
	out->stream = json_bool(c.j, canon_get(&c, "stream")) == 1;
	wire_url(out, ask, "/chat");
	jsonw_init(&w, &out->body);
	body(&c, &w, out->stream);
	canon_lose_others(&c, carried);
	canon_release(&c);
	return c.failed ? -1 : 0;
}

static int
is_end(const char *data, size_t n)
{
	return n == 6 && memcmp(data, "[DONE]", 6) == 0;
}

const struct wire wire_cohere = {
    .name = "cohere",
    .encode = encode,
    .on_chunk = cohere_chunk,
    .on_whole = cohere_whole,
    .on_end = cohere_end,
    .error = cohere_error,
    .is_end = is_end,
    .release = cohere_release,
};
