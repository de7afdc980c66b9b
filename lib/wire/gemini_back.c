/* SPDX-License-Identifier: ISC */
/*
 * The back of Google's generateContent, as AI Studio and Vertex AI have it. Sources: Google's references of both, and
 * recorded exchanges (DEVIATIONS.md).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "str.h"
#include "wire/canon.h"
#include "wire/decoder.h"
#include "wire/gemini.h"
#include "wire/gemini_state.h"
#include "wire/wire.h"

static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "seed",
    "stop", "n", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "response_format", "tools",
    "tool_choice", "parallel_tool_calls", "reasoning", "reasoning_effort", "modalities", "audio", "image_config",
    "functions", "function_call", NULL};

int
gemini_version(const char *model)
{
	const char *at = model ? strstr(model, "gemini-") : NULL;

	if (at && isdigit((unsigned char)at[7]))
		return isdigit((unsigned char)at[8]) ? 10 : at[7] - '0';
	return at && strstr(at, "-latest") ? 3 : 0; /* what "latest" names has long had that version, at least */
}

static void
write_declaration(struct canon *c, struct jsonw *w, int function)
{
	static const char *const members[] = {"name", "description", "parameters", "strict", NULL};
	int parameters = canon_member(c, function, "parameters");

	if (json_type(c->j, canon_member(c, function, "name")) != JSON_STRING) {
		canon_refuse(c, "tools that aren't functions");
		return;
	}
	canon_lose_members(c, function, "tools.function.", members);
	if (json_bool(c->j, canon_member(c, function, "strict")) == 1)
		canon_lose(c, "tools.function.strict");
	jsonw_object(w);
	jsoncopy_known(w, "name", c->j, canon_member(c, function, "name"));
	jsoncopy_known(w, "description", c->j, canon_member(c, function, "description"));
	if (json_type(c->j, parameters) == JSON_OBJECT) {
		jsonw_key(w, "parametersJsonSchema");
		gemini_write_schema(c->j, parameters, w);
	}
	jsonw_end_object(w);
}

/* `functions` is what tools were called once: a list of what a tool has inside. */
static void
write_tools(struct canon *c, struct jsonw *w)
{
	static const char *const members[] = {"type", "function", NULL};
	int tools = canon_get(c, "tools"), list = tools >= 0 ? tools : canon_get(c, "functions");

	if (json_type(c->j, list) != JSON_ARRAY || json_count(c->j, list) == 0)
		return;
	jsonw_key(w, "tools");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "functionDeclarations");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0; t = json_next(c->j, list, t)) {
		write_declaration(c, w, tools >= 0 ? canon_member(c, t, "function") : t);
		if (tools >= 0 && canon_member(c, t, "function") >= 0)
			canon_lose_members(c, t, "tools.", members);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
	jsonw_end_array(w);
}

/* names: a function's name, or a list of {"function": {"name"}}. */
static void
write_calling(struct canon *c, struct jsonw *w, const char *mode, int names)
{
	size_t n;

	jsonw_key(w, "toolConfig");
	jsonw_object(w);
	jsonw_key(w, "functionCallingConfig");
	jsonw_object(w);
	jsonw_key(w, "mode");
	jsonw_str(w, mode);
	if (names >= 0) {
		jsonw_key(w, "allowedFunctionNames");
		jsonw_array(w);
		if (json_type(c->j, names) == JSON_ARRAY) {
			for (int i = json_child(c->j, names); i >= 0; i = json_next(c->j, names, i)) {
				const char *raw = json_raw(c->j, json_path(c->j, i, "function.name"), &n);
				if (raw)
					jsonw_raw(w, raw, n);
			}
		} else {
			const char *raw = json_raw(c->j, names, &n);
			jsonw_raw(w, raw, n);
		}
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* AUTO takes no list of names; VALIDATED is the mode that does and lets the model answer with text. */
static void
write_choice(struct canon *c, struct jsonw *w)
{
	int tool = canon_get(c, "tool_choice"), choice = tool >= 0 ? tool : canon_get(c, "function_call");
	int name = json_path(c->j, choice, "function.name"), allowed = canon_member(c, choice, "allowed_tools");

	if (name < 0) /* the legacy way, and Anthropic's */
		name = json_get(c->j, choice, "name");
	if (json_bool(c->j, canon_get(c, "parallel_tool_calls")) == 0)
		canon_lose(c, "parallel_tool_calls");
	if (choice < 0 || json_eq(c->j, choice, "auto"))
		return;
	if (json_eq(c->j, choice, "none"))
		write_calling(c, w, "NONE", -1);
	else if (json_eq(c->j, choice, "required") || json_eq(c->j, choice, "any")) /* Mistral's word */
		write_calling(c, w, "ANY", -1);
	else if (json_type(c->j, name) == JSON_STRING)
		write_calling(c, w, "ANY", name);
	else if (json_type(c->j, json_get(c->j, allowed, "tools")) == JSON_ARRAY)
		write_calling(c, w, json_eq(c->j, json_get(c->j, allowed, "mode"), "required") ? "ANY" : "VALIDATED",
		    json_get(c->j, allowed, "tools"));
	else
		canon_lose(c, "tool_choice");
}

/* "models/x" and "tunedModels/x" bring their own first segment. */
static void
set_url(struct wire_call *out, const struct wire_ask *ask)
{
	const char *model = ask->model ? ask->model : "";
	struct buf path = BUF_INIT;

	buf_adds(&path, strchr(model, '/') ? "/" : "/models/");
	str_percent(&path, model, "/@");
	buf_adds(&path, out->stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
	wire_url(out, ask, buf_str(&path));
	buf_release(&path);
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct canon c;
	struct jsonw w;

	wire_call_clear(out);
	canon_init(&c, ask, "gemini", lost, e);
	out->stream = json_bool(c.j, canon_get(&c, "stream")) == 1;
	set_url(out, ask);
	char *own = canon_dup(&c, canon_get(&c, "model"));
	const char *model = ask->model ? ask->model : own ? own : "";
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	if (!ask->provider && *model) { /* without a URL it has no other place */
		jsonw_key(&w, "model");
		jsonw_str(&w, model);
	}
	gemini_write_contents(&c, &w, gemini_version(model));
	write_tools(&c, &w);
	write_choice(&c, &w);
	gemini_write_config(&c, &w, model);
	jsonw_end_object(&w);
	canon_lose_others(&c, carried);
	free(own);
	canon_release(&c);
	return c.failed ? -1 : 0;
}

const struct wire wire_gemini = {
    .name = "gemini",
    .framing = WIRE_VALUES,
    .encode = encode,
    .on_chunk = gemini_chunk,
    .on_whole = gemini_whole,
    .error = gemini_error,
    .on_end = gemini_end,
    .release = gemini_release,
};
