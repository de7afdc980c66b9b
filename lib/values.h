/* SPDX-License-Identifier: ISC */
/*
 * values: JSON objects one after another, cut out of a stream of bytes. Pure.
 *
 * They stand on lines of their own (NDJSON), or pretty-printed, or as the elements of one array, split anywhere. Only where an object ends
 * is found here; whether it is valid is the JSON parser's business. What lies between objects and is no comma, bracket or white space goes to
 * on_stray, a line at a time.
 */
#ifndef VALUES_H
#define VALUES_H

#include <stddef.h>

#include "buf.h"

#define VALUES_MAX (64 * 1024 * 1024) /* bytes of one object, default cap: it may be a whole answer */
#define VALUES_TOO_LONG (-2)

/* The text is valid during the call only. Non-zero stops the parser and is returned by values_feed. */
typedef int (*values_fn)(void *arg, const char *text, size_t n);

struct values {
	values_fn on_value;
	values_fn on_stray; /* may be NULL */
	void *arg;
	size_t max;      /* cap in bytes; 0: VALUES_MAX */
	struct buf held; /* the object, or the stray line, so far */
	int depth;       /* of the object in hand; 0: between objects */
	int in_string, escaped;
};

/* Zero-initialise, set on_value and arg. 0, the callback's non-zero result, or VALUES_TOO_LONG. */
int values_feed(struct values *v, const char *p, size_t n);
/* No more bytes: gives a stray line, or what there is of an object. */
int values_end(struct values *v);
void values_release(struct values *v);

#endif
