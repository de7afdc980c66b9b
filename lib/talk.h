/* SPDX-License-Identifier: ISC */
/*
 * talk: from a request to an answer that fits: one call, or several where the answer has to fit a schema and doesn't at once.
 *
 * Output streams as it comes, unless it has to be known whole first (a schema, a fenced block).
 */
#ifndef TALK_H
#define TALK_H

#include <stddef.h>
#include <stdint.h>

#include "booking.h"
#include "client.h"
#include "render.h"

struct json;
struct loop;

#define TALK_MAX_CALLS 32
#define TALK_MAX_KEPT (64 * 1024 * 1024) /* bytes of an answer that has to be held: more is no answer */

struct talk_spec {
	struct loop *loop;
	struct booking *booking; /* borrowed; NULL: nothing is booked */
	struct call_spec call;   /* request, candidates, timeouts, on_note; its other callbacks are talk's own */
	enum render_form form;
	int extract;               /* -x: the first fenced block is the output */
	const char *lang;          /* -X: of this language; NULL: any */
	const struct json *schema; /* NULL: none */
	int64_t schema_retries;
	int keep;         /* the answer is wanted as a message afterwards */
	int64_t start_ms; /* tm_mono_ms() from which the call's deadline counts */
	int64_t now_s;    /* wall clock, for answers without a date */
	void *arg;
	/* Non-zero (with e filled) ends it. */
	int (*write)(void *arg, const char *p, size_t n, struct err *e);
	void (*reasoning)(void *arg, const char *p, size_t n); /* may be NULL */
};

struct talk {
	struct talk_spec spec;
	const struct talk_spec *s; /* it */
	struct client *client;
	size_t n_kept;       /* bytes of the answer that are held in memory */
	char id[BOOKING_ID]; /* of the call that runs: for an answer that comes without one, and for the ledger */
	struct render render;
	struct buf out; /* rendered, not yet written */
	struct call *call[TALK_MAX_CALLS];
	const struct outcome *outcome[TALK_MAX_CALLS];
	size_t n_call;
	struct buf request;   /* of a schema retry */
	struct err write_err; /* a write failed, or was interrupted */
	struct err err;       /* what it all came to */
	struct usage usage;   /* of all calls */
	int64_t pusd;         /* cost of all attempts in 10^-12 USD */
	size_t n_booked;      /* attempts in it */
	struct buf cost;      /* USD, of all calls; empty: unknown */
	int source;           /* enum ledger_source: how the cost is known, at worst */
	int wrote;            /* something went out */
	int error_told;       /* an error event was rendered */
};

/* Runs the loop until the answer is there, or nothing more can be done: t->err. Release afterwards, also on failure. */
void talk_run(struct talk *t, const struct talk_spec *s);
/* From a signal or a reader that went away: ends the call that runs. */
void talk_stop(struct talk *t, const struct err *e);
/* The answer's text of the first choice. Borrowed; "" where none is kept. */
const char *talk_text(const struct talk *t);
void talk_release(struct talk *t);

#endif
