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

#define N_SLOTS 256  /* of chains that are kept, by their hash */
#define WAYS 4       /* in each slot, the last used one first */
#define PAST_MS 1000 /* the past is read again after so long */

/* Whom a chain stands for. */
struct offer {
	char *chain; /* owned; "": the default model, or all */
	int all;
	struct names names;
	struct market market;
	struct endpoint_past *published; /* owned: of each endpoint, without one's own past */
	int64_t past_ms;                 /* when that was laid over it */
	unsigned *variant;               /* owned */
	size_t n_chain;
};

struct router {
	struct router_spec s;
	struct offer *offer[N_SLOTS][WAYS];
	struct route_query query;
	struct plan plan;
	struct buf chain, text, sticky;
	uint64_t n_drawn; /* plans so far */
};

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

static void
free_offer(struct offer *o)
{
	market_release(&o->market);
	names_release(&o->names);
	free(o->published);
	free(o->variant);
	free(o->chain);
	free(o);
}

void
router_free(struct router *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < N_SLOTS; i++)
		for (size_t k = 0; k < WAYS && r->offer[i][k]; k++)
			free_offer(r->offer[i][k]);
	route_query_release(&r->query);
	plan_release(&r->plan);
	struct buf *bufs[] = {&r->chain, &r->text, &r->sticky};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
		buf_release(bufs[i]);
	free(r);
}

/* ── who may serve ── */

static void
add_row(struct names *n, struct provider *p, const char *id, const char *name)
{
	n->v = mem_grow(n->v, n->n, &n->cap, sizeof(*n->v));
	n->v[n->n++] = (struct candidate){.provider = p, .model = xstrdup(id), .name = xstrdup(name)};
}

/* All rows of OpenRouter's catalog, and what the providers that are ready list themselves. */
static int
all_models(struct names *n, struct providers *ps, const char *pin, struct err *e)
{
	struct err first = {0}, why = {0};

	for (size_t i = 0; i < ps->n; i++) {
		struct provider *p = ps->v + i;
		int routes = provider_routes(p);
		struct catalog c = CATALOG_INIT;
		if (strcmp(p->wire, "mock") == 0 || (pin && strcmp(pin, p->name) != 0) ||
		    (!pin && !routes && !provider_configured(p)))
			continue;
		if (catalog_cached(&c, p, "models", &why) && (routes || pin))
			first = why;
		for (size_t k = 0; k < c.models.n; k++) {
			struct buf name = BUF_INIT;
			buf_addf(&name, "%s%s%s", routes ? "" : p->name, routes ? "" : ":", c.models.v[k].id);
			add_row(n, p, c.models.v[k].id, name.p);
			buf_release(&name);
		}
		catalog_release(&c);
	}
	n->chain = xcalloc(1, sizeof(*n->chain));
	if (n->n)
		return 0;
	if (first.kind)
		*e = first;
	return first.kind ? -1
			  : err_set(e, ERR_NOMODEL, "no list of models is cached; `or-models --refresh` fetches it");
}

static void
lay_past(struct router *r, struct offer *o, int64_t now_ms)
{
	if (!r->s.health || (o->past_ms && now_ms >= o->past_ms && now_ms - o->past_ms < PAST_MS))
		return;
	for (size_t i = 0; i < o->market.n; i++)
		o->market.v[i].past = o->published[i];
	health_look(r->s.health);
	market_past(&o->market, &o->names, r->s.health, now_ms);
	o->past_ms = now_ms;
}

static int
fill_offer(struct router *r, struct offer *o, struct err *e)
{
	const struct names_spec s = {
	    .ps = r->s.ps, .chain = *o->chain ? o->chain : NULL, .pin = r->s.pin, .list = catalog_cached};
	struct err ignored;

	if (o->all ? all_models(&o->names, r->s.ps, r->s.pin, e) : names_resolve(&o->names, &s, e))
		return -1;
	market_open(&o->market, &o->names);
	market_load(&o->market, &o->names, r->s.ps, catalog_cached, !o->all, &ignored);
	market_forget(&o->market);
	o->published = xreallocarray(NULL, o->market.n + 1, sizeof(*o->published));
	for (size_t i = 0; i < o->market.n; i++)
		o->published[i] = o->market.v[i].past;
	o->variant = routing_variants(o->names.chain, &o->n_chain);
	return 0;
}

