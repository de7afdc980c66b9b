/* SPDX-License-Identifier: ISC */
/*
 * An answer as the Responses format's events. Items begin and end as the answer goes from reasoning to text to calls; of messages and
 * reasoning one is open at a time, calls may be several. The last event repeats all of it.
 */
#include <inttypes.h>
#include <string.h>

#include "err.h"
#include "event.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/front.h"
#include "wire/responses.h"
#include "wire/responses_out.h"

void
responses_open(struct front_answer *a, struct jsonw *w, struct buf *out, const char *type)
{
	buf_addf(out, "event: %s\ndata: ", type);
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsonw_key(w, "sequence_number");
	jsonw_int(w, responses_out(a)->sequence++);
}

void
responses_close(struct jsonw *w)
{
	jsonw_end_object(w);
	buf_adds(w->b, "\n\n");
}

static void
response_event(
    struct front_answer *a, struct buf *out, const char *type, const char *status, int items, const struct err *e)
{
	struct jsonw w;

	responses_open(a, &w, out, type);
	jsonw_key(&w, "response");
	responses_object(a, &w, status, items, e);
	responses_close(&w);
}

static void
start(struct front_answer *a, struct buf *out)
{
	struct responses_out *o = responses_out(a);

	if (o->started)
		return;
	o->started = 1;
	response_event(a, out, "response.created", "in_progress", 0, NULL);
	response_event(a, out, "response.in_progress", "in_progress", 0, NULL);
}

/* An event about item i, or, with an index, about one of its parts. */
static void
item_event(struct front_answer *a, struct jsonw *w, struct buf *out, const char *type, size_t i)
{
	responses_open(a, w, out, type);
	jsonw_member_if(w, "item_id", responses_out(a)->item[i].id);
	jsonw_key(w, "output_index");
	jsonw_int(w, (int64_t)i);
}

void
responses_part_event(
    struct front_answer *a, struct jsonw *w, struct buf *out, const char *type, size_t i, size_t part, int summary)
{
	item_event(a, w, out, type, i);
	jsonw_key(w, summary ? "summary_index" : "content_index");
	jsonw_int(w, (int64_t)part);
}

static void
whole_item(struct front_answer *a, struct buf *out, const char *type, size_t i, const char *status)
{
	struct jsonw w;

	responses_open(a, &w, out, type);
	jsonw_key(&w, "output_index");
	jsonw_int(&w, (int64_t)i);
	jsonw_key(&w, "item");
	responses_out_item(a, &w, i, status);
	responses_close(&w);
}

void
responses_added(struct front_answer *a, struct buf *out, size_t i)
{
	whole_item(a, out, "response.output_item.added", i, "in_progress");
}

static void
end_item(struct front_answer *a, struct buf *out, size_t i, const char *status)
{
	responses_out(a)->item[i].is_open = 0;
	responses_out(a)->item[i].status = status;
	whole_item(a, out, "response.output_item.done", i, status);
}

