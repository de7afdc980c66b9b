/* SPDX-License-Identifier: ISC */
/* Every production of RFC 8259, right and wrong; then the access functions. */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "tap.h"
#include "tm.h"

#define TEXT(s) s, sizeof(s) - 1
#define N(a) (sizeof(a) / sizeof(*(a)))

static const struct text {
	const char *s;
	size_t n;
} valid[] = {
    /* values */
    {TEXT("null")},
    {TEXT("true")},
    {TEXT("false")},
    {TEXT("0")},
    {TEXT("\"\"")},
    {TEXT("[]")},
    {TEXT("{}")},
    {TEXT("\"a\"")},
    {TEXT("[null]")},
    {TEXT("{\"a\":null}")},
    /* numbers */
    {TEXT("-0")},
    {TEXT("1")},
    {TEXT("-1")},
    {TEXT("10")},
    {TEXT("1234567890")},
    {TEXT("0.0")},
    {TEXT("-0.0")},
    {TEXT("0.10")},
    {TEXT("1.5")},
    {TEXT("1e1")},
    {TEXT("1E1")},
    {TEXT("1e+1")},
    {TEXT("1e-1")},
    {TEXT("1E+01")},
    {TEXT("0e0")},
    {TEXT("0.0e-0")},
    {TEXT("-1.5e+10")},
    {TEXT("1e00000")},
    {TEXT("1e999999")},
    {TEXT("-1e-999999")},
    {TEXT("123456789012345678901234567890123456789012345678901234567890")},
    {TEXT("0.000000000000000000000000000000000000000000000000000000000001")},
    {TEXT("[0,-0,0.5]")},
    /* white space: four kinds, everywhere between tokens */
    {TEXT(" null")},
    {TEXT("null ")},
    {TEXT("\t\n\r null\r\n\t ")},
    {TEXT("[ ]")},
    {TEXT("{ }")},
    {TEXT("[\n1\t,\r2 ]")},
    {TEXT("{ \"a\" : 1 , \"b\" : 2 }")},
    {TEXT("{\r\n\t\"a\":\t[\n]\n}\n")},
    {TEXT("1\n")},
    /* strings */
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")},
    {TEXT("\"\\u0000\"")},
    {TEXT("\"\\u00e9\\u00E9\\uABCD\\uabcd\"")},
    {TEXT("\"\\ud83d\\ude00\"")},
    {TEXT("\"\\ud83d\"")},
    {TEXT("\"\\ude00\"")},
    {TEXT("\"\\ude00\\ud83d\"")},
    {TEXT("\"\x7f\"")},
    {TEXT("\"/\"")},
    {TEXT("\"'\"")},
    {TEXT("\"[{:,}]\"")},
    {TEXT("\"\\\\\"")},
    {TEXT("\"\\\\\\\"\"")},
    {TEXT("\"\xc2\x80\"")},
    {TEXT("\"\xdf\xbf\"")},
    {TEXT("\"\xe0\xa0\x80\"")},
    {TEXT("\"\xed\x9f\xbf\"")},
    {TEXT("\"\xee\x80\x80\"")},
    {TEXT("\"\xef\xbf\xbf\"")},
    {TEXT("\"\xf0\x90\x80\x80\"")},
    {TEXT("\"\xf4\x8f\xbf\xbf\"")},
    {TEXT("\"\xef\xbb\xbf\"")},
    {TEXT("\"\xe2\x80\xa8\xe2\x80\xa9\"")},
    /* one byte of interest at each place of an eight-byte word */
    {TEXT("\"\\n2345678\"")},
    {TEXT("\"1234567\\n\"")},
    {TEXT("\"123456\xc3\xa9"
	  "8\"")},
    {TEXT("\"12345678\"")},
    {TEXT("\"1234567\xf0\x9f\x98\x80"
	  "12345678\\t1234567\"")},
    /* arrays and objects */
    {TEXT("[1,2,3]")},
    {TEXT("[[],[[]],{}]")},
    {TEXT("[\"a\",true,null,1,{\"b\":[]}]")},
    {TEXT("{\"\":0}")},
    {TEXT("{\"a\":1,\"a\":2}")},
    {TEXT("{\"a\":{\"b\":{\"c\":[1,{\"d\":2}]}}}")},
    {TEXT("{\"\\u0061\\n\":1}")},
    {TEXT("{\"a\":\"b\",\"c\":[\"d\",\"e\"],\"f\":{}}")},
    {TEXT("[{},{\"x\":[]},[],\"\"]")},
};

