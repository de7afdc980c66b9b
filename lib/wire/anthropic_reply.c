/* SPDX-License-Identifier: ISC */
/* Events to a whole message, and what its stream shares with it. */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/front.h"

static void
key_strn(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s ? s : "", n);
}

static void
key_int(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

void
anthropic_write_head(struct front_answer *a, struct jsonw *w)
{
	const char *id = front_id(a), *provider = a->answer.provider ? a->answer.provider : a->provider;

	jsonw_member(w, "id", *id ? id : "msg_or");
	jsonw_member(w, "type", "message");
	jsonw_member(w, "role", "assistant");
	jsonw_member(w, "model", front_model(a));
	if (a->published)
		jsonw_member(w, "container", NULL);
	else if (provider) /* OpenRouter's */
		jsonw_member(w, "provider", provider);
}

const char *
anthropic_reason(const struct front_answer *a)
{
	static const struct front_word words[] = {{"end_turn", "stop"}, {"stop_sequence", "stop"},
	    {"pause_turn", "stop"}, {"max_tokens", "length"}, {"model_context_window_exceeded", "length"},
	    {"tool_use", "tool_calls"}, {"refusal", "content_filter"}, {NULL, NULL}};
	const struct answer_choice *c = answer_get(&a->answer, 0);

	return c ? front_reason(words, c->finish, c->native) : NULL;
}

/* A string of the citation under their name; without one it is `other`. */
static void
key_string(struct jsonw *w, const char *key, const struct json *j, int node, const char *other)
{
	if (json_type(j, node) == JSON_STRING)
		jsoncopy_member(w, key, j, node);
	else
		jsonw_member(w, key, other);
}

/* A page of the web is what their own search cites; its index is for their own use. */
static void
page(struct jsonw *w, const struct json *j, int c)
{
	jsonw_object(w);
	jsonw_member(w, "type", "web_search_result_location");
	jsoncopy_member(w, "url", j, json_get(j, c, "url"));
	key_string(w, "title", j, json_get(j, c, "title"), NULL);
	key_string(w, "cited_text", j, json_get(j, c, "content"), "");
	jsonw_member(w, "encrypted_index", "");
	jsonw_end_object(w);
}

/* Where in the document the passage is, nobody says. */
static void
passage(struct jsonw *w, const struct json *j, int c)
{
	int64_t index = 0;

	json_int(j, json_get(j, c, "index"), &index);
	jsonw_object(w);
	jsonw_member(w, "type", "char_location");
	key_string(w, "cited_text", j, json_get(j, c, "content"), "");
	key_int(w, "document_index", index);
	key_string(w, "document_title", j, json_get(j, c, "filename"), NULL);
	key_int(w, "start_char_index", 0);
	key_int(w, "end_char_index", 0);
	key_string(w, "file_id", j, json_get(j, c, "file_id"), NULL);
	jsonw_end_object(w);
}

int
anthropic_write_citation(struct front_answer *a, struct jsonw *w, const struct json *j, int annotation)
{
	int url = json_get(j, annotation, "url_citation"), file = json_get(j, annotation, "file_citation");

	int64_t end = 0;

	json_int(j, json_get(j, url >= 0 ? url : file, "end_index"), &end);
	if (end > 0) /* which of the answer's words it stands for: theirs stand for their block */
		front_lose(a, "annotations.start_index");
	if (json_type(j, json_get(j, url, "url")) == JSON_STRING) {
		page(w, j, url);
	} else if (json_type(j, file) == JSON_OBJECT) {
		passage(w, j, file);
	} else {
		front_lose(a, "annotations");
		return -1;
	}
	return 0;
}

static void
thinking(struct jsonw *w, const struct buf *text)
{
	jsonw_object(w);
	jsonw_member(w, "type", "thinking");
	key_strn(w, "thinking", text->p, text->len);
	jsonw_member(w, "signature", "");
	jsonw_end_object(w);
}

static int
is_own(const struct json *j)
{
	return json_eq(j, json_get(j, 0, "format"), ANTHROPIC_REASONING);
}

/* A detail of their own as the block it was. Returns whether there is text in it. */
static int
thought(struct jsonw *w, const struct json *j)
{
	int text = json_get(j, 0, "text"), signature = json_get(j, 0, "signature"), data = json_get(j, 0, "data");

	jsonw_object(w);
	if (json_type(j, data) == JSON_STRING) {
		jsonw_member(w, "type", "redacted_thinking");
		jsoncopy_member(w, "data", j, data);
		jsonw_end_object(w);
		return 0;
	}
	jsonw_member(w, "type", "thinking");
	if (json_type(j, text) == JSON_STRING)
		jsoncopy_member(w, "thinking", j, text);
	else
		jsonw_member(w, "thinking", "");
	if (json_type(j, signature) == JSON_STRING)
		jsoncopy_member(w, "signature", j, signature);
	else
		jsonw_member(w, "signature", "");
	jsonw_end_object(w);
	return json_type(j, text) == JSON_STRING;
}

static void
foreign(struct jsonw *w, const struct buf *detail)
{
	struct buf data = BUF_INIT;

	anthropic_wrap(detail->p, detail->len, &data);
	jsonw_object(w);
	jsonw_member(w, "type", "redacted_thinking");
	key_strn(w, "data", data.p, data.len);
	jsonw_end_object(w);
	buf_release(&data);
}

/* Details of their own say all that the plain text says; of others' the text comes first. */
static void
thoughts(struct jsonw *w, const struct answer_choice *c)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	int has_text = 0;

	for (int others = 0; others < 2; others++) {
		if (others && !has_text && c->reasoning.len)
			thinking(w, &c->reasoning);
		for (size_t i = 0; i < c->n_detail; i++) {
			buf_clear(&b);
			answer_emit_piece(c->detail + i, &b);
			if (json_parse(&j, buf_str(&b), b.len, NULL))
				continue;
			if (is_own(&j) != !others)
				continue;
			if (others && anthropic_is_sealed(&j, 0))
				foreign(w, &b);
			if (!others)
				has_text |= thought(w, &j);
		}
	}
	json_release(&j);
	buf_release(&b);
}

