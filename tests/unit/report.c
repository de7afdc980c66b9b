/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"

#define DAY_MS INT64_C(86400000)
#define DAY 20779 /* 2026-11-22 */

/* A call of one attempt; what a test doesn't care about stays. */
static struct ledger_attempt
attempt(const char *model, const char *provider, const char *endpoint, int64_t cost)
{
	return (struct ledger_attempt){.model = model,
	    .provider = provider,
	    .endpoint = endpoint,
	    .key = "K",
	    .reserved_pusd = PUSD_UNKNOWN,
	    .ttft_ms = 100,
	    .ms = 1100,
	    .prompt = 10,
	    .completion = 20,
	    .cached = -1,
	    .cache_write = -1,
	    .reasoning = 5,
	    .cost_pusd = cost,
	    .source = cost == PUSD_UNKNOWN ? COST_UNKNOWN : COST_REPORTED};
}

static struct ledger_row
call(const struct ledger_attempt *a, size_t n, int status)
{
	const struct ledger_attempt *last = &a[n - 1];
	struct ledger_row r = {.kind = ROW_CALL,
	    .state = CALL_SETTLED,
	    .day = DAY,
	    .call = {.id = "gen-1",
		.tool = "or-chat",
		.tag = "ci-1",
		.session = "s",
		.started_ms = DAY * DAY_MS + 18 * 3600000 + 5,
		.model = last->model,
		.provider = last->provider,
		.endpoint = last->endpoint,
		.key = last->key,
		.status = status},
	    .totals = {.n = 1, .n_errors = status != 0},
	    .attempt = a,
	    .n_attempt = n};

	for (size_t i = 0; i < n; i++) {
		r.totals.prompt += a[i].prompt;
		r.totals.completion += a[i].completion;
		r.totals.reasoning += a[i].reasoning;
		if (a[i].cost_pusd == PUSD_UNKNOWN)
			r.totals.n_unknown = 1;
		else
			r.totals.cost += a[i].cost_pusd;
	}
	return r;
}

/* The groups as text: "value|value n cost unknown errors;" */
static const char *
groups(struct report *r, struct buf *b)
{
	buf_clear(b);
	report_sort(r);
	for (size_t g = 0; g < r->n; g++) {
		for (size_t i = 0; i < r->n_by; i++)
			buf_addf(b, "%s%s", i ? "|" : "", report_value(&r->v[g], i));
		buf_addf(b, " %" PRId64 " ", r->v[g].totals.n);
		price_emit_sum(b, r->v[g].totals.cost);
		buf_addf(b, " %" PRId64 " %" PRId64 ";", r->v[g].totals.n_unknown, r->v[g].totals.n_errors);
	}
	return buf_str(b);
}

static void
by(const char *name, const enum report_field *f, size_t n, const char *select, const struct ledger_row *row,
    size_t n_row, const char *want)
{
	struct report_select s = {.n = 0};
	struct buf b = BUF_INIT;
	struct report r;

	if (*select)
		report_select_add(&s, select, NULL);
	report_init(&r, f, n, &s);
	for (size_t i = 0; i < n_row; i++)
		report_add(&r, &row[i]);
	tap_is_str(groups(&r, &b), want, name);
	report_release(&r);
	buf_release(&b);
}

#define BY(...) \
	(const enum report_field[]){__VA_ARGS__}, sizeof((enum report_field[]){__VA_ARGS__}) / sizeof(enum report_field)

/* A call at p, one that failed at q and was served by p, one of unknown cost, one that failed. */
static void
test_groups(void)
{
	struct ledger_attempt a1 = attempt("a/x", "p", "p:x", 1500000000000),
			      a2[] = {attempt("a/x", "q", "q:x", 1), attempt("a/x", "p", "p:x", 2)},
			      a3 = attempt("b/y", "q", "q:y", PUSD_UNKNOWN), a4 = attempt("b/y", "q", "q:y", 3);

	a2[0].error = a4.error = "temporary";
	a2[0].blamed = 1;
	const struct ledger_row row[] = {call(&a1, 1, 0), call(a2, 2, 0), call(&a3, 1, 0), call(&a4, 1, 75)};

	by("by model", BY(BY_MODEL), "", row, 4, "a/x 2 1.500000000003 0 0;b/y 2 0.000000000003 1 1;");
	by("by endpoint: a fallback is two attempts", BY(BY_ENDPOINT), "", row, 4,
	    "p:x 2 1.500000000002 0 0;q:y 2 0.000000000003 1 1;q:x 1 0.000000000001 0 1;");
	by("several keys", BY(BY_DAY, BY_TAG, BY_TOOL), "", row, 4, "2026-11-22|ci-1|or-chat 4 1.500000000006 1 1;");
	by("hour and session", BY(BY_HOUR, BY_SESSION), "", row, 1, "2026-11-22T18:00Z|s 1 1.5 0 0;");
	by("exit status of calls", BY(BY_STATUS), "", row, 4, "0 3 1.500000000003 1 0;75 1 0.000000000003 0 1;");
	by("and how attempts went", BY(BY_STATUS, BY_PROVIDER), "", row, 4,
	    "0|p 2 1.500000000002 0 0;failed|q 2 0.000000000004 0 2;0|q 1 0 1 0;");
	by("none: totals", NULL, 0, "", row, 4, " 4 1.500000000006 1 1;");
	by("none, without a row", NULL, 0, "", row, 0, " 0 0 0 0;");
	by("a selector", BY(BY_MODEL), "model=a/*", row, 4, "a/x 2 1.500000000003 0 0;");
	by("a selector of attempts counts attempts", NULL, 0, "provider=q", row, 4, " 3 0.000000000004 1 2;");
	by("* goes across slashes", NULL, 0, "model=*x", row, 4, " 2 1.500000000003 0 0;");
	by("the empty pattern is none", NULL, 0, "tag=", row, 4, " 0 0 0 0;");
}

