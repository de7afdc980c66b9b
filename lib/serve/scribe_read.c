/* SPDX-License-Identifier: ISC */
/* Rows of the ledger as answers: one call, and what was used by day. Part of scribe.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "mem.h"
#include "serve/scribe_priv.h"
#include "serve/scribe_rows.h"
#include "str.h"
#include "tm.h"

#define N_LISTS 1024

int64_t
scribe_money(pusd_sum_t n)
{
	return n > INT64_MAX ? INT64_MAX : n < 0 ? 0 : (int64_t)n;
}

/* ── sums ── */

static size_t
list_of(const char *key, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)key[i]) * UINT64_C(1099511628211);
	return (size_t)(h % N_LISTS);
}

struct sum *
scribe_sum(struct sums *s, const char *key, size_t n)
{
	struct sum **list, *x;

	if (!s->list)
		s->list = xcalloc(N_LISTS, sizeof(*s->list));
	list = s->list + list_of(key, n);
	for (x = *list; x; x = x->next)
		if (x->n_key == n && memcmp(x->key, key, n) == 0)
			return x;
	x = xcalloc(1, sizeof(*x));
	x->key = xstrndup(key, n);
	x->n_key = n;
	x->next = *list;
	*list = x;
	s->v = mem_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	return s->v[s->n++] = x;
}

void
scribe_sum_add(struct sum *x, const struct ledger_row *r)
{
	x->calls += r->totals.n;
	x->errors += r->totals.n_errors;
	x->prompt += r->totals.prompt;
	x->completion += r->totals.completion;
	x->reasoning += r->totals.reasoning;
	x->cost += r->totals.cost;
}

void
scribe_sums_release(struct sums *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i]->key);
		free(s->v[i]->ttft.v);
		free(s->v[i]->ms.v);
		free(s->v[i]);
	}
	free(s->v);
	free(s->list);
	*s = (struct sums){0};
}

/* ── one call ── */

/* Its id says when it began, but the clock may have been set meanwhile: near that time first, then all around. */
struct generation {
	int64_t at_ms;
	int window;
	struct buf json;
};

static const struct {
	int64_t from_ms, until_ms;
} windows[] = {{-2000, 60000}, {60000, 86400000}, {-3600000, -2000}};

static void
set_window(struct ask *a)
{
	const struct generation *g = a->own;

	a->from_ms = g->at_ms + windows[g->window].from_ms;
	a->until_ms = g->at_ms + windows[g->window].until_ms;
	a->after_row = 0;
}

/* "gen-1790000000-0123456789abcdef" */
static int64_t
id_ms(const char *id)
{
	const char *end = str_starts(id, "gen-") ? strchr(id + 4, '-') : NULL;
	int64_t s = -1;

	if (end) {
		char *digits = xstrndup(id + 4, (size_t)(end - id - 4));
		if (str_int(digits, 0, INT64_MAX / 2000, &s))
			s = -1;
		free(digits);
	}
	return s < 0 ? -1 : s * 1000;
}

static void
begin_generation(struct ask *a)
{
	struct generation *g = xcalloc(1, sizeof(*g));

	a->own = g;
	g->at_ms = id_ms(a->text);
	if (g->at_ms >= 0) {
		set_window(a);
		return;
	}
	a->from_ms = a->until_ms = 0;
	g->window = (int)N_OF(windows) - 1;
}

static void
add_int(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	jsonw_int(w, n);
}

static void
add_call(struct jsonw *w, const struct ledger_row *r)
{
	static const char *const states[] = {"open", "settled", "orphan"};
	const struct ledger_call *c = &r->call;
	const struct ledger_totals *t = &r->totals;
	const struct {
		const char *name, *s;
	} texts[] = {{"id", c->id}, {"tool", c->tool}, {"tag", c->tag}, {"session", c->session}, {"asked", c->asked},
	    {"client", c->client}, {"model", c->model}, {"provider", c->provider}, {"endpoint", c->endpoint},
	    {"key", c->key}, {"answer_id", c->answer_id}, {"finish", c->finish}, {"error", c->error},
	    {"state", states[r->state]}, {"source", ledger_source(r->source)}};
	const struct {
		const char *name;
		int64_t n;
	} numbers[] = {{"client_id", c->client_id}, {"started_ms", c->started_ms}, {"status", c->status},
	    {"ttft_ms", c->ttft_ms}, {"ms", c->ms}, {"prompt", t->prompt}, {"completion", t->completion},
	    {"cached", t->cached}, {"cache_write", t->cache_write}, {"reasoning", t->reasoning},
	    {"cost", scribe_money(t->cost)}, {"n", t->n}, {"n_unknown", t->n_unknown}, {"n_errors", t->n_errors}};

	jsonw_object(w);
	for (size_t i = 0; i < N_OF(texts); i++)
		jsonw_member(w, texts[i].name, texts[i].s);
	for (size_t i = 0; i < N_OF(numbers); i++)
		add_int(w, numbers[i].name, numbers[i].n);
	jsonw_key(w, "streamed");
	jsonw_bool(w, c->streamed);
	jsonw_end_object(w);
}

