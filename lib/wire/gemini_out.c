/* SPDX-License-Identifier: ISC */
/* What an answer holds, as the parts and members of Google's GenerateContentResponse. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "str.h"
#include "tm.h"
#include "wire/front.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

enum { DATA = 2 };
static void
key_count(struct jsonw *w, const char *key, int64_t n)
{
	if (n < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, n);
}

static void
key_signature(struct jsonw *w, const struct buf *signature)
{
	if (!signature)
		return;
	jsonw_key(w, "thoughtSignature");
	jsonw_strn(w, buf_str(signature), signature->len);
}

static int
is_signature(const struct answer_piece *p)
{
	return p->type && strcmp(p->type, "reasoning.encrypted") == 0 &&
	    json_eq(&p->parsed, json_get(&p->parsed, 0, "format"), GEMINI_FORMAT);
}

static int
names_part(const struct answer_choice *c, const char *id)
{
	for (size_t i = 0; i < c->n_call; i++)
		if (c->call[i].id && strcmp(c->call[i].id, id) == 0)
			return 1;
	return str_starts(id, GEMINI_IMAGE_ID);
}

/* An id that is no part's is another format's own: such a signature is the text's, as one without. */
static int
belongs_to(const struct answer_choice *c, const struct answer_piece *p, const char *id)
{
	int node = json_get(&p->parsed, 0, "id");

	if (id)
		return json_eq(&p->parsed, node, id);
	char *of = json_dup(&p->parsed, node, NULL);
	int ok = !of || !names_part(c, of);
	free(of);
	return ok;
}

const struct buf *
gemini_signature_of(const struct answer_choice *c, const char *id)
{
	for (size_t i = 0; i < c->n_detail; i++)
		if (is_signature(c->detail + i) && belongs_to(c, c->detail + i, id))
			return &c->detail[i].grown[DATA];
	return NULL;
}

void
gemini_out_signatures(struct jsonw *w, const struct answer_choice *c, int skip)
{
	for (size_t i = 0; i < c->n_detail; i++) {
		if (!is_signature(c->detail + i) || !belongs_to(c, c->detail + i, NULL))
			continue;
		if (!skip)
			gemini_out_text(w, "", 0, 0, &c->detail[i].grown[DATA]);
		skip = 0;
	}
}

void
gemini_out_text(struct jsonw *w, const char *s, size_t n, int is_thought, const struct buf *signature)
{
	jsonw_object(w);
	jsonw_key(w, "text");
	jsonw_strn(w, s, n);
	if (is_thought) {
		jsonw_key(w, "thought");
		jsonw_bool(w, 1);
	}
	key_signature(w, signature);
	jsonw_end_object(w);
}

static void
out_blob(struct jsonw *w, const char *mime, size_t n_mime, const char *data, size_t n)
{
	jsonw_key(w, "inlineData");
	jsonw_object(w);
	jsonw_key(w, "mimeType");
	jsonw_raw(w, mime, n_mime);
	jsonw_key(w, "data");
	jsonw_raw(w, data, n);
	jsonw_end_object(w);
}

static void
out_image(struct jsonw *w, const struct json *j, int url)
{
	static const char base64[] = ";base64,";
	size_t n;
	const char *raw = json_raw(j, url, &n), *at = memmem(raw, n, base64, strlen(base64));

	if (n > 7 && memcmp(raw, "\"data:", 6) == 0 && at) {
		struct buf b = BUF_INIT;
		buf_addc(&b, '"');
		buf_add(&b, raw + 6, (size_t)(at - raw) - 6);
		buf_addc(&b, '"');
		size_t n_mime = b.len;
		buf_addc(&b, '"');
		buf_add(&b, at + strlen(base64), (size_t)(raw + n - at) - strlen(base64));
		out_blob(w, b.p, n_mime, b.p + n_mime, b.len - n_mime);
		buf_release(&b);
	} else {
		jsonw_key(w, "fileData");
		jsonw_object(w);
		jsoncopy_known(w, "fileUri", j, url);
		jsonw_end_object(w);
	}
}

/* Audio without its type is what OpenAI's is in a stream. */
static void
out_audio(struct jsonw *w, const struct json *j, int data)
{
	static const char usual[] = "\"audio/L16;codec=pcm;rate=24000\"";
	size_t n, n_mime;
	const char *raw = json_raw(j, data, &n), *mime = json_raw(j, json_get(j, 0, "mime_type"), &n_mime);

	out_blob(w, mime ? mime : usual, mime ? n_mime : strlen(usual), raw, n);
}

