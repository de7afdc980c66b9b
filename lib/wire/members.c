/* SPDX-License-Identifier: ISC */
#include "wire/members.h"

#include <string.h>

#include "json.h"
#include "more.h"

/* A key as it stands in the text: with its quotes, and perhaps with escapes. */
struct key {
	const char *raw;
	size_t n;
	int node, escaped;
};

static struct key
key_at(const struct json *j, int node)
{
	struct key k = {.node = node};

	k.raw = json_raw(j, node, &k.n);
	k.escaped = memchr(k.raw, '\\', k.n) != NULL;
	return k;
}

static int
is_key(const struct json *j, const struct key *k, const struct member *m)
{
	if (k->n == m->len + 2)
		return k->raw[1] == m->key[0] && memcmp(k->raw + 1, m->key, m->len) == 0;
	return k->escaped && json_eq(j, k->node, m->key);
}

static int
passes(const struct json *j, int value, const struct member *m)
{
	return m->passes == MEMBER_PASSES || (m->passes == MEMBER_PASSES_STRING && json_type(j, value) == JSON_STRING);
}

void
members_split(const struct json *j, int node, const struct member *m, size_t n, int *out, struct buf *rest)
{
	for (size_t i = 0; i < n; i++)
		out[i] = -1;
	if (json_type(j, node) != JSON_OBJECT)
		return;
	for (int at = json_child(j, node); at >= 0; at = json_next(j, node, json_value(j, at))) {
		struct key k = key_at(j, at);
		int value = json_value(j, at);
		size_t i = 0;
		while (i < n && !is_key(j, &k, m + i))
			i++;
		if (i < n && out[i] < 0)
			out[i] = value;
		if (rest && (i == n || passes(j, value, m + i)))
			more_take(j, at, rest);
	}
}

void
members_find(const struct json *j, int node, const struct member *m, size_t n, int *out)
{
	members_split(j, node, m, n, out, NULL);
}
