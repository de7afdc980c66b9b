/* SPDX-License-Identifier: ISC */
/* The Responses format's front: the response object, errors. Its stream is responses_stream.c's, requests are responses_ask.c's. */
#include "wire/front.h"

#include <string.h>

#include "err.h"
#include "event.h"
#include "jsonw.h"
#include "wire/responses.h"
#include "wire/responses_out.h"

static const char *
incomplete_reason(const struct front_answer *a)
{
	static const struct front_word words[] = {{"", "stop"}, {"", "tool_calls"}, {"", "error"},
	    {"max_output_tokens", "length"}, {"content_filter", "content_filter"}, {NULL, NULL}};
	const struct answer_choice *c = responses_choice(a);
	const char *word = front_reason(words, c->finish, c->native);

	return word && *word ? word : NULL;
}

const char *
responses_status(const struct front_answer *a)
{
	return incomplete_reason(a) ? "incomplete" : "completed";
}

static void
key_int(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	jsonw_int(w, n < 0 ? 0 : n);
}

static void
some_int(struct jsonw *w, const char *key, int64_t n)
{
	if (n >= 0)
		key_int(w, key, n);
}

/* Counts that a client's types ask for are 0 where they are unknown. */
static void
usage(const struct front_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;
	const char *cost = *u->cost ? u->cost : a->cost;

	jsonw_key(w, "usage");
	if (u->prompt < 0 && u->completion < 0 && !cost) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	key_int(w, "input_tokens", u->prompt);
	jsonw_key(w, "input_tokens_details");
	jsonw_object(w);
	key_int(w, "cached_tokens", u->cached);
	key_int(w, "cache_write_tokens", u->cache_write);
	some_int(w, "audio_tokens", u->prompt_audio);
	jsonw_end_object(w);
	key_int(w, "output_tokens", u->completion);
	jsonw_key(w, "output_tokens_details");
	jsonw_object(w);
	key_int(w, "reasoning_tokens", u->reasoning);
	some_int(w, "audio_tokens", u->completion_audio);
	some_int(w, "image_tokens", u->completion_image);
	jsonw_end_object(w);
	key_int(w, "total_tokens", (u->prompt < 0 ? 0 : u->prompt) + (u->completion < 0 ? 0 : u->completion));
	if (cost) {
		jsonw_key(w, "cost");
		jsonw_raw(w, cost, strlen(cost));
	}
	jsonw_end_object(w);
}

static const struct {
	enum err_kind kind;
	const char *code, *type;
} codes[] = {
    {ERR_AUTH, "invalid_api_key", "invalid_request_error"},
    {ERR_MONEY, "insufficient_quota", "insufficient_quota"},
    {ERR_CAP, "insufficient_quota", "insufficient_quota"},
    {ERR_REFUSED, "content_policy_violation", "invalid_request_error"},
    {ERR_REQUEST, "invalid_prompt", "invalid_request_error"},
    {ERR_DATA, "invalid_prompt", "invalid_request_error"},
    {ERR_NOMODEL, "model_not_found", "invalid_request_error"},
};

const char *
responses_code(const struct err *e)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].kind == e->kind)
			return codes[i].code;
	return e->http == 429 ? "rate_limit_exceeded" : "server_error";
}

static const char *
error_type(const struct err *e)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].kind == e->kind)
			return codes[i].type;
	return e->http == 429 ? "rate_limit_error" : "server_error";
}

/* Of a response that failed; its type knows few codes. */
static void
failure(struct jsonw *w, const struct err *e)
{
	const char *code = responses_code(e);
	int is_known = strcmp(code, "rate_limit_exceeded") == 0 || strcmp(code, "invalid_prompt") == 0;

	jsonw_key(w, "error");
	if (!e->kind) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_member_if(w, "code", is_known ? code : "server_error");
	jsonw_member_if(w, "message", front_message(e));
	jsonw_end_object(w);
}

static void
incomplete(struct jsonw *w, const char *reason)
{
	jsonw_key(w, "incomplete_details");
	if (!reason) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_member_if(w, "reason", reason);
	jsonw_end_object(w);
}

