/* SPDX-License-Identifier: ISC */
/* Is a JSON text a schema that schema.c can work with? */
#include "schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "decimal.h"
#include "json.h"
#include "jsonptr.h"
#include "mem.h"
#include "same.h"
#include "schema_priv.h"

#define MAX_POINTER 200 /* bytes of a pointer in a message */
#define MAX_CHAIN 500   /* schemas that apply to one value, one through the other */

struct check {
	const struct json *s;
	struct err *e;
	unsigned char *seen; /* for each node: enum seen */
	int *todo;           /* schemas still to be checked */
	size_t n_todo, cap_todo;
	int64_t steps;
};

enum seen { NEW, CHECKED, OPEN, CLOSED };

struct keyword {
	const char *name;
	int (*check)(struct check *c, int v);
	int in_place; /* its schemas apply to the same value */
};

int
schema_fail(struct err *e, enum err_kind kind, const struct json *j, int node, const char *fmt, va_list ap)
{
	struct buf at = BUF_INIT, text = BUF_INIT;
	size_t n;

	jsonptr_add(&at, j, node);
	for (n = at.len; n > MAX_POINTER && (n > MAX_POINTER + 3 || (at.p[n] & 0xc0) == 0x80);)
		n--;
	buf_addv(&text, fmt, ap);
	err_set(e, kind, "%.*s%s: %s", (int)n, buf_str(&at), n < at.len ? "..." : "", buf_str(&text));
	buf_release(&at);
	buf_release(&text);
	return -1;
}

static __attribute__((format(printf, 3, 4))) int
bad(struct check *c, int node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	schema_fail(c->e, ERR_DATA, c->s, node, fmt, ap);
	va_end(ap);
	return -1;
}

static int
unhex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
add_unescaped(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && i + 2 < n && unhex(s[i + 1]) >= 0 && unhex(s[i + 2]) >= 0) {
			buf_addc(b, (char)(unhex(s[i + 1]) << 4 | unhex(s[i + 2])));
			i += 2;
		} else {
			buf_addc(b, s[i]);
		}
	}
}

/* The schema below node that has this $anchor. */
static int
find_anchor(const struct json *s, int node, const char *name, int64_t *steps)
{
	int found = -1;

	if (--*steps < 0)
		return -1;
	if (json_eq(s, json_get(s, node, "$anchor"), name))
		return node;
	for (int k = json_child(s, node); k >= 0 && found < 0; k = json_next(s, node, k))
		found = find_anchor(s, k, name, steps);
	return found;
}

int
schema_target(const struct json *s, int ref, int64_t *steps)
{
	struct buf tmp = BUF_INIT, fragment = BUF_INIT;
	size_t n;
	const char *text = json_view(s, ref, &tmp, &n);
	int node = -1;

	if (n > 0 && text[0] == '#') {
		add_unescaped(&fragment, text + 1, n - 1);
		if (fragment.len == 0 || fragment.p[0] == '/')
			node = jsonptr_get(s, buf_str(&fragment), fragment.len, steps);
		else
			node = find_anchor(s, 0, buf_str(&fragment), steps);
	}
	buf_release(&tmp);
	buf_release(&fragment);
	return node;
}

static int
later(struct check *c, int v)
{
	c->todo = mem_grow(c->todo, c->n_todo, &c->cap_todo, sizeof(*c->todo));
	c->todo[c->n_todo++] = v;
	return 0;
}

static int
check_list(struct check *c, int v)
{
	if (json_type(c->s, v) != JSON_ARRAY || json_count(c->s, v) == 0)
		return bad(c, v, "must be an array of schemas");
	for (int k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, k))
		later(c, k);
	return 0;
}

static int
check_map(struct check *c, int v)
{
	if (json_type(c->s, v) != JSON_OBJECT)
		return bad(c, v, "must be an object of schemas");
	for (int k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, json_value(c->s, k)))
		later(c, json_value(c->s, k));
	return 0;
}

static int
check_items(struct check *c, int v)
{
	if (json_type(c->s, v) != JSON_ARRAY)
		return later(c, v);
	return json_count(c->s, v) == 0 ? 0 : check_list(c, v);
}

