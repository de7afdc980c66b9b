/* SPDX-License-Identifier: ISC */
#include "budget.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "price.h"
#include "tap.h"
#include "tm.h"

#define DAY_MS INT64_C(86400000)
#define USD INT64_C(1000000000000)

static int
parse(struct budget *b, const char *text, struct err *e)
{
	char line[200];

	memset(e, 0, sizeof(*e));
	snprintf(line, sizeof(line), "%s", text);
	return budget_parse(b, line, e);
}

static void
test_parse(void)
{
	struct budget b;
	struct err e;

	tap_is_int(parse(&b, "month tag=ci-* provider=openai\t5 ceiling=0.25", &e), 0, "a budget is parsed");
	tap_is_int(b.period, BUDGET_MONTH, "its period");
	tap_is_str(budget_period(b.period), "month", "by name");
	tap_is_str(b.tag, "ci-*", "its tag");
	tap_is_str(b.provider, "openai", "its provider");
	tap_ok(!b.model && !b.key, "what isn't said is any");
	tap_is_int(b.limit_pusd, 5 * USD, "its sum");
	tap_is_int(b.ceiling_pusd, USD / 4, "its ceiling");
	tap_is_str(b.line, "month tag=ci-* provider=openai\t5 ceiling=0.25", "its line, as it was written");
	budget_release(&b);
	tap_ok(!b.line && !b.tag, "it is released");
	tap_is_int(parse(&b, "day 0", &e), 0, "none at all is a budget, too");
	tap_is_int(b.ceiling_pusd, PUSD_UNKNOWN, "without a ceiling");
	budget_release(&b);
}

static void
test_bad(void)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
	    {"", "a budget is: day|week|month [tag=|model=|provider=|key=PATTERN] USD [ceiling=USD]"},
	    {"year 5", "a budget begins with day, week or month, not year"},
	    {"5", "a budget begins with day, week or month, not 5"},
	    {"day", "a budget is: day|week|month [tag=|model=|provider=|key=PATTERN] USD [ceiling=USD]"},
	    {"day tag=a", "a budget is: day|week|month [tag=|model=|provider=|key=PATTERN] USD [ceiling=USD]"},
	    {"day five", "five is no sum of dollars"},
	    {"day -1", "-1 is no sum of dollars"},
	    {"day $5", "$5 is no sum of dollars"},
	    {"day 5 6", "a budget has one sum, not 6 too"},
	    {"day 5 ceiling=", " is no sum of dollars"},
	    {"day 5 ceiling=1 ceiling=2", "ceiling= is given twice"},
	    {"ever 5", "a budget begins with day, week or month, not ever"},
	    {"day tag=a tag=b 5", "tag= is given twice"},
	    {"day user=a 5", "a budget selects by tag=, model=, provider= or key=, not user=a"},
	};
	struct budget b;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tap_is_int(parse(&b, bad[i].line, &e), -1, "refused");
		tap_is_str(e.msg, bad[i].says, bad[i].line);
		tap_is_int(e.kind, ERR_CONFIG, "as a bad table");
	}
}

static int
matches(const char *line, const char *tag, const char *model, const char *provider, const char *key)
{
	const struct budget_call c = {tag, model, provider, key, 0};
	struct budget b;
	struct err e;

	if (parse(&b, line, &e))
		return -1;
	int r = budget_matches(&b, &c);
	budget_release(&b);
	return r;
}

static void
test_matches(void)
{
	tap_is_int(matches("day 1", NULL, NULL, NULL, NULL), 1, "a budget without patterns is everybody's");
	tap_is_int(matches("day tag=ci-* 1", "ci-7", "m", "p", "k"), 1, "a tag that fits");
	tap_is_int(matches("day tag=ci-* 1", "notes", "m", "p", "k"), 0, "a tag that doesn't");
	tap_is_int(matches("day tag=* 1", NULL, "m", "p", "k"), 1, "a call without a tag has \"\"");
	tap_is_int(matches("day tag=?* 1", NULL, "m", "p", "k"), 0, "which isn't one character");
	tap_is_int(matches("day tag= 1", NULL, "m", "p", "k"), 1, "and is named by an empty pattern");
	tap_is_int(matches("day model=openai/* key=WORK_* 1", "t", "openai/gpt-4o", "p", "WORK_KEY"), 1,
	    "two patterns that fit");
	const struct budget of_key = {.period = BUDGET_EVER, .client_id = 7};
	tap_is_int(budget_matches(&of_key, &(struct budget_call){.tag = "t", .client_id = 7}), 1, "a key's own limit");
	tap_is_int(
	    budget_matches(&of_key, &(struct budget_call){.tag = "t", .client_id = 8}), 0, "isn't another key's");
	tap_is_int(budget_matches(&of_key, &(struct budget_call){.tag = "t"}), 0, "nor that of calls without one");
	tap_is_int(
	    matches("day model=openai/* key=WORK_* 1", "t", "openai/gpt-4o", "p", "HOME_KEY"), 0, "one that doesn't");
	tap_is_int(matches("day model=* 1", "t", "openai/gpt-4o", "p", "k"), 1, "a star takes a slash");
}

