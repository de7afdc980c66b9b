/* SPDX-License-Identifier: ISC */
/* visit: one request as handlers see it, and how they answer it. */
#ifndef SERVE_VISIT_H
#define SERVE_VISIT_H

#include "serve/app.h"

#define VISIT_MAX_PATH 1024 /* with its NUL */

/* One request as it is handled: on_request makes it, on_over ends it. */
struct visit {
	struct app *app;
	struct exchange *x;
	const struct front *front; /* whose errors the client understands; front_openai where nothing else says */
	const char *front_name;    /* for the log: "chat", "messages", ... */
	struct gate_key *key;      /* held; NULL: the gate is open */
	char *path;                /* decoded, without the query; NUL-free, no "..", "//" */
	const char *part[4];       /* what stands for {} in the handler's path: borrowed from `parts` */
	char *parts;
	size_t room;       /* of path, and of parts */
	int stream;        /* the path says so: 1, 0; -1: it doesn't */
	int is_looked_for; /* its key was, and the ledger asked */
	int is_called;     /* an answer of it is a model's: it has an id */
	void *own;         /* the handler's, until free_own */
	void (*free_own)(void *own);
	/* for the log */
	char model[128], endpoint[128], finish[32], id[48];
	int64_t prompt, completion, cost_pusd, ttft_ms;
	char error[160];
	struct buf beside; /* openrouter_metadata of an error; owned */
	LIST_ENTRY(visit) entry;
};

typedef void (*visit_fn)(struct visit *v);

/* It waits, with a thing of the handler's: free_own frees that when the visit ends, be it because the client is gone. */
void visit_wait(struct visit *v, void *own, void (*free_own)(void *own));
/* The waiting is over: the thing is freed. */
void visit_go_on(struct visit *v);

/* Answers with this error in the front's words and the HTTP status that is its. */
void visit_error(struct visit *v, const struct err *e);
/* The same, with what the provider that failed said: its name and status. */
void visit_error_of(struct visit *v, const struct err *e, const char *provider, int code);
/* The HTTP status of an error: what the provider or we said it is, else what its kind is. */
int visit_status(const struct err *e);
/* The fields that every answer has: its id, whom it may be shown to. Before an exchange_begin(); the others do it. */
void visit_fields(struct visit *v);
/* Answers with JSON. */
void visit_json(struct visit *v, int status, const struct buf *body);
/* A value of the query, percent-decoded, into out; -1: there is none. */
int visit_query(const struct visit *v, const char *name, struct buf *out);

#endif
