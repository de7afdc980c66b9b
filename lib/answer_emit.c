/* SPDX-License-Identifier: ISC */
/* An answer as JSON: the message that a conversation plays back, and the whole chat.completion. */
#include <string.h>

#include "answer.h"
#include "json.h"
#include "jsonedit.h"
#include "jsonw.h"
#include "more.h"

static void
list(struct jsonw *w, const char *key, const struct buf *items)
{
	if (!items->len)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_raw(w, items->p, items->len);
	jsonw_end_array(w);
}

/* Applies edits to an object's text; where that can't be, it stays as it is. */
static void
edit(const struct jsonedit *edits, struct buf *object)
{
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err ignored;

	if (json_parse(&j, buf_str(object), object->len, &ignored) == 0 &&
	    jsonedit_write(edits, &j, &out, &ignored) == 0) {
		buf_clear(object);
		buf_add(object, out.p, out.len);
	}
	json_release(&j);
	buf_release(&out);
}

/* The first piece with the late members, and with its strings as they have grown. */
void
answer_emit_piece(const struct answer_piece *p, struct buf *out)
{
	static const char *const growing[] = {"text", "summary", "data", "transcript"};
	struct jsonedit grown = JSONEDIT_INIT;
	struct buf object = BUF_INIT, string = BUF_INIT;

	buf_add(&object, p->first.p, p->first.len);
	for (size_t i = 0; i < 4; i++)
		if (p->grown[i].len) {
			buf_clear(&string);
			jsonw_quote(&string, p->grown[i].p, p->grown[i].len);
			jsonedit_set(&grown, growing[i], string.p, string.len);
		}
	edit(&p->late, &object);
	edit(&grown, &object);
	buf_add(out, object.p, object.len);
	jsonedit_release(&grown);
	buf_release(&object);
	buf_release(&string);
}

static void
piece(struct jsonw *w, const struct answer_piece *p)
{
	struct buf object = BUF_INIT;

	answer_emit_piece(p, &object);
	jsonw_raw(w, object.p, object.len);
	buf_release(&object);
}

void
answer_emit_call(const struct answer_call *c, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "id");
	jsonw_str(&w, c->id);
	jsonw_key(&w, "type");
	jsonw_str(&w, "function");
	jsonw_key(&w, "function");
	jsonw_object(&w);
	jsonw_key(&w, "name");
	jsonw_str(&w, c->name);
	jsonw_key(&w, "arguments");
	jsonw_strn(&w, c->args.len ? c->args.p : "{}", c->args.len ? c->args.len : 2);
	more_write(&w, c->function_more.p, c->function_more.len);
	jsonw_end_object(&w);
	more_write(&w, c->more.p, c->more.len);
	jsonw_end_object(&w);
}

static void
calls(struct jsonw *w, const struct answer_choice *c)
{
	if (!c->n_call)
		return;
	jsonw_key(w, "tool_calls");
	jsonw_array(w);
	for (size_t i = 0; i < c->n_call; i++) {
		if (i)
			buf_addc(w->b, ',');
		answer_emit_call(c->call + i, w->b);
	}
	jsonw_end_array(w);
}

static void
message(struct jsonw *w, const struct answer_choice *c)
{
	jsonw_object(w);
	jsonw_key(w, "role");
	jsonw_str(w, "assistant");
	jsonw_key(w, "content");
	if (c->text.len || !(c->n_call || c->refusal.len || c->images.len || c->audio))
		jsonw_strn(w, buf_str(&c->text), c->text.len);
	else
		jsonw_null(w);
	if (c->refusal.len) {
		jsonw_key(w, "refusal");
		jsonw_strn(w, c->refusal.p, c->refusal.len);
	}
	if (c->reasoning.len) {
		jsonw_key(w, "reasoning");
		jsonw_strn(w, c->reasoning.p, c->reasoning.len);
	}
	if (c->n_detail) {
		jsonw_key(w, "reasoning_details");
		jsonw_array(w);
		for (size_t i = 0; i < c->n_detail; i++)
			piece(w, c->detail + i);
		jsonw_end_array(w);
	}
	calls(w, c);
	list(w, "images", &c->images);
	if (c->audio) {
		jsonw_key(w, "audio");
		piece(w, c->audio);
	}
	list(w, "annotations", &c->annotations);
	more_write(w, c->message_more.p, c->message_more.len);
	jsonw_end_object(w);
}

static const struct answer_choice nothing;

void
answer_emit_message(const struct answer *a, size_t i, struct buf *out)
{
	const struct answer_choice *c = answer_get(a, i);
	struct jsonw w;

	jsonw_init(&w, out);
	message(&w, c ? c : &nothing);
}

