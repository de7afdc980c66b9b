/* SPDX-License-Identifier: ISC */
/*
 * The front of Google's generateContent: whole answers, and streams as streamGenerateContent?alt=sse has them: `data:`
 * lines with CR LF, no end marker, calls whole, and finish reasons and usage in the last chunk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/front.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

/* An image waits for its signature, which comes behind it. */
struct out {
	struct buf image; /* the canonical one; empty: none waits */
	int choice;
	int n_images[ANSWER_MAX_CHOICES];
	unsigned char is_long[ANSWER_MAX_CHOICES]; /* its text was let go */
};

#define MAX_CITED (1024 * 1024) /* bytes of text in which citations are placed */

static const struct front_word words[] = {
    {"STOP", "stop"},
    {"STOP", "tool_calls"},
    {"MAX_TOKENS", "length"},
    {"SAFETY", "content_filter"},
    {"OTHER", "error"},
    {"RECITATION", "content_filter"},
    {"BLOCKLIST", "content_filter"},
    {"PROHIBITED_CONTENT", "content_filter"},
    {"SPII", "content_filter"},
    {"LANGUAGE", "content_filter"},
    {"MODEL_ARMOR", "content_filter"},
    {"IMAGE_SAFETY", "content_filter"},
    {"IMAGE_PROHIBITED_CONTENT", "content_filter"},
    {"IMAGE_RECITATION", "content_filter"},
    {"IMAGE_OTHER", "error"},
    {"NO_IMAGE", "error"},
    {"MALFORMED_FUNCTION_CALL", "error"},
    {"UNEXPECTED_TOOL_CALL", "error"},
    {"TOO_MANY_TOOL_CALLS", "error"},
    {"MISSING_THOUGHT_SIGNATURE", "error"},
    {"MALFORMED_RESPONSE", "error"},
    {NULL, NULL},
};

static void
open_content(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "content");
	jsonw_object(w);
	jsonw_key(w, "parts");
	jsonw_array(w);
}

static void
close_content(struct jsonw *w)
{
	jsonw_end_array(w);
	jsonw_key(w, "role");
	jsonw_str(w, "model");
	jsonw_end_object(w);
}

/* Without one the answer was cut off, or its provider doesn't say: nothing is made up. */
static void
finish(struct jsonw *w, const struct answer_choice *c)
{
	const char *word = front_reason(words, c->finish, c->native);

	if (!word)
		return;
	jsonw_key(w, "finishReason");
	jsonw_str(w, word);
}

static void
open_response(struct jsonw *w, struct buf *out)
{
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_key(w, "candidates");
	jsonw_array(w);
}

static void
close_candidate(struct jsonw *w, int choice)
{
	jsonw_key(w, "index");
	jsonw_int(w, choice);
	jsonw_end_object(w);
}

static void
close_response(struct front_answer *a, struct jsonw *w, int with_usage)
{
	jsonw_end_array(w);
	if (with_usage)
		gemini_out_usage(a, w);
	gemini_out_names(a, w);
	jsonw_end_object(w);
}

static void
image_id(char *id, size_t size, int number)
{
	snprintf(id, size, GEMINI_IMAGE_ID "%d", number);
}

static void
whole_images(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;
	struct err ignored;
	char id[32];
	int number = 0;

	buf_addc(&list, '[');
	buf_add(&list, buf_str(&c->images), c->images.len);
	buf_addc(&list, ']');
	if (json_parse(&j, list.p, list.len, &ignored) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			size_t n;
			const char *raw = json_raw(&j, i, &n);
			image_id(id, sizeof(id), number++);
			gemini_out_media(a, w, raw, n, gemini_signature_of(c, id));
		}
	json_release(&j);
	buf_release(&list);
}

