/* SPDX-License-Identifier: ISC */
/* Answers of the Responses format to canonical events: by the type of each event of a stream, or item by item where it is whole. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "wire/decoder.h"
#include "wire/members.h"
#include "wire/openai.h"
#include "wire/responses.h"

#define MAX_TOKENS 1000000000000000

/* What an event of the stream says. Nodes of it; -1 where it says nothing. */
enum {
	TYPE,
	DELTA,
	ITEM_ID,
	OUTPUT_INDEX,
	CONTENT_INDEX,
	LOGPROBS,
	SUMMARY_INDEX,
	ITEM,
	TEXT,
	REFUSAL,
	ARGUMENTS,
	INPUT,
	ANNOTATION,
	RESPONSE,
	N_MEMBERS
};
static const struct member names[N_MEMBERS] = {MEMBER("type"), MEMBER("delta"), MEMBER("item_id"),
    MEMBER("output_index"), MEMBER("content_index"), MEMBER("logprobs"), MEMBER("summary_index"), MEMBER("item"),
    MEMBER("text"), MEMBER("refusal"), MEMBER("arguments"), MEMBER("input"), MEMBER("annotation"), MEMBER("response")};

struct chunk {
	const struct json *j;
	int m[N_MEMBERS];
};

static int
part_of(const struct chunk *c, int member)
{
	int64_t part;

	return json_int(c->j, c->m[member], &part) == 0 && part >= 0 && part < 1 << 20 ? (int)part : 0;
}

static int
is_some(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING && !json_eq(j, node, "");
}

static int
text(struct decoder *d, const struct chunk *c, struct responses_item *it, int member, int refusal)
{
	if (!is_some(c->j, c->m[member]))
		return 0;
	responses_mark(&it->parts, part_of(c, CONTENT_INDEX));
	return responses_text(d, c->j, c->m[member], refusal);
}

static int
text_delta(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	int r = text(d, c, it, DELTA, 0);

	return r || c->m[LOGPROBS] < 0 ? r : responses_logprobs(d, c->j, c->m[LOGPROBS], it);
}

/* The text once more, or for the first time where there were no deltas. */
static int
text_done(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	int counts = !it->has_logprobs, r = 0;

	if (is_some(c->j, c->m[TEXT]) && responses_mark(&it->parts, part_of(c, CONTENT_INDEX)))
		r = responses_text(d, c->j, c->m[TEXT], 0);
	return !r && counts ? responses_logprobs(d, c->j, c->m[LOGPROBS], it) : r;
}

static int
refusal_delta(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return text(d, c, it, DELTA, 1);
}

static int
refusal_done(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	if (!is_some(c->j, c->m[REFUSAL]) || !responses_mark(&it->parts, part_of(c, CONTENT_INDEX)))
		return 0;
	return responses_text(d, c->j, c->m[REFUSAL], 1);
}

static int
summary_delta(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_thought(d, c->j, c->m[DELTA], it, "reasoning.summary", part_of(c, SUMMARY_INDEX));
}

static int
thought_delta(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_thought(d, c->j, c->m[DELTA], it, "reasoning.text", part_of(c, CONTENT_INDEX));
}

static int
args_delta(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_args(d, c->j, c->m[DELTA], it);
}

/* LM Studio has no deltas. */
static int
args_done(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return it->has_args ? 0 : responses_args(d, c->j, c->m[c->m[ARGUMENTS] >= 0 ? ARGUMENTS : INPUT], it);
}

static int
annotation(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_annotation(d, c->j, c->m[ANNOTATION], it);
}

static int
item_added(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_item_begin(d, c->j, c->m[ITEM], it);
}

static int
item_done(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	return responses_item_end(d, c->j, c->m[ITEM], it);
}

/* Seconds; some send a fraction, too. */
static int64_t
seconds(const struct json *j, int node)
{
	int64_t s = 0;
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (json_type(j, node) != JSON_NUMBER || json_int(j, node, &s) == 0)
		return s;
	for (s = 0; *raw >= '0' && *raw <= '9' && s < MAX_TOKENS; raw++)
		s = s * 10 + (*raw - '0');
	return s;
}

