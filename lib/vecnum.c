/* SPDX-License-Identifier: ISC */
#include "vecnum.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

#define MAX_DIGITS 19     /* that a uint64_t holds */
#define MAX_EXPONENT 9999 /* more is not counted: it is zero, or too much, long before */
#define WORDS \
	64 /* of a big number: 2048 bits. 128 digits times 5^200 have under 900, and are shifted by less than 400 */

struct decimal { /* w * 10^e10, plus a bit where digits were left out */
	uint64_t w;
	int e10;
	int more;
};

struct big {
	uint32_t word[WORDS]; /* the lowest first */
	int n;
};

static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}; /* all exact */

static double
scale(double d, int e10)
{
	for (; e10 < -22; e10 += 22)
		d /= power[22];
	for (; e10 > 22; e10 -= 22)
		d *= power[22];
	return e10 < 0 ? d / power[-e10] : d * power[e10];
}

/* At most four roundings of 2^-53 each lie between d and the number, and less than one more where digits were left out: where all of that range
 * is nearest to one float, it's the one. Returns whether it is. */
static int
nearest(const struct decimal *x, float *low, float *high)
{
	double d = 0;

	if (x->w && x->e10 > 38)
		d = 1e300;
	else if (x->w && x->e10 > -66) /* w < 2^64: below, it's under half of the smallest float */
		d = scale((double)x->w, x->e10);
	*low = (float)(d * (1 - 0x1p-50));
	*high = (float)(d * (1 + 0x1p-50));
	return *low == *high;
}

static void
big_mul(struct big *b, uint32_t by, uint32_t add)
{
	uint64_t carry = add;

	for (int i = 0; i < b->n; i++) {
		carry += (uint64_t)b->word[i] * by;
		b->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry && b->n < WORDS)
		b->word[b->n++] = (uint32_t)carry;
}

static void
big_times(struct big *b, uint32_t by, int times)
{
	while (times-- > 0)
		big_mul(b, by, 0);
}

static int
big_compare(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (int i = a->n - 1; i >= 0; i--)
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	return 0;
}

/* Which of two neighbours is nearest to the number whose digits (with or without a point among them) stand at p and are followed by 10^e10? */
static float
exactly(const char *p, size_t n, int e10, float low, float high)
{
	struct big number = {{0}, 0}, middle = {{0}, 0};
	double m = ((double)low + (double)high) / 2; /* exact: it has one bit more than a float */
	uint64_t bits;
	uint32_t low_bits;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '.')
			big_mul(&number, 10, (uint32_t)(p[i] - '0'));
	memcpy(&bits, &m, sizeof(bits));
	int e2 = (int)(bits >> 52 & 2047) - 1075 + 28; /* 53 bits, of which 28 are zero */
	big_mul(&middle, 1, (uint32_t)(((bits & ((1ULL << 52) - 1)) | 1ULL << 52) >> 28));
	big_times(e10 < 0 ? &middle : &number, 5, e10 < 0 ? -e10 : e10);
	e2 -= e10;
	big_times(e2 < 0 ? &number : &middle, 2, e2 < 0 ? -e2 : e2);
	int c = big_compare(&number, &middle);
	memcpy(&low_bits, &low, sizeof(low_bits));
	return c < 0 || (c == 0 && !(low_bits & 1)) ? low : high;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits into x, as many as it holds; those behind a point count for the exponent. Returns where they end. */
static const char *
digits(struct decimal *x, const char *p, const char *end, int behind_point)
{
	for (; p < end && digit(*p); p++) {
		int room = x->w < UINT64_MAX / 10 - 1;
		if (room)
			x->w = x->w * 10 + (uint64_t)(*p - '0');
		else
			x->more = 1;
		x->e10 += room ? -behind_point : !behind_point;
	}
	return p;
}

/* At least one digit, after an optional sign: added to x->e10. */
static const char *
exponent(struct decimal *x, const char *p, const char *end)
{
	int v = 0, minus = p < end && *p == '-';

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end || !digit(*p))
		return NULL;
	for (; p < end && digit(*p); p++)
		v = v > MAX_EXPONENT ? v : v * 10 + (*p - '0');
	x->e10 += minus ? -v : v;
	return p;
}

