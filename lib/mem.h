/* SPDX-License-Identifier: ISC */
/* mem: allocation that ends the process (status 71) when memory runs out. Only mem and buf call realloc. */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void *xmalloc(size_t n_bytes);
void *xcalloc(size_t n, size_t size);
/* n * size is checked for overflow. p may be NULL. */
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
/* p itself, for what another library allocated: NULL ends the process too. */
void *xcheck(void *p);
/* Copies len bytes and adds a NUL. */
char *xstrndup(const char *s, size_t len);
/* Room for one more element in an array that grows by doubling; v, n and cap are updated by the caller's
 * assignment: v = mem_grow(v, n, &cap, sizeof(*v)). */
void *mem_grow(void *v, size_t n, size_t *cap, size_t size);
/*
 * Objects of one size, over a kilobyte, which are made and let go again and again: malloc() has no short way to such, so that some are kept for the
 * next. {0} is an empty pool. Under a sanitizer nothing is kept.
 */
struct mem_pool {
	void *first;
	unsigned n;
};
void *mem_pool_take(struct mem_pool *p, size_t n_bytes); /* zeroed; the same size each time */
void mem_pool_give(struct mem_pool *p, void *object);
void mem_pool_release(struct mem_pool *p);

/* Gives what is free back to the system, where the C library keeps it; takes milliseconds. */
void mem_trim(void);
/* Overwrites before freeing: keys. s may be NULL. */
void mem_wipe_free(char *s);

#endif
