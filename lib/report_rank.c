/* SPDX-License-Identifier: ISC */
/* The order of a report's rows, and what is said of many samples. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

const char *
report_value(const struct report_group *g, size_t i)
{
	const char *p = g->value;

	while (i--)
		p += strlen(p) + 1;
	return p;
}

static int
by_value(const struct report_group *a, const struct report_group *b)
{
	int c = memcmp(a->value, b->value, a->len < b->len ? a->len : b->len);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int
cmp_value(const void *x, const void *y)
{
	return by_value(x, y);
}

static int
cmp_cost(const void *x, const void *y)
{
	const struct report_group *a = x, *b = y;
	int c = (a->totals.cost < b->totals.cost) - (a->totals.cost > b->totals.cost);

	return c ? c : by_value(a, b);
}

/* The slots point elsewhere afterwards: they are made anew where another row comes. */
void
report_sort(struct report *r)
{
	int by_time = r->n_by && (r->by[0] == BY_DAY || r->by[0] == BY_HOUR);

	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_time ? cmp_value : cmp_cost);
	free(r->slot);
	r->slot = NULL;
	r->n_slot = 0;
}

int64_t
report_success(const struct report_group *g)
{
	int64_t n = g->n_worked + g->n_blamed;

	return n ? g->n_worked * 10000 / n : REPORT_UNKNOWN;
}

static int
cmp_sample(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return (a > b) - (a < b);
}

static void
sort_samples(struct report_samples *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (s->v[i] < s->v[i - 1]) {
			qsort(s->v, s->n, sizeof(*s->v), cmp_sample);
			return;
		}
}

/* How many samples make up so many percent of n, at least one. */
static size_t
rank(enum report_rank p, size_t n)
{
	static const unsigned percent[REPORT_N_RANKS] = {50, 75, 90, 99};

	return (n * percent[p] + 99) / 100;
}

int64_t
report_ttft_ms(struct report_group *g, enum report_rank p)
{
	struct report_samples *s = &g->ttft;

	sort_samples(s);
	return s->n ? s->v[rank(p, s->n) - 1] : REPORT_UNKNOWN;
}

int64_t
report_speed(struct report_group *g, enum report_rank p)
{
	struct report_samples *s = &g->speed;

	sort_samples(s);
	return s->n ? s->v[s->n - rank(p, s->n)] : REPORT_UNKNOWN;
}
