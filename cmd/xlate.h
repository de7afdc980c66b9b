/* SPDX-License-Identifier: ISC */
/* xlate: the parts of or-xlate: what is read, what becomes of it. */
#ifndef XLATE_H
#define XLATE_H

#include <sys/types.h>

#include "buf.h"
#include "json.h"
#include "out.h"
#include "wire/detect.h"
#include "wire/wire.h"
#include "xlate_args.h"

struct err;

#define XLATE_MAX (64 * 1024 * 1024) /* bytes of a request, or of an input that can't be told yet */

struct xlate {
	struct xlate_args a;
	struct out out;
	struct losses lost;
	/* the input */
	int fd, ended;
	const char *name; /* for messages */
	struct buf text;  /* a request whole; of an answer what was read until it was known as one */
	struct detect detect;
	struct json json;    /* the first object, if there is one: a request's */
	struct buf repaired; /* its text, where that wasn't UTF-8 */
	size_t n_repaired;   /* parts of it that were replaced */
	const char *from;    /* the format, once it is known */
	int is_request, is_stream;
};

/* xlate_input.c. Opens the input. */
int xlate_open(struct xlate *x, int closed, struct err *e);
/* Reads until it is known what the input is. A request is read whole. ERR_DATA with the offset, ERR_IO. */
int xlate_detect(struct xlate *x, struct err *e);
/* The next bytes, at most so many; 0 at the end; -1 with ERR_IO or ERR_SIGNAL. */
ssize_t xlate_read(struct xlate *x, char *p, size_t n, struct err *e);
/* INT, TERM and HUP end the run in order from now on. */
void xlate_watch_signals(struct xlate *x);

/* xlate_answer.c. Translates as it reads; e is what the answer's end means. */
int xlate_answer(struct xlate *x, struct err *e);

#endif
