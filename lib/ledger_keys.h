/* SPDX-License-Identifier: ISC */
/* ledger_keys: the keys of a gateway: kept in the ledger, as hashes, with what was spent by each. Part of ledger. Errors as ledger.h has them. */
#ifndef LEDGER_KEYS_H
#define LEDGER_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

enum ledger_reset { RESET_NEVER, RESET_DAILY, RESET_WEEKLY, RESET_MONTHLY }; /* UTC; weeks from Monday */
/* "daily", ...; NULL for RESET_NEVER. Static. */
const char *ledger_reset(enum ledger_reset r);
int ledger_reset_parse(enum ledger_reset *r, const char *word); /* -1: no such word */

#define LEDGER_KEY_HASH 32 /* bytes: SHA-256 of the key's text */

/* Strings are owned. */
struct ledger_key {
	int64_t id;                          /* 0: not yet in the ledger */
	unsigned char hash[LEDGER_KEY_HASH]; /* the key itself is nowhere */
	char *name;                          /* unique; printable, 1 to 128 bytes */
	char *label;                         /* "sk-or-ab1...xyz": enough to tell it by, too little to guess it */
	int64_t limit_pusd;                  /* PUSD_UNKNOWN: none */
	enum ledger_reset reset;             /* when what was spent of it counts from 0 again */
	int64_t rpm, tpm;                    /* requests, tokens a minute; 0: no limit */
	char *models;                        /* "openai/?*,mock/?*": patterns of fnmatch(3), any may match; NULL: all */
	int64_t created_ms, updated_ms, expires_ms; /* wall clock; expires 0: never */
	int disabled;
	int management; /* may manage keys, and see what all spend; makes no calls */
	/* what was settled with it: filled by ledger_keys */
	pusd_sum_t used, used_day, used_week, used_month; /* 10^-12 USD; periods are UTC's, that hold now */
	int64_t n_calls;
};

struct ledger_keys {
	struct ledger_key *v; /* owned; by id */
	size_t n, cap;
	int64_t version; /* of the set: another one, and something was changed */
};

#define LEDGER_KEYS_INIT \
	{ \
		NULL, 0, 0, 0 \
	}

/* All keys as they are now. */
int ledger_keys(struct ledger *l, struct ledger_keys *out, int64_t now_ms, struct err *e);
void ledger_keys_release(struct ledger_keys *k);
void ledger_key_release(struct ledger_key *k);
/* The set's version alone. */
int ledger_keys_version(struct ledger *l, int64_t *version, struct err *e);
/* The sums of one key's days in [start, end), be it in the ledger or of one run: what its attempts cost as far as that is known, and how many cost nobody
 * knows what. */
int ledger_keys_spent(struct ledger *l, int64_t client_id, int64_t start, int64_t end, pusd_sum_t *cost,
    int64_t *n_unknown, struct err *e);
/* Adds it, and sets its id; times are the caller's. ERR_DATA where the name is taken. */
int ledger_key_add(struct ledger *l, struct ledger_key *k, struct err *e);
/* Changes name, limit, reset, rpm, tpm, models, expires or disabled of a key; -1: it can't be so. */
typedef int (*ledger_key_fn)(void *arg, struct ledger_key *k, struct err *e);
/*
 * Changes the one with that id, in one transaction with reading it: what others changed meanwhile stays. after: what it is then; owned; NULL: never mind.
 * ERR_DATA as above; ERR_NEGATIVE: it's gone; or what `change` says.
 */
int ledger_key_change(struct ledger *l, int64_t id, int64_t now_ms, ledger_key_fn change, void *arg,
    struct ledger_key *after, struct err *e);
/* ERR_NEGATIVE: there is none. What it spent stays in the ledger. */
int ledger_key_remove(struct ledger *l, int64_t id, struct err *e);

#endif
