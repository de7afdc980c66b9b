/* SPDX-License-Identifier: ISC */
#include "jsonw.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "tap.h"

static void
quoted(const char *s, size_t n, const char *want, const char *name)
{
	struct buf b = BUF_INIT;
	char *copy = malloc(n + !n);

	memcpy(copy, s, n);
	jsonw_quote(&b, copy, n);
	tap_is_str(buf_str(&b), want, name);
	tap_ok(json_valid(b.p, b.len, NULL, NULL), "valid: %s", name);
	buf_release(&b);
	free(copy);
}

#define QUOTED(s, want, name) quoted(s, sizeof(s) - 1, want, name)

static void
escapes(void)
{
	QUOTED("", "\"\"", "empty");
	QUOTED("plain", "\"plain\"", "plain");
	QUOTED("\"", "\"\\\"\"", "a quote");
	QUOTED("\\", "\"\\\\\"", "a backslash");
	QUOTED("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", "short escapes");
	QUOTED("\0", "\"\\u0000\"", "NUL");
	QUOTED("a\0b", "\"a\\u0000b\"", "NUL inside");
	QUOTED("\x01\x0b\x1f", "\"\\u0001\\u000b\\u001f\"", "control bytes");
	QUOTED("\x7f", "\"\x7f\"", "DEL stays raw");
	QUOTED("/<>&'", "\"/<>&'\"", "nothing else is escaped");
	QUOTED("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "UTF-8 stays raw");
	QUOTED("\xc2\x80\xe2\x80\xa8", "\"\xc2\x80\xe2\x80\xa8\"", "C1 and U+2028 too");
	QUOTED("a\xff"
	       "b",
	    "\"a\xef\xbf\xbd"
	    "b\"",
	    "a byte that isn't UTF-8");
	QUOTED("\xc3", "\"\xef\xbf\xbd\"", "a sequence that was cut");
	QUOTED("x\xc3\"", "\"x\xef\xbf\xbd\\\"\"", "a cut one before a quote");
	QUOTED("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", "a surrogate");
	QUOTED("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"", "an overlong slash");
	QUOTED("a\nb\"c\\d\te", "\"a\\nb\\\"c\\\\d\\te\"", "mixed");
}

/* What is written is read again as it was, for each byte and each pair of bytes that is UTF-8. */
static void
round_trip(void)
{
	int bad = 0;

	for (int c = 0; c < 0x80; c++)
		for (int d = 0; d < 0x80; d++) {
			char s[2] = {(char)c, (char)d}, *back;
			struct buf b = BUF_INIT;
			struct json j = JSON_INIT;
			size_t n = 0;
			jsonw_quote(&b, s, 2);
			back = json_parse(&j, b.p, b.len, NULL) ? NULL : json_dup(&j, 0, &n);
			bad += !back || n != 2 || memcmp(back, s, 2) != 0;
			free(back);
			json_release(&j);
			buf_release(&b);
		}
	tap_is_int(bad, 0, "all pairs of ASCII come back");
}

static void
commas(void)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "a");
	jsonw_array(&w);
	jsonw_end_array(&w);
	jsonw_key(&w, "b");
	jsonw_object(&w);
	jsonw_end_object(&w);
	jsonw_keyn(&w, "c\"d", 3);
	jsonw_array(&w);
	jsonw_int(&w, 1);
	jsonw_array(&w);
	jsonw_null(&w);
	jsonw_end_array(&w);
	jsonw_bool(&w, 7);
	jsonw_bool(&w, 0);
	jsonw_str(&w, NULL);
	jsonw_str(&w, "s");
	jsonw_strn(&w, "stu", 2);
	jsonw_raw(&w, "{ }", 3);
	jsonw_object(&w);
	jsonw_key(&w, "");
	jsonw_null(&w);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_key(&w, "e");
	jsonw_int(&w, INT64_MIN);
	jsonw_key(&w, "f");
	jsonw_int(&w, INT64_MAX);
	jsonw_end_object(&w);
	tap_is_str(buf_str(&b),
	    "{\"a\":[],\"b\":{},\"c\\\"d\":[1,[null],true,false,null,\"s\",\"st\",{ },{\"\":null}],"
	    "\"e\":-9223372036854775808,\"f\":9223372036854775807}",
	    "commas and quotes");
	buf_clear(&b);
	jsonw_escape(&b, "a\"", 2);
	jsonw_escape(&b, "\n", 1);
	tap_is_str(buf_str(&b), "a\\\"\\n", "the inside of a string in pieces");
	buf_release(&b);
}

int
main(void)
{
	escapes();
	round_trip();
	commas();
	return tap_done();
}
