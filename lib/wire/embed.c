/* SPDX-License-Identifier: ISC */
#include "wire/embed.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "event.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "providers.h"
#include "vec.h"
#include "wire/bedrock.h"
#include "wire/cohere.h"
#include "wire/decoder.h"
#include "wire/gemini_state.h"
#include "wire/ollama.h"
#include "wire/openai.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

struct scan {
	struct vec_scan vec;
	size_t n_bytes;
};

static int
on_vector(void *arg, int64_t index, const float *v, size_t n_dims)
{
	struct decoder *d = arg;
	struct scan *s = d->own;
	struct event ev = {.type = EVENT_VECTOR, .s = (const char *)v, .n = n_dims * sizeof(*v)};
	struct err e = {0};

	ev.index = (int)index;
	s->n_bytes += ev.n;
	if (s->n_bytes <= WIRE_EMBED_MAX_BYTES)
		return decoder_emit(d, &ev);
	err_set(&e, ERR_PROTOCOL, "the answer's vectors have more than %d MiB", WIRE_EMBED_MAX_BYTES >> 20);
	return decoder_fail(d, &e, NULL, 0);
}

static int
fail(struct decoder *d, const struct err *e)
{
	return d->stopped ? d->stopped : decoder_fail(d, e, NULL, 0);
}

/* Counts of tokens lie in `usage`, or by names of their own. */
static void
take_usage(struct decoder *d)
{
	static const char *const paths[] = {"usage.total_tokens", "prompt_eval_count", "meta.billed_units.input_tokens",
	    "inputTextTokenCount", "usageMetadata.promptTokenCount"};
	const struct json *j = &d->json;
	int64_t v;

	openai_usage(j, json_get(j, 0, "usage"), &d->usage);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && d->usage.prompt < 0; i++)
		if (json_int(j, json_path(j, 0, paths[i]), &v) == 0 && v >= 0 && v < MAX_TOKENS)
			d->usage.prompt = v;
	d->usage.completion = 0;
}

static int
give_start(struct decoder *d)
{
	const struct json *j = &d->json;
	char *id = json_dup(j, json_get(j, 0, "id"), NULL), *model = json_dup(j, json_get(j, 0, "model"), NULL),
	     *provider = json_dup(j, json_get(j, 0, "provider"), NULL);
	struct event ev = {.type = EVENT_START, .id = id, .name = model, .provider = provider};
	int r = decoder_emit(d, &ev);

	free(id);
	free(model);
	free(provider);
	return r;
}

/* All has come: what isn't vectors tells of tokens, or of an error under a 200. */
static int
end(struct decoder *d, struct vec_scan *s)
{
	struct err e = {0}, why = {0};
	int node = -1;

	if (s->rest.len == 0 && vec_scan_end(s) == 0)
		return 0; /* the decoder calls that an empty answer */
	if (vec_scan_end(s)) {
		err_set(&e, ERR_TEMPORARY, "the answer ended early");
		return fail(d, &e);
	}
	if (json_parse(&d->json, buf_str(&s->rest), s->rest.len, &why)) {
		if (*s->rest.p == '<')
			err_set(&e, ERR_PROTOCOL, "the answer is a page of HTML, no JSON");
		else
			err_set(&e, ERR_PROTOCOL, "garbled answer: %s", why.msg);
		return fail(d, &e);
	}
	d->n_values++;
	if (s->n_vectors == 0 && d->wire->error(&d->json, 200, &e, &node))
		return fail(d, &e);
	d->ended = 1;
	take_usage(d);
	return give_start(d);
}

static int
scan(struct decoder *d, enum vec_type type, const char *p, size_t n)
{
	struct scan *s = d->own;
	struct err e = {0};

	if (!s) {
		d->own = s = xcalloc(1, sizeof(*s));
		vec_scan_init(&s->vec, type, on_vector, d);
	}
	if (n == 0)
		return end(d, &s->vec);
	return vec_scan_feed(&s->vec, p, n, &e) ? fail(d, &e) : 0;
}

static int
on_bytes(struct decoder *d, const char *p, size_t n)
{
	return scan(d, VEC_F32, p, n);
}

static int
on_bytes_i8(struct decoder *d, const char *p, size_t n)
{
	return scan(d, VEC_I8, p, n);
}

