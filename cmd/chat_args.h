/* SPDX-License-Identifier: ISC */
/* chat_args: or-chat's command line, as values. */
#ifndef CHAT_ARGS_H
#define CHAT_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "caching.h"
#include "opt.h"
#include "price.h"
#include "render.h"

struct attach_spec;
struct buf;
struct err;

struct strings { /* a repeatable option's arguments; borrowed from argv */
	char **v;
	size_t n, cap;
};

struct chat_args {
	const char *model, *system, *system_file, *schema, *schema_file, *lang, *conversation, *output, *meta,
	    *provider, *effort, *tag;
	struct strings file, attach, option;
	char **operand;
	size_t n_operand;
	size_t n_taken; /* options other than -f that read standard input: -i, and "-" of -S -J -a */
	enum render_form form;
	enum caching caching;
	int extract, dry_run, request, no_stdin, strict_utf8, lossy, quiet, verbose, has_seed, idle_set, connect_set;
	int64_t retries, schema_retries, seed, deadline_ms, idle_ms, connect_ms;
	int64_t budget_pusd; /* -B; PUSD_UNKNOWN: none */
	uint64_t max_input;
	price_t max_prompt, max_completion;
	int help, version, dump;
};

extern const struct opt chat_options[];

/* ERR_USAGE. The strings are borrowed from argv. */
int chat_args_parse(struct chat_args *a, int argc, char **argv, struct err *e);
/* Does this attachment come from standard input? */
int chat_args_is_stdin(const struct attach_spec *s);
void chat_args_help(struct buf *b);
void chat_args_release(struct chat_args *a);

#endif
