/* SPDX-License-Identifier: ISC */
/* Bookings, as booking asks for them: part of desk.h. */
#include "serve/desk_priv.h"

#include "budget.h"
#include "err.h"
#include "loop.h"
#include "serve/line.h"
#include "spool.h"

#define LINGER_MS 50  /* what nobody waits for, so that it goes out together */
#define AGAIN_MS 1000 /* likewise, while the ledger can't be written */
#define AGAIN_BYTES (SPOOL_BYTES / 2)
#define LINGER_BYTES (256 * 1024)

/* A message that ends d->out, from `at` on, and needs no leave. 1: it is in the spool, and told soon. */
static int
spool(struct desk *d, struct wait *w, size_t at)
{
	if (!d->s.spool || spool_put(d->s.spool, d->out.p + at, d->out.len - at))
		return 0;
	w->spooled = spool_end(d->s.spool);
	w->is_soon = 1;
	TAILQ_INSERT_TAIL(&d->soon, w, soon);
	desk_wake(d);
	if (d->lost || (d->out.len - d->sent > LINGER_BYTES && !d->refused))
		desk_send_soon(d);
	else if (!d->lingers)
		loop_timer_set(d->linger, d->refused ? AGAIN_MS : LINGER_MS);
	d->lingers = 1;
	return 1;
}

static int
may_pass(const struct err *e)
{
	return e->kind == ERR_TEMPORARY || e->kind == ERR_IO || e->kind == ERR_CANTCREATE || e->kind == ERR_SYSTEM ||
	    e->kind == ERR_DATA;
}

/* Behind what is in the spool, before it is taken out there, lest a death find it in neither place; where there is no room, instead of it. */
static void
put_again(struct desk *d, const struct wait *w, struct buf *b)
{
	struct spool *s = d->s.spool;

	line_make_again(b, 0, d->last_number + 1);
	if (spool_put(s, b->p, b->len)) {
		spool_take(s, w->spooled);
		spool_put(s, b->p, b->len);
	}
	struct wait *again = desk_expect(d, NULL, NULL, NULL);
	again->spooled = spool_end(s);
	again->settles = again->is_again = 1;
	d->n_again++;
	buf_add(&d->out, b->p, b->len);
	if (!d->lingers)
		loop_timer_set(d->linger, AGAIN_MS);
	d->lingers = 1;
}

/* Answers come in their order: its message is the first in the spool. */
void
desk_book_again(struct desk *d, const struct wait *w, const struct err *e)
{
	struct buf b = BUF_INIT;
	struct line_msg m;
	size_t used = 0;

	if (!w->settles || d->lost || !may_pass(e))
		return;
	spool_peek(d->s.spool, w->spooled, &b);
	if ((d->n_again + 1) * b.len <= AGAIN_BYTES && line_next(buf_str(&b), b.len, &used, &m) == 1 && used == b.len &&
	    m.number == w->number)
		put_again(d, w, &b);
	buf_release(&b);
}

/* What both messages about one attempt begin with; no content goes with it. */
static size_t
begin_attempt(struct desk *d, enum line_type type, uint64_t number, uint64_t call, const struct ledger_call *c,
    const struct ledger_attempt *a, int n)
{
	struct ledger_call brief = *c;
	size_t at = line_begin(&d->out, type, number);

	brief.request = brief.answer = NULL;
	line_int(&d->out, (int64_t)call);
	line_call(&d->out, &brief);
	line_int(&d->out, n);
	line_attempt(&d->out, a);
	return at;
}

static void
reserve(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, keeper_fn done, void *ctx)
{
	struct desk *d = arg;
	struct wait *w = desk_expect(d, done, NULL, ctx);
	size_t at = begin_attempt(d, LINE_RESERVE, w->number, call, c, a, n);

	line_int(&d->out, (int64_t)n_budget);
	for (size_t i = 0; i < n_budget; i++)
		line_budget(&d->out, b + i);
	if (line_end(&d->out, at))
		desk_refuse(d, w->number, 0);
	else if (!n_budget && spool(d, w, at)) {
		d->intent[call % DESK_INTENTS] = (struct intent){.call = call, .flushes = d->flushes, .at = at};
		return;
	}
	desk_send_soon(d);
}

static void
settle_attempt(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n)
{
	struct desk *d = arg;
	struct wait *w = desk_expect(d, NULL, NULL, NULL);
	size_t at = begin_attempt(d, LINE_SETTLE_ATTEMPT, w->number, call, c, a, n);

	if (line_end(&d->out, at))
		desk_refuse(d, w->number, 0);
	else if (spool(d, w, at))
		return;
	desk_send_soon(d);
}

/* The call was over before its intent went out: one row is written for both. */
static void
forgo_intent(struct desk *d, uint64_t call)
{
	const struct intent *i = &d->intent[call % DESK_INTENTS];

	if (i->call == call && i->flushes == d->flushes)
		line_make_moot(&d->out, i->at);
}

static int
put_settle(struct desk *d, uint64_t number, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n)
{
	size_t at = line_begin(&d->out, LINE_SETTLE, number);

	line_int(&d->out, (int64_t)call);
	line_call(&d->out, c);
	line_int(&d->out, (int64_t)from);
	line_int(&d->out, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		line_attempt(&d->out, a + i);
	return line_end(&d->out, at);
}

/* A call is booked even where its content is more than a message may hold. */
static void
settle(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, size_t from, size_t n,
    keeper_fn done, void *ctx)
{
	struct desk *d = arg;
	struct ledger_call brief = *c;
	struct wait *w = desk_expect(d, done, NULL, ctx);
	size_t at = d->out.len;

	brief.request = brief.answer = NULL;
	if (put_settle(d, w->number, call, c, a, from, n) && put_settle(d, w->number, call, &brief, a, from, n))
		desk_refuse(d, w->number, 0);
	else if (spool(d, w, at)) {
		w->settles = 1;
		forgo_intent(d, call);
		return;
	}
	desk_send_soon(d);
}

static void
forget(void *arg, void *ctx)
{
	desk_forget(arg, ctx);
}

void
desk_book_init(struct desk *d)
{
	d->keeper = (struct keeper){
	    .arg = d, .reserve = reserve, .settle_attempt = settle_attempt, .settle = settle, .forget = forget};
}
