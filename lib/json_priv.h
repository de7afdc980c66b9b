/* SPDX-License-Identifier: ISC */
/* json_priv: what the files of json share. For these only. */
#ifndef JSON_PRIV_H
#define JSON_PRIV_H

#include <stddef.h>

#define JSON_LONG 32  /* bytes of a string that is kept from jsmn, which would look at each of them again */
#define JSON_SPANS 16 /* of those, how many the validator notes */

/* A string in a valid text: the offsets of its quotes. */
struct json_span {
	size_t start, end;
};

struct json_spans {
	struct json_span v[JSON_SPANS]; /* the first long strings, in their order */
	size_t n;
};

/* As json_valid; long_ones: NULL: nobody asks for them. */
int json_scan(const char *s, size_t n, struct json_spans *long_ones, size_t *at, const char **why);

#endif
