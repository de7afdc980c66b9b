/* SPDX-License-Identifier: ISC */
/* embed_tool: or-embed's run, as its files share it. */
#ifndef EMBED_TOOL_H
#define EMBED_TOOL_H

#include <sys/types.h>

#include "booking.h"
#include "buf.h"
#include "embed.h"
#include "embed_args.h"
#include "embed_cache.h"
#include "json.h"
#include "market.h"
#include "names.h"
#include "out.h"
#include "policy.h"
#include "providers.h"

struct outcome;

/* The texts, record by record. */
struct embed_input {
	const struct embed_args *a;
	size_t n_opened; /* operands */
	int fd;          /* -1: none is open */
	const char *name;
	int may_block; /* a pipe, a terminal: look before reading */
	struct buf buf;
	size_t at;       /* of the next record in it */
	size_t searched; /* bytes from there that hold no end of a record */
	int eof;         /* of this file */
	int64_t record;
	uint64_t offset;     /* in this file, of the next record */
	struct buf text, id; /* decoded, repaired */
	struct json json;
	int repaired; /* a warning was given */
};

struct embedder {
	struct embed_args a;
	int closed; /* descriptors that were closed at the start */
	struct providers providers;
	struct policy policy;
	struct names names;
	struct market market;
	struct booking *booking;
	struct buf options; /* members of the request: ",\"dimensions\":3" */
	struct out out;
	int meta_fd; /* -1: none */
	struct loop *loop;
	struct embed *embed;
	struct embed_cache cache;
	struct embed_input input;
	struct buf rows; /* to be written */
	int64_t n_rows;
	int64_t n_unknown; /* that failed while nobody knew the dimensions */
	size_t n_dims;
	off_t npy_at; /* where its head goes */
	int head_out; /* a place for it was left */
	float *query; /* owned: -Q's vector */
	int asked;    /* the query's text was given */
};

/* A line on stderr, unless -q. */
void embed_warn(struct embedder *x, const char *line);
/* `line`, or `record` where records are no lines. */
const char *embed_unit(const struct embed_args *a);

/* The model and its provider; ERR_CONFIG: none was named; ERR_USAGE: several. */
int embed_choose_model(struct embedder *x, struct err *e);
/* x->options, of -O and -d. */
int embed_options(struct embedder *x, struct err *e);
/* How much goes into a request, and into a text. */
int embed_limits(struct embedder *x, struct embed_spec *s, struct err *e);
int embed_open_cache(struct embedder *x, struct err *e);

/* Can the form be written there? ERR_USAGE. */
int embed_check_output(struct embedder *x, struct err *e);
/* For embed_spec. */
int embed_write_row(void *arg, const struct embed_row *row, struct err *e);
int embed_flush(void *arg, struct err *e);
void embed_write_meta(void *arg, const struct outcome *o);
int embed_finish_output(struct embedder *x, struct err *e);
int embed_open_meta(struct embedder *x, struct err *e);

/* ERR_USAGE where standard input is a terminal and not asked for. */
int embed_input_open(struct embed_input *in, const struct embed_args *a, int closed, struct err *e);
enum embed_next embed_input_next(struct embedder *x, struct embed_text *t, struct err *e);
void embed_input_release(struct embed_input *in);

/* -Q, once x->query is there: reads the vectors from fd and prints the nearest. */
int embed_query(struct embedder *x, int fd, const char *name, struct err *e);

#endif
