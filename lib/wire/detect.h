/* SPDX-License-Identifier: ISC */
/*
 * detect: what an input is: a request or an answer, whole or streamed, in which format. Pure.
 *
 * The first JSON object decides, be it the whole input, a line, the first element of an array, or the data of the first server-sent event;
 * binary frames are Amazon's. Formats are told apart by members that one of them has and others lack. Where nothing tells, or as much
 * speaks for one format as for another, it is openai's.
 */
#ifndef DETECT_H
#define DETECT_H

#include <stddef.h>

#include "buf.h"
#include "sse.h"

struct json;

enum detect_shape {
	DETECT_BLANK,  /* nothing but white space so far */
	DETECT_OBJECT, /* JSON objects: one, or lines of them */
	DETECT_ARRAY,  /* an array of them */
	DETECT_SSE,
	DETECT_FRAMES, /* Amazon's event stream */
	DETECT_OTHER   /* none of these */
};

/* How an input begins. Zero-initialise. */
struct detect {
	enum detect_shape shape;
	size_t start, end; /* where the first object is in the text; of server-sent events it is in data */
	struct buf data;
	size_t at; /* bytes looked at: the rest is the scan's own */
	int depth, in_string, escaped;
	struct sse sse;
};

/* text: all that came so far; earlier bytes are as they were, wherever they lie now. 1: what is needed is there; 0: more bytes are. */
int detect_feed(struct detect *d, const char *text, size_t n);
/* No more bytes will come. 1: an event that wasn't closed is the first; 0: there is none, or no whole object. */
int detect_end(struct detect *d);
void detect_release(struct detect *d);

/* Is the first object of an input a request's? That of anything but DETECT_OBJECT isn't asked. */
int detect_is_request(const struct json *j);
/* Does anything in it speak of an answer, in any format? */
int detect_is_answer(const struct json *j);
/* The format's name. Static. */
const char *detect_format(const struct json *j, int is_request);
/* Is an input of this shape, whose first object this is, a stream in this format? */
int detect_is_stream(enum detect_shape shape, const struct json *j, const char *format);

#endif
