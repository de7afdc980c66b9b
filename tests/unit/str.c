/* SPDX-License-Identifier: ISC */
#include "str.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "tap.h"

/* A second opinion on RFC 3629: decode, then ask whether encoding it again would give the same bytes. */
static int
is_sequence(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0}, mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t cp = p[0] & mask[n];

	if (n == 1)
		return p[0] < 0x80;
	if ((p[0] & ~mask[n] & 0xff) != mark[n])
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	return cp >= least[n] && cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff);
}

static size_t
wanted_len(const unsigned char *p, size_t left)
{
	for (size_t n = 1; n <= 4 && n <= left; n++) {
		if (is_sequence(p, n))
			return n;
	}
	return 0;
}

/* All texts of ten bytes of two kinds, cut in two at each place: the words are as many as one by one. */
static void
test_words(void)
{
	static const char blanks[] = " \t\n\r", letters[] = "a!\x8d\xa0\x0b\x7f";
	size_t n_wrong = 0;

	for (unsigned bits = 0; bits < 1U << 10; bits++) {
		char s[10];
		long long wanted = 0, found;
		for (size_t i = 0; i < sizeof(s); i++) {
			int is_letter = bits >> i & 1;
			s[i] = is_letter ? letters[(i + bits) % 6] : blanks[(i + bits) % 4];
			wanted += is_letter && (i == 0 || !(bits >> (i - 1) & 1));
		}
		for (size_t cut = 0; cut <= sizeof(s); cut++) {
			int in_word = 0;
			found = str_words(s, cut, &in_word);
			found += str_words(s + cut, sizeof(s) - cut, &in_word);
			n_wrong += found != wanted || in_word != (int)(bits >> 9);
		}
	}
	tap_is_int((long long)n_wrong, 0, "words are counted, in one piece or in two");
}

/* Every pair of first bytes, with each kind of byte behind. */
static void
test_utf8_len(void)
{
	static const unsigned char tails[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	unsigned char s[4];
	size_t n_wrong = 0;

	for (unsigned i = 0; i < 0x10000; i++) {
		s[0] = (unsigned char)(i >> 8);
		s[1] = (unsigned char)i;
		for (size_t j = 0; j < sizeof(tails) * sizeof(tails); j++) {
			s[2] = tails[j % sizeof(tails)];
			s[3] = tails[j / sizeof(tails)];
			for (size_t left = 1; left <= 4; left++)
				n_wrong += utf8_len(s, left) != wanted_len(s, left);
		}
	}
	tap_is_int((long long)n_wrong, 0, "utf8_len agrees with the definition");
}

/* A bad byte, or a good sequence, at each place of texts of each length: the word-wise path has to see it. */
static void
test_utf8_valid(void)
{
	size_t n_wrong = 0;

	for (size_t n = 1; n < 100; n++) {
		char *s = xmalloc(n); /* exact, so that a sanitizer sees a read behind the end */
		memset(s, 'a', n);
		n_wrong += utf8_valid(s, n) != n;
		for (size_t i = 0; i < n; i++) {
			s[i] = '\x80';
			n_wrong += utf8_valid(s, n) != i;
			s[i] = 'a';
			if (i + 1 == n)
				continue;
			memcpy(s + i, "\xc3\xa9", 2);
			n_wrong += utf8_valid(s, n) != n;
			n_wrong += utf8_valid(s, i + 1) != i;
			memset(s + i, 'a', 2);
		}
		free(s);
	}
	tap_is_int((long long)n_wrong, 0, "utf8_valid at each place of each length");
	tap_is_int((long long)utf8_valid("", 0), 0, "utf8_valid of nothing");
	tap_is_int((long long)utf8_valid("a\0b", 3), 3, "a NUL is UTF-8");
}

static void
is_repaired(const char *s, const char *want, size_t want_n, const char *name)
{
	struct buf b = BUF_INIT;
	size_t n = utf8_repair(&b, s, strlen(s));

	tap_is_str(buf_str(&b), want, name);
	tap_is_int((long long)n, (long long)want_n, name);
	buf_release(&b);
}

#define FFFD "\xef\xbf\xbd"

static void
test_utf8_repair(void)
{
	is_repaired("", "", 0, "repair: nothing");
	is_repaired("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 0, "repair: good text stays");
	is_repaired("a\377b", "a" FFFD "b", 1, "repair: a byte that is never UTF-8");
	/* The example of the Unicode standard, table 3-8 (maximal subparts). */
	is_repaired("a\361\200\200\341\200\302b\200c\200\277d", "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d", 6,
	    "repair: maximal parts");
	is_repaired("\xc0\xaf\xe0\x80\xbf", FFFD FFFD FFFD FFFD FFFD, 5, "repair: overlong forms byte by byte");
	is_repaired("\xed\xa0\x80", FFFD FFFD FFFD, 3, "repair: surrogates");
	is_repaired("x\xf0\x9f\x98", "x" FFFD, 1, "repair: cut at the end");
}

static void
test_utf8_tail(void)
{
	static const struct {
		const char *s;
		int want;
	} c[] = {{"", 0}, {"a", 0}, {"\xc3", 1}, {"a\xc3", 1}, {"\xc3\xa9", 0}, {"\xe2\x82", 2}, {"\xe2\x82\xac", 0},
	    {"\xf0\x9f\x98", 3}, {"a\xf0\x9f\x98\x80", 0}, {"\xf0", 1}, {"\x80", 0}, {"\x80\x80\x80", 0}, {"\xc0", 0},
	    {"\xe0\x80", 0}, {"\xed\xa0", 0}, {"\xf5\x80", 0}, {"\xf4\x90\x80", 0}, {"\xc3\xa9\x80", 0}};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		tap_ok(utf8_tail(c[i].s, strlen(c[i].s)) == (size_t)c[i].want, "utf8_tail, case %zu", i);
	}
}

static void
test_utf8_add(void)
{
	struct buf b = BUF_INIT;
	size_t n_wrong = 0;

	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		if (cp == 0xd800)
			cp = 0xe000;
		buf_clear(&b);
		utf8_add(&b, cp);
		n_wrong += utf8_len((unsigned char *)b.p, b.len) != b.len;
	}
	tap_is_int((long long)n_wrong, 0, "utf8_add makes sequences");
	buf_clear(&b);
	utf8_add(&b, 0x24);
	utf8_add(&b, 0xe9);
	utf8_add(&b, 0x20ac);
	utf8_add(&b, 0x1f600);
	utf8_add(&b, 0xd800);
	utf8_add(&b, 0x110000);
	tap_is_str(b.p, "$\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" FFFD FFFD, "utf8_add");
	buf_clear(&b);
	utf8_add(&b, 0);
	tap_is_mem(b.p, b.len, "", 1, "utf8_add of NUL");
	buf_release(&b);
}

