/* SPDX-License-Identifier: ISC */
/* Sums of days, and of keys' days: part of ledger.h. In a batch, what goes into one row is added up before it is written: it is the same few for all. */
#include "ledger_priv.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define MAX_SUMS 64 /* that wait for the end of a batch */

/* One row, or what is to be added to it. */
struct ledger_sum {
	int kind; /* ROW_DAY_...; OF_KEY: of a key's day */
	int64_t day, client_id;
	int fault;      /* the status, or whether it failed */
	struct buf who; /* tag, model, provider, endpoint and key, each with its NUL */
	struct ledger_totals t;
};

enum { OF_KEY = -1, N_WHO = 5 };

static const char day_sql[] =
    "INSERT INTO day VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) " LEDGER_ADD_SUMS
    ", n_errors = n_errors + excluded.n_errors";
static const char key_sql[] = "INSERT INTO keyday VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) " LEDGER_ADD_SUMS;

void
ledger_totals_add(struct ledger_totals *to, const struct ledger_totals *t)
{
	to->prompt += t->prompt;
	to->completion += t->completion;
	to->cached += t->cached;
	to->cache_write += t->cache_write;
	to->reasoning += t->reasoning;
	to->cost += t->cost;
	to->n += t->n;
	to->n_unknown += t->n_unknown;
	to->n_errors += t->n_errors;
}

/* Whole dollars, and the rest, which is never below 0: -0.1 is -1 and 0.9. */
struct money {
	int64_t usd, rest;
};

static struct money
money(pusd_sum_t cost)
{
	struct money m = {(int64_t)(cost / PUSD_PER_USD), (int64_t)(cost % PUSD_PER_USD)};

	if (m.rest < 0) {
		m.usd--;
		m.rest += PUSD_PER_USD;
	}
	return m;
}

static int
write_key(struct ledger *l, const struct ledger_sum *s, struct err *e)
{
	const struct ledger_totals *t = &s->t;
	const struct money m = money(t->cost);
	const struct ledger_value v[] = {value_int(s->client_id), value_int(s->day), value_int(t->n),
	    value_int(t->n_unknown), value_int(t->prompt), value_int(t->completion), value_int(t->cached),
	    value_int(t->cache_write), value_int(t->reasoning), value_int(m.usd), value_int(m.rest)};

	return ledger_db_run(l->db, key_sql, v, N_OF(v), e);
}

static int
write_day(struct ledger *l, const struct ledger_sum *s, struct err *e)
{
	const struct ledger_totals *t = &s->t;
	const struct money m = money(t->cost);
	const char *who[N_WHO] = {s->who.p};

	for (int i = 1; i < N_WHO; i++)
		who[i] = who[i - 1] + strlen(who[i - 1]) + 1;
	const struct ledger_value v[] = {value_int(s->day), value_int(s->kind), value_text(who[0]), value_text(who[1]),
	    value_text(who[2]), value_text(who[3]), value_text(who[4]), value_int(s->fault), value_int(t->n),
	    value_int(t->n_errors), value_int(t->n_unknown), value_int(t->prompt), value_int(t->completion),
	    value_int(t->cached), value_int(t->cache_write), value_int(t->reasoning), value_int(m.usd),
	    value_int(m.rest)};

	return ledger_db_run(l->db, day_sql, v, N_OF(v), e);
}

static void
drop(struct ledger *l)
{
	for (size_t i = 0; i < l->n_sums; i++)
		buf_release(&l->sum[i].who);
	l->n_sums = 0;
}

/* In a transaction. */
static int
write_all(struct ledger *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < l->n_sums && r == 0; i++)
		r = l->sum[i].kind == OF_KEY ? write_key(l, l->sum + i, e) : write_day(l, l->sum + i, e);
	drop(l);
	return r;
}

int
ledger_sums_write(struct ledger *l, struct err *e)
{
	if (!l->n_sums)
		return 0;
	if (ledger_db_begin(l->db, e)) {
		drop(l);
		return -1;
	}
	return ledger_db_end(l->db, write_all(l, e), e);
}

void
ledger_sums_release(struct ledger *l)
{
	drop(l);
	free(l->sum);
}

static int
is_same(const struct ledger_sum *a, const struct ledger_sum *b)
{
	return a->kind == b->kind && a->day == b->day && a->client_id == b->client_id && a->fault == b->fault &&
	    a->who.len == b->who.len && (a->who.len == 0 || memcmp(a->who.p, b->who.p, a->who.len) == 0);
}

/* who of *s is taken over, or released. */
static int
add(struct ledger *l, struct ledger_sum *s, struct err *e)
{
	size_t i = 0;

	while (i < l->n_sums && !is_same(l->sum + i, s))
		i++;
	if (i < l->n_sums) {
		ledger_totals_add(&l->sum[i].t, &s->t);
		buf_release(&s->who);
	} else {
		l->sum = mem_grow(l->sum, l->n_sums, &l->cap_sums, sizeof(*l->sum));
		l->sum[l->n_sums++] = *s;
	}
	return l->in_batch && l->n_sums < MAX_SUMS ? 0 : write_all(l, e);
}

int
ledger_sums_key(struct ledger *l, int64_t day, int64_t client_id, const struct ledger_totals *t, struct err *e)
{
	struct ledger_sum s = {.kind = OF_KEY, .day = day, .client_id = client_id, .who = BUF_INIT, .t = *t};

	return client_id ? add(l, &s, e) : 0;
}

int
ledger_sums_day(struct ledger *l, int kind, int64_t day, const struct ledger_call *who, int fault,
    const struct ledger_totals *t, struct err *e)
{
	const char *const words[N_WHO] = {who->tag, who->model, who->provider, who->endpoint, who->key};
	struct ledger_sum s = {.kind = kind, .day = day, .fault = fault, .who = BUF_INIT, .t = *t};

	for (int i = 0; i < N_WHO; i++) {
		const char *word = words[i] ? words[i] : "";
		buf_add(&s.who, word, strlen(word) + 1);
	}
	return add(l, &s, e);
}

void
ledger_sums_ready(struct ledger *l)
{
	ledger_db_prepare(l->db, day_sql);
}
