/* SPDX-License-Identifier: ISC */
/*
 * decimal: numbers as JSON writes them, compared exactly at any length. Pure.
 *
 * Nothing is converted to binary: 9007199254740993 isn't 9007199254740992, and 0.3 is a multiple of 0.1.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* sign * 0.DIGITS * 10^exp, without zeros at either end of DIGITS */
struct decimal {
	int sign;           /* -1, 0, 1; when 0, nothing else counts */
	const char *digits; /* borrowed: from the first to the last digit that isn't 0; may hold the point */
	size_t n_bytes;     /* of digits, the point included */
	int64_t n_digits;   /* of digits */
	int64_t exp;
};

/* s: a valid JSON number. -1 where the exponent is too big to be compared (over 15 digits). */
int decimal_parse(struct decimal *d, const char *s, size_t n);
/* <0, 0, >0 */
int decimal_cmp(const struct decimal *a, const struct decimal *b);
int decimal_is_int(const struct decimal *d);
/* 1 or 0; -1 where the divisor is 0 or has over 18 digits between its zeros. */
int decimal_is_multiple(const struct decimal *d, const struct decimal *of);

#endif
