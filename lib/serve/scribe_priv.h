/* SPDX-License-Identifier: ISC */
/* scribe_priv: what the files of scribe share. For these only. */
#ifndef SERVE_SCRIBE_PRIV_H
#define SERVE_SCRIBE_PRIV_H

#include <sys/queue.h>

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "ledger_keys.h"
#include "serve/line.h"
#include "serve/scribe.h"

#define N_OF(v) (sizeof(v) / sizeof(*(v)))
#define N_CALL_LISTS 1024 /* of open calls of one worker, by their numbers */

struct open_call {
	uint64_t number; /* the worker's */
	int64_t row;     /* 0: nothing is written */
	int over;        /* settled, in the batch that runs */
	struct open_call *next;
};

/* A worker, and its line. */
struct worker {
	int fd;              /* -1: it is gone, and found is set */
	struct spool *spool; /* owned; NULL */
	uint64_t last;       /* number of the last message that booked, of its line or its spool */
	int found;           /* only its spool was: what that tells may be in the ledger already */
	struct buf in, out;
	size_t sent; /* of out */
	int gone;    /* its line has ended, or makes no sense */
	int has_keys;
	struct open_call *call[N_CALL_LISTS];
	size_t n_calls, n_asked;
	TAILQ_ENTRY(worker) next;
};

struct booking_done;
struct ask;
struct errand;

struct scribe {
	struct scribe_spec s;
	TAILQ_HEAD(workers, worker) workers;
	int ending;
	int64_t end_ms; /* by then, at the latest */

	/* the ledger: scribe_book.c */
	struct ledger *ledger; /* NULL: not open */
	int64_t failed_ms;     /* when it couldn't be opened; 0: never */
	struct err failed;
	int in_batch, batch_failed, is_spoiled;
	struct err batch_err;
	struct booking_done *done; /* owned: of the batch that runs */
	size_t n_done, cap_done;
	int64_t *left; /* owned: rows whose worker is gone */
	size_t n_left, cap_left;
	int64_t written_ms, tidied_ms; /* tm_mono_ms(); 0: nothing is to be tidied up */

	/* questions: scribe_ask.c */
	TAILQ_HEAD(asks, ask) asks;
	int64_t keys_version, keys_ms; /* when it was looked at; 0: now is the time */
	int keys_failed;

	/* lists: scribe_errand.c */
	TAILQ_HEAD(errands, errand) errands; /* owned */
	size_t n_errands, n_running, n_running_more;

	int64_t warned_ms, yield_ms, busy_ms; /* tm_mono_ms() */
	int64_t look_ms;                      /* when spools are looked for: tm_mono_ms(); 0: there is no reason to */
};

/* ── scribe.c ── */
void scribe_warn(struct scribe *s, struct worker *w, const char *text); /* w NULL: for nobody in particular */
void scribe_answer(struct worker *w, uint64_t number, const char *json, size_t n, const struct err *e);

/* ── scribe_book.c ── */
/* Opens it where it isn't; NULL where there is none (e stays empty) or it can't be had. w: who hears of it first. */
struct ledger *scribe_ledger(struct scribe *s, struct worker *w, struct err *e);
/* One of the messages that book. -1: it makes no sense. */
int scribe_book(struct scribe *s, struct worker *w, struct line_msg *m);
/* The worker is gone: what it left open is settled with the batch. */
void scribe_leave(struct scribe *s, struct worker *w);
/* The end of a batch: all of it stands, or none (-1); the answers go out. */
int scribe_flush(struct scribe *s);
void scribe_book_release(struct scribe *s);

/* ── scribe_adopt.c ── */
/* The worker is gone: books what its spool has beyond what its line told. */
void scribe_replay(struct scribe *s, struct worker *w);
/* When it is time: books spools whose workers are gone, and whose scribe was. */
void scribe_adopt(struct scribe *s);
void scribe_look_later(struct scribe *s);

/* ── scribe_ask.c ── */
/* Takes a question, to be answered after the batch. -1: it makes no sense. */
int scribe_ask(struct scribe *s, struct worker *w, struct line_msg *m);
/* Answers a part of the first question that waits. */
void scribe_ask_turn(struct scribe *s);
int64_t scribe_ask_due_ms(const struct scribe *s); /* when there is one to be answered; INT64_MAX: none waits */
void scribe_ask_forget(struct scribe *s, const struct worker *w); /* NULL: all */
/* Tells keys to who doesn't have them, or not as they are now. */
void scribe_keys(struct scribe *s);

/* ── scribe_errand.c ── */
void scribe_errand(struct scribe *s, struct worker *w, uint64_t number, const char *text); /* as DESK_LIST has it */
void scribe_errand_forget(struct scribe *s, const struct worker *w);
/* Adds what they wait for to v, which has room for scribe_errand_room() more; the number. */
size_t scribe_errand_room(const struct scribe *s);
size_t scribe_errand_poll(const struct scribe *s, struct pollfd *v);
/* Reads what they told, and starts others. */
void scribe_errand_turn(struct scribe *s);
/* Has one ended that the system still knows of? */
int scribe_errand_is_ending(const struct scribe *s);
void scribe_errand_release(struct scribe *s);

#endif