static void
choice(struct jsonw *w, const struct answer_choice *c, size_t i)
{
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, (int64_t)i);
	jsonw_key(w, "message");
	message(w, c);
	if (c->logprobs.len || c->refusal_logprobs.len || c->logprobs_more.len) {
		jsonw_key(w, "logprobs");
		jsonw_object(w);
		list(w, "content", &c->logprobs);
		list(w, "refusal", &c->refusal_logprobs);
		more_write(w, c->logprobs_more.p, c->logprobs_more.len);
		jsonw_end_object(w);
	}
	jsonw_key(w, "finish_reason");
	jsonw_str(w, c->finish);
	jsonw_key(w, "native_finish_reason");
	jsonw_str(w, c->native);
	more_write(w, c->more.p, c->more.len);
	jsonw_end_object(w);
}

static void
count(struct jsonw *w, const char *key, int64_t n)
{
	if (n < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, n);
}

/* Appends a usage object made of the counts; those that nobody told aren't in it. */
static void
make_usage(const struct usage *u, const char *cost, struct buf *out)
{
	int in = u->cached >= 0 || u->cache_write >= 0 || u->prompt_audio >= 0;
	int of = u->reasoning >= 0 || u->completion_audio >= 0 || u->completion_image >= 0;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	count(&w, "prompt_tokens", u->prompt);
	count(&w, "completion_tokens", u->completion);
	count(&w, "total_tokens", u->prompt < 0 || u->completion < 0 ? -1 : u->prompt + u->completion);
	if (in) {
		jsonw_key(&w, "prompt_tokens_details");
		jsonw_object(&w);
		count(&w, "cached_tokens", u->cached);
		count(&w, "cache_write_tokens", u->cache_write);
		count(&w, "audio_tokens", u->prompt_audio);
		jsonw_end_object(&w);
	}
	if (of) {
		jsonw_key(&w, "completion_tokens_details");
		jsonw_object(&w);
		count(&w, "reasoning_tokens", u->reasoning);
		count(&w, "audio_tokens", u->completion_audio);
		count(&w, "image_tokens", u->completion_image);
		jsonw_end_object(&w);
	}
	cost = *u->cost ? u->cost : cost;
	if (cost) {
		jsonw_key(&w, "cost");
		jsonw_raw(&w, cost, strlen(cost));
	}
	jsonw_end_object(&w);
}

int
answer_has_usage(const struct answer *a)
{
	const struct usage *u = &a->usage;

	return a->usage_raw.len || u->prompt >= 0 || u->completion >= 0 || *u->cost;
}

/* Most objects say nothing that looks like a cost: it goes behind what they say, as an edit would put it. -1: this one may. */
static int
append_cost(const struct buf *raw, const char *cost, struct buf *to)
{
	size_t n = raw->len;

	if (n < 2 || *raw->p != '{' || raw->p[n - 1] != '}' || memchr(raw->p, '\\', n) || strstr(raw->p, "\"cost"))
		return -1;
	for (n--; strchr(" \t\r\n", raw->p[n - 1]);)
		n--;
	buf_add(to, raw->p, n);
	buf_adds(to, n > 1 ? ",\"cost\":" : "\"cost\":");
	buf_adds(to, cost);
	buf_add(to, raw->p + n, raw->len - n);
	return 0;
}

static void
edit_cost(const struct buf *raw, const char *cost, struct buf *to)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err ignored;

	if (json_parse(&j, raw->p, raw->len, &ignored) == 0) {
		if (json_type(&j, json_get(&j, 0, "cost")) != JSON_NUMBER)
			jsonedit_set(&edits, "cost", cost, strlen(cost));
		if (jsonedit_write(&edits, &j, &out, &ignored) == 0)
			raw = &out;
	}
	buf_add(to, raw->p, raw->len);
	jsonedit_release(&edits);
	json_release(&j);
	buf_release(&out);
}

/* The provider's own usage object, where it is of this form, with a cost where it has none; else one made of the counts. */
void
answer_emit_usage(const struct answer *a, const char *cost, struct buf *to)
{
	const struct buf *raw = &a->usage_raw;

	if (!raw->len)
		make_usage(&a->usage, cost, to);
	else if (!cost)
		buf_add(to, raw->p, raw->len);
	else if (append_cost(raw, cost, to))
		edit_cost(raw, cost, to);
}

void
answer_emit_completion(const struct answer *a, const char *cost, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "id");
	jsonw_str(&w, a->id);
	jsonw_key(&w, "object");
	jsonw_str(&w, "chat.completion");
	jsonw_key(&w, "created");
	jsonw_int(&w, a->created);
	jsonw_key(&w, "model");
	jsonw_str(&w, a->model);
	jsonw_key(&w, "provider");
	jsonw_str(&w, a->provider);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	for (size_t i = 0; i < a->n_choice || i == 0; i++)
		choice(&w, i < a->n_choice ? a->choice + i : &nothing, i);
	jsonw_end_array(&w);
	if (answer_has_usage(a)) {
		jsonw_key(&w, "usage");
		answer_emit_usage(a, cost, out);
		w.comma = 1;
	}
	more_write(&w, a->more.p, a->more.len);
	jsonw_end_object(&w);
}
