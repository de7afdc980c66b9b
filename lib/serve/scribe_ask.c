/* SPDX-License-Identifier: ISC */
/* Questions of workers: part of scribe.h. Keys are read and changed here; rows are read in slices, between which calls are booked. */
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "serve/keys.h"
#include "serve/scribe_priv.h"
#include "serve/scribe_rows.h"
#include "spool.h"
#include "tm.h"

#define KEYS_MS 1000     /* between two looks at whether somebody has changed them */
#define SLICE_ROWS 10000 /* a few ms */
#define MAX_ASKED 1000   /* at once, of one worker */
#define LOOK_MS 20       /* before a call that wasn't there is looked for once more */
#define N_LOOKS 12

/* ── keys ── */

static int
read_keys(struct scribe *s, struct ledger_keys *k, struct err *e)
{
	struct ledger *l = scribe_ledger(s, NULL, e);

	*k = (struct ledger_keys)LEDGER_KEYS_INIT;
	if (!l)
		return s->s.path ? -1 : 0;
	return ledger_keys(l, k, tm_now_ms(), e);
}

static int
keys_changed(struct scribe *s, int *changed, struct err *e)
{
	struct ledger *l = scribe_ledger(s, NULL, e);
	int64_t version = s->keys_version;

	*changed = 0;
	if (l && ledger_keys_version(l, &version, e))
		return -1;
	*changed = version != s->keys_version;
	return l || !s->s.path ? 0 : -1;
}

static int
tell_keys(struct scribe *s, int all, struct err *e)
{
	struct ledger_keys k;
	struct buf b = BUF_INIT;
	struct worker *w;
	size_t at;

	if (read_keys(s, &k, e))
		return -1;
	at = line_begin(&b, LINE_KEYS, 0);
	line_int(&b, k.version);
	line_int(&b, (int64_t)k.n);
	for (size_t i = 0; i < k.n; i++)
		line_key(&b, k.v + i);
	int r = line_end(&b, at) ? err_set(e, ERR_DATA, "more keys than can be told: %zu", k.n) : 0;
	if (r == 0)
		s->keys_version = k.version;
	TAILQ_FOREACH(w, &s->workers, next)
	if (r == 0 && (all || !w->has_keys)) {
		buf_add(&w->out, b.p, b.len);
		w->has_keys = 1;
	}
	ledger_keys_release(&k);
	buf_release(&b);
	return r;
}

void
scribe_keys(struct scribe *s)
{
	int64_t now = tm_mono_ms();
	struct worker *w;
	struct err e = {0};
	int changed = 0, is_new = 0;

	TAILQ_FOREACH(w, &s->workers, next)
	is_new |= !w->has_keys;
	int due = !s->keys_ms || now - s->keys_ms >= KEYS_MS;
	if (TAILQ_EMPTY(&s->workers) || (!due && (!is_new || s->keys_failed)))
		return;
	if (due)
		s->keys_ms = now;
	int r = due ? keys_changed(s, &changed, &e) : 0;
	if (r == 0 && (changed || is_new))
		r = tell_keys(s, changed, &e);
	s->keys_failed = r != 0;
	if (r) {
		err_wrap(&e, "keys");
		scribe_warn(s, NULL, e.msg);
	}
}

static void
add_hex(struct jsonw *w, const unsigned char *hash)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * LEDGER_KEY_HASH];

	for (size_t i = 0; i < LEDGER_KEY_HASH; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	jsonw_strn(w, hex, sizeof(hex));
}

static void
add_int(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	jsonw_int(w, n);
}

static void
add_key(struct jsonw *w, const struct ledger_key *k)
{
	jsonw_object(w);
	add_int(w, "id", k->id);
	jsonw_key(w, "hash");
	add_hex(w, k->hash);
	jsonw_member(w, "name", k->name);
	jsonw_member(w, "label", k->label);
	jsonw_key(w, "limit_pusd");
	if (k->limit_pusd == PUSD_UNKNOWN)
		jsonw_null(w);
	else
		jsonw_int(w, k->limit_pusd);
	jsonw_member(w, "reset", ledger_reset(k->reset));
	add_int(w, "rpm", k->rpm);
	add_int(w, "tpm", k->tpm);
	jsonw_member(w, "models", k->models);
	add_int(w, "created_ms", k->created_ms);
	add_int(w, "updated_ms", k->updated_ms);
	add_int(w, "expires_ms", k->expires_ms);
	jsonw_key(w, "disabled");
	jsonw_bool(w, k->disabled);
	jsonw_key(w, "management");
	jsonw_bool(w, k->management);
	add_int(w, "used", scribe_money(k->used));
	add_int(w, "used_day", scribe_money(k->used_day));
	add_int(w, "used_week", scribe_money(k->used_week));
	add_int(w, "used_month", scribe_money(k->used_month));
	add_int(w, "n_calls", k->n_calls);
	jsonw_end_object(w);
}

