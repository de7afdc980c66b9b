/* SPDX-License-Identifier: ISC */
/* bedrock_state: what the decoder knows of an answer so far. For lib/wire/bedrock_*.c only. */
#ifndef BEDROCK_STATE_H
#define BEDROCK_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"

struct decoder;

#define BEDROCK_MAX_OPEN 64 /* blocks at a time; there has never been more than one */

enum bedrock_kind { BEDROCK_PLAIN, BEDROCK_CALL, BEDROCK_SKIPPED };

struct bedrock_block {
	int64_t index; /* contentBlockIndex */
	enum bedrock_kind kind;
	int call;     /* our number of the call */
	int has_args; /* some were given */
	char *image;  /* format of an image; NULL: it is none */
};

struct bedrock_state {
	struct bedrock_block block[BEDROCK_MAX_OPEN]; /* those that are open */
	size_t n_block;
	int n_call;
	int finished;
	struct buf scratch, made;
	void *anthropic;   /* the state of its events, which InvokeModelWithResponseStream has inside */
	int wraps;         /* such a one came */
	struct buf inside; /* one of them, and parsed */
	struct json inner;
};

struct bedrock_state *bedrock_state(struct decoder *d);
int bedrock_garbled(struct decoder *d, const char *why);

/* bedrock_blocks.c: 0, or what the callback returned. */
int bedrock_begin_block(struct decoder *d, const struct json *j, int start, int64_t index);
int bedrock_delta(struct decoder *d, const struct json *j, int delta, int64_t index);
int bedrock_end_block(struct decoder *d, int64_t index);
int bedrock_end_blocks(struct decoder *d); /* those whose ends are missing */
int bedrock_whole_block(struct decoder *d, const struct json *j, int block, int64_t index);

#endif
