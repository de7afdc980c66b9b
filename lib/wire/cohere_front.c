/* SPDX-License-Identifier: ISC */
/*
 * Answers as those of /v2/chat. Reasoning becomes a thinking part: a plan is one that tool calls follow, and that isn't known when it
 * begins. In a stream each part, call and citation begins and ends, and has a number.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/cohere.h"
#include "wire/cohere_out.h"
#include "wire/front.h"

struct cohere_out {
	int begun;
	const char *open; /* "text" or "thinking": the part that is open; NULL: none */
	int index;        /* of that part, or of the next */
	int n_citation;
	struct buf head; /* of a delta of that part, up to its text */
};

#define TEXT_TAIL "\"}}}}\n\n"

static struct cohere_out *
state(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct cohere_out));
	return a->own;
}

static void
release(struct front_answer *a)
{
	struct cohere_out *o = a->own;

	if (o)
		buf_release(&o->head);
	free(o);
}

static void
key_text(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s ? s : "", n);
}

static void
key_object(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_object(w);
}

/* index: -1 for an event without one */
static void
open_event(struct jsonw *w, const char *type, int index, struct buf *out)
{
	buf_adds(out, "event: ");
	buf_adds(out, type);
	buf_adds(out, "\ndata: ");
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member(w, "type", type);
	if (index >= 0) {
		jsonw_key(w, "index");
		jsonw_int(w, index);
	}
}

static void
close_event(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	buf_adds(out, "\n\n");
}

/* An event whose delta is a message with one member. */
static void
open_delta(struct jsonw *w, const char *type, int index, const char *member, struct buf *out)
{
	open_event(w, type, index, out);
	key_object(w, "delta");
	key_object(w, "message");
	key_object(w, member);
}

static void
close_delta(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_object(w);
	close_event(w, out);
}

static void
empty_list(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_end_array(w);
}

static void
begin(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	if (state(a)->begun)
		return;
	state(a)->begun = 1;
	open_event(&w, "message-start", -1, out);
	jsonw_member(&w, "id", front_id(a));
	key_object(&w, "delta");
	key_object(&w, "message");
	jsonw_member(&w, "role", "assistant");
	empty_list(&w, "content");
	jsonw_member(&w, "tool_plan", "");
	empty_list(&w, "tool_calls");
	empty_list(&w, "citations");
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	close_event(&w, out);
}

static void
bare_event(const char *type, int index, struct buf *out)
{
	struct jsonw w;

	open_event(&w, type, index, out);
	close_event(&w, out);
}

static void
close_part(struct cohere_out *o, struct buf *out)
{
	if (!o->open)
		return;
	bare_event("content-end", o->index++, out);
	o->open = NULL;
}

static void
open_part(struct cohere_out *o, const char *type, struct buf *out)
{
	struct jsonw w;

	if (o->open == type)
		return;
	close_part(o, out);
	open_delta(&w, "content-start", o->index, "content", out);
	jsonw_member(&w, "type", type);
	jsonw_member(&w, type, "");
	close_delta(&w, out);
	o->open = type;
	buf_clear(&o->head);
	open_delta(&w, "content-delta", o->index, "content", &o->head);
	jsonw_member(&w, type, "");
	o->head.p[--o->head.len] = '\0'; /* the text's last quote */
}

static void
text(struct cohere_out *o, const char *type, const struct event *ev, struct buf *out)
{
	if (!ev->n)
		return;
	open_part(o, type, out);
	buf_add(out, o->head.p, o->head.len);
	jsonw_escape(out, ev->s, ev->n);
	buf_adds(out, TEXT_TAIL);
}

