/* SPDX-License-Identifier: ISC */
/* ledger_priv: what the files of ledger share. */
#ifndef LEDGER_PRIV_H
#define LEDGER_PRIV_H

#include "buf.h"
#include "chance.h"
#include "ledger_db.h"
#include "ledger_read.h"

#define DAY_MS INT64_C(86400000)
#define PUSD_PER_USD INT64_C(1000000000000)
#define LEDGER_MAX_MS (INT64_C(1) << 42) /* times behind that are taken for it */
#define LEDGER_PAGE_BYTES 4096
#define N_OF(v) (sizeof(v) / sizeof(*(v)))

struct ledger_sum;

struct ledger {
	struct ledger_db *db; /* NULL: reading, and there is no file */
	char *path;           /* links followed */
	int fd;               /* of the file of locks; -1: not open yet */
	int64_t owner;        /* its byte that says we live; 0: none yet */
	int looked;           /* for orphans */
	int reads;            /* LEDGER_READ */
	int in_batch;
	struct chance chance;   /* for numbers of rows */
	struct ledger_sum *sum; /* owned: what the batch adds to sums, and isn't written yet */
	size_t n_sums, cap_sums;
};

/* Makes the file, under the lock of ledger_alive_lock; one that appears meanwhile stays. */
int ledger_schema_create(const char *path, struct err *e);
/* Steps from the version that the file has to ours. */
int ledger_schema_migrate(struct ledger_db *db, struct err *e);
/* 1: it is ours; 0: it wants migrating; -1: ERR_DATA corrupt, ERR_NOINPUT empty, ERR_CONFIG newer, or another program's. */
int ledger_schema_check(struct ledger_db *db, const char *path, struct err *e);

/* r, the result of something that was done to the file. Where it found it corrupt, the file is set aside, and the message says so. */
int ledger_file_judge(struct ledger *l, int r, struct err *e);

/* Takes a byte of the file of locks for as long as the process lives, unless it has one. */
int ledger_alive(struct ledger *l, struct err *e);
/* Is that byte taken? */
int ledger_alive_is(struct ledger *l, int64_t owner);
/* Waits for the lock under which a file is made or set aside. A descriptor; closing it lets go. */
int ledger_alive_lock(const char *path, struct err *e);

/* Numbers of calls that begin at that time, or later, are this or bigger. */
int64_t ledger_row_at(int64_t started_ms);
int64_t ledger_row_ms(int64_t row);
int64_t ledger_row_day(int64_t row);

/* The intent of a call: one statement. */
int ledger_put_intent(struct ledger *l, const struct ledger_call *c, int64_t *row, struct err *e);
/* The intent of an attempt. */
int ledger_put_reservation(struct ledger *l, int64_t row, const struct ledger_attempt *a, int n, struct err *e);
/* The attempt is over: written and booked, unless it was before. In a transaction. */
int ledger_put_attempt(struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t n, struct err *e);
/* Prepares what settling runs. */
void ledger_put_ready(struct ledger *l);
/* The call is over, as settled or as an orphan: written and booked, with its attempts from number `from` on. *row 0: it is new. In a transaction. */
int ledger_put_call(struct ledger *l, int64_t *row, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n, enum ledger_state state, struct err *e);
/* Takes what was booked for a row out of its day's sums. In a transaction. */
int ledger_unbook_call(struct ledger *l, const struct ledger_row *r, struct err *e);
int ledger_unbook_attempt(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, struct err *e);

/* Adds to the sums of a day. who: tag, model, provider, endpoint, key; fault: the status, or whether it failed. In a batch they are written with its
 * end, or by ledger_sums_write, which who reads them calls before. In a transaction. */
int ledger_sums_day(struct ledger *l, int kind, int64_t day, const struct ledger_call *who, int fault,
    const struct ledger_totals *t, struct err *e);
/* Likewise of a key of the gateway, where client_id isn't 0. */
int ledger_sums_key(struct ledger *l, int64_t day, int64_t client_id, const struct ledger_totals *t, struct err *e);
int ledger_sums_write(struct ledger *l, struct err *e);
void ledger_sums_release(struct ledger *l);
void ledger_sums_ready(struct ledger *l); /* prepares what settling runs */
/* The end of a statement that inserts a row of sums: where there is one, it is added to. */
#define LEDGER_ADD_SUMS \
	"ON CONFLICT DO UPDATE SET " \
	"n = n + excluded.n, n_unknown = n_unknown + excluded.n_unknown, " \
	"prompt = prompt + excluded.prompt, completion = completion + excluded.completion, " \
	"cached = cached + excluded.cached, cache_write = cache_write + excluded.cache_write, " \
	"reasoning = reasoning + excluded.reasoning, " \
	"usd = usd + excluded.usd + (rest_pusd + excluded.rest_pusd) / 1000000000000, " \
	"rest_pusd = (rest_pusd + excluded.rest_pusd) % 1000000000000"

/* Attempts of one call, read. Zeroed: none. */
enum { N_ATTEMPT_TEXTS = 5 };
struct ledger_attempts {
	struct ledger_attempt *v; /* owned; strings are in text */
	struct ledger_attempt_more {
		size_t n; /* its number */
		int settled;
		size_t at[N_ATTEMPT_TEXTS]; /* where its strings begin */
	} * more;                           /* owned */
	size_t n, cap, cap_more;
	struct buf text;
};
int ledger_read_attempts(struct ledger *l, int64_t row, struct ledger_attempts *a, struct err *e);
void ledger_attempts_release(struct ledger_attempts *a);
/* Strings are borrowed from *st, until ledger_db_done(*st). ERR_INTERNAL where there is none. */
int ledger_read_call(struct ledger *l, int64_t row, struct ledger_row *r, struct sqlite3_stmt **st, struct err *e);

/* A call that was taken for an orphan goes on after all: what was booked for it is undone. In a transaction. ERR_INTERNAL where it is no orphan. */
int ledger_orphan_revive(struct ledger *l, int64_t row, struct err *e);

#endif
