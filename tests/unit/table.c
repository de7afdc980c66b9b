/* SPDX-License-Identifier: ISC */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "tap.h"

static const struct table_col two[] = {{"NAME", 0}, {"N", 1}}, one[] = {{"NAME", 0}};

static void
test_tsv(void)
{
	struct table t;
	struct buf b = BUF_INIT;

	table_init(&t, two, 2, 0);
	table_tsv(&t, &b);
	tap_is_str(buf_str(&b), "", "no rows, no lines");
	table_adds(&t, "a\tb\n");
	table_adds(&t, "1");
	table_adds(&t, "");
	table_adds(&t, "22");
	table_tsv(&t, &b);
	tap_is_str(buf_str(&b), "a\\tb\\n\t1\n-\t22\n", "tabs between, escaped inside, - for nothing");
	table_release(&t);
	buf_release(&b);
}

static void
test_aligned(void)
{
	struct table t;
	struct buf b = BUF_INIT;

	table_init(&t, two, 2, 1);
	table_adds(&t, "caf\xc3\xa9s");
	table_adds(&t, "1");
	table_adds(&t, "\033[31mx\007");
	table_adds(&t, "4444");
	table_aligned(&t, &b);
	tap_is_str(buf_str(&b), "NAME      N\ncaf\xc3\xa9s     1\n[31mx  4444\n",
	    "characters are counted, control bytes dropped");
	table_release(&t);
	buf_release(&b);
}

static void
grid(const char *names, size_t width, const char *want, const char *what)
{
	struct table t;
	struct buf b = BUF_INIT;
	char *copy = xstrdup(names), *rest = copy, *name;

	table_init(&t, one, 1, 1);
	while (*names && (name = strsep(&rest, " ")))
		table_adds(&t, name);
	table_grid(&t, width, &b);
	tap_is_str(buf_str(&b), want, what);
	table_release(&t);
	buf_release(&b);
	free(copy);
}

/* Whatever the width: every name once, in order down the columns, no line wider unless one name is. */
static void
test_grid_fits(void)
{
	for (size_t width = 1; width < 60; width++) {
		struct table t;
		struct buf b = BUF_INIT;
		size_t widest = 0, at = 0, names = 0;
		table_init(&t, one, 1, 0);
		for (int i = 0; i < 23; i++) {
			char s[16];
			snprintf(s, sizeof(s), "%.*s", 1 + i * 7 % 11, "abcdefghijkl");
			table_adds(&t, s);
		}
		table_grid(&t, width, &b);
		for (char *p = b.p; *p; p++) {
			at = *p == '\n' ? 0 : at + 1;
			widest = at > widest ? at : widest;
			names += *p != ' ' && *p != '\n' && (p[1] == ' ' || p[1] == '\n');
		}
		if (widest > (width > 11 ? width : 11) || names != 23)
			tap_ok(0, "grid of %zu columns: %zu wide, %zu names", width, widest, names);
		table_release(&t);
		buf_release(&b);
	}
	tap_ok(1, "grids of all widths were looked at");
}

int
main(void)
{
	test_tsv();
	test_aligned();
	grid("a b c d e", 80, "a  b  c  d  e\n", "all in one line");
	grid("a b c d e", 13, "a  b  c  d  e\n", "which just fits");
	grid("a b c d e", 12, "a  c  e\nb  d\n", "one column less: down first");
	grid("a b c d e", 4, "a  d\nb  e\nc\n", "two columns");
	grid("a b c d e", 1, "a\nb\nc\nd\ne\n", "one column");
	grid("a bbbbbbbbbb c", 5, "a\nbbbbbbbbbb\nc\n", "a name that is wider than the screen");
	grid("a bbbb c ddd", 9, "a     c\nbbbb  ddd\n", "columns have their own widths");
	grid("", 80, "", "nothing");
	test_grid_fits();
	return tap_done();
}
