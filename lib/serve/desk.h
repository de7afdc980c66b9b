/* SPDX-License-Identifier: ISC */
/*
 * desk: a worker's end of its line to the scribe (scribe.h), on the loop: bookings, keys, questions about the ledger, errands. Nothing here blocks.
 *
 * With a spool (spool.h) what needs no leave is in it before it is on the line, and answered when the loop turns: neither the scribe's commit nor its disk is
 * waited for. Such messages go out together, a little later, or with the first that somebody waits for.
 *
 * When the scribe is gone on_lost is called, then every answer that is waited for becomes an error: the worker ends.
 */
#ifndef SERVE_DESK_H
#define SERVE_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "keeper.h"
#include "ledger.h"

struct desk;
struct err;
struct ledger_key;
struct ledger_keys;
struct loop;
struct spool;

struct desk_spec {
	struct loop *loop;
	int fd;              /* to the scribe; taken */
	struct spool *spool; /* this worker's; borrowed; NULL: it has none, and all is waited for */
	void *arg;
	/* The set of keys, at the begin and whenever it has changed. Borrowed during the call. While they can't be read nothing is told. */
	void (*on_keys)(void *arg, const struct ledger_keys *k);
	void (*on_lost)(void *arg);
	void (*on_warning)(void *arg, const char *text); /* of the ledger: for people */
};

/* NULL: ERR_SYSTEM, and fd is closed. */
struct desk *desk_new(const struct desk_spec *s, struct err *e);
/* Not from inside of a callback, save on_lost. Nobody who waits is told. */
void desk_free(struct desk *d);
/* For booking. */
const struct keeper *desk_keeper(struct desk *d);

/* What is asked in one go; the answer comes from the loop, once. */
enum desk_what {
	/* [{every field of ledger_key by name; hash in hex; reset as its word or null; money in 10^-12 USD, or null}]. key: one that may be of a run, which
	 * has none in the ledger (id < 0): then it is the last of them, with what was spent with it; NULL: none. */
	DESK_KEYS,
	DESK_KEY_ADD,    /* key: all but id */
	DESK_KEY_PUT,    /* key.id; text: what keys_change takes -> as DESK_KEYS, that one alone, as it is now */
	DESK_KEY_REMOVE, /* key.id */
	/* text: our id of a call -> {"call":{...},"attempts":[...]}: every field of ledger_call, ledger_totals, ledger_row (state, source: words) and
	 * ledger_attempt by name, -1 where it isn't known. ERR_NEGATIVE: there is none. */
	DESK_GENERATION,
	/* from_ms, until_ms -> [{"day","model","endpoint","provider","client","calls","prompt","completion","reasoning","cost"}]: settled calls, by the
	 * (UTC) day of their start, in its order: "2026-11-29". cost: 10^-12 USD. Of days that were folded nobody knows the client: "". */
	DESK_ACTIVITY,
	DESK_REPORT, /* from_ms, until_ms (0: now, and 48 h before) -> what the status page plots: see scribe_report.c */
	/* text: a provider's name, or that, a blank, and which of its lists (catalog.h); else that of its models. It is fetched by a process of its own;
	 * the answer comes when that has ended. */
	DESK_LIST,
	DESK_LOOK /* at the keys, now: a set that has changed is told before the answer */
};
struct desk_question {
	enum desk_what what;
	const char *text;             /* borrowed during the call */
	const struct ledger_key *key; /* borrowed during the call */
	int64_t from_ms, until_ms;
};
/* e: NULL: it was done. json: the answer's text, n bytes; borrowed. DESK_KEY_ADD answers the key's id as a number. */
typedef void (*desk_fn)(void *ctx, const char *json, size_t n, const struct err *e);
void desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx);
/* Answers to this ctx are waited for no more. */
void desk_forget(struct desk *d, void *ctx);
/* Something is asked or told that hasn't been answered. What couldn't be booked is in the spool, and in good hands. */
int desk_busy(const struct desk *d);

#endif
