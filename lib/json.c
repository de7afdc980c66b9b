/* SPDX-License-Identifier: ISC */
#include "json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "buf.h"
#include "err.h"
#include "json_priv.h"
#include "mem.h"
#include "str.h"

#define FIRST_TOKENS 64 /* at most: a short text has fewer */

/* After parsing, the parent link of a token holds the index behind its subtree. */
#define after parent

static jsmntok_t *
tokens(const struct json *j)
{
	return j->tok;
}

/* NULL for "none" and for nodes out of range. */
static const jsmntok_t *
token(const struct json *j, int node)
{
	return node >= 0 && node < j->n_tok ? tokens(j) + node : NULL;
}

static void
link_siblings(jsmntok_t *t, int n)
{
	int open[JSON_DEPTH + 1], depth = 0;

	for (int i = 0; i < n; i++) {
		while (depth && t[open[depth - 1]].end <= t[i].start)
			t[open[--depth]].after = i;
		if (t[i].type == JSMN_OBJECT || t[i].type == JSMN_ARRAY)
			open[depth++] = i;
		else
			t[i].after = i + 1;
	}
	while (depth)
		t[open[--depth]].after = n;
}

/* The first long string from `from` on, which is outside of strings; start is len where there is none. */
static struct json_span
next_long(const struct json *j, size_t from)
{
	const char *end = j->text + j->len, *p = j->text + from, *q;

	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		for (q = p + 1; (q = memchr(q, '"', (size_t)(end - q))); q++) {
			const char *slash = q;
			while (slash[-1] == '\\')
				slash--;
			if ((q - slash) % 2 == 0)
				break;
		}
		if (q - p > JSON_LONG)
			return (struct json_span){(size_t)(p - j->text), (size_t)(q - j->text)};
		p = q + 1;
	}
	return (struct json_span){j->len, j->len};
}

/* The i-th of all: the validator has noted the first of them. */
static struct json_span
long_one(const struct json *j, const struct json_spans *noted, size_t i, size_t from)
{
	if (i < noted->n)
		return noted->v[i];
	return noted->n < JSON_SPANS ? (struct json_span){j->len, j->len} : next_long(j, from);
}

static int
more_tokens(struct json *j, int most, struct err *e)
{
	if (j->cap_tok >= most)
		return err_set(e, ERR_DATA, "more than %d values", most);
	int first = j->len < 8 * FIRST_TOKENS ? (int)j->len / 8 + 4 : FIRST_TOKENS;
	int cap = j->cap_tok ? j->cap_tok * 2 : first;
	j->tok = xreallocarray(j->tok, (size_t)cap, sizeof(jsmntok_t));
	j->cap_tok = cap;
	return 0;
}

/* The token that jsmn would make of a string. Returns how many it had looked at when it was stopped: those behind the last open one. */
static size_t
add_string(struct json *j, jsmn_parser *p, struct json_span s)
{
	jsmntok_t *t = tokens(j);
	int open = p->toksuper;

	t[p->toknext] = (jsmntok_t){JSMN_STRING, (int)s.start + 1, (int)s.end, 0, open};
	if (open != -1)
		t[open].size++;
	if (open != -1 && t[open].type == JSMN_STRING) /* a key */
		open = t[open].parent;
	p->toknext++;
	p->pos = (unsigned)s.end + 1;
	return p->toknext - (size_t)(open + 1);
}

/* jsmn stops when the array is full and goes on where it stopped: the tokens so far and the parser are kept. It looks at each byte of a
 * string, which the validator has done: long ones are kept from it, as long as stopping it doesn't cost more than that. */
static int
tokenise(struct json *j, const struct json_spans *noted, int most, struct err *e)
{
	jsmn_parser p;
	const struct json_span none = {j->len, j->len};
	struct json_span s = long_one(j, noted, 0, 0);
	size_t cost = 0, n_long = 0;
	int n;

	jsmn_init(&p);
	for (;;) {
		n = j->cap_tok ? jsmn_parse(&p, j->text, s.start, j->tok, (unsigned)j->cap_tok) : JSMN_ERROR_NOMEM;
		int is_full = n == JSMN_ERROR_NOMEM || (s.start < j->len && (int)p.toknext == j->cap_tok);
		if (is_full && more_tokens(j, most, e))
			return -1;
		if (n == JSMN_ERROR_NOMEM)
			continue;
		if (s.start == j->len)
			break;
		cost += add_string(j, &p, s);
		s = cost < j->len ? long_one(j, noted, ++n_long, s.end + 1) : none;
	}
	if (n < 1)
		return err_set(e, ERR_INTERNAL, "JSON tokenizer: %d on a valid text", n);
	j->n_tok = (int)p.toknext;
	return 0;
}