/* What was spent with the key of a run. */
static int
read_run(struct scribe *s, struct ledger_key *k, struct err *e)
{
	struct ledger *l = scribe_ledger(s, NULL, e);
	const int64_t now = tm_now_ms();
	const struct {
		enum budget_period period;
		pusd_sum_t *sum;
	} v[] = {{BUDGET_EVER, &k->used}, {BUDGET_DAY, &k->used_day}, {BUDGET_WEEK, &k->used_week},
	    {BUDGET_MONTH, &k->used_month}};
	int64_t n_unknown;

	if (!l)
		return s->s.path ? -1 : 0;
	for (size_t i = 0; i < N_OF(v); i++)
		if (ledger_keys_spent(l, k->id, budget_start_day(v[i].period, now), INT64_MAX, v[i].sum, &n_unknown, e))
			return -1;
	return 0;
}

static int
list_keys(struct scribe *s, struct ask *a, struct buf *out, struct err *e)
{
	int has_run = a->has_key && a->key.id < 0;
	struct ledger_keys k;
	struct jsonw w;

	if ((has_run && read_run(s, &a->key, e)) || read_keys(s, &k, e))
		return -1;
	jsonw_init(&w, out);
	jsonw_array(&w);
	for (size_t i = 0; i < k.n; i++)
		add_key(&w, k.v + i);
	if (has_run)
		add_key(&w, &a->key);
	jsonw_end_array(&w);
	ledger_keys_release(&k);
	return 0;
}

struct change {
	const char *text;
	int64_t now_ms;
};

static int
on_change(void *arg, struct ledger_key *k, struct err *e)
{
	const struct change *c = arg;
	struct json j = JSON_INIT;
	int r = json_parse(&j, c->text, strlen(c->text), e);

	if (r == 0)
		r = keys_change(k, &j, 0, c->now_ms, e);
	json_release(&j);
	return r;
}

static int
put_key(struct ledger *l, const struct ask *a, struct buf *out, struct err *e)
{
	struct change c = {a->text, tm_now_ms()};
	struct ledger_key after;
	struct jsonw w;

	if (ledger_key_change(l, a->key.id, c.now_ms, on_change, &c, &after, e))
		return -1;
	jsonw_init(&w, out);
	jsonw_array(&w);
	add_key(&w, &after);
	jsonw_end_array(&w);
	ledger_key_release(&after);
	return 0;
}

static int
add_or_remove(struct ledger *l, struct ask *a, struct buf *out, struct err *e)
{
	struct jsonw w;

	if (a->what == DESK_KEY_ADD ? ledger_key_add(l, &a->key, e) : ledger_key_remove(l, a->key.id, e))
		return -1;
	jsonw_init(&w, out);
	jsonw_int(&w, a->key.id);
	return 0;
}

/* Who asked knows the new set before the answer. */
static int
change_key(struct scribe *s, struct ask *a, struct buf *out, struct err *e)
{
	struct ledger *l = scribe_ledger(s, a->w, e);

	if (!l)
		return s->s.path ? -1 : err_set(e, ERR_CONFIG, "no ledger is kept, and no keys without one");
	if (a->what == DESK_KEY_PUT ? put_key(l, a, out, e) : add_or_remove(l, a, out, e))
		return -1;
	s->written_ms = tm_mono_ms();
	s->keys_ms = 0;
	scribe_keys(s);
	return 0;
}

static int
look(struct scribe *s, struct buf *out)
{
	s->keys_ms = 0;
	scribe_keys(s);
	buf_adds(out, "true");
	return 0;
}

/* ── questions ── */

static int
is_change(const struct ask *a)
{
	return a->what == DESK_KEY_ADD || a->what == DESK_KEY_PUT || a->what == DESK_KEY_REMOVE;
}

static int
is_right(const struct ask *a)
{
	if (a->what == DESK_LIST || a->what == DESK_GENERATION)
		return a->text != NULL;
	if (!is_change(a))
		return 1;
	return a->has_key && (a->what != DESK_KEY_PUT || a->text) &&
	    (a->what != DESK_KEY_ADD || (a->key.name && a->key.label));
}

static int
read_ask(struct ask *a, struct line_msg *m)
{
	a->number = m->number;
	a->what = (enum desk_what)line_get_int(m, DESK_KEYS, DESK_LOOK);
	a->text = line_get_str(m);
	a->from_ms = line_get_int(m, INT64_MIN, INT64_MAX);
	a->until_ms = line_get_int(m, INT64_MIN, INT64_MAX);
	a->has_key = (int)line_get_int(m, 0, 1);
	if (a->has_key)
		line_get_key(m, &a->key);
	return line_is_whole(m) && is_right(a) ? 0 : -1;
}

static void
end_ask(struct scribe *s, struct ask *a)
{
	TAILQ_REMOVE(&s->asks, a, next);
	a->w->n_asked--;
	if (a->reader && a->own)
		a->reader->release(a);
	buf_release(&a->bytes);
	free(a);
}

