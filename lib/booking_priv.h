/* SPDX-License-Identifier: ISC */
/* booking_priv: what booking.c and booking_limits.c share. For these only. */
#ifndef BOOKING_PRIV_H
#define BOOKING_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "booking.h"
#include "cost.h"

struct provider;

struct booking {
	struct booking_spec s;
	char *path; /* of the ledger; NULL: none */
	struct ledger *ledger;
	int failed; /* it can't be had, and that was said */
	struct health *health;
	int64_t spent_pusd, reserved_pusd; /* of this run, where that has a limit */
	uint64_t conversation;
	int has_session;
};

struct booked {
	struct booking *b;
	const struct json *request;
	char *id, *session;
	struct cost_facts facts;
	int facts_known;
	int64_t started_ms;                /* wall clock */
	int64_t row;                       /* 0: no intent is written */
	const struct candidate *candidate; /* of the attempt that runs */
	size_t number;                     /* of that attempt */
	int64_t attempt_ms;                /* wall clock of its start */
	int64_t reserved_pusd;             /* by it; PUSD_UNKNOWN */
	int64_t run_pusd;                  /* of which the run's limit holds */
	int is_written;                    /* its intent is */
	size_t n_settled;                  /* attempts that are booked */
};

/* "ANTHROPIC_API_KEY", "file:...", "cmd"; "" for none. Borrowed. */
const char *booking_key_name(const struct provider *p);
/* Does a line of the budgets table apply to this candidate? */
int booking_has_budget(const struct booking *b, const struct candidate *c);
/* Opens the ledger where it isn't. -1: there is none (e stays empty), or it can't be had. */
int booking_open(struct booking *b, struct err *e);
const struct cost_facts *booked_facts(struct booked *k);
/* What the run's limit held for the attempt is free again. */
void booked_let_go(struct booked *k);
/* Writes the intent of the attempt that runs; with budgets, if they allow it. As ledger_reserve. */
int booked_write_intent(struct booked *k, const struct budget *v, size_t n, int64_t *room_pusd, struct err *e);

#endif
