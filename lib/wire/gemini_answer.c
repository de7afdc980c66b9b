/* SPDX-License-Identifier: ISC */
/*
 * Answers of generateContent and streamGenerateContent to canonical events. A stream's chunks and a whole answer have
 * one shape; why a choice ended is given at the end, since older models repeat their finish reason on each chunk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "str.h"
#include "wire/decoder.h"
#include "wire/gemini.h"
#include "wire/gemini_state.h"
#include "wire/members.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MAX_MESSAGE 400 /* bytes of a finishMessage that are told */

struct gemini_state *
gemini_state(struct decoder *d)
{
	static const struct gemini_counts unknown = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
	struct gemini_state *g = d->own;

	if (!g) {
		d->own = g = xcalloc(1, sizeof(*g));
		g->counts = unknown;
	}
	return g;
}

void
gemini_release(struct decoder *d)
{
	struct gemini_state *g = d->own;

	if (!g)
		return;
	for (int i = 0; i < GEMINI_MAX_CHOICES; i++) {
		gemini_args_free(g->choice[i].args);
		free(g->choice[i].native);
		free(g->choice[i].message);
		buf_release(&g->choice[i].text);
	}
	free(g->id);
	buf_release(&g->scratch);
	buf_release(&g->made);
	free(g);
	d->own = NULL;
}

/* The names of FinishReason, by the numbers that Vertex has for them (its v1 API), then those that only AI Studio
 * has. */
static const struct {
	const char *native, *reason;
} finishes[] = {
    {"FINISH_REASON_UNSPECIFIED", NULL},
    {"STOP", "stop"},
    {"MAX_TOKENS", "length"},
    {"SAFETY", "content_filter"},
    {"RECITATION", "content_filter"},
    {"OTHER", "error"},
    {"BLOCKLIST", "content_filter"},
    {"PROHIBITED_CONTENT", "content_filter"},
    {"SPII", "content_filter"},
    {"MALFORMED_FUNCTION_CALL", "error"},
    {"MODEL_ARMOR", "content_filter"},
    {"IMAGE_SAFETY", "content_filter"},
    {"IMAGE_PROHIBITED_CONTENT", "content_filter"},
    {"IMAGE_RECITATION", "content_filter"},
    {"IMAGE_OTHER", "error"},
    {"UNEXPECTED_TOOL_CALL", "error"},
    {"NO_IMAGE", "error"},
    {"LANGUAGE", "content_filter"},
    {"TOO_MANY_TOOL_CALLS", "error"},
    {"MISSING_THOUGHT_SIGNATURE", "error"},
    {"MALFORMED_RESPONSE", "error"},
};

/* One that is new says nothing of a failure. */
static const char *
normal_reason(const char *native)
{
	for (size_t i = 0; i < N(finishes); i++)
		if (strcmp(finishes[i].native, native) == 0)
			return finishes[i].reason;
	return "stop";
}

static const char *const blocks[] = {
    "BLOCKED_REASON_UNSPECIFIED", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "MODEL_ARMOR", "JAILBREAK"};

/* The word of an enum, which some clients have sent as its number; NULL: there is none. Owned. */
static char *
enum_word(const struct json *j, int node, int is_block)
{
	int64_t n;

	if (json_type(j, node) == JSON_STRING)
		return json_dup(j, node, NULL);
	if (json_int(j, node, &n) || n < 0 || n >= (int64_t)(is_block ? N(blocks) : N(finishes)))
		return NULL;
	return xstrdup(is_block ? blocks[n] : finishes[n].native);
}

/* n digits at s, or -1. */
static int
digits(const char *s, int n)
{
	int v = 0;

	for (; n--; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = v * 10 + *s - '0';
	}
	return v;
}

