/* SPDX-License-Identifier: ISC */
/*
 * Answers as those of /api/chat: a stream is a line a piece of text, each with the model and the time, and a last one that says why it
 * ended. A tool call stands whole in a line, so that its arguments are held until they are. How long things took isn't told. Images have
 * a place in messages, but Ollama's own client breaks on one that an answer has.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "tm.h"
#include "wire/front.h"
#include "wire/ollama.h"

#define MAX_CALLS 1024 /* more are not collected */

struct ollama_out {
	struct buf head; /* of a line, up to its text; empty: not made yet */
	struct answer_call *call;
	size_t n_call, cap_call;
};

static struct ollama_out *
state(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct ollama_out));
	return a->own;
}

static void
release(struct front_answer *a)
{
	struct ollama_out *o = a->own;

	if (!o)
		return;
	for (size_t i = 0; i < o->n_call; i++) {
		free(o->call[i].id);
		free(o->call[i].name);
		buf_release(&o->call[i].args);
	}
	free(o->call);
	buf_release(&o->head);
	free(o);
}

static void
key_text(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s ? s : "", n);
}

/* Up to the message's members behind its text. */
static void
open_line(const struct front_answer *a, struct jsonw *w, struct buf *out, const struct buf *text)
{
	struct buf at = BUF_INIT;

	tm_iso(&at, front_created(a));
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member(w, "model", front_model(a));
	jsonw_member(w, "created_at", buf_str(&at));
	jsonw_key(w, "message");
	jsonw_object(w);
	jsonw_member(w, "role", "assistant");
	key_text(w, "content", text ? text->p : NULL, text ? text->len : 0);
	buf_release(&at);
}

static void
close_line(struct jsonw *w, struct buf *out)
{
	jsonw_key(w, "done");
	jsonw_bool(w, 0);
	jsonw_end_object(w);
	buf_addc(out, '\n');
}

/* Most lines are this: a text, or a thought beside an empty one. */
static void
text_line(struct front_answer *a, const char *between, const struct event *ev, struct buf *out)
{
	struct ollama_out *o = state(a);
	struct jsonw w;

	if (!o->head.len) {
		open_line(a, &w, &o->head, NULL);
		o->head.p[--o->head.len] = '\0'; /* the text's last quote */
	}
	buf_add(out, o->head.p, o->head.len);
	buf_adds(out, between);
	jsonw_escape(out, ev->s, ev->n);
	buf_adds(out, "\"},\"done\":false}\n");
}

/* Line ends are white space here, and would end the line. */
static void
one_line(struct jsonw *w, const char *p, size_t n)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '\n' && p[i] != '\r')
			buf_addc(&b, p[i]);
	jsonw_raw(w, b.p, b.len);
	buf_release(&b);
}

/* The arguments as the object they are the text of. */
static void
arguments(struct front_answer *a, struct jsonw *w, const struct buf *args)
{
	struct json j = JSON_INIT;
	struct err ignored;

	jsonw_key(w, "arguments");
	if (args->len && json_parse(&j, args->p, args->len, &ignored) == 0 && json_type(&j, 0) == JSON_OBJECT) {
		size_t n;
		const char *p = json_raw(&j, 0, &n);
		one_line(w, p, n);
	} else {
		jsonw_raw(w, "{}", 2);
		if (args->len)
			front_lose_content(a, "tool_calls.function.arguments");
	}
	json_release(&j);
}

static void
call(struct front_answer *a, struct jsonw *w, const struct answer_call *c, size_t index)
{
	jsonw_object(w);
	if (c->id)
		jsonw_member(w, "id", c->id);
	jsonw_key(w, "function");
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, (int64_t)index);
	jsonw_member(w, "name", c->name);
	arguments(a, w, &c->args);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
begin_call(struct ollama_out *o, const struct event *ev)
{
	if (o->n_call >= MAX_CALLS)
		return;
	o->call = mem_grow(o->call, o->n_call, &o->cap_call, sizeof(*o->call));
	o->call[o->n_call++] = (struct answer_call){
	    .id = ev->id ? xstrdup(ev->id) : NULL, .name = xstrdup(ev->name ? ev->name : ""), .args = BUF_INIT};
}

static void
call_line(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct ollama_out *o = state(a);
	struct jsonw w;

	if (ev->type == EVENT_TOOL_BEGIN)
		begin_call(o, ev);
	if (ev->index < 0 || (size_t)ev->index >= o->n_call)
		return;
	struct answer_call *c = o->call + ev->index;
	if (ev->type == EVENT_TOOL_ARGS)
		buf_add(&c->args, ev->s, ev->n);
	if (ev->type != EVENT_TOOL_END)
		return;
	open_line(a, &w, out, NULL);
	jsonw_key(&w, "tool_calls");
	jsonw_array(&w);
	call(a, &w, c, (size_t)ev->index);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	close_line(&w, out);
	buf_release(&c->args);
}

/* raw: {"content": [...]}, whose items are Ollama's, too. */
static void
logprobs_line(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct json j = JSON_INIT;
	struct err ignored;
	struct jsonw w;

	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0 && json_count(&j, json_get(&j, 0, "content"))) {
		open_line(a, &w, out, NULL);
		jsonw_end_object(&w);
		jsoncopy_member(&w, "logprobs", &j, json_get(&j, 0, "content"));
		close_line(&w, out);
	}
	json_release(&j);
}

