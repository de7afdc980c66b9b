/* SPDX-License-Identifier: ISC */
/* Blocks of content, streamed and whole, to canonical events. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/anthropic.h"
#include "wire/anthropic_state.h"
#include "wire/decoder.h"
#include "wire/members.h"

#define MAX_CALLS 1024              /* of one answer */
#define MAX_HELD (16 * 1024 * 1024) /* bytes of inputs that wait for their blocks' ends */

static int
text(struct decoder *d, const struct json *j, int node)
{
	struct event ev = {.type = EVENT_TEXT};

	ev.s = json_view(j, node, &anthropic_state(d)->scratch, &ev.n);
	return ev.n ? decoder_emit(d, &ev) : 0;
}

/* A reasoning detail, or a piece of one, whose member `key` is this string. Written by hand: a stream has thousands. */
static int
detail(struct decoder *d, const struct json *j, const char *type_and_key, int node, struct event ev, int64_t index)
{
	struct buf *b = &anthropic_state(d)->made;
	struct jsonw w;
	size_t n;
	const char *raw = json_raw(j, node, &n);

	buf_clear(b);
	buf_adds(b, type_and_key);
	buf_add(b, raw, n);
	buf_adds(b, ",\"format\":\"" ANTHROPIC_REASONING "\",\"index\":");
	jsonw_init(&w, b);
	jsonw_int(&w, index);
	buf_addc(b, '}');
	ev.raw = b->p;
	ev.raw_len = b->len;
	return decoder_emit(d, &ev);
}

static int
thinking(struct decoder *d, const struct json *j, int node, int64_t index)
{
	struct event ev = {.type = EVENT_REASONING};

	ev.s = json_view(j, node, &anthropic_state(d)->scratch, &ev.n);
	return ev.n ? detail(d, j, "{\"type\":\"reasoning.text\",\"text\":", node, ev, index) : 0;
}

static int
signature(struct decoder *d, const struct json *j, int node, int64_t index)
{
	const struct event ev = {.type = EVENT_REASONING};

	if (json_type(j, node) != JSON_STRING || json_eq(j, node, ""))
		return 0;
	return detail(d, j, "{\"type\":\"reasoning.text\",\"signature\":", node, ev, index);
}

static int
redacted(struct decoder *d, const struct json *j, int data, int64_t index)
{
	struct event ev = {.type = EVENT_REASONING};
	struct buf *b = &anthropic_state(d)->made;

	if (json_type(j, data) != JSON_STRING)
		return 0;
	if (anthropic_unwrap(j, data, b)) {
		ev.raw = b->p;
		ev.raw_len = b->len;
		return decoder_emit(d, &ev);
	}
	return detail(d, j, "{\"type\":\"reasoning.encrypted\",\"data\":", data, ev, index);
}

/* A page of the web (or a search result that the client gave, whose source may be one) or a passage of a document. */
static int
citation(struct decoder *d, const struct json *j, int c)
{
	struct anthropic_state *a = anthropic_state(d);
	int url = json_get(j, c, "url");
	struct jsonw w;

	if (json_type(j, url) != JSON_STRING)
		url = json_get(j, c, "source");
	const char *type = json_type(j, url) == JSON_STRING ? "url_citation" : "file_citation";
	buf_clear(&a->made);
	jsonw_init(&w, &a->made);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, type);
	jsonw_key(&w, type);
	jsonw_object(&w);
	if (*type == 'u') {
		jsoncopy_known(&w, "url", j, url);
		jsoncopy_known(&w, "title", j, json_get(j, c, "title"));
	} else {
		jsoncopy_known(&w, "file_id", j, json_get(j, c, "file_id"));
		jsoncopy_known(&w, "filename", j, json_get(j, c, "document_title"));
		jsoncopy_known(&w, "index", j, json_get(j, c, "document_index"));
	}
	if (!json_eq(j, json_get(j, c, "cited_text"), ""))
		jsoncopy_known(&w, "content", j, json_get(j, c, "cited_text"));
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	struct event ev = {.type = EVENT_ANNOTATION, .raw = a->made.p, .raw_len = a->made.len};
	return json_type(j, c) == JSON_OBJECT ? decoder_emit(d, &ev) : 0;
}

static int
begin_call(struct decoder *d, const struct json *j, int node, int *number)
{
	struct anthropic_state *a = anthropic_state(d);
	char *id = anthropic_word(j, json_get(j, node, "id")), *name = anthropic_word(j, json_get(j, node, "name"));
	struct event ev = {.type = EVENT_TOOL_BEGIN, .index = a->n_call, .id = id, .name = name ? name : ""};
	int r;

	*number = a->n_call;
	if (a->n_call == MAX_CALLS)
		r = anthropic_fail(d, "too many calls of tools");
	else
		r = decoder_emit(d, &ev);
	a->n_call++;
	free(id);
	free(name);
	return r;
}

static int
args(struct decoder *d, int number, const char *s, size_t n)
{
	struct event ev = {.type = EVENT_TOOL_ARGS, .index = number, .s = s, .n = n};

	return decoder_emit(d, &ev);
}

/* A tool without parameters is called with no input at all. */
static int
end_call(struct decoder *d, int number, const char *input, size_t n, int has_args)
{
	struct event ev = {.type = EVENT_TOOL_END, .index = number};
	int r = has_args ? 0 : args(d, number, n ? input : "{}", n ? n : 2);

	return r ? r : decoder_emit(d, &ev);
}

static int
end_block(struct decoder *d, struct anthropic_block *b)
{
	struct anthropic_state *a = anthropic_state(d);
	int r = b->kind == ANTHROPIC_TOOL ? end_call(d, b->call, b->input.p, b->input.len, b->has_args) : 0;

	a->held_bytes -= b->input.len;
	buf_release(&b->input);
	*b = a->block[--a->n_block];
	return r;
}

