/* SPDX-License-Identifier: ISC */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "str.h"

#define GAP 2 /* blanks between columns */

void
table_init(struct table *t, const struct table_col *col, size_t n_col, int clean)
{
	*t = (struct table){.col = col, .n_col = n_col, .clean = clean};
}

void
table_release(struct table *t)
{
	buf_release(&t->text);
	free(t->end);
	t->end = NULL;
	t->n = t->cap = 0;
}

void
table_add(struct table *t, const char *s, size_t n)
{
	size_t start = t->text.len;

	if (t->clean)
		str_clean(&t->text, s, n);
	else
		buf_add(&t->text, s, n);
	if (t->text.len == start)
		buf_addc(&t->text, '-');
	t->end = mem_grow(t->end, t->n, &t->cap, sizeof(*t->end));
	t->end[t->n++] = t->text.len;
}

void
table_adds(struct table *t, const char *s)
{
	table_add(t, s, strlen(s));
}

static const char *
cell(const struct table *t, size_t i, size_t *n)
{
	size_t start = i ? t->end[i - 1] : 0;

	*n = t->end[i] - start;
	return t->text.p + start;
}

void
table_tsv(const struct table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t n;
		const char *s = cell(t, i, &n);
		str_tsv(out, s, n);
		buf_addc(out, (i + 1) % t->n_col ? '\t' : '\n');
	}
}

/* Appends the cell and its width in columns. */
static size_t
emit(struct buf *out, const char *s, size_t n)
{
	size_t start = out->len, width = 0;

	str_tsv(out, s, n); /* a newline would break the line */
	for (size_t i = start; i < out->len; i++)
		width += ((unsigned char)out->p[i] & 0xc0) != 0x80;
	return width;
}

static size_t
cell_width(const struct table *t, size_t i, struct buf *scratch)
{
	size_t n;
	const char *s = cell(t, i, &n);

	buf_clear(scratch);
	return emit(scratch, s, n);
}

static void
pad(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

static void
aligned_cell(const struct table *t, size_t c, size_t width, const char *s, size_t n, struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t have = emit(&text, s, n), fill = width > have ? width - have : 0;

	if (t->col[c].right)
		pad(out, fill);
	buf_add(out, buf_str(&text), text.len);
	buf_release(&text);
	if (c + 1 == t->n_col) {
		buf_addc(out, '\n');
		return;
	}
	if (!t->col[c].right)
		pad(out, fill);
	pad(out, GAP);
}

void
table_aligned(const struct table *t, struct buf *out)
{
	size_t *width = xcalloc(t->n_col, sizeof(*width));
	struct buf scratch = BUF_INIT;

	for (size_t c = 0; c < t->n_col; c++)
		width[c] = strlen(t->col[c].head);
	for (size_t i = 0; i < t->n; i++) {
		size_t w = cell_width(t, i, &scratch);
		if (w > width[i % t->n_col])
			width[i % t->n_col] = w;
	}
	for (size_t c = 0; c < t->n_col; c++)
		aligned_cell(t, c, width[c], t->col[c].head, strlen(t->col[c].head), out);
	for (size_t i = 0; i < t->n; i++) {
		size_t n;
		const char *s = cell(t, i, &n);
		aligned_cell(t, i % t->n_col, width[i % t->n_col], s, n, out);
	}
	buf_release(&scratch);
	free(width);
}

/* Width of the widest cell of each column, and of them all with the gaps, when the grid has so many lines. */
static size_t
grid_width(const size_t *width, size_t n, size_t lines, size_t *column)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		size_t c = i / lines;
		if (i % lines == 0)
			column[c] = 0;
		if (width[i] > column[c])
			column[c] = width[i];
	}
	for (size_t c = 0; c * lines < n; c++)
		total += column[c] + (c ? GAP : 0);
	return total;
}

void
table_grid(const struct table *t, size_t width, struct buf *out)
{
	size_t *w = xcalloc(t->n, sizeof(*w)), *column = xcalloc(t->n, sizeof(*column)), lines = 1;
	struct buf scratch = BUF_INIT;

	for (size_t i = 0; i < t->n; i++)
		w[i] = cell_width(t, i, &scratch);
	while (lines < t->n && grid_width(w, t->n, lines, column) > width)
		lines++;
	grid_width(w, t->n, lines, column);
	for (size_t line = 0; line < lines && line < t->n; line++)
		for (size_t i = line; i < t->n; i += lines) {
			size_t n;
			const char *s = cell(t, i, &n);
			emit(out, s, n);
			if (i + lines < t->n)
				pad(out, column[i / lines] - w[i] + GAP);
			else
				buf_addc(out, '\n');
		}
	buf_release(&scratch);
	free(column);
	free(w);
}