static int
check_ref(struct check *c, int v)
{
	int target;

	if (json_type(c->s, v) != JSON_STRING)
		return bad(c, v, "must be a string");
	target = schema_target(c->s, v, &c->steps);
	if (target < 0 && c->steps >= 0) {
		size_t n;
		const char *raw = json_raw(c->s, v, &n);
		return bad(c, v, "%.*s doesn't resolve in this schema", (int)(n > 100 ? 100 : n), raw);
	}
	return later(c, target);
}

static int
check_type_word(struct check *c, int v)
{
	static const char *const words[] = {"null", "boolean", "integer", "number", "string", "array", "object"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (json_eq(c->s, v, words[i]))
			return 0;
	}
	return bad(c, v, "must be null, boolean, integer, number, string, array or object");
}

static int
check_type(struct check *c, int v)
{
	int i, k;

	if (json_type(c->s, v) != JSON_ARRAY)
		return check_type_word(c, v);
	if (json_count(c->s, v) == 0 || same_elements(c->s, v, &i, &k, &c->steps) == 1)
		return bad(c, v, "must hold each type once, and at least one");
	for (k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, k)) {
		if (check_type_word(c, k) != 0)
			return -1;
	}
	return 0;
}

static int
check_names(struct check *c, int v)
{
	if (json_type(c->s, v) != JSON_ARRAY)
		return bad(c, v, "must be an array of names");
	for (int k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, k)) {
		if (json_type(c->s, k) != JSON_STRING)
			return bad(c, k, "must be a string");
	}
	return 0;
}

static int
check_names_map(struct check *c, int v)
{
	if (json_type(c->s, v) != JSON_OBJECT)
		return bad(c, v, "must be an object of arrays of names");
	for (int k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, json_value(c->s, k))) {
		if (check_names(c, json_value(c->s, k)) != 0)
			return -1;
	}
	return 0;
}

static int
check_enum(struct check *c, int v)
{
	return json_type(c->s, v) == JSON_ARRAY ? 0 : bad(c, v, "must be an array");
}

static int
check_number(struct check *c, int v)
{
	struct decimal d;
	size_t n;
	const char *raw = json_raw(c->s, v, &n);

	if (json_type(c->s, v) != JSON_NUMBER)
		return bad(c, v, "must be a number");
	return decimal_parse(&d, raw, n) == 0 ? 0 : bad(c, v, "is too long to compare");
}

static int
check_multiple(struct check *c, int v)
{
	struct decimal d;
	size_t n;
	const char *raw = json_raw(c->s, v, &n);

	if (check_number(c, v) != 0)
		return -1;
	decimal_parse(&d, raw, n);
	if (d.sign <= 0)
		return bad(c, v, "must be over 0");
	return decimal_is_multiple(&d, &d) >= 0 ? 0 : bad(c, v, "is too long to divide by");
}

static int
check_count(struct check *c, int v)
{
	int64_t n;

	return json_int(c->s, v, &n) == 0 && n >= 0 ? 0 : bad(c, v, "must be a whole number, 0 or more");
}

static int
check_bool(struct check *c, int v)
{
	return json_bool(c->s, v) >= 0 ? 0 : bad(c, v, "must be true or false");
}

static int
check_string(struct check *c, int v)
{
	return json_type(c->s, v) == JSON_STRING ? 0 : bad(c, v, "must be a string");
}