static void
release(struct decoder *d)
{
	struct scan *s = d->own;

	if (s)
		vec_scan_release(&s->vec);
	free(s);
	d->own = NULL;
}

/* The errors are those of the format's chats. */
static const struct wire wires[] = {
    {.name = "openai", .encode = openai_embed_encode, .on_bytes = on_bytes, .error = openai_error, .release = release},
    {.name = "gemini", .encode = gemini_embed_encode, .on_bytes = on_bytes, .error = gemini_error, .release = release},
    {.name = "ollama", .encode = ollama_embed_encode, .on_bytes = on_bytes, .error = ollama_error, .release = release},
    {.name = "cohere", .encode = cohere_embed_encode, .on_bytes = on_bytes, .error = cohere_error, .release = release},
    {.name = "bedrock",
	.encode = bedrock_embed_encode,
	.on_bytes = on_bytes,
	.error = bedrock_error,
	.release = release},
};
static const struct wire wire_i8 = {.name = "openai",
    .encode = openai_embed_encode,
    .on_bytes = on_bytes_i8,
    .error = openai_error,
    .release = release};

/* The formats for chats alone come from a provider whose embeddings are OpenAI's; the mock's are that too. */
static const struct wire *
find(const char *name)
{
	static const char *const openai[] = {"mock", "responses", "completions"};

	for (size_t i = 0; i < sizeof(openai) / sizeof(*openai); i++)
		if (strcmp(openai[i], name) == 0)
			name = "openai";
	for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++)
		if (strcmp(wires[i].name, name) == 0)
			return &wires[i];
	return NULL;
}

static const struct wire *
find_i8(const char *name)
{
	return strcmp(name, "openai") == 0 ? &wire_i8 : find(name);
}

/* Only OpenAI's format has other inputs than texts; the mock, which is of that format too, looks at words. */
static int
only_texts(const struct provider *p, const struct json *j)
{
	int input = json_get(j, 0, "input");
	const struct wire *w = find(p->wire);
	int takes_all = w && w->encode == openai_embed_encode && strcmp(p->wire, "mock") != 0;

	for (int i = json_child(j, input); i >= 0 && !takes_all; i = json_next(j, input, i))
		if (json_type(j, i) != JSON_STRING)
			return 0;
	return 1;
}

int
wire_embed_takes(const struct provider *p, const char *model, const struct json *request, struct err *e)
{
	size_t n = (size_t)json_count(request, json_get(request, 0, "input"));
	struct embed_limits l;

	wire_embed_limits(&l, p, model);
	if (!find(p->wire))
		return err_set(e, ERR_DATA, "%s: its format has no embeddings", p->name);
	if (l.inputs && n > l.inputs)
		return err_set(
		    e, ERR_DATA, "input: %zu, but %s takes at most %zu in one request", n, p->name, l.inputs);
	if (!only_texts(p, request))
		return err_set(e, ERR_DATA, "input: %s takes texts alone, no tokens and no other content", p->name);
	return 0;
}

wire_fn
wire_embed(const struct provider *p)
{
	return strcmp(p->name, "perplexity") == 0 ? find_i8 : find;
}

/* Does the field say who asks, or how a provider is chosen, to one who wouldn't know it? */
static int
is_unknown(const struct json *j, int key, enum embed_routing routing)
{
	static const char *const fields[] = {"user", "provider", "models", "route", "session_id", "metadata", "trace"};

	if (routing == EMBED_ROUTING_ALL)
		return 0;
	for (size_t i = routing == EMBED_ROUTING_USER; i < sizeof(fields) / sizeof(*fields); i++)
		if (json_eq(j, key, fields[i]))
			return 1;
	return 0;
}

void
embed_pass(struct jsonw *w, const struct json *j, const char *const *taken, enum embed_routing routing)
{
	for (int key = json_child(j, 0); key >= 0; key = json_next(j, 0, json_value(j, key))) {
		const char *const *t = taken;
		while (*t && !json_eq(j, key, *t))
			t++;
		if (*t || is_unknown(j, key, routing))
			continue;
		char *name = json_dup(j, key, NULL);
		jsoncopy_member(w, name, j, json_value(j, key));
		free(name);
	}
}
