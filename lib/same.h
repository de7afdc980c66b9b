/* SPDX-License-Identifier: ISC */
/*
 * same: are two JSON values the same? Pure.
 *
 * Numbers are compared by value, strings decoded, objects without regard to the order of their members.
 * Every call takes steps off *steps, and gives up with -1 when none are left.
 */
#ifndef SAME_H
#define SAME_H

#include <stddef.h>
#include <stdint.h>

struct json;

/* 1 the same, 0 not, -1 out of steps. */
int same_values(const struct json *a, int na, const struct json *b, int nb, int64_t *steps);
/* Has an array two elements that are the same? Then 1, and *i < *k are their indices. 0 no, -1 out of steps. */
int same_elements(const struct json *j, int array, int *i, int *k, int64_t *steps);

#endif
