/* SPDX-License-Identifier: ISC */
#include "routing.h"

#include <stdlib.h>
#include <string.h>

#include "booking.h"
#include "buf.h"
#include "candidate.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "market.h"
#include "mem.h"
#include "names.h"
#include "providers.h"
#include "route.h"
#include "tm.h"

#define MAX_TOLD 8 /* prices in a message */

unsigned *
routing_variants(char *const *chain, size_t *n)
{
	size_t ignored;

	for (*n = 0; chain && chain[*n]; ++*n)
		continue;
	unsigned *v = xcalloc(*n + 1, sizeof(*v));
	for (size_t i = 0; i < *n; i++)
		v[i] = route_variant(chain[i], &ignored);
	return v;
}

static void
say_price(struct buf *b, const struct endpoint *ep)
{
	buf_adds(b, b->len ? "; " : "");
	buf_addf(b, "%s costs ", ep->model);
	price_t in = pricing_item(&ep->pricing, PRICE_PROMPT, 0, 0);
	if (in == PRICE_UNKNOWN) {
		buf_adds(b, "nobody knows what");
		return;
	}
	buf_addc(b, '$');
	price_emit_million(b, in);
	buf_adds(b, " in, $");
	price_emit_million(b, pricing_item(&ep->pricing, PRICE_COMPLETION, 0, 0));
	buf_adds(b, " out per million");
}

static void
count_rules(const struct plan *p, size_t count[ROUTE_N_RULES])
{
	memset(count, 0, ROUTE_N_RULES * sizeof(*count));
	for (size_t i = 0; i < p->n_excluded; i++)
		count[p->excluded[i].rule]++;
}

int
routing_none(const struct plan *p, struct err *e)
{
	size_t count[ROUTE_N_RULES];
	struct buf b = BUF_INIT;

	count_rules(p, count);
	for (int k = 0; k < ROUTE_N_RULES; k++)
		if (count[k])
			buf_addf(
			    &b, "%s%s excludes %zu", b.len ? ", " : ": ", route_rule((enum route_rule)k), count[k]);
	int r = err_set(e, ERR_NOMODEL, "nothing qualifies%s", buf_str(&b));
	buf_release(&b);
	return r;
}

int
routing_nobody(const struct plan *p, const struct market *m, struct err *e)
{
	size_t count[ROUTE_N_RULES];
	struct buf b = BUF_INIT;

	count_rules(p, count);
	if (!p->n_excluded || count[RULE_CAP] + count[RULE_MAX_PRICE] < p->n_excluded)
		return routing_none(p, e);
	for (size_t i = 0; i < p->n_excluded && i < MAX_TOLD; i++)
		say_price(&b, &m->v[p->excluded[i].endpoint]);
	int r = err_set(e, ERR_CAP, "%s: %s", count[RULE_CAP] ? "-p" : "provider.max_price", buf_str(&b));
	buf_release(&b);
	return r;
}

/* A condition that somebody may fail. */
static int
has_conditions(const struct route_query *q, const unsigned *variant, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (variant[i])
			return 1;
	return q->order.given || q->only.given || q->ignore.given || !q->allow_fallbacks || q->require_parameters ||
	    q->deny_collection || q->zdr || q->distillable || q->quantizations || q->sort != SORT_DEFAULT ||
	    q->tier != ASK_ANY || q->router_only;
}

/* "provider:id" is exactly that provider, and so is -b: what it can't do is listed as lost, and leaves nobody out. */
static int
is_named(const struct names *n, int pinned)
{
	size_t k = strlen(n->v[0].provider->name);

	return n->n == 1 &&
	    (pinned || (strncmp(n->v[0].name, n->v[0].provider->name, k) == 0 && n->v[0].name[k] == ':'));
}

static int
has_caps(const struct route_query *q, const struct route_policy *p)
{
	return p->max_prompt != PRICE_UNKNOWN || p->max_completion != PRICE_UNKNOWN || q->max_prompt != PRICE_UNKNOWN ||
	    q->max_completion != PRICE_UNKNOWN || q->max_request != PRICE_UNKNOWN || q->max_image != PRICE_UNKNOWN ||
	    q->max_audio != PRICE_UNKNOWN;
}

int
routing_knows_prices(const struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (market_lacks_price(&n->v[i]))
			return 0;
	return 1;
}

static int
load_catalog(
    struct market *m, const struct names *n, const struct routing_spec *s, enum routing_need need, struct err *e)
{
	struct err why = {0};

	if (market_load(m, n, s->ps, need == ROUTING_CACHED ? catalog_cached : catalog_fresh, 0, &why) == 0) {
		if (need == ROUTING_CACHED)
			return 0;
		if (*m->models.warning && s->on_warning)
			s->on_warning(s->arg, m->models.warning);
		if (!m->models.from_cache && m->loaded && s->on_note)
			s->on_note(s->arg, "fetched the catalog for prices");
		return 0;
	}
	if (need == ROUTING_CATALOG) {
		*e = why;
		return -1;
	}
	if (need == ROUTING_FRESH && s->on_note)
		s->on_note(s->arg, why.msg);
	return 0;
}