/* Once, and before anything else. */
static int
start(struct decoder *d, const struct json *j, int response)
{
	struct event ev = {.type = EVENT_START};
	int r = 0;

	if (d->started || responses_state(d)->n_item || json_type(j, response) != JSON_OBJECT)
		return 0;
	char *id = json_dup(j, json_get(j, response, "id"), NULL),
	     *model = json_dup(j, json_get(j, response, "model"), NULL);
	char *provider = json_dup(j, json_get(j, response, "provider"), NULL);
	ev.id = id && *id ? id : NULL;
	ev.name = model && *model ? model : NULL;
	ev.provider = provider && *provider ? provider : NULL;
	ev.created = seconds(j, json_get(j, response, "created_at"));
	d->started = 1;
	r = decoder_emit(d, &ev);
	free(id);
	free(model);
	free(provider);
	return r;
}

static void
take_count(const struct json *j, int usage, const char *path, int64_t *out)
{
	int64_t n;

	if (json_int(j, json_path(j, usage, path), &n) == 0 && n >= 0 && n < MAX_TOKENS)
		*out = n;
}

static void
take_usage(struct decoder *d, const struct json *j, int usage)
{
	struct usage *u = &d->usage;

	if (json_type(j, usage) != JSON_OBJECT)
		return;
	openai_usage(j, usage, u);
	take_count(j, usage, "input_tokens_details.cached_tokens", &u->cached);
	take_count(j, usage, "input_tokens_details.cache_write_tokens", &u->cache_write);
	take_count(j, usage, "input_tokens_details.audio_tokens", &u->prompt_audio);
	take_count(j, usage, "output_tokens_details.reasoning_tokens", &u->reasoning);
	take_count(j, usage, "output_tokens_details.audio_tokens", &u->completion_audio);
	take_count(j, usage, "output_tokens_details.image_tokens", &u->completion_image);
}

static int
finish(struct decoder *d, const struct json *j, int response)
{
	static const struct {
		const char *native, *normal;
	} reasons[] = {{"max_output_tokens", "length"}, {"max_tokens", "length"}, {"content_filter", "content_filter"}};
	struct event ev = {.type = EVENT_FINISH};
	int incomplete = json_path(j, response, "incomplete_details.reason"), r = responses_end_calls(d);
	char *native = json_dup(j, is_some(j, incomplete) ? incomplete : json_get(j, response, "status"), NULL);

	ev.s = json_eq(j, json_get(j, response, "status"), "incomplete") ? "length" : NULL;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (native && strcmp(reasons[i].native, native) == 0)
			ev.s = reasons[i].normal;
	if (!ev.s)
		ev.s = responses_state(d)->n_call ? "tool_calls" : "stop";
	ev.n = strlen(ev.s);
	ev.native = native;
	if (!r)
		r = decoder_emit(d, &ev);
	free(native);
	return r;
}

/* Whole answers; and what the end of a stream repeats, where nothing of it came before. */
static int
items(struct decoder *d, const struct json *j, int list)
{
	int before = responses_state(d)->n_item > 0, r = 0;

	if (before || json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i)) {
		struct responses_item *it = responses_item_new(d, -1);
		r = it ? responses_item_end(d, j, i, it) : -1;
	}
	return r;
}

/* mistral.rs has the reasoning where OpenAI repeats what was asked of it. */
static int
plain_reasoning(struct decoder *d, const struct json *j, int node)
{
	struct event ev = {.type = EVENT_REASONING};

	ev.s = json_view(j, node, &responses_state(d)->scratch, &ev.n);
	return ev.s && ev.n && !responses_state(d)->n_item ? decoder_emit(d, &ev) : 0;
}

static int
whole(struct decoder *d, const struct json *j, int response)
{
	int r = start(d, j, response);

	if (!r)
		r = plain_reasoning(d, j, json_get(j, response, "reasoning"));
	if (!r)
		r = items(d, j, json_get(j, response, "output"));
	if (r)
		return r;
	take_usage(d, j, json_get(j, response, "usage"));
	d->ended = 1;
	return finish(d, j, response);
}

/* Failed without an error object, or not done. */
static int
no_answer(struct decoder *d, const struct json *j, int response)
{
	struct err e = {0};
	char *status = json_dup(j, json_get(j, response, "status"), NULL);

	take_usage(d, j, json_get(j, response, "usage"));
	err_set(&e, ERR_TEMPORARY, "502 the response is %s", status ? status : "missing");
	e.http = 502;
	free(status);
	return decoder_fail(d, &e, NULL, 0);
}

static int
began(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	(void)it;
	return start(d, c->j, c->m[RESPONSE]);
}

static int
ended(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	(void)it;
	return whole(d, c->j, c->m[RESPONSE]);
}

