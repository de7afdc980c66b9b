/* SPDX-License-Identifier: ISC */
/*
 * turns: which candidate of a call is tried next, and when. Pure: time and randomness are parameters.
 *
 * A round tries each candidate that is left once: those that are free in their order, then the benched ones, the one that is free soonest
 * first. What a failure means for the others is err_retry()'s class. A bench orders candidates; it never ends a call's own rounds.
 */
#ifndef TURNS_H
#define TURNS_H

#include <stddef.h>
#include <stdint.h>

struct candidate;
struct err;

struct turn_place {
	int tried;         /* in this round */
	int dead;          /* for this call */
	int asked_to_wait; /* ready_ms is a Retry-After's */
	int64_t ready_ms;  /* not before, by its own Retry-After or the backoff */
};

/* How long a candidate sits out from wall_ms on (ms); 0: it is free then. */
typedef int64_t (*turns_bench_fn)(void *arg, const struct candidate *c, int64_t wall_ms);

struct turns {
	const struct candidate *candidate; /* borrowed */
	size_t n;
	struct turn_place *place; /* owned */
	int64_t round;            /* from 0 */
	turns_bench_fn benched;   /* asked only where there is a choice */
	void *arg;
};

void turns_init(struct turns *t, const struct candidate *candidate, size_t n, turns_bench_fn benched, void *arg);
void turns_release(struct turns *t);
/* The next one of this round, marked as tried; -1: the round is over. The same moment by both clocks: who was benched in the same ms keeps its place. */
int turns_pick(struct turns *t, int64_t now_ms, int64_t wall_ms);
/* Candidate i failed. 1: the call goes on; 0: it ends. */
int turns_failed(struct turns *t, size_t i, const struct err *e, int64_t now_ms, uint32_t random);
/* How long until the next round may begin; -1: nobody is left to wait for. *asked: a Retry-After asks for it. */
int64_t turns_wait_ms(const struct turns *t, int64_t now_ms, int *asked);
void turns_new_round(struct turns *t);

#endif
