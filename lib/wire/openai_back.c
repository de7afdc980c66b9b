/* SPDX-License-Identifier: ISC */
/*
 * The OpenAI wire's back: the canonical request is already in this format, so its bytes are kept and only what a dialect can't take
 * is edited out, renamed or added.
 */
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "jsonw.h"
#include "providers.h"
#include "wire/members.h"
#include "wire/openai.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define ROOM 64 /* bytes that edits add to most requests, at most */

/* What each request is looked through for. */
enum { MODEL, MODELS, MESSAGES, STREAM, STREAM_OPTIONS, REASONING, SERVICE_TIER, N_FIELDS };
static const struct member fields[N_FIELDS] = {MEMBER("model"), MEMBER("models"), MEMBER("messages"), MEMBER("stream"),
    MEMBER("stream_options"), MEMBER("reasoning"), MEMBER("service_tier")};

struct encoding {
	const struct json *j;
	int at[N_FIELDS]; /* their values; -1 */
	unsigned takes;
	const char *const *refuses;
	struct jsonedit edits;
	struct losses *lost;
	int lossy;
	int sends;       /* to somebody, not just translated */
	const char *who; /* for messages */
};

#define EPHEMERAL "{\"type\":\"ephemeral\"}"

/* OpenRouter's ways of asking for what others send unasked: no loss. */
static const struct member asked_anyway[] = {MEMBER("usage"), MEMBER("include_reasoning")};
/* OpenRouter's other fields: elsewhere they are parameters that get lost. */
static const struct member extensions[] = {
    MEMBER("models"),
    MEMBER("route"),
    MEMBER("provider"),
    MEMBER("plugins"),
    MEMBER("transforms"),
    MEMBER("preset"),
    MEMBER("session_id"),
    MEMBER("cache_control"),
    MEMBER("image_config"),
    MEMBER("trace"),
    MEMBER("debug"),
    MEMBER("max_tool_calls"),
    MEMBER("stop_server_tools_when"),
    MEMBER("x_search_filter"),
    MEMBER("prompt_cache_options"),
    MEMBER("structured_outputs"),
};
static const struct member sampling[] = {
    MEMBER("top_k"), MEMBER("min_p"), MEMBER("top_a"), MEMBER("repetition_penalty")};

static int
has(const struct encoding *c, const char *field)
{
	return json_get(c->j, 0, field) >= 0;
}

static void
drop(struct encoding *c, const char *field, int is_loss)
{
	if (!has(c, field))
		return;
	jsonedit_unset(&c->edits, field);
	if (is_loss)
		losses_add(c->lost, field);
}

static void
drop_all(struct encoding *c, const struct member *m, size_t n, int is_loss)
{
	int at[N(extensions)];

	members_find(c->j, 0, m, n, at);
	for (size_t i = 0; i < n; i++)
		if (at[i] >= 0)
			drop(c, m[i].key, is_loss);
}

static void
drop_extensions(struct encoding *c)
{
	if (!(c->takes & OPENAI_ROUTING)) {
		drop_all(c, asked_anyway, N(asked_anyway), 0);
		drop_all(c, extensions, N(extensions), 1);
	}
	if (!(c->takes & OPENAI_SAMPLING))
		drop_all(c, sampling, N(sampling), 1);
	for (const char *const *f = c->refuses; f && *f; f++)
		drop(c, *f, 1);
}

/* OpenRouter may fall back by itself on the names that follow this one, as far as they are its own: "author/slug". */
static void
map_models(struct encoding *c, const char *model)
{
	int list = c->at[MODELS], past = model && json_eq(c->j, c->at[MODEL], model);
	struct buf b = BUF_INIT;
	struct jsonw w;

	if (json_type(c->j, list) != JSON_ARRAY || !(c->takes & OPENAI_ROUTING) || !model)
		return;
	jsonw_init(&w, &b);
	jsonw_array(&w);
	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m)) {
		char *name = json_dup(c->j, m, NULL);
		size_t n = name ? strcspn(name, ":/") : 0;
		if (past && name && name[n] == '/' && strncmp(name, "mock/", 5) != 0)
			jsonw_str(&w, name);
		past |= name && strcmp(name, model) == 0;
		free(name);
	}
	jsonw_end_array(&w);
	if (b.len > 2)
		jsonedit_set(&c->edits, "models", b.p, b.len);
	else
		jsonedit_unset(&c->edits, "models");
	buf_release(&b);
}

