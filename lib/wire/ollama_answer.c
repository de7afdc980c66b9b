/* SPDX-License-Identifier: ISC */
/*
 * Answers of /api/chat and /api/generate. A whole answer is a stream's last line that has all of the text: both are decoded as lines.
 *
 * Each line has a time of its own, so that no two of a stream are alike but for their text: the template has nothing to learn here, and
 * what a line costs is its parsing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/decoder.h"
#include "wire/fault.h"
#include "wire/members.h"
#include "wire/ollama.h"

#define MAX_CALLS 1024                /* tool calls of one answer */
#define MAX_TOKENS 1000000000000000LL /* nobody means more; sums stay in range */

struct ollama_state {
	struct buf scratch;
	int n_call;
	int known; /* a line was an answer's */
};

/* A line's members; those of its message stand at the top in answers of /api/generate. */
enum { MODEL, CREATED_AT, MESSAGE, RESPONSE, DONE, DONE_REASON, PROMPT_COUNT, COUNT, LOGPROBS, N_LINE };
static const struct member line_names[N_LINE] = {MEMBER("model"), MEMBER("created_at"), MEMBER("message"),
    MEMBER("response"), MEMBER("done"), MEMBER("done_reason"), MEMBER("prompt_eval_count"), MEMBER("eval_count"),
    MEMBER("logprobs")};
enum { CONTENT, BODY_RESPONSE, THINKING, TOOL_CALLS, IMAGES, IMAGE, N_BODY };
static const struct member body_names[N_BODY] = {
    MEMBER("content"), MEMBER("response"), MEMBER("thinking"), MEMBER("tool_calls"), MEMBER("images"), MEMBER("image")};

static struct ollama_state *
state(struct decoder *d)
{
	if (!d->own)
		d->own = xcalloc(1, sizeof(struct ollama_state));
	return d->own;
}

void
ollama_release(struct decoder *d)
{
	struct ollama_state *s = d->own;

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
emit_start(struct decoder *d, const struct json *j, const int *m)
{
	char *model = json_dup(j, m[MODEL], NULL), *at = json_dup(j, m[CREATED_AT], NULL);
	struct event ev = {
	    .type = EVENT_START, .name = model && *model ? model : NULL, .created = at ? ollama_seconds(at) : 0};

	d->started = 1;
	int r = decoder_emit(d, &ev);
	free(model);
	free(at);
	return r;
}

static int
emit_text(struct decoder *d, const struct json *j, int node, enum event_type type)
{
	struct event ev = {.type = type};

	ev.s = json_view(j, node, &state(d)->scratch, &ev.n);
	return ev.s && ev.n ? decoder_emit(d, &ev) : 0;
}

static int
emit_image(struct decoder *d, const struct json *j, int node)
{
	struct buf item = BUF_INIT, url = BUF_INIT;
	struct jsonw w;
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (json_type(j, node) != JSON_STRING || n <= 2)
		return 0;
	buf_addf(&url, "data:%s;base64,", ollama_image_type(raw + 1, n - 2));
	json_str(j, node, &url);
	jsonw_init(&w, &item);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, "image_url");
	jsonw_key(&w, "image_url");
	jsonw_object(&w);
	jsonw_key(&w, "url");
	jsonw_strn(&w, url.p, url.len);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	struct event ev = {.type = EVENT_MEDIA, .name = "image", .raw = item.p, .raw_len = item.len};
	int r = decoder_emit(d, &ev);
	buf_release(&item);
	buf_release(&url);
	return r;
}

static int
emit_images(struct decoder *d, const struct json *j, int list, int one)
{
	int r = 0;

	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i))
			r = emit_image(d, j, i);
	return r ? r : emit_image(d, j, one);
}

