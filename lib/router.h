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

struct router *router_new(const struct router_spec *s);
void router_free(struct router *r);
/* request: canonical; NULL: none. Where nobody names a model, all models of the catalog compete, the cheapest first. An empty plan is
 * no error: routing_none() tells why. ERR_DATA, ERR_CONFIG, ERR_USAGE, ERR_NOMODEL: the request, the tables or the names are bad. */
int router_plan(struct router *r, const struct json *request, struct routed *out, struct err *e);
/* Appends the request (where it names no model: with the default one, as or-chat has it) with model, models and provider as the plan has them; every other byte stays. ERR_NEGATIVE where nothing qualifies. */
int router_settle(struct router *r, const struct json *request, struct buf *out, struct err *e);
/* Appends the name by which a place is called ("author/slug", "provider:id"). */
void router_name(const struct routed *p, size_t place, struct buf *out);
/* Does an earlier place have the same name? */
int router_repeats(const struct routed *p, size_t place);

#endif
