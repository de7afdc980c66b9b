/* SPDX-License-Identifier: ISC */
/* The concise language: fields, one a line or with commas in between, to JSON Schema. */
#include "schema.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"

#define MAX_SHOWN 80 /* bytes of a field or word in a message */

/* A stretch of the text; borrowed. */
struct span {
	const char *p;
	size_t n;
};

struct field {
	struct span name, type, about;
};

static int
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span
trim(const char *p, size_t n)
{
	while (n > 0 && is_blank(*p))
		p++, n--;
	while (n > 0 && is_blank(p[n - 1]))
		n--;
	return (struct span){p, n};
}

/* The text before the separator; what is behind it stays in rest, which has p NULL after the last part. */
static struct span
cut(struct span *rest, char sep)
{
	struct span part = *rest;
	const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;

	if (at) {
		part.n = (size_t)(at - part.p);
		*rest = (struct span){at + 1, rest->n - part.n - 1};
	} else {
		*rest = (struct span){NULL, 0};
	}
	return trim(part.p, part.n);
}

static struct span
next_word(struct span *s)
{
	struct span word = {s->p, 0};

	while (word.n < s->n && !is_blank(s->p[word.n]))
		word.n++;
	*s = trim(s->p + word.n, s->n - word.n);
	return word;
}

static int
shown(struct span s)
{
	return (int)(s.n > MAX_SHOWN ? MAX_SHOWN : s.n);
}

/* Only ASCII letters can be told without a locale; bytes of other letters are over 0x7f. */
static int
begins_name(char c)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80);
}

/* The JSON Schema name of a type word, NULL for an unknown one. */
static const char *
type_name(struct span word)
{
	static const char *const types[][2] = {
	    {"", "string"}, {"str", "string"}, {"int", "integer"}, {"float", "number"}, {"bool", "boolean"}};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strlen(types[i][0]) == word.n && memcmp(types[i][0], word.p, word.n) == 0)
			return types[i][1];
	}
	return NULL;
}

/* "name [type] [: description]". Words behind the type are ignored, as simonw/llm does. */
static int
parse_field(struct field *f, struct span text, struct err *e)
{
	struct span rest = text, head = cut(&rest, ':');

	f->about = trim(rest.p, rest.n);
	f->name = next_word(&head);
	f->type = next_word(&head);
	if (f->name.n == 0)
		return err_set(e, ERR_DATA, "schema: no field name in front of \"%.*s\"", shown(text), text.p);
	if (!begins_name(*f->name.p))
		return err_set(
		    e, ERR_DATA, "schema: field \"%.*s\" doesn't begin with a letter or _", shown(f->name), f->name.p);
	if (!type_name(f->type)) {
		return err_set(e, ERR_DATA, "schema: field \"%.*s\": type \"%.*s\" is none of str, int, float, bool",
		    shown(f->name), f->name.p, shown(f->type), f->type.p);
	}
	return 0;
}

static void
emit_property(struct jsonw *w, const struct field *f)
{
	jsonw_keyn(w, f->name.p, f->name.n);
	jsonw_object(w);
	jsonw_key(w, "type");
	jsonw_str(w, type_name(f->type));
	if (f->about.n > 0) {
		jsonw_key(w, "description");
		jsonw_strn(w, f->about.p, f->about.n);
	}
	jsonw_end_object(w);
}

/* Writes the members of properties to w, those of required to names. */
static int
emit_fields(struct jsonw *w, struct jsonw *names, const char *dsl, size_t n, struct err *e)
{
	struct span rest = {dsl, n};
	char sep = memchr(dsl, '\n', n) ? '\n' : ',';
	int n_fields = 0;

	while (rest.p) {
		struct span text = cut(&rest, sep);
		struct field f;
		if (text.n == 0)
			continue;
		if (parse_field(&f, text, e) != 0)
			return -1;
		emit_property(w, &f);
		jsonw_strn(names, f.name.p, f.name.n);
		n_fields++;
	}
	return n_fields ? 0 : err_set(e, ERR_DATA, "schema: no fields");
}

static int
from_fields(struct buf *out, const char *dsl, size_t n, struct err *e)
{
	struct buf names = BUF_INIT, text = BUF_INIT;
	struct json parsed = JSON_INIT;
	struct jsonw w, list;
	int r;

	jsonw_init(&w, &text);
	jsonw_init(&list, &names);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, "object");
	jsonw_key(&w, "properties");
	jsonw_object(&w);
	jsonw_array(&list);
	r = emit_fields(&w, &list, dsl, n, e);
	jsonw_end_array(&list);
	jsonw_end_object(&w);
	jsonw_key(&w, "required");
	jsonw_raw(&w, buf_str(&names), names.len);
	jsonw_end_object(&w);
	if (r == 0) { /* a field named twice shows as a key that is there twice */
		r = json_parse(&parsed, text.p, text.len, e);
		if (r == 0 && (r = json_unique(&parsed, e)) != 0)
			err_wrap(e, "schema");
	}
	if (r == 0)
		buf_add(out, text.p, text.len);
	json_release(&parsed);
	buf_release(&names);
	buf_release(&text);
	return r;
}

/* Without the white space between tokens: a request is one line. */
static void
add_compact(struct buf *out, const char *p, size_t n)
{
	size_t from = 0;
	int quoted = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			quoted = !quoted;
		if (quoted && p[i] == '\\') {
			i++;
		} else if (!quoted && is_blank(p[i])) {
			buf_add(out, p + from, i - from);
			from = i + 1;
		}
	}
	buf_add(out, p + from, n - from);
}

static int
from_json(struct buf *out, struct span s, struct err *e)
{
	struct json parsed = JSON_INIT;
	int r = json_parse(&parsed, s.p, s.n, e);

	if (r == 0)
		r = schema_check(&parsed, e);
	if (r == 0)
		add_compact(out, s.p, s.n);
	else
		err_wrap(e, "schema");
	json_release(&parsed);
	return r;
}

int
schema_from_dsl(struct buf *out, const char *dsl, size_t n, struct err *e)
{
	struct span s = trim(dsl, n);

	if (s.n == 0)
		return err_set(e, ERR_DATA, "schema: it is empty");
	return *s.p == '{' ? from_json(out, s, e) : from_fields(out, dsl, n, e);
}
