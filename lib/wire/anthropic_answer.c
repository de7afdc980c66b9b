/* SPDX-License-Identifier: ISC */
/* Answers, streamed and whole, to canonical events: what is around the blocks of content, usage, why it ended. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "wire/anthropic.h"
#include "wire/anthropic_state.h"
#include "wire/decoder.h"
#include "wire/members.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

struct anthropic_state *
anthropic_state(struct decoder *d)
{
	struct anthropic_state *a = d->own;

	if (!a) {
		a = d->own = xcalloc(1, sizeof(*a));
		a->input = a->cache_write = a->cached = -1;
	}
	return a;
}

void
anthropic_release(struct decoder *d)
{
	struct anthropic_state *a = d->own;

	if (!a)
		return;
	for (size_t i = 0; i < a->n_block; i++)
		buf_release(&a->block[i].input);
	free(a->block);
	free(a->reason);
	buf_release(&a->scratch);
	buf_release(&a->made);
	free(a);
	d->own = NULL;
}

int
anthropic_fail(struct decoder *d, const char *why)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "%s", why);
	return decoder_fail(d, &e, NULL, 0);
}

char *
anthropic_word(const struct json *j, int node)
{
	char *s = json_dup(j, node, NULL);

	if (s && !*s) {
		free(s);
		s = NULL;
	}
	return s;
}

/* Once, with what the message says of itself; -1: content came without it. */
static int
start(struct decoder *d, const struct json *j, int message)
{
	if (d->started)
		return 0;
	char *id = anthropic_word(j, json_get(j, message, "id")),
	     *model = anthropic_word(j, json_get(j, message, "model"));
	char *provider = anthropic_word(j, json_get(j, message, "provider")); /* OpenRouter's */
	struct event ev = {.type = EVENT_START, .id = id, .name = model, .provider = provider};
	d->started = 1;
	int r = decoder_emit(d, &ev);
	free(id);
	free(model);
	free(provider);
	return r;
}

static void
count(const struct json *j, int node, int64_t *out)
{
	int64_t v;

	if (json_int(j, node, &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

static int64_t
known(int64_t n)
{
	return n < 0 ? 0 : n;
}

static void
take_cost(const struct json *j, int node, struct usage *u)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (json_type(j, node) == JSON_NUMBER && n < sizeof(u->cost)) { /* OpenRouter's */
		memcpy(u->cost, raw, n);
		u->cost[n] = '\0';
	}
}

/* Counts are of all that was until now; later ones may correct earlier ones, and null says nothing. */
static void
take_usage(struct decoder *d, const struct json *j, int node)
{
	enum { INPUT, OUTPUT, WRITE, READ, DETAILS, COST, N };
	static const struct member names[N] = {MEMBER("input_tokens"), MEMBER("output_tokens"),
	    MEMBER("cache_creation_input_tokens"), MEMBER("cache_read_input_tokens"), MEMBER("output_tokens_details"),
	    MEMBER("cost")};
	struct anthropic_state *a = anthropic_state(d);
	struct usage *u = &d->usage;
	int m[N];

	members_find(j, node, names, N, m);
	count(j, m[INPUT], &a->input);
	count(j, m[WRITE], &a->cache_write);
	count(j, m[READ], &a->cached);
	count(j, m[OUTPUT], &u->completion);
	count(j, json_get(j, m[DETAILS], "thinking_tokens"), &u->reasoning);
	take_cost(j, m[COST], u);
	u->cached = a->cached;
	u->cache_write = a->cache_write;
	if (a->input >= 0)
		u->prompt = a->input + known(a->cache_write) + known(a->cached);
}

static const char *
normal_reason(const char *s)
{
	static const struct {
		const char *from, *to;
	} table[] = {{"max_tokens", "length"}, {"model_context_window_exceeded", "length"}, {"tool_use", "tool_calls"},
	    {"refusal", "content_filter"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(table[i].from, s) == 0)
			return table[i].to;
	return "stop"; /* end_turn, stop_sequence, pause_turn, compaction, ... */
}

/* The last one counts, at the end: a gateway that falls back to another model may give two. */
static void
take_stop(struct decoder *d, const struct json *j, int node)
{
	struct anthropic_state *a = anthropic_state(d);
	char *reason = anthropic_word(j, json_get(j, node, "stop_reason"));

	if (!reason)
		return;
	free(a->reason);
	a->reason = reason;
}

/* Some gateways begin the message again when they fall back to another model: what it counts is taken, nothing else. */
static int
begin_message(struct decoder *d, const struct json *j, int message)
{
	take_usage(d, j, json_get(j, message, "usage"));
	return start(d, j, message);
}

/* The events, the frequent first. ping, and what we don't know, say nothing. */
static int
take_event(struct decoder *d, const struct json *j)
{
	enum { TYPE, INDEX, DELTA, BLOCK, MESSAGE, USAGE, N };
	static const struct member names[N] = {MEMBER("type"), MEMBER("index"), MEMBER("delta"),
	    MEMBER("content_block"), MEMBER("message"), MEMBER("usage")};
	int64_t index = 0;
	int m[N], r = 0;

	members_find(j, 0, names, N, m);
	json_int(j, m[INDEX], &index);
	if (json_eq(j, m[TYPE], "content_block_delta")) {
		r = start(d, j, -1);
		return r ? r : anthropic_delta(d, j, m[DELTA], index);
	}
	if (json_eq(j, m[TYPE], "content_block_start")) {
		r = start(d, j, -1);
		return r ? r : anthropic_begin_block(d, j, m[BLOCK], index);
	}
	if (json_eq(j, m[TYPE], "content_block_stop"))
		return anthropic_end_block(d, index);
	if (json_eq(j, m[TYPE], "message_start"))
		return begin_message(d, j, m[MESSAGE]);
	if (json_eq(j, m[TYPE], "message_delta")) {
		take_usage(d, j, m[USAGE]);
		take_stop(d, j, m[DELTA]);
	} else if (json_eq(j, m[TYPE], "message_stop")) {
		d->ended = 1;
	}
	return 0;
}

int
anthropic_chunk(struct decoder *d, const char *event, const struct json *j)
{
	(void)event;
	return take_event(d, j);
}

int
anthropic_whole(struct decoder *d, const struct json *j)
{
	int list = json_get(j, 0, "content"), r = 0;
	int64_t index = 0;

	if (json_type(j, list) != JSON_ARRAY && !json_eq(j, json_get(j, 0, "type"), "message"))
		return anthropic_fail(d, "the answer is JSON, but no message");
	take_usage(d, j, json_get(j, 0, "usage"));
	take_stop(d, j, 0);
	r = start(d, j, 0);
	if (json_type(j, list) == JSON_ARRAY)
		for (int b = json_child(j, list); b >= 0 && !r; b = json_next(j, list, b))
			r = anthropic_whole_block(d, j, b, index++);
	return r;
}

/* What stop_details says of a refusal is Anthropic's text, not the model's: an answer without a word stays one, for which another model may be
 * asked. */
static int
finish(struct decoder *d)
{
	struct anthropic_state *a = anthropic_state(d);
	struct event ev = {.type = EVENT_FINISH, .s = normal_reason(a->reason), .native = a->reason};
	int r = start(d, &d->json, -1);

	ev.n = strlen(ev.s);
	if (!r)
		r = anthropic_end_blocks(d);
	return r ? r : decoder_emit(d, &ev);
}

int
anthropic_end(struct decoder *d)
{
	d->finished = anthropic_state(d)->reason != NULL;
	return d->finished ? finish(d) : 0;
}