static void
test_int(void)
{
	static const char *const bad[] = {
	    "", "-", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "9223372036854775808", "101", "--1", "\xd9\xa1"};
	int64_t v = 7;

	tap_ok(str_int("0", 0, 100, &v) == 0 && v == 0, "str_int 0");
	tap_ok(str_int("100", 0, 100, &v) == 0 && v == 100, "str_int at its end");
	tap_ok(str_int("007", 0, 100, &v) == 0 && v == 7, "str_int with zeros in front");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(str_int(bad[i], 0, 100, &v) == -1 && v == 7, "str_int refuses '%s'", bad[i]);
	tap_ok(str_int("-1", 0, 100, &v) == -1, "str_int refuses a sign where min is 0");
	tap_ok(str_int("-5", -5, 5, &v) == 0 && v == -5, "str_int takes a sign where min is negative");
	tap_ok(str_int("-9223372036854775808", INT64_MIN, INT64_MAX, &v) == 0 && v == INT64_MIN, "str_int least");
	tap_ok(str_int("9223372036854775807", INT64_MIN, INT64_MAX, &v) == 0 && v == INT64_MAX, "str_int greatest");
	tap_ok(str_int("-9223372036854775809", INT64_MIN, INT64_MAX, &v) == -1, "str_int below the least");
}

static void
test_time(void)
{
	static const struct {
		const char *s;
		int64_t ms;
	} good[] = {{"0", 0}, {"300", 300000}, {"1.5", 1500}, {"250ms", 250}, {"0.5ms", 1}, {"0.0001", 1}, {"2s", 2000},
	    {"1.5m", 90000}, {"1h", 3600000}, {"2d", 172800000}, {"1w", 604800000}, {"0.25h", 900000}, {"0.3", 300},
	    {"1.0000000000000000000000000000000000000000", 1000}, {"0.1w", 60480000}, {"2.007", 2007}};
	static const char *const bad[] = {"", "s", ".5", "5.", "5.s", "-1", "1 s", "1S", "1min", "1e3", "1,5", " 1",
	    "1h2m", "99999999999999999999", "9223372036854775807", "30500568905w"};
	int64_t ms;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ms = -1;
		tap_ok(str_time_ms(good[i].s, &ms) == 0, "time %s", good[i].s);
		tap_is_int(ms, good[i].ms, good[i].s);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(str_time_ms(bad[i], &ms) == -1, "time refuses '%s'", bad[i]);
}

static void
test_size(void)
{
	static const struct {
		const char *s;
		uint64_t n;
	} good[] = {{"0", 0}, {"7", 7}, {"128k", 128000}, {"1M", 1000000}, {"2G", 2000000000}, {"64Ki", 65536},
	    {"64Mi", 67108864}, {"5Gi", UINT64_C(5368709120)}, {"1.5k", 1500}, {"0.5Ki", 512}, {"1.0", 1},
	    {"18446744073709551615", UINT64_MAX}, {"0.000001M", 1}};
	static const char *const bad[] = {"", "k", "1K", "1m", "1g", "1KiB", "1.5", "0.0001k", "-1", "1k ", "0.3Ki",
	    "18446744073709551616", "18446744073709551615k", "18446744073709551615.9k"};
	uint64_t n;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		n = 42;
		tap_ok(str_size(good[i].s, &n) == 0 && n == good[i].n, "size %s", good[i].s);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(str_size(bad[i], &n) == -1, "size refuses '%s'", bad[i]);
}