static void
citations(struct front_answer *a, struct jsonw *w, const struct buf *annotations)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;

	buf_addc(&list, '[');
	buf_add(&list, buf_str(annotations), annotations->len);
	buf_addc(&list, ']');
	jsonw_key(w, "citations");
	jsonw_array(w);
	if (json_parse(&j, list.p, list.len, NULL) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			anthropic_write_citation(a, w, &j, i);
	jsonw_end_array(w);
	json_release(&j);
	buf_release(&list);
}

static void
text(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	if (!c->text.len && !c->annotations.len)
		return;
	jsonw_object(w);
	jsonw_member(w, "type", "text");
	key_strn(w, "text", c->text.p, c->text.len);
	if (c->annotations.len)
		citations(a, w, &c->annotations);
	else if (a->published)
		jsonw_member(w, "citations", NULL);
	jsonw_end_object(w);
}

/* They have no mark for it: a refusal's words are text. */
static void
refusal(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	if (!c->refusal.len)
		return;
	jsonw_object(w);
	jsonw_member(w, "type", "text");
	key_strn(w, "text", c->refusal.p, c->refusal.len);
	if (a->published)
		jsonw_member(w, "citations", NULL);
	jsonw_end_object(w);
	front_lose(a, "refusal");
}

/* Line ends are white space between tokens: without them an answer is one line. */
static void
one_line(struct jsonw *w, const struct buf *json)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < json->len; i++)
		if (json->p[i] != '\n' && json->p[i] != '\r')
			buf_addc(&b, json->p[i]);
	jsonw_raw(w, b.p, b.len);
	buf_release(&b);
}

/* Arguments that are no object (a custom tool of OpenAI's has text, a cut answer half of one) become one that holds them. */
static void
input(struct front_answer *a, struct jsonw *w, const struct answer_call *call)
{
	struct json j = JSON_INIT;

	jsonw_key(w, "input");
	if (json_parse(&j, buf_str(&call->args), call->args.len, NULL) == 0 && json_type(&j, 0) == JSON_OBJECT) {
		one_line(w, &call->args);
	} else {
		jsonw_object(w);
		if (call->args.len) {
			key_strn(w, "input", call->args.p, call->args.len);
			front_lose(a, "tool_calls.arguments");
		}
		jsonw_end_object(w);
	}
	json_release(&j);
}

void
anthropic_write_caller(struct jsonw *w)
{
	jsonw_key(w, "caller");
	jsonw_object(w);
	jsonw_member(w, "type", "direct");
	jsonw_end_object(w);
}

static void
tool_use(struct front_answer *a, struct jsonw *w, const struct answer_call *call, size_t i)
{
	struct buf id = BUF_INIT;

	buf_addf(&id, "toolu_or%zu", i);
	jsonw_object(w);
	jsonw_member(w, "type", "tool_use");
	jsonw_member(w, "id", call->id ? call->id : buf_str(&id));
	jsonw_member(w, "name", call->name);
	if (a->published)
		anthropic_write_caller(w);
	input(a, w, call);
	jsonw_end_object(w);
	buf_release(&id);
}

static void
lose(struct front_answer *a, const struct answer_choice *c)
{
	if (a->answer.n_choice > 1)
		front_lose_content(a, "choices");
	if (c->images.len)
		front_lose_content(a, "images");
	if (c->audio)
		front_lose_content(a, "audio");
	if (c->logprobs.len)
		front_lose(a, "logprobs");
}

static void
content(struct front_answer *a, struct jsonw *w)
{
	const struct answer_choice *c = answer_get(&a->answer, 0);

	jsonw_key(w, "content");
	jsonw_array(w);
	if (c) {
		thoughts(w, c);
		text(a, w, c);
		refusal(a, w, c);
		for (size_t i = 0; i < c->n_call; i++)
			tool_use(a, w, c->call + i, i);
		lose(a, c);
	}
	jsonw_end_array(w);
}

void
anthropic_reply(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	anthropic_write_head(a, &w);
	content(a, &w);
	jsonw_member(&w, "stop_reason", anthropic_reason(a));
	jsonw_member(&w, "stop_sequence", NULL);
	if (a->published)
		jsonw_member(&w, "stop_details", NULL);
	anthropic_write_usage(a, &w);
	anthropic_lose_usage(a);
	jsonw_end_object(&w);
}

static void
error_members(struct jsonw *w, const struct err *e, int published)
{
	const char *type = anthropic_error_type(e);

	jsonw_member(w, "type", "error");
	jsonw_key(w, "error");
	jsonw_object(w);
	jsonw_member(w, "type", published && strcmp(type, "request_too_large") == 0 ? "invalid_request_error" : type);
	jsonw_member(w, "message", front_message(e));
	if (published)
		jsonw_member(w, "error_type", front_error_type(e));
	jsonw_end_object(w);
}

void
anthropic_reply_error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	error_members(&w, e, 0);
	jsonw_end_object(&w);
}

/* Their word for a request that is too long is none of those that are published. */
void
anthropic_reply_published_error(const struct err *e, const char *id, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	error_members(&w, e, 1);
	jsonw_member(&w, "request_id", id);
	jsonw_end_object(&w);
}
