/* SPDX-License-Identifier: ISC */
/* route_priv: between the parts of route: what a call of route_plan, or of route_read, works on. */
#ifndef ROUTE_PRIV_H
#define ROUTE_PRIV_H

#include "route.h"

struct err;
struct json;

/* An endpoint that passed the hard rules so far. */
struct route_item {
	uint64_t place; /* what comes first in the order: see route_rank.c */
	int64_t key;    /* then this */
	int64_t cost_pusd;
	uint32_t endpoint; /* index */
	int32_t chain;
	uint16_t named; /* number of the slug in order that means it; ROUTE_UNNAMED */
	uint8_t reason; /* enum route_reason */
	uint8_t dropped;
};
#define ROUTE_UNNAMED ROUTE_MAX_LIST

struct route_run {
	const struct route_query *q;
	const struct endpoint *v;
	size_t n_endpoints;
	const struct route_policy *p;
	struct plan *out;
	struct route_item *item; /* the plan's scratch */
	size_t n;
	int64_t now_ms;
	int hhmm; /* UTC */
	uint64_t random;
};

/* VARIANT_ bits of a model of the chain. */
unsigned route_variants(const struct route_run *r, int chain);
void route_exclude(struct route_run *r, size_t endpoint, enum route_rule rule);

/* Makes items of the endpoints that no rule leaves out, and excludes the rest. */
void route_filter(struct route_run *r);
/* Puts the items in order, with their reasons. */
void route_rank(struct route_run *r);

/* ── reading a request ── */

enum route_partition { PARTITION_UNSAID, PARTITION_MODEL, PARTITION_NONE };

struct route_reader {
	struct route_query *q;
	const struct json *j;
	struct err *e;
	enum route_partition partition, route; /* of sort; of the old field */
	int cache_key;                         /* node of prompt_cache_key; -1 */
	int64_t old_max;                       /* max_tokens; -1 */
	int decoded;                           /* q->text has room for whatever the request holds */
};

struct route_field {
	const char *key;
	size_t n;
	int (*read)(struct route_reader *r, int node, const struct route_field *f);
	size_t at; /* in struct route_query */
};
#define ROUTE_FIELD(key, read, member) \
	{ \
		key, sizeof(key) - 1, read, offsetof(struct route_query, member) \
	}
#define ROUTE_AT(r, f, type) ((type *)(void *)((char *)(r)->q + (f)->at))

/* A string, decoded. */
struct route_slug route_slice(struct route_reader *r, int node);
/* Reads the members of an object that are there and not null, by the table; what isn't in it is left to `other`, which may be NULL. */
int route_members(struct route_reader *r, int node, const struct route_field *fields, size_t n_fields,
    void (*other)(struct route_reader *, const char *key, size_t n));
/* ERR_DATA: it isn't what it should be. */
int route_bad(struct route_reader *r, const char *field, const char *want);
int route_read_provider(struct route_reader *r, int node, const struct route_field *f);

#endif
