/* SPDX-License-Identifier: ISC */
/* The front of Converse: a stream of frames. Whole answers are bedrock_render.c's, requests bedrock_request.c's. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "eventstream.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/bedrock.h"
#include "wire/bedrock_render.h"

enum kind { NONE, TEXT, REASONING };

struct call {
	int64_t block; /* -1: it has ended */
	/* of its arguments' JSON text, as far as it came */
	int depth, in_string, escaped, is_whole;
};

struct stream {
	int begun;
	int64_t n; /* blocks begun */
	struct call *call;
	size_t n_call, cap_call;
	enum kind kind;  /* of the block that is open beside those of calls: the last one begun */
	int64_t open;    /* its number */
	int64_t thought; /* the index of the reasoning detail that it is; -1: not known yet */
	struct buf payload;
	struct json raw; /* reused */
};

static struct stream *
stream_of(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct stream));
	return a->own;
}

/* A frame's payload, which begins with the number of its block; -1: it has none. */
static void
open_payload(struct stream *s, struct jsonw *w, int64_t block)
{
	buf_clear(&s->payload);
	jsonw_init(w, &s->payload);
	jsonw_object(w);
	if (block < 0)
		return;
	jsonw_key(w, "contentBlockIndex");
	jsonw_int(w, block);
}

static void
put(struct stream *s, struct jsonw *w, const char *type, struct buf *out)
{
	jsonw_end_object(w);
	eventstream_put(out, "event", type, s->payload.p, s->payload.len);
}

static void
end_block(struct stream *s, int64_t block, struct buf *out)
{
	struct jsonw w;

	open_payload(s, &w, block);
	put(s, &w, "contentBlockStop", out);
}

static void
end_call(struct stream *s, struct call *c, struct buf *out)
{
	if (c->block >= 0)
		end_block(s, c->block, out);
	c->block = -1;
}

/* Ends what another block ends. Bedrock never has two open, and clients rely on it; but calls whose arguments come by turns can't wait. */
static void
end_open(struct stream *s, struct buf *out)
{
	if (s->kind != NONE)
		end_block(s, s->open, out);
	s->kind = NONE;
	for (size_t i = 0; i < s->n_call; i++)
		if (s->call[i].is_whole)
			end_call(s, s->call + i, out);
}

/* Goes on with the open block, or begins one; blocks of text have no frame of their own for that. */
static void
in_block(struct stream *s, enum kind kind, struct buf *out)
{
	if (s->kind == kind)
		return;
	end_open(s, out);
	s->kind = kind;
	s->open = s->n++;
	s->thought = -1;
}

static void
delta(struct stream *s, struct jsonw *w, const char *key)
{
	open_payload(s, w, s->open);
	jsonw_key(w, "delta");
	jsonw_object(w);
	jsonw_key(w, key);
}

static void
put_delta(struct stream *s, struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	put(s, w, "contentBlockDelta", out);
}

static void
text(struct stream *s, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	in_block(s, TEXT, out);
	delta(s, &w, "text");
	jsonw_strn(&w, ev->s ? ev->s : "", ev->n);
	put_delta(s, &w, out);
}

static void
thought(struct stream *s, const char *key, const char *p, size_t n, struct buf *out)
{
	struct jsonw w;

	in_block(s, REASONING, out);
	delta(s, &w, "reasoningContent");
	jsonw_object(&w);
	jsonw_key(&w, key);
	jsonw_strn(&w, p, n);
	jsonw_end_object(&w);
	put_delta(s, &w, out);
}

/* Pieces of another detail are another block. */
static void
follow(struct stream *s, const struct json *j, struct buf *out)
{
	int64_t index = -1;

	json_int(j, json_get(j, 0, "index"), &index);
	if (s->kind == REASONING && s->thought >= 0 && index != s->thought)
		end_open(s, out);
	in_block(s, REASONING, out);
	s->thought = index;
}

static void
sealed(struct front_answer *a, struct stream *s, struct buf *out)
{
	struct buf data = BUF_INIT;

	end_open(s, out);
	if (bedrock_sealed(a, &s->raw, &data))
		thought(s, "redactedContent", buf_str(&data), data.len, out);
	end_open(s, out);
	buf_release(&data);
}

