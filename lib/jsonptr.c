/* SPDX-License-Identifier: ISC */
#include "jsonptr.h"

#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsonw.h"

static void
add_segment(struct buf *b, const char *s, size_t n)
{
	size_t from = 0;

	buf_addc(b, '/');
	for (size_t i = 0; i < n; i++) {
		if (s[i] != '~' && s[i] != '/')
			continue;
		jsonw_escape(b, s + from, i - from);
		buf_adds(b, s[i] == '~' ? "~0" : "~1");
		from = i + 1;
	}
	jsonw_escape(b, s + from, n - from);
}

/* Nodes are in the order of the text: the last child that begins at or before a node holds it. */
static int
child_holding(const struct json *j, int parent, int node, int *index)
{
	int found = -1;

	*index = -1;
	for (int k = json_child(j, parent); k >= 0 && k <= node; k = json_next(j, parent, k)) {
		found = k;
		(*index)++;
	}
	return found;
}

void
jsonptr_add(struct buf *b, const struct json *j, int node)
{
	struct buf key = BUF_INIT;
	size_t start = b->len;
	int at = 0, index;

	while (at >= 0 && at < node) {
		int parent = at;
		at = child_holding(j, parent, node, &index);
		if (json_type(j, parent) == JSON_ARRAY) {
			buf_addf(b, "/%d", index);
		} else if (index % 2 == 0) { /* the node is a key */
			break;
		} else {
			size_t n;
			const char *name = json_view(j, child_holding(j, parent, at - 1, &index), &key, &n);
			add_segment(b, name, n);
		}
	}
	if (b->len == start)
		buf_addc(b, '/');
	buf_release(&key);
}

/* An index of an array: digits, without leading zeros. */
static int
element(const struct json *j, int array, const char *s, size_t n)
{
	int i = 0, k;

	if (n == 0 || n > 8 || (s[0] == '0' && n > 1))
		return -1;
	for (size_t at = 0; at < n; at++) {
		if (s[at] < '0' || s[at] > '9')
			return -1;
		i = i * 10 + (s[at] - '0');
	}
	for (k = json_child(j, array); k >= 0 && i > 0; i--)
		k = json_next(j, array, k);
	return k;
}

static int
step(const struct json *j, int node, const char *s, size_t n)
{
	struct buf key = BUF_INIT;
	int found;

	if (json_type(j, node) == JSON_ARRAY)
		return element(j, node, s, n);
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		if (c == '~' && i + 1 < n && (s[i + 1] == '0' || s[i + 1] == '1'))
			c = s[++i] == '0' ? '~' : '/';
		buf_addc(&key, c);
	}
	found = json_getn(j, node, buf_str(&key), key.len);
	buf_release(&key);
	return found;
}

int
jsonptr_get(const struct json *j, const char *ptr, size_t n, int64_t *steps)
{
	int node = 0;

	while (n > 0 && node >= 0) {
		if (*ptr != '/')
			return -1;
		ptr++, n--;
		const char *slash = memchr(ptr, '/', n);
		size_t len = slash ? (size_t)(slash - ptr) : n;
		if ((*steps -= 1 + json_count(j, node) / 8) < 0)
			return -1;
		node = step(j, node, ptr, len);
		ptr += len, n -= len;
	}
	return node;
}
