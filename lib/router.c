/* SPDX-License-Identifier: ISC */
#include "router.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "buf.h"
#include "candidate.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "market.h"
#include "mem.h"
#include "names.h"
#include "policy.h"
#include "providers.h"
#include "request.h"
#include "router_priv.h"
#include "routing.h"
#include "str.h"
#include "tm.h"

struct router *
router_new(const struct router_spec *s)
{
	struct router *r = xcalloc(1, sizeof(*r));

	r->s = *s;
	r->plan = (struct plan)PLAN_INIT;
	if (!s->seeded)
		(void)!getrandom(&r->s.seed, sizeof(r->s.seed), 0);
	return r;
}

void
router_free(struct router *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < ROUTER_SLOTS; i++)
		for (size_t k = 0; k < ROUTER_WAYS; k++)
			offer_release(r->offer[i][k]);
	route_query_release(&r->query);
	plan_release(&r->plan);
	struct buf *bufs[] = {&r->chain, &r->text, &r->sticky};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
		buf_release(bufs[i]);
	free(r);
}

/* ── which models ── */

static const char *
by_rule(struct router *r, const struct json *request, const char *tag)
{
	struct policy_text t = {.tag = tag, .text = ""};

	if (!r->s.policy->n_rule)
		return NULL;
	if (request)
		policy_text(&t, request, tag, &r->text);
	return policy_rule(r->s.policy, &t);
}

int
router_chain(struct router *r, const struct json *request, const char *tag, const struct preset **preset, struct err *e)
{
	char *chain = NULL, *field = NULL;
	const char *other;

	*preset = NULL;
	buf_clear(&r->chain);
	if (r->s.chain)
		buf_adds(&r->chain, r->s.chain);
	else if (request && request_models(request, &r->chain, e))
		return -1;
	if (r->s.policy->n_preset) {
		chain = r->chain.len ? xstrdup(r->chain.p) : NULL;
		field = request ? json_dup(request, json_get(request, 0, "preset"), NULL) : NULL;
		int bad = policy_choose_preset(r->s.policy, field, &chain, preset, e);
		buf_clear(&r->chain);
		buf_adds(&r->chain, chain ? chain : "");
		free(chain);
		free(field);
		if (bad)
			return -1;
	}
	if (r->chain.len)
		return 0;
	other = by_rule(r, request, tag);
	if (!other)
		other = r->s.fallback;
	buf_adds(&r->chain, other ? other : "");
	return 0;
}

/* ── plans ── */

void
router_run(struct router *r, const struct offer *o, const struct route_policy *p, int64_t now_ms)
{
	route_plan(&r->plan, &r->query, o->market.v, o->market.n, p, now_ms,
	    r->s.seeded ? r->s.seed : r->s.seed + r->n_drawn++ * 0x9e3779b97f4a7c15);
}

/* OFFER_ALL: where nobody names a model. */
static struct offer *
plan(struct router *r, const struct json *request, enum offer_kind kind, const struct preset **preset, struct err *e)
{
	int64_t now = tm_now_ms();
	struct offer *o;

	if (router_chain(r, request, r->s.tag, preset, e))
		return NULL;
	o = offer_find(r, buf_str(&r->chain), kind == OFFER_ALL && r->chain.len ? OFFER_PLAN : kind, now, e);
	if (!o || route_read(&r->query, request, e))
		return NULL;
	offer_lay_past(r, o, now);
	struct route_policy p = r->s.cut;
	p.variant = o->variant;
	p.n_chain = o->n_chain;
	p.sticky = routing_sticky(&o->market, &o->names, r->s.health, r->query.conversation, now, &r->sticky);
	if (o->kind == OFFER_ALL && p.sort == SORT_DEFAULT && r->query.sort == SORT_DEFAULT)
		p.sort = SORT_PRICE;
	router_run(r, o, &p, now);
	return o;
}

static int
tell(struct router *r, const struct json *request, enum offer_kind kind, struct routed *out, struct err *e)
{
	const struct preset *preset;
	const struct offer *o = plan(r, request, kind, &preset, e);

	if (!o)
		return -1;
	*out = (struct routed){.plan = &r->plan, .market = &o->market, .names = &o->names, .tokens = r->query.tokens};
	return 0;
}

int
router_plan(struct router *r, const struct json *request, struct routed *out, struct err *e)
{
	return tell(r, request, OFFER_ALL, out, e);
}

int
router_places(struct router *r, const struct json *request, struct routed *out, struct err *e)
{
	return tell(r, request, OFFER_CALL, out, e);
}

static const struct candidate *
candidate_of(const struct routed *p, size_t place)
{
	return &p->names->v[p->market->of[p->plan->place[place].endpoint]];
}

void
router_name(const struct routed *p, size_t place, struct buf *out)
{
	const struct candidate *c = candidate_of(p, place);

	if (provider_routes(c->provider))
		buf_adds(out, c->model);
	else if (strcmp(c->provider->wire, "mock") == 0)
		buf_addf(out, "mock/%s", c->model);
	else
		buf_addf(out, "%s:%s", c->provider->name, c->model);
}

int
router_repeats(const struct routed *p, size_t place)
{
	const struct candidate *c = candidate_of(p, place);

	for (size_t i = 0; i < place; i++)
		if (candidate_of(p, i) == c)
			return 1;
	return 0;
}

int
router_settle(struct router *r, const struct json *request, struct buf *out, struct err *e)
{
	const struct preset *preset;
	const struct offer *o = plan(r, request, OFFER_PLAN, &preset, e);
	struct json whole = JSON_INIT;
	struct buf text = BUF_INIT;
	int bad = 0;

	if (!o)
		return -1;
	const struct routed p = {.plan = &r->plan, .market = &o->market, .names = &o->names, .tokens = r->query.tokens};
	if (!p.plan->n) {
		routing_none(p.plan, e);
		e->kind = ERR_NEGATIVE;
		return -1;
	}
	if (preset) {
		bad = policy_apply(preset, request, &text, e) || json_parse(&whole, text.p, text.len, e);
		request = &whole;
	}
	if (!bad)
		bad = router_write(&p, &r->query, &r->s.cut, request, out, e);
	json_release(&whole);
	buf_release(&text);
	return bad ? -1 : 0;
}
