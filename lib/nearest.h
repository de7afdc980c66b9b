/* SPDX-License-Identifier: ISC */
/* nearest: the k vectors with the greatest cosine to a query, found in one pass and the memory of k. Pure. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>
#include <stdint.h>

struct nearest_hit {
	double score;   /* cosine: -1 to 1 */
	int64_t record; /* from 1 */
	char *label;    /* owned; NULL: none */
	size_t n_label;
};

struct nearest {
	const float *query; /* borrowed */
	size_t n_dims;
	double norm;
	struct nearest_hit *hit; /* owned: a heap, the worst on top; after nearest_sort() the best comes first */
	size_t n, k;
};

/* k: at least 1; memory is taken as it is needed. */
void nearest_init(struct nearest *x, const float *query, size_t n_dims, size_t k);
void nearest_release(struct nearest *x);
/* v has n_dims numbers. Vectors that aren't finite, or zero, are near to nothing: they are left out. The label is copied where it's kept. */
void nearest_add(struct nearest *x, const float *v, int64_t record, const char *label, size_t n_label);
void nearest_sort(struct nearest *x);
/* Scales v to length 1; one of length 0 stays. */
void nearest_unit(float *v, size_t n_dims);

#endif
