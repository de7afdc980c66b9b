/* SPDX-License-Identifier: ISC */
/* The whole answer, and what it shares with the stream. */
#include "wire/cohere_out.h"

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/cohere.h"
#include "wire/front.h"

static void
key_object(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_object(w);
}

void
cohere_call_id(struct jsonw *w, const char *id, int index)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "call_%d", index);
	jsonw_member(w, "id", id ? id : buf_str(&b));
	buf_release(&b);
}

int
cohere_citation(struct jsonw *w, const struct json *j, int annotation)
{
	int url = json_get(j, annotation, "url_citation"), file = json_get(j, annotation, "file_citation");
	int from = url >= 0 ? url : file, start = json_get(j, from, "start_index");

	if (json_type(j, from) != JSON_OBJECT)
		return 0;
	jsoncopy_member(w, "start", j, start);
	jsoncopy_member(w, "end", j, json_get(j, from, "end_index"));
	jsonw_key(w, "sources");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member(w, "type", "document");
	jsoncopy_member(w, "id", j, json_get(j, from, "file_id"));
	key_object(w, "document");
	jsoncopy_member(w, "url", j, json_get(j, from, "url"));
	jsoncopy_member(w, "title", j, json_get(j, from, url >= 0 ? "title" : "filename"));
	jsoncopy_member(w, "text", j, json_get(j, from, "content"));
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_array(w);
	if (start >= 0)
		jsonw_member(w, "type", "TEXT_CONTENT");
	return 1;
}

/* One of OpenAI's tokens. Cohere numbers its tokens; theirs have no numbers. */
void
cohere_logprob(struct front_answer *a, struct jsonw *w, const struct json *j, int item)
{
	size_t n;
	const char *raw = json_raw(j, json_get(j, item, "logprob"), &n);

	jsonw_object(w);
	jsoncopy_member(w, "text", j, json_get(j, item, "token"));
	jsonw_key(w, "token_ids");
	jsonw_array(w);
	jsonw_end_array(w);
	jsonw_key(w, "logprobs");
	jsonw_array(w);
	if (raw)
		jsonw_raw(w, raw, n);
	jsonw_end_array(w);
	jsonw_end_object(w);
	if (json_count(j, json_get(j, item, "top_logprobs")))
		front_lose(a, "top_logprobs");
}

static void
count(struct jsonw *w, const char *key, int64_t n)
{
	if (n < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, n);
}

/* What is billed isn't known: all tokens are. */
static void
usage(const struct usage *u, struct jsonw *w)
{
	static const char *const both[] = {"billed_units", "tokens"};

	if (u->prompt < 0 && u->completion < 0)
		return;
	key_object(w, "usage");
	for (int i = 0; i < 2; i++) {
		key_object(w, both[i]);
		count(w, "input_tokens", u->prompt);
		count(w, "output_tokens", u->completion);
		if (i)
			count(w, "reasoning_tokens", u->reasoning);
		jsonw_end_object(w);
	}
	count(w, "cached_tokens", u->cached);
	jsonw_end_object(w);
}

void
cohere_end_members(const struct front_answer *a, struct jsonw *w)
{
	static const struct front_word words[] = {{"COMPLETE", "stop"}, {"STOP_SEQUENCE", "stop"},
	    {"MAX_TOKENS", "length"}, {"ERROR_LIMIT", "length"}, {"TOOL_CALL", "tool_calls"},
	    {"ERROR_TOXIC", "content_filter"}, {"ERROR", "error"}, {"TIMEOUT", "error"}, {NULL, NULL}};
	const struct answer_choice *c = answer_get(&a->answer, 0);

	jsonw_member(
	    w, "finish_reason", a->failed ? "ERROR" : front_reason(words, c ? c->finish : NULL, c ? c->native : NULL));
	usage(&a->answer.usage, w);
}

