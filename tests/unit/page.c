/* SPDX-License-Identifier: ISC */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "table.h"
#include "tap.h"

static void
escapes(const char *s, size_t n, const char *want)
{
	struct buf b = BUF_INIT;

	page_escape(&b, s, n);
	tap_is_str(buf_str(&b), want, want);
	buf_release(&b);
}

static void
value(enum page_unit unit, pusd_sum_t v, const char *want)
{
	struct buf b = BUF_INIT;

	page_value(&b, unit, v);
	tap_is_str(b.p, want, want);
	buf_release(&b);
}

static void
test_text(void)
{
	escapes("<a href=\"x\">'&amp;'</a>", 23, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;");
	escapes("\033[31m\xff\xc3\xa4\0z", 10, "[31m\357\277\275\xc3\xa4z");
	value(PAGE_USD, 1500000000000, "$1.5");
	value(PAGE_USD, 1, "$0.000000000001");
	value(PAGE_COUNT, 1500, "1.5k");
	value(PAGE_MS, 12345, "12345 ms");
	value(PAGE_SPEED, 12340, "123.4 tok/s");
	value(PAGE_SPEED, 105, "1.05 tok/s");
	value(PAGE_SPEED, 7000, "70 tok/s");
	value(PAGE_USD, PAGE_NONE, "-");
}

static int
count(const char *text, const char *what)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

/* The number of an attribute in the n-th element of that name, or -1. */
static int
attribute(const char *text, const char *element, int n, const char *name)
{
	const char *p = text;

	for (; n >= 0 && (p = strstr(p, element)) != NULL; n--)
		p++;
	p = p ? strstr(p, name) : NULL;
	return p ? (int)strtol(p + strlen(name) + 2, NULL, 10) : -1;
}

static const char *const labels[] = {"Nov 1", "<2>", "Nov 3"};

static void
columns(struct buf *b, const pusd_sum_t *first, const pusd_sum_t *second)
{
	const struct page_series s[] = {{"a&b", 0, first}, {"b", 1, second}};

	buf_clear(b);
	page_columns(b, &(struct page_plot){"p", "Title", "What it is", PAGE_COUNT, labels, 3, s, second ? 2 : 1});
}

static void
test_columns(void)
{
	struct buf b = BUF_INIT;

	columns(&b, (pusd_sum_t[]){30, 100, PAGE_NONE}, (pusd_sum_t[]){70, 0, 50});
	tap_is_int(count(b.p, "<rect"), 4, "a rectangle a value that isn't 0 or unknown");
	tap_is_int(attribute(b.p, "<rect", 0, " height"), 810, "30 of 100");
	tap_is_int(attribute(b.p, "<rect", 1, " height"), 1890, "70 of 100");
	tap_is_int(attribute(b.p, "<rect", 1, " y") + 1890, attribute(b.p, "<rect", 0, " y"), "on top of the first");
	tap_is_int(attribute(b.p, "<rect", 2, " height"), 2700, "100 of 100");
	tap_ok(strstr(b.p, "<title>&lt;2&gt; \302\267 a&amp;b \302\267 100</title>") != NULL,
	    "what it stands for, escaped");
	tap_is_int(count(b.p, "class=\"grid\""), 5, "lines at 20, 40, ... 100");
	tap_ok(strstr(b.p, ">80</text>") && strstr(b.p, ">100</text>") && !strstr(b.p, ">120</text>"),
	    "and their numbers");
	tap_is_int(count(b.p, "<li>"), 2, "a legend");
	tap_ok(strstr(b.p, "role=\"img\" aria-labelledby=\"p-t p-d\"") &&
		strstr(b.p, "<desc id=\"p-d\">What it is</desc>"),
	    "a name and a description");
	columns(&b, (pusd_sum_t[]){0, 0, 0}, NULL);
	tap_ok(!strstr(b.p, "<rect") && !strstr(b.p, "legend") && strstr(b.p, ">1</text>"), "nothing but zeros");
	columns(&b, (pusd_sum_t[]){((pusd_sum_t)1 << 90), 1, 0}, NULL);
	tap_is_int(attribute(b.p, "<rect", 0, " height") > 1100, 1, "a value of more than 64 bits");
	tap_is_int(count(b.p, "<rect"), 1, "beside which another one is nothing");
	buf_release(&b);
}

static void
test_rows(void)
{
	const pusd_sum_t p50[] = {100, 400, PAGE_NONE}, p75[] = {200, 300, PAGE_NONE}, p90[] = {300, 200, PAGE_NONE},
			 p99[] = {800, 100, PAGE_NONE};
	const struct page_series four[] = {{"p50", 0, p50}, {"p75", 0, p75}, {"p90", 0, p90}, {"p99", 0, p99}};
	struct buf b = BUF_INIT;

	page_ranges(&b, &(struct page_plot){"r", "T", "D", PAGE_MS, labels, 3, four, 4});
	tap_is_int(attribute(b.p, "class=\"box\"", 0, " x"), 1000, "a box from the median");
	tap_is_int(attribute(b.p, "class=\"box\"", 0, " width"), 2000, "to p90");
	tap_is_int(attribute(b.p, "class=\"tail\"", 0, " x2"), 8000, "a line on to p99");
	tap_is_int(attribute(b.p, "class=\"box\"", 1, " x"), 2000, "the other way, where less is worse");
	tap_is_int(attribute(b.p, "class=\"box\"", 1, " width"), 2000, "as wide");
	tap_is_int(count(b.p, "class=\"box\""), 2, "none for what isn't known");
	tap_ok(strstr(b.p,
		   "Nov 1 \302\267 p50 100 ms \302\267 p75 200 ms \302\267 p90 300 ms \302\267 p99 800 ms</title>") !=
		NULL,
	    "all four are told");
	buf_clear(&b);
	page_bars(&b, &(struct page_plot){"b", "T", "D", PAGE_COUNT, labels, 3, four, 1});
	tap_is_int(attribute(b.p, "<rect", 0, " width"), 2000, "a bar, a quarter of the longest");
	tap_is_int(attribute(b.p, "<rect", 1, " width"), 8000, "the longest");
	tap_is_int(count(b.p, "<rect"), 2, "no bar for what isn't known");
	buf_release(&b);
}

static void
test_document(void)
{
	static const struct table_col col[] = {{"KEY", 0}, {"N", 1}};
	struct buf b = BUF_INIT;
	struct table t;

	table_init(&t, col, 2, 0);
	table_adds(&t, "<x>");
	table_adds(&t, "7");
	page_open(&b, "A & B", "lead");
	page_table(&b, &t, 1, "By \"key\"", 0);
	page_table(&b, &t, 1, "more", 1);
	page_close(&b, "end");
	tap_ok(strncmp(b.p, "<!DOCTYPE html>\n", 16) == 0 && strcmp(b.p + b.len - 8, "</html>\n") == 0, "a document");
	tap_ok(strstr(b.p, "<title>A &amp; B</title>") && strstr(b.p, "<h1>A &amp; B</h1>"), "its title");
	tap_ok(strstr(b.p, "default-src 'none'; style-src 'unsafe-inline'") != NULL, "nothing from elsewhere");
	tap_ok(strstr(b.p, "aria-label=\"By &quot;key&quot;\"") != NULL, "a table's name, in an attribute");
	tap_ok(strstr(b.p, "<tr><th scope=\"row\">&lt;x&gt;</th><td class=\"n\">7</td></tr>") != NULL, "a row");
	tap_is_int(count(b.p, "<details>"), 1, "one is folded");
	table_release(&t);
	buf_release(&b);
}

int
main(void)
{
	test_text();
	test_columns();
	test_rows();
	test_document();
	return tap_done();
}
