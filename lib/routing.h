/* SPDX-License-Identifier: ISC */
/*
 * routing: the candidates of one call in the order of a plan, without those that may not be used: route, with what it needs read for it.
 *
 * The catalog is read where the plan needs it: where there is a choice, or something that only it can tell; it is fetched where prices
 * decide (a cap, a budget, a variant). One candidate and no conditions need no plan.
 */
#ifndef ROUTING_H
#define ROUTING_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "price.h"

struct booking;
struct buf;
struct err;
struct health;
struct json;
struct market;
struct names;
struct plan;
struct providers;
struct route_policy;
struct route_query;

struct routing_spec {
	struct providers *ps;
	int pinned;                         /* -b: the provider is asked for by name */
	price_t max_prompt, max_completion; /* -p; PRICE_UNKNOWN: none */
	struct booking *booking;            /* whose snapshot and budgets count; NULL: none */
	uint64_t seed;
	void *arg;
	void (*on_note)(void *arg, const char *line);    /* for -v; may be NULL */
	void (*on_warning)(void *arg, const char *text); /* may be NULL */
};

/* Puts the candidates of n into order and takes out those that don't qualify; they point into m, which must outlive them. request:
 * canonical. ERR_CAP where only prices leave nobody, ERR_NOMODEL where something else does, ERR_DATA on a bad routing field, or the
 * catalog's error where it is needed and can't be had. */
int routing_choose(
    struct names *n, struct market *m, const struct json *request, const struct routing_spec *s, struct err *e);

/* The VARIANT_ bits of each name of the chain; owned by the caller. *n: how many. */
unsigned *routing_variants(char *const *chain, size_t *n);

/* What one request makes of its candidates: for who has their market ready. */
enum routing_need {     /* how much a plan needs the catalog */
	ROUTING_CACHED, /* what is cached */
	ROUTING_FRESH,  /* a fresh one, if it can be had */
	ROUTING_CATALOG /* a fresh one, or there is no plan */
};
struct routing_case {
	int pinned;      /* as above */
	int priced;      /* routing_knows_prices, before the catalog was looked at */
	int needs_price; /* a budget wants prices */
	/* filled in */
	int looks; /* the catalog has to say something */
	int plans; /* there is something to plan; else they are taken as they stand */
	enum routing_need need;
};
/* q: as read; what a provider that is named outright can't do leaves it in the plan all the same. */
void routing_judge(struct routing_case *c, const struct names *n, struct route_query *q, const struct route_policy *p);
/* Do the lines of the providers tell all prices? */
int routing_knows_prices(const struct names *n);
/* The endpoint that has this conversation's prompt cached, of the first model that has one. Borrowed from b. h may be NULL. */
const char *routing_sticky(const struct market *m, const struct names *n, struct health *h, uint64_t conversation,
    int64_t now_ms, struct buf *b);
/* Fills e for a plan without a place: where prices alone leave nobody, they are told (ERR_CAP). Returns -1. */
int routing_nobody(const struct plan *p, const struct market *m, struct err *e);
/* Fills e for a plan without a place: which rule left out how many. Returns -1. */
int routing_none(const struct plan *p, struct err *e);

#endif