static const struct {
	const char *s;
	size_t n, at;
} invalid[] = {
    /* nothing, too much */
    {TEXT(""), 0},
    {TEXT(" "), 1},
    {TEXT("\n\t\r "), 4},
    {TEXT("1 2"), 2},
    {TEXT("{}{}"), 2},
    {TEXT("[]x"), 2},
    {TEXT("null,"), 4},
    {TEXT("\"a\" \"b\""), 4},
    {TEXT("true false"), 5},
    {TEXT("[1]]"), 3},
    {TEXT("{}}"), 2},
    {TEXT("\xef\xbb\xbf{}"), 0},
    {TEXT("\xff\xfe"), 0},
    {TEXT("\0"), 0},
    {TEXT("{}\0"), 2},
    {TEXT("[\0]"), 1},
    {TEXT("1\0"), 1},
    {TEXT("\xc2\xa0null"), 0},
    {TEXT("\v1"), 0},
    {TEXT("\f1"), 0},
    {TEXT("1\v"), 1},
    {TEXT("//\n1"), 0},
    {TEXT("1/**/"), 1},
    {TEXT("]"), 0},
    {TEXT("}"), 0},
    {TEXT(","), 0},
    {TEXT(":"), 0},
    /* literals */
    {TEXT("n"), 1},
    {TEXT("nul"), 3},
    {TEXT("nulL"), 3},
    {TEXT("nulll"), 4},
    {TEXT("Null"), 0},
    {TEXT("TRUE"), 0},
    {TEXT("tru"), 3},
    {TEXT("truE"), 3},
    {TEXT("fals"), 4},
    {TEXT("falze"), 3},
    {TEXT("[nul]"), 4},
    {TEXT("undefined"), 0},
    {TEXT("NaN"), 0},
    {TEXT("Infinity"), 0},
    {TEXT("-Infinity"), 1},
    {TEXT("None"), 0},
    {TEXT("a"), 0},
    {TEXT("'a'"), 0},
    /* numbers */
    {TEXT("-"), 1},
    {TEXT("+1"), 0},
    {TEXT("--1"), 1},
    {TEXT("01"), 1},
    {TEXT("00"), 1},
    {TEXT("-01"), 2},
    {TEXT(".5"), 0},
    {TEXT("-.5"), 1},
    {TEXT("1."), 2},
    {TEXT("1.e1"), 2},
    {TEXT("1.-1"), 2},
    {TEXT("1e"), 2},
    {TEXT("1e+"), 3},
    {TEXT("1e-"), 3},
    {TEXT("1e1.5"), 3},
    {TEXT("1e+-1"), 3},
    {TEXT("1e 1"), 2},
    {TEXT("0x1"), 1},
    {TEXT("1_0"), 1},
    {TEXT("1a"), 1},
    {TEXT("- 1"), 1},
    {TEXT("[1.]"), 3},
    {TEXT("[-]"), 2},
    {TEXT("0.1.2"), 3},
    {TEXT("1e1e1"), 3},
    {TEXT("\xef\xbc\x91"), 0},
    /* strings */
    {TEXT("\""), 1},
    {TEXT("\"a"), 2},
    {TEXT("\"\\\""), 3},
    {TEXT("\"\\"), 2},
    {TEXT("\"\\a\""), 2},
    {TEXT("\"\\x41\""), 2},
    {TEXT("\"\\'\""), 2},
    {TEXT("\"\\0\""), 2},
    {TEXT("\"\\\0\""), 2},
    {TEXT("\"\\U0041\""), 2},
    {TEXT("\"\\\n\""), 2},
    {TEXT("\"\\u\""), 3},
    {TEXT("\"\\u1\""), 4},
    {TEXT("\"\\u12\""), 5},
    {TEXT("\"\\u123\""), 6},
    {TEXT("\"\\u12G4\""), 5},
    {TEXT("\"\\u 123\""), 3},
    {TEXT("\"\\u-123\""), 3},
    {TEXT("\"\\u12"), 5},
    {TEXT("\"\\ud83d\\u\""), 9},
    {TEXT("\"\0\""), 1},
    {TEXT("\"\x01\""), 1},
    {TEXT("\"\x1f\""), 1},
    {TEXT("\"a\nb\""), 2},
    {TEXT("\"a\tb\""), 2},
    {TEXT("\"a\rb\""), 2},
    {TEXT("\"1234567\n\""), 8},
    {TEXT("\"12345678\x01\""), 9},
    {TEXT("\"123456789012345\0\""), 16},
    /* UTF-8 */
    {TEXT("\"\x80\""), 1},
    {TEXT("\"\xbf\""), 1},
    {TEXT("\"\xc0\x80\""), 1},
    {TEXT("\"\xc1\xbf\""), 1},
    {TEXT("\"\xc2\""), 1},
    {TEXT("\"\xc2"), 1},
    {TEXT("\"\xc3\x28\""), 1},
    {TEXT("\"\xe0\x80\x80\""), 1},
    {TEXT("\"\xe0\x9f\xbf\""), 1},
    {TEXT("\"\xe2\x82\""), 1},
    {TEXT("\"\xe2\x82"), 1},
    {TEXT("\"\xed\xa0\x80\""), 1},
    {TEXT("\"\xed\xbf\xbf\""), 1},
    {TEXT("\"\xf0\x80\x80\x80\""), 1},
    {TEXT("\"\xf0\x8f\xbf\xbf\""), 1},
    {TEXT("\"\xf0\x9f\x98\""), 1},
    {TEXT("\"\xf4\x90\x80\x80\""), 1},
    {TEXT("\"\xf5\x80\x80\x80\""), 1},
    {TEXT("\"\xf8\x88\x80\x80\x80\""), 1},
    {TEXT("\"\xfe\""), 1},
    {TEXT("\"abc\xff\""), 4},
    {TEXT("\"1234567\x80\""), 8},
    {TEXT("{\"\xff\":1}"), 2},
    /* arrays */
    {TEXT("["), 1},
    {TEXT("[1"), 2},
    {TEXT("[1,"), 3},
    {TEXT("[,]"), 1},
    {TEXT("[1,]"), 3},
    {TEXT("[1,,2]"), 3},
    {TEXT("[1 2]"), 3},
    {TEXT("[1:2]"), 2},
    {TEXT("[1}"), 2},
    {TEXT("[\"a\""), 4},
    {TEXT("[[]"), 3},
    {TEXT("[1;2]"), 2},
    {TEXT("[ "), 2},
    /* objects */
    {TEXT("{"), 1},
    {TEXT("{ "), 2},
    {TEXT("{\"a\""), 4},
    {TEXT("{\"a\":"), 5},
    {TEXT("{\"a\":1"), 6},
    {TEXT("{\"a\":1,"), 7},
    {TEXT("{,}"), 1},
    {TEXT("{\"a\":1,}"), 7},
    {TEXT("{\"a\"}"), 4},
    {TEXT("{\"a\":}"), 5},
    {TEXT("{\"a\",1}"), 4},
    {TEXT("{\"a\" 1}"), 5},
    {TEXT("{\"a\"::1}"), 5},
    {TEXT("{a:1}"), 1},
    {TEXT("{1:1}"), 1},
    {TEXT("{null:1}"), 1},
    {TEXT("{'a':1}"), 1},
    {TEXT("{\"a\":1 \"b\":2}"), 7},
    {TEXT("{\"a\":1,,\"b\":2}"), 7},
    {TEXT("{\"a\":1]"), 6},
    {TEXT("{\"a\":1,1}"), 7},
    {TEXT("{[]:1}"), 1},
    {TEXT("{\"a\":1,\"b\"}"), 10},
    {TEXT("[{]"), 2},
    {TEXT("{\"a\":[}"), 6},
};

