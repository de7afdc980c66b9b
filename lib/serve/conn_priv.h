/* SPDX-License-Identifier: ISC */
/*
 * conn_priv: what the files of conn do for each other; conn_state.h has what they do it to. conn.c: all connections; conn_io.c: bytes of one,
 * in and out; conn_timer.c: its deadlines; conn_head.c: heads of answers and of chunks; exchange.c: requests and their answers.
 */
#ifndef SERVE_CONN_PRIV_H
#define SERVE_CONN_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "serve/conn_state.h"

/* conn.c: has the connection looked after when the loop turns. */
void conn_soon(struct conn *k);
void conn_free(struct conn *k);

/* conn_timer.c */
void conn_timers_init(struct conns *c);
void conn_timers_stop(struct conns *c);
void conn_timers_free(struct conns *c);
void conn_timer_set(struct conn *k, enum conn_timer timer);
void conn_timer_stop(struct conn *k);

/* conn_head.c: length -1: none is said. */
struct conn_answer {
	int status;
	const char *type;
	int64_t length;
	int chunked, closes, stays; /* stays: HTTP/1.0 has to be told */
	const char *fields;
};
void conn_head(struct conns *c, struct buf *out, const struct conn_answer *a);
#define CONN_SIZE_LINE 18 /* a size_t in hexadecimal digits, and the line's end */
/* The line before a chunk of n bytes, written up to end; returns its begin. */
char *conn_put_size(char *end, size_t n);

/* conn_io.c */
int conn_read(struct conn *k); /* starts it */
size_t conn_unsent(const struct conn *k);
/* Writes what waits, and after it these bytes; what the socket doesn't take is kept. */
void conn_write(struct conn *k, const char *p, size_t n);
void conn_flush(struct conn *k);
void conn_end_chunks(struct conn *k);
/* After anything happened: the answer that is sent is over, the next request begins, the connection ends. It may be freed. */
void conn_settle(struct conn *k);
void conn_bad(struct conn *k, int status, const char *why);
void conn_close(struct conn *k);
/* The client is gone: so is its answer. */
void conn_gone(struct conn *k);
/* Nothing of a request has come, nor waits in the socket. */
int conn_is_unused(const struct conn *k);
/* The request's body doesn't count any more. */
void conn_let_go(struct conn *k);

/* exchange.c */
void exchange_call(struct conn *k); /* the request is whole, or is to be called again */
void exchange_over(struct conn *k);

#endif
