/* SPDX-License-Identifier: ISC */
/* client_priv: what client.c, client_books.c and client_walk.c share. For these only. */
#ifndef CLIENT_PRIV_H
#define CLIENT_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "client.h"
#include "json.h"
#include "trial.h"
#include "turns.h"
#include "wire/splice.h"

struct health;
struct loop_timer;

struct client {
	struct trial_env env;
	struct booking *booking;   /* borrowed; NULL: none */
	struct health *own_health; /* where there is no booking */
	struct call *spare;        /* calls that are over, with their timers, kept for the next ones */
	size_t n_spare;
};

/* What each event needs stands together. */
struct call {
	struct client *client;
	struct call *next; /* where it is spare */
	struct call_spec s;
	int inside;   /* of a callback of the consumer's */
	int stopping; /* the consumer said so */
	int64_t start_ms, trial_start_ms, trial_ttft_ms;
	struct outcome out;
	const struct json *json; /* the request's: the consumer's, or: */
	struct json own_json;
	struct booked *booked; /* NULL: nothing is */
	struct buf edited;     /* the request as the running trial's budget has it */
	struct json edited_json;
	struct splice_own own; /* the request as it came, with the limit of that */
	struct turns turns;
	struct trial *trial;
	int admitting; /* whether there may be one is being asked */
	int paused;
	const struct candidate *now; /* of the trial that runs */
	struct loop_timer *turn;     /* the next step, at once or after a wait */
	struct loop_timer *deadline;
	struct loop_timer *sent; /* the request has gone out: time for the books */
	int was_sent;
	int gone_out;
	int held;       /* it may not go out yet */
	int done;       /* what remains is to book it */
	struct err bad; /* a fault found before the first trial, or why the consumer stopped */
};

struct health *client_health(struct client *c);

/* ── client_walk.c ── */

/* The next step: a candidate, a round, or the end. */
void call_turn(void *arg);
/* May the candidate be tried, which was chosen? e: NULL: it may. */
void call_go(struct call *c, const struct err *e);
/* Ends the attempt that runs, or is about to, if there is one. */
void call_drop(struct call *c, const struct err *e);
/* Ends the call with this error. */
void call_end(struct call *c, const struct err *e);
/* Ends it with what stands in its outcome. */
void call_finish(struct call *c);

/* ── client_books.c ── */

/* Makes what books the call. */
void call_open_books(struct call *c);
/* 0, -1, BOOKED_WAITS: then call_go() follows. */
int call_admit(struct call *c, const struct candidate *cand, struct err *e);
/* What the candidate is sent; NULL with e. */
const struct json *call_request(struct call *c, struct err *e);
/* The last attempt is over. more: another may follow. */
void call_book_attempt(struct call *c, int more);
/* The request goes out. */
void call_note_sent(struct call *c);
/* Books it, and then tells the consumer that it is over. */
void call_close_books(struct call *c);
/* Nobody waits for the call any more, but others' books are open for it. */
void call_leave_books(struct call *c);

#endif
