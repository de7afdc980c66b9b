/* SPDX-License-Identifier: ISC */
#include "vec.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "vec_priv.h"

enum { /* places */
	NO_PLACE,
	EMBEDDING,  /* "embedding": numbers, base64, or an object */
	EMBEDDINGS, /* "embeddings": no base64 */
	VALUES,     /* "values", "float" below those */
	TEXTS       /* "base64" below them */
};

void
vec_scan_init(struct vec_scan *s, enum vec_type type, vec_fn fn, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->type = type;
	s->fn = fn;
	s->arg = arg;
	s->level[0].is_array = 1;
}

void
vec_scan_clear(struct vec_scan *s)
{
	s->state = OUTSIDE;
	s->depth = 0;
	s->level[0] = (struct vec_level){.is_array = 1};
	s->n = s->n_key = s->n_number = s->n_escape = 0;
	s->n_vectors = 0;
	buf_clear(&s->rest);
}

void
vec_scan_release(struct vec_scan *s)
{
	buf_release(&s->rest);
	free(s->v);
	s->v = NULL;
	s->n = s->cap = 0;
}

static struct vec_level *
here(struct vec_scan *s)
{
	return s->level + s->depth;
}

int
vec_wrong(struct err *e, const char *what)
{
	return err_set(e, ERR_PROTOCOL, "garbled answer: %s", what);
}

int
vec_too_long(struct err *e)
{
	return err_set(e, ERR_PROTOCOL, "a vector of more than %d dimensions", VEC_MAX_DIMS);
}

/* ── the vector in hand ── */

/* Makes room for so many numbers in all. */
int
vec_reserve(struct vec_scan *s, size_t n, struct err *e)
{
	if (n > VEC_MAX_DIMS)
		return vec_too_long(e);
	while (s->cap < n + 1) /* and what base64_feed() may write beyond */
		s->v = mem_grow(s->v, s->cap, &s->cap, sizeof(*s->v));
	return 0;
}

static int
add(struct vec_scan *s, float v, struct err *e)
{
	if ((s->n + 1 >= s->cap || s->n == VEC_MAX_DIMS) && vec_reserve(s, s->n + 1, e))
		return -1;
	s->v[s->n++] = v;
	return 0;
}

static int
give(struct vec_scan *s, int64_t index)
{
	int64_t i = index >= 0 ? index : s->n_vectors;

	s->n_vectors++;
	return s->fn(s->arg, i, s->v, s->n);
}

/* It is whole. In an array its number is its place; in an object `index` may be still to come. */
int
vec_complete(struct vec_scan *s, struct err *e)
{
	struct vec_level *l = here(s);

	s->state = OUTSIDE;
	buf_adds(&s->rest, "null");
	if (s->n == 0)
		return vec_wrong(e, "a vector without numbers");
	if (l->is_array)
		return give(s, -1);
	l->pending = 1;
	return 0;
}

static int
begin(struct vec_scan *s, int state, struct err *e)
{
	for (int i = 0; i <= s->depth; i++)
		if (s->level[i].pending)
			return vec_wrong(e, "two vectors in one object");
	s->state = state;
	s->n = s->n_bytes = s->n_number = s->n_escape = 0;
	s->n_pad = 0;
	s->base64 = (struct base64){0, 0};
	return 0;
}

/* ── numbers ── */

static int
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static int
number_over(struct vec_scan *s, struct err *e)
{
	float v;

	if (vecnum_parse(s->number, s->n_number, &v))
		return vec_wrong(e, "what should be a number of a vector isn't, or is too big");
	s->state = BEHIND;
	s->n_number = 0;
	return add(s, v, e);
}

/* A number byte by byte: one at the end of what has arrived, a long one, a hard one. */
static const char *
slow_number(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	for (; p < end; p++) {
		if (*p == ',' || *p == ']' || is_blank(*p))
			return number_over(s, e) ? NULL : p;
		if (s->n_number == VECNUM_MAX) {
			vec_wrong(e, "a number that has no end");
			return NULL;
		}
		s->number[s->n_number++] = *p;
	}
	return p;
}

/* "1, 2, 3" as far as numbers end well within p. */
static const char *
fast_numbers(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	while (end - p > VECNUM_LOOKAHEAD) {
		float v;
		const char *q = vecnum_scan(p, &v);
		if (!q)
			break;
		if (add(s, v, e))
			return NULL;
		if (*q != ',') {
			s->state = BEHIND;
			return q;
		}
		p = skip_blanks(q + 1, end);
	}
	return p;
}

static const char *
scan_numbers(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	while (p && p < end) {
		if (s->state == NUMBER) {
			p = slow_number(s, p, end, e);
			continue;
		}
		p = skip_blanks(p, end);
		if (p == end)
			break;
		if (s->state == NUMBERS) {
			p = fast_numbers(s, p, end, e);
			if (s->state == NUMBERS && p && p < end)
				s->state = NUMBER;
		} else if (*p == ',') {
			p++;
			s->state = NUMBERS;
		} else if (*p == ']') {
			return vec_complete(s, e) ? NULL : p + 1;
		} else {
			vec_wrong(e, "two numbers without a comma");
			return NULL;
		}
	}
	return p;
}

/* ── everything else ── */

