/* SPDX-License-Identifier: ISC */
#include "chance.h"

#include <errno.h>
#include <sys/random.h>

/* The kernel gives up to 256 bytes whole; there is nothing to do where it has none. */
static void
fetch(void *p, size_t n)
{
	while (getrandom(p, n, 0) == -1 && errno == EINTR)
		continue;
}

uint64_t
chance_next(struct chance *p)
{
	uint64_t r = 0;

	if (!p) {
		fetch(&r, sizeof(r));
		return r;
	}
	if (p->left == 0) {
		for (size_t i = 0; i < CHANCE_NUMBERS; i += 32)
			fetch(p->v + i, 32 * sizeof(*p->v));
		p->left = CHANCE_NUMBERS;
	}
	r = p->v[--p->left];
	p->v[p->left] = 0;
	return r;
}
