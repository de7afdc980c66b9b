/* SPDX-License-Identifier: ISC */
#include "serve/check.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "serve/check_priv.h"
#include "wire/members.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MAX_STOPS 4 /* as published */

static const char *const efforts[] = {"max", "xhigh", "high", "medium", "low", "minimal", "none", NULL};
static const char *const verbosities[] = {"low", "medium", "high", "xhigh", "max", NULL};
static const char *const summaries[] = {"auto", "concise", "detailed", NULL};
static const char *const modes[] = {"text", "image", "audio", NULL};
static const char *const tiers[] = {"auto", "default", "fast", "flex", "priority", "scale", NULL};
static const char *const formats[] = {"text", "json_object", "json_schema", "grammar", "python", NULL};
static const char *const choices[] = {"none", "auto", "required", NULL};

static const struct check_field fields[] = {
    {"model", CHECK_STRING, NULL},
    {"models", CHECK_STRINGS, NULL},
    {"temperature", CHECK_NUMBER, NULL},
    {"top_p", CHECK_NUMBER, NULL},
    {"top_k", CHECK_WHOLE, NULL},
    {"min_p", CHECK_NUMBER, NULL},
    {"top_a", CHECK_NUMBER, NULL},
    {"frequency_penalty", CHECK_NUMBER, NULL},
    {"presence_penalty", CHECK_NUMBER, NULL},
    {"repetition_penalty", CHECK_NUMBER, NULL},
    {"seed", CHECK_WHOLE, NULL},
    {"max_tokens", CHECK_WHOLE, NULL},
    {"max_completion_tokens", CHECK_WHOLE, NULL},
    {"n", CHECK_WHOLE, NULL},
    {"stop", CHECK_STOP, NULL},
    {"logit_bias", CHECK_NUMBERS, NULL},
    {"logprobs", CHECK_BOOL, NULL},
    {"top_logprobs", CHECK_WHOLE, NULL},
    {"tools", CHECK_ARRAY, NULL},
    {"parallel_tool_calls", CHECK_BOOL, NULL},
    {"response_format", CHECK_OBJECT, NULL},
    {"structured_outputs", CHECK_BOOL, NULL},
    {"stream", CHECK_BOOL, NULL},
    {"stream_options", CHECK_OBJECT, NULL},
    {"prediction", CHECK_OBJECT, NULL},
    {"modalities", CHECK_STRINGS, modes},
    {"audio", CHECK_OBJECT, NULL},
    {"metadata", CHECK_TEXTS, NULL},
    {"user", CHECK_STRING, NULL},
    {"verbosity", CHECK_WORDS, verbosities},
    {"web_search_options", CHECK_OBJECT, NULL},
    {"provider", CHECK_OBJECT, NULL},
    {"plugins", CHECK_ARRAY, NULL},
    {"transforms", CHECK_STRINGS, NULL},
    {"preset", CHECK_STRING, NULL},
    {"reasoning", CHECK_OBJECT, NULL},
    {"reasoning_effort", CHECK_WORDS, efforts},
    {"include_reasoning", CHECK_BOOL, NULL},
    {"usage", CHECK_OBJECT, NULL},
    {"session_id", CHECK_STRING, NULL},
    {"prompt_cache_key", CHECK_STRING, NULL},
    {"prompt_cache_options", CHECK_OBJECT, NULL},
    {"cache_control", CHECK_OBJECT, NULL},
    {"service_tier", CHECK_WORDS, tiers},
    {"image_config", CHECK_OBJECT, NULL},
    {"trace", CHECK_OBJECT, NULL},
    {"debug", CHECK_OBJECT, NULL},
    {"max_tool_calls", CHECK_WHOLE, NULL},
    {"stop_server_tools_when", CHECK_ARRAY, NULL},
    {"x_search_filter", CHECK_OBJECT, NULL},
};

/* What has members of its own, or is looked at once more. */
enum {
	N_CHOICES,
	STOP,
	MESSAGES,
	TOOLS,
	TOOL_CHOICE,
	RESPONSE_FORMAT,
	REASONING,
	REASONING_EFFORT,
	USAGE,
	STREAM_OPTIONS,
	DEBUG,
	N_DEEPER
};
static const struct member deeper[N_DEEPER] = {MEMBER("n"), MEMBER("stop"), MEMBER("messages"), MEMBER("tools"),
    MEMBER("tool_choice"), MEMBER("response_format"), MEMBER("reasoning"), MEMBER("reasoning_effort"), MEMBER("usage"),
    MEMBER("stream_options"), MEMBER("debug")};

/* ── one value ── */

int
check_is_word(const struct json *j, int node, const char *const *words)
{
	while (*words && !json_eq(j, node, *words))
		words++;
	return *words != NULL;
}

/* Are all of an array's elements, or an object's values, of this type? */
static int
all_are(const struct json *j, int node, enum json_type t)
{
	int is_object = json_type(j, node) == JSON_OBJECT;

	for (int i = json_child(j, node); i >= 0;) {
		int value = is_object ? json_value(j, i) : i;
		if (json_type(j, value) != t)
			return 0;
		i = json_next(j, node, value);
	}
	return 1;
}

