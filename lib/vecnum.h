/* SPDX-License-Identifier: ISC */
/*
 * vecnum: the numbers of a vector: JSON text to float and back, faster than strtof and whatever the locale is. Pure.
 *
 * The float is the nearest to what is written, ties to even, as IEEE 754 has it.
 */
#ifndef VECNUM_H
#define VECNUM_H

#include <stddef.h>

#define VECNUM_MAX 128      /* characters of a number that is read */
#define VECNUM_LOOKAHEAD 64 /* bytes that vecnum_scan may look at */
#define VECNUM_MAX_PRINT 24 /* characters of a number that is written, and a NUL */

/* Reads a number at p, where VECNUM_LOOKAHEAD bytes can be read. Returns the byte behind it, or NULL where it is longer than that, or hard, or none:
 * vecnum_parse knows. */
const char *vecnum_scan(const char *p, float *out);
/* Reads the n bytes at p as one number. -1: they are none, or more than a float holds. */
int vecnum_parse(const char *p, size_t n, float *out);
/* Writes the shortest number of 6 to 9 digits, trailing zeros left out, that reads as v again, and a NUL; returns its length. v is finite. */
size_t vecnum_print(char *to, float v);

#endif
