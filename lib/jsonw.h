/* SPDX-License-Identifier: ISC */
/*
 * jsonw: write JSON. Pure. Commas and quotes are placed here and strings escaped, so that no text is ever built with %s.
 *
 * Strings must be UTF-8 (invalid bytes become U+FFFD). Output is compact: no white space, one line. "\u007f" and above stay raw;
 * control bytes are escaped.
 */
#ifndef JSONW_H
#define JSONW_H

#include <stddef.h>
#include <stdint.h>

struct buf;

struct jsonw {
	struct buf *b; /* borrowed */
	int comma;     /* the next value or key needs a comma in front */
};

void jsonw_init(struct jsonw *w, struct buf *b);
void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end_object(struct jsonw *w);
void jsonw_end_array(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_keyn(struct jsonw *w, const char *key, size_t n);
void jsonw_str(struct jsonw *w, const char *s); /* NULL writes null */
void jsonw_strn(struct jsonw *w, const char *s, size_t n);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_bool(struct jsonw *w, int v);
void jsonw_null(struct jsonw *w);
void jsonw_raw(struct jsonw *w, const char *json, size_t n); /* one valid JSON value, taken as it is */
/* A key and a string; s NULL: null. */
void jsonw_member(struct jsonw *w, const char *key, const char *s);
void jsonw_member_bool(struct jsonw *w, const char *key, int v);
/* The same; nothing where s is NULL. */
void jsonw_member_if(struct jsonw *w, const char *key, const char *s);

/* Only the quoted, escaped string, without the comma logic. */
void jsonw_quote(struct buf *b, const char *s, size_t n);
/* Only the escaped inside of a string, for strings that arrive in pieces. */
void jsonw_escape(struct buf *b, const char *s, size_t n);

#endif