static int
has_calls(struct front_answer *a)
{
	const struct answer_choice *c = answer_get(&a->answer, 0);

	return (c && c->n_call) || state(a)->n_call;
}

/* "stop" is what it says after tool calls as well: whoever reads it goes by the calls. An answer that was filtered is told by the canonical
 * word. One that failed isn't done. */
void
ollama_write_reason(struct front_answer *a, struct jsonw *w, int had_calls)
{
	static const struct front_word words[] = {{"stop", "stop"}, {"load", "stop"}, {"unload", "stop"},
	    {"length", "length"}, {"stop", "tool_calls"}, {"content_filter", "content_filter"}, {NULL, NULL}};
	const struct answer_choice *c = answer_get(&a->answer, 0);
	const char *finish = c && c->finish ? c->finish : "";
	int failed = a->failed || strcmp(finish, "error") == 0;

	jsonw_key(w, "done");
	jsonw_bool(w, !failed);
	if (*finish && !failed)
		jsonw_member(w, "done_reason", front_reason(words, finish, c->native));
	if (strcmp(finish, had_calls ? "stop" : "tool_calls") == 0)
		front_lose(a, "finish_reason");
}

void
ollama_write_counts(const struct usage *u, struct jsonw *w)
{
	if (u->prompt >= 0) {
		jsonw_key(w, "prompt_eval_count");
		jsonw_int(w, u->prompt);
	}
	if (u->completion >= 0) {
		jsonw_key(w, "eval_count");
		jsonw_int(w, u->completion);
	}
}

void
ollama_write_error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "error", front_message(e));
	jsonw_end_object(&w);
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->choice > 0 && ev->type != EVENT_ERROR) {
		front_lose_content(a, "choices");
		return;
	}
	if (ev->type == EVENT_REASONING && ev->raw)
		front_lose(a, "reasoning_details");
	switch (ev->type) {
	case EVENT_START:
		buf_clear(&state(a)->head);
		break;
	case EVENT_TEXT:
		if (ev->refusal)
			front_lose(a, "refusal");
		text_line(a, "", ev, out);
		break;
	case EVENT_REASONING:
		if (ev->n)
			text_line(a, "\",\"thinking\":\"", ev, out);
		break;
	case EVENT_TOOL_BEGIN:
	case EVENT_TOOL_ARGS:
	case EVENT_TOOL_END:
		call_line(a, ev, out);
		break;
	case EVENT_MEDIA:
		front_lose_content(a, strcmp(ev->name, "audio") == 0 ? "audio" : "images");
		break;
	case EVENT_LOGPROBS:
		logprobs_line(a, ev, out);
		break;
	case EVENT_ANNOTATION:
		front_lose(a, "annotations");
		break;
	case EVENT_ERROR:
		ollama_write_error(ev->err, out);
		buf_addc(out, '\n');
		break;
	default:
		break;
	}
}

static void
end(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	open_line(a, &w, out, NULL);
	jsonw_end_object(&w);
	ollama_write_reason(a, &w, has_calls(a));
	ollama_write_counts(&a->answer.usage, &w);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
}

void
ollama_lose(struct front_answer *a, const struct answer_choice *c)
{
	if (a->answer.n_choice > 1)
		front_lose_content(a, "choices");
	if (c->n_detail)
		front_lose(a, "reasoning_details");
	if (c->refusal.len)
		front_lose(a, "refusal");
	if (c->audio)
		front_lose_content(a, "audio");
	if (c->images.len)
		front_lose_content(a, "images");
	if (c->annotations.len)
		front_lose(a, "annotations");
}

static void
body(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	if (c->reasoning.len)
		key_text(w, "thinking", c->reasoning.p, c->reasoning.len);
	if (c->n_call) {
		jsonw_key(w, "tool_calls");
		jsonw_array(w);
		for (size_t i = 0; i < c->n_call; i++)
			call(a, w, c->call + i, i);
		jsonw_end_array(w);
	}
	ollama_lose(a, c);
}

static void
whole(struct front_answer *a, struct buf *out)
{
	const struct answer_choice *c = answer_get(&a->answer, 0);
	struct buf text = BUF_INIT;
	struct jsonw w;

	if (c) {
		buf_add(&text, c->text.p, c->text.len);
		buf_add(&text, c->refusal.p, c->refusal.len);
	}
	open_line(a, &w, out, &text);
	buf_release(&text);
	if (c)
		body(a, &w, c);
	jsonw_end_object(&w);
	if (c && c->logprobs.len) {
		jsonw_key(&w, "logprobs");
		jsonw_array(&w);
		jsonw_raw(&w, c->logprobs.p, c->logprobs.len);
		jsonw_end_array(&w);
	}
	ollama_write_reason(a, &w, has_calls(a));
	ollama_write_counts(&a->answer.usage, &w);
	jsonw_end_object(&w);
}

const struct front front_ollama = {
    .name = "ollama",
    .type = "application/json",
    .stream_type = "application/x-ndjson",
    .request = ollama_request,
    .whole = whole,
    .event = event,
    .end = end,
    .error = ollama_write_error,
    .release = release,
};
