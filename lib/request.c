/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "jsonw.h"
#include "str.h"

void
request_user_message(const struct request_spec *s, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "role");
	jsonw_str(&w, "user");
	jsonw_key(&w, "content");
	if (!s->parts_len) {
		jsonw_strn(&w, s->prompt, s->prompt_len);
	} else {
		jsonw_array(&w);
		if (s->prompt_len) {
			jsonw_object(&w);
			jsonw_key(&w, "type");
			jsonw_str(&w, "text");
			jsonw_key(&w, "text");
			jsonw_strn(&w, s->prompt, s->prompt_len);
			jsonw_end_object(&w);
		}
		jsonw_raw(&w, s->parts, s->parts_len);
		jsonw_end_array(&w);
	}
	jsonw_end_object(&w);
}

void
request_system_message(const char *text, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "role");
	jsonw_str(&w, "system");
	jsonw_key(&w, "content");
	jsonw_str(&w, text);
	jsonw_end_object(&w);
}

static void
comma(struct buf *out)
{
	if (out->len && out->p[out->len - 1] != '[')
		buf_addc(out, ',');
}

static int
is_system(const struct json *j, int message)
{
	int role = json_get(j, message, "role");

	return json_eq(j, role, "system") || json_eq(j, role, "developer");
}

/* The messages: system, those of the base (without its own system message where -s replaces it), history, the user's. */
static void
messages(const struct request_spec *s, const struct json *base, struct buf *out)
{
	int list = base ? json_get(base, 0, "messages") : -1;
	int m = json_child(base ? base : &(struct json)JSON_INIT, list);
	size_t n;

	buf_addc(out, '[');
	if (s->system) {
		request_system_message(s->system, out);
		if (m >= 0 && is_system(base, m))
			m = json_next(base, list, m);
	}
	for (; m >= 0; m = json_next(base, list, m)) {
		const char *raw = json_raw(base, m, &n);
		comma(out);
		buf_add(out, raw, n);
	}
	if (s->history_len) {
		comma(out);
		buf_add(out, s->history, s->history_len);
	}
	if (s->prompt || s->parts_len) {
		comma(out);
		request_user_message(s, out);
	}
	buf_addc(out, ']');
}

/* Line ends between tokens would make more than one line of the request: they become blanks. */
static void
set_raw(struct jsonedit *edits, const char *path, const char *raw, size_t n)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addc(&b, raw[i] == '\n' || raw[i] == '\r' ? ' ' : raw[i]);
	jsonedit_set(edits, path, b.p, b.len);
	buf_release(&b);
}

/* Names between dots, none of them empty, and no deeper than JSON may nest. */
static int
is_path(const char *p, const char *end)
{
	int levels = 1;

	for (const char *from = p; p < end; p++)
		if (*p == '.' && (p == from || p[-1] == '.' || ++levels >= JSON_DEPTH))
			return 0;
	return p[-1] != '.';
}

static int
set_option(struct jsonedit *edits, const char *option, struct err *e)
{
	const char *eq = strchr(option, '=');

	if (str_starts(option, "model=") || str_starts(option, "messages="))
		return err_set(
		    e, ERR_USAGE, "-O %.*s: say -m, or give a whole request with -i", (int)(eq - option), option);
	if (!eq || eq == option || !is_path(option, eq))
		return err_set(e, ERR_USAGE, "-O %s: not key=value", option);
	char *path = strndup(option, (size_t)(eq - option));
	if (!path)
		return err_set(e, ERR_SYSTEM, "out of memory");
	struct json value = JSON_INIT;
	int r = 0;
	if (json_parse(&value, eq + 1, strlen(eq + 1), NULL) == 0) {
		r = json_unique(&value, e);
		set_raw(edits, path, eq + 1, strlen(eq + 1));
	} else {
		jsonedit_set_str(edits, path, eq + 1);
	}
	if (r)
		err_wrap(e, "-O %s", path);
	json_release(&value);
	free(path);
	return r;
}

static void
set_price(struct jsonedit *edits, const char *path, price_t p)
{
	struct buf b = BUF_INIT;

	if (p == PRICE_UNKNOWN)
		return;
	price_emit_million(&b, p);
	jsonedit_set(edits, path, b.p, b.len);
	buf_release(&b);
}

static void
set_schema(struct jsonedit *edits, const struct request_spec *s)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":");
	buf_add(&b, s->schema, s->schema_len);
	buf_adds(&b, "}}");
	set_raw(edits, "response_format", b.p, b.len);
	buf_release(&b);
}

/* The names behind the first: what OpenRouter may fall back on by itself. */
static void
set_models(struct jsonedit *edits, const struct request_spec *s, int had_models)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonedit_set_str(edits, "model", s->chain[0]);
	jsonw_init(&w, &b);
	jsonw_array(&w);
	for (size_t i = 1; s->chain[i]; i++)
		jsonw_str(&w, s->chain[i]);
	jsonw_end_array(&w);
	if (s->chain[1])
		jsonedit_set(edits, "models", b.p, b.len);
	else if (had_models)
		jsonedit_unset(edits, "models");
	buf_release(&b);
}