static void
show(char *to, size_t size, const char *s, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at + 5 < size; i++) {
		unsigned char c = (unsigned char)s[i];
		at += (size_t)snprintf(to + at, size - at, c < 0x20 || c >= 0x7f || c == '#' ? "<%02x>" : "%c", c);
	}
	to[at] = '\0';
}

/* Copies of just that size, so that ASan sees the first byte read behind it. */
static char *
exactly(const char *s, size_t n)
{
	char *p = malloc(n + !n);

	memcpy(p, s, n);
	return p;
}

static void
conformance(void)
{
	char name[200];

	for (size_t i = 0; i < N(valid); i++) {
		char *p = exactly(valid[i].s, valid[i].n);
		struct json j = JSON_INIT;
		show(name, sizeof(name), p, valid[i].n);
		tap_ok(json_parse(&j, p, valid[i].n, NULL) == 0 && json_type(&j, 0) != JSON_NONE, "valid: %s", name);
		json_release(&j);
		free(p);
	}
	for (size_t i = 0; i < N(invalid); i++) {
		char *p = exactly(invalid[i].s, invalid[i].n);
		const char *why = NULL;
		size_t at = 9999;
		show(name, sizeof(name), p, invalid[i].n);
		int ok = json_valid(p, invalid[i].n, &at, &why);
		tap_ok(!ok && at == invalid[i].at && why && *why, "invalid at %zu: %s", invalid[i].at, name);
		if (ok || at != invalid[i].at)
			printf("# got: %s at %zu (%s)\n", ok ? "valid" : "invalid", at, why ? why : "");
		free(p);
	}
}

