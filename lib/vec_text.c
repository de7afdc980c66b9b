/* SPDX-License-Identifier: ISC */
/* Vectors that come as base64. */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "vec.h"
#include "vec_priv.h"

/* Little-endian bytes become floats in place. -1: one of them isn't finite. Two at a time: an exponent of all ones carries into the sign. */
static int
check_floats(struct vec_scan *s)
{
	uint64_t bad = 0, two;

	memset(s->v + s->n, 0, sizeof(*s->v)); /* an odd one has company */
	for (size_t i = 0; i < s->n; i += 2) {
		memcpy(&two, s->v + i, sizeof(two));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		two = __builtin_bswap64(two);
		two = two << 32 | two >> 32;
		memcpy(s->v + i, &two, sizeof(two));
#endif
		bad |= (two & 0x7f8000007f800000) + 0x0080000000800000;
	}
	return bad & 0x8000000080000000 ? -1 : 0;
}

/* The string is over. */
static int
text_over(struct vec_scan *s, struct err *e)
{
	unsigned char *bytes = (unsigned char *)s->v;
	int last = base64_end(&s->base64, s->n_pad, bytes + s->n_bytes);
	size_t n = s->n_bytes + (size_t)(last < 0 ? 0 : last);

	if (last < 0)
		return vec_wrong(e, "a vector whose base64 isn't whole");
	if (n > (s->type == VEC_I8 ? 1 : sizeof(float)) * VEC_MAX_DIMS)
		return vec_too_long(e);
	if (s->type == VEC_I8) {
		if (vec_reserve(s, n, e))
			return -1;
		bytes = (unsigned char *)s->v;
		for (size_t i = n; i-- > 0;) /* backwards: a float is longer than its byte */
			s->v[i] = (float)(signed char)bytes[i];
		s->n = n;
		return vec_complete(s, e);
	}
	if (n % sizeof(float))
		return vec_wrong(e, "a vector whose base64 is no whole number of floats");
	s->n = n / sizeof(float);
	return check_floats(s) ? vec_wrong(e, "a vector with a number that isn't finite") : vec_complete(s, e);
}

static int
decode(struct vec_scan *s, const char **p, const char *end, struct err *e)
{
	size_t n = (size_t)(end - *p), wrote;
	size_t most = s->type == VEC_I8 ? VEC_MAX_DIMS : VEC_MAX_DIMS * sizeof(float);

	n = n > most * 4 / 3 + 8 ? most * 4 / 3 + 8 : n;
	if (s->n_bytes > most)
		return vec_too_long(e);
	while (s->cap * sizeof(float) < s->n_bytes + n / 4 * 3 + 8)
		s->v = mem_grow(s->v, s->cap, &s->cap, sizeof(*s->v));
	*p += base64_feed(&s->base64, *p, n, (unsigned char *)s->v + s->n_bytes, &wrote);
	s->n_bytes += wrote;
	return 0;
}

/* "\/", as PHP writes a slash, and "\u003d", as others write '=': the character; -1: not whole yet; -2: none of base64's. */
static int
unescape(struct vec_scan *s, char c)
{
	static const char hex[] = "0123456789abcdef";
	int v = 0;

	s->escape[s->n_escape++] = c;
	if (s->n_escape == 1)
		return c == '/' ? '/' : c == 'u' ? -1 : -2;
	if (s->n_escape < 5)
		return -1;
	for (size_t i = 1; i < 5; i++) {
		char lower = (char)(s->escape[i] | (s->escape[i] >= 'A' ? 0x20 : 0));
		const char *h = memchr(hex, lower, 16);
		v = v * 16 + (h ? (int)(h - hex) : 0x1000);
	}
	return v < 128 ? v : -2;
}

/* One character of base64 that decode() didn't take. */
static int
odd_character(struct vec_scan *s, char c, struct err *e)
{
	int ch = s->state == BASE64_ESCAPE ? unescape(s, c) : c;
	char one = (char)ch;
	const char *p = &one;

	if (s->state != BASE64_ESCAPE && c == '\\') {
		s->state = BASE64_ESCAPE;
		s->n_escape = 0;
		return 0;
	}
	if (ch == -1)
		return 0;
	s->state = BASE64;
	if (ch == '=' && s->n_pad < 2) {
		s->n_pad++;
		return 0;
	}
	if (ch == '=' || ch < 0 || s->n_pad || decode(s, &p, p + 1, e) || p == &one)
		return vec_wrong(e, "a vector that is no base64");
	return 0;
}

const char *
vec_text_scan(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	while (p < end) {
		const char *from = p;
		if (s->state == BASE64 && !s->n_pad && decode(s, &p, end, e))
			return NULL;
		if (p > from)
			continue;
		if (s->state == BASE64 && *p == '"')
			return text_over(s, e) ? NULL : p + 1;
		if (odd_character(s, *p++, e))
			return NULL;
	}
	return p;
}
