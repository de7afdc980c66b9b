/* SPDX-License-Identifier: ISC */
#include "wire/completions.h"

#include "buf.h"
#include "json.h"
#include "jsonw.h"

static int
is_old(const struct json *j, int logprobs)
{
	return json_type(j, json_get(j, logprobs, "tokens")) == JSON_ARRAY;
}

int
completions_has_logprobs(const struct json *j)
{
	int choices = json_get(j, 0, "choices");

	if (json_type(j, choices) != JSON_ARRAY)
		return 0;
	for (int c = json_child(j, choices); c >= 0; c = json_next(j, choices, c))
		if (is_old(j, json_get(j, c, "logprobs")))
			return 1;
	return 0;
}

static void
raw(struct jsonw *w, const struct json *j, int node)
{
	size_t n;
	const char *text = json_raw(j, node, &n);

	if (text)
		jsonw_raw(w, text, n);
	else
		jsonw_null(w);
}

static void
key_raw(struct jsonw *w, const char *key, const struct json *j, int node)
{
	jsonw_key(w, key);
	raw(w, j, node);
}

/* A token, the logarithm of its probability, and its bytes, which are those of its text. The object stays open. */
static void
chat_token(struct jsonw *w, const struct json *j, int token, int logprob)
{
	struct buf text = BUF_INIT;

	jsonw_object(w);
	key_raw(w, "token", j, token);
	key_raw(w, "logprob", j, logprob);
	jsonw_key(w, "bytes");
	jsonw_array(w);
	json_str(j, token, &text);
	for (size_t i = 0; i < text.len; i++)
		jsonw_int(w, (unsigned char)text.p[i]);
	jsonw_end_array(w);
	buf_release(&text);
}

/* The element after i; -1 behind the last one. */
static int
after(const struct json *j, int list, int i)
{
	return i >= 0 ? json_next(j, list, i) : -1;
}

static int
first(const struct json *j, int list)
{
	return json_type(j, list) == JSON_ARRAY ? json_child(j, list) : -1;
}

static void
chat_content(struct jsonw *w, const struct json *j, int old)
{
	int tokens = json_get(j, old, "tokens"), values = json_get(j, old, "token_logprobs"),
	    tops = json_get(j, old, "top_logprobs");
	int v = first(j, values), top = first(j, tops);

	jsonw_object(w);
	jsonw_key(w, "content");
	jsonw_array(w);
	for (int t = first(j, tokens); t >= 0;
	     t = json_next(j, tokens, t), v = after(j, values, v), top = after(j, tops, top)) {
		chat_token(w, j, t, v);
		jsonw_key(w, "top_logprobs");
		jsonw_array(w);
		int k = json_type(j, top) == JSON_OBJECT ? json_child(j, top) : -1;
		for (; k >= 0; k = json_next(j, top, json_value(j, k))) {
			chat_token(w, j, k, json_value(j, k));
			jsonw_end_object(w);
		}
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static void
chat_choice(struct jsonw *w, const struct json *j, int choice)
{
	struct buf key = BUF_INIT;

	jsonw_object(w);
	for (int k = json_child(j, choice); k >= 0; k = json_next(j, choice, json_value(j, k))) {
		int v = json_value(j, k);
		buf_clear(&key);
		json_str(j, k, &key);
		jsonw_keyn(w, buf_str(&key), key.len);
		if (json_eq(j, k, "logprobs") && is_old(j, v))
			chat_content(w, j, v);
		else
			raw(w, j, v);
	}
	jsonw_end_object(w);
	buf_release(&key);
}

void
completions_chat_logprobs(const struct json *j, struct buf *out)
{
	struct buf key = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	for (int k = json_child(j, 0); k >= 0; k = json_next(j, 0, json_value(j, k))) {
		int v = json_value(j, k);
		buf_clear(&key);
		json_str(j, k, &key);
		jsonw_keyn(&w, buf_str(&key), key.len);
		if (!json_eq(j, k, "choices") || json_type(j, v) != JSON_ARRAY) {
			raw(&w, j, v);
			continue;
		}
		jsonw_array(&w);
		for (int c = json_child(j, v); c >= 0; c = json_next(j, v, c))
			if (json_type(j, c) == JSON_OBJECT)
				chat_choice(&w, j, c);
		jsonw_end_array(&w);
	}
	jsonw_end_object(&w);
	buf_release(&key);
}

/* Are the bytes told what the text says anyway? Part of a character has none. */
static int
says_bytes(const struct json *j, int item)
{
	int list = json_get(j, item, "bytes"), same = 1;
	struct buf text = BUF_INIT;
	size_t i = 0;
	int64_t byte;

	if (json_type(j, list) != JSON_ARRAY)
		return 1;
	json_str(j, json_get(j, item, "token"), &text);
	for (int b = json_child(j, list); b >= 0; b = json_next(j, list, b), i++)
		same &= i < text.len && json_int(j, b, &byte) == 0 && byte == (unsigned char)text.p[i];
	same &= i == text.len;
	buf_release(&text);
	return same;
}

static int
old_list(struct jsonw *w, const char *name, const struct json *j, int content, const char *member)
{
	int lost = 0;

	jsonw_key(w, name);
	jsonw_array(w);
	for (int c = first(j, content); c >= 0; c = json_next(j, content, c)) {
		raw(w, j, json_get(j, c, member));
		lost |= !says_bytes(j, c);
	}
	jsonw_end_array(w);
	return lost;
}

static int
old_tops(struct jsonw *w, const struct json *j, int content)
{
	struct buf key = BUF_INIT;
	int lost = 0;

	jsonw_key(w, "top_logprobs");
	jsonw_array(w);
	for (int c = first(j, content); c >= 0; c = json_next(j, content, c)) {
		int list = json_get(j, c, "top_logprobs");
		jsonw_object(w);
		for (int t = first(j, list); t >= 0; t = json_next(j, list, t)) {
			buf_clear(&key);
			lost |= json_str(j, json_get(j, t, "token"), &key) != 0 || !says_bytes(j, t);
			jsonw_keyn(w, buf_str(&key), key.len);
			raw(w, j, json_get(j, t, "logprob"));
		}
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	buf_release(&key);
	return lost;
}

int
completions_old_logprobs(struct jsonw *w, const char *text, size_t n)
{
	struct json j = JSON_INIT;
	int lost;

	if (json_parse(&j, text, n, NULL)) {
		jsonw_null(w);
		return 1;
	}
	int content = json_get(&j, 0, "content");
	jsonw_object(w);
	lost = old_list(w, "tokens", &j, content, "token");
	old_list(w, "token_logprobs", &j, content, "logprob");
	lost |= old_tops(w, &j, content);
	jsonw_end_object(w);
	lost |= json_count(&j, json_get(&j, 0, "refusal")) > 0;
	json_release(&j);
	return lost;
}
