/* SPDX-License-Identifier: ISC */
/*
 * ledger: what was called, used and paid: SQLite in WAL mode. The only module that knows SQLite.
 *
 * A row a call, a row an attempt, and sums by day (ledger_schema.c). Any number of processes write at once; each write is one
 * transaction that waits for its turn. A call is an intent from its first row on, and settled by its last; the process that makes it
 * holds a lock meanwhile, so that whoever opens the ledger next knows whether an intent is alive, and settles an orphan at its reservation.
 * No prompt and no answer is in it, save where content is asked for.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "price.h"

struct budget;
struct err;
struct ledger;

/* How a cost is known. */
enum ledger_source {
	COST_UNKNOWN,   /* cost_pusd is PUSD_UNKNOWN */
	COST_REPORTED,  /* by the provider */
	COST_COMPUTED,  /* reported tokens at known prices */
	COST_ESTIMATED, /* estimated tokens at known prices */
	COST_RESERVED   /* nobody told: what was reserved */
};
/* "reported", ... Static. */
const char *ledger_source(enum ledger_source s);

/* Strings are borrowed; NULL is "". */
struct ledger_call {
	const char *id;   /* ours: "gen-..." */
	const char *tool; /* "or-chat" */
	const char *tag, *session;
	const char *asked;  /* the model's name as it was asked for */
	const char *client; /* name of the gateway's key that it was made with */
	int64_t client_id;  /* and its number (ledger_key.id); 0: none */
	int64_t started_ms; /* wall clock */
	/* what it came to; not looked at by ledger_begin */
	const char *model; /* that served, as it was named: "openai/gpt-4o"; else of the last attempt */
	const char *provider, *endpoint, *key;
	const char *answer_id; /* the provider's id of the answer */
	const char *finish;
	int status;        /* exit status */
	const char *error; /* err_word(); NULL: none */
	int streamed;
	int64_t ttft_ms, ms;          /* -1: unknown */
	const char *request, *answer; /* content, where that is asked for; NULL */
};

struct ledger_attempt {
	int64_t started_ms;    /* wall clock */
	const char *model;     /* logical name, as it was asked for */
	const char *provider;  /* row of the providers table */
	const char *endpoint;  /* "anthropic:claude-sonnet-5" */
	const char *key;       /* the key's name: "ANTHROPIC_API_KEY"; never the key */
	int64_t reserved_pusd; /* PUSD_UNKNOWN: nothing */
	/* what it came to; not looked at by ledger_reserve */
	int http;                                                   /* 0: no status came */
	const char *error;                                          /* err_word(); NULL: it worked */
	int blamed;                                                 /* its failure counts against the endpoint */
	int64_t ttft_ms, ms;                                        /* -1: unknown */
	int64_t prompt, completion, cached, cache_write, reasoning; /* tokens; -1: unknown */
	int64_t cost_pusd;
	enum ledger_source source;
};

/* Where the ledger lies: OR_LEDGER's path, else ledger.db in the state directory. *path is owned by the caller; NULL: OR_LEDGER is "none".
 * ERR_CANTCREATE where there is no such place. */
int ledger_path(char **path, struct err *e);

enum ledger_mode { LEDGER_WRITE, LEDGER_READ /* no file is no error: it has no rows */ };
/* Opens, creates (0600, PATH-alive beside it), migrates. A file of a newer version, or another program's, is ERR_CONFIG; one that is corrupt is
 * set aside (PATH.corrupt-TIME) and *warning, owned, says so (LEDGER_WRITE), or is ERR_DATA (LEDGER_READ). ERR_CANTCREATE; ERR_TEMPORARY
 * where others keep it busy for a minute. */
int ledger_open(struct ledger **l, const char *path, enum ledger_mode mode, char **warning, struct err *e);
/* The process is about to end: nothing is written back or synced. NULL is ignored. */
void ledger_close(struct ledger *l);

/* What follows writes, each in one transaction, and gives, beside what is said: ERR_IO, ERR_CANTCREATE, ERR_TEMPORARY as above, ERR_DATA where
 * the file turns out to be corrupt: then it was set aside, and the next ledger_open makes a new one. */

/* The intent of a call. *row: its number, for what follows. */
int ledger_begin(struct ledger *l, const struct ledger_call *c, int64_t *row, struct err *e);
/* Are all budgets that match kept if this attempt's reservation is added to what is spent and reserved in their periods, which are those of the
 * call's start? Then the attempt's intent is written (and the call's, where *row is 0). Else ERR_CAP names the tightest that isn't, and
 * nothing is written. An attempt whose reserved_pusd is PUSD_UNKNOWN counts at each budget's ceiling; where one has none: ERR_CAP.
 * *room_pusd: what the tightest of them still has, without this one; PUSD_UNKNOWN: none matches. n: the attempt's number, from 0. */
int ledger_reserve(struct ledger *l, const struct ledger_call *c, int64_t *row, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, int64_t *room_pusd, struct err *e);
/* Attempt n is over and the call goes on: its reservation is let go, what it cost is booked. a: that one. */
int ledger_settle_attempt(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, int n, struct err *e);
/* The call is over: it and its attempts from number `from` on. a: all n of them, since the call's sums are theirs. row 0: there was no intent. */
int ledger_settle(struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n, struct err *e);
/* The call's maker is gone, though this process lives: settled at its reservation, as an orphan. */
int ledger_abandon(struct ledger *l, int64_t row, struct err *e);
/* What follows is one transaction, up to ledger_flush(), which waits for the disk as the ledger does: many small writes at the price of one. A
 * function above that refuses has written nothing; where one can't write, nothing of the batch stands, and all that follow fail, too. */
int ledger_batch(struct ledger *l, struct err *e);
int ledger_flush(struct ledger *l, struct err *e);
/* Settles orphans: calls whose process is gone, at what was reserved for them. *n: how many. ledger_open doesn't; the first reservation does.
 * With LEDGER_READ nothing is done. */
int ledger_orphans(struct ledger *l, int64_t *n, struct err *e);
/* Writes back what is long enough to be worth it, while there is time: it may wait for the disk. */
void ledger_tidy(struct ledger *l);
/* Folds calls of days (UTC) that ended before that (wall clock) into their sums: rows that are gone. Days from that of the oldest call that
 * goes on stay. *n: how many calls. */
int ledger_prune(struct ledger *l, int64_t before_ms, int64_t *n, struct err *e);

#endif
