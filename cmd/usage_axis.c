/* SPDX-License-Identifier: ISC */
/* The time axis of the page's plots. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "report.h"
#include "str.h"
#include "tm.h"
#include "usage_page.h"
#include "usage_when.h"

#define HOUR_MS INT64_C(3600000)
#define MAX_STEPS 366 /* columns; the last ones are shown */
#define LONG_DAYS 92  /* a longer range begins where its rows do */

int
axis_hours(const struct usage_range *r, int64_t until_ms)
{
	return until_ms - r->from_ms <= 2 * USAGE_DAY_MS;
}

/* "2026-11-22" or "2026-11-22T18:00Z", and a short form of it: "Nov 22" or "18:00"; midnight shows which day begins. */
static void
add_step(struct axis *a, int64_t ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct buf iso = BUF_INIT, label = BUF_INIT;
	int64_t month = 1, day = 1;

	tm_iso(&iso, ms / 1000);
	const char *s = buf_str(&iso);
	int hours = a->step_ms == HOUR_MS;
	memcpy(a->key[a->n], s, hours ? 16 : 10);
	memcpy(a->key[a->n] + (hours ? 16 : 10), hours ? "Z" : "", hours ? 2 : 1);
	if (hours && ms % USAGE_DAY_MS) {
		buf_add(&label, s + 11, 5);
	} else {
		char part[2][3] = {{s[5], s[6]}, {s[8], s[9]}};
		str_int(part[0], 1, 12, &month);
		str_int(part[1], 1, 31, &day);
		buf_addf(&label, "%.3s %d", months + 3 * (month - 1), (int)day);
	}
	a->label[a->n++] = buf_take(&label);
	buf_release(&iso);
}

/* When the first group's step begins. Its text is a date of ours. */
static int64_t
first_step(const struct report *by_step, int64_t now_ms)
{
	struct usage_range r;
	char date[16] = "";

	if (!by_step->n)
		return now_ms;
	memccpy(date, by_step->v[0].value, 'T', 10);
	return usage_range(&r, date, now_ms, NULL) ? now_ms : r.from_ms;
}

void
axis_init(struct axis *a, const struct usage_range *r, int64_t until_ms, const struct report *by_step)
{
	int64_t step_ms = axis_hours(r, until_ms) ? HOUR_MS : USAGE_DAY_MS, from = r->from_ms;

	if (until_ms - from > LONG_DAYS * USAGE_DAY_MS) {
		int64_t first = first_step(by_step, until_ms);
		from = first > from ? first : from;
	}
	from = from / step_ms * step_ms;
	int64_t n = (until_ms - from + step_ms - 1) / step_ms;
	*a = (struct axis){.step_ms = step_ms, .cut = n > MAX_STEPS};
	if (n > MAX_STEPS) {
		from += (n - MAX_STEPS) * step_ms;
		n = MAX_STEPS;
	}
	n = n < 0 ? 0 : n;
	a->key = xcalloc(MAX_STEPS, sizeof(*a->key));
	a->label = xcalloc(MAX_STEPS, sizeof(*a->label));
	for (int64_t i = 0; i < n; i++)
		add_step(a, from + i * step_ms);
}

void
axis_release(struct axis *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->label[i]);
	free(a->label);
	free(a->key);
}

static int
cmp_key(const void *x, const void *y)
{
	return strcmp(x, y);
}

/* -1: the group lies before the axis. */
int64_t
axis_step(const struct axis *a, const struct report_group *g)
{
	const char(*at)[24] = bsearch(report_value(g, 0), a->key, a->n, sizeof(*a->key), cmp_key);

	return at ? at - (const char(*)[24])a->key : -1;
}
