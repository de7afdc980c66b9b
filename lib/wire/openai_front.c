/* SPDX-License-Identifier: ISC */
/*
 * The OpenAI format's front, as OpenRouter speaks it: its requests are canonical as they are; answers are chat.completion objects, streams
 * their chunks and [DONE], with the usage in the last chunk.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "jsonw.h"
#include "mem.h"
#include "more.h"
#include "wire/front.h"

/* What stands around the text in a chunk that is only text: most chunks are. */
struct openai_out {
	const char *key; /* "content", ...: of the chunk that head was made for; NULL: none */
	struct buf head;
	size_t n_open;  /* bytes of head up to where unknown members of the answer stand */
	uint64_t begun; /* choices behind the first whose role was told */
	int late;       /* unknown members came with no chunk of their own: the last one has them */
};

#define CHOICE_TAIL ",\"finish_reason\":null}]}\n\n"
#define TEXT_TAIL "\"}" CHOICE_TAIL

static struct openai_out *
out_of(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct openai_out));
	return a->own;
}

static void
put_more(struct jsonw *w, const struct event *ev, enum more_of of)
{
	if (ev->more)
		more_write(w, ev->more->s[of], ev->more->n[of]);
}

static void
key_text(struct jsonw *w, const char *key, const struct event *ev)
{
	jsonw_key(w, key);
	jsonw_strn(w, ev->s ? ev->s : "", ev->n);
}

static void
key_raw(struct jsonw *w, const char *key, const struct event *ev)
{
	if (!ev->raw_len)
		return;
	jsonw_key(w, key);
	jsonw_raw(w, ev->raw, ev->raw_len);
}

/* What the provider didn't say, an OpenRouter answer has all the same. */
static void
name_source(struct front_answer *a)
{
	struct answer *to = &a->answer;

	if (!to->created)
		to->created = a->created;
	if (!to->id && a->id)
		to->id = xstrdup(a->id);
	if (!to->model && a->model)
		to->model = xstrdup(a->model);
	if (!to->provider && a->provider)
		to->provider = xstrdup(a->provider);
}

static void
open_chunk(struct front_answer *a, struct jsonw *w, struct buf *out)
{
	name_source(a);
	buf_adds(out, "data: ");
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_key(w, "id");
	jsonw_str(w, front_id(a));
	jsonw_key(w, "object");
	jsonw_str(w, "chat.completion.chunk");
	jsonw_key(w, "created");
	jsonw_int(w, front_created(a));
	jsonw_key(w, "model");
	jsonw_str(w, front_model(a));
	jsonw_member_if(w, "provider", a->answer.provider);
}

static void
close_chunk(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	buf_adds(out, "\n\n");
}

static void
delta_call(struct jsonw *w, const struct event *ev)
{
	jsonw_key(w, "tool_calls");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, ev->index);
	if (ev->type == EVENT_TOOL_BEGIN) {
		jsonw_member_if(w, "id", ev->id);
		jsonw_member_if(w, "type", "function");
	}
	jsonw_key(w, "function");
	jsonw_object(w);
	if (ev->type == EVENT_TOOL_BEGIN)
		jsonw_member_if(w, "name", ev->name);
	key_text(w, "arguments", ev);
	put_more(w, ev, MORE_FUNCTION);
	jsonw_end_object(w);
	put_more(w, ev, MORE_CALL);
	jsonw_end_object(w);
	jsonw_end_array(w);
}

static void
delta_list(struct jsonw *w, const char *key, const struct event *ev)
{
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_raw(w, ev->raw, ev->raw_len);
	jsonw_end_array(w);
}

/* The first choice has it from the start's chunk. */
static void
tell_role(struct front_answer *a, const struct event *ev, struct jsonw *w)
{
	struct openai_out *o = out_of(a);
	uint64_t bit = ev->choice > 0 && ev->choice < 64 ? UINT64_C(1) << ev->choice : 0;

	if (bit & ~o->begun)
		jsonw_member(w, "role", "assistant");
	o->begun |= bit;
}

static void
delta(struct jsonw *w, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_START:
		jsonw_member_if(w, "role", "assistant");
		jsonw_member_if(w, "content", "");
		break;
	case EVENT_TEXT:
		key_text(w, ev->refusal ? "refusal" : "content", ev);
		break;
	case EVENT_REASONING:
		if (ev->n)
			key_text(w, "reasoning", ev);
		if (ev->raw)
			delta_list(w, "reasoning_details", ev);
		break;
	case EVENT_TOOL_BEGIN:
	case EVENT_TOOL_ARGS:
		delta_call(w, ev);
		break;
	case EVENT_MEDIA:
		if (strcmp(ev->name, "audio") == 0)
			key_raw(w, "audio", ev);
		else
			delta_list(w, "images", ev);
		break;
	case EVENT_ANNOTATION:
		delta_list(w, "annotations", ev);
		break;
	default:
		break;
	}
}

