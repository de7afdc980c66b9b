/* SPDX-License-Identifier: ISC */
/* -F html: the reports that the page shows, and in which order. */
#include "usage_page.h"

#include <inttypes.h>

#include "ledger.h"
#include "page.h"
#include "str.h"
#include "tm.h"
#include "usage.h"

/* What is read in the one pass over the ledger, beside what was asked for. */
enum { MAIN, STEP, STEP_MODEL, MODEL, ENDPOINT, STATUS, ENDPOINT_STATUS, N_REPORTS };

static void
add_minute(struct buf *b, int64_t ms)
{
	struct buf iso = BUF_INIT;

	tm_iso(&iso, ms / 1000);
	if (iso.len > 16)
		buf_addf(b, "%.10s %.5s", iso.p, iso.p + 11);
	buf_release(&iso);
}

static void
open_page(struct usage *u)
{
	struct buf lead = BUF_INIT;

	add_minute(&lead, u->a.range.from_ms);
	buf_adds(&lead, " to ");
	add_minute(&lead, usage_until_ms(u));
	buf_adds(&lead, " UTC");
	for (size_t i = 0; i < u->a.select.n; i++)
		buf_addf(&lead, "%s%s=%s", i ? ", " : " \302\267 ", report_field_name(u->a.select.glob[i].field),
		    u->a.select.glob[i].pattern);
	page_open(&u->text, "What was used, and what it cost", buf_str(&lead));
	buf_release(&lead);
}

static void
figure(struct usage *u, const char *label, int64_t n)
{
	struct buf b = BUF_INIT;

	str_human(&b, (uint64_t)n);
	page_figure(&u->text, label, b.p);
	buf_release(&b);
}

static void
figures(struct usage *u, const struct report *r)
{
	struct buf spent = BUF_INIT;

	buf_addc(&spent, '$');
	price_emit_sum(&spent, r->total.cost);
	page_open_figures(&u->text);
	page_figure(&u->text, "spent", spent.p);
	if (r->total.n_unknown)
		figure(u, "of unknown cost", r->total.n_unknown);
	figure(u, r->attempts ? "attempts" : "calls", r->total.n);
	figure(u, "prompt tokens", r->total.prompt);
	figure(u, "completion tokens", r->total.completion);
	figure(u, "errors", r->total.n_errors);
	page_close_figures(&u->text);
	buf_release(&spent);
}

static void
add_table(struct usage *u, struct report *r, const char *caption, int folded)
{
	struct usage_table t;

	usage_fill(&t, r, 1);
	page_table(&u->text, &t.t, r->n_by, caption, folded);
	table_release(&t.t);
}

static void
main_section(struct usage *u, struct report *r)
{
	struct buf by = BUF_INIT;

	for (size_t i = 0; i < r->n_by; i++)
		buf_addf(&by, "%s%s", i ? ", " : "By ", report_field_name(r->by[i]));
	if (!r->n_by)
		buf_adds(&by, "Totals");
	page_section(&u->text, by.p,
	    r->attempts
		? "Attempts are counted: a call that fell back is one where it failed, and one where it was served."
		: "");
	if (r->n)
		add_table(u, r, by.p, 0);
	else
		page_text(&u->text, "No call was made.");
	page_end_section(&u->text);
	buf_release(&by);
}

static void
endpoint_section(struct usage *u, struct report *r)
{
	struct buf *b = &u->text;

	page_section(b, "Endpoints", "");
	page_part(b, "Time to the first token",
	    "A box from the median to what 90 % stayed under, a line on to 99 %. The number is the median.");
	plot_ttft(b, &r[ENDPOINT]);
	page_part(b, "Tokens a second",
	    "A box from the median down to what 90 % reached, a line on to 99 %. The number is the median.");
	plot_speed(b, &r[ENDPOINT]);
	add_table(u, &r[ENDPOINT], "By endpoint", 1);
	page_end_section(b);
}

static void
error_section(struct usage *u, struct report *r)
{
	struct buf *b = &u->text;

	page_section(b, "Errors", "");
	page_part(b, r[STATUS].attempts ? "Attempts that failed" : "Calls by exit status", "");
	plot_statuses(b, &r[STATUS]);
	add_table(u, &r[STATUS], "By status", 1);
	page_part(b, "Failed attempts by endpoint", "");
	plot_failures(b, &r[ENDPOINT]);
	add_table(u, &r[ENDPOINT_STATUS], "By endpoint and status", 1);
	page_end_section(b);
}

static void
sections(struct usage *u, struct report *r, const struct axis *a)
{
	struct buf *b = &u->text;
	int hours = a->step_ms < USAGE_DAY_MS;

	main_section(u, &r[MAIN]);
	page_section(b, hours ? "Spend per hour" : "Spend per day", a->cut ? "The plot shows the last 366 days." : "");
	plot_spend(b, a, &r[STEP_MODEL], &r[MODEL]);
	add_table(u, &r[STEP_MODEL], hours ? "By hour and model" : "By day and model", 1);
	page_end_section(b);
	page_section(b, hours ? "Tokens per hour" : "Tokens per day", "");
	plot_tokens(b, a, &r[STEP]);
	add_table(u, &r[STEP], hours ? "By hour" : "By day", 1);
	page_end_section(b);
	endpoint_section(u, r);
	error_section(u, r);
}

int
usage_page(struct usage *u, struct report *total, struct err *e)
{
	int64_t until_ms = usage_until_ms(u) < u->now_ms ? usage_until_ms(u) : u->now_ms;
	enum report_field step = axis_hours(&u->a.range, until_ms) ? BY_HOUR : BY_DAY;
	struct report r[N_REPORTS];
	struct axis a;

	r[MAIN] = *total;
	report_init(&r[STEP], &step, 1, &u->a.select);
	report_init(&r[STEP_MODEL], (enum report_field[]){step, BY_MODEL}, 2, &u->a.select);
	report_init(&r[MODEL], (enum report_field[]){BY_MODEL}, 1, &u->a.select);
	report_init(&r[ENDPOINT], (enum report_field[]){BY_ENDPOINT}, 1, &u->a.select);
	report_init(&r[STATUS], (enum report_field[]){BY_STATUS}, 1, &u->a.select);
	report_init(&r[ENDPOINT_STATUS], (enum report_field[]){BY_ENDPOINT, BY_STATUS}, 2, &u->a.select);
	int bad = usage_scan(u, r, N_REPORTS, NULL, e);
	for (size_t i = 0; i < N_REPORTS; i++)
		report_sort(&r[i]);
	if (bad == 0) {
		axis_init(&a, &u->a.range, until_ms, &r[STEP]);
		open_page(u);
		figures(u, &r[MAIN]);
		sections(u, r, &a);
		page_close(&u->text, "Written by or-usage. Costs are exact; one that isn't known is in no sum.");
		axis_release(&a);
	}
	*total = r[MAIN];
	for (size_t i = MAIN + 1; i < N_REPORTS; i++)
		report_release(&r[i]);
	return bad;
}
