/* SPDX-License-Identifier: ISC */
/*
 * Plots. All lengths are whole numbers: a plot is WIDE units across, ten to a pixel where it is as wide as it was drawn, and a style that
 * is for small screens makes the letters bigger.
 */
#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "page.h"
#include "str.h"

#define WIDE 8000
#define LEFT 880  /* of the columns: room for the numbers of the axis */
#define TOP 120   /* half a letter over the top line */
#define HIGH 2700 /* of the columns */
#define BELOW 380 /* room for the labels under them */
#define ROW 620   /* of bars and ranges: a line of text, and what is drawn under it */
#define TEXT_AT 220
#define BAR_AT 300
#define BAR_HIGH 160
#define MAX_TICKS 5  /* over the base line */
#define MAX_LABELS 6 /* along the time axis */

/* The axis: ticks at step, 2 step, ..., up to top. */
struct scale {
	pusd_sum_t step, top;
};

static const struct {
	const char *before, *after;
	int cents; /* the value counts hundredths */
} units[] = {
    [PAGE_USD] = {"$", "", 0},
    [PAGE_COUNT] = {"", "", 0},
    [PAGE_MS] = {"", " ms", 0},
    [PAGE_SPEED] = {"", " tok/s", 1},
};

static void
number(struct buf *b, enum page_unit unit, pusd_sum_t v)
{
	int64_t n = v > INT64_MAX ? INT64_MAX : (int64_t)v;

	if (unit == PAGE_USD) {
		price_emit_sum(b, v);
	} else if (unit == PAGE_COUNT) {
		str_human(b, (uint64_t)n);
	} else if (!units[unit].cents || n % 100 == 0) {
		buf_addf(b, "%" PRId64, units[unit].cents ? n / 100 : n);
	} else {
		buf_addf(b, "%" PRId64 ".%02" PRId64, n / 100, n % 100);
		while (b->p[b->len - 1] == '0')
			b->p[--b->len] = '\0';
	}
}

void
page_value(struct buf *b, enum page_unit unit, pusd_sum_t v)
{
	if (v < 0) {
		buf_adds(b, "-");
		return;
	}
	buf_adds(b, units[unit].before);
	number(b, unit, v);
	buf_adds(b, units[unit].after);
}

/* The smallest of 1, 2, 5, 10, 20, ... that takes at most MAX_TICKS steps. */
static struct scale
scale_for(pusd_sum_t most)
{
	pusd_sum_t step = 1;

	for (int i = 0; step * MAX_TICKS < most; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2;
	return (struct scale){step, most > 0 ? (most + step - 1) / step * step : step};
}

/* The share of len that v is of the scale. Values that big that they would overflow are none of ours. */
static int
share(struct scale s, pusd_sum_t v, int len)
{
	return v <= 0 ? 0 : v >= s.top ? len : (int)(v * len / s.top);
}

static pusd_sum_t
stack_at(const struct page_plot *p, size_t i)
{
	pusd_sum_t sum = 0;

	for (size_t s = 0; s < p->n_series; s++)
		sum += p->series[s].v[i] > 0 ? p->series[s].v[i] : 0;
	return sum;
}

static pusd_sum_t
most_of(const struct page_plot *p, int stacked)
{
	pusd_sum_t most = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t s = 0; s < (stacked ? 1 : p->n_series); s++) {
			pusd_sum_t v = stacked ? stack_at(p, i) : p->series[s].v[i];
			most = v > most ? v : most;
		}
	return most;
}

/* ── pieces of SVG ── */

static void
open_svg(struct buf *b, const struct page_plot *p, int high)
{
	buf_addf(b, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"", WIDE, high);
	buf_addf(b, "%s-t %s-d\"><title id=\"%s-t\">", p->name, p->name, p->name);
	page_escape(b, p->title, strlen(p->title));
	buf_addf(b, "</title><desc id=\"%s-d\">", p->name);
	page_escape(b, p->desc, strlen(p->desc));
	buf_adds(b, "</desc>\n");
}

static void
close_svg(struct buf *b, const struct page_plot *p, int legend)
{
	buf_adds(b, "</svg>\n");
	if (legend) {
		buf_adds(b, "<ul class=\"legend\">");
		for (size_t s = 0; s < p->n_series; s++) {
			buf_addf(b, "<li><span class=\"c%zu\"></span>", p->series[s].colour % PAGE_COLOURS);
			page_escape(b, p->series[s].name, strlen(p->series[s].name));
			buf_adds(b, "</li>");
		}
		buf_adds(b, "</ul>");
	}
	buf_adds(b, "</figure>\n");
}

static void
line(struct buf *b, const char *class, int x1, int y1, int x2, int y2)
{
	buf_addf(b, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class, x1, y1, x2, y2);
}

static void
open_text(struct buf *b, int x, int y, const char *anchor)
{
	buf_addf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
}

/* A rectangle that tells what it stands for when it is pointed at. */
static void
block(struct buf *b, const struct page_plot *p, size_t s, size_t i, int x, int y, int w, int h)
{
	const struct page_series *series = &p->series[s];

	buf_addf(b, "<rect class=\"c%zu\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
	    series->colour % PAGE_COLOURS, x, y, w, h);
	page_escape(b, p->label[i], strlen(p->label[i]));
	buf_adds(b, " \302\267 ");
	page_escape(b, series->name, strlen(series->name));
	buf_adds(b, " \302\267 ");
	page_value(b, p->unit, series->v[i]);
	buf_adds(b, "</title></rect>\n");
}

