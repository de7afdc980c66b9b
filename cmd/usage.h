/* SPDX-License-Identifier: ISC */
/* usage: or-usage's run, as its files share it. */
#ifndef USAGE_H
#define USAGE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "out.h"
#include "report.h"
#include "table.h"
#include "usage_args.h"

struct calls;
struct jsonw;

struct usage {
	struct usage_args a;
	int64_t now_ms;        /* wall clock, the same for all of the run */
	struct out out;        /* -o, or standard output */
	struct buf text;       /* what isn't written yet */
	struct ledger *ledger; /* NULL: there is none yet, and no rows */
	struct calls *calls;   /* -l: its state, while it runs */
	int64_t n_folded;      /* -l: calls that aren't rows any more */
	struct err verdict;    /* what is said once the output is out: over the budget, or not as OpenRouter has it */
};

/* Columns of a report: its keys, sums, and where attempts are counted by place, how they went. */
#define USAGE_MAX_COLS (REPORT_N_FIELDS + 18)

struct usage_table {
	struct table t;
	struct table_col col[USAGE_MAX_COLS];
};

/* Gives every row in the range to the reports; where `each`, to it as well. -1 with err. */
typedef int (*usage_each_fn)(struct usage *u, const struct ledger_row *row, struct err *e);
int usage_scan(struct usage *u, struct report *r, size_t n, usage_each_fn each, struct err *e);
/* Writes what is in u->text, where it has become much. */
int usage_flush(struct usage *u, struct err *e);
/* The range's end as it is shown: a range without end ends now. */
int64_t usage_until_ms(const struct usage *u);

/* The sums of a row, in their order; cost apart from them, which is no count. */
struct usage_sum {
	const char *name;     /* in JSON */
	struct table_col col; /* in tables */
	size_t at;            /* in struct ledger_totals */
	int always;           /* on a terminal; else only where some row has some */
	int tokens;
};
enum { USAGE_N_SUMS = 8, USAGE_COST = 5 };
extern const struct usage_sum usage_sums[USAGE_N_SUMS];
int64_t usage_count(const struct ledger_totals *t, size_t i);
/* Has the report columns of success and times: is a provider or an endpoint among its keys? */
int usage_timed(const struct report *r);

/* usage_table.c: a row a group, of a sorted report. */
void usage_fill(struct usage_table *t, struct report *r, int clean);
void usage_fill_terminal(struct usage_table *t, struct report *r);
/* Appends 1/100 as decimals without trailing zeros; "-" for what isn't known. */
void usage_hundredths(struct buf *b, int64_t v);

/* usage_json.c: the same as objects. */
void usage_groups_ndjson(struct buf *b, struct report *r);
/* {"from":...,"until":...,"rows":[ is left open for rows, and usage_json_end closes it, with the totals. */
void usage_json_begin(const struct usage *u, struct jsonw *w);
void usage_json_rows(struct jsonw *w, struct report *r);
void usage_json_end(struct jsonw *w, const struct report *r);

/* usage_calls.c: -l. Writes the rows; total: what was selected. */
int usage_calls(struct usage *u, struct report *total, struct err *e);

/* usage_page.c: -F html. total: what was selected. */
int usage_page(struct usage *u, struct report *total, struct err *e);

/* usage_remote.c: --remote. */
int usage_remote(struct usage *u, struct err *e);

#endif