/* {"type":"output_text","text":...} */
void
responses_part_object(struct jsonw *w, const char *type, const char *key, const char *s, size_t n, int is_text)
{
	jsonw_key(w, "part");
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsonw_key(w, key);
	jsonw_strn(w, s, n);
	if (is_text) {
		jsonw_key(w, "annotations");
		jsonw_array(w);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}

static void
end_message(struct front_answer *a, struct buf *out, size_t i, const char *status)
{
	const struct responses_out_item *it = responses_out(a)->item + i;
	const struct buf *from = it->refusal ? &responses_choice(a)->refusal : &responses_choice(a)->text;
	const char *key = it->refusal ? "refusal" : "text", *s = buf_str(from) + it->from;
	struct jsonw w;

	responses_part_event(a, &w, out, it->refusal ? "response.refusal.done" : "response.output_text.done", i, 0, 0);
	jsonw_key(&w, key);
	jsonw_strn(&w, s, it->to - it->from);
	if (!it->refusal) {
		jsonw_key(&w, "logprobs");
		responses_out_probs(a, &w, it);
	}
	responses_close(&w);
	responses_part_event(a, &w, out, "response.content_part.done", i, 0, 0);
	jsonw_key(&w, "part");
	responses_out_part(a, &w, it);
	responses_close(&w);
	end_item(a, out, i, status);
}

/* The message or the reasoning that is open ends here. */
static void
end_current(struct front_answer *a, struct buf *out, const char *status)
{
	struct responses_out *o = responses_out(a);
	size_t i = o->current;

	if (i == SIZE_MAX)
		return;
	o->current = SIZE_MAX;
	if (o->item[i].kind == RESPONSES_OUT_MESSAGE) {
		end_message(a, out, i, status);
		return;
	}
	responses_end_part(a, out, i);
	end_item(a, out, i, status);
}

struct responses_out_item *
responses_begin(struct front_answer *a, struct buf *out, enum responses_out_kind kind)
{
	struct responses_out *o = responses_out(a);

	end_current(a, out, "completed");
	struct responses_out_item *it = responses_out_add(a, kind);
	o->current = o->n - 1;
	o->n_summary = o->n_text = 0;
	return it;
}

/* The message that is open, or a new one, which begins with what came last: n bytes of text, note bytes of annotations, ... */
static struct responses_out_item *
message(struct front_answer *a, struct buf *out, int refusal, size_t n)
{
	struct responses_out *o = responses_out(a);
	const struct answer_choice *c = responses_choice(a);
	struct jsonw w;

	if (o->current != SIZE_MAX && o->item[o->current].kind == RESPONSES_OUT_MESSAGE &&
	    o->item[o->current].refusal == refusal)
		return o->item + o->current;
	struct responses_out_item *it = responses_begin(a, out, RESPONSES_OUT_MESSAGE);
	it->refusal = refusal;
	it->from = it->to = (refusal ? c->refusal.len : c->text.len) - n;
	responses_added(a, out, o->current);
	responses_part_event(a, &w, out, "response.content_part.added", o->current, 0, 0);
	responses_part_object(&w, refusal ? "refusal" : "output_text", refusal ? "refusal" : "text", "", 0, !refusal);
	responses_close(&w);
	return it;
}

/* What stands around the text is the same in each delta of an item, but for the number. */
static void
text_delta(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	const char *type = ev->refusal ? "response.refusal.delta" : "response.output_text.delta";
	struct jsonw w;

	if (o->head_item != o->current) {
		o->head_item = o->current;
		buf_clear(&o->head);
		buf_addf(&o->head, "event: %s\ndata: ", type);
		jsonw_init(&w, &o->head);
		jsonw_object(&w);
		jsonw_member_if(&w, "type", type);
		jsonw_member_if(&w, "item_id", o->item[o->current].id);
		buf_addf(&o->head, ",\"output_index\":%zu,\"content_index\":0,\"delta\":\"", o->current);
	}
	buf_add(out, o->head.p, o->head.len);
	jsonw_escape(out, ev->s, ev->n);
	buf_addf(
	    out, "\"%s,\"sequence_number\":%" PRId64 "}\n\n", ev->refusal ? "" : ",\"logprobs\":[]", o->sequence++);
}

static void
on_text(struct front_answer *a, const struct event *ev, struct buf *out)
{
	message(a, out, ev->refusal, ev->n)->to += ev->n;
	text_delta(a, ev, out);
}

/* The list of one event, without the object around it; the delta that it belongs to has gone out. */
static void
on_logprobs(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	struct responses_out_item *it = message(a, out, 0, 0);
	struct json j = JSON_INIT;
	struct err ignored;
	struct jsonw w;
	int list;

	it->prob_end = responses_choice(a)->logprobs.len;
	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0 && json_count(&j, list = json_get(&j, 0, "content"))) {
		responses_part_event(a, &w, out, "response.output_text.delta", o->current, 0, 0);
		jsonw_member_if(&w, "delta", "");
		jsoncopy_known(&w, "logprobs", &j, list);
		responses_close(&w);
	}
	json_release(&j);
}

static void
on_annotation(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	struct responses_out_item *it = message(a, out, 0, 0);
	struct json j = JSON_INIT;
	struct buf note = BUF_INIT;
	struct err ignored;
	struct jsonw w;

	it->note_end = responses_choice(a)->annotations.len;
	jsonw_init(&w, &note);
	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0 && responses_note_flatten(&w, &j, 0)) {
		responses_part_event(a, &w, out, "response.output_text.annotation.added", o->current, 0, 0);
		jsonw_key(&w, "annotation_index");
		jsonw_int(&w, (int64_t)it->n_notes++);
		jsonw_key(&w, "annotation");
		jsonw_raw(&w, note.p, note.len);
		responses_close(&w);
	} else {
		front_lose(a, "annotations");
	}
	json_release(&j);
	buf_release(&note);
}

static size_t
find_call(struct front_answer *a, int index)
{
	struct responses_out *o = responses_out(a);

	for (size_t i = o->n; i-- > 0;)
		if (o->item[i].kind == RESPONSES_OUT_CALL && o->item[i].is_open && o->item[i].from == (size_t)index)
			return i;
	return SIZE_MAX;
}

