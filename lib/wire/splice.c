/* SPDX-License-Identifier: ISC */
#include "wire/splice.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "wire/wire.h"

static const struct format {
	const char *name;
	int names_model; /* in the body */
	unsigned framing;
	/* What only stands in a unit that the end begins with: in a text its quotes would be escaped. */
	const char *end[3];
	const char *limit;    /* where the answer's limit is in a request */
	const char *usage[2]; /* where a usage is that has a cost: of a whole answer, of the last event */
} formats[] = {
    {"anthropic", 1, 0, {"\"message_delta\"", "\"message_stop\""}, "max_tokens", {"usage", "usage"}},
    {"bedrock", 0, WIRE_FRAMES, {"\"stopReason\""}, "inferenceConfig.maxTokens", {NULL, NULL}},
    {"cohere", 1, 0, {"\"message-end\""}, "max_tokens", {NULL, NULL}},
    {"gemini", 0, 0, {"\"finishReason\""}, "generationConfig.maxOutputTokens", {NULL, NULL}},
    {"ollama", 1, WIRE_VALUES, {"\"done\":true", "\"done\": true"}, "options.num_predict", {NULL, NULL}},
    {"responses", 1, 0, {"\"response.completed\"", "\"response.incomplete\""}, "max_output_tokens",
	{"usage", "response.usage"}},
};

/* What a request may say to OpenRouter, and to us. */
static const char *const ours[] = {"provider", "models", "route", "plugins", "transforms", "preset", "session_id",
    "trace", "debug", "fallbacks", "stop_server_tools_when"};

/* Fields of OpenRouter's that a format has another way to say: such a request is written anew. */
static const char *const anthropic_anew[] = {"user", NULL};
static const char *const responses_anew[] = {"top_k", "frequency_penalty", "presence_penalty", "cache_control",
    "modalities", "image_config", "reasoning.enabled", "reasoning.max_tokens", NULL};

static const struct format *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats + i;
	return NULL;
}

int
splice_takes(const char *format)
{
	return find(format) != NULL;
}

enum splice_form
splice_form(const char *format, int asked, int streams, unsigned framing)
{
	if (!streams || (!asked && framing == WIRE_VALUES))
		return SPLICE_WHOLE;
	return find(format)->framing == framing ? SPLICE_STREAM : SPLICE_OTHER;
}

static int
has(const char *p, size_t n, const char *what)
{
	return memmem(p, n, what, strlen(what)) != NULL;
}

/* -1: caching is asked for in a way that has no place of its own. */
static int
ask_for_cache(const struct splice_own *own, struct jsonedit *edits, struct err *e)
{
	static const char ephemeral[] = "{\"type\":\"ephemeral\"}";

	if (strcmp(own->format, "bedrock") == 0 && !has(own->body, own->n, "\"cachePoint\""))
		return err_set(e, ERR_DATA, "its prompt is to be cached");
	if (strcmp(own->format, "anthropic") == 0 && !has(own->body, own->n, "\"cache_control\""))
		jsonedit_set(edits, "cache_control", ephemeral, sizeof(ephemeral) - 1);
	return 0;
}

/* Google takes both spellings of its names: one of them has to be all there is. */
static void
set_limit(const struct format *f, const struct json *j, int64_t limit, struct jsonedit *edits)
{
	char text[24];
	const char *path = f->limit;

	if (strcmp(f->name, "gemini") == 0 && json_get(j, 0, "generation_config") >= 0)
		path = "generation_config.max_output_tokens";
	int n = snprintf(text, sizeof(text), "%" PRId64, limit);
	jsonedit_set(edits, path, text, (size_t)n);
}

/* Of a name in two spellings, one would be read here and the other there. */
static int
is_spelt_twice(const struct json *j, int object, struct err *e)
{
	struct buf camel = BUF_INIT, scratch = BUF_INIT;
	int r = 0;

	for (int m = json_child(j, object); !r && m >= 0; m = json_next(j, object, m)) {
		size_t n;
		const char *name = json_view(j, m, &scratch, &n);
		buf_clear(&camel);
		for (size_t i = 0; i < n; i++) {
			int up = name[i] == '_' && i + 1 < n;
			buf_addc(&camel, up ? (char)toupper((unsigned char)name[i + 1]) : name[i]);
			i += (size_t)up;
		}
		if (camel.len != n && json_getn(j, object, camel.p, camel.len) >= 0)
			r = err_set(e, ERR_DATA, "%s is given twice", camel.p);
	}
	buf_release(&camel);
	buf_release(&scratch);
	return r;
}

static int
is_native(const struct format *f, const struct json *j, struct err *e)
{
	const char *const *anew = strcmp(f->name, "anthropic") == 0 ? anthropic_anew
	    : strcmp(f->name, "responses") == 0                     ? responses_anew
								    : NULL;

	for (; anew && *anew; anew++)
		if (json_path(j, 0, *anew) >= 0)
			return err_set(e, ERR_DATA, "%s is OpenRouter's", *anew);
	if (strcmp(f->name, "gemini") != 0)
		return 0;
	return is_spelt_twice(j, 0, e) || is_spelt_twice(j, json_get(j, 0, "generationConfig"), e) ||
	    is_spelt_twice(j, json_get(j, 0, "generation_config"), e);
}