int
json_parse(struct json *j, const char *text, size_t len, struct err *e)
{
	return json_parse_most(j, text, len, JSON_MAX_TOKENS, e);
}

int
json_parse_most(struct json *j, const char *text, size_t len, int most, struct err *e)
{
	struct json_spans noted;
	const char *why;
	size_t at;

	j->text = text;
	j->len = len;
	j->n_tok = 0;
	noted.n = 0;
	if (len > INT_MAX)
		return err_set(e, ERR_DATA, "JSON text of %zu bytes is too big", len);
	if (!json_scan(text, len, &noted, &at, &why))
		return err_set(e, ERR_DATA, "offset %zu: %s", at, why);
	if (tokenise(j, &noted, most, e))
		return -1;
	link_siblings(j->tok, j->n_tok);
	j->has_escapes = memchr(text, '\\', len) != NULL;
	return 0;
}

void
json_moved(struct json *j, const char *text)
{
	j->text = text;
}

void
json_release(struct json *j)
{
	free(j->tok);
	*j = (struct json)JSON_INIT;
}

enum json_type
json_type(const struct json *j, int node)
{
	const jsmntok_t *t = token(j, node);

	if (!t)
		return JSON_NONE;
	switch (t->type) {
	case JSMN_OBJECT:
		return JSON_OBJECT;
	case JSMN_ARRAY:
		return JSON_ARRAY;
	case JSMN_STRING:
		return JSON_STRING;
	default:
		break;
	}
	switch (j->text[t->start]) {
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

static int
hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)p[i];
		v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* One escape at p (a backslash) to UTF-8; returns the bytes read. Half a surrogate pair becomes U+FFFD. */
static size_t
unescape(const char *p, size_t n, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *simple = strchr(from, p[1]);

	if (p[1] != 'u') {
		buf_addc(out, simple ? to[simple - from] : p[1]);
		return 2;
	}
	uint32_t cp = (uint32_t)hex4(p + 2);
	if (cp >= 0xd800 && cp < 0xdc00 && n >= 12 && p[6] == '\\' && p[7] == 'u') {
		uint32_t low = (uint32_t)hex4(p + 8);
		if (low >= 0xdc00 && low < 0xe000) {
			utf8_add(out, 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00));
			return 12;
		}
	}
	utf8_add(out, cp); /* a surrogate by itself comes out as U+FFFD */
	return 6;
}

static void
decode(const char *p, size_t n, struct buf *out)
{
	buf_reserve(out, n);
	while (n) {
		const char *slash = memchr(p, '\\', n);
		size_t plain = slash ? (size_t)(slash - p) : n;
		buf_add(out, p, plain);
		p += plain;
		n -= plain;
		if (n) {
			size_t used = unescape(p, n, out);
			p += used;
			n -= used;
		}
	}
}

int
json_str(const struct json *j, int node, struct buf *out)
{
	const jsmntok_t *t = token(j, node);

	if (!t || t->type != JSMN_STRING)
		return -1;
	decode(j->text + t->start, (size_t)(t->end - t->start), out);
	return 0;
}

char *
json_dup(const struct json *j, int node, size_t *n)
{
	const jsmntok_t *t = token(j, node);
	struct buf b = BUF_INIT;

	if (!t || t->type != JSMN_STRING)
		return NULL;
	size_t len = (size_t)(t->end - t->start);
	if (!j->has_escapes) {
		if (n)
			*n = len;
		return xstrndup(j->text + t->start, len);
	}
	decode(j->text + t->start, len, &b);
	if (n)
		*n = b.len;
	return buf_take(&b);
}

const char *
json_view(const struct json *j, int node, struct buf *scratch, size_t *n)
{
	const jsmntok_t *t = token(j, node);

	*n = 0;
	if (!t || t->type != JSMN_STRING)
		return NULL;
	const char *raw = j->text + t->start;
	*n = (size_t)(t->end - t->start);
	if (!memchr(raw, '\\', *n))
		return raw;
	buf_clear(scratch);
	decode(raw, *n, scratch);
	*n = scratch->len;
	return buf_str(scratch);
}

