/* SPDX-License-Identifier: ISC */
/*
 * The front of /api/generate: a prompt as the user's message, answers whose text is `response`. What would go around the model's own template
 * (raw, template, suffix, context) no other format has; what is said of tools is the chat's.
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
#include "wire/canon.h"
#include "wire/front.h"
#include "wire/ollama.h"

/* The state of a stream: a line up to its text; empty: not made yet. */
static struct buf *
head(struct front_answer *a)
{
	if (!a->own)
		a->own = xcalloc(1, sizeof(struct buf));
	return a->own;
}

static void
release(struct front_answer *a)
{
	struct buf *b = a->own;

	if (b)
		buf_release(b);
	free(b);
}

static int
request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e)
{
	static const char *const refused[] = {"raw", "template", "tools"};
	const struct wire_ask as = {.request = ask->request, .lossy = ask->lossy};
	struct canon c;

	canon_init(&c, &as, "ollama", lost, e);
	if (json_type(c.j, 0) != JSON_OBJECT)
		canon_bad(&c, "the request is no JSON object");
	else if (json_get(c.j, 0, "messages") >= 0)
		canon_bad(&c, "messages: a prompt is needed here; they belong to /api/chat");
	else if (json_type(c.j, json_get(c.j, 0, "prompt")) != JSON_STRING)
		canon_bad(&c, "prompt: a string is needed");
	for (size_t i = 0; !c.failed && i < sizeof(refused) / sizeof(*refused); i++)
		if (!ollama_is_empty(c.j, json_get(c.j, 0, refused[i])))
			ollama_refuse(&c, refused[i]);
	canon_release(&c);
	return c.failed ? -1 : ollama_request(ask, out, lost, e);
}

static void
key_text(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s ? s : "", n);
}

/* Up to the text, with it. */
static void
open_line(const struct front_answer *a, struct jsonw *w, struct buf *out, const char *s, size_t n)
{
	struct buf at = BUF_INIT;

	tm_iso(&at, front_created(a));
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member(w, "model", front_model(a));
	jsonw_member(w, "created_at", buf_str(&at));
	key_text(w, "response", s, n);
	buf_release(&at);
}

static void
text_line(struct front_answer *a, const char *between, const struct event *ev, struct buf *out)
{
	struct buf *h = head(a);
	struct jsonw w;

	if (!h->len) {
		open_line(a, &w, h, NULL, 0);
		h->p[--h->len] = '\0'; /* the text's last quote */
	}
	buf_add(out, h->p, h->len);
	buf_adds(out, between);
	jsonw_escape(out, ev->s, ev->n);
	buf_adds(out, "\",\"done\":false}\n");
}

static void
logprobs_line(struct front_answer *a, const struct event *ev, struct buf *out)
{
	struct json j = JSON_INIT;
	struct err ignored;
	struct jsonw w;

	if (json_parse(&j, ev->raw, ev->raw_len, &ignored) == 0 && json_count(&j, json_get(&j, 0, "content"))) {
		open_line(a, &w, out, NULL, 0);
		jsonw_key(&w, "done");
		jsonw_bool(&w, 0);
		jsoncopy_member(&w, "logprobs", &j, json_get(&j, 0, "content"));
		jsonw_end_object(&w);
		buf_addc(out, '\n');
	}
	json_release(&j);
}

static void
content(struct front_answer *a, const struct event *ev, struct buf *out)
{
	switch (ev->type) {
	case EVENT_TEXT:
		if (ev->refusal)
			front_lose(a, "refusal");
		text_line(a, "", ev, out);
		break;
	case EVENT_REASONING:
		if (ev->raw)
			front_lose(a, "reasoning_details");
		if (ev->n)
			text_line(a, "\",\"thinking\":\"", ev, out);
		break;
	case EVENT_TOOL_BEGIN:
		front_lose_content(a, "tool_calls");
		break;
	case EVENT_MEDIA:
		front_lose_content(a, strcmp(ev->name, "audio") == 0 ? "audio" : "images");
		break;
	case EVENT_ANNOTATION:
		front_lose(a, "annotations");
		break;
	case EVENT_LOGPROBS:
		logprobs_line(a, ev, out);
		break;
	default:
		break;
	}
}

static void
event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (ev->type == EVENT_ERROR) {
		ollama_write_error(ev->err, out);
		buf_addc(out, '\n');
	} else if (ev->type == EVENT_START) {
		buf_clear(head(a));
	} else if (ev->choice > 0) {
		front_lose_content(a, "choices");
	} else {
		content(a, ev, out);
	}
}

static void
end(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	open_line(a, &w, out, NULL, 0);
	ollama_write_reason(a, &w, 0);
	ollama_write_counts(&a->answer.usage, &w);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
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
		ollama_lose(a, c);
		if (c->n_call)
			front_lose_content(a, "tool_calls");
	}
	open_line(a, &w, out, text.p, text.len);
	if (c && c->reasoning.len)
		key_text(&w, "thinking", c->reasoning.p, c->reasoning.len);
	ollama_write_reason(a, &w, 0);
	if (c && c->logprobs.len) {
		jsonw_key(&w, "logprobs");
		jsonw_array(&w);
		jsonw_raw(&w, c->logprobs.p, c->logprobs.len);
		jsonw_end_array(&w);
	}
	ollama_write_counts(&a->answer.usage, &w);
	jsonw_end_object(&w);
	buf_release(&text);
}

const struct front front_ollama_generate = {
    .name = "ollama_generate",
    .type = "application/json",
    .stream_type = "application/x-ndjson",
    .request = request,
    .whole = whole,
    .event = event,
    .end = end,
    .error = ollama_write_error,
    .release = release,
};
