/* SPDX-License-Identifier: ISC */
/*
 * market: what the candidates of a call offer: their endpoints, with prices, limits, policies and recent past.
 *
 * A direct provider's line comes first, then the catalog: of the model's endpoints, where they are cached, the one of that provider, else the
 * model's row. OpenRouter is one endpoint of each model, since it routes by itself, or as many as are cached (expanded).
 */
#ifndef MARKET_H
#define MARKET_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "endpoint.h"

struct candidate;
struct err;
struct health;
struct names;
struct provider;
struct providers;

struct market {
	struct endpoint *v; /* owned: those of the candidates, in their order */
	size_t *of;         /* whose endpoint it is: index of the candidate */
	char **
	    id; /* owned: "anthropic:claude-sonnet-5"; of OpenRouter's, "openrouter:author/slug@DeepInfra", as the ledger has it */
	size_t n, cap, cap_of, cap_id;
	struct catalog models; /* OpenRouter's, once loaded */
	int loaded;
	struct catalog *lists; /* owned: of the models' endpoints, as far as they are cached */
	size_t n_lists, cap_lists;
	char **list_id; /* owned: of which model each is */
	size_t cap_list_id;
};

#define MARKET_INIT \
	{ \
		.models = CATALOG_INIT \
	}

/* One endpoint for each candidate, by the providers' lines alone. The candidates get pointers to them (borrowed, until the market changes). n must outlive it. */
void market_open(struct market *m, const struct names *n);
/* What the catalog says about them, too. list: how OpenRouter's list of models is had; lists of endpoints are only looked for in the cache. expand:
 * OpenRouter's candidates become the endpoints that are cached. -1: the catalog can't be had; what the lines say stays. */
int market_load(
    struct market *m, const struct names *n, struct providers *ps, catalog_fn list, int expand, struct err *e);
/* Lets go of the lists that it was loaded from; the endpoints stay. */
void market_forget(struct market *m);
/* The past of each, as the snapshot has it. */
void market_past(struct market *m, const struct names *n, struct health *h, int64_t now_ms);
/* Does its price have to be looked up? */
int market_lacks_price(const struct candidate *c);
void market_release(struct market *m);

/* The row in OpenRouter's catalog of the model that a candidate calls, or NULL. Borrowed. */
const struct model *market_row(const struct candidate *c, struct models *ms);

#endif
