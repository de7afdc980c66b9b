/* SPDX-License-Identifier: ISC */
/* Cohere's /v2/embed. An answer may have its vectors twice, as numbers and in base64; it repeats the texts. */
#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

/* The types that are made of fewer bits are made by the model's side alone. */
static void
types(struct canon *c, struct embed_form *form)
{
	int list = canon_get(c, "embedding_types");

	if (list >= 0 && json_type(c->j, list) != JSON_ARRAY)
		canon_bad(c, "embedding_types: a list is needed");
	for (int t = json_child(c->j, list); t >= 0 && !c->failed; t = json_next(c->j, list, t)) {
		int is_float = json_eq(c->j, t, "float");
		if (!is_float && !json_eq(c->j, t, "base64"))
			canon_bad(c, "embedding_types: only float and base64 can be had");
		form->numbers |= is_float;
		form->base64 |= !is_float;
	}
	if (!form->base64)
		form->numbers = 1;
}

static void
ask_all(struct canon *c, struct jsonw *w, struct embed_form *form)
{
	static const char *const known[] = {
	    "model", "texts", "inputs", "input_type", "embedding_types", "output_dimension", "images", NULL};
	static const char *const known_uncut[] = {"model", "texts", "inputs", "input_type", "embedding_types",
	    "output_dimension", "images", "truncate", NULL};
	int inputs = canon_get(c, "inputs"), purpose = canon_get(c, "input_type");

	if (json_count(c->j, canon_get(c, "images")))
		canon_bad(c, "images: say them as inputs");
	else if (inputs >= 0 && canon_get(c, "texts") >= 0)
		canon_bad(c, "texts, inputs: one of them is needed, not both");
	else if (inputs >= 0)
		embed_ask_parts(c, w, inputs, "inputs");
	else
		embed_ask_texts(c, w, json_get(c->j, 0, "texts"), "texts");
	if (!c->failed)
		embed_ask_dimensions(c, w, json_get(c->j, 0, "output_dimension"), "output_dimension");
	if (!c->failed && purpose >= 0 && json_type(c->j, purpose) != JSON_STRING)
		canon_bad(c, "input_type: a string is needed");
	if (!c->failed && purpose >= 0)
		jsoncopy_member(w, "input_type", c->j, purpose);
	if (!c->failed)
		types(c, form);
	embed_ask_lose_rest(c, 0, json_eq(c->j, canon_get(c, "truncate"), "NONE") ? known_uncut : known);
}

static int
request(const struct embed_ask *ask, struct buf *out, struct embed_form *form, struct losses *lost, struct err *e)
{
	*form = (struct embed_form){0};
	return embed_ask_read(ask, "cohere", ask_all, form, out, lost, e);
}

static void
vectors(const struct embed_answer *a, struct jsonw *w, const char *type,
    void (*put)(struct jsonw *, const struct embed_vector *))
{
	jsonw_key(w, type);
	jsonw_array(w);
	for (size_t i = 0; i < a->n; i++)
		put(w, a->v + i);
	jsonw_end_array(w);
}

/* Inputs that are parts aren't repeated. */
static void
texts(const struct embed_answer *a, struct jsonw *w)
{
	int input = json_get(a->request, 0, "input");

	jsonw_key(w, "texts");
	jsonw_array(w);
	for (int t = json_child(a->request, input); t >= 0; t = json_next(a->request, input, t))
		if (json_type(a->request, t) == JSON_STRING)
			jsoncopy(w, a->request, t);
	jsonw_end_array(w);
}

static void
meta(const struct embed_answer *a, struct jsonw *w)
{
	jsonw_key(w, "meta");
	jsonw_object(w);
	jsonw_key(w, "api_version");
	jsonw_object(w);
	jsonw_member(w, "version", "2");
	jsonw_end_object(w);
	if (a->answer.usage.prompt >= 0) {
		jsonw_key(w, "billed_units");
		jsonw_object(w);
		jsonw_key(w, "input_tokens");
		jsonw_int(w, a->answer.usage.prompt);
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}

static void
whole(const struct embed_answer *a, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "id", embed_answer_id(a) ? embed_answer_id(a) : "");
	jsonw_key(&w, "embeddings");
	jsonw_object(&w);
	if (a->form->numbers)
		vectors(a, &w, "float", embed_write_numbers);
	if (a->form->base64)
		vectors(a, &w, "base64", embed_write_base64);
	jsonw_end_object(&w);
	texts(a, &w);
	meta(a, &w);
	jsonw_member(&w, "response_type", "embeddings_by_type");
	jsonw_end_object(&w);
}

const struct embed_front embed_front_cohere = {.name = "cohere", .request = request, .whole = whole};
