/* SPDX-License-Identifier: ISC */
/* The response object and its items, whole. */
#include "wire/responses_out.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/front.h"
#include "wire/responses.h"

const struct answer_choice *
responses_choice(const struct front_answer *a)
{
	static const struct answer_choice nothing;
	const struct answer_choice *c = answer_get(&a->answer, 0);

	return c ? c : &nothing;
}

struct responses_out *
responses_out(struct front_answer *a)
{
	struct responses_out *o = a->own;

	if (!o) {
		o = a->own = xcalloc(1, sizeof(*o));
		o->current = o->head_item = SIZE_MAX;
	}
	return o;
}

void
responses_out_release(struct front_answer *a)
{
	struct responses_out *o = a->own;

	if (!o)
		return;
	for (size_t i = 0; i < o->n; i++)
		free(o->item[i].id);
	free(o->item);
	buf_release(&o->part_text);
	buf_release(&o->held);
	buf_release(&o->head);
	free(o);
}

/* Unique among the items of all answers whose ids are, and the same each time. */
static char *
make_id(const struct front_answer *a, enum responses_out_kind kind, size_t n)
{
	static const char *const heads[] = {"msg_", RESPONSES_MADE, RESPONSES_PLAIN, "fc_", "ig_"};
	struct buf id = BUF_INIT;

	buf_addf(&id, "%s%s_%zu", heads[kind], front_id(a), n);
	return buf_take(&id);
}

struct responses_out_item *
responses_out_add(struct front_answer *a, enum responses_out_kind kind)
{
	struct responses_out *o = responses_out(a);

	o->item = mem_grow(o->item, o->n, &o->cap, sizeof(*o->item));
	struct responses_out_item *it = o->item + o->n;
	*it = (struct responses_out_item){.kind = kind, .is_open = 1, .id = make_id(a, kind, o->n)};
	it->note = it->note_end = o->note;
	it->prob = it->prob_end = o->prob;
	o->n++;
	return it;
}

void
responses_out_detail(const struct answer_piece *p, struct json *j, struct buf *text)
{
	struct err ignored;

	buf_clear(text);
	answer_emit_piece(p, text);
	json_parse(j, buf_str(text), text->len, &ignored);
}

static int
has(const struct json *j, const char *key)
{
	return json_type(j, json_get(j, 0, key)) == JSON_STRING;
}

void
responses_out_name(struct front_answer *a, struct responses_out_item *it)
{
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	responses_out_detail(responses_choice(a)->detail + it->from, &j, &text);
	char *id = json_dup(&j, json_get(&j, 0, "id"), NULL);
	if (id && *id) {
		free(it->id);
		it->id = id;
		id = NULL;
	}
	free(id);
	json_release(&j);
	buf_release(&text);
}

/* Where it's OpenAI's it isn't said, where there is none it's null. */
static void
key_format(struct jsonw *w, const struct json *j)
{
	int format = json_get(j, 0, "format");

	if (json_eq(j, format, RESPONSES_FORMAT))
		return;
	jsonw_key(w, "format");
	if (json_type(j, format) == JSON_STRING)
		jsoncopy(w, j, format);
	else
		jsonw_null(w);
}

static int
same_format(const struct json *a, const struct json *b)
{
	char *format = json_dup(a, json_get(a, 0, "format"), NULL);
	int other = json_get(b, 0, "format"),
	    same = format ? json_eq(b, other, format) : json_type(b, other) != JSON_STRING;

	free(format);
	return same;
}

/* Have both an id, and not the same one? */
static int
other_id(const struct json *a, const struct json *b)
{
	char *id = json_dup(a, json_get(a, 0, "id"), NULL);
	int other = id && has(b, "id") && !json_eq(b, json_get(b, 0, "id"), id);

	free(id);
	return other;
}

/* Encrypted content and a signature are the last of their item. Copilot's encrypted content has an id of its own. */
int
responses_out_joins(struct front_answer *a, size_t from, size_t k)
{
	const struct answer_choice *c = responses_choice(a);
	struct json last = JSON_INIT, j = JSON_INIT;
	struct buf last_text = BUF_INIT, text = BUF_INIT;

	if (k <= from || k >= c->n_detail)
		return 0;
	responses_out_detail(c->detail + k - 1, &last, &last_text);
	responses_out_detail(c->detail + k, &j, &text);
	int joins = !has(&last, "data") && !has(&last, "signature") && same_format(&last, &j) &&
	    (has(&j, "data") || !other_id(&last, &j));
	json_release(&last);
	json_release(&j);
	buf_release(&last_text);
	buf_release(&text);
	return joins;
}

static size_t
text_of_details(const struct answer_choice *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_detail; i++)
		n += c->detail[i].grown[0].len + c->detail[i].grown[1].len;
	return n;
}

