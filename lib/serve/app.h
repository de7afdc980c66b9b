/* SPDX-License-Identifier: ISC */
/*
 * app: one worker of the gateway: what its handlers share, which handler a request is for, and who may ask it.
 */
#ifndef SERVE_APP_H
#define SERVE_APP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "buf.h"
#include "chance.h"
#include "mem.h"
#include "policy.h"
#include "providers.h"
#include "serve/conn.h"
#include "serve/gate.h"
#include "wire/front.h"

struct app;
struct booking;
struct client;
struct desk;
struct err;
struct exchange;
struct lists;
struct loop;
struct loop_timer;
struct router;
struct spool;
struct shared;
struct store;

/* What was asked for on the command line; times and sizes as there. */
struct app_options {
	struct conns_limits limits;
	int64_t deadline_ms;         /* of a call; 600 s */
	int64_t idle_ms, connect_ms; /* upstream: -W, --connect-timeout */
	int idle_set, connect_set;
	int64_t rounds; /* -r */
	int lossy;
	int64_t comment_ms;     /* a stream that waits so long gets a comment: 10 s */
	const char *tag;        /* of all calls; NULL */
	int open_to_all;        /* it listens to other machines: keys are needed */
	const char *run_key;    /* of a command's run; NULL */
	int64_t run_limit_pusd; /* what all calls with that key may cost together; PUSD_UNKNOWN: no limit */
	uint64_t cache_bytes;   /* of answers that are kept to be given once more; 0: none are */
	const char *cors;       /* an origin that may ask from a page; NULL: none */
};

struct app_spec {
	struct loop *loop; /* all borrowed */
	const struct app_options *options;
	struct providers *providers;
	const struct policy *policy;
	struct shared *shared;
	int desk_fd;         /* taken */
	struct spool *spool; /* this worker's, for the desk; borrowed; NULL */
	int listen_fd, is_unix;
	size_t worker;    /* its number */
	int is_successor; /* another one serves until this one has the keys, and listens only then */
	void (*log)(const char *line, size_t n); /* a line with its LF */
	int log_json;
	int quiet; /* no line a request */
};

struct app {
	struct app_spec s;
	struct conns *conns;
	struct desk *desk;
	struct gate *gate;
	struct router *router;
	struct booking *booking;
	struct client *client; /* of chats and of embeddings alike */
	struct mem_pool chats; /* of calls.c */
	struct chance chance;  /* for ids */
	struct store *store;   /* answers that are kept (cached.h) */
	struct lists *lists; /* lists.c's, once it was needed; NULL; lists_free() is app_free's, before the desk goes */
	int64_t started_ms;
	int32_t pid;
	int keys_known; /* the scribe has told them */
	int draining;
	struct err *why; /* owned: why it ends; NULL */
	/* app's own */
	LIST_HEAD(visits, visit) visits, over; /* that run; that are to be freed when the loop turns */
	LIST_HEAD(waitings, waiting) waiting;  /* requests that came before the keys */
	LIST_HEAD(unknowns, unknown) unknown;  /* requests whose keys are looked for */
	int looks;                             /* the ledger is asked for them, or will be */
	int64_t looked_ms;
	struct loop_timer *reap, *patience, *idle, *tally, *look;
	struct conns_count told; /* as they are in the counters that all workers share */
	uint64_t most_open;      /* connections, since memory was last given back */
	int64_t idle_ms;         /* waited for the last bookings */
	int64_t listed_ms;       /* when a list was last asked for that nobody waits for */
	const char *failed_list; /* whose list was waited for last, in vain; until then nobody waits for it again */
	int64_t failed_until_ms;
};

int app_new(struct app **a, const struct app_spec *s, struct err *e);
/* Takes no new requests; ends the loop when all are answered. hold: as conns_drain. */
void app_drain(struct app *a, int hold);
void app_cut(struct app *a);
void app_free(struct app *a);

#endif