static void
test_order(void)
{
	struct ledger_attempt a = attempt("m", "p", "p:m", 1), b = attempt("a", "p", "p:a", 1),
			      c = attempt("z", "p", "p:z", 5);
	struct ledger_row row[] = {call(&a, 1, 0), call(&b, 1, 0), call(&c, 1, 0)};

	by("by cost, then by key", BY(BY_MODEL), "", row, 3,
	    "z 1 0.000000000005 0 0;a 1 0.000000000001 0 0;m 1 0.000000000001 0 0;");
	row[2].day++;
	by("a day first: by time", BY(BY_DAY, BY_MODEL), "", row, 3,
	    "2026-11-22|a 1 0.000000000001 0 0;2026-11-22|m 1 0.000000000001 0 0;2026-11-23|z 1 0.000000000005 0 0;");
}

static void
test_kinds(void)
{
	struct ledger_attempt a = attempt("m", "p", "p:m", 7);
	struct ledger_row row[] = {call(&a, 1, 0), call(&a, 1, 0), call(&a, 1, 0)};
	struct report r;

	row[0].kind = ROW_DAY_CALLS;
	row[1].kind = ROW_DAY_ATTEMPTS;
	row[0].totals.n = row[1].totals.n = 5;
	row[1].call.error = "failed";
	row[2].state = CALL_OPEN;
	by("a day's calls, where calls are counted", BY(BY_HOUR), "", row, 3, "2026-11-22 5 0.000000000007 0 0;");
	by("a day's attempts, where attempts are", BY(BY_ENDPOINT, BY_STATUS), "", row, 3,
	    "p:m|failed 5 0.000000000007 0 0;");
	report_init(&r, BY(BY_MODEL), NULL);
	report_add(&r, &row[2]);
	tap_ok(r.n == 0 && r.n_open == 1 && r.total.n == 0, "a call that still runs is in no sum");
	report_release(&r);
	row[2].state = CALL_ORPHAN;
	by("an orphan is", BY(BY_MODEL), "", row + 2, 1, "m 1 0.000000000007 0 0;");
}

static void
test_select(void)
{
	struct report_select s = {.n = 0};
	struct err e = {0};
	struct ledger_attempt a[] = {attempt("m", "q", "q:m", 1), attempt("m", "p", "p:m", 1)};
	struct ledger_row row = call(a, 2, 0);

	tap_ok(report_select_add(&s, "nothing", &e) == -1 && e.kind == ERR_USAGE, "no =");
	tap_ok(report_select_add(&s, "colour=red", &e) == -1, "no such field");
	tap_ok(report_select_add(&s, "mode=x", &e) == -1, "half a name");
	tap_ok(report_select_add(&s, "model=x", &e) == 0 && report_select_add(&s, "model=m", &e) == 0,
	    "two for one field");
	tap_ok(report_selects(&s, &row), "are alternatives");
	report_select_add(&s, "tag=ci-*", &e);
	tap_ok(report_selects(&s, &row), "another field has to fit, too");
	report_select_add(&s, "tool=or-embed", &e);
	tap_ok(!report_selects(&s, &row), "and doesn't");
	s.n = 0;
	tap_ok(!report_select_attempts(&s), "no selector is none of attempts");
	report_select_add(&s, "endpoint=q:*", &e);
	tap_ok(report_select_attempts(&s) && report_selects(&s, &row), "one of its attempts was there");
	s.n = 0;
	while (report_select_add(&s, "tag=x", &e) == 0)
		;
	tap_ok(s.n == REPORT_MAX_GLOBS, "there is an end to them");
}

