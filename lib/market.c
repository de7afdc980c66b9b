/* SPDX-License-Identifier: ISC */
#include "market.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "candidate.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "listing.h"
#include "mem.h"
#include "models.h"
#include "names.h"
#include "native.h"
#include "providers.h"
#include "route.h"
#include "str.h"

/* Variants that only change the route are no rows of the catalog; others are models of their own. */
static const struct model *
find(struct models *ms, const char *id)
{
	const struct model *m = models_find(ms, id);
	size_t n;

	if (m || !route_variant(id, &n) || !id[n])
		return m;
	char *base = xstrndup(id, n);
	m = models_find(ms, base);
	free(base);
	return m;
}

/* The row whose name a native id spells in its provider's way: claude-3-5-haiku-20241022 is anthropic/claude-3.5-haiku. */
static const struct model *
find_native(struct models *ms, const char *author, const char *id)
{
	struct model row = {.id = (char *)(uintptr_t)id};
	struct models one = {.v = &row, .n = 1};

	for (size_t i = 0; i < ms->n; i++)
		if (native_find(&one, author, ms->v[i].id))
			return &ms->v[i];
	return NULL;
}

const struct model *
market_row(const struct candidate *c, struct models *ms)
{
	const char *author = c->provider->slug ? native_author(c->provider->slug) : c->provider->name;
	const char *colon = strchr(c->name, ':'), *slash = strchr(c->name, '/');
	struct buf id = BUF_INIT;

	if (provider_routes(c->provider))
		return find(ms, c->model);
	if (slash && !(colon && colon < slash))
		return find(ms, c->name);
	buf_addf(&id, "%s/%s", author, c->model);
	const struct model *m = find(ms, strchr(c->model, '/') ? c->model : buf_str(&id));
	buf_release(&id);
	return m ? m : find_native(ms, author, c->model);
}

/* What the line of a provider says; it beats what the catalog says. */
static void
lay_line(struct endpoint *ep, const struct candidate *c)
{
	const struct provider *p = c->provider;

	ep->provider = p->name;
	ep->native = c->model;
	ep->chain = c->chain;
	ep->model = c->name;
	ep->routes = provider_routes(p);
	ep->own = !ep->routes;
	if (ep->routes)
		return;
	ep->tag = p->slug ? p->slug : p->name;
	ep->name = p->name;
	ep->zdr = p->zdr;
	ep->trains = p->train;
	ep->status = 0;
	if (p->prompt == PRICE_UNKNOWN)
		return;
	memset(&ep->pricing, 0, sizeof(ep->pricing));
	ep->pricing.item[PRICE_PROMPT] = p->prompt;
	ep->pricing.item[PRICE_COMPLETION] = p->completion;
	ep->pricing.has = 1U << PRICE_PROMPT | 1U << PRICE_COMPLETION;
}

static struct endpoint
unknown(void)
{
	return (struct endpoint){.tag = "",
	    .name = "",
	    .zdr = -1,
	    .trains = -1,
	    .uptime = -1,
	    .status = 1,
	    .image = PRICE_UNKNOWN,
	    .past = ENDPOINT_PAST_UNKNOWN};
}

static struct endpoint *
add(struct market *m, size_t of, const char *id, const char *tag)
{
	struct buf b = BUF_INIT;

	m->v = mem_grow(m->v, m->n, &m->cap, sizeof(*m->v));
	m->of = mem_grow(m->of, m->n, &m->cap_of, sizeof(*m->of));
	m->id = mem_grow(m->id, m->n, &m->cap_id, sizeof(*m->id));
	buf_addf(&b, "%s%s%s", id, *tag ? "@" : "", tag);
	m->id[m->n] = buf_take(&b);
	m->of[m->n] = of;
	m->v[m->n] = unknown();
	return &m->v[m->n++];
}

static void
clear(struct market *m)
{
	for (size_t i = 0; i < m->n; i++) {
		endpoint_release(&m->v[i]);
		free(m->id[i]);
	}
	m->n = 0;
}

/* A candidate's own endpoint is the first of those that it has. */
static void
tell_candidates(struct market *m, const struct names *n)
{
	for (size_t i = m->n; i-- > 0;)
		n->v[m->of[i]].endpoint = &m->v[i];
}

static void
set_id(struct buf *b, const struct candidate *c)
{
	buf_clear(b);
	buf_addf(b, "%s:%s", c->provider->name, c->model);
}

void
market_open(struct market *m, const struct names *n)
{
	struct buf id = BUF_INIT;

	clear(m);
	for (size_t i = 0; i < n->n; i++) {
		set_id(&id, &n->v[i]);
		lay_line(add(m, i, id.p, ""), &n->v[i]);
	}
	tell_candidates(m, n);
	buf_release(&id);
}

/* The endpoints of a model, where they are cached. */
static struct catalog *
endpoints_of(struct market *m, struct provider *router, const char *model)
{
	struct buf what = BUF_INIT;

	for (size_t i = 0; i < m->n_lists; i++)
		if (strcmp(m->list_id[i], model) == 0)
			return m->lists[i].models.n ? &m->lists[i] : NULL;
	m->lists = mem_grow(m->lists, m->n_lists, &m->cap_lists, sizeof(*m->lists));
	m->list_id = mem_grow(m->list_id, m->n_lists, &m->cap_list_id, sizeof(*m->list_id));
	m->list_id[m->n_lists] = xstrdup(model);
	buf_addf(&what, LISTING_ENDPOINTS "%s", model);
	struct catalog *c = &m->lists[m->n_lists++];
	int r = catalog_cached(c, router, what.p, NULL);
	buf_release(&what);
	return r == 0 && c->models.n ? c : NULL;
}

