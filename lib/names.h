/* SPDX-License-Identifier: ISC */
/*
 * names: model names become candidates: which provider, which native id. The rules are orutils(7)'s "Model names".
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

#include "catalog.h"

struct buf;
struct candidate;
struct err;
struct provider;
struct providers;

struct names {
	struct candidate *v; /* owned */
	size_t n, cap;
	char warning[512];      /* of a list of models: a stale copy, a cache that can't be written; "" */
	char **chain;           /* owned, NULL-terminated: the names, aliases resolved, in order */
	struct provider *lacks; /* whose list was looked for, and couldn't be had, else was over a day old; NULL */
	int missing;            /* it couldn't be had */
};

#define NAMES_INIT \
	{ \
		NULL, 0, 0, "", NULL, NULL, 0 \
	}

struct names_spec {
	struct providers *ps;
	const char *chain; /* "a,b,c"; NULL: the default model */
	const char *pin;   /* -b: this provider only; NULL */
	catalog_fn list;   /* how a provider's list of models is had */
};

/* ERR_USAGE: no such provider; ERR_CONFIG: no default model, or several; ERR_DATA: several providers list it; ERR_NOMODEL: none does. */
int names_resolve(struct names *out, const struct names_spec *s, struct err *e);
/* Appends the chain: "a,b,c". */
void names_list(const struct names *n, struct buf *out);
void names_release(struct names *n);

#endif
