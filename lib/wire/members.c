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

static inline int
is_same(const struct key *k, const struct member *m)
{
	return k->n == m->len && *k->s == *m->key && memcmp(k->s, m->key, m->len) == 0;
}

/* Which of the n members it is; n: none. */
static size_t
place_of(const struct json *j, const struct key *k, const struct member *m, size_t n)
{
	size_t i = 0;

	if (!j->has_escapes)
		while (i < n && !is_same(k, m + i))
			i++;
	else
		while (i < n && !is_same(k, m + i) && !json_eq(j, k->node, m[i].key))
			i++;
	return i;
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
		size_t i = place_of(j, &k, m, n);
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
