/* SPDX-License-Identifier: ISC */
/* Which rows, and in which order. */
#include "models.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "str.h"

#define NEAR_EDITS 3 /* letters that may differ in a near name */

static int
lists(const struct json *j, int array, const char *word, size_t n)
{
	for (int v = json_child(j, array); v >= 0; v = json_next(j, array, v)) {
		size_t len;
		const char *raw = json_raw(j, v, &len);
		if (len == n + 2 && *raw == '"' && memcmp(raw + 1, word, n) == 0)
			return 1;
	}
	return 0;
}

/* An endpoint doesn't repeat its model's modalities. */
static int
model_of_endpoint_takes(const struct models *ms, const char *need, size_t n)
{
	struct json j = JSON_INIT;
	int r = 0;

	if (ms->modalities_len && json_parse(&j, ms->text + ms->modalities_at, ms->modalities_len, NULL) == 0)
		r = lists(&j, 0, need, n);
	json_release(&j);
	return r;
}

int
model_takes(struct models *ms, const struct model *m, const char *need, size_t n)
{
	const struct json *j = model_json(ms, m);

	return lists(j, json_get(j, 0, "supported_parameters"), need, n) ||
	    lists(j, json_path(j, 0, "architecture.input_modalities"), need, n) || model_of_endpoint_takes(ms, need, n);
}

struct takes {
	struct models *ms;
	const struct model *m;
};

static int
lacks(void *arg, const char *need, size_t n)
{
	const struct takes *t = arg;

	return !model_takes(t->ms, t->m, need, n);
}

static int
is_empty(void *arg, const char *need, size_t n)
{
	(void)arg;
	(void)need;
	return n == 0;
}

static int
under(price_t price, price_t cap)
{
	return cap == PRICE_UNKNOWN || (price != PRICE_UNKNOWN && price <= cap);
}

static int
matches(const struct model *m, const struct models_select *sel)
{
	for (size_t i = 0; i < sel->n_glob; i++)
		if (fnmatch(sel->glob[i], m->id, 0) == 0)
			return 1;
	return sel->n_glob == 0;
}

static int
qualifies(struct models *ms, const struct model *m, const struct models_select *sel)
{
	return matches(m, sel) && under(m->prompt, sel->max_prompt) && under(m->completion, sel->max_completion) &&
	    m->context >= sel->min_context && (!sel->needs || !str_list(sel->needs, lacks, &(struct takes){ms, m}));
}

int
models_filter(struct models *ms, const struct models_select *sel, struct err *e)
{
	size_t kept = 0;

	if (sel->needs && str_list(sel->needs, is_empty, NULL))
		return err_set(e, ERR_USAGE, "an empty word in '%s'", sel->needs);
	for (size_t i = 0; i < ms->n; i++) {
		ms->row_of = NULL; /* rows move */
		if (qualifies(ms, &ms->v[i], sel))
			ms->v[kept++] = ms->v[i];
		else
			free(ms->v[i].id);
	}
	ms->n = kept;
	ms->row_of = NULL;
	return 0;
}

/* By id, and rows of one id as the list has them. */
static int
by_id(const void *a, const void *b)
{
	const struct model *x = a, *y = b;
	int c = strcmp(x->id, y->id);

	return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int
by_price(const void *a, const void *b)
{
	const struct model *x = a, *y = b;
	int c = price_cmp(x->prompt, y->prompt);

	if (c == 0 && x->prompt != PRICE_UNKNOWN)
		c = price_cmp(x->completion, y->completion);
	return c ? c : by_id(a, b);
}

static int
by_time(const void *a, const void *b)
{
	const struct model *x = a, *y = b;

	return x->created == y->created ? by_id(a, b) : x->created < y->created ? 1 : -1;
}

static int
is_known(const struct model *m, enum models_order order)
{
	return order == MODELS_BY_PRICE ? m->prompt != PRICE_UNKNOWN : order == MODELS_BY_TIME ? m->created > 0 : 1;
}

void
models_sort(struct models *ms, enum models_order order, int reverse)
{
	static int (*const by[])(const void *, const void *) = {by_id, by_price, by_time};
	size_t known = 0;

	if (ms->n == 0)
		return;
	ms->row_of = NULL;
	qsort(ms->v, ms->n, sizeof(*ms->v), by[order]);
	while (known < ms->n && is_known(&ms->v[known], order))
		known++;
	for (size_t i = 0; reverse && i < known / 2; i++) {
		struct model m = ms->v[i];
		ms->v[i] = ms->v[known - 1 - i];
		ms->v[known - 1 - i] = m;
	}
}

void
models_limit(struct models *ms, uint64_t max)
{
	while (ms->n > max)
		free(ms->v[--ms->n].id);
}

/* What follows the author. */
static const char *
slug(const char *id)
{
	const char *slash = strchr(id, '/');

	return slash ? slash + 1 : id;
}

/* Letters that may differ: a third of the name. */
static size_t
edits(const char *name)
{
	size_t n = strlen(name) / 3;

	return n < NEAR_EDITS ? n : NEAR_EDITS;
}

/* 0: the same but for the author; 1: it holds the other; then by letters that differ. Over NEAR_EDITS + 1: not near. */
static size_t
distance(const char *id, const char *wanted)
{
	const char *name = strchr(wanted, '/') ? id : slug(id);
	size_t d;

	if (strcmp(slug(id), slug(wanted)) == 0)
		return 0;
	if (strlen(wanted) > NEAR_EDITS && strstr(id, wanted))
		return 1;
	d = str_distance(name, wanted, edits(wanted));
	return d > edits(wanted) ? NEAR_EDITS + 2 : d + 1;
}

size_t
models_near(const struct models *ms, const char *id, size_t max, struct buf *out)
{
	size_t n = 0;

	for (size_t d = 0; d <= NEAR_EDITS + 1; d++)
		for (size_t i = 0; i < ms->n && n < max; i++)
			if (distance(ms->v[i].id, id) == d) {
				buf_adds(out, n++ ? ", " : "");
				buf_adds(out, ms->v[i].id);
			}
	return n;
}