/* Has another worker told somebody of a call that it hasn't sent yet? */
static int
is_on_its_way(const struct scribe *s, const struct worker *w)
{
	const struct worker *other;

	TAILQ_FOREACH(other, &s->workers, next)
	if (other != w && other->spool && !spool_is_empty(other->spool))
		return 1;
	return 0;
}

int
scribe_ask(struct scribe *s, struct worker *w, struct line_msg *m)
{
	static const struct reader *const readers[] = {
	    [DESK_GENERATION] = &scribe_generation, [DESK_ACTIVITY] = &scribe_activity, [DESK_REPORT] = &scribe_report};
	struct ask *a = xcalloc(1, sizeof(*a));
	struct line_msg copy = *m;
	struct err e = {0};

	buf_add(&a->bytes, m->p, m->left);
	copy.p = a->bytes.p;
	a->w = w;
	if (read_ask(a, &copy)) {
		buf_release(&a->bytes);
		free(a);
		return -1;
	}
	TAILQ_INSERT_TAIL(&s->asks, a, next);
	w->n_asked++;
	if ((size_t)a->what < N_OF(readers))
		a->reader = readers[a->what];
	if (a->what == DESK_GENERATION && is_on_its_way(s, w))
		a->n_looks = N_LOOKS;
	if (w->n_asked > MAX_ASKED) {
		err_set(&e, ERR_TEMPORARY, "%d questions wait already", MAX_ASKED);
		scribe_answer(w, a->number, NULL, 0, &e);
		end_ask(s, a);
	}
	return 0;
}

void
scribe_ask_forget(struct scribe *s, const struct worker *w)
{
	struct ask *a, *after;

	for (a = TAILQ_FIRST(&s->asks); a; a = after) {
		after = TAILQ_NEXT(a, next);
		if (!w || a->w == w)
			end_ask(s, a);
	}
}

static int
on_row(void *arg, const struct ledger_row *r, struct err *e)
{
	struct ask *a = arg;

	(void)e;
	if (r->kind == ROW_CALL) {
		if (r->row <= a->after_row)
			return 0;
		a->after_row = r->row;
		a->after_ms = r->call.started_ms;
		a->n_read++;
	} else if (a->after_row) {
		return 0; /* a day that was read as calls before it was folded */
	}
	if (a->reader->row(a, r))
		return 1;
	return a->n_read >= SLICE_ROWS ? 2 : 0;
}

/* 1: there is more to be read; 0: it is answered; -1 */
static int
read_slice(struct scribe *s, struct ask *a, struct buf *out, struct err *e)
{
	struct ledger *l = scribe_ledger(s, a->w, e);
	int r = 0;

	if (!l && s->s.path)
		return -1;
	if (!a->own)
		a->reader->begin(a);
	a->n_read = 0;
	if (l)
		r = ledger_scan(l, a->from_ms, a->until_ms, a->reader->what, on_row, a, e);
	if (r == 2) {
		a->from_ms = a->after_ms;
		return 1;
	}
	return r == -1 ? -1 : a->reader->end(a, out, e);
}

static int
handle(struct scribe *s, struct ask *a, struct buf *out, struct err *e)
{
	if (a->reader)
		return read_slice(s, a, out, e);
	if (a->what == DESK_LOOK)
		return look(s, out);
	return a->what == DESK_KEYS ? list_keys(s, a, out, e) : change_key(s, a, out, e);
}

int64_t
scribe_ask_due_ms(const struct scribe *s)
{
	const struct ask *a;
	int64_t due = INT64_MAX;

	TAILQ_FOREACH(a, &s->asks, next)
	if (a->due_ms < due)
		due = a->due_ms;
	return due;
}

static struct ask *
first_due(const struct scribe *s)
{
	int64_t now = tm_mono_ms();
	struct ask *a;

	TAILQ_FOREACH(a, &s->asks, next)
	if (a->due_ms <= now)
		return a;
	return NULL;
}

/* 1: it is read for once more, in a while. */
static int
looks_again(struct ask *a, const struct err *e)
{
	if (e->kind != ERR_NEGATIVE || !a->n_looks)
		return 0;
	a->n_looks--;
	a->due_ms = tm_mono_ms() + LOOK_MS;
	a->reader->release(a);
	a->own = NULL;
	a->after_row = a->after_ms = 0;
	return 1;
}

void
scribe_ask_turn(struct scribe *s)
{
	struct ask *a = first_due(s);
	struct buf out = BUF_INIT;
	struct err e = {0};

	if (!a)
		return;
	if (a->what == DESK_LIST) {
		scribe_errand(s, a->w, a->number, a->text);
		end_ask(s, a);
		return;
	}
	int r = handle(s, a, &out, &e);
	if (r == -1 && looks_again(a, &e))
		r = 1;
	if (r != 1) {
		scribe_answer(a->w, a->number, out.p, out.len, r ? &e : NULL);
		end_ask(s, a);
	} else if (TAILQ_NEXT(a, next)) { /* the next one's turn */
		TAILQ_REMOVE(&s->asks, a, next);
		TAILQ_INSERT_TAIL(&s->asks, a, next);
	}
	buf_release(&out);
}
