/* SPDX-License-Identifier: ISC */
/* Answers: chunks of a stream and whole ones, in every dialect seen (DEVIATIONS.md), to canonical events. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "wire/decoder.h"
#include "wire/members.h"
#include "wire/openai.h"
#include "wire/openai_state.h"

struct openai_state *
openai_state(struct decoder *d)
{
	if (!d->own)
		d->own = xcalloc(1, sizeof(struct openai_state));
	return d->own;
}

void
openai_release(struct decoder *d)
{
	struct openai_state *o = d->own;

	if (!o)
		return;
	for (size_t i = 0; i < o->n_call; i++) {
		free(o->call[i].id);
		free(o->call[i].name);
		buf_release(&o->call[i].early);
	}
	free(o->call);
	free(o->half);
	buf_release(&o->scratch);
	buf_release(&o->joined);
	buf_release(&o->citations);
	for (int i = 0; i < N_MORE; i++)
		buf_release(o->more_text + i);
	free(o);
	d->own = NULL;
}

static int
emit_raw(struct decoder *d, const struct json *j, int node, struct event ev)
{
	ev.raw = json_raw(j, node, &ev.raw_len);
	return decoder_emit(d, &ev);
}

static int
emit_each(struct decoder *d, const struct json *j, int list, struct event ev)
{
	int r = 0;

	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i))
		r = emit_raw(d, j, i, ev);
	return r;
}

/* Details are played back as they came; their text counts where there is no plain form of it. */
static int
emit_details(struct decoder *d, const struct json *j, int list, int choice)
{
	int with_text = !openai_state(d)->choice[choice].reasoning, r = 0;

	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i)) {
		struct event ev = {.type = EVENT_REASONING, .choice = choice};
		int text = json_get(j, i, "text");
		ev.raw = json_raw(j, i, &ev.raw_len);
		if (json_type(j, text) != JSON_STRING)
			text = json_get(j, i, "summary");
		r = openai_string(d, j, with_text ? text : -1, ev);
	}
	return r;
}

/* n nodes that may hold the same text under different names; some servers send two of them at once. */
static int
emit_reasoning(struct decoder *d, const struct json *j, const int *node, size_t n, int details, int choice)
{
	struct openai_state *o = openai_state(d);
	struct event ev = {.type = EVENT_REASONING, .choice = choice};
	size_t i = 0;
	int r = 0;

	while (i < n && (json_type(j, node[i]) != JSON_STRING || json_eq(j, node[i], "")))
		i++;
	if (i < n) {
		o->n_changes += !o->choice[choice].reasoning;
		o->choice[choice].reasoning = 1;
		r = openai_string(d, j, node[i], ev);
	}
	return r || details < 0 ? r : emit_details(d, j, details, choice);
}

static int
emit_media(struct decoder *d, const struct json *j, int images, int audio, int choice)
{
	struct event ev = {.type = EVENT_MEDIA, .choice = choice, .name = "image"};
	int r = emit_each(d, j, images, ev);

	/* Snowflake fills unused fields with empty objects */
	if (r || json_type(j, audio) != JSON_OBJECT || json_count(j, audio) == 0 ||
	    json_eq(j, json_get(j, audio, "id"), ""))
		return r;
	ev.name = "audio";
	return emit_raw(d, j, audio, ev);
}

static int
emit_annotations(struct decoder *d, const struct json *j, int list, int choice)
{
	struct event ev = {.type = EVENT_ANNOTATION, .choice = choice};

	if (json_type(j, list) == JSON_ARRAY)
		openai_state(d)->n_annotations += json_count(j, list);
	return emit_each(d, j, list, ev);
}

/* A message or a delta. */
static int
emit_message(struct decoder *d, const struct json *j, int node, int choice)
{
	enum {
		CONTENT,
		REASONING,
		REASONING_CONTENT,
		THINKING,
		DETAILS,
		REFUSAL,
		CALLS,
		LEGACY_CALL,
		IMAGES,
		AUDIO,
		ANNOTATIONS,
		ROLE,
		NAME,
		MODEL_NAME,
		N
	};
	static const struct member names[N] = {MEMBER("content"), MEMBER("reasoning"), MEMBER("reasoning_content"),
	    MEMBER("thinking"), MEMBER("reasoning_details"), MEMBER("refusal"), MEMBER("tool_calls"),
	    MEMBER("function_call"), MEMBER("images"), MEMBER("audio"), MEMBER("annotations"), MEMBER("role"),
	    MEMBER_STRING("name"), MEMBER_STRING("model")};
	struct event text = {.type = EVENT_TEXT, .choice = choice}, refusal = text;
	int m[N], r;

	openai_members(d, j, node, MORE_MESSAGE, names, N, m);
	refusal.refusal = 1;
	r = emit_reasoning(d, j, m + REASONING, THINKING - REASONING + 1, m[DETAILS], choice);
	if (!r)
		r = openai_content(d, j, m[CONTENT], text);
	if (!r)
		r = openai_string(d, j, m[REFUSAL], refusal);
	if (!r && (m[CALLS] >= 0 || m[LEGACY_CALL] >= 0))
		r = openai_calls(d, j, m[CALLS], m[LEGACY_CALL], choice);
	if (!r)
		r = emit_media(d, j, m[IMAGES], m[AUDIO], choice);
	return r ? r : emit_annotations(d, j, m[ANNOTATIONS], choice);
}

