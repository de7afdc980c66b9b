/* SPDX-License-Identifier: ISC */
#include "mem.h"

#include <err.h>
#include <stdint.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define SMALL 1024 /* bytes of an allocation */

/* `make fault` builds let a test say which allocation fails. */
#ifdef OR_FAULTS
static int
fails_now(void)
{
	static long left = -1;

	if (left == -1) {
		const char *at = getenv("OR_FAULT_ALLOC");
		left = at ? strtol(at, NULL, 10) : 0;
	}
	return left > 0 && --left == 0;
}
#else
#define fails_now() 0
#endif

void *
xcheck(void *p)
{
	if (!p || fails_now())
		errx(EX_OSERR, "out of memory");
	return p;
}

void *
xmalloc(size_t n_bytes)
{
	return xcheck(malloc(n_bytes ? n_bytes : 1));
}

/* glibc's calloc() passes by what was freed a moment ago, which malloc() takes first. */
void *
xcalloc(size_t n, size_t size)
{
	if (n && size && n <= SMALL / size) {
		void *p = xmalloc(n * size);
		return memset(p, 0, n * size);
	}
	return xcheck(calloc(n ? n : 1, size ? size : 1));
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (!p && n && size && n <= SMALL / size) /* the usual begin, by a shorter way */
		return xmalloc(n * size);
	return xcheck(reallocarray(p, n ? n : 1, size));
}

char *
xstrdup(const char *s)
{
	return xcheck(strdup(s));
}

char *
xstrndup(const char *s, size_t len)
{
	char *p = xmalloc(len + 1);

	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

void *
mem_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : size <= SMALL / 8 ? 8 : 1; /* of big ones there are few */
	return xreallocarray(v, *cap, size);
}

#ifdef __SANITIZE_ADDRESS__
#define MOST_KEPT 0
#else
#define MOST_KEPT 64
#endif

/* Each object that is kept begins with a pointer to the next. */
void *
mem_pool_take(struct mem_pool *p, size_t n_bytes)
{
	void *object = p->first;

	if (!object)
		return memset(xmalloc(n_bytes), 0, n_bytes);
	memcpy(&p->first, object, sizeof(p->first));
	p->n--;
	return memset(object, 0, n_bytes);
}

void
mem_pool_give(struct mem_pool *p, void *object)
{
	if (p->n + 1 > MOST_KEPT) {
		free(object);
		return;
	}
	memcpy(object, &p->first, sizeof(p->first));
	p->first = object;
	p->n++;
}

void
mem_pool_release(struct mem_pool *p)
{
	for (void *object; (object = p->first);) {
		memcpy(&p->first, object, sizeof(p->first));
		free(object);
	}
	p->n = 0;
}

void
mem_wipe_free(char *s)
{
	if (s)
		freezero(s, strlen(s) + 1);
}

void
mem_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
