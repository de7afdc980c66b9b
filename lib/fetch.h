/* SPDX-License-Identifier: ISC */
/* fetch: one GET, from start to end, for the few places that need a whole body and nothing beside it. */
#ifndef FETCH_H
#define FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;
struct http;
struct loop;

struct fetch {
	const char *url;
	const char *const *header;                       /* NULL-terminated, as http.h has it */
	int64_t connect_ms, first_ms, idle_ms, total_ms; /* 0: no limit */
	size_t max;                                      /* bytes of the body */
	int status;                                      /* what came: HTTP status, body, ETag (owned, or NULL) */
	struct buf body;
	char *etag;
};

#define FETCH_INIT \
	{ \
		NULL, NULL, 0, 0, 0, 0, 0, 0, BUF_INIT, NULL \
	}

/* 0 whatever the status is. -1: no whole answer came; ERR_PROTOCOL where the body is over max, ERR_DEADLINE after total_ms. l and h: both
 * NULL, and it makes its own. Runs the loop. */
int fetch_run(struct fetch *f, struct loop *l, struct http *h, struct err *e);
void fetch_release(struct fetch *f);

#endif
