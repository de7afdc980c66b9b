/* SPDX-License-Identifier: ISC */
/*
 * store: values in memory, found by a key of 32 bytes, each for its time. When there is no more room, what was asked for the longest ago goes.
 * No I/O; the clock is a parameter.
 */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct store;

#define STORE_KEY 32   /* bytes; they look random */
#define STORE_SHARE 8  /* no value takes more of the room than one in so many */
#define STORE_COST 256 /* bytes that a value counts for beside its own */

/* A value, held: it stays for as long as it is, also when it is in the store no more. */
struct store_value {
	const char *p;
	size_t n;
	int64_t at_ms, ttl_ms; /* since when, and for how long */
};

/* bytes: of all values; 0: nothing is ever kept. */
struct store *store_new(size_t bytes);
void store_free(struct store *s); /* NULL is ignored */
/* How many bytes a value may have at most. */
size_t store_most(const struct store *s);
/* Held; NULL: there is none, or its time is over. now_ms: any clock, the same for all. */
const struct store_value *store_get(struct store *s, const unsigned char key[STORE_KEY], int64_t now_ms);
void store_let_go(const struct store_value *v); /* NULL is ignored */
/* Keeps what is in b, which is empty then, in place of what had that key. One that is too large isn't kept. */
void store_put(struct store *s, const unsigned char key[STORE_KEY], struct buf *b, int64_t now_ms, int64_t ttl_ms);
void store_drop(struct store *s, const unsigned char key[STORE_KEY]);
/* For tests: bytes as they are counted, and values. */
size_t store_bytes(const struct store *s);
size_t store_count(const struct store *s);

#endif
