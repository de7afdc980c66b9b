/* SPDX-License-Identifier: ISC */
/*
 * buf: bytes that grow.
 *
 * Invariant: p[len] is NUL whenever p is not NULL, so that a buf of text is a C string too. BUF_INIT is a
 * valid empty buf. Growth never fails (mem.h); what a peer can make grow is capped by the caller.
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *p;    /* owned; NULL while nothing was added */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
};

#define BUF_INIT \
	{ \
		NULL, 0, 0 \
	}

void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
/* Makes room for n more bytes (and a NUL) and returns where they go; the caller raises len. */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* The text, never NULL. Borrowed. */
const char *buf_str(const struct buf *b);
/* The text, owned by the caller; b is empty afterwards. Never NULL. */
char *buf_take(struct buf *b);

#endif