static void
call(struct cohere_out *o, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	close_part(o, out);
	if (ev->type == EVENT_TOOL_END) {
		bare_event("tool-call-end", ev->index, out);
		return;
	}
	open_delta(
	    &w, ev->type == EVENT_TOOL_BEGIN ? "tool-call-start" : "tool-call-delta", ev->index, "tool_calls", out);
	if (ev->type == EVENT_TOOL_BEGIN) {
		cohere_call_id(&w, ev->id, ev->index);
		jsonw_member(&w, "type", "function");
	}
	key_object(&w, "function");
	if (ev->type == EVENT_TOOL_BEGIN)
		jsonw_member(&w, "name", ev->name ? ev->name : "");
	key_text(&w, "arguments", ev->s, ev->n);
	jsonw_end_object(&w);
	close_delta(&w, out);
}

static void
cite(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct cohere_out *o = state(a);
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct err ignored;
	struct jsonw w;

	open_delta(&w, "citation-start", o->n_citation, "citations", &b);
	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0 && cohere_citation(&w, &j, 0)) {
		close_delta(&w, &b);
		buf_add(out, b.p, b.len);
		bare_event("citation-end", o->n_citation++, out);
	} else {
		front_lose(a, "annotations");
	}
	json_release(&j);
	buf_release(&b);
}

static void
logprobs(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct cohere_out *o = state(a);
	struct json j = JSON_INIT;
	struct err ignored;
	struct jsonw w;

	if (!o->open)
		open_part(o, "text", out);
	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0) {
		int list = json_get(&j, 0, "content");
		for (int i = json_child(&j, list); i >= 0; i = json_next(&j, list, i)) {
			open_event(&w, "content-delta", o->index, out);
			key_object(&w, "delta");
			key_object(&w, "message");
			key_object(&w, "content");
			jsonw_member(&w, o->open, "");
			jsonw_end_object(&w);
			jsonw_end_object(&w);
			jsonw_end_object(&w);
			jsonw_key(&w, "logprobs");
			cohere_logprob(a, &w, &j, i);
			close_event(&w, out);
		}
	}
	json_release(&j);
}

/* An error ends the message. */
static void
fail(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	close_part(state(a), out);
	open_event(&w, "message-end", -1, out);
	key_object(&w, "delta");
	jsonw_member(&w, "finish_reason", "ERROR");
	key_object(&w, "usage");
	jsonw_end_object(&w);
	jsonw_member(&w, "error", front_message(ev->err));
	jsonw_end_object(&w);
	close_event(&w, out);
	buf_adds(out, "data: [DONE]\n\n");
}

static void
content(struct front_answer *a, const struct event *ev, struct buf *out)
{
	switch (ev->type) {
	case EVENT_TEXT:
		if (ev->refusal)
			front_lose(a, "refusal");
		text(state(a), "text", ev, out);
		break;
	case EVENT_REASONING:
		if (ev->raw)
			front_lose(a, "reasoning_details");
		text(state(a), "thinking", ev, out);
		break;
	case EVENT_TOOL_BEGIN:
	case EVENT_TOOL_ARGS:
	case EVENT_TOOL_END:
		call(state(a), ev, out);
		break;
	case EVENT_ANNOTATION:
		cite(a, ev, out);
		break;
	case EVENT_LOGPROBS:
		logprobs(a, ev, out);
		break;
	case EVENT_MEDIA:
		front_lose_content(a, strcmp(ev->name, "audio") == 0 ? "audio" : "images");
		break;
	default:
		break;
	}
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->type == EVENT_FINISH || ev->type == EVENT_USAGE)
		return; /* the last event tells both */
	begin(a, out);
	if (ev->type == EVENT_ERROR)
		fail(a, ev, out);
	else if (ev->choice > 0)
		front_lose_content(a, "choices");
	else
		content(a, ev, out);
}

static void
end(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	begin(a, out);
	close_part(state(a), out);
	open_event(&w, "message-end", -1, out);
	key_object(&w, "delta");
	cohere_end_members(a, &w);
	jsonw_end_object(&w);
	close_event(&w, out);
	buf_adds(out, "data: [DONE]\n\n");
}

static void
error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "message", front_message(e));
	jsonw_end_object(&w);
}

const struct front front_cohere = {
    .name = "cohere",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .request = cohere_request,
    .whole = cohere_write_whole,
    .event = event,
    .end = end,
    .error = error,
    .release = release,
};
