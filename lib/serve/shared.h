/* SPDX-License-Identifier: ISC */
/*
 * shared: what the processes of one gateway share: counters, what runs now, limits of keys by the minute. Memory that is mapped before they are
 * forked; atomic, without locks; a process that dies leaves nothing held but its slots of what runs and its open connections, which shared_forget() clears.
 */
#ifndef SERVE_SHARED_H
#define SERVE_SHARED_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct shared;

#define SHARED_WORKERS 64 /* at the same time, with those that drain */
#define SHARED_LIVE 4096  /* calls shown as running; more run unseen */
#define SHARED_KEYS 1024  /* whose limits by the minute all workers count together; of more keys, each counts its own */

struct shared *shared_new(struct err *e);
void shared_free(struct shared *s);

enum shared_counter {
	SHARED_REQUESTS,
	SHARED_CALLS, /* to models, admitted */
	SHARED_ERRORS_4XX,
	SHARED_ERRORS_5XX,
	SHARED_CUT,  /* answers that ended in an error after they had begun */
	SHARED_GONE, /* clients that left before the end */
	SHARED_BYTES_IN,
	SHARED_BYTES_OUT,
	SHARED_PROMPT_TOKENS,
	SHARED_COMPLETION_TOKENS,
	SHARED_COST_NUSD, /* 10^-9 USD, of those whose cost is known */
	SHARED_CACHE_HITS,
	SHARED_LIMITED,     /* 429s of our own */
	SHARED_CONNECTIONS, /* a gauge: open now */
	SHARED_ACCEPTED,
	SHARED_RESTARTS, /* workers that died */
	SHARED_RELOADS,
	SHARED_N_COUNTERS
};
void shared_add(struct shared *s, enum shared_counter c, int64_t n);
int64_t shared_get(const struct shared *s, enum shared_counter c);
/* Times to the first byte and to the end, of calls, in histograms. shared_bounds: n upper ends in ms, inclusive; shared_times: how many calls lie up
 * to each, and over the last: n + 1 numbers, each without those before it. */
enum shared_time { SHARED_TTFT, SHARED_TOTAL, SHARED_N_TIMES };
void shared_time(struct shared *s, enum shared_time t, int64_t ms);
const int64_t *shared_bounds(size_t *n);
void shared_times(const struct shared *s, enum shared_time t, uint64_t *count /* n + 1 */, uint64_t *sum_ms);

/* ── what runs ── */
struct shared_call {
	int64_t started_ms; /* wall clock */
	int32_t pid;        /* of the worker; 0: the slot is free */
	char id[48], front[16], model[96], client[64];
	int32_t streams;
};
/* Takes a slot; -1: all are taken. */
int shared_enter(struct shared *s, const struct shared_call *c);
/* -1 is ignored. */
void shared_leave(struct shared *s, int slot);
void shared_forget(struct shared *s, int32_t pid); /* that process has ended */
/* Copies those that run, at most n; the number. */
size_t shared_live(const struct shared *s, struct shared_call *v, size_t n);

/* ── limits by the minute, of keys ── */
/* Takes one request, and n_tokens, from the key's minute: a bucket that holds a minute's worth and fills evenly, so that no span of t minutes sees more
 * than 1 + t times the limit. More tokens than it can hold are let in when it is full, and owed. 0: taken; else ms until it would be: nothing was
 * taken. rpm, tpm 0: no limit. *left_requests, *left_tokens: what is left in it now (may be NULL). now_ms: any clock that all share. */
int64_t shared_take(struct shared *s, int64_t key_id, int64_t rpm, int64_t tpm, int64_t n_tokens, int64_t now_ms,
    int64_t *left_requests, int64_t *left_tokens);
/* It took more, or less, tokens than that in the end. */
void shared_correct(struct shared *s, int64_t key_id, int64_t tpm, int64_t more_tokens, int64_t now_ms);

/* A worker says, by its number (below SHARED_WORKERS), that it serves; who did last, 0: nobody. */
void shared_serve(struct shared *s, size_t worker, int32_t pid);
int32_t shared_serves(const struct shared *s, size_t worker);

/* There are keys, or were: whoever shows none isn't let in any more, whatever becomes of the keys. There is no way back. */
void shared_close(struct shared *s);
int shared_is_closed(const struct shared *s);

#endif
