/* SPDX-License-Identifier: ISC */
/* Reasoning in a stream of the Responses format: items of details, or of plain text. */
#include <string.h>

#include "err.h"
#include "event.h"
#include "json.h"
#include "jsonw.h"
#include "wire/front.h"
#include "wire/responses.h"
#include "wire/responses_out.h"

void
responses_end_part(struct front_answer *a, struct buf *out, size_t i)
{
	struct responses_out *o = responses_out(a);
	int summary = o->part && strcmp(o->part, "summary") == 0;
	size_t part = (summary ? o->n_summary : o->n_text) - 1;
	struct jsonw w;

	if (!o->part)
		return;
	responses_part_event(a, &w, out,
	    summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done", i, part, summary);
	jsonw_key(&w, "text");
	jsonw_strn(&w, buf_str(&o->part_text), o->part_text.len);
	responses_close(&w);
	responses_part_event(a, &w, out,
	    summary ? "response.reasoning_summary_part.done" : "response.content_part.done", i, part, summary);
	responses_part_object(
	    &w, summary ? "summary_text" : "reasoning_text", "text", buf_str(&o->part_text), o->part_text.len, 0);
	responses_close(&w);
	o->part = NULL;
}

/* A piece of a part of the reasoning that is open; part: "summary" or "text". */
static void
thought(struct front_answer *a, struct buf *out, const char *part, int is_new, const char *s, size_t n)
{
	struct responses_out *o = responses_out(a);
	int summary = strcmp(part, "summary") == 0;
	size_t *count = summary ? &o->n_summary : &o->n_text;
	struct jsonw w;

	if (!n)
		return;
	if (is_new || !o->part || strcmp(o->part, part) != 0) {
		responses_end_part(a, out, o->current);
		o->part = part;
		buf_clear(&o->part_text);
		responses_part_event(a, &w, out,
		    summary ? "response.reasoning_summary_part.added" : "response.content_part.added", o->current,
		    (*count)++, summary);
		responses_part_object(&w, summary ? "summary_text" : "reasoning_text", "text", "", 0, 0);
		responses_close(&w);
	}
	buf_add(&o->part_text, s, n);
	responses_part_event(a, &w, out,
	    summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta", o->current, *count - 1,
	    summary);
	jsonw_key(&w, "delta");
	jsonw_strn(&w, s, n);
	responses_close(&w);
}

static void
plain_thought(struct front_answer *a, struct buf *out, size_t from, const char *s, size_t n)
{
	struct responses_out *o = responses_out(a);

	if (o->current == SIZE_MAX || o->item[o->current].kind != RESPONSES_OUT_PLAIN) {
		struct responses_out_item *it = responses_begin(a, out, RESPONSES_OUT_PLAIN);
		it->from = it->to = from;
		responses_added(a, out, o->current);
	}
	o->item[o->current].to = from + n;
	thought(a, out, "text", 0, s, n);
}

/* Text of reasoning that waited for its details. */
void
responses_flush(struct front_answer *a, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	struct buf held = o->held;

	if (!held.len)
		return;
	o->held = (struct buf)BUF_INIT;
	o->plain = 1;
	plain_thought(a, out, o->held_from, held.p, held.len);
	buf_release(&held);
}

/* OpenRouter says it twice, as plain text and in the details: the first piece waits to be seen which it is. */
static void
on_plain(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	size_t from = responses_choice(a)->reasoning.len - ev->n;

	if (!o->plain && !o->held.len) {
		o->held_from = from;
		buf_add(&o->held, ev->s, ev->n);
		return;
	}
	responses_flush(a, out);
	plain_thought(a, out, from, ev->s, ev->n);
}

/* The item of reasoning that the last detail goes into, now the current one. 0: it was a piece of one that has ended. */
static int
thoughts_item(struct front_answer *a, struct buf *out, int is_new)
{
	struct responses_out *o = responses_out(a);
	size_t k = responses_choice(a)->n_detail - 1;
	struct responses_out_item *it = o->current == SIZE_MAX ? NULL : o->item + o->current;

	if (it && it->kind != RESPONSES_OUT_THOUGHTS)
		it = NULL;
	if (!is_new)
		return it && it->to == k + 1;
	if (it && responses_out_joins(a, it->from, k)) {
		it->to = k + 1;
		return 1;
	}
	it = responses_begin(a, out, RESPONSES_OUT_THOUGHTS);
	it->from = k;
	it->to = k + 1;
	responses_out_name(a, it);
	responses_added(a, out, o->current);
	return 1;
}

static void
on_detail(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct responses_out *o = responses_out(a);
	size_t n = responses_choice(a)->n_detail;
	int is_new = n != o->n_detail, text, summary;
	struct json j = JSON_INIT;
	struct buf s = BUF_INIT;
	struct err ignored;

	o->n_detail = n;
	if (!n || json_parse(&j, ev->raw, ev->raw_len, &ignored)) {
		json_release(&j);
		return;
	}
	text = json_get(&j, 0, "text");
	summary = json_get(&j, 0, "summary");
	json_str(&j, text, &s);
	json_str(&j, summary, &s);
	if (s.len)
		buf_clear(&o->held);
	else
		responses_flush(a, out);
	if (thoughts_item(a, out, is_new))
		thought(a, out, summary >= 0 ? "summary" : "text", is_new, s.p, s.len);
	json_release(&j);
	buf_release(&s);
}

void
responses_reasoning(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->raw_len)
		on_detail(a, ev, out);
	else if (ev->n)
		on_plain(a, ev, out);
}
