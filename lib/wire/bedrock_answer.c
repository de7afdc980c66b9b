/* SPDX-License-Identifier: ISC */
/* Answers, streamed and whole, to canonical events: what is around the blocks of content, usage, why it ended. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "wire/bedrock.h"
#include "wire/bedrock_state.h"
#include "wire/decoder.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

struct bedrock_state *
bedrock_state(struct decoder *d)
{
	if (!d->own)
		d->own = xcalloc(1, sizeof(struct bedrock_state));
	return d->own;
}

/* Hooks of Anthropic's wire work on a state of their own. */
static void *
lend_state(struct decoder *d)
{
	struct bedrock_state *b = bedrock_state(d);

	d->own = b->anthropic;
	return b;
}

static void
take_back(struct decoder *d, struct bedrock_state *b)
{
	b->anthropic = d->own;
	d->own = b;
}

void
bedrock_release(struct decoder *d)
{
	struct bedrock_state *b = d->own;

	if (!b)
		return;
	d->own = b->anthropic;
	if (b->anthropic)
		wire_anthropic.release(d);
	for (size_t i = 0; i < b->n_block; i++)
		free(b->block[i].image);
	buf_release(&b->scratch);
	buf_release(&b->made);
	buf_release(&b->inside);
	json_release(&b->inner);
	free(b);
	d->own = NULL;
}

int
bedrock_garbled(struct decoder *d, const char *why)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "garbled answer: %s", why);
	return decoder_fail(d, &e, NULL, 0);
}

/* Once. An answer says neither its id nor its model. */
static int
start(struct decoder *d)
{
	struct event ev = {.type = EVENT_START};

	if (d->started)
		return 0;
	d->started = 1;
	return decoder_emit(d, &ev);
}

static int64_t
count(const struct json *j, int node, const char *key)
{
	int64_t v;

	return json_int(j, json_get(j, node, key), &v) == 0 && v >= 0 && v < MAX_TOKENS ? v : -1;
}

/* inputTokens are those that were neither read from the cache nor written to it. */
static void
take_usage(struct decoder *d, const struct json *j, int node)
{
	struct usage *u = &d->usage;
	int64_t input = count(j, node, "inputTokens"), output = count(j, node, "outputTokens");

	u->cached = count(j, node, "cacheReadInputTokens");
	u->cache_write = count(j, node, "cacheWriteInputTokens");
	if (input >= 0)
		u->prompt = input + (u->cached > 0 ? u->cached : 0) + (u->cache_write > 0 ? u->cache_write : 0);
	if (output >= 0)
		u->completion = output;
}

const struct front_word bedrock_stops[] = {{"end_turn", "stop"}, {"max_tokens", "length"}, {"tool_use", "tool_calls"},
    {"content_filtered", "content_filter"}, {"malformed_model_output", "error"}, {"stop_sequence", "stop"},
    {"model_context_window_exceeded", "length"}, {"guardrail_intervened", "content_filter"},
    {"malformed_tool_use", "error"}, {NULL, NULL}};

static const char *
normal_reason(const char *native)
{
	for (const struct front_word *w = bedrock_stops; w->native; w++)
		if (strcmp(w->native, native) == 0)
			return w->reason;
	return "stop";
}

/* Output that isn't what the model was to write is a failure of its own. */
static int
malformed(struct decoder *d, const char *native)
{
	struct err e = {0};

	err_set(&e, ERR_TEMPORARY, "502 the model failed while answering (%s)", native);
	e.http = 502;
	return decoder_fail(d, &e, NULL, 0);
}

static int
finish(struct decoder *d, const struct json *j, int reason)
{
	struct bedrock_state *b = bedrock_state(d);
	char *native = json_dup(j, reason, NULL);
	struct event ev = {.type = EVENT_FINISH, .native = native};
	int r = start(d);

	if (!r)
		r = bedrock_end_blocks(d);
	if (!r && native && !b->finished) {
		b->finished = 1;
		ev.s = normal_reason(native);
		ev.n = strlen(ev.s);
		r = decoder_emit(d, &ev);
		if (!r && strcmp(ev.s, "error") == 0)
			r = malformed(d, native);
	}
	free(native);
	return r;
}

/* The event of Anthropic's that is in a frame, as its own stream has it. */
static int
inner_event(struct decoder *d, const struct json *j)
{
	struct err e = {0};
	int node = -1, r;
	size_t n;

	struct bedrock_state *b = lend_state(d);
	r = wire_anthropic.on_chunk(d, "", j);
	take_back(d, b);
	if (!r && wire_anthropic.error(j, 200, &e, &node)) {
		const char *raw = json_raw(j, node, &n);
		r = decoder_fail(d, &e, raw, n);
	}
	return r;
}

