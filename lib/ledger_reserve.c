/* SPDX-License-Identifier: ISC */
/* Budgets kept: part of ledger.h. What is compared and what is written are one transaction, so that no two calls take the same money. */
#include "ledger_keys.h"
#include "ledger_priv.h"

#include <stdlib.h>

#include "budget.h"
#include "err.h"
#include "mem.h"

#define HTTP_PAYMENT_REQUIRED 402 /* what OpenRouter says of a key that is used up */

/* One budget that the attempt falls under. */
struct tally {
	const struct budget *b;
	int64_t start, end; /* its period: days */
	pusd_sum_t taken;   /* spent, and reserved by calls that go on */
};

struct tallies {
	struct tally *v; /* owned */
	size_t n;
	int64_t start, end; /* all periods lie in it, but those of keys' limits */
};

static void
select_budgets(
    struct tallies *t, const struct ledger_call *c, const struct ledger_attempt *a, const struct budget *b, size_t n)
{
	const struct budget_call who = {
	    .tag = c->tag, .model = a->model, .provider = a->provider, .key = a->key, .client_id = c->client_id};

	*t = (struct tallies){.v = xcalloc(n, sizeof(*t->v)), .start = INT64_MAX};
	for (size_t i = 0; i < n; i++) {
		if (!budget_matches(b + i, &who))
			continue;
		struct tally *x = t->v + t->n++;
		x->b = b + i;
		x->start = budget_start_day(b[i].period, c->started_ms);
		x->end = budget_end_day(b[i].period, c->started_ms);
		if (b[i].client_id)
			continue;
		if (x->start < t->start)
			t->start = x->start;
		if (x->end > t->end)
			t->end = x->end;
	}
}

/* What one attempt counts whose cost, or reservation, is this. */
static int64_t
weight(const struct budget *b, int64_t pusd)
{
	if (pusd >= 0)
		return pusd;
	return b->ceiling_pusd == PUSD_UNKNOWN ? 0 : b->ceiling_pusd;
}

static int
takes(const struct tally *x, int64_t day, const struct budget_call *who)
{
	return day >= x->start && day < x->end && budget_matches(x->b, who);
}

/* tag, model, provider, key. */
static struct budget_call
read_who(struct sqlite3_stmt *st, int column)
{
	return (struct budget_call){.tag = ledger_db_text(st, column),
	    .model = ledger_db_text(st, column + 1),
	    .provider = ledger_db_text(st, column + 2),
	    .key = ledger_db_text(st, column + 3)};
}

static int
add_days(struct ledger *l, struct tallies *t, struct err *e)
{
	static const char sql[] = "SELECT day, tag, model, provider, key, n_unknown, usd, rest_pusd FROM day "
				  "WHERE kind = 2 AND day >= ? AND day < ?";
	const struct ledger_value v[] = {value_int(t->start), value_int(t->end)};
	struct sqlite3_stmt *st;
	int n;

	if (t->start >= t->end)
		return 0;
	if (ledger_db_query(l->db, &st, sql, v, N_OF(v), e))
		return -1;
	while ((n = ledger_db_step(l->db, st, e)) == 1) {
		pusd_sum_t cost = (pusd_sum_t)ledger_db_int(st, 6) * PUSD_PER_USD + ledger_db_int(st, 7);
		const struct budget_call who = read_who(st, 1);
		for (size_t i = 0; i < t->n; i++)
			if (!t->v[i].b->client_id && takes(t->v + i, ledger_db_int(st, 0), &who))
				t->v[i].taken +=
				    cost + (pusd_sum_t)ledger_db_int(st, 5) * weight(t->v[i].b, PUSD_UNKNOWN);
	}
	return n;
}

/* A key's limit is held against that key's own sums. */
static int
add_keys(struct ledger *l, struct tallies *t, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		struct tally *x = t->v + i;
		pusd_sum_t cost;
		int64_t n_unknown;
		if (!x->b->client_id)
			continue;
		if (ledger_keys_spent(l, x->b->client_id, x->start, x->end, &cost, &n_unknown, e))
			return -1;
		x->taken += cost + (pusd_sum_t)n_unknown * weight(x->b, PUSD_UNKNOWN);
	}
	return 0;
}

static int
add_open(struct ledger *l, struct tallies *t, struct err *e)
{
	static const char sql[] =
	    "SELECT call.row, call.tag, attempt.model, attempt.provider, attempt.key, reserved_pusd, client_id "
	    "FROM call CROSS JOIN attempt ON attempt.call = call.row WHERE state = 0 AND settled = 0";
	struct sqlite3_stmt *st;
	int n;

	if (ledger_db_query(l->db, &st, sql, NULL, 0, e))
		return -1;
	while ((n = ledger_db_step(l->db, st, e)) == 1) {
		struct budget_call who = read_who(st, 1);
		who.client_id = ledger_db_int(st, 6);
		for (size_t i = 0; i < t->n; i++)
			if (takes(t->v + i, ledger_row_day(ledger_db_int(st, 0)), &who))
				t->v[i].taken += weight(t->v[i].b, ledger_db_known(st, 5));
	}
	return n;
}

