/* SPDX-License-Identifier: ISC */
/*
 * report: rows of the ledger, selected, grouped and summed. Pure.
 *
 * A row of a report is a combination of the keys' values. Calls are counted, or, where a provider or an endpoint is among the keys or the
 * selectors, attempts: a call that fell back failed at one endpoint and was served by another. Money is summed in 128 bits. A day that was
 * folded (ledger_prune) knows neither hour, session, tool and client nor times: it adds to the sums, and to no percentile.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "ledger_read.h"

/* What rows are grouped and selected by. */
enum report_field {
	BY_MODEL,
	BY_PROVIDER,
	BY_ENDPOINT, /* "anthropic:claude-sonnet-5" */
	BY_DAY,      /* "2026-11-22", UTC */
	BY_HOUR,     /* "2026-11-22T18:00Z"; of a folded day the day */
	BY_TAG,
	BY_KEY,    /* the key's name */
	BY_STATUS, /* exit status of a call; of an attempt "0" or "failed" */
	BY_SESSION,
	BY_TOOL,
	BY_CLIENT, /* name of the gateway's key */
	REPORT_N_FIELDS
};

#define REPORT_MAX_GLOBS 64

enum report_rank { RANK_P50, RANK_P75, RANK_P90, RANK_P99, REPORT_N_RANKS };

/* Patterns for one field are alternatives; every field that has some must fit. They are fnmatch(3)'s; * goes across slashes. */
struct report_select {
	struct {
		enum report_field field;
		const char *pattern; /* borrowed */
	} glob[REPORT_MAX_GLOBS];
	size_t n;
};

#define REPORT_UNKNOWN ((int64_t)-1) /* in place of a share or a percentile */

struct report_samples {
	uint32_t *v; /* owned */
	size_t n, cap;
};

struct report_group {
	char *value; /* owned: the keys' values, each with its NUL; "" is none */
	size_t len;  /* bytes of value */
	struct ledger_totals totals;
	int64_t n_worked, n_blamed;        /* attempts */
	struct report_samples ttft, speed; /* ms; 1/100 tokens a second */
};

struct report {
	enum report_field by[REPORT_N_FIELDS];
	size_t n_by;
	const struct report_select *select; /* borrowed; NULL: all rows */
	int attempts;                       /* they are counted, not calls */
	struct report_group *v;             /* owned */
	size_t n, cap;
	struct ledger_totals total;
	int64_t n_open; /* selected calls that still run: they are in no sum */
	size_t *slot;   /* hash table: index into v, plus 1 */
	size_t n_slot;
	struct buf key;   /* scratch */
	int64_t text_day; /* the day whose date stands in date[] */
	char date[16];
};

/* -1: there is no such field. */
int report_field(const char *name, size_t n);
/* "model", ... Static. */
const char *report_field_name(enum report_field f);
/* Adds "field=glob"; text is borrowed. ERR_USAGE. */
int report_select_add(struct report_select *s, const char *text, struct err *e);
/* Does it select by provider or endpoint? */
int report_select_attempts(const struct report_select *s);
/* Would the call be counted? One whose attempts are known is, where one of them is selected. */
int report_selects(const struct report_select *s, const struct ledger_row *row);

/* n keys; none: one group. s: NULL: all rows. Borrowed. */
void report_init(struct report *r, const enum report_field *by, size_t n, const struct report_select *s);
void report_release(struct report *r);
int report_has(const struct report *r, enum report_field f);
/* Do the sums of days tell all that it asks for? Not the hour, nor any attempt. */
int report_of_days(const struct report *r);
/* Does a brief row (LEDGER_BRIEF) tell it? Not the session, the tool, nor the client. */
int report_is_brief(const struct report *r);
/* A row that ledger_scan gave; where attempts are counted, with its attempts. */
void report_add(struct report *r, const struct ledger_row *row);
/* By cost, dearest first, then by key; by time where the first key is a day or an hour. */
void report_sort(struct report *r);
/* Value i of the group's keys. Borrowed. */
const char *report_value(const struct report_group *g, size_t i);
/* Attempts that weren't blamed on their endpoint, of those that worked or were: in 1/100 percent, rounded down: 99.99 isn't 100. */
int64_t report_success(const struct report_group *g);
/* Nearest rank. Of ttft: so many percent took at most that long; sorts the samples. */
int64_t report_ttft_ms(struct report_group *g, enum report_rank p);
/* So many percent were at least that fast: 1/100 tokens a second. */
int64_t report_speed(struct report_group *g, enum report_rank p);

#endif
