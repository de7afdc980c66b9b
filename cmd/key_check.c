/* SPDX-License-Identifier: ISC */
/* or-key check: which keys work. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "key.h"
#include "keycheck.h"
#include "mem.h"
#include "out.h"
#include "providers.h"
#include "str.h"
#include "table.h"

static const struct table_col columns[] = {
    {"NAME", 0}, {"STATE", 0}, {"KEY", 0}, {"LEFT $", 1}, {"LIMIT $", 1}, {"MS", 1}, {"MESSAGE", 0}};

#define N_COLUMNS (sizeof(columns) / sizeof(*columns))

/* The providers to check. Owned; *n may be 0. */
struct chosen {
	struct keycheck *v;
	size_t n;
};

static void
add(struct chosen *c, struct provider *p)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].p == p)
			return;
	c->v[c->n++] = (struct keycheck){.p = p};
}

/* A word that is no name may be a key: it isn't repeated. */
static int
unknown(const struct providers *ps, const char *name, struct err *e)
{
	struct buf near = BUF_INIT;

	for (size_t i = 0; i < ps->n && *name; i++)
		if (str_distance(ps->v[i].name, name, 2) <= 2 || str_starts(ps->v[i].name, name))
			buf_addf(&near, "%s%s", near.len ? ", " : "; near: ", ps->v[i].name);
	err_set(e, ERR_USAGE, "no provider of such a name in the table%s", buf_str(&near));
	buf_release(&near);
	return -1;
}

/* Those that are named, else those that are configured. */
static int
choose(struct chosen *c, struct providers *ps, const struct key_args *a, struct err *e)
{
	c->v = xcalloc(ps->n + 1, sizeof(*c->v));
	for (size_t i = 0; i < a->n_operand; i++) {
		struct provider *p = providers_get(ps, a->operand[i], strlen(a->operand[i]));
		if (!p)
			return unknown(ps, a->operand[i], e);
		add(c, p);
	}
	for (size_t i = 0; i < ps->n && !a->n_operand; i++)
		if (provider_configured(&ps->v[i]))
			add(c, &ps->v[i]);
	if (c->n)
		return 0;
	return err_set(e, ERR_NOKEY, "no provider is configured: set the variable of its key, or `or-key set NAME`");
}

static void
add_row(struct table *t, const struct keycheck *k)
{
	struct buf b = BUF_INIT;

	table_adds(t, k->p->name);
	table_adds(t, keycheck_word(k->state));
	keycheck_key_name(k->p, &b);
	table_adds(t, b.p);
	table_adds(t, k->remaining);
	table_adds(t, k->limit);
	buf_clear(&b);
	if (k->ms >= 0)
		buf_addf(&b, "%lld", (long long)k->ms);
	table_adds(t, buf_str(&b));
	table_adds(t, k->message);
	buf_release(&b);
}

static void
amount(struct jsonw *w, const char *key, const char *usd)
{
	jsonw_key(w, key);
	if (*usd)
		jsonw_raw(w, usd, strlen(usd));
	else
		jsonw_null(w);
}

static void
add_object(struct buf *text, const struct keycheck *k)
{
	struct buf name = BUF_INIT;
	struct jsonw w;

	keycheck_key_name(k->p, &name);
	jsonw_init(&w, text);
	jsonw_object(&w);
	jsonw_member(&w, "name", k->p->name);
	jsonw_member(&w, "state", keycheck_word(k->state));
	jsonw_member(&w, "key", name.p);
	amount(&w, "remaining", k->remaining);
	amount(&w, "limit", k->limit);
	amount(&w, "used", k->used);
	jsonw_key(&w, "ms");
	if (k->ms >= 0)
		jsonw_int(&w, k->ms);
	else
		jsonw_null(&w);
	jsonw_member(&w, "message", *k->message ? k->message : NULL);
	jsonw_end_object(&w);
	buf_addc(text, '\n');
	buf_release(&name);
}

static void
render(struct buf *text, const struct chosen *c, const struct key_args *a, const struct out *o)
{
	struct table t;

	if (a->ndjson) {
		for (size_t i = 0; i < c->n; i++)
			add_object(text, c->v + i);
		return;
	}
	table_init(&t, columns, N_COLUMNS, o->tty);
	for (size_t i = 0; i < c->n; i++)
		add_row(&t, c->v + i);
	if (o->tty && !a->tsv)
		table_aligned(&t, text);
	else
		table_tsv(&t, text);
	table_release(&t);
}

/* What can't be checked is bad news only for who asked for it by name. */
static int
counts(const struct keycheck *k, const struct key_args *a)
{
	return k->state != KEYCHECK_OK && (k->state != KEYCHECK_UNCHECKED || a->n_operand);
}

/* The worst status is the highest: no key (78), rejected (77), no word on it (69). */
static void
judge(const struct chosen *c, const struct key_args *a, struct err *e)
{
	static const struct {
		int status;
		enum err_kind kind;
	} kinds[] = {{78, ERR_NOKEY}, {77, ERR_AUTH}, {69, ERR_HOST}};
	struct buf bad = BUF_INIT;
	int worst = 0;
	size_t i = 0;

	for (size_t k = 0; k < c->n; k++) {
		if (!counts(c->v + k, a))
			continue;
		int status = keycheck_status(c->v[k].state);
		worst = status > worst ? status : worst;
		buf_addf(&bad, "%s%s: %s", bad.len ? ", " : "", c->v[k].p->name, keycheck_word(c->v[k].state));
	}
	while (i < 2 && kinds[i].status != worst)
		i++;
	if (worst)
		err_set(e, kinds[i].kind, "%s", bad.p);
	buf_release(&bad);
}

static void
tell(const struct chosen *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].url)
			warnx("%s: GET %s", c->v[i].p->name, c->v[i].url);
}

static int
check(struct chosen *c, struct providers *ps, const struct key_args *a, struct err *e)
{
	const struct keycheck_limits limits = {a->connect_ms, a->idle_ms, a->total_ms, a->parallel};

	if (providers_load(ps, e) || choose(c, ps, a, e) || keycheck_run(c->v, c->n, &limits, e))
		return -1;
	if (a->verbose)
		tell(c);
	return 0;
}

int
key_check(const struct key_args *a, int closed, struct err *e)
{
	struct providers ps = PROVIDERS_INIT;
	struct chosen c = {NULL, 0};
	struct out o = OUT_INIT;
	struct buf text = BUF_INIT;
	int kept, r = out_open(&o, a->output, closed, e);

	if (r == 0)
		r = check(&c, &ps, a, e);
	if (r == 0) {
		render(&text, &c, a, &o);
		r = out_write(&o, buf_str(&text), text.len, e);
	}
	if (out_close(&o, r == 0, &kept, r ? NULL : e))
		r = -1;
	if (r == 0)
		judge(&c, a, e);
	keycheck_release(c.v, c.n);
	free(c.v);
	providers_release(&ps);
	out_release(&o);
	buf_release(&text);
	return r;
}
