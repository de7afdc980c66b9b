/* SPDX-License-Identifier: ISC */
/*
 * keeper: a ledger that another process keeps, as booking sees it: what ledger.h does at once is asked for here, and answered from the loop.
 *
 * Calls are known by numbers of the asker's, never 0; what is asked for one call is done in its order. Structs and strings are borrowed for
 * the time of the asking. An answer comes once, and never from inside of the asking.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stddef.h>
#include <stdint.h>

struct budget;
struct err;
struct ledger_attempt;
struct ledger_call;

/* e: NULL where it was done, else as ledger.h says. room_pusd: of ledger_reserve; else PUSD_UNKNOWN. */
typedef void (*keeper_fn)(void *ctx, int64_t room_pusd, const struct err *e);

struct keeper {
	void *arg; /* given to each of these */
	/* As ledger_reserve. n_budget 0: the intent alone. */
	void (*reserve)(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n,
	    const struct budget *b, size_t n_budget, keeper_fn done, void *ctx);
	/* As ledger_settle_attempt; nobody waits for it. */
	void (*settle_attempt)(
	    void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n);
	/* As ledger_settle. */
	void (*settle)(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a,
	    size_t from, size_t n, keeper_fn done, void *ctx);
	/* Answers to this ctx are waited for no more; what was asked is done all the same. */
	void (*forget)(void *arg, void *ctx);
};

#endif
