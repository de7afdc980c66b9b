/* SPDX-License-Identifier: ISC */
/*
 * The validator that stands in front of jsmn: one pass, no recursion, a bit a level for "object or array". Source: RFC 8259.
 */
#include <stdint.h>
#include <string.h>

#include "json.h"
#include "json_priv.h"
#include "str.h"

struct scan {
	const unsigned char *p, *end, *text;
	const char *why; /* set where a function returned -1; p is then at the bad byte */
	struct json_spans *long_ones;
};

#define ONES 0x0101010101010101ULL
#define HIGH 0x8080808080808080ULL

/* The high bit of each byte that needs a look: a quote, a backslash, a control byte or one of UTF-8. The first of the eight is lowest. Bytes above the
 * first hit may be marked wrongly (borrow), the first never is. */
static uint64_t
marks(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	uint64_t quote = x ^ (ONES * '"'), slash = x ^ (ONES * '\\');
	return (x | ((x - ONES * 0x20) & ~x) | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash)) & HIGH;
}

/* Goes over as many blocks as hold no such byte. */
static const unsigned char *
plain_blocks(const unsigned char *p, const unsigned char *end)
{
#ifdef __SSE2__
	typedef signed char block __attribute__((vector_size(16)));
	typedef char taken __attribute__((vector_size(16))); /* by the builtin */

	for (block x; end - p >= (ptrdiff_t)sizeof(x); p += sizeof(x)) {
		memcpy(&x, p, sizeof(x));
		/* as signed bytes, those of UTF-8 are below a blank */
		int found = __builtin_ia32_pmovmskb128((taken)((x < ' ') | (x == '"') | (x == '\\')));
		if (found)
			return p + __builtin_ctz((unsigned)found);
	}
#endif
	for (; end - p >= 8; p += 8) {
		uint64_t found = marks(p);
		if (found)
			return p + __builtin_ctzll(found) / 8;
	}
	return p;
}

size_t
json_plain(const char *s, size_t n)
{
	const unsigned char *end = (const unsigned char *)s + n, *p = plain_blocks((const unsigned char *)s, end);

	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return (size_t)(p - (const unsigned char *)s);
}

static int
fail(struct scan *s, const char *why)
{
	s->why = why;
	return -1;
}

static int
is_hex(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int
escape(struct scan *s)
{
	if (++s->p == s->end)
		return fail(s, "unfinished escape");
	if (*s->p != 'u') {
		if (!strchr("\"\\/bfnrt", *s->p) || *s->p == '\0')
			return fail(s, "unknown escape");
		s->p++;
		return 0;
	}
	s->p++;
	for (int i = 0; i < 4; i++, s->p++)
		if (s->p == s->end || !is_hex(*s->p))
			return fail(s, "\\u needs four hexadecimal digits");
	return 0;
}

/* from: its opening quote; p is behind the closing one. */
static void
note_long(struct scan *s, const unsigned char *from)
{
	struct json_spans *l = s->long_ones;

	if (l && s->p - from > JSON_LONG && l->n < JSON_SPANS)
		l->v[l->n++] = (struct json_span){(size_t)(from - s->text), (size_t)(s->p - 1 - s->text)};
}

/* p is behind the opening quote; goes behind the closing one. */
static int
string(struct scan *s)
{
	const unsigned char *from = s->p - 1;

	for (;;) {
		s->p += json_plain((const char *)s->p, (size_t)(s->end - s->p));
		if (s->p == s->end)
			return fail(s, "unfinished string");
		if (*s->p == '"') {
			s->p++;
			note_long(s, from);
			return 0;
		}
		if (*s->p == '\\') {
			if (escape(s))
				return -1;
		} else if (*s->p < 0x20) {
			return fail(s, "control byte in a string");
		} else {
			size_t n = utf8_len(s->p, (size_t)(s->end - s->p));
			if (!n)
				return fail(s, "not UTF-8");
			s->p += n;
		}
	}
}

static int
digits(struct scan *s)
{
	const unsigned char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p == from ? fail(s, "digit expected") : 0;
}

static int
number(struct scan *s)
{
	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (digits(s))
		return -1;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (digits(s))
			return -1;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		return digits(s);
	}
	return 0;
}

static int
literal(struct scan *s, const char *word)
{
	for (; *word; word++, s->p++)
		if (s->p == s->end || *s->p != (unsigned char)*word)
			return fail(s, "value expected");
	return 0;
}

static int
scalar(struct scan *s)
{
	switch (*s->p) {
	case '"':
		s->p++;
		return string(s);
	case 't':
		return literal(s, "true");
	case 'f':
		return literal(s, "false");
	case 'n':
		return literal(s, "null");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return number(s);
	default:
		return fail(s, "value expected");
	}
}

static int
blank(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
	return s->p == s->end;
}

/* A member's key and colon; p is at the value afterwards. */
static int
key(struct scan *s)
{
	if (blank(s) || *s->p != '"')
		return fail(s, "key expected");
	s->p++;
	if (string(s))
		return -1;
	if (blank(s) || *s->p != ':')
		return fail(s, "colon expected");
	s->p++;
	return 0;
}

/* Levels: bit 1 object, bit 0 array. depth counts the open ones. */
struct levels {
	uint64_t object;
	int depth;
};

static int
in_object(const struct levels *l)
{
	return (int)((l->object >> (l->depth - 1)) & 1);
}

/* At `{` or `[`. 1: it was empty, and is closed already; 0: a value follows; -1. */
static int
open_level(struct scan *s, struct levels *l)
{
	int object = *s->p == '{';

	if (l->depth == JSON_DEPTH)
		return fail(s, "nested too deeply");
	s->p++;
	if (blank(s))
		return fail(s, "unfinished");
	if (*s->p == (object ? '}' : ']')) {
		s->p++;
		return 1;
	}
	l->object &= ~(1ULL << l->depth);
	l->object |= (uint64_t)object << l->depth;
	l->depth++;
	return object ? key(s) : 0;
}

/* Behind a value: closes levels until a comma. 1: the text is complete; 0: a value follows; -1. */
static int
after_value(struct scan *s, struct levels *l)
{
	for (;;) {
		int done = blank(s);
		if (l->depth == 0)
			return done ? 1 : fail(s, "more than one value");
		if (done)
			return fail(s, "unfinished");
		if (*s->p == ',') {
			s->p++;
			return in_object(l) ? key(s) : 0;
		}
		if (*s->p != (in_object(l) ? '}' : ']'))
			return fail(s, "comma or end expected");
		s->p++;
		l->depth--;
	}
}

static int
text(struct scan *s)
{
	struct levels l = {0, 0};

	for (;;) {
		int r;
		if (blank(s))
			return fail(s, "value expected");
		if (*s->p == '{' || *s->p == '[') {
			r = open_level(s, &l);
			if (r == 0)
				continue;
		} else {
			r = scalar(s);
		}
		if (r < 0)
			return -1;
		r = after_value(s, &l);
		if (r)
			return r < 0 ? -1 : 0;
	}
}

int
json_scan(const char *p, size_t n, struct json_spans *long_ones, size_t *at, const char **why)
{
	const unsigned char *bytes = (const unsigned char *)p;
	struct scan s = {.p = bytes, .end = bytes + n, .text = bytes, .long_ones = long_ones};

	if (text(&s) == 0)
		return 1;
	if (at)
		*at = (size_t)(s.p - (const unsigned char *)p);
	if (why)
		*why = s.why;
	return 0;
}

int
json_valid(const char *p, size_t n, size_t *at, const char **why)
{
	return json_scan(p, n, NULL, at, why);
}
