/* SPDX-License-Identifier: ISC */
/* tape: events kept as bytes, to be played once more. Pure. */
#ifndef TAPE_H
#define TAPE_H

#include <stddef.h>

#include "event.h"
#include "more.h"

struct buf;

/* What an event on a tape points to, beside its strings. */
struct tape_rest {
	struct usage usage;
	struct more more;
};

/* Appends the event; an error is none that anybody wants to hear again, and stays out. */
void tape_add(struct buf *tape, const struct event *ev);
/* The event at *at of n bytes, which moves behind it; 0: the tape is over. Strings are borrowed from the tape. */
int tape_next(const char *p, size_t n, size_t *at, struct event *ev, struct tape_rest *rest);

#endif
