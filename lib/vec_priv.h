/* SPDX-License-Identifier: ISC */
/* vec_priv: what vec's files share. */
#ifndef VEC_PRIV_H
#define VEC_PRIV_H

#include <stddef.h>

struct err;
struct vec_scan;

/* Where the scanner is. First come the states whose bytes belong to the rest; base64's are the last. */
enum {
	OUTSIDE, /* between tokens, or in one that is no string */
	KEY,
	STRING,
	ESCAPE, /* behind a backslash in a string */
	KEY_ESCAPE,
	OPENED,  /* an array that may be a vector, before its first value */
	NUMBERS, /* before a number */
	NUMBER,  /* in one that was split */
	BEHIND,  /* behind a number */
	BASE64,
	BASE64_ESCAPE
};

/* Both return -1. */
int vec_wrong(struct err *e, const char *what);
int vec_too_long(struct err *e);
/* Makes room for so many numbers in all. */
int vec_reserve(struct vec_scan *s, size_t n, struct err *e);
/* The vector in hand is whole. */
int vec_complete(struct vec_scan *s, struct err *e);
/* The inside of a base64 string, and its end. NULL: failure. */
const char *vec_text_scan(struct vec_scan *s, const char *p, const char *end, struct err *e);

#endif
