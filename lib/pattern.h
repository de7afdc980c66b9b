/* SPDX-License-Identifier: ISC */
/*
 * pattern: regular expressions as JSON Schema has them (ECMA-262, u flag), searched in linear time. Pure.
 *
 * Why not libc's: its letters come from the locale (in the C locale "." is a byte), it has no \d, and its memory and
 * time explode on small hostile patterns. Here: code points, and at most text x pattern steps. What an automaton
 * can't say (look-around, back-references) and what we carry no tables for (\p) can't be compiled.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

struct pattern;

/* s: UTF-8. NULL where it can't be compiled: out of the language above, not well-formed, or too big (1 KiB of
 * text, 4096 instructions). */
struct pattern *pattern_new(const char *s, size_t n);
void pattern_free(struct pattern *p);
/* Does it match anywhere in the text (UTF-8)? 1 or 0; -1: *steps, which go down, are spent. */
int pattern_search(const struct pattern *p, const char *text, size_t n, int64_t *steps);

#endif
