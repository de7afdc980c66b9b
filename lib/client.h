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

#include "booking.h"
#include "candidate.h"
#include "outcome.h"
#include "wire/splice.h"

struct call;
struct client;
struct json;
struct loop;
struct provider;
struct usage;

struct call_spec {
	struct booked_spec
	    books; /* what the ledger has of this call beside the run's; its callbacks are the client's, but on_remark */
	const char *request; /* canonical JSON text; borrowed for the call's life */
	size_t len;
	const struct json
	    *parsed; /* the same, no object of which has a key twice; borrowed; NULL: the client's to do */
	const struct candidate *candidate; /* borrowed for the call's life */
	size_t n_candidate;
	wire_fn wire; /* NULL: the client's */
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
	/* An answer has come, complete: is it what was asked for? -1: it isn't, and the attempt failed as if it were garbled: ERR_PROTOCOL. Before it is
	 * booked, and so before on_done. May be NULL. */
	int (*judge)(void *arg, struct err *e);
	/* What the answer will be written in, where a provider of that format may say what nobody here knows: event.more. NULL: any. */
	const char *format;
	/* All events of one read were given: flush. As on_event. May be NULL. */
	int (*on_read)(void *arg);
	/* The request as it came, in a format of its own, for those who speak it; borrowed for the call's life; NULL. Such an attempt's answer is given
	 * in that format, too: on_own, before its first event, says so, and its form; on_raw: what it is made of, behind the events of it. */
	const struct splice_own *own;
	void (*on_own)(void *arg, enum splice_form form);
	void (*on_raw)(void *arg, const char *p, size_t n);
	/* The call is over and about to be booked: the answer's text, for a ledger that keeps content. Borrowed; may be NULL. */
	const char *(*answer)(void *arg);
	/* Once, from the loop, when the call is booked. The outcome is valid until call_free(). */
	void (*on_done)(void *arg, const struct outcome *o);
	/* After a call_gone_out() that said so: now it may go out. NULL where the books are this process's own. */
	void (*on_clear)(void *arg);
	/* A line for -v; may be NULL. */
	void (*on_note)(void *arg, const char *line);
};

/* wire: wire_get for chats; another for other kinds of calls. b: what they spend, and who sits out; NULL: nothing is booked. Borrowed. */
struct client *client_new(struct loop *l, wire_fn wire, struct booking *b);
void client_free(struct client *c);
struct call *client_start(struct client *c, const struct call_spec *s);
/* A byte of the answer is about to go out. 0: it may; BOOKED_WAITS: it has to be held until on_clear. From here on nothing is tried again. */
int call_gone_out(struct call *c);
/* What a usage costs by the prices of who answers, in the tier that was asked for. 10^-12 USD; PUSD_UNKNOWN. */
int64_t call_price(const struct call *c, const struct usage *u);
/* The consumer can't take more for now: the upstream connection isn't read, and its idle timer stands still. */
void call_pause(struct call *c);
/* Events that were held back may come from inside. */
void call_resume(struct call *c);
/* Ends the call with this error: the upstream connection is closed and, where the books are this process's own, on_done called before this
 * returns; inside of one of the callbacks it takes effect when that returns. */
void call_stop(struct call *c, const struct err *e);
/* No callback follows. A call that runs ends here; where the books are kept by another process, it is booked all the same. */
void call_free(struct call *c);

#endif
