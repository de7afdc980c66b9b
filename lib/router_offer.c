/* SPDX-License-Identifier: ISC */
/* Whom chains stand for, and how long that is kept: part of router. */
#include <stdlib.h>
#include <string.h>

#include "caching.h"
#include "candidate.h"
#include "err.h"
#include "health.h"
#include "mem.h"
#include "providers.h"
#include "router_priv.h"
#include "routing.h"

#define PAST_MS 1000    /* the past is read again after so long */
#define LISTS_MS 1000   /* and the lists looked at */
#define OFFER_MS 600000 /* an offer of calls is made anew: lists grow stale */

void
offer_release(struct offer *o)
{
	if (!o || --o->refs)
		return;
	market_release(&o->market);
	names_release(&o->names);
	free(o->published);
	free(o->variant);
	free(o->asked);
	free(o->chain);
	free(o);
}

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

void
offer_lay_past(struct router *r, struct offer *o, int64_t now_ms)
{
	if (!r->s.health || (o->past_ms && now_ms >= o->past_ms && now_ms - o->past_ms < PAST_MS))
		return;
	for (size_t i = 0; i < o->market.n; i++)
		o->market.v[i].past = o->published[i];
	health_look(r->s.health);
	market_past(&o->market, &o->names, r->s.health, now_ms);
	o->past_ms = now_ms;
}

/* What calls ask again and again. */
static void
fill_call(struct router *r, struct offer *o)
{
	struct buf b = BUF_INIT;

	names_list(&o->names, &b);
	buf_adds(&b, "");
	o->asked = buf_take(&b);
	if (providers_router(r->s.ps) && !o->market.loaded)
		o->lacks_prices = 1;
	else if (o->market.loaded && o->market.models.age_s >= CATALOG_MAX_AGE_S)
		o->lacks_prices = 2;
	caching_choose(&o->names, r->s.ps, CACHING_AUTO, 1);
	for (size_t i = 0; i < o->names.n; i++)
		o->caches |= o->names.v[i].cache;
}

static int
fill(struct router *r, struct offer *o, struct err *e)
{
	const struct names_spec s = {
	    .ps = r->s.ps, .chain = *o->chain ? o->chain : NULL, .pin = r->s.pin, .list = catalog_cached};
	struct err ignored;
	int bad = o->kind == OFFER_ALL ? all_models(&o->names, r->s.ps, r->s.pin, e) : names_resolve(&o->names, &s, e);

	r->lacks = o->names.lacks;
	if (bad)
		return -1;
	market_open(&o->market, &o->names);
	o->priced = routing_knows_prices(&o->names);
	market_load(&o->market, &o->names, r->s.ps, catalog_cached, o->kind == OFFER_PLAN, &ignored);
	if (o->kind == OFFER_CALL)
		fill_call(r, o);
	market_forget(&o->market);
	o->published = xreallocarray(NULL, o->market.n + 1, sizeof(*o->published));
	for (size_t i = 0; i < o->market.n; i++)
		o->published[i] = o->market.v[i].past;
	o->variant = routing_variants(o->names.chain, &o->n_chain);
	return 0;
}

static struct offer *
new_offer(struct router *r, const char *chain, enum offer_kind kind, int64_t now_ms, struct err *e)
{
	struct offer *o = xcalloc(1, sizeof(*o));

	o->names = (struct names)NAMES_INIT;
	o->market = (struct market)MARKET_INIT;
	o->chain = xstrdup(chain);
	o->kind = kind;
	o->refs = 1;
	o->generation = r->generation;
	o->made_ms = now_ms;
	if (!fill(r, o, e))
		return o;
	offer_release(o);
	return NULL;
}

static struct offer **
slot_of(struct router *r, const char *chain)
{
	uint32_t h = 2166136261;

	for (; *chain; chain++)
		h = (h ^ (unsigned char)*chain) * 16777619;
	return r->offer[(h ^ h >> 16) % ROUTER_SLOTS];
}

/* Has a list in the cache changed? */
static void
look_at_lists(struct router *r, int64_t now_ms)
{
	uint64_t stamp;

	if (r->stamped_ms && now_ms >= r->stamped_ms && now_ms - r->stamped_ms < LISTS_MS)
		return;
	stamp = catalog_stamp(r->s.ps);
	r->generation += stamp != r->stamp;
	r->stamp = stamp;
	r->stamped_ms = now_ms;
}

static int
holds(const struct router *r, const struct offer *o, int64_t now_ms)
{
	return o->kind != OFFER_CALL ||
	    (!o->outdated && o->generation == r->generation && now_ms >= o->made_ms && now_ms - o->made_ms < OFFER_MS);
}

struct offer *
offer_find(struct router *r, const char *chain, enum offer_kind kind, int64_t now_ms, struct err *e)
{
	struct offer **slot = slot_of(r, chain), *o = NULL;
	size_t k = 0;

	if (kind == OFFER_CALL)
		look_at_lists(r, now_ms);
	while (k < ROUTER_WAYS && slot[k] && (slot[k]->kind != kind || strcmp(slot[k]->chain, chain) != 0))
		k++;
	if (k < ROUTER_WAYS && slot[k] && holds(r, slot[k], now_ms))
		o = slot[k];
	else if (!(o = new_offer(r, chain, kind, now_ms, e)))
		return NULL;
	else if (k == ROUTER_WAYS)
		offer_release(slot[--k]);
	else
		offer_release(slot[k]);
	memmove(slot + 1, slot, k * sizeof(*slot));
	slot[0] = o;
	return o;
}