static int64_t
day(const char *date)
{
	char text[64];

	snprintf(text, sizeof(text), "Sun, %s 00:00:00 GMT", date);
	return tm_http_date(text) * 1000 / DAY_MS;
}

static void
is_period(enum budget_period p, const char *now, const char *first, const char *behind)
{
	int64_t ms = day(now) * DAY_MS;

	tap_is_int(budget_start_day(p, ms), day(first), now);
	tap_is_int(budget_end_day(p, ms + DAY_MS - 1), day(behind), "and its end");
}

static void
test_periods(void)
{
	is_period(BUDGET_DAY, "22 Nov 2026", "22 Nov 2026", "23 Nov 2026");
	is_period(BUDGET_WEEK, "22 Nov 2026", "16 Nov 2026", "23 Nov 2026"); /* a Sunday */
	is_period(BUDGET_WEEK, "23 Nov 2026", "23 Nov 2026", "30 Nov 2026");
	is_period(BUDGET_WEEK, "01 Jan 2027", "28 Dec 2026", "04 Jan 2027");
	is_period(BUDGET_MONTH, "01 Nov 2026", "01 Nov 2026", "01 Dec 2026");
	is_period(BUDGET_MONTH, "30 Nov 2026", "01 Nov 2026", "01 Dec 2026");
	is_period(BUDGET_MONTH, "31 Dec 2026", "01 Dec 2026", "01 Jan 2027");
	is_period(BUDGET_MONTH, "31 Jan 2027", "01 Jan 2027", "01 Feb 2027");
	is_period(BUDGET_MONTH, "28 Feb 2027", "01 Feb 2027", "01 Mar 2027");
	is_period(BUDGET_MONTH, "29 Feb 2028", "01 Feb 2028", "01 Mar 2028");
	is_period(BUDGET_MONTH, "01 Mar 2028", "01 Mar 2028", "01 Apr 2028");
	is_period(BUDGET_MONTH, "29 Feb 2000", "01 Feb 2000", "01 Mar 2000");
	is_period(BUDGET_MONTH, "28 Feb 2100", "01 Feb 2100", "01 Mar 2100");
	tap_is_int(budget_start_day(BUDGET_EVER, day("22 Nov 2026") * DAY_MS), 0, "ever is from the first day");
	tap_ok(budget_end_day(BUDGET_EVER, day("22 Nov 2026") * DAY_MS) > day("31 Dec 9999"), "to no last one");
	tap_is_str(budget_period(BUDGET_EVER), "ever", "and has a word");
	tap_is_int(budget_start_day(BUDGET_WEEK, 0), -3, "1970 began on a Thursday");
	tap_is_int(budget_start_day(BUDGET_MONTH, -1), -31, "before it was December");
}

/* Each day of two hundred years: a month begins where the day before belonged to another. */
static void
test_months(void)
{
	int64_t last = 0, bad = 0, n = 0;

	for (int64_t d = 0; d < 200 * 365; d++) {
		int64_t start = budget_start_day(BUDGET_MONTH, d * DAY_MS);
		bad += start > d || d - start > 30 || (start != last && start != d);
		bad += budget_end_day(BUDGET_MONTH, d * DAY_MS) <= d;
		n += start != last;
		last = start;
	}
	tap_is_int(bad, 0, "months follow each other");
	tap_is_int(n, 2398, "all of them");
}

int
main(void)
{
	test_parse();
	test_bad();
	test_matches();
	test_periods();
	test_months();
	return tap_done();
}
