/* SPDX-License-Identifier: ISC */
/*
 * The front of OpenAI's old format: its prompt becomes the one user message of a chat; answers are text_completion objects, streams the
 * same in pieces and [DONE].
 *
 * Source: OpenAI's API reference, "Completions (legacy)"; OpenRouter's fields are taken as they are.
 */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "more.h"
#include "wire/completions.h"
#include "wire/front.h"

/* The same in a chat. */
static const char *const same[] = {"model", "max_tokens", "temperature", "top_p", "n", "stream", "stream_options",
    "stop", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "user", "models", "provider", "plugins",
    "transforms", "route", "preset", "session_id", "metadata", "reasoning", "usage", "top_k", "min_p", "top_a",
    "repetition_penalty", NULL};

static int
is_same(const struct json *j, int key)
{
	for (const char *const *name = same; *name; name++)
		if (json_eq(j, key, *name))
			return 1;
	return 0;
}

/* The prompt: a text, or a list of one. Tokens mean something to one model only. */
static int
find_prompt(const struct front_ask *ask, struct losses *lost, struct err *e)
{
	int prompt = json_get(ask->request, 0, "prompt");

	if (json_type(ask->request, prompt) == JSON_ARRAY) {
		if (json_count(ask->request, prompt) > 1 &&
		    json_type(ask->request, json_child(ask->request, prompt)) == JSON_STRING) {
			if (!ask->lossy)
				return err_set(e, ERR_DATA, "prompt: several prompts are several requests");
			losses_add_content(lost, "prompt");
		}
		prompt = json_child(ask->request, prompt);
	}
	if (json_type(ask->request, prompt) == JSON_STRING)
		return prompt;
	if (json_type(ask->request, prompt) == JSON_NUMBER || json_type(ask->request, prompt) == JSON_ARRAY)
		return err_set(e, ERR_DATA, "prompt: tokens can't be turned into text");
	return err_set(e, ERR_DATA, "prompt: text is wanted");
}

static void
put_message(struct jsonw *w, const struct json *j, int prompt)
{
	jsonw_key(w, "messages");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "role");
	jsonw_str(w, "user");
	jsoncopy_member(w, "content", j, prompt);
	jsonw_end_object(w);
	jsonw_end_array(w);
}

/* How many alternatives a token is given with; none is the token alone. */
static int
put_logprobs(struct jsonw *w, const struct json *j, int value, struct err *e)
{
	int64_t n;

	if (json_int(j, value, &n) || n < 0)
		return err_set(e, ERR_DATA, "logprobs: a number is wanted");
	jsonw_key(w, "logprobs");
	jsonw_bool(w, 1);
	if (n)
		jsoncopy_member(w, "top_logprobs", j, value);
	return 0;
}

/* What has its own meaning here, or none in a chat. */
static int
put_other(struct jsonw *w, const struct front_ask *ask, int key, int value, struct losses *lost, struct err *e)
{
	const struct json *j = ask->request;
	struct buf name = BUF_INIT;
	int64_t n;
	int r = 0;

	json_str(j, key, &name);
	if (json_type(j, value) == JSON_NULL || json_eq(j, key, "prompt")) {
		;
	} else if (json_eq(j, key, "logprobs")) {
		r = put_logprobs(w, j, value, e);
	} else if (json_eq(j, key, "suffix")) { /* text that the answer must lead to */
		if (!ask->lossy)
			r = err_set(e, ERR_DATA, "suffix: a chat has no text behind the answer");
		else
			losses_add_content(lost, "suffix");
	} else if (!(json_eq(j, key, "echo") && json_bool(j, value) == 0) &&
	    !(json_eq(j, key, "best_of") && json_int(j, value, &n) == 0 && n == 1)) {
		losses_add(lost, buf_str(&name));
	}
	buf_release(&name);
	return r;
}

static int
request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	const struct json *j = ask->request;
	struct buf key = BUF_INIT;
	struct jsonw w;
	int r = 0;

	if (json_type(j, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "a request is an object");
	int prompt = find_prompt(ask, lost, e);
	if (prompt < 0)
		return -1;
	jsonw_init(&w, out);
	jsonw_object(&w);
	for (int k = json_child(j, 0); k >= 0 && !r; k = json_next(j, 0, json_value(j, k))) {
		int v = json_value(j, k),
		    is_set = (ask->model && json_eq(j, k, "model")) || (ask->stream >= 0 && json_eq(j, k, "stream"));
		buf_clear(&key);
		json_str(j, k, &key);
		if (!is_set && is_same(j, k))
			jsoncopy_member(&w, buf_str(&key), j, v);
		else if (!is_set)
			r = put_other(&w, ask, k, v, lost, e);
	}
	buf_release(&key);
	if (ask->model) {
		jsonw_key(&w, "model");
		jsonw_str(&w, ask->model);
	}
	if (ask->stream >= 0) {
		jsonw_key(&w, "stream");
		jsonw_bool(&w, ask->stream);
	}
	put_message(&w, j, prompt);
	jsonw_end_object(&w);
	return r;
}

/* The answer's reasons are few here. */
static const struct front_word reasons[] = {{"stop", "stop"}, {"length", "length"},
    {"content_filter", "content_filter"}, {"stop", "tool_calls"}, {"error", "error"}, {NULL, NULL}};

static void
open_object(struct front_answer *a, struct jsonw *w, struct buf *out)
{
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_key(w, "id");
	jsonw_str(w, front_id(a));
	jsonw_key(w, "object");
	jsonw_str(w, "text_completion");
	jsonw_key(w, "created");
	jsonw_int(w, front_created(a));
	jsonw_key(w, "model");
	jsonw_str(w, front_model(a));
}

static void
open_choice(struct jsonw *w, size_t index)
{
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, (int64_t)index);
	jsonw_key(w, "text");
}

