/* SPDX-License-Identifier: ISC */
/* OpenAI's /embeddings, with OpenRouter's extensions: the canonical request itself, but for the ways to say an input. */
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

/* A token's number. */
static int
is_token(const struct json *j, int node)
{
	int64_t n;

	return json_type(j, node) == JSON_NUMBER && json_int(j, node, &n) == 0 && n >= 0;
}

static int
are_tokens(const struct json *j, int list)
{
	for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t))
		if (!is_token(j, t))
			return 0;
	return json_type(j, list) == JSON_ARRAY && json_count(j, list) > 0;
}

/* [1,2] is one input, [[1,2],[3]] are two. */
static void
tokens(struct canon *c, struct jsonw *w, int input)
{
	int first = json_child(c->j, input), i = 0;

	if (json_type(c->j, first) == JSON_ARRAY && json_count(c->j, input) > EMBED_FRONT_MAX_INPUTS) {
		canon_bad(c, "input: at most %d go into a request", EMBED_FRONT_MAX_INPUTS);
		return;
	}
	jsonw_key(w, "input");
	if (json_type(c->j, first) == JSON_NUMBER) {
		jsonw_array(w);
		if (are_tokens(c->j, input))
			jsoncopy(w, c->j, input);
		else
			canon_bad(c, "input: a list of numbers has to be one of tokens, whole and not below 0");
		jsonw_end_array(w);
		return;
	}
	for (int t = first; t >= 0 && !c->failed; t = json_next(c->j, input, t), i++)
		if (!are_tokens(c->j, t))
			canon_bad(c, "input[%d]: no list of tokens, as the first one is", i);
	jsoncopy(w, c->j, input);
}

static void
input(struct canon *c, struct jsonw *w)
{
	int node = json_get(c->j, 0, "input");
	enum json_type first = json_type(c->j, json_child(c->j, node));

	if (c->failed)
		return;
	if (json_type(c->j, node) == JSON_STRING)
		embed_ask_text(c, w, node, "input");
	else if (json_type(c->j, node) != JSON_ARRAY)
		canon_bad(c, "input: a text, a list of texts, or tokens are needed");
	else if (first == JSON_NUMBER || first == JSON_ARRAY)
		tokens(c, w, node);
	else if (first == JSON_OBJECT)
		embed_ask_parts(c, w, node, "input");
	else
		embed_ask_texts(c, w, node, "input");
}

static void
encoding(struct canon *c, struct embed_form *form)
{
	int node = canon_get(c, "encoding_format");

	form->base64 = json_eq(c->j, node, "base64");
	form->numbers = !form->base64;
	if (node >= 0 && !form->base64 && !json_eq(c->j, node, "float"))
		canon_bad(c, "encoding_format: float or base64 is needed");
}

/* The fields that are the canonical request's, too. */
static void
rest(struct canon *c, struct jsonw *w)
{
	static const char *const taken[] = {"model", "input", "encoding_format", "dimensions", "stream", NULL};

	for (int k = json_child(c->j, 0); k >= 0; k = json_next(c->j, 0, json_value(c->j, k))) {
		const char *const *t = taken;
		while (*t && !json_eq(c->j, k, *t))
			t++;
		if (*t || json_type(c->j, json_value(c->j, k)) == JSON_NULL)
			continue;
		size_t n;
		buf_clear(&c->scratch);
		json_str(c->j, k, &c->scratch);
		jsonw_keyn(w, buf_str(&c->scratch), c->scratch.len);
		const char *p = json_raw(c->j, json_value(c->j, k), &n);
		jsonw_raw(w, p, n);
	}
}

static void
ask_all(struct canon *c, struct jsonw *w, struct embed_form *form)
{
	input(c, w);
	embed_ask_dimensions(c, w, json_get(c->j, 0, "dimensions"), "dimensions");
	encoding(c, form);
	if (json_type(c->j, canon_get(c, "input_type")) > JSON_NULL &&
	    json_type(c->j, canon_get(c, "input_type")) != JSON_STRING)
		canon_bad(c, "input_type: a string is needed");
	rest(c, w);
}

static int
request(const struct embed_ask *ask, struct buf *out, struct embed_form *form, struct losses *lost, struct err *e)
{
	*form = (struct embed_form){0};
	return embed_ask_read(ask, "openai", ask_all, form, out, lost, e);
}

/* Nobody but the provider knows the tokens: where it doesn't say, there is no usage. */
static void
usage(const struct embed_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;
	const char *cost = *u->cost ? u->cost : a->cost;

	if (u->prompt < 0)
		return;
	jsonw_key(w, "usage");
	jsonw_object(w);
	jsonw_key(w, "prompt_tokens");
	jsonw_int(w, u->prompt);
	jsonw_key(w, "total_tokens");
	jsonw_int(w, u->prompt);
	if (cost) {
		jsonw_key(w, "cost");
		jsonw_raw(w, cost, strlen(cost));
	}
	jsonw_end_object(w);
}

static void
whole(const struct embed_answer *a, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "object", "list");
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (size_t i = 0; i < a->n; i++) {
		jsonw_object(&w);
		jsonw_member(&w, "object", "embedding");
		jsonw_key(&w, "index");
		jsonw_int(&w, (int64_t)i);
		jsonw_key(&w, "embedding");
		if (a->form->base64)
			embed_write_base64(&w, a->v + i);
		else
			embed_write_numbers(&w, a->v + i);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_member(&w, "model", embed_answer_model(a));
	jsonw_member_if(&w, "id", embed_answer_id(a));
	usage(a, &w);
	jsonw_end_object(&w);
}

const struct embed_front embed_front_openai = {.name = "openai", .request = request, .whole = whole};
