/* SPDX-License-Identifier: ISC */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "pattern_priv.h"

#define MAX_BYTES 1024
#define MAX_CODE 4096
#define MAX_NESTING 64
#define MAX_COUNT 4096
#define NO_MAX (-1)
#define LAST_CHAR 0x10ffff

struct parse {
	const char *at, *end;
	struct pattern *out;
	int nesting;
	int bad; /* it can't be compiled: every function returns as soon as it can */
};

/* Sorted. */
static const struct pattern_range digits[] = {{'0', '9'}};
static const struct pattern_range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct pattern_range space[] = {{9, 13}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a},
    {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}};

static void alternatives(struct parse *p);

static void
emit(struct parse *p, enum pattern_op op, int32_t x, int32_t y)
{
	struct pattern *o = p->out;

	if (o->n_code >= MAX_CODE)
		p->bad = 1;
	if (p->bad)
		return;
	o->code = mem_grow(o->code, o->n_code, &o->cap_code, sizeof(*o->code));
	o->code[o->n_code++] = (struct pattern_insn){op, x, y};
}

/* Puts an instruction in front of those from start on. Jumps are relative and stay right. */
static void
put_before(struct parse *p, size_t start, enum pattern_op op, int32_t x, int32_t y)
{
	struct pattern *o = p->out;

	emit(p, op, x, y);
	if (p->bad)
		return;
	struct pattern_insn last = o->code[o->n_code - 1];
	memmove(o->code + start + 1, o->code + start, (o->n_code - 1 - start) * sizeof(last));
	o->code[start] = last;
}

static void
add_range(struct parse *p, uint32_t lo, uint32_t hi)
{
	struct pattern *o = p->out;

	if (lo > hi)
		p->bad = 1;
	if (p->bad)
		return;
	o->range = mem_grow(o->range, o->n_range, &o->cap_range, sizeof(*o->range));
	o->range[o->n_range++] = (struct pattern_range){lo, hi};
}

static void
add_class(struct parse *p, const struct pattern_range *v, size_t n, int negated)
{
	uint32_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (!negated) {
			add_range(p, v[i].lo, v[i].hi);
		} else {
			add_range(p, from, v[i].lo - 1);
			from = v[i].hi + 1;
		}
	}
	if (negated)
		add_range(p, from, LAST_CHAR);
}

/* \d \D \w \W \s \S: 1 where c is one of these letters. */
static int
named_class(struct parse *p, char c)
{
	switch (c) {
	case 'd':
	case 'D':
		add_class(p, digits, sizeof(digits) / sizeof(*digits), c == 'D');
		return 1;
	case 'w':
	case 'W':
		add_class(p, word, sizeof(word) / sizeof(*word), c == 'W');
		return 1;
	case 's':
	case 'S':
		add_class(p, space, sizeof(space) / sizeof(*space), c == 'S');
		return 1;
	default:
		return 0;
	}
}

static int
peek(const struct parse *p, char c)
{
	return p->at < p->end && *p->at == c;
}

