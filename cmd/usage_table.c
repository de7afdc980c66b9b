/* SPDX-License-Identifier: ISC */
/* A row a group, as TSV and as a table for people. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "conf.h"
#include "str.h"
#include "usage.h"

#define BAR 16 /* columns of the longest bar */
#define N_TIMES (1 + 2 * REPORT_N_RANKS)

const struct usage_sum usage_sums[USAGE_N_SUMS] = {
    {"calls", {"CALLS", 1}, offsetof(struct ledger_totals, n), 1, 0},
    {"prompt", {"PROMPT", 1}, offsetof(struct ledger_totals, prompt), 1, 1},
    {"completion", {"COMPLETION", 1}, offsetof(struct ledger_totals, completion), 1, 1},
    {"cached", {"CACHED", 1}, offsetof(struct ledger_totals, cached), 0, 1},
    {"reasoning", {"REASONING", 1}, offsetof(struct ledger_totals, reasoning), 0, 1},
    {"cost", {"COST $", 1}, 0, 1, 0},
    {"unknown", {"UNKNOWN", 1}, offsetof(struct ledger_totals, n_unknown), 0, 0},
    {"errors", {"ERRORS", 1}, offsetof(struct ledger_totals, n_errors), 1, 0},
};

static const struct table_col times[N_TIMES] = {{"OK %", 1}, {"TTFT P50", 1}, {"P75", 1}, {"P90", 1}, {"P99 ms", 1},
    {"TOK/S P50", 1}, {"P75", 1}, {"P90", 1}, {"P99", 1}};

static const struct table_col keys[REPORT_N_FIELDS] = {
    [BY_MODEL] = {"MODEL", 0},
    [BY_PROVIDER] = {"PROVIDER", 0},
    [BY_ENDPOINT] = {"ENDPOINT", 0},
    [BY_DAY] = {"DAY", 0},
    [BY_HOUR] = {"HOUR", 0},
    [BY_TAG] = {"TAG", 0},
    [BY_KEY] = {"KEY", 0},
    [BY_STATUS] = {"STATUS", 1},
    [BY_SESSION] = {"SESSION", 0},
    [BY_TOOL] = {"TOOL", 0},
};

int64_t
usage_count(const struct ledger_totals *t, size_t i)
{
	int64_t n;

	memcpy(&n, (const char *)t + usage_sums[i].at, sizeof(n));
	return n;
}

int
usage_timed(const struct report *r)
{
	return report_has(r, BY_PROVIDER) || report_has(r, BY_ENDPOINT);
}

void
usage_hundredths(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_addc(b, '-');
	else if (v % 100 == 0)
		buf_addf(b, "%" PRId64, v / 100);
	else if (v % 10 == 0)
		buf_addf(b, "%" PRId64 ".%" PRId64, v / 100, v % 100 / 10);
	else
		buf_addf(b, "%" PRId64 ".%02" PRId64, v / 100, v % 100);
}

static void
add_int(struct table *t, int64_t v)
{
	struct buf b = BUF_INIT;

	if (v >= 0)
		buf_addf(&b, "%" PRId64, v);
	table_add(t, buf_str(&b), b.len);
	buf_release(&b);
}

static void
add_cost(struct table *t, pusd_sum_t cost)
{
	struct buf b = BUF_INIT;

	price_emit_sum(&b, cost);
	table_add(t, b.p, b.len);
	buf_release(&b);
}

static void
add_hundredths(struct table *t, int64_t v)
{
	struct buf b = BUF_INIT;

	usage_hundredths(&b, v);
	table_add(t, b.p, b.len);
	buf_release(&b);
}

static void
add_times(struct table *t, struct report_group *g)
{
	add_hundredths(t, report_success(g));
	for (enum report_rank p = 0; p < REPORT_N_RANKS; p++)
		add_int(t, report_ttft_ms(g, p));
	for (enum report_rank p = 0; p < REPORT_N_RANKS; p++)
		add_hundredths(t, report_speed(g, p));
}

static size_t
key_columns(struct usage_table *t, const struct report *r)
{
	for (size_t i = 0; i < r->n_by; i++)
		t->col[i] = keys[r->by[i]];
	return r->n_by;
}

