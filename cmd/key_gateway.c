/* SPDX-License-Identifier: ISC */
/* or-key new, disable, enable, rm: keys of the gateway. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "key.h"
#include "ledger.h"
#include "ledger_keys.h"
#include "mem.h"
#include "out.h"
#include "serve/gate.h"
#include "serve/keys.h"
#include "spool.h"
#include "str.h"
#include "tm.h"

int
key_book_open(struct key_book *b, const struct key_args *a, struct err *e)
{
	char *path, *warning = NULL;
	int r;

	*b = (struct key_book){.keys = LEDGER_KEYS_INIT, .now_ms = tm_now_ms()};
	if (ledger_path(&path, e))
		return -1;
	if (!path)
		return err_set(e, ERR_CONFIG, "OR_LEDGER is none: keys of the gateway are kept in the ledger");
	spool_wait(path, SPOOL_PATIENCE_MS);
	r = ledger_open(&b->l, path, LEDGER_WRITE, &warning, e);
	if (warning && !a->quiet)
		warnx("%s", warning);
	free(warning);
	free(path);
	if (r == 0 && ledger_keys(b->l, &b->keys, b->now_ms, e)) {
		key_book_close(b);
		r = -1;
	}
	return r;
}

void
key_book_close(struct key_book *b)
{
	ledger_keys_release(&b->keys);
	ledger_close(b->l);
	b->l = NULL;
}

static int
check_operand(const struct key_args *a, struct err *e)
{
	if (a->n_operand != 1)
		return err_set(e, ERR_USAGE, "%s: one name is wanted, that of a key", a->command->name);
	return 0;
}

/* What was asked for may be a key itself: it isn't repeated. */
static int
unknown(const struct ledger_keys *ks, const char *name, struct err *e)
{
	struct buf near = BUF_INIT;

	for (size_t i = 0; i < ks->n && *name; i++)
		if (str_distance(ks->v[i].name, name, 2) <= 2 || str_starts(ks->v[i].name, name))
			buf_addf(&near, "%s%s", near.len ? ", " : "; near: ", ks->v[i].name);
	err_set(e, ERR_NEGATIVE, "the gateway has no key of that name%s", buf_str(&near));
	buf_release(&near);
	return -1;
}

struct ledger_key *
key_book_find(const struct key_book *b, const struct key_args *a, struct err *e)
{
	struct ledger_key *k = NULL;

	if (check_operand(a, e))
		return NULL;
	k = keys_named(&b->keys, a->operand[0]);
	if (!k)
		unknown(&b->keys, a->operand[0], e);
	return k;
}

static void
fill(struct ledger_key *k, const struct key_args *a, int64_t now_ms)
{
	const struct key_limits *l = &a->limits;

	*k = (struct ledger_key){.name = xstrdup(a->operand[0]),
	    .limit_pusd = l->limit_pusd,
	    .reset = l->reset,
	    .rpm = l->rpm,
	    .tpm = l->tpm,
	    .models = l->models ? xstrdup(l->models) : NULL,
	    .created_ms = now_ms,
	    .updated_ms = now_ms,
	    .expires_ms = l->expires_ms,
	    .management = l->management};
}

/* A key that couldn't be told is nobody's. */
static int
add(struct key_book *b, struct ledger_key *k, struct out *o, struct err *e)
{
	char text[GATE_KEY_BYTES + 1];
	int r;

	gate_make_key(text, k);
	size_t n = strlen(text);
	r = ledger_key_add(b->l, k, e);
	if (r == 0) {
		text[n] = '\n';
		r = out_write(o, text, n + 1, e);
		if (r)
			ledger_key_remove(b->l, k->id, NULL);
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

static int
new_key(const struct key_args *a, struct out *o, struct err *e)
{
	struct ledger_key k;
	struct key_book b;
	int r;

	fill(&k, a, tm_now_ms());
	r = keys_check(&k, e);
	if (r) {
		err_wrap(e, "new");
		e->kind = ERR_USAGE;
	} else {
		r = key_book_open(&b, a, e);
		if (r == 0) {
			r = add(&b, &k, o, e);
			key_book_close(&b);
		}
	}
	ledger_key_release(&k);
	return r;
}

int
key_new(const struct key_args *a, int closed, struct err *e)
{
	struct out o = OUT_INIT;
	int kept, r;

	if (check_operand(a, e))
		return -1;
	r = out_open(&o, NULL, closed, e);
	if (r == 0)
		r = new_key(a, &o, e);
	if (r == 0 && o.tty && !a->quiet)
		warnx("this is the key, shown this once: the ledger keeps only its hash");
	if (out_close(&o, r == 0, &kept, r ? NULL : e))
		r = -1;
	out_release(&o);
	return r;
}

static int
set_flag(void *arg, struct ledger_key *k, struct err *e)
{
	const int *disabled = arg;

	(void)e;
	k->disabled = *disabled;
	return 0;
}

static int
set_disabled(struct key_book *b, const struct key_args *a, int disabled, struct err *e)
{
	const struct ledger_key *k = key_book_find(b, a, e);

	if (!k)
		return -1;
	if (k->disabled == disabled)
		return 0;
	return ledger_key_change(b->l, k->id, b->now_ms, set_flag, &disabled, NULL, e);
}

static int
remove_key(struct key_book *b, const struct key_args *a, struct err *e)
{
	const struct ledger_key *k = key_book_find(b, a, e);

	return k ? ledger_key_remove(b->l, k->id, e) : -1;
}

int
key_disable(const struct key_args *a, int closed, struct err *e)
{
	struct key_book b;
	int r;

	(void)closed;
	if (check_operand(a, e) || key_book_open(&b, a, e))
		return -1;
	r = set_disabled(&b, a, 1, e);
	key_book_close(&b);
	return r;
}

int
key_enable(const struct key_args *a, int closed, struct err *e)
{
	struct key_book b;
	int r;

	(void)closed;
	if (check_operand(a, e) || key_book_open(&b, a, e))
		return -1;
	r = set_disabled(&b, a, 0, e);
	key_book_close(&b);
	return r;
}

int
key_remove(const struct key_args *a, int closed, struct err *e)
{
	struct key_book b;
	int r;

	(void)closed;
	if (check_operand(a, e) || key_book_open(&b, a, e))
		return -1;
	r = remove_key(&b, a, e);
	key_book_close(&b);
	return r;
}
