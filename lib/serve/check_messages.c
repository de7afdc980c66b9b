/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "serve/check_priv.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static const char *const roles[] = {"system", "developer", "user", "assistant", "tool", "function", NULL};

static int
check_part(const struct json *j, int part, const char *where, struct err *e)
{
	static const struct check_field type = {"type", CHECK_STRING, NULL}, text = {"text", CHECK_STRING, NULL},
					url = {"url", CHECK_STRING, NULL};
	static const char *const media[] = {"image_url", "video_url", "input_audio", "file", NULL};
	char at[96];

	if (json_type(j, part) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "%.*s: an object is wanted", (int)strlen(where) - 1, where);
	if (check_required(j, part, &type, where, e))
		return -1;
	int kind = json_get(j, part, "type");
	if (json_eq(j, kind, "text"))
		return check_required(j, part, &text, where, e);
	for (const char *const *m = media; *m; m++) {
		const struct check_field f = {*m, CHECK_OBJECT, NULL};
		if (!json_eq(j, kind, *m))
			continue;
		snprintf(at, sizeof(at), "%s%s.", where, *m);
		if (check_required(j, part, &f, where, e))
			return -1;
		return strstr(*m, "url") ? check_required(j, json_get(j, part, *m), &url, at, e) : 0;
	}
	return 0;
}

static int
check_content(const struct json *j, int message, const char *where, struct err *e)
{
	int content = json_get(j, message, "content"), i = 0;
	enum json_type t = json_type(j, content);
	char at[80];

	if (t == JSON_STRING)
		return 0;
	if (t == JSON_NULL || t == JSON_NONE) {
		int is_optional = json_eq(j, json_get(j, message, "role"), "assistant") ||
		    json_eq(j, json_get(j, message, "role"), "function");
		return is_optional ? 0 : err_set(e, ERR_DATA, "%scontent is missing", where);
	}
	if (t != JSON_ARRAY)
		return err_set(e, ERR_DATA, "%scontent: a string or an array of parts is wanted", where);
	for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p)) {
		snprintf(at, sizeof(at), "%scontent[%d].", where, i++);
		if (check_part(j, p, at, e))
			return -1;
	}
	return 0;
}

static int
check_calls(const struct json *j, int message, const char *where, struct err *e)
{
	static const struct check_field calls = {"tool_calls", CHECK_ARRAY, NULL}, id = {"id", CHECK_STRING, NULL},
					function = {"function", CHECK_OBJECT, NULL};
	static const struct check_field inside[] = {{"name", CHECK_STRING, NULL}, {"arguments", CHECK_STRING, NULL}};
	int list = json_get(j, message, "tool_calls"), i = 0;
	char at[80], in[96];

	if (check_member(j, message, &calls, where, e))
		return -1;
	for (int c = json_child(j, list); c >= 0; c = json_next(j, list, c)) {
		snprintf(at, sizeof(at), "%stool_calls[%d].", where, i++);
		snprintf(in, sizeof(in), "%sfunction.", at);
		if (json_type(j, c) != JSON_OBJECT)
			return err_set(e, ERR_DATA, "%.*s: an object is wanted", (int)strlen(at) - 1, at);
		if (check_member(j, c, &id, at, e) || check_member(j, c, &function, at, e) ||
		    check_members(j, json_get(j, c, "function"), inside, N(inside), in, e))
			return -1;
	}
	return 0;
}

/* i: its place in the list; where: the same for messages. */
static int
check_message(const struct json *j, int m, int i, const char *where, int was_made, struct err *e)
{
	static const struct check_field role = {"role", CHECK_STRING, NULL}, name = {"name", CHECK_STRING, NULL},
					id = {"tool_call_id", CHECK_STRING, NULL};
	size_t n;

	if (json_type(j, m) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "messages[%d]: an object is wanted", i);
	if (check_required(j, m, &role, where, e))
		return -1;
	int node = json_get(j, m, "role");
	const char *word = json_raw(j, node, &n);
	if (!check_is_word(j, node, roles))
		return err_set(e, ERR_DATA, "%srole: there is no role %.*s", where, n > 40 ? 40 : (int)n, word);
	if (!was_made && json_eq(j, node, "tool") && check_required(j, m, &id, where, e))
		return -1;
	return check_member(j, m, &name, where, e) || check_content(j, m, where, e) || check_calls(j, m, where, e) ? -1
														   : 0;
}

int
check_messages(const struct json *j, int list, int was_made, struct err *e)
{
	static const struct check_field messages = {"messages", CHECK_ARRAY, NULL};
	char where[48];
	int i = 0;

	if (check_required(j, 0, &messages, "", e))
		return -1;
	if (!json_count(j, list))
		return err_set(e, ERR_DATA, "messages: there is none");
	for (int m = json_child(j, list); m >= 0; m = json_next(j, list, m), i++) {
		if (check_message(j, m, i, "", was_made, e) == 0)
			continue;
		snprintf(where, sizeof(where), "messages[%d].", i); /* written for a bad one alone */
		return check_message(j, m, i, where, was_made, e);
	}
	return 0;
}
