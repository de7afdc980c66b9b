/* SPDX-License-Identifier: ISC */
/*
 * embed: texts in, vectors out, in the same order: many requests at once, each retried by itself, in memory that doesn't grow with the input.
 *
 * Texts are gathered into requests as long as they fit; at most 2 * parallel requests wait, run, or have run and wait for an earlier one. A request
 * that the provider calls bad is halved until the text is found that makes it so: there the run ends. One that failed otherwise, after its retries,
 * leaves its records without vectors once another one has worked; before, and for what no later request can escape, it ends the run too.
 */
#ifndef EMBED_H
#define EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct candidate;
struct embed;
struct embed_cache;
struct loop;
struct outcome;

struct embed_text {     /* borrowed until the next one is asked for */
	int64_t record; /* from 1 */
	const char *text;
	size_t n_text;  /* bytes, at least 1; UTF-8 */
	const char *id; /* NULL: none */
	size_t n_id;
};

struct embed_row {
	struct embed_text text;
	const float *v; /* NULL: it failed */
	size_t n_dims;  /* 0: not known yet, where it failed */
	const struct err *err;
};

enum embed_next { EMBED_TEXT, EMBED_END, EMBED_LATER /* none has come yet */, EMBED_FAILED };

struct embed_spec {
	struct loop *loop;
	struct booking *booking;           /* borrowed; NULL: nothing is booked */
	const struct candidate *candidate; /* of one model; borrowed */
	size_t n_candidate;
	const char *options;       /* members of the request beside the input: ",\"dimensions\":3"; "" */
	size_t parallel;           /* requests in flight */
	size_t max_texts;          /* of a request */
	size_t max_tokens;         /* of a request, estimated; 0: no limit */
	size_t max_text_tokens;    /* of a text, estimated; 0: nobody knows */
	int strict;                /* estimate high: what is too long would be cut in silence */
	int split;                 /* a longer text is split, and its vector the mean of the pieces' */
	const char *unit;          /* for messages: "line" */
	struct embed_cache *cache; /* NULL: none */
	int64_t rounds, deadline_ms, idle_ms, connect_ms; /* as call_spec has them */
	int idle_set, connect_set;
	void *arg;
	enum embed_next (*next)(void *arg, struct embed_text *t, struct err *e);
	int (*on_row)(void *arg, const struct embed_row *r, struct err *e); /* in order; -1 ends the run */
	int (*on_flush)(void *arg, struct err *e);           /* some rows were given, and more may take a while */
	void (*on_call)(void *arg, const struct outcome *o); /* a call ended; may be NULL */
	void (*on_note)(void *arg, const char *line);        /* for -v; may be NULL */
	void (*on_warning)(void *arg, const char *line);     /* records without vectors, the cache */
};

/* Twelfths of a token: a quarter of one (strict: a third) for each byte of ASCII, a whole one for each other character. */
size_t embed_cost(const char *text, size_t n, int strict);

struct embed *embed_new(const struct embed_spec *s);
/* Runs the loop until all is written, or the run ended. 0, or -1 and why: ERR_NEGATIVE where some records have no vector. */
int embed_run(struct embed *m, struct err *e);
/* Ends the run: calls are cancelled, embed_run returns this. */
void embed_stop(struct embed *m, const struct err *e);
void embed_free(struct embed *m);

#endif
