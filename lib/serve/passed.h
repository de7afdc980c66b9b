/* SPDX-License-Identifier: ISC */
/* passed: an answer in the client's own format, which is passed on as it comes; its end waits until it is known what it cost. */
#ifndef SERVE_PASSED_H
#define SERVE_PASSED_H

#include <stddef.h>

#include "buf.h"
#include "wire/splice.h"

struct call_spec;
struct front;
struct visit;

struct passed {
	int is_on;             /* of the attempt that runs: it is answered in that format */
	struct splice_own own; /* the request, for whom speaks its format */
	char *only;            /* owned: why nobody else can have it; NULL */
	struct buf tail;       /* units that wait, each behind its length */
	struct buf
	    unheard; /* what its front makes of the events, so that it knows where it is when something goes wrong */
};

/* Can requests in this front's format be passed on? */
int passed_takes(const struct front *f);
/* Offers the request as it came to whom speaks its format, if its format can be passed on. The callbacks are the caller's. */
void passed_offer(struct passed *p, const struct visit *v, struct call_spec *s);
void passed_clear(struct passed *p); /* a new attempt */
void passed_release(struct passed *p);
/* A unit; waits: it has to wait whatever it is. 1: it waits; 0: it may go out; -1: there is too much of it. */
int passed_unit(struct passed *p, const char *unit, size_t n, int waits);
/* Appends what waited. cost: USD, a decimal; NULL. */
void passed_end(struct passed *p, const char *cost, struct buf *out);
/* The same for a stream that is complete, with its last event, should the provider have left that out. */
void passed_close(struct passed *p, const char *cost, struct buf *out);

#endif
