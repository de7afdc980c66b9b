/* SPDX-License-Identifier: ISC */
/* models_args: or-models' command line. */
#ifndef MODELS_ARGS_H
#define MODELS_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "models.h"

struct buf;
struct err;

enum models_form { FORM_LS, FORM_LINES, FORM_LONG, FORM_TSV, FORM_NDJSON, FORM_JSON };

struct models_args {
	struct models_select sel;
	enum models_order order;
	enum models_form form;
	enum catalog_mode mode;
	int reverse, endpoints, quiet, verbose;
	int about; /* help, version or the table of options was asked for, and nothing else counts; 0 */
	uint64_t limit;
	int64_t max_age_ms;
	int64_t connect_ms, idle_ms, total_ms; /* 0: unsaid */
	const char *provider, *output;         /* NULL: unsaid */
	char **operand;                        /* borrowed from argv */
	size_t n_operand;
};

/* -1 with ERR_USAGE. */
int models_args_parse(struct models_args *a, int argc, char **argv, struct err *e);
/* Appends the text that `about` asks for. */
void models_args_about(const struct models_args *a, struct buf *b);

#endif
