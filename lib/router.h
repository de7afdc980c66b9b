/* SPDX-License-Identifier: ISC */
/*
 * router: requests in, requests with their route settled out; or the plan itself. No network: the cached catalog and the snapshot of the past.
 *
 * What a chain of models can be served by is found once, and kept for the requests that follow.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "route.h"

struct buf;
struct err;
struct health;
struct json;
struct market;
struct names;
struct policy;
struct providers;
struct router;

struct router_spec {
	struct providers *ps;
	const struct policy *policy;
	struct health *health;   /* NULL: none */
	const char *chain;       /* -m; NULL: what the request, its preset or a rule says */
	const char *pin;         /* -b; NULL */
	const char *tag;         /* for rules; NULL */
	const char *fallback;    /* the model where nobody names one (OR_MODEL); NULL */
	struct route_policy cut; /* -p -z -y --sort; the rest is the router's own */
	int seeded;              /* the same plan for the same request each time */
	uint64_t seed;
};

/* A plan; borrowed until the router's next. */
struct routed {
	const struct plan *plan;
	const struct market *market; /* its endpoints and their ids */
	const struct names *names;
	int64_t tokens; /* of the prompt, likely */
};

/* Whom one request goes to, in order. Its candidates stay valid until it is released, also after the router is freed. */
struct routed_call {
	struct candidate *v; /* owned */
	size_t n;
	char *asked; /* owned: the chain as it was asked for, aliases resolved: "a,b,c" */
	const struct preset
	    *preset;           /* to be laid under the request (policy_apply); borrowed from the policy; NULL: none */
	uint64_t conversation; /* for booked_spec */
	int has_session;
	int64_t tokens;      /* of the prompt, likely */
	struct offer *offer; /* held */
	size_t
	    n_considered; /* of those whom the names stand for; where nobody was chosen, it and asked are all there is */
};

struct router *router_new(const struct router_spec *s);
void router_free(struct router *r);
/* request: canonical; NULL: none. Where nobody names a model, all models of the catalog compete, the cheapest first. An empty plan is
 * no error: routing_none() tells why. ERR_DATA, ERR_CONFIG, ERR_USAGE, ERR_NOMODEL: the request, the tables or the names are bad. */
int router_plan(struct router *r, const struct json *request, struct routed *out, struct err *e);
/* The same for whom a call goes to, as router_choose has it: OpenRouter is one place of each model. */
int router_places(struct router *r, const struct json *request, struct routed *out, struct err *e);
/* Appends the request (where it names no model: with the default one, as or-chat has it) with model, models and provider as the plan has them; every other byte stays. ERR_NEGATIVE where nothing qualifies. */
int router_settle(struct router *r, const struct json *request, struct buf *out, struct err *e);
/* The plan as candidates for client_start(). Unlike router_plan, OpenRouter is one candidate of each model, as at or-chat, and a request that
 * names no model has the fallback, else the default. needs_price(arg, v, n): do these candidates' prices have to be known (a budget)? NULL: no.
 * What is kept of a chain is looked up again when a list in the cache has changed, looked for once a second. Errors as routing_choose's, but no
 * network is used: a list that is missing or older than a day is what `wanted` is for. */
int router_choose(struct router *r, const struct json *request, const char *tag,
    int (*needs_price)(void *arg, const struct candidate *v, size_t n), void *arg, struct routed_call *out,
    struct err *e);
void routed_call_release(struct routed_call *c);
/* Whose list of models would have helped the last router_choose (OpenRouter's for prices and endpoints, a provider's for its native ids), but
 * isn't cached, or stale; NULL: nobody's. Borrowed: a name of the providers table. */
const char *router_wanted(const struct router *r);
/* Is a list of names missing, so that the last router_choose may have chosen others than it would with the list? */
int router_guessed(const struct router *r);
/* Appends the name by which a place is called ("author/slug", "provider:id"). */
void router_name(const struct routed *p, size_t place, struct buf *out);
/* Does an earlier place have the same name? */
int router_repeats(const struct routed *p, size_t place);

#endif
