/* SPDX-License-Identifier: ISC */
#include "wire/members.h"

#include <string.h>

#include "json.h"
#include "more.h"

/* A key as it stands in the text, perhaps with escapes. */
struct key {
	const char *s;
	size_t n;
	int node;
};

static int
is_key(const struct json *j, const struct key *k, const struct member *m)
{
	if (k->n == m->len)
		return *k->s == *m->key && memcmp(k->s, m->key, m->len) == 0;
	return j->has_escapes && json_eq(j, k->node, m->key);
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
	for (struct key k = {.node = -1}; (k.node = json_next_key(j, node, k.node, &k.s, &k.n)) >= 0;) {
		int value = json_value(j, k.node);
		size_t i = 0;
		while (i < n && !is_key(j, &k, m + i))
			i++;
		if (i < n && out[i] < 0)
			out[i] = value;
		if (rest && (i == n || passes(j, value, m + i)))
			more_take(j, k.node, rest);
	}
}

void
members_find(const struct json *j, int node, const struct member *m, size_t n, int *out)
{
	members_split(j, node, m, n, out, NULL);
}