static struct table_col
sum_column(const struct report *r, size_t i)
{
	return i == 0 && r->attempts ? (struct table_col){"ATTEMPTS", 1} : usage_sums[i].col;
}

void
usage_fill(struct usage_table *t, struct report *r, int clean)
{
	size_t n = key_columns(t, r);

	for (size_t i = 0; i < USAGE_N_SUMS; i++)
		t->col[n++] = sum_column(r, i);
	if (usage_timed(r)) {
		memcpy(t->col + n, times, sizeof(times));
		n += N_TIMES;
	}
	table_init(&t->t, t->col, n, clean);
	for (size_t g = 0; g < r->n; g++) {
		for (size_t i = 0; i < r->n_by; i++)
			table_adds(&t->t, report_value(&r->v[g], i));
		for (size_t i = 0; i < USAGE_N_SUMS; i++)
			if (i == USAGE_COST)
				add_cost(&t->t, r->v[g].totals.cost);
			else
				add_int(&t->t, usage_count(&r->v[g].totals, i));
		if (usage_timed(r))
			add_times(&t->t, &r->v[g]);
	}
}

/* ── on a terminal ── */

/* Tokens are read at a glance, and money is exact. */
static void
add_sum(struct table *t, const struct ledger_totals *sum, size_t i)
{
	struct buf b = BUF_INIT;

	if (i == USAGE_COST)
		price_emit_sum(&b, sum->cost);
	else if (usage_sums[i].tokens)
		str_human(&b, (uint64_t)usage_count(sum, i));
	else
		buf_addf(&b, "%" PRId64, usage_count(sum, i));
	table_add(t, b.p, b.len);
	buf_release(&b);
}

/* What was spent, as a part of the dearest row. Something is more than nothing. */
static void
add_bar(struct table *t, pusd_sum_t cost, pusd_sum_t most)
{
	const char *term = conf_env("TERM");
	const char *block = term && strcmp(term, "dumb") != 0 ? "\342\226\210" : "#";
	pusd_sum_t n = most > 0 ? (cost * BAR + most / 2) / most : 0;
	struct buf b = BUF_INIT;

	for (n += cost > 0 && n == 0; n > 0; n--)
		buf_adds(&b, block);
	table_add(t, b.len ? b.p : " ", b.len ? b.len : 1);
	buf_release(&b);
}

static void
terminal_row(struct table *t, const struct report *r, const struct ledger_totals *sum)
{
	for (size_t i = 0; i < USAGE_N_SUMS; i++)
		if (usage_sums[i].always || usage_count(&r->total, i))
			add_sum(t, sum, i);
}

static void
total_row(struct table *t, const struct report *r)
{
	for (size_t i = 0; i < r->n_by; i++)
		table_adds(t, i ? " " : "total");
	terminal_row(t, r, &r->total);
	for (size_t i = 0; usage_timed(r) && i < N_TIMES; i++)
		table_adds(t, " ");
	table_adds(t, " ");
}

void
usage_fill_terminal(struct usage_table *t, struct report *r)
{
	size_t n = key_columns(t, r);
	pusd_sum_t most = 0;

	for (size_t i = 0; i < USAGE_N_SUMS; i++)
		if (usage_sums[i].always || usage_count(&r->total, i))
			t->col[n++] = sum_column(r, i);
	if (usage_timed(r)) {
		memcpy(t->col + n, times, sizeof(times));
		n += N_TIMES;
	}
	t->col[n++] = (struct table_col){"SPEND", 0};
	table_init(&t->t, t->col, n, 1);
	for (size_t g = 0; g < r->n; g++)
		most = r->v[g].totals.cost > most ? r->v[g].totals.cost : most;
	for (size_t g = 0; g < r->n; g++) {
		for (size_t i = 0; i < r->n_by; i++)
			table_adds(&t->t, report_value(&r->v[g], i));
		terminal_row(&t->t, r, &r->v[g].totals);
		if (usage_timed(r))
			add_times(&t->t, &r->v[g]);
		add_bar(&t->t, r->v[g].totals.cost, most);
	}
	if (r->n_by)
		total_row(&t->t, r);
}
