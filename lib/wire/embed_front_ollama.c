/* SPDX-License-Identifier: ISC */
/*
 * Ollama's /api/embed, and the older /api/embeddings with one prompt. Both cut inputs that are too long unless told otherwise; we never let
 * that happen. How long things took isn't told.
 */
#include "buf.h"
#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

static void
ask_all(struct canon *c, struct jsonw *w, struct embed_form *form)
{
	static const char *const now[] = {"model", "input", "dimensions", NULL};
	static const char *const old[] = {"model", "prompt", NULL};
	int input = canon_get(c, "input"), prompt = canon_get(c, "prompt");

	form->single = input < 0 && prompt >= 0;
	if (form->single)
		embed_ask_text(c, w, prompt, "prompt");
	else if (json_type(c->j, input) == JSON_ARRAY)
		embed_ask_texts(c, w, input, "input");
	else
		embed_ask_text(c, w, input, "input");
	if (!c->failed && !form->single)
		embed_ask_dimensions(c, w, json_get(c->j, 0, "dimensions"), "dimensions");
	embed_ask_lose_rest(c, 0, form->single ? old : now);
}

static int
request(const struct embed_ask *ask, struct buf *out, struct embed_form *form, struct losses *lost, struct err *e)
{
	*form = (struct embed_form){.numbers = 1};
	return embed_ask_read(ask, "ollama", ask_all, form, out, lost, e);
}

static void
whole(const struct embed_answer *a, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	if (!a->form->single)
		jsonw_member(&w, "model", embed_answer_model(a));
	jsonw_key(&w, a->form->single ? "embedding" : "embeddings");
	if (!a->form->single)
		jsonw_array(&w);
	for (size_t i = 0; i < a->n; i++)
		embed_write_numbers(&w, a->v + i);
	if (!a->form->single)
		jsonw_end_array(&w);
	if (!a->form->single && a->answer.usage.prompt >= 0) {
		jsonw_key(&w, "prompt_eval_count");
		jsonw_int(&w, a->answer.usage.prompt);
	}
	jsonw_end_object(&w);
}

const struct embed_front embed_front_ollama = {.name = "ollama", .request = request, .whole = whole};