static int
keep(struct vec_scan *s, const char *p, size_t n, struct err *e)
{
	if (s->rest.len + n > VEC_MAX_REST)
		return err_set(
		    e, ERR_PROTOCOL, "an answer with more than %d MiB beside its vectors", VEC_MAX_REST / 1024 / 1024);
	buf_add(&s->rest, p, n);
	return 0;
}

/* What the key in hand says of its value. */
static int
place_of_key(const struct vec_scan *s, int inside)
{
	static const struct {
		const char *key;
		int place, inside;
	} places[] = {{"embedding", EMBEDDING, 0}, {"embeddings", EMBEDDINGS, 0}, {"values", VALUES, 1},
	    {"float", VALUES, 1}, {"base64", TEXTS, 1}};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (s->n_key == strlen(places[i].key) && memcmp(s->key, places[i].key, s->n_key) == 0)
			return inside || !places[i].inside ? places[i].place : NO_PLACE;
	return NO_PLACE;
}

static int
push(struct vec_scan *s, int is_array, struct err *e)
{
	const struct vec_level *up = here(s);
	struct vec_level l = {.is_array = (char)is_array, .want_key = !is_array, .index = -1};

	if (s->depth + 1 == VEC_MAX_DEPTH)
		return err_set(e, ERR_PROTOCOL, "an answer of more than %d levels", VEC_MAX_DEPTH);
	if (is_array)
		l.place = up->place;
	else
		l.inside = up->place == EMBEDDING || up->place == EMBEDDINGS;
	s->level[++s->depth] = l;
	return 0;
}

static int
pop(struct vec_scan *s)
{
	struct vec_level l = *here(s);

	if (s->depth > 0)
		s->depth--;
	return l.pending ? give(s, l.index) : 0;
}

static void
index_digit(struct vec_scan *s, char c)
{
	struct vec_level *l = here(s);

	if (c >= '0' && c <= '9' && l->index < INT32_MAX)
		l->index = (l->index < 0 ? 0 : l->index * 10) + (c - '0');
	else if (!is_blank(c))
		l->index = -1; /* no index that we know */
}

/* A byte that stands in no string. 0: it belongs to the rest. 1: it doesn't. */
static int
structure(struct vec_scan *s, char c, struct err *e)
{
	struct vec_level *l = here(s);

	switch (c) {
	case '"':
		if (!l->is_array && l->want_key) {
			s->state = KEY;
			s->n_key = 0;
		} else if (l->place == EMBEDDING || l->place == TEXTS) {
			return begin(s, BASE64, e) ? -1 : 1;
		} else {
			s->state = STRING;
		}
		return 0;
	case '[':
		if (l->place == NO_PLACE || l->place == TEXTS)
			return push(s, 1, e);
		s->state = OPENED;
		return 1;
	case '{':
		return push(s, 0, e);
	case '}':
	case ']':
		s->in_index = 0;
		return pop(s) ? -1 : 0;
	case ',':
		s->in_index = 0;
		l->want_key = !l->is_array;
		return 0;
	case ':':
		l->want_key = 0;
		l->place = (char)place_of_key(s, l->inside);
		s->in_index = s->n_key == 5 && memcmp(s->key, "index", 5) == 0;
		return 0;
	default:
		if (s->in_index)
			index_digit(s, c);
		return 0;
	}
}

static void
in_key(struct vec_scan *s, char c)
{
	if (c == '"')
		s->state = OUTSIDE;
	else if (c == '\\')
		s->state = KEY_ESCAPE;
	if (c != '"' && s->n_key < sizeof(s->key))
		s->key[s->n_key++] = c;
}

/* Bytes that belong to the rest, as far as they go. */
static const char *
scan_rest(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	const char *from = p;
	int r = 0;

	for (; p < end && r == 0 && s->state <= KEY_ESCAPE; p++) {
		switch (s->state) {
		case KEY:
			in_key(s, *p);
			break;
		case STRING:
			s->state = *p == '"' ? OUTSIDE : *p == '\\' ? ESCAPE : STRING;
			break;
		case ESCAPE:
			s->state = STRING;
			break;
		case KEY_ESCAPE:
			s->state = KEY;
			break;
		default:
			r = structure(s, *p, e);
		}
	}
	if (r < 0 || keep(s, from, (size_t)(p - from) - (r == 1), e))
		return NULL;
	return p;
}

/* Behind the '[' of what may be a vector. */
static const char *
scan_opened(struct vec_scan *s, const char *p, const char *end, struct err *e)
{
	p = skip_blanks(p, end);
	if (p == end)
		return p;
	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return begin(s, NUMBERS, e) ? NULL : p;
	s->state = OUTSIDE;
	return push(s, 1, e) || keep(s, "[", 1, e) ? NULL : p;
}

int
vec_scan_feed(struct vec_scan *s, const char *p, size_t n, struct err *e)
{
	const char *end = p + n;

	while (p && p < end) {
		if (s->state <= KEY_ESCAPE)
			p = scan_rest(s, p, end, e);
		else if (s->state == OPENED)
			p = scan_opened(s, p, end, e);
		else if (s->state >= BASE64)
			p = vec_text_scan(s, p, end, e);
		else
			p = scan_numbers(s, p, end, e);
	}
	return p ? 0 : -1;
}

int
vec_scan_end(const struct vec_scan *s)
{
	return s->state == OUTSIDE && s->depth == 0 ? 0 : -1;
}
