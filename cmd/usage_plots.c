/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "page.h"
#include "report.h"
#include "usage_page.h"

#define MAX_ROWS 20 /* bars and ranges */

static const char *
named(const char *s)
{
	return *s ? s : "none";
}

/* ── columns ── */

struct series {
	struct page_series s[PAGE_COLOURS];
	pusd_sum_t *v[PAGE_COLOURS];
	size_t n;
};

static void
add_series(struct series *all, const char *name, size_t colour, size_t n)
{
	all->v[all->n] = xcalloc(n ? n : 1, sizeof(*all->v[0]));
	all->s[all->n] = (struct page_series){name, colour, all->v[all->n]};
	all->n++;
}

static void
release_series(struct series *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i]);
}

/* The dearest models have a colour each, and the rest share the last. */
static void
model_series(struct series *all, const struct report *by_model, size_t n)
{
	size_t paid = 0;

	while (paid < by_model->n && by_model->v[paid].totals.cost > 0)
		paid++;
	size_t own = paid > PAGE_COLOURS ? PAGE_COLOURS - 1 : paid;
	for (size_t i = 0; i < own; i++)
		add_series(all, named(report_value(&by_model->v[i], 0)), i, n);
	if (own < paid)
		add_series(all, "all others", PAGE_COLOURS - 1, n);
}

void
plot_spend(struct buf *b, const struct axis *a, const struct report *by_step_model, const struct report *by_model)
{
	struct series all = {.n = 0};

	model_series(&all, by_model, a->n);
	for (size_t i = 0; i < by_step_model->n; i++) {
		const struct report_group *g = &by_step_model->v[i];
		int64_t at = axis_step(a, g);
		size_t s = 0;
		if (at < 0 || g->totals.cost <= 0)
			continue;
		while (s + 1 < all.n && strcmp(all.s[s].name, named(report_value(g, 1))) != 0)
			s++;
		all.v[s][at] += g->totals.cost;
	}
	if (all.n)
		page_columns(b,
		    &(struct page_plot){"spend", "Spend over time",
			"Columns of dollars spent, stacked by model. The table below has the numbers.", PAGE_USD,
			(const char *const *)a->label, a->n, all.s, all.n});
	else
		page_text(b, "Nothing was spent.");
	release_series(&all);
}

static pusd_sum_t
rest(int64_t whole, int64_t part)
{
	return whole > part ? whole - part : 0;
}

void
plot_tokens(struct buf *b, const struct axis *a, const struct report *by_step)
{
	static const char *const names[] = {"prompt", "prompt, cached", "completion", "completion, reasoning"};
	static const size_t colours[] = {0, 6, 1, 5};
	struct series all = {.n = 0};
	pusd_sum_t any = 0;

	for (size_t s = 0; s < 4; s++)
		add_series(&all, names[s], colours[s], a->n);
	for (size_t i = 0; i < by_step->n; i++) {
		const struct ledger_totals *t = &by_step->v[i].totals;
		int64_t at = axis_step(a, &by_step->v[i]);
		if (at < 0)
			continue;
		all.v[0][at] += rest(t->prompt, t->cached);
		all.v[1][at] += t->cached;
		all.v[2][at] += rest(t->completion, t->reasoning);
		all.v[3][at] += t->reasoning;
		any += t->prompt + t->completion;
	}
	if (any)
		page_columns(b,
		    &(struct page_plot){"tokens", "Tokens over time",
			"Columns of tokens: prompt, cached prompt, completion and reasoning. The table below has the numbers.",
			PAGE_COUNT, (const char *const *)a->label, a->n, all.s, all.n});
	else
		page_text(b, "No tokens were used.");
	release_series(&all);
}

/* ── rows ── */

struct rows {
	const char *label[MAX_ROWS];
	pusd_sum_t v[REPORT_N_RANKS][MAX_ROWS];
	size_t n;
};

typedef int64_t (*rank_fn)(struct report_group *g, enum report_rank p);

static void
ranges(struct buf *b, struct report *by_endpoint, rank_fn rank, struct page_plot p)
{
	static const char *const names[REPORT_N_RANKS] = {"p50", "p75", "p90", "p99"};
	struct page_series s[REPORT_N_RANKS];
	struct rows r = {.n = 0};

	for (size_t i = 0; i < by_endpoint->n && r.n < MAX_ROWS; i++) {
		struct report_group *g = &by_endpoint->v[i];
		if (rank(g, RANK_P50) == REPORT_UNKNOWN)
			continue;
		r.label[r.n] = named(report_value(g, 0));
		for (enum report_rank k = 0; k < REPORT_N_RANKS; k++)
			r.v[k][r.n] = rank(g, k);
		r.n++;
	}
	for (enum report_rank k = 0; k < REPORT_N_RANKS; k++)
		s[k] = (struct page_series){names[k], 0, r.v[k]};
	p.label = r.label;
	p.n = r.n;
	p.series = s;
	p.n_series = REPORT_N_RANKS;
	if (r.n)
		page_ranges(b, &p);
	else
		page_text(b, "No attempt told.");
}