/* {"bytes": base64} */
static int
unwrap(struct decoder *d, const struct json *j, int bytes)
{
	struct bedrock_state *b = bedrock_state(d);
	struct err e = {0};

	b->wraps = 1;
	d->steady = 0;
	buf_clear(&b->scratch);
	buf_clear(&b->inside);
	if (json_str(j, bytes, &b->scratch) || base64_text(&b->inside, buf_str(&b->scratch), b->scratch.len))
		return bedrock_garbled(d, "a chunk that isn't base64");
	if (json_parse(&b->inner, buf_str(&b->inside), b->inside.len, &e))
		return bedrock_garbled(d, e.msg);
	int r = json_type(&b->inner, 0) == JSON_OBJECT ? inner_event(d, &b->inner) : 0;
	d->steady = 0;
	return r;
}

static int
block_index(const struct json *j, int64_t *index)
{
	return json_int(j, json_get(j, 0, "contentBlockIndex"), index);
}

static int
on_delta(struct decoder *d, const struct json *j)
{
	int64_t index = 0;
	int r = start(d);

	block_index(j, &index);
	return r ? r : bedrock_delta(d, j, json_get(j, 0, "delta"), index);
}

static int
on_block(struct decoder *d, const struct json *j)
{
	int64_t index = 0;
	int r = start(d);

	block_index(j, &index);
	return r ? r : bedrock_begin_block(d, j, json_get(j, 0, "start"), index);
}

static int
on_block_end(struct decoder *d, const struct json *j)
{
	int64_t index = 0;

	block_index(j, &index);
	return bedrock_end_block(d, index);
}

static int
on_start(struct decoder *d, const struct json *j)
{
	(void)j;
	return start(d);
}

static int
on_stop(struct decoder *d, const struct json *j)
{
	return finish(d, j, json_get(j, 0, "stopReason"));
}

/* Always the last. */
static int
on_metadata(struct decoder *d, const struct json *j)
{
	take_usage(d, j, json_get(j, 0, "usage"));
	d->ended = bedrock_state(d)->finished;
	return 0;
}

static int
on_wrapped(struct decoder *d, const struct json *j)
{
	int bytes = json_get(j, 0, "bytes");

	return bytes >= 0 ? unwrap(d, j, bytes) : 0;
}

/* An exception, which has a message and nothing of an event's. */
static int
exception(struct decoder *d, const char *name, const struct json *j)
{
	struct err e = {0};
	size_t n;

	bedrock_exception(j, name, &e);
	const char *raw = json_raw(j, 0, &n);
	return decoder_fail(d, &e, raw, n);
}

static int
is_exception(const char *name, const struct json *j)
{
	static const char suffix[] = "Exception";
	size_t n = strlen(name), len = strlen(suffix);

	return (n > len && strcmp(name + n - len, suffix) == 0) ||
	    json_type(j, json_get(j, 0, "message")) == JSON_STRING;
}

int
bedrock_chunk(struct decoder *d, const char *event, const struct json *j)
{
	static const struct {
		const char *name;
		int (*take)(struct decoder *d, const struct json *j);
	} events[] = {{"contentBlockDelta", on_delta}, {"contentBlockStart", on_block},
	    {"contentBlockStop", on_block_end}, {"messageStart", on_start}, {"messageStop", on_stop},
	    {"metadata", on_metadata}, {"chunk", on_wrapped}};

	d->steady = d->started && strcmp(event, "contentBlockDelta") == 0 && json_path(j, 0, "delta.text") >= 0;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(events[i].name, event) == 0)
			return events[i].take(d, j);
	return is_exception(event, j) ? exception(d, event, j) : 0;
}

/* InvokeModel's answer is the model's own. */
static int
inner_whole(struct decoder *d, const struct json *j)
{
	struct bedrock_state *b = lend_state(d);
	int r = wire_anthropic.on_whole(d, j);

	take_back(d, b);
	b->wraps = 1;
	return r;
}

int
bedrock_whole(struct decoder *d, const struct json *j)
{
	int list = json_path(j, 0, "output.message.content"), reason = json_get(j, 0, "stopReason"), node;
	struct err e = {0};
	int64_t index = 0;

	if (json_eq(j, json_get(j, 0, "type"), "message"))
		return inner_whole(d, j);
	if (json_type(j, list) != JSON_ARRAY && json_count(j, 0) == 1 && bedrock_error(j, 502, &e, &node))
		return decoder_fail(d, &e, j->text, j->len); /* an error whose status isn't known */
	if (json_type(j, list) != JSON_ARRAY && json_type(j, reason) != JSON_STRING)
		return bedrock_garbled(d, "it is JSON, but no answer of Converse's");
	take_usage(d, j, json_get(j, 0, "usage"));
	int r = start(d);
	if (json_type(j, list) == JSON_ARRAY)
		for (int b = json_child(j, list); b >= 0 && !r; b = json_next(j, list, b))
			r = bedrock_whole_block(d, j, b, index++);
	return r ? r : finish(d, j, reason);
}

int
bedrock_end(struct decoder *d)
{
	struct bedrock_state *b = bedrock_state(d);
	int r = 0;

	if (b->wraps) {
		lend_state(d);
		r = wire_anthropic.on_end ? wire_anthropic.on_end(d) : 0;
		take_back(d, b);
		return r;
	}
	d->finished = b->finished;
	return bedrock_end_blocks(d);
}