/* The text is the event's own; a detail adds what makes it good to be played back. */
static void
reasoning(struct front_answer *a, struct stream *s, const struct event *ev, struct buf *out)
{
	struct buf value = BUF_INIT;
	struct err ignored;
	int has_detail = ev->raw_len && json_parse(&s->raw, ev->raw, ev->raw_len, &ignored) == 0;
	int is_sealed = has_detail && json_eq(&s->raw, json_get(&s->raw, 0, "type"), "reasoning.encrypted");

	if (has_detail && !is_sealed)
		json_str(&s->raw, bedrock_signature(a, &s->raw), &value);
	if (has_detail && !is_sealed && (ev->n || value.len))
		follow(s, &s->raw, out);
	if (ev->n)
		thought(s, "text", ev->s, ev->n, out);
	if (value.len)
		thought(s, "signature", value.p, value.len, out);
	if (is_sealed)
		sealed(a, s, out);
	buf_release(&value);
}

static void
begin_call(struct stream *s, const struct event *ev, struct buf *out)
{
	struct buf id = BUF_INIT;
	struct jsonw w;

	end_open(s, out);
	s->call = mem_grow(s->call, s->n_call, &s->cap_call, sizeof(*s->call));
	s->call[s->n_call++] = (struct call){.block = s->n};
	bedrock_call_id(&id, ev->id, s->n_call - 1);
	open_payload(s, &w, s->n++);
	jsonw_key(&w, "start");
	jsonw_object(&w);
	jsonw_key(&w, "toolUse");
	jsonw_object(&w);
	jsonw_key(&w, "toolUseId");
	jsonw_str(&w, buf_str(&id));
	jsonw_key(&w, "name");
	jsonw_str(&w, ev->name ? ev->name : "");
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	put(s, &w, "contentBlockStart", out);
	buf_release(&id);
}

/* Is the object at its end? */
static void
scan(struct call *c, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c->in_string) {
			c->in_string = c->escaped || p[i] != '"';
			c->escaped = !c->escaped && p[i] == '\\';
		} else if (p[i] == '"') {
			c->in_string = 1;
		} else if (p[i] == '{' || p[i] == '[') {
			c->depth++;
		} else if (p[i] == '}' || p[i] == ']') {
			c->is_whole |= --c->depth == 0;
		}
	}
}

static void
call_args(struct stream *s, struct call *c, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	scan(c, ev->s ? ev->s : "", ev->n);
	open_payload(s, &w, c->block);
	jsonw_key(&w, "delta");
	jsonw_object(&w);
	jsonw_key(&w, "toolUse");
	jsonw_object(&w);
	jsonw_key(&w, "input");
	jsonw_strn(&w, ev->s ? ev->s : "", ev->n);
	jsonw_end_object(&w);
	put_delta(s, &w, out);
}

static void
call(struct stream *s, const struct event *ev, struct buf *out)
{
	if (ev->type == EVENT_TOOL_BEGIN) {
		begin_call(s, ev, out);
		return;
	}
	struct call *c = ev->index >= 0 && (size_t)ev->index < s->n_call ? s->call + ev->index : NULL;
	if (!c || c->block < 0)
		return;
	if (ev->type == EVENT_TOOL_ARGS)
		call_args(s, c, ev, out);
	else
		end_call(s, c, out);
}

static void
annotation(struct front_answer *a, struct stream *s, const struct event *ev, struct buf *out)
{
	struct buf cited = BUF_INIT;
	struct jsonw w;

	if (bedrock_citation(a, ev->raw, ev->raw_len, &cited)) {
		in_block(s, TEXT, out);
		delta(s, &w, "citation");
		jsonw_raw(&w, cited.p, cited.len);
		put_delta(s, &w, out);
	}
	buf_release(&cited);
}