/* "2026-05-19T14:59:42.780296Z"; 0: it isn't that. */
static int64_t
seconds_of(const char *s)
{
	struct tm tm = {0};

	if (!s || strlen(s) < strlen("2026-05-19T14:59:42"))
		return 0;
	tm.tm_year = digits(s, 4) - 1900;
	tm.tm_mon = digits(s + 5, 2) - 1;
	tm.tm_mday = digits(s + 8, 2);
	tm.tm_hour = digits(s + 11, 2);
	tm.tm_min = digits(s + 14, 2);
	tm.tm_sec = digits(s + 17, 2);
	if (tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0)
		return 0;
	int64_t t = timegm(&tm);
	return t > 0 ? t : 0;
}

static int
emit_start(struct decoder *d, const struct json *j)
{
	char *model = json_dup(j, json_get(j, 0, "modelVersion"), NULL);
	char *created = json_dup(j, json_get(j, 0, "createTime"), NULL);
	struct gemini_state *g = gemini_state(d);
	struct event ev = {.type = EVENT_START, .name = model && *model ? model : NULL};

	g->id = json_dup(j, json_get(j, 0, "responseId"), NULL);
	ev.id = g->id && *g->id ? g->id : NULL;
	ev.created = seconds_of(created);
	d->started = 1;
	int r = decoder_emit(d, &ev);
	free(model);
	free(created);
	return r;
}

static void
write_signature(struct buf *b, const struct json *j, int signature, const char *id)
{
	struct jsonw w;

	buf_clear(b);
	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_member(&w, "type", "reasoning.encrypted");
	jsoncopy_known(&w, "data", j, signature);
	if (id)
		jsonw_member(&w, "id", id);
	jsonw_member(&w, "format", GEMINI_FORMAT);
	jsonw_end_object(&w);
}

int
gemini_signature(struct decoder *d, const struct json *j, int signature, const char *id, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct event ev = {.type = EVENT_REASONING, .choice = choice};

	if (json_type(j, signature) != JSON_STRING || json_eq(j, signature, ""))
		return 0;
	if (!gemini_unwrap(j, signature, &g->made))
		write_signature(&g->made, j, signature, id);
	ev.raw = g->made.p;
	ev.raw_len = g->made.len;
	return decoder_emit(d, &ev);
}

static int
emit_text(struct decoder *d, const struct json *j, int text, int is_thought, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct event ev = {.type = is_thought ? EVENT_REASONING : EVENT_TEXT, .choice = choice};

	ev.s = json_view(j, text, &g->scratch, &ev.n);
	if (!ev.n)
		return 0;
	struct buf *sofar = &g->choice[choice].text;
	if (!is_thought && sofar->len + ev.n <= GEMINI_MAX_TEXT)
		buf_add(sofar, ev.s, ev.n);
	return decoder_emit(d, &ev);
}

/* raw: the data or address, in quotes; mime: NULL for an address. */
static void
write_image(struct buf *b, const char *mime, const char *raw, size_t n)
{
	buf_adds(b, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"");
	if (mime) {
		buf_adds(b, "data:");
		jsonw_escape(b, mime, strlen(mime));
		buf_adds(b, ";base64,");
	}
	buf_add(b, raw + 1, n - 1);
	buf_adds(b, "}}");
}

static void
write_audio(struct buf *b, const char *mime, const char *raw, size_t n)
{
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_raw(&w, raw, n);
	jsonw_member(&w, "mime_type", mime);
	jsonw_end_object(&w);
}

/* Media as OpenRouter's image or audio. An image may be signed. */
static int
emit_item(struct decoder *d, const struct json *j, int is_audio, int signature, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct event ev = {.type = EVENT_MEDIA, .choice = choice, .name = is_audio ? "audio" : "image"};
	char id[32];

	ev.raw = g->scratch.p;
	ev.raw_len = g->scratch.len;
	int r = decoder_emit(d, &ev);
	if (r || is_audio)
		return r;
	snprintf(id, sizeof(id), GEMINI_IMAGE_ID "%d", g->choice[choice].n_image++);
	return gemini_signature(d, j, signature, id, choice);
}