static void
test_human(void)
{
	static const struct {
		uint64_t n;
		const char *want;
	} c[] = {{0, "0"}, {950, "950"}, {999, "999"}, {1000, "1.0k"}, {1049, "1.0k"}, {1050, "1.1k"}, {9949, "9.9k"},
	    {9950, "10k"}, {128000, "128k"}, {131072, "131k"}, {999499, "999k"}, {999500, "1.0M"}, {1000000, "1.0M"},
	    {1048576, "1.0M"}, {2000000, "2.0M"}, {UINT64_C(12345678901), "12G"}, {UINT64_MAX, "18E"}};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		struct buf b = BUF_INIT;
		str_human(&b, c[i].n);
		tap_is_str(buf_str(&b), c[i].want, "human");
		buf_release(&b);
	}
}

static int
collect(void *arg, const char *item, size_t n)
{
	struct buf *b = arg;

	buf_addc(b, '[');
	buf_add(b, item, n);
	buf_addc(b, ']');
	return n == 4 && memcmp(item, "stop", 4) == 0 ? 9 : 0;
}

static void
is_listed(const char *s, const char *want, int result)
{
	struct buf b = BUF_INIT;

	tap_is_int(str_list(s, collect, &b), result, s);
	tap_is_str(buf_str(&b), want, s);
	buf_release(&b);
}

static void
test_list(void)
{
	is_listed("a", "[a]", 0);
	is_listed("a,b,c", "[a][b][c]", 0);
	is_listed(" a , b\t,\tc d ", "[a][b][c d]", 0);
	is_listed("", "[]", 0);
	is_listed(",a,", "[][a][]", 0);
	is_listed(" , ", "[][]", 0);
	is_listed("a,stop,b", "[a][stop]", 9);
}

static void
is_clean(const char *s, const char *want, const char *name)
{
	struct buf b = BUF_INIT;

	str_clean(&b, s, strlen(s));
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
}

static void
test_text(void)
{
	struct buf b = BUF_INIT;

	is_clean("plain text", "plain text", "clean: nothing to do");
	is_clean("a\tb\nc\r\n", "a\tb\nc\n", "clean: tab and newline stay, CR goes");
	is_clean("\x1b[31mred\x1b[0m\a\b", "[31mred[0m", "clean: ESC and kin go");
	is_clean("a\177\302\200\302\233\302\237b", "ab", "clean: DEL and C1 go");
	is_clean("\xc2\xa0\xc3\x80\xe2\x82\x80\xf0\x9f\x98\x80", "\xc2\xa0\xc3\x80\xe2\x82\x80\xf0\x9f\x98\x80",
	    "clean: text stays");
	is_clean("a\23331m\303", "a" FFFD "31m" FFFD, "clean: bytes that aren't UTF-8");
	str_clean(&b, "a\0b", 3);
	tap_is_mem(buf_str(&b), b.len, "ab", 2, "clean: NUL goes");
	buf_clear(&b);
	str_tsv(&b, "a\tb\nc\rd\\n\0e", 11);
	tap_is_mem(buf_str(&b), b.len, "a\\tb\\nc\\rd\\\\n\0e", 15, "tsv");
	buf_clear(&b);
	str_tsv(&b, "", 0);
	tap_is_str(buf_str(&b), "", "tsv of nothing");
	buf_release(&b);
}

static void
test_compare(void)
{
	tap_ok(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("ab", "abc"), "str_starts");
	tap_ok(str_ieq("Content-TYPE", "content-type") && str_ieq("", ""), "str_ieq: equal");
	tap_ok(!str_ieq("a", "ab") && !str_ieq("ab", "a") && !str_ieq("@", "`"), "str_ieq: different");
	tap_is_int((long long)str_distance("model", "model", 2), 0, "distance 0");
	tap_is_int((long long)str_distance("modle", "model", 2), 2, "distance of a swap");
	tap_is_int((long long)str_distance("kitten", "sitting", 9), 3, "distance of kitten and sitting");
	tap_is_int((long long)str_distance("sitting", "kitten", 3), 3, "distance, at its limit");
	tap_is_int((long long)str_distance("kitten", "sitting", 2), 3, "distance over the limit is max + 1");
	tap_is_int((long long)str_distance("", "abc", 3), 3, "distance from nothing");
	tap_is_int((long long)str_distance("abc", "abcd", 0), 1, "distance with a limit of 0");
	char a[200];
	memset(a, 'a', sizeof(a));
	a[sizeof(a) - 1] = '\0';
	tap_is_int((long long)str_distance(a, a, 2), 3, "distance of names that are too long");
}

int
main(void)
{
	test_words();
	test_utf8_len();
	test_utf8_valid();
	test_utf8_repair();
	test_utf8_tail();
	test_utf8_add();
	test_int();
	test_time();
	test_size();
	test_human();
	test_list();
	test_text();
	test_compare();
	return tap_done();
}