static void
args_delta(struct front_answer *a, struct buf *out, size_t i, const char *s, size_t n)
{
	struct jsonw w;

	item_event(a, &w, out, "response.function_call_arguments.delta", i);
	jsonw_key(&w, "delta");
	jsonw_strn(&w, s, n);
	responses_close(&w);
}

static void
on_call(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);

	if (ev->index < 0 || (size_t)ev->index >= responses_choice(a)->n_call)
		return;
	end_current(a, out, "completed");
	responses_out_add(a, RESPONSES_OUT_CALL)->from = (size_t)ev->index;
	responses_added(a, out, o->n - 1);
}

static void
on_args(struct front_answer *a, const struct event *ev, struct buf *out)
{
	size_t i = find_call(a, ev->index);

	if (i != SIZE_MAX && ev->n)
		args_delta(a, out, i, ev->s, ev->n);
}

static void
end_call(struct front_answer *a, struct buf *out, size_t i, const char *status)
{
	const struct answer_call *c = responses_choice(a)->call + responses_out(a)->item[i].from;
	struct jsonw w;

	if (!c->args.len)
		args_delta(a, out, i, "{}", 2);
	item_event(a, &w, out, "response.function_call_arguments.done", i);
	jsonw_member_if(&w, "name", c->name);
	jsonw_key(&w, "arguments");
	jsonw_strn(&w, c->args.len ? c->args.p : "{}", c->args.len ? c->args.len : 2);
	responses_close(&w);
	end_item(a, out, i, status);
}

static void
on_call_end(struct front_answer *a, const struct event *ev, struct buf *out)
{
	size_t i = find_call(a, ev->index);

	if (i != SIZE_MAX)
		end_call(a, out, i, "completed");
}

static void
on_media(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);

	if (ev->name && strcmp(ev->name, "audio") == 0) {
		front_lose_content(a, "audio");
		return;
	}
	end_current(a, out, "completed");
	struct responses_out_item *it = responses_out_add(a, RESPONSES_OUT_IMAGE);
	it->to = responses_choice(a)->images.len;
	it->from = it->to - ev->raw_len;
	responses_added(a, out, o->n - 1);
	end_item(a, out, o->n - 1, "completed");
}

/* Whatever is open ends. */
static void
end_all(struct front_answer *a, struct buf *out, const char *status)
{
	struct responses_out *o = responses_out(a);

	responses_flush(a, out);
	end_current(a, out, status);
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].is_open)
			end_call(a, out, i, status);
}

/* As OpenAI has it: the error, then the response that failed of it, with what there is of it. */
static void
on_error(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	responses_open(a, &w, out, "error");
	jsonw_member_if(&w, "code", responses_code(ev->err));
	jsonw_member_if(&w, "message", front_message(ev->err));
	jsonw_key(&w, "param");
	jsonw_null(&w);
	responses_close(&w);
	response_event(a, out, "response.failed", "failed", 1, ev->err);
}

void
responses_event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	static void (*const handlers[])(struct front_answer *, const struct event *, struct buf *) = {
	    [EVENT_TEXT] = on_text,
	    [EVENT_REASONING] = responses_reasoning,
	    [EVENT_TOOL_BEGIN] = on_call,
	    [EVENT_TOOL_ARGS] = on_args,
	    [EVENT_TOOL_END] = on_call_end,
	    [EVENT_MEDIA] = on_media,
	    [EVENT_ANNOTATION] = on_annotation,
	    [EVENT_LOGPROBS] = on_logprobs,
	    [EVENT_ERROR] = on_error,
	};

	start(a, out);
	if (ev->choice > 0) {
		if (event_is_content(ev->type))
			front_lose_content(a, "choices");
		return;
	}
	if (ev->type != EVENT_REASONING && (event_is_content(ev->type) || ev->type == EVENT_ERROR))
		responses_flush(a, out);
	if ((size_t)ev->type < sizeof(handlers) / sizeof(*handlers) && handlers[ev->type])
		handlers[ev->type](a, ev, out);
	responses_out(a)->note = responses_choice(a)->annotations.len;
	responses_out(a)->prob = responses_choice(a)->logprobs.len;
}

void
responses_end(struct front_answer *a, struct buf *out)
{
	const char *status = responses_status(a);
	struct buf type = BUF_INIT;

	start(a, out);
	end_all(a, out, status);
	responses_lose(a);
	buf_addf(&type, "response.%s", status);
	response_event(a, out, buf_str(&type), status, 1, NULL);
	buf_release(&type);
}