static int
take(struct parse *p, char c)
{
	if (!peek(p, c))
		return 0;
	p->at++;
	return 1;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint32_t
hex(struct parse *p, int n)
{
	uint32_t v = 0;

	for (; n > 0 && !p->bad; n--) {
		int x = p->at < p->end ? hex_digit(*p->at) : -1;
		p->bad = x < 0;
		v = v << 4 | ((uint32_t)x & 15);
		p->at++;
	}
	return v;
}

/* Behind \u: four digits, twice for a surrogate pair, or {digits}. */
static uint32_t
unicode(struct parse *p)
{
	uint32_t v = 0, low;

	if (take(p, '{')) {
		do {
			v = v << 4 | hex(p, 1);
			p->bad |= v > LAST_CHAR;
		} while (!p->bad && !take(p, '}'));
		return v;
	}
	v = hex(p, 4);
	if (v >= 0xd800 && v < 0xdc00 && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u') {
		p->at += 2;
		low = hex(p, 4);
		p->bad |= low < 0xdc00 || low > 0xdfff;
		v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
	}
	return v;
}

/* The character that the escape behind a backslash stands for. A letter or digit without a meaning can't be
 * compiled. */
static uint32_t
escape(struct parse *p)
{
	static const char names[] = "tnvfr", values[] = "\t\n\v\f\r";
	size_t len;

	if (p->at >= p->end) {
		p->bad = 1;
		return 0;
	}
	char c = *p->at;
	if (c & 0x80) {
		uint32_t v = pattern_char(p->at, (size_t)(p->end - p->at), &len);
		p->at += len;
		return v;
	}
	p->at++;
	const char *name = c ? strchr(names, c) : NULL;
	if (name)
		return (unsigned char)values[name - names];
	if (c == 'x')
		return hex(p, 2);
	if (c == 'u')
		return unicode(p);
	if (c == '0' && !(p->at < p->end && *p->at >= '0' && *p->at <= '9'))
		return 0;
	if (c == 'c' && p->at < p->end && ((*p->at | 0x20) >= 'a' && (*p->at | 0x20) <= 'z'))
		return *p->at++ & 31;
	p->bad |= (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	return (unsigned char)c;
}

static uint32_t
literal(struct parse *p)
{
	size_t len;
	uint32_t c = pattern_char(p->at, (size_t)(p->end - p->at), &len);

	p->at += len;
	return c;
}

/* One member of [...]. 1: it is a class, and was added; 0: it is the character *c. */
static int
set_member(struct parse *p, uint32_t *c)
{
	if (!take(p, '\\')) {
		*c = literal(p);
		return 0;
	}
	if (p->at < p->end && named_class(p, *p->at)) {
		p->at++;
		return 1;
	}
	*c = take(p, 'b') ? '\b' : take(p, '-') ? '-' : escape(p);
	return 0;
}

static void
set(struct parse *p)
{
	int negated = take(p, '^');
	size_t first = p->out->n_range;
	uint32_t lo, hi;

	while (!p->bad && !take(p, ']')) {
		if (p->at >= p->end) {
			p->bad = 1;
			return;
		}
		if (set_member(p, &lo))
			continue;
		hi = lo;
		if (peek(p, '-') && p->end - p->at >= 2 && p->at[1] != ']') {
			p->at++;
			p->bad |= set_member(p, &hi); /* a-\d has no meaning */
		}
		add_range(p, lo, hi);
	}
	emit(p, negated ? OP_NOTSET : OP_SET, (int32_t)first, (int32_t)(p->out->n_range - first));
}

static void
group(struct parse *p)
{
	if (take(p, '?') && !take(p, ':')) {
		/* (?<name>...) is a group; (?= (?! (?<= (?<! look around */
		p->bad |= !take(p, '<') || peek(p, '=') || peek(p, '!');
		while (!p->bad && !take(p, '>'))
			p->bad |= ++p->at >= p->end;
	}
	if (++p->nesting > MAX_NESTING)
		p->bad = 1;
	alternatives(p);
	p->nesting--;
	p->bad |= !take(p, ')');
}

static void
escaped_atom(struct parse *p)
{
	size_t first = p->out->n_range;

	if (take(p, 'b')) {
		emit(p, OP_WORD, 0, 0);
	} else if (take(p, 'B')) {
		emit(p, OP_NOTWORD, 0, 0);
	} else if (p->at < p->end && named_class(p, *p->at)) {
		p->at++;
		emit(p, OP_SET, (int32_t)first, (int32_t)(p->out->n_range - first));
	} else {
		uint32_t c = escape(p);
		emit(p, OP_CHAR, (int32_t)c, 0);
	}
}

static void
atom(struct parse *p)
{
	if (take(p, '('))
		group(p);
	else if (take(p, '['))
		set(p);
	else if (take(p, '\\'))
		escaped_atom(p);
	else if (take(p, '.'))
		emit(p, OP_ANY, 0, 0);
	else if (take(p, '^'))
		emit(p, OP_BEGIN, 0, 0);
	else if (take(p, '$'))
		emit(p, OP_END, 0, 0);
	else if (peek(p, '*') || peek(p, '+') || peek(p, '?'))
		p->bad = 1;
	else
		emit(p, OP_CHAR, (int32_t)literal(p), 0);
}

static int
count(const char **at, const char *end)
{
	int v = 0;

	if (*at >= end || **at < '0' || **at > '9')
		return -1;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
		v = v > MAX_COUNT ? v : v * 10 + (**at - '0');
	return v;
}

/* {m}, {m,} or {m,n}. Other braces are characters. */
static int
braces(struct parse *p, int *min, int *max)
{
	const char *at = p->at;

	if (!peek(p, '{'))
		return 0;
	at++;
	if ((*min = *max = count(&at, p->end)) < 0)
		return 0;
	if (at < p->end && *at == ',') {
		at++;
		*max = count(&at, p->end); /* NO_MAX where there is no number */
	}
	if (at >= p->end || *at != '}')
		return 0;
	p->at = at + 1;
	p->bad |= *min > MAX_COUNT || *max > MAX_COUNT || (*max != NO_MAX && *max < *min);
	return 1;
}

static int
quantifier(struct parse *p, int *min, int *max)
{
	*min = 0;
	*max = NO_MAX;
	if (take(p, '+'))
		*min = 1;
	else if (take(p, '?'))
		*max = 1;
	else if (!take(p, '*') && !braces(p, min, max))
		return 0;
	take(p, '?'); /* whether it is greedy changes no yes or no */
	return 1;
}

static void
copy(struct parse *p, const struct pattern_insn *v, int32_t n)
{
	for (int32_t i = 0; i < n && !p->bad; i++)
		emit(p, v[i].op, v[i].x, v[i].y);
}

/* Repeats the instructions from start on. */
static void
repeat(struct parse *p, size_t start, int min, int max)
{
	int32_t len = (int32_t)(p->out->n_code - start);
	struct pattern_insn *v;

	if (p->bad || len == 0)
		return;
	v = xreallocarray(NULL, (size_t)len, sizeof(*v));
	memcpy(v, p->out->code + start, (size_t)len * sizeof(*v));
	p->out->n_code = start;
	for (int i = 0; i < min && !p->bad; i++)
		copy(p, v, len);
	if (max == NO_MAX && min > 0) {
		emit(p, OP_SPLIT, -len, 1);
	} else if (max == NO_MAX) {
		emit(p, OP_SPLIT, 1, len + 2);
		copy(p, v, len);
		emit(p, OP_JUMP, -(len + 1), 0);
	}
	for (int i = min; i < max && !p->bad; i++) {
		emit(p, OP_SPLIT, 1, len + 1);
		copy(p, v, len);
	}
	free(v);
}

static void
sequence(struct parse *p)
{
	int min, max;

	while (!p->bad && p->at < p->end && *p->at != '|' && *p->at != ')') {
		size_t start = p->out->n_code;
		atom(p);
		if (!p->bad && quantifier(p, &min, &max))
			repeat(p, start, min, max);
	}
}

static void
alternatives(struct parse *p)
{
	size_t start = p->out->n_code;

	sequence(p);
	while (!p->bad && take(p, '|')) {
		/* split to what came so far or behind it; what came so far then jumps to the end */
		int32_t len = (int32_t)(p->out->n_code - start);
		put_before(p, start, OP_SPLIT, 1, len + 2);
		size_t jump = p->out->n_code;
		emit(p, OP_JUMP, 0, 0);
		sequence(p);
		if (!p->bad)
			p->out->code[jump].x = (int32_t)(p->out->n_code - jump);
	}
}

struct pattern *
pattern_new(const char *s, size_t n)
{
	struct parse p = {.at = s, .end = s + n};

	if (n > MAX_BYTES)
		return NULL;
	p.out = xcalloc(1, sizeof(*p.out));
	alternatives(&p);
	emit(&p, OP_MATCH, 0, 0);
	if (p.bad || p.at < p.end) {
		pattern_free(p.out);
		return NULL;
	}
	return p.out;
}

void
pattern_free(struct pattern *p)
{
	if (!p)
		return;
	free(p->code);
	free(p->range);
	free(p);
}
