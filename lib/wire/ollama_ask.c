/* SPDX-License-Identifier: ISC */
/* Requests of /api/chat and /api/generate as canonical ones. */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/front.h"
#include "wire/ollama.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

int
ollama_is_empty(const struct json *j, int node)
{
	enum json_type t = json_type(j, node);

	if (t == JSON_STRING)
		return json_eq(j, node, "");
	if (t == JSON_ARRAY || t == JSON_OBJECT)
		return json_count(j, node) == 0;
	return t <= JSON_FALSE;
}

void
ollama_refuse(struct canon *c, const char *what)
{
	if (c->ask->lossy)
		losses_add_content(c->lost, what);
	else
		canon_bad(c, "%s: no other format has it", what);
}

void
ollama_lose_rest(struct canon *c, int node, const char *where, const char *const *known)
{
	struct buf name = BUF_INIT;

	for (int k = json_child(c->j, node); k >= 0; k = json_next(c->j, node, json_value(c->j, k))) {
		const char *const *s = known;
		while (*s && !json_eq(c->j, k, *s))
			s++;
		if (*s || ollama_is_empty(c->j, json_value(c->j, k)))
			continue;
		buf_clear(&name);
		buf_adds(&name, where);
		json_str(c->j, k, &name);
		losses_add(c->lost, buf_str(&name));
	}
	buf_release(&name);
}

/* One of the options; 0: it has no canonical form. */
static int
option(struct canon *c, struct jsonw *w, int key, int value)
{
	static const struct {
		const char *from, *to;
	} names[] = {{"num_predict", "max_tokens"}, {"temperature", "temperature"}, {"top_p", "top_p"},
	    {"top_k", "top_k"}, {"min_p", "min_p"}, {"seed", "seed"}, {"stop", "stop"},
	    {"repeat_penalty", "repetition_penalty"}, {"presence_penalty", "presence_penalty"},
	    {"frequency_penalty", "frequency_penalty"}};
	size_t i = 0;
	int64_t n;

	while (i < N(names) && !json_eq(c->j, key, names[i].from))
		i++;
	if (i == N(names))
		return 0;
	/* -1 and -2: no limit but the model's */
	if (!ollama_is_empty(c->j, value) && (i || json_int(c->j, value, &n) || n >= 0))
		jsoncopy_member(w, names[i].to, c->j, value);
	return 1;
}

static void
options(struct canon *c, struct jsonw *w)
{
	int list = json_get(c->j, 0, "options");
	struct buf name = BUF_INIT;

	if (json_type(c->j, list) != JSON_OBJECT && !ollama_is_empty(c->j, list))
		canon_bad(c, "options: an object is needed");
	if (json_type(c->j, list) != JSON_OBJECT)
		return;
	for (int k = json_child(c->j, list); k >= 0; k = json_next(c->j, list, json_value(c->j, k))) {
		int v = json_value(c->j, k);
		if (option(c, w, k, v) || json_type(c->j, v) == JSON_NULL)
			continue;
		buf_clear(&name);
		buf_adds(&name, "options.");
		json_str(c->j, k, &name);
		losses_add(c->lost, buf_str(&name));
	}
	buf_release(&name);
}

/* OpenAI's tools, whose type may be left out. */
static void
tools(struct canon *c, struct jsonw *w)
{
	int list = json_get(c->j, 0, "tools");

	if (json_type(c->j, list) != JSON_ARRAY || json_count(c->j, list) == 0)
		return;
	jsonw_key(w, "tools");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t)) {
		int function = json_get(c->j, t, "function");
		if (json_type(c->j, function) != JSON_OBJECT) {
			ollama_refuse(c, "tools");
			continue;
		}
		jsonw_object(w);
		jsonw_key(w, "type");
		jsonw_str(w, "function");
		jsoncopy_member(w, "function", c->j, function);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

/* "json", or a schema. */
static void
format(struct canon *c, struct jsonw *w)
{
	int node = json_get(c->j, 0, "format"), is_schema = json_type(c->j, node) == JSON_OBJECT;

	if (ollama_is_empty(c->j, node))
		return;
	if (!is_schema && !json_eq(c->j, node, "json")) {
		canon_bad(c, "format: neither \"json\" nor a schema");
		return;
	}
	jsonw_key(w, "response_format");
	jsonw_object(w);
	jsonw_key(w, "type");
	jsonw_str(w, is_schema ? "json_schema" : "json_object");
	if (is_schema) {
		jsonw_key(w, "json_schema");
		jsonw_object(w);
		jsonw_key(w, "name");
		jsonw_str(w, "answer");
		jsoncopy_member(w, "schema", c->j, node);
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}

static void
think(struct canon *c, struct jsonw *w)
{
	int node = json_get(c->j, 0, "think"), on = json_bool(c->j, node);

	if (on < 0 && ollama_is_empty(c->j, node))
		return;
	if (on < 0 && json_type(c->j, node) != JSON_STRING) {
		canon_bad(c, "think: neither a boolean nor a level");
		return;
	}
	jsonw_key(w, "reasoning");
	jsonw_object(w);
	if (on >= 0) {
		jsonw_key(w, "enabled");
		jsonw_bool(w, on);
	} else {
		jsoncopy_member(w, "effort", c->j, node);
	}
	jsonw_end_object(w);
}

/* It streams where nothing is said. */
static int
streams(const struct canon *c, int asked)
{
	return asked >= 0 ? asked : json_bool(c->j, json_get(c->j, 0, "stream")) != 0;
}

static void
request(struct canon *c, struct jsonw *w, const struct front_ask *ask)
{
	int model = json_get(c->j, 0, "model");

	jsonw_object(w);
	if (ask->model) {
		jsonw_key(w, "model");
		jsonw_str(w, ask->model);
	} else if (json_type(c->j, model) == JSON_STRING) {
		jsoncopy_member(w, "model", c->j, model);
	} else {
		canon_bad(c, "model: a string is needed");
	}
	ollama_ask_messages(c, w, ask->blobs);
	jsonw_key(w, "stream");
	jsonw_bool(w, streams(c, ask->stream));
	options(c, w);
	tools(c, w);
	format(c, w);
	think(c, w);
	if (json_bool(c->j, json_get(c->j, 0, "logprobs")) == 1) {
		jsoncopy_member(w, "logprobs", c->j, json_get(c->j, 0, "logprobs"));
		jsoncopy_member(w, "top_logprobs", c->j, canon_member(c, 0, "top_logprobs"));
	}
	jsonw_end_object(w);
}

int
ollama_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	static const char *const chat[] = {
	    "model", "messages", "stream", "options", "tools", "format", "think", "logprobs", "top_logprobs", NULL};
	static const char *const generate[] = {"model", "prompt", "system", "images", "suffix", "context", "stream",
	    "options", "tools", "format", "think", "logprobs", "top_logprobs", NULL};
	const struct wire_ask as = {.request = ask->request, .lossy = ask->lossy};
	struct canon c;
	struct jsonw w;

	if (json_type(ask->request, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	canon_init(&c, &as, "ollama", lost, e);
	jsonw_init(&w, out);
	request(&c, &w, ask);
	ollama_lose_rest(&c, 0, "", json_get(c.j, 0, "messages") >= 0 ? chat : generate);
	canon_release(&c);
	return c.failed ? -1 : 0;
}
