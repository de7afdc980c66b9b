/* SPDX-License-Identifier: ISC */
/*
 * cached: answers that are given once more, where a request's header or preset asks for it, as OpenRouter has it (its page on response caching):
 *
 *	X-OpenRouter-Cache        true, false
 *	X-OpenRouter-Cache-TTL    seconds, 1 to 86400; 300
 *	X-OpenRouter-Cache-Clear  true: what is there is forgotten
 *
 * Two requests are one where their key, format, model, way (streamed or not) and body are, but for white space between the body's tokens. An answer
 * is kept as its events, each worker's in its own memory; played again it has a new id, the present time, and uses nothing.
 */
#ifndef SERVE_CACHED_H
#define SERVE_CACHED_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "outcome.h"
#include "serve/store.h"
#include "tape.h"

struct admit;
struct candidate;
struct visit;

#define CACHED_PROVIDER \
	"cache" /* who gave such an answer, in the ledger; its id is there the one of the call that it was of */

/* One request's share in it. */
struct cached {
	int keeps; /* its answer is to be kept */
	struct visit *v;
	int64_t ttl_s;
	unsigned char key[STORE_KEY];
	struct buf tape;
	/* the answer that is given once more: held; NULL: none */
	const struct store_value *hit;
	size_t at;
	const char *model, *provider; /* of that answer, where it doesn't say it itself */
	struct tape_rest rest;        /* of the event in hand */
	struct outcome out;
};

/* Is there an answer? 1: it is in c->hit. streams: the request's way. The fields that say so are put into the answer's head. */
int cached_find(struct cached *c, const struct admit *m, int streams);
void cached_release(struct cached *c);

/* The answer is kept as it comes: nothing is done where it isn't to be. */
void cached_attempt(struct cached *c, const struct candidate *by); /* what came before is void */
void cached_event(struct cached *c, const struct event *ev);
void cached_keep(struct cached *c); /* it came to its end */

/* The next event of the hit; 0: it is over. */
int cached_next(struct cached *c, struct event *ev);
/* The answer was given: it is counted, booked and told to the log. */
void cached_over(struct cached *c, const struct admit *m);

#endif
