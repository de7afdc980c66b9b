/* SPDX-License-Identifier: ISC */
/* Bookings of workers, in batches: part of scribe.h. What all of them have sent by now becomes one transaction, then they are answered. */
#include <stdlib.h>

#include "budget.h"
#include "ledger_read.h"
#include "mem.h"
#include "serve/scribe_priv.h"
#include "tm.h"

#define RETRY_MS 1000    /* before a ledger that couldn't be opened is tried again */
#define MAX_CALLS 100000 /* open at once, of one worker */

/* What was done for one message. */
struct booking_done {
	struct worker *w;
	uint64_t number; /* of the message */
	uint64_t call;
	int64_t before; /* the call's row */
	int64_t room;
	struct err *e; /* owned; NULL: it was done */
	int settles;   /* the call's end */
};

/* ── the ledger ── */

struct ledger *
scribe_ledger(struct scribe *s, struct worker *w, struct err *e)
{
	char *warning = NULL;
	int64_t n;

	if (s->ledger || !s->s.path)
		return s->ledger;
	if (s->failed_ms && tm_mono_ms() - s->failed_ms < RETRY_MS) {
		*e = s->failed;
		return NULL;
	}
	if (ledger_open(&s->ledger, s->s.path, LEDGER_WRITE, &warning, e)) {
		s->ledger = NULL;
		s->failed = *e;
		s->failed_ms = tm_mono_ms();
		return NULL;
	}
	s->failed_ms = 0;
	if (warning)
		scribe_warn(s, w ? w : TAILQ_FIRST(&s->workers), warning);
	free(warning);
	if (ledger_orphans(s->ledger, &n, e))
		scribe_warn(s, w, e->msg); /* the first reservation tries again */
	err_clear(e);
	return s->ledger;
}

/* The file was set aside: numbers of its rows mean nothing in a new one. */
static void
begin_anew(struct scribe *s)
{
	struct worker *w;

	ledger_close(s->ledger);
	s->ledger = NULL;
	s->is_spoiled = 0;
	s->n_left = 0;
	s->keys_ms = 0;
	s->keys_version = -1;
	for (size_t i = 0; i < s->n_done; i++)
		s->done[i].before = 0;
	TAILQ_FOREACH(w, &s->workers, next)
	for (size_t i = 0; i < N_CALL_LISTS; i++)
		for (struct open_call *c = w->call[i]; c; c = c->next)
			c->row = 0;
}

/* ── open calls ── */

