/* SPDX-License-Identifier: ISC */
#include "jsonedit.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

/*
 * script: edits separated by blanks: "path=JSON" sets, "path-" unsets. want: the text that comes of it; NULL: ERR_DATA.
 */
static void
edited(const char *text, const char *script, const char *want)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err e = {0};
	char *copy = strdup(script), *rest = copy, *one;

	while ((one = strsep(&rest, " ")))
		if (*one) {
			char *eq = strchr(one, '=');
			if (eq) {
				*eq = '\0';
				jsonedit_set(&edits, one, eq + 1, strlen(eq + 1));
			} else {
				one[strlen(one) - 1] = '\0';
				jsonedit_unset(&edits, one);
			}
		}
	int r = json_parse(&j, text, strlen(text), &e);
	if (!r)
		r = jsonedit_write(&edits, &j, &out, &e);
	if (!want) {
		tap_ok(r == -1 && e.kind == ERR_DATA && *e.msg, "refused: %s on %s", script, text);
	} else if (!tap_ok(r == 0 && strcmp(buf_str(&out), want) == 0, "%s on %s", script, text)) {
		printf("# got:  %s\n# want: %s\n", r ? e.msg : buf_str(&out), want);
	}
	jsonedit_release(&edits);
	json_release(&j);
	buf_release(&out);
	free(copy);
}

