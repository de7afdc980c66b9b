/* SPDX-License-Identifier: ISC */
#include "buf.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define LARGE (4 * 1024 * 1024)      /* bytes of a buf from which large pages pay */
#define LARGE_PAGE (2 * 1024 * 1024) /* bytes of one */

/* A page of 4 KiB costs a fault and its zeroes each: for megabytes that is more than what is done with them. */
static void
ask_large_pages(char *p, size_t n)
{
	uintptr_t from = ((uintptr_t)p + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);

	madvise(
	    (void *)from, (uintptr_t)p + n - from, MADV_HUGEPAGE); /* a wish: where it isn't granted nothing is lost */
}

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

void
buf_clear(struct buf *b)
{
	if (!b->len)
		return; /* its NUL stands, in memory that may be cold */
	b->len = 0;
	b->p[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (n >= SIZE_MAX / 2 - b->len)
		xcheck(NULL); /* more than there can be: ends the process */
	if (b->len + n >= b->cap) {
		size_t cap = b->cap < 64 ? 64 : b->cap;
		while (cap <= b->len + n)
			cap *= 2;
		b->p = xreallocarray(b->p, cap, 1);
		b->cap = cap;
		if (cap >= LARGE)
			ask_large_pages(b->p, cap);
		b->p[b->len] = '\0';
	}
	return b->p + b->len;
}

/* What is there already is the usual case. */
static inline char *
room(struct buf *b, size_t n)
{
	return n < b->cap - b->len ? b->p + b->len : buf_reserve(b, n);
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = room(b, n);

	if (n)
		memcpy(to, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	char *to = room(b, 1);

	to[0] = c;
	to[1] = '\0';
	b->len++;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	char *to = buf_reserve(b, (size_t)n);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *
buf_take(struct buf *b)
{
	char *p = b->p ? b->p : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return p;
}
