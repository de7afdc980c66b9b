/* SPDX-License-Identifier: ISC */
/* openai_state: what the OpenAI decoder knows of an answer so far, and the parts it is made of. Private to lib/wire/openai_*.c. */
#ifndef OPENAI_STATE_H
#define OPENAI_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"
#include "more.h"

struct decoder;
struct json;
struct member;

#define OPENAI_MAX_CHOICES 128

struct openai_call {
	int choice;
	int index;          /* ours, from 0 in each choice */
	int64_t wire_index; /* the provider's; -1: it gave none */
	char *id, *name;    /* owned; NULL: not known yet */
	struct buf early;   /* arguments that came before the name */
	int begun, ended;   /* events given */
};

/* A high surrogate at the end of one delta, whose other half begins the next of its kind. */
struct openai_half {
	enum event_type type;
	int choice, index, refusal;
	uint32_t high;
};

struct openai_choice {
	unsigned char seen, finished;
	unsigned char body;      /* a delta or a message came: a message after that repeats what was */
	unsigned char reasoning; /* it has reasoning as plain text: the details' text is the same once more */
	int n_call;
};

struct openai_state {
	struct buf scratch, joined;
	struct openai_call *call;
	size_t n_call, cap_call;
	size_t held_bytes; /* of ids, names and early arguments */
	struct openai_half *half;
	size_t n_half, cap_half;
	struct buf citations; /* Perplexity repeats them on each chunk; the last ones count */
	int n_annotations;    /* given */
	struct buf more_text[N_MORE];
	struct more more;        /* in them */
	unsigned long n_changes; /* of anything here that decides what a later chunk means */
	struct openai_choice choice[OPENAI_MAX_CHOICES];
};

struct openai_state *openai_state(struct decoder *d);

/* openai_text.c. Strings to text events: ev says which kind. 0, or what the callback returned. */
int openai_string(struct decoder *d, const struct json *j, int node, struct event ev);
/* content: a string, a part, or a list of parts */
int openai_content(struct decoder *d, const struct json *j, int node, struct event ev);
/* Halves of surrogate pairs that wait in this choice (-1: in any) will stay alone: each is given as U+FFFD. */
int openai_flush_halves(struct decoder *d, int choice);

/* openai_calls.c */
int openai_calls(struct decoder *d, const struct json *j, int calls, int legacy, int choice);
int openai_end_calls(struct decoder *d, int choice);

/* openai_finish.c. c: the choice's node; node: its finish_reason; whole: not a chunk of a stream. */
int openai_finish(struct decoder *d, const struct json *j, int c, int node, int choice, int whole);
/* The `error` object of a choice: fails the answer. */
int openai_choice_error(struct decoder *d, const struct json *j, int node);

/* openai_more.c. members_find; where they are wanted, the others go with the next event. m: all that events say, or the front says itself. */
void openai_members(
    struct decoder *d, const struct json *j, int node, enum more_of of, const struct member *m, size_t n, int *out);
/* Those of choice i that no event took (-1: of the answer) are given by themselves. */
int openai_more_left(struct decoder *d, int i);

#endif
