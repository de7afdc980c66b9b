/* SPDX-License-Identifier: ISC */
/*
 * OpenAI's old format: a prompt, and the text that goes on from it. What it says of a chat is that one user message is a prompt; how roles
 * would be written into one is each model's own affair, so that anything else is refused. Its answers are the openai decoder's but
 * for their logprobs.
 *
 * Source: OpenAI's API reference, "Completions (legacy)".
 */
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/completions.h"
#include "wire/decoder.h"
#include "wire/openai.h"
#include "wire/wire.h"

#define MAX_LOGPROBS 5

/* The same under both names. */
static const char *const same[] = {"model", "temperature", "top_p", "n", "stream", "stop", "presence_penalty",
    "frequency_penalty", "logit_bias", "seed", "user", NULL};
static const char *const carried[] = {"model", "temperature", "top_p", "n", "stream", "stop", "presence_penalty",
    "frequency_penalty", "logit_bias", "seed", "user", "max_tokens", "max_completion_tokens", "logprobs",
    "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "response_format",
    NULL};

static void
put_raw(struct canon *c, struct jsonw *w, const char *name, int node)
{
	size_t n;
	const char *raw = json_raw(c->j, node, &n);

	jsonw_key(w, name);
	jsonw_raw(w, raw, n);
}

/* The text of a message appended. Returns c->failed. */
static int
add_text(struct canon *c, int message, struct buf *text)
{
	int content = canon_member(c, message, "content");

	if (json_str(c->j, content, text) == 0 || content < 0)
		return c->failed;
	if (json_type(c->j, content) != JSON_ARRAY)
		return canon_bad(c, "a message's content is neither text nor a list of parts");
	for (int p = json_child(c->j, content); p >= 0 && !c->failed; p = json_next(c->j, content, p))
		if (canon_part(c, p) != CANON_TEXT || json_str(c->j, json_get(c->j, p, "text"), text))
			canon_refuse(c, canon_part_name(c, p));
	return c->failed;
}

/* The one user message; where others may be left out, the last one. */
static int
put_prompt(struct canon *c, struct jsonw *w)
{
	static const char *const roles[] = {"system messages", "more than one user message", "assistant messages",
	    "tool messages", "function messages", "messages of unknown role"};
	int list = canon_get(c, "messages"), last = -1;
	struct buf text = BUF_INIT;

	for (int m = json_child(c->j, list); m >= 0 && !c->failed; m = json_next(c->j, list, m)) {
		enum canon_role role = canon_role(c, m);
		if (role != CANON_USER || last >= 0)
			canon_refuse(c, roles[role]);
		if (role == CANON_USER)
			last = m;
	}
	if (!c->failed && last < 0)
		canon_bad(c, "messages: no user message to be a prompt");
	if (!c->failed && !add_text(c, last, &text)) {
		jsonw_key(w, "prompt");
		jsonw_strn(w, buf_str(&text), text.len);
	}
	buf_release(&text);
	return c->failed;
}

static void
put_limits(struct canon *c, struct jsonw *w)
{
	int limit = canon_get(c, "max_completion_tokens"), top = canon_get(c, "top_logprobs");
	int64_t n = 0;

	if (limit < 0)
		limit = canon_get(c, "max_tokens");
	if (limit >= 0)
		put_raw(c, w, "max_tokens", limit);
	if (json_bool(c->j, canon_get(c, "logprobs")) != 1)
		return;
	json_int(c->j, top, &n);
	if (n > MAX_LOGPROBS)
		canon_lose(c, "top_logprobs");
	jsonw_key(w, "logprobs");
	jsonw_int(w, n > MAX_LOGPROBS ? MAX_LOGPROBS : n);
}

/* Tools and schemas change what the model answers. */
static int
check_content(struct canon *c)
{
	static const char *const lists[] = {"tools", "functions"};
	int type = canon_member(c, canon_get(c, "response_format"), "type");

	for (size_t i = 0; i < 2; i++)
		if (json_count(c->j, canon_get(c, lists[i])))
			canon_refuse(c, lists[i]);
	if (type >= 0 && !json_eq(c->j, type, "text"))
		canon_refuse(c, "response_format");
	return c->failed;
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct canon c;
	struct jsonw w;

	wire_call_clear(out);
	wire_url(out, ask, "/completions");
	canon_init(&c, ask, "completions", lost, e);
	out->stream = json_bool(c.j, canon_get(&c, "stream")) == 1;
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	for (const char *const *name = same; *name; name++) {
		int node = canon_get(&c, *name);
		if (ask->model && name == same) {
			jsonw_key(&w, *name);
			jsonw_str(&w, ask->model);
		} else if (node >= 0) {
			put_raw(&c, &w, *name, node);
		}
	}
	if (!put_prompt(&c, &w) && !check_content(&c)) {
		put_limits(&c, &w);
		if (out->stream) { /* usage has to be asked for */
			jsonw_key(&w, "stream_options");
			jsonw_raw(&w, "{\"include_usage\":true}", 22);
		}
		canon_lose_others(&c, carried);
	}
	jsonw_end_object(&w);
	canon_release(&c);
	return c.failed ? -1 : 0;
}

/* What the openai decoder makes of it, once its logprobs are a chat's. */
static int
decode(struct decoder *d, const char *event, const struct json *j)
{
	struct json chat = JSON_INIT;
	struct buf text = BUF_INIT;
	struct err e = {0};

	if (!completions_has_logprobs(j))
		return event ? openai_chunk(d, event, j) : openai_whole(d, j);
	completions_chat_logprobs(j, &text);
	int r = json_parse(&chat, text.p, text.len, &e) ? decoder_fail(d, &e, NULL, 0)
	    : event                                     ? openai_chunk(d, event, &chat)
							: openai_whole(d, &chat);
	d->steady = 0; /* what was given doesn't lie in the chunk */
	json_release(&chat);
	buf_release(&text);
	return r;
}

static int
on_whole(struct decoder *d, const struct json *j)
{
	return decode(d, NULL, j);
}

static int
is_done(const char *data, size_t n)
{
	return wire_openai.is_end(data, n);
}

const struct wire wire_completions = {
    .name = "completions",
    .encode = encode,
    .on_chunk = decode,
    .on_whole = on_whole,
    .error = openai_error,
    .on_end = openai_end,
    .is_end = is_done,
    .release = openai_release,
};
