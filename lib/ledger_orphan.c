/* SPDX-License-Identifier: ISC */
/* Calls whose process is gone: part of ledger.h. Each is settled at what was reserved for it. */
#include "ledger_priv.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"

#define ORPHAN_STATUS (-1)
static const char orphan_word[] = "orphan";

struct dead {
	int64_t *row; /* owned */
	size_t n, cap;
};

static int
find_dead(struct ledger *l, struct dead *d, struct err *e)
{
	struct sqlite3_stmt *st;
	int n;

	if (ledger_db_query(l->db, &st, "SELECT owner, row FROM call WHERE state = 0 ORDER BY owner", NULL, 0, e))
		return -1;
	while ((n = ledger_db_step(l->db, st, e)) == 1) {
		if (ledger_alive_is(l, ledger_db_int(st, 0)))
			continue;
		d->row = mem_grow(d->row, d->n, &d->cap, sizeof(*d->row));
		d->row[d->n++] = ledger_db_int(st, 1);
	}
	return n;
}

/* What nobody told any more is what was reserved for it. */
static void
settle_at_reservation(struct ledger_attempt *a)
{
	a->error = orphan_word;
	a->ttft_ms = a->ms = -1;
	a->cost_pusd = a->reserved_pusd;
	a->source = a->reserved_pusd < 0 ? COST_UNKNOWN : COST_RESERVED;
}

static int
bury_attempts(struct ledger *l, struct ledger_row *r, struct ledger_attempts *a, struct err *e)
{
	if (ledger_read_attempts(l, r->row, a, e))
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		if (a->more[i].settled)
			continue;
		settle_at_reservation(a->v + i);
		if (ledger_put_attempt(l, r->row, &r->call, a->v + i, a->more[i].n, e))
			return -1;
	}
	return 0;
}

static int
bury(struct ledger *l, struct ledger_row *r, struct ledger_attempts *a, struct err *e)
{
	if (r->state != CALL_OPEN) /* somebody else did it */
		return 0;
	if (bury_attempts(l, r, a, e))
		return -1;
	if (a->n) {
		const struct ledger_attempt *last = a->v + a->n - 1;
		r->call.model = last->model;
		r->call.provider = last->provider;
		r->call.endpoint = last->endpoint;
		r->call.key = last->key;
	}
	r->call.status = ORPHAN_STATUS;
	r->call.error = orphan_word;
	return ledger_put_call(l, &r->row, &r->call, a->v, a->n, a->n, CALL_ORPHAN, e);
}

static int
bury_row(struct ledger *l, int64_t row, struct ledger_attempts *a, struct err *e)
{
	struct ledger_row call;
	struct sqlite3_stmt *st;

	if (ledger_read_call(l, row, &call, &st, e))
		return -1;
	int r = bury(l, &call, a, e);
	ledger_db_done(st);
	return r;
}

/* In one transaction. */
static int
bury_all(struct ledger *l, const int64_t *row, size_t n, struct err *e)
{
	struct ledger_attempts a = {0};
	int r = ledger_db_begin(l->db, e);

	if (r)
		return -1;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = bury_row(l, row[i], &a, e);
	ledger_attempts_release(&a);
	return ledger_db_end(l->db, r, e);
}

int
ledger_abandon(struct ledger *l, int64_t row, struct err *e)
{
	return ledger_file_judge(l, bury_all(l, &row, 1, e), e);
}

int
ledger_orphans(struct ledger *l, int64_t *n, struct err *e)
{
	struct dead d = {0};
	int r;

	*n = 0;
	if (l->reads)
		return 0;
	r = find_dead(l, &d, e);
	if (r == 0 && d.n)
		r = bury_all(l, d.row, d.n, e);
	if (r == 0)
		*n = (int64_t)d.n;
	l->looked = r == 0;
	free(d.row);
	return r;
}

static int
unbook_attempts(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempts *a, struct err *e)
{
	static const char sql[] = "UPDATE attempt SET settled = 0 WHERE call = ? AND n = ?";

	for (size_t i = 0; i < a->n; i++) {
		const struct ledger_value v[] = {value_int(row), value_int((int64_t)a->more[i].n)};
		if (!a->v[i].error || strcmp(a->v[i].error, orphan_word) != 0)
			continue;
		if (ledger_unbook_attempt(l, row, c, a->v + i, e) || ledger_db_run(l->db, sql, v, N_OF(v), e))
			return -1;
	}
	return 0;
}

int
ledger_orphan_revive(struct ledger *l, int64_t row, struct err *e)
{
	const struct ledger_value v[] = {value_int(row)};
	struct ledger_attempts a = {0};
	struct ledger_row r;
	struct sqlite3_stmt *st;

	if (ledger_read_call(l, row, &r, &st, e))
		return -1;
	int result =
	    r.state == CALL_ORPHAN ? 0 : err_set(e, ERR_INTERNAL, "ledger %s: a call was settled twice", l->path);
	if (result == 0 &&
	    (ledger_read_attempts(l, row, &a, e) || unbook_attempts(l, row, &r.call, &a, e) ||
		ledger_unbook_call(l, &r, e) ||
		ledger_db_run(l->db, "UPDATE call SET state = 0 WHERE row = ?", v, N_OF(v), e)))
		result = -1;
	ledger_attempts_release(&a);
	ledger_db_done(st);
	return result;
}
