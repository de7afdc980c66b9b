/* SPDX-License-Identifier: ISC */
#include "nearest.h"

#include <stdlib.h>

#include "mem.h"

#define LANES 8 /* sums that don't wait for each other */

/* The square root of x > 0, by Newton's way; libm would be a library more. */
static double
root(double x)
{
	double r = x > 1 ? x : 1, next = (r + x / r) / 2;

	while (next < r) {
		r = next;
		next = (r + x / r) / 2;
	}
	return r;
}

static double
product(const float *a, const float *b, size_t n)
{
	double sum[LANES] = {0}, all = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			sum[j] += (double)a[i + j] * (double)b[i + j];
	for (; i < n; i++)
		sum[0] += (double)a[i] * (double)b[i];
	for (size_t j = 0; j < LANES; j++)
		all += sum[j];
	return all;
}

void
nearest_init(struct nearest *x, const float *query, size_t n_dims, size_t k)
{
	*x = (struct nearest){.query = query, .n_dims = n_dims, .k = k};
	x->norm = root(product(query, query, n_dims));
}

void
nearest_release(struct nearest *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->hit[i].label);
	free(x->hit);
	x->hit = NULL;
	x->n = 0;
}

/* Of equal scores the earlier record is the better one. */
static int
worse(const struct nearest_hit *a, const struct nearest_hit *b)
{
	return a->score < b->score || (a->score == b->score && a->record > b->record);
}

static void
swap(struct nearest_hit *a, struct nearest_hit *b)
{
	struct nearest_hit t = *a;

	*a = *b;
	*b = t;
}

static void
sift_up(struct nearest_hit *h, size_t i)
{
	for (; i > 0 && worse(&h[i], &h[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h[i], &h[(i - 1) / 2]);
}

static void
sift_down(struct nearest_hit *h, size_t n)
{
	for (size_t i = 0, child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && worse(&h[child + 1], &h[child]))
			child++;
		if (!worse(&h[child], &h[i]))
			break;
		swap(&h[child], &h[i]);
	}
}

void
nearest_add(struct nearest *x, const float *v, int64_t record, const char *label, size_t n_label)
{
	double square = product(v, v, x->n_dims);
	double score = product(x->query, v, x->n_dims) / (x->norm * (square > 0 ? root(square) : 1));
	struct nearest_hit hit = {score, record, NULL, n_label};

	if (!(square > 0) || !(score >= -2 && score <= 2)) /* NaN is in no order */
		return;
	if (x->n == x->k && !worse(&x->hit[0], &hit))
		return;
	hit.label = label ? xstrndup(label, n_label) : NULL;
	if (x->n < x->k) {
		/* as many as are used, not as many as were asked for */
		if ((x->n & (x->n - 1)) == 0)
			x->hit = xreallocarray(x->hit, x->n ? 2 * x->n : 1, sizeof(*x->hit));
		x->hit[x->n++] = hit;
		sift_up(x->hit, x->n - 1);
		return;
	}
	free(x->hit[0].label);
	x->hit[0] = hit;
	sift_down(x->hit, x->n);
}

static int
better_first(const void *a, const void *b)
{
	return worse(a, b) ? 1 : -1;
}

void
nearest_sort(struct nearest *x)
{
	if (x->n > 1)
		qsort(x->hit, x->n, sizeof(*x->hit), better_first);
}

void
nearest_unit(float *v, size_t n_dims)
{
	double square = product(v, v, n_dims), norm = square > 0 ? root(square) : 1;

	for (size_t i = 0; i < n_dims; i++)
		v[i] = (float)((double)v[i] / norm);
}
