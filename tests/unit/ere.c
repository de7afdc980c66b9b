/* SPDX-License-Identifier: ISC */
/* Every row is held against libc's regcomp too, in the C locale, where that knows the syntax and the bytes. */
#include "ere.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { NO, YES, BAD };

struct row {
	const char *ere, *text;
	int want, libc; /* libc: it says the same */
};

static int
result(const char *s, const char *text)
{
	struct ere *e = ere_new(s, strlen(s));
	int64_t steps = 1000000;
	int r = e ? ere_search(e, text, strlen(text), &steps) : BAD;

	ere_free(e);
	return r;
}

static int
libc_result(const char *s, const char *text)
{
	regex_t re;

	if (regcomp(&re, s, REG_EXTENDED | REG_NOSUB))
		return BAD;
	int r = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return r;
}

static void
check(const struct row *r)
{
	tap_is_int(result(r->ere, r->text), r->want, r->ere);
	if (r->libc)
		tap_is_int(libc_result(r->ere, r->text), r->want, "and libc says so too");
}

static void
test_posix(void)
{
	static const struct row rows[] = {{"^(translate|render)[[:space:]]", "translate this", YES, 1},
	    {"^(translate|render)[[:space:]]", "please translate this", NO, 1}, {"a.c", "a\nc", YES, 1},
	    {"^b", "a\nb", NO, 1}, {"a$", "a\n", NO, 1}, {"^$", "", YES, 1}, {"x{2,3}y", "xxy", YES, 1},
	    {"^x{2}$", "xxx", NO, 1}, {"(ab)+c?d*", "abab", YES, 1}, {"a|b|", "", YES, 1},
	    {"[[:alpha:]_][[:alnum:]_]*\\(", "foo_1(", YES, 1}, {"^[[:digit:]]+$", "123", YES, 1},
	    {"^[[:digit:]]+$", "12a", NO, 1}, {"[[:upper:]]", "abC", YES, 1}, {"[[:upper:]]", "abc", NO, 1},
	    {"[[:lower:]]", "ABC", NO, 1}, {"^[[:punct:]]+$", "!/:@[`{~^-]\\", YES, 1}, {"[[:punct:]]", "a 9", NO, 1},
	    {"[[:cntrl:]]", "a\tb", YES, 1}, {"[[:blank:]]", "a\nb", NO, 1}, {"[[:space:]]", "a\vb", YES, 1},
	    {"^[[:print:]]+$", "a b", YES, 1}, {"^[[:graph:]]+$", "a b", NO, 1}, {"^[[:xdigit:]]+$", "fF09", YES, 1},
	    {"^[^[:space:][:punct:]]+$", "ab", YES, 1}, {"^[^[:space:][:punct:]]+$", "a,b", NO, 1},
	    {"[]a]", "]", YES, 1}, {"[^]a]", "]a", NO, 1}, {"[^]a]", "b", YES, 1}, {"[a-]", "-", YES, 1},
	    {"[-a]", "-", YES, 1}, {"[+--]", ",", YES, 1}, {"[[]", "[", YES, 1}, {"[a^]", "^", YES, 1},
	    {"[.]", "x", NO, 1}, {"[*+?(){}|$]", "$", YES, 1}, {"[[.-.]]", "-", YES, 1}, {"[[=a=]b]", "a", YES, 1},
	    {"[[.a.]-c]", "b", YES, 1}, {"\\.", "a", NO, 1}, {"\\.\\*\\[\\]\\{\\}\\\\\\^\\$", ".*[]{}\\^$", YES, 1},
	    {"[", "", BAD, 1}, {"[]", "", BAD, 1}, {"[a", "", BAD, 1}, {"(", "", BAD, 1}, {"a)", "", BAD, 0},
	    {"[[:nope:]]", "", BAD, 1}, {"[[:alpha]", "", BAD, 1}, {"[[:alpha:]", "", BAD, 1}, {"[[.ab.]]", "", BAD, 1},
	    {"[b-a]", "", BAD, 1}, {"[a-[:digit:]]", "", BAD, 1}, {"\\", "", BAD, 1}, {"*a", "", BAD, 0},
	    {"a{2,1}", "", BAD, 1}, {"(a)\\1", "aa", BAD, 0}, {"[[=", "", BAD, 1}, {"[[.a", "", BAD, 1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

static void
test_beyond(void)
{
	static const struct row rows[] = {{"(?i)übersetz", "Bitte ÜBERSETZE das", YES, 0},
	    {"übersetz", "ÜBERSETZE", NO, 0}, {"(?i)TRANSLATE", "Translate this", YES, 0},
	    {"(?i)^[A-Z]+$", "abc", YES, 0}, {"(?i)^[[:upper:]]+$", "abc", YES, 0}, {"(?i)[[:upper:]]", "12", NO, 0},
	    {"(?i)^[^A-Z]+$", "abc", NO, 0}, {"(?i)\\D", "123", NO, 0}, {"(?i)ΑΒΓ", "αβγ", YES, 0},
	    {"(?i)Привет", "ПРИВЕТ", YES, 0}, {"a(?i)b", "ab", BAD, 0}, {"^[[:alpha:]]+$", "Grüße", YES, 0},
	    {"^[[:alpha:]]+$", "日本語かな", YES, 0}, {"^[[:alpha:]]+$", "Привет", YES, 0},
	    {"[[:alpha:]]", "→ … 12 €×÷", NO, 0}, {"^[[:alnum:]]+$", "Ä1", YES, 0},
	    {"^[[:upper:]][[:lower:]]+$", "Ärger", YES, 0}, {"^.$", "ü", YES, 0}, {"^.{2}$", "日本", YES, 0},
	    {"[ä-ü]", "ö", YES, 0}, {"\\d{4}-\\d\\d", "in 2026-05", YES, 0}, {"\\bint\\b", "print", NO, 0},
	    {"\\<int\\>", "an int x", YES, 0}, {"\\<int\\>", "ints", NO, 0}, {"[\\w.]+@[\\w.]+", "me@x.org", YES, 0},
	    {"^[\\s\\n]+$", " \t\n", YES, 0}, {"[\\]]", "]", YES, 0}, {"^[\\.]$", "\\", NO, 0},
	    {"a\\tb", "a\tb", YES, 0}, {"(?:a|b)+?c", "abc", YES, 0}, {"\\x41", "A", BAD, 0}, {"\\u0041", "A", BAD, 0},
	    {"\\pL", "a", BAD, 0}, {"(?=a)", "a", BAD, 0}, {"[\\d-x]", "-", YES, 0}, {"[a-\\d]", "a", BAD, 0},
	    {"\\ü", "ü", YES, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

static void
test_cost(void)
{
	static char text[100001];
	struct ere *e = ere_new("^(a+)+(a|a)*b", 13);
	int64_t steps = 100000000, few = 1000;

	memset(text, 'a', sizeof(text) - 1);
	tap_is_int(ere_search(e, text, sizeof(text) - 1, &steps), 0, "what explodes elsewhere is linear here");
	tap_is_int(ere_search(e, text, sizeof(text) - 1, &few), -1, "steps are counted");
	ere_free(e);
	memset(text, 'a', 2000);
	e = ere_new(text, 2000);
	tap_ok(e == NULL, "too long an expression can't be compiled");
	ere_free(e);
	ere_free(NULL);
}

int
main(void)
{
	test_posix();
	test_beyond();
	test_cost();
	return tap_done();
}
