/* SPDX-License-Identifier: ISC */
#include "blobs.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

#define MARK "*blob:" /* then the number, and another star */

void
blobs_add(struct blobs *b, const char *p, size_t n, struct buf *out)
{
	if (!b || n < BLOBS_MIN) {
		buf_add(out, p, n);
		return;
	}
	buf_addf(out, MARK "%zu*", b->n);
	b->v = mem_grow(b->v, b->n, &b->cap, sizeof(*b->v));
	b->v[b->n++] = (struct blob){p, n};
}

const struct blob *
blobs_get(const struct blobs *b, const char *ref, size_t n)
{
	size_t i = 0, head = sizeof(MARK) - 1;

	if (!b || n < head + 2 || n > head + 9 || memcmp(ref, MARK, head) != 0 || ref[n - 1] != '*')
		return NULL;
	for (size_t k = head; k < n - 1; k++) {
		if (ref[k] < '0' || ref[k] > '9')
			return NULL;
		i = i * 10 + (size_t)(ref[k] - '0');
	}
	return i < b->n ? b->v + i : NULL;
}

static int
ends_in(const char *from, const char *p, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(p - from) >= n && memcmp(p - n, with, n) == 0;
}

/* The blob whose reference begins at p, in one of the two places where fronts put them; *len: bytes of the reference. */
static const struct blob *
at(const struct blobs *b, const char *text, const char *p, const char *end, size_t *len)
{
	const char *quote = memchr(p, '"', (size_t)(end - p));

	if (!quote || (!ends_in(text, p, ";base64,") && !ends_in(text, p, "\"data\":\"")))
		return NULL;
	*len = (size_t)(quote - p);
	return blobs_get(b, p, *len);
}

void
blobs_expand(const struct blobs *b, const char *text, size_t n, struct buf *out)
{
	const char *from = text, *end = text + n, *mark = text;
	size_t whole = n, len = 0;

	for (size_t i = 0; b && i < b->n; i++)
		whole += b->v[i].n;
	buf_reserve(out, whole + 1);
	while (b && b->n && (mark = memmem(mark, (size_t)(end - mark), MARK, sizeof(MARK) - 1))) {
		const struct blob *blob = at(b, text, mark, end, &len);
		if (!blob) {
			mark++;
			continue;
		}
		buf_add(out, from, (size_t)(mark - from));
		buf_add(out, blob->p, blob->n);
		from = mark += len;
	}
	buf_add(out, from, (size_t)(end - from));
}

void
blobs_release(struct blobs *b)
{
	free(b->v);
	*b = (struct blobs)BLOBS_INIT;
}
