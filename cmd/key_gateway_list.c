/* SPDX-License-Identifier: ISC */
/* or-key ls, show: what keys of the gateway there are, what they may do and what they did. */
#include <stddef.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "key.h"
#include "ledger_keys.h"
#include "out.h"
#include "price.h"
#include "serve/keys.h"
#include "str.h"
#include "table.h"
#include "tm.h"

/* One of a key's fields. */
struct field {
	const char *name;
	enum { TEXT, NUMBER, LIST, YES } kind;
	/* Appends its value; nothing where there is none. */
	void (*put)(struct buf *b, const struct ledger_key *k, const struct field *f, int64_t now_ms);
	size_t at; /* of the member that it is, in struct ledger_key */
};

#define MEMBER(type) (*(const type *)(const void *)((const char *)k + f->at))
#define PUT(name) static void name(struct buf *b, const struct ledger_key *k, const struct field *f, int64_t now_ms)

PUT(put_text)
{
	(void)now_ms;
	if (MEMBER(char *))
		buf_adds(b, MEMBER(char *));
}

PUT(put_count)
{
	(void)now_ms;
	buf_addf(b, "%lld", (long long)MEMBER(int64_t));
}

PUT(put_bound)
{
	if (MEMBER(int64_t))
		put_count(b, k, f, now_ms);
}

PUT(put_time)
{
	(void)now_ms;
	if (MEMBER(int64_t))
		tm_iso(b, MEMBER(int64_t) / 1000);
}

PUT(put_spent)
{
	(void)now_ms;
	price_emit_sum(b, MEMBER(pusd_sum_t));
}

PUT(put_limit)
{
	(void)f, (void)now_ms;
	if (k->limit_pusd != PUSD_UNKNOWN)
		price_emit_pusd(b, k->limit_pusd);
}

PUT(put_used)
{
	(void)f, (void)now_ms;
	price_emit_sum(b, keys_used(k));
}

PUT(put_left)
{
	(void)f, (void)now_ms;
	if (keys_left(k) >= 0)
		price_emit_sum(b, keys_left(k));
}

PUT(put_state)
{
	(void)f;
	buf_adds(b, keys_state(k, now_ms));
}

PUT(put_reset)
{
	(void)f, (void)now_ms;
	if (ledger_reset(k->reset))
		buf_adds(b, ledger_reset(k->reset));
}

PUT(put_management)
{
	(void)f, (void)now_ms;
	buf_adds(b, k->management ? "yes" : "no");
}

PUT(put_hash)
{
	char hex[2 * LEDGER_KEY_HASH + 1];

	(void)f, (void)now_ms;
	keys_hex(hex, k);
	buf_adds(b, hex);
}

#define AT(member) offsetof(struct ledger_key, member)
/* In the order of the table; those behind its columns are told by `show` and in NDJSON. */
static const struct field fields[] = {
    {"name", TEXT, put_text, AT(name)},
    {"label", TEXT, put_text, AT(label)},
    {"state", TEXT, put_state, 0},
    {"limit", NUMBER, put_limit, 0},
    {"used", NUMBER, put_used, 0},
    {"left", NUMBER, put_left, 0},
    {"reset", TEXT, put_reset, 0},
    {"rpm", NUMBER, put_bound, AT(rpm)},
    {"tpm", NUMBER, put_bound, AT(tpm)},
    {"models", LIST, put_text, AT(models)},
    {"expires", TEXT, put_time, AT(expires_ms)},
    {"management", YES, put_management, 0},
    {"created", TEXT, put_time, AT(created_ms)},
    {"updated", TEXT, put_time, AT(updated_ms)},
    {"calls", NUMBER, put_count, AT(n_calls)},
    {"used_day", NUMBER, put_spent, AT(used_day)},
    {"used_week", NUMBER, put_spent, AT(used_week)},
    {"used_month", NUMBER, put_spent, AT(used_month)},
    {"used_ever", NUMBER, put_spent, AT(used)},
    {"hash", TEXT, put_hash, 0},
};
#define N_FIELDS ((int)(sizeof(fields) / sizeof(*fields)))

static const struct table_col columns[] = {{"NAME", 0}, {"LABEL", 0}, {"STATE", 0}, {"LIMIT $", 1}, {"USED $", 1},
    {"LEFT $", 1}, {"RESET", 0}, {"RPM", 1}, {"TPM", 1}, {"MODELS", 0}, {"EXPIRES", 0}, {"MANAGEMENT", 0},
    {"CREATED", 0}};
