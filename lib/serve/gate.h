/* SPDX-License-Identifier: ISC */
/*
 * gate: who may do what: the gateway's keys as a worker knows them. Keys are compared by their SHA-256, in constant time.
 *
 * No I/O. Without any key in the ledger the gateway is open: to this machine alone (app.c sees to that). Once there was one it is closed for as
 * long as the gateway runs: a ledger that is lost, or its last key removed, lets nobody in.
 */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "budget.h"
#include "ledger_keys.h"

struct buf;
struct err;
struct gate;
struct http1;
struct shared;

/* A key, held: it stays as it was for as long as it is held. */
struct gate_key {
	struct ledger_key key;
	struct budget limit; /* its limit as a budget; limit_pusd PUSD_UNKNOWN: none */
	int has_limit;
	int refs;
};

#define GATE_KEY_PREFIX "sk-or-" /* and 43 letters of base64url: 32 random bytes */
#define GATE_KEY_BYTES 64

struct gate *gate_new(struct shared *s); /* s: for limits by the minute, and whether there ever was a key; borrowed */
void gate_free(struct gate *g);
/* Replaces the set. */
void gate_set(struct gate *g, const struct ledger_keys *k);
/* One more key that is in no ledger: of one run (or-serve -- command), which may spend so much; PUSD_UNKNOWN: no limit. Stays over gate_set. Its number is
 * negative, and the same for the same text: what is spent with it is counted over all workers. text: the key. */
void gate_add_run_key(struct gate *g, const char *text, int64_t limit_pusd);
/* Are there none, and were there never? */
int gate_is_open(const struct gate *g);

/* The key that a request shows: Authorization: Bearer, x-api-key, api-key, x-goog-api-key, the query's key=. *key: held; NULL where the gate is open. ERR_AUTH (http 401): none, unknown,
 * disabled, expired. */
#define GATE_UNKNOWN 1 /* gate_enter: as -1, but the key may be one that was made just now */
int gate_enter(struct gate *g, const struct http1 *h, int64_t now_ms, struct gate_key **key, struct err *e);
void gate_key_release(struct gate_key *k); /* NULL is ignored */
/* May it call this model? asked: "a,b,c": all of them. ERR_AUTH with http 403. key NULL: it may. */
int gate_allows(const struct gate_key *k, const char *asked, struct err *e);
/* Takes a request of so many tokens from its minute. ERR_TEMPORARY with http 429 and retry_after_ms. Fills the values of X-RateLimit-Limit, -Remaining and -Reset (ms since 1970) where there are
 * any: "" else. */
struct gate_minute {
	char limit[24], remaining[24], reset[24];
};
int gate_take(
    struct gate *g, const struct gate_key *k, int64_t tokens, int64_t now_ms, struct gate_minute *m, struct err *e);
/* The call took so many more tokens (or fewer: negative) than it was let in with. */
void gate_correct(struct gate *g, const struct gate_key *k, int64_t more, int64_t now_ms);

/* A new key's text, its hash and label. */
void gate_make_key(char text[GATE_KEY_BYTES], struct ledger_key *k);
void gate_hash(unsigned char hash[LEDGER_KEY_HASH], const char *text);

#endif
