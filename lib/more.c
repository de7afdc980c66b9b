/* SPDX-License-Identifier: ISC */
#include "more.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"

#define MAX_ADDED (16 * 1024) /* bytes that are looked at again with each chunk that brings more */

static void
comma(struct buf *to)
{
	if (to->len)
		buf_addc(to, ',');
}

/* Line ends and what indents the next line are white space between tokens. */
static void
add_line(struct buf *to, const char *s, size_t n)
{
	int skip = 0;

	if (!memchr(s, '\n', n) && !memchr(s, '\r', n)) {
		buf_add(to, s, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		skip = s[i] == '\n' || s[i] == '\r' || (skip && (s[i] == ' ' || s[i] == '\t'));
		if (!skip)
			buf_addc(to, s[i]);
	}
}

void
more_take(const struct json *j, int key, struct buf *to)
{
	size_t n;
	const char *from = json_raw(j, key, &n), *value = json_raw(j, json_value(j, key), &n);

	comma(to);
	add_line(to, from, (size_t)(value + n - from));
}

static int
parse(struct json *j, struct buf *object, const char *s, size_t n)
{
	struct err ignored;

	buf_addc(object, '{');
	buf_add(object, s, n);
	buf_addc(object, '}');
	return json_parse(j, object->p, object->len, &ignored);
}

/* What the old text has and the new one hasn't. */
static void
keep_others(const struct json *old, const struct json *new, struct buf *to)
{
	struct buf scratch = BUF_INIT;

	for (int k = json_child(old, 0); k >= 0; k = json_next(old, 0, json_value(old, k))) {
		size_t n;
		const char *name = json_view(old, k, &scratch, &n);
		if (json_getn(new, 0, name, n) < 0)
			more_take(old, k, to);
	}
	buf_release(&scratch);
}

void
more_add(struct buf *to, const char *s, size_t n)
{
	struct json old = JSON_INIT, new = JSON_INIT;
	struct buf was = BUF_INIT, is = BUF_INIT;

	if (!n)
		return;
	int both = to->len && to->len + n <= MAX_ADDED && parse(&old, &was, to->p, to->len) == 0 &&
	    parse(&new, &is, s, n) == 0;
	buf_clear(to);
	if (both)
		keep_others(&old, &new, to);
	comma(to);
	buf_add(to, s, n);
	json_release(&old);
	json_release(&new);
	buf_release(&was);
	buf_release(&is);
}

void
more_write(struct jsonw *w, const char *s, size_t n)
{
	if (!n)
		return;
	if (w->comma)
		buf_addc(w->b, ',');
	buf_add(w->b, s, n);
	w->comma = 1;
}

int
more_has(const char *s, size_t n, const char *name)
{
	struct json j = JSON_INIT;
	struct buf object = BUF_INIT;
	int has = n && parse(&j, &object, s, n) == 0 && json_get(&j, 0, name) >= 0;

	json_release(&j);
	buf_release(&object);
	return has;
}
