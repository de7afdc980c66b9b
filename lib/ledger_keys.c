/* SPDX-License-Identifier: ISC */
/* Keys of the gateway, and what was spent with each: part of ledger.h. */
#include "ledger_keys.h"

#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "err.h"
#include "ledger_priv.h"
#include "mem.h"

/* Why nothing was changed, beside errors. */
enum { TAKEN = 1, GONE, REFUSED };

#define HEX (2 * LEDGER_KEY_HASH + 1)

static const char *const resets[] = {
    [RESET_NEVER] = NULL, [RESET_DAILY] = "daily", [RESET_WEEKLY] = "weekly", [RESET_MONTHLY] = "monthly"};

const char *
ledger_reset(enum ledger_reset r)
{
	return resets[r];
}

int
ledger_reset_parse(enum ledger_reset *r, const char *word)
{
	for (enum ledger_reset i = RESET_DAILY; i <= RESET_MONTHLY; i++) {
		if (strcmp(word, resets[i]) == 0) {
			*r = i;
			return 0;
		}
	}
	return -1;
}

static void
to_hex(char hex[HEX], const unsigned char hash[LEDGER_KEY_HASH])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < LEDGER_KEY_HASH; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	hex[HEX - 1] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
from_hex(unsigned char hash[LEDGER_KEY_HASH], const char *hex)
{
	if (strlen(hex) != HEX - 1)
		return -1;
	for (size_t i = 0; i < LEDGER_KEY_HASH; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		hash[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

/* ── read ── */

void
ledger_key_release(struct ledger_key *k)
{
	free(k->name);
	free(k->label);
	free(k->models);
	*k = (struct ledger_key){0};
}

void
ledger_keys_release(struct ledger_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		ledger_key_release(k->v + i);
	free(k->v);
	*k = (struct ledger_keys)LEDGER_KEYS_INIT;
}

static pusd_sum_t
read_sum(struct sqlite3_stmt *st, int column)
{
	return (pusd_sum_t)ledger_db_int(st, column) * PUSD_PER_USD + ledger_db_int(st, column + 1);
}

static enum ledger_reset
read_reset(int64_t n)
{
	return n < RESET_NEVER || n > RESET_MONTHLY ? RESET_NEVER : (enum ledger_reset)n;
}

static int
read_key(struct ledger *l, struct sqlite3_stmt *st, struct ledger_key *k, struct err *e)
{
	const char *models = ledger_db_text(st, 8);

	*k = (struct ledger_key){.id = ledger_db_int(st, 0)};
	if (from_hex(k->hash, ledger_db_text(st, 1)))
		return err_set(e, ERR_DATA, "ledger %s: key %lld has no hash", l->path, (long long)k->id);
	k->name = xstrdup(ledger_db_text(st, 2));
	k->label = xstrdup(ledger_db_text(st, 3));
	k->limit_pusd = ledger_db_known(st, 4);
	k->reset = read_reset(ledger_db_int(st, 5));
	k->rpm = ledger_db_int(st, 6);
	k->tpm = ledger_db_int(st, 7);
	k->models = *models ? xstrdup(models) : NULL;
	k->created_ms = ledger_db_int(st, 9);
	k->updated_ms = ledger_db_int(st, 10);
	k->expires_ms = ledger_db_int(st, 11);
	k->disabled = ledger_db_int(st, 12) != 0;
	k->management = ledger_db_int(st, 13) != 0;
	k->n_calls = ledger_db_int(st, 14);
	k->used = read_sum(st, 15);
	k->used_day = read_sum(st, 17);
	k->used_week = read_sum(st, 19);
	k->used_month = read_sum(st, 21);
	return 0;
}

/* id 0: all of them. */
static int
select_keys(struct ledger *l, struct sqlite3_stmt **st, int64_t id, int64_t now_ms, struct err *e)
{
	static const char sql[] =
	    "SELECT id, hash, name, label, limit_pusd, reset, rpm, tpm, models, created_ms, updated_ms, expires_ms, disabled, "
	    "management, sum(n), sum(usd), sum(rest_pusd), sum((day >= ?1) * usd), sum((day >= ?1) * rest_pusd), "
	    "sum((day >= ?2) * usd), sum((day >= ?2) * rest_pusd), sum((day >= ?3) * usd), sum((day >= ?3) * rest_pusd) "
	    "FROM client LEFT JOIN keyday ON client_id = id WHERE ?4 IN (0, id) GROUP BY id ORDER BY id";
	const struct ledger_value v[] = {value_int(budget_start_day(BUDGET_DAY, now_ms)),
	    value_int(budget_start_day(BUDGET_WEEK, now_ms)), value_int(budget_start_day(BUDGET_MONTH, now_ms)),
	    value_int(id)};

	return ledger_db_query(l->db, st, sql, v, N_OF(v), e);
}

static int
read_keys(struct ledger *l, struct ledger_keys *out, int64_t now_ms, struct err *e)
{
	struct sqlite3_stmt *st;
	int n;

	if (ledger_keys_version(l, &out->version, e) || select_keys(l, &st, 0, now_ms, e))
		return -1;
	while ((n = ledger_db_step(l->db, st, e)) == 1) {
		out->v = mem_grow(out->v, out->n, &out->cap, sizeof(*out->v));
		if (read_key(l, st, out->v + out->n++, e)) {
			ledger_db_done(st);
			return -1;
		}
	}
	return n;
}

int
ledger_keys(struct ledger *l, struct ledger_keys *out, int64_t now_ms, struct err *e)
{
	*out = (struct ledger_keys)LEDGER_KEYS_INIT;
	if (!l->db)
		return 0;
	if (ledger_db_snapshot(l->db, e))
		return -1;
	int r = ledger_db_end(l->db, read_keys(l, out, now_ms, e), e);
	if (r)
		ledger_keys_release(out);
	return r;
}

int
ledger_keys_version(struct ledger *l, int64_t *version, struct err *e)
{
	struct sqlite3_stmt *st;

	*version = 0;
	if (!l->db)
		return 0;
	if (ledger_db_query(l->db, &st, "SELECT value FROM meta WHERE name = 'keys'", NULL, 0, e))
		return -1;
	int n = ledger_db_step(l->db, st, e);
	if (n == 1)
		*version = ledger_db_int(st, 0);
	ledger_db_done(st);
	return n == -1 ? -1 : 0;
}

int
ledger_keys_spent(struct ledger *l, int64_t client_id, int64_t start, int64_t end, pusd_sum_t *cost, int64_t *n_unknown,
    struct err *e)
{
	static const char sql[] = "SELECT sum(usd), sum(rest_pusd), sum(n_unknown) FROM keyday "
				  "WHERE client_id = ? AND day >= ? AND day < ?";
	const struct ledger_value v[] = {value_int(client_id), value_int(start), value_int(end)};
	struct sqlite3_stmt *st;

	if (ledger_db_query(l->db, &st, sql, v, N_OF(v), e) || ledger_db_step(l->db, st, e) != 1)
		return -1;
	*cost = read_sum(st, 0);
	*n_unknown = ledger_db_int(st, 2);
	ledger_db_done(st);
	return 0;
}

/* ── changed ── */

/* 1: a row; 0: none. */
static int
exists(struct ledger *l, const char *sql, const struct ledger_value *v, size_t n, struct err *e)
{
	struct sqlite3_stmt *st;

	if (ledger_db_query(l->db, &st, sql, v, n, e))
		return -1;
	int r = ledger_db_step(l->db, st, e);
	ledger_db_done(st);
	return r;
}

/* Has another key this name? */
static int
is_taken(struct ledger *l, const struct ledger_key *k, struct err *e)
{
	const struct ledger_value v[] = {value_text(k->name), value_int(k->id)};

	return exists(l, "SELECT 1 FROM client WHERE name = ? AND id <> ?", v, N_OF(v), e);
}

static int
changed(struct ledger *l, struct err *e)
{
	return ledger_db_run(l->db, "UPDATE meta SET value = value + 1 WHERE name = 'keys'", NULL, 0, e);
}

/* Ends what changed, or didn't change, a key. */
static int
end(struct ledger *l, int r, const char *name, struct err *e)
{
	r = ledger_db_end(l->db, r, e);
	if (r == TAKEN)
		return err_set(e, ERR_DATA, "there is a key named %s already", name);
	if (r == GONE)
		return err_set(e, ERR_NEGATIVE, "there is no such key");
	if (r == REFUSED)
		return -1;
	return ledger_file_judge(l, r, e);
}

static int
add(struct ledger *l, struct ledger_key *k, int64_t *id, struct err *e)
{
	static const char sql[] =
	    "INSERT INTO client(hash, name, label, limit_pusd, reset, rpm, tpm, models, created_ms, updated_ms, expires_ms, "
	    "disabled, management) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	char hex[HEX];
	int taken = is_taken(l, k, e);

	if (taken)
		return taken == 1 ? TAKEN : -1;
	to_hex(hex, k->hash);
	const struct ledger_value v[] = {value_text(hex), value_text(k->name), value_text(k->label),
	    value_known(k->limit_pusd), value_int(k->reset), value_int(k->rpm), value_int(k->tpm),
	    value_text(k->models), value_int(k->created_ms), value_int(k->updated_ms), value_int(k->expires_ms),
	    value_int(k->disabled), value_int(k->management)};
	if (ledger_db_run(l->db, sql, v, N_OF(v), e))
		return -1;
	*id = ledger_db_last(l->db);
	return changed(l, e);
}

int
ledger_key_add(struct ledger *l, struct ledger_key *k, struct err *e)
{
	int64_t id = 0;

	if (ledger_db_begin(l->db, e))
		return ledger_file_judge(l, -1, e);
	k->id = 0;
	if (end(l, add(l, k, &id, e), k->name, e))
		return -1;
	k->id = id;
	return 0;
}

static int
put(struct ledger *l, const struct ledger_key *k, struct err *e)
{
	static const char sql[] =
	    "UPDATE client SET name = ?, limit_pusd = ?, reset = ?, rpm = ?, tpm = ?, models = ?, "
	    "updated_ms = ?, expires_ms = ?, disabled = ? WHERE id = ?";
	const struct ledger_value v[] = {value_text(k->name), value_known(k->limit_pusd), value_int(k->reset),
	    value_int(k->rpm), value_int(k->tpm), value_text(k->models), value_int(k->updated_ms),
	    value_int(k->expires_ms), value_int(k->disabled), value_int(k->id)};
	int taken = is_taken(l, k, e);

	if (taken)
		return taken == 1 ? TAKEN : -1;
	if (ledger_db_run(l->db, sql, v, N_OF(v), e))
		return -1;
	return ledger_db_changes(l->db) ? changed(l, e) : GONE;
}

/* 0: *k is that key; it is the caller's in any case. */
static int
get(struct ledger *l, struct ledger_key *k, int64_t id, int64_t now_ms, struct err *e)
{
	struct sqlite3_stmt *st;

	if (select_keys(l, &st, id, now_ms, e))
		return -1;
	int n = ledger_db_step(l->db, st, e);
	int r = n == 1 ? read_key(l, st, k, e) : -1;
	ledger_db_done(st);
	return n == 0 ? GONE : r;
}

int
ledger_key_change(struct ledger *l, int64_t id, int64_t now_ms, ledger_key_fn change, void *arg,
    struct ledger_key *after, struct err *e)
{
	struct ledger_key k = {.id = 0};
	int r;

	if (ledger_db_begin(l->db, e))
		return ledger_file_judge(l, -1, e);
	r = get(l, &k, id, now_ms, e);
	if (r == 0 && change(arg, &k, e))
		r = REFUSED;
	k.updated_ms = now_ms;
	r = end(l, r ? r : put(l, &k, e), k.name, e);
	if (r == 0 && after) {
		*after = k;
		return 0;
	}
	ledger_key_release(&k);
	return r;
}

static int
take_out(struct ledger *l, int64_t id, struct err *e)
{
	const struct ledger_value v[] = {value_int(id)};

	if (ledger_db_run(l->db, "DELETE FROM client WHERE id = ?", v, N_OF(v), e))
		return -1;
	return ledger_db_changes(l->db) ? changed(l, e) : GONE;
}

int
ledger_key_remove(struct ledger *l, int64_t id, struct err *e)
{
	if (ledger_db_begin(l->db, e))
		return ledger_file_judge(l, -1, e);
	return end(l, take_out(l, id, e), NULL, e);
}