static const struct keyword keywords[] = {
    {"$ref", check_ref, 1},
    {"$defs", check_map, 0},
    {"definitions", check_map, 0},
    {"type", check_type, 0},
    {"enum", check_enum, 0},
    {"allOf", check_list, 1},
    {"anyOf", check_list, 1},
    {"oneOf", check_list, 1},
    {"not", later, 1},
    {"if", later, 1},
    {"then", later, 1},
    {"else", later, 1},
    {"dependentSchemas", check_map, 1},
    {"dependentRequired", check_names_map, 0},
    {"properties", check_map, 0},
    {"patternProperties", check_map, 0},
    {"additionalProperties", later, 0},
    {"propertyNames", later, 0},
    {"required", check_names, 0},
    {"items", check_items, 0},
    {"prefixItems", check_list, 0},
    {"additionalItems", later, 0},
    {"contains", later, 0},
    {"minContains", check_count, 0},
    {"maxContains", check_count, 0},
    {"minimum", check_number, 0},
    {"maximum", check_number, 0},
    {"exclusiveMinimum", check_number, 0},
    {"exclusiveMaximum", check_number, 0},
    {"multipleOf", check_multiple, 0},
    {"minLength", check_count, 0},
    {"maxLength", check_count, 0},
    {"minItems", check_count, 0},
    {"maxItems", check_count, 0},
    {"minProperties", check_count, 0},
    {"maxProperties", check_count, 0},
    {"uniqueItems", check_bool, 0},
    {"pattern", check_string, 0},
};

static const struct keyword *
find_keyword(const struct check *c, int key)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (json_eq(c->s, key, keywords[i].name))
			return keywords + i;
	}
	return NULL;
}

/* One schema, without those in it: they go on the list. */
static int
check_schema(struct check *c, int node)
{
	if (c->steps-- < 0)
		return bad(c, node, "the schema is too complex");
	if (json_bool(c->s, node) >= 0)
		return 0;
	if (json_type(c->s, node) != JSON_OBJECT)
		return bad(c, node, "is no schema: neither an object nor a boolean");
	if (c->seen[node] != NEW)
		return 0;
	c->seen[node] = CHECKED;
	for (int k = json_child(c->s, node); k >= 0; k = json_next(c->s, node, json_value(c->s, k))) {
		const struct keyword *w = find_keyword(c, k);
		if (w && w->check(c, json_value(c->s, k)) != 0)
			return -1;
	}
	return 0;
}

static int closes(struct check *c, int node, int depth);

/* The schemas of one keyword that apply in place: itself, those it lists, or the one it refers to. */
static int
keyword_closes(struct check *c, const struct keyword *w, int v, int depth)
{
	int is_map = w->check == check_map;

	if (w->check == check_ref)
		return closes(c, schema_target(c->s, v, &c->steps), depth + 1);
	if (w->check == later)
		return closes(c, v, depth + 1);
	for (int k = json_child(c->s, v); k >= 0; k = json_next(c->s, v, k)) {
		if (is_map)
			k = json_value(c->s, k);
		if (closes(c, k, depth + 1) != 0)
			return -1;
	}
	return 0;
}

/* Does applying a schema to one value come to an end? */
static int
closes(struct check *c, int node, int depth)
{
	if (c->steps-- < 0)
		return bad(c, node, "the schema is too complex");
	if (json_type(c->s, node) != JSON_OBJECT || c->seen[node] == CLOSED)
		return 0;
	if (c->seen[node] == OPEN)
		return bad(c, node, "refers to itself without end");
	if (depth > MAX_CHAIN)
		return bad(c, node, "the chain of references to this is too long");
	c->seen[node] = OPEN;
	for (int k = json_child(c->s, node); k >= 0; k = json_next(c->s, node, json_value(c->s, k))) {
		const struct keyword *w = find_keyword(c, k);
		if (w && w->in_place && keyword_closes(c, w, json_value(c->s, k), depth) != 0)
			return -1;
	}
	c->seen[node] = CLOSED;
	return 0;
}

static int
check_all(struct check *c)
{
	later(c, 0);
	while (c->n_todo > 0) {
		if (check_schema(c, c->todo[--c->n_todo]) != 0)
			return -1;
	}
	for (int node = 0; node < c->s->n_tok; node++) {
		if (c->seen[node] == CHECKED && closes(c, node, 0) != 0)
			return -1;
	}
	return 0;
}

int
schema_check(const struct json *schema, struct err *e)
{
	struct check c = {.s = schema, .e = e, .steps = SCHEMA_STEPS};
	int r;

	if (json_type(schema, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "/: the schema is no JSON object");
	if (json_unique(schema, e) != 0)
		return -1;
	c.seen = xcalloc((size_t)schema->n_tok, 1);
	r = check_all(&c);
	free(c.seen);
	free(c.todo);
	return r;
}