static void
put_old_logprobs(struct front_answer *a, struct jsonw *w, const char *raw, size_t n)
{
	jsonw_key(w, "logprobs");
	if (!raw)
		jsonw_null(w);
	else if (completions_old_logprobs(w, raw, n))
		front_lose(a, "logprobs");
}

static void
close_choice(struct jsonw *w, const char *finish, const char *native, const char *more, size_t n)
{
	more_write(w, more, n);
	jsonw_key(w, "finish_reason");
	jsonw_str(w, front_reason(reasons, finish, native));
	jsonw_end_object(w);
}

static void
put_usage(struct front_answer *a, struct jsonw *w)
{
	struct buf usage = BUF_INIT;

	if (!answer_has_usage(&a->answer))
		return;
	jsonw_key(w, "usage");
	answer_emit_usage(&a->answer, a->cost, &usage);
	jsonw_raw(w, buf_str(&usage), usage.len);
	buf_release(&usage);
}

static void
lose_parts(struct front_answer *a, const struct answer_choice *c)
{
	if (c->reasoning.len || c->n_detail)
		front_lose(a, "reasoning");
	if (c->refusal.len)
		front_lose(a, "refusal");
	if (c->annotations.len)
		front_lose(a, "annotations");
	if (c->n_call)
		front_lose_content(a, "tool_calls");
	if (c->images.len)
		front_lose_content(a, "images");
	if (c->audio)
		front_lose_content(a, "audio");
}

static void
whole_choice(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	const struct buf *text = c->text.len ? &c->text : &c->refusal;
	struct buf logprobs = BUF_INIT;

	lose_parts(a, c);
	jsonw_strn(w, buf_str(text), text->len);
	if (c->logprobs.len) {
		buf_adds(&logprobs, "{\"content\":[");
		buf_add(&logprobs, c->logprobs.p, c->logprobs.len);
		buf_adds(&logprobs, "]}");
	}
	put_old_logprobs(a, w, logprobs.p, logprobs.len);
	close_choice(w, c->finish, c->native, c->more.p, c->more.len);
	buf_release(&logprobs);
}

static void
whole(struct front_answer *a, struct buf *out)
{
	static const struct answer_choice nothing;
	struct jsonw w;

	open_object(a, &w, out);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	for (size_t i = 0; i < a->answer.n_choice; i++) {
		const struct answer_choice *c = answer_get(&a->answer, i);
		open_choice(&w, i);
		whole_choice(a, &w, c ? c : &nothing);
	}
	jsonw_end_array(&w);
	put_usage(a, &w);
	more_write(&w, a->answer.more.p, a->answer.more.len);
	jsonw_end_object(&w);
}

static void
error_member(struct jsonw *w, const struct err *e)
{
	jsonw_key(w, "error");
	jsonw_object(w);
	jsonw_key(w, "code");
	jsonw_int(w, e->http ? e->http : 502);
	jsonw_key(w, "message");
	jsonw_str(w, front_message(e));
	jsonw_end_object(w);
}

static void
chunk(struct front_answer *a, const struct event *ev, struct buf *out)
{
	int is_text = ev->type == EVENT_TEXT;
	struct jsonw w;

	buf_adds(out, "data: ");
	open_object(a, &w, out);
	if (ev->type == EVENT_ERROR)
		error_member(&w, ev->err);
	if (ev->more)
		more_write(&w, ev->more->s[MORE_ANSWER], ev->more->n[MORE_ANSWER]);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	open_choice(&w, (size_t)ev->choice);
	jsonw_strn(&w, is_text && ev->s ? ev->s : "", is_text ? ev->n : 0);
	put_old_logprobs(a, &w, ev->type == EVENT_LOGPROBS ? ev->raw : NULL, ev->raw_len);
	close_choice(&w,
	    ev->type == EVENT_FINISH      ? ev->s
		: ev->type == EVENT_ERROR ? "error"
					  : NULL,
	    ev->native, ev->more ? ev->more->s[MORE_CHOICE] : NULL, ev->more ? ev->more->n[MORE_CHOICE] : 0);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	buf_adds(out, "\n\n");
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	switch (ev->type) {
	case EVENT_TEXT:
		if (ev->refusal)
			front_lose(a, "refusal");
		chunk(a, ev, out);
		break;
	case EVENT_MORE: /* the answer's go into the last chunk */
		if (ev->choice >= 0)
			chunk(a, ev, out);
		break;
	case EVENT_LOGPROBS:
	case EVENT_FINISH:
	case EVENT_ERROR:
		chunk(a, ev, out);
		break;
	case EVENT_REASONING:
		front_lose(a, "reasoning");
		break;
	case EVENT_ANNOTATION:
		front_lose(a, "annotations");
		break;
	case EVENT_TOOL_BEGIN:
		front_lose_content(a, "tool_calls");
		break;
	case EVENT_MEDIA:
		front_lose_content(a, strcmp(ev->name, "audio") == 0 ? "audio" : "images");
		break;
	default:
		break;
	}
}

static void
end(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	if (answer_has_usage(&a->answer)) {
		buf_adds(out, "data: ");
		open_object(a, &w, out);
		more_write(&w, a->answer.more.p, a->answer.more.len);
		jsonw_key(&w, "choices");
		jsonw_array(&w);
		jsonw_end_array(&w);
		put_usage(a, &w);
		jsonw_end_object(&w);
		buf_adds(out, "\n\n");
	}
	buf_adds(out, "data: [DONE]\n\n");
}

static void
error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	error_member(&w, e);
	jsonw_end_object(&w);
}

const struct front front_completions = {
    .name = "completions",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .request = request,
    .whole = whole,
    .event = event,
    .end = end,
    .error = error,
};