/* Is the order one of prices? */
static int
sorts_by_price(const struct route_query *q, const unsigned *variant, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (variant[i] & VARIANT_FLOOR)
			return 1;
	return q->sort == SORT_PRICE;
}

const char *
routing_sticky(const struct market *m, const struct names *n, struct health *h, uint64_t conversation, int64_t now_ms,
    struct buf *b)
{
	const char *name = NULL;
	uint64_t who = 0, asked = 0;

	for (size_t i = 0; h && conversation && i < m->n; i++) {
		const struct candidate *c = &n->v[m->of[i]];
		uint64_t as = m->v[i].routes || m->v[i].own ? conversation : health_served(conversation);
		if (!name || as != asked || (name != c->name && strcmp(name, c->name) != 0))
			who = health_sticky(h, as, c->name, now_ms);
		name = c->name;
		asked = as;
		if (!who || who != health_endpoint(m->id[i]))
			continue;
		buf_clear(b);
		endpoint_id(&m->v[i], b);
		return b->p;
	}
	return NULL;
}

static void
note_plan(const struct plan *p, const struct market *m, const struct routing_spec *s)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; s->on_note && i < p->n; i++) {
		buf_clear(&b);
		buf_addf(&b, "plan %zu: %s (%s)", i + 1, m->id[p->place[i].endpoint], route_reason(p->place[i].reason));
		s->on_note(s->arg, b.p);
	}
	for (size_t i = 0; s->on_note && i < p->n_excluded; i++) {
		buf_clear(&b);
		buf_addf(
		    &b, "not in the plan: %s (%s)", m->id[p->excluded[i].endpoint], route_rule(p->excluded[i].rule));
		s->on_note(s->arg, b.p);
	}
	buf_release(&b);
}

/* The candidates of the places, in their order; the others go. */
static void
reorder(struct names *n, const struct plan *p, const struct market *m)
{
	struct candidate *v = xcalloc(p->n, sizeof(*v));

	for (size_t i = 0; i < p->n; i++) {
		struct candidate *c = &n->v[m->of[p->place[i].endpoint]];
		v[i] = *c;
		c->model = c->name = NULL;
	}
	for (size_t i = 0; i < n->n; i++) {
		free(n->v[i].model);
		free(n->v[i].name);
	}
	free(n->v);
	n->v = v;
	n->n = n->cap = p->n;
}

static int
run(struct names *n, struct market *m, const struct route_query *q, struct route_policy *policy,
    const struct routing_spec *s, struct err *e)
{
	int64_t now = tm_now_ms();
	struct plan p = PLAN_INIT;
	struct buf who = BUF_INIT;
	int r = 0;

	if (n->n > 1 && s->booking) {
		market_past(m, n, booking_health(s->booking), now);
		policy->sticky = routing_sticky(m, n, booking_health(s->booking), q->conversation, now, &who);
	}
	route_plan(&p, q, m->v, m->n, policy, now, s->seed);
	note_plan(&p, m, s);
	if (p.n)
		reorder(n, &p, m);
	else
		r = routing_nobody(&p, m, e);
	plan_release(&p);
	buf_release(&who);
	return r;
}

static enum routing_need
need_of(const struct route_query *q, const struct route_policy *p, const struct names *n, const struct routing_case *c)
{
	if (c->priced)
		return ROUTING_CACHED;
	if (has_caps(q, p) || c->needs_price)
		return ROUTING_CATALOG;
	return n->n > 1 && sorts_by_price(q, p->variant, p->n_chain) ? ROUTING_FRESH : ROUTING_CACHED;
}

void
routing_judge(struct routing_case *c, const struct names *n, struct route_query *q, const struct route_policy *p)
{
	if (n->n && is_named(n, c->pinned))
		q->router_only = NULL;
	c->need = need_of(q, p, n, c);
	c->looks = n->n > 1 || has_conditions(q, p->variant, p->n_chain);
	c->plans = c->looks || has_caps(q, p);
}

static int
choose(struct names *n, struct market *m, struct route_query *q, struct route_policy *p, const struct routing_spec *s,
    struct err *e)
{
	struct routing_case c = {.pinned = s->pinned,
	    .priced = routing_knows_prices(n),
	    .needs_price = s->booking && booking_needs_price(s->booking, n->v, n->n)};

	if (s->booking)
		booking_conversation(s->booking, q->conversation, q->session.n > 0);
	routing_judge(&c, n, q, p);
	if ((c.looks || c.need != ROUTING_CACHED) && load_catalog(m, n, s, c.need, e))
		return -1;
	return c.plans ? run(n, m, q, p, s, e) : 0;
}

int
routing_choose(
    struct names *n, struct market *m, const struct json *request, const struct routing_spec *s, struct err *e)
{
	struct route_policy policy = {.max_prompt = s->max_prompt, .max_completion = s->max_completion};
	struct route_query q = {0};
	int r = route_read(&q, request, e);
	unsigned *variant = routing_variants(n->chain, &policy.n_chain);

	policy.variant = variant;
	market_open(m, n);
	if (!r)
		r = choose(n, m, &q, &policy, s, e);
	free(variant);
	route_query_release(&q);
	return r;
}
