/* SPDX-License-Identifier: ISC */
/* router_priv: what the files of router share. For these only. */
#ifndef ROUTER_PRIV_H
#define ROUTER_PRIV_H

#include "buf.h"
#include "market.h"
#include "names.h"
#include "router.h"

#define ROUTER_SLOTS 256 /* of chains that are kept, by their hash */
#define ROUTER_WAYS 4    /* in each slot, the last used one first */

enum offer_kind {
	OFFER_PLAN, /* OpenRouter's models as their endpoints */
	OFFER_ALL,  /* all models there are */
	OFFER_CALL  /* as at or-chat: OpenRouter is one place of each model */
};

/* Whom a chain stands for. */
struct offer {
	char *chain; /* owned; "": the default model, or all */
	enum offer_kind kind;
	int refs;     /* the router's and those of its calls */
	int outdated; /* to be looked up anew */
	uint64_t generation;
	int64_t made_ms;
	struct names names;
	struct market market;
	struct endpoint_past *published; /* owned: of each endpoint, without one's own past */
	int64_t past_ms;                 /* when that was laid over it */
	unsigned *variant;               /* owned */
	size_t n_chain;
	/* of OFFER_CALL */
	char *asked;      /* owned */
	int priced;       /* by the lines of the table alone */
	int lacks_prices; /* OpenRouter's list isn't cached: 1; or stale: 2 */
	int caches;       /* somebody has to be asked for caching */
};

struct router {
	struct router_spec s;
	struct offer *offer[ROUTER_SLOTS][ROUTER_WAYS];
	struct route_query query;
	struct plan plan;
	struct buf chain, text, sticky;
	uint64_t n_drawn; /* plans so far */
	/* of calls */
	uint64_t generation, stamp; /* of the lists in the cache */
	int64_t stamped_ms;
	const char *wanted;
	int guessed;            /* the last plan was made without a list of names that is missing */
	struct provider *lacks; /* whose list the last offer that was made lacked */
};

/* The one that is kept, else a new one. Borrowed. */
struct offer *offer_find(struct router *r, const char *chain, enum offer_kind kind, int64_t now_ms, struct err *e);
void offer_release(struct offer *o);
/* One's own past over what is published, where that is more than a second old. */
void offer_lay_past(struct router *r, struct offer *o, int64_t now_ms);

/* The chain goes to r->chain; empty: nobody names one. */
int router_chain(
    struct router *r, const struct json *request, const char *tag, const struct preset **preset, struct err *e);
/* Plans the request that was read into r->query. all: the cheapest of all. */
void router_run(struct router *r, const struct offer *o, const struct route_policy *p, int64_t now_ms);

/* Appends the request with model, models and provider as the plan, which has a place, says. */
int router_write(const struct routed *p, const struct route_query *q, const struct route_policy *cut,
    const struct json *request, struct buf *out, struct err *e);

#endif