static int64_t
room_of(const struct tally *x)
{
	return x->taken >= x->b->limit_pusd ? 0 : x->b->limit_pusd - (int64_t)x->taken;
}

/* Appends " (tag=ci-* provider=openai)". */
static void
add_selection(struct buf *m, const struct budget *b)
{
	const struct {
		const char *name, *pattern;
	} all[] = {{"tag", b->tag}, {"model", b->model}, {"provider", b->provider}, {"key", b->key}};
	const char *before = " (";

	for (size_t i = 0; i < N_OF(all); i++) {
		if (!all[i].pattern)
			continue;
		buf_addf(m, "%s%s=%s", before, all[i].name, all[i].pattern);
		before = " ";
	}
	if (*before == ' ' && before[1] == '\0')
		buf_addc(m, ')');
}

/* Appends "the month's budget of $5 (tag=ci-*)", or "the key's limit of $5 (monthly)". */
static void
add_name(struct buf *m, const struct budget *b)
{
	static const char *const often[] = {
	    [BUDGET_DAY] = " (daily)", [BUDGET_WEEK] = " (weekly)", [BUDGET_MONTH] = " (monthly)", [BUDGET_EVER] = ""};

	if (b->client_id)
		buf_adds(m, "the key's limit of $");
	else
		buf_addf(m, "the %s's budget of $", budget_period(b->period));
	price_emit_pusd(m, b->limit_pusd);
	if (b->client_id)
		buf_adds(m, often[b->period]);
	else
		add_selection(m, b);
}

static int
refuse(const struct tally *x, int64_t need, struct err *e)
{
	struct buf m = BUF_INIT;

	add_name(&m, x->b);
	if (need < 0 && x->b->client_id) {
		buf_adds(&m, " holds, and nobody knows what this call costs");
	} else if (need < 0) {
		buf_adds(&m, " names no ceiling= for a call whose price is unknown");
	} else {
		buf_adds(&m, " has $");
		price_emit_pusd(&m, room_of(x));
		buf_adds(&m, " left, and this call may cost $");
		price_emit_pusd(&m, need);
	}
	err_set(e, ERR_CAP, "%s", m.p);
	if (e && x->b->client_id)
		e->http = HTTP_PAYMENT_REQUIRED;
	buf_release(&m);
	return -1;
}

/* Of those that don't have what it takes, the tightest is named. */
static int
admit(const struct tallies *t, const struct ledger_attempt *a, int64_t *room, struct err *e)
{
	const struct tally *worst = NULL;
	int64_t need = a->reserved_pusd;

	*room = PUSD_UNKNOWN;
	for (size_t i = 0; i < t->n; i++) {
		const struct tally *x = t->v + i;
		if (*room == PUSD_UNKNOWN || room_of(x) < *room)
			*room = room_of(x);
		if (need < 0 && x->b->ceiling_pusd == PUSD_UNKNOWN)
			return refuse(x, -1, e);
		if (room_of(x) < weight(x->b, need) && (!worst || room_of(x) < room_of(worst)))
			worst = x;
	}
	return worst ? refuse(worst, weight(worst->b, need), e) : 0;
}

static int
tally(struct ledger *l, struct tallies *t, struct err *e)
{
	if (!t->n)
		return 0;
	return add_days(l, t, e) || add_keys(l, t, e) || add_open(l, t, e) ? -1 : 0;
}

/* In a transaction. */
static int
reserve(struct ledger *l, const struct ledger_call *c, int64_t *row, const struct ledger_attempt *a, int n,
    struct tallies *t, int64_t *room, struct err *e)
{
	if (tally(l, t, e) || admit(t, a, room, e))
		return -1;
	if (*row == 0 && ledger_put_intent(l, c, row, e))
		return -1;
	return ledger_put_reservation(l, *row, a, n, e);
}

int
ledger_reserve(struct ledger *l, const struct ledger_call *c, int64_t *row, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, int64_t *room_pusd, struct err *e)
{
	struct tallies t;
	int64_t number = *row, n_orphans;

	if (ledger_alive(l, e) || (!l->looked && ledger_orphans(l, &n_orphans, e)) ||
	    (n_budget && ledger_sums_write(l, e)) || ledger_db_begin(l->db, e))
		return -1;
	select_budgets(&t, c, a, b, n_budget);
	int r = ledger_db_end(l->db, reserve(l, c, &number, a, n, &t, room_pusd, e), e);
	free(t.v);
	if (r == 0)
		*row = number;
	return ledger_file_judge(l, r, e);
}
