/* SPDX-License-Identifier: ISC */
/* anthropic_state: what the decoder knows of an answer so far, and the parts it is made of. Private to lib/wire/anthropic_*.c. */
#ifndef ANTHROPIC_STATE_H
#define ANTHROPIC_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"

struct decoder;

#define ANTHROPIC_MAX_OPEN 64 /* blocks at a time; Anthropic has one */

enum anthropic_kind { ANTHROPIC_TEXT, ANTHROPIC_THINKING, ANTHROPIC_TOOL, ANTHROPIC_OTHER };

struct anthropic_block {
	int64_t index; /* the provider's */
	enum anthropic_kind kind;
	int call;         /* a tool's: our number */
	int has_args;     /* some were given */
	struct buf input; /* a tool's, where it came with the beginning of its block */
};

struct anthropic_state {
	struct anthropic_block *block; /* owned; ANTHROPIC_MAX_OPEN at most */
	size_t n_block, cap_block, held_bytes;
	int n_call;
	int64_t input, cache_write, cached; /* -1: unsaid */
	char *reason;                       /* the last stop_reason, owned; NULL: none yet */
	struct buf scratch, made;
};

struct anthropic_state *anthropic_state(struct decoder *d);
/* A string that isn't empty, owned; else NULL. */
char *anthropic_word(const struct json *j, int node);
int anthropic_fail(struct decoder *d, const char *why);

/* anthropic_blocks.c: 0, or what the callback returned. */
int anthropic_begin_block(struct decoder *d, const struct json *j, int node, int64_t index);
int anthropic_delta(struct decoder *d, const struct json *j, int node, int64_t index);
int anthropic_end_block(struct decoder *d, int64_t index);
int anthropic_end_blocks(struct decoder *d); /* those whose ends are missing */
int anthropic_whole_block(struct decoder *d, const struct json *j, int node, int64_t index);

#endif