#define N_COLUMNS ((int)(sizeof(columns) / sizeof(*columns)))
static const struct table_col pairs[] = {{"FIELD", 0}, {"VALUE", 0}};

static void
value(struct buf *b, const struct ledger_key *k, int field, int64_t now_ms)
{
	fields[field].put(b, k, fields + field, now_ms);
}

static int
add_item(void *arg, const char *item, size_t n)
{
	jsonw_strn(arg, item, n);
	return 0;
}

static void
add_member(struct jsonw *w, int field, const char *text, size_t n)
{
	jsonw_key(w, fields[field].name);
	if (fields[field].kind == YES) {
		jsonw_bool(w, strcmp(text, "yes") == 0);
	} else if (n == 0) {
		jsonw_null(w);
	} else if (fields[field].kind == NUMBER) {
		jsonw_raw(w, text, n);
	} else if (fields[field].kind == TEXT) {
		jsonw_strn(w, text, n);
	} else {
		jsonw_array(w);
		str_list(text, add_item, w);
		jsonw_end_array(w);
	}
}

static void
add_object(struct buf *text, const struct ledger_key *k, int64_t now_ms)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, text);
	jsonw_object(&w);
	for (int i = 0; i < N_FIELDS; i++) {
		buf_clear(&b);
		value(&b, k, i, now_ms);
		add_member(&w, i, buf_str(&b), b.len);
	}
	jsonw_end_object(&w);
	buf_addc(text, '\n');
	buf_release(&b);
}

static void
add_cell(struct table *t, const struct ledger_key *k, int field, int64_t now_ms)
{
	struct buf b = BUF_INIT;

	value(&b, k, field, now_ms);
	table_adds(t, buf_str(&b));
	buf_release(&b);
}

static void
add_table(struct buf *text, const struct table *t, const struct key_args *a, const struct out *o)
{
	if (o->tty && !a->tsv)
		table_aligned(t, text);
	else
		table_tsv(t, text);
}

static int
list(struct buf *text, const struct key_book *b, const struct key_args *a, const struct out *o)
{
	struct table t;

	table_init(&t, columns, N_COLUMNS, o->tty);
	for (size_t i = 0; i < b->keys.n; i++) {
		if (a->ndjson)
			add_object(text, &b->keys.v[i], b->now_ms);
		for (int f = 0; f < N_COLUMNS; f++)
			add_cell(&t, &b->keys.v[i], f, b->now_ms);
	}
	if (!a->ndjson)
		add_table(text, &t, a, o);
	table_release(&t);
	return 0;
}

static int
show(struct buf *text, const struct key_book *b, const struct key_args *a, const struct out *o, struct err *e)
{
	const struct ledger_key *k = key_book_find(b, a, e);
	struct table t;

	if (!k)
		return -1;
	if (a->ndjson) {
		add_object(text, k, b->now_ms);
		return 0;
	}
	table_init(&t, pairs, 2, o->tty);
	for (int f = 0; f < N_FIELDS; f++) {
		table_adds(&t, fields[f].name);
		add_cell(&t, k, f, b->now_ms);
	}
	add_table(text, &t, a, o);
	table_release(&t);
	return 0;
}

static int
print(const struct key_args *a, int closed, int one, struct err *e)
{
	struct out o = OUT_INIT;
	struct buf text = BUF_INIT;
	struct key_book b;
	int kept, r = out_open(&o, a->output, closed, e);

	if (r == 0)
		r = key_book_open(&b, a, e);
	if (r == 0) {
		r = one ? show(&text, &b, a, &o, e) : list(&text, &b, a, &o);
		key_book_close(&b);
	}
	if (r == 0)
		r = out_write(&o, buf_str(&text), text.len, e);
	if (out_close(&o, r == 0, &kept, r ? NULL : e))
		r = -1;
	out_release(&o);
	buf_release(&text);
	return r;
}

int
key_list(const struct key_args *a, int closed, struct err *e)
{
	if (a->n_operand)
		return err_set(e, ERR_USAGE, "ls takes no names: `or-key show NAME` tells about one key");
	return print(a, closed, 0, e);
}

int
key_show(const struct key_args *a, int closed, struct err *e)
{
	if (a->n_operand != 1)
		return err_set(e, ERR_USAGE, "show: one name is wanted, that of a key");
	return print(a, closed, 1, e);
}
