/* SPDX-License-Identifier: ISC */
/* Requests in the Responses format to canonical ones: parameters and tools. The conversation is responses_past.c's. */
#include "wire/responses_ask.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/front.h"
#include "wire/responses.h"

/* Called the same, and meaning the same; the second half are OpenRouter's. */
static const char *const same[] = {"temperature", "top_p", "user", "metadata", "service_tier", "prompt_cache_key",
    "prompt_cache_retention", "prompt_cache_options", "safety_identifier", "max_tool_calls", "parallel_tool_calls",
    "presence_penalty", "frequency_penalty", "top_k", "models", "provider", "plugins", "route", "preset", "session_id",
    "trace", "cache_control", "debug", "image_config", "modalities", "stop_server_tools_when", NULL};
/* What is read elsewhere, or changes nothing here. */
static const char *const known[] = {"model", "input", "instructions", "stream", "stream_options", "store", "include",
    "top_logprobs", "max_output_tokens", "reasoning", "text", "tools", "tool_choice", "truncation", "background", NULL};
/* What refers to something that was stored. */
static const char *const stateful[] = {"previous_response_id", "conversation", "prompt", NULL};

int
responses_has(const struct responses_ask *a, int node, const char *key)
{
	enum json_type t = json_type(a->j, json_get(a->j, node, key));

	return t != JSON_NONE && t != JSON_NULL;
}

int
responses_bad(struct responses_ask *a, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	err_set(a->err, ERR_DATA, "%s[%d]: %s", a->list, a->at, buf_str(&b));
	buf_release(&b);
	return -1;
}

int
responses_refuse(struct responses_ask *a, const char *what, int node)
{
	char *type = json_dup(a->j, json_get(a->j, node, "type"), NULL);
	int r = 0;

	if (a->ask->lossy)
		losses_add_content(a->lost, type ? type : what);
	else
		r = responses_bad(a, "%s of type %s can't be carried", what, type ? type : "unknown");
	free(type);
	return r;
}

static int
is_in(const char *const *list, const char *s)
{
	for (; *list; list++)
		if (strcmp(*list, s) == 0)
			return 1;
	return 0;
}

static int
refuse_state(struct responses_ask *a)
{
	for (const char *const *f = stateful; *f; f++)
		if (responses_has(a, 0, *f))
			return err_set(a->err, ERR_DATA, "%s: nothing is stored here", *f);
	if (json_bool(a->j, json_get(a->j, 0, "background")) == 1)
		return err_set(a->err, ERR_DATA, "background: nothing is stored here");
	return 0;
}

static void
lose_others(struct responses_ask *a)
{
	for (int k = json_child(a->j, 0); k >= 0; k = json_next(a->j, 0, json_value(a->j, k))) {
		char *key = json_dup(a->j, k, NULL);
		if (!is_in(same, key) && !is_in(known, key) && !is_in(stateful, key) &&
		    json_type(a->j, json_value(a->j, k)) != JSON_NULL)
			losses_add(a->lost, key);
		free(key);
	}
	if (json_bool(a->j, json_get(a->j, 0, "store")) == 1)
		losses_add(a->lost, "store");
	if (json_eq(a->j, json_get(a->j, 0, "truncation"), "auto"))
		losses_add(a->lost, "truncation");
}

