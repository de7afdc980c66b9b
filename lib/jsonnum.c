/* SPDX-License-Identifier: ISC */
/* Integers and duplicate keys: what json.h promises beyond plain access. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"

#define MAX_DIGITS 40 /* digits of a mantissa that is looked at */
#define FEW_NAMES 16  /* of an object: sorting them costs more than looking at each pair */

struct decimal {
	int negative;
	char digit[MAX_DIGITS];
	int n, point; /* digits in use; the point stands behind digit[point - 1] */
};

/* -1 where there are more digits than an int64 could need. */
static int
read_decimal(const char *p, const char *end, struct decimal *d)
{
	int seen_point = 0, exponent = 0;

	d->negative = p < end && *p == '-';
	p += d->negative;
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			seen_point = 1;
			continue;
		}
		if (d->n == MAX_DIGITS)
			return -1;
		if (d->n || *p != '0')
			d->digit[d->n++] = (char)(*p - '0');
		else if (seen_point)
			d->point--;
		if (!seen_point && d->n)
			d->point++;
	}
	if (p < end) {
		int minus = *++p == '-';
		for (p += *p == '-' || *p == '+'; p < end; p++) {
			if (exponent > 1000)
				return -1;
			exponent = exponent * 10 + (*p - '0');
		}
		d->point += minus ? -exponent : exponent;
	}
	while (d->n && d->digit[d->n - 1] == 0)
		d->n--;
	return 0;
}

int
json_int(const struct json *j, int node, int64_t *out)
{
	struct decimal d = {0};
	uint64_t v = 0;
	size_t n;

	if (json_type(j, node) != JSON_NUMBER)
		return -1;
	const char *p = json_raw(j, node, &n);
	if (read_decimal(p, p + n, &d))
		return -1;
	if (d.n > d.point || d.point > 19) { /* a fraction, or too big */
		if (d.n)
			return -1;
		d.point = 0;
	}
	for (int i = 0; i < d.point; i++)
		v = v * 10 + (uint64_t)(i < d.n ? d.digit[i] : 0);
	if (v > (uint64_t)INT64_MAX + (uint64_t)d.negative)
		return -1;
	*out = d.negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

/* A key, decoded. */
struct name {
	const char *s;
	size_t n;
	char *own; /* where the text has escapes; else s is in the text */
};

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = memcmp(x->s, y->s, n);

	return c ? c : (x->n > y->n) - (x->n < y->n);
}

/* A name that is there twice; NULL. */
static const struct name *
twin(struct name *v, size_t n)
{
	if (n > FEW_NAMES) {
		qsort(v, n, sizeof(*v), by_name);
		for (size_t i = 1; i < n; i++)
			if (by_name(v + i - 1, v + i) == 0)
				return v + i;
		return NULL;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (v[i].n == v[k].n && memcmp(v[i].s, v[k].s, v[i].n) == 0)
				return v + i;
	return NULL;
}

static int
unique_keys(const struct json *j, int object, struct err *e)
{
	size_t n = (size_t)json_count(j, object), i = 0;
	struct name few[FEW_NAMES], *v = n > FEW_NAMES ? xcalloc(n, sizeof(*v)) : few;

	struct name one;
	for (int k = -1; (k = json_next_key(j, object, k, &one.s, &one.n)) >= 0; v[i++] = one) {
		one.own = j->has_escapes ? json_dup(j, k, &one.n) : NULL;
		one.s = one.own ? one.own : one.s;
	}
	const struct name *two = twin(v, n);
	int r = two ? err_set(e, ERR_DATA, "duplicate key \"%.*s\"", two->n > 100 ? 100 : (int)two->n, two->s) : 0;
	for (i = 0; i < n && j->has_escapes; i++)
		free(v[i].own);
	if (v != few)
		free(v);
	return r;
}

int
json_unique(const struct json *j, struct err *e)
{
	for (int i = 0; i < j->n_tok; i++)
		if (json_type(j, i) == JSON_OBJECT && json_count(j, i) > 1 && unique_keys(j, i, e))
			return -1;
	return 0;
}