/* reasoning{effort} becomes reasoning_effort where that is the dialect's way. */
static void
map_reasoning(struct encoding *c)
{
	int reasoning = c->at[REASONING], effort = json_get(c->j, reasoning, "effort");
	size_t n;

	if (!(c->takes & OPENAI_EFFORT))
		drop(c, "reasoning_effort", 1);
	if (reasoning < 0 || (c->takes & OPENAI_REASONING))
		return;
	if ((c->takes & OPENAI_EFFORT) && json_type(c->j, effort) == JSON_STRING) {
		const char *raw = json_raw(c->j, effort, &n);
		drop(c, "reasoning", json_count(c->j, reasoning) > 1);
		if (!has(c, "reasoning_effort"))
			jsonedit_set(&c->edits, "reasoning_effort", raw, n);
	} else {
		drop(c, "reasoning", 1);
	}
}

/* The same value under another name; where both are there, the dialect's own stays. */
static void
rename_field(struct encoding *c, const char *from, const char *to)
{
	int value = json_get(c->j, 0, from);
	size_t n;

	if (value < 0)
		return;
	const char *raw = json_raw(c->j, value, &n);
	jsonedit_unset(&c->edits, from);
	if (!has(c, to))
		jsonedit_set(&c->edits, to, raw, n);
}

static void
rename_fields(struct encoding *c)
{
	if (!(c->takes & OPENAI_ROUTING) && json_eq(c->j, c->at[SERVICE_TIER], "fast"))
		jsonedit_set_str(&c->edits, "service_tier", "priority"); /* OpenRouter's and Anthropic's word for it */
	if (c->takes &
	    OPENAI_NEW_LIMIT) /* OpenAI's reasoning models refuse max_tokens, all of its models take the new name */
		rename_field(c, "max_tokens", "max_completion_tokens");
	if (c->takes & OPENAI_OLD_LIMIT)
		rename_field(c, "max_completion_tokens", "max_tokens");
	if (c->takes & OPENAI_RANDOM_SEED)
		rename_field(c, "seed", "random_seed");
}

static void
ask_usage(struct encoding *c)
{
	int streams = json_bool(c->j, c->at[STREAM]) == 1, options = c->at[STREAM_OPTIONS];

	if (streams && (c->takes & OPENAI_STREAM_OPTIONS)) {
		if (json_type(c->j, options) == JSON_NULL) /* no path leads through it */
			jsonedit_set(&c->edits, "stream_options", "{}", 2);
		jsonedit_set(&c->edits, "stream_options.include_usage", "true", 4);
	}
	if (options >= 0 && (!streams || !(c->takes & (OPENAI_STREAM_OPTIONS | OPENAI_ROUTING))))
		drop(c, "stream_options", 0);
}

/* 0: it takes this content part; else the type's name, for the message. Types we don't know are the provider's business. */
static const char *
refused_part(const struct encoding *c, int part)
{
	static const struct {
		const char *type;
		unsigned flag;
	} parts[] = {
	    {"image_url", OPENAI_IMAGE},
	    {"input_audio", OPENAI_AUDIO},
	    {"file", OPENAI_FILE},
	    {"video_url", OPENAI_VIDEO},
	};

	for (size_t i = 0; i < N(parts); i++)
		if (!(c->takes & parts[i].flag) && json_eq(c->j, json_get(c->j, part, "type"), parts[i].type))
			return parts[i].type;
	return NULL;
}