static void
whole_parts(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	const struct buf *signature = gemini_signature_of(c, NULL);
	struct buf audio = BUF_INIT;

	if (c->reasoning.len)
		gemini_out_text(w, c->reasoning.p, c->reasoning.len, 1, NULL);
	gemini_out_foreign(w, c);
	if (c->text.len)
		gemini_out_text(w, c->text.p, c->text.len, 0, signature);
	if (c->refusal.len)
		gemini_out_text(w, c->refusal.p, c->refusal.len, 0, NULL);
	gemini_out_signatures(w, c, c->text.len > 0);
	whole_images(a, w, c);
	if (c->audio) {
		answer_emit_piece(c->audio, &audio);
		gemini_out_media(a, w, audio.p, audio.len, NULL);
		buf_release(&audio);
	}
	for (size_t i = 0; i < c->n_call; i++)
		gemini_out_call(a, w, c, i);
}

static void
lose(struct front_answer *a, const struct answer_choice *c)
{
	if (c->refusal.len)
		front_lose(a, "refusal");
}

static const struct answer_choice *
choice_of(const struct front_answer *a, size_t choice)
{
	static const struct answer_choice nothing;
	const struct answer_choice *c = answer_get(&a->answer, choice);

	return c ? c : &nothing;
}

static void
whole(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	open_response(&w, out);
	for (size_t i = 0; i < a->answer.n_choice || i == 0; i++) {
		const struct answer_choice *c = choice_of(a, i);
		open_content(&w);
		whole_parts(a, &w, c);
		close_content(&w);
		finish(&w, c);
		gemini_out_grounding(a, &w, c);
		gemini_out_logprobs(&w, buf_str(&c->logprobs), c->logprobs.len);
		close_candidate(&w, (int)i);
		lose(a, c);
	}
	close_response(a, &w, 1);
}

static struct out *
state(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct out));
	return a->own;
}

static void
open_chunk(struct jsonw *w, struct buf *out)
{
	buf_adds(out, "data: ");
	open_response(w, out);
	open_content(w);
}

static void
close_chunk(struct front_answer *a, struct jsonw *w, int choice, struct buf *out)
{
	close_content(w);
	close_candidate(w, choice);
	close_response(a, w, 0);
	buf_adds(out, "\r\n\r\n");
}

static void
flush_image(struct front_answer *a, struct buf *out)
{
	struct out *o = state(a);
	struct jsonw w;
	char id[32];

	if (!o->image.len)
		return;
	image_id(id, sizeof(id), o->n_images[o->choice]++);
	open_chunk(&w, out);
	gemini_out_media(a, &w, o->image.p, o->image.len, gemini_signature_of(choice_of(a, (size_t)o->choice), id));
	close_chunk(a, &w, o->choice, out);
	buf_clear(&o->image);
}

static void
text(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	if (!ev->n)
		return;
	open_chunk(&w, out);
	gemini_out_text(&w, ev->s, ev->n, ev->type == EVENT_REASONING, NULL);
	close_chunk(a, &w, ev->choice, out);
}

static void
media(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct out *o = state(a);
	struct jsonw w;

	if (strcmp(ev->name, "image") == 0 && ev->choice < ANSWER_MAX_CHOICES) {
		buf_add(&o->image, ev->raw, ev->raw_len);
		o->choice = ev->choice;
		return;
	}
	open_chunk(&w, out);
	gemini_out_media(a, &w, ev->raw, ev->raw_len, NULL);
	close_chunk(a, &w, ev->choice, out);
}

static void
call(struct front_answer *a, const struct event *ev, struct buf *out)
{
	const struct answer_choice *c = choice_of(a, (size_t)ev->choice);
	struct jsonw w;

	if (ev->index < 0 || (size_t)ev->index >= c->n_call)
		return;
	open_chunk(&w, out);
	gemini_out_call(a, &w, c, (size_t)ev->index);
	close_chunk(a, &w, ev->choice, out);
}

static int
status_of(const struct err *e)
{
	if (e->http >= 400)
		return e->http;
	return e->kind == ERR_DATA || e->kind == ERR_REQUEST ? 400 : 502;
}

