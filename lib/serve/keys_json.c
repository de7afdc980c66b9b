/* SPDX-License-Identifier: ISC */
/* Keys as JSON: what the scribe tells, what the provisioning API shows and takes. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "serve/keys.h"
#include "tm.h"

#define MAX_A_MINUTE 1000000000000                       /* requests, tokens */
#define WORKSPACE "00000000-0000-0000-0000-000000000000" /* there is one */

/* ── from the scribe ── */

static int64_t
number(const struct json *j, int key, const char *name)
{
	int64_t n = 0;

	json_int(j, json_get(j, key, name), &n);
	return n;
}

static int
is_set(const struct json *j, int key, const char *name)
{
	int node = json_get(j, key, name);
	int64_t n = 0;

	return json_bool(j, node) == 1 || (json_int(j, node, &n) == 0 && n != 0);
}

/* More than 64 bits can hold. */
static pusd_sum_t
money(const struct json *j, int key, const char *name)
{
	int node = json_get(j, key, name);
	pusd_sum_t sum = 0;
	size_t n = 0;
	const char *s = json_type(j, node) == JSON_NUMBER ? json_raw(j, node, &n) : NULL;

	for (size_t i = 0; i < n && i < 36 && s[i] >= '0' && s[i] <= '9'; i++)
		sum = sum * 10 + (s[i] - '0');
	return sum;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int
read_hash(struct ledger_key *k, const struct json *j, int key)
{
	struct buf scratch = BUF_INIT;
	size_t n = 0;
	const char *s = json_view(j, json_get(j, key, "hash"), &scratch, &n);
	int bad = !s || n != (size_t)2 * LEDGER_KEY_HASH;

	for (size_t i = 0; !bad && i < LEDGER_KEY_HASH; i++) {
		int hi = hex_digit(s[2 * i]), lo = hex_digit(s[2 * i + 1]);
		bad = hi < 0 || lo < 0;
		k->hash[i] = (unsigned char)(hi * 16 + lo);
	}
	buf_release(&scratch);
	return bad ? -1 : 0;
}

static enum ledger_reset
read_reset(const struct json *j, int key)
{
	char *word = json_dup(j, json_get(j, key, "reset"), NULL);
	enum ledger_reset r = RESET_NEVER;

	if (word && ledger_reset_parse(&r, word))
		r = RESET_NEVER;
	free(word);
	return r;
}

static int
read_key(struct ledger_key *k, const struct json *j, int key)
{
	*k = (struct ledger_key){.id = number(j, key, "id"),
	    .name = json_dup(j, json_get(j, key, "name"), NULL),
	    .label = json_dup(j, json_get(j, key, "label"), NULL),
	    .limit_pusd = PUSD_UNKNOWN,
	    .reset = read_reset(j, key),
	    .rpm = number(j, key, "rpm"),
	    .tpm = number(j, key, "tpm"),
	    .models = json_dup(j, json_get(j, key, "models"), NULL),
	    .created_ms = number(j, key, "created_ms"),
	    .updated_ms = number(j, key, "updated_ms"),
	    .expires_ms = number(j, key, "expires_ms"),
	    .disabled = is_set(j, key, "disabled"),
	    .management = is_set(j, key, "management"),
	    .used = money(j, key, "used"),
	    .used_day = money(j, key, "used_day"),
	    .used_week = money(j, key, "used_week"),
	    .used_month = money(j, key, "used_month"),
	    .n_calls = number(j, key, "n_calls")};
	json_int(j, json_get(j, key, "limit_pusd"), &k->limit_pusd);
	if (k->models && !*k->models) {
		free(k->models);
		k->models = NULL;
	}
	return !k->name || !k->label || read_hash(k, j, key) ? -1 : 0;
}

int
keys_read(struct ledger_keys *out, const struct json *j, struct err *e)
{
	*out = (struct ledger_keys)LEDGER_KEYS_INIT;
	if (json_type(j, 0) != JSON_ARRAY)
		return err_set(e, ERR_INTERNAL, "the ledger's process: no list of keys");
	for (int node = json_child(j, 0); node >= 0; node = json_next(j, 0, node)) {
		out->v = mem_grow(out->v, out->n, &out->cap, sizeof(*out->v));
		if (read_key(&out->v[out->n++], j, node))
			return err_set(e, ERR_INTERNAL, "the ledger's process: a key without name, label or hash");
	}
	return 0;
}

/* ── shown ── */

void
keys_write_usd(struct jsonw *w, const char *name, pusd_sum_t pusd)
{
	struct buf b = BUF_INIT;

	jsonw_key(w, name);
	if (pusd >= 0) {
		price_emit_sum(&b, pusd);
		jsonw_raw(w, b.p, b.len);
	} else {
		jsonw_null(w);
	}
	buf_release(&b);
}

static void
add_time(struct jsonw *w, const char *name, int64_t ms)
{
	struct buf b = BUF_INIT;

	if (ms)
		tm_iso(&b, ms / 1000);
	jsonw_member(w, name, ms ? b.p : NULL);
	buf_release(&b);
}

static void
add_count(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	if (n)
		jsonw_int(w, n);
	else
		jsonw_null(w);
}

/* All that is spent counts, with whose key of a provider it may be: there is no other use. */
void
keys_write_limits(struct jsonw *w, const struct ledger_key *k)
{
	keys_write_usd(w, "limit", k->limit_pusd == PUSD_UNKNOWN ? -1 : k->limit_pusd);
	keys_write_usd(w, "limit_remaining", keys_left(k));
	jsonw_member(w, "limit_reset", ledger_reset(k->reset));
	jsonw_member_bool(w, "include_byok_in_limit", 1);
	keys_write_usd(w, "usage", k->used);
	keys_write_usd(w, "usage_daily", k->used_day);
	keys_write_usd(w, "usage_weekly", k->used_week);
	keys_write_usd(w, "usage_monthly", k->used_month);
	keys_write_usd(w, "byok_usage", 0);
	keys_write_usd(w, "byok_usage_daily", 0);
	keys_write_usd(w, "byok_usage_weekly", 0);
	keys_write_usd(w, "byok_usage_monthly", 0);
	add_time(w, "expires_at", k->expires_ms);
	jsonw_member(w, "creator_user_id", NULL);
	jsonw_member(w, "workspace_id", WORKSPACE);
	add_count(w, "rpm", k->rpm);
	add_count(w, "tpm", k->tpm);
	jsonw_member(w, "models", k->models);
}

void
keys_write(struct jsonw *w, const struct ledger_key *k)
{
	char hex[2 * LEDGER_KEY_HASH + 1];

	keys_hex(hex, k);
	jsonw_object(w);
	jsonw_member(w, "hash", hex);
	jsonw_member(w, "name", k->name);
	jsonw_member(w, "label", k->label);
	jsonw_member_bool(w, "disabled", k->disabled);
	keys_write_limits(w, k);
	jsonw_member_bool(w, "management", k->management);
	add_time(w, "created_at", k->created_ms);
	add_time(w, "updated_at", k->updated_ms == k->created_ms ? 0 : k->updated_ms);
	jsonw_member(w, "external_user", NULL);
	jsonw_end_object(w);
}

/* ── taken ── */

/* A member's value. For each: 0, or -1 and what it has to be. */
struct wish {
	struct ledger_key *k;
	const struct json *j;
	int node;
	int64_t now_ms;
};

static int
is_null(const struct wish *w)
{
	return json_type(w->j, w->node) == JSON_NULL;
}

/* An owned copy; NULL where it is no string, or has a NUL in it. */
static char *
text(const struct wish *w, int node)
{
	size_t n = 0;
	char *s = json_dup(w->j, node, &n);

	if (s && strlen(s) != n) {
		free(s);
		return NULL;
	}
	return s;
}

static int
take_name(const struct wish *w)
{
	char *s = text(w, w->node);

	if (!s)
		return -1;
	free(w->k->name);
	w->k->name = s;
	return 0;
}

static int
take_limit(const struct wish *w)
{
	size_t n;
	const char *s = json_raw(w->j, w->node, &n);
	int64_t pusd = PUSD_UNKNOWN;

	if (!is_null(w) && (json_type(w->j, w->node) != JSON_NUMBER || price_parse_pusd(s, n, &pusd) || pusd < 0))
		return -1;
	w->k->limit_pusd = pusd;
	return 0;
}

static int
take_reset(const struct wish *w)
{
	char *word = text(w, w->node);
	int bad = 0;

	if (is_null(w))
		w->k->reset = RESET_NEVER;
	else
		bad = !word || ledger_reset_parse(&w->k->reset, word);
	free(word);
	return bad ? -1 : 0;
}

static int
take_expires(const struct wish *w)
{
	char *s = text(w, w->node);
	int64_t ms = is_null(w) ? 0 : s && strchr(s, 'T') ? tm_moment(s) : -1;

	free(s);
	if (ms < 0 || (ms && ms <= w->now_ms))
		return -1;
	w->k->expires_ms = ms;
	return 0;
}

static int
take_count(const struct wish *w, int64_t *to)
{
	int64_t n = 0;

	if (!is_null(w) && (json_int(w->j, w->node, &n) || n < 1 || n > MAX_A_MINUTE))
		return -1;
	*to = n;
	return 0;
}

static int
take_rpm(const struct wish *w)
{
	return take_count(w, &w->k->rpm);
}

static int
take_tpm(const struct wish *w)
{
	return take_count(w, &w->k->tpm);
}

static int
join_models(const struct wish *w, struct buf *out)
{
	for (int node = json_child(w->j, w->node); node >= 0; node = json_next(w->j, w->node, node)) {
		char *s = text(w, node);
		int bad = !s || !*s || strchr(s, ',');
		if (!bad)
			buf_addf(out, "%s%s", out->len ? "," : "", s);
		free(s);
		if (bad)
			return -1;
	}
	return out->len ? 0 : -1;
}

static int
take_models(const struct wish *w)
{
	struct buf list = BUF_INIT;
	char *s = text(w, w->node);
	int bad = !s && !is_null(w);

	if (json_type(w->j, w->node) == JSON_ARRAY) {
		bad = join_models(w, &list);
		s = bad ? NULL : buf_take(&list);
	}
	buf_release(&list);
	if (bad)
		return -1;
	free(w->k->models);
	w->k->models = s;
	return 0;
}

static int
take_flag(const struct wish *w, int *to)
{
	int v = json_bool(w->j, w->node);

	*to = v == 1;
	return v < 0 ? -1 : 0;
}

static int
take_disabled(const struct wish *w)
{
	return take_flag(w, &w->k->disabled);
}

static int
take_management(const struct wish *w)
{
	return take_flag(w, &w->k->management);
}

static int
take_byok(const struct wish *w)
{
	return json_bool(w->j, w->node) == 1 ? 0 : -1;
}

static int
take_nothing(const struct wish *w)
{
	return is_null(w) ? 0 : -1;
}

enum { NEW = 1, CHANGE = 2 };
static const struct {
	const char *name;
	int when;
	int (*take)(const struct wish *w);
	const char *wanted;
} members[] = {
    {"name", NEW | CHANGE, take_name, "a string"},
    {"limit", NEW | CHANGE, take_limit, "dollars, at least 0, or null"},
    {"limit_reset", NEW | CHANGE, take_reset, "daily, weekly, monthly or null"},
    {"expires_at", NEW | CHANGE, take_expires, "a time to come in UTC (2027-12-31T23:59:59Z), or null"},
    {"include_byok_in_limit", NEW | CHANGE, take_byok, "true: all that is spent counts"},
    {"rpm", NEW | CHANGE, take_rpm, "a whole number of at least 1, or null"},
    {"tpm", NEW | CHANGE, take_tpm, "a whole number of at least 1, or null"},
    {"models", NEW | CHANGE, take_models, "patterns: an array, or a string with commas between them, or null"},
    {"disabled", CHANGE, take_disabled, "true or false"},
    {"management", NEW, take_management, "true or false"},
    {"creator_user_id", NEW, take_nothing, "null: there are no users"},
    {"workspace_id", NEW, take_nothing, "null: there is one workspace"},
};
#define N_MEMBERS (sizeof(members) / sizeof(*members))

static int
take_member(const struct wish *w, int key, int when, struct err *e)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		if (!(members[i].when & when) || !json_eq(w->j, key, members[i].name))
			continue;
		return members[i].take(w) ? err_set(e, ERR_DATA, "%s: must be %s", members[i].name, members[i].wanted)
					  : 0;
	}
	char *name = text(w, key);
	err_set(e, ERR_DATA, "%.64s: %s", name ? name : "a field",
	    when == NEW ? "a new key has no such field" : "this can't be changed of a key");
	free(name);
	return -1;
}

int
keys_change(struct ledger_key *k, const struct json *j, int is_new, int64_t now_ms, struct err *e)
{
	if (json_type(j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the body must be an object");
	if (json_unique(j, e))
		return -1;
	for (int key = json_child(j, 0); key >= 0; key = json_next(j, 0, json_value(j, key))) {
		struct wish w = {k, j, json_value(j, key), now_ms};
		if (take_member(&w, key, is_new ? NEW : CHANGE, e))
			return -1;
	}
	if (k->limit_pusd == PUSD_UNKNOWN && json_get(j, 0, "limit_reset") < 0)
		k->reset = RESET_NEVER; /* it went with the limit */
	return keys_check(k, e);
}