/* FNV-1a */
static uint64_t
hash(uint64_t h, const struct json *j, int node)
{
	size_t n;
	const char *p = json_raw(j, node, &n);

	for (size_t i = 0; node >= 0 && i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211u;
	return h;
}

/* A call's id: Ollama's newer versions give one. Ours is made of the call and its time, so that two answers of one conversation don't
 * share it. */
static char *
call_id(const struct json *j, int call, int function, int at, int index)
{
	char *id = json_dup(j, json_get(j, call, "id"), NULL);
	struct buf b = BUF_INIT;

	if (id && *id)
		return id;
	free(id);
	uint64_t h = hash((14695981039346656037u ^ (uint64_t)index) * 1099511628211u, j, at);
	buf_addf(&b, "call_%016" PRIx64, hash(h, j, function));
	return buf_take(&b);
}

/* The arguments are an object; a string is taken for the JSON text it holds. */
static int
emit_args(struct decoder *d, const struct json *j, int args, int index)
{
	struct event ev = {.type = EVENT_TOOL_ARGS, .index = index};

	if (json_type(j, args) == JSON_STRING)
		ev.s = json_view(j, args, &state(d)->scratch, &ev.n);
	else if (json_type(j, args) == JSON_OBJECT)
		ev.s = json_raw(j, args, &ev.n);
	if (!ev.n) {
		ev.s = "{}";
		ev.n = 2;
	}
	return decoder_emit(d, &ev);
}

static int
emit_call(struct decoder *d, const struct json *j, int call, int at)
{
	struct ollama_state *s = state(d);
	int function = json_get(j, call, "function");
	char *name = json_dup(j, json_get(j, function, "name"), NULL);

	if (!name)
		return 0;
	if (s->n_call >= MAX_CALLS) {
		free(name);
		return fail(d, "the answer has too many tool calls");
	}
	char *id = call_id(j, call, function, at, s->n_call);
	struct event ev = {.type = EVENT_TOOL_BEGIN, .index = s->n_call++, .id = id, .name = name};
	int r = decoder_emit(d, &ev);
	if (!r)
		r = emit_args(d, j, json_get(j, function, "arguments"), ev.index);
	ev = (struct event){.type = EVENT_TOOL_END, .index = ev.index};
	if (!r)
		r = decoder_emit(d, &ev);
	free(id);
	free(name);
	return r;
}

static int
emit_body(struct decoder *d, const struct json *j, int body, int at)
{
	int m[N_BODY], r;

	members_find(j, body, body_names, N_BODY, m);
	r = emit_text(d, j, m[THINKING], EVENT_REASONING);
	if (!r)
		r = emit_text(d, j, m[CONTENT] >= 0 ? m[CONTENT] : m[BODY_RESPONSE], EVENT_TEXT);
	if (!r)
		r = emit_images(d, j, m[IMAGES], m[IMAGE]);
	if (json_type(j, m[TOOL_CALLS]) == JSON_ARRAY)
		for (int c = json_child(j, m[TOOL_CALLS]); c >= 0 && !r; c = json_next(j, m[TOOL_CALLS], c))
			r = emit_call(d, j, c, at);
	return r;
}

static int
emit_logprobs(struct decoder *d, const struct json *j, int list)
{
	struct event ev = {.type = EVENT_LOGPROBS};
	struct buf b = BUF_INIT;
	struct jsonw w;
	size_t n;

	if (json_type(j, list) != JSON_ARRAY || json_count(j, list) == 0)
		return 0;
	const char *raw = json_raw(j, list, &n);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "content");
	jsonw_raw(&w, raw, n);
	jsonw_end_object(&w);
	ev.raw = b.p;
	ev.raw_len = b.len;
	int r = decoder_emit(d, &ev);
	buf_release(&b);
	return r;
}

static void
take_count(const struct json *j, int node, int64_t *out)
{
	int64_t v;

	if (json_int(j, node, &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

/* Calls are told by nothing but themselves: the reason says "stop". Old servers give none; then it is just the end. */
static const char *
normal_reason(const char *native, int n_call)
{
	if (native && strcmp(native, "length") == 0)
		return "length";
	if (native && strcmp(native, "content_filter") == 0)
		return "content_filter";
	return n_call ? "tool_calls" : native ? "stop" : NULL;
}

static int
emit_end(struct decoder *d, const struct json *j, const int *m)
{
	char *native = json_dup(j, m[DONE_REASON], NULL);
	const char *reason = normal_reason(native && *native ? native : NULL, state(d)->n_call);
	struct event ev = {.type = EVENT_FINISH, .s = reason, .native = native && *native ? native : NULL};
	int r = 0;

	take_count(j, m[PROMPT_COUNT], &d->usage.prompt);
	take_count(j, m[COUNT], &d->usage.completion);
	d->ended = 1;
	if (reason) {
		ev.n = strlen(reason);
		r = decoder_emit(d, &ev);
	}
	free(native);
	return r;
}

int
ollama_chunk(struct decoder *d, const char *event, const struct json *j)
{
	int m[N_LINE], r = 0;

	(void)event;
	members_find(j, 0, line_names, N_LINE, m);
	int is_chat = json_type(j, m[MESSAGE]) == JSON_OBJECT;
	if (!is_chat && m[RESPONSE] < 0 && json_bool(j, m[DONE]) < 0)
		return 0;
	state(d)->known = 1;
	if (!d->started)
		r = emit_start(d, j, m);
	if (!r)
		r = emit_body(d, j, is_chat ? m[MESSAGE] : 0, m[CREATED_AT]);
	if (!r && m[LOGPROBS] >= 0)
		r = emit_logprobs(d, j, m[LOGPROBS]);
	return !r && json_bool(j, m[DONE]) == 1 ? emit_end(d, j, m) : r;
}

/* JSON that is neither an object nor a list of them. */
int
ollama_whole(struct decoder *d, const struct json *j)
{
	(void)j;
	return fail(d, "the answer is JSON, but no chat of Ollama's");
}

int
ollama_end(struct decoder *d)
{
	return state(d)->known ? 0 : fail(d, "the answer is JSON, but no chat of Ollama's");
}

/* {"error": "text"}, with any status and in a stream; an object is the compatible endpoint's. */
int
ollama_error(const struct json *j, int http, struct err *e, int *node)
{
	int error = json_get(j, 0, "error"), is_object = json_type(j, error) == JSON_OBJECT;
	int text = is_object ? json_get(j, error, "message") : error;

	if (json_type(j, text) != JSON_STRING || json_eq(j, text, ""))
		return 0;
	char *message = json_dup(j, text, NULL), *code = json_dup(j, json_get(j, error, "code"), NULL),
	     *type = json_dup(j, json_get(j, error, "type"), NULL);
	fault_err(&(struct fault){http, code, type, message}, e);
	*node = is_object ? error : 0;
	free(message);
	free(code);
	free(type);
	return 1;
}
