/* SPDX-License-Identifier: ISC */
/*
 * route: (request, endpoints, their past, policy, now, seed) to an ordered plan, with a reason for each place and each exclusion. Pure.
 *
 * The rules are OpenRouter's published ones (provider routing, model fallbacks, variants, service tiers), and where those are silent
 * or secret, or-route(1)'s: an empty `only` allows nobody; a tier that order or only names in full is asked for; OpenRouter reads files to
 * models that take none, so that no endpoint of its own is left out for that; an unknown price passes no cap, but OpenRouter itself, whose
 * endpoints are filtered again there, passes max_price. What a query and a plan point into must outlive them. No allocation where nothing
 * grew since the last call.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"
#include "route_plan.h"

struct err;
struct json;

#define ROUTE_MAX_LIST 256 /* slugs of one list; more is ERR_DATA */

enum route_sort { SORT_DEFAULT, SORT_PRICE, SORT_THROUGHPUT, SORT_LATENCY, SORT_EXACTO };
enum route_tier { ASK_ANY, ASK_DEFAULT, ASK_PRIORITY, ASK_FLEX };

/* Variants of a name that change the route: bits. */
enum {
	VARIANT_FLOOR = 1 << 0,
	VARIANT_NITRO = 1 << 1,
	VARIANT_FREE = 1 << 2,
	VARIANT_EXACTO = 1 << 3,
	VARIANT_ONLINE = 1 << 4,
	VARIANT_THINKING = 1 << 5,
	VARIANT_EXTENDED = 1 << 6,
	VARIANT_OTHER = 1 << 7 /* :batch, ...: a model of its own */
};

struct route_slug { /* a slice, decoded */
	const char *s;
	size_t n;
};

struct route_slugs {
	struct route_slug *v; /* owned by the query */
	size_t n, cap;
	int given; /* the list was there; it may be empty */
};

/* What a request asks of its route. Reused from request to request. */
struct route_query {
	struct route_slugs order, only, ignore;
	int allow_fallbacks, require_parameters, deny_collection, zdr, distillable;
	unsigned quantizations; /* QUANT_ bits; 0: any */
	enum route_sort sort;
	int across; /* partition "none": one list over all models */
	price_t max_prompt, max_completion, max_request, max_image,
	    max_audio;                                             /* USD a token, call, unit; PRICE_UNKNOWN: no cap */
	int min_mtok_s[N_PERCENTILES], max_ttft_ms[N_PERCENTILES]; /* -1: none */
	enum route_tier tier;
	params_t params;                    /* that it sends */
	unsigned modes_in, modes_out;       /* that it holds and asks for */
	int tools, schema, json, verbosity; /* soft needs; schema: response_format json_schema */
	int compresses;                     /* context compression: 1 asked for, -1 switched off, 0 unsaid */
	int64_t max_tokens;                 /* -1: unsaid */
	int64_t tokens;                     /* of the prompt, likely (estimate.h) */
	int64_t bound;                      /* at most */
	const char *router_only;            /* what only OpenRouter can do: "plugins", ...; static; NULL: nothing */
	struct route_slug session;          /* session_id, else prompt_cache_key; n 0: none */
	uint64_t conversation; /* hash of session, else of the first system and first other message; 0: neither */
	char *text;            /* owned: decoded strings that held escapes */
	size_t n_text, cap_text;
};

/* What whoever runs it adds. */
struct route_policy {
	price_t max_prompt, max_completion; /* -p, USD a token; PRICE_UNKNOWN: none */
	int64_t min_context;                /* -z; 0: none */
	params_t need_params;               /* -y: that endpoints must take */
	unsigned need_modes;
	enum route_sort sort;    /* --sort; SORT_DEFAULT: the request's */
	const char *sticky;      /* endpoint_id() of the one that has the prompt cached; NULL */
	const unsigned *variant; /* VARIANT_ bits of each model of the chain; NULL: none has any */
	size_t n_chain;
};

/* Zeroed before the first time. request: canonical, parsed; NULL: none (then tokens is ROUTE_SOME_TOKENS). ERR_DATA where a routing field isn't what the API says. */
#define ROUTE_SOME_TOKENS 1000 /* of a prompt that isn't known */
#define ROUTE_SOME_OUTPUT 512  /* tokens of an answer, where max_tokens isn't less */
int route_read(struct route_query *q, const struct json *request, struct err *e);
void route_query_release(struct route_query *q);
/* VARIANT_ bits of a name; *base: bytes of the name in front of variants that only change the route (:floor :nitro :exacto :online). */
unsigned route_variant(const char *name, size_t *base);

/* Every endpoint is in the plan once or excluded once. now_ms: wall clock. The same arguments give the same plan. */
void route_plan(struct plan *out, const struct route_query *q, const struct endpoint *v, size_t n,
    const struct route_policy *p, int64_t now_ms, uint64_t seed);

#endif
