/* SPDX-License-Identifier: ISC */
/*
 * table: cells of text, written for a program (TSV), for a person (aligned, with a heading) or as ls does (a grid of names). Pure.
 *
 * Cells are added row by row. A character counts as one column wide.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

#include "buf.h"

struct table_col {
	const char *head;
	int right; /* numbers: aligned to the right */
};

struct table {
	const struct table_col *col; /* borrowed */
	size_t n_col;
	int clean;       /* for a terminal: control bytes are taken out of what is added */
	struct buf text; /* the cells, one behind the other */
	size_t *end;     /* where each cell ends in text */
	size_t n, cap;
};

void table_init(struct table *t, const struct table_col *col, size_t n_col, int clean);
void table_release(struct table *t);
/* The next cell. Nothing (n is 0) becomes "-". */
void table_add(struct table *t, const char *s, size_t n);
void table_adds(struct table *t, const char *s);

/* One row a line, tabs between, no heading; tab, newline and backslash inside a cell are escaped. */
void table_tsv(const struct table *t, struct buf *out);
void table_aligned(const struct table *t, struct buf *out);
/* The cells of a table of one column, down and then across, in as few lines as fit the width. */
void table_grid(const struct table *t, size_t width, struct buf *out);

#endif
