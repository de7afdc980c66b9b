/* SPDX-License-Identifier: ISC */
#include "tm.h"

#include <time.h>

#include "buf.h"
#include "tap.h"

static void
test_http_date(void)
{
	static const struct {
		const char *s;
		int64_t want;
	} c[] = {
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
	    {"Sun Nov  6 08:49:37 1994", 784111777},
	    {"Wed Nov 16 08:49:37 1994", 784975777},
	    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	    {"Sun, 22 Nov 2026 18:17:00 GMT", 1795371420},
	    {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
	    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228799},
	    {"Mon, 01 Jan 1601 00:00:00 GMT", 0},
	    {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
	    {"", -1},
	    {"Sun", -1},
	    {"120", -1},
	    {"Sun, 06 Nov 1994 08:49:37", -1},
	    {"Sun, 06 Nov 1994 08:49:37 CET", -1},
	    {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
	    {"Sun, 6 Nov 1994 08:49:37 GMT", -1},
	    {"Sun, 06 nov 1994 08:49:37 GMT", -1},
	    {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
	    {"Sun, 06 Nov 1994 08:60:00 GMT", -1},
	    {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
	    {"Wed, 29 Feb 2023 00:00:00 GMT", -1},
	    {"Wed, 00 Jan 2023 00:00:00 GMT", -1},
	    {"Wed, 31 Apr 2023 00:00:00 GMT", -1},
	    {"Sun, 06 Nov -994 08:49:37 GMT", -1},
	    {"Sun Nov 06 08:49:37 1994 GMT", -1},
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		tap_is_int(tm_http_date(c[i].s), c[i].want, c[i].s);
}

static void
test_moment(void)
{
	static const struct {
		const char *s;
		int64_t want;
	} c[] = {
	    {"2026-11-22", 1795305600000},
	    {"2026-11-22T18:17:00Z", 1795371420000},
	    {"2026-11-22T18:17:00.000Z", 1795371420000},
	    {"2026-11-22T18:17:00.1239Z", 1795371420123},
	    {"2026-11-22T18:17:00.5+00:00", 1795371420500},
	    {"2026-11-22T18:17", 1795371420000},
	    {"2024-02-29", 1709164800000},
	    {"1970-01-01", 0},
	    {"9999-12-31T23:59:59Z", 253402300799000},
	    {"", -1},
	    {"2026", -1},
	    {"2026-1-2", -1},
	    {"2026-13-01", -1},
	    {"2026-00-01", -1},
	    {"2023-02-29", -1},
	    {"2026-11-00", -1},
	    {"1969-12-31", -1},
	    {"2026-11-22 18:17:00Z", -1},
	    {"2026-11-22T", -1},
	    {"2026-11-22T24:00:00Z", -1},
	    {"2026-11-22T18:60:00Z", -1},
	    {"2026-11-22T18:17:60Z", -1},
	    {"2026-11-22T18:17:00.Z", -1},
	    {"2026-11-22T18:17:00+01:00", -1},
	    {"2026-11-22Z", -1},
	    {"2026-11-22T18:17:00Zx", -1},
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		tap_is_int(tm_moment(c[i].s), c[i].want, c[i].s);
}

/* Two digits of a year: at most 50 years ahead of now, else the century before. */
static void
test_short_year(void)
{
	time_t now = time(NULL);
	struct tm today;

	gmtime_r(&now, &today);
	int year = today.tm_year + 1900;
	for (int ahead = -40; ahead <= 50; ahead += 45) {
		struct buf two = BUF_INIT, four = BUF_INIT;
		if ((year + ahead) / 100 != year / 100)
			continue;
		buf_addf(&two, "Monday, 01-Jun-%02d 00:00:00 GMT", (year + ahead) % 100);
		buf_addf(&four, "Mon, 01 Jun %d 00:00:00 GMT", year + ahead);
		tap_is_int(tm_http_date(two.p), tm_http_date(four.p), "two digits, this century");
		buf_release(&two);
		buf_release(&four);
	}
	if ((year + 51) / 100 == year / 100) {
		struct buf two = BUF_INIT, four = BUF_INIT;
		buf_addf(&two, "Monday, 01-Jun-%02d 00:00:00 GMT", (year + 51) % 100);
		buf_addf(&four, "Mon, 01 Jun %d 00:00:00 GMT", year + 51 - 100);
		tap_is_int(tm_http_date(two.p), tm_http_date(four.p), "two digits, the century before");
		buf_release(&two);
		buf_release(&four);
	}
}

static void
is_iso(int64_t s, const char *want)
{
	struct buf b = BUF_INIT;

	tm_iso(&b, s);
	tap_is_str(buf_str(&b), want, want);
	buf_release(&b);
}

static void
test_clocks(void)
{
	int64_t us = tm_mono_us(), ms = tm_mono_ms(), now = tm_now_ms();
	struct timespec ts = {0, 20000000};

	tap_ok(ms - us / 1000 >= 0 && ms - us / 1000 < 5000, "both monotonic clocks are one");
	tap_ok(now / 1000 - (int64_t)time(NULL) <= 1, "wall clock");
	nanosleep(&ts, NULL);
	tap_ok(tm_mono_us() - us >= 20000, "microseconds pass");
	tap_ok(tm_mono_ms() - ms >= 19, "milliseconds pass");
}

int
main(void)
{
	test_http_date();
	test_moment();
	test_short_year();
	is_iso(0, "1970-01-01T00:00:00Z");
	is_iso(1795371420, "2026-11-22T18:17:00Z");
	is_iso(1709164799, "2024-02-28T23:59:59Z");
	is_iso(INT64_MAX, "-");
	test_clocks();
	return tap_done();
}