static struct offer **
slot_of(struct router *r, const char *chain)
{
	uint32_t h = 2166136261;

	for (; *chain; chain++)
		h = (h ^ (unsigned char)*chain) * 16777619;
	return r->offer[(h ^ h >> 16) % N_SLOTS];
}

static struct offer *
new_offer(struct router *r, const char *chain, int all, struct err *e)
{
	struct offer *o = xcalloc(1, sizeof(*o));

	o->names = (struct names)NAMES_INIT;
	o->market = (struct market)MARKET_INIT;
	o->chain = xstrdup(chain);
	o->all = all;
	if (!fill_offer(r, o, e))
		return o;
	free_offer(o);
	return NULL;
}

static struct offer *
find_offer(struct router *r, const char *chain, int all, struct err *e)
{
	struct offer **slot = slot_of(r, chain), *o = NULL;
	size_t k = 0;

	while (k < WAYS && slot[k] && (slot[k]->all != all || strcmp(slot[k]->chain, chain) != 0))
		k++;
	if (k < WAYS && slot[k])
		o = slot[k];
	else if (!(o = new_offer(r, chain, all, e)))
		return NULL;
	else if (k == WAYS)
		free_offer(slot[--k]);
	memmove(slot + 1, slot, k * sizeof(*slot));
	slot[0] = o;
	return o;
}

/* ── which models ── */

static const char *
by_rule(struct router *r, const struct json *request)
{
	struct policy_text t = {.tag = r->s.tag, .text = ""};

	if (!r->s.policy->n_rule)
		return NULL;
	if (request)
		policy_text(&t, request, r->s.tag, &r->text);
	return policy_rule(r->s.policy, &t);
}

/* The chain goes to r->chain; empty: nobody names one. */
static int
choose_chain(struct router *r, const struct json *request, const struct preset **preset, struct err *e)
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
	other = by_rule(r, request);
	if (!other)
		other = r->s.fallback;
	buf_adds(&r->chain, other ? other : "");
	return 0;
}

/* ── plans ── */

static const char *
sticky(struct router *r, const struct offer *o, int64_t now_ms)
{
	uint64_t who = 0;

	for (size_t i = 0; r->s.health && r->query.conversation && i < o->market.n; i++) {
		const struct candidate *c = &o->names.v[o->market.of[i]];
		if (!i || o->market.of[i] != o->market.of[i - 1])
			who = health_sticky(r->s.health,
			    o->market.v[i].routes || o->market.v[i].own ? r->query.conversation
									: health_served(r->query.conversation),
			    c->name, now_ms);
		if (!who || who != health_endpoint(o->market.id[i]))
			continue;
		buf_clear(&r->sticky);
		endpoint_id(&o->market.v[i], &r->sticky);
		return r->sticky.p;
	}
	return NULL;
}

static struct offer *
plan(struct router *r, const struct json *request, int settles, const struct preset **preset, struct err *e)
{
	int64_t now = tm_now_ms();
	struct offer *o;

	if (choose_chain(r, request, preset, e))
		return NULL;
	o = find_offer(r, buf_str(&r->chain), !r->chain.len && !settles, e);
	if (!o || route_read(&r->query, request, e))
		return NULL;
	lay_past(r, o, now);
	struct route_policy p = r->s.cut;
	p.variant = o->variant;
	p.n_chain = o->n_chain;
	p.sticky = sticky(r, o, now);
	if (o->all && p.sort == SORT_DEFAULT && r->query.sort == SORT_DEFAULT)
		p.sort = SORT_PRICE;
	route_plan(&r->plan, &r->query, o->market.v, o->market.n, &p, now,
	    r->s.seeded ? r->s.seed : r->s.seed + r->n_drawn++ * 0x9e3779b97f4a7c15);
	return o;
}

int
router_plan(struct router *r, const struct json *request, struct routed *out, struct err *e)
{
	const struct preset *preset;
	const struct offer *o = plan(r, request, 0, &preset, e);

	if (!o)
		return -1;
	*out = (struct routed){.plan = &r->plan, .market = &o->market, .names = &o->names, .tokens = r->query.tokens};
	return 0;
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
	const struct offer *o = plan(r, request, 1, &preset, e);
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
