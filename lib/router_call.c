/* SPDX-License-Identifier: ISC */
/* Requests to candidates: part of router. */
#include <stdlib.h>
#include <string.h>

#include "caching.h"
#include "candidate.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "policy.h"
#include "providers.h"
#include "router_priv.h"
#include "routing.h"
#include "tm.h"

/* A preset may say where to go, too. */
static int
lay_under(const struct preset *preset, const struct json *request, struct buf *text, struct json *whole, struct err *e)
{
	return policy_apply(preset, request, text, e) || json_parse(whole, text->p, text->len, e) ? -1 : 0;
}

static const char *
name_of_router(const struct router *r)
{
	const struct provider *p = providers_router(r->s.ps);

	return p ? p->name : NULL;
}

/* What OpenRouter's list has to tell, and where it can't. */
static int
check_prices(struct router *r, struct offer *o, enum routing_need need, struct err *e)
{
	struct catalog c = CATALOG_INIT;

	if (need == ROUTING_CACHED || !o->lacks_prices)
		return 0;
	r->wanted = name_of_router(r);
	if (need == ROUTING_FRESH || o->lacks_prices == 2)
		return 0;
	o->outdated = 1;
	int bad = catalog_cached(&c, providers_router(r->s.ps), "models", e);
	catalog_release(&c);
	return bad ? -1 : 0;
}

/* Nobody was chosen of these; o: NULL: the names stand for nobody. */
static int
take_none(struct routed_call *out, const struct router *r, const struct offer *o)
{
	out->asked = xstrdup(o ? o->asked : buf_str(&r->chain));
	out->n_considered = o ? o->names.n : 0;
	return -1;
}

static void
take(struct routed_call *out, const struct router *r, struct offer *o, int planned)
{
	out->n = planned ? r->plan.n : o->names.n;
	out->v = xreallocarray(NULL, out->n, sizeof(*out->v));
	for (size_t i = 0; i < out->n; i++)
		out->v[i] = o->names.v[planned ? o->market.of[r->plan.place[i].endpoint] : i];
	out->asked = xstrdup(o->asked);
	out->n_considered = o->names.n;
	out->conversation = r->query.conversation;
	out->has_session = r->query.session.n > 0;
	out->tokens = r->query.tokens;
	out->offer = o;
	o->refs++;
}

static int
run(struct router *r, struct offer *o, struct route_policy *p, int64_t now_ms, struct err *e)
{
	if (o->names.n > 1)
		offer_lay_past(r, o, now_ms);
	/* One place of each model in the chain's order stays where it is, whoever has the prompt. */
	if (o->names.n > o->n_chain || (r->query.across && o->names.n > 1))
		p->sticky =
		    routing_sticky(&o->market, &o->names, r->s.health, r->query.conversation, now_ms, &r->sticky);
	router_run(r, o, p, now_ms);
	if (r->plan.n)
		return 0;
	routing_nobody(&r->plan, &o->market, e);
	if (e->kind == ERR_NOMODEL) /* the names are known */
		e->http = 404;
	return -1;
}

static int
choose(struct router *r, struct offer *o, const struct json *request, int needs_price, struct routed_call *out,
    int64_t now_ms, struct err *e)
{
	struct routing_case c = {.pinned = r->s.pin != NULL, .priced = o->priced, .needs_price = needs_price};
	struct route_policy p = r->s.cut;

	p.variant = o->variant;
	p.n_chain = o->n_chain;
	if (route_read(&r->query, request, e))
		return -1;
	routing_judge(&c, &o->names, &r->query, &p);
	if (check_prices(r, o, c.need, e) || (c.plans && run(r, o, &p, now_ms, e)))
		return take_none(out, r, o);
	take(out, r, o, c.plans);
	if (!o->caches || caching_expects(request))
		return 0;
	for (size_t i = 0; i < out->n; i++)
		out->v[i].cache = 0;
	return 0;
}

int
router_choose(struct router *r, const struct json *request, const char *tag,
    int (*needs_price)(void *arg, const struct candidate *v, size_t n), void *arg, struct routed_call *out,
    struct err *e)
{
	const struct preset *preset;
	struct json whole = JSON_INIT;
	struct buf text = BUF_INIT;
	int64_t now = tm_now_ms();
	struct offer *o;

	*out = (struct routed_call){.n = 0};
	r->wanted = NULL;
	r->lacks = NULL;
	r->guessed = 0;
	if (router_chain(r, request, tag, &preset, e))
		return -1;
	o = offer_find(r, buf_str(&r->chain), OFFER_CALL, now, e);
	struct provider *lacks = o ? o->names.lacks : r->lacks;
	r->wanted = lacks ? lacks->name : NULL;
	r->guessed = o && o->names.missing;
	if (!o)
		return take_none(out, r, NULL);
	int bad = preset ? lay_under(preset, request, &text, &whole, e) : 0;
	if (!bad)
		bad = choose(r, o, preset ? &whole : request,
		    !o->priced && needs_price && needs_price(arg, o->names.v, o->names.n), out, now, e);
	out->preset = bad ? NULL : preset;
	json_release(&whole);
	buf_release(&text);
	return bad ? -1 : 0;
}

void
routed_call_release(struct routed_call *c)
{
	free(c->v);
	free(c->asked);
	offer_release(c->offer);
	*c = (struct routed_call){.n = 0};
}

const char *
router_wanted(const struct router *r)
{
	return r->wanted;
}

int
router_guessed(const struct router *r)
{
	return r->guessed;
}
