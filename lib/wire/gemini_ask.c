/* SPDX-License-Identifier: ISC */
/*
 * A request to generateContent, as the canonical one. Names may be written in camelCase or, as Google's parser allows,
 * with underscores.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "wire/front.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

#define MAX_KEY 64

/* "topK" as "top_k". */
static void
underscored(const char *name, char *out)
{
	size_t n = 0;

	for (; *name && n < MAX_KEY - 2; name++) {
		if (isupper((unsigned char)*name))
			out[n++] = '_';
		out[n++] = (char)tolower((unsigned char)*name);
	}
	out[n] = '\0';
}

int
gemini_is_key(const struct json *j, int key, const char *name)
{
	char other[MAX_KEY];

	underscored(name, other);
	return json_eq(j, key, name) || json_eq(j, key, other);
}

int
gemini_get(const struct json *j, int node, const char *name)
{
	char other[MAX_KEY];
	int v = json_get(j, node, name);

	if (v < 0 || json_type(j, v) == JSON_NULL) {
		underscored(name, other);
		v = json_get(j, node, other);
	}
	return json_type(j, v) == JSON_NULL ? -1 : v;
}

int
gemini_first(const struct json *j, int list)
{
	return json_type(j, list) == JSON_OBJECT ? list : json_child(j, list);
}

int
gemini_next(const struct json *j, int list, int node)
{
	return node == list ? -1 : json_next(j, list, node);
}

void
gemini_lose_members(struct gemini_ask *g, int node, const char *where, const char *const *known)
{
	struct buf name = BUF_INIT;

	for (int k = json_child(g->j, node); k >= 0 && json_type(g->j, node) == JSON_OBJECT;
	     k = json_next(g->j, node, json_value(g->j, k))) {
		const char *const *n = known;
		while (*n && !gemini_is_key(g->j, k, *n))
			n++;
		if (*n || json_type(g->j, json_value(g->j, k)) == JSON_NULL)
			continue;
		buf_clear(&name);
		buf_adds(&name, where);
		json_str(g->j, k, &name);
		losses_add(g->lost, buf_str(&name));
	}
	buf_release(&name);
}

void
gemini_refuse(struct gemini_ask *g, const char *what)
{
	if (g->ask->lossy)
		losses_add_content(g->lost, what);
	else if (!g->failed)
		g->failed = err_set(g->err, ERR_DATA, "%s%s%s has no place in other formats", g->at, *g->at ? ": " : "",
				what) != 0;
}

void
gemini_bad(struct gemini_ask *g, const char *why)
{
	if (!g->failed)
		g->failed = err_set(g->err, ERR_DATA, "%s%s%s", g->at, *g->at ? ": " : "", why) != 0;
}

static void
read_declaration(struct gemini_ask *g, int d)
{
	static const char *const known[] = {"name", "description", "parameters", "parametersJsonSchema", NULL};
	int schema = gemini_get(g->j, d, "parametersJsonSchema"), openapi = gemini_get(g->j, d, "parameters");

	if (json_type(g->j, json_get(g->j, d, "name")) != JSON_STRING) {
		gemini_bad(g, "functionDeclarations: a name is missing");
		return;
	}
	gemini_lose_members(g, d, "tools.functionDeclarations.", known);
	jsonw_object(&g->w);
	jsonw_key(&g->w, "type");
	jsonw_str(&g->w, "function");
	jsonw_key(&g->w, "function");
	jsonw_object(&g->w);
	jsoncopy_known(&g->w, "name", g->j, json_get(g->j, d, "name"));
	jsoncopy_known(&g->w, "description", g->j, gemini_get(g->j, d, "description"));
	jsoncopy_known(&g->w, "parameters", g->j, schema);
	if (schema < 0 && openapi >= 0) {
		jsonw_key(&g->w, "parameters");
		gemini_read_schema(g->j, openapi, &g->w);
	}
	jsonw_end_object(&g->w);
	jsonw_end_object(&g->w);
}

/* Google's own tools (googleSearch, codeExecution, ...) run at Google's. */
static void
refuse_own_tools(struct gemini_ask *g, int tool)
{
	for (int k = json_child(g->j, tool); k >= 0; k = json_next(g->j, tool, json_value(g->j, k))) {
		char *name = json_dup(g->j, k, NULL);
		if (!gemini_is_key(g->j, k, "functionDeclarations") &&
		    json_type(g->j, json_value(g->j, k)) != JSON_NULL)
			gemini_refuse(g, name);
		free(name);
	}
}

static int
declarations(const struct gemini_ask *g, int tool)
{
	int list = gemini_get(g->j, tool, "functionDeclarations");

	return json_type(g->j, list) == JSON_ARRAY && json_count(g->j, list) ? list : -1;
}

static void
read_tools(struct gemini_ask *g)
{
	int list = gemini_get(g->j, 0, "tools"), any = 0;

	if (json_type(g->j, list) != JSON_ARRAY)
		return;
	for (int t = json_child(g->j, list); t >= 0; t = json_next(g->j, list, t)) {
		int of = declarations(g, t);
		if (json_type(g->j, t) == JSON_OBJECT)
			refuse_own_tools(g, t);
		if (of >= 0 && !any++) {
			jsonw_key(&g->w, "tools");
			jsonw_array(&g->w);
		}
		for (int d = of < 0 ? -1 : json_child(g->j, of); d >= 0; d = json_next(g->j, of, d))
			read_declaration(g, d);
	}
	if (any)
		jsonw_end_array(&g->w);
}

