/* SPDX-License-Identifier: ISC */
#include "models.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "mem.h"
#include "str.h"

#define GEMINI_PREFIX "models/"

/* Names of one thing in the lists we know, the most common first. */
static const char *const id_keys[] = {"id", "model", "modelId", "name", NULL};
static const char *const created_keys[] = {"created", "created_at", "modified_at", NULL};
static const char *const context_keys[] = {"context_length", "context_window", "max_context_length", "max_model_len",
    "inputTokenLimit", "max_input_tokens", NULL};
static const char *const output_keys[] = {
    "max_completion_tokens", "max_output_tokens", "outputTokenLimit", "max_tokens", NULL};

static int
first_of(const struct json *j, int node, const char *const *keys)
{
	for (; *keys; keys++) {
		int v = json_get(j, node, *keys);
		if (v >= 0 && json_type(j, v) != JSON_NULL)
			return v;
	}
	return -1;
}

/* A positive integer, or 0. */
static int64_t
count(const struct json *j, int node)
{
	int64_t v;

	return json_int(j, node, &v) == 0 && v > 0 ? v : 0;
}

/* n digits at *p, which is moved behind them and the next byte; -1 where they aren't there. */
static int
take_digits(const char **p, int n)
{
	int v = 0;

	for (; n; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	*p += **p != '\0';
	return v;
}

/* "2025-02-19T00:00:00Z", or only the date; the zone isn't looked at. 0: no date. */
static int64_t
iso_seconds(const char *s)
{
	struct tm tm = {0};

	tm.tm_year = take_digits(&s, 4) - 1900;
	tm.tm_mon = take_digits(&s, 2) - 1;
	tm.tm_mday = take_digits(&s, 2);
	if (tm.tm_year < 0 || tm.tm_mon < 0 || tm.tm_mday < 0)
		return 0;
	tm.tm_hour = take_digits(&s, 2);
	tm.tm_min = take_digits(&s, 2);
	tm.tm_sec = take_digits(&s, 2);
	if (tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0)
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return timegm(&tm);
}

static int64_t
get_created(const struct json *j, int node)
{
	int v = first_of(j, node, created_keys);
	struct buf b = BUF_INIT;
	int64_t s = count(j, v);

	if (s == 0 && json_str(j, v, &b) == 0 && b.len)
		s = iso_seconds(buf_str(&b));
	buf_release(&b);
	return s > 0 ? s : 0;
}

static int64_t
get_context(const struct json *j, int node)
{
	int64_t n = count(j, first_of(j, node, context_keys));

	return n ? n : count(j, json_path(j, node, "meta.n_ctx_train")); /* llama.cpp */
}

static int64_t
get_max_output(const struct json *j, int node)
{
	int64_t n = count(j, json_path(j, node, "top_provider.max_completion_tokens"));

	return n ? n : count(j, first_of(j, node, output_keys));
}

/* NULL where there is none, or one that holds a NUL. */
static char *
get_id(const struct models *ms, const struct json *j, int node)
{
	int v = ms->endpoints ? json_get(j, node, "tag") : -1;
	size_t n, prefix = strlen(GEMINI_PREFIX);
	char *id = json_dup(j, v >= 0 ? v : first_of(j, node, id_keys), &n);

	if (id && n && strlen(id) == n) {
		if (n > prefix && str_starts(id, GEMINI_PREFIX)) /* calls leave it out */
			memmove(id, id + prefix, n - prefix + 1);
		return id;
	}
	free(id);
	return NULL;
}

static struct model *
new_row(struct models *ms)
{
	ms->v = mem_grow(ms->v, ms->n, &ms->cap, sizeof(*ms->v));
	ms->v[ms->n] = (struct model){0};
	return &ms->v[ms->n++];
}

static void
add_row(struct models *ms, const struct json *j, int node)
{
	char *id = get_id(ms, j, node);

	if (!id)
		return;
	struct model *m = new_row(ms);
	int pricing = json_get(j, node, "pricing");
	m->id = id;
	m->created = get_created(j, node);
	m->context = get_context(j, node);
	m->max_output = get_max_output(j, node);
	m->priced = pricing >= 0;
	pricing_base(j, pricing, &m->prompt, &m->completion);
	m->at = (size_t)(json_raw(j, node, &m->len) - j->text);
}

/* The array of rows, or -1. llama.cpp answers with both `models` and `data`: the latter says more. */
static int
find_rows(struct models *ms, const struct json *j)
{
	int data = json_get(j, 0, "data"), v;

	if (json_type(j, 0) == JSON_ARRAY)
		return 0;
	if (json_type(j, data) == JSON_ARRAY || json_type(j, data) == JSON_NULL) /* Ollama without a model says null */
		return data;
	if ((v = json_get(j, data, "endpoints")) >= 0) {
		int modalities = json_path(j, data, "architecture.input_modalities");
		ms->endpoints = 1;
		if (modalities >= 0)
			ms->modalities_at = (size_t)(json_raw(j, modalities, &ms->modalities_len) - j->text);
	} else {
		v = json_get(j, 0, "models");
		if (v < 0)
			v = json_get(j, 0, "modelSummaries"); /* Amazon */
	}
	return json_type(j, v) == JSON_ARRAY ? v : -1;
}

static int
add_rows(struct models *ms, const struct json *j, struct err *e)
{
	int rows = find_rows(ms, j);

	if (rows < 0)
		return err_set(e, ERR_PROTOCOL, "not a list of models");
	if (json_count(j, rows) > MODELS_MAX)
		return err_set(e, ERR_PROTOCOL, "a list of more than %d models", MODELS_MAX);
	for (int node = json_child(j, rows); node >= 0; node = json_next(j, rows, node))
		add_row(ms, j, node);
	if (ms->n == 0 && json_count(j, rows) > 0)
		return err_set(e, ERR_PROTOCOL, "not a list of models: its elements have no id");
	return 0;
}

int
models_parse(struct models *ms, const char *text, size_t len, struct err *e)
{
	struct json j = JSON_INIT;
	struct err why = {0};
	int r = -1;

	ms->text = text;
	if (json_parse(&j, text, len, &why))
		err_set(e, ERR_PROTOCOL, "not JSON: %s", why.msg);
	else
		r = add_rows(ms, &j, e);
	json_release(&j);
	return r;
}

void
models_release(struct models *ms)
{
	for (size_t i = 0; i < ms->n; i++)
		free(ms->v[i].id);
	free(ms->v);
	json_release(&ms->row);
	*ms = (struct models)MODELS_INIT;
}

static void
index_price(struct jsonw *w, price_t p)
{
	struct buf b = BUF_INIT;

	price_emit_million(&b, p);
	jsonw_str(w, b.p);
	buf_release(&b);
}

void
models_index(const struct models *ms, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_array(&w);
	for (size_t i = 0; i < ms->n; i++) {
		const struct model *m = &ms->v[i];
		jsonw_array(&w);
		jsonw_str(&w, m->id);
		index_price(&w, m->prompt);
		index_price(&w, m->completion);
		jsonw_int(&w, m->priced);
		jsonw_int(&w, m->created);
		jsonw_int(&w, m->context);
		jsonw_int(&w, m->max_output);
		jsonw_int(&w, (int64_t)m->at);
		jsonw_int(&w, (int64_t)m->len);
		jsonw_end_array(&w);
	}
	jsonw_end_array(&w);
}

/* The next element as a whole number that isn't negative. */
static int
next_int(const struct json *j, int row, int *node, int64_t *out)
{
	*node = json_next(j, row, *node);
	return json_int(j, *node, out) || *out < 0 ? -1 : 0;
}

static int
next_price(const struct json *j, int row, int *node, price_t *out)
{
	char *s = json_dup(j, *node = json_next(j, row, *node), NULL);
	price_t both;
	int r = s ? 0 : -1;

	if (s && strcmp(s, "-") == 0)
		*out = PRICE_UNKNOWN;
	else if (s)
		r = price_parse_pair(s, 1, out, &both);
	free(s);
	return r;
}

static int
index_row(struct models *ms, const struct json *j, int row, size_t len)
{
	int node = json_child(j, row);
	int64_t priced, at, n;
	struct model *m = new_row(ms);

	m->id = json_dup(j, node, NULL);
	if (!m->id || next_price(j, row, &node, &m->prompt) || next_price(j, row, &node, &m->completion) ||
	    next_int(j, row, &node, &priced) || next_int(j, row, &node, &m->created) ||
	    next_int(j, row, &node, &m->context) || next_int(j, row, &node, &m->max_output) ||
	    next_int(j, row, &node, &at) || next_int(j, row, &node, &n))
		return -1;
	m->priced = priced != 0;
	m->at = (size_t)at;
	m->len = (size_t)n;
	return m->at <= len && m->len <= len - m->at ? 0 : -1;
}

int
models_from_index(struct models *ms, const char *index, size_t n, const char *text, size_t len)
{
	struct json j = JSON_INIT;
	int r = json_parse(&j, index, n, NULL);

	ms->text = text;
	if (r == 0 && json_type(&j, 0) != JSON_ARRAY)
		r = -1;
	if (json_count(&j, 0) > MODELS_MAX)
		r = -1;
	for (int row = json_child(&j, 0); r == 0 && row >= 0; row = json_next(&j, 0, row))
		r = index_row(ms, &j, row, len);
	json_release(&j);
	if (r)
		models_release(ms);
	return r;
}

const struct json *
model_json(struct models *ms, const struct model *m)
{
	if (ms->row_of != m)
		json_parse(&ms->row, ms->text + m->at, m->len, NULL); /* a failure leaves no nodes */
	ms->row_of = m;
	return &ms->row;
}

const struct model *
models_find(struct models *ms, const char *id)
{
	for (size_t i = 0; i < ms->n; i++)
		if (strcmp(ms->v[i].id, id) == 0)
			return &ms->v[i];
	for (size_t i = 0; i < ms->n; i++) {
		const struct json *j = model_json(ms, &ms->v[i]);
		if (json_eq(j, json_get(j, 0, "canonical_slug"), id))
			return &ms->v[i];
	}
	return NULL;
}

int
model_pricing(struct models *ms, const struct model *m, struct pricing *p, struct err *e)
{
	const struct json *j = model_json(ms, m);

	return pricing_parse(p, j, json_get(j, 0, "pricing"), e);
}

void
models_default_price(struct models *ms, price_t prompt, price_t completion)
{
	for (size_t i = 0; i < ms->n; i++)
		if (!ms->v[i].priced) {
			ms->v[i].prompt = prompt;
			ms->v[i].completion = completion;
		}
}
