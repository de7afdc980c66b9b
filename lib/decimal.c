/* SPDX-License-Identifier: ISC */
#include "decimal.h"

#include <string.h>

#define MAX_EXP_DIGITS 15
#define MAX_DIVISOR_DIGITS 18 /* ten times the divisor and a digit fit in 64 bits */

static const char *
exponent_mark(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == 'e' || s[i] == 'E')
			return s + i;
	}
	return s + n;
}

/* p: behind the e. */
static int
exponent(const char *p, const char *end, int64_t *exp)
{
	int neg = *p == '-';
	int64_t v = 0;

	p += *p == '-' || *p == '+';
	while (p < end && *p == '0')
		p++;
	if (end - p > MAX_EXP_DIGITS)
		return -1;
	for (; p < end; p++)
		v = v * 10 + (*p - '0');
	*exp += neg ? -v : v;
	return 0;
}

int
decimal_parse(struct decimal *d, const char *s, size_t n)
{
	const char *end = exponent_mark(s, n), *stop = s + n;
	const char *point = memchr(s, '.', (size_t)(end - s));
	const char *first = s + (*s == '-'), *last = end;

	*d = (struct decimal){0};
	while (first < end && (*first == '0' || *first == '.'))
		first++;
	if (first == end)
		return 0;
	while (last[-1] == '0' || last[-1] == '.')
		last--;
	d->sign = *s == '-' ? -1 : 1;
	d->digits = first;
	d->n_bytes = (size_t)(last - first);
	d->n_digits = last - first - (point && first < point && point < last);
	d->exp = !point ? end - first : first < point ? point - first : point + 1 - first;
	return end < stop ? exponent(end + 1, stop, &d->exp) : 0;
}

/* The next digit, or -1. */
static int
next_digit(const struct decimal *d, size_t *at)
{
	if (*at < d->n_bytes && d->digits[*at] == '.')
		(*at)++;
	return *at < d->n_bytes ? d->digits[(*at)++] - '0' : -1;
}

static int
cmp_size(const struct decimal *a, const struct decimal *b)
{
	size_t i = 0, k = 0;
	int x, y;

	if (a->exp != b->exp)
		return a->exp < b->exp ? -1 : 1;
	do {
		x = next_digit(a, &i);
		y = next_digit(b, &k);
	} while (x == y && x >= 0);
	return x < y ? -1 : x > y;
}

int
decimal_cmp(const struct decimal *a, const struct decimal *b)
{
	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	return a->sign == 0 ? 0 : a->sign * cmp_size(a, b);
}

int
decimal_is_int(const struct decimal *d)
{
	return d->sign == 0 || d->exp >= d->n_digits;
}

/* The digits as a whole number, modulo m. */
static uint64_t
digits_mod(const struct decimal *d, uint64_t m)
{
	uint64_t r = 0;
	size_t at = 0;

	for (int x; (x = next_digit(d, &at)) >= 0;)
		r = (r * 10 + (uint64_t)x) % m;
	return r;
}

int
decimal_is_multiple(const struct decimal *d, const struct decimal *of)
{
	if (of->sign == 0 || of->n_digits > MAX_DIVISOR_DIGITS)
		return -1;
	if (d->sign == 0)
		return 1;
	/* d = V * 10^zeros * (the divisor's last place); V doesn't end in 0, so a negative power can't divide */
	int64_t zeros = (d->exp - d->n_digits) - (of->exp - of->n_digits);
	if (zeros < 0)
		return 0;
	uint64_t m = digits_mod(of, UINT64_MAX), r = digits_mod(d, m);
	/* a divisor under 2^60 has fewer than 60 factors 2 or 5: more zeros add nothing */
	for (int64_t i = 0; i < zeros && i < 60; i++)
		r = r * 10 % m;
	return r == 0;
}