/* Each valid text, cut anywhere, is invalid at its end, save where what is left is a whole value too. */
static void
cut_texts(void)
{
	int bad = 0;

	for (size_t i = 0; i < N(valid); i++)
		for (size_t n = 0; n < valid[i].n; n++) {
			char *p = exactly(valid[i].s, n);
			size_t at = 0;
			if (!json_valid(p, n, &at, NULL) && at != n && !(valid[i].s[at] & 0x80))
				bad++;
			free(p);
		}
	tap_is_int(bad, 0, "a text that was cut is wrong at the cut");
}

static void
nesting(void)
{
	static const char open[] = "[{", close[] = "]}";

	for (int kind = 0; kind < 3; kind++)
		for (int depth = 63; depth <= 66; depth++) {
			struct buf b = BUF_INIT;
			size_t at = 0, where = 0;
			for (int i = 0; i < depth; i++) {
				int object = kind == 1 || (kind == 2 && i % 2);
				if (i == JSON_DEPTH)
					where = b.len;
				buf_addc(&b, open[object]);
				if (object && i < depth - 1)
					buf_adds(&b, "\"a\":");
			}
			for (int i = depth - 1; i >= 0; i--)
				buf_addc(&b, close[kind == 1 || (kind == 2 && i % 2)]);
			int ok = json_valid(b.p, b.len, &at, NULL);
			tap_ok(ok == (depth <= JSON_DEPTH) && (ok || at == where), "kind %d, %d levels", kind, depth);
			buf_release(&b);
		}

	struct buf b = BUF_INIT;
	for (int i = 0; i < 100; i++)
		buf_adds(&b, i ? ",[[[]]]" : "[[[[]]]");
	buf_addc(&b, ']');
	tap_ok(json_valid(b.p, b.len, NULL, NULL), "levels that were closed don't count");
	buf_release(&b);
}

static int
parse(struct json *j, const char *text)
{
	struct err e = {0};
	int r = json_parse(j, text, strlen(text), &e);

	if (r)
		printf("# %s\n", e.msg);
	return r;
}

static void
is_raw(const struct json *j, int node, const char *want, const char *name)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	tap_is_mem(raw ? raw : "(none)", raw ? n : 6, want, strlen(want), name);
}

static void
accessors(void)
{
	static const char text[] =
	    " {\"id\":\"x\", \"choices\":[{\"n\":1,\"delta\":{\"content\":\"hi\"}}, {\"n\":2,\"deep\":[[1,[2,3]],{\"k\":\"v\"}]} ],"
	    "\"empty\":{},\"none\":[],\"t\":true,\"f\":false,\"z\":null,\"a.b\":5,\"0\":\"zero\",\"last\":-1.5e3 } ";
	struct json j = JSON_INIT;

	tap_is_int(parse(&j, text), 0, "nested text");
	is_raw(&j, json_path(&j, 0, "choices.0.delta.content"), "\"hi\"", "path through an array");
	is_raw(&j, json_path(&j, 0, "choices.1.deep.0.1.1"), "3", "path through arrays of arrays");
	is_raw(&j, json_path(&j, 0, "choices.1.deep.1"), "{\"k\":\"v\"}", "path to an object");
	tap_is_int(json_path(&j, 5, ""), 5, "the empty path is the node itself");
	tap_is_int(json_path(&j, 0, "choices.2"), -1, "index past the end");
	tap_is_int(json_path(&j, 0, "choices.99999999999999999999"), -1, "index beyond all numbers");
	tap_is_int(json_path(&j, 0, "choices.x"), -1, "index that is none");
	tap_is_int(json_path(&j, 0, "choices.-1"), -1, "negative index");
	tap_is_int(json_path(&j, 0, "id.x"), -1, "path through a string");
	tap_is_int(json_path(&j, 0, "nope.x.y"), -1, "path from nowhere");
	is_raw(&j, json_path(&j, 0, "0"), "\"zero\"", "digits are a key in an object");
	is_raw(&j, json_get(&j, 0, "a.b"), "5", "json_get takes dots as they are");
	tap_is_int(json_path(&j, 0, "a.b"), -1, "json_path doesn't");
	is_raw(&j, json_getn(&j, 0, "lastly", 4), "-1.5e3", "key by length");
	tap_is_int(json_get(&j, 0, "las"), -1, "a key's beginning is not the key");
	tap_is_int(json_get(&j, 0, "hi"), -1, "a value is no key");
	tap_is_int(json_get(&j, 0, "content"), -1, "a key further in isn't found");
	tap_is_int(json_count(&j, 0), 10, "members");
	tap_is_int(json_count(&j, json_get(&j, 0, "choices")), 2, "elements");
	tap_is_int(json_count(&j, json_get(&j, 0, "empty")), 0, "an empty object");
	tap_is_int(json_count(&j, json_get(&j, 0, "id")), 0, "a string has no members");
	tap_is_int(json_child(&j, json_get(&j, 0, "empty")), -1, "no child in {}");
	tap_is_int(json_child(&j, json_get(&j, 0, "none")), -1, "no child in []");
	tap_is_int(json_child(&j, json_get(&j, 0, "id")), -1, "no child in a string");
	tap_is_int(json_bool(&j, json_get(&j, 0, "t")), 1, "true");
	tap_is_int(json_bool(&j, json_get(&j, 0, "f")), 0, "false");
	tap_is_int(json_bool(&j, json_get(&j, 0, "z")), -1, "null is no boolean");
	tap_is_int(json_bool(&j, json_get(&j, 0, "id")), -1, "a string is no boolean");
	tap_is_int(json_type(&j, json_get(&j, 0, "z")), JSON_NULL, "type null");
	tap_is_int(json_type(&j, json_get(&j, 0, "last")), JSON_NUMBER, "type number");
	tap_is_int(json_type(&j, json_get(&j, 0, "none")), JSON_ARRAY, "type array");
	tap_is_int(json_type(&j, json_get(&j, 0, "empty")), JSON_OBJECT, "type object");
	tap_is_int(json_type(&j, j.n_tok), JSON_NONE, "type of a node out of range");

	char keys[80] = "";
	for (int k = json_child(&j, 0); k >= 0; k = json_next(&j, 0, json_value(&j, k))) {
		char *s = json_dup(&j, k, NULL);
		strlcat(keys, s, sizeof(keys));
		strlcat(keys, " ", sizeof(keys));
		free(s);
	}
	tap_is_str(keys, "id choices empty none t f z a.b 0 last ", "walking the keys skips what is inside the values");
	json_release(&j);
}

