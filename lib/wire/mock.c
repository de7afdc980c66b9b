/* SPDX-License-Identifier: ISC */
#include "wire/mock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "play.h"
#include "str.h"

#define MAX_DELAY_MS 3600000

struct mock {
	const struct json *req;
	struct buf text; /* the answer */
	char *finish;
	int64_t status, retry_after, cut_after, delay_ms, fail_times, limit;
	int64_t prompt_words, words;
	int stream;
	struct play *out;
};

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Length of the next word with the white space around it, so that the pieces add up to the text. */
static size_t
piece(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_space(p[i]))
		i++;
	while (i < n && !is_space(p[i]))
		i++;
	while (i < n && is_space(p[i]))
		i++;
	return i;
}

static int64_t
count_words(const char *p, size_t n)
{
	int in_word = 0;

	return str_words(p, n, &in_word);
}

static void
add_content(const struct json *j, int content, struct buf *out)
{
	if (json_type(j, content) != JSON_ARRAY) {
		json_str(j, content, out);
		return;
	}
	for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p))
		json_str(j, json_get(j, p, "text"), out);
}

/* Counts the prompt's words and leaves the last user message in m->text. */
static void
read_messages(struct mock *m)
{
	int list = json_get(m->req, 0, "messages");
	struct buf one = BUF_INIT;

	for (int i = json_child(m->req, list); i >= 0; i = json_next(m->req, list, i)) {
		buf_clear(&one);
		add_content(m->req, json_get(m->req, i, "content"), &one);
		m->prompt_words += count_words(buf_str(&one), one.len);
		if (json_eq(m->req, json_get(m->req, i, "role"), "user")) {
			buf_clear(&m->text);
			buf_add(&m->text, one.p, one.len);
		}
	}
	buf_release(&one);
}

static int
number(const struct mock *m, int node, const char *key, int64_t max, int64_t *out, struct err *e)
{
	int v = json_get(m->req, node, key);

	if (v < 0 || json_type(m->req, v) == JSON_NULL)
		return 0;
	if (json_int(m->req, v, out) || *out < 0 || *out > max)
		return err_set(e, ERR_DATA, "mock.%s: not a number from 0 to %" PRId64, key, max);
	return 0;
}

static int
read_faults(struct mock *m, struct err *e)
{
	static const char *const known[] = {
	    "status", "retry_after", "cut_after", "finish", "delay_ms", "text", "fail_times"};
	int node = json_get(m->req, 0, "mock"), text = json_get(m->req, node, "text");

	for (int k = json_child(m->req, node); k >= 0; k = json_next(m->req, node, json_value(m->req, k))) {
		size_t i = 0, n = sizeof(known) / sizeof(*known);
		while (i < n && !json_eq(m->req, k, known[i]))
			i++;
		if (i == n)
			return err_set(e, ERR_DATA,
			    "mock: no such key (status retry_after cut_after finish delay_ms text fail_times)");
	}
	if (text >= 0) {
		size_t n;
		const char *raw = json_raw(m->req, text, &n);
		buf_clear(&m->text);
		if (json_str(m->req, text, &m->text)) /* -O mock.text=42 is a number, but meant as text */
			buf_add(&m->text, raw, n);
	}
	m->finish = json_dup(m->req, json_get(m->req, node, "finish"), NULL);
	m->cut_after = -1;
	m->retry_after = -1;
	if (number(m, node, "status", 599, &m->status, e) ||
	    number(m, node, "retry_after", 1000000, &m->retry_after, e) ||
	    number(m, node, "cut_after", INT64_MAX, &m->cut_after, e) ||
	    number(m, node, "fail_times", 1000000, &m->fail_times, e) ||
	    number(m, node, "delay_ms", MAX_DELAY_MS, &m->delay_ms, e))
		return -1;
	if (m->status && (m->status < 300 || m->status > 599))
		return err_set(e, ERR_DATA, "mock.status: not an error status (300 to 599)");
	return 0;
}

static void
fail_now(struct mock *m)
{
	struct jsonw w;
	int64_t status = m->status ? m->status : 503;

	m->out->status = (int)status;
	if (m->retry_after >= 0)
		buf_addf(&m->out->header, "retry-after: %" PRId64 "\n", m->retry_after);
	jsonw_init(&w, &m->out->bytes);
	jsonw_object(&w);
	jsonw_key(&w, "error");
	jsonw_object(&w);
	jsonw_key(&w, "code");
	jsonw_int(&w, status);
	jsonw_key(&w, "message");
	jsonw_str(&w, "the mock was asked to fail");
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	play_step(m->out, m->delay_ms);
}

static void
open_value(struct mock *m, struct jsonw *w, const char *object)
{
	jsonw_init(w, &m->out->bytes);
	jsonw_object(w);
	jsonw_key(w, "id");
	jsonw_str(w, "mock-0");
	jsonw_key(w, "object");
	jsonw_str(w, object);
	jsonw_key(w, "created");
	jsonw_int(w, 0);
	jsonw_key(w, "model");
	jsonw_str(w, "mock/echo");
	jsonw_key(w, "provider");
	jsonw_str(w, "mock");
}

static void
usage(struct mock *m, struct jsonw *w)
{
	jsonw_key(w, "usage");
	jsonw_object(w);
	jsonw_key(w, "prompt_tokens");
	jsonw_int(w, m->prompt_words);
	jsonw_key(w, "completion_tokens");
	jsonw_int(w, m->words);
	jsonw_key(w, "total_tokens");
	jsonw_int(w, m->prompt_words + m->words);
	jsonw_end_object(w);
}