static int
collect(const struct request_spec *s, const struct json *base, struct jsonedit *edits, struct err *e)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->n_option; i++)
		if (set_option(edits, s->option[i], e))
			return -1;
	if (s->effort)
		jsonedit_set_str(edits, "reasoning.effort", s->effort);
	if (s->has_seed) {
		buf_addf(&b, "%" PRId64, s->seed);
		jsonedit_set(edits, "seed", b.p, b.len);
		buf_release(&b);
	}
	if (s->schema)
		set_schema(edits, s);
	set_price(edits, "provider.max_price.prompt", s->max_prompt);
	set_price(edits, "provider.max_price.completion", s->max_completion);
	if (s->stream && json_get(base, 0, "stream") < 0 && !jsonedit_find(edits, "stream", NULL))
		jsonedit_set(edits, "stream", "true", 4);
	return 0;
}

static int
parse_base(const struct request_spec *s, struct json *j, struct err *e)
{
	if (json_parse(j, s->base, s->base_len, e) || json_unique(j, e))
		return err_wrap(e, "the request");
	if (json_type(j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	enum json_type model = json_type(j, json_get(j, 0, "model"));
	if (model != JSON_NONE && model != JSON_NULL && model != JSON_STRING)
		return err_set(e, ERR_DATA, "the request's model is no string");
	int list = json_get(j, 0, "messages");
	if (list >= 0 && json_type(j, list) != JSON_ARRAY)
		return err_set(e, ERR_DATA, "the request's messages are no array");
	if (json_count(j, list) == 0 && !s->prompt && !s->parts_len)
		return err_set(e, ERR_DATA, "the request has no messages");
	return 0;
}

static int
build_on_base(const struct request_spec *s, struct buf *out, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;
	int r = parse_base(s, &j, e);

	if (!r && (s->system || s->history_len || s->prompt || s->parts_len)) {
		messages(s, &j, &list);
		jsonedit_set(&edits, "messages", list.p, list.len);
	}
	if (!r && s->chain)
		set_models(&edits, s, json_get(&j, 0, "models") >= 0);
	if (!r)
		r = collect(s, &j, &edits, e);
	if (!r)
		r = jsonedit_write(&edits, &j, out, e);
	jsonedit_release(&edits);
	json_release(&j);
	buf_release(&list);
	return r;
}

int
request_build(const struct request_spec *s, struct buf *out, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;
	struct jsonw w;
	int r;

	if (s->base)
		return build_on_base(s, out, e);
	jsonw_init(&w, &text);
	jsonw_object(&w);
	jsonw_key(&w, "model");
	jsonw_str(&w, s->chain ? s->chain[0] : NULL);
	jsonw_key(&w, "messages");
	messages(s, NULL, &text);
	w.comma = 1;
	jsonw_end_object(&w);
	if (s->chain)
		set_models(&edits, s, 0);
	r = json_parse(&j, text.p, text.len, e);
	if (!r)
		r = collect(s, &j, &edits, e);
	if (!r)
		r = jsonedit_write(&edits, &j, out, e);
	jsonedit_release(&edits);
	json_release(&j);
	buf_release(&text);
	return r;
}

/* The name goes into chains of names, and from there to terminals. */
static int
add_name(const struct json *j, int node, struct buf *out, struct buf *scratch, struct err *e)
{
	size_t n;
	const char *name = json_view(j, node, scratch, &n);

	if (!name || !n)
		return 0;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return err_set(e, ERR_DATA, "a model's name holds a control character");
	if (out->len)
		buf_addc(out, ',');
	buf_add(out, name, n);
	return 0;
}

int
request_models(const struct json *j, struct buf *out, struct err *e)
{
	int list = json_get(j, 0, "models");
	struct buf scratch = BUF_INIT;
	size_t from = out->len, n = 1;

	if (json_count(j, list) > REQUEST_MAX_MODELS)
		return err_set(e, ERR_DATA, "models has more than %d names", REQUEST_MAX_MODELS);
	int r = add_name(j, json_get(j, 0, "model"), out, &scratch, e);
	for (int m = json_child(j, list); !r && m >= 0; m = json_next(j, list, m))
		r = add_name(j, m, out, &scratch, e);
	buf_release(&scratch);
	for (size_t i = from; i < out->len; i++)
		n += out->p[i] == ',';
	if (!r && (n > REQUEST_MAX_MODELS || out->len - from > REQUEST_MAX_CHAIN))
		r = err_set(e, ERR_DATA, "a chain of %zu models, %zu bytes: too many", n, out->len - from);
	return r;
}

char *
request_chain(const char *text, size_t len, struct err *e)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	int r = json_parse(&j, text, len, e) || request_models(&j, &b, e);
	json_release(&j);
	if (!r && b.len)
		return buf_take(&b);
	buf_release(&b);
	return NULL;
}
