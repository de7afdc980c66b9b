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
matches(const struct budget *budget, const char *tag, const struct candidate *c)
{
	const struct budget_call call = {
	    .tag = tag, .model = c->name, .provider = c->provider->name, .key = booking_key_name(c->provider)};

	return budget_matches(budget, &call);
}

static int
has_budget(const struct booking *b, const char *tag, const struct candidate *c)
{
	for (size_t i = 0; i < b->s.n_budget; i++)
		if (matches(&b->s.budget[i], tag, c))
			return 1;
	return 0;
}

int
booked_has_budget(const struct booked *k, const struct candidate *c)
{
	return k->limit || has_budget(k->b, booked_tag(k), c);
}

int
booking_needs_price_of(const struct booking *b, const struct booked_spec *s, const struct candidate *v, size_t n)
{
	const char *tag = s && s->tag ? s->tag : b->s.tag;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < b->s.n_budget; k++)
			if (b->s.budget[k].ceiling_pusd == PUSD_UNKNOWN && matches(&b->s.budget[k], tag, v + i))
				return 1;
	if (s && s->limit && s->limit->ceiling_pusd == PUSD_UNKNOWN && n > 0)
		return 1;
	return b->s.run_limit_pusd != PUSD_UNKNOWN && n > 0;
}

int
booking_needs_price(const struct booking *b, const struct candidate *v, size_t n)
{
	return booking_needs_price_of(b, NULL, v, n);
}

/* Why no price is known, where it is the request's wish. */
static void
name_tier(struct booked *k, struct err *e)
{
	if (cost_lacks_tier(k->candidate, booked_facts(k)->tier))
		err_wrap(e, "service_tier: not the usual one");
}

static int
no_price(struct booked *k, struct err *e)
{
	err_set(e, ERR_CAP, "%s: nobody knows what it costs, and a budget holds", k->candidate->name);
	name_tier(k, e);
	return -1;
}

static int64_t
run_room(const struct booking *b)
{
	if (b->s.run_limit_pusd == PUSD_UNKNOWN)
		return INT64_MAX;
	return b->s.run_limit_pusd - b->spent_pusd - b->reserved_pusd;
}

