/* SPDX-License-Identifier: ISC */
/* A request is laid over a preset. */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "jsonw.h"

/* What a preset says about itself, or to a gateway; and what is joined in a way of its own. */
static const char *const apart[] = {"id", "name", "slug", "description", "status", "version", "created_at",
    "updated_at", "creator_user_id", "workspace_id", "designated_version_id", "cache_enabled", "cache_ttl_seconds",
    "system_prompt", "model", "models", "tools"};

struct overlay {
	const struct json *preset, *request;
	struct jsonedit edits; /* of the request */
};

static int
stands_apart(const struct json *j, int key)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(*apart); i++)
		if (json_eq(j, key, apart[i]))
			return 1;
	return 0;
}

/* Does the request say something there? */
static int
says(const struct overlay *o, const char *field)
{
	return json_get(o->request, 0, field) >= 0;
}

/* A value of the preset's becomes the request's field. */
static void
set(struct overlay *o, const char *field, int node)
{
	size_t n;
	const char *raw = json_raw(o->preset, node, &n);

	jsonedit_set(&o->edits, field, raw, n);
}

static void
lay_fields(struct overlay *o)
{
	const struct json *j = o->preset;

	for (int key = json_child(j, 0); key >= 0; key = json_next(j, 0, json_value(j, key))) {
		if (stands_apart(j, key))
			continue;
		char *field = json_dup(j, key, NULL);
		if (!says(o, field))
			set(o, field, json_value(j, key));
		free(field);
	}
}

/* A list of the preset's from one element on. */
static void
set_from(struct overlay *o, const char *field, int list, int from)
{
	struct buf b = BUF_INIT;
	struct jsonw w;
	size_t n;

	jsonw_init(&w, &b);
	jsonw_array(&w);
	for (int v = from; v >= 0; v = json_next(o->preset, list, v)) {
		const char *raw = json_raw(o->preset, v, &n);
		jsonw_raw(&w, raw, n);
	}
	jsonw_end_array(&w);
	jsonedit_set(&o->edits, field, b.p, b.len);
	buf_release(&b);
}

/* The preset's model, else the first of its models: then those behind it are the models. */
static int
lay_own_model(struct overlay *o, int wanted, struct err *e)
{
	int model = json_get(o->preset, 0, "model"), models = json_get(o->preset, 0, "models");
	int first = json_child(o->preset, models);

	if (model < 0 && first < 0)
		return wanted ? err_set(e, ERR_CONFIG, "the preset names no model") : 0;
	set(o, "model", model >= 0 ? model : first);
	if (models < 0 || says(o, "models"))
		return 0;
	if (model < 0)
		first = json_next(o->preset, models, first);
	if (first >= 0)
		set_from(o, "models", models, first);
	return 0;
}

static int
lay_model(struct overlay *o, struct err *e)
{
	int node = json_get(o->request, 0, "model"), models = json_get(o->preset, 0, "models"), r = 0;
	char *model = json_dup(o->request, node, NULL);
	const char *name;
	size_t n_model = 0, named = model ? policy_names_preset(model, &name, &n_model) : 0;

	if (node < 0 || json_type(o->request, node) == JSON_NULL || (named && n_model == 0)) {
		r = lay_own_model(o, named > 0, e);
	} else {
		if (named) {
			model[n_model] = '\0';
			jsonedit_set_str(&o->edits, "model", model);
		}
		if (models >= 0 && !says(o, "models"))
			set(o, "models", models);
	}
	free(model);
	return r;
}

/* What tells a tool from others beside its type: its name. One that has none is told by its type. */
static int
name_of(const struct json *j, int tool)
{
	static const char *const paths[] = {"function.name", "custom.name", "parameters.name", "name"};
	int node = -1;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && node < 0; i++)
		node = json_path(j, tool, paths[i]);
	return node;
}

