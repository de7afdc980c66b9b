/* SPDX-License-Identifier: ISC */
/*
 * Answers, whole and streamed. In a stream the members of delta.message are objects where the whole answer has lists of them; both are
 * taken in both places.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/cohere.h"
#include "wire/decoder.h"
#include "wire/members.h"

#define MAX_CALLS 1024 /* tool calls of one answer */

struct call {
	int64_t wire_index; /* of the event; -1: it had none */
	int has_args, ended;
};

struct cohere_state {
	struct buf scratch;
	struct call call[MAX_CALLS];
	int n_call;
	int finished;
};

static struct cohere_state *
state(struct decoder *d)
{
	if (!d->own)
		d->own = xcalloc(1, sizeof(struct cohere_state));
	return d->own;
}

void
cohere_release(struct decoder *d)
{
	struct cohere_state *s = d->own;

	if (s)
		buf_release(&s->scratch);
	free(s);
	d->own = NULL;
}

static int
fail(struct decoder *d, const char *why)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "%s", why);
	return decoder_fail(d, &e, NULL, 0);
}

static int
emit_text(struct decoder *d, const struct json *j, int node, enum event_type type)
{
	struct event ev = {.type = type};

	ev.s = json_view(j, node, &state(d)->scratch, &ev.n);
	return ev.s && ev.n ? decoder_emit(d, &ev) : 0;
}

typedef int (*item_fn)(struct decoder *d, const struct json *j, int item, int64_t index);

/* A list, or what would be its only item. */
static int
each(struct decoder *d, const struct json *j, int node, int64_t index, item_fn fn)
{
	int r = 0;

	if (json_type(j, node) != JSON_ARRAY)
		return json_type(j, node) > JSON_NULL ? fn(d, j, node, index) : 0;
	for (int i = json_child(j, node); i >= 0 && !r; i = json_next(j, node, i))
		r = fn(d, j, i, index);
	return r;
}

/* {type, text} or {type, thinking}; the deltas have no type, the members' names tell. */
static int
emit_part(struct decoder *d, const struct json *j, int part, int64_t index)
{
	enum { TEXT, THINKING, N };
	static const struct member names[N] = {MEMBER("text"), MEMBER("thinking")};
	int m[N];

	(void)index;
	if (json_type(j, part) == JSON_STRING)
		return emit_text(d, j, part, EVENT_TEXT);
	members_find(j, part, names, N, m);
	int r = emit_text(d, j, m[THINKING], EVENT_REASONING);
	return r ? r : emit_text(d, j, m[TEXT], EVENT_TEXT);
}

/* A tool without parameters is called with no arguments at all, or with "null". */
static int
emit_args(struct decoder *d, const struct json *j, int args, int call)
{
	struct cohere_state *s = state(d);
	struct event ev = {.type = EVENT_TOOL_ARGS, .index = call};

	if (json_type(j, args) == JSON_OBJECT)
		ev.s = json_raw(j, args, &ev.n);
	else
		ev.s = json_view(j, args, &s->scratch, &ev.n);
	if (!ev.s || !ev.n)
		return 0;
	d->steady = s->call[call].has_args;
	s->call[call].has_args = 1;
	return decoder_emit(d, &ev);
}

static int
begin_call(struct decoder *d, const struct json *j, int item, int64_t index)
{
	struct cohere_state *s = state(d);
	int function = json_get(j, item, "function"), args = json_get(j, function, "arguments"), call = s->n_call;

	if (call >= MAX_CALLS)
		return fail(d, "the answer has too many tool calls");
	s->call[s->n_call++] = (struct call){.wire_index = index};
	char *id = json_dup(j, json_get(j, item, "id"), NULL), *name = json_dup(j, json_get(j, function, "name"), NULL);
	struct event ev = {.type = EVENT_TOOL_BEGIN, .index = call, .id = id && *id ? id : NULL, .name = name};
	int r = decoder_emit(d, &ev);
	free(id);
	free(name);
	if (!r && !json_eq(j, args, "null"))
		r = emit_args(d, j, args, call);
	d->steady = 0;
	return r;
}

static int
end_call(struct decoder *d, int call)
{
	struct call *c = state(d)->call + call;
	struct event args = {.type = EVENT_TOOL_ARGS, .index = call, .s = "{}", .n = 2},
		     end = {.type = EVENT_TOOL_END, .index = call};

	if (c->ended)
		return 0;
	c->ended = 1;
	int r = c->has_args ? 0 : decoder_emit(d, &args);
	return r ? r : decoder_emit(d, &end);
}

static int
end_calls(struct decoder *d)
{
	int r = 0;

	for (int i = 0; i < state(d)->n_call && !r; i++)
		r = end_call(d, i);
	return r;
}

/* The call that a delta goes on with; -1: none has begun. */
static int
find_call(const struct cohere_state *s, int64_t index)
{
	for (int i = s->n_call; i-- > 0;)
		if (s->call[i].wire_index == index && !s->call[i].ended)
			return i;
	return -1;
}

static int
go_on(struct decoder *d, const struct json *j, int item, int64_t index)
{
	int call = find_call(state(d), index);

	return call < 0 ? 0 : emit_args(d, j, json_path(j, item, "function.arguments"), call);
}

static int
whole_call(struct decoder *d, const struct json *j, int item, int64_t index)
{
	int r = begin_call(d, j, item, index);

	return r ? r : end_call(d, state(d)->n_call - 1);
}

static int
emit_citation(struct decoder *d, const struct json *j, int item, int64_t index)
{
	(void)index;
	return cohere_cite(d, j, item);
}