static void
all_thoughts(struct front_answer *a)
{
	const struct answer_choice *c = responses_choice(a);
	struct responses_out_item *it = NULL;

	if (c->reasoning.len && !text_of_details(c))
		responses_out_add(a, RESPONSES_OUT_PLAIN)->to = c->reasoning.len;
	for (size_t k = 0; k < c->n_detail; k++) {
		if (!it || !responses_out_joins(a, it->from, k)) {
			it = responses_out_add(a, RESPONSES_OUT_THOUGHTS);
			it->from = k;
			responses_out_name(a, it);
		}
		it->to = k + 1;
	}
}

static void
all_images(struct front_answer *a)
{
	const struct answer_choice *c = responses_choice(a);
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;
	struct err ignored;
	size_t n;

	buf_addc(&list, '[');
	buf_add(&list, c->images.p, c->images.len);
	buf_addc(&list, ']');
	if (json_parse(&j, list.p, list.len, &ignored) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			const char *raw = json_raw(&j, i, &n);
			struct responses_out_item *it = responses_out_add(a, RESPONSES_OUT_IMAGE);
			it->from = (size_t)(raw - list.p) - 1;
			it->to = it->from + n;
		}
	json_release(&j);
	buf_release(&list);
}

static void
one_message(struct front_answer *a, size_t len, int refusal, int notes)
{
	const struct answer_choice *c = responses_choice(a);
	struct responses_out_item *it;

	if (!len && !notes)
		return;
	it = responses_out_add(a, RESPONSES_OUT_MESSAGE);
	it->refusal = refusal;
	it->to = len;
	it->note_end = c->annotations.len;
	it->prob_end = c->logprobs.len;
}

void
responses_out_all(struct front_answer *a)
{
	const struct answer_choice *c = responses_choice(a);

	all_thoughts(a);
	all_images(a);
	one_message(a, c->text.len, 0, c->annotations.len || c->logprobs.len);
	one_message(a, c->refusal.len, 1, 0);
	for (size_t i = 0; i < c->n_call; i++)
		responses_out_add(a, RESPONSES_OUT_CALL)->from = i;
	for (size_t i = 0; i < responses_out(a)->n; i++)
		responses_out(a)->item[i].is_open = 0;
}

/* A slice of a comma-separated list may begin with the comma. */
static void
slice(const struct buf *list, size_t from, size_t to, struct buf *out)
{
	buf_clear(out);
	buf_addc(out, '[');
	if (from < to && list->p[from] == ',')
		from++;
	if (from < to)
		buf_add(out, list->p + from, to - from);
	buf_addc(out, ']');
}