/* Holds the reservation against this run's own limit. */
static int
hold_run(struct booked *k, int64_t *room, struct err *e)
{
	int64_t pusd = k->reserved_pusd;
	struct buf left = BUF_INIT, most = BUF_INIT;

	if (k->b->s.run_limit_pusd == PUSD_UNKNOWN)
		return 0;
	*room = run_room(k->b);
	if (pusd == PUSD_UNKNOWN)
		return no_price(k, e);
	if (pusd <= *room) {
		k->b->reserved_pusd += pusd;
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
ask_table(struct booked *k, keeper_fn done, int64_t *room, struct err *e)
{
	struct booking *b = k->b;

	if (!b->path && !b->failed)
		return err_set(e, ERR_CONFIG, "OR_LEDGER is none, but a budget applies to %s", k->candidate->name);
	if (!b->path || (!b->s.keeper && booking_open(b, e)))
		return -1;
	return booked_reserve(k, done, room, e);
}

/* The budgets said no, or couldn't be asked. What the tighter kind of limit has is *room. */
static void
refused(struct booked *k, int64_t *room, struct err *e)
{
	booked_let_go(k);
	if (run_room(k->b) < *room)
		*room = run_room(k->b);
	k->is_written = 0;
	if (!e->kind)
		err_set(e, ERR_CANTCREATE, "no ledger, but a budget applies to %s", k->candidate->name);
	if (e->kind == ERR_CAP)
		name_tier(k, e);
	if (e->kind == ERR_CAP || e->kind == ERR_CONFIG)
		return;
	k->b->failed |= !k->b->s.keeper; /* the call's end says it: no warning besides */
	e->kind = ERR_CANTCREATE;
}

/* Both kinds of limits, or neither. *room: what the tighter has, where one says no. */
static int
hold(struct booked *k, keeper_fn done, int64_t *room, struct err *e)
{
	if (hold_run(k, room, e))
		return -1;
	*room = INT64_MAX;
	if (!booked_has_budget(k, k->candidate))
		return 0;
	int r = ask_table(k, done, room, e);
	if (r == -1)
		refused(k, room, e);
	return r;
}

/* With a lower limit of the answer it may fit, where it has none of its own. */
static int
lower(struct booked *k, int64_t room, const struct err *e)
{
	const struct cost_facts *f = booked_facts(k);

	if (k->n_fits == MAX_FITS || f->max_tokens >= 0 || e->kind != ERR_CAP || k->reserved_pusd == PUSD_UNKNOWN)
		return -1;
	k->most = cost_fit(k->candidate, f, room);
	if (k->most < COST_LEAST_OUTPUT)
		return -1;
	k->lowered = k->most;
	return 0;
}

static void admitted(void *ctx, int64_t room_pusd, const struct err *e);

/* Reserves, if need be after lowering. As booked_admit. */
static int
fit(struct booked *k, struct err *e)
{
	int64_t room = 0;
	int r;

	do {
		k->n_fits++;
		k->reserved_pusd = cost_bound(k->candidate, booked_facts(k), k->most);
		r = hold(k, admitted, &room, e);
	} while (r == -1 && lower(k, room, e) == 0);
	return r;
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

static void
remark(const struct booked *k, const char *text)
{
	if (k->on.on_remark)
		k->on.on_remark(k->on.arg, text);
	else if (k->b->s.on_remark)
		k->b->s.on_remark(k->b->s.arg, text);
}

/* The request as it stays inside of what was reserved. */
static int
edit(struct booked *k, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct buf b = BUF_INIT;
	int r = 0,
	    routed = k->candidate->endpoint && k->candidate->endpoint->routes && k->reserved_pusd != PUSD_UNKNOWN;

	if (k->lowered >= 0) {
		buf_addf(&b, "%lld", (long long)k->lowered);
		jsonedit_set(&edits, "max_tokens", b.p, b.len);
		buf_clear(&b);
		buf_addf(&b, "max_tokens set to %lld: what the budget has room for", (long long)k->lowered);
		remark(k, b.p);
	}
	if (routed)
		cap_router(k, &edits);
	if (edits.child)
		r = jsonedit_write(&edits, k->request, k->edited, e);
	jsonedit_release(&edits);
	buf_release(&b);
	return r;
}

/* A keeper's answer to a reservation. Where nobody waits for it any more, the end settles what was reserved. */
static void
admitted(void *ctx, int64_t room_pusd, const struct err *e)
{
	struct booked *k = ctx;
	struct err why = {0};
	int r = 0;

	k->n_asked--;
	if (!k->is_admitting)
		return;
	if (e) {
		why = *e;
		refused(k, &room_pusd, &why);
		r = lower(k, room_pusd, &why);
		if (r == 0) {
			err_clear(&why);
			r = fit(k, &why);
		}
	}
	if (r == BOOKED_WAITS)
		return;
	k->is_admitting = 0;
	if (r == 0)
		r = edit(k, &why);
	k->on.on_admitted(k->on.arg, r ? &why : NULL);
}

int
booked_admit(struct booked *k, const struct candidate *c, size_t n, struct buf *edited, struct err *e)
{
	k->candidate = c;
	k->number = n;
	k->attempt_ms = tm_now_ms();
	k->reserved_pusd = PUSD_UNKNOWN;
	k->is_written = 0;
	k->edited = edited;
	k->lowered = -1;
	k->n_fits = 0;
	if (k->b->s.run_limit_pusd == PUSD_UNKNOWN && !booked_has_budget(k, c))
		return 0;
	k->most = booked_facts(k)->max_tokens;
	int r = fit(k, e);
	k->is_admitting = r == BOOKED_WAITS;
	return r ? r : edit(k, e);
}
