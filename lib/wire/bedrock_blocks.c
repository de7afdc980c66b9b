/* SPDX-License-Identifier: ISC */
/* Blocks of content, streamed and whole, to canonical events. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/bedrock.h"
#include "wire/bedrock_state.h"
#include "wire/decoder.h"
#include "wire/members.h"

#define MAX_CALLS 1024 /* of one answer */

static int
text(struct decoder *d, const struct json *j, int node)
{
	struct event ev = {.type = EVENT_TEXT};

	ev.s = json_view(j, node, &bedrock_state(d)->scratch, &ev.n);
	return ev.n ? decoder_emit(d, &ev) : 0;
}

static int
emit_made(struct decoder *d, struct event *ev)
{
	struct bedrock_state *b = bedrock_state(d);

	ev->raw = b->made.p;
	ev->raw_len = b->made.len;
	return decoder_emit(d, ev);
}

static void
open_made(struct decoder *d, struct jsonw *w, const char *type)
{
	struct bedrock_state *b = bedrock_state(d);

	buf_clear(&b->made);
	jsonw_init(w, &b->made);
	jsonw_object(w);
	jsonw_key(w, "type");
	jsonw_str(w, type);
}

static void
close_detail(struct jsonw *w, const char *format, int64_t index)
{
	if (format) {
		jsonw_key(w, "format");
		jsonw_str(w, format);
	}
	jsonw_key(w, "index");
	jsonw_int(w, index);
	jsonw_end_object(w);
}

static int
is_text(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING && !json_eq(j, node, "");
}

/* Only a signature tells whose thoughts they are. */
static int
thought(struct decoder *d, const struct json *j, int words, int signature, int64_t index)
{
	struct event ev = {.type = EVENT_REASONING};
	struct jsonw w;

	if (!is_text(j, words) && !is_text(j, signature))
		return 0;
	open_made(d, &w, "reasoning.text");
	jsoncopy_known(&w, "text", j, words);
	jsoncopy_known(&w, "signature", j, signature);
	close_detail(&w, is_text(j, signature) ? BEDROCK_SIGNED : NULL, index);
	ev.s = json_view(j, words, &bedrock_state(d)->scratch, &ev.n);
	return emit_made(d, &ev);
}

static int
redacted(struct decoder *d, const struct json *j, int data, int64_t index)
{
	struct event ev = {.type = EVENT_REASONING};
	struct buf *text = &bedrock_state(d)->scratch;
	struct jsonw w;

	if (!is_text(j, data))
		return 0;
	buf_clear(text);
	int opened = bedrock_opened(j, data, text);
	open_made(d, &w, "reasoning.encrypted");
	if (opened) {
		jsonw_key(&w, "data");
		jsonw_strn(&w, text->p, text->len);
	} else {
		jsoncopy_known(&w, "data", j, data);
	}
	close_detail(&w, opened ? BEDROCK_SIGNED : BEDROCK_ENCRYPTED, index);
	return emit_made(d, &ev);
}

/* What was cited, in one string. */
static void
source_text(struct jsonw *w, const struct json *j, int list, struct buf *scratch)
{
	buf_clear(scratch);
	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i))
		json_str(j, json_get(j, i, "text"), scratch);
	if (!scratch->len)
		return;
	jsonw_key(w, "content");
	jsonw_strn(w, scratch->p, scratch->len);
}

/* A page of the web, a search result that the client gave (its source may be a URL), or a passage of a document. */
static int
citation(struct decoder *d, const struct json *j, int c)
{
	struct event ev = {.type = EVENT_ANNOTATION};
	int location = json_get(j, c, "location"), url = json_path(j, location, "web.url");
	struct jsonw w;

	if (json_type(j, c) != JSON_OBJECT)
		return 0;
	if (url < 0 && json_get(j, location, "searchResultLocation") >= 0)
		url = json_get(j, c, "source");
	const char *type = json_type(j, url) == JSON_STRING ? "url_citation" : "file_citation";
	open_made(d, &w, type);
	jsonw_key(&w, type);
	jsonw_object(&w);
	jsoncopy_known(&w, "url", j, url);
	jsoncopy_known(&w, *type == 'u' ? "title" : "filename", j, json_get(j, c, "title"));
	if (*type == 'f' && json_count(j, location) == 1)
		jsoncopy_known(&w, "index", j, json_get(j, json_value(j, json_child(j, location)), "documentIndex"));
	source_text(&w, j, json_get(j, c, "sourceContent"), &bedrock_state(d)->scratch);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return emit_made(d, &ev);
}

