/* SPDX-License-Identifier: ISC */
/*
 * The input is a JSON text, a LF, and edits, one a line: "path=JSON" or "path-". Whatever is applied: the result is valid JSON in which
 * each member of the root that no edit names has kept its bytes and its place among the others.
 */
#include "jsonedit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define MAX_EDITS 16
#define MAX_PATH 200

struct edits {
	struct jsonedit all;
	char top[MAX_EDITS][MAX_PATH]; /* first segments of the paths */
	char last[MAX_PATH];           /* the last path that was set, and what to */
	const char *value;
	size_t value_len, n;
};

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
add_edit(struct edits *e, const char *line, size_t n)
{
	const char *eq = memchr(line, '=', n);
	size_t path_len = eq ? (size_t)(eq - line) : n - (n > 0);
	char path[MAX_PATH];

	if (e->n == MAX_EDITS || path_len >= sizeof(path) || (!eq && (!n || line[n - 1] != '-')))
		return;
	if (memchr(line, '\0', path_len) || utf8_valid(line, path_len) != path_len)
		return;
	memcpy(path, line, path_len);
	path[path_len] = '\0';
	if (eq && !json_valid(eq + 1, n - path_len - 1, NULL, NULL))
		return;
	memcpy(e->top[e->n], path, path_len + 1);
	e->top[e->n][strcspn(path, ".")] = '\0';
	e->n++;
	*e->last = '\0';
	e->value = NULL;
	if (!eq) {
		jsonedit_unset(&e->all, path);
		memcpy(e->last, path, path_len + 1);
		return;
	}
	e->value = eq + 1;
	e->value_len = n - path_len - 1;
	memcpy(e->last, path, path_len + 1);
	jsonedit_set(&e->all, path, e->value, e->value_len);
}

static int
is_touched(const struct edits *e, const struct json *j, int key)
{
	for (size_t i = 0; i < e->n; i++)
		if (json_eq(j, key, e->top[i]))
			return 1;
	return 0;
}

/* The next member that no edit names, or -1. */
static int
untouched(const struct edits *e, const struct json *j, int key)
{
	while (key >= 0 && is_touched(e, j, key))
		key = json_next(j, 0, json_value(j, key));
	return key;
}

static void
check_rest(const struct edits *e, const struct json *before, const struct json *after)
{
	int a = untouched(e, before, json_child(before, 0)), b = untouched(e, after, json_child(after, 0));

	while (a >= 0 && b >= 0) {
		size_t ka, kb, va, vb;
		const char *key_a = json_raw(before, a, &ka), *key_b = json_raw(after, b, &kb);
		const char *raw_a = json_raw(before, json_value(before, a), &va),
			   *raw_b = json_raw(after, json_value(after, b), &vb);
		must(ka == kb && memcmp(key_a, key_b, ka) == 0);
		must(va == vb && memcmp(raw_a, raw_b, va) == 0);
		/* the white space around the colon too */
		must(raw_a - key_a == raw_b - key_b && memcmp(key_a, key_b, (size_t)(raw_a - key_a)) == 0);
		a = untouched(e, before, json_next(before, 0, json_value(before, a)));
		b = untouched(e, after, json_next(after, 0, json_value(after, b)));
	}
	must(a < 0 && b < 0);
}

/* The last edit holds, whatever came before it. */
static void
check_last(const struct edits *e, const struct json *after)
{
	size_t n;
	int node = 0;

	if (!e->n)
		return;
	for (const char *p = e->last;; p += strcspn(p, ".") + 1) {
		node = json_getn(after, node, p, strcspn(p, "."));
		if (!p[strcspn(p, ".")])
			break;
	}
	must((node >= 0) == (e->value != NULL));
	if (!e->value)
		return;
	struct json set = JSON_INIT;
	must(json_parse(&set, e->value, e->value_len, NULL) == 0);
	const char *want = json_raw(&set, 0, &n);
	size_t len;
	const char *raw = json_raw(after, node, &len);
	must(len == n && memcmp(raw, want, n) == 0);
	json_release(&set);
}

static void
check(const struct edits *e, const struct json *before)
{
	struct json after = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err why = {0};
	size_t n;

	if (jsonedit_write(&e->all, before, &out, &why) == 0) {
		if (json_parse(&after, out.p, out.len, &why) == 0) {
			check_rest(e, before, &after);
			check_last(e, &after);
			if (!e->n) {
				const char *raw = json_raw(before, 0, &n);
				must(out.len == n && memcmp(out.p, raw, n) == 0);
			}
		} else {
			must(strstr(why.msg, "nested") != NULL); /* set too far down */
		}
	} else {
		must(why.kind == ERR_DATA);
	}
	json_release(&after);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct edits e = {.all = JSONEDIT_INIT};
	const char *text = (const char *)p, *end = text + n;
	const char *lf = n ? memchr(text, '\n', n) : NULL;
	struct json j = JSON_INIT;
	size_t len = lf ? (size_t)(lf - text) : n;

	if (json_parse(&j, text, len, NULL) == 0 && json_type(&j, 0) == JSON_OBJECT) {
		for (const char *line = text + len + 1; lf && line < end;) {
			const char *stop = memchr(line, '\n', (size_t)(end - line));
			size_t m = stop ? (size_t)(stop - line) : (size_t)(end - line);
			add_edit(&e, line, m);
			line += m + 1;
		}
		check(&e, &j);
	}
	jsonedit_release(&e.all);
	json_release(&j);
	return 0;
}
