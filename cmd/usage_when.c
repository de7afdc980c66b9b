/* SPDX-License-Identifier: ISC */
#include "usage_when.h"

#include <string.h>

#include "budget.h"
#include "buf.h"
#include "err.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

/* What a word stands for: a moment, or a whole day or month. */
struct span {
	int64_t from_ms, until_ms; /* the same: a moment */
};

static int64_t
midnight(int64_t ms)
{
	return ms / USAGE_DAY_MS * USAGE_DAY_MS;
}

/* Days from 1970 to a date of the Gregorian calendar, counted in years that begin in March. */
static int64_t
days_to(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* Takes as many digits as the format has, or fails. */
static int
digits(const char **s, int n, int64_t *v)
{
	for (*v = 0; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return -1;
		*v = *v * 10 + (**s - '0');
	}
	return 0;
}

static int
skip(const char **s, char c)
{
	if (**s != c)
		return -1;
	++*s;
	return 0;
}

/* 2026-11-03. A day that its month doesn't have would be read as one of the next: its text shows it. */
static int
date(const char **s, int64_t *ms)
{
	const char *start = *s;
	struct buf iso = BUF_INIT;
	int64_t y, m, d;

	if (digits(s, 4, &y) || skip(s, '-') || digits(s, 2, &m) || skip(s, '-') || digits(s, 2, &d) || m < 1 || m > 12)
		return -1;
	*ms = days_to(y, m, d) * USAGE_DAY_MS;
	if (*ms < 0)
		return -1;
	tm_iso(&iso, *ms / 1000);
	int same = strncmp(buf_str(&iso), start, (size_t)(*s - start)) == 0;
	buf_release(&iso);
	return same ? 0 : -1;
}

/* T12:00[:00][Z] */
static int
time_of_day(const char *s, int64_t *ms)
{
	int64_t h, m, sec = 0;

	if (skip(&s, 'T') || digits(&s, 2, &h) || skip(&s, ':') || digits(&s, 2, &m) || h > 23 || m > 59)
		return -1;
	if (*s == ':' && (skip(&s, ':') || digits(&s, 2, &sec) || sec > 59))
		return -1;
	*ms += ((h * 60 + m) * 60 + sec) * 1000;
	return strcmp(s, "Z") == 0 || !*s ? 0 : -1;
}

static int
span(struct span *sp, const char *s, int64_t now_ms)
{
	int64_t today = midnight(now_ms), ms;

	if (strcmp(s, "today") == 0) {
		*sp = (struct span){today, today + USAGE_DAY_MS};
	} else if (strcmp(s, "yesterday") == 0) {
		*sp = (struct span){today - USAGE_DAY_MS, today};
	} else if (strcmp(s, "month") == 0) {
		*sp = (struct span){budget_start_day(BUDGET_MONTH, now_ms) * USAGE_DAY_MS,
		    budget_end_day(BUDGET_MONTH, now_ms) * USAGE_DAY_MS};
	} else if (str_time_ms(s, &ms) == 0) {
		ms = ms < now_ms ? now_ms - ms : 0;
		*sp = (struct span){ms, ms};
	} else {
		if (date(&s, &ms))
			return -1;
		*sp = (struct span){ms, *s ? ms : ms + USAGE_DAY_MS};
		if (*s && time_of_day(s, &sp->from_ms))
			return -1;
		if (*s)
			sp->until_ms = sp->from_ms;
	}
	return 0;
}

int
usage_range(struct usage_range *r, const char *s, int64_t now_ms, struct err *e)
{
	const char *comma = strchr(s, ',');
	char *since = xstrndup(s, comma ? (size_t)(comma - s) : strlen(s));
	struct span from, until = {0, INT64_MAX};
	int bad = span(&from, since, now_ms) || (comma && span(&until, comma + 1, now_ms));

	/* Yesterday ends, the only word that does so by itself. */
	if (!bad && !comma && strcmp(since, "yesterday") == 0)
		until.until_ms = from.until_ms;
	mem_wipe_free(since);
	if (bad)
		return err_set(e, ERR_USAGE,
		    "-d: '%s' is no range of time: a duration (7d), a date (2026-11-03), today, yesterday, month", s);
	*r = (struct usage_range){from.from_ms, until.until_ms};
	if (r->from_ms >= r->until_ms)
		return err_set(e, ERR_USAGE, "-d: '%s' ends before it begins", s);
	return 0;
}
