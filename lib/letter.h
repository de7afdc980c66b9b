/* SPDX-License-Identifier: ISC */
/*
 * letter: code points of UTF-8 text, and their lower case: what libc ties to the locale. Pure.
 *
 * Lower case is that of Latin, Greek, Cyrillic and Armenian, one code point to one (Unicode's simple mappings, without those of dead scripts).
 */
#ifndef LETTER_H
#define LETTER_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* The code point at s; *len: its bytes. A byte that isn't UTF-8 is U+FFFD. n: bytes left, at least 1. */
uint32_t letter_at(const char *s, size_t n, size_t *len);
/* Whatever has no lower case is itself. */
uint32_t letter_lower(uint32_t c);
/* Appends the text in lower case. */
void letter_fold(struct buf *b, const char *s, size_t n);

#endif