void
gemini_out_media(struct front_answer *a, struct jsonw *w, const char *raw, size_t n, const struct buf *signature)
{
	struct json j = JSON_INIT;
	struct err ignored;
	int ok = json_parse(&j, raw, n, &ignored) == 0;
	int url = ok ? json_path(&j, 0, "image_url.url") : -1, data = ok ? json_get(&j, 0, "data") : -1;

	if (ok && json_get(&j, 0, "transcript") >= 0)
		front_lose(a, "audio.transcript");
	if (json_type(&j, url) == JSON_STRING || json_type(&j, data) == JSON_STRING) {
		jsonw_object(w);
		if (url >= 0)
			out_image(w, &j, url);
		else
			out_audio(w, &j, data);
		key_signature(w, signature);
		jsonw_end_object(w);
	}
	json_release(&j);
}

/* Google's arguments are an object: what is none is put into one. */
static void
out_args(struct front_answer *a, const struct buf *text, struct jsonw *w)
{
	struct json j = JSON_INIT;
	struct buf args = BUF_INIT;
	struct err ignored;

	jsonw_key(w, "args");
	if (text->len && json_parse(&j, text->p, text->len, &ignored) == 0 && json_type(&j, 0) == JSON_OBJECT) {
		gemini_compact(text->p, text->len, &args);
		jsonw_raw(w, args.p, args.len);
	} else {
		jsonw_object(w);
		if (text->len) {
			jsonw_key(w, "input");
			jsonw_strn(w, text->p, text->len);
			front_lose_content(a, "tool_calls.arguments");
		}
		jsonw_end_object(w);
	}
	json_release(&j);
	buf_release(&args);
}

void
gemini_out_call(struct front_answer *a, struct jsonw *w, const struct answer_choice *c, size_t index)
{
	const struct answer_call *call = c->call + index;

	jsonw_object(w);
	jsonw_key(w, "functionCall");
	jsonw_object(w);
	if (call->id)
		jsonw_member(w, "id", call->id);
	jsonw_member(w, "name", call->name);
	out_args(a, &call->args, w);
	jsonw_end_object(w);
	if (call->id)
		key_signature(w, gemini_signature_of(c, call->id));
	jsonw_end_object(w);
}

/* The annotation's inner object, of whatever type. */
static int
citation_of(const struct json *j, int annotation)
{
	int c = json_get(j, annotation, "url_citation");

	return c >= 0 ? c : json_get(j, annotation, "file_citation");
}

/* Of the web; or a document, which has a text. */
static void
out_source(struct jsonw *w, const struct json *j, int citation)
{
	int text = json_get(j, citation, "content"), uri = json_get(j, citation, "url");

	jsonw_object(w);
	jsonw_key(w, text >= 0 || uri < 0 ? "retrievedContext" : "web");
	jsonw_object(w);
	jsoncopy_known(w, "uri", j, uri);
	jsoncopy_known(w, "title", j, json_get(j, citation, uri >= 0 ? "title" : "filename"));
	jsoncopy_known(w, "documentName", j, json_get(j, citation, "file_id"));
	jsoncopy_known(w, "text", j, text);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

/* Where every 256th character of a text begins, so that a place in it is found without counting from the start. */
struct places {
	const struct buf *text;
	size_t *at;
	size_t n, cap;
};

#define STRIDE 256

static int
begins(char c)
{
	return (c & 0xc0) != 0x80;
}

static void
find_places(struct places *p, const struct buf *text)
{
	size_t n = 0;

	p->text = text;
	for (size_t i = 0; i < text->len; i++)
		if (begins(text->p[i]) && n++ % STRIDE == 0) {
			p->at = mem_grow(p->at, p->n, &p->cap, sizeof(*p->at));
			p->at[p->n++] = i;
		}
}

/* Bytes before this character; -1 past the end. */
static int64_t
bytes_before(const struct places *p, int64_t character)
{
	size_t i;

	if (character < 0 || (uint64_t)character / STRIDE > p->n)
		return -1;
	if ((uint64_t)character / STRIDE == p->n) /* behind the last, perhaps */
		i = p->n ? p->at[p->n - 1] : 0, character -= p->n ? (int64_t)(p->n - 1) * STRIDE : 0;
	else
		i = p->at[character / STRIDE], character %= STRIDE;
	for (; i < p->text->len; i++)
		if (begins(p->text->p[i]) && character-- == 0)
			return (int64_t)i;
	return character == 0 ? (int64_t)i : -1;
}

static void
out_support(struct jsonw *w, const struct json *j, int citation, const struct places *p, int64_t at)
{
	int64_t from, to;

	if (json_int(j, json_get(j, citation, "start_index"), &from) ||
	    json_int(j, json_get(j, citation, "end_index"), &to))
		return;
	from = bytes_before(p, from);
	to = bytes_before(p, to);
	if (from < 0 || to < from)
		return;
	jsonw_object(w);
	jsonw_key(w, "segment");
	jsonw_object(w);
	jsonw_key(w, "startIndex");
	jsonw_int(w, from);
	jsonw_key(w, "endIndex");
	jsonw_int(w, to);
	jsonw_key(w, "text");
	jsonw_strn(w, buf_str(p->text) + from, (size_t)(to - from));
	jsonw_end_object(w);
	jsonw_key(w, "groundingChunkIndices");
	jsonw_array(w);
	jsonw_int(w, at);
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static int
parse_list(struct json *j, const char *items, size_t n, struct buf *list)
{
	struct err ignored;

	buf_addc(list, '[');
	buf_add(list, items, n);
	buf_addc(list, ']');
	return json_parse(j, list->p, list->len, &ignored);
}

void
gemini_out_grounding(struct front_answer *a, struct jsonw *w, const struct answer_choice *c)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;
	struct places places = {0};
	int64_t at = 0;

	if (c->annotations.len && parse_list(&j, c->annotations.p, c->annotations.len, &list) == 0) {
		jsonw_key(w, "groundingMetadata");
		jsonw_object(w);
		jsonw_key(w, "groundingChunks");
		jsonw_array(w);
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			if (citation_of(&j, i) >= 0)
				out_source(w, &j, citation_of(&j, i));
			else
				front_lose(a, "annotations");
		jsonw_end_array(w);
		jsonw_key(w, "groundingSupports");
		jsonw_array(w);
		find_places(&places, &c->text);
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			if (citation_of(&j, i) >= 0)
				out_support(w, &j, citation_of(&j, i), &places, at++);
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	free(places.at);
	json_release(&j);
	buf_release(&list);
}

static void
out_token(struct jsonw *w, const struct json *j, int token)
{
	jsonw_object(w);
	jsoncopy_known(w, "token", j, json_get(j, token, "token"));
	jsoncopy_known(w, "tokenId", j, json_get(j, token, "id"));
	jsoncopy_known(w, "logProbability", j, json_get(j, token, "logprob"));
	jsonw_end_object(w);
}

void
gemini_out_logprobs(struct jsonw *w, const char *items, size_t n)
{
	struct json j = JSON_INIT;
	struct buf list = BUF_INIT;

	if (n && parse_list(&j, items, n, &list) == 0) {
		jsonw_key(w, "logprobsResult");
		jsonw_object(w);
		jsonw_key(w, "topCandidates");
		jsonw_array(w);
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			int top = json_get(&j, i, "top_logprobs");
			jsonw_object(w);
			jsonw_key(w, "candidates");
			jsonw_array(w);
			if (json_type(&j, top) == JSON_ARRAY)
				for (int t = json_child(&j, top); t >= 0; t = json_next(&j, top, t))
					out_token(w, &j, t);
			jsonw_end_array(w);
			jsonw_end_object(w);
		}
		jsonw_end_array(w);
		jsonw_key(w, "chosenCandidates");
		jsonw_array(w);
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i))
			out_token(w, &j, i);
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	json_release(&j);
	buf_release(&list);
}

