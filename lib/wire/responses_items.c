/* SPDX-License-Identifier: ISC */
/* The output items of an answer to events. What came in deltas is repeated when its part, its item and the answer end. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/decoder.h"
#include "wire/responses.h"

#define MAX_ITEMS 4096         /* output items of one answer */
#define MAX_HELD (1024 * 1024) /* bytes of their ids */

struct responses_state *
responses_state(struct decoder *d)
{
	if (!d->own)
		d->own = xcalloc(1, sizeof(struct responses_state));
	return d->own;
}

void
responses_release(struct decoder *d)
{
	struct responses_state *o = d->own;

	if (!o)
		return;
	for (size_t i = 0; i < o->n_item; i++) {
		free(o->item[i].id);
		free(o->item[i].format);
	}
	free(o->item);
	buf_release(&o->scratch);
	buf_release(&o->raw);
	free(o);
	d->own = NULL;
}

/* The index decides: Copilot gives an item another id in each event. */
static int
is_item(const struct json *j, const struct responses_item *it, int64_t at, int id)
{
	if (at >= 0)
		return it->at == at;
	return id < 0 || (it->id && json_eq(j, id, it->id));
}

struct responses_item *
responses_item_new(struct decoder *d, int64_t at)
{
	struct responses_state *o = responses_state(d);
	struct err e = {0};

	if (o->n_item >= MAX_ITEMS || o->held_bytes > MAX_HELD) {
		err_set(&e, ERR_PROTOCOL, "the answer has too many output items");
		decoder_fail(d, &e, NULL, 0);
		return NULL;
	}
	o->item = mem_grow(o->item, o->n_item, &o->cap_item, sizeof(*o->item));
	o->last = o->n_item++;
	o->item[o->last] = (struct responses_item){.at = at, .call = -1, .detail = -1};
	return o->item + o->last;
}

struct responses_item *
responses_item(struct decoder *d, const struct json *j, int at_node, int id)
{
	struct responses_state *o = responses_state(d);
	int64_t at = -1;

	if (json_int(j, at_node, &at) || at < 0)
		at = -1;
	if (o->last < o->n_item && is_item(j, o->item + o->last, at, id))
		return o->item + o->last;
	for (size_t i = o->n_item; i-- > 0;)
		if (is_item(j, o->item + i, at, id)) {
			o->last = i;
			return o->item + i;
		}
	return responses_item_new(d, at);
}

int
responses_id_is(const char *id, const char *head)
{
	return id && strncmp(id, head, strlen(head)) == 0;
}

int
responses_mark(uint64_t *given, int part)
{
	uint64_t bit = (uint64_t)1 << (part < 0 ? 0 : part > 63 ? 63 : part);

	if (*given & bit)
		return 0;
	*given |= bit;
	return 1;
}

int
responses_text(struct decoder *d, const struct json *j, int node, int refusal)
{
	struct event ev = {.type = EVENT_TEXT, .refusal = refusal};

	ev.s = json_view(j, node, &responses_state(d)->scratch, &ev.n);
	return ev.s && ev.n ? decoder_emit(d, &ev) : 0;
}

static int
begin_call(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	struct event ev = {.type = EVENT_TOOL_BEGIN, .index = it->call};
	int call_id = json_get(j, item, "call_id");
	char *name = json_dup(j, json_get(j, item, "name"), NULL);

	if (it->call >= 0 || !name || !*name) {
		free(name);
		return 0;
	}
	it->call = ev.index = responses_state(d)->n_call++;
	char *id = json_dup(j, json_type(j, call_id) == JSON_STRING ? call_id : json_get(j, item, "id"), NULL);
	ev.id = id && *id ? id : NULL;
	ev.name = name;
	int r = decoder_emit(d, &ev);
	free(name);
	free(id);
	return r;
}

int
responses_args(struct decoder *d, const struct json *j, int node, struct responses_item *it)
{
	struct event ev = {.type = EVENT_TOOL_ARGS, .index = it->call};
	enum json_type t = json_type(j, node);

	if (t == JSON_STRING)
		ev.s = json_view(j, node, &responses_state(d)->scratch, &ev.n);
	else if (t == JSON_OBJECT)
		ev.s = json_raw(j, node, &ev.n);
	if (it->call < 0 || it->ended || !ev.n)
		return 0;
	it->has_args = 1;
	return decoder_emit(d, &ev);
}

static int
end_call(struct decoder *d, struct responses_item *it)
{
	struct event ev = {.type = EVENT_TOOL_END, .index = it->call};

	if (it->call < 0 || it->ended)
		return 0;
	it->ended = 1;
	return decoder_emit(d, &ev);
}

int
responses_end_calls(struct decoder *d)
{
	struct responses_state *o = responses_state(d);
	int r = 0;

	for (size_t i = 0; i < o->n_item && !r; i++)
		r = end_call(d, o->item + i);
	return r;
}

