/* SPDX-License-Identifier: ISC */
/* Events to their event stream. Text and thoughts are in one block at a time; calls have a block each, since others may mix them. */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/anthropic.h"
#include "wire/front.h"

enum open { NOTHING, TEXT, THINKING };

struct call {
	int block; /* its block's number; -1: ended */
	struct anthropic_args args;
	int wrapped; /* they are no object: a string inside one holds them */
};

struct anthropic_out {
	enum open open;
	int64_t thought; /* the open thinking block's number at the provider; -1: not known yet */
	int is_signed;   /* the open thinking block is: there is no more of it */
	int block;       /* the open block's number */
	int n_block;     /* blocks that were begun */
	struct call *call;
	size_t n_call, cap_call;
	size_t n_ended;  /* calls from the first on */
	struct buf head; /* of a delta of text in the open block */
	struct json json;
	int begun;
};

static struct anthropic_out *
state(struct front_answer *a)
{
	return a->own ? a->own : (a->own = xcalloc(1, sizeof(struct anthropic_out)));
}

void
anthropic_stream_release(struct front_answer *a)
{
	struct anthropic_out *o = a->own;

	if (!o)
		return;
	free(o->call);
	buf_release(&o->head);
	json_release(&o->json);
	free(o);
}

static void
open_event(struct jsonw *w, const char *type, struct buf *out)
{
	buf_adds(out, "event: ");
	buf_adds(out, type);
	buf_adds(out, "\ndata: ");
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member(w, "type", type);
}

static void
close_event(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	buf_adds(out, "\n\n");
}

static void
begin(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	if (state(a)->begun)
		return;
	state(a)->begun = 1;
	open_event(&w, "message_start", out);
	jsonw_key(&w, "message");
	jsonw_object(&w);
	anthropic_write_head(a, &w);
	jsonw_key(&w, "content");
	jsonw_raw(&w, "[]", 2);
	jsonw_member(&w, "stop_reason", NULL);
	jsonw_member(&w, "stop_sequence", NULL);
	if (a->published)
		jsonw_member(&w, "stop_details", NULL);
	anthropic_write_usage(a, &w);
	jsonw_end_object(&w);
	close_event(&w, out);
}

static void
block_event(struct jsonw *w, const char *type, int block, struct buf *out)
{
	open_event(w, type, out);
	jsonw_key(w, "index");
	jsonw_int(w, block);
}

static void
stop_block(int block, struct buf *out)
{
	struct jsonw w;

	block_event(&w, "content_block_stop", block, out);
	close_event(&w, out);
}

static void
open_delta(struct jsonw *w, const char *type, int block, struct buf *out)
{
	block_event(w, "content_block_delta", block, out);
	jsonw_key(w, "delta");
	jsonw_object(w);
	jsonw_member(w, "type", type);
}

static void
close_both(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	close_event(w, out);
}

static void
args_delta(const struct call *c, const char *s, size_t n, struct buf *out)
{
	struct jsonw w;

	open_delta(&w, "input_json_delta", c->block, out);
	jsonw_key(&w, "partial_json");
	jsonw_strn(&w, s, n);
	close_both(&w, out);
}

static void
end_call(struct anthropic_out *o, int call, struct buf *out)
{
	if (call < 0 || (size_t)call >= o->n_call || o->call[call].block < 0)
		return;
	if (o->call[call].wrapped)
		args_delta(o->call + call, "\"}", 2, out);
	stop_block(o->call[call].block, out);
	o->call[call].block = -1;
}

static void
close_block(struct anthropic_out *o, struct buf *out)
{
	if (o->open != NOTHING)
		stop_block(o->block, out);
	o->open = NOTHING;
}

/* Most clients want one block after the other: a call ends where its arguments are whole, though its provider may say so much later. */
static void
end_whole_calls(struct anthropic_out *o, struct buf *out)
{
	for (size_t i = o->n_ended; i < o->n_call; i++) {
		const struct call *c = o->call + i;
		if (c->args.begun && !c->args.depth)
			end_call(o, (int)i, out);
		if (i == o->n_ended && c->block < 0)
			o->n_ended++;
	}
}

/* A block begins: its members but the type are the caller's. */
static int
open_block(struct front_answer *a, struct jsonw *w, const char *type, struct buf *out)
{
	struct anthropic_out *o = state(a);

	begin(a, out);
	close_block(o, out);
	end_whole_calls(o, out);
	block_event(w, "content_block_start", o->n_block, out);
	jsonw_key(w, "content_block");
	jsonw_object(w);
	jsonw_member(w, "type", type);
	return o->n_block++;
}

