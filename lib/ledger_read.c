/* SPDX-License-Identifier: ISC */
/* Rows read: part of ledger.h. */
#include "ledger_priv.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"

#define BRIEF \
	"SELECT row, state, tag, model, provider, endpoint, key, status, ttft_ms, ms, prompt, completion, cached, cache_write, " \
	"reasoning, cost_pusd, source"
#define CALLS " FROM call WHERE row >= ? AND row < ? ORDER BY row"

/* A column costs 30 ns: a million calls are read in half the time where what tells one from the next isn't asked for. */
static const char select_brief[] = BRIEF CALLS;
static const char select_calls[] =
    BRIEF ", id, tool, session, asked, answer_id, finish, error, streamed, client, client_id" CALLS;

static const char select_attempts[] =
    "SELECT call, n, settled, started_ms, model, provider, endpoint, key, reserved_pusd, http, error, blamed, ttft_ms, ms, "
    "prompt, completion, cached, cache_write, reasoning, cost_pusd, source FROM attempt "
    "WHERE call >= ? AND call < ? ORDER BY call, n";

static void
read_totals(struct sqlite3_stmt *st, struct ledger_row *r)
{
	int64_t cost = ledger_db_known(st, 15);

	r->totals = (struct ledger_totals){
	    .prompt = ledger_db_int(st, 10),
	    .completion = ledger_db_int(st, 11),
	    .cached = ledger_db_int(st, 12),
	    .cache_write = ledger_db_int(st, 13),
	    .reasoning = ledger_db_int(st, 14),
	    .cost = cost < 0 ? 0 : cost,
	    .n = 1,
	    .n_unknown = cost < 0 && r->state != CALL_OPEN,
	    .n_errors = r->call.status != 0,
	};
	r->source = (enum ledger_source)ledger_db_int(st, 16);
}

static void
read_brief(struct sqlite3_stmt *st, struct ledger_row *r)
{
	r->kind = ROW_CALL;
	r->row = ledger_db_int(st, 0);
	r->state = (enum ledger_state)ledger_db_int(st, 1);
	r->day = ledger_row_day(r->row);
	r->call = (struct ledger_call){
	    .id = "",
	    .tool = "",
	    .session = "",
	    .asked = "",
	    .client = "",
	    .answer_id = "",
	    .finish = "",
	    .started_ms = ledger_row_ms(r->row),
	    .tag = ledger_db_text(st, 2),
	    .model = ledger_db_text(st, 3),
	    .provider = ledger_db_text(st, 4),
	    .endpoint = ledger_db_text(st, 5),
	    .key = ledger_db_text(st, 6),
	    .status = (int)ledger_db_int(st, 7),
	    .ttft_ms = ledger_db_known(st, 8),
	    .ms = ledger_db_known(st, 9),
	};
	read_totals(st, r);
}

static void
read_call(struct sqlite3_stmt *st, struct ledger_row *r)
{
	read_brief(st, r);
	r->call.id = ledger_db_text(st, 17);
	r->call.tool = ledger_db_text(st, 18);
	r->call.session = ledger_db_text(st, 19);
	r->call.asked = ledger_db_text(st, 20);
	r->call.answer_id = ledger_db_text(st, 21);
	r->call.finish = ledger_db_text(st, 22);
	r->call.error = ledger_db_text(st, 23);
	if (!*r->call.error)
		r->call.error = NULL;
	r->call.streamed = (int)ledger_db_int(st, 24);
	r->call.client = ledger_db_text(st, 25);
	r->call.client_id = ledger_db_int(st, 26);
}

static size_t
keep(struct buf *text, const char *s)
{
	size_t at = text->len;

	buf_add(text, s, strlen(s) + 1);
	return at;
}

