/* SPDX-License-Identifier: ISC */
/* gemini_state: what the Gemini decoder knows of an answer so far, and the parts it is made of. Private to
 * lib/wire/gemini_*.c. */
#ifndef GEMINI_STATE_H
#define GEMINI_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct decoder;
struct err;
struct event;
struct gemini_args;
struct json;

#define GEMINI_MAX_CHOICES 128
#define GEMINI_MAX_CITES 512
#define GEMINI_MAX_TEXT (1024 * 1024) /* bytes of a choice's text that are kept */

struct gemini_choice {
	int seen;
	int n_call, n_image;
	int open;                 /* the last call's arguments are still coming */
	struct gemini_args *args; /* its arguments so far; NULL: none */
	char *native;             /* owned; the last finish reason; NULL: none yet */
	char *message;            /* owned; what was said about it; may be NULL */
	struct buf text;          /* so far, for what is said about its parts; at most GEMINI_MAX_TEXT */
};

/* usageMetadata: what each key said last; -1: nothing. */
struct gemini_counts {
	int64_t prompt, tools, candidates, thoughts, cached, total;
	int64_t prompt_audio, audio, image;
};

struct gemini_state {
	char *id; /* owned; responseId; may be NULL */
	struct gemini_choice choice[GEMINI_MAX_CHOICES];
	struct gemini_counts counts;
	struct buf scratch;               /* decoded strings */
	struct buf made;                  /* JSON that is made here */
	uint64_t given[GEMINI_MAX_CITES]; /* hashes of annotations, so that none is given twice */
	int n_given;
	int n_calls; /* in all choices */
	int blocked; /* the prompt was */
};

struct gemini_state *gemini_state(struct decoder *d);

/* gemini_calls.c. part: the part's node, call: its functionCall, signature: its thoughtSignature or -1. */
int gemini_call(struct decoder *d, const struct json *j, int call, int signature, int choice);
/* A call whose arguments came piece by piece ends. */
int gemini_end_call(struct decoder *d, int choice);
/* Gives a signature as a reasoning detail; id: of the call or image it belongs to, NULL: of the text. */
int gemini_signature(struct decoder *d, const struct json *j, int signature, const char *id, int choice);

/* gemini_args.c: arguments that come as paths and values. */
void gemini_args_free(struct gemini_args *a);
/* Takes one partialArgs item. -1: too many, or a path that isn't understood. */
int gemini_args_add(struct gemini_args **a, const struct json *j, int item);
/* Appends the JSON text of the object; NULL is {}. */
void gemini_args_write(const struct gemini_args *a, struct buf *out);

/* gemini_cites.c: groundingMetadata, citationMetadata and logprobsResult of a candidate. */
int gemini_cites(struct decoder *d, const struct json *j, int grounding, int citations, int choice);
int gemini_logprobs(struct decoder *d, const struct json *j, int node, int choice);

/* gemini_usage.c: usageMetadata into d->usage. */
void gemini_usage(struct decoder *d, const struct json *j, int node);

/* gemini_error.c */
int gemini_error(const struct json *j, int http, struct err *e, int *node);

/* gemini_answer.c */
int gemini_chunk(struct decoder *d, const char *event, const struct json *j);
int gemini_whole(struct decoder *d, const struct json *j);
int gemini_end(struct decoder *d);
void gemini_release(struct decoder *d);

#endif