static void
add_attempt(struct jsonw *w, const struct ledger_attempt *a)
{
	const struct {
		const char *name, *s;
	} texts[] = {{"model", a->model}, {"provider", a->provider}, {"endpoint", a->endpoint}, {"key", a->key},
	    {"error", a->error}, {"source", ledger_source(a->source)}};
	const struct {
		const char *name;
		int64_t n;
	} numbers[] = {{"started_ms", a->started_ms}, {"reserved_pusd", a->reserved_pusd}, {"http", a->http},
	    {"ttft_ms", a->ttft_ms}, {"ms", a->ms}, {"prompt", a->prompt}, {"completion", a->completion},
	    {"cached", a->cached}, {"cache_write", a->cache_write}, {"reasoning", a->reasoning},
	    {"cost_pusd", a->cost_pusd}};

	jsonw_object(w);
	for (size_t i = 0; i < N_OF(texts); i++)
		jsonw_member(w, texts[i].name, texts[i].s);
	for (size_t i = 0; i < N_OF(numbers); i++)
		add_int(w, numbers[i].name, numbers[i].n);
	jsonw_key(w, "blamed");
	jsonw_bool(w, a->blamed);
	jsonw_end_object(w);
}

static int
generation_row(struct ask *a, const struct ledger_row *r)
{
	struct generation *g = a->own;
	struct jsonw w;

	if (r->kind != ROW_CALL || strcmp(r->call.id, a->text) != 0)
		return 0;
	if (r->state == CALL_OPEN && a->n_looks)
		return 0; /* its end may be on its way */
	jsonw_init(&w, &g->json);
	jsonw_object(&w);
	jsonw_key(&w, "call");
	add_call(&w, r);
	jsonw_key(&w, "attempts");
	jsonw_array(&w);
	for (size_t i = 0; i < r->n_attempt; i++)
		add_attempt(&w, r->attempt + i);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return 1;
}

static int
end_generation(struct ask *a, struct buf *out, struct err *e)
{
	struct generation *g = a->own;

	if (g->json.len) {
		*out = g->json;
		g->json = (struct buf)BUF_INIT;
		return 0;
	}
	if (g->window + 1 == (int)N_OF(windows))
		return err_set(e, ERR_NEGATIVE, "no such call");
	g->window++;
	set_window(a);
	return 1;
}

static void
release_generation(struct ask *a)
{
	struct generation *g = a->own;

	buf_release(&g->json);
	free(g);
}

const struct reader scribe_generation = {
    LEDGER_ATTEMPTS, begin_generation, generation_row, end_generation, release_generation};

/* ── by day ── */

static void
begin_activity(struct ask *a)
{
	a->own = xcalloc(1, sizeof(struct sums));
}

static void
add_part(struct buf *b, const char *s)
{
	if (s)
		buf_adds(b, s);
	buf_addc(b, '\0');
}

static int
activity_row(struct ask *a, const struct ledger_row *r)
{
	struct buf key = BUF_INIT;

	if (r->kind == ROW_DAY_ATTEMPTS || r->state == CALL_OPEN)
		return 0;
	tm_iso(&key, r->day * 86400);
	key.len = strcspn(key.p, "T");
	buf_addc(&key, '\0');
	add_part(&key, r->call.model);
	add_part(&key, r->call.endpoint);
	add_part(&key, r->call.provider);
	add_part(&key, r->call.client);
	scribe_sum_add(scribe_sum(a->own, key.p, key.len), r);
	buf_release(&key);
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct sum *const *x = a, *const *y = b;
	size_t n = (*x)->n_key < (*y)->n_key ? (*x)->n_key : (*y)->n_key;
	int r = memcmp((*x)->key, (*y)->key, n);

	return r ? r : ((*x)->n_key > (*y)->n_key) - ((*x)->n_key < (*y)->n_key);
}

static int
end_activity(struct ask *a, struct buf *out, struct err *e)
{
	static const char *const names[] = {"day", "model", "endpoint", "provider", "client"};
	struct sums *s = a->own;
	struct jsonw w;

	(void)e;
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_key);
	jsonw_init(&w, out);
	jsonw_array(&w);
	for (size_t i = 0; i < s->n; i++) {
		const struct sum *x = s->v[i];
		const char *part = x->key;
		jsonw_object(&w);
		for (size_t k = 0; k < N_OF(names); k++) {
			jsonw_member(&w, names[k], part);
			part += strlen(part) + 1;
		}
		add_int(&w, "calls", x->calls);
		add_int(&w, "prompt", x->prompt);
		add_int(&w, "completion", x->completion);
		add_int(&w, "reasoning", x->reasoning);
		add_int(&w, "cost", scribe_money(x->cost));
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return 0;
}

static void
release_activity(struct ask *a)
{
	scribe_sums_release(a->own);
	free(a->own);
}

const struct reader scribe_activity = {
    0 /* LEDGER_BRIEF has no clients */, begin_activity, activity_row, end_activity, release_activity};
