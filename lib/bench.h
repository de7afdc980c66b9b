/* SPDX-License-Identifier: ISC */
/*
 * bench: whom a failure benches, and for how long. Pure. (health remembers it.)
 *
 * Fault attribution: 401 and 403 bench the key for 10 minutes, 402 for an hour; 429 benches key and model (Retry-After, else 60 s);
 * 5xx, silence and cut connections bench the endpoint for 30 s; everything else nobody. A bench orders candidates, it excludes none.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

struct err;

enum bench_scope { BENCH_NOBODY, BENCH_KEY, BENCH_KEY_MODEL, BENCH_ENDPOINT };

/* Who sits out after this failure, and how long (ms). */
enum bench_scope bench_for(const struct err *e, int64_t *ms);
/* Does the failure count against the endpoint's record? The provider's keys, money, models and breakdowns do; rate limits and bad requests don't. */
int bench_blames(const struct err *e);

#endif