/* Has it anything to say? OpenAI sends {"content":[],"refusal":null} with chunks that have no text. */
static int
has_logprobs(const struct json *j, int node)
{
	if (json_type(j, node) != JSON_OBJECT)
		return 0;
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k)))
		if (json_count(j, json_value(j, k)))
			return 1;
	return 0;
}

static int
emit_logprobs(struct decoder *d, const struct json *j, int node, int choice)
{
	static const struct member names[] = {MEMBER("content"), MEMBER("refusal")};
	struct event ev = {.type = EVENT_LOGPROBS, .choice = choice};
	int m[2];

	openai_members(d, j, node, MORE_LOGPROBS, names, 2, m);
	if (!has_logprobs(j, node) && !(d->more && d->more->n[MORE_LOGPROBS]))
		return 0;
	ev.raw = json_raw(j, node, &ev.raw_len);
	return decoder_emit(d, &ev);
}

/* The delta, or the message where none came before (some servers repeat all of the answer in it), or the bare text of legacy
 * completions, which Together sends beside a delta, too. */
static int
emit_body(struct decoder *d, const struct json *j, int delta, int message, int text, int choice)
{
	struct openai_state *o = openai_state(d);
	struct event ev = {.type = EVENT_TEXT, .choice = choice};
	int in_delta = json_count(j, delta) > 0, before = o->choice[choice].body;

	if (in_delta || (!before && json_type(j, message) == JSON_OBJECT)) {
		o->n_changes += !before;
		o->choice[choice].body = 1;
		return emit_message(d, j, in_delta ? delta : message, choice);
	}
	return before || json_type(j, delta) == JSON_OBJECT ? 0 : openai_string(d, j, text, ev);
}

static int
emit_choice(struct decoder *d, const struct json *j, int c, int64_t index, int whole)
{
	enum { INDEX, DELTA, ERROR, FINISH, LOGPROBS, MESSAGE, TEXT, NATIVE, OWN_USAGE, N };
	static const struct member names[N] = {MEMBER("index"), MEMBER("delta"), MEMBER("error"),
	    MEMBER("finish_reason"), MEMBER("logprobs"), MEMBER("message"), MEMBER("text"),
	    MEMBER("native_finish_reason"), MEMBER("usage")};
	struct openai_state *o = openai_state(d);
	int m[N], choice;

	openai_members(d, j, c, MORE_CHOICE, names, N, m);
	json_int(j, m[INDEX], &index);
	choice = index >= 0 && index < OPENAI_MAX_CHOICES ? (int)index : 0;
	o->n_changes += !o->choice[choice].seen;
	o->choice[choice].seen = 1;
	int r = emit_body(d, j, m[DELTA], m[MESSAGE], m[TEXT], choice);
	if (!r && m[LOGPROBS] >= 0)
		r = emit_logprobs(d, j, m[LOGPROBS], choice);
	if (!r)
		r = openai_finish(d, j, c, m[FINISH], choice, whole);
	if (!r)
		r = openai_more_left(d, choice);
	return !r && json_type(j, m[ERROR]) == JSON_OBJECT ? openai_choice_error(d, j, m[ERROR]) : r;
}

/* Of a chunk, or of a whole answer. */
enum {
	CHOICES,
	USAGE,
	X_GROQ,
	CITATIONS,
	SEARCH_RESULTS,
	ID,
	MODEL,
	PROVIDER,
	CREATED,
	OBJECT,
	FAILURE,
	METADATA,
	FINGERPRINT,
	TIER,
	N_VALUE
};

/* Azure's first chunk has no choices and an empty id: the answer starts when the id is known, or content comes. */
static int
emit_start(struct decoder *d, const struct json *j, const int *m)
{
	char *id = json_dup(j, m[ID], NULL), *model = json_dup(j, m[MODEL], NULL);
	char *provider = json_dup(j, m[PROVIDER], NULL);
	int r = 0;

	if ((id && *id) || json_count(j, m[CHOICES])) {
		struct event ev = {
		    .type = EVENT_START, .id = id && *id ? id : NULL, .name = model && *model ? model : NULL};
		ev.provider = provider && *provider ? provider : NULL;
		json_int(j, m[CREATED], &ev.created);
		d->started = 1;
		openai_state(d)->n_changes++;
		r = decoder_emit(d, &ev);
	}
	free(id);
	free(model);
	free(provider);
	return r;
}

static void
take_usage(struct decoder *d, const struct json *j, int node)
{
	size_t n;

	openai_usage(j, node, &d->usage);
	const char *raw = json_raw(j, node, &n);
	buf_clear(&d->usage_raw);
	buf_add(&d->usage_raw, raw, n);
	openai_state(d)->n_changes++;
}

