/* SPDX-License-Identifier: ISC */
/*
 * admit: from a canonical request to a call that may be made: its session, its route (a list of models that is missing is waited for), what the
 * key may call and how often, the preset under it. And from a call's end to the counters, the log, and the error that a client is told.
 */
#ifndef SERVE_ADMIT_H
#define SERVE_ADMIT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"
#include "router.h"

struct call_spec;
struct err;
struct outcome;
struct visit;

struct admit {
	struct visit *v;
	struct buf request; /* canonical; the caller's to fill before admit_read(); owned */
	struct json json;   /* of the request; the caller's to fill, or admit_read()'s; as asked_read() gives it */
	void *arg;
	/* It may be called by this key: 1: it was answered without a call, and nothing follows. May be NULL; as on_ready. */
	int (*on_routed)(void *arg);
	/* e NULL: admit_call() may follow. May be called before admit_start() returns. */
	void (*on_ready)(void *arg, const struct err *e);
	/* its own */
	struct routed_call routed;
	int is_unserved; /* the router found nobody */
	char *session;
	const char *asked_list; /* whose list of models was fetched last */
	int n_lists, is_asking;
	int64_t tokens; /* taken from the key's minute */
	int slot;       /* of what runs; -1 */
};

/* A zeroed one, with v, arg, on_ready. */
void admit_init(struct admit *m);
/* Takes the request. ERR_DATA. */
int admit_read(struct admit *m, struct err *e);
void admit_start(struct admit *m);
/* Fills in the request, the candidates, the books and the times of a call that is about to be made. streams: for those who look on. */
void admit_call(struct admit *m, struct call_spec *s, int streams);
/* The call is over. */
void admit_over(struct admit *m, const struct outcome *o);
/* The client is gone: no list is waited for any more. */
void admit_gone(struct admit *m);
void admit_release(struct admit *m);
/* The error as a client is told: that a key of ours was rejected isn't the client's doing. */
void admit_told(const struct err *e, struct err *told);
/* Answers with a call's error. */
void admit_fail(struct admit *m, const struct outcome *o);

#endif
