/* SPDX-License-Identifier: ISC */
#include "wire/members.h"

#include <string.h>

#include "json.h"

/* raw: the key with its quotes. A key that holds escapes is compared decoded. */
static int
is_key(const struct json *j, int key, const char *raw, size_t n, const struct member *m)
{
	if (n == m->len + 2)
		return memcmp(raw + 1, m->key, m->len) == 0;
	return n > m->len + 2 && memchr(raw, '\\', n) && json_eq(j, key, m->key);
}

void
members_find(const struct json *j, int node, const struct member *m, size_t n, int *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = -1;
	if (json_type(j, node) != JSON_OBJECT)
		return;
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		size_t len, i = 0;
		const char *raw = json_raw(j, k, &len);
		while (i < n && (out[i] >= 0 || !is_key(j, k, raw, len, m + i)))
			i++;
		if (i < n)
			out[i] = json_value(j, k);
	}
}
