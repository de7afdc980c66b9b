/* SPDX-License-Identifier: ISC */
/* Rows written, and booked in the sums of their day: part of ledger.h. */
#include "ledger_priv.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

#define ROW_BITS 20 /* random ones, below the ms */
#define MAX_ROW_TRIES 100
#define MAX_TOKENS INT64_C(1000000000000) /* a count that nobody can mean is unknown: sums must not overflow */

int64_t
ledger_row_at(int64_t started_ms)
{
	return (started_ms < 0 ? 0 : started_ms > LEDGER_MAX_MS ? LEDGER_MAX_MS : started_ms) << ROW_BITS;
}

int64_t
ledger_row_ms(int64_t row)
{
	return row >> ROW_BITS;
}

int64_t
ledger_row_day(int64_t row)
{
	return ledger_row_ms(row) / DAY_MS;
}

static int64_t
new_row(struct ledger *l, int64_t started_ms)
{
	return ledger_row_at(started_ms) | (int64_t)(chance_next(&l->chance) & ((1U << ROW_BITS) - 1));
}

int
ledger_put_intent(struct ledger *l, const struct ledger_call *c, int64_t *row, struct err *e)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO call(row, state, owner, id, tool, tag, session, asked, client, client_id, model, provider, "
	    "endpoint, key, answer_id, finish) VALUES(?, 0, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', '')";

	for (int i = 0; i < MAX_ROW_TRIES; i++) {
		int64_t id = new_row(l, c->started_ms);
		const struct ledger_value v[] = {value_int(id), value_int(l->owner), value_text(c->id),
		    value_text(c->tool), value_text(c->tag), value_text(c->session), value_text(c->asked),
		    value_text(c->client), value_int(c->client_id)};
		if (ledger_db_run(l->db, sql, v, N_OF(v), e))
			return -1;
		if (ledger_db_changes(l->db)) {
			*row = id;
			return 0;
		}
	}
	return err_set(e, ERR_INTERNAL, "ledger %s: no number is free", l->path);
}

int
ledger_put_reservation(struct ledger *l, int64_t row, const struct ledger_attempt *a, int n, struct err *e)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO attempt(call, n, settled, started_ms, model, provider, endpoint, key, "
	    "reserved_pusd) VALUES(?, ?, 0, ?, ?, ?, ?, ?, ?)";
	const struct ledger_value v[] = {value_int(row), value_int(n), value_int(a->started_ms), value_text(a->model),
	    value_text(a->provider), value_text(a->endpoint), value_text(a->key), value_known(a->reserved_pusd)};

	if (ledger_db_run(l->db, sql, v, N_OF(v), e))
		return -1;
	return ledger_db_changes(l->db)
	    ? 0
	    : err_set(e, ERR_INTERNAL, "ledger %s: attempt %d is there already", l->path, n);
}

static int64_t
tokens(int64_t n)
{
	return n > MAX_TOKENS ? -1 : n;
}

static int
is_known(const struct ledger_attempt *a)
{
	return a->cost_pusd >= 0 && a->source != COST_UNKNOWN;
}

static void
add_count(int64_t *sum, int64_t n)
{
	n = tokens(n);
	if (n > 0)
		*sum += n;
}

static void
add_attempt(struct ledger_totals *t, const struct ledger_attempt *a)
{
	add_count(&t->prompt, a->prompt);
	add_count(&t->completion, a->completion);
	add_count(&t->cached, a->cached);
	add_count(&t->cache_write, a->cache_write);
	add_count(&t->reasoning, a->reasoning);
	if (is_known(a))
		t->cost += a->cost_pusd;
	else
		t->n_unknown++;
	t->n_errors += a->error && *a->error;
	t->n++;
}

static void
negate(struct ledger_totals *t)
{
	t->prompt = -t->prompt;
	t->completion = -t->completion;
	t->cached = -t->cached;
	t->cache_write = -t->cache_write;
	t->reasoning = -t->reasoning;
	t->cost = -t->cost;
	t->n = -t->n;
	t->n_unknown = -t->n_unknown;
	t->n_errors = -t->n_errors;
}