static int
failed(struct decoder *d, const struct chunk *c, struct responses_item *it)
{
	struct err e = {0};
	size_t n;
	int node = -1, r = start(d, c->j, c->m[RESPONSE]);

	(void)it;
	if (r)
		return r;
	if (!responses_error(c->j, 200, &e, &node))
		return no_answer(d, c->j, c->m[RESPONSE]);
	take_usage(d, c->j, json_get(c->j, c->m[RESPONSE], "usage"));
	const char *raw = json_raw(c->j, node, &n);
	return decoder_fail(d, &e, raw, n);
}

#define T(s) s, sizeof(s) - 1

/* The common ones first. Events of no type in this table are about what the provider does by itself. */
static const struct handler {
	const char *type;
	size_t len;
	int has_item;
	int (*fn)(struct decoder *d, const struct chunk *c, struct responses_item *it);
} handlers[] = {
    {T("response.output_text.delta"), 1, text_delta},
    {T("response.function_call_arguments.delta"), 1, args_delta},
    {T("response.reasoning_summary_text.delta"), 1, summary_delta},
    {T("response.reasoning_text.delta"), 1, thought_delta},
    {T("response.output_item.added"), 1, item_added},
    {T("response.output_item.done"), 1, item_done},
    {T("response.output_text.done"), 1, text_done},
    {T("response.function_call_arguments.done"), 1, args_done},
    {T("response.output_text.annotation.added"), 1, annotation},
    {T("response.refusal.delta"), 1, refusal_delta},
    {T("response.refusal.done"), 1, refusal_done},
    {T("response.custom_tool_call_input.delta"), 1, args_delta},
    {T("response.custom_tool_call_input.done"), 1, args_done},
    {T("response.created"), 0, began},
    {T("response.queued"), 0, began},
    {T("response.in_progress"), 0, began},
    {T("response.completed"), 0, ended},
    {T("response.incomplete"), 0, ended},
    {T("response.failed"), 0, failed},
    {T("response.cancelled"), 0, failed},
};

/* By the type in the JSON: OpenRouter sends no event line. */
static const struct handler *
find_handler(const struct json *j, int type)
{
	size_t n;
	const char *raw = json_raw(j, type, &n);

	for (size_t i = 0; json_type(j, type) == JSON_STRING && i < sizeof(handlers) / sizeof(*handlers); i++)
		if (n == handlers[i].len + 2 && memcmp(raw + 1, handlers[i].type, handlers[i].len) == 0)
			return handlers + i;
	return NULL;
}

int
responses_chunk(struct decoder *d, const char *event, const struct json *j)
{
	struct chunk c = {.j = j};
	struct responses_item *it = NULL;

	(void)event;
	members_find(j, 0, names, N_MEMBERS, c.m);
	const struct handler *h = find_handler(j, c.m[TYPE]);
	if (!h)
		return 0;
	if (h->has_item) {
		int id = c.m[ITEM_ID] >= 0 ? c.m[ITEM_ID] : json_get(j, c.m[ITEM], "id");
		if (!(it = responses_item(d, j, c.m[OUTPUT_INDEX], id)))
			return -1;
	}
	return h->fn(d, &c, it);
}

int
responses_whole(struct decoder *d, const struct json *j)
{
	struct err e = {0};
	int status = json_get(j, 0, "status");

	if (json_type(j, json_get(j, 0, "output")) != JSON_ARRAY) {
		err_set(&e, ERR_PROTOCOL, "the answer is JSON, but no response");
		return decoder_fail(d, &e, NULL, 0);
	}
	if (json_eq(j, status, "completed") || json_eq(j, status, "incomplete") || json_type(j, status) != JSON_STRING)
		return whole(d, j, 0);
	int r = start(d, j, 0);
	return r ? r : no_answer(d, j, 0);
}

/* An event of another type has no error in it; most are of such a type. */
static int
is_ours(const struct json *j, int type)
{
	size_t n;
	const char *raw = json_raw(j, type, &n);

	return json_type(j, type) == JSON_STRING && n > 10 && memcmp(raw + 1, "response.", 9) == 0;
}

int
responses_error(const struct json *j, int http, struct err *e, int *node)
{
	static const struct member outer[] = {MEMBER("type"), MEMBER("response")};
	int m[2];

	members_find(j, 0, outer, 2, m);
	const struct handler *h = find_handler(j, m[0]);
	if (!h || h->fn != failed)
		return h || is_ours(j, m[0]) ? 0 : openai_error(j, http, e, node);
	*node = json_get(j, m[1], "error");
	if (json_count(j, *node) == 0)
		return 0;
	openai_describe(j, *node, http, e);
	return 1;
}

int
responses_is_end(const char *data, size_t n)
{
	return n == 6 && memcmp(data, "[DONE]", 6) == 0;
}
