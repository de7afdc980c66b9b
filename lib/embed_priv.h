/* SPDX-License-Identifier: ISC */
/* embed_priv: requests in the making, as embed's files share them. */
#ifndef EMBED_PRIV_H
#define EMBED_PRIV_H

#include "buf.h"
#include "embed.h"

struct call;

struct embed_record {
	int64_t number;
	size_t text, n_text, id, n_id; /* places in the batch's bytes */
	int has_id;
	size_t piece, n_pieces; /* one, unless it was split */
};

struct embed_piece {
	size_t at, n; /* place in the batch's bytes */
	float *v;     /* owned; NULL: not there yet */
};

struct embed_range { /* of batch's sent pieces */
	size_t from, to;
};

/* Records that go together, mostly in one request. */
struct embed_batch {
	struct embed_batch *next;
	struct embed *owner;
	struct buf bytes; /* texts and ids */
	struct embed_record *record;
	size_t n_record, cap_record;
	struct embed_piece *piece;
	size_t n_piece, cap_piece;
	size_t cost;  /* of what isn't cached */
	size_t *send; /* owned: numbers of the pieces that aren't cached */
	size_t n_send, cap_send;
	struct embed_range *todo; /* a stack: what is still to be asked for */
	size_t n_todo, cap_todo;
	struct embed_range now;
	struct buf request;
	struct call *call; /* runs, or has ended and is to be freed */
	int started, called, done;
	struct err wrong;  /* with the answer that comes */
	struct err err;    /* of the last call; then of the batch */
	size_t bad_record; /* where err is the text's fault: its index */
};

void embed_batch_free(struct embed_batch *b);
/* Adds a text, in pieces of at most `most` twelfths of a token where that isn't 0. */
void embed_batch_add(struct embed_batch *b, const struct embed_text *t, size_t most, int strict);
/* Writes the request for b->now. */
void embed_batch_request(struct embed_batch *b, const char *options);
/* A vector (n_dims floats) for the i-th text of b->now. -1: there's no such text, or it has one. */
int embed_batch_vector(struct embed_batch *b, size_t i, const void *v, size_t n_dims);
/* Forgets the vectors of b->now. */
void embed_batch_forget(struct embed_batch *b);
/* Is there a vector for each text of b->now, and nothing else? ERR_PROTOCOL. */
int embed_batch_judge(const struct embed_batch *b, struct err *e);
/* b->now is asked for in halves. */
void embed_batch_halve(struct embed_batch *b);
/* The vector of a record, the mean of its pieces' by their length where there are several. NULL: not all are there. Borrowed. */
const float *embed_batch_result(struct embed_batch *b, size_t record, size_t n_dims);

#endif