static void
nothing(void)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	int64_t v = 7;
	size_t n = 7;

	tap_ok(json_type(&j, -1) == JSON_NONE && json_get(&j, -1, "a") == -1 && json_path(&j, -1, "a.b") == -1 &&
		json_child(&j, -1) == -1 && json_next(&j, -1, -1) == -1 && json_value(&j, -1) == -1 &&
		json_count(&j, -1) == 0 && json_bool(&j, -1) == -1 && !json_eq(&j, -1, ""),
	    "no node has no properties");
	tap_ok(json_raw(&j, -1, &n) == NULL && n == 0, "no node has no text");
	n = 7;
	tap_ok(json_str(&j, -1, &b) == -1 && !b.len && !json_dup(&j, -1, NULL) && !json_view(&j, -1, &b, &n) && n == 0,
	    "no node is no string");
	tap_ok(json_int(&j, -1, &v) == -1 && v == 7, "no node is no number");
	parse(&j, "[1,\"s\",null]");
	tap_ok(json_str(&j, 1, &b) == -1 && json_str(&j, 3, &b) == -1 && b.len == 0, "neither is a number, nor null");
	tap_ok(parse(&j, "[") == -1 && json_type(&j, 0) == JSON_NONE, "nothing is left of the text before a bad one");
	json_release(&j);
	buf_release(&b);
}

static void
is_string(const char *text, const char *want, size_t n, const char *name)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT, scratch = BUF_INIT;
	size_t len = 0, m = 0;

	buf_adds(&b, "<");
	buf_adds(&scratch, "old");
	tap_ok(parse(&j, text) == 0 && json_str(&j, 0, &b) == 0 && b.len == n + 1 && memcmp(b.p + 1, want, n) == 0,
	    "str: %s", name);
	char *s = json_dup(&j, 0, &len);
	tap_ok(s && len == n && memcmp(s, want, n + 1) == 0, "dup: %s", name);
	const char *v = json_view(&j, 0, &scratch, &m);
	tap_ok(v && m == n && memcmp(v, want, n) == 0, "view: %s", name);
	tap_ok(strchr(text, '\\') ? v == scratch.p : v == text + 1, "a copy only where there are escapes: %s", name);
	if (strlen(want) == n)
		tap_ok(json_eq(&j, 0, want), "eq: %s", name);
	free(s);
	json_release(&j);
	buf_release(&b);
	buf_release(&scratch);
}

#define BAD "\xef\xbf\xbd"

