/* SPDX-License-Identifier: ISC */
/* meta: the one line of JSON that -M appends for each call; absent is null. Pure. Its keys are orutils(7)'s "Metadata". */
#ifndef META_H
#define META_H

#include <stddef.h>

struct buf;
struct err;
struct outcome;

struct meta_spec {
	const struct outcome *const *outcome; /* of each call, in order: the last one gave the answer */
	size_t n_outcome;                     /* 0: no call was made */
	const struct usage *usage;            /* of all calls */
	const struct err *err;                /* what the run came to */
	const char *cost;                     /* USD, decimal; NULL: unknown */
	int source;                           /* enum ledger_source: how it is known */
	const char *const *warning;
	size_t n_warning;
};

/* Appends the line with its LF. */
void meta_emit(const struct meta_spec *m, struct buf *out);

#endif
