/* SPDX-License-Identifier: ISC */
/* desk_priv: what the files of desk share. For these only. */
#ifndef SERVE_DESK_PRIV_H
#define SERVE_DESK_PRIV_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "keeper.h"
#include "serve/desk.h"

struct loop_fd;
struct loop_timer;

/* Somebody waits for an answer. */
struct wait {
	uint64_t number;
	int is_question;
	uint64_t spooled; /* where its message ends in the spool; 0: it isn't there */
	int settles;      /* a call's end */
	int is_again;     /* it was told, and couldn't be booked before */
	int is_soon;      /* it is told when the loop turns, whatever comes of it */
	keeper_fn kept;   /* NULL: it was forgotten, or told */
	desk_fn answered; /* of a question; likewise */
	void *ctx;
	TAILQ_ENTRY(wait) next, soon;
};

#define DESK_INTENTS 256 /* that are remembered, a call's at its number's rest */

/* A message that is in d->out, and isn't sent while `flushes` is d->flushes. */
struct intent {
	uint64_t call, flushes;
	size_t at;
};

struct desk {
	struct desk_spec s;
	struct keeper keeper;
	struct loop_fd *fd;
	struct loop_timer *turn; /* set: there is something to be done when the loop turns */
	struct loop_timer *linger;
	struct buf in, out, own; /* own: answers of ours, in the scribe's form */
	size_t sent;             /* of out */
	uint64_t last_number;
	TAILQ_HEAD(waits, wait) waits; /* answers to bookings come in their order */
	size_t n_waits, n_again;
	TAILQ_HEAD(soons, wait) soon;
	struct intent intent[DESK_INTENTS];
	uint64_t flushes; /* how often d->out was sent, or some of it; from 1 on */
	int is_woken, is_urgent, lingers;
	int lost, told, refused; /* refused: that a booking failed which nobody waited for was told */
};

/* ── desk.c ── */
void desk_wake(struct desk *d);
/* One of kept and answered, or neither: nobody waits. */
struct wait *desk_expect(struct desk *d, keeper_fn kept, desk_fn answered, void *ctx);
/* What is in d->out goes out when the loop turns. */
void desk_send_soon(struct desk *d);
/* It can't be asked: an answer from here, when the loop turns. */
void desk_refuse(struct desk *d, uint64_t number, int is_question);

/* ── desk_book.c ── */
/* A call's end that was told couldn't be booked, for a reason that may pass: it is tried again. */
void desk_book_again(struct desk *d, const struct wait *w, const struct err *e);
/* d->keeper. */
void desk_book_init(struct desk *d);

#endif