/* {"mimeType", "data"} or {"mimeType", "fileUri"} */
static int
emit_media(struct decoder *d, const struct json *j, int media, int signature, int choice)
{
	struct gemini_state *g = gemini_state(d);
	int data = json_get(j, media, "data"), uri = json_get(j, media, "fileUri"), r = 0;
	char *mime = json_dup(j, json_get(j, media, "mimeType"), NULL);
	int is_audio = mime && str_starts(mime, "audio/"), is_data = json_type(j, data) == JSON_STRING;
	size_t n;

	if (is_data || (!is_audio && json_type(j, uri) == JSON_STRING)) {
		const char *raw = json_raw(j, is_data ? data : uri, &n);
		buf_clear(&g->scratch);
		if (is_audio)
			write_audio(&g->scratch, mime, raw, n);
		else
			write_image(&g->scratch, !is_data ? NULL : mime ? mime : "image/png", raw, n);
		r = emit_item(d, j, is_audio, signature, choice);
	}
	free(mime);
	return r;
}

/* What ran at Google's (executableCode, codeExecutionResult, toolCall, toolResponse) is no call of ours. */
static int
emit_part(struct decoder *d, const struct json *j, int part, int choice)
{
	enum { TEXT, THOUGHT, SIGNATURE, CALL, INLINE, FILE_DATA, N_PART };
	static const struct member names[N_PART] = {MEMBER("text"), MEMBER("thought"), MEMBER("thoughtSignature"),
	    MEMBER("functionCall"), MEMBER("inlineData"), MEMBER("fileData")};
	int m[N_PART];

	members_find(j, part, names, N_PART, m);
	int is_thought = json_bool(j, m[THOUGHT]) == 1, media = m[INLINE] >= 0 ? m[INLINE] : m[FILE_DATA];
	if (json_type(j, m[CALL]) == JSON_OBJECT)
		return gemini_call(d, j, m[CALL], m[SIGNATURE], choice);
	if (json_type(j, media) == JSON_OBJECT) /* what it draws while it thinks is no part of the answer */
		return is_thought ? 0 : emit_media(d, j, media, m[SIGNATURE], choice);
	if (json_type(j, m[TEXT]) != JSON_STRING)
		return 0;
	int r = emit_text(d, j, m[TEXT], is_thought, choice);
	return r || m[SIGNATURE] < 0 ? r : gemini_signature(d, j, m[SIGNATURE], NULL, choice);
}

/* Unspecified is no reason at all. */
static void
note_finish(struct gemini_state *g, const struct json *j, int finish, int message, int choice)
{
	struct gemini_choice *c = g->choice + choice;
	char *native = enum_word(j, finish, 0);

	if (!native || strcmp(native, finishes[0].native) == 0) {
		free(native);
		return;
	}
	free(c->native);
	c->native = native;
	free(c->message);
	c->message = json_dup(j, message, NULL);
}

static int
emit_candidate(struct decoder *d, const struct json *j, int c)
{
	enum { CONTENT, FINISH, INDEX, MESSAGE, GROUNDING, CITATIONS, LOGPROBS, N_CANDIDATE };
	static const struct member names[N_CANDIDATE] = {MEMBER("content"), MEMBER("finishReason"), MEMBER("index"),
	    MEMBER("finishMessage"), MEMBER("groundingMetadata"), MEMBER("citationMetadata"), MEMBER("logprobsResult")};
	struct gemini_state *g = gemini_state(d);
	int64_t index = 0;
	int m[N_CANDIDATE], r = 0;

	members_find(j, c, names, N_CANDIDATE, m);
	if (json_int(j, m[INDEX], &index) || index < 0 || index >= GEMINI_MAX_CHOICES)
		index = 0;
	int choice = (int)index, parts = json_get(j, m[CONTENT], "parts");
	g->choice[choice].seen = 1;
	if (json_type(j, parts) == JSON_ARRAY)
		for (int p = json_child(j, parts); p >= 0 && !r; p = json_next(j, parts, p))
			r = emit_part(d, j, p, choice);
	if (!r && m[LOGPROBS] >= 0)
		r = gemini_logprobs(d, j, m[LOGPROBS], choice);
	if (!r && (m[GROUNDING] >= 0 || m[CITATIONS] >= 0))
		r = gemini_cites(d, j, m[GROUNDING], m[CITATIONS], choice);
	note_finish(g, j, m[FINISH], m[MESSAGE], choice);
	return r;
}

