/* SPDX-License-Identifier: ISC */
/* embed_args: or-embed's command line, as values. */
#ifndef EMBED_ARGS_H
#define EMBED_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "price.h"
#include "vecout.h"

struct buf;
struct err;

struct embed_args {
	const char *model, *provider, *output, *meta, *cache, *query, *tag;
	char **option; /* owned; the strings are borrowed from argv */
	size_t n_option, cap_option;
	char **operand;
	size_t n_operand;
	enum vecout_form form;
	int form_set, null, ids, ndjson, split, strict_utf8, quiet, verbose, idle_set, connect_set;
	int64_t parallel, batch, dims, limit, retries, deadline_ms, idle_ms, connect_ms;
	uint64_t max_input, max_tokens; /* max_tokens: of one text; 0: unsaid */
	int64_t budget_pusd;            /* -B; PUSD_UNKNOWN: none */
	price_t max_prompt, max_completion;
	int about; /* 'h', 'V' or the dump of the options */
};

/* ERR_USAGE. The strings are borrowed from argv. */
int embed_args_parse(struct embed_args *a, int argc, char **argv, struct err *e);
/* What -h, -V and the like print. */
void embed_args_about(const struct embed_args *a, struct buf *b);
void embed_args_release(struct embed_args *a);

#endif
