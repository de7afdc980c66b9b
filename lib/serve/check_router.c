/* SPDX-License-Identifier: ISC */
/* What only OpenRouter does. */
#include <string.h>

#include "json.h"
#include "serve/check.h"
#include "wire/members.h"

static int
is_online(const struct json *j, int name)
{
	static const char suffix[] = ":online\"";
	size_t n, k = sizeof(suffix) - 1;
	const char *s = json_raw(j, name, &n);

	return json_type(j, name) == JSON_STRING && n > k && memcmp(s + n - k, suffix, k) == 0 && memchr(s, '/', n);
}

static int
any_online(const struct json *j, int model, int list)
{
	if (is_online(j, model))
		return 1;
	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i))
			if (is_online(j, i))
				return 1;
	return 0;
}

static int
any_plugin(const struct json *j, int list)
{
	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i))
			if (json_bool(j, json_get(j, i, "enabled")) != 0)
				return 1;
	return 0;
}

static int
any_server_tool(const struct json *j, int list)
{
	static const char prefix[] = "\"openrouter:";
	size_t n;

	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
			const char *s = json_raw(j, json_get(j, i, "type"), &n);
			if (n > sizeof(prefix) && memcmp(s, prefix, sizeof(prefix) - 1) == 0)
				return 1;
		}
	return 0;
}

const char *
check_only_router(const struct json *j)
{
	enum { MODEL, MODELS, PLUGINS, TOOLS, TRANSFORMS, N };
	static const struct member names[N] = {
	    MEMBER("model"), MEMBER("models"), MEMBER("plugins"), MEMBER("tools"), MEMBER("transforms")};
	int at[N];

	members_find(j, 0, names, N, at);
	if (any_online(j, at[MODEL], at[MODELS]))
		return "model: \":online\"";
	if (any_plugin(j, at[PLUGINS]))
		return "plugins";
	if (any_server_tool(j, at[TOOLS]))
		return "tools: \"openrouter:...\"";
	return json_type(j, at[TRANSFORMS]) == JSON_ARRAY && json_count(j, at[TRANSFORMS]) ? "transforms" : NULL;
}