static void
out_modality(struct jsonw *w, const char *modality, int64_t n)
{
	if (n < 0)
		return;
	jsonw_object(w);
	jsonw_key(w, "modality");
	jsonw_str(w, modality);
	jsonw_key(w, "tokenCount");
	jsonw_int(w, n);
	jsonw_end_object(w);
}

static void
out_modalities(struct jsonw *w, const char *key, int64_t audio, int64_t image)
{
	if (audio < 0 && image < 0)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	out_modality(w, "AUDIO", audio);
	out_modality(w, "IMAGE", image);
	jsonw_end_array(w);
}

void
gemini_out_usage(struct front_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;
	int64_t thoughts = u->reasoning > 0 && u->reasoning <= u->completion ? u->reasoning : 0;

	if (u->prompt < 0 && u->completion < 0)
		return;
	jsonw_key(w, "usageMetadata");
	jsonw_object(w);
	key_count(w, "promptTokenCount", u->prompt);
	key_count(w, "candidatesTokenCount", u->completion < 0 ? -1 : u->completion - thoughts);
	key_count(w, "thoughtsTokenCount", u->reasoning < 0 ? -1 : thoughts);
	key_count(w, "cachedContentTokenCount", u->cached);
	key_count(w, "totalTokenCount", (u->prompt < 0 ? 0 : u->prompt) + (u->completion < 0 ? 0 : u->completion));
	out_modalities(w, "promptTokensDetails", u->prompt_audio, -1);
	out_modalities(w, "candidatesTokensDetails", u->completion_audio, u->completion_image);
	jsonw_end_object(w);
	if (u->cache_write > 0)
		front_lose(a, "usage.cache_write");
	if (*u->cost)
		front_lose(a, "usage.cost");
}

void
gemini_out_names(struct front_answer *a, struct jsonw *w)
{
	struct buf when = BUF_INIT;

	if (*front_model(a)) {
		jsonw_key(w, "modelVersion");
		jsonw_str(w, front_model(a));
	}
	if (front_created(a) > 0) {
		tm_iso(&when, front_created(a));
		jsonw_key(w, "createTime");
		jsonw_strn(w, when.p, when.len);
	}
	if (*front_id(a)) {
		jsonw_key(w, "responseId");
		jsonw_str(w, front_id(a));
	}
	buf_release(&when);
}
