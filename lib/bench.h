/* SPDX-License-Identifier: ISC */
/*
 * bench: who sits out, and until when. Pure: time is a parameter.
 *
 * Fault attribution: 401 and 403 bench the key for 10 minutes, 402 for an hour; 429 benches key and model (Retry-After, else 60 s);
 * 5xx, silence and cut connections bench the endpoint for 30 s; everything else nobody. A bench orders candidates, it excludes none.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define BENCH_MAX 256 /* entries; the one that ends soonest makes room */

struct bench_entry {
	char *who; /* "key:openrouter", "key+model:openrouter:a/b", "endpoint:..." */
	int64_t until_ms;
};

struct bench {
	struct bench_entry v[BENCH_MAX];
	size_t n;
};

/* An attempt at this provider's model failed with e at now_ms. */
void bench_failure(struct bench *b, const char *provider, const char *model, const struct err *e, int64_t now_ms);
/* When this endpoint is free: 0 (it is), or a time after now_ms. */
int64_t bench_until(const struct bench *b, const char *provider, const char *model, int64_t now_ms);
void bench_release(struct bench *b);

#endif
