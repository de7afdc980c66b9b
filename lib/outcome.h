/* SPDX-License-Identifier: ISC */
/*
 * outcome: what a call came to: its attempts, what its answer told about itself, and whether that is the answer asked for. Pure.
 *
 * The last attempt's facts stand in the outcome itself; those of earlier ones are void, but for what their attempts keep.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "event.h"
#include "wire/wire.h"

struct candidate;

struct attempt {
	const struct candidate *candidate; /* borrowed */
	char *endpoint;                    /* owned: "openrouter:openai/gpt-4o" */
	int http;                          /* status; 0: none came */
	int64_t ms;
	struct usage usage;                     /* as it was reported, also by an attempt that failed */
	struct err err;                         /* kind ERR_NONE: it worked */
	int64_t started_ms;                     /* wall clock */
	int64_t ttft_ms;                        /* attempt's start to its first content; -1: none came */
	int64_t received_bytes, received_words; /* of text, reasoning and arguments; words: where they were counted */
	int was_sent;                           /* it went as far as the provider */
	int error_told;        /* the provider told the error, in place of an answer or behind a part of one */
	int abandoned;         /* we ended it while it ran */
	int is_blamed;         /* its failure counts against the endpoint (bench.h) */
	int64_t reserved_pusd; /* what it might have cost at most; PUSD_UNKNOWN */
	int64_t cost_pusd;     /* PUSD_UNKNOWN */
	int source;            /* enum ledger_source: how the cost is known */
};

/* Strings are owned. */
struct outcome {
	int64_t received_bytes, received_words;
	int64_t ttft_ms;  /* call's start to the first content; -1: none came */
	int counts_words; /* this attempt's are looked for: set by who knows that they may be billed */
	int error_told, in_word;
	int had_text, had_call, had_media, refused;
	int cut_at_limit, filtered;     /* finish reason length, content_filter: of any choice */
	struct err err;                 /* ERR_NONE: a complete answer */
	const char *cause;              /* err_word() of what ended an answer early; NULL */
	const struct candidate *served; /* whose answer it is, whole, or cut after some had gone out; NULL: nobody's */
	int complete;                   /* it came to its own end */
	char *id, *model, *provider;    /* as the provider told; may be NULL */
	char *finish, *native;          /* finish reasons of the first choice; NULL: none came */
	struct usage usage;
	struct attempt *attempt;
	size_t n_attempt, cap_attempt;
	int64_t ms;     /* call's start to its end */
	int n_repaired; /* values with bytes that weren't UTF-8 */
	struct losses losses;
};

/* A new attempt begins: what the one before told is void. Also initialises a zeroed outcome. */
void outcome_forget(struct outcome *o);
void outcome_release(struct outcome *o);
/* since_start_ms: for the time to the first content. */
void outcome_event(struct outcome *o, const struct event *ev, int64_t since_start_ms);
/* An attempt has ended, with what it told until then. Returns it (borrowed, until the next one); its costs are unknown. */
struct attempt *outcome_add_attempt(
    struct outcome *o, const struct candidate *c, const struct err *e, int http, int64_t ms);
/* Did the provider give an answer, whole, empty, refusing, or as long as it was allowed to be? */
int attempt_answered(const struct attempt *a);
/* Is attempt i one whose usage and cost count? Usage is priced whatever came of it; one that cost nothing says nothing about the others. */
int outcome_counts(const struct outcome *o, size_t i);
/* An answer came to its end. Fills e where it isn't what was asked for: cut at the limit, filtered, refused, empty. */
void outcome_judge(const struct outcome *o, struct err *e);
/* Makes the last error the run's: an answer that was cut after some had gone out is truncated, whatever cut it. */
void outcome_fail(struct outcome *o, const struct err *e, int gone_out);
/* Completes the message for people: "provider: what, retry in 12 s (4 attempts)". provider: may be NULL. */
void outcome_message(struct outcome *o, const char *provider);

#endif