/* len bytes in a text with escapes stand for the n bytes of s: as they are, or with some. */
static int
stands_for(const char *raw, size_t len, const char *s, size_t n)
{
	if (len == n && memcmp(raw, s, n) == 0)
		return !memchr(s, '\\', n);
	if (len <= n || !memchr(raw, '\\', len))
		return 0;
	struct buf b = BUF_INIT;
	decode(raw, len, &b);
	int same = b.len == n && memcmp(buf_str(&b), s, n) == 0;
	buf_release(&b);
	return same;
}

/* Most names differ in their length, or where they begin. */
static inline int
token_is(const struct json *j, const jsmntok_t *t, const char *s, size_t n)
{
	const char *raw = j->text + t->start;
	size_t len = (size_t)(t->end - t->start);

	if (!j->has_escapes)
		return len == n && (!n || (*raw == *s && memcmp(raw, s, n) == 0));
	return stands_for(raw, len, s, n);
}

int
json_eq(const struct json *j, int node, const char *s)
{
	const jsmntok_t *t = token(j, node);

	return t && t->type == JSMN_STRING && token_is(j, t, s, strlen(s));
}

static inline int
find(const struct json *j, int node, const char *k, size_t n)
{
	const jsmntok_t *t = token(j, node);

	if (!t || t->type != JSMN_OBJECT)
		return -1;
	for (int key = node + 1; key < t->after; key = tokens(j)[key + 1].after)
		if (token_is(j, tokens(j) + key, k, n))
			return key + 1;
	return -1;
}

int
json_getn(const struct json *j, int node, const char *k, size_t n)
{
	return find(j, node, k, n);
}

int
json_get(const struct json *j, int node, const char *key)
{
	return node < 0 ? -1 : find(j, node, key, strlen(key));
}

static int
element(const struct json *j, int node, size_t i)
{
	int c = json_child(j, node);

	while (c >= 0 && i--)
		c = json_next(j, node, c);
	return c;
}

int
json_path(const struct json *j, int node, const char *path)
{
	while (node >= 0 && *path) {
		size_t n = strcspn(path, ".");
		if (json_type(j, node) == JSON_ARRAY) {
			size_t i = 0;
			for (size_t k = 0; k < n; k++) {
				if (path[k] < '0' || path[k] > '9' || i > INT_MAX / 10)
					return -1;
				i = i * 10 + (size_t)(path[k] - '0');
			}
			node = element(j, node, i);
		} else {
			node = json_getn(j, node, path, n);
		}
		path += n + (path[n] == '.');
	}
	return node;
}

int
json_child(const struct json *j, int node)
{
	const jsmntok_t *t = token(j, node);

	return t && t->after > node + 1 ? node + 1 : -1;
}

int
json_next(const struct json *j, int parent, int node)
{
	const jsmntok_t *t = token(j, node), *up = token(j, parent);

	return t && up && t->after < up->after ? t->after : -1;
}

int
json_next_key(const struct json *j, int object, int before, const char **s, size_t *n)
{
	const jsmntok_t *all = tokens(j);
	int key = before < 0 ? object + 1 : all[before + 1].after;

	if (all[object].type != JSMN_OBJECT || key >= all[object].after)
		return -1;
	*s = j->text + all[key].start;
	*n = (size_t)(all[key].end - all[key].start);
	return key;
}

int
json_value(const struct json *j, int key)
{
	return token(j, key) ? key + 1 : -1;
}

int
json_count(const struct json *j, int node)
{
	const jsmntok_t *t = token(j, node);

	return t && (t->type == JSMN_OBJECT || t->type == JSMN_ARRAY) ? t->size : 0;
}

const char *
json_raw(const struct json *j, int node, size_t *n)
{
	const jsmntok_t *t = token(j, node);

	*n = 0;
	if (!t)
		return NULL;
	int quote = t->type == JSMN_STRING;
	*n = (size_t)(t->end - t->start + 2 * quote);
	return j->text + t->start - quote;
}

int
json_bool(const struct json *j, int node)
{
	enum json_type t = json_type(j, node);

	return t == JSON_TRUE ? 1 : t == JSON_FALSE ? 0 : -1;
}