/* Writes the list, if anything is in it; json is empty afterwards. */
static void
key_list(struct jsonw *w, const char *key, struct buf *json)
{
	if (json->len > 2) {
		jsonw_key(w, key);
		jsonw_raw(w, json->p, json->len);
	}
	buf_release(json);
}

static void
part(struct jsonw *w, const char *type, const struct buf *text)
{
	if (!text->len)
		return;
	jsonw_object(w);
	jsonw_member(w, "type", type);
	jsonw_key(w, type);
	jsonw_strn(w, text->p, text->len);
	jsonw_end_object(w);
}

static void
parts(struct jsonw *outer, const struct answer_choice *c)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct jsonw w;

	buf_add(&text, c->text.p, c->text.len);
	buf_add(&text, c->refusal.p, c->refusal.len);
	jsonw_init(&w, &b);
	jsonw_array(&w);
	part(&w, "thinking", &c->reasoning);
	part(&w, "text", &text);
	jsonw_end_array(&w);
	key_list(outer, "content", &b);
	buf_release(&text);
}

static void
calls(struct jsonw *w, const struct answer_choice *c)
{
	if (!c->n_call)
		return;
	jsonw_key(w, "tool_calls");
	jsonw_array(w);
	for (size_t i = 0; i < c->n_call; i++) {
		const struct buf *args = &c->call[i].args;
		jsonw_object(w);
		cohere_call_id(w, c->call[i].id, (int)i);
		jsonw_member(w, "type", "function");
		key_object(w, "function");
		jsonw_member(w, "name", c->call[i].name);
		jsonw_key(w, "arguments");
		jsonw_strn(w, args->len ? args->p : "{}", args->len ? args->len : 2);
		jsonw_end_object(w);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

/* items: JSON values, comma-separated */
static int
parse_list(struct json *j, struct buf *list, const struct buf *items)
{
	struct err ignored;

	buf_addc(list, '[');
	buf_add(list, items->p, items->len);
	buf_addc(list, ']');
	return json_parse(j, list->p, list->len, &ignored);
}

static void
citations(struct front_answer *a, struct jsonw *outer, const struct buf *items)
{
	struct buf list = BUF_INIT, one = BUF_INIT, all = BUF_INIT;
	struct json j = JSON_INIT;
	struct jsonw w, to;

	jsonw_init(&w, &all);
	jsonw_array(&w);
	if (parse_list(&j, &list, items) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			buf_clear(&one);
			jsonw_init(&to, &one);
			jsonw_object(&to);
			if (cohere_citation(&to, &j, i)) {
				jsonw_end_object(&to);
				jsonw_raw(&w, one.p, one.len);
			} else {
				front_lose(a, "annotations");
			}
		}
	jsonw_end_array(&w);
	key_list(outer, "citations", &all);
	json_release(&j);
	buf_release(&list);
	buf_release(&one);
}

static void
logprobs(struct front_answer *a, struct jsonw *w, const struct buf *items)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;

	jsonw_key(w, "logprobs");
	jsonw_array(w);
	if (parse_list(&j, &list, items) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			cohere_logprob(a, w, &j, i);
	jsonw_end_array(w);
	json_release(&j);
	buf_release(&list);
}

static void
lose(struct front_answer *a, const struct answer_choice *c)
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
}

static void
message(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	key_object(w, "message");
	jsonw_member(w, "role", "assistant");
	if (c) {
		calls(w, c);
		parts(w, c);
		if (c->annotations.len)
			citations(a, w, &c->annotations);
		lose(a, c);
	}
	jsonw_end_object(w);
}

void
cohere_write_whole(struct front_answer *a, struct buf *out)
{
	const struct answer_choice *c = answer_get(&a->answer, 0);
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "id", front_id(a));
	message(a, &w, c);
	cohere_end_members(a, &w);
	if (c && c->logprobs.len)
		logprobs(a, &w, &c->logprobs);
	jsonw_end_object(&w);
}