/* A prompt that was blocked has no candidates. */
static void
note_block(struct gemini_state *g, const struct json *j, int feedback)
{
	char *word = enum_word(j, json_get(j, feedback, "blockReason"), 1);

	if (!word)
		return;
	free(g->choice[0].native);
	g->choice[0].native = word;
	g->choice[0].seen = 1;
	g->blocked = 1;
}

int
gemini_chunk(struct decoder *d, const char *event, const struct json *j)
{
	enum { CANDIDATES, USAGE, FEEDBACK, N_ROOT };
	static const struct member names[N_ROOT] = {
	    MEMBER("candidates"), MEMBER("usageMetadata"), MEMBER("promptFeedback")};
	struct gemini_state *g = gemini_state(d);
	int m[N_ROOT], r = 0;

	(void)event;
	members_find(j, 0, names, N_ROOT, m);
	int known = m[CANDIDATES] >= 0 || m[USAGE] >= 0 || m[FEEDBACK] >= 0;
	if (!d->started && known)
		r = emit_start(d, j);
	gemini_usage(d, j, m[USAGE]);
	if (json_type(j, m[CANDIDATES]) == JSON_ARRAY)
		for (int c = json_child(j, m[CANDIDATES]); c >= 0 && !r; c = json_next(j, m[CANDIDATES], c))
			r = emit_candidate(d, j, c);
	note_block(g, j, m[FEEDBACK]);
	return r;
}

int
gemini_whole(struct decoder *d, const struct json *j)
{
	return gemini_chunk(d, "", j);
}

/* A finish reason that is a failure: the model tried something that the API couldn't make use of. */
static int
fail_choice(struct decoder *d, const struct gemini_choice *c)
{
	struct err e = {0};

	if (c->message)
		err_set(&e, ERR_TEMPORARY, "502 %s: %.*s", c->native, MAX_MESSAGE, c->message);
	else
		err_set(&e, ERR_TEMPORARY, "502 the provider failed while answering (%s)", c->native);
	e.http = 502;
	return decoder_fail(d, &e, NULL, 0);
}

static int
end_choice(struct decoder *d, int choice)
{
	struct gemini_state *g = gemini_state(d);
	const struct gemini_choice *c = g->choice + choice;
	const char *reason = choice == 0 && g->blocked ? "content_filter" : normal_reason(c->native);
	struct event ev = {.type = EVENT_FINISH, .choice = choice, .native = c->native};
	int r = gemini_end_call(d, choice);

	ev.s = strcmp(reason, "stop") == 0 && c->n_call ? "tool_calls" : reason;
	ev.n = strlen(ev.s);
	if (!r)
		r = decoder_emit(d, &ev);
	return r || strcmp(reason, "error") != 0 ? r : fail_choice(d, c);
}

static int
is_finished(const struct gemini_state *g)
{
	int any = 0;

	for (int i = 0; i < GEMINI_MAX_CHOICES; i++) {
		if (g->choice[i].seen && !g->choice[i].native)
			return 0;
		any |= g->choice[i].seen;
	}
	return any;
}

int
gemini_end(struct decoder *d)
{
	struct gemini_state *g = gemini_state(d);
	struct err e = {0};
	int r = 0;

	if (!d->started) {
		err_set(&e, ERR_PROTOCOL, "the answer is JSON, but no generateContent response");
		return decoder_fail(d, &e, NULL, 0);
	}
	for (int i = 0; i < GEMINI_MAX_CHOICES && !r; i++)
		if (g->choice[i].seen && g->choice[i].native)
			r = end_choice(d, i);
	d->finished = is_finished(g);
	return r;
}