/* A custom tool's input is any text. */
static int
whole_call(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	int args = json_get(j, item, "arguments"), r = begin_call(d, j, item, it);

	if (!r && !it->has_args)
		r = responses_args(d, j, args >= 0 ? args : json_get(j, item, "input"), it);
	return r ? r : end_call(d, it);
}

/* A reasoning detail: the next one, or a piece of that in hand. Its first piece says whose it is. */
static int
detail(struct decoder *d, const struct json *j, int value, struct responses_item *it, const char *type, const char *key,
    int part)
{
	struct responses_state *o = responses_state(d);
	struct event ev = {.type = EVENT_REASONING};
	int is_new = it->detail < 0 || it->detail_part != part || strcmp(it->detail_type, type) != 0;
	struct jsonw w;

	if (is_new)
		it->detail = o->n_detail++;
	it->detail_type = type;
	it->detail_part = part;
	buf_clear(&o->raw);
	jsonw_init(&w, &o->raw);
	jsonw_object(&w);
	jsonw_member_if(&w, "type", type);
	if (is_new && strcmp(key, "signature") == 0) /* of a text that isn't shown */
		jsonw_member_if(&w, "text", "");
	jsoncopy_known(&w, key, j, value);
	if (is_new && !responses_id_is(it->id, RESPONSES_MADE))
		jsonw_member_if(&w, "id", it->id);
	if (!it->format || *it->format)
		jsonw_member_if(&w, "format", it->format ? it->format : RESPONSES_FORMAT);
	jsonw_key(&w, "index");
	jsonw_int(&w, it->detail);
	jsonw_end_object(&w);
	if (!responses_id_is(it->id, RESPONSES_PLAIN)) {
		ev.raw = o->raw.p;
		ev.raw_len = o->raw.len;
	}
	if (strcmp(key, "data") != 0 && strcmp(key, "signature") != 0)
		ev.s = json_view(j, value, &o->scratch, &ev.n);
	return ev.raw || ev.n ? decoder_emit(d, &ev) : 0;
}

int
responses_thought(
    struct decoder *d, const struct json *j, int text, struct responses_item *it, const char *type, int part)
{
	int summary = strcmp(type, "reasoning.summary") == 0;

	if (json_type(j, text) != JSON_STRING || json_eq(j, text, ""))
		return 0;
	responses_mark(summary ? &it->summaries : &it->parts, part);
	return detail(d, j, text, it, type, summary ? "summary" : "text", part);
}

static int
has_text(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING && !json_eq(j, node, "");
}

/* The parts of a list, where none was given. */
static int
thoughts(struct decoder *d, const struct json *j, int list, struct responses_item *it, const char *type)
{
	int i = 0, r = 0;

	if (json_type(j, list) != JSON_ARRAY || (strcmp(type, "reasoning.summary") == 0 ? it->summaries : it->parts))
		return 0;
	for (int p = json_child(j, list); p >= 0 && !r; p = json_next(j, list, p))
		r = responses_thought(d, j, json_get(j, p, "text"), it, type, i++);
	return r;
}

static void
learn(struct decoder *d, const struct json *j, int node, char **to)
{
	if (!has_text(j, node))
		return;
	free(*to);
	*to = json_dup(j, node, NULL);
	responses_state(d)->held_bytes += strlen(*to);
}

/* OpenAI's may be incomplete before the item is, so that only the last one counts. OpenRouter puts another provider's signature beside it. */
static int
whole_reasoning(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	int encrypted = json_get(j, item, "encrypted_content"), signature = json_get(j, item, "signature");
	int r = thoughts(d, j, json_get(j, item, "summary"), it, "reasoning.summary");

	if (!r)
		r = thoughts(d, j, json_get(j, item, "content"), it, "reasoning.text");
	if (!r && has_text(j, signature))
		r = detail(d, j, signature, it, "reasoning.text", "signature", it->detail_part);
	learn(d, j, json_get(j, item, RESPONSES_BOUND), &it->id);
	if (!r && has_text(j, encrypted))
		r = detail(d, j, encrypted, it, "reasoning.encrypted", "data", 0);
	return r;
}

int
responses_annotation(struct decoder *d, const struct json *j, int node, struct responses_item *it)
{
	struct responses_state *o = responses_state(d);
	struct event ev = {.type = EVENT_ANNOTATION};
	struct jsonw w;

	buf_clear(&o->raw);
	jsonw_init(&w, &o->raw);
	if (!responses_note_nest(&w, j, node))
		return 0;
	it->n_annotations++;
	ev.raw = o->raw.p;
	ev.raw_len = o->raw.len;
	return decoder_emit(d, &ev);
}