static void
write_function(struct gemini_ask *g, int name)
{
	jsonw_object(&g->w);
	jsonw_key(&g->w, "type");
	jsonw_str(&g->w, "function");
	jsonw_key(&g->w, "function");
	jsonw_object(&g->w);
	jsoncopy_known(&g->w, "name", g->j, name);
	jsonw_end_object(&g->w);
	jsonw_end_object(&g->w);
}

static void
write_allowed(struct gemini_ask *g, const char *mode, int names)
{
	jsonw_object(&g->w);
	jsonw_key(&g->w, "type");
	jsonw_str(&g->w, "allowed_tools");
	jsonw_key(&g->w, "allowed_tools");
	jsonw_object(&g->w);
	jsonw_key(&g->w, "mode");
	jsonw_str(&g->w, mode);
	jsonw_key(&g->w, "tools");
	jsonw_array(&g->w);
	for (int i = json_child(g->j, names); i >= 0; i = json_next(g->j, names, i))
		write_function(g, i);
	jsonw_end_array(&g->w);
	jsonw_end_object(&g->w);
	jsonw_end_object(&g->w);
}

/* AUTO and VALIDATED leave the model its choice, ANY doesn't. */
static void
read_choice(struct gemini_ask *g)
{
	static const char *const known[] = {"functionCallingConfig", NULL},
				 *const inner[] = {"mode", "allowedFunctionNames", NULL};
	int config = gemini_get(g->j, 0, "toolConfig"), calling = gemini_get(g->j, config, "functionCallingConfig");
	int names = gemini_get(g->j, calling, "allowedFunctionNames");
	char *mode = json_dup(g->j, gemini_get(g->j, calling, "mode"), NULL);
	int any = mode && strcasecmp(mode, "ANY") == 0,
	    n = json_type(g->j, names) == JSON_ARRAY ? json_count(g->j, names) : 0;

	gemini_lose_members(g, config, "toolConfig.", known);
	gemini_lose_members(g, calling, "toolConfig.functionCallingConfig.", inner);
	if (mode)
		jsonw_key(&g->w, "tool_choice");
	if (mode && strcasecmp(mode, "NONE") == 0)
		jsonw_str(&g->w, "none");
	else if (any && n == 1)
		write_function(g, json_child(g->j, names));
	else if (mode && n)
		write_allowed(g, any ? "required" : "auto", names);
	else if (mode)
		jsonw_str(&g->w, any ? "required" : "auto");
	free(mode);
}

/* "models/x" is x; other prefixes belong to the name. */
static void
write_model(struct gemini_ask *g)
{
	char *own = json_dup(g->j, gemini_get(g->j, 0, "model"), NULL);
	const char *model = g->ask->model ? g->ask->model : own;

	if (model) {
		jsonw_key(&g->w, "model");
		jsonw_str(&g->w, strncmp(model, "models/", 7) == 0 ? model + 7 : model);
	}
	free(own);
}

/* "priority", or as its schema has it, "SERVICE_TIER_PRIORITY". */
static void
read_tier(struct gemini_ask *g)
{
	static const char prefix[] = "service_tier_";
	char *word = json_dup(g->j, gemini_get(g->j, 0, "serviceTier"), NULL), *s = word;

	for (char *p = word; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (s && strncmp(s, prefix, sizeof(prefix) - 1) == 0)
		s += sizeof(prefix) - 1;
	if (s && *s && strcmp(s, "unspecified") != 0)
		jsonw_member(&g->w, "service_tier", strcmp(s, "standard") == 0 ? "default" : s);
	free(word);
}

int
gemini_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	static const char *const known[] = {"model", "contents", "systemInstruction", "tools", "toolConfig",
	    "generationConfig", "cachedContent", "serviceTier", NULL};
	struct gemini_ask g = {.ask = ask, .j = ask->request, .lost = lost, .err = e};

	if (json_type(g.j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	jsonw_init(&g.w, out);
	jsonw_object(&g.w);
	write_model(&g);
	if (ask->stream == 1) {
		jsonw_key(&g.w, "stream");
		jsonw_bool(&g.w, 1);
	}
	gemini_read_messages(&g);
	*g.at = '\0';
	read_tools(&g);
	read_choice(&g);
	gemini_read_config(&g, gemini_get(g.j, 0, "generationConfig"));
	read_tier(&g);
	if (gemini_get(g.j, 0, "cachedContent") >= 0) /* it holds a part of the prompt */
		gemini_refuse(&g, "cachedContent");
	gemini_lose_members(&g, 0, "", known);
	jsonw_end_object(&g.w);
	for (size_t i = 0; i < g.n_call; i++) {
		free(g.call[i].name);
		free(g.call[i].id);
	}
	free(g.call);
	return g.failed ? -1 : 0;
}