static int
all_words(const struct json *j, int node, const char *const *words)
{
	for (int i = json_child(j, node); i >= 0; i = json_next(j, node, i))
		if (!check_is_word(j, i, words))
			return 0;
	return 1;
}

/* 0, or what is wanted instead. */
static const char *
wanted(const struct json *j, int node, const struct check_field *f)
{
	enum json_type t = json_type(j, node);
	int64_t n;

	switch (f->kind) {
	case CHECK_NUMBER:
		return t == JSON_NUMBER ? NULL : "a number is wanted";
	case CHECK_WHOLE:
		return json_int(j, node, &n) == 0 ? NULL : "a whole number is wanted";
	case CHECK_BOOL:
		return t == JSON_TRUE || t == JSON_FALSE ? NULL : "true or false is wanted";
	case CHECK_STRING:
		return t == JSON_STRING ? NULL : "a string is wanted";
	case CHECK_STRINGS:
		if (t != JSON_ARRAY || !all_are(j, node, JSON_STRING))
			return "an array of strings is wanted";
		return !f->words || all_words(j, node, f->words) ? NULL : "there is no such word for it";
	case CHECK_ARRAY:
		return t == JSON_ARRAY ? NULL : "an array is wanted";
	case CHECK_OBJECT:
		return t == JSON_OBJECT ? NULL : "an object is wanted";
	case CHECK_WORDS:
		if (t != JSON_STRING)
			return "a string is wanted";
		return check_is_word(j, node, f->words) ? NULL : "there is no such word for it";
	case CHECK_NUMBERS:
		return t == JSON_OBJECT && all_are(j, node, JSON_NUMBER) ? NULL : "an object of numbers is wanted";
	case CHECK_TEXTS:
		return t == JSON_OBJECT && all_are(j, node, JSON_STRING) ? NULL : "an object of strings is wanted";
	case CHECK_STOP:
		return t == JSON_STRING || (t == JSON_ARRAY && all_are(j, node, JSON_STRING))
		    ? NULL
		    : "a string or an array of strings is wanted";
	}
	return NULL;
}

/* where: "reasoning."; "". */
static int
check_field(const struct json *j, int node, const struct check_field *f, const char *where, struct err *e)
{
	const char *want = node < 0 || json_type(j, node) == JSON_NULL ? NULL : wanted(j, node, f);

	return want ? err_set(e, ERR_DATA, "%s%s: %s", where, f->name, want) : 0;
}

int
check_member(const struct json *j, int object, const struct check_field *f, const char *where, struct err *e)
{
	return check_field(j, json_get(j, object, f->name), f, where, e);
}

int
check_required(const struct json *j, int object, const struct check_field *f, const char *where, struct err *e)
{
	int node = json_get(j, object, f->name);

	if (node < 0 || json_type(j, node) == JSON_NULL)
		return err_set(e, ERR_DATA, "%s%s is missing", where, f->name);
	return check_field(j, node, f, where, e);
}

int
check_members(const struct json *j, int object, const struct check_field *f, size_t n, const char *where, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (check_member(j, object, f + i, where, e))
			return -1;
	return 0;
}

/* ── what else has members of its own ── */

static int
check_tools(const struct json *j, int list, struct err *e)
{
	static const struct check_field type = {"type", CHECK_STRING, NULL},
					function = {"function", CHECK_OBJECT, NULL},
					name = {"name", CHECK_STRING, NULL};
	static const struct check_field inside[] = {
	    {"description", CHECK_STRING, NULL}, {"parameters", CHECK_OBJECT, NULL}, {"strict", CHECK_BOOL, NULL}};
	int i = 0;
	char at[48], in[64];

	for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t)) {
		snprintf(at, sizeof(at), "tools[%d].", i);
		snprintf(in, sizeof(in), "tools[%d].function.", i++);
		if (json_type(j, t) != JSON_OBJECT)
			return err_set(e, ERR_DATA, "tools[%d]: an object is wanted", i - 1);
		if (check_required(j, t, &type, at, e))
			return -1;
		if (!json_eq(j, json_get(j, t, "type"), "function"))
			continue;
		int f = json_get(j, t, "function");
		if (check_required(j, t, &function, at, e) || check_required(j, f, &name, in, e) ||
		    check_members(j, f, inside, N(inside), in, e))
			return -1;
	}
	return 0;
}

static int
check_choice(const struct json *j, int node, struct err *e)
{
	static const struct check_field word = {"tool_choice", CHECK_WORDS, choices},
					type = {"type", CHECK_STRING, NULL},
					function = {"function", CHECK_OBJECT, NULL},
					name = {"name", CHECK_STRING, NULL};

	if (json_type(j, node) != JSON_OBJECT) {
		if (node >= 0 && json_type(j, node) != JSON_STRING && json_type(j, node) != JSON_NULL)
			return err_set(e, ERR_DATA, "tool_choice: a string or an object is wanted");
		return check_field(j, node, &word, "", e);
	}
	if (check_required(j, node, &type, "tool_choice.", e))
		return -1;
	if (!json_eq(j, json_get(j, node, "type"), "function"))
		return 0;
	return check_required(j, node, &function, "tool_choice.", e) ||
		check_required(j, json_get(j, node, "function"), &name, "tool_choice.function.", e)
	    ? -1
	    : 0;
}