/* What stands before the text in each delta of the open block. */
static void
make_head(struct anthropic_out *o, const char *type, const char *key)
{
	struct jsonw w;

	buf_clear(&o->head);
	open_delta(&w, type, o->block, &o->head);
	jsonw_key(&w, key);
	buf_addc(&o->head, '"');
}

static void
text_delta(struct anthropic_out *o, const char *s, size_t n, struct buf *out)
{
	static const char tail[] = "\"}}\n\n";

	buf_add(out, o->head.p, o->head.len);
	jsonw_escape(out, s, n);
	buf_add(out, tail, sizeof(tail) - 1);
}

static void
open_text(struct front_answer *a, struct buf *out)
{
	struct anthropic_out *o = state(a);
	struct jsonw w;

	if (o->open == TEXT)
		return;
	o->block = open_block(a, &w, "text", out);
	jsonw_member(&w, "text", "");
	if (a->published)
		jsonw_member(&w, "citations", NULL);
	close_both(&w, out);
	o->open = TEXT;
	make_head(o, "text_delta", "text");
}

/* number: -1: of whatever is open. */
static void
open_thinking(struct front_answer *a, int64_t number, struct buf *out)
{
	struct anthropic_out *o = state(a);
	struct jsonw w;

	if (o->open == THINKING && !o->is_signed && (number < 0 || o->thought < 0 || o->thought == number)) {
		o->thought = number < 0 ? o->thought : number;
		return;
	}
	o->block = open_block(a, &w, "thinking", out);
	jsonw_member(&w, "thinking", "");
	jsonw_member(&w, "signature", "");
	close_both(&w, out);
	o->open = THINKING;
	o->thought = number;
	o->is_signed = 0;
	make_head(o, "thinking_delta", "thinking");
}

static void
signature_delta(struct anthropic_out *o, int node, struct buf *out)
{
	struct jsonw w;
	size_t n;
	const char *raw = json_raw(&o->json, node, &n);

	open_delta(&w, "signature_delta", o->block, out);
	jsonw_key(&w, "signature");
	jsonw_raw(&w, raw, n);
	close_both(&w, out);
	o->is_signed = 1;
}

/* data: as a JSON string. */
static void
redacted(struct front_answer *a, const char *data, size_t n, struct buf *out)
{
	struct jsonw w;
	int block = open_block(a, &w, "redacted_thinking", out);

	jsonw_key(&w, "data");
	jsonw_raw(&w, data, n);
	close_both(&w, out);
	stop_block(block, out);
}

static void
foreign(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct buf data = BUF_INIT;

	buf_addc(&data, '"');
	anthropic_wrap(ev->raw, ev->raw_len, &data);
	buf_addc(&data, '"');
	redacted(a, data.p, data.len, out);
	buf_release(&data);
}

/* A detail of their own, or a piece of one. Its text is the event's, or came before it: many say it twice. */
static void
detail(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);
	const struct json *j = &o->json;
	int signature = json_get(j, 0, "signature"), data = json_get(j, 0, "data");
	int64_t number = -1;

	if (json_type(j, data) == JSON_STRING) {
		size_t n;
		const char *raw = json_raw(j, data, &n);
		redacted(a, raw, n, out);
		return;
	}
	json_int(j, json_get(j, 0, "index"), &number);
	open_thinking(a, number, out);
	if (ev->n)
		text_delta(o, ev->s, ev->n, out);
	if (json_type(j, signature) == JSON_STRING && !json_eq(j, signature, ""))
		signature_delta(o, signature, out);
}

static void
reasoning(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);
	int parsed = ev->raw && json_parse(&o->json, ev->raw, ev->raw_len, NULL) == 0;

	if (parsed && json_eq(&o->json, json_get(&o->json, 0, "format"), ANTHROPIC_REASONING)) {
		detail(a, ev, out);
		return;
	}
	if (ev->n) {
		open_thinking(a, -1, out);
		text_delta(o, ev->s, ev->n, out);
	}
	if (parsed && anthropic_is_sealed(&o->json, 0))
		foreign(a, ev, out);
}