static void
notes(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;
	struct err ignored;

	jsonw_key(w, "annotations");
	jsonw_array(w);
	slice(&responses_choice(a)->annotations, it->note, it->note_end, &list);
	if (json_parse(&j, list.p, list.len, &ignored) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			if (!responses_note_flatten(w, &j, i))
				front_lose(a, "annotations");
	jsonw_end_array(w);
	json_release(&j);
	buf_release(&list);
}

void
responses_out_probs(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	struct buf probs = BUF_INIT;

	slice(&responses_choice(a)->logprobs, it->prob, it->prob_end, &probs);
	jsonw_raw(w, probs.p, probs.len);
	buf_release(&probs);
}

void
responses_out_part(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	const struct buf *from = it->refusal ? &responses_choice(a)->refusal : &responses_choice(a)->text;

	jsonw_object(w);
	jsonw_member_if(w, "type", it->refusal ? "refusal" : "output_text");
	jsonw_key(w, it->refusal ? "refusal" : "text");
	jsonw_strn(w, buf_str(from) + it->from, it->to - it->from);
	if (!it->refusal) {
		notes(a, w, it);
		jsonw_key(w, "logprobs");
		responses_out_probs(a, w, it);
	}
	jsonw_end_object(w);
}

static void
text_object(struct jsonw *w, const char *type, const char *s, size_t n)
{
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsonw_key(w, "text");
	jsonw_strn(w, s, n);
	jsonw_end_object(w);
}

/* The texts of the details that have one. */
static void
texts(
    struct jsonw *w, const struct answer_choice *c, const struct responses_out_item *it, const char *type, size_t grown)
{
	for (size_t k = it->from; k < it->to; k++) {
		const struct answer_piece *p = c->detail + k;
		const struct buf *text = p->grown + grown;
		if (p->type && strcmp(p->type, grown ? "reasoning.summary" : "reasoning.text") == 0 && text->len)
			text_object(w, type, text->p, text->len);
	}
}

static void
summary_and_content(struct jsonw *w, const struct answer_choice *c, const struct responses_out_item *it)
{
	size_t before, empty;

	jsonw_key(w, "summary");
	jsonw_array(w);
	texts(w, c, it, "summary_text", 1);
	jsonw_end_array(w);
	before = w->b->len;
	jsonw_key(w, "content");
	jsonw_array(w);
	empty = w->b->len;
	texts(w, c, it, "reasoning_text", 0);
	if (w->b->len == empty) {
		w->b->len = before;
		w->comma = 1;
	} else {
		jsonw_end_array(w);
	}
}

/* The last detail has what is said once: encrypted content, signature. */
static void
thoughts(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	const struct answer_choice *c = responses_choice(a);
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	responses_out_detail(c->detail + it->to - 1, &j, &text);
	jsonw_member_if(w, "id", it->id);
	summary_and_content(w, c, it);
	jsoncopy_known(w, "encrypted_content", &j, json_get(&j, 0, "data"));
	if (has(&j, "data") && !json_eq(&j, json_get(&j, 0, "id"), it->id))
		jsoncopy_known(w, RESPONSES_BOUND, &j, json_get(&j, 0, "id"));
	jsoncopy_known(w, "signature", &j, json_get(&j, 0, "signature"));
	key_format(w, &j);
	json_release(&j);
	buf_release(&text);
}

static void
plain(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	jsonw_member_if(w, "id", it->id);
	jsonw_key(w, "summary");
	jsonw_array(w);
	jsonw_end_array(w);
	jsonw_key(w, "content");
	jsonw_array(w);
	text_object(w, "reasoning_text", responses_choice(a)->reasoning.p + it->from, it->to - it->from);
	jsonw_end_array(w);
}

static void
call(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it, int empty)
{
	const struct answer_call *c = responses_choice(a)->call + it->from;

	jsonw_member_if(w, "id", it->id);
	jsonw_member_if(w, "call_id", c->id && *c->id ? c->id : it->id);
	jsonw_member_if(w, "name", c->name);
	jsonw_key(w, "arguments");
	if (empty)
		jsonw_str(w, "");
	else
		jsonw_strn(w, c->args.len ? c->args.p : "{}", c->args.len ? c->args.len : 2);
}

/* data:image/FORMAT;base64,DATA in two. What is a URL elsewhere stays one. */
static void
image(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	struct json j = JSON_INIT;
	struct err ignored;
	size_t n = 0;
	const char *mark, *url = NULL;

	jsonw_member_if(w, "id", it->id);
	if (json_parse(&j, responses_choice(a)->images.p + it->from, it->to - it->from, &ignored) == 0)
		url = json_raw(&j, json_path(&j, 0, "image_url.url"), &n);
	jsonw_key(w, "result");
	if (n > 13 && memcmp(url, "\"data:image/", 12) == 0 && (mark = memmem(url, n, ";base64,", 8))) {
		buf_addc(w->b, '"');
		buf_add(w->b, mark + 8, n - (size_t)(mark + 8 - url));
		w->comma = 1;
		jsonw_key(w, "output_format");
		jsonw_strn(w, url + 12, (size_t)(mark - url) - 12);
	} else if (n) {
		jsonw_raw(w, url, n);
	} else {
		jsonw_null(w);
	}
	json_release(&j);
}

static void
begun(struct jsonw *w, const struct responses_out_item *it)
{
	jsonw_member_if(w, "id", it->id);
	jsonw_key(w,
	    it->kind == RESPONSES_OUT_MESSAGE     ? "content"
		: it->kind == RESPONSES_OUT_IMAGE ? "result"
						  : "summary");
	if (it->kind == RESPONSES_OUT_IMAGE) {
		jsonw_null(w);
		return;
	}
	jsonw_array(w);
	jsonw_end_array(w);
}

static void
begun_format(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it)
{
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	responses_out_detail(responses_choice(a)->detail + it->from, &j, &text);
	key_format(w, &j);
	json_release(&j);
	buf_release(&text);
}

void
responses_out_item(struct front_answer *a, struct jsonw *w, size_t i, const char *status)
{
	static const char *const types[] = {
	    "message", "reasoning", "reasoning", "function_call", "image_generation_call"};
	static void (*const writers[])(struct front_answer *, struct jsonw *, const struct responses_out_item *) = {
	    NULL, thoughts, plain, NULL, image};
	struct responses_out_item *it = responses_out(a)->item + i;
	int empty = strcmp(status, "in_progress") == 0, reasons = it->kind <= RESPONSES_OUT_PLAIN && it->kind > 0;

	jsonw_object(w);
	jsonw_member_if(w, "type", types[it->kind]);
	if (it->kind == RESPONSES_OUT_CALL) {
		call(a, w, it, empty);
	} else if (empty) {
		begun(w, it);
		if (it->kind == RESPONSES_OUT_THOUGHTS)
			begun_format(a, w, it);
	} else if (writers[it->kind]) {
		writers[it->kind](a, w, it);
	} else {
		jsonw_member_if(w, "id", it->id);
		jsonw_key(w, "content");
		jsonw_array(w);
		responses_out_part(a, w, it);
		jsonw_end_array(w);
	}
	if (it->kind == RESPONSES_OUT_MESSAGE)
		jsonw_member_if(w, "role", "assistant");
	if (!reasons)
		jsonw_member_if(w, "status", status);
	jsonw_end_object(w);
}
