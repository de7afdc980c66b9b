/* SPDX-License-Identifier: ISC */
/* vecnum: numbers of vectors, against the C library's own conversions (a test may use what lib/ may not). */
#include "vecnum.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

static uint64_t state = 88172645463325252ULL;

static uint64_t
chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static float
from_bits(uint32_t bits)
{
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static int
same(float a, float b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* Reads text both ways; whatever either gives must be what strtof gives. */
static int
agrees(const char *text)
{
	char padded[VECNUM_MAX + VECNUM_LOOKAHEAD + 1];
	float want = strtof(text, NULL), got = -1, fast = -1;
	size_t n = strlen(text);

	snprintf(padded, sizeof(padded), "%s,%*s", text, VECNUM_LOOKAHEAD - 2, "");
	const char *end = vecnum_scan(padded, &fast);
	int ok = isinf(want)
	    ? vecnum_parse(text, n, &got) < 0 && !end
	    : vecnum_parse(text, n, &got) == 0 && same(got, want) && (!end || (same(fast, want) && end == padded + n));
	if (!ok)
		printf("# %s: want %.9g, got %.9g, fast %.9g\n", text, (double)want, (double)got, (double)fast);
	return ok;
}

static void
check_random(const char *name, void (*make)(char *, size_t), long n)
{
	char text[VECNUM_MAX + 1];
	long bad = 0;

	for (long i = 0; i < n && bad < 5; i++) {
		make(text, sizeof(text));
		bad += !agrees(text);
	}
	tap_ok(bad == 0, "%ld numbers: %s", n, name);
}

static void
any_float(char *to, size_t n)
{
	float v;

	do
		v = from_bits((uint32_t)chance());
	while (!isfinite(v));
	snprintf(to, n, "%.9g", (double)v);
}

static void
small_double(char *to, size_t n)
{
	double d = ((double)(chance() >> 11) / 0x1p53 - 0.5) / (double)(1 + chance() % 1000);

	snprintf(to, n, "%.17g", d);
}

/* Just on the middle between two floats, or one digit beside it: where rounding twice goes wrong. */
static void
near_middle(char *to, size_t n)
{
	uint32_t bits = (uint32_t)chance() % 0x7f000000;
	double middle = ((double)from_bits(bits) + (double)from_bits(bits + 1)) / 2;
	int len = snprintf(to, n, "%.*e", 90, middle);
	char *e = memchr(to, 'e', (size_t)len);

	e[-1] = (char)('0' + (int)(chance() % 2));
}

static void
digits_anywhere(char *to, size_t n)
{
	size_t i = 0, len = 1 + chance() % 60, point = 1 + chance() % len;

	for (; i < len; i++) {
		if (i == point)
			*to++ = '.';
		*to++ = (char)('0' + (i == 0 && point > 1 ? 1 + chance() % 9 : chance() % 10));
	}
	snprintf(to, n - 70, "e%d", (int)(chance() % 130) - 90);
}

static void
check_refused(void)
{
	static const char *const bad[] = {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5", "NaN", "nan",
	    "inf", "Infinity", "-inf", "0x10", "1 ", " 1", "1,5", "1_0", "--1", "1e5.5", "1e39", "-1e39",
	    "1e99999999999999999999", "null", "true", "\"1\""};
	float v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(vecnum_parse(bad[i], strlen(bad[i]), &v) < 0, "refused: '%s'", bad[i]);
	char longest[VECNUM_MAX + 2];
	memset(longest, '1', sizeof(longest));
	longest[1] = '.';
	tap_ok(vecnum_parse(longest, VECNUM_MAX, &v) == 0, "%d characters are a number", VECNUM_MAX);
	tap_ok(vecnum_parse(longest, VECNUM_MAX + 1, &v) < 0, "one more aren't");
}

static void
check_known(void)
{
	static const char *const good[] = {"0", "-0", "0.0", "-0.0", "0e5", "1", "-1", "0.1", "1e0", "1E+2", "1e-2",
	    "16777217", "16777219", "33554433.0", "3.4028235e38", "3.4028235677973366e38", "1.17549435e-38",
	    "1.1754942e-38", "1.4e-45", "7.1e-46", "7.0e-46", "1e-46", "1e-400", "0e999999999", "1e-99999999999",
	    "0.00000000000000000000000000000000000000000001e44", "123456789012345678901234567890", "0.013796286",
	    "4.623822e-05", "-0.006929283495992422", "1.00000017881393432617187500", "1.00000017881393432617187499",
	    "1.00000017881393432617187501"};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(agrees(good[i]), "as strtof: %s", good[i]);
}

static void
check_print(void)
{
	static const struct {
		float v;
		const char *text;
	} known[] = {{0, "0"}, {1, "1"}, {-1, "-1"}, {0.1f, "0.1"}, {0.44f, "0.44"}, {100, "100"}, {1234567, "1234567"},
	    {1e15f, "1000000000000000"}, {1e16f, "1e+16"}, {1.5e-5f, "0.000015"}, {1e-5f, "0.00001"},
	    {1.25e-6f, "1.25e-6"}, {FLT_MAX, "3.4028235e+38"}, {-FLT_MAX, "-3.4028235e+38"}, {16777216, "16777216"},
	    {0.013796286f, "0.013796286"}, {9.9999999f, "10"}, {0.33333334f, "0.33333334"}};
	char text[VECNUM_MAX_PRINT];
	size_t n;
	long bad = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		n = vecnum_print(text, known[i].v);
		tap_is_str(text, known[i].text, "printed");
		tap_ok(n == strlen(text), "and its length");
	}
	for (long i = 0; i < 2000000 && bad < 5; i++) {
		float v = from_bits((uint32_t)chance()), back;
		if (!isfinite(v))
			continue;
		n = vecnum_print(text, v);
		int ok = n < sizeof(text) && n == strlen(text) && vecnum_parse(text, n, &back) == 0 && back == v &&
		    strtof(text, NULL) == v;
		bad += !ok;
		if (!ok)
			printf("# %.9g printed as %s\n", (double)v, text);
	}
	tap_ok(bad == 0, "what is printed of two million floats reads as them again");
}

int
main(void)
{
	check_known();
	check_refused();
	check_random("any float with 9 digits", any_float, 1000000);
	check_random("doubles with 17 digits", small_double, 1000000);
	check_random("beside the middle of two floats", near_middle, 300000);
	check_random("digits, point and exponent anywhere", digits_anywhere, 1000000);
	check_print();
	return tap_done();
}
