/* SPDX-License-Identifier: ISC */
/*
 * catalog: the lists of models, cached in files, fetched when they are stale.
 *
 * A cache file is one JSON line of facts about the copy (url, etag, fetched, bytes), one with the index of its rows (models.h), and then
 * the body as it came; it is replaced whole by rename, so that any number of processes may read and refresh it at once. One that is corrupt, or comes from another
 * URL, counts as absent. What isn't a list of models is never cached.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "models.h"

struct err;
struct http;
struct loop;
struct provider;
struct providers;

#define CATALOG_MAX (32 * 1024 * 1024) /* bytes of a list */
#define CATALOG_MAX_AGE_S 86400
#define CATALOG_ASKED_AGE_S \
	3600 /* of what OpenRouter picked by a query or a rule: it is of the last minutes, or of this week */
#define CATALOG_MAX_ASKED 32 /* of such lists are kept of a provider */

struct catalog {
	struct models models; /* the rows; their text lies in file */
	struct buf file;      /* the cache file, or the body that was fetched */
	const char *body;     /* the list itself, inside file */
	size_t len;
	int64_t age_s;     /* since it was fetched or confirmed; 0: just now */
	int from_cache;    /* it was not fetched or confirmed in this call */
	char *etag;        /* owned; NULL: none */
	char warning[512]; /* why a stale copy is used, or why the cache can't be written; "" */
};

#define CATALOG_INIT \
	{ \
		MODELS_INIT, BUF_INIT, NULL, 0, 0, 0, NULL, "" \
	}

enum catalog_mode {
	CATALOG_CACHED, /* only the cache, whatever its age: never the network */
	CATALOG_FRESH, /* the cache while it is younger than max_age_s, else the network, else the stale cache with a warning */
	CATALOG_REFRESH /* the network; a failure is an error */
};

/* what: "models", "endpoints/author/slug", "zdr", or "models?name=value" (listing.h). The provider's timeouts apply. ERR_HOST/ERR_UNREACHABLE naming `or-models --refresh` where the
 * list is neither cached nor reachable. l and h: both NULL, and it makes its own where the network is needed. Runs the loop.
 * On failure c is empty; either way the caller releases it. */
int catalog_load(struct catalog *c, struct provider *p, const char *what, enum catalog_mode mode, int64_t max_age_s,
    struct loop *l, struct http *h, struct err *e);
void catalog_release(struct catalog *c);
/* How old a list may be: CATALOG_MAX_AGE_S, or CATALOG_ASKED_AGE_S. */
int64_t catalog_max_age_s(const char *what);
/* Removes the oldest of a provider's "models?..." over CATALOG_MAX_ASKED: after one was fetched. */
void catalog_prune(const struct provider *p);

/* How somebody who needs a list gets it: by its cache alone, or from the network where that is stale. As catalog_load. */
typedef int (*catalog_fn)(struct catalog *c, struct provider *p, const char *what, struct err *e);
int catalog_cached(struct catalog *c, struct provider *p, const char *what, struct err *e);
int catalog_fresh(struct catalog *c, struct provider *p, const char *what, struct err *e);
/* Another number where a list in the cache came, went or was replaced. Reads none of them. */
uint64_t catalog_stamp(const struct providers *ps);

#endif