static void
strings(void)
{
	is_string("\"\"", TEXT(""), "empty");
	is_string("\"plain\"", TEXT("plain"), "plain");
	is_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t"), "all short escapes");
	is_string("\"a\\u0000b\"", TEXT("a\0b"), "U+0000");
	is_string(
	    "\"\\u0041\\u00e9\\u20AC\\uFFFF\"", TEXT("A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"), "one, two, three bytes");
	is_string("\"\\u007f\\u0080\\u07ff\\u0800\"", TEXT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80"), "edges of the lengths");
	is_string("\"\\ud83d\\ude00!\"", TEXT("\xf0\x9f\x98\x80!"), "a pair");
	is_string("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), "first and last pair");
	is_string("\"\\ud83d\"", TEXT(BAD), "a high surrogate alone");
	is_string("\"\\ude00\"", TEXT(BAD), "a low surrogate alone");
	is_string("\"\\ude00\\ud83d\"", TEXT(BAD BAD), "the wrong way round");
	is_string("\"\\ud83d\\ud83d\\ude00\"", TEXT(BAD "\xf0\x9f\x98\x80"), "a high one before a pair");
	is_string("\"\\ud83dx\"", TEXT(BAD "x"), "a high one before a letter");
	is_string("\"\\ud83d\\n\"", TEXT(BAD "\n"), "a high one before another escape");
	is_string("\"\\ud83d\\u0041\"", TEXT(BAD "A"), "a high one before a plain \\u");
	is_string("\"\\ud83d\\\\ude00\"", TEXT(BAD "\\ude00"), "a high one before an escaped backslash");
	is_string("\"\xe2\x82\xac raw \\u20ac\"", TEXT("\xe2\x82\xac raw \xe2\x82\xac"), "raw and escaped");
	is_string("\"\\\\n\"", TEXT("\\n"), "an escaped backslash and an n");
}

static void
keys(void)
{
	struct json j = JSON_INIT;

	parse(&j, "{\"\\u0061\\n\":1,\"a\\\\b\":2,\"x\":3,\"x\":4,\"\\u0078y\":5,\"\":6,\"n\\u0000l\":7}");
	is_raw(&j, json_get(&j, 0, "a\n"), "1", "a key with escapes is found by what it means");
	is_raw(&j, json_get(&j, 0, "a\\b"), "2", "a backslash in a key");
	tap_is_int(json_get(&j, 0, "a\\\\b"), -1, "a key isn't found by its source text");
	tap_is_int(json_get(&j, 0, "\\u0061\\n"), -1, "nor by its escapes");
	is_raw(&j, json_get(&j, 0, "x"), "3", "the first of two");
	is_raw(&j, json_get(&j, 0, "xy"), "5", "an escape at the front");
	is_raw(&j, json_get(&j, 0, ""), "6", "the empty key");
	is_raw(&j, json_getn(&j, 0, "n\0l", 3), "7", "a key with U+0000");
	tap_is_int(json_get(&j, 0, "n"), -1, "which doesn't end there");
	json_release(&j);
}

static void
unique(const char *text, const char *key)
{
	struct json j = JSON_INIT;
	struct err e = {0};

	parse(&j, text);
	int r = json_unique(&j, &e);
	tap_ok(key ? r == -1 && e.kind == ERR_DATA && strstr(e.msg, key) : r == 0 && !e.kind, "unique: %s", text);
	json_release(&j);
}

static void
duplicates(void)
{
	unique("{}", NULL);
	unique("{\"a\":1,\"b\":2,\"ab\":3,\"\":4,\"A\":5}", NULL);
	unique("{\"a\":1,\"a\":1}", "\"a\"");
	unique("{\"a\":1,\"b\":2,\"c\":3,\"b\":4}", "\"b\"");
	unique("{\"a\":1,\"\\u0061\":2}", "\"a\"");
	unique("{\"\":1,\"\":2}", "\"\"");
	unique("[{\"a\":{\"k\":[{\"x\":1,\"y\":2,\"x\":3}]}}]", "\"x\"");
	unique("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}", NULL);
	unique("{\"n\\u0000a\":1,\"n\\u0000b\":2,\"n\":3}", NULL);
	unique("{\"n\\u0000a\":1,\"n\\u0000\\u0061\":2}", "\"n");
	unique("{\"a/b\":1,\"a\\/b\":2}", "a/b");
	unique("{\"k\":[\"a\",\"a\"],\"v\":\"k\"}", NULL);
}

static void
integer(const char *text, int ok, int64_t want)
{
	struct json j = JSON_INIT;
	int64_t v = 424242;

	parse(&j, text);
	int r = json_int(&j, 0, &v);
	tap_ok(ok ? r == 0 && v == want : r == -1 && v == 424242, "integer: %s", text);
	json_release(&j);
}

static void
integers(void)
{
	integer("0", 1, 0);
	integer("-0", 1, 0);
	integer("7", 1, 7);
	integer("-7", 1, -7);
	integer("100", 1, 100);
	integer("9223372036854775807", 1, INT64_MAX);
	integer("9223372036854775808", 0, 0);
	integer("-9223372036854775808", 1, INT64_MIN);
	integer("-9223372036854775809", 0, 0);
	integer("9999999999999999999", 0, 0);
	integer("18446744073709551615", 0, 0);
	integer("18446744073709551616", 0, 0);
	integer("99999999999999999999999999999999999999999999999999", 0, 0);
	integer("1.0", 1, 1);
	integer("1.000", 1, 1);
	integer("1.5", 0, 0);
	integer("0.5", 0, 0);
	integer("-0.0", 1, 0);
	integer("1e3", 1, 1000);
	integer("1E+3", 1, 1000);
	integer("1.25e2", 1, 125);
	integer("1.25e1", 0, 0);
	integer("1e-1", 0, 0);
	integer("10e-1", 1, 1);
	integer("1200e-2", 1, 12);
	integer("-1200e-2", 1, -12);
	integer("0.0e5", 1, 0);
	integer("0e99", 1, 0);
	integer("0.00001e5", 1, 1);
	integer("0.00012e5", 1, 12);
	integer("0.00012e4", 0, 0);
	integer("9.223372036854775807e18", 1, INT64_MAX);
	integer("9.223372036854775808e18", 0, 0);
	integer("-9.223372036854775808e18", 1, INT64_MIN);
	integer("1e18", 1, 1000000000000000000);
	integer("1e19", 0, 0);
	integer("1e400", 0, 0);
	integer("1e-400", 0, 0);
	integer("1e99999999999999999999", 0, 0);
	integer("1e-99999999999999999999", 0, 0);
	integer("0.1e1", 1, 1);
	integer("\"1\"", 0, 0);
	integer("null", 0, 0);
	integer("true", 0, 0);
	integer("[1]", 0, 0);
}

/* n members "kN":[N,{"v":"N"}] with the token array growing many times. */
static void
wide_text(struct buf *b, int n)
{
	buf_addc(b, '{');
	for (int i = 0; i < n; i++)
		buf_addf(b, "%s\"k%d\":[%d,{\"v\":\"%d\"}]", i ? "," : "", i, i, i);
	buf_addc(b, '}');
}

static int64_t
walk_us(const struct buf *b, int n)
{
	struct json j = JSON_INIT;
	int64_t start = tm_mono_us(), seen = 0, sum = 0;

	tap_is_int(json_parse(&j, b->p, b->len, NULL), 0, "a wide text parses");
	for (int k = json_child(&j, 0); k >= 0; k = json_next(&j, 0, json_value(&j, k))) {
		int64_t v = -1;
		json_int(&j, json_child(&j, json_value(&j, k)), &v);
		sum += v;
		seen++;
	}
	tap_is_int(json_unique(&j, NULL), 0, "its keys are unique");
	tap_ok(seen == n && json_count(&j, 0) == n && sum == (int64_t)n * (n - 1) / 2,
	    "all %d members are there, in order", n);
	tap_is_int(j.n_tok, 1 + 6 * n, "tokens");
	json_release(&j);
	return tm_mono_us() - start;
}

static void
big(void)
{
	struct buf b = BUF_INIT;
	struct json j = JSON_INIT;

	for (int n = 8; n <= 24; n++) {
		buf_clear(&b);
		wide_text(&b, n);
		if (json_parse(&j, b.p, b.len, NULL) || j.n_tok != 1 + 6 * n || json_count(&j, 0) != n)
			break;
		if (n == 24)
			tap_ok(1, "the token array grows at any place of a text");
	}
	int64_t v = 0;
	tap_ok(json_int(&j, json_path(&j, 0, "k23.0"), &v) == 0 && v == 23, "the last of them is found");
	json_release(&j);

	buf_clear(&b);
	wide_text(&b, 10000);
	int64_t small = walk_us(&b, 10000);
	buf_clear(&b);
	wide_text(&b, 100000);
	int64_t large = walk_us(&b, 100000);
	tap_ok(large < 60 * small + 500000, "ten times the members take about ten times as long (%lld, %lld us)",
	    (long long)small, (long long)large);

	/* deep and wide: 2000 branches of 60 levels */
	buf_clear(&b);
	buf_addc(&b, '[');
	for (int i = 0; i < 2000; i++) {
		buf_adds(&b, i ? "," : "");
		for (int k = 0; k < 60; k++)
			buf_addc(&b, '[');
		for (int k = 0; k < 60; k++)
			buf_addc(&b, ']');
	}
	buf_addc(&b, ']');
	int64_t start = tm_mono_us();
	tap_ok(
	    json_parse(&j, b.p, b.len, NULL) == 0 && json_count(&j, 0) == 2000 && j.n_tok == 120001, "deep and wide");
	tap_ok(tm_mono_us() - start < 2000000, "in no time");
	json_release(&j);
	buf_release(&b);
}

static void
messages(void)
{
	struct json j = JSON_INIT;
	struct err e = {0};

	tap_ok(json_parse(&j, "[1,]", 4, &e) == -1 && e.kind == ERR_DATA && strncmp(e.msg, "offset 3: ", 10) == 0,
	    "message: %s", e.msg);
	tap_ok(json_parse(&j, "{", 1, NULL) == -1, "an error nobody wants to hear");
	json_release(&j);
}

/* A string of n bytes with escapes at its beginning, before and at its end; what it means is added to want. */
static void
add_long(struct buf *text, struct buf *want, size_t n)
{
	buf_adds(text, "\"\\\"");
	buf_addc(want, '"');
	for (size_t i = 0; i < n; i++) {
		buf_addc(text, (char)('a' + i % 26));
		buf_addc(want, (char)('a' + i % 26));
	}
	buf_adds(text, "\\\\\\\"\\\\\"");
	buf_adds(want, "\\\"\\");
}

/* Strings long enough to be kept from the tokenizer, between short ones, as keys and values. */
static void
long_strings(void)
{
	static const size_t lengths[] = {1, 100, 127, 128, 129, 5000, 70000, 3, 200000};
	struct buf text = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	struct json j = JSON_INIT;

	buf_adds(&text, "[\"\",{\"k\":[");
	for (size_t i = 0; i < N(lengths); i++) {
		buf_adds(&text, i ? "," : "");
		add_long(&text, &want, lengths[i]);
		buf_adds(&text, ",1,{");
		add_long(&text, &want, lengths[N(lengths) - 1 - i]);
		buf_adds(&text, ": null}");
	}
	buf_adds(&text, "]},\"end\"]");
	tap_is_int(json_parse(&j, text.p, text.len, NULL), 0, "long strings: valid");
	int list = json_path(&j, 0, "1.k");
	tap_is_int(json_count(&j, list), (int)(3 * N(lengths)), "as many values as there are");
	for (int v = json_child(&j, list); v >= 0; v = json_next(&j, list, v)) {
		json_str(&j, v, &got);
		json_str(&j, json_child(&j, v), &got);
	}
	tap_is_mem(buf_str(&got), got.len, buf_str(&want), want.len, "each as it was written");
	tap_ok(json_eq(&j, json_path(&j, 0, "2"), "end"), "and what comes behind them");
	json_release(&j);
	buf_release(&text);
	buf_release(&want);
	buf_release(&got);
}

/* Each byte at each place of texts of each length. */
static void
plain(void)
{
	size_t n_wrong = 0;

	for (size_t n = 0; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				char s[40];
				int is_plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
				memset(s, '~', sizeof(s));
				s[at] = (char)c;
				n_wrong += json_plain(s, n) != (is_plain ? n : at);
			}
	tap_is_int((long long)n_wrong, 0, "what stands for itself ends where it does");
}

/* Keys one after another, of a text that was moved since. */
static void
next_keys(const char *text, int node, const char *want)
{
	struct json j = JSON_INIT;
	struct buf got = BUF_INIT;
	char *moved = strdup(text);
	const char *s;
	size_t n;

	json_parse(&j, text, strlen(text), NULL);
	json_moved(&j, moved);
	for (int k = -1; (k = json_next_key(&j, node, k, &s, &n)) >= 0;) {
		buf_add(&got, s, n);
		buf_addc(&got, s >= moved && s < moved + strlen(text) ? ' ' : '!');
	}
	tap_is_str(buf_str(&got), want, text);
	buf_release(&got);
	json_release(&j);
	free(moved);
}

static void
all_keys(void)
{
	next_keys("{\"a\":1, \"b\" : {\"c\":2,\"d\":[{}]},\"e\":[]}", 0, "a b e ");
	next_keys("{\"a\":{\"c\":2,\"d\":[{\"x\":1}]},\"b\":3}", 2, "c d ");
	next_keys("{\"\":1,\"a\\n\":2}", 0, " a\\n ");
	next_keys("{}", 0, "");
	next_keys("[{\"a\":1}]", 0, "");
	next_keys("1", 0, "");
}

int
main(void)
{
	conformance();
	long_strings();
	cut_texts();
	nesting();
	accessors();
	nothing();
	strings();
	keys();
	duplicates();
	integers();
	big();
	messages();
	plain();
	all_keys();
	return tap_done();
}