/* One token of {text, token_ids, logprobs}. Where a text has several, how it is split is not told: it stands with the first one. */
static void
logprob(struct jsonw *w, const struct json *j, int text, int value, int first)
{
	size_t n;
	const char *raw = json_raw(j, value, &n);

	jsonw_object(w);
	jsonw_key(w, "token");
	if (first && json_type(j, text) == JSON_STRING) {
		size_t len;
		const char *s = json_raw(j, text, &len);
		jsonw_raw(w, s, len);
	} else {
		jsonw_str(w, "");
	}
	jsonw_key(w, "logprob");
	jsonw_raw(w, raw, n);
	jsonw_end_object(w);
}

static int
emit_logprobs(struct decoder *d, const struct json *j, int item, int64_t index)
{
	int list = json_get(j, item, "logprobs"), text = json_get(j, item, "text");
	struct buf b = BUF_INIT;
	struct jsonw w;

	(void)index;
	if (json_type(j, list) != JSON_ARRAY || json_count(j, list) == 0)
		return 0;
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "content");
	jsonw_array(&w);
	for (int v = json_child(j, list), first = 1; v >= 0; v = json_next(j, list, v), first = 0)
		logprob(&w, j, text, v, first);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	struct event ev = {.type = EVENT_LOGPROBS, .raw = b.p, .raw_len = b.len};
	int r = decoder_emit(d, &ev);
	buf_release(&b);
	return r;
}

static int
emit_start(struct decoder *d, const struct json *j, int node)
{
	char *id = json_dup(j, node, NULL);
	struct event ev = {.type = EVENT_START, .id = id && *id ? id : NULL};

	if (d->started) {
		free(id);
		return 0;
	}
	d->started = 1;
	int r = decoder_emit(d, &ev);
	free(id);
	return r;
}

static int
emit_end(struct decoder *d, const struct json *j, int node)
{
	int finish = json_get(j, node, "finish_reason"), r = end_calls(d);

	cohere_usage(d, j, json_get(j, node, "usage"));
	state(d)->finished = 1;
	return r ? r : cohere_finish(d, j, finish, json_get(j, node, "error"), json_get(j, node, "error_type"));
}

/* The events of a stream. */
enum { ID, TYPE, INDEX, DELTA, LOGPROBS, N_EVENT };
static const struct member event_names[N_EVENT] = {
    MEMBER("id"), MEMBER("type"), MEMBER("index"), MEMBER("delta"), MEMBER("logprobs")};

static int
on_content(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	int r = each(d, j, json_path(j, m[DELTA], "message.content"), index, emit_part);

	d->steady = 1;
	return r || m[LOGPROBS] < 0 ? r : each(d, j, m[LOGPROBS], index, emit_logprobs);
}

static int
on_plan(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	(void)index;
	d->steady = 1;
	return emit_text(d, j, json_path(j, m[DELTA], "message.tool_plan"), EVENT_REASONING);
}

static int
on_call_start(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	return each(d, j, json_path(j, m[DELTA], "message.tool_calls"), index, begin_call);
}

static int
on_call_delta(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	return each(d, j, json_path(j, m[DELTA], "message.tool_calls"), index, go_on);
}

static int
on_call_end(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	int call = find_call(state(d), index);

	(void)j;
	(void)m;
	return call < 0 ? 0 : end_call(d, call);
}

static int
on_citation(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	return each(d, j, json_path(j, m[DELTA], "message.citations"), index, emit_citation);
}

static int
on_message_end(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	(void)index;
	return emit_end(d, j, m[DELTA]);
}

static int
on_nothing(struct decoder *d, const struct json *j, const int *m, int64_t index)
{
	(void)d;
	(void)j;
	(void)m;
	(void)index;
	return 0;
}

static const struct {
	const char *type;
	int (*fn)(struct decoder *d, const struct json *j, const int *m, int64_t index);
} events[] = {
    {"content-delta", on_content}, /* the common one */
    {"content-start", on_content},
    {"tool-plan-delta", on_plan},
    {"tool-call-start", on_call_start},
    {"tool-call-delta", on_call_delta},
    {"tool-call-end", on_call_end},
    {"citation-start", on_citation},
    {"message-end", on_message_end},
    {"message-start", on_nothing},
};

int
cohere_chunk(struct decoder *d, const char *event, const struct json *j)
{
	int64_t index = -1;
	int m[N_EVENT], starts = !d->started;

	members_find(j, 0, event_names, N_EVENT, m);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (m[TYPE] >= 0 ? !json_eq(j, m[TYPE], events[i].type) : strcmp(event, events[i].type) != 0)
			continue;
		json_int(j, m[INDEX], &index);
		int r = starts ? emit_start(d, j, m[ID]) : 0;
		if (!r)
			r = events[i].fn(d, j, m, index);
		d->steady &= !starts;
		return r;
	}
	if (json_get(j, 0, "event_type") >= 0)
		return fail(d, "an answer of Cohere's version 1, which is not understood");
	return 0;
}

int
cohere_whole(struct decoder *d, const struct json *j)
{
	int message = json_get(j, 0, "message");

	if (json_type(j, message) != JSON_OBJECT)
		return fail(d, "the answer is JSON, but no chat of Cohere's version 2");
	int r = emit_start(d, j, json_get(j, 0, "id"));
	if (!r)
		r = emit_text(d, j, json_get(j, message, "tool_plan"), EVENT_REASONING);
	if (!r)
		r = each(d, j, json_get(j, message, "content"), -1, emit_part);
	if (!r)
		r = each(d, j, json_get(j, message, "tool_calls"), -1, whole_call);
	if (!r)
		r = each(d, j, json_get(j, message, "citations"), -1, emit_citation);
	if (!r)
		r = each(d, j, json_get(j, 0, "logprobs"), -1, emit_logprobs);
	return r ? r : emit_end(d, j, 0);
}

int
cohere_end(struct decoder *d)
{
	d->finished = state(d)->finished;
	return 0;
}