/* n attempts that take 1, 2, ... n ms to the first token, and make 1, 2, ... tokens a second. */
static void
test_ranks(void)
{
	struct report r;

	report_init(&r, BY(BY_ENDPOINT), NULL);
	for (int i = 1; i <= 200; i++) {
		struct ledger_attempt a = attempt("m", "p", "p:m", 1);
		a.ttft_ms = (i * 37) % 200 + 1;
		a.ms = a.ttft_ms + 1000;
		a.completion = (i * 37) % 200 + 1;
		struct ledger_row row = call(&a, 1, 0);
		report_add(&r, &row);
	}
	struct report_group *g = &r.v[0];
	tap_is_int(report_ttft_ms(g, RANK_P50), 100, "ttft: half took at most that");
	tap_is_int(report_ttft_ms(g, RANK_P75), 150, "p75");
	tap_is_int(report_ttft_ms(g, RANK_P90), 180, "p90");
	tap_is_int(report_ttft_ms(g, RANK_P99), 198, "p99");
	tap_is_int(report_speed(g, RANK_P50), 10100, "tokens a second: half had at least that");
	tap_is_int(report_speed(g, RANK_P90), 2100, "90 percent had at least that");
	tap_is_int(report_speed(g, RANK_P99), 300, "and 99");
	report_release(&r);
}

/* Of three, 75 percent are all three, and half are two. */
static void
test_few(void)
{
	struct report r;

	report_init(&r, BY(BY_ENDPOINT), NULL);
	for (int i = 3; i > 0; i--) {
		struct ledger_attempt a = attempt("m", "p", "p:m", 1);
		a.ttft_ms = 10 * i;
		struct ledger_row row = call(&a, 1, 0);
		report_add(&r, &row);
	}
	tap_is_int(report_ttft_ms(&r.v[0], RANK_P50), 20, "the second of three");
	tap_is_int(report_ttft_ms(&r.v[0], RANK_P75), 30, "the third of three");
	report_release(&r);
}

static void
speed_of(const char *name, int64_t completion, int64_t ttft_ms, int64_t ms, int64_t want)
{
	struct ledger_attempt a = attempt("m", "p", "p:m", 1);
	struct report r;

	a.completion = completion;
	a.ttft_ms = ttft_ms;
	a.ms = ms;
	struct ledger_row row = call(&a, 1, 0);
	report_init(&r, BY(BY_ENDPOINT), NULL);
	report_add(&r, &row);
	tap_is_int(report_speed(&r.v[0], RANK_P50), want, name);
	report_release(&r);
}

static void
test_success(void)
{
	struct ledger_attempt a = attempt("m", "p", "p:m", 1);
	struct ledger_row row = call(&a, 1, 0);
	struct report r;

	speed_of("after the first token", 20, 100, 1100, 2000);
	speed_of("no first token: all of the time", 20, -1, 1000, 2000);
	speed_of("nothing after it: all of the time", 20, 1000, 1000, 2000);
	speed_of("rounded to hundredths", 1, -1, 3000, 33);
	speed_of("no time: unknown", 20, -1, -1, REPORT_UNKNOWN);
	speed_of("no tokens: unknown", -1, 1, 1000, REPORT_UNKNOWN);

	report_init(&r, BY(BY_PROVIDER), NULL);
	a.error = "auth";
	report_add(&r, &row);
	tap_is_int(report_success(&r.v[0]), REPORT_UNKNOWN, "a failure that isn't the endpoint's says nothing");
	tap_is_int(report_ttft_ms(&r.v[0], RANK_P50), REPORT_UNKNOWN, "nor do its times");
	a.blamed = 1;
	report_add(&r, &row);
	a.error = NULL;
	report_add(&r, &row);
	report_add(&r, &row);
	tap_is_int(report_success(&r.v[0]), 6666, "two of three, rounded down");
	report_release(&r);
}

/* More groups than the first table has room for, and money that 64 bits don't hold. */
static void
test_many(void)
{
	struct report r;
	struct buf b = BUF_INIT;
	char model[16];
	int64_t sum = 0;

	report_init(&r, BY(BY_MODEL), NULL);
	for (int i = 0; i < 30000; i++) {
		snprintf(model, sizeof(model), "m%d", i % 10000);
		struct ledger_attempt a = attempt(model, "p", "p:m", INT64_MAX);
		struct ledger_row row = call(&a, 1, 0);
		report_add(&r, &row);
		if (i == 15000)
			report_sort(&r);
	}
	for (size_t i = 0; i < r.n; i++)
		sum += r.v[i].totals.n;
	tap_ok(r.n == 10000 && sum == 30000, "ten thousand groups, each once, sorted in between");
	price_emit_sum(&b, r.total.cost);
	tap_is_str(b.p, "276701161105.64327421", "a sum of more than 64 bits");
	report_release(&r);
	buf_release(&b);
}

int
main(void)
{
	test_groups();
	test_order();
	test_kinds();
	test_select();
	test_ranks();
	test_few();
	test_success();
	test_many();
	return tap_done();
}
