/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "route_priv.h"

#define DAY_MIN 1440

static const struct variant {
	const char *s;
	size_t n;
	unsigned bit;
	int routes; /* it only changes the route: the model is the one without it */
} variants[] = {
#define VARIANT(word, bit, routes) \
	{ \
		word, sizeof(word) - 1, bit, routes \
	}
    VARIANT(":floor", VARIANT_FLOOR, 1),
    VARIANT(":nitro", VARIANT_NITRO, 1),
    VARIANT(":exacto", VARIANT_EXACTO, 1),
    VARIANT(":online", VARIANT_ONLINE, 1),
    VARIANT(":free", VARIANT_FREE, 0),
    VARIANT(":thinking", VARIANT_THINKING, 0),
    VARIANT(":extended", VARIANT_EXTENDED, 0),
#undef VARIANT
};

static const struct variant *
find_variant(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++)
		if (variants[i].n == n && memcmp(variants[i].s, s, n) == 0)
			return variants + i;
	return NULL;
}

unsigned
route_variant(const char *name, size_t *base)
{
	const char *slash = strchr(name, '/');
	size_t end = strlen(name);
	unsigned bits = 0;
	int routes = 1;

	*base = end;
	for (size_t i = end; slash && name + --i > slash;) {
		if (name[i] != ':')
			continue;
		const struct variant *v = find_variant(name + i, end - i);
		bits |= v ? v->bit : VARIANT_OTHER;
		routes &= v && v->routes;
		if (routes)
			*base = i;
		end = i;
	}
	return bits;
}

unsigned
route_variants(const struct route_run *r, int chain)
{
	return r->p->variant && chain >= 0 && (size_t)chain < r->p->n_chain ? r->p->variant[chain] : 0;
}

void
route_exclude(struct route_run *r, size_t endpoint, enum route_rule rule)
{
	r->out->excluded[r->out->n_excluded++] = (struct plan_excluded){(uint32_t)endpoint, rule};
}

static int
utc_hhmm(int64_t now_ms)
{
	int64_t minute = now_ms / 60000 % DAY_MIN;

	if (minute < 0)
		minute = 0;
	return (int)(minute / 60 * 100 + minute % 60);
}

/* Each endpoint has room in all three. */
static void
make_room(struct plan *out, size_t n)
{
	if (n > out->cap) {
		out->place = xreallocarray(out->place, n, sizeof(*out->place));
		out->cap = n;
	}
	if (n > out->cap_excluded) {
		out->excluded = xreallocarray(out->excluded, n, sizeof(*out->excluded));
		out->cap_excluded = n;
	}
	if (n > out->cap_scratch) {
		out->scratch = xreallocarray(out->scratch, n, sizeof(struct route_item));
		out->cap_scratch = n;
	}
	out->n = out->n_excluded = 0;
}

void
route_plan(struct plan *out, const struct route_query *q, const struct endpoint *v, size_t n,
    const struct route_policy *p, int64_t now_ms, uint64_t seed)
{
	make_room(out, n);
	struct route_run r = {.q = q,
	    .v = v,
	    .n_endpoints = n,
	    .p = p,
	    .out = out,
	    .item = out->scratch,
	    .now_ms = now_ms,
	    .hhmm = utc_hhmm(now_ms),
	    .random = seed};
	route_filter(&r);
	route_rank(&r);
	for (size_t i = 0; i < r.n; i++)
		out->place[i] =
		    (struct plan_place){r.item[i].endpoint, (enum route_reason)r.item[i].reason, r.item[i].cost_pusd};
	out->n = r.n;
}

void
plan_release(struct plan *p)
{
	free(p->place);
	free(p->excluded);
	free(p->scratch);
	*p = (struct plan)PLAN_INIT;
}

const char *
route_reason(enum route_reason r)
{
	static const char *const words[ROUTE_N_REASONS] = {
	    [REASON_ONLY_ONE] = "only one",
	    [REASON_STICKY] = "cached prompt",
	    [REASON_OWN_KEY] = "own key",
	    [REASON_ORDER] = "order",
	    [REASON_PRICE] = "price",
	    [REASON_THROUGHPUT] = "throughput",
	    [REASON_LATENCY] = "latency",
	    [REASON_LISTED] = "exacto",
	    [REASON_TIER] = "service tier",
	    [REASON_DRAWN] = "drawn",
	    [REASON_FALLBACK] = "fallback",
	    [REASON_SLOW] = "slow",
	    [REASON_TROUBLE] = "trouble",
	    [REASON_BENCHED] = "benched",
	    [REASON_MODEL] = "routes itself",
	};

	return r < ROUTE_N_REASONS ? words[r] : "";
}

const char *
route_rule(enum route_rule r)
{
	static const char *const words[ROUTE_N_RULES] = {
	    [RULE_ONLY] = "only",
	    [RULE_IGNORE] = "ignore",
	    [RULE_COLLECTION] = "data_collection",
	    [RULE_ZDR] = "zdr",
	    [RULE_DISTILLABLE] = "enforce_distillable_text",
	    [RULE_QUANTIZATIONS] = "quantizations",
	    [RULE_MAX_PRICE] = "max_price",
	    [RULE_PARAMETERS] = "require_parameters",
	    [RULE_CONTEXT] = "context length",
	    [RULE_MAX_TOKENS] = "max_tokens",
	    [RULE_MODALITY] = "modality",
	    [RULE_TIER] = "service_tier",
	    [RULE_ROUTER_ONLY] = "only OpenRouter can",
	    [RULE_TOOLS] = "tools",
	    [RULE_SCHEMA] = "response_format",
	    [RULE_VERBOSITY] = "verbosity",
	    [RULE_FALLBACKS] = "allow_fallbacks",
	    [RULE_CAP] = "-p",
	    [RULE_MIN_CONTEXT] = "-z",
	    [RULE_NEEDS] = "-y",
	};

	return r < ROUTE_N_RULES ? words[r] : "";
}