/* source: {bytes}; one that lies in S3 can't be shown. */
static int
image(struct decoder *d, const struct json *j, const char *format, int source)
{
	struct event ev = {.type = EVENT_MEDIA, .name = "image"};
	const char *mime = format ? bedrock_mime(BEDROCK_IMAGE, format) : NULL;
	int bytes = json_get(j, source, "bytes");
	struct jsonw w;
	size_t n;

	if (!is_text(j, bytes))
		return 0;
	const char *raw = json_raw(j, bytes, &n);
	open_made(d, &w, "image_url");
	jsonw_key(&w, "image_url");
	jsonw_object(&w);
	jsonw_key(&w, "url");
	buf_addf(w.b, "\"data:%s;base64,", mime ? mime : "image/png");
	buf_add(w.b, raw + 1, n - 1); /* its last quote closes ours */
	w.comma = 1;
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return emit_made(d, &ev);
}

static int
begin_call(struct decoder *d, const struct json *j, int use, int *number)
{
	struct bedrock_state *b = bedrock_state(d);
	char *id = json_dup(j, json_get(j, use, "toolUseId"), NULL),
	     *name = json_dup(j, json_get(j, use, "name"), NULL);
	struct event ev = {.type = EVENT_TOOL_BEGIN, .index = b->n_call, .id = id, .name = name ? name : ""};

	*number = b->n_call;
	int r = b->n_call++ < MAX_CALLS ? decoder_emit(d, &ev) : bedrock_garbled(d, "too many calls of tools");
	free(id);
	free(name);
	return r;
}

static int
args(struct decoder *d, int number, const char *s, size_t n)
{
	struct event ev = {.type = EVENT_TOOL_ARGS, .index = number, .s = s, .n = n};

	return n ? decoder_emit(d, &ev) : 0;
}

static int
end_call(struct decoder *d, int number)
{
	struct event ev = {.type = EVENT_TOOL_END, .index = number};

	return decoder_emit(d, &ev);
}

/* Does it go to the client? Nova's code interpreter runs at Amazon. */
static int
is_ours(const struct json *j, int use)
{
	return json_type(j, use) == JSON_OBJECT && !json_eq(j, json_get(j, use, "type"), "server_tool_use");
}

static struct bedrock_block *
find_block(struct bedrock_state *b, int64_t index)
{
	for (size_t i = 0; i < b->n_block; i++)
		if (b->block[i].index == index)
			return b->block + i;
	return NULL;
}

int
bedrock_begin_block(struct decoder *d, const struct json *j, int start, int64_t index)
{
	struct bedrock_state *b = bedrock_state(d);
	int use = json_get(j, start, "toolUse");
	int r = find_block(b, index) ? bedrock_end_block(d, index) : 0;

	if (r)
		return r;
	if (b->n_block == BEDROCK_MAX_OPEN)
		return bedrock_garbled(d, "too many blocks at a time");
	struct bedrock_block *to = b->block + b->n_block++;
	*to = (struct bedrock_block){.index = index, .kind = BEDROCK_PLAIN};
	to->image = json_dup(j, json_path(j, start, "image.format"), NULL);
	if (is_ours(j, use))
		to->kind = BEDROCK_CALL;
	else if (use >= 0 || json_get(j, start, "toolResult") >= 0)
		to->kind = BEDROCK_SKIPPED;
	return to->kind == BEDROCK_CALL ? begin_call(d, j, use, &to->call) : 0;
}