static void
sets(void)
{
	edited("{}", "", "{}");
	edited("{}", "a=1", "{\"a\":1}");
	edited("{ }", "a=1", "{\"a\":1 }");
	edited("{}", "a=1 b=2", "{\"a\":1,\"b\":2}");
	edited("{\"a\":1}", "b=2", "{\"a\":1,\"b\":2}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "a=9", "{\"a\":9,\"b\":2,\"c\":3}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "b=[9]", "{\"a\":1,\"b\":[9],\"c\":3}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "c=\"9\"", "{\"a\":1,\"b\":2,\"c\":\"9\"}");
	edited("{\"a\":{\"x\":[1,2]}}", "a=null", "{\"a\":null}");
	edited("{\"a\":1}", "a=2 a=3", "{\"a\":3}");
	edited("{\"a\":1}", "a- a=3", "{\"a\":3}");
	edited("{\"a\":\"}{,\\\"\",\"b\":\"[,]\"}", "b=2", "{\"a\":\"}{,\\\"\",\"b\":2}");
	edited("{\"a\":1}", "=2", "{\"a\":1,\"\":2}");
}

static void
unsets(void)
{
	edited("{\"a\":1}", "a-", "{}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "a-", "{\"b\":2,\"c\":3}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "b-", "{\"a\":1,\"c\":3}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "c-", "{\"a\":1,\"b\":2}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "a- b-", "{\"c\":3}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "b- c-", "{\"a\":1}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "a- c-", "{\"b\":2}");
	edited("{\"a\":1,\"b\":2,\"c\":3}", "a- b- c-", "{}");
	edited("{\"a\":1,\"b\":2}", "a- b- c=3", "{\"c\":3}");
	edited("{\"a\":1,\"b\":2}", "b- c=3", "{\"a\":1,\"c\":3}");
	edited("{\"a\":1}", "b-", "{\"a\":1}");
	edited("{}", "b-", "{}");
	edited("{\"a\":1}", "a=2 a-", "{}");
	edited("{\"a\":{\"b\":1,\"c\":2}}", "a.b-", "{\"a\":{\"c\":2}}");
	edited("{\"a\":{\"b\":1}}", "a.b-", "{\"a\":{}}");
	edited("{\"a\":{\"b\":1}}", "a-", "{}");
	/* removing what isn't there makes nothing */
	edited("{\"x\":1}", "a.b-", "{\"x\":1}");
	edited("{}", "a.b.c-", "{}");
	edited("{\"a\":null}", "a.b-", "{\"a\":null}");
	edited("{\"a\":{}}", "a.b.c-", "{\"a\":{}}");
	edited("{}", "a.b- a.c=1", "{\"a\":{\"c\":1}}");
	edited("{}", "a.b- a.b=1", "{\"a\":{\"b\":1}}");
}

static void
nested(void)
{
	edited("{}", "a.b.c=1", "{\"a\":{\"b\":{\"c\":1}}}");
	edited("{\"a\":{}}", "a.b.c=1", "{\"a\":{\"b\":{\"c\":1}}}");
	edited("{\"a\":{\"x\":0}}", "a.b=1 a.c=2", "{\"a\":{\"x\":0,\"b\":1,\"c\":2}}");
	edited("{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e\":3},\"f\":4}", "a.b.c=9",
	    "{\"a\":{\"b\":{\"c\":9,\"d\":2},\"e\":3},\"f\":4}");
	edited("{\"a\":{\"b\":1}}", "a.b=2 a.c.d=3 e=4", "{\"a\":{\"b\":2,\"c\":{\"d\":3}},\"e\":4}");
	/* below a value that was set */
	edited("{}", "a={\"x\":1} a.y=2", "{\"a\":{\"x\":1,\"y\":2}}");
	edited("{\"a\":{\"old\":1}}", "a={\"x\":1} a.x=2", "{\"a\":{\"x\":2}}");
	edited("{\"a\":{\"old\":1}}", "a={\"x\":{}} a.x.y=2", "{\"a\":{\"x\":{\"y\":2}}}");
	edited("{\"a\":{\"old\":1}}", "a={\"x\":1,\"y\":2} a.x-", "{\"a\":{\"y\":2}}");
	edited("{\"a\":{\"old\":1}}", "a.b=1 a={\"x\":1}", "{\"a\":{\"x\":1}}");
	edited("{\"a\":{\"old\":1}}", "a- a.b=1", "{\"a\":{\"b\":1}}");
	/* null gives way to an object, wherever it stands */
	edited("{\"a\":null,\"b\":1}", "a.x=1", "{\"a\":{\"x\":1},\"b\":1}");
	edited("{\"a\":{\"b\":null}}", "a.b.c=1", "{\"a\":{\"b\":{\"c\":1}}}");
	edited("{}", "a=null a.x=1", "{\"a\":{\"x\":1}}");
	edited("{\"a\":1}", "a=null a.x.y=1", "{\"a\":{\"x\":{\"y\":1}}}");
}

static void
no_way(void)
{
	edited("{\"a\":1}", "a.b=1", NULL);
	edited("{\"a\":\"s\"}", "a.b=1", NULL);
	edited("{\"a\":[{}]}", "a.0=1", NULL);
	edited("{\"a\":false}", "a.b.c=1", NULL);
	edited("{\"a\":{\"b\":true}}", "a.b.c=1", NULL);
	edited("{}", "a=1 a.b=2", NULL);
	edited("{\"a\":{}}", "a=[] a.b=2", NULL);
	edited("[]", "a=1", NULL);
	edited("[]", "", NULL);
	edited("\"a\"", "a=1", NULL);
	edited("null", "a=1", NULL);
}

static void
bytes(void)
{
	static const char text[] =
	    "{ \"n\" : 1.50e+01 ,\r\n\t\"s\":\"\\u0041\\/\" , \"o\" :{\"y\":1 , \"x\" :[ 1,2 ] } , \"z\":-0 }";

	edited(text, "", text);
	edited(text, "nope-", text);
	edited(
	    text, "n=2", "{ \"n\" : 2 ,\r\n\t\"s\":\"\\u0041\\/\" , \"o\" :{\"y\":1 , \"x\" :[ 1,2 ] } , \"z\":-0 }");
	edited(text, "o.x=3",
	    "{ \"n\" : 1.50e+01 ,\r\n\t\"s\":\"\\u0041\\/\" , \"o\" :{\"y\":1 , \"x\" :3 } , \"z\":-0 }");
	edited(text, "s-", "{ \"n\" : 1.50e+01 , \"o\" :{\"y\":1 , \"x\" :[ 1,2 ] } , \"z\":-0 }");
	edited(text, "z=1",
	    "{ \"n\" : 1.50e+01 ,\r\n\t\"s\":\"\\u0041\\/\" , \"o\" :{\"y\":1 , \"x\" :[ 1,2 ] } , \"z\":1 }");
	edited(" \n{\"a\":1}\n ", "b=2", "{\"a\":1,\"b\":2}");
}

static void
odd_keys(void)
{
	edited("{\"\\u0061\":1,\"b\":2}", "a=9", "{\"\\u0061\":9,\"b\":2}");
	edited("{\"\\u0061\":1,\"b\":2}", "a-", "{\"b\":2}");
	edited("{\"a\":1,\"b\":2,\"a\":3}", "a=9", "{\"a\":9,\"b\":2,\"a\":9}");
	edited("{\"a\":1,\"b\":2,\"a\":3}", "a-", "{\"b\":2}");
	edited("{\"a\":{},\"\\u0061\":{\"x\":1}}", "a.x=2", "{\"a\":{\"x\":2},\"\\u0061\":{\"x\":2}}");
	edited("{\"a.b\":1}", "a.b=2", "{\"a.b\":1,\"a\":{\"b\":2}}");
	edited("{}", "q\"\\=1", "{\"q\\\"\\\\\":1}");
	edited("{\"abc\":1}", "ab=2 abcd=3", "{\"abc\":1,\"ab\":2,\"abcd\":3}");
}

static void
finding(void)
{
	struct jsonedit e = JSONEDIT_INIT;
	size_t n = 0;

	jsonedit_set(&e, "a.b", "[1]tail", 3);
	jsonedit_set_str(&e, "s", "q\"\n");
	jsonedit_set(&e, "gone", "1", 1);
	jsonedit_unset(&e, "gone");
	const char *v = jsonedit_find(&e, "a.b", &n);
	tap_ok(v && n == 3 && strcmp(v, "[1]") == 0, "what was set, by its length");
	v = jsonedit_find(&e, "s", &n);
	tap_ok(v && n == 7 && strcmp(v, "\"q\\\"\\n\"") == 0, "a string, quoted");
	tap_ok(!jsonedit_find(&e, "a", &n), "a parent wasn't set itself");
	tap_ok(!jsonedit_find(&e, "gone", &n), "what was unset isn't set");
	tap_ok(!jsonedit_find(&e, "a.b.c", NULL) && !jsonedit_find(&e, "x", NULL) && !jsonedit_find(&e, "", NULL),
	    "nothing else was");
	jsonedit_release(&e);
	tap_ok(!jsonedit_find(&e, "s", NULL), "nor afterwards");
	jsonedit_release(&e);
}

int
main(void)
{
	sets();
	unsets();
	nested();
	no_way();
	bytes();
	odd_keys();
	finding();
	return tap_done();
}
