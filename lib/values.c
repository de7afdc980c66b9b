/* SPDX-License-Identifier: ISC */
#include "values.h"

#include <string.h>

void
values_release(struct values *v)
{
	buf_release(&v->held);
}

/* Bytes up to and with the one that ends the object; 0: it doesn't end here. */
static size_t
scan(struct values *v, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = p[i];
		if (v->in_string) {
			if (v->escaped)
				v->escaped = 0;
			else if (c == '\\')
				v->escaped = 1;
			else if (c == '"')
				v->in_string = 0;
		} else if (c == '"') {
			v->in_string = 1;
		} else if (c == '{' || c == '[') {
			v->depth++;
		} else if ((c == '}' || c == ']') && --v->depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

static int
is_too_long(const struct values *v, size_t n)
{
	return v->held.len + n > (v->max ? v->max : VALUES_MAX);
}

static int
hold(struct values *v, const char *p, size_t n)
{
	if (is_too_long(v, n))
		return VALUES_TOO_LONG;
	buf_add(&v->held, p, n);
	return 0;
}

/* The text is in the caller's bytes, unless earlier bytes of it were held. */
static int
give(struct values *v, values_fn fn, const char *p, size_t n)
{
	int r = is_too_long(v, n) ? VALUES_TOO_LONG : v->held.len ? hold(v, p, n) : 0;

	if (!r && fn)
		r = v->held.len ? fn(v->arg, v->held.p, v->held.len) : fn(v->arg, p, n);
	buf_clear(&v->held);
	return r;
}

static int
is_between(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' || c == ']';
}

/* Bytes outside of objects. *used: how many were taken. */
static int
between(struct values *v, const char *p, size_t n, size_t *used)
{
	size_t i = 0;

	if (!v->held.len)
		while (i < n && is_between(p[i]))
			i++;
	*used = i;
	if (i == n || (!v->held.len && p[i] == '{'))
		return 0;
	const char *end = memchr(p + i, '\n', n - i);
	*used = end ? (size_t)(end - p) + 1 : n;
	if (!end)
		return hold(v, p + i, n - i);
	return give(v, v->on_stray, p + i, (size_t)(end - p) - i);
}

int
values_feed(struct values *v, const char *p, size_t n)
{
	int r = 0;

	while (n && !r) {
		size_t used = 0;
		if (!v->depth)
			r = between(v, p, n, &used);
		p += used;
		n -= used;
		if (r || !n || (!v->depth && (v->held.len || *p != '{')))
			continue;
		used = scan(v, p, n);
		r = used ? give(v, v->on_value, p, used) : hold(v, p, n);
		p += used ? used : n;
		n -= used ? used : n;
	}
	return r;
}

int
values_end(struct values *v)
{
	int torn = v->depth > 0;

	v->depth = v->in_string = v->escaped = 0;
	if (!v->held.len)
		return 0;
	return give(v, torn ? v->on_value : v->on_stray, "", 0);
}
