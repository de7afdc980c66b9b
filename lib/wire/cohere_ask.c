/* SPDX-License-Identifier: ISC */
/* Requests of /v2/chat as canonical ones. */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/cohere.h"
#include "wire/front.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

void
cohere_refuse(struct canon *c, const char *what)
{
	if (c->ask->lossy)
		losses_add_content(c->lost, what);
	else
		canon_bad(c, "%s: no other format has it", what);
}

/* A function's members, and strict where it is asked of all tools at once. */
static void
tool(struct canon *c, struct jsonw *w, int function, int strict)
{
	jsonw_object(w);
	jsonw_member(w, "type", "function");
	jsonw_key(w, "function");
	jsonw_object(w);
	jsoncopy_member(w, "name", c->j, canon_member(c, function, "name"));
	jsoncopy_member(w, "description", c->j, canon_member(c, function, "description"));
	jsoncopy_member(w, "parameters", c->j, canon_member(c, function, "parameters"));
	if (strict) {
		jsonw_key(w, "strict");
		jsonw_bool(w, 1);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
tools(struct canon *c, struct jsonw *w)
{
	int list = canon_get(c, "tools"), strict = json_bool(c->j, canon_get(c, "strict_tools")) == 1;

	if (json_type(c->j, list) != JSON_ARRAY || json_count(c->j, list) == 0)
		return;
	jsonw_key(w, "tools");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t)) {
		int function = json_get(c->j, t, "function");
		if (json_type(c->j, function) == JSON_OBJECT)
			tool(c, w, function, strict);
		else
			cohere_refuse(c, "tools");
	}
	jsonw_end_array(w);
}

static void
choice(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "tool_choice");

	if (json_eq(c->j, node, "REQUIRED"))
		jsonw_member(w, "tool_choice", "required");
	else if (json_eq(c->j, node, "NONE"))
		jsonw_member(w, "tool_choice", "none");
	else if (node >= 0)
		canon_bad(c, "tool_choice: neither REQUIRED nor NONE");
}

/* The schema's older name is still taken. */
static void
format(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "response_format"), schema = canon_member(c, node, "json_schema");

	if (schema < 0)
		schema = canon_member(c, node, "schema");
	if (node < 0 || json_eq(c->j, json_get(c->j, node, "type"), "text"))
		return;
	if (!json_eq(c->j, json_get(c->j, node, "type"), "json_object")) {
		canon_bad(c, "response_format: unknown type");
		return;
	}
	jsonw_key(w, "response_format");
	jsonw_object(w);
	jsonw_member(w, "type", schema < 0 ? "json_object" : "json_schema");
	if (schema >= 0) {
		jsonw_key(w, "json_schema");
		jsonw_object(w);
		jsonw_member(w, "name", "answer");
		jsoncopy_member(w, "schema", c->j, schema);
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}

static void
thinking(struct canon *c, struct jsonw *w)
{
	int node = canon_get(c, "thinking"), type = json_get(c->j, node, "type");
	int off = json_eq(c->j, type, "disabled");

	if (node < 0)
		return;
	if (!off && !json_eq(c->j, type, "enabled")) {
		canon_bad(c, "thinking: its type is neither enabled nor disabled");
		return;
	}
	jsonw_key(w, "reasoning");
	jsonw_object(w);
	jsonw_key(w, "enabled");
	jsonw_bool(w, !off);
	if (!off)
		jsoncopy_member(w, "max_tokens", c->j, canon_member(c, node, "token_budget"));
	jsonw_end_object(w);
}

static void
parameters(struct canon *c, struct jsonw *w)
{
	static const struct {
		const char *from, *to;
	} names[] = {{"max_tokens", "max_tokens"}, {"temperature", "temperature"}, {"p", "top_p"}, {"k", "top_k"},
	    {"stop_sequences", "stop"}, {"seed", "seed"}, {"frequency_penalty", "frequency_penalty"},
	    {"presence_penalty", "presence_penalty"}};

	for (size_t i = 0; i < N(names); i++) {
		int node = canon_get(c, names[i].from);
		if (json_type(c->j, node) != JSON_ARRAY || json_count(c->j, node))
			jsoncopy_member(w, names[i].to, c->j, node);
	}
	if (json_bool(c->j, canon_get(c, "logprobs")) == 1)
		jsoncopy_member(w, "logprobs", c->j, canon_get(c, "logprobs"));
}

static void
request(struct canon *c, struct jsonw *w, const struct front_ask *ask)
{
	int model = canon_get(c, "model"), streams = json_bool(c->j, canon_get(c, "stream")) == 1;

	jsonw_object(w);
	if (ask->model)
		jsonw_member(w, "model", ask->model);
	else if (json_type(c->j, model) == JSON_STRING)
		jsoncopy_member(w, "model", c->j, model);
	else
		canon_bad(c, "model: a string is needed");
	cohere_ask_messages(c, w, ask->blobs);
	jsonw_key(w, "stream");
	jsonw_bool(w, ask->stream >= 0 ? ask->stream : streams);
	tools(c, w);
	choice(c, w);
	format(c, w);
	thinking(c, w);
	parameters(c, w);
	jsonw_end_object(w);
	if (json_count(c->j, canon_get(c, "documents")))
		cohere_refuse(c, "documents");
}

int
cohere_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	static const char *const known[] = {"model", "messages", "stream", "tools", "strict_tools", "tool_choice",
	    "response_format", "thinking", "documents", "max_tokens", "temperature", "p", "k", "stop_sequences", "seed",
	    "frequency_penalty", "presence_penalty", "logprobs", NULL};
	const struct wire_ask as = {.request = ask->request, .lossy = ask->lossy};
	struct canon c;
	struct jsonw w;

	if (json_type(ask->request, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	canon_init(&c, &as, "cohere", lost, e);
	jsonw_init(&w, out);
	request(&c, &w, ask);
	canon_lose_members(&c, 0, "", known);
	canon_release(&c);
	return c.failed ? -1 : 0;
}
