/* SPDX-License-Identifier: ISC */
#include "budget.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "price.h"

#define DAY_MS INT64_C(86400000)
#define DAYS_OF_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from March 1 of the year 0 */
#define MONDAY 3            /* 1970 began on a Thursday */
#define BLANKS " \t"

static const char *const periods[] = {
    [BUDGET_DAY] = "day", [BUDGET_WEEK] = "week", [BUDGET_MONTH] = "month", [BUDGET_EVER] = "ever"};

const char *
budget_period(enum budget_period p)
{
	return periods[p];
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Day of the month, from 0. Years begin in March here, so that the odd month is the last: H. Hinnant, chrono-compatible low-level date
 * algorithms. */
static int64_t
day_of_month(int64_t day)
{
	int64_t of_era = day + DAYS_TO_1970 - floor_div(day + DAYS_TO_1970, DAYS_OF_400_YEARS) * DAYS_OF_400_YEARS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return of_year - (153 * month + 2) / 5;
}

static int64_t
start_of(enum budget_period p, int64_t day)
{
	switch (p) {
	case BUDGET_WEEK:
		return floor_div(day + MONDAY, 7) * 7 - MONDAY;
	case BUDGET_MONTH:
		return day - day_of_month(day);
	case BUDGET_EVER:
		return 0;
	case BUDGET_DAY:
		break;
	}
	return day;
}

int64_t
budget_start_day(enum budget_period p, int64_t now_ms)
{
	return start_of(p, floor_div(now_ms, DAY_MS));
}

int64_t
budget_end_day(enum budget_period p, int64_t now_ms)
{
	int64_t start = budget_start_day(p, now_ms);

	if (p == BUDGET_EVER)
		return INT64_MAX / DAY_MS;
	if (p == BUDGET_MONTH)
		return start_of(p, start + 31);
	return start + (p == BUDGET_WEEK ? 7 : 1);
}

static int
parse_period(struct budget *b, const char *word, struct err *e)
{
	for (enum budget_period p = BUDGET_DAY; p <= BUDGET_MONTH; p++) {
		if (strcmp(word, periods[p]) == 0) {
			b->period = p;
			return 0;
		}
	}
	return err_set(e, ERR_CONFIG, "a budget begins with day, week or month, not %s", word);
}

/* What is compared, by the word in front of the =. */
static char **
pattern_of(struct budget *b, const char *word, size_t n)
{
	const struct {
		const char *name;
		char **pattern;
	} all[] = {{"tag", &b->tag}, {"model", &b->model}, {"provider", &b->provider}, {"key", &b->key}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strlen(all[i].name) == n && memcmp(all[i].name, word, n) == 0)
			return all[i].pattern;
	return NULL;
}

static int
parse_usd(const char *word, int64_t *pusd, struct err *e)
{
	if (price_parse_pusd(word, strlen(word), pusd))
		return err_set(e, ERR_CONFIG, "%s is no sum of dollars", word);
	return 0;
}

static int
parse_pair(struct budget *b, const char *word, size_t n_name, struct err *e)
{
	const char *value = word + n_name + 1;
	int is_ceiling = n_name == strlen("ceiling") && memcmp(word, "ceiling", n_name) == 0;
	char **pattern = pattern_of(b, word, n_name);

	if (!is_ceiling && !pattern)
		return err_set(e, ERR_CONFIG, "a budget selects by tag=, model=, provider= or key=, not %s", word);
	if (is_ceiling ? b->ceiling_pusd != PUSD_UNKNOWN : *pattern != NULL)
		return err_set(e, ERR_CONFIG, "%.*s= is given twice", (int)n_name, word);
	if (is_ceiling)
		return parse_usd(value, &b->ceiling_pusd, e);
	*pattern = xstrdup(value);
	return 0;
}

static int
parse_word(struct budget *b, const char *word, struct err *e)
{
	size_t n = strcspn(word, "=");

	if (word[n])
		return parse_pair(b, word, n, e);
	if (b->limit_pusd != PUSD_UNKNOWN)
		return err_set(e, ERR_CONFIG, "a budget has one sum, not %s too", word);
	return parse_usd(word, &b->limit_pusd, e);
}

int
budget_parse(struct budget *b, char *line, struct err *e)
{
	int r = 0, first = 1;

	*b = (struct budget){.limit_pusd = PUSD_UNKNOWN, .ceiling_pusd = PUSD_UNKNOWN, .line = xstrdup(line)};
	for (line += strspn(line, BLANKS); r == 0 && *line; first = 0) {
		size_t n = strcspn(line, BLANKS), more = strspn(line + n, BLANKS);
		line[n] = '\0'; /* where it was a NUL, there is none behind it */
		r = first ? parse_period(b, line, e) : parse_word(b, line, e);
		line += n + more;
	}
	if (r == 0 && b->limit_pusd == PUSD_UNKNOWN)
		r = err_set(
		    e, ERR_CONFIG, "a budget is: day|week|month [tag=|model=|provider=|key=PATTERN] USD [ceiling=USD]");
	if (r)
		budget_release(b);
	return r;
}

void
budget_release(struct budget *b)
{
	free(b->tag);
	free(b->model);
	free(b->provider);
	free(b->key);
	free(b->line);
	*b = (struct budget){0};
}

static int
fits(const char *pattern, const char *s)
{
	return !pattern || fnmatch(pattern, s ? s : "", 0) == 0;
}

int
budget_matches(const struct budget *b, const struct budget_call *c)
{
	if (b->client_id && b->client_id != c->client_id)
		return 0;
	return fits(b->tag, c->tag) && fits(b->model, c->model) && fits(b->provider, c->provider) &&
	    fits(b->key, c->key);
}