/* The text may move while it grows: pointers into it are made by attempts_end. */
static void
attempts_add(struct ledger_attempts *a, struct sqlite3_stmt *st)
{
	static const int columns[N_ATTEMPT_TEXTS] = {4, 5, 6, 7, 10};

	a->v = mem_grow(a->v, a->n, &a->cap, sizeof(*a->v));
	a->more = mem_grow(a->more, a->n, &a->cap_more, sizeof(*a->more));
	a->v[a->n] = (struct ledger_attempt){
	    .started_ms = ledger_db_int(st, 3),
	    .reserved_pusd = ledger_db_known(st, 8),
	    .http = (int)ledger_db_int(st, 9),
	    .blamed = (int)ledger_db_int(st, 11),
	    .ttft_ms = ledger_db_known(st, 12),
	    .ms = ledger_db_known(st, 13),
	    .prompt = ledger_db_known(st, 14),
	    .completion = ledger_db_known(st, 15),
	    .cached = ledger_db_known(st, 16),
	    .cache_write = ledger_db_known(st, 17),
	    .reasoning = ledger_db_known(st, 18),
	    .cost_pusd = ledger_db_known(st, 19),
	    .source = (enum ledger_source)ledger_db_int(st, 20),
	};
	a->more[a->n].n = (size_t)ledger_db_int(st, 1);
	a->more[a->n].settled = (int)ledger_db_int(st, 2);
	for (int i = 0; i < N_ATTEMPT_TEXTS; i++)
		a->more[a->n].at[i] = keep(&a->text, ledger_db_text(st, columns[i]));
	a->n++;
}

static void
attempts_end(struct ledger_attempts *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const size_t *at = a->more[i].at;
		const char *text = a->text.p;
		a->v[i].model = text + at[0];
		a->v[i].provider = text + at[1];
		a->v[i].endpoint = text + at[2];
		a->v[i].key = text + at[3];
		a->v[i].error = text[at[4]] ? text + at[4] : NULL;
	}
}

static void
attempts_clear(struct ledger_attempts *a)
{
	a->n = 0;
	buf_clear(&a->text);
}

void
ledger_attempts_release(struct ledger_attempts *a)
{
	free(a->v);
	free(a->more);
	buf_release(&a->text);
	*a = (struct ledger_attempts){0};
}

int
ledger_read_attempts(struct ledger *l, int64_t row, struct ledger_attempts *a, struct err *e)
{
	const struct ledger_value v[] = {value_int(row), value_int(row + 1)};
	struct sqlite3_stmt *st;
	int r;

	attempts_clear(a);
	if (ledger_db_query(l->db, &st, select_attempts, v, N_OF(v), e))
		return -1;
	while ((r = ledger_db_step(l->db, st, e)) == 1)
		attempts_add(a, st);
	attempts_end(a);
	return r;
}

int
ledger_read_call(struct ledger *l, int64_t row, struct ledger_row *r, struct sqlite3_stmt **st, struct err *e)
{
	const struct ledger_value v[] = {value_int(row), value_int(row + 1)};

	if (ledger_db_query(l->db, st, select_calls, v, N_OF(v), e))
		return -1;
	int n = ledger_db_step(l->db, *st, e);
	if (n == 0)
		return err_set(e, ERR_INTERNAL, "ledger %s: there is no call %lld", l->path, (long long)row);
	if (n == 1)
		read_call(*st, r);
	return n == 1 ? 0 : -1;
}

int
ledger_find(struct ledger *l, const struct ledger_call *c, int64_t *row, enum ledger_state *state, struct err *e)
{
	static const char sql[] = "SELECT row, state FROM call WHERE row >= ? AND row < ? AND id = ?";
	const struct ledger_value v[] = {
	    value_int(ledger_row_at(c->started_ms)), value_int(ledger_row_at(c->started_ms + 1)), value_text(c->id)};
	struct sqlite3_stmt *st;

	if (ledger_db_query(l->db, &st, sql, v, N_OF(v), e))
		return -1;
	int n = ledger_db_step(l->db, st, e);
	if (n == 1) {
		*row = ledger_db_int(st, 0);
		*state = (enum ledger_state)ledger_db_int(st, 1);
	}
	ledger_db_done(st);
	return n;
}