/* google.rpc.Code by its HTTP status. */
static const char *
status_word(int http)
{
	static const struct {
		int http;
		const char *word;
	} table[] = {{400, "INVALID_ARGUMENT"}, {401, "UNAUTHENTICATED"}, {403, "PERMISSION_DENIED"},
	    {404, "NOT_FOUND"}, {409, "ABORTED"}, {412, "FAILED_PRECONDITION"}, {429, "RESOURCE_EXHAUSTED"},
	    {499, "CANCELLED"}, {500, "INTERNAL"}, {501, "UNIMPLEMENTED"}, {503, "UNAVAILABLE"},
	    {504, "DEADLINE_EXCEEDED"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].http == http)
			return table[i].word;
	return http < 500 ? "FAILED_PRECONDITION" : "UNAVAILABLE";
}

static void
retry_info(struct jsonw *w, int64_t ms)
{
	struct buf delay = BUF_INIT;

	buf_addf(&delay, "%lld.%03llds", (long long)(ms / 1000), (long long)(ms % 1000));
	jsonw_key(w, "details");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "@type");
	jsonw_str(w, "type.googleapis.com/google.rpc.RetryInfo");
	jsonw_key(w, "retryDelay");
	jsonw_str(w, buf_str(&delay));
	jsonw_end_object(w);
	jsonw_end_array(w);
	buf_release(&delay);
}

static void
error(const struct err *e, struct buf *out)
{
	int http = status_of(e);
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "error");
	jsonw_object(&w);
	jsonw_key(&w, "code");
	jsonw_int(&w, http);
	jsonw_key(&w, "message");
	jsonw_str(&w, front_message(e));
	jsonw_key(&w, "status");
	jsonw_str(&w, status_word(http));
	if (e->retry_after_ms > 0)
		retry_info(&w, e->retry_after_ms);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
}

/* The text is kept for the places of citations, which come at the end in bytes: that of a very long answer isn't, and its citations have no
 * places. Thoughts are not looked at again. */
static void
forget(struct front_answer *a, int choice)
{
	struct answer_choice *c = a->answer.choice + choice;

	if ((size_t)choice >= a->answer.n_choice)
		return;
	buf_clear(&c->reasoning);
	if (c->text.len > MAX_CITED) {
		buf_release(&c->text);
		state(a)->is_long[choice] = 1;
	}
	if (state(a)->is_long[choice])
		buf_clear(&c->text);
}

/* Finish and usage come with the end, signatures with what they sign. An error stands outside of the events, as
 * Google's do: its clients look for it there. */
static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->type != EVENT_REASONING || ev->n)
		flush_image(a, out);
	switch (ev->type) {
	case EVENT_TEXT:
	case EVENT_REASONING:
		text(a, ev, out);
		forget(a, ev->choice);
		break;
	case EVENT_MEDIA:
		media(a, ev, out);
		break;
	case EVENT_TOOL_END:
		call(a, ev, out);
		break;
	case EVENT_ERROR:
		error(ev->err, out);
		buf_adds(out, "\r\n");
		break;
	default:
		break;
	}
}

static void
end(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	flush_image(a, out);
	buf_adds(out, "data: ");
	open_response(&w, out);
	for (size_t i = 0; i < a->answer.n_choice || i == 0; i++) {
		const struct answer_choice *c = choice_of(a, i);
		open_content(&w);
		gemini_out_foreign(&w, c);
		gemini_out_signatures(&w, c, 0);
		close_content(&w);
		finish(&w, c);
		gemini_out_grounding(a, &w, c);
		gemini_out_logprobs(&w, buf_str(&c->logprobs), c->logprobs.len);
		close_candidate(&w, (int)i);
		lose(a, c);
	}
	close_response(a, &w, 1);
	buf_adds(out, "\r\n\r\n");
}

static void
release(struct front_answer *a)
{
	struct out *o = a->own;

	if (o)
		buf_release(&o->image);
	free(o);
}

const struct front front_gemini = {
    .name = "gemini",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .keeps = 1,
    .request = gemini_request,
    .whole = whole,
    .event = event,
    .end = end,
    .error = error,
    .release = release,
};