int
responses_logprobs(struct decoder *d, const struct json *j, int list, struct responses_item *it)
{
	struct responses_state *o = responses_state(d);
	struct event ev = {.type = EVENT_LOGPROBS};
	struct jsonw w;

	if (json_type(j, list) != JSON_ARRAY || json_count(j, list) == 0)
		return 0;
	it->has_logprobs = 1;
	buf_clear(&o->raw);
	jsonw_init(&w, &o->raw);
	jsonw_object(&w);
	jsoncopy_known(&w, "content", j, list);
	jsonw_end_object(&w);
	ev.raw = o->raw.p;
	ev.raw_len = o->raw.len;
	return decoder_emit(d, &ev);
}

static int
annotations(struct decoder *d, const struct json *j, int list, struct responses_item *it)
{
	int r = 0;

	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int a = json_child(j, list); a >= 0 && !r; a = json_next(j, list, a))
		r = responses_annotation(d, j, a, it);
	return r;
}

/* Bedrock counts the parts otherwise in deltas than in the item: what was given of the item is not looked for part by part. */
static int
whole_message(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	int list = json_get(j, item, "content"), r = 0;
	int talks = !it->parts, cites = !it->n_annotations, counts = !it->has_logprobs;

	it->parts |= 1;
	if (json_type(j, list) == JSON_STRING)
		return talks ? responses_text(d, j, list, 0) : 0;
	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int p = json_child(j, list); p >= 0 && !r; p = json_next(j, list, p)) {
		int refusal = json_get(j, p, "refusal");
		if (talks)
			r = responses_text(d, j, refusal >= 0 ? refusal : json_get(j, p, "text"), refusal >= 0);
		if (!r && counts)
			r = responses_logprobs(d, j, json_get(j, p, "logprobs"), it);
		if (!r && cites)
			r = annotations(d, j, json_get(j, p, "annotations"), it);
	}
	return r;
}

void
responses_image_url(const struct json *j, int result, int format, struct blobs *blobs, struct jsonw *w)
{
	struct buf mime = BUF_INIT;
	size_t n, len;
	const char *raw = json_raw(j, result, &n), *word = json_raw(j, format, &len);
	int is_url = (n > 6 && memcmp(raw + 1, "data:", 5) == 0) || (n > 6 && memcmp(raw + 1, "http", 4) == 0);

	if (is_url) {
		jsonw_raw(w, raw, n);
		return;
	}
	buf_adds(&mime, "image/");
	buf_add(&mime, has_text(j, format) ? word + 1 : "png", has_text(j, format) ? len - 2 : 3);
	canon_write_data(w, blobs, mime.p, mime.len, raw + 1, n - 2);
	buf_release(&mime);
}

/* A picture that the provider made. */
static int
whole_image(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	struct responses_state *o = responses_state(d);
	struct event ev = {.type = EVENT_MEDIA, .name = "image"};
	int result = json_get(j, item, "result");
	struct jsonw w;

	if (!has_text(j, result) || !responses_mark(&it->parts, 0))
		return 0;
	buf_clear(&o->raw);
	jsonw_init(&w, &o->raw);
	jsonw_object(&w);
	jsonw_member_if(&w, "type", "image_url");
	jsonw_key(&w, "image_url");
	jsonw_object(&w);
	jsonw_key(&w, "url");
	responses_image_url(j, result, json_get(j, item, "output_format"), NULL, &w);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	ev.raw = o->raw.p;
	ev.raw_len = o->raw.len;
	return decoder_emit(d, &ev);
}

/* Not said is OpenAI's, null is none. */
static void
learn_format(struct decoder *d, const struct json *j, int node, struct responses_item *it)
{
	if (json_type(j, node) == JSON_NULL && !it->format)
		it->format = xstrdup("");
	else
		learn(d, j, node, &it->format);
}

int
responses_item_begin(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	static const struct {
		const char *type;
		enum responses_kind kind;
	} kinds[] = {{"message", RESPONSES_MESSAGE}, {"reasoning", RESPONSES_REASONING},
	    {"function_call", RESPONSES_CALL}, {"custom_tool_call", RESPONSES_CALL}};
	int type = json_get(j, item, "type");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (json_eq(j, type, kinds[i].type))
			it->kind = kinds[i].kind;
	learn(d, j, json_get(j, item, "id"),
	    &it->id); /* the last one counts: Copilot's are bound to the content beside them */
	if (it->kind == RESPONSES_REASONING)
		learn_format(d, j, json_get(j, item, "format"), it);
	return it->kind == RESPONSES_CALL ? begin_call(d, j, item, it) : 0;
}

int
responses_item_end(struct decoder *d, const struct json *j, int item, struct responses_item *it)
{
	int r = responses_item_begin(d, j, item, it);

	if (r)
		return r;
	if (it->kind == RESPONSES_MESSAGE)
		return whole_message(d, j, item, it);
	if (it->kind == RESPONSES_REASONING)
		return whole_reasoning(d, j, item, it);
	if (it->kind == RESPONSES_CALL)
		return whole_call(d, j, item, it);
	return json_eq(j, json_get(j, item, "type"), "image_generation_call") ? whole_image(d, j, item, it) : 0;
}
