/* SPDX-License-Identifier: ISC */
/*
 * http1: requests of HTTP/1.1, pushed in. The only module that knows llhttp. No I/O, no clock.
 *
 * Strict: what two servers may read differently is refused (RFC 9112: both Content-Length and Transfer-Encoding, two Content-Lengths, any
 * transfer coding but chunked, bare LF, obsolete folding, blanks in front of a colon, NUL, HTTP/1.0 with chunked), with the status that it
 * has. One request at a time: after its last byte the parser stops, and what follows stays with the caller until http1_next().
 * How the bytes are cut into calls makes no difference. Upgrades are ignored, extensions of chunks and trailers dropped.
 */
#ifndef SERVE_HTTP1_H
#define SERVE_HTTP1_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define HTTP1_MAX_FIELDS 100

struct http1_limits {
	size_t head_bytes;   /* request line and all fields: 431; so many at most of trailers: 400 */
	size_t target_bytes; /* 414 */
	uint64_t body_bytes; /* 413 */
};

/* Offsets into `head`: NUL-terminated, the name in lower case, the value without blanks around it. A name stands once. */
struct http1_field {
	uint32_t name, value;
};

struct http1 {
	struct http1_limits limits;
	/* the request, once its head is whole */
	const char *method;   /* "GET"; static */
	const char *target;   /* as it came: "/api/v1/models?x=y"; "*" of OPTIONS; of an absolute one the path */
	int minor;            /* HTTP/1.minor */
	int keep_alive;       /* the client would go on with this connection */
	int expects_continue; /* it waits for "100 Continue" */
	int head_done, done;  /* head is whole; the request is */
	struct http1_field field[HTTP1_MAX_FIELDS];
	size_t n_field;
	struct buf head; /* what the fields point into */
	struct buf body; /* as far as it came */
	uint64_t length; /* Content-Length; UINT64_MAX: chunked; 0: none */
	/* what is wrong with it */
	int status;      /* 0: nothing; else 400, 413, 414, 417, 431, 501, 505: the connection can't go on */
	const char *why; /* static */
	void *own;       /* owned: the parser */
};

void http1_init(struct http1 *h, const struct http1_limits *limits);
/* Takes bytes; returns how many of the n: fewer only where the request is done or wrong. */
size_t http1_feed(struct http1 *h, const char *p, size_t n);
/* The request was answered: the next one begins. All but the parser's memory is let go. */
void http1_next(struct http1 *h);
void http1_release(struct http1 *h);
/* The value of a field, "" where it is empty; NULL: there is none. Two of one name are joined by ", ". name: in lower case. */
const char *http1_get(const struct http1 *h, const char *name);

#endif
