/* SPDX-License-Identifier: ISC */
/* scribe_rows: questions of the scribe's that rows of the ledger answer. For the files of scribe only. */
#ifndef SERVE_SCRIBE_ROWS_H
#define SERVE_SCRIBE_ROWS_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "ledger_keys.h"
#include "ledger_read.h"
#include "serve/desk.h"

struct err;
struct reader;
struct worker;

/* One question. */
struct ask {
	struct worker *w;
	uint64_t number;
	struct buf bytes; /* of the message, which the rest points into */
	enum desk_what what;
	const char *text; /* may be NULL */
	int64_t from_ms, until_ms;
	int has_key;
	struct ledger_key key;
	/* of those that read rows: in slices, between which calls are booked */
	const struct reader *reader;
	void *own;         /* the reader's */
	int64_t after_row; /* rows up to this were read, */
	int64_t after_ms;  /* of this time */
	size_t n_read;     /* in this slice */
	int n_looks;       /* that are left, for what other workers may have told already */
	int64_t due_ms;    /* not before that: tm_mono_ms() */
	TAILQ_ENTRY(ask) next;
};

/* How rows become an answer. */
struct reader {
	unsigned what; /* of ledger_scan */
	void (*begin)(struct ask *a);
	int (*row)(struct ask *a, const struct ledger_row *r); /* 1: enough */
	/* All were read. 1: read on, from_ms and until_ms were set anew; 0: out is the answer; -1 */
	int (*end)(struct ask *a, struct buf *out, struct err *e);
	void (*release)(struct ask *a);
};
extern const struct reader scribe_generation, scribe_activity; /* scribe_read.c */
extern const struct reader scribe_report;                      /* scribe_report.c */

/* Sums of what is told apart by a key of several strings, each with its NUL. */
struct sum {
	char *key; /* owned */
	size_t n_key;
	int64_t calls, errors, prompt, completion, reasoning;
	pusd_sum_t cost;
	struct times {
		int64_t *v; /* owned */
		size_t n, cap;
	} ttft, ms;
	struct sum *next; /* in its list */
};
struct sums {
	struct sum **list; /* owned; NULL: empty */
	struct sum **v;    /* owned: all, in the order of their coming */
	size_t n, cap;
};
struct sum *scribe_sum(struct sums *s, const char *key, size_t n);
void scribe_sum_add(struct sum *x, const struct ledger_row *r);
void scribe_sums_release(struct sums *s);
/* Money as JSON can hold it, in 10^-12 USD. */
int64_t scribe_money(pusd_sum_t n);

#endif
