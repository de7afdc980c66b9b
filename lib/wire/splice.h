/* SPDX-License-Identifier: ISC */
/*
 * splice: requests and answers of a format that are passed on as they are, to who speaks it and from there, but for what has to differ: the model's
 * name, what is a gateway's alone, the cost. Every other byte stays, and so does what we know nothing of. Pure.
 *
 * It is for formats that have no other dialects: anthropic, bedrock, cohere, gemini, ollama, responses.
 */
#ifndef WIRE_SPLICE_H
#define WIRE_SPLICE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;

/* A request as it came. */
struct splice_own {
	const char *format; /* a wire's name */
	const char *body;   /* valid JSON; borrowed */
	size_t n;
	const char *beta; /* anthropic-beta, which says what of the body is to be known; NULL */
	const char *only; /* why it can't be said in another format, nor in other words; NULL: it can */
	int64_t limit;    /* of the answer, in tokens, as a budget has it; 0: what the body says */
};

int splice_takes(const char *format);
/* Appends the request as the provider gets it. cache: its prompt is to be cached, where the request says nothing of it. -1: it can't be passed on. */
int splice_request(const struct splice_own *own, const char *model, int cache, struct buf *out, struct err *e);

/* How an answer comes. */
enum splice_form { SPLICE_WHOLE, SPLICE_STREAM, SPLICE_OTHER /* a stream that is framed as the format's aren't */ };
/* asked: for a stream. streams, framing: it is one for the decoder, to which one JSON object may be a stream of them. */
enum splice_form splice_form(const char *format, int asked, int streams, unsigned framing);

/* A stream in units: an event of SSE with the empty line behind it, a line, a frame. */
struct splice_units {
	unsigned framing; /* of wire.h; 0: SSE */
	struct buf unit;  /* as far as it has come */
	int in_line, was_cr;
};
/* How many of n bytes belong to the unit that runs. They are added to it. *whole: it is complete. */
size_t splice_feed(struct splice_units *u, const char *p, size_t n, int *whole);
/* Does a stream's end begin here: what tells why it ended, or what it used? */
int splice_is_end(const char *format, const char *unit, size_t n);
/* Appends a unit, or a whole answer, with the cost in its usage, where the format has a place for it and there is none yet. */
void splice_cost(const char *format, const char *p, size_t n, const char *cost, struct buf *out);

#endif
