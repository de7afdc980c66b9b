/* SPDX-License-Identifier: ISC */
/*
 * budget: lines of the budgets table: how much may be spent in which period, on what. Pure.
 *
 *	day|week|month [tag=|model=|provider=|key=PATTERN]... USD [ceiling=USD]
 *
 * Periods are UTC's; weeks begin on Monday. A pattern is fnmatch(3)'s; a call that has no tag, or no key, has "" there. ceiling=: what a
 * call whose price is unknown is taken to cost; without it such a call is refused.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum budget_period { BUDGET_DAY, BUDGET_WEEK, BUDGET_MONTH, BUDGET_EVER /* never of the table */ };

/* What is matched. NULL counts as "". */
struct budget_call {
	const char *tag, *model, *provider, *key;
	int64_t client_id; /* number of the gateway's key; 0: none */
};

struct budget {
	enum budget_period period;
	char *tag, *model, *provider, *key; /* patterns, owned; NULL: any */
	int64_t limit_pusd;
	int64_t ceiling_pusd; /* PUSD_UNKNOWN: none */
	int64_t client_id; /* of one key of the gateway, and of that alone; 0: of all calls that the patterns match */
	char *line;        /* owned: as it was written, for messages; a key's: its name */
};

/* line: NUL-terminated, without comment; it is changed. ERR_CONFIG. */
int budget_parse(struct budget *b, char *line, struct err *e);
void budget_release(struct budget *b);
int budget_matches(const struct budget *b, const struct budget_call *c);
/* First day of the period that holds `now_ms` (wall clock): days since 1970. */
int64_t budget_start_day(enum budget_period p, int64_t now_ms);
/* The day behind its last. */
int64_t budget_end_day(enum budget_period p, int64_t now_ms);
/* "month", ... Static. */
const char *budget_period(enum budget_period p);

#endif