/* ── columns ── */

static void
grid(struct buf *b, const struct page_plot *p, struct scale s)
{
	for (pusd_sum_t v = 0; v <= s.top; v += s.step) {
		int y = TOP + HIGH - share(s, v, HIGH);
		line(b, v ? "grid" : "base", LEFT, y, WIDE, y);
		open_text(b, LEFT - 100, y + 45, "end");
		page_value(b, p->unit, v);
		buf_adds(b, "</text>\n");
	}
}

/* As many labels as there is room for, the first one always. */
static void
time_labels(struct buf *b, const struct page_plot *p)
{
	size_t every = (p->n + MAX_LABELS - 1) / MAX_LABELS;

	for (size_t i = 0; i < p->n; i += every) {
		open_text(b, LEFT + (int)((2 * i + 1) * (WIDE - LEFT) / (2 * p->n)), TOP + HIGH + 300, "middle");
		page_escape(b, p->label[i], strlen(p->label[i]));
		buf_adds(b, "</text>\n");
	}
}

/* The pieces of a column end where the sums do, so that rounding leaves no gaps. */
static void
column(struct buf *b, const struct page_plot *p, struct scale sc, size_t i)
{
	int from = LEFT + (int)(i * (WIDE - LEFT) / p->n), to = LEFT + (int)((i + 1) * (WIDE - LEFT) / p->n);
	int gap = (to - from) / 5, wide = to - from - gap, widest = 600;
	pusd_sum_t sum = 0;

	if (wide > widest) {
		gap = to - from - widest;
		wide = widest;
	}
	for (size_t s = 0; s < p->n_series; s++) {
		pusd_sum_t v = p->series[s].v[i];
		if (v <= 0)
			continue;
		int low = share(sc, sum, HIGH), high = share(sc, sum += v, HIGH);
		if (high > low)
			block(b, p, s, i, from + gap / 2, TOP + HIGH - high, wide, high - low);
	}
}

void
page_columns(struct buf *b, const struct page_plot *p)
{
	struct scale s = scale_for(most_of(p, 1));

	open_svg(b, p, TOP + HIGH + BELOW);
	grid(b, p, s);
	for (size_t i = 0; i < p->n; i++)
		column(b, p, s, i);
	time_labels(b, p);
	close_svg(b, p, p->n_series > 1);
}

/* ── rows ── */

static void
row_text(struct buf *b, const struct page_plot *p, size_t i, pusd_sum_t v)
{
	int y = (int)i * ROW + TEXT_AT;

	buf_addf(b, "<text class=\"row\" x=\"0\" y=\"%d\">", y);
	page_escape(b, p->label[i], strlen(p->label[i]));
	buf_adds(b, "</text>\n");
	open_text(b, WIDE, y, "end");
	page_value(b, p->unit, v);
	buf_adds(b, "</text>\n");
}

void
page_bars(struct buf *b, const struct page_plot *p)
{
	struct scale sc = {1, most_of(p, 1)};

	open_svg(b, p, (int)p->n * ROW);
	for (size_t i = 0; i < p->n; i++) {
		pusd_sum_t sum = 0;
		row_text(b, p, i, stack_at(p, i));
		for (size_t s = 0; s < p->n_series; s++) {
			pusd_sum_t v = p->series[s].v[i];
			if (v <= 0)
				continue;
			int from = share(sc, sum, WIDE), to = share(sc, sum += v, WIDE);
			block(b, p, s, i, from, (int)i * ROW + BAR_AT, to - from > 20 ? to - from : 20, BAR_HIGH);
		}
	}
	close_svg(b, p, p->n_series > 1);
}

static void
range(struct buf *b, const struct page_plot *p, struct scale sc, size_t i)
{
	int at[4], y = (int)i * ROW + BAR_AT, middle = y + BAR_HIGH / 2;

	for (size_t s = 0; s < 4; s++)
		at[s] = share(sc, p->series[s].v[i], WIDE);
	int left = at[0] < at[2] ? at[0] : at[2], right = at[0] < at[2] ? at[2] : at[0];
	line(b, "grid", 0, middle, WIDE, middle);
	line(b, "tail", at[2], middle, at[3], middle);
	buf_addf(b, "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>", left, y,
	    right - left > 20 ? right - left : 20, BAR_HIGH);
	page_escape(b, p->label[i], strlen(p->label[i]));
	for (size_t s = 0; s < 4; s++) {
		buf_addf(b, " \302\267 %s ", p->series[s].name);
		page_value(b, p->unit, p->series[s].v[i]);
	}
	buf_adds(b, "</title></rect>\n");
	for (size_t s = 0; s < 4; s++) /* the median stands out */
		buf_addf(b, "<rect class=\"mark\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
		    at[s] - (s ? 10 : 25), s ? y + 20 : y - 20, s ? 20 : 50, s ? BAR_HIGH - 40 : BAR_HIGH + 40);
}

void
page_ranges(struct buf *b, const struct page_plot *p)
{
	struct scale sc = {1, most_of(p, 0)};

	open_svg(b, p, (int)p->n * ROW);
	for (size_t i = 0; i < p->n; i++) {
		row_text(b, p, i, p->series[0].v[i]);
		if (p->series[0].v[i] >= 0)
			range(b, p, sc, i);
	}
	close_svg(b, p, 0);
}