int
splice_request(const struct splice_own *own, const char *model, int cache, struct buf *out, struct err *e)
{
	const struct format *f = find(own->format);
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	int r = json_parse(&j, own->body, own->n, e) || is_native(f, &j, e) ? -1 : 0;

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours) && !r; i++)
		if (json_get(&j, 0, ours[i]) >= 0)
			jsonedit_unset(&edits, ours[i]);
	if (own->limit > 0)
		set_limit(f, &j, own->limit, &edits);
	if (f->names_model)
		jsonedit_set_str(&edits, "model", model);
	if (strcmp(f->name, "responses") == 0)
		jsonedit_set(&edits, "store", "false", strlen("false")); /* nothing of it could be found again */
	if (!r && cache)
		r = ask_for_cache(own, &edits, e);
	if (!r)
		r = jsonedit_write(&edits, &j, out, e);
	jsonedit_release(&edits);
	json_release(&j);
	return r;
}

/* ── answers ── */

/* The event's end is the empty line behind it. */
static int
ends_event(struct splice_units *u, char c)
{
	int second = c == '\n' && u->was_cr; /* of a line end that counts once */

	u->was_cr = c == '\r';
	if (second)
		return 0;
	if (c != '\n' && c != '\r') {
		u->in_line = 1;
		return 0;
	}
	int empty = !u->in_line;
	u->in_line = 0;
	return empty;
}

static int
ends_frame(const struct splice_units *u)
{
	const unsigned char *p = (const unsigned char *)u->unit.p;
	size_t n = u->unit.len;

	return n >= 4 && n >= ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
}

static size_t
feed_frame(struct splice_units *u, const char *p, size_t n, int *whole)
{
	size_t used = 0;

	while (used < n && !*whole) {
		const unsigned char *h = (const unsigned char *)u->unit.p;
		size_t more = 1;
		if (u->unit.len >= 4) {
			size_t all = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
			more = all > u->unit.len ? all - u->unit.len : 1;
		}
		more = more < n - used ? more : n - used;
		buf_add(&u->unit, p + used, more);
		used += more;
		*whole = ends_frame(u);
	}
	return used;
}

size_t
splice_feed(struct splice_units *u, const char *p, size_t n, int *whole)
{
	size_t used = 0;

	*whole = 0;
	if (u->framing == WIRE_FRAMES)
		return feed_frame(u, p, n, whole);
	while (used < n && !*whole) {
		char c = p[used++];
		*whole = u->framing == WIRE_VALUES ? c == '\n' : ends_event(u, c);
	}
	buf_add(&u->unit, p, used);
	return used;
}

int
splice_is_end(const char *format, const char *unit, size_t n)
{
	const struct format *f = find(format);

	for (size_t i = 0; i < sizeof(f->end) / sizeof(*f->end) && f->end[i]; i++)
		if (has(unit, n, f->end[i]))
			return 1;
	return 0;
}

/* A JSON text with the cost; -1: it isn't for one. */
static int
put_cost(const char *p, size_t n, const char *at, const char *cost, struct buf *out)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json j = JSON_INIT;
	struct buf path = BUF_INIT;
	struct err e;
	int r = json_parse(&j, p, n, &e), usage = r ? -1 : json_path(&j, 0, at);

	if (json_type(&j, 0) != JSON_OBJECT || usage < 0 || json_type(&j, usage) != JSON_OBJECT ||
	    json_get(&j, usage, "cost") >= 0)
		r = -1;
	if (!r) {
		buf_addf(&path, "%s.cost", at);
		jsonedit_set(&edits, path.p, cost, strlen(cost));
		r = jsonedit_write(&edits, &j, out, &e);
	}
	jsonedit_release(&edits);
	json_release(&j);
	buf_release(&path);
	return r;
}

/* The JSON of an event: its only data line. n 0: it has none, or several. */
static const char *
data_of(const char *p, size_t n, size_t *len)
{
	const char *data = NULL, *end = p + n;

	*len = 0;
	for (const char *line = p; line < end;) {
		const char *stop = line;
		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (stop - line > 5 && memcmp(line, "data:", 5) == 0) {
			if (data)
				return NULL;
			data = line + 5;
			*len = (size_t)(stop - data);
		}
		line = stop + 1;
	}
	return data;
}

void
splice_cost(const char *format, const char *p, size_t n, const char *cost, struct buf *out)
{
	const struct format *f = find(format);
	size_t len = n, from = out->len;
	const char *data = p;
	int is_whole = n && (*p == '{' || *p == ' ' || *p == '\n');

	if (!is_whole)
		data = data_of(p, n, &len);
	while (data && len && strchr(" \t\r\n", *data)) {
		data++;
		len--;
	}
	while (data && len && strchr(" \t\r\n", data[len - 1]))
		len--;
	if (data)
		buf_add(out, p, (size_t)(data - p));
	if (!cost || !data || !f->usage[!is_whole] || put_cost(data, len, f->usage[!is_whole], cost, out)) {
		out->len = from;
		buf_add(out, p, n);
		return;
	}
	buf_add(out, data + len, n - (size_t)(data + len - p));
}