/* What settles. */
static const char attempt_sql[] =
    "INSERT INTO attempt VALUES(?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET settled = 1, http = excluded.http, error = excluded.error, blamed = excluded.blamed, "
    "ttft_ms = excluded.ttft_ms, ms = excluded.ms, prompt = excluded.prompt, completion = excluded.completion, "
    "cached = excluded.cached, cache_write = excluded.cache_write, reasoning = excluded.reasoning, "
    "cost_pusd = excluded.cost_pusd, source = excluded.source WHERE settled = 0";
static const char call_sql[] =
    "UPDATE call SET state = ?, owner = NULL, model = ?, provider = ?, endpoint = ?, key = ?, answer_id = ?, finish = ?, "
    "status = ?, error = ?, streamed = ?, ttft_ms = ?, ms = ?, prompt = ?, completion = ?, cached = ?, cache_write = ?, "
    "reasoning = ?, cost_pusd = ?, source = ? WHERE row = ? AND state = 0";

/* key: what the sums of the call's key get is added to it. */
static int
book_attempt(struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, int back,
    struct ledger_totals *key, struct err *e)
{
	const struct ledger_call who = {
	    .tag = c->tag, .model = a->model, .provider = a->provider, .endpoint = a->endpoint, .key = a->key};
	struct ledger_totals t = {0};

	add_attempt(&t, a);
	if (back)
		negate(&t);
	struct ledger_totals keys = t;
	keys.n = 0; /* a key's are its calls */
	ledger_totals_add(key, &keys);
	return ledger_sums_day(l, ROW_DAY_ATTEMPTS, ledger_row_day(row), &who, a->error && *a->error, &t, e);
}

int
ledger_unbook_attempt(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, struct err *e)
{
	struct ledger_totals key = {0};

	if (book_attempt(l, row, c, a, 1, &key, e))
		return -1;
	return ledger_sums_key(l, ledger_row_day(row), c->client_id, &key, e);
}

int
ledger_unbook_call(struct ledger *l, const struct ledger_row *r, struct err *e)
{
	const struct ledger_totals key = {.n = -r->totals.n};
	struct ledger_totals t = r->totals;

	negate(&t);
	if (ledger_sums_day(l, ROW_DAY_CALLS, r->day, &r->call, r->call.status, &t, e))
		return -1;
	return ledger_sums_key(l, r->day, r->call.client_id, &key, e);
}

static int
put_attempt(struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, size_t n,
    struct ledger_totals *key, struct err *e)
{
	int known = is_known(a);
	const struct ledger_value v[] = {value_int(row), value_int((int64_t)n), value_int(a->started_ms),
	    value_text(a->model), value_text(a->provider), value_text(a->endpoint), value_text(a->key),
	    value_known(a->reserved_pusd), value_int(a->http), value_text(a->error), value_int(a->blamed),
	    value_known(a->ttft_ms), value_known(a->ms), value_known(tokens(a->prompt)),
	    value_known(tokens(a->completion)), value_known(tokens(a->cached)), value_known(tokens(a->cache_write)),
	    value_known(tokens(a->reasoning)), value_known(known ? a->cost_pusd : -1),
	    value_int(known ? a->source : COST_UNKNOWN)};

	if (ledger_db_run(l->db, attempt_sql, v, N_OF(v), e))
		return -1;
	return ledger_db_changes(l->db) ? book_attempt(l, row, c, a, 0, key, e) : 0;
}

int
ledger_put_attempt(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, size_t n, struct err *e)
{
	struct ledger_totals key = {0};

	if (put_attempt(l, row, c, a, n, &key, e))
		return -1;
	return ledger_sums_key(l, ledger_row_day(row), c->client_id, &key, e);
}

/* The weakest of its attempts' sources; a call that asked nobody cost nothing. */
static enum ledger_source
sum_up(struct ledger_totals *t, const struct ledger_attempt *a, size_t n)
{
	enum ledger_source s = COST_COMPUTED;

	*t = (struct ledger_totals){0};
	for (size_t i = 0; i < n; i++) {
		add_attempt(t, a + i);
		if (i == 0 || a[i].source > s)
			s = a[i].source;
	}
	int unknown = t->n_unknown || t->cost > INT64_MAX;
	if (unknown)
		t->cost = 0;
	t->n_unknown = unknown;
	return unknown ? COST_UNKNOWN : s;
}

