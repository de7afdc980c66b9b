/* SPDX-License-Identifier: ISC */
/*
 * shelf: the models that may be asked for, as rows of OpenRouter's list: those of its own list as they stand, and in the same form what else
 * there is: models of providers that are configured, of map=, aliases, presets. From the cache alone.
 */
#ifndef SERVE_SHELF_H
#define SERVE_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "price.h"

struct err;
struct json;
struct jsonw;
struct models;
struct policy;
struct provider;
struct providers;

#define SHELF_MAX (40 * 1024 * 1024) /* bytes of all rows; what goes beyond is left out */

struct shelf_row {
	size_t at, len;                       /* its object in the text */
	char *id;                             /* owned */
	int64_t created, context, max_output; /* 0: unknown */
	price_t prompt, completion;
	unsigned in, out;          /* modalities: shelf_mode's bits */
	const struct provider *by; /* whose list has it; NULL: a name of one's own. Borrowed */
	size_t like;               /* the row of the model that a name stands for; its own */
};

struct shelf {
	struct buf text; /* rows, one after another, with a comma between */
	struct shelf_row *v;
	size_t n, cap;
	size_t n_routed; /* rows of OpenRouter's own list */
	unsigned char *
	    lacks; /* owned; of each provider: 1: it is configured, and its list isn't cached; 2: it is over a day old */
	uint64_t stamp; /* of the lists that it was made of: catalog_stamp() */
};

#define SHELF_INIT \
	{ \
		BUF_INIT, NULL, 0, 0, 0, NULL, 0 \
	}

void shelf_fill(struct shelf *s, struct providers *ps, const struct policy *policy);
void shelf_release(struct shelf *s);
/* By id, or by canonical slug. NULL. Borrowed. */
const struct shelf_row *shelf_find(const struct shelf *s, const char *id);
/* Its object: node 0 of j. */
int shelf_json(const struct shelf *s, const struct shelf_row *r, struct json *j);
/* The bit of "text", "image", ...; 0: no such modality. */
unsigned shelf_mode(const char *word, size_t n);
/* Does it take this parameter of a request ("tools")? */
int shelf_takes(const struct json *j, const char *param, size_t n);

/* ── GET /models's query ── */
/* A value of the query, decoded, into out (cleared first); -1: it isn't there. */
typedef int (*shelf_query_fn)(void *arg, const char *name, struct buf *out);
struct shelf_pick {
	size_t *row; /* owned: all that fit, in order; then those of the page */
	size_t n;
	size_t total;         /* before they were cut into pages */
	size_t offset, limit; /* of the page that is wanted */
	int paged;            /* one is */
};
/* Which list of OpenRouter's tells what the rows don't say ("models?category=..."; catalog.h), into what; nothing: they say all. may_ask: it may be
 * asked. ERR_DATA where a value isn't what is published, or asks what nobody here can tell. */
int shelf_asks(const struct shelf *s, shelf_query_fn get, void *arg, int may_ask, struct buf *what, struct err *e);
/* told: the rows of that list; NULL: none was needed. ERR_DATA as above. */
int shelf_select(const struct shelf *s, shelf_query_fn get, void *arg, int64_t now_s, const struct models *told,
    struct shelf_pick *out, struct err *e);
/* Keeps the page that is wanted. */
void shelf_pick_page(struct shelf_pick *p);
void shelf_pick_release(struct shelf_pick *p);

/* A member as these lists have it: null where n is 0, which nobody knows. */
void shelf_put_number(struct jsonw *w, const char *key, int64_t n);

#endif
