/* SPDX-License-Identifier: ISC */
#include "same.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "decimal.h"
#include "json.h"
#include "mem.h"

static int
same_strings(const struct json *a, int na, const struct json *b, int nb)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	size_t n, m;
	const char *s = json_view(a, na, &x, &n), *t = json_view(b, nb, &y, &m);
	int same = n == m && memcmp(s, t, n) == 0;

	buf_release(&x);
	buf_release(&y);
	return same;
}

static int
same_numbers(const struct json *a, int na, const struct json *b, int nb)
{
	struct decimal x, y;
	size_t n, m;
	const char *s = json_raw(a, na, &n), *t = json_raw(b, nb, &m);

	if (decimal_parse(&x, s, n) == 0 && decimal_parse(&y, t, m) == 0)
		return decimal_cmp(&x, &y) == 0;
	return n == m && memcmp(s, t, n) == 0;
}

/* The value that object o has for the key node of another object, or -1. */
static int
member(const struct json *o, int no, const struct json *j, int key, int64_t *steps)
{
	struct buf tmp = BUF_INIT;
	size_t n;
	const char *s = json_view(j, key, &tmp, &n);
	int found = json_getn(o, no, s, n);

	*steps -= json_count(o, no);
	buf_release(&tmp);
	return found;
}

static int
same_objects(const struct json *a, int na, const struct json *b, int nb, int64_t *steps)
{
	int same = json_count(a, na) == json_count(b, nb), k, other;

	for (k = json_child(a, na); same == 1 && k >= 0; k = json_next(a, na, json_value(a, k))) {
		other = member(b, nb, a, k, steps);
		same = other < 0 ? 0 : same_values(a, json_value(a, k), b, other, steps);
	}
	/* where a has one key twice, equal counts prove nothing about the keys of b */
	for (k = json_child(b, nb); same == 1 && *steps >= 0 && k >= 0; k = json_next(b, nb, json_value(b, k)))
		same = member(a, na, b, k, steps) >= 0;
	return same;
}

static int
same_arrays(const struct json *a, int na, const struct json *b, int nb, int64_t *steps)
{
	int same = json_count(a, na) == json_count(b, nb), i = json_child(a, na), k = json_child(b, nb);

	while (same == 1 && i >= 0) {
		same = same_values(a, i, b, k, steps);
		i = json_next(a, na, i);
		k = json_next(b, nb, k);
	}
	return same;
}

int
same_values(const struct json *a, int na, const struct json *b, int nb, int64_t *steps)
{
	size_t n, m;
	enum json_type type = json_type(a, na);

	if (type != json_type(b, nb))
		return 0;
	json_raw(a, na, &n);
	json_raw(b, nb, &m);
	if ((*steps -= 1 + (int64_t)((n < m ? n : m) / 64)) < 0)
		return -1;
	switch (type) {
	case JSON_NUMBER:
		return same_numbers(a, na, b, nb);
	case JSON_STRING:
		return same_strings(a, na, b, nb);
	case JSON_ARRAY:
		return same_arrays(a, na, b, nb, steps);
	case JSON_OBJECT:
		return same_objects(a, na, b, nb, steps);
	default:
		return 1;
	}
}

static uint64_t
mix(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3;
	return h ^ h >> 29;
}

/* Numbers of one value hash alike however they are written. */
static uint64_t
hash_number(const char *s, size_t n)
{
	struct decimal d;
	uint64_t h = 7;

	if (decimal_parse(&d, s, n) != 0)
		return mix(h, s, n);
	if (d.sign == 0)
		return h;
	h = mix(h + (d.sign > 0), (const char *)&d.exp, sizeof(d.exp));
	for (size_t i = 0; i < d.n_bytes; i++) {
		if (d.digits[i] != '.')
			h = mix(h, d.digits + i, 1);
	}
	return h;
}

/* The same values have the same hash; sums make the order of members not count. */
static uint64_t
hash(const struct json *j, int node, struct buf *tmp)
{
	enum json_type type = json_type(j, node);
	uint64_t h = 0xcbf29ce484222325 + type, part;
	size_t n;
	const char *s;

	if (type == JSON_STRING) {
		s = json_view(j, node, tmp, &n);
		return mix(h, s, n);
	}
	if (type == JSON_NUMBER) {
		s = json_raw(j, node, &n);
		return hash_number(s, n);
	}
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, k)) {
		part = hash(j, k, tmp);
		if (type == JSON_OBJECT) {
			k = json_value(j, k);
			h += (part * 31 ^ hash(j, k, tmp)) * 0x9e3779b97f4a7c15;
		} else {
			h = mix(h, (const char *)&part, sizeof(part));
		}
	}
	return h;
}

struct element {
	uint64_t hash;
	int node, index;
};

static int
by_hash(const void *p, const void *q)
{
	const struct element *a = p, *b = q;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->index - b->index;
}

static int
find_pair(const struct json *j, const struct element *v, int n, int *i, int *k, int64_t *steps)
{
	for (int x = 0; x < n; x++) {
		for (int y = x + 1; y < n && v[y].hash == v[x].hash; y++) {
			int same = same_values(j, v[x].node, j, v[y].node, steps);
			if (same == 0)
				continue;
			*i = v[x].index;
			*k = v[y].index;
			return same;
		}
	}
	return 0;
}

int
same_elements(const struct json *j, int array, int *i, int *k, int64_t *steps)
{
	int n = 0, found;
	size_t n_bytes;
	struct buf tmp = BUF_INIT;
	struct element *v;

	json_raw(j, array, &n_bytes);
	if ((*steps -= (int64_t)(n_bytes / 16)) < 0)
		return -1;
	v = xcalloc((size_t)json_count(j, array) + 1, sizeof(*v));
	for (int node = json_child(j, array); node >= 0; node = json_next(j, array, node), n++)
		v[n] = (struct element){hash(j, node, &tmp), node, n};
	qsort(v, (size_t)n, sizeof(*v), by_hash);
	found = find_pair(j, v, n, i, k, steps);
	free(v);
	buf_release(&tmp);
	return found;
}
