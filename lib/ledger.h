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
 * function above that fails takes back its own part alone. */
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

/* ── keys of the gateway ── */

enum ledger_reset { RESET_NEVER, RESET_DAILY, RESET_WEEKLY, RESET_MONTHLY }; /* UTC; weeks from Monday */
/* "daily", ...; NULL for RESET_NEVER. Static. */
const char *ledger_reset(enum ledger_reset r);
int ledger_reset_parse(enum ledger_reset *r, const char *word); /* -1: no such word */

#define LEDGER_KEY_HASH 32 /* bytes: SHA-256 of the key's text */

/* Strings are owned. */
struct ledger_key {
	int64_t id;                          /* 0: not yet in the ledger */
	unsigned char hash[LEDGER_KEY_HASH]; /* the key itself is nowhere */
	char *name;                          /* unique; printable, 1 to 128 bytes */
	char *label;                         /* "sk-or-ab1...xyz": enough to tell it by, too little to guess it */
	int64_t limit_pusd;                  /* PUSD_UNKNOWN: none */
	enum ledger_reset reset;             /* when what was spent of it counts from 0 again */
	int64_t rpm, tpm;                    /* requests, tokens a minute; 0: no limit */
	char *models;                        /* "openai/?*,mock/?*": patterns of fnmatch(3), any may match; NULL: all */
	int64_t created_ms, updated_ms, expires_ms; /* wall clock; expires 0: never */
	int disabled;
	int management; /* may manage keys, and see what all spend; makes no calls */
	/* what was settled with it: filled by ledger_keys */
	pusd_sum_t used, used_day, used_week, used_month; /* 10^-12 USD; periods are UTC's, that hold now */
	int64_t n_calls;
};

struct ledger_keys {
	struct ledger_key *v; /* owned; by id */
	size_t n, cap;
	int64_t version; /* of the set: another one, and something was changed */
};

#define LEDGER_KEYS_INIT \
	{ \
		NULL, 0, 0, 0 \
	}

/* All keys as they are now. */
int ledger_keys(struct ledger *l, struct ledger_keys *out, int64_t now_ms, struct err *e);
void ledger_keys_release(struct ledger_keys *k);
void ledger_key_release(struct ledger_key *k);
/* The set's version alone. */
int ledger_keys_version(struct ledger *l, int64_t *version, struct err *e);
/* Adds it, and sets its id; times are the caller's. ERR_DATA where the name is taken. */
int ledger_key_add(struct ledger *l, struct ledger_key *k, struct err *e);
/* Changes the one with that id: name, limit, reset, rpm, tpm, models, updated, expires, disabled. ERR_DATA as above; ERR_NEGATIVE: it's gone. */
int ledger_key_put(struct ledger *l, const struct ledger_key *k, struct err *e);
/* ERR_NEGATIVE: there is none. What it spent stays in the ledger. */
int ledger_key_remove(struct ledger *l, int64_t id, struct err *e);

/* ── reading ── */

enum ledger_state { CALL_OPEN, CALL_SETTLED, CALL_ORPHAN };

/* Tokens and money of what a row stands for; a count that nobody told adds nothing. */
struct ledger_totals {
	int64_t prompt, completion, cached, cache_write, reasoning;
	pusd_sum_t cost;   /* 10^-12 USD, of those whose cost is known */
	int64_t n;         /* calls, or attempts: 1 where it isn't folded */
	int64_t n_unknown; /* whose cost is unknown */
	int64_t n_errors;  /* calls whose status isn't 0, or attempts that failed */
};

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
