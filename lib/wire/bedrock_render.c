/* SPDX-License-Identifier: ISC */
#include "wire/bedrock_render.h"

#include <string.h>

#include "base64.h"
#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/bedrock.h"
#include "wire/canon.h"
#include "wire/canon_part.h"

static void
key_str(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s, n);
}

static void
key_int(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

/* inputTokens leaves out what the cache was read for, or written. */
void
bedrock_usage(struct front_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;
	int64_t cached = u->cached > 0 ? u->cached : 0, written = u->cache_write > 0 ? u->cache_write : 0;
	int64_t prompt = u->prompt > 0 ? u->prompt : 0, completion = u->completion > 0 ? u->completion : 0;
	int64_t input = prompt - cached - written;

	jsonw_key(w, "usage");
	jsonw_object(w);
	key_int(w, "inputTokens", input > 0 ? input : 0);
	key_int(w, "outputTokens", completion);
	key_int(w, "totalTokens", prompt + completion);
	if (u->cached >= 0)
		key_int(w, "cacheReadInputTokens", cached);
	if (u->cache_write >= 0)
		key_int(w, "cacheWriteInputTokens", written);
	jsonw_end_object(w);
	jsonw_key(w, "metrics");
	jsonw_object(w);
	key_int(w, "latencyMs", 0);
	jsonw_end_object(w);
	if (u->reasoning > 0)
		front_lose(a, "usage.reasoning");
	if (u->prompt_audio > 0 || u->completion_audio > 0)
		front_lose(a, "usage.audio");
	if (u->completion_image > 0)
		front_lose(a, "usage.image");
	if (*u->cost || a->cost)
		front_lose(a, "usage.cost");
}

void
bedrock_lose_facts(struct front_answer *a)
{
	if (a->answer.id)
		front_lose(a, "id");
	if (a->answer.model)
		front_lose(a, "model");
	if (a->answer.created)
		front_lose(a, "created");
	if (a->answer.provider)
		front_lose(a, "provider");
}

/* Where it was cited from: a page, or a document's number. */
static void
location(struct jsonw *w, const struct json *j, int url, int index)
{
	if (url < 0 && json_type(j, index) != JSON_NUMBER)
		return;
	jsonw_key(w, "location");
	jsonw_object(w);
	jsonw_key(w, url >= 0 ? "web" : "documentChunk");
	jsonw_object(w);
	jsoncopy_member(w, url >= 0 ? "url" : "documentIndex", j, url >= 0 ? url : index);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
citation(struct jsonw *w, const struct json *j, int url_citation, int file)
{
	int about = url_citation >= 0 ? url_citation : file,
	    title = json_get(j, about, url_citation >= 0 ? "title" : "filename"),
	    content = json_get(j, about, "content");

	jsonw_object(w);
	if (json_type(j, title) == JSON_STRING)
		jsoncopy_member(w, "title", j, title);
	if (json_type(j, content) == JSON_STRING) {
		jsonw_key(w, "sourceContent");
		jsonw_array(w);
		jsonw_object(w);
		jsoncopy_member(w, "text", j, content);
		jsonw_end_object(w);
		jsonw_end_array(w);
	}
	location(w, j, json_get(j, url_citation, "url"), json_get(j, file, "index"));
	jsonw_end_object(w);
}

int
bedrock_citation(struct front_answer *a, const char *raw, size_t n, struct buf *out)
{
	struct json j = JSON_INIT;
	struct err ignored;
	struct jsonw w;
	int url = -1, file = -1;

	if (json_parse(&j, raw, n, &ignored) == 0) {
		url = json_get(&j, 0, "url_citation");
		file = json_get(&j, 0, "file_citation");
	}
	int about = url >= 0 ? url : file;
	if (about < 0)
		front_lose(a, "annotations");
	if (json_get(&j, about, "start_index") >= 0 || json_get(&j, about, "end_index") >= 0)
		front_lose(a, "annotations.start_index");
	if (json_get(&j, about, "file_id") >= 0)
		front_lose(a, "annotations.file_id");
	jsonw_init(&w, out);
	if (about >= 0)
		citation(&w, &j, url, file);
	json_release(&j);
	return about >= 0;
}

/* A piece that names no format goes on with one that did. */
static int
is_claudes(const struct json *detail)
{
	int format = json_get(detail, 0, "format");

	return json_type(detail, format) != JSON_STRING || json_eq(detail, format, BEDROCK_SIGNED);
}

int
bedrock_sealed(struct front_answer *a, const struct json *detail, struct buf *out)
{
	struct buf data = BUF_INIT;
	int ours = json_eq(detail, json_get(detail, 0, "format"), BEDROCK_ENCRYPTED), is_text = is_claudes(detail);

	json_str(detail, json_get(detail, 0, "data"), ours ? out : &data);
	if (is_text)
		base64_add(out, buf_str(&data), data.len);
	else if (!ours)
		front_lose(a, "reasoning_details.data");
	buf_release(&data);
	return ours || is_text;
}

int
bedrock_signature(struct front_answer *a, const struct json *detail)
{
	int signature = json_get(detail, 0, "signature");

	if (json_type(detail, signature) != JSON_STRING)
		return -1;
	if (is_claudes(detail))
		return signature;
	front_lose(a, "reasoning_details.signature");
	return -1;
}

void
bedrock_call_id(struct buf *b, const char *id, size_t n)
{
	if (id && *id)
		buf_adds(b, id);
	else
		buf_addf(b, "tooluse_or%zu", n);
}

int
bedrock_picture(struct json *j, const char *raw, size_t n, struct bedrock_picture *p)
{
	struct err ignored;
	struct canon_url u;

	if (json_parse(j, raw, n, &ignored))
		return 0;
	const struct wire_ask none = {.request = j};
	const struct canon c = {.j = j, .ask = &none};
	if (canon_url(&c, json_path(j, 0, "image_url.url"), &u) || !u.is_data)
		return 0;
	p->format = bedrock_format(BEDROCK_IMAGE, u.mime, u.n_mime);
	p->data = u.data;
	p->n = u.n_data;
	return p->format != NULL;
}

void
bedrock_picture_source(struct jsonw *w, const struct bedrock_picture *p)
{
	jsonw_key(w, "source");
	jsonw_object(w);
	jsonw_key(w, "bytes");
	canon_write_slice(w, p->data, p->n);
	jsonw_end_object(w);
}

static void
open_block(struct jsonw *w, const char *kind)
{
	jsonw_object(w);
	jsonw_key(w, kind);
}

static void
thought(struct jsonw *w, const char *text, size_t n, const struct json *j, int signature)
{
	open_block(w, "reasoningContent");
	jsonw_object(w);
	jsonw_key(w, "reasoningText");
	jsonw_object(w);
	key_str(w, "text", text, n);
	if (json_type(j, signature) == JSON_STRING)
		jsoncopy_member(w, "signature", j, signature);
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* plain: the text of all reasoning, where the details have none. */
static void
detail(struct front_answer *a, struct jsonw *w, const struct json *j, const struct buf *plain)
{
	struct buf value = BUF_INIT;

	if (json_eq(j, json_get(j, 0, "type"), "reasoning.encrypted")) {
		if (bedrock_sealed(a, j, &value)) {
			open_block(w, "reasoningContent");
			jsonw_object(w);
			key_str(w, "redactedContent", buf_str(&value), value.len);
			jsonw_end_object(w);
			jsonw_end_object(w);
		}
	} else {
		if (json_str(j, json_get(j, 0, "text"), &value))
			json_str(j, json_get(j, 0, "summary"), &value);
		const struct buf *text = value.len ? &value : plain;
		thought(w, text ? buf_str(text) : "", text ? text->len : 0, j, bedrock_signature(a, j));
	}
	buf_release(&value);
}

static int
is_sealed(const struct answer_piece *p)
{
	return p->type && strcmp(p->type, "reasoning.encrypted") == 0;
}

/* The first detail that isn't encrypted. */
static size_t
first_text(const struct answer_choice *c)
{
	size_t i = 0;

	while (i < c->n_detail && is_sealed(c->detail + i))
		i++;
	return i;
}

static void
all_text(const struct answer_choice *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_detail; i++) {
		const struct answer_piece *p = c->detail + i;
		if (!is_sealed(p))
			buf_adds(out, buf_str(&p->grown[p->grown[0].len ? 0 : 1]));
	}
}

/* Usually the details have the text. Where they have none, it is the first one's; where they have another, they are told for their
 * signatures only. */
static void
thoughts(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	struct buf text = BUF_INIT, told = BUF_INIT;
	struct json j = JSON_INIT;
	struct err ignored;

	all_text(c, &told);
	size_t bare = told.len ? c->n_detail + 1 : first_text(c);
	int apart = told.len && (told.len != c->reasoning.len || memcmp(told.p, c->reasoning.p, told.len) != 0);
	if ((apart || bare == c->n_detail) && c->reasoning.len)
		thought(w, c->reasoning.p, c->reasoning.len, NULL, -1);
	for (size_t i = 0; i < c->n_detail; i++) {
		buf_clear(&text);
		answer_emit_piece(c->detail + i, &text);
		if (json_parse(&j, text.p, text.len, &ignored))
			continue;
		if (!apart || is_sealed(c->detail + i) || bedrock_signature(a, &j) >= 0)
			detail(a, w, &j, i == bare ? &c->reasoning : NULL);
	}
	json_release(&j);
	buf_release(&text);
	buf_release(&told);
}

/* The list without its brackets, as struct answer has it. */
static int
parse_list(struct json *j, const struct buf *items, struct buf *text)
{
	struct err ignored;

	buf_clear(text);
	buf_addc(text, '[');
	buf_add(text, items->p, items->len);
	buf_addc(text, ']');
	return json_parse(j, text->p, text->len, &ignored);
}

/* Citations of all annotations; 0: there are none. */
static int
citations(struct front_answer *a, const struct buf *annotations, struct buf *out)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT, one = BUF_INIT;

	if (annotations->len && parse_list(&j, annotations, &list) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			size_t n;
			const char *raw = json_raw(&j, i, &n);
			buf_clear(&one);
			if (!bedrock_citation(a, raw, n, &one))
				continue;
			if (out->len)
				buf_addc(out, ',');
			buf_add(out, one.p, one.len);
		}
	json_release(&j);
	buf_release(&list);
	buf_release(&one);
	return out->len > 0;
}

/* A text with its citations is a block of another kind. */
static void
said(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	struct buf cited = BUF_INIT;

	if (citations(a, &c->annotations, &cited)) {
		open_block(w, "citationsContent");
		jsonw_object(w);
		jsonw_key(w, "content");
		jsonw_array(w);
		jsonw_object(w);
		key_str(w, "text", buf_str(&c->text), c->text.len);
		jsonw_end_object(w);
		jsonw_end_array(w);
		jsonw_key(w, "citations");
		jsonw_array(w);
		jsonw_raw(w, cited.p, cited.len);
		jsonw_end_array(w);
		jsonw_end_object(w);
		jsonw_end_object(w);
	} else if (c->text.len) {
		jsonw_object(w);
		key_str(w, "text", c->text.p, c->text.len);
		jsonw_end_object(w);
	}
	buf_release(&cited);
	if (!c->refusal.len)
		return;
	front_lose(a, "refusal");
	jsonw_object(w);
	key_str(w, "text", c->refusal.p, c->refusal.len);
	jsonw_end_object(w);
}

static void
images(struct front_answer *a, struct jsonw *w, const struct buf *items)
{
	struct json j = JSON_INIT, one = JSON_INIT;
	struct bedrock_picture p;
	struct buf list = BUF_INIT;

	if (items->len && parse_list(&j, items, &list) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			size_t n;
			const char *raw = json_raw(&j, i, &n);
			if (!bedrock_picture(&one, raw, n, &p)) {
				front_lose_content(a, "images");
				continue;
			}
			open_block(w, "image");
			jsonw_object(w);
			key_str(w, "format", p.format, strlen(p.format));
			bedrock_picture_source(w, &p);
			jsonw_end_object(w);
			jsonw_end_object(w);
		}
	json_release(&j);
	json_release(&one);
	buf_release(&list);
}

/* Arguments that are no object can't be told: what a model made wrong is told as nothing. */
static void
call(struct front_answer *a, struct jsonw *w, const struct answer_call *t, size_t i)
{
	struct json j = JSON_INIT;
	struct buf id = BUF_INIT;
	struct err ignored;
	int is_object =
	    json_parse(&j, buf_str(&t->args), t->args.len, &ignored) == 0 && json_type(&j, 0) == JSON_OBJECT;

	bedrock_call_id(&id, t->id, i);
	open_block(w, "toolUse");
	jsonw_object(w);
	key_str(w, "toolUseId", buf_str(&id), id.len);
	key_str(w, "name", t->name, strlen(t->name));
	jsonw_key(w, "input");
	jsonw_raw(w, is_object ? t->args.p : "{}", is_object ? t->args.len : 2);
	jsonw_end_object(w);
	jsonw_end_object(w);
	if (!is_object && t->args.len)
		front_lose_content(a, "tool_calls.function.arguments");
	json_release(&j);
	buf_release(&id);
}

static void
blocks(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	thoughts(a, w, c);
	said(a, w, c);
	for (size_t i = 0; i < c->n_call; i++)
		call(a, w, c->call + i, i);
	images(a, w, &c->images);
	if (c->audio)
		front_lose_content(a, "audio");
	if (c->logprobs.len)
		front_lose(a, "logprobs");
}

void
bedrock_render(struct front_answer *a, struct buf *out)
{
	const struct answer_choice *c = answer_get(&a->answer, 0);
	const char *reason = c ? front_reason(bedrock_stops, c->finish, c->native) : NULL;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "output");
	jsonw_object(&w);
	jsonw_key(&w, "message");
	jsonw_object(&w);
	key_str(&w, "role", "assistant", 9);
	jsonw_key(&w, "content");
	jsonw_array(&w);
	if (c)
		blocks(a, &w, c);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	jsonw_key(&w, "stopReason");
	jsonw_str(&w, reason);
	bedrock_usage(a, &w);
	jsonw_end_object(&w);
	if (a->answer.n_choice > 1)
		front_lose_content(a, "choices");
	bedrock_lose_facts(a);
}