static int
check_format(const struct json *j, int node, struct err *e)
{
	static const struct check_field type = {"type", CHECK_WORDS, formats},
					schema = {"json_schema", CHECK_OBJECT, NULL},
					name = {"name", CHECK_STRING, NULL};
	static const struct check_field inside[] = {{"schema", CHECK_OBJECT, NULL}, {"strict", CHECK_BOOL, NULL}};
	int in = json_get(j, node, "json_schema");

	if (json_type(j, node) != JSON_OBJECT)
		return 0;
	if (check_required(j, node, &type, "response_format.", e))
		return -1;
	if (!json_eq(j, json_get(j, node, "type"), "json_schema"))
		return 0;
	return check_required(j, node, &schema, "response_format.", e) ||
		check_required(j, in, &name, "response_format.json_schema.", e) ||
		check_members(j, in, inside, N(inside), "response_format.json_schema.", e)
	    ? -1
	    : 0;
}

static int
check_reasoning(const struct json *j, int node, int other, struct err *e)
{
	static const struct check_field inside[] = {{"effort", CHECK_WORDS, efforts}, {"max_tokens", CHECK_WHOLE, NULL},
	    {"exclude", CHECK_BOOL, NULL}, {"enabled", CHECK_BOOL, NULL}, {"summary", CHECK_WORDS, summaries}};
	int effort = json_get(j, node, "effort");

	if (check_members(j, node, inside, N(inside), "reasoning.", e))
		return -1;
	if (json_type(j, effort) != JSON_STRING || json_type(j, other) != JSON_STRING)
		return 0;
	for (const char *const *w = efforts; *w; w++)
		if (json_eq(j, effort, *w) != json_eq(j, other, *w))
			return err_set(e, ERR_DATA, "reasoning_effort: reasoning.effort says otherwise");
	return 0;
}

/* It would be a chunk before the answer, for each provider that was asked. */
static int
check_debug(const struct json *j, int node, struct err *e)
{
	static const struct check_field echo = {"echo_upstream_body", CHECK_BOOL, NULL};

	if (check_member(j, node, &echo, "debug.", e))
		return -1;
	if (json_bool(j, json_get(j, node, echo.name)) == 1)
		return err_set(e, ERR_DATA, "debug.echo_upstream_body: what providers are sent is not shown");
	return 0;
}

static int
check_usage(const struct json *j, int usage, int stream_options, struct err *e)
{
	static const struct check_field include = {"include", CHECK_BOOL, NULL},
					include_usage = {"include_usage", CHECK_BOOL, NULL};

	return check_member(j, usage, &include, "usage.", e) ||
		check_member(j, stream_options, &include_usage, "stream_options.", e)
	    ? -1
	    : 0;
}

/* What a key names; NULL. Most begin otherwise, be it with an escape. */
static const struct check_field *
field_of(const struct json *j, int key, const char *text)
{
	for (size_t i = 0; i < N(fields); i++)
		if ((*text == *fields[i].name || *text == '\\') && json_eq(j, key, fields[i].name))
			return fields + i;
	return NULL;
}

int
check_chat(const struct json *j, int was_made, struct err *e)
{
	int64_t n;
	int at[N_DEEPER];
	const char *text;
	size_t len;

	for (int key = -1; (key = json_next_key(j, 0, key, &text, &len)) >= 0;) {
		const struct check_field *f = field_of(j, key, text);
		if (f && check_field(j, json_value(j, key), f, "", e))
			return -1;
	}
	members_find(j, 0, deeper, N_DEEPER, at);
	if (!was_made && json_count(j, at[STOP]) > MAX_STOPS)
		return err_set(e, ERR_DATA, "stop: more than %d of them", MAX_STOPS);
	if (json_int(j, at[N_CHOICES], &n) == 0 && n < 1)
		return err_set(e, ERR_DATA, "n: at least 1 is wanted");
	return check_messages(j, at[MESSAGES], was_made, e) || check_tools(j, at[TOOLS], e) ||
		check_choice(j, at[TOOL_CHOICE], e) || check_format(j, at[RESPONSE_FORMAT], e) ||
		check_reasoning(j, at[REASONING], at[REASONING_EFFORT], e) ||
		check_usage(j, at[USAGE], at[STREAM_OPTIONS], e) || check_debug(j, at[DEBUG], e)
	    ? -1
	    : 0;
}

int
check_responses(const struct json *j, struct err *e)
{
	if (json_bool(j, json_get(j, 0, "store")) == 1)
		return err_set(e, ERR_DATA, "store: nothing is stored here");
	return 0;
}