/* What reads {"type":T,...} here is {"type":T,T:{...}} there. */
static void
nested(struct jsonw *w, const struct json *j, int node, const char *type, const char *const *keys)
{
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsonw_key(w, type);
	jsonw_object(w);
	for (; *keys; keys++)
		jsoncopy_known(w, *keys, j, json_get(j, node, *keys));
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
custom_tool(struct jsonw *w, const struct json *j, int t)
{
	static const char *const keys[] = {"syntax", "definition", NULL};
	int format = json_get(j, t, "format");

	jsonw_object(w);
	jsonw_member_if(w, "type", "custom");
	jsonw_key(w, "custom");
	jsonw_object(w);
	jsoncopy_known(w, "name", j, json_get(j, t, "name"));
	jsoncopy_known(w, "description", j, json_get(j, t, "description"));
	if (json_eq(j, json_get(j, format, "type"), "grammar")) {
		jsonw_key(w, "format");
		nested(w, j, format, "grammar", keys);
	} else {
		jsoncopy_known(w, "format", j, format);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static int
tool(struct responses_ask *a, struct jsonw *w, int t)
{
	static const char *const keys[] = {"name", "description", "parameters", "strict", NULL};
	int type = json_get(a->j, t, "type"), is_custom = json_eq(a->j, type, "custom");

	if (!is_custom && !json_eq(a->j, type, "function"))
		return responses_refuse(a, "tools", t);
	if (json_type(a->j, json_get(a->j, t, "name")) != JSON_STRING)
		return responses_bad(a, "name: a string is needed");
	if (is_custom)
		custom_tool(w, a->j, t);
	else
		nested(w, a->j, t, "function", keys);
	return 0;
}

static int
tools(struct responses_ask *a, struct jsonw *w)
{
	int list = json_get(a->j, 0, "tools"), r = 0;
	size_t before;

	if (!responses_has(a, 0, "tools") || (json_type(a->j, list) == JSON_ARRAY && json_count(a->j, list) == 0))
		return 0;
	if (json_type(a->j, list) != JSON_ARRAY)
		return err_set(a->err, ERR_DATA, "tools: a list is needed");
	a->list = "tools";
	a->at = 0;
	before = w->b->len;
	jsonw_key(w, "tools");
	jsonw_array(w);
	size_t empty = w->b->len;
	for (int t = json_child(a->j, list); t >= 0 && !r; t = json_next(a->j, list, t)) {
		r = tool(a, w, t);
		a->at++;
	}
	if (w->b->len == empty) { /* none is left */
		w->b->len = before;
		w->comma = 1;
	} else {
		jsonw_end_array(w);
	}
	return r;
}

/* {"type":"function","name":...}; what names a built-in tool is lost with the tool. */
static int
named_tool(struct responses_ask *a, struct jsonw *w, int node)
{
	static const char *const name[] = {"name", NULL};
	int type = json_get(a->j, node, "type");
	const char *kind = json_eq(a->j, type, "custom") ? "custom" : "function";

	if (!json_eq(a->j, type, kind))
		return 0;
	nested(w, a->j, node, kind, name);
	return 1;
}

static void
allowed_tools(struct responses_ask *a, struct jsonw *w, int choice)
{
	int list = json_get(a->j, choice, "tools");

	jsonw_object(w);
	jsonw_member_if(w, "type", "allowed_tools");
	jsonw_key(w, "allowed_tools");
	jsonw_object(w);
	jsoncopy_known(w, "mode", a->j, json_get(a->j, choice, "mode"));
	jsonw_key(w, "tools");
	jsonw_array(w);
	for (int t = json_child(a->j, list); t >= 0; t = json_next(a->j, list, t))
		if (!named_tool(a, w, t))
			losses_add(a->lost, "tool_choice");
	jsonw_end_array(w);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
tool_choice(struct responses_ask *a, struct jsonw *w)
{
	int choice = json_get(a->j, 0, "tool_choice"), type = json_get(a->j, choice, "type");

	if (!responses_has(a, 0, "tool_choice"))
		return;
	if (json_type(a->j, choice) == JSON_STRING) {
		jsoncopy_known(w, "tool_choice", a->j, choice);
	} else if (json_eq(a->j, type, "allowed_tools")) {
		jsonw_key(w, "tool_choice");
		allowed_tools(a, w, choice);
	} else if (json_eq(a->j, type, "function") || json_eq(a->j, type, "custom")) {
		jsonw_key(w, "tool_choice");
		named_tool(a, w, choice);
	} else {
		losses_add(a->lost, "tool_choice");
	}
}

static void
text(struct responses_ask *a, struct jsonw *w)
{
	static const char *const keys[] = {"name", "description", "schema", "strict", NULL};
	int node = json_get(a->j, 0, "text"), format = json_get(a->j, node, "format");

	jsoncopy_known(w, "verbosity", a->j, json_get(a->j, node, "verbosity"));
	if (!responses_has(a, node, "format") || json_eq(a->j, json_get(a->j, format, "type"), "text"))
		return;
	jsonw_key(w, "response_format");
	if (json_eq(a->j, json_get(a->j, format, "type"), "json_schema"))
		nested(w, a->j, format, "json_schema", keys);
	else
		jsoncopy(w, a->j, format);
}

static void
reasoning(struct responses_ask *a, struct jsonw *w)
{
	static const char *const members[] = {"effort", "summary", "max_tokens", "enabled", "exclude", NULL};
	int node = json_get(a->j, 0, "reasoning"), any = 0;
	struct buf name = BUF_INIT;

	if (json_type(a->j, node) != JSON_OBJECT)
		return;
	for (int k = json_child(a->j, node); k >= 0; k = json_next(a->j, node, json_value(a->j, k))) {
		buf_clear(&name);
		json_str(a->j, k, &name);
		const char *key = strcmp(buf_str(&name), "generate_summary") == 0 ? "summary" : buf_str(&name);
		if (json_type(a->j, json_value(a->j, k)) == JSON_NULL)
			continue;
		if (!is_in(members, key)) {
			struct buf whole = BUF_INIT;
			buf_addf(&whole, "reasoning.%s", key);
			losses_add(a->lost, buf_str(&whole));
			buf_release(&whole);
			continue;
		}
		if (!any++) {
			jsonw_key(w, "reasoning");
			jsonw_object(w);
		}
		jsoncopy_known(w, key, a->j, json_value(a->j, k));
	}
	if (any)
		jsonw_end_object(w);
	buf_release(&name);
}

/* Encrypted reasoning comes unasked. */
static void
include(struct responses_ask *a, struct jsonw *w)
{
	int list = json_get(a->j, 0, "include"), top = json_get(a->j, 0, "top_logprobs"), wanted = 0;
	int64_t n = 0;

	for (int i = json_child(a->j, list); i >= 0; i = json_next(a->j, list, i))
		if (json_eq(a->j, i, "message.output_text.logprobs"))
			wanted = 1;
		else if (!json_eq(a->j, i, "reasoning.encrypted_content"))
			losses_add(a->lost, "include");
	if (json_int(a->j, top, &n) == 0 && n > 0)
		wanted = 1;
	if (!wanted)
		return;
	jsonw_key(w, "logprobs");
	jsonw_bool(w, 1);
	jsoncopy_known(w, "top_logprobs", a->j, top);
}

static int
messages(struct responses_ask *a, struct jsonw *w)
{
	int instructions = json_get(a->j, 0, "instructions");

	jsonw_key(w, "messages");
	jsonw_array(w);
	if (responses_has(a, 0, "instructions")) {
		if (json_type(a->j, instructions) != JSON_STRING)
			return err_set(a->err, ERR_DATA, "instructions: a string is needed");
		jsonw_object(w);
		jsonw_member_if(w, "role", "system");
		jsoncopy_known(w, "content", a->j, instructions);
		jsonw_end_object(w);
	}
	int r = responses_past(a, w);
	jsonw_end_array(w);
	return r;
}

static void
parameters(struct responses_ask *a, struct jsonw *w)
{
	int stream = a->ask->stream >= 0 ? a->ask->stream : json_bool(a->j, json_get(a->j, 0, "stream"));

	if (stream >= 0) {
		jsonw_key(w, "stream");
		jsonw_bool(w, stream);
	}
	if (json_bool(a->j, json_get(a->j, 0, "store")) == 0) {
		jsonw_key(w, "store");
		jsonw_bool(w, 0);
	}
	jsoncopy_known(w, "max_tokens", a->j, json_get(a->j, 0, "max_output_tokens"));
	for (const char *const *f = same; *f; f++)
		jsoncopy_known(w, *f, a->j, json_get(a->j, 0, *f));
	tool_choice(a, w);
	text(a, w);
	reasoning(a, w);
	include(a, w);
}

int
responses_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	struct responses_ask a = {.j = ask->request, .ask = ask, .lost = lost, .err = e, .list = "input"};
	struct jsonw w;

	if (json_type(a.j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	if (refuse_state(&a))
		return -1;
	jsonw_init(&w, out);
	jsonw_object(&w);
	if (ask->model)
		jsonw_member_if(&w, "model", ask->model);
	else
		jsoncopy_known(&w, "model", a.j, json_get(a.j, 0, "model"));
	if (messages(&a, &w) || tools(&a, &w))
		return -1;
	parameters(&a, &w);
	jsonw_end_object(&w);
	lose_others(&a);
	return 0;
}
