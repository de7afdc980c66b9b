/* SPDX-License-Identifier: ISC */
/* ledger_read: the ledger's rows, read. Part of ledger. */
#ifndef LEDGER_READ_H
#define LEDGER_READ_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

enum ledger_state { CALL_OPEN, CALL_SETTLED, CALL_ORPHAN };

/* Tokens and money of what a row stands for; a count that nobody told adds nothing. */
struct ledger_totals {
	int64_t prompt, completion, cached, cache_write, reasoning;
	pusd_sum_t cost;   /* 10^-12 USD, of those whose cost is known */
	int64_t n;         /* calls, or attempts: 1 where it isn't folded */
	int64_t n_unknown; /* whose cost is unknown */
	int64_t n_errors;  /* calls whose status isn't 0, or attempts that failed */
};

void ledger_totals_add(struct ledger_totals *to, const struct ledger_totals *t);

/* Is a call of that id and start (id, started_ms) there? 1: *row, *state; 0; -1: ERR_DATA, ERR_IO. */
int ledger_find(struct ledger *l, const struct ledger_call *c, int64_t *row, enum ledger_state *state, struct err *e);

/* Strings are borrowed until the next row. */
struct ledger_row {
	enum { ROW_CALL, ROW_DAY_CALLS, ROW_DAY_ATTEMPTS } kind; /* a day's sums are of rows that were folded */
	enum ledger_state state;
	int64_t row;               /* the call's number; a day has none */
	enum ledger_source source; /* of a call's cost: the weakest of its attempts' */
	int64_t day;               /* days since 1970 */
	struct ledger_call
	    call; /* a day's: tag, model, provider, endpoint, key, status (of calls) or error (of attempts: "" or "failed") */
	struct ledger_totals totals;
	const struct ledger_attempt *attempt; /* of ROW_CALL, in order, with LEDGER_ATTEMPTS */
	size_t n_attempt;
};

enum {
	LEDGER_ATTEMPTS = 1 << 0, /* those of each call; the sums of folded days' attempts, too */
	LEDGER_CONTENT = 1 << 1,
	LEDGER_BRIEF = 1
	    << 2, /* no id, tool, session, asked, client, answer_id, finish, error, streamed: in two thirds of the time */
	LEDGER_SUMS =
	    1 << 3 /* without LEDGER_ATTEMPTS: whole days as sums of their calls, folded or not, without open ones */
};
typedef int (*ledger_row_fn)(void *arg, const struct ledger_row *r, struct err *e);
/* Calls that began in [from_ms, until_ms), by the time of their start, behind the sums of days that lie wholly inside and were folded. All
 * as it was at one moment. Non-zero from fn stops with it. ERR_DATA, ERR_IO. */
int ledger_scan(
    struct ledger *l, int64_t from_ms, int64_t until_ms, unsigned what, ledger_row_fn fn, void *arg, struct err *e);

#endif
