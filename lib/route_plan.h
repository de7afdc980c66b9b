/* SPDX-License-Identifier: ISC */
/* route_plan: what a route comes to, with a reason for each place and each exclusion. Part of route.h. */
#ifndef ROUTE_PLAN_H
#define ROUTE_PLAN_H

#include <stddef.h>
#include <stdint.h>

/* Why a place is where it is. */
enum route_reason {
	REASON_ONLY_ONE, /* nobody else qualifies */
	REASON_STICKY,   /* has the prompt cached */
	REASON_OWN_KEY,
	REASON_ORDER, /* provider.order */
	REASON_PRICE, /* sort */
	REASON_THROUGHPUT,
	REASON_LATENCY,
	REASON_LISTED,   /* sort exacto: as it was listed */
	REASON_TIER,     /* service_tier */
	REASON_DRAWN,    /* at random, cheap ones likelier */
	REASON_FALLBACK, /* behind the one that was drawn, cheapest first */
	REASON_SLOW,     /* misses a preferred throughput or latency */
	REASON_TROUBLE,  /* failed in the last 30 s, or published as degraded */
	REASON_BENCHED,
	REASON_MODEL, /* by OpenRouter, which routes by itself */
	ROUTE_N_REASONS
};

/* Which rule left an endpoint out. */
enum route_rule {
	RULE_ONLY,
	RULE_IGNORE,
	RULE_COLLECTION,
	RULE_ZDR,
	RULE_DISTILLABLE,
	RULE_QUANTIZATIONS,
	RULE_MAX_PRICE,
	RULE_PARAMETERS,
	RULE_CONTEXT,
	RULE_MAX_TOKENS,
	RULE_MODALITY,
	RULE_TIER,
	RULE_ROUTER_ONLY,
	RULE_TOOLS,
	RULE_SCHEMA,
	RULE_VERBOSITY,
	RULE_FALLBACKS,
	RULE_CAP,
	RULE_MIN_CONTEXT,
	RULE_NEEDS,
	ROUTE_N_RULES
};

struct plan_place {
	uint32_t endpoint; /* index */
	enum route_reason reason;
	int64_t cost_pusd; /* of this request, likely; PUSD_UNKNOWN */
};

struct plan_excluded {
	uint32_t endpoint;
	enum route_rule rule;
};

struct plan {
	struct plan_place *place; /* in the order in which they are to be tried */
	size_t n, cap;
	struct plan_excluded *excluded;
	size_t n_excluded, cap_excluded;
	void *scratch; /* owned */
	size_t cap_scratch;
};

#define PLAN_INIT \
	{ \
		NULL, 0, 0, NULL, 0, 0, NULL, 0 \
	}

void plan_release(struct plan *p);

/* "own key", "max_price", ...: short words for tables and messages. Static. */
const char *route_reason(enum route_reason r);
const char *route_rule(enum route_rule r);

#endif
