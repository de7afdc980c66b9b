/* SPDX-License-Identifier: ISC */
/*
 * conn: connections of clients, on the loop, and exchanges: one request and its answer, as handlers see them.
 *
 * A request is handed over when it is whole. While it is answered the next ones wait, up to 64 KiB. A client that goes is noticed meanwhile: the
 * end of what it sends means that it is gone (as elsewhere: nobody half-closes HTTP), until the answer's last byte was written by the handler.
 * What is written in one turn of the loop goes out as one write and one chunk when the loop turns, a whole answer at once, as far as the
 * socket takes it; the rest waits, and the handler is told to hold back and to go on.
 */
#ifndef SERVE_CONN_H
#define SERVE_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "serve/http1.h"

struct conns;
struct err;
struct exchange;
struct loop;

#define CONN_HIGH_BYTES (256 * 1024)  /* of unsent answer: exchange_full() */
#define CONN_LOW_BYTES (64 * 1024)    /* on_drain */
#define CONN_MAX_VALUES (1024 * 1024) /* of JSON in a body, keys among them: each takes 20 bytes beside its own */

struct conns_limits {
	struct http1_limits http;
	size_t connections; /* more are closed at once, with a 503 */
	uint64_t requests;  /* of one connection; 0: no limit */
	int64_t head_ms,
	    idle_ms; /* until the head is whole, from its first byte or the connection's begin; between requests */
	int64_t body_ms, write_ms; /* between two bytes of a body; of an answer that the client doesn't take */
	uint64_t held_bytes;       /* of all bodies that are coming in or being answered: more is a 503 */
};

/* Numbers of one process; read them at will. */
struct conns_count {
	uint64_t open, accepted, refused, requests, bytes_in, bytes_out, bad;
};

struct conns_spec {
	struct loop *loop; /* borrowed */
	struct conns_limits limits;
	void *arg;
	/* A request is whole: answer it, now or later, by exchange_*. */
	void (*on_request)(void *arg, struct exchange *x);
	/* The head is there, and a body is coming: 0: it may; else the status to refuse it with, and *why, static. May be NULL. */
	int (*on_head)(void *arg, const struct http1 *h, const char **why);
	/* A request that can't be: an answer's body for that status, into out (JSON); NULL: {"error":{"code":...,"message":...}}. target: NULL: its
	 * head didn't get so far. */
	void (*on_bad)(void *arg, int status, const char *why, const char *target, struct buf *out);
	/* The exchange is over, and its last byte with the system (or the client is gone): for the log. Its head is still there. */
	void (*on_over)(void *arg, struct exchange *x);
	/* The last connection has gone, after conns_drain(). */
	void (*on_drained)(void *arg);
};

struct conns *conns_new(const struct conns_spec *s);
/* Accepts on this listening socket (non-blocking; owned by the caller) until conns_drain(). is_unix: it is a Unix socket. */
int conns_listen(struct conns *c, int fd, int is_unix, struct err *e);
/* Takes no more connections; those that wait for a request are closed, the others after their answer, which says so ("Connection: close"). hold:
 * those that wait are kept for their idle time, since their next request may be on its way (another set of workers takes new ones). */
void conns_drain(struct conns *c, int hold);
/* Cuts what is left: on_gone of each running exchange. */
void conns_cut(struct conns *c);
/* After on_over of what is left; the loop has to turn once more (loop_free does). */
void conns_free(struct conns *c);
const struct conns_count *conns_count(const struct conns *c);

/* ── an exchange ── */

/* The request: method, target, fields, body. Borrowed. */
const struct http1 *exchange_request(const struct exchange *x);
/* What the handler keeps with it; NULL at first. */
void **exchange_own(struct exchange *x);
/* May be NULL. on_gone: the client is gone before the answer's end: nothing is to be written any more, and the exchange ends by itself when the handler calls
 * exchange_end() or exchange_cut(), which it must. on_drain: exchange_full() no more. Neither from inside of an exchange_ function. */
void exchange_watch(struct exchange *x, void (*on_gone)(void *arg), void (*on_drain)(void *arg), void *arg);
int exchange_is_gone(const struct exchange *x);
/* "127.0.0.1:41234"; "unix". Borrowed. */
const char *exchange_peer(const struct exchange *x);
int exchange_is_unix(const struct exchange *x);
/* Its start: tm_mono_us(). */
int64_t exchange_start_us(const struct exchange *x);

/* A field of the answer, before exchange_whole or exchange_begin: value is checked for control characters, which become blanks. */
void exchange_field(struct exchange *x, const char *name, const char *value);
/* The whole answer, and the exchange's end. HEAD gets the head alone. type: MIME type; NULL where n is 0. */
void exchange_whole(struct exchange *x, int status, const char *type, const char *p, size_t n);
/* An answer in pieces (chunked; to HTTP/1.0 until the close), then exchange_end() or exchange_cut(). */
void exchange_begin(struct exchange *x, int status, const char *type);
int exchange_begun(const struct exchange *x);
void exchange_write(struct exchange *x, const char *p, size_t n);
int exchange_full(const struct exchange *x);
void exchange_end(struct exchange *x);
/* An answer that can't be ended well: the connection is closed without its last chunk (and reset where the close would be its end). */
void exchange_cut(struct exchange *x);
/* For the log: status (0: none went out), bytes of the body that were written. */
int exchange_status(const struct exchange *x);
uint64_t exchange_sent(const struct exchange *x);
/* The same request once more, for who had to wait before it could be handled: on_request is called from the loop, also where the client is gone
 * meanwhile. Nothing may have been written; nothing is watched any more. */
void exchange_again(struct exchange *x);

#endif
