/* SPDX-License-Identifier: ISC */
/*
 * chance: random numbers of the kernel's, many fetched at once. (libbsd's arc4random() would bring 15 KB along.)
 *
 * A pool is of one process: one that forks doesn't use its own in both. Zeroed: empty.
 */
#ifndef CHANCE_H
#define CHANCE_H

#include <stddef.h>
#include <stdint.h>

#define CHANCE_NUMBERS 64

struct chance {
	uint64_t v[CHANCE_NUMBERS]; /* those that were given are 0 */
	size_t left;
};

/* p NULL: fetched for this call alone. */
uint64_t chance_next(struct chance *p);

#endif
