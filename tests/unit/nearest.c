/* SPDX-License-Identifier: ISC */
/* nearest: against sorting all of them. */
#include "nearest.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

#define N 2000
#define DIMS 19

static float v[N][DIMS];
static double want[N];
static int order[N];

static int
by_score(const void *a, const void *b)
{
	int i = *(const int *)a, j = *(const int *)b;

	if (want[i] != want[j])
		return want[i] < want[j] ? 1 : -1;
	return i - j;
}

static double
cosine(const float *a, const float *b)
{
	long double ab = 0, aa = 0, bb = 0;

	for (int i = 0; i < DIMS; i++) {
		ab += (long double)a[i] * (long double)b[i];
		aa += (long double)a[i] * (long double)a[i];
		bb += (long double)b[i] * (long double)b[i];
	}
	long double low = 0, high = aa * bb + 1;
	for (int i = 0; i < 200; i++) { /* the square root, without libm */
		long double middle = (low + high) / 2;
		if (middle * middle < aa * bb)
			low = middle;
		else
			high = middle;
	}
	return (double)(ab / high);
}

static void
check(size_t k)
{
	struct nearest x;
	char label[16];
	size_t bad = 0;

	nearest_init(&x, v[7], DIMS, k);
	for (int i = 0; i < N; i++) {
		snprintf(label, sizeof(label), "v%d", i);
		nearest_add(&x, v[i], i + 1, i % 2 ? label : NULL, strlen(label));
	}
	nearest_sort(&x);
	tap_is_int((long long)x.n, (long long)(k < N ? k : N), "as many as were asked for, or all");
	for (size_t i = 0; i < x.n; i++) {
		const struct nearest_hit *h = x.hit + i;
		snprintf(label, sizeof(label), "v%d", order[i]);
		int same_label = order[i] % 2 ? h->label && strcmp(h->label, label) == 0 : !h->label;
		bad += h->record != order[i] + 1 || !same_label || h->score - want[order[i]] > 1e-12 ||
		    want[order[i]] - h->score > 1e-12;
	}
	tap_ok(bad == 0, "the nearest %zu, in order, with their scores and labels", x.n);
	nearest_release(&x);
}

static void
check_odd(void)
{
	static const float query[] = {1, 0},
			   odd[][2] = {{NAN, 0}, {0, 0}, {INFINITY, 1}, {0, 1}, {3, 0}, {3, 0}, {-1, 0}, {1e-30f, 0},
			       {3e38f, 3e38f}};
	static const int64_t got[] = {5, 6, 8, 9, 4, 7};
	struct nearest x;
	size_t bad = 0;

	nearest_init(&x, query, 2, 100);
	for (int i = 0; i < 9; i++)
		nearest_add(&x, odd[i], i + 1, NULL, 0);
	nearest_sort(&x);
	tap_is_int((long long)x.n, 6, "zero, NaN and infinity are near to nothing");
	for (size_t i = 0; i < x.n && i < 6; i++)
		bad += x.hit[i].record != got[i];
	tap_ok(bad == 0, "equal ones in their order; far ones last");
	tap_ok(x.hit[0].score == 1 && x.hit[5].score == -1, "from 1 to -1");
	nearest_release(&x);
}

int
main(void)
{
	uint64_t state = 42;

	for (int i = 0; i < N; i++) {
		for (int j = 0; j < DIMS; j++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			v[i][j] = (float)(int32_t)(state >> 33) / 1e9f - 1;
		}
		if (i % 10 == 9)
			memcpy(v[i], v[i - 1], sizeof(v[i])); /* equal scores */
		order[i] = i;
	}
	for (int i = 0; i < N; i++)
		want[i] = cosine(v[7], v[i]);
	qsort(order, N, sizeof(*order), by_score);
	check(1);
	check(2);
	check(17);
	check(N);
	check(10 * N);
	check_odd();
	return tap_done();
}