/* One choice: a message, or a delta of it. finish NULL: null. */
static void
choice(struct jsonw *w, const char *member, const char *text, size_t n, const char *finish)
{
	jsonw_key(w, "choices");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, 0);
	jsonw_key(w, member);
	jsonw_object(w);
	jsonw_key(w, "role");
	jsonw_str(w, "assistant");
	jsonw_key(w, "content");
	jsonw_strn(w, text, n);
	jsonw_end_object(w);
	jsonw_key(w, "finish_reason");
	jsonw_str(w, finish);
	jsonw_end_object(w);
	jsonw_end_array(w);
}

static void
chunk(struct mock *m, const char *text, size_t n, const char *finish, int64_t after_ms)
{
	struct jsonw w;

	buf_adds(&m->out->bytes, "data: ");
	open_value(m, &w, "chat.completion.chunk");
	choice(&w, "delta", text, n, finish);
	if (finish)
		usage(m, &w);
	jsonw_end_object(&w);
	buf_adds(&m->out->bytes, "\n\n");
	play_step(m->out, after_ms);
}

static void
answer_stream(struct mock *m, const char *finish)
{
	const char *p = buf_str(&m->text);
	int64_t given = 0;

	for (size_t left = m->text.len, n; left && given != m->cut_after; p += n, left -= n, given++) {
		n = piece(p, left);
		chunk(m, p, n, NULL, m->delay_ms);
	}
	if (given == m->cut_after) {
		if (!given)
			play_step(m->out, m->delay_ms);
		m->out->cut = 1;
		return;
	}
	chunk(m, "", 0, finish, m->text.len ? 0 : m->delay_ms);
	buf_adds(&m->out->bytes, "data: [DONE]\n\n");
	play_step(m->out, 0);
}

static void
answer_whole(struct mock *m, const char *finish)
{
	struct jsonw w;

	open_value(m, &w, "chat.completion");
	choice(&w, "message", buf_str(&m->text), m->text.len, finish);
	usage(m, &w);
	jsonw_end_object(&w);
	if (m->cut_after >= 0) {
		m->out->bytes.len /= 2;
		m->out->cut = 1;
	}
	play_step(m->out, m->delay_ms);
}

static void
keep_words(struct mock *m, int64_t max)
{
	size_t at = 0;

	while (max-- > 0 && at < m->text.len)
		at += piece(m->text.p + at, m->text.len - at);
	while (at && is_space(m->text.p[at - 1]))
		at--;
	m->text.len = at;
}

static void
answer(struct mock *m)
{
	const char *finish = m->finish ? m->finish : "stop";

	m->out->status = 200;
	m->words = count_words(buf_str(&m->text), m->text.len);
	if (m->limit && m->words > m->limit) {
		keep_words(m, m->limit);
		m->words = m->limit;
		finish = "length";
	}
	if (m->stream)
		answer_stream(m, finish);
	else
		answer_whole(m, finish);
}

int
mock_play(struct play *out, const char *model, const struct json *req, int attempt, struct err *e)
{
	struct mock m = {.req = req, .out = out, .text = BUF_INIT};
	int r;

	int vectors = json_get(req, 0, "input") >= 0;
	if (strcmp(model, vectors ? "embed" : "echo") != 0)
		return err_set(e, ERR_NOMODEL, "no such %s model: mock/%s (there is mock/%s)",
		    vectors ? "embeddings" : "chat", model, vectors ? "embed" : "echo");
	read_messages(&m);
	r = read_faults(&m, e);
	if (!r)
		r = number(&m, 0, "max_tokens", INT64_MAX, &m.limit, e);
	if (!r)
		r = number(&m, 0, "max_completion_tokens", INT64_MAX, &m.limit, e);
	m.stream = json_bool(req, json_get(req, 0, "stream")) == 1;
	if (!r) {
		int fails = m.fail_times ? attempt < m.fail_times : m.status != 0;
		if (m.fail_times && attempt >= m.fail_times)
			m.cut_after = -1;
		if (fails && (m.status || m.cut_after < 0))
			fail_now(&m);
		else if (vectors)
			mock_embed(out, req, m.delay_ms, m.cut_after >= 0);
		else
			answer(&m);
	}
	buf_release(&m.text);
	free(m.finish);
	return r;
}

/* Of a message's content, whose parts are one text. */
static int64_t
content_words(const struct json *j, int content, struct buf *scratch)
{
	int is_list = json_type(j, content) == JSON_ARRAY, in_word = 0;
	int64_t words = 0;

	for (int p = is_list ? json_child(j, content) : content; p >= 0; p = is_list ? json_next(j, content, p) : -1) {
		size_t n;
		const char *text = json_view(j, is_list ? json_get(j, p, "text") : p, scratch, &n);
		words += str_words(text, n, &in_word);
	}
	return words;
}

void
mock_words(const struct json *req, int64_t *prompt, int64_t *answer)
{
	int list = json_get(req, 0, "messages"), said = json_path(req, 0, "mock.text");
	struct buf scratch = BUF_INIT;

	*prompt = mock_embed_words(req);
	*answer = 0;
	for (int i = json_child(req, list); i >= 0; i = json_next(req, list, i)) {
		int64_t words = content_words(req, json_get(req, i, "content"), &scratch);
		*prompt += words;
		if (json_eq(req, json_get(req, i, "role"), "user"))
			*answer = words;
	}
	if (json_type(req, said) == JSON_STRING)
		*answer = content_words(req, said, &scratch);
	buf_release(&scratch);
}
