/* SPDX-License-Identifier: ISC */
/* Which endpoints may serve a request: hard rules one by one, then the soft ones, which leave a model at least one. */
#include <string.h>

#include "event.h"
#include "route_priv.h"

#define SMALL_CONTEXT 8192 /* tokens: OpenRouter compresses for such endpoints unasked */

struct candidate_of {
	const struct route_run *r;
	const struct route_query *q;
	const struct endpoint *ep;
	int routers; /* OpenRouter looks at the request again */
};

static int
in_list(const struct route_slugs *list, const struct endpoint *ep)
{
	for (size_t i = 0; i < list->n; i++)
		if (endpoint_matches(ep, list->v[i].s, list->v[i].n))
			return 1;
	return 0;
}

/* An unknown price passes no cap. */
static int
over(price_t p, price_t cap)
{
	return cap != PRICE_UNKNOWN && (p == PRICE_UNKNOWN || p > cap);
}

static int
costs_over(const struct candidate_of *c, enum price_item item, price_t cap)
{
	return cap != PRICE_UNKNOWN && over(pricing_item(&c->ep->pricing, item, c->q->tokens, c->r->hhmm), cap);
}

static int
breaks_only(const struct candidate_of *c)
{
	return c->q->only.given && !c->ep->routes && !in_list(&c->q->only, c->ep);
}

static int
breaks_ignore(const struct candidate_of *c)
{
	return in_list(&c->q->ignore, c->ep);
}

static int
breaks_collection(const struct candidate_of *c)
{
	return c->q->deny_collection && (c->ep->trains == 1 || (c->ep->trains != 0 && !c->routers));
}

static int
breaks_zdr(const struct candidate_of *c)
{
	return c->q->zdr && (c->ep->zdr == 0 || (c->ep->zdr != 1 && !c->routers));
}

static int
breaks_distillable(const struct candidate_of *c)
{
	return c->q->distillable && !c->routers;
}

static int
breaks_quantizations(const struct candidate_of *c)
{
	unsigned own = c->ep->quantization ? c->ep->quantization : QUANT_UNKNOWN;

	return c->q->quantizations && !c->ep->routes && !(own & c->q->quantizations);
}

/* An image's price that isn't said is none of its own: its tokens are the prompt's. */
static int
breaks_max_price(const struct candidate_of *c)
{
	const struct route_query *q = c->q;

	if (c->ep->routes)
		return 0;
	return costs_over(c, PRICE_PROMPT, q->max_prompt) || costs_over(c, PRICE_COMPLETION, q->max_completion) ||
	    costs_over(c, PRICE_REQUEST, q->max_request) || costs_over(c, PRICE_AUDIO, q->max_audio) ||
	    (c->ep->image != PRICE_UNKNOWN && over(c->ep->image, q->max_image));
}

static int
lacks_params(const struct endpoint *ep, params_t need)
{
	return ep->params_known ? (need & ~ep->params) != 0 : need && !ep->routes;
}

static int
breaks_parameters(const struct candidate_of *c)
{
	return c->q->require_parameters && lacks_params(c->ep, c->q->params);
}

static int
is_compressed(const struct candidate_of *c)
{
	return c->routers && (c->q->compresses > 0 || (c->q->compresses == 0 && c->ep->context <= SMALL_CONTEXT));
}

/* Written so that no sum overflows. */
static int
breaks_context(const struct candidate_of *c)
{
	int64_t output = c->q->max_tokens > 0 ? c->q->max_tokens : 0, tokens = c->q->tokens;

	if (is_compressed(c))
		return 0;
	return (c->ep->context && (tokens > c->ep->context || output > c->ep->context - tokens)) ||
	    (c->ep->max_prompt && tokens > c->ep->max_prompt);
}

static int
breaks_max_tokens(const struct candidate_of *c)
{
	return c->ep->max_output && c->q->max_tokens > c->ep->max_output;
}

/* OpenRouter reads files to models that take none. */
static int
breaks_modality(const struct candidate_of *c)
{
	unsigned in = c->q->modes_in & ~(c->routers ? (unsigned)MODE_FILE : 0);

	return (c->ep->modes_in && (in & ~c->ep->modes_in)) ||
	    (c->ep->modes_out && (c->q->modes_out & ~c->ep->modes_out));
}

/* Named in full: asked for. */
static int
names_tier(const struct candidate_of *c)
{
	return in_list(&c->q->order, c->ep) || in_list(&c->q->only, c->ep);
}

static int
has_flex(const struct route_run *r, int chain)
{
	for (size_t i = 0; i < r->n_endpoints; i++)
		if (r->v[i].chain == chain && r->v[i].tier == TIER_FLEX)
			return 1;
	return 0;
}

/* What a variant admits stays out where order or the tier says otherwise. */
static int
breaks_tier(const struct candidate_of *c)
{
	static const struct {
		enum route_tier ask;
		unsigned variant;
	} by[] = {[TIER_PRIORITY] = {ASK_PRIORITY, VARIANT_NITRO}, [TIER_FLEX] = {ASK_FLEX, VARIANT_FLOOR}};
	enum endpoint_tier tier = c->ep->tier;

	if (tier == TIER_STANDARD)
		return c->q->tier == ASK_FLEX && !c->ep->routes && has_flex(c->r, c->ep->chain);
	if (c->q->tier == by[tier].ask || names_tier(c))
		return c->q->tier == ASK_FLEX && tier != TIER_FLEX && has_flex(c->r, c->ep->chain);
	return c->q->order.n || c->q->tier != ASK_ANY || !(route_variants(c->r, c->ep->chain) & by[tier].variant);
}

