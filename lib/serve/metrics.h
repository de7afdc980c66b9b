/* SPDX-License-Identifier: ISC */
/* metrics: the gateway's numbers in Prometheus' text format, version 0.0.4. Pure. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "serve/shared.h"

struct buf;

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_MAX_BOUNDS 64

/* Copied from struct shared, so that they are of one moment, as near as that goes. */
struct metrics {
	int64_t counter[SHARED_N_COUNTERS];
	const int64_t *bound; /* ms; borrowed */
	size_t n_bound;       /* at most METRICS_MAX_BOUNDS */
	struct {
		uint64_t count[METRICS_MAX_BOUNDS + 1]; /* of each bucket alone, the last one without an upper bound */
		uint64_t sum_ms;
	} time[SHARED_N_TIMES];
	int64_t running;    /* calls, now */
	int64_t started_ms; /* wall clock */
};

/* Endpoints that sit out. */
struct metrics_bench {
	const char *endpoint, *why; /* borrowed */
	int64_t ms;                 /* still */
};

void metrics_write(struct buf *b, const struct metrics *m, const struct metrics_bench *v, size_t n);
/* Appends a label's value, escaped. */
void metrics_label(struct buf *b, const char *s);

#endif