void
plot_ttft(struct buf *b, struct report *by_endpoint)
{
	ranges(b, by_endpoint, report_ttft_ms,
	    (struct page_plot){.name = "ttft",
		.title = "Time to the first token",
		.desc = "A row an endpoint, from the median to the 99th percentile. The table below has the numbers.",
		.unit = PAGE_MS});
}

void
plot_speed(struct buf *b, struct report *by_endpoint)
{
	ranges(b, by_endpoint, report_speed,
	    (struct page_plot){.name = "speed",
		.title = "Tokens a second",
		.desc =
		    "A row an endpoint: what half, and what 99 percent of the attempts had at least. The table below has the numbers.",
		.unit = PAGE_SPEED});
}

/* What a status says, in a word or two. */
static const char *
meaning(const char *status)
{
	static const struct {
		const char *status, *word;
	} words[] = {{"1", "1 no"}, {"3", "3 truncated"}, {"4", "4 refused"}, {"5", "5 does not fit the schema"},
	    {"6", "6 money"}, {"7", "7 not recorded"}, {"64", "64 usage"}, {"65", "65 bad input"},
	    {"66", "66 no input"}, {"69", "69 unreachable"}, {"70", "70 our fault"}, {"71", "71 the system's fault"},
	    {"73", "73 can't create output"}, {"74", "74 input or output"}, {"75", "75 temporary"},
	    {"76", "76 protocol"}, {"77", "77 key rejected"}, {"78", "78 configuration"}, {"130", "130 interrupted"},
	    {"141", "141 reader gone"}, {"143", "143 terminated"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].status, status) == 0)
			return words[i].word;
	return named(status);
}

static int
cmp_errors(const void *x, const void *y)
{
	const struct report_group *const *a = x, *const *b = y;

	return ((*a)->totals.n_errors < (*b)->totals.n_errors) - ((*a)->totals.n_errors > (*b)->totals.n_errors);
}

/* The groups with most errors, at most MAX_ROWS; owned by the caller. */
static const struct report_group **
worst(const struct report *r, size_t *n)
{
	const struct report_group **g = xcalloc(r->n ? r->n : 1, sizeof(*g));

	*n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].totals.n_errors)
			g[(*n)++] = &r->v[i];
	qsort(g, *n, sizeof(*g), cmp_errors);
	*n = *n > MAX_ROWS ? MAX_ROWS : *n;
	return g;
}

void
plot_statuses(struct buf *b, const struct report *by_status)
{
	struct rows r = {.n = 0};
	size_t n;
	const struct report_group **g = worst(by_status, &n);

	for (; r.n < n; r.n++) {
		r.label[r.n] = meaning(report_value(g[r.n], 0));
		r.v[0][r.n] = g[r.n]->totals.n_errors;
	}
	if (n)
		page_bars(b,
		    &(struct page_plot){"statuses", "Errors by status", "A bar a status: how many ended with it.",
			PAGE_COUNT, r.label, r.n, &(struct page_series){"errors", 4, r.v[0]}, 1});
	else
		page_text(b, "No call failed.");
	free(g);
}

void
plot_failures(struct buf *b, const struct report *by_endpoint)
{
	struct rows r = {.n = 0};
	size_t n;
	const struct report_group **g = worst(by_endpoint, &n);
	struct page_series s[] = {{"the endpoint's fault", 4, r.v[0]}, {"other failures", PAGE_COLOURS - 1, r.v[1]}};

	for (; r.n < n; r.n++) {
		r.label[r.n] = named(report_value(g[r.n], 0));
		r.v[0][r.n] = g[r.n]->n_blamed;
		r.v[1][r.n] = rest(g[r.n]->totals.n_errors, g[r.n]->n_blamed);
	}
	if (n)
		page_bars(b,
		    &(struct page_plot){"failures", "Failed attempts by endpoint",
			"A bar an endpoint: failures that count against it, and others.", PAGE_COUNT, r.label, r.n, s,
			2});
	else
		page_text(b, "No attempt failed.");
	free(g);
}
