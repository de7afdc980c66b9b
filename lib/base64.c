/* SPDX-License-Identifier: ISC */
#include "base64.h"

#include <string.h>

#include "buf.h"

#define BAD 0x80000000U /* no sum of four good characters has this bit */

/* Value of a character, shifted to where it stands in the 24 bits of its group. */
#define VALUE(c) \
	((c) >= 'A' && (c) <= 'Z'          ? (c) - 'A' \
		: (c) >= 'a' && (c) <= 'z' ? (c) - 'a' + 26 \
		: (c) >= '0' && (c) <= '9' ? (c) - '0' + 52 \
		: (c) == '+'               ? 62 \
		: (c) == '/'               ? 63 \
					   : -1)
#define AT(c, shift) (VALUE(c) < 0 ? BAD : (uint32_t)VALUE(c) << (shift))
#define ROW4(c, s) AT(c, s), AT((c) + 1, s), AT((c) + 2, s), AT((c) + 3, s)
#define ROW16(c, s) ROW4(c, s), ROW4((c) + 4, s), ROW4((c) + 8, s), ROW4((c) + 12, s)
#define ROW64(c, s) ROW16(c, s), ROW16((c) + 16, s), ROW16((c) + 32, s), ROW16((c) + 48, s)
#define TABLE(s) \
	{ \
		ROW64(0, s), ROW64(64, s), ROW64(128, s), ROW64(192, s) \
	}

static const uint32_t table[4][256] = {TABLE(18), TABLE(12), TABLE(6), TABLE(0)};
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t
group(const unsigned char *p)
{
	return table[0][p[0]] | table[1][p[1]] | table[2][p[2]] | table[3][p[3]];
}

static void
put(unsigned char *to, uint32_t bits)
{
	to[0] = (unsigned char)(bits >> 16);
	to[1] = (unsigned char)(bits >> 8);
	to[2] = (unsigned char)bits;
}

/* Six bytes, and two more that the next ones replace: one store in place of six. */
static void
put6(unsigned char *to, uint64_t bits)
{
	bits <<= 16;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	bits = __builtin_bswap64(bits);
#endif
	memcpy(to, &bits, sizeof(bits));
}

/* Whole groups, eight characters a turn. */
static size_t
groups(const unsigned char *p, size_t n, unsigned char *to)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8, to += 6) {
		uint32_t a = group(p + i), b = group(p + i + 4);
		if ((a | b) & BAD)
			break;
		put6(to, (uint64_t)a << 24 | b);
	}
	for (; n - i >= 4; i += 4, to += 3) {
		uint32_t a = group(p + i);
		if (a & BAD)
			break;
		put(to, a);
	}
	return i;
}

/* One character. 0: it's none of the alphabet. */
static int
take(struct base64 *d, unsigned char c, unsigned char *to, size_t *n_to)
{
	uint32_t v = table[3][c];

	if (v & BAD)
		return 0;
	d->bits = d->bits << 6 | v;
	if (++d->n == 4) {
		put(to + *n_to, d->bits);
		*n_to += 3;
		*d = (struct base64){0, 0};
	}
	return 1;
}

size_t
base64_feed(struct base64 *d, const char *p, size_t n, unsigned char *to, size_t *n_to)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t i = 0;

	*n_to = 0;
	while (i < n && d->n > 0 && take(d, u[i], to, n_to))
		i++;
	if (d->n == 0 && i < n) {
		size_t got = groups(u + i, n - i, to + *n_to);
		i += got;
		*n_to += got / 4 * 3;
		while (i < n && take(d, u[i], to, n_to))
			i++;
	}
	return i;
}

int
base64_end(const struct base64 *d, int n_pad, unsigned char *to)
{
	uint32_t bits = d->n == 2 ? d->bits << 12 : d->bits << 6;
	unsigned char last[3];

	if (d->n == 1 || (n_pad && n_pad != (4 - d->n) % 4))
		return -1;
	if (d->n == 0)
		return 0;
	put(last, bits);
	if (last[d->n - 1]) /* bits that belong to no byte */
		return -1;
	memcpy(to, last, (size_t)d->n - 1);
	return d->n - 1;
}

void
base64_write(char *to, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (; n > 0; u += 3, to += 4) {
		size_t k = n < 3 ? n : 3;
		uint32_t bits = (uint32_t)u[0] << 16 | (k > 1 ? (uint32_t)u[1] << 8 : 0) | (k > 2 ? u[2] : 0);
		to[0] = alphabet[bits >> 18];
		to[1] = alphabet[bits >> 12 & 63];
		to[2] = k > 1 ? alphabet[bits >> 6 & 63] : '=';
		to[3] = k > 2 ? alphabet[bits & 63] : '=';
		n -= k;
	}
}

void
base64_add(struct buf *out, const void *p, size_t n)
{
	size_t len = (n + 2) / 3 * 4;

	base64_write(buf_reserve(out, len), p, n);
	out->len += len;
	out->p[out->len] = '\0';
}

int
base64_text(struct buf *out, const char *s, size_t n)
{
	unsigned char *to = (unsigned char *)buf_reserve(out, n / 4 * 3 + 6);
	struct base64 d = {0, 0};
	size_t got, used = base64_feed(&d, s, n, to, &got);
	int n_pad = 0;

	for (; used < n && s[used] == '=' && n_pad < 3; n_pad++)
		used++;
	int last = used == n ? base64_end(&d, n_pad, to + got) : -1;
	if (last >= 0)
		out->len += got + (size_t)last;
	out->p[out->len] = '\0';
	return last < 0 ? -1 : 0;
}
