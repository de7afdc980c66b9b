/* SPDX-License-Identifier: ISC */
/* The presets table, and names of presets. */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "mem.h"
#include "policy_priv.h"

#define REFERENCE "@preset/"

/* Fields whose kind is known, and those that make no sense. */
static const struct check {
	const char *field;
	enum json_type type; /* JSON_NONE: it may not be there */
	const char *why;
} checks[] = {{"model", JSON_STRING, "model is a string"}, {"models", JSON_ARRAY, "models is a list of strings"},
    {"tools", JSON_ARRAY, "tools is a list"}, {"system_prompt", JSON_STRING, "system_prompt is a string"},
    {"provider", JSON_OBJECT, "provider is an object"},
    {"messages", JSON_NONE, "a preset holds no messages: what it says to a model is its system_prompt"},
    {"preset", JSON_NONE, "a preset names no other"},
    {"config", JSON_NONE, "the fields of config stand in the preset itself"},
    {"designated_version", JSON_NONE, "the fields of designated_version stand in the preset itself"}};

static int
is_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || (s[i] && strchr("-_.", s[i]))))
			return 0;
	return n > 0;
}

/* A key that is a path too (jsonedit.h): without dots, and printable. */
static int
is_field(const struct json *j, int key)
{
	size_t n;
	const char *raw = json_raw(j, key, &n);

	for (size_t i = 1; i + 1 < n; i++)
		if (raw[i] == '.' || raw[i] == '\\' || (unsigned char)raw[i] >= 0x80)
			return 0;
	return n > 2;
}

static int
names_other(const struct json *j, int model)
{
	size_t n = 0;
	char *s = json_dup(j, model, &n);
	int found = s && (strstr(s, REFERENCE) || strlen(s) != n || !n);

	free(s);
	return found;
}

static int
check_models(const struct json *j, struct err *e)
{
	int models = json_get(j, 0, "models"), bad = names_other(j, json_get(j, 0, "model"));

	for (int m = json_child(j, models); m >= 0; m = json_next(j, models, m)) {
		if (json_type(j, m) != JSON_STRING)
			return err_set(e, ERR_CONFIG, "models is a list of strings");
		bad |= names_other(j, m);
	}
	return bad ? err_set(e, ERR_CONFIG, "a preset's models are names, and not of other presets") : 0;
}

static int
check_preset(const struct json *j, struct err *e)
{
	if (json_type(j, 0) != JSON_OBJECT)
		return err_set(e, ERR_CONFIG, "a preset is name {JSON object}");
	if (json_unique(j, e)) {
		e->kind = ERR_CONFIG;
		return -1;
	}
	for (int key = json_child(j, 0); key >= 0; key = json_next(j, 0, json_value(j, key)))
		if (!is_field(j, key))
			return err_set(e, ERR_CONFIG, "a field's name is of ASCII, without dots and escapes");
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		int v = json_get(j, 0, checks[i].field);
		if (v >= 0 && json_type(j, v) != checks[i].type)
			return err_set(e, ERR_CONFIG, "%s", checks[i].why);
	}
	return check_models(j, e);
}

int
policy_add_preset(struct policy *p, char *line, struct err *e)
{
	struct json j = JSON_INIT;
	size_t n = strcspn(line, " \t{"), at = n + strspn(line + n, " \t"), len = strlen(line + at);

	if (line[at] != '{')
		return err_set(e, ERR_CONFIG, "a preset is name {JSON object}");
	if (!is_name(line, n))
		return err_set(e, ERR_CONFIG, "a preset's name is made of lower-case letters, digits and - _ .");
	int r = policy_is_full(p->n_preset, e);
	if (!r && (r = json_parse(&j, line + at, len, e)))
		err_wrap(e, "the object");
	if (!r)
		r = check_preset(&j, e);
	json_release(&j);
	if (r || policy_preset(p, line, n)) {
		if (r && e)
			e->kind = ERR_CONFIG;
		return r;
	}
	p->preset = mem_grow(p->preset, p->n_preset, &p->cap_preset, sizeof(*p->preset));
	p->preset[p->n_preset++] = (struct preset){xstrndup(line, n), xstrndup(line + at, len), len};
	return 0;
}

const struct preset *
policy_preset(const struct policy *p, const char *name, size_t n)
{
	for (size_t i = 0; i < p->n_preset; i++)
		if (strlen(p->preset[i].name) == n && memcmp(p->preset[i].name, name, n) == 0)
			return &p->preset[i];
	return NULL;
}

size_t
policy_names_preset(const char *model, const char **name, size_t *n_model)
{
	const char *at = strstr(model, REFERENCE);

	if (!at)
		return 0;
	*n_model = (size_t)(at - model);
	*name = at + strlen(REFERENCE);
	return strlen(*name);
}