/* A block of text has no start of its own. */
int
bedrock_delta(struct decoder *d, const struct json *j, int delta, int64_t index)
{
	enum { TEXT, USE, REASONING, CITATION, IMAGE, N };
	static const struct member names[N] = {
	    MEMBER("text"), MEMBER("toolUse"), MEMBER("reasoningContent"), MEMBER("citation"), MEMBER("image")};
	struct bedrock_state *b = bedrock_state(d);
	struct bedrock_block *at = find_block(b, index);
	int m[N], r = 0;

	if (at && at->kind == BEDROCK_SKIPPED)
		return 0;
	members_find(j, delta, names, N, m);
	if (m[TEXT] >= 0)
		r = text(d, j, m[TEXT]);
	if (!r && m[USE] >= 0 && at && at->kind == BEDROCK_CALL) {
		size_t n = 0;
		const char *s = json_view(j, json_get(j, m[USE], "input"), &b->scratch, &n);
		at->has_args |= n > 0;
		r = args(d, at->call, s, n);
	}
	if (!r && m[REASONING] >= 0)
		r = thought(d, j, json_get(j, m[REASONING], "text"), json_get(j, m[REASONING], "signature"), index);
	if (!r && m[REASONING] >= 0)
		r = redacted(d, j, json_get(j, m[REASONING], "redactedContent"), index);
	if (!r && m[CITATION] >= 0)
		r = citation(d, j, m[CITATION]);
	return r || m[IMAGE] < 0 ? r : image(d, j, at ? at->image : NULL, json_get(j, m[IMAGE], "source"));
}

/* A tool without parameters may be called with no input at all. */
static int
end_block(struct decoder *d, struct bedrock_block *at)
{
	struct bedrock_state *b = bedrock_state(d);
	int r = at->kind == BEDROCK_CALL && !at->has_args ? args(d, at->call, "{}", 2) : 0;

	if (!r && at->kind == BEDROCK_CALL)
		r = end_call(d, at->call);
	free(at->image);
	*at = b->block[--b->n_block];
	return r;
}

int
bedrock_end_block(struct decoder *d, int64_t index)
{
	struct bedrock_block *at = find_block(bedrock_state(d), index);

	return at ? end_block(d, at) : 0;
}

int
bedrock_end_blocks(struct decoder *d)
{
	struct bedrock_state *b = bedrock_state(d);
	int r = 0;

	while (b->n_block && !r)
		r = end_block(d, b->block);
	return r;
}

static int
whole_call(struct decoder *d, const struct json *j, int use)
{
	int number, input = json_get(j, use, "input");
	size_t n = 0;

	if (!is_ours(j, use))
		return 0;
	int r = begin_call(d, j, use, &number);
	const char *raw = json_raw(j, input, &n);
	if (!r)
		r = json_type(j, input) == JSON_OBJECT ? args(d, number, raw, n) : args(d, number, "{}", 2);
	return r ? r : end_call(d, number);
}

/* Text with the passages that it rests on. */
static int
cited(struct decoder *d, const struct json *j, int node)
{
	int list = json_get(j, node, "citations"), content = json_get(j, node, "content"), r = 0;

	for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i))
		r = citation(d, j, i);
	for (int i = json_child(j, content); i >= 0 && !r; i = json_next(j, content, i))
		r = text(d, j, json_get(j, i, "text"));
	return r;
}

int
bedrock_whole_block(struct decoder *d, const struct json *j, int block, int64_t index)
{
	enum { TEXT, USE, REASONING, CITED, IMAGE, N };
	static const struct member names[N] = {
	    MEMBER("text"), MEMBER("toolUse"), MEMBER("reasoningContent"), MEMBER("citationsContent"), MEMBER("image")};
	int m[N], r;

	members_find(j, block, names, N, m);
	r = text(d, j, m[TEXT]);
	if (!r)
		r = whole_call(d, j, m[USE]);
	if (!r && m[REASONING] >= 0) {
		int said = json_get(j, m[REASONING], "reasoningText");
		r = thought(d, j, json_get(j, said, "text"), json_get(j, said, "signature"), index);
	}
	if (!r && m[REASONING] >= 0)
		r = redacted(d, j, json_get(j, m[REASONING], "redactedContent"), index);
	if (!r && m[CITED] >= 0)
		r = cited(d, j, m[CITED]);
	if (!r && m[IMAGE] >= 0) {
		char *format = json_dup(j, json_get(j, m[IMAGE], "format"), NULL);
		r = image(d, j, format, json_get(j, m[IMAGE], "source"));
		free(format);
	}
	return r;
}
