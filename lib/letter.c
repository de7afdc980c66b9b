/* SPDX-License-Identifier: ISC */
#include "letter.h"

#include "buf.h"
#include "str.h"

/* Capitals from lo to hi, each step-th of them; add: how far it is to their small letters. Sorted. */
struct capitals {
	uint16_t lo, hi, step;
	int16_t add;
};

static const struct capitals capitals[] = {{'A', 'Z', 1, 32}, {0xc0, 0xd6, 1, 32}, {0xd8, 0xde, 1, 32},
    {0x100, 0x12e, 2, 1}, {0x130, 0x130, 1, 'i' - 0x130}, {0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1},
    {0x14a, 0x176, 2, 1}, {0x178, 0x178, 1, 0xff - 0x178}, {0x179, 0x17d, 2, 1}, {0x1a0, 0x1a4, 2, 1},
    {0x1af, 0x1af, 1, 1}, {0x1cd, 0x1db, 2, 1}, {0x1de, 0x1ee, 2, 1}, {0x1f8, 0x21e, 2, 1}, {0x222, 0x232, 2, 1},
    {0x386, 0x386, 1, 38}, {0x388, 0x38a, 1, 37}, {0x38c, 0x38c, 1, 64}, {0x38e, 0x38f, 1, 63}, {0x391, 0x3a1, 1, 32},
    {0x3a3, 0x3ab, 1, 32}, {0x400, 0x40f, 1, 80}, {0x410, 0x42f, 1, 32}, {0x460, 0x480, 2, 1}, {0x48a, 0x4be, 2, 1},
    {0x4c1, 0x4cd, 2, 1}, {0x4d0, 0x52e, 2, 1}, {0x531, 0x556, 1, 48}, {0x1e00, 0x1e94, 2, 1},
    {0x1e9e, 0x1e9e, 1, 0xdf - 0x1e9e}, {0x1ea0, 0x1efe, 2, 1}};

uint32_t
letter_at(const char *s, size_t n, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;
	static const unsigned char head[] = {0, 0x7f, 0x1f, 0x0f, 0x07};

	*len = utf8_len(u, n);
	if (!*len) {
		*len = 1;
		return 0xfffd;
	}
	uint32_t c = u[0] & head[*len];
	for (size_t i = 1; i < *len; i++)
		c = c << 6 | (u[i] & 0x3f);
	return c;
}

uint32_t
letter_lower(uint32_t c)
{
	if (c < 0xc0)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	size_t lo = 0, hi = sizeof(capitals) / sizeof(*capitals);
	while (hi - lo > 1) { /* the last row that doesn't begin behind c */
		size_t middle = lo + (hi - lo) / 2;
		if (capitals[middle].lo <= c)
			lo = middle;
		else
			hi = middle;
	}
	const struct capitals *row = &capitals[lo];
	if (c <= row->hi && (c - row->lo) % row->step == 0)
		return (uint32_t)((int32_t)c + row->add);
	return c;
}

void
letter_fold(struct buf *b, const char *s, size_t n)
{
	size_t len;

	for (size_t i = 0; i < n; i += len)
		utf8_add(b, letter_lower(letter_at(s + i, n - i, &len)));
}