/* Equal strings; or neither is one. */
static int
same_string(const struct json *a, int x, const struct json *b, int y)
{
	size_t n = 0, m = 0;
	char *s = json_dup(a, x, &n), *t = json_dup(b, y, &m);
	int same = s && t ? n == m && memcmp(s, t, n) == 0 : s == t;

	free(s);
	free(t);
	return same;
}

static int
same_type(const struct json *a, int x, const struct json *b, int y)
{
	int is_function_a = x < 0 || json_eq(a, x, "function"), is_function_b = y < 0 || json_eq(b, y, "function");

	return is_function_a || is_function_b ? is_function_a && is_function_b : same_string(a, x, b, y);
}

static int
has_tool(const struct overlay *o, int tools, int tool)
{
	const struct json *r = o->request, *p = o->preset;

	for (int t = json_child(r, tools); t >= 0; t = json_next(r, tools, t))
		if (same_type(r, json_get(r, t, "type"), p, json_get(p, tool, "type")) &&
		    same_string(r, name_of(r, t), p, name_of(p, tool)))
			return 1;
	return 0;
}

/* The request's own list as it stands, and behind it what the preset adds. */
static void
lay_tools(struct overlay *o)
{
	int own = json_get(o->request, 0, "tools"), more = json_get(o->preset, 0, "tools");
	struct buf b = BUF_INIT;
	size_t n, any = (size_t)json_count(o->request, own);
	const char *raw = own < 0 ? "[]" : json_raw(o->request, own, &n);

	if (more < 0 || (own >= 0 && json_type(o->request, own) != JSON_ARRAY))
		return;
	buf_add(&b, raw, own < 0 ? 1 : n - 1);
	for (int t = json_child(o->preset, more); t >= 0; t = json_next(o->preset, more, t)) {
		if (has_tool(o, own, t))
			continue;
		if (any++)
			buf_addc(&b, ',');
		raw = json_raw(o->preset, t, &n);
		buf_add(&b, raw, n);
	}
	buf_addc(&b, ']');
	jsonedit_set(&o->edits, "tools", b.p, b.len);
	buf_release(&b);
}

static int
has_system(const struct json *j, int messages)
{
	for (int m = json_child(j, messages); m >= 0; m = json_next(j, messages, m)) {
		int role = json_get(j, m, "role");
		if (json_eq(j, role, "system") || json_eq(j, role, "developer"))
			return 1;
	}
	return 0;
}

static void
system_message(const struct json *j, int prompt, struct buf *out)
{
	struct jsonw w;
	size_t n;
	const char *raw = json_raw(j, prompt, &n);

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "role", "system");
	jsonw_key(&w, "content");
	jsonw_raw(&w, raw, n);
	jsonw_end_object(&w);
}

static void
lay_system(struct overlay *o)
{
	int prompt = json_get(o->preset, 0, "system_prompt"), list = json_get(o->request, 0, "messages");
	struct buf b = BUF_INIT;
	size_t n;

	if (prompt < 0 || json_type(o->request, list) != JSON_ARRAY || has_system(o->request, list))
		return;
	const char *raw = json_raw(o->request, list, &n);
	buf_addc(&b, '[');
	system_message(o->preset, prompt, &b);
	if (json_count(o->request, list))
		buf_addc(&b, ',');
	buf_add(&b, raw + 1, n - 1);
	jsonedit_set(&o->edits, "messages", b.p, b.len);
	buf_release(&b);
}

int
policy_apply(const struct preset *p, const struct json *request, struct buf *out, struct err *e)
{
	struct json j = JSON_INIT;
	struct overlay o = {&j, request, JSONEDIT_INIT};
	int r = json_parse(&j, p->json, p->len, e);

	if (!r)
		r = lay_model(&o, e);
	if (!r) {
		lay_fields(&o);
		lay_tools(&o);
		lay_system(&o);
		jsonedit_unset(&o.edits, "preset");
		r = jsonedit_write(&o.edits, request, out, e);
	}
	if (r && e)
		err_wrap(e, "preset %s", p->name);
	jsonedit_release(&o.edits);
	json_release(&j);
	return r;
}