static void
keep_citations(struct decoder *d, const struct json *j, int list)
{
	size_t n;

	if (json_type(j, list) != JSON_ARRAY || json_count(j, list) == 0)
		return;
	const char *raw = json_raw(j, list, &n);
	buf_clear(&openai_state(d)->citations);
	buf_add(&openai_state(d)->citations, raw, n);
	openai_state(d)->n_changes++;
}

static int
take_value(struct decoder *d, const struct json *j, int whole)
{
	static const struct member names[N_VALUE] = {MEMBER("choices"), MEMBER("usage"), MEMBER_TOO("x_groq"),
	    MEMBER_TOO("citations"), MEMBER_TOO("search_results"), MEMBER("id"), MEMBER("model"), MEMBER("provider"),
	    MEMBER("created"), MEMBER("object"), MEMBER("error"), MEMBER("openrouter_metadata"),
	    MEMBER_STRING("system_fingerprint"), MEMBER_STRING("service_tier")};
	struct openai_state *o = openai_state(d);
	unsigned long changes = o->n_changes;
	int m[N_VALUE], usage, i = 0, r = 0;

	openai_members(d, j, 0, MORE_ANSWER, names, N_VALUE, m);
	usage = m[USAGE];
	if (json_type(j, usage) != JSON_OBJECT)
		usage = json_get(j, m[X_GROQ], "usage");
	if (json_type(j, usage) != JSON_OBJECT) /* Moonshot */
		usage = json_get(j, json_child(j, m[CHOICES]), "usage");
	if (json_type(j, usage) == JSON_OBJECT)
		take_usage(d, j, usage);
	keep_citations(d, j, json_count(j, m[CITATIONS]) ? m[CITATIONS] : m[SEARCH_RESULTS]);
	if (!d->started)
		r = emit_start(d, j, m);
	if (json_type(j, m[CHOICES]) == JSON_ARRAY)
		for (int c = json_child(j, m[CHOICES]); c >= 0 && !r; c = json_next(j, m[CHOICES], c))
			r = emit_choice(d, j, c, i++, whole);
	if (!r)
		r = openai_more_left(d, -1);
	d->steady = o->n_changes == changes;
	return r;
}

int
openai_chunk(struct decoder *d, const char *event, const struct json *j)
{
	(void)event;
	return take_value(d, j, 0);
}

int
openai_whole(struct decoder *d, const struct json *j)
{
	int choices = json_get(j, 0, "choices");
	struct err e = {0};

	if (json_type(j, choices) != JSON_ARRAY)
		err_set(&e, ERR_PROTOCOL, "the answer is JSON, but no chat completion");
	else if (json_count(j, choices) == 0)
		err_set(&e, ERR_TEMPORARY, "an answer without choices");
	else
		return take_value(d, j, 1);
	take_value(d, j, 1);
	return decoder_fail(d, &e, NULL, 0);
}

static void
citation(const struct json *j, int c, struct buf *out)
{
	int url = json_type(j, c) == JSON_OBJECT ? json_get(j, c, "url") : c, title = json_get(j, c, "title");
	size_t n;

	if (json_type(j, url) != JSON_STRING)
		return;
	const char *raw = json_raw(j, url, &n);
	buf_adds(out, "{\"type\":\"url_citation\",\"url_citation\":{\"url\":");
	buf_add(out, raw, n);
	if (json_type(j, title) == JSON_STRING) {
		raw = json_raw(j, title, &n);
		buf_adds(out, ",\"title\":");
		buf_add(out, raw, n);
	}
	buf_adds(out, "}}");
}

/* Perplexity's citations are URLs beside the answer: annotations, where it has none of its own. */
static int
emit_citations(struct decoder *d)
{
	struct openai_state *o = openai_state(d);
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct err e;
	int r = 0;

	if (!o->citations.len || o->n_annotations || json_parse(&j, o->citations.p, o->citations.len, &e))
		return 0;
	for (int i = json_child(&j, 0); i >= 0 && !r; i = json_next(&j, 0, i)) {
		buf_clear(&b);
		citation(&j, i, &b);
		struct event ev = {.type = EVENT_ANNOTATION, .raw = b.p, .raw_len = b.len};
		if (b.len)
			r = decoder_emit(d, &ev);
	}
	buf_release(&b);
	json_release(&j);
	return r;
}

/* Finished is an answer whose choices all are. */
static int
all_finished(const struct openai_state *o)
{
	int any = 0;

	for (int i = 0; i < OPENAI_MAX_CHOICES; i++) {
		if (o->choice[i].seen && !o->choice[i].finished)
			return 0;
		any |= o->choice[i].seen;
	}
	return any;
}

int
openai_end(struct decoder *d)
{
	int r = openai_flush_halves(d, -1);

	d->finished = all_finished(openai_state(d));
	if (!r && (d->finished || d->ended)) /* a call that was cut off has no end */
		r = openai_end_calls(d, -1);
	return r ? r : emit_citations(d);
}