/* A content list without the parts that can't be carried. Returns whether one was left out. */
static int
filter_parts(struct encoding *c, int list, struct buf *out, const char **refused)
{
	const char *type;
	int lost = 0, any = 0;

	buf_addc(out, '[');
	for (int p = json_child(c->j, list); p >= 0; p = json_next(c->j, list, p)) {
		size_t n;
		if ((type = refused_part(c, p))) {
			*refused = type;
			lost = 1;
			continue;
		}
		const char *raw = json_raw(c->j, p, &n);
		if (any)
			buf_addc(out, ',');
		any = 1;
		buf_add(out, raw, n);
	}
	buf_addc(out, ']');
	return lost;
}

/* What a message may have that somebody can't take. */
enum {
	CONTENT,
	IS_ERROR,
	PLAYED_REASONING,
	PLAYED_DETAILS,
	PLAYED_IMAGES,
	PLAYED_ANNOTATIONS,
	PLAYED_CONTENT, /* of the reasoning */
	N_OF_MESSAGE
};
static const struct member of_message[N_OF_MESSAGE] = {MEMBER("content"), MEMBER("is_error"), MEMBER("reasoning"),
    MEMBER("reasoning_details"), MEMBER("images"), MEMBER("annotations"), MEMBER("reasoning_content")};

/* What an answer has beyond OpenAI's message. It is no loss: only OpenRouter asks for it; some ask for the reasoning's text. */
static int
map_playback(struct encoding *c, const int *at, struct jsonedit *edits)
{
	int last = c->takes & OPENAI_PLAY_CONTENT ? PLAYED_ANNOTATIONS : PLAYED_CONTENT, changed = 0;
	size_t n;

	for (int i = PLAYED_REASONING; i <= last; i++)
		if (at[i] >= 0) {
			jsonedit_unset(edits, of_message[i].key);
			changed = 1;
		}
	if (last < PLAYED_CONTENT && json_type(c->j, at[PLAYED_REASONING]) == JSON_STRING && at[PLAYED_CONTENT] < 0) {
		const char *raw = json_raw(c->j, at[PLAYED_REASONING], &n);
		jsonedit_set(edits, "reasoning_content", raw, n);
	}
	return changed;
}

/* One message as the dialect takes it: *out stays empty where it may stay as it is. */
static int
map_message(struct encoding *c, int m, struct buf *out, const char **refused, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json sub = JSON_INIT;
	struct buf content = BUF_INIT;
	int at[N_OF_MESSAGE], changed = 0, r = 0;
	size_t n;

	members_find(c->j, m, of_message, N_OF_MESSAGE, at);
	int list = at[CONTENT];
	if (!(c->takes & OPENAI_PLAYBACK))
		changed = map_playback(c, at, &edits);
	if (c->sends && at[IS_ERROR] >= 0) { /* ours: the tool's words have to say it */
		jsonedit_unset(&edits, "is_error");
		losses_add(c->lost, "is_error");
		changed = 1;
	}
	if (json_type(c->j, list) == JSON_ARRAY && filter_parts(c, list, &content, refused)) {
		jsonedit_set(&edits, "content", content.p, content.len);
		changed = 1;
	}
	const char *raw = json_raw(c->j, m, &n);
	if (changed) {
		r = json_parse(&sub, raw, n, e);
		if (!r)
			r = jsonedit_write(&edits, &sub, out, e);
	}
	jsonedit_release(&edits);
	json_release(&sub);
	buf_release(&content);
	return r;
}

static void
add_item(struct buf *list, const char *p, size_t n)
{
	buf_addc(list, list->len ? ',' : '[');
	buf_add(list, p, n);
}

/* The items in front of `to`, which stay as they are. */
static void
add_before(const struct json *j, int list, int to, struct buf *out)
{
	size_t n;

	for (int m = json_child(j, list); m != to; m = json_next(j, list, m)) {
		const char *raw = json_raw(j, m, &n);
		add_item(out, raw, n);
	}
}