/* What the request asked for isn't known here: members that a client's types ask for have the values of a request that said nothing. */
static void
request_members(struct jsonw *w)
{
	static const char members[] =
	    "\"instructions\":null,\"metadata\":{},\"parallel_tool_calls\":true,\"temperature\":null,"
	    "\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":null";

	buf_addc(w->b, ',');
	buf_add(w->b, members, sizeof(members) - 1);
	w->comma = 1;
}

static void
published_members(const struct front_answer *a, struct jsonw *w, const char *status, const struct err *failed)
{
	jsonw_key(w, "completed_at");
	if (strcmp(status, "completed") == 0 && a->ended)
		jsonw_int(w, a->ended);
	else
		jsonw_null(w);
	jsonw_member(w, "presence_penalty", NULL);
	jsonw_member(w, "frequency_penalty", NULL);
	if (failed && failed->kind)
		jsonw_member(w, "error_type", front_error_type(failed));
}

/* Where an answer ends early, what came last isn't complete. */
static const char *
item_status(const struct responses_out *o, size_t i, const char *status)
{
	if (o->item[i].status)
		return o->item[i].status;
	return (o->item[i].is_open || i + 1 == o->n) && strcmp(status, "completed") != 0 ? "incomplete" : "completed";
}

void
responses_object(struct front_answer *a, struct jsonw *w, const char *status, int items, const struct err *failed)
{
	static const struct err none = {0};
	struct responses_out *o = responses_out(a);
	int is_incomplete = strcmp(status, "incomplete") == 0;

	jsonw_object(w);
	jsonw_member_if(w, "id", *front_id(a) ? front_id(a) : "resp_or");
	jsonw_member_if(w, "object", "response");
	jsonw_key(w, "created_at");
	jsonw_int(w, front_created(a));
	jsonw_member_if(w, "status", status);
	failure(w, failed ? failed : &none);
	incomplete(w, is_incomplete ? incomplete_reason(a) : NULL);
	jsonw_member_if(w, "model", front_model(a));
	jsonw_member_if(w, "provider", a->answer.provider ? a->answer.provider : a->provider);
	jsonw_key(w, "output");
	jsonw_array(w);
	for (size_t i = 0; items && i < o->n; i++)
		responses_out_item(a, w, i, item_status(o, i, status));
	jsonw_end_array(w);
	request_members(w);
	if (a->published)
		published_members(a, w, status, failed);
	if (items)
		usage(a, w);
	jsonw_end_object(w);
}

void
responses_lose(struct front_answer *a)
{
	const struct answer_choice *c = responses_choice(a);

	if (a->answer.n_choice > 1)
		front_lose_content(a, "choices");
	if (c->audio)
		front_lose_content(a, "audio");
	if (c->finish && strcmp(c->finish, c->n_call ? "stop" : "tool_calls") == 0)
		front_lose(a, "finish");
}

/* Without a finish reason it was cut, as far as can be told here. */
static void
whole(struct front_answer *a, struct buf *out)
{
	struct jsonw w;

	responses_lose(a);
	responses_out_all(a);
	jsonw_init(&w, out);
	responses_object(a, &w, responses_choice(a)->finish ? responses_status(a) : "incomplete", 1, NULL);
}

static void
error(const struct err *e, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "error");
	jsonw_object(&w);
	jsonw_member_if(&w, "message", front_message(e));
	jsonw_member_if(&w, "type", error_type(e));
	jsonw_key(&w, "param");
	jsonw_null(&w);
	jsonw_member_if(&w, "code", responses_code(e));
	jsonw_end_object(&w);
	jsonw_end_object(&w);
}

const struct front front_responses = {
    .name = "responses",
    .type = "application/json",
    .stream_type = "text/event-stream",
    .keeps = 1,
    .request = responses_request,
    .whole = whole,
    .event = responses_event,
    .end = responses_end,
    .error = error,
    .release = responses_out_release,
};
