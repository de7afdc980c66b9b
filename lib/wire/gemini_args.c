/* SPDX-License-Identifier: ISC */
/*
 * A function call's arguments put together from partialArgs:
 * {"jsonPath":"$.list[0].name","stringValue":"app","willContinue":true}. A string goes on where its path comes again.
 * Source: Google's reference of FunctionCall and PartialArg; paths are those of RFC 9535, names and indexes only.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "str.h"
#include "wire/gemini_state.h"

#define MAX_NODES 4096
#define MAX_BYTES (8 * 1024 * 1024) /* of names and values */
#define MAX_DEPTH 32

enum kind { NOTHING, OBJECT, ARRAY, STRING, OTHER };

struct node {
	enum kind kind;
	char *name;       /* owned; NULL: an element of an array */
	struct buf value; /* a string's text, or another value's JSON */
	struct node *child, *last, *next;
	int n_child;
};

struct gemini_args {
	struct node root;
	int n_nodes;
	size_t n_bytes;
};

static void
release(struct node *n)
{
	for (struct node *c = n->child, *next; c; c = next) {
		next = c->next;
		release(c);
		free(c);
	}
	free(n->name);
	buf_release(&n->value);
}

void
gemini_args_free(struct gemini_args *a)
{
	if (a)
		release(&a->root);
	free(a);
}

static struct node *
append(struct gemini_args *a, struct node *to, const char *name, size_t n)
{
	if (a->n_nodes >= MAX_NODES || a->n_bytes + n > MAX_BYTES)
		return NULL;
	struct node *c = xcalloc(1, sizeof(*c));
	c->name = name ? xstrndup(name, n) : NULL;
	if (to->last)
		to->last->next = c;
	else
		to->child = c;
	to->last = c;
	to->n_child++;
	a->n_nodes++;
	a->n_bytes += n;
	return c;
}

static int
is_named(const struct node *c, const char *name, size_t n)
{
	return strlen(c->name) == n && memcmp(c->name, name, n) == 0;
}

static int
become(struct node *n, enum kind kind)
{
	if (n->kind == NOTHING)
		n->kind = kind;
	return n->kind == kind ? 0 : -1;
}

/* The member; it is made where there is none. Most often it is the one that came last. */
static struct node *
member(struct gemini_args *a, struct node *of, const char *name, size_t n)
{
	if (become(of, OBJECT))
		return NULL;
	if (of->last && is_named(of->last, name, n))
		return of->last;
	for (struct node *c = of->child; c; c = c->next)
		if (is_named(c, name, n))
			return c;
	return append(a, of, name, n);
}

/* Elements that were passed over are null. */
static struct node *
element(struct gemini_args *a, struct node *of, int64_t index)
{
	struct node *c;

	if (become(of, ARRAY))
		return NULL;
	if (of->last && index == of->n_child - 1)
		return of->last;
	while (of->n_child <= index)
		if (!append(a, of, NULL, 0))
			return NULL;
	for (c = index == of->n_child - 1 ? of->last : of->child; index < of->n_child - 1 && index > 0; index--)
		c = c->next;
	return c;
}

/* In brackets: an index, or a name in quotes. */
static struct node *
bracket(struct gemini_args *a, struct node *of, const char *p, size_t n)
{
	char digits[16];
	int64_t index;

	if (n >= 2 && (*p == '\'' || *p == '"') && p[n - 1] == *p)
		return member(a, of, p + 1, n - 2);
	if (n >= sizeof(digits))
		return NULL;
	memcpy(digits, p, n);
	digits[n] = '\0';
	return str_int(digits, 0, MAX_NODES, &index) ? NULL : element(a, of, index);
}

static struct node *
walk(struct gemini_args *a, const char *path)
{
	struct node *at = &a->root;

	path += *path == '$';
	for (int depth = 0; *path && at; depth++) {
		size_t n;
		if (depth >= MAX_DEPTH)
			return NULL;
		if (*path == '[') {
			const char *quote = path[1] && strchr("'\"", path[1]) ? strchr(path + 2, path[1]) : NULL;
			const char *end = strchr(quote ? quote : path, ']');
			if (!end)
				return NULL;
			at = bracket(a, at, path + 1, (size_t)(end - path) - 1);
			path = end + 1;
			continue;
		}
		path += *path == '.';
		n = strcspn(path, ".[");
		if (!n)
			return NULL;
		at = member(a, at, path, n);
		path += n;
	}
	return at;
}

static int
set(struct gemini_args *a, struct node *to, const struct json *j, int item)
{
	static const char *const others[] = {"numberValue", "boolValue"};
	int text = json_get(j, item, "stringValue");
	size_t n = 4;
	const char *raw = "null";

	if (json_type(j, text) == JSON_STRING) {
		size_t before = to->value.len;
		if (become(to, STRING))
			return -1;
		json_str(j, text, &to->value);
		a->n_bytes += to->value.len - before;
		return a->n_bytes > MAX_BYTES ? -1 : 0;
	}
	for (size_t i = 0; i < 2; i++)
		if (json_get(j, item, others[i]) >= 0)
			raw = json_raw(j, json_get(j, item, others[i]), &n);
	if (to == &a->root || become(to, OTHER))
		return -1;
	buf_clear(&to->value);
	buf_add(&to->value, raw, n);
	a->n_bytes += n;
	return a->n_bytes > MAX_BYTES ? -1 : 0;
}

int
gemini_args_add(struct gemini_args **a, const struct json *j, int item)
{
	char *path = json_dup(j, json_get(j, item, "jsonPath"), NULL);

	if (!*a)
		*a = xcalloc(1, sizeof(**a));
	struct node *to = path ? walk(*a, path) : NULL;
	free(path);
	return to ? set(*a, to, j, item) : -1;
}

static void
write_node(const struct node *n, struct jsonw *w)
{
	if (n->kind == OBJECT)
		jsonw_object(w);
	else if (n->kind == ARRAY)
		jsonw_array(w);
	else if (n->kind == STRING)
		jsonw_strn(w, buf_str(&n->value), n->value.len);
	else if (n->kind == OTHER)
		jsonw_raw(w, n->value.p, n->value.len);
	else
		jsonw_null(w);
	for (const struct node *c = n->child; c; c = c->next) {
		if (c->name)
			jsonw_key(w, c->name);
		write_node(c, w);
	}
	if (n->kind == OBJECT)
		jsonw_end_object(w);
	else if (n->kind == ARRAY)
		jsonw_end_array(w);
}

void
gemini_args_write(const struct gemini_args *a, struct buf *out)
{
	struct jsonw w;

	if (!a || a->root.kind != OBJECT) {
		buf_adds(out, "{}");
		return;
	}
	jsonw_init(&w, out);
	write_node(&a->root, &w);
}
