/* SPDX-License-Identifier: ISC */
/* usage_remote: what --remote asks for, between the file of keys and credits and the one of single calls. */
#ifndef USAGE_REMOTE_H
#define USAGE_REMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "jsonw.h"
#include "table.h"

struct buf;
struct err;
struct fetch;
struct json;
struct provider;
struct usage;

#define REMOTE_MAX_CALLS 100

/* A call that OpenRouter served, and whose cost it didn't report with the answer. */
struct remote_call {
	char *id;          /* the provider's, owned */
	int64_t ours_pusd; /* PUSD_UNKNOWN */
};

struct remote {
	struct usage *u;
	struct provider *p;
	struct table t;
	struct jsonw w;
	struct remote_call g[REMOTE_MAX_CALLS];
	size_t n, n_more, n_differ, n_untold;
};

/* GET base/path. j: the answer, an object with data; its text is f's body. The caller releases both. */
int remote_get(struct remote *r, struct fetch *f, const char *path, struct json *j, struct err *e);
/* Appends the number there in dollars, of either sign. -1: there is none. */
int remote_dollars(const struct json *j, const char *path, struct buf *out);
/* Empty: not known. */
void remote_row(struct remote *r, const char *what, const struct buf *ours, const struct buf *theirs);
/* usage_generations.c: the selected calls that OpenRouter served without saying what they cost. */
int remote_calls(struct remote *r, struct err *e);

#endif
