/* SPDX-License-Identifier: ISC */
/* What patterns match is tested with the schemas (schema.c), in the form they come in. Here: what compiles, bytes, and cost. */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void
compiles(const char *s, int want)
{
	struct pattern *p = pattern_new(s, strlen(s));

	tap_ok(!p == !want, "%s%s", want ? "" : "not to be compiled: ", s);
	pattern_free(p);
}

/* The steps that a search takes, -1 where it gives up; *found: its result. */
static long long
cost(const char *s, size_t n, int *found)
{
	struct pattern *p = pattern_new(s, strlen(s));
	int64_t steps = 100000000;
	char *text = malloc(n);

	memset(text, 'a', n);
	*found = pattern_search(p, text, n, &steps);
	free(text);
	pattern_free(p);
	return 100000000 - steps;
}

static void
test_compile(void)
{
	static const char *const good[] = {"", "|", "()", "(|)", "a||b", "[]", "[^]", "[a-]", "[-a]", "[a-b-c]", "]",
	    "}", "{", "{1", "a{1", "a{1,", "a{x}", "a{0}", "a{0,0}", "\\/", "\\-", "\\u{0}", "\\u{10ffff}", "\\ud800",
	    "(?<n>a)", "^*", "\\b+", "(a{63}){63}"};
	static const char *const bad[] = {"*", "+", "?", "a**", "a+*", "a???", "(*)", "(", ")", "a)", "(a", "(?",
	    "(?a)", "(?i:a)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?<n", "[", "[a", "[b-a]", "[a-\\d]", "\\", "[\\",
	    "\\1", "\\8", "\\00", "\\k", "\\p{L}", "\\a", "\\x4", "\\xg0", "\\u12", "\\u{", "\\u{}x{", "\\u{110000}",
	    "\\ud800\\u0041", "\\c", "\\c1", "a{2,1}", "a{5000}", "(a{65}){65}"};
	char deep[201];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		compiles(good[i], 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		compiles(bad[i], 0);
	memset(deep, '(', 100);
	memset(deep + 100, ')', 100);
	deep[200] = '\0';
	compiles(deep, 0);
	deep[150] = '\0';
	compiles(deep + 50, 1);
}

static void
test_bytes(void)
{
	struct pattern *p = pattern_new("^a.b$", 5);
	int64_t steps = 1000;

	tap_is_int(pattern_search(p, "a\0b", 3, &steps), 1, "a NUL is a character");
	tap_is_int(pattern_search(p,
		       "a\xff"
		       "b",
		       3, &steps),
	    1, "a byte that isn't UTF-8 is one too");
	tap_is_int(pattern_search(p, "a\xe2\x82", 3, &steps), 0, "a cut sequence isn't read past its end");
	pattern_free(p);
}

static void
test_cost(void)
{
	int found;
	long long small = cost("^(a+)+(a|a)*(a?){9}b", 1000, &found),
		  large = cost("^(a+)+(a|a)*(a?){9}b", 10000, &found);

	tap_ok(
	    found == 0 && large < small * 11, "ten times the text costs ten times the steps: %lld, %lld", small, large);
	cost("(a?){1000}b", 1000000, &found);
	tap_is_int(found, -1, "spent steps end the search");
}

int
main(void)
{
	test_compile();
	test_bytes();
	test_cost();
	return tap_done();
}
