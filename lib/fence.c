/* SPDX-License-Identifier: ISC */
#include "fence.h"

#include <stdint.h>
#include <string.h>

#include "buf.h"

#define TAB 4
#define MIN_FENCE 3

struct line {
	const char *p;
	size_t n;   /* bytes, without the line end */
	size_t all; /* bytes with it */
};

struct fence {
	size_t indent; /* columns */
	char c;
	size_t n;         /* how many c there are */
	const char *info; /* what is behind them, without blanks at both ends */
	size_t n_info;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line at p; n bytes are left, at least 1. */
static struct line
line_at(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	struct line l = {p, end ? (size_t)(end - p) : n, end ? (size_t)(end - p) + 1 : n};

	if (l.n > 0 && p[l.n - 1] == '\r')
		l.n--;
	return l;
}

/* Passes the blanks at p, up to a column; returns the column that was reached. A tab may reach past it. */
static size_t
skip_blanks(const char **p, const char *end, size_t max)
{
	size_t column = 0;

	for (; *p < end && is_blank(**p) && column < max; (*p)++)
		column += **p == '\t' ? TAB - column % TAB : 1;
	return column;
}

/* Does the line look like a fence: blanks, three or more ` or ~, and something that may be an info string? */
static int
parse_fence(struct fence *f, const struct line *l)
{
	const char *p = l->p, *end = l->p + l->n;

	f->indent = skip_blanks(&p, end, SIZE_MAX);
	if (p == end || (*p != '`' && *p != '~'))
		return 0;
	f->c = *p;
	for (f->n = 0; p < end && *p == f->c; p++)
		f->n++;
	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	f->info = p;
	f->n_info = (size_t)(end - p);
	return f->n >= MIN_FENCE && !(f->c == '`' && memchr(p, '`', f->n_info));
}

/* Four columns deeper than its opening, a fence is text of the block. */
static int
is_close(const struct fence *open, const struct line *l)
{
	struct fence f;

	return parse_fence(&f, l) && f.c == open->c && f.n >= open->n && f.n_info == 0 && f.indent < open->indent + TAB;
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* The first word of the info string, which may also be written {.word ...} or {word, ...}. */
static int
is_lang(const struct fence *f, const char *lang)
{
	const char *p = f->info, *end = f->info + f->n_info;
	int braced = p < end && *p == '{';

	p += braced;
	p += braced && p < end && *p == '.';
	for (; *lang && p < end && lower(*p) == lower(*lang); lang++)
		p++;
	if (*lang)
		return 0;
	return p == end || is_blank(*p) || (braced && (*p == '}' || *p == ','));
}

/* The lines of a block, without the indent of its opening fence; what a tab has too much comes back as spaces. */
static void
add_content(struct buf *out, const char *p, const char *end, size_t indent)
{
	while (p < end) {
		struct line l = line_at(p, (size_t)(end - p));
		const char *text = p;
		size_t column = skip_blanks(&text, p + l.n, indent);
		for (; column > indent; column--)
			buf_addc(out, ' ');
		buf_add(out, text, (size_t)(p + l.all - text));
		p += l.all;
	}
}

/* The closing fence of a block whose content begins at p, or NULL. */
static const char *
find_close(const struct fence *open, const char *p, const char *end)
{
	while (p < end) {
		struct line l = line_at(p, (size_t)(end - p));
		if (is_close(open, &l))
			return p;
		p += l.all;
	}
	return NULL;
}

enum fence_result
fence_extract(const char *text, size_t n, const char *lang, struct buf *out)
{
	const char *p = text, *end = text + n, *close;
	struct fence open;

	while (p < end) {
		struct line l = line_at(p, (size_t)(end - p));
		p += l.all;
		if (!parse_fence(&open, &l))
			continue;
		int wanted = !lang || is_lang(&open, lang);
		if (!(close = find_close(&open, p, end)))
			return wanted ? FENCE_UNTERMINATED : FENCE_NONE;
		if (wanted) {
			add_content(out, p, close, open.indent);
			return FENCE_FOUND;
		}
		l = line_at(close, (size_t)(end - close));
		p = close + l.all;
	}
	return FENCE_NONE;
}
