/* SPDX-License-Identifier: ISC */
/* catalog_priv: what catalog.c and catalog_fetch.c share. For these only. */
#ifndef CATALOG_PRIV_H
#define CATALOG_PRIV_H

#include "buf.h"
#include "catalog.h"

/* One list: where it comes from and where its copy lies. */
struct catalog_source {
	struct provider *p;
	const char *what;
	struct buf url;  /* without a key */
	struct buf path; /* of the cache file; empty: there is no place for one */
	enum catalog_mode mode;
	struct loop *loop;
	struct http *http;
};

/* Fills in url and path. ERR_USAGE where there is no such list. */
int catalog_find(struct catalog_source *s, struct err *e);
void catalog_source_release(struct catalog_source *s);
/* Takes the list in c->file from byte `start` on. */
int catalog_take(struct catalog *c, size_t start, struct err *e);
/* -1: no usable copy; c is empty then. */
int catalog_read(struct catalog *c, const struct catalog_source *s);
/* Lists that need no network. */
int catalog_is_built_in(const struct provider *p, const char *what);
int catalog_take_built_in(struct catalog *c, struct err *e);
/* Adds to the message which command fetches the list. */
void catalog_hint(struct err *e, const struct catalog_source *s);

#endif
