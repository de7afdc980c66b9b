/* SPDX-License-Identifier: ISC */
/* chance: numbers that don't come twice. */
#include "chance.h"

#include <stdlib.h>

#include "tap.h"

#define N 10000

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
n_twins(struct chance *p)
{
	static uint64_t v[N];
	int twins = 0;

	for (int i = 0; i < N; i++)
		v[i] = chance_next(p);
	qsort(v, N, sizeof(*v), by_number);
	for (int i = 1; i < N; i++)
		twins += v[i] == v[i - 1];
	return twins;
}

int
main(void)
{
	struct chance p = {0};
	int kept = 0;

	tap_is_int(n_twins(&p), 0, "of a pool none comes twice");
	tap_is_int(n_twins(NULL), 0, "nor without one");
	chance_next(&p);
	for (size_t i = p.left; i < CHANCE_NUMBERS; i++)
		kept += p.v[i] != 0;
	tap_is_int(kept, 0, "what was given isn't kept");
	return tap_done();
}
