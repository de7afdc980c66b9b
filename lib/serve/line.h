/* SPDX-License-Identifier: ISC */
/*
 * line: what a worker and the scribe say to each other over a stream socket: messages, as bytes and back. Pure.
 *
 * A message is its length, its type and a number, then fields, each with its kind; all in this machine's byte order, for both ends are of one
 * build. Whoever reads one checks it: the other end may have been taken over.
 */
#ifndef SERVE_LINE_H
#define SERVE_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

struct budget;
struct buf;
struct err;
struct ledger_key;

#define LINE_MAX_BYTES (16 * 1024 * 1024) /* of a message */
#define LINE_MAX_TEXT 4096                /* of a string of a row, save content: longer ones are cut */

enum line_type {
	/* of a worker. The message's number is what the answer will have; 0: none is wanted */
	LINE_RESERVE = 1,    /* call's number, call, n, attempt, number of budgets, budgets */
	LINE_SETTLE_ATTEMPT, /* call's number, call, n, attempt */
	LINE_SETTLE,         /* call's number, call, from, number of attempts, attempts */
	LINE_MOOT, /* call's number, and what isn't looked at: it was a LINE_RESERVE, and a LINE_SETTLE of its call follows */
	LINE_SETTLE_AGAIN, /* as LINE_SETTLE, which couldn't be booked: what the ledger has of the call is looked up */
	LINE_ASK,          /* enum desk_what, text, from_ms, until_ms, is there a key, key */
	/* of the scribe */
	LINE_DONE,   /* room, error */
	LINE_ANSWER, /* error, text */
	LINE_KEYS,   /* version, number of keys, keys */
	LINE_WARNING /* text */
};

/* ── writing ── */

/* Appends a message's head to b; at: where it begins, for line_end. */
size_t line_begin(struct buf *b, enum line_type type, uint64_t number);
void line_int(struct buf *b, int64_t n);
void line_str(struct buf *b, const char *s); /* NULL is told as NULL */
void line_bytes(struct buf *b, const char *p, size_t n);
void line_err(struct buf *b, const struct err *e); /* NULL: none */
void line_call(struct buf *b, const struct ledger_call *c);
void line_attempt(struct buf *b, const struct ledger_attempt *a);
void line_budget(struct buf *b, const struct budget *v);
void line_key(struct buf *b, const struct ledger_key *k);
/* -1: it is over LINE_MAX_BYTES, and was taken out of b again. */
int line_end(struct buf *b, size_t at);
/* The message that begins at `at` becomes LINE_MOOT. */
void line_make_moot(struct buf *b, size_t at);
/* It becomes LINE_SETTLE_AGAIN, of this number. */
void line_make_again(struct buf *b, size_t at, uint64_t number);

/* ── reading ── */

struct line_msg {
	int type; /* as it came: any */
	uint64_t number;
	const char *p; /* borrowed: what wasn't read yet */
	size_t left;
	int bad; /* something was read that isn't there */
};

/* The message at the begin of p, n bytes. 1: there is one, of *used bytes; 0: not all of it is there yet; -1: that is none. */
int line_next(const char *p, size_t n, size_t *used, struct line_msg *m);
/* The next field: 0, NULL where it is another kind, out of [min, max], or none: then m->bad is set. Strings are borrowed from the message. */
int64_t line_get_int(struct line_msg *m, int64_t min, int64_t max);
const char *line_get_str(struct line_msg *m);
const char *line_get_bytes(struct line_msg *m, size_t *n); /* NUL-terminated all the same */
/* How many rows follow: not more than the rest of the message can hold. */
size_t line_get_count(struct line_msg *m);
/* 1: *e is an error that was told; 0: none was. */
int line_get_err(struct line_msg *m, struct err *e);
void line_get_call(struct line_msg *m, struct ledger_call *c);
void line_get_attempt(struct line_msg *m, struct ledger_attempt *a);
/* Strings of these are borrowed too: they are not to be released. */
void line_get_budget(struct line_msg *m, struct budget *v);
void line_get_key(struct line_msg *m, struct ledger_key *k);
/* Was all of it read, and right? */
int line_is_whole(const struct line_msg *m);

/* Takes the first n bytes out of a buffer of messages, which were dealt with. */
void line_drop(struct buf *b, size_t n);

#endif
