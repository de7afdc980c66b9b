/* SPDX-License-Identifier: ISC */
#include "decimal.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct decimal
parsed(const char *s)
{
	struct decimal d;

	if (decimal_parse(&d, s, strlen(s)) != 0)
		tap_ok(0, "%s can be parsed", s);
	return d;
}

/* Ascending; each row is one value in several spellings. */
static const char *const order[][5] = {
    {"-1e30", "-1000000000000000000000000000000", "-1.0E+30"},
    {"-10.5", "-105e-1", "-0.0105e3", "-10.500"},
    {"-10", "-1e1"},
    {"-0.1", "-1e-1"},
    {"0", "-0", "0.000", "0e99", "0e99999999999999999999"},
    {"1e-999999999999999", "0.1e-999999999999998"},
    {"0.000999999999999999999999999999", "999999999999999999999999999e-30"},
    {"0.001", "1e-3", "0.0010"},
    {"1", "1.0", "100e-2", "0.01e2"},
    {"9007199254740992"},
    {"9007199254740993", "9007199254740993.0", "9.007199254740993e15"},
    {"12345678901234567890123456789012345678901234567890"},
    {"12345678901234567890123456789012345678901234567890.1"},
    {"1e999999999999999", "10e999999999999998"},
};

static void
test_order(void)
{
	size_t n = sizeof(order) / sizeof(*order);
	int wrong = 0;

	for (size_t i = 0; i < n * 5; i++) {
		for (size_t k = 0; k < n * 5; k++) {
			const char *s = order[i / 5][i % 5], *t = order[k / 5][k % 5];
			if (!s || !t)
				continue;
			struct decimal a = parsed(s), b = parsed(t);
			int want = i / 5 < k / 5 ? -1 : i / 5 > k / 5, got = decimal_cmp(&a, &b);
			if ((got > 0) - (got < 0) != want) {
				printf("# %s against %s\n", s, t);
				wrong++;
			}
		}
	}
	tap_is_int(wrong, 0, "every pair of spellings is in order");
}

static void
is_int(const char *s, int want)
{
	struct decimal d = parsed(s);

	tap_ok(decimal_is_int(&d) == want, "%s is %s integer", s, want ? "an" : "no");
}

static void
multiple(const char *s, const char *of, int want)
{
	struct decimal a = parsed(s), b = parsed(of);

	tap_ok(decimal_is_multiple(&a, &b) == want, "%s as a multiple of %s: %d", s, of, want);
}

int
main(void)
{
	struct decimal d;

	test_order();
	is_int("0.0", 1);
	is_int("1.50e1", 1);
	is_int("1.50e0", 0);
	is_int("1e-1", 0);
	is_int("-3", 1);
	multiple("0", "7", 1);
	multiple("-21", "7", 1);
	multiple("22", "7", 0);
	multiple("0.3", "0.1", 1);
	multiple("0.35", "0.1", 0);
	multiple("1e999999999999", "1024", 1);
	multiple("1e999999999999", "3", 0);
	multiple("1", "999999999999999999", 0);
	multiple("999999999999999999000", "999999999999999999", 1);
	multiple("1152921504606846976e5", "576460752303423488", 1);
	multiple("1", "0", -1);
	multiple("1", "1234567890123456789", -1);
	multiple("1", "1e999", 0);
	tap_ok(decimal_parse(&d, "1e1000000000000000", 18) == -1, "an exponent of 16 digits isn't compared");
	tap_ok(decimal_parse(&d, "1e0000000000000000001", 21) == 0 && d.exp == 2, "zeros in front of it don't count");
	return tap_done();
}
