/* SPDX-License-Identifier: ISC */
/*
 * str: text helpers without state: UTF-8, numbers with units, lists.
 *
 * Nothing here depends on the locale. UTF-8 follows RFC 3629: no overlong forms, no surrogates, at most U+10FFFF.
 */
#ifndef STR_H
#define STR_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Length of the valid UTF-8 sequence at p (1 to 4), or 0 where there is none. n: bytes left, at least 1. */
size_t utf8_len(const unsigned char *p, size_t n);
/* Offset of the first byte that isn't UTF-8, or n. */
size_t utf8_valid(const char *s, size_t n);
/* Appends s with each maximal invalid part replaced by U+FFFD; returns how many were replaced. */
size_t utf8_repair(struct buf *b, const char *s, size_t n);
/* Bytes at the end of s that begin a sequence which isn't complete yet: 0 to 3. */
size_t utf8_tail(const char *s, size_t n);
/* Appends code point cp; surrogates and numbers over U+10FFFF become U+FFFD. */
void utf8_add(struct buf *b, uint32_t cp);

/* Whole numbers, decimal digits only (a `-` in front where min is negative), within [min, max]. 0/-1. */
int str_int(const char *s, int64_t min, int64_t max, int64_t *out);
/* Times: digits with an optional fraction (seconds), or with ms s m h d w. Result in ms, rounded up. 0/-1. */
int str_time_ms(const char *s, int64_t *ms);
/* Sizes and counts: a number, with k M G (1000) or Ki Mi Gi (1024); "1.5k" is 1500, "1.5" is nothing whole: -1. 0/-1.
 * */
int str_size(const char *s, uint64_t *n);
/* Appends n as 1k-based text for people: 950, 128k, 1.0M. */
void str_human(struct buf *b, uint64_t n);

/* Calls fn for each item of a comma-separated list; stops at the first non-zero result and returns it. Blanks around an
 * item are not part of it. An empty item is passed as n = 0. */
int str_list(const char *s, int (*fn)(void *arg, const char *item, size_t n), void *arg);
int str_starts(const char *s, const char *prefix);
/* Equal for ASCII without regard to case. */
int str_ieq(const char *a, const char *b);
/* Appends text for a terminal: control bytes (C0 save tab and newline, DEL, C1) are dropped, bytes that aren't UTF-8
 * become U+FFFD. */
void str_clean(struct buf *b, const char *s, size_t n);
/* Appends a TSV field: \t \n \r \\ escaped. */
void str_tsv(struct buf *b, const char *s, size_t n);
/* How many words begin in s, which blanks, tabs and line ends stand between. *in_word: does the text before s end in one? And then, does s? */
int64_t str_words(const char *s, size_t n, int *in_word);
/* Edit distance (insert, delete, replace a byte), for near names; max + 1 where it is over max or a name is longer
 * than 128 bytes. */
size_t str_distance(const char *a, const char *b, size_t max);

/* Appends s percent-encoded (RFC 3986): the unreserved characters and those in `also` stand for themselves. */
void str_percent(struct buf *b, const char *s, const char *also);

#endif