/* The list is written anew from the first message on that changes: most have none. */
static int
map_messages(struct encoding *c, struct err *e)
{
	struct buf all = BUF_INIT, one = BUF_INIT;
	int list = c->at[MESSAGES], changed = 0, r = 0;
	const char *refused = NULL;
	size_t n;

	if (json_type(c->j, list) != JSON_ARRAY)
		return 0;
	for (int m = json_child(c->j, list); m >= 0 && !r; m = json_next(c->j, list, m)) {
		buf_clear(&one);
		if (json_type(c->j, m) == JSON_OBJECT)
			r = map_message(c, m, &one, &refused, e);
		if (one.len && !changed)
			add_before(c->j, list, m, &all);
		changed |= one.len > 0;
		const char *raw = json_raw(c->j, m, &n);
		if (changed)
			add_item(&all, one.len ? one.p : raw, one.len ? one.len : n);
	}
	if (changed)
		buf_addc(&all, ']');
	if (!r && refused && !c->lossy)
		r = err_set(e, ERR_DATA, "%s doesn't take content of type %s", c->who, refused);
	else if (refused)
		losses_add_content(c->lost, refused);
	if (!r && changed)
		jsonedit_set(&c->edits, "messages", all.p, all.len);
	buf_release(&all);
	buf_release(&one);
	return r;
}

/* Tools are content: a model that isn't told of them answers something else. */
static int
check_tools(struct encoding *c, struct err *e)
{
	if ((c->takes & OPENAI_TOOLS) || json_count(c->j, json_get(c->j, 0, "tools")) == 0)
		return 0;
	if (!c->lossy)
		return err_set(e, ERR_DATA, "%s doesn't take tools", c->who);
	drop(c, "tools", 0);
	losses_add_content(c->lost, "tools");
	drop(c, "tool_choice", 1);
	drop(c, "parallel_tool_calls", 1);
	return 0;
}

/* References to blobs are in the text only where a front put them. */
static int
write_body(struct encoding *c, const struct blobs *blobs, struct buf *out, struct err *e)
{
	struct buf text = BUF_INIT;

	buf_reserve(out, c->j->len + ROOM);
	int r = jsonedit_write(&c->edits, c->j, blobs && blobs->n ? &text : out, e);

	if (!r && blobs && blobs->n)
		blobs_expand(blobs, text.p, text.len, out);
	buf_release(&text);
	return r;
}

int
openai_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	const struct openai_dialect *dialect = openai_dialect(ask->provider);
	struct encoding c = {.j = ask->request,
	    .takes = dialect->takes,
	    .refuses = dialect->refuses,
	    .edits = JSONEDIT_INIT,
	    .lost = lost,
	    .lossy = ask->lossy,
	    .sends = ask->provider != NULL,
	    .who = ask->provider ? ask->provider->name : "openai"};

	wire_call_clear(out);
	members_find(c.j, 0, fields, N_FIELDS, c.at);
	out->stream = json_bool(c.j, c.at[STREAM]) == 1;
	if (ask->model && !json_eq(c.j, c.at[MODEL], ask->model))
		jsonedit_set_str(&c.edits, "model", ask->model);
	drop_extensions(&c);
	map_models(&c, ask->model);
	map_reasoning(&c);
	rename_fields(&c);
	ask_usage(&c);
	if (ask->cache && (c.takes & OPENAI_ROUTING) && !has(&c, "cache_control"))
		jsonedit_set(&c.edits, "cache_control", EPHEMERAL, strlen(EPHEMERAL));
	wire_url(out, ask, "/chat/completions");
	int r = check_tools(&c, e);
	if (!r)
		r = map_messages(&c, e);
	if (!r)
		r = write_body(&c, ask->blobs, &out->body, e);
	jsonedit_release(&c.edits);
	return r;
}

static int
is_done(const char *data, size_t n)
{
	while (n && data[n - 1] == ' ')
		n--;
	return n == 6 && memcmp(data, "[DONE]", 6) == 0;
}

const struct wire wire_openai = {
    .name = "openai",
    .encode = openai_encode,
    .on_chunk = openai_chunk,
    .on_whole = openai_whole,
    .error = openai_error,
    .on_end = openai_end,
    .is_end = is_done,
    .release = openai_release,
};
