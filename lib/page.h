/* SPDX-License-Identifier: ISC */
/*
 * page: one page of HTML that stands alone: headings, figures, tables, plots as inline SVG. Pure.
 *
 * It needs no network and, save a live one, no script, says so itself (Content-Security-Policy), follows the reader's light or dark scheme, and is read on a
 * phone too. Every text is escaped, control bytes are dropped, and what isn't UTF-8 becomes U+FFFD. No float touches a value.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>

#include "price.h"

struct buf;
struct table;

#define PAGE_NONE ((pusd_sum_t)-1) /* in place of a value: not known */
#define PAGE_COLOURS 8             /* the last one is for the rest */

/* How a value is written, and what one of it is. */
enum page_unit {
	PAGE_USD,   /* 10^-12 USD */
	PAGE_COUNT, /* 950, 128k, 1.0M */
	PAGE_MS,
	PAGE_SPEED /* 1/100 tokens a second */
};

struct page_series {
	const char *name;
	size_t colour;       /* under PAGE_COLOURS */
	const pusd_sum_t *v; /* one a label; at least 0, or PAGE_NONE */
};

struct page_plot {
	const char *name; /* a word, for the page's own references; no two plots have the same */
	const char *title, *desc;
	enum page_unit unit;
	const char *const *label;
	size_t n;
	const struct page_series
	    *series; /* stacked, the first at the bottom; of page_ranges one a row's mark: p50 p75 p90 p99 */
	size_t n_series;
};

/* The head of the document, up to and with its one heading. */
void page_open(struct buf *b, const char *title, const char *lead);
/* One that runs a script and asks its own server, and nobody else. nonce: what marks the script as ours. */
void page_open_live(struct buf *b, const char *title, const char *lead, const char *nonce);
void page_script(struct buf *b, const char *nonce, const char *script); /* the script is ours: it isn't escaped */
void page_close(struct buf *b, const char *foot);
void page_section(struct buf *b, const char *heading, const char *note);
void page_part(struct buf *b, const char *heading, const char *note); /* of a section */
void page_end_section(struct buf *b);
void page_text(struct buf *b, const char *s); /* a paragraph */

/* A row of big numbers: open, one of each, close. */
void page_open_figures(struct buf *b);
void page_figure(struct buf *b, const char *label, const char *value);
void page_close_figures(struct buf *b);

/* Cells as t has them; the first n_head columns are a row's heading. folded: a summary line opens it. */
void page_table(struct buf *b, const struct table *t, size_t n_head, const char *caption, int folded);

/* Columns over time, stacked. With a legend where there is more than one series. */
void page_columns(struct buf *b, const struct page_plot *p);
/* A bar a label, stacked. */
void page_bars(struct buf *b, const struct page_plot *p);
/* A row a label: a box from p50 to p90 with p75 in it, a line on to p99. series: those four. */
void page_ranges(struct buf *b, const struct page_plot *p);

/* Appends a value as the plots write it. */
void page_value(struct buf *b, enum page_unit unit, pusd_sum_t v);
/* Appends text escaped for HTML. */
void page_escape(struct buf *b, const char *s, size_t n);

#endif
