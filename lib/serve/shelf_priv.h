/* SPDX-License-Identifier: ISC */
/* shelf_priv: what the files of shelf share. For these only. */
#ifndef SERVE_SHELF_PRIV_H
#define SERVE_SHELF_PRIV_H

#include <stddef.h>

#include "buf.h"
#include "serve/shelf.h"

#define SHELF_ITSELF ((size_t)-1) /* a row that is like no other, before it is added */

struct shelf_query {
	shelf_query_fn get;
	void *arg;
	struct buf value;
	struct err *e;
};

/* The value, or NULL where it isn't there, or says nothing. */
const char *shelf_value(struct shelf_query *q, const char *name);
int shelf_bad(struct shelf_query *q, const char *name, const char *why); /* -1 */

/* ── shelf_asked.c: what OpenRouter's list doesn't say ── */
struct shelf_asked {
	int filters;       /* anything but an order */
	int others;        /* what no table of ours says, either */
	int zdr;           /* models with an endpoint that keeps nothing */
	char *providers;   /* owned: any of these serves it; NULL: whoever does */
	const char *first; /* parameter of all of these; NULL. Static */
	const char *open;  /* the first that only OpenRouter can answer; likewise */
	struct buf what;   /* the list to be asked for */
};
#define SHELF_ASKED_INIT \
	{ \
		0, 0, 0, NULL, NULL, NULL, BUF_INIT \
	}
/* ERR_DATA where a value isn't what is published. */
int shelf_asked_read(struct shelf_asked *a, struct shelf_query *q);
void shelf_asked_release(struct shelf_asked *a);
/* Does a row fit, as far as these say? place: of its model in the list that was told; -1: it isn't there. */
int shelf_asked_fits(const struct shelf_asked *a, const struct shelf *s, const struct shelf_row *r, int64_t place);

/* Where ids stand in a list that was told. */
struct shelf_told {
	struct shelf_place {
		const char *id; /* borrowed */
		int64_t place;
	} * v;
	size_t n;
};
void shelf_told_fill(struct shelf_told *t, const struct models *told);
int64_t shelf_told_place(const struct shelf_told *t, const char *id); /* -1: it isn't there */

#endif
