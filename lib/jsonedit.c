/* SPDX-License-Identifier: ISC */
#include "jsonedit.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"

static void
drop_children(struct jsonedit *e)
{
	while (e->child) {
		struct jsonedit *c = e->child;
		e->child = c->next;
		jsonedit_release(c);
		free(c);
	}
}

void
jsonedit_release(struct jsonedit *e)
{
	drop_children(e);
	free(e->key);
	free(e->raw);
	*e = (struct jsonedit)JSONEDIT_INIT;
}

static struct jsonedit *
child(struct jsonedit *e, const char *key, size_t n)
{
	struct jsonedit **at = &e->child;

	for (; *at; at = &(*at)->next)
		if (strlen((*at)->key) == n && memcmp((*at)->key, key, n) == 0)
			return *at;
	*at = xcalloc(1, sizeof(**at));
	(*at)->key = xstrndup(key, n);
	return *at;
}

static struct jsonedit *
walk(struct jsonedit *e, const char *path)
{
	for (;;) {
		size_t n = strcspn(path, ".");
		e = child(e, path, n);
		if (!path[n])
			return e;
		path += n + 1;
	}
}

void
jsonedit_set(struct jsonedit *e, const char *path, const char *raw, size_t len)
{
	struct jsonedit *at = walk(e, path);

	drop_children(at);
	free(at->raw);
	at->raw = xstrndup(raw, len);
	at->len = len;
	at->removed = 0;
}

void
jsonedit_set_str(struct jsonedit *e, const char *path, const char *s)
{
	struct buf b = BUF_INIT;

	jsonw_quote(&b, s, strlen(s));
	jsonedit_set(e, path, b.p, b.len);
	buf_release(&b);
}

void
jsonedit_unset(struct jsonedit *e, const char *path)
{
	struct jsonedit *at = walk(e, path);

	drop_children(at);
	free(at->raw);
	at->raw = NULL;
	at->removed = 1;
}

const char *
jsonedit_find(const struct jsonedit *e, const char *path, size_t *len)
{
	while (e) {
		size_t n = strcspn(path, ".");
		const struct jsonedit *c = e->child;
		while (c && (strlen(c->key) != n || memcmp(c->key, path, n) != 0))
			c = c->next;
		if (!c || !path[n]) {
			if (c && len)
				*len = c->len;
			return c ? c->raw : NULL;
		}
		path += n + 1;
		e = c;
	}
	return NULL;
}

/* Does it, or an edit below it, set something? Removing what isn't there makes nothing. */
static int
sets(const struct jsonedit *e)
{
	int any = e->raw != NULL;

	for (const struct jsonedit *c = e->child; c && !any; c = c->next)
		any = sets(c);
	return any;
}

static int write_object(const struct jsonedit *e, const struct json *j, int node, struct buf *out, struct err *err);

/* A value that has no source text of its own: what was set, with the edits below it. */
static int
write_new(const struct jsonedit *e, struct buf *out, struct err *err)
{
	struct json j = JSON_INIT;
	const char *raw = e->raw ? e->raw : "{}";
	size_t len = e->raw ? e->len : 2;

	if (!e->child) {
		buf_add(out, raw, len);
		return 0;
	}
	int r = json_parse(&j, raw, len, err);
	if (!r && json_type(&j, 0) == JSON_NULL)
		r = json_parse(&j, "{}", 2, err);
	if (!r && json_type(&j, 0) != JSON_OBJECT)
		r = err_set(err, ERR_DATA, "%s is no object: nothing can be set inside it", e->key);
	if (!r)
		r = write_object(e, &j, 0, out, err);
	json_release(&j);
	return r;
}

static int
write_value(const struct jsonedit *e, const struct json *j, int node, struct buf *out, struct err *err)
{
	enum json_type t = json_type(j, node);
	size_t n;

	if (e->raw || e->removed || (t == JSON_NULL && sets(e)))
		return write_new(e, out, err);
	if (t != JSON_OBJECT && !sets(e)) {
		const char *raw = json_raw(j, node, &n);
		buf_add(out, raw, n);
		return 0;
	}
	if (t != JSON_OBJECT)
		return err_set(err, ERR_DATA, "%s is no object: nothing can be set inside it", e->key);
	return write_object(e, j, node, out, err);
}

static const struct jsonedit *
edit_of(const struct jsonedit *e, const struct json *j, int key)
{
	for (const struct jsonedit *c = e->child; c; c = c->next)
		if (json_eq(j, key, c->key))
			return c;
	return NULL;
}

static int
is_dropped(const struct jsonedit *c)
{
	return c->removed && !sets(c);
}

static int
add_missing(const struct jsonedit *e, const struct json *j, int node, int any, struct buf *out, struct err *err)
{
	for (const struct jsonedit *c = e->child; c; c = c->next) {
		if (!sets(c) || json_get(j, node, c->key) >= 0)
			continue;
		if (any)
			buf_addc(out, ',');
		any = 1;
		jsonw_quote(out, c->key, strlen(c->key));
		buf_addc(out, ':');
		if (write_new(c, out, err))
			return -1;
	}
	return 0;
}

/* Members that follow each other and stay as they are, with the white space around them; they are copied as one. */
struct run {
	const char *from, *stop; /* from NULL: there is none */
};

static void
copy_run(struct run *r, int *any, struct buf *out)
{
	if (!r->from)
		return;
	if (*any)
		buf_addc(out, ',');
	*any = 1;
	buf_add(out, r->from, (size_t)(r->stop - r->from));
	r->from = NULL;
}

/* Copies the object member by member. `from`: behind `{` or a comma. */
static int
write_object(const struct jsonedit *e, const struct json *j, int node, struct buf *out, struct err *err)
{
	size_t n;
	const char *from = json_raw(j, node, &n), *end = from + n - 1;
	struct run same = {NULL, NULL};
	int any = 0;

	buf_addc(out, *from++);
	for (int key = json_child(j, node); key >= 0;) {
		int value = json_value(j, key), more = json_next(j, node, value);
		const struct jsonedit *c = edit_of(e, j, key);
		size_t len;
		const char *raw = json_raw(j, value, &len);
		const char *stop = more < 0 ? raw + len : memchr(raw + len, ',', (size_t)(end - raw) - len);
		if (!c) {
			same.from = same.from ? same.from : from;
			same.stop = stop;
		} else if (!is_dropped(c)) {
			copy_run(&same, &any, out);
			if (any)
				buf_addc(out, ',');
			any = 1;
			buf_add(out, from, (size_t)(raw - from));
			if (write_value(c, j, value, out, err))
				return -1;
			buf_add(out, raw + len, (size_t)(stop - raw) - len);
		} else {
			copy_run(&same, &any, out);
		}
		from = more < 0 ? stop : stop + 1;
		key = more;
	}
	copy_run(&same, &any, out);
	if (add_missing(e, j, node, any, out, err))
		return -1;
	buf_add(out, from, (size_t)(end - from));
	buf_addc(out, '}');
	return 0;
}

int
jsonedit_write(const struct jsonedit *e, const struct json *j, struct buf *out, struct err *err)
{
	if (json_type(j, 0) != JSON_OBJECT)
		return err_set(err, ERR_DATA, "not a JSON object");
	return write_object(e, j, 0, out, err);
}