/* "~author/family-latest" has those of the model that it stands for. */
static struct catalog *
endpoints_of_row(struct market *m, struct provider *router, const struct model *row)
{
	const struct json *j = *row->id == '~' ? model_json(&m->models.models, row) : NULL;
	char *target = j ? json_dup(j, json_path(j, 0, "alias_target.slug"), NULL) : NULL;
	struct catalog *c = endpoints_of(m, router, target ? target : row->id);

	free(target);
	return c;
}

/* A malformed price leaves prices unknown, and no more. */
static void
take(struct endpoint *ep, struct models *ms, const struct model *row)
{
	struct endpoint found = unknown();

	if (endpoint_parse(&found, model_json(ms, row), 0, NULL) == 0)
		*ep = found;
}

/* The modalities stand in the model's row alone. */
static void
take_modes(struct endpoint *ep, struct market *m, const struct model *row)
{
	struct endpoint model = unknown();

	take(&model, &m->models.models, row);
	ep->modes_in = model.modes_in;
	ep->modes_out = model.modes_out;
	endpoint_release(&model);
}

static int
is_of(const struct endpoint *ep, const char *slug)
{
	size_t n = strlen(slug);

	return strncmp(ep->tag, slug, n) == 0 && (!ep->tag[n] || ep->tag[n] == '/') && ep->tier == TIER_STANDARD;
}

/* The endpoint of that provider among those of the model: its prices are the provider's own. 0: there is none. */
static int
take_same_provider(struct endpoint *ep, struct catalog *list, const char *slug)
{
	for (size_t i = 0; slug && list && i < list->models.n; i++) {
		struct endpoint found = unknown();
		take(&found, &list->models, &list->models.v[i]);
		if (is_of(&found, slug)) {
			*ep = found;
			return 1;
		}
		endpoint_release(&found);
	}
	return 0;
}

static void
load_direct(struct market *m, size_t i, const struct candidate *c, struct provider *router, const char *id)
{
	const struct model *row = market_row(c, &m->models.models);
	struct endpoint *ep = add(m, i, id, "");

	if (row && take_same_provider(ep, endpoints_of_row(m, router, row), c->provider->slug))
		take_modes(ep, m, row);
	else if (row)
		take(ep, &m->models.models, row);
	ep->stands_in = 0;
	ep->past = (struct endpoint_past)ENDPOINT_PAST_UNKNOWN; /* what is published is of OpenRouter's keys */
	ep->tier = TIER_STANDARD;
	lay_line(ep, c);
}

static void
load_router(struct market *m, size_t i, const struct candidate *c, struct provider *router, int expand, const char *id)
{
	const struct model *row = market_row(c, &m->models.models);
	struct catalog *list = expand && row ? endpoints_of_row(m, router, row) : NULL;
	struct endpoint *ep;

	for (size_t k = 0; list && k < list->models.n; k++) {
		struct endpoint found = unknown();
		take(&found, &list->models, &list->models.v[k]);
		ep = add(m, i, id, found.name);
		*ep = found;
		ep->past.success = ep->uptime;
		take_modes(ep, m, row);
		lay_line(ep, c);
		ep->routes = 0;
	}
	if (list)
		return;
	ep = add(m, i, id, "");
	if (row)
		take(ep, &m->models.models, row);
	ep->stands_in = expand;
	lay_line(ep, c);
}

int
market_load(struct market *m, const struct names *n, struct providers *ps, catalog_fn list, int expand, struct err *e)
{
	struct provider *router = providers_router(ps);
	struct buf id = BUF_INIT;

	if (m->loaded)
		return 0;
	if (!router || list(&m->models, router, "models", e))
		return router ? -1 : 0;
	m->loaded = 1;
	clear(m);
	for (size_t i = 0; i < n->n; i++) {
		const struct candidate *c = &n->v[i];
		set_id(&id, c);
		if (provider_routes(c->provider))
			load_router(m, i, c, router, expand, id.p);
		else
			load_direct(m, i, c, router, id.p);
	}
	tell_candidates(m, n);
	buf_release(&id);
	return 0;
}

void
market_past(struct market *m, const struct names *n, struct health *h, int64_t now_ms)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct candidate *c = &n->v[m->of[i]];
		health_past(h, m->id[i], now_ms, &m->v[i].past);
		m->v[i].past.benched_ms = health_benched(h, c->provider, c->model, now_ms, &m->v[i].past.benched_for);
	}
}

int
market_lacks_price(const struct candidate *c)
{
	return !c->endpoint || pricing_item(&c->endpoint->pricing, PRICE_PROMPT, 0, 0) == PRICE_UNKNOWN;
}

void
market_forget(struct market *m)
{
	for (size_t i = 0; i < m->n_lists; i++) {
		catalog_release(&m->lists[i]);
		free(m->list_id[i]);
	}
	free(m->lists);
	free(m->list_id);
	m->lists = NULL;
	m->list_id = NULL;
	m->n_lists = m->cap_lists = m->cap_list_id = 0;
	catalog_release(&m->models);
}

void
market_release(struct market *m)
{
	clear(m);
	market_forget(m);
	free(m->v);
	free(m->of);
	free(m->id);
	*m = (struct market)MARKET_INIT;
}
