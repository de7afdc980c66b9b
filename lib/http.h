/* SPDX-License-Identifier: ISC */
/*
 * http: one HTTP request at a time, a thousand at once, on the loop. The only module that knows libcurl.
 *
 * HTTP/1.1, keep-alive, TLS verified, proxies from the environment (loopback is never proxied), redirects not followed, compressed bodies
 * decoded. The caller has its own deadline.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct http;
struct http_xfer;
struct loop;

#define HTTP_MAX_HEAD (256 * 1024) /* bytes of all headers of an answer */

/* A header of an answer: lower-case name, value without blanks around it. Both NUL-terminated, valid during the call. */
typedef void (*http_header_fn)(void *arg, const char *name, const char *value);

struct http_req {
	const char *method; /* "GET", "POST" */
	const char *url;
	const char *const *header; /* "Name: value", NULL-terminated; copied */
	struct buf *body;          /* taken: it is empty afterwards; NULL: none */
	int64_t connect_ms, first_ms,
	    idle_ms;    /* 0: no limit; first: until the first body byte, idle: between body bytes */
	int compressed; /* ask for a compressed answer */
	int is_whole;   /* the answer is read when all of it has come: how it comes is left to the server */
	void *arg;
	void (*on_sent)(void *arg); /* the connection stands, and the request goes out; may be NULL */
	http_header_fn on_header;   /* may be NULL */
	const char *header_prefix;  /* how a name begins, in lower case, that it is told of at least; NULL: all are */
	void (*on_head)(void *arg, int status);             /* the final status; may be NULL */
	int (*on_body)(void *arg, const char *p, size_t n); /* non-zero: enough, end the transfer without an error */
	void (*on_done)(
	    void *arg, const struct err *e); /* NULL: complete. Once, unless cancelled; the xfer is gone afterwards */
};

struct http *http_new(struct loop *l, struct err *e);
void http_free(struct http *h); /* cancels what runs */
/* Never NULL: failures come through on_done, from the loop, never from inside this call. Not from inside a callback but on_done. */
struct http_xfer *http_start(struct http *h, const struct http_req *r);
/* Closes the connection at once; no callback follows. Inside of a callback too, this transfer's or another's. */
void http_cancel(struct http_xfer *x);
/* Back-pressure: while paused no body comes and the idle timer stands still. */
void http_pause(struct http_xfer *x);
void http_resume(struct http_xfer *x);

#endif