static void
error_object(struct jsonw *w, const struct err *e, int published)
{
	jsonw_key(w, "error");
	jsonw_object(w);
	jsonw_key(w, "code");
	jsonw_int(w, e->http ? e->http : 502);
	jsonw_member_if(w, "message", front_message(e));
	if (published) {
		jsonw_key(w, "metadata");
		jsonw_object(w);
		jsonw_member(w, "error_type", front_error_type(e));
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}

static void
chunk(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	open_chunk(a, &w, out);
	if (ev->type == EVENT_ERROR)
		error_object(&w, ev->err, a->published);
	put_more(&w, ev, MORE_ANSWER);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_key(&w, "index");
	jsonw_int(&w, ev->choice);
	jsonw_key(&w, "delta");
	jsonw_object(&w);
	tell_role(a, ev, &w);
	delta(&w, ev);
	if (a->published && ev->type == EVENT_ERROR)
		jsonw_member(&w, "content", "");
	put_more(&w, ev, MORE_MESSAGE);
	jsonw_end_object(&w);
	if (ev->type == EVENT_LOGPROBS)
		key_raw(&w, "logprobs", ev);
	put_more(&w, ev, MORE_CHOICE);
	jsonw_key(&w, "finish_reason");
	jsonw_str(&w, ev->type == EVENT_FINISH ? ev->s : ev->type == EVENT_ERROR ? "error" : NULL);
	if (ev->type == EVENT_FINISH)
		jsonw_member_if(&w, "native_finish_reason", ev->native);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	close_chunk(&w, out);
}

static void
add_more(const struct event *ev, enum more_of of, struct buf *out)
{
	if (!ev->more->n[of])
		return;
	buf_addc(out, ',');
	buf_add(out, ev->more->s[of], ev->more->n[of]);
}

static void
text_and_more(const struct openai_out *o, const struct event *ev, struct buf *out)
{
	buf_add(out, o->head.p, o->n_open);
	add_more(ev, MORE_ANSWER, out);
	buf_add(out, o->head.p + o->n_open, o->head.len - o->n_open);
	jsonw_escape(out, ev->s, ev->n);
	buf_addc(out, '"');
	add_more(ev, MORE_MESSAGE, out);
	buf_addc(out, '}');
	add_more(ev, MORE_CHOICE, out);
	buf_add(out, CHOICE_TAIL, sizeof(CHOICE_TAIL) - 1);
}

/* A chunk of nothing but text, its fixed part as it was in the one before. */
static void
text_chunk(struct front_answer *a, const char *key, const struct event *ev, struct buf *out)
{
	struct openai_out *o = out_of(a);
	struct jsonw w;

	if (o->key != key) {
		o->key = key;
		buf_clear(&o->head);
		open_chunk(a, &w, &o->head);
		o->n_open = o->head.len;
		buf_adds(&o->head, ",\"choices\":[{\"index\":0,\"delta\":{\"");
		buf_addf(&o->head, "%s\":\"", key);
	}
	if (ev->more) {
		text_and_more(o, ev, out);
		return;
	}
	buf_add(out, o->head.p, o->head.len);
	jsonw_escape(out, ev->s, ev->n);
	buf_add(out, TEXT_TAIL, sizeof(TEXT_TAIL) - 1);
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct openai_out *o = a->own;

	if (ev->type == EVENT_TEXT && !ev->choice) {
		text_chunk(a, ev->refusal ? "refusal" : "content", ev, out);
		return;
	}
	if (o && ev->type == EVENT_START) {
		o->key = NULL;
		o->begun = 0;
	}
	if (ev->type == EVENT_MORE && ev->choice < 0) {
		out_of(a)->late = 1;
		return;
	}
	if (ev->type == EVENT_TOOL_END || ev->type == EVENT_USAGE)
		return; /* the usage goes last, with its cost */
	if (ev->type == EVENT_REASONING && !ev->choice && !ev->raw)
		text_chunk(a, "reasoning", ev, out);
	else
		chunk(a, ev, out);
}

static void
last_chunk(struct front_answer *a, struct buf *out)
{
	struct jsonw w;
	struct buf usage = BUF_INIT;

	open_chunk(a, &w, out);
	more_write(&w, a->answer.more.p, a->answer.more.len);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	jsonw_end_array(&w);
	if (answer_has_usage(&a->answer)) {
		jsonw_key(&w, "usage");
		answer_emit_usage(&a->answer, a->cost, &usage);
		jsonw_raw(&w, usage.p, usage.len);
	}
	close_chunk(&w, out);
	buf_release(&usage);
}

/* The last chunk: usage, as OpenRouter sends it, then the end marker. */
static void
end(struct front_answer *a, struct buf *out)
{
	const struct openai_out *o = a->own;

	if (answer_has_usage(&a->answer) || (o && o->late))
		last_chunk(a, out);
	buf_adds(out, "data: [DONE]\n\n");
}

static void
whole(struct front_answer *a, struct buf *out)
{
	name_source(a);
	answer_emit_completion(&a->answer, a->cost, out);
	if (a->published && !more_has(a->answer.more.p, a->answer.more.len, "system_fingerprint")) {
		out->len--;
		buf_adds(out, ",\"system_fingerprint\":null}");
	}
}

static void
error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	error_object(&w, e, 0);
	jsonw_end_object(&w);
}

static void
release(struct front_answer *a)
{
	struct openai_out *o = a->own;

	if (o)
		buf_release(&o->head);
	free(o);
}

const struct front front_openai = {
    .name = "openai",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .whole = whole,
    .event = event,
    .end = end,
    .error = error,
    .release = release,
};
