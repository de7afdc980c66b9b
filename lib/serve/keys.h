/* SPDX-License-Identifier: ISC */
/* keys: a key of the gateway as people and programs see it: what is left of it, whether it works, what may stand in it. Pure. */
#ifndef SERVE_KEYS_H
#define SERVE_KEYS_H

#include <stdint.h>

#include "ledger_keys.h"

struct err;
struct json;
struct jsonw;

/* "ok", "disabled", "expired". Static. */
const char *keys_state(const struct ledger_key *k, int64_t now_ms);
/* What was spent in the period of its limit; without a reset, ever. */
pusd_sum_t keys_used(const struct ledger_key *k);
/* What is left of its limit, at least 0; -1: it has none. */
pusd_sum_t keys_left(const struct ledger_key *k);

/* The key of that name, of that hash as 64 hex digits; NULL. */
struct ledger_key *keys_named(const struct ledger_keys *ks, const char *name);
struct ledger_key *keys_hashed(const struct ledger_keys *ks, const char *hex);
/* 64 digits and a NUL. */
void keys_hex(char hex[2 * LEDGER_KEY_HASH + 1], const struct ledger_key *k);

/* What is said to belong to a new or changed key: may it? ERR_DATA, which names what is wrong: no name, or one of control characters or
 * blanks at its ends, or too long; patterns that are empty; a reset without a limit; limits of a key that makes no calls. */
int keys_check(const struct ledger_key *k, struct err *e);

/* ── keys_json.c ── */

/* What DESK_KEYS answers. Released by ledger_keys_release, on failure too. */
int keys_read(struct ledger_keys *out, const struct json *j, struct err *e);
/* A key as the provisioning API shows it, with what is ours: rpm, tpm, models, management. */
void keys_write(struct jsonw *w, const struct ledger_key *k);
/* The members of that name alone that GET key has, too: limit, usage, expires_at, ... Inside of an object. */
void keys_write_usd(struct jsonw *w, const char *name, pusd_sum_t pusd); /* exactly; negative: null */
void keys_write_limits(struct jsonw *w, const struct ledger_key *k);
/* Lays over the key what a request to make or change one says. What can't be honoured is ERR_DATA, by name. */
int keys_change(struct ledger_key *k, const struct json *j, int is_new, int64_t now_ms, struct err *e);

#endif
