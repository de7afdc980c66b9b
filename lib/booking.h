/* SPDX-License-Identifier: ISC */
/*
 * booking: what the calls of one run spend, may spend, and are remembered by: over ledger, budgets and the snapshot of the past.
 *
 * Where a budget applies, each attempt's most possible cost is reserved before it is made, and settled when it is over. Where none does, the
 * ledger is opened while the request is on its way, and holds the call's intent before the first byte of its answer goes out. A ledger that
 * can't be written is one warning, and under a budget the call's end (ERR_CANTCREATE).
 */
#ifndef BOOKING_H
#define BOOKING_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

struct booked;
struct booking;
struct budget;
struct buf;
struct candidate;
struct chance;
struct err;
struct health;
struct json;
struct keeper;
struct outcome;

struct booking_spec {
	const char *tool;            /* "or-chat" */
	const char *tag;             /* --tag; NULL */
	const char *asked;           /* the models as they were asked for; NULL */
	const struct budget *budget; /* the budgets table; borrowed */
	size_t n_budget;
	int64_t run_limit_pusd; /* -B; PUSD_UNKNOWN: none */
	int content;            /* keep requests and answers */
	const struct keeper
	    *keeper; /* who keeps the ledger; borrowed; NULL: this process. on_warning hears of its failures */
	void *arg;
	void (*on_warning)(void *arg, const char *text); /* for people */
	void (*on_remark)(void *arg, const char *text);  /* for the metadata */
	/* Prices that only a catalog knows are wanted now, if they can be had without a network; may be NULL. */
	void (*on_prices)(void *arg);
};

/* What one call has of its own; zeroed: the run's. Strings are copied. */
struct booked_spec {
	const char *id; /* ours */
	const char *tag, *asked, *session;
	const char *client; /* the gateway's key; NULL */
	int64_t client_id;
	const struct budget *limit; /* that key's limit, one more budget; borrowed for the call's life; NULL: none */
	uint64_t conversation;      /* route.h's hash; 0: none */
	int has_session;
	/* The books are kept elsewhere: answers that were waited for. Never from inside of a function of ours. */
	void *arg;
	void (*on_admitted)(void *arg, const struct err *e); /* of booked_admit; e NULL: it may be tried */
	void (*on_clear)(void *arg);                    /* of booked_gone_out: the intent stands, or can't be had */
	void (*on_ended)(void *arg);                    /* of booked_end: it is booked, or can't be */
	void (*on_remark)(void *arg, const char *text); /* NULL: the run's */
};
#define BOOKED_WAITS 1 /* the answer comes by a callback */

#define BOOKING_ID 48 /* bytes of an id, with its NUL */
/* A new id, in the manner of OpenRouter's: "gen-1790000000-0123456789abcdef". */
void booking_id(char id[BOOKING_ID], struct chance *pool); /* pool: NULL: none is kept */

struct booking *booking_new(const struct booking_spec *s);
/* Adds what the spec left open until the request was known. conversation: a hash of it (route.h), 0: none; has_session: it has an id. */
void booking_conversation(struct booking *b, uint64_t conversation, int has_session);
/* The process is about to end, and takes leave of the ledger for us (with sanitizers, we do). */
void booking_free(struct booking *b);
/* The snapshot; read when it is first asked for. */
struct health *booking_health(struct booking *b);
/* Is content kept? Then answers are asked for. b may be NULL. */
int booking_keeps(const struct booking *b);
/* Does one without a ceiling? Then their prices must be known beforehand. */
int booking_needs_price(const struct booking *b, const struct candidate *v, size_t n);

/* The same for a call of its own tag and limit. s: NULL: the run's. */
int booking_needs_price_of(const struct booking *b, const struct booked_spec *s, const struct candidate *v, size_t n);
/* Are the books kept by another process, so that a call's end is waited for? b may be NULL. */
int booking_waits(const struct booking *b);

/* One call. request: canonical, borrowed. */
struct booked *booked_new(struct booking *b, const struct booked_spec *s, const struct json *request);
/* No callback follows; what was asked for is done all the same. */
void booked_free(struct booked *k);
/* May candidate c be tried, as attempt n of its call? ERR_CAP where a budget says no. edited: the request with what keeps it inside
 * (max_tokens; at OpenRouter max_price), where that had to be added; else it stays empty; borrowed until the answer. 0, -1, BOOKED_WAITS. */
int booked_admit(struct booked *k, const struct candidate *c, size_t n, struct buf *edited, struct err *e);
/* The request is on its way. */
void booked_sent(struct booked *k);
/* The first byte of the answer is about to go out. 0: it may; BOOKED_WAITS: not before on_clear. */
int booked_gone_out(struct booked *k);
/* The last attempt of o is over: its cost is filled in and booked. more: the call may go on. */
void booked_attempt(struct booked *k, struct outcome *o, int more);
/* The call is over. answer: its text, for those who keep content; NULL. 0: it is booked; BOOKED_WAITS. */
int booked_end(struct booked *k, const struct outcome *o, const char *answer);

#endif
