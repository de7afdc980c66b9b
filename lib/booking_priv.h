/* SPDX-License-Identifier: ISC */
/* booking_priv: what booking.c, booking_call.c and booking_limits.c share. For these only. */
#ifndef BOOKING_PRIV_H
#define BOOKING_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "booking.h"
#include "cost.h"
#include "keeper.h"

struct provider;

struct booking {
	struct booking_spec s;
	char *path; /* of the ledger; NULL: none */
	struct ledger *ledger;
	int failed; /* it can't be had, and that was said */
	int warned; /* that a keeper can't write it; until it can again */
	uint64_t n_calls;
	struct health *health;
	int64_t spent_pusd, reserved_pusd; /* of this run, where that has a limit */
	uint64_t conversation;
	int has_session;
};

struct booked {
	struct booking *b;
	const struct json *request;
	char *id, *tag, *asked, *session, *client; /* owned; NULL: the run's, or none */
	int64_t client_id;
	const struct budget *limit;
	uint64_t conversation;
	int has_session;
	struct booked_spec on; /* its callbacks */
	uint64_t call;         /* its number at a keeper */
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
	size_t n_settled;                  /* attempts that are booked; without a keeper */
	/* being admitted */
	struct buf *edited;
	int64_t most, lowered; /* tokens of the answer; the limit that was added, -1: none */
	int n_fits;            /* times that it was tried */
	/* asked of a keeper */
	int n_asked;      /* answers that are to come */
	int is_admitting; /* one is that of booked_admit */
	int n_unanswered; /* intents */
	int waits_clear;  /* booked_gone_out said that it waits */
};

/* "ANTHROPIC_API_KEY", "file:...", "cmd"; "" for none. Borrowed. */
const char *booking_key_name(const struct provider *p);
/* Not booked: warns of it, once. */
void booking_give_up(struct booking *b, const struct err *e);
/* Does a line of the budgets table, or the call's own limit, apply to this candidate? */
int booked_has_budget(const struct booked *k, const struct candidate *c);
/* The call's tag; NULL: none. */
const char *booked_tag(const struct booked *k);
/* Opens the ledger where it isn't. -1: there is none (e stays empty), or it can't be had. */
int booking_open(struct booking *b, struct err *e);
const struct cost_facts *booked_facts(struct booked *k);
/* What the run's limit held for the attempt is free again. */
void booked_let_go(struct booked *k);
/* Writes the intent of the attempt that runs, if budgets allow it: as ledger_reserve, or BOOKED_WAITS for done. */
int booked_reserve(struct booked *k, keeper_fn done, int64_t *room_pusd, struct err *e);

#endif
