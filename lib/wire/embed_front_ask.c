/* SPDX-License-Identifier: ISC */
/* What requests for embeddings have in common. */
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

static void
begin(struct canon *c, struct jsonw *w, const struct embed_ask *ask, struct buf *out)
{
	int model = json_get(c->j, 0, "model");

	jsonw_init(w, out);
	jsonw_object(w);
	if (json_type(c->j, 0) != JSON_OBJECT)
		canon_bad(c, "the request is no JSON object");
	else if (ask->model)
		jsonw_member(w, "model", ask->model);
	else if (json_type(c->j, model) == JSON_STRING && !json_eq(c->j, model, ""))
		jsoncopy_member(w, "model", c->j, model);
	else
		canon_bad(c, "model: a string is needed");
}

int
embed_ask_read(const struct embed_ask *ask, const char *format, embed_ask_fn fields, struct embed_form *form,
    struct buf *out, struct losses *lost, struct err *e)
{
	const struct wire_ask as = {.request = ask->request};
	struct canon c;
	struct jsonw w;

	canon_init(&c, &as, format, lost, e);
	begin(&c, &w, ask, out);
	if (!c.failed)
		fields(&c, &w, form);
	jsonw_end_object(&w);
	canon_release(&c);
	return c.failed ? -1 : 0;
}

static void
text(struct canon *c, struct jsonw *w, int node, const char *name, int i)
{
	size_t n;
	const char *p = json_raw(c->j, node, &n);

	if (json_type(c->j, node) != JSON_STRING)
		canon_bad(c, "%s[%d]: no string", name, i);
	else if (n <= 2)
		canon_bad(c, "%s[%d]: an empty text has no vector", name, i);
	else
		jsonw_raw(w, p, n);
}

/* 0: so many may be asked for at once. */
static int
count(struct canon *c, int list, const char *name)
{
	int n = json_count(c->j, list);

	if (json_type(c->j, list) != JSON_ARRAY || n == 0)
		return canon_bad(c, "%s: a list of inputs is needed", name);
	if (n > EMBED_FRONT_MAX_INPUTS)
		return canon_bad(c, "%s: %d inputs, but at most %d go into a request", name, n, EMBED_FRONT_MAX_INPUTS);
	return 0;
}

void
embed_ask_texts(struct canon *c, struct jsonw *w, int list, const char *name)
{
	int i = 0;

	if (c->failed || count(c, list, name))
		return;
	jsonw_key(w, "input");
	jsonw_array(w);
	for (int t = json_child(c->j, list); t >= 0 && !c->failed; t = json_next(c->j, list, t))
		text(c, w, t, name, i++);
	jsonw_end_array(w);
}

void
embed_ask_text(struct canon *c, struct jsonw *w, int node, const char *name)
{
	size_t n;
	const char *p = json_raw(c->j, node, &n);

	if (c->failed)
		return;
	if (json_type(c->j, node) != JSON_STRING || n <= 2) {
		canon_bad(c, "%s: %s", name, node < 0 ? "it is needed" : "an empty text, or none");
		return;
	}
	jsonw_key(w, "input");
	jsonw_array(w);
	jsonw_raw(w, p, n);
	jsonw_end_array(w);
}

void
embed_ask_parts(struct canon *c, struct jsonw *w, int list, const char *name)
{
	int i = 0;

	if (c->failed || count(c, list, name))
		return;
	for (int t = json_child(c->j, list); t >= 0 && !c->failed; t = json_next(c->j, list, t), i++) {
		int content = json_get(c->j, t, "content");
		if (json_type(c->j, content) != JSON_ARRAY || json_count(c->j, content) == 0)
			canon_bad(c, "%s[%d]: an object with parts of content is needed", name, i);
		for (int p = json_child(c->j, content); p >= 0 && !c->failed; p = json_next(c->j, content, p))
			if (json_type(c->j, json_get(c->j, p, "type")) != JSON_STRING)
				canon_bad(c, "%s[%d]: a part of content without a type", name, i);
	}
	if (!c->failed)
		jsoncopy_member(w, "input", c->j, list);
}

void
embed_ask_dimensions(struct canon *c, struct jsonw *w, int node, const char *name)
{
	int64_t n;

	if (json_type(c->j, node) <= JSON_NULL)
		return;
	if (json_int(c->j, node, &n) || n < 1) {
		canon_bad(c, "%s: a whole number from 1 is needed", name);
		return;
	}
	jsonw_key(w, "dimensions");
	jsonw_int(w, n);
}

static int
is_empty(const struct json *j, int node)
{
	enum json_type t = json_type(j, node);

	if (t == JSON_ARRAY || t == JSON_OBJECT)
		return json_count(j, node) == 0;
	return t <= JSON_FALSE || (t == JSON_STRING && json_eq(j, node, ""));
}

void
embed_ask_lose_rest(struct canon *c, int node, const char *const *known)
{
	for (int k = json_child(c->j, node); k >= 0; k = json_next(c->j, node, json_value(c->j, k))) {
		const char *const *s = known;
		while (*s && !json_eq(c->j, k, *s))
			s++;
		if (*s || is_empty(c->j, json_value(c->j, k)))
			continue;
		buf_clear(&c->scratch);
		json_str(c->j, k, &c->scratch);
		losses_add(c->lost, buf_str(&c->scratch));
	}
}
