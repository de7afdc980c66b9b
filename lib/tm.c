/* SPDX-License-Identifier: ISC */
#include "tm.h"

#include <string.h>
#include <time.h>

#include "buf.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec", days[] = "SunMonTueWedThuFriSat";

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
tm_now_ms(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t
tm_mono_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t
tm_mono_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

/* The scanners below take what they name from *s, or return -1. */

static int
take(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return -1;
	*s += n;
	return 0;
}

static int
take_digits(const char **s, int n, int *out)
{
	int v = 0;

	for (; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return 0;
}

static int
take_month(const char **s, struct tm *tm)
{
	for (tm->tm_mon = 0; tm->tm_mon < 12; tm->tm_mon++) {
		if (strncmp(*s, months + 3 * tm->tm_mon, 3) == 0) {
			*s += 3;
			return 0;
		}
	}
	return -1;
}

static int
take_clock(const char **s, struct tm *tm)
{
	if (take_digits(s, 2, &tm->tm_hour) == -1 || take(s, ":") == -1 || take_digits(s, 2, &tm->tm_min) == -1 ||
	    take(s, ":") == -1 || take_digits(s, 2, &tm->tm_sec) == -1)
		return -1;
	return tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60 ? -1 : 0;
}

/* "06 Nov 1994 08:49:37 GMT" */
static int
fixdate(const char *s, struct tm *tm)
{
	if (take_digits(&s, 2, &tm->tm_mday) == -1 || take(&s, " ") == -1 || take_month(&s, tm) == -1 ||
	    take(&s, " ") == -1 || take_digits(&s, 4, &tm->tm_year) == -1 || take(&s, " ") == -1 ||
	    take_clock(&s, tm) == -1 || take(&s, " GMT") == -1)
		return -1;
	tm->tm_year -= 1900;
	return *s ? -1 : 0;
}

/* "06-Nov-94 08:49:37 GMT": a year over 50 years ahead means the century before. */
static int
rfc850(const char *s, struct tm *tm)
{
	time_t now = (time_t)(tm_now_ms() / 1000);
	struct tm today;

	if (take_digits(&s, 2, &tm->tm_mday) == -1 || take(&s, "-") == -1 || take_month(&s, tm) == -1 ||
	    take(&s, "-") == -1 || take_digits(&s, 2, &tm->tm_year) == -1 || take(&s, " ") == -1 ||
	    take_clock(&s, tm) == -1 || take(&s, " GMT") == -1 || !gmtime_r(&now, &today))
		return -1;
	tm->tm_year += today.tm_year / 100 * 100;
	if (tm->tm_year > today.tm_year + 50)
		tm->tm_year -= 100;
	return *s ? -1 : 0;
}

/* "Nov  6 08:49:37 1994" */
static int
asctime_date(const char *s, struct tm *tm)
{
	if (take_month(&s, tm) == -1 || take(&s, " ") == -1 ||
	    take_digits(&s, take(&s, " ") == 0 ? 1 : 2, &tm->tm_mday) == -1 || take(&s, " ") == -1 ||
	    take_clock(&s, tm) == -1 || take(&s, " ") == -1 || take_digits(&s, 4, &tm->tm_year) == -1)
		return -1;
	tm->tm_year -= 1900;
	return *s ? -1 : 0;
}

int64_t
tm_http_date(const char *s)
{
	struct tm tm = {0};
	const char *rest = s + strcspn(s, ", "); /* the weekday says nothing new */

	if (take(&rest, ", ") == 0) {
		if (fixdate(rest, &tm) == -1 && rfc850(rest, &tm) == -1)
			return -1;
	} else if (take(&rest, " ") == -1 || asctime_date(rest, &tm) == -1) {
		return -1;
	}
	if (tm.tm_sec == 60) /* a leap second, which time_t can't say */
		tm.tm_sec = 59;
	int mday = tm.tm_mday;
	int64_t t = (int64_t)timegm(&tm);
	if (tm.tm_mday != mday) /* February 30 was moved into March */
		return -1;
	return t < 0 ? 0 : t;
}

void
tm_iso(struct buf *b, int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!gmtime_r(&t, &tm)) {
		buf_addc(b, '-');
		return;
	}
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

/* strftime would speak the locale's language. */
void
tm_http(struct buf *b, int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (gmtime_r(&t, &tm) && tm.tm_year >= -1900 && tm.tm_year <= 9999 - 1900)
		buf_addf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
		    months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ":37.123", of which milliseconds count */
static int
take_seconds(const char **s, struct tm *tm, int *ms)
{
	*ms = 0;
	if (take(s, ":") == -1)
		return 0;
	if (take_digits(s, 2, &tm->tm_sec) == -1 || tm->tm_sec > 59)
		return -1;
	if (take(s, ".") == -1)
		return 0;
	size_t n = strspn(*s, "0123456789");
	for (size_t i = 0; i < 3; i++)
		*ms = *ms * 10 + (i < n ? (*s)[i] - '0' : 0);
	*s += n;
	return n ? 0 : -1;
}

int64_t
tm_moment(const char *s)
{
	struct tm tm = {0};
	int month, ms = 0;

	if (take_digits(&s, 4, &tm.tm_year) == -1 || take(&s, "-") == -1 || take_digits(&s, 2, &month) == -1 ||
	    take(&s, "-") == -1 || take_digits(&s, 2, &tm.tm_mday) == -1)
		return -1;
	if (*s &&
	    (take(&s, "T") == -1 || take_digits(&s, 2, &tm.tm_hour) == -1 || take(&s, ":") == -1 ||
		take_digits(&s, 2, &tm.tm_min) == -1 || take_seconds(&s, &tm, &ms) == -1 ||
		(*s && strcmp(s, "Z") != 0 && strcmp(s, "+00:00") != 0)))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon = month - 1;
	struct tm said = tm;
	int64_t t = (int64_t)timegm(&tm);
	if (t < 0 || tm.tm_mon != said.tm_mon || tm.tm_mday != said.tm_mday || tm.tm_hour != said.tm_hour ||
	    tm.tm_min != said.tm_min)
		return -1;
	return t * 1000 + ms;
}