static void
media(struct front_answer *a, struct stream *s, const struct event *ev, struct buf *out)
{
	struct bedrock_picture p;
	struct jsonw w;

	if (!ev->name || strcmp(ev->name, "image") != 0 || !bedrock_picture(&s->raw, ev->raw, ev->raw_len, &p)) {
		front_lose_content(a, ev->name && strcmp(ev->name, "image") == 0 ? "images" : "audio");
		return;
	}
	end_open(s, out);
	open_payload(s, &w, s->n);
	jsonw_key(&w, "start");
	jsonw_object(&w);
	jsonw_key(&w, "image");
	jsonw_object(&w);
	jsonw_key(&w, "format");
	jsonw_str(&w, p.format);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	put(s, &w, "contentBlockStart", out);
	s->open = s->n++;
	delta(s, &w, "image");
	jsonw_object(&w);
	bedrock_picture_source(&w, &p);
	jsonw_end_object(&w);
	put_delta(s, &w, out);
	end_block(s, s->open, out);
}

static void
begin(struct stream *s, struct buf *out)
{
	struct jsonw w;

	if (s->begun++)
		return;
	open_payload(s, &w, -1);
	jsonw_key(&w, "role");
	jsonw_str(&w, "assistant");
	put(s, &w, "messageStart", out);
}

/* The error that ends an answer is told by an exception, unless it is one that Bedrock has a word for. */
static void
stop(struct stream *s, const struct event *ev, struct buf *out)
{
	const char *reason = front_reason(bedrock_stops, ev->s, ev->native);
	struct jsonw w;

	end_open(s, out);
	for (size_t i = 0; i < s->n_call; i++)
		end_call(s, s->call + i, out);
	if (strcmp(ev->s, "error") == 0 && (!ev->native || strcmp(ev->native, reason) != 0))
		return;
	open_payload(s, &w, -1);
	jsonw_key(&w, "stopReason");
	jsonw_str(&w, reason);
	put(s, &w, "messageStop", out);
}

static void
fail(struct stream *s, const struct err *e, struct buf *out)
{
	struct jsonw w;

	open_payload(s, &w, -1);
	jsonw_key(&w, "message");
	jsonw_str(&w, front_message(e));
	jsonw_end_object(&w);
	eventstream_put(out, "exception", bedrock_stream_error(e), s->payload.p, s->payload.len);
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct stream *s = stream_of(a);

	if (ev->choice) {
		front_lose_content(a, "choices");
		return;
	}
	begin(s, out);
	switch (ev->type) {
	case EVENT_TEXT:
		if (ev->refusal)
			front_lose(a, "refusal");
		text(s, ev, out);
		break;
	case EVENT_REASONING:
		reasoning(a, s, ev, out);
		break;
	case EVENT_TOOL_BEGIN:
	case EVENT_TOOL_ARGS:
	case EVENT_TOOL_END:
		call(s, ev, out);
		break;
	case EVENT_MEDIA:
		media(a, s, ev, out);
		break;
	case EVENT_ANNOTATION:
		annotation(a, s, ev, out);
		break;
	case EVENT_LOGPROBS:
		front_lose(a, "logprobs");
		break;
	case EVENT_FINISH:
		stop(s, ev, out);
		break;
	case EVENT_ERROR:
		fail(s, ev->err, out);
		break;
	default:
		break;
	}
}

/* The usage is in the last frame. */
static void
end(struct front_answer *a, struct buf *out)
{
	struct stream *s = stream_of(a);
	const struct answer_choice *c = answer_get(&a->answer, 0);
	struct jsonw w;

	if (a->failed)
		return;
	begin(s, out);
	if (!c || !c->finish)
		stop(s, &(struct event){.s = "stop"}, out);
	open_payload(s, &w, -1);
	bedrock_usage(a, &w);
	put(s, &w, "metadata", out);
	bedrock_lose_facts(a);
}

static void
error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "__type"); /* Bedrock says it in a header, x-amzn-ErrorType; its kin here */
	jsonw_str(&w, bedrock_error_type(e));
	jsonw_key(&w, "message");
	jsonw_str(&w, front_message(e));
	jsonw_end_object(&w);
}

static void
release(struct front_answer *a)
{
	struct stream *s = a->own;

	if (s) {
		free(s->call);
		buf_release(&s->payload);
		json_release(&s->raw);
	}
	free(s);
}

const struct front front_bedrock = {
    .name = "bedrock",
    .type = "application/json",
    .stream_type = "application/vnd.amazon.eventstream",
    .request = bedrock_request,
    .whole = bedrock_render,
    .event = event,
    .end = end,
    .error = error,
    .release = release,
};
