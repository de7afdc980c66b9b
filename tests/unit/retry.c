/* SPDX-License-Identifier: ISC */
#include "retry.h"

#include "tap.h"

#define DATE 784111777000 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define YEAR (365LL * 86400 * 1000)

static void
after(const char *value, int64_t want)
{
	char name[160];

	snprintf(name, sizeof(name), "retry-after: %s", value);
	tap_is_int(retry_after_ms("retry-after", value, DATE - 90000), want, name);
}

static void
after_ms(const char *value, int64_t want)
{
	char name[160];

	snprintf(name, sizeof(name), "retry-after-ms: %s", value);
	tap_is_int(retry_after_ms("retry-after-ms", value, DATE - 90000), want, name);
}

static void
seconds(void)
{
	after("1", 1000);
	after("120", 120000);
	after("007", 7000);
	after("0", -1);
	after("00", -1);
	after("0.0", -1);
	after("1.5", 1500);
	after("0.25", 250);
	after("0.0001", 1);
	after("3600", 3600000);
	after("31536000", YEAR);
	after("31536001", YEAR);
	after("99999999999999999999999999", YEAR);
	after("9223372036854775807", YEAR);
	after("9223372036854776.5", YEAR);
}

static void
junk(void)
{
	after("", 0);
	after("-1", 0);
	after("-", 0);
	after("+5", 0);
	after(" 5", 0);
	after("5 ", 0);
	after("5s", 0);
	after("1m", 0);
	after("1h", 0);
	after("5,6", 0);
	after(".5", 0);
	after("5.", 0);
	after("1.2.3", 0);
	after("1..2", 0);
	after("...", 0);
	after("1e3", 0);
	after("0x10", 0);
	after("soon", 0);
	after("NaN", 0);
	after("inf", 0);
	after("2026-11-22T18:17:00Z", 0);
}

static void
dates(void)
{
	after("Sun, 06 Nov 1994 08:49:37 GMT", 90000);
	after("Sunday, 06-Nov-94 08:49:37 GMT", 90000);
	after("Sun Nov  6 08:49:37 1994", 90000);
	after("Sun, 06 Nov 1994 08:48:07 GMT", -1);
	after("Sun, 06 Nov 1994 08:48:08 GMT", 1000);
	after("Sun, 06 Nov 1994 08:00:00 GMT", -1);
	after("Thu, 01 Jan 1970 00:00:00 GMT", -1);
	after("Sat, 01 Jan 1955 00:00:00 GMT", -1);
	after("Fri, 31 Dec 9999 23:59:59 GMT", YEAR);
	after("Sun, 06 Nov 1994 08:49:37", 0);
	after("Sun, 06 Nov 1994 08:49:37 CET", 0);
	after("Sun, 06 Nov 1994 25:49:37 GMT", 0);
	after("Sun, 06 Foo 1994 08:49:37 GMT", 0);
	after("06 Nov 1994 08:49:37 GMT", 0);
	after("Sun, 06 Nov 1994 08:49:37 GMT and more", 0);
}

static void
milliseconds(void)
{
	after_ms("1", 1);
	after_ms("1500", 1500);
	after_ms("1500.7", 1500);
	after_ms("0", -1);
	after_ms("99999999999999999999", YEAR);
	after_ms("31536000000", YEAR);
	after_ms("", 0);
	after_ms("-5", 0);
	after_ms("5s", 0);
	after_ms("2m", 0);
	after_ms("5ms", 0);
	after_ms("1.2.3", 0);
	after_ms("soon", 0);
	after_ms("Sun, 06 Nov 1994 08:49:37 GMT", 0);
}

static void
names(void)
{
	tap_is_int(retry_after_ms("x-retry-after", "5", 0), 0, "another header");
	tap_is_int(retry_after_ms("retry-after-m", "5", 0), 0, "nearly that header");
	tap_is_int(retry_after_ms("", "5", 0), 0, "no header");
}

/* Between half and the whole of 500 ms, doubled each round, up to 30 s; the whole range is used. */
static void
backoff(void)
{
	static const int64_t whole[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
	static const uint32_t random[] = {0, 1, 249, 250, 251, 12345, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

	for (int n = 1; n <= 8; n++) {
		int64_t least = INT64_MAX, most = 0;
		for (uint32_t r = 0; r <= 70000; r += n < 4 ? 1 : 7) {
			int64_t ms = retry_backoff_ms(n, r);
			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		for (int i = 0; i < 10; i++) {
			int64_t ms = retry_backoff_ms(n, random[i]);
			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		tap_ok(least == whole[n - 1] / 2 && most <= whole[n - 1] && most >= whole[n - 1] - 7,
		    "round %d: %lld to %lld ms", n, (long long)least, (long long)most);
	}
	tap_ok(retry_backoff_ms(0, 0) == 250 && retry_backoff_ms(-5, 0) == 250, "no round before the first");
	tap_is_int(retry_backoff_ms(INT64_MAX, 0xffffffff) <= 30000, 1, "a round that nobody will see");
}

int
main(void)
{
	seconds();
	junk();
	dates();
	milliseconds();
	names();
	backoff();
	return tap_done();
}
