/* SPDX-License-Identifier: ISC */
#include "ere.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "letter.h"
#include "mem.h"
#include "pattern.h"
#include "str.h"

struct ere {
	struct pattern *p; /* owned */
	int fold;          /* pattern and text are compared in lower case */
};

/* The expression as it is read, and what pattern.h is to compile in its stead. */
struct rewrite {
	const char *at, *end;
	struct buf out;
	int fold;
	int bad;
};

/* What stands for them between brackets. The world's letters are told by the blocks they lie in. */
#define LETTERS "\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u1fff\\u3041-\\ud7ff\\uf900-\\ufaff"
#define SMALL "a-z\\u00df-\\u00f6\\u00f8-\\u00ff\\u03ac-\\u03ce\\u0430-\\u045f"
#define LARGE "A-Z\\u00c0-\\u00d6\\u00d8-\\u00de\\u0386-\\u03ab\\u0400-\\u042f"

static const struct class
{
	const char *name, *members;
} classes[] = {{"alpha", "A-Za-z" LETTERS}, {"digit", "0-9"}, {"alnum", "0-9A-Za-z" LETTERS}, {"upper", LARGE},
    {"lower", SMALL}, {"space", "\\t-\\r "}, {"blank", " \\t"}, {"punct", "!-\\/:-@\\[-`{-~"},
    {"print", " -~\\u00a0-\\u{10ffff}"}, {"graph", "!-~\\u00a1-\\u{10ffff}"}, {"cntrl", "\\x00-\\x1f\\x7f-\\x9f"},
    {"xdigit", "0-9A-Fa-f"}};

static int
starts(const struct rewrite *r, const char *s)
{
	size_t n = strlen(s);

	return (size_t)(r->end - r->at) >= n && memcmp(r->at, s, n) == 0;
}

/* The next character, taken. */
static uint32_t
take(struct rewrite *r)
{
	size_t len;

	if (r->at == r->end) {
		r->bad = 1;
		return 0;
	}
	uint32_t c = letter_at(r->at, (size_t)(r->end - r->at), &len);
	r->at += len;
	return r->fold ? letter_lower(c) : c;
}

/* A character that stands for itself between brackets. */
static void
put_member(struct rewrite *r, uint32_t c)
{
	if (c < 0x80 && strchr("\\]^[-", (int)c) && c)
		buf_addc(&r->out, '\\');
	utf8_add(&r->out, c);
}

/* [:name:], behind its "[:". */
static void
put_class(struct rewrite *r)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		size_t n = strlen(classes[i].name);
		if (!starts(r, classes[i].name) || (size_t)(r->end - r->at) < n + 2 || memcmp(r->at + n, ":]", 2) != 0)
			continue;
		r->at += n + 2;
		int large = strcmp(classes[i].name, "upper") == 0; /* of which folded text has none */
		buf_adds(&r->out, r->fold && large ? SMALL : classes[i].members);
		return;
	}
	r->bad = 1;
}

/* [=c=] or [.c.]: one character. */
static uint32_t
collating(struct rewrite *r)
{
	char sign = r->at[1];

	r->at += 2;
	uint32_t c = take(r);
	r->bad |= r->end - r->at < 2 || r->at[0] != sign || r->at[1] != ']';
	r->at += r->bad ? 0 : 2;
	return c;
}

/* Behind a backslash. 1: it and the letter mean something, and were written; 0: *c stands for itself. */
static int
put_escape(struct rewrite *r, const char *letters, uint32_t *c)
{
	char next = r->at < r->end ? *r->at : '\0';

	if (next && strchr(letters, next)) {
		buf_addc(&r->out, '\\');
		buf_addc(&r->out, *r->at++);
		return 1;
	}
	*c = take(r);
	r->bad |= (next >= '0' && next <= '9') || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z');
	return 0;
}

/* A member of [...] that may be the end of a range. 1: it is one, *c; 0: a class, and written. */
static int
member(struct rewrite *r, uint32_t *c)
{
	if (starts(r, "[:")) {
		r->at += 2;
		put_class(r);
		return 0;
	}
	if (starts(r, "[=") || starts(r, "[.")) {
		*c = collating(r);
		return 1;
	}
	if (starts(r, "\\")) {
		r->at++;
		return !put_escape(r, "dDwWsSntr", c);
	}
	*c = take(r);
	return 1;
}

/* Behind the "[". A "]" that comes first is a member. */
static void
brackets(struct rewrite *r)
{
	uint32_t lo, hi;

	buf_addc(&r->out, '[');
	if (starts(r, "^")) {
		r->at++;
		buf_addc(&r->out, '^');
	}
	do {
		if (!member(r, &lo))
			continue;
		put_member(r, lo);
		if (r->end - r->at < 2 || *r->at != '-' || r->at[1] == ']')
			continue;
		r->at++;
		r->bad |= !member(r, &hi);
		buf_addc(&r->out, '-');
		put_member(r, r->bad ? lo : hi);
	} while (!r->bad && !starts(r, "]") && r->at < r->end);
	r->bad |= take(r) != ']';
	buf_addc(&r->out, ']');
}

static void
element(struct rewrite *r)
{
	uint32_t c = take(r);

	if (c == '[') {
		brackets(r);
	} else if (c == '.') {
		buf_adds(&r->out, "[^]");
	} else if (c != '\\') {
		utf8_add(&r->out, c);
	} else if (starts(r, "<") || starts(r, ">")) {
		r->at++;
		buf_adds(&r->out, "\\b");
	} else if (!put_escape(r, "dDwWsSbBntr", &c)) {
		buf_addc(&r->out, '\\');
		utf8_add(&r->out, c);
	}
}

struct ere *
ere_new(const char *s, size_t n)
{
	struct rewrite r = {.at = s, .end = s + n};
	struct ere *e = NULL;

	r.fold = starts(&r, "(?i)");
	r.at += r.fold ? 4 : 0;
	while (!r.bad && r.at < r.end)
		element(&r);
	struct pattern *p = r.bad ? NULL : pattern_new(buf_str(&r.out), r.out.len);
	if (p) {
		e = xcalloc(1, sizeof(*e));
		*e = (struct ere){p, r.fold};
	}
	buf_release(&r.out);
	return e;
}

void
ere_free(struct ere *e)
{
	if (!e)
		return;
	pattern_free(e->p);
	free(e);
}

int
ere_search(const struct ere *e, const char *text, size_t n, int64_t *steps)
{
	struct buf folded = BUF_INIT;
	int found;

	if (!e->fold)
		return pattern_search(e->p, text, n, steps);
	letter_fold(&folded, text, n);
	found = pattern_search(e->p, buf_str(&folded), folded.len, steps);
	buf_release(&folded);
	return found;
}