static int
breaks_router_only(const struct candidate_of *c)
{
	static const unsigned variants = VARIANT_ONLINE | VARIANT_EXACTO | VARIANT_THINKING | VARIANT_EXTENDED;
	static const char routers[] = "openrouter/";

	if (c->routers)
		return 0;
	return c->q->router_only || (route_variants(c->r, c->ep->chain) & variants) ||
	    strncmp(c->ep->model, routers, sizeof(routers) - 1) == 0;
}

static int
breaks_cap(const struct candidate_of *c)
{
	return costs_over(c, PRICE_PROMPT, c->r->p->max_prompt) ||
	    costs_over(c, PRICE_COMPLETION, c->r->p->max_completion);
}

static int
breaks_min_context(const struct candidate_of *c)
{
	return c->ep->context < c->r->p->min_context && !(c->ep->routes && !c->ep->context);
}

static int
breaks_needs(const struct candidate_of *c)
{
	unsigned need = c->r->p->need_modes, have = c->ep->modes_in;

	return lacks_params(c->ep, c->r->p->need_params) || (have ? (need & ~have) != 0 : need && !c->ep->routes);
}

static enum route_rule
broken_rule(const struct route_run *r, const struct endpoint *ep)
{
	static const struct {
		enum route_rule rule;
		int (*breaks)(const struct candidate_of *);
	} rules[] = {
	    {RULE_ONLY, breaks_only},
	    {RULE_IGNORE, breaks_ignore},
	    {RULE_COLLECTION, breaks_collection},
	    {RULE_ZDR, breaks_zdr},
	    {RULE_DISTILLABLE, breaks_distillable},
	    {RULE_QUANTIZATIONS, breaks_quantizations},
	    {RULE_MAX_PRICE, breaks_max_price},
	    {RULE_PARAMETERS, breaks_parameters},
	    {RULE_CONTEXT, breaks_context},
	    {RULE_MAX_TOKENS, breaks_max_tokens},
	    {RULE_MODALITY, breaks_modality},
	    {RULE_TIER, breaks_tier},
	    {RULE_ROUTER_ONLY, breaks_router_only},
	    {RULE_CAP, breaks_cap},
	    {RULE_MIN_CONTEXT, breaks_min_context},
	    {RULE_NEEDS, breaks_needs},
	};
	struct candidate_of c = {r, r->q, ep, endpoint_is_routers(ep)};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].breaks(&c))
			return rules[i].rule;
	return ROUTE_N_RULES;
}

/* What the request comes to there, likely. */
static int64_t
cost(const struct route_run *r, const struct endpoint *ep)
{
	struct usage u = USAGE_INIT;
	int64_t most = r->q->max_tokens;

	u.prompt = r->q->tokens;
	u.completion = most >= 0 && most < ROUTE_SOME_OUTPUT ? most : ROUTE_SOME_OUTPUT;
	return pricing_cost_pusd(&ep->pricing, &u, 0, r->hhmm);
}

static void
hard(struct route_run *r)
{
	for (size_t i = 0; i < r->n_endpoints; i++) {
		enum route_rule rule = broken_rule(r, r->v + i);
		if (rule != ROUTE_N_RULES)
			route_exclude(r, i, rule);
		else
			r->item[r->n++] = (struct route_item){
			    .cost_pusd = cost(r, r->v + i), .endpoint = (uint32_t)i, .chain = r->v[i].chain};
	}
}

static int
is_known_to_take(const struct endpoint *ep, params_t param)
{
	return ep->params_known && (ep->params & param);
}

/* Where some of a model's endpoints take the parameter, only those are kept, and OpenRouter where it isn't known. */
static int
prefer_in_model(struct route_run *r, size_t first, params_t param, enum route_rule rule)
{
	int chain = r->item[first].chain, any = 0;

	for (size_t i = first; i < r->n; i++)
		any |= r->item[i].chain == chain && !r->item[i].dropped &&
		    is_known_to_take(r->v + r->item[i].endpoint, param);
	for (size_t i = first; i < r->n; i++) {
		const struct endpoint *ep = r->v + r->item[i].endpoint;
		if (r->item[i].chain != chain || r->item[i].dropped)
			continue;
		if (any && !is_known_to_take(ep, param) && !(ep->routes && !ep->params_known)) {
			r->item[i].dropped = 1;
			route_exclude(r, r->item[i].endpoint, rule);
		}
	}
	return any;
}

static int
is_first_of_model(const struct route_run *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->item[k].chain == r->item[i].chain)
			return 0;
	return 1;
}

static void
soft_in_model(struct route_run *r, size_t first)
{
	const struct route_query *q = r->q;

	if (q->tools)
		prefer_in_model(r, first, PARAM_TOOLS, RULE_TOOLS);
	if (q->json || (q->schema && !prefer_in_model(r, first, PARAM_STRUCTURED_OUTPUTS, RULE_SCHEMA)))
		prefer_in_model(r, first, PARAM_RESPONSE_FORMAT, RULE_SCHEMA);
	if (q->verbosity)
		prefer_in_model(r, first, PARAM_VERBOSITY, RULE_VERBOSITY);
}

static void
soft(struct route_run *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		if (is_first_of_model(r, i))
			soft_in_model(r, i);
	for (size_t i = 0; i < r->n; i++)
		if (!r->item[i].dropped)
			r->item[kept++] = r->item[i];
	r->n = kept;
}

void
route_filter(struct route_run *r)
{
	hard(r);
	if (r->q->tools || r->q->json || r->q->schema || r->q->verbosity)
		soft(r);
}
