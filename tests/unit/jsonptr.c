/* SPDX-License-Identifier: ISC */
#include "jsonptr.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

static const char text[] =
    "{\"a\":[1,[2,{}],{\"b\":null}],\"\":{\"\":3},\"m~n\":4,\"o/p\":{\"~1\":5},\"e\\u0301\\n\":[[[6]]],"
    "\"q\\\"\":7,\"0\":{\"10\":8},\"l\":[0,1,2,3,4,5,6,7,8,9,10]}";

static void
get(const struct json *j, const char *ptr, const char *want)
{
	int64_t steps = 1000;
	size_t n;
	int node = jsonptr_get(j, ptr, strlen(ptr), &steps);
	const char *raw = json_raw(j, node, &n);

	if (!want)
		tap_is_int(node, -1, ptr);
	else
		tap_is_mem(raw, n, want, strlen(want), ptr);
}

static void
test_get(const struct json *j)
{
	int64_t few = 1;

	get(j, "", text);
	get(j, "/a", "[1,[2,{}],{\"b\":null}]");
	get(j, "/a/1/0", "2");
	get(j, "/a/2/b", "null");
	get(j, "/", "{\"\":3}");
	get(j, "//", "3");
	get(j, "/m~0n", "4");
	get(j, "/o~1p/~01", "5");
	get(j, "/0/10", "8");
	get(j, "/l/10", "10");
	get(j, "a", NULL);
	get(j, "/b", NULL);
	get(j, "/a/", NULL);
	get(j, "/a/3", NULL);
	get(j, "/a/-", NULL);
	get(j, "/a/01", NULL);
	get(j, "/a/0/0", NULL);
	get(j, "/l/4294967296", NULL);
	tap_ok(jsonptr_get(j, "/a/1/0", 6, &few) == -1 && few < 0, "it stops when the steps are spent");
}

/* The pointer to each value leads back to it. */
static void
test_round_trip(const struct json *j, int parent, int *n_bad)
{
	int is_object = json_type(j, parent) == JSON_OBJECT;

	for (int k = json_child(j, parent); k >= 0; k = json_next(j, parent, k)) {
		struct buf b = BUF_INIT;
		int64_t steps = 1000;
		if (is_object)
			k = json_value(j, k);
		jsonptr_add(&b, j, k);
		/* what was escaped for a line isn't a pointer any more */
		if (!strchr(buf_str(&b), '\\') && jsonptr_get(j, b.p, b.len, &steps) != k) {
			printf("# %s\n", b.p);
			(*n_bad)++;
		}
		buf_release(&b);
		test_round_trip(j, k, n_bad);
	}
}

static void
test_add(const struct json *j)
{
	struct buf b = BUF_INIT;
	int n_bad = 0;

	jsonptr_add(&b, j, 0);
	tap_is_str(buf_str(&b), "/", "the root");
	jsonptr_add(&b, j, json_path(j, json_get(j, 0, "e\xcc\x81\n"), "0.0"));
	tap_is_str(buf_str(&b), "//e\xcc\x81\\n/0/0", "a newline is escaped; what was there stays");
	buf_clear(&b);
	jsonptr_add(&b, j, json_child(j, json_get(j, 0, "0")));
	tap_is_str(buf_str(&b), "/0", "a key is told by its object");
	buf_release(&b);
	test_round_trip(j, 0, &n_bad);
	tap_is_int(n_bad, 0, "every pointer leads back");
}

int
main(void)
{
	struct json j = JSON_INIT;
	struct err e;

	tap_ok(json_parse(&j, text, strlen(text), &e) == 0, "the text parses");
	test_get(&j);
	test_add(&j);
	json_release(&j);
	return tap_done();
}