struct summed {
	struct ledger_totals t;
	enum ledger_source source;
};

/* What is told of a call that is over. */
#define N_OUTCOME 18
static void
outcome(struct ledger_value v[N_OUTCOME], const struct ledger_call *c, const struct summed *s)
{
	const struct ledger_value all[N_OUTCOME] = {value_text(c->model), value_text(c->provider),
	    value_text(c->endpoint), value_text(c->key), value_text(c->answer_id), value_text(c->finish),
	    value_int(c->status), value_text(c->error), value_int(c->streamed), value_known(c->ttft_ms),
	    value_known(c->ms), value_int(s->t.prompt), value_int(s->t.completion), value_int(s->t.cached),
	    value_int(s->t.cache_write), value_int(s->t.reasoning),
	    value_known(s->t.n_unknown ? -1 : (int64_t)s->t.cost), value_int(s->source)};

	memcpy(v, all, sizeof(all));
}

static int
insert_call(struct ledger *l, int64_t *row, const struct ledger_call *c, const struct summed *s, struct err *e)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO call(state, row, id, tool, tag, session, asked, client, client_id, model, provider, endpoint, key, answer_id, finish, "
	    "status, error, streamed, ttft_ms, ms, prompt, completion, cached, cache_write, reasoning, cost_pusd, source) "
	    "VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct ledger_value v[8 + N_OUTCOME] = {value_int(0), value_text(c->id), value_text(c->tool),
	    value_text(c->tag), value_text(c->session), value_text(c->asked), value_text(c->client),
	    value_int(c->client_id)};

	outcome(v + 8, c, s);
	for (int i = 0; i < MAX_ROW_TRIES; i++) {
		v[0] = value_int(new_row(l, c->started_ms));
		if (ledger_db_run(l->db, sql, v, N_OF(v), e))
			return -1;
		if (ledger_db_changes(l->db)) {
			*row = v[0].n;
			return 0;
		}
	}
	return err_set(e, ERR_INTERNAL, "ledger %s: no number is free", l->path);
}

static int
update_call(struct ledger *l, int64_t row, const struct ledger_call *c, const struct summed *s, enum ledger_state state,
    struct err *e)
{
	struct ledger_value v[1 + N_OUTCOME + 1] = {value_int(state)};

	outcome(v + 1, c, s);
	v[1 + N_OUTCOME] = value_int(row);
	return ledger_db_run(l->db, call_sql, v, N_OF(v), e);
}

static int
put_content(struct ledger *l, int64_t row, const struct ledger_call *c, struct err *e)
{
	static const char sql[] = "INSERT OR REPLACE INTO content VALUES(?, ?, ?)";
	const struct ledger_value v[] = {value_int(row), value_text(c->request), value_text(c->answer)};

	return c->request || c->answer ? ledger_db_run(l->db, sql, v, N_OF(v), e) : 0;
}

int
ledger_put_call(struct ledger *l, int64_t *row, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n, enum ledger_state state, struct err *e)
{
	struct ledger_totals key = {.n = 1};
	struct summed s;

	s.source = sum_up(&s.t, a, n);
	if (*row == 0) {
		if (insert_call(l, row, c, &s, e))
			return -1;
	} else {
		if (update_call(l, *row, c, &s, state, e))
			return -1;
		if (!ledger_db_changes(l->db) &&
		    (ledger_orphan_revive(l, *row, e) || update_call(l, *row, c, &s, state, e)))
			return -1;
	}
	for (size_t i = from; i < n; i++)
		if (put_attempt(l, *row, c, a + i, i, &key, e))
			return -1;
	s.t.n = 1;
	s.t.n_errors = c->status != 0;
	if (ledger_sums_day(l, ROW_DAY_CALLS, ledger_row_day(*row), c, c->status, &s.t, e) ||
	    ledger_sums_key(l, ledger_row_day(*row), c->client_id, &key, e))
		return -1;
	return put_content(l, *row, c, e);
}

void
ledger_put_ready(struct ledger *l)
{
	static const char *const all[] = {attempt_sql, call_sql};

	for (size_t i = 0; i < N_OF(all); i++)
		ledger_db_prepare(l->db, all[i]);
	ledger_sums_ready(l);
}
