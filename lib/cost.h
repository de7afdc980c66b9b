/* SPDX-License-Identifier: ISC */
/*
 * cost: what an attempt may cost, and what it did. Pure but for the time, which is a parameter.
 *
 * A report of the provider's comes first; then reported tokens at known prices; then, for what was sent and received without a report, estimated
 * tokens (estimate.h), at most what was reserved. Where no price is known, neither is the cost: unknown is never zero.
 */
#ifndef COST_H
#define COST_H

#include <stdint.h>

#include "estimate.h"

struct attempt;
struct candidate;
struct err;
struct json;
struct usage;

/* What a request asks for beside the usual: a tier that may be cheaper, one that is dearer, the latter in Anthropic's way. */
enum cost_tier { COST_TIER_USUAL, COST_TIER_FLEX, COST_TIER_DEAR, COST_TIER_FAST };

/* Of one request. */
struct cost_facts {
	enum cost_tier tier;
	struct estimate prompt;
	int64_t max_tokens; /* of an answer, as the request says; 0: vectors are asked for; -1: it doesn't */
	int64_t n_choices;  /* answers that it asks for */
	int64_t mock_prompt, mock_answer; /* words, as the mock counts them */
	int streams;
};

/* request: canonical. */
void cost_facts(struct cost_facts *f, const struct json *request);
enum cost_tier cost_tier(const struct json *request);
/* Would the candidate be asked for a tier that it has no price for? Then nobody knows what a call costs, but who makes it, if he tells. */
int cost_lacks_tier(const struct candidate *c, enum cost_tier tier);

#define COST_SOME_OUTPUT 65536 /* tokens of an answer, where neither the request nor the catalog sets a limit */
#define COST_LEAST_OUTPUT 256  /* an answer isn't cut below that to fit a budget */

/* What a call of this candidate costs at most, max_tokens being the answer's limit (-1: its own, or COST_SOME_OUTPUT). 10^-12 USD, rounded up;
 * PUSD_UNKNOWN. */
int64_t cost_bound(const struct candidate *c, const struct cost_facts *f, int64_t max_tokens);
/* The most tokens of an answer with which the call fits in room_pusd; -1: none do, or no price is known. */
int64_t cost_fit(const struct candidate *c, const struct cost_facts *f, int64_t room_pusd);

/* What reported tokens cost at the candidate's prices; PUSD_UNKNOWN. */
int64_t cost_of_usage(const struct candidate *c, const struct usage *u, enum cost_tier tier, int64_t now_ms);
/* Fills a->cost_pusd and a->source. abandoned: it was ended by us while it ran. now_ms: wall clock. */
void cost_settle(struct attempt *a, const struct cost_facts *f, int abandoned, int64_t now_ms);
/* "reported", "computed", "estimated", "unknown": as metadata say it. Static. */
const char *cost_word(int source);

#endif
