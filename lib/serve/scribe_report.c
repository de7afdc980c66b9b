/* SPDX-License-Identifier: ISC */
/*
 * What the status page plots: part of scribe.h. One object:
 *
 *	from_ms, until_ms   what it is of
 *	hours               [{"ms","calls","errors","prompt","completion","cost"}]: each hour, from the one that holds from_ms on
 *	models, endpoints   of its last 24 h, the most called first, 50 at most:
 *	                    [{"name","calls","errors","prompt","completion","cost","ttft_p50","ttft_p95","ms_p50","ms_p95"}]
 *	clients             likewise, those that cost most first, 20 at most: [{"name","calls","errors","prompt","completion","cost"}]
 *
 * Money is in 10^-12 USD, times in ms (null: none is known). A client's name is "" where a call was made without a key. Calls that go on aren't counted.
 */
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "mem.h"
#include "serve/scribe_priv.h"
#include "serve/scribe_rows.h"
#include "tm.h"

#define HOUR_MS INT64_C(3600000)
#define DEFAULT_HOURS 48
#define MAX_HOURS (32 * 24)
#define TABLE_HOURS 24
#define MAX_NAMES 50
#define MAX_CLIENTS 20

struct report {
	int64_t from_ms, until_ms, first_ms; /* the first hour's begin */
	struct sum *hour;                    /* owned */
	size_t n_hours;
	struct sums models, endpoints, clients;
};

static void
begin(struct ask *a)
{
	struct report *r = xcalloc(1, sizeof(*r));
	int64_t now = tm_now_ms();

	if (a->until_ms <= 0 || a->until_ms > now)
		a->until_ms = now;
	if (a->from_ms <= 0 || a->from_ms >= a->until_ms)
		a->from_ms = a->until_ms - DEFAULT_HOURS * HOUR_MS;
	if (a->until_ms - a->from_ms > MAX_HOURS * HOUR_MS)
		a->from_ms = a->until_ms - MAX_HOURS * HOUR_MS;
	if (a->from_ms < 0)
		a->from_ms = 0;
	r->from_ms = a->from_ms;
	r->until_ms = a->until_ms;
	r->first_ms = a->from_ms - a->from_ms % HOUR_MS;
	r->n_hours = (size_t)((a->until_ms - r->first_ms + HOUR_MS - 1) / HOUR_MS);
	r->hour = xcalloc(r->n_hours, sizeof(*r->hour));
	a->own = r;
}

static void
add_time(struct times *t, int64_t ms)
{
	if (ms < 0)
		return;
	t->v = mem_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = ms;
}

static void
add_to(struct sums *s, const char *name, const struct ledger_row *row, int timed)
{
	struct sum *x = scribe_sum(s, name ? name : "", name ? strlen(name) : 0);

	scribe_sum_add(x, row);
	if (timed && row->call.status == 0) {
		add_time(&x->ttft, row->call.ttft_ms);
		add_time(&x->ms, row->call.ms);
	}
}

static int
add_row(struct ask *a, const struct ledger_row *row)
{
	struct report *r = a->own;
	int64_t at = row->call.started_ms;

	if (row->kind != ROW_CALL || row->state == CALL_OPEN || at < r->from_ms || at >= r->until_ms)
		return 0;
	scribe_sum_add(r->hour + (at - r->first_ms) / HOUR_MS, row);
	if (at >= r->until_ms - TABLE_HOURS * HOUR_MS) {
		add_to(&r->models, row->call.model, row, 1);
		add_to(&r->endpoints, row->call.endpoint, row, 1);
		add_to(&r->clients, row->call.client, row, 0);
	}
	return 0;
}

static void
add_int(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	jsonw_int(w, n);
}

static void
write_sum(struct jsonw *w, const struct sum *x)
{
	add_int(w, "calls", x->calls);
	add_int(w, "errors", x->errors);
	add_int(w, "prompt", x->prompt);
	add_int(w, "completion", x->completion);
	add_int(w, "cost", scribe_money(x->cost));
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The nearest rank. */
static void
write_time(struct jsonw *w, const char *name, const struct times *t, size_t percent)
{
	jsonw_key(w, name);
	if (t->n)
		jsonw_int(w, t->v[(t->n * percent + 99) / 100 - 1]);
	else
		jsonw_null(w);
}

static void
write_times(struct jsonw *w, struct sum *x)
{
	if (x->ttft.n)
		qsort(x->ttft.v, x->ttft.n, sizeof(*x->ttft.v), by_number);
	if (x->ms.n)
		qsort(x->ms.v, x->ms.n, sizeof(*x->ms.v), by_number);
	write_time(w, "ttft_p50", &x->ttft, 50);
	write_time(w, "ttft_p95", &x->ttft, 95);
	write_time(w, "ms_p50", &x->ms, 50);
	write_time(w, "ms_p95", &x->ms, 95);
}

static int
by_calls(const void *a, const void *b)
{
	const struct sum *x = *(const struct sum *const *)a, *y = *(const struct sum *const *)b;
	int r = (x->calls < y->calls) - (x->calls > y->calls);

	return r ? r : strcmp(x->key, y->key);
}

static int
by_cost(const void *a, const void *b)
{
	const struct sum *x = *(const struct sum *const *)a, *y = *(const struct sum *const *)b;
	int r = (x->cost < y->cost) - (x->cost > y->cost);

	return r ? r : by_calls(a, b);
}

static void
write_table(struct jsonw *w, const char *name, struct sums *s, size_t most, int timed)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), timed ? by_calls : by_cost);
	jsonw_key(w, name);
	jsonw_array(w);
	for (size_t i = 0; i < s->n && i < most; i++) {
		jsonw_object(w);
		jsonw_member(w, "name", s->v[i]->key);
		write_sum(w, s->v[i]);
		if (timed)
			write_times(w, s->v[i]);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static int
end(struct ask *a, struct buf *out, struct err *e)
{
	struct report *r = a->own;
	struct jsonw w;

	(void)e;
	jsonw_init(&w, out);
	jsonw_object(&w);
	add_int(&w, "from_ms", r->from_ms);
	add_int(&w, "until_ms", r->until_ms);
	jsonw_key(&w, "hours");
	jsonw_array(&w);
	for (size_t i = 0; i < r->n_hours; i++) {
		jsonw_object(&w);
		add_int(&w, "ms", r->first_ms + (int64_t)i * HOUR_MS);
		write_sum(&w, r->hour + i);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	write_table(&w, "models", &r->models, MAX_NAMES, 1);
	write_table(&w, "endpoints", &r->endpoints, MAX_NAMES, 1);
	write_table(&w, "clients", &r->clients, MAX_CLIENTS, 0);
	jsonw_end_object(&w);
	return 0;
}

static void
release(struct ask *a)
{
	struct report *r = a->own;

	free(r->hour);
	scribe_sums_release(&r->models);
	scribe_sums_release(&r->endpoints);
	scribe_sums_release(&r->clients);
	free(r);
}

const struct reader scribe_report = {0 /* LEDGER_BRIEF has no clients */, begin, add_row, end, release};