static struct open_call **
place(struct worker *w, uint64_t number)
{
	struct open_call **at = &w->call[number % N_CALL_LISTS];

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

static struct open_call *
add_call(struct worker *w, uint64_t number, struct err *e)
{
	struct open_call **at = place(w, number), *c = *at;

	if (c)
		return c;
	if (w->n_calls >= MAX_CALLS) {
		err_set(e, ERR_TEMPORARY, "%d calls are open", MAX_CALLS);
		return NULL;
	}
	*at = c = xcalloc(1, sizeof(*c));
	c->number = number;
	w->n_calls++;
	return c;
}

static void
remove_call(struct worker *w, struct open_call **at)
{
	struct open_call *c = *at;

	*at = c->next;
	w->n_calls--;
	free(c);
}

/* What a spool that was found tells, or is told again, may be in the ledger already. 1: the call is over there, and this was its past; -1. */
static int
look_up(struct scribe *s, struct worker *w, uint64_t number, const struct ledger_call *c, int again, struct err *e)
{
	struct open_call *o = *place(w, number);
	enum ledger_state state;
	int64_t row;
	int r;

	if ((!w->found && !again) || o)
		return o && o->over;
	if ((r = ledger_find(s->ledger, c, &row, &state, e)) != 1)
		return r;
	if (!(o = add_call(w, number, e)))
		return -1;
	o->row = row;
	o->over = state == CALL_SETTLED;
	return o->over;
}

/* ── messages ── */

/* Nothing of the batch was written yet: where the file turns out to be spoiled, and was set aside, a new one takes it. */
static int
begin_ledger(struct scribe *s, struct worker *w, struct err *e)
{
	struct ledger *l = scribe_ledger(s, w, e);

	if (!l || ledger_batch(l, e) == 0)
		return l ? 0 : -1;
	if (e->kind != ERR_DATA)
		return -1;
	scribe_warn(s, w, e->msg);
	begin_anew(s);
	l = scribe_ledger(s, w, e);
	return l && ledger_batch(l, e) == 0 ? 0 : -1;
}

static int
begin_batch(struct scribe *s, struct worker *w, struct err *e)
{
	if (s->in_batch && !s->is_spoiled)
		return 0;
	if (!s->batch_failed && !s->is_spoiled) {
		if (begin_ledger(s, w, &s->batch_err) == 0) {
			s->in_batch = 1;
			return 0;
		}
		s->batch_failed = 1; /* not again for each of them: it may have waited for a minute */
	}
	*e = s->batch_err;
	return -1;
}

static struct booking_done *
add_done(struct scribe *s, struct worker *w, uint64_t number, uint64_t call)
{
	s->done = mem_grow(s->done, s->n_done, &s->cap_done, sizeof(*s->done));
	struct booking_done *d = s->done + s->n_done++;
	struct open_call *c = *place(w, call);
	*d = (struct booking_done){
	    .w = w, .number = number, .call = call, .before = c ? c->row : 0, .room = PUSD_UNKNOWN};
	return d;
}

static void
note(struct scribe *s, struct booking_done *d, int r, const struct err *e)
{
	if (r == 0)
		return;
	d->e = xmalloc(sizeof(*d->e));
	*d->e = *e;
	if (s->in_batch && e->kind == ERR_DATA) {
		s->is_spoiled = 1;
		s->batch_err = *e;
	}
}

static int
reserve(struct scribe *s, struct booking_done *d, const struct ledger_call *c, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, struct err *e)
{
	struct open_call *o;
	int r;

	if (!s->s.path)
		return 0;
	if (begin_batch(s, d->w, e) || (r = look_up(s, d->w, d->call, c, 0, e)) == -1)
		return -1;
	if (r == 1)
		return 0;
	if (!(o = add_call(d->w, d->call, e)))
		return -1;
	r = ledger_reserve(s->ledger, c, &o->row, a, n, b, n_budget, &d->room, e);
	if (r && !d->w->found)
		o->row = d->before;
	return r;
}

static int
on_reserve(struct scribe *s, struct worker *w, struct line_msg *m)
{
	struct ledger_call c;
	struct ledger_attempt a;
	struct err e = {0};
	uint64_t number = (uint64_t)line_get_int(m, INT64_MIN, INT64_MAX);

	line_get_call(m, &c);
	int n = (int)line_get_int(m, 0, INT32_MAX);
	line_get_attempt(m, &a);
	size_t n_budget = line_get_count(m);
	struct budget *b = xcalloc(n_budget, sizeof(*b));
	for (size_t i = 0; i < n_budget; i++)
		line_get_budget(m, b + i);
	int whole = line_is_whole(m);
	if (whole) {
		struct booking_done *d = add_done(s, w, m->number, number);
		note(s, d, reserve(s, d, &c, &a, n, b, n_budget, &e), &e);
	}
	free(b);
	return whole ? 0 : -1;
}

static int
on_settle_attempt(struct scribe *s, struct worker *w, struct line_msg *m)
{
	struct ledger_call c;
	struct ledger_attempt a;
	struct err e = {0};
	uint64_t number = (uint64_t)line_get_int(m, INT64_MIN, INT64_MAX);

	line_get_call(m, &c);
	int n = (int)line_get_int(m, 0, INT32_MAX);
	line_get_attempt(m, &a);
	if (!line_is_whole(m))
		return -1;
	struct booking_done *d = add_done(s, w, m->number, number);
	int r = s->s.path ? begin_batch(s, w, &e) : 1;
	if (r == 0)
		r = look_up(s, w, number, &c, 0, &e);
	struct open_call *o = *place(w, number);
	if (r == 0 && o && o->row) /* else its reservation failed, and was said to, or all of it is over */
		r = ledger_settle_attempt(s->ledger, o->row, &c, &a, n, &e);
	note(s, d, r == -1 ? -1 : 0, &e);
	return 0;
}

static int
settle(struct scribe *s, struct booking_done *d, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n, int again, struct err *e)
{
	int r;

	d->settles = 1;
	if (s->s.path) {
		if (begin_batch(s, d->w, e) || (r = look_up(s, d->w, d->call, c, again, e)) == -1)
			return -1;
		const struct open_call *o = *place(d->w, d->call);
		int64_t row = o ? o->row : 0;
		if (r == 0 && ledger_settle(s->ledger, row, c, a, row ? from : 0, n, e))
			return -1;
	}
	struct open_call *o = *place(d->w, d->call);
	if (o)
		o->over = 1;
	return 0;
}

static int
on_settle(struct scribe *s, struct worker *w, struct line_msg *m)
{
	struct ledger_call c;
	struct err e = {0};
	uint64_t number = (uint64_t)line_get_int(m, INT64_MIN, INT64_MAX);

	line_get_call(m, &c);
	size_t from = (size_t)line_get_int(m, 0, INT32_MAX), n = line_get_count(m);
	struct ledger_attempt *a = xcalloc(n, sizeof(*a));
	for (size_t i = 0; i < n; i++)
		line_get_attempt(m, a + i);
	int whole = line_is_whole(m) && from <= n;
	if (whole) {
		struct booking_done *d = add_done(s, w, m->number, number);
		note(s, d, settle(s, d, &c, a, from, n, m->type == LINE_SETTLE_AGAIN, &e), &e);
	}
	free(a);
	return whole ? 0 : -1;
}

static int
on_moot(struct scribe *s, struct worker *w, struct line_msg *m)
{
	uint64_t number = (uint64_t)line_get_int(m, INT64_MIN, INT64_MAX);

	if (m->bad)
		return -1;
	add_done(s, w, m->number, number);
	return 0;
}

int
scribe_book(struct scribe *s, struct worker *w, struct line_msg *m)
{
	switch (m->type) {
	case LINE_MOOT:
		return on_moot(s, w, m);
	case LINE_RESERVE:
		return on_reserve(s, w, m);
	case LINE_SETTLE_ATTEMPT:
		return on_settle_attempt(s, w, m);
	case LINE_SETTLE:
	case LINE_SETTLE_AGAIN:
		return on_settle(s, w, m);
	}
	return -1;
}

/* Nobody will say the end of this call again: it is settled at its reservation, as soon as the ledger can be written. */
static void
leave(struct scribe *s, struct open_call *c)
{
	s->left = mem_grow(s->left, s->n_left, &s->cap_left, sizeof(*s->left));
	s->left[s->n_left++] = c->row;
	c->over = 1;
}

void
scribe_leave(struct scribe *s, struct worker *w)
{
	for (size_t i = 0; i < N_CALL_LISTS; i++)
		while (w->call[i]) {
			if (w->call[i]->row && !w->call[i]->over)
				leave(s, w->call[i]);
			remove_call(w, &w->call[i]);
		}
}

/* ── the end of a batch ── */

/* In the batch that runs, or in one of their own. */
static void
abandon_left(struct scribe *s)
{
	struct err e = {0};

	if (!s->n_left || begin_batch(s, NULL, &e))
		return; /* next time, then */
	for (size_t i = 0; i < s->n_left; i++)
		if (ledger_abandon(s->ledger, s->left[i], &e))
			scribe_warn(s, NULL, e.msg);
}

/* Nothing of the batch stands: calls are where they were. */
static void
take_back(struct scribe *s, const struct err *e)
{
	for (size_t i = s->n_done; i-- > 0;) {
		struct booking_done *d = s->done + i;
		struct open_call *c = *place(d->w, d->call);
		if (c) {
			c->row = d->before;
			c->over = 0;
		}
		if (!d->e) {
			d->e = xmalloc(sizeof(*d->e));
			*d->e = *e;
		}
	}
}

static void
answer(struct booking_done *d)
{
	struct buf *b = &d->w->out;

	size_t at = line_begin(b, LINE_DONE, d->number);
	line_int(b, d->e && d->e->kind != ERR_CAP ? PUSD_UNKNOWN : d->room);
	line_err(b, d->e);
	line_end(b, at);
}

/* Calls that are over, and those of which nothing was written. */
static void
forget_calls(struct scribe *s)
{
	for (size_t i = 0; i < s->n_done; i++) {
		struct open_call **at = place(s->done[i].w, s->done[i].call);
		if (*at && s->done[i].settles && s->done[i].e && (*at)->row)
			leave(s, *at);
		if (*at && ((*at)->over || !(*at)->row))
			remove_call(s->done[i].w, at);
	}
}

int
scribe_flush(struct scribe *s)
{
	struct err e = {0};
	int r = s->batch_failed ? -1 : 0;

	abandon_left(s);
	if (s->in_batch) {
		r = ledger_flush(s->ledger, &e);
		s->in_batch = 0;
		s->written_ms = tm_mono_ms();
		if (r == 0 && s->is_spoiled) {
			r = -1;
			e = s->batch_err;
		}
		if (r == 0)
			s->n_left = 0;
		else
			take_back(s, &e);
		if (s->is_spoiled || (r && e.kind == ERR_DATA))
			begin_anew(s);
	}
	for (size_t i = 0; i < s->n_done; i++)
		answer(s->done + i);
	forget_calls(s);
	for (size_t i = 0; i < s->n_done; i++)
		free(s->done[i].e);
	s->n_done = 0;
	s->batch_failed = 0;
	return r;
}

void
scribe_book_release(struct scribe *s)
{
	ledger_close(s->ledger);
	free(s->done);
	free(s->left);
}