struct scan {
	struct ledger *l;
	int64_t from_ms, until_ms;
	unsigned what;
	ledger_row_fn fn;
	void *arg;
	struct err *e;
	struct sqlite3_stmt *attempt; /* one ahead; NULL: there are no more, or none are wanted */
	struct ledger_attempts attempts;
};

/* Attempts come in the order of their calls: one cursor follows the other. */
static int
follow(struct scan *s, int64_t row)
{
	int n = 1;

	attempts_clear(&s->attempts);
	while (s->attempt && ledger_db_int(s->attempt, 0) <= row) {
		if (ledger_db_int(s->attempt, 0) == row)
			attempts_add(&s->attempts, s->attempt);
		n = ledger_db_step(s->l->db, s->attempt, s->e);
		if (n != 1)
			s->attempt = NULL;
	}
	attempts_end(&s->attempts);
	return n == -1 ? -1 : 0;
}

static int
content(struct scan *s, struct ledger_row *r, struct sqlite3_stmt **st)
{
	const struct ledger_value v[] = {value_int(r->row)};

	if (ledger_db_query(s->l->db, st, "SELECT request, answer FROM content WHERE call = ?", v, N_OF(v), s->e))
		return -1;
	int n = ledger_db_step(s->l->db, *st, s->e);
	if (n == 1) {
		r->call.request = ledger_db_text(*st, 0);
		r->call.answer = ledger_db_text(*st, 1);
	}
	return n == -1 ? -1 : 0;
}

static int
give_call(struct scan *s, struct sqlite3_stmt *st)
{
	struct ledger_row r = {0};
	struct sqlite3_stmt *text = NULL;

	if (s->what & LEDGER_BRIEF)
		read_brief(st, &r);
	else
		read_call(st, &r);
	if (s->what & LEDGER_ATTEMPTS) {
		if (follow(s, r.row))
			return -1;
		r.attempt = s->attempts.v;
		r.n_attempt = s->attempts.n;
	}
	if (s->what & LEDGER_CONTENT && content(s, &r, &text))
		return -1;
	int end = s->fn(s->arg, &r, s->e);
	if (text)
		ledger_db_done(text);
	return end;
}

static int
scan_calls(struct scan *s, int64_t from, int64_t until)
{
	const struct ledger_value v[] = {value_int(from), value_int(until)};
	struct sqlite3_stmt *st, *attempt = NULL;
	int r = 0, n = 1;

	if (ledger_db_query(s->l->db, &st, s->what & LEDGER_BRIEF ? select_brief : select_calls, v, N_OF(v), s->e))
		return -1;
	if (s->what & LEDGER_ATTEMPTS) {
		if (ledger_db_query(s->l->db, &attempt, select_attempts, v, N_OF(v), s->e) ||
		    (n = ledger_db_step(s->l->db, attempt, s->e)) == -1)
			return -1;
		s->attempt = n ? attempt : NULL;
	}
	while (r == 0 && (n = ledger_db_step(s->l->db, st, s->e)) == 1)
		r = give_call(s, st);
	ledger_db_done(st);
	if (attempt)
		ledger_db_done(attempt);
	return n == -1 ? -1 : r;
}

static void
read_day(struct sqlite3_stmt *st, struct ledger_row *r)
{
	int fault = (int)ledger_db_int(st, 7);

	*r = (struct ledger_row){.state = CALL_SETTLED};
	r->day = ledger_db_int(st, 0);
	r->kind = ledger_db_int(st, 1);
	r->call = (struct ledger_call){
	    .started_ms = r->day * DAY_MS,
	    .tag = ledger_db_text(st, 2),
	    .model = ledger_db_text(st, 3),
	    .provider = ledger_db_text(st, 4),
	    .endpoint = ledger_db_text(st, 5),
	    .key = ledger_db_text(st, 6),
	    .ttft_ms = -1,
	    .ms = -1,
	};
	if (r->kind == ROW_DAY_CALLS)
		r->call.status = fault;
	else
		r->call.error = fault ? "failed" : "";
	r->totals = (struct ledger_totals){
	    .n = ledger_db_int(st, 8),
	    .n_errors = ledger_db_int(st, 9),
	    .n_unknown = ledger_db_int(st, 10),
	    .prompt = ledger_db_int(st, 11),
	    .completion = ledger_db_int(st, 12),
	    .cached = ledger_db_int(st, 13),
	    .cache_write = ledger_db_int(st, 14),
	    .reasoning = ledger_db_int(st, 15),
	    .cost = (pusd_sum_t)ledger_db_int(st, 16) * PUSD_PER_USD + ledger_db_int(st, 17),
	};
}

