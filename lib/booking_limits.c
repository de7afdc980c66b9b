/* SPDX-License-Identifier: ISC */
/* What may be spent: a run's own limit, and the budgets table. Part of booking. */
#include <string.h>

#include "booking_priv.h"
#include "buf.h"
#include "candidate.h"
#include "endpoint.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "policy.h"
#include "providers.h"
#include "tm.h"

#define MAX_FITS 8 /* times that the answer's limit is lowered while others spend, too */

static int
matches(const struct booking *b, const struct budget *budget, const struct candidate *c)
{
	const struct budget_call call = {
	    .tag = b->s.tag, .model = c->name, .provider = c->provider->name, .key = booking_key_name(c->provider)};

	return budget_matches(budget, &call);
}

int
booking_has_budget(const struct booking *b, const struct candidate *c)
{
	for (size_t i = 0; i < b->s.n_budget; i++)
		if (matches(b, &b->s.budget[i], c))
			return 1;
	return 0;
}

int
booking_needs_price(const struct booking *b, const struct candidate *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < b->s.n_budget; k++)
			if (b->s.budget[k].ceiling_pusd == PUSD_UNKNOWN && matches(b, &b->s.budget[k], v + i))
				return 1;
	return b->s.run_limit_pusd != PUSD_UNKNOWN && n > 0;
}

int
booking_limits(const struct booking *b, const struct candidate *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (booking_has_budget(b, v + i))
			return 1;
	return b->s.run_limit_pusd != PUSD_UNKNOWN && n > 0;
}

static int
no_price(const struct candidate *c, struct err *e)
{
	return err_set(e, ERR_CAP, "%s: nobody knows what it costs, and a budget holds", c->name);
}

/* Holds the reservation against this run's own limit. */
static int
hold_run(struct booked *k, int64_t pusd, int64_t *room, struct err *e)
{
	struct booking *b = k->b;
	struct buf left = BUF_INIT, most = BUF_INIT;

	*room = b->s.run_limit_pusd - b->spent_pusd - b->reserved_pusd;
	if (pusd == PUSD_UNKNOWN)
		return no_price(k->candidate, e);
	if (pusd <= *room) {
		b->reserved_pusd += pusd;
		k->run_pusd = pusd;
		return 0;
	}
	price_emit_pusd(&left, *room > 0 ? *room : 0);
	price_emit_pusd(&most, pusd);
	err_set(e, ERR_CAP, "-B has $%s left, and this call of %s may cost $%s", left.p, k->candidate->name, most.p);
	buf_release(&left);
	buf_release(&most);
	return -1;
}

void
booked_let_go(struct booked *k)
{
	k->b->reserved_pusd -= k->run_pusd;
	k->run_pusd = 0;
}

static int
hold_table(struct booked *k, int64_t *room, struct err *e)
{
	struct booking *b = k->b;

	if (!b->path && !b->failed)
		return err_set(e, ERR_CONFIG, "OR_LEDGER is none, but a budget applies to %s", k->candidate->name);
	if (booking_open(b, e) == 0 && booked_write_intent(k, b->s.budget, b->s.n_budget, room, e) == 0)
		return 0;
	if (!e->kind)
		err_set(e, ERR_CANTCREATE, "no ledger, but a budget applies to %s", k->candidate->name);
	if (e->kind == ERR_CAP || e->kind == ERR_CONFIG)
		return -1;
	b->failed = 1; /* the call's end says it: no warning besides */
	e->kind = ERR_CANTCREATE;
	return -1;
}

/* Both kinds of limits, or neither. *room: what the tighter has, where one says no. */
static int
hold(struct booked *k, int64_t *room, struct err *e)
{
	int in_table = booking_has_budget(k->b, k->candidate), in_run = k->b->s.run_limit_pusd != PUSD_UNKNOWN;
	int64_t run_room = INT64_MAX;

	if (in_run && hold_run(k, k->reserved_pusd, &run_room, e)) {
		*room = run_room;
		return -1;
	}
	*room = INT64_MAX;
	if (!in_table || hold_table(k, room, e) == 0)
		return 0;
	booked_let_go(k);
	if (run_room < *room)
		*room = run_room;
	return -1;
}

/* Reserves, with a lower limit of the answer where it has none of its own and doesn't fit. *limit: set then. */
static int
fit(struct booked *k, int64_t *limit, struct err *e)
{
	const struct cost_facts *f = booked_facts(k);
	int64_t most = f->max_tokens, room = 0;

	*limit = -1;
	for (int i = 0; i < MAX_FITS; i++) {
		k->reserved_pusd = cost_bound(k->candidate, f, most);
		if (hold(k, &room, e) == 0)
			return 0;
		if (f->max_tokens >= 0 || e->kind != ERR_CAP || k->reserved_pusd == PUSD_UNKNOWN)
			return -1;
		most = cost_fit(k->candidate, f, room);
		if (most < COST_LEAST_OUTPUT)
			return -1;
		*limit = most;
	}
	return -1;
}

static void
set_price(struct jsonedit *edits, const struct json *j, const char *path, price_t most)
{
	price_t asked, ignored;
	struct buf b = BUF_INIT;
	size_t n;
	int v = json_path(j, 0, path);
	const char *raw = v >= 0 ? json_raw(j, v, &n) : NULL;

	if (raw && json_str(j, v, &b))
		buf_add(&b, raw, n);
	if (b.len && price_parse_pair(b.p, 0, &asked, &ignored) == 0 && asked != PRICE_UNKNOWN && asked <= most) {
		buf_release(&b);
		return;
	}
	buf_clear(&b);
	price_emit_million(&b, most);
	jsonedit_set(edits, path, b.p, b.len);
	buf_release(&b);
}

/* What was reserved is what the model's row says: OpenRouter mustn't choose a dearer endpoint. */
static void
cap_router(const struct booked *k, struct jsonedit *edits)
{
	const struct pricing *p = &k->candidate->endpoint->pricing;
	int64_t n = k->facts.prompt.bound;

	set_price(edits, k->request, "provider.max_price.prompt", pricing_dearest(p, PRICE_PROMPT, n));
	set_price(edits, k->request, "provider.max_price.completion", pricing_dearest(p, PRICE_COMPLETION, n));
}

/* The request as it stays inside of what was reserved. */
static int
edit(struct booked *k, int64_t limit, struct buf *edited, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct buf b = BUF_INIT;
	int r = 0,
	    routed = k->candidate->endpoint && k->candidate->endpoint->routes && k->reserved_pusd != PUSD_UNKNOWN;

	if (limit >= 0) {
		buf_addf(&b, "%lld", (long long)limit);
		jsonedit_set(&edits, "max_tokens", b.p, b.len);
		buf_clear(&b);
		buf_addf(&b, "max_tokens set to %lld: what the budget has room for", (long long)limit);
		if (k->b->s.on_remark)
			k->b->s.on_remark(k->b->s.arg, b.p);
	}
	if (routed)
		cap_router(k, &edits);
	if (edits.child)
		r = jsonedit_write(&edits, k->request, edited, e);
	jsonedit_release(&edits);
	buf_release(&b);
	return r;
}

int
booked_admit(struct booked *k, const struct candidate *c, size_t n, struct buf *edited, struct err *e)
{
	int64_t limit = -1;

	k->candidate = c;
	k->number = n;
	k->attempt_ms = tm_now_ms();
	k->reserved_pusd = PUSD_UNKNOWN;
	k->is_written = 0;
	if (!booking_limits(k->b, c, 1))
		return 0;
	if (fit(k, &limit, e))
		return -1;
	return edit(k, limit, edited, e);
}
