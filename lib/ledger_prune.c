/* SPDX-License-Identifier: ISC */
/* Old rows folded into the sums of their days: part of ledger.h. The sums are there already; what goes is the rows. */
#include "ledger_priv.h"

#include "err.h"

/* A number of the first row that sql gives; none where there is no row, or it holds NULL. */
static int
number(struct ledger *l, const char *sql, int64_t none, int64_t *n, struct err *e)
{
	struct sqlite3_stmt *st;

	if (ledger_db_query(l->db, &st, sql, NULL, 0, e))
		return -1;
	int r = ledger_db_step(l->db, st, e);
	int64_t known = r == 1 ? ledger_db_known(st, 0) : -1;
	*n = known < 0 ? none : known;
	ledger_db_done(st);
	return r == -1 ? -1 : 0;
}

/* Rows of one day and of all before it. */
static int
fold(struct ledger *l, int64_t day, int64_t *n, struct err *e)
{
	const struct ledger_value end = value_int(ledger_row_at((day + 1) * DAY_MS)), folded = value_int(day + 1);

	if (ledger_db_run(l->db, "DELETE FROM attempt WHERE call < ?", &end, 1, e) ||
	    ledger_db_run(l->db, "DELETE FROM content WHERE call < ?", &end, 1, e) ||
	    ledger_db_run(l->db, "DELETE FROM call WHERE row < ?", &end, 1, e))
		return -1;
	*n += ledger_db_changes(l->db);
	return ledger_db_run(l->db, "UPDATE meta SET value = max(value, ?) WHERE name = 'folded'", &folded, 1, e);
}

/* A day is one transaction: others that write wait no longer than it takes. Days from that of the oldest open call on stay. */
static int
fold_next(struct ledger *l, int64_t before_day, int64_t *n, int *done, struct err *e)
{
	int64_t row, open;

	*done = 1;
	if (number(l, "SELECT min(row) FROM call", INT64_MAX, &row, e) ||
	    number(l, "SELECT min(row) FROM call WHERE state = 0", INT64_MAX, &open, e))
		return -1;
	int64_t day = ledger_row_day(row);
	if (day >= before_day || day >= ledger_row_day(open))
		return 0;
	*done = 0;
	return fold(l, day, n, e);
}

int
ledger_prune(struct ledger *l, int64_t before_ms, int64_t *n, struct err *e)
{
	int done = 0;

	*n = 0;
	while (!done) {
		if (ledger_db_begin(l->db, e) || ledger_db_end(l->db, fold_next(l, before_ms / DAY_MS, n, &done, e), e))
			return -1;
		ledger_tidy(l);
	}
	return 0;
}