static struct anthropic_block *
find_block(struct anthropic_state *a, int64_t index)
{
	for (size_t i = 0; i < a->n_block; i++)
		if (a->block[i].index == index)
			return a->block + i;
	return NULL;
}

static int
begin_tool(struct decoder *d, const struct json *j, int node, struct anthropic_block *b)
{
	struct anthropic_state *a = anthropic_state(d);
	int input = json_get(j, node, "input");
	size_t n;

	if (json_count(j, input)) {
		const char *raw = json_raw(j, input, &n);
		if ((a->held_bytes += n) > MAX_HELD)
			return anthropic_fail(d, "too much input of tools");
		buf_add(&b->input, raw, n);
	}
	return begin_call(d, j, node, &b->call);
}

static enum anthropic_kind
kind_of(const struct json *j, int type)
{
	static const char *const words[] = {"text", "thinking", "tool_use"};

	for (int i = 0; i < 3; i++)
		if (json_eq(j, type, words[i]))
			return (enum anthropic_kind)i;
	return ANTHROPIC_OTHER;
}

/* What a block brings with it: all of a whole answer's, little of a stream's. */
static int
content(struct decoder *d, const struct json *j, int node, enum anthropic_kind kind, int64_t index)
{
	int type = json_get(j, node, "type"), list = json_get(j, node, "citations"), r = 0;

	if (kind == ANTHROPIC_TEXT) {
		r = text(d, j, json_get(j, node, "text"));
		for (int c = json_child(j, list); c >= 0 && !r && json_type(j, list) == JSON_ARRAY;
		     c = json_next(j, list, c))
			r = citation(d, j, c);
	} else if (kind == ANTHROPIC_THINKING) {
		r = thinking(d, j, json_get(j, node, "thinking"), index);
		if (!r)
			r = signature(d, j, json_get(j, node, "signature"), index);
	} else if (json_eq(j, type, "redacted_thinking")) {
		r = redacted(d, j, json_get(j, node, "data"), index);
	}
	return r;
}

int
anthropic_begin_block(struct decoder *d, const struct json *j, int node, int64_t index)
{
	struct anthropic_state *a = anthropic_state(d);
	enum anthropic_kind kind = kind_of(j, json_get(j, node, "type"));
	struct anthropic_block *open = find_block(a, index);
	int r = open ? end_block(d, open) : 0; /* its end is missing */

	if (a->n_block == ANTHROPIC_MAX_OPEN)
		return anthropic_fail(d, "too many blocks of content at a time");
	a->block = mem_grow(a->block, a->n_block, &a->cap_block, sizeof(*a->block));
	struct anthropic_block *b = a->block + a->n_block++;
	*b = (struct anthropic_block){.index = index, .kind = kind, .input = BUF_INIT};
	if (!r)
		r = kind == ANTHROPIC_TOOL ? begin_tool(d, j, node, b) : content(d, j, node, kind, index);
	return r;
}

/* A block whose beginning was not seen is what its delta says. */
int
anthropic_delta(struct decoder *d, const struct json *j, int node, int64_t index)
{
	enum { TYPE, TEXT, THINKING, JSON, SIGNATURE, CITATION, N };
	static const struct member names[N] = {MEMBER("type"), MEMBER("text"), MEMBER("thinking"),
	    MEMBER("partial_json"), MEMBER("signature"), MEMBER("citation")};
	struct anthropic_state *a = anthropic_state(d);
	struct anthropic_block *b = find_block(a, index);
	struct event ev = {0};
	int m[N];

	members_find(j, node, names, N, m);
	if (json_eq(j, m[TYPE], "text_delta") && (!b || b->kind == ANTHROPIC_TEXT)) {
		d->steady = 1;
		return text(d, j, m[TEXT]);
	}
	if (json_eq(j, m[TYPE], "input_json_delta") && b && b->kind == ANTHROPIC_TOOL) {
		ev.s = json_view(j, m[JSON], &a->scratch, &ev.n);
		d->steady = b->has_args;
		b->has_args |= ev.n > 0;
		return ev.n ? args(d, b->call, ev.s, ev.n) : 0;
	}
	if (json_eq(j, m[TYPE], "thinking_delta") && (!b || b->kind == ANTHROPIC_THINKING))
		return thinking(d, j, m[THINKING], index);
	if (json_eq(j, m[TYPE], "signature_delta") && (!b || b->kind == ANTHROPIC_THINKING))
		return signature(d, j, m[SIGNATURE], index);
	if (json_eq(j, m[TYPE], "citations_delta"))
		return citation(d, j, m[CITATION]);
	return 0;
}

int
anthropic_end_block(struct decoder *d, int64_t index)
{
	struct anthropic_block *b = find_block(anthropic_state(d), index);

	return b ? end_block(d, b) : 0;
}

int
anthropic_end_blocks(struct decoder *d)
{
	struct anthropic_state *a = anthropic_state(d);
	int r = 0;

	while (a->n_block && !r)
		r = end_block(d, a->block);
	return r;
}

int
anthropic_whole_block(struct decoder *d, const struct json *j, int node, int64_t index)
{
	enum anthropic_kind kind = kind_of(j, json_get(j, node, "type"));
	int input = json_get(j, node, "input"), number, r;
	size_t n;

	if (kind != ANTHROPIC_TOOL)
		return content(d, j, node, kind, index);
	r = begin_call(d, j, node, &number);
	const char *raw = json_raw(j, input, &n);
	return r ? r : end_call(d, number, raw, json_count(j, input) ? n : 0, 0);
}
