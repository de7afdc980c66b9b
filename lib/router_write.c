/* SPDX-License-Identifier: ISC */
/* A plan written into its request: part of router. */
#include <string.h>

#include "buf.h"
#include "candidate.h"
#include "endpoint.h"
#include "json.h"
#include "jsonedit.h"
#include "jsonw.h"
#include "market.h"
#include "names.h"
#include "router_priv.h"

static const struct endpoint *
endpoint_at(const struct routed *p, size_t place)
{
	return &p->market->v[p->plan->place[place].endpoint];
}

/* The first name is the model, all of them its chain: models holds them where there are several, or where it was there. */
static void
set_models(const struct routed *p, const struct json *request, struct jsonedit *edits)
{
	struct buf name = BUF_INIT, list = BUF_INIT;
	struct jsonw w;
	size_t n = 0;

	jsonw_init(&w, &list);
	jsonw_array(&w);
	for (size_t i = 0; i < p->plan->n; i++) {
		if (router_repeats(p, i))
			continue;
		buf_clear(&name);
		router_name(p, i, &name);
		if (!n++ && !json_eq(request, json_get(request, 0, "model"), name.p))
			jsonedit_set_str(edits, "model", name.p);
		jsonw_str(&w, name.p);
	}
	jsonw_end_array(&w);
	if (n > 1)
		jsonedit_set(edits, "models", list.p, list.len);
	else if (json_get(request, 0, "models") >= 0)
		jsonedit_unset(edits, "models");
	buf_release(&name);
	buf_release(&list);
}

static int
has_tag(const struct routed *p, size_t before, const char *tag)
{
	for (size_t i = 0; i < before; i++) {
		const struct endpoint *ep = endpoint_at(p, i);
		if (!ep->own && !ep->routes && strcmp(ep->tag, tag) == 0)
			return 1;
	}
	return 0;
}

/* OpenRouter's endpoints in the order of the plan, each tag once. 0: none is known. */
static size_t
write_tags(const struct routed *p, struct buf *list)
{
	struct jsonw w;
	size_t n = 0;

	jsonw_init(&w, list);
	jsonw_array(&w);
	for (size_t i = 0; i < p->plan->n; i++) {
		const struct endpoint *ep = endpoint_at(p, i);
		if (ep->own || ep->routes || !*ep->tag || has_tag(p, i, ep->tag))
			continue;
		jsonw_str(&w, ep->tag);
		n++;
	}
	jsonw_end_array(&w);
	return n;
}

static void
set_cap(struct jsonedit *edits, const char *path, price_t most, price_t asked)
{
	struct buf b = BUF_INIT;

	if (most == PRICE_UNKNOWN || (asked != PRICE_UNKNOWN && asked <= most))
		return;
	price_emit_million(&b, most);
	jsonedit_set(edits, path, b.p, b.len);
	buf_release(&b);
}

/* Was somebody left out by what only the command line says? OpenRouter has to be told by name then. */
static int
was_cut(const struct routed *p)
{
	for (size_t i = 0; i < p->plan->n_excluded; i++) {
		enum route_rule rule = p->plan->excluded[i].rule;
		if (rule == RULE_MIN_CONTEXT || rule == RULE_NEEDS)
			return 1;
	}
	return 0;
}

/* Is somebody in it that routes itself? Whom it can ask isn't known here. */
static int
has_router(const struct routed *p)
{
	for (size_t i = 0; i < p->plan->n; i++)
		if (endpoint_at(p, i)->routes)
			return 1;
	return 0;
}

/* By quality, of which only OpenRouter knows: an order would take the place of it. */
static int
goes_by_quality(const struct routed *p)
{
	for (size_t i = 0; i < p->plan->n; i++)
		if (p->plan->place[i].reason == REASON_LISTED)
			return 1;
	return 0;
}

static int
asks_router(const struct routed *p)
{
	for (size_t i = 0; i < p->plan->n; i++)
		if (!endpoint_at(p, i)->own)
			return 1;
	return 0;
}

static void
set_provider(
    const struct routed *p, const struct route_query *q, const struct route_policy *cut, struct jsonedit *edits)
{
	static const char *const sorts[] = {[SORT_PRICE] = "price",
	    [SORT_THROUGHPUT] = "throughput",
	    [SORT_LATENCY] = "latency",
	    [SORT_EXACTO] = "exacto"};
	struct buf list = BUF_INIT;
	size_t n = write_tags(p, &list);

	if (n && !q->router_only && !goes_by_quality(p))
		jsonedit_set(edits, "provider.order", list.p, list.len);
	else if (cut->sort != SORT_DEFAULT)
		jsonedit_set_str(edits, "provider.sort", sorts[cut->sort]);
	if (n && was_cut(p) && !has_router(p))
		jsonedit_set(edits, "provider.only", list.p, list.len);
	set_cap(edits, "provider.max_price.prompt", cut->max_prompt, q->max_prompt);
	set_cap(edits, "provider.max_price.completion", cut->max_completion, q->max_completion);
	buf_release(&list);
}

int
router_write(const struct routed *p, const struct route_query *q, const struct route_policy *cut,
    const struct json *request, struct buf *out, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;

	set_models(p, request, &edits);
	if (asks_router(p) &&
	    json_type(request, json_get(request, 0, "provider")) == JSON_NULL) /* no path leads through it */
		jsonedit_set(&edits, "provider", "{}", 2);
	if (asks_router(p))
		set_provider(p, q, cut, &edits);
	int r = jsonedit_write(&edits, request, out, e);
	jsonedit_release(&edits);
	return r;
}