static int
scan_days(struct scan *s, int kind, int64_t from, int64_t until)
{
	const struct ledger_value v[] = {value_int(kind), value_int(from), value_int(until)};
	struct sqlite3_stmt *st;
	struct ledger_row row;
	int r = 0, n = 1;

	if (ledger_db_query(
		s->l->db, &st, "SELECT * FROM day WHERE kind = ? AND day >= ? AND day < ?", v, N_OF(v), s->e))
		return -1;
	while (r == 0 && (n = ledger_db_step(s->l->db, st, s->e)) == 1) {
		read_day(st, &row);
		if (row.totals.n) /* of an orphan that wasn't one, nothing is left */
			r = s->fn(s->arg, &row, s->e);
	}
	ledger_db_done(st);
	return n == -1 ? -1 : r;
}

static int
read_folded(struct ledger *l, int64_t *day, struct err *e)
{
	struct sqlite3_stmt *st;

	if (ledger_db_query(l->db, &st, "SELECT value FROM meta WHERE name = 'folded'", NULL, 0, e))
		return -1;
	int n = ledger_db_step(l->db, st, e);
	*day = n == 1 ? ledger_db_int(st, 0) : 0;
	ledger_db_done(st);
	return n == -1 ? -1 : 0;
}

/* Whole days as their sums, and the rows of what is left of days before and behind. */
static int
scan_sums(struct scan *s, int64_t first, int64_t end)
{
	int r = scan_days(s, ROW_DAY_CALLS, first, end);

	if (r == 0)
		r = scan_calls(s, ledger_row_at(s->from_ms), ledger_row_at(first * DAY_MS));
	return r ? r : scan_calls(s, ledger_row_at(end * DAY_MS), ledger_row_at(s->until_ms));
}

static int
scan_all(struct scan *s)
{
	int64_t folded, first = (s->from_ms + DAY_MS - 1) / DAY_MS, end = s->until_ms / DAY_MS;
	int r = 0;

	if (s->what & LEDGER_SUMS && first < end)
		return scan_sums(s, first, end);
	if (read_folded(s->l, &folded, s->e))
		return -1;
	if (end > folded)
		end = folded;
	if (first < end)
		r = scan_days(s, ROW_DAY_CALLS, first, end);
	if (r == 0 && first < end && s->what & LEDGER_ATTEMPTS)
		r = scan_days(s, ROW_DAY_ATTEMPTS, first, end);
	int64_t from = s->from_ms > folded * DAY_MS ? s->from_ms : folded * DAY_MS;
	return r ? r : scan_calls(s, ledger_row_at(from), ledger_row_at(s->until_ms));
}

int
ledger_scan(
    struct ledger *l, int64_t from_ms, int64_t until_ms, unsigned what, ledger_row_fn fn, void *arg, struct err *e)
{
	struct scan s = {.l = l,
	    .from_ms = from_ms < 0 ? 0 : from_ms,
	    .until_ms = until_ms,
	    .what = what,
	    .fn = fn,
	    .arg = arg,
	    .e = e};

	if (!l->db || until_ms <= s.from_ms)
		return 0;
	if (s.until_ms > LEDGER_MAX_MS)
		s.until_ms = LEDGER_MAX_MS;
	if (s.from_ms > LEDGER_MAX_MS)
		s.from_ms = LEDGER_MAX_MS;
	if (ledger_db_snapshot(l->db, e))
		return -1;
	int r = scan_all(&s);
	ledger_attempts_release(&s.attempts);
	if (ledger_db_end(l->db, 0, r ? NULL : e) && r == 0)
		return -1;
	return r;
}
