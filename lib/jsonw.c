/* SPDX-License-Identifier: ISC */
#include "jsonw.h"

#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "str.h"

void
jsonw_init(struct jsonw *w, struct buf *b)
{
	w->b = b;
	w->comma = 0;
}

static void
value(struct jsonw *w)
{
	if (w->comma)
		buf_addc(w->b, ',');
	w->comma = 1;
}

static void
open_with(struct jsonw *w, char c)
{
	value(w);
	buf_addc(w->b, c);
	w->comma = 0;
}

static void
close_with(struct jsonw *w, char c)
{
	buf_addc(w->b, c);
	w->comma = 1;
}

void
jsonw_object(struct jsonw *w)
{
	open_with(w, '{');
}

void
jsonw_array(struct jsonw *w)
{
	open_with(w, '[');
}

void
jsonw_end_object(struct jsonw *w)
{
	close_with(w, '}');
}

void
jsonw_end_array(struct jsonw *w)
{
	close_with(w, ']');
}

/* A string between two bytes, or none where they are 0: what is written most is written in one go. */
static void
quote_between(struct buf *b, char before, const char *s, size_t n, char behind)
{
	char *to = buf_reserve(b, n + 4);

	if (before)
		*to++ = before;
	*to++ = '"';
	if (json_plain(s, n) == n) {
		to = n ? (char *)memcpy(to, s, n) + n : to;
	} else {
		b->len = (size_t)(to - b->p);
		jsonw_escape(b, s, n);
		to = buf_reserve(b, 2);
	}
	*to++ = '"';
	if (behind)
		*to++ = behind;
	*to = '\0';
	b->len = (size_t)(to - b->p);
}

void
jsonw_keyn(struct jsonw *w, const char *key, size_t n)
{
	quote_between(w->b, w->comma ? ',' : 0, key, n, ':');
	w->comma = 0;
}

void
jsonw_key(struct jsonw *w, const char *key)
{
	jsonw_keyn(w, key, strlen(key));
}

void
jsonw_strn(struct jsonw *w, const char *s, size_t n)
{
	quote_between(w->b, w->comma ? ',' : 0, s, n, 0);
	w->comma = 1;
}

void
jsonw_str(struct jsonw *w, const char *s)
{
	if (s)
		jsonw_strn(w, s, strlen(s));
	else
		jsonw_null(w);
}

void
jsonw_int(struct jsonw *w, int64_t v)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	value(w);
	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--p = '-';
	buf_add(w->b, p, (size_t)(digits + sizeof(digits) - p));
}

void
jsonw_bool(struct jsonw *w, int v)
{
	value(w);
	buf_adds(w->b, v ? "true" : "false");
}

void
jsonw_null(struct jsonw *w)
{
	value(w);
	buf_adds(w->b, "null");
}

void
jsonw_raw(struct jsonw *w, const char *json, size_t n)
{
	value(w);
	buf_add(w->b, json, n);
}

void
jsonw_quote(struct buf *b, const char *s, size_t n)
{
	quote_between(b, 0, s, n, 0);
}

static void
escape_byte(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *p = c ? strchr(from, c) : NULL;

	buf_addc(b, '\\');
	if (p)
		buf_addc(b, to[p - from]);
	else
		buf_addf(b, "u%04x", c);
}

void
jsonw_escape(struct buf *b, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n, *from = p;

	while ((p += json_plain((const char *)p, (size_t)(end - p))) < end) {
		size_t len = *p >= 0x80 ? utf8_len(p, (size_t)(end - p)) : 0;
		if (len == 0) {
			buf_add(b, from, (size_t)(p - from));
			if (*p < 0x80)
				escape_byte(b, *p);
			else
				buf_adds(b, "\xef\xbf\xbd");
			from = p + 1;
			len = 1;
		}
		p += len;
	}
	buf_add(b, from, (size_t)(p - from));
}

void
jsonw_member(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

void
jsonw_member_bool(struct jsonw *w, const char *key, int v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void
jsonw_member_if(struct jsonw *w, const char *key, const char *s)
{
	if (s)
		jsonw_member(w, key, s);
}