int
vecnum_parse(const char *p, size_t n, float *out)
{
	const char *end = p + n, *first, *last, *point;
	struct decimal x = {0, 0, 0};
	float low, high;
	int minus = n > 0 && *p == '-';

	if (n > VECNUM_MAX)
		return -1;
	first = p += minus;
	p = digits(&x, p, end, 0);
	if (p == first || (*first == '0' && p - first > 1))
		return -1;
	last = point = p;
	if (p < end && *p == '.') {
		last = p = digits(&x, p + 1, end, 1);
		if (p == point + 1)
			return -1;
	}
	int e10 = last > point ? -(int)(last - point - 1) : 0, written = x.e10;
	if (p < end && (*p == 'e' || *p == 'E') && !(p = exponent(&x, p + 1, end)))
		return -1;
	if (p != end)
		return -1;
	e10 += x.e10 - written;
	if (!nearest(&x, &low, &high))
		high = exactly(first, (size_t)(last - first), e10, low, high);
	if (high > FLT_MAX)
		return -1;
	*out = minus ? -high : high;
	return 0;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Eight digits at once, where there are eight. */
static int
eight(const char *p, uint64_t *w)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	if (((v & 0xf0f0f0f0f0f0f0f0) | ((v + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4) != 0x3333333333333333)
		return 0;
	v = (v & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
	v = (v & 0x00ff00ff00ff00ff) * 6553601 >> 16;
	*w = *w * 100000000 + ((v & 0x0000ffff0000ffff) * 42949672960001 >> 32);
	return 1;
}
#else
static int
eight(const char *p, uint64_t *w)
{
	(void)p;
	(void)w;
	return 0;
}
#endif

static const char *
fast_digits(const char *p, uint64_t *w)
{
	const char *end = p + MAX_DIGITS + 1;

	while (end - p >= 8 && eight(p, w))
		p += 8;
	for (; p < end && digit(*p); p++)
		*w = *w * 10 + (uint64_t)(*p - '0');
	return p;
}

/* Numbers of up to 19 digits that don't count leading zeros: whatever is printed from a float or a double. */
const char *
vecnum_scan(const char *p, float *out)
{
	struct decimal x = {0, 0, 0};
	const char *first, *end = p + VECNUM_LOOKAHEAD - 8;
	int minus = *p == '-';
	float low, high;
	ptrdiff_t n = 0;

	first = p += minus;
	if (*p == '0') {
		if (digit(*++p))
			return NULL;
	} else {
		p = fast_digits(p, &x.w);
		if ((n = p - first) == 0 || n > MAX_DIGITS)
			return NULL;
	}
	if (*p == '.') {
		const char *point = p++;
		for (; !x.w && *p == '0' && p < point + 10; p++)
			;
		first = p;
		p = fast_digits(p, &x.w);
		if ((n += p - first) > MAX_DIGITS || p == point + 1)
			return NULL;
		x.e10 = -(int)(p - point - 1);
	}
	if ((*p == 'e' || *p == 'E') && !(p = exponent(&x, p + 1, end)))
		return NULL;
	if (p >= end || !nearest(&x, &low, &high) || high > FLT_MAX)
		return NULL;
	*out = minus ? -high : high;
	return p;
}

/* The n digits of w with a point where 10^x stands, or with an exponent. */
static size_t
write_digits(char *to, uint32_t w, int x)
{
	char digits9[10], *p = to;
	int n = 0;

	while (w % 10 == 0)
		w /= 10;
	for (uint32_t v = w; v; v /= 10)
		n++;
	for (int i = n; i > 0; i--, w /= 10)
		digits9[i - 1] = (char)('0' + w % 10);
	int whole = x >= 0 && x < 16 ? x + 1 : x < 0 && x >= -5 ? 0 : 1; /* digits in front of the point */
	if (whole == 0) {
		*p++ = '0';
		*p++ = '.';
		for (int i = -1; i > x; i--)
			*p++ = '0';
	}
	for (int i = 0; i < n || i < whole; i++) {
		if (i == whole && i > 0)
			*p++ = '.';
		*p++ = i < n ? digits9[i] : '0';
	}
	if (x >= 16 || x < -5) {
		*p++ = 'e';
		*p++ = x < 0 ? '-' : '+';
		x = x < 0 ? -x : x;
		if (x >= 10)
			*p++ = (char)('0' + x / 10);
		*p++ = (char)('0' + x % 10);
	}
	*p = '\0';
	return (size_t)(p - to);
}

/* The exponent of the first digit of d > 0. */
static int
magnitude(double d)
{
	int x = 0;

	while (x < 38 && d >= scale(1, x + 1))
		x++;
	while (d < scale(1, x))
		x--;
	return x;
}

size_t
vecnum_print(char *to, float v)
{
	size_t minus = v < 0;
	double d = minus ? -(double)v : (double)v;
	float low, high;

	if (minus)
		*to++ = '-';
	if (d == 0) {
		memcpy(to, "0", 2);
		return 1;
	}
	int x = magnitude(d);
	for (int n_digits = 6;; n_digits++) {
		uint32_t w = (uint32_t)(scale(d, n_digits - 1 - x) + 0.5);
		struct decimal back = {w, x - n_digits + 1, 0};
		if (n_digits < 9 && (!nearest(&back, &low, &high) || (double)high != d))
			continue;
		if (w >= power[n_digits])
			x++;
		return minus + write_digits(to, w, x);
	}
}
