/* SPDX-License-Identifier: ISC */
/* usage_args: or-usage's command line. */
#ifndef USAGE_ARGS_H
#define USAGE_ARGS_H

#include <stdint.h>

#include "report.h"
#include "usage_when.h"

struct buf;
struct err;

enum usage_form {
	USAGE_TABLE /* unsaid: aligned on a terminal, else TSV */,
	USAGE_TSV,
	USAGE_NDJSON,
	USAGE_JSON,
	USAGE_HTML
};

struct usage_args {
	struct usage_range range;
	enum report_field by[REPORT_N_FIELDS];
	size_t n_by;
	struct report_select select;
	int each, sums; /* -l, -s */
	enum usage_form form;
	int64_t budget_pusd; /* PUSD_UNKNOWN: none */
	int64_t prune_days;  /* -1: nothing is pruned */
	int remote, quiet, verbose;
	int about;          /* help, version or the table of options was asked for, and nothing else counts; 0 */
	const char *output; /* NULL: unsaid */
};

/* -1 with ERR_USAGE. */
int usage_args_parse(struct usage_args *a, int argc, char **argv, int64_t now_ms, struct err *e);
/* Appends the text that `about` asks for. */
void usage_args_about(const struct usage_args *a, struct buf *b);

#endif
