/* SPDX-License-Identifier: ISC */
/* A model's turn read: the assistant's message, with what it thought, called and drew, and the signatures of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "mem.h"
#include "str.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

/* The turn while its parts are read. */
struct said {
	struct buf text, thoughts;                /* still escaped */
	struct buf details, calls, images, audio; /* elements of lists */
	struct jsonw details_w, calls_w, images_w, audio_w;
	int n_images, has_text;
};

static int
is_text(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING;
}

static void
add_inside(struct buf *b, const struct json *j, int text)
{
	size_t n;
	const char *raw = json_raw(j, text, &n);

	buf_add(b, raw + 1, n - 2);
}

static void
add_signature(struct gemini_ask *g, struct said *s, int part, const char *id)
{
	int signature = gemini_get(g->j, part, "thoughtSignature");

	if (!is_text(g->j, signature) || json_eq(g->j, signature, "") || json_eq(g->j, signature, GEMINI_NO_SIGNATURE))
		return;
	struct buf foreign = BUF_INIT;
	int is_foreign = gemini_unwrap(g->j, signature, &foreign);
	if (is_foreign)
		jsonw_raw(&s->details_w, foreign.p, foreign.len);
	buf_release(&foreign);
	if (is_foreign)
		return;
	jsonw_object(&s->details_w);
	jsonw_member(&s->details_w, "type", "reasoning.encrypted");
	jsoncopy_known(&s->details_w, "data", g->j, signature);
	if (id)
		jsonw_member(&s->details_w, "id", id);
	jsonw_member(&s->details_w, "format", GEMINI_FORMAT);
	jsonw_end_object(&s->details_w);
}

static struct gemini_call_seen *
see_call(struct gemini_ask *g, char *name, char *id)
{
	struct buf made = BUF_INIT;

	if (!id)
		buf_addf(&made, GEMINI_MADE_ID "%zu", g->n_call);
	g->call = mem_grow(g->call, g->n_call, &g->cap_call, sizeof(*g->call));
	g->call[g->n_call] = (struct gemini_call_seen){name, id ? id : buf_take(&made), 0};
	return g->call + g->n_call++;
}

static void
add_call(struct gemini_ask *g, struct said *s, int part, int call)
{
	static const char *const known[] = {"name", "id", "args", NULL};
	char *name = gemini_word(g->j, json_get(g->j, call, "name"));
	int args = gemini_get(g->j, call, "args");
	struct jsonw *w = &s->calls_w;
	size_t n;

	if (!name) {
		gemini_bad(g, "functionCall without a name");
		return;
	}
	const struct gemini_call_seen *seen = see_call(g, name, gemini_word(g->j, gemini_get(g->j, call, "id")));
	gemini_lose_members(g, call, "functionCall.", known);
	const char *raw = json_raw(g->j, args, &n);
	jsonw_object(w);
	jsonw_member(w, "id", seen->id);
	jsonw_member(w, "type", "function");
	jsonw_key(w, "function");
	jsonw_object(w);
	jsonw_member(w, "name", seen->name);
	jsonw_key(w, "arguments");
	jsonw_strn(w, raw ? raw : "{}", raw ? n : 2);
	jsonw_end_object(w);
	jsonw_end_object(w);
	add_signature(g, s, part, seen->id);
}

/* What the model drew or spoke: as an answer has it. */
static void
add_media(struct gemini_ask *g, struct said *s, int part)
{
	int blob = gemini_get(g->j, part, "inlineData"), data = gemini_get(g->j, blob, "data");
	char *mime = gemini_word(g->j, gemini_get(g->j, blob, "mimeType")), id[32];

	if (mime && str_starts(mime, "audio/") && is_text(g->j, data) && !s->audio.len) {
		jsonw_object(&s->audio_w);
		jsoncopy_known(&s->audio_w, "data", g->j, data);
		jsonw_member(&s->audio_w, "mime_type", mime);
		jsonw_end_object(&s->audio_w);
	} else if (blob < 0 || (mime && str_starts(mime, "image/"))) {
		gemini_read_media(g, &s->images_w, part);
		snprintf(id, sizeof(id), GEMINI_IMAGE_ID "%d", s->n_images++);
		add_signature(g, s, part, id);
	} else {
		gemini_refuse(g, "inlineData");
	}
	free(mime);
}

static void
read_said(struct gemini_ask *g, struct said *s, int part)
{
	int text = gemini_get(g->j, part, "text"), call = gemini_get(g->j, part, "functionCall");
	int is_thought = json_bool(g->j, gemini_get(g->j, part, "thought")) == 1;

	if (json_type(g->j, call) == JSON_OBJECT) {
		add_call(g, s, part, call);
	} else if (gemini_get(g->j, part, "inlineData") >= 0 || gemini_get(g->j, part, "fileData") >= 0) {
		add_media(g, s, part);
	} else if (is_text(g->j, text)) {
		add_inside(is_thought ? &s->thoughts : &s->text, g->j, text);
		s->has_text |= !is_thought;
		add_signature(g, s, part, NULL);
	} else {
		gemini_refuse_part(g, part);
		return;
	}
	gemini_lose_of_part(g, part);
}

static void
write_list(struct jsonw *w, const char *key, const struct buf *items)
{
	if (!items->len)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_raw(w, items->p, items->len);
	jsonw_end_array(w);
}

static void
write_said(struct jsonw *w, const struct said *s)
{
	jsonw_object(w);
	jsonw_member(w, "role", "assistant");
	jsonw_key(w, "content");
	if (s->has_text || !(s->calls.len || s->images.len || s->audio.len))
		canon_write_slice(w, buf_str(&s->text), s->text.len);
	else
		jsonw_null(w);
	if (s->thoughts.len) {
		jsonw_key(w, "reasoning");
		canon_write_slice(w, s->thoughts.p, s->thoughts.len);
	}
	write_list(w, "reasoning_details", &s->details);
	write_list(w, "tool_calls", &s->calls);
	write_list(w, "images", &s->images);
	if (s->audio.len) {
		jsonw_key(w, "audio");
		jsonw_raw(w, s->audio.p, s->audio.len);
	}
	jsonw_end_object(w);
}

void
gemini_read_model(struct gemini_ask *g, int parts)
{
	struct said s = {0};
	int at = 0;

	jsonw_init(&s.details_w, &s.details);
	jsonw_init(&s.calls_w, &s.calls);
	jsonw_init(&s.images_w, &s.images);
	jsonw_init(&s.audio_w, &s.audio);
	for (int p = gemini_first(g->j, parts); p >= 0; p = gemini_next(g->j, parts, p)) {
		gemini_at_part(g, at++);
		read_said(g, &s, p);
	}
	write_said(&g->w, &s);
	buf_release(&s.text);
	buf_release(&s.thoughts);
	buf_release(&s.details);
	buf_release(&s.calls);
	buf_release(&s.images);
	buf_release(&s.audio);
}
