/* SPDX-License-Identifier: ISC */
/*
 * client: calls: a plan of candidates, attempts, rounds, events. Any number of calls run on one loop.
 *
 * A call walks its candidates as orutils(7) says under "Retry and fallback". Before the first byte of the answer has gone out a
 * failed attempt is followed by another; the consumer says when that was, by call_gone_out(). After it nothing is retried.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "candidate.h"
#include "outcome.h"

struct booking;
struct call;
struct client;
struct loop;
struct provider;

struct call_spec {
	const char *id;      /* ours, for the ledger; copied; NULL: none */
	const char *request; /* canonical JSON text; borrowed for the call's life */
	size_t len;
	const struct candidate *candidate; /* borrowed for the call's life */
	size_t n_candidate;
	int lossy;
	int64_t rounds;           /* -r */
	int64_t deadline_ms;      /* -w; 0: none */
	int64_t deadline_said_ms; /* what the message says of it; 0: deadline_ms */
	int64_t idle_ms;          /* -W; 0: none */
	int64_t connect_ms;
	int idle_set, connect_set; /* they were asked for: they beat the provider's row */
	void *arg;
	/* A new attempt begins: what earlier attempts gave is void. */
	void (*on_attempt)(void *arg, const struct candidate *c);
	/* Non-zero: the consumer wants no more: the call ends with the error that it gave by call_stop(), else with ERR_IO. */
	event_fn on_event;
	/* All events of one read were given: flush. As on_event. May be NULL. */
	int (*on_read)(void *arg);
	/* The call is over and about to be booked: the answer's text, for a ledger that keeps content. Borrowed; may be NULL. */
	const char *(*answer)(void *arg);
	/* Once, from the loop. The outcome is valid until call_free(). */
	void (*on_done)(void *arg, const struct outcome *o);
	/* A line for -v; may be NULL. */
	void (*on_note)(void *arg, const char *line);
};

/* wire: wire_get for chats; another for other kinds of calls. b: what they spend, and who sits out; NULL: nothing is booked. Borrowed. */
struct client *client_new(struct loop *l, wire_fn wire, struct booking *b);
void client_free(struct client *c);
struct call *client_start(struct client *c, const struct call_spec *s);
/* A byte of the answer is about to go out. */
void call_gone_out(struct call *c);
/* Ends the call with this error: the upstream connection is closed and on_done called before this returns; inside of one of the
 * callbacks it takes effect when that returns. */
void call_stop(struct call *c, const struct err *e);
void call_free(struct call *c);

#endif
