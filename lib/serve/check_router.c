/* SPDX-License-Identifier: ISC */
/* What only OpenRouter does. */
#include <string.h>

#include "json.h"
#include "serve/check.h"

static int
is_online(const struct json *j, int name)
{
	static const char suffix[] = ":online\"";
	size_t n, k = sizeof(suffix) - 1;
	const char *s = json_raw(j, name, &n);

	return json_type(j, name) == JSON_STRING && n > k && memcmp(s + n - k, suffix, k) == 0 && memchr(s, '/', n);
}

static int
any_online(const struct json *j)
{
	int list = json_get(j, 0, "models");

	if (is_online(j, json_get(j, 0, "model")))
		return 1;
	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i))
			if (is_online(j, i))
				return 1;
	return 0;
}

static int
any_plugin(const struct json *j)
{
	int list = json_get(j, 0, "plugins");

	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i))
			if (json_bool(j, json_get(j, i, "enabled")) != 0)
				return 1;
	return 0;
}

static int
any_server_tool(const struct json *j)
{
	static const char prefix[] = "\"openrouter:";
	int list = json_get(j, 0, "tools");
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
	int transforms = json_get(j, 0, "transforms");

	if (any_online(j))
		return "model: \":online\"";
	if (any_plugin(j))
		return "plugins";
	if (any_server_tool(j))
		return "tools: \"openrouter:...\"";
	return json_type(j, transforms) == JSON_ARRAY && json_count(j, transforms) ? "transforms" : NULL;
}