static void
begin_call(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);
	struct buf id = BUF_INIT;
	struct jsonw w;

	buf_addf(&id, "toolu_or%d", ev->index);
	int block = open_block(a, &w, "tool_use", out);
	jsonw_member(&w, "id", ev->id ? ev->id : buf_str(&id));
	jsonw_member(&w, "name", ev->name);
	if (a->published)
		anthropic_write_caller(&w);
	jsonw_key(&w, "input");
	jsonw_raw(&w, "{}", 2);
	close_both(&w, out);
	o->call = mem_grow(o->call, o->n_call, &o->cap_call, sizeof(*o->call));
	o->call[o->n_call++] = (struct call){.block = block};
	buf_release(&id);
}

/* Arguments that are no object; anthropic_reply.c says whose. */
static void
wrapped_args(struct front_answer *a, struct call *c, const struct event *ev, struct buf *out)
{
	struct buf b = BUF_INIT;

	if (!c->wrapped)
		buf_adds(&b, "{\"input\":\"");
	c->wrapped = 1;
	jsonw_escape(&b, ev->s, ev->n);
	args_delta(c, b.p, b.len, out);
	buf_release(&b);
	front_lose(a, "tool_calls.arguments");
}

static void
call_args(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);

	if (ev->index < 0 || (size_t)ev->index >= o->n_call || o->call[ev->index].block < 0 || !ev->n)
		return;
	struct call *c = o->call + ev->index;
	if (anthropic_args_feed(&c->args, ev->s, ev->n))
		wrapped_args(a, c, ev, out);
	else
		args_delta(c, ev->s, ev->n, out);
}

static void
annotation(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);
	struct buf citation = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &citation);
	if (json_parse(&o->json, ev->raw, ev->raw_len, NULL) == 0 &&
	    anthropic_write_citation(a, &w, &o->json, 0) == 0) {
		open_text(a, out);
		open_delta(&w, "citations_delta", o->block, out);
		jsonw_key(&w, "citation");
		jsonw_raw(&w, citation.p, citation.len);
		close_both(&w, out);
	}
	buf_release(&citation);
}

static void
text(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct anthropic_out *o = state(a);

	if (ev->refusal)
		front_lose(a, "refusal");
	if (o->open != TEXT)
		open_text(a, out);
	text_delta(o, ev->s, ev->n, out);
}

static void
error(const struct front_answer *a, const struct event *ev, struct buf *out)
{
	buf_adds(out, "event: error\ndata: ");
	if (a->published)
		anthropic_reply_published_error(ev->err, front_id(a), out);
	else
		anthropic_reply_error(ev->err, out);
	buf_adds(out, "\n\n");
}

static void
content(struct front_answer *a, const struct event *ev, struct buf *out)
{
	switch (ev->type) {
	case EVENT_TEXT:
		text(a, ev, out);
		break;
	case EVENT_REASONING:
		reasoning(a, ev, out);
		break;
	case EVENT_TOOL_BEGIN:
		begin_call(a, ev, out);
		break;
	case EVENT_TOOL_ARGS:
		call_args(a, ev, out);
		break;
	case EVENT_TOOL_END:
		end_call(state(a), ev->index, out);
		break;
	case EVENT_ANNOTATION:
		annotation(a, ev, out);
		break;
	case EVENT_MEDIA:
		front_lose_content(a, strcmp(ev->name, "audio") == 0 ? "audio" : "images");
		break;
	case EVENT_LOGPROBS:
		front_lose(a, "logprobs");
		break;
	default:
		break;
	}
}

void
anthropic_event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->type == EVENT_ERROR)
		error(a, ev, out);
	else if (ev->choice)
		front_lose_content(a, "choices");
	else if (ev->type == EVENT_START)
		begin(a, out);
	else
		content(a, ev, out);
}

/* The reason and the usage are known when everything is. */
void
anthropic_stream_end(struct front_answer *a, struct buf *out)
{
	struct anthropic_out *o = state(a);
	struct jsonw w;

	begin(a, out);
	close_block(o, out);
	for (size_t i = 0; i < o->n_call; i++)
		end_call(o, (int)i, out);
	open_event(&w, "message_delta", out);
	jsonw_key(&w, "delta");
	jsonw_object(&w);
	jsonw_member(&w, "stop_reason", anthropic_reason(a));
	jsonw_member(&w, "stop_sequence", NULL);
	if (a->published) {
		jsonw_member(&w, "stop_details", NULL);
		jsonw_member(&w, "container", NULL);
	}
	jsonw_end_object(&w);
	anthropic_write_usage(a, &w);
	anthropic_lose_usage(a);
	close_event(&w, out);
	open_event(&w, "message_stop", out);
	close_event(&w, out);
}
