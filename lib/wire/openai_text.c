/* SPDX-License-Identifier: ISC */
/* Strings of an answer to text events; pairs of surrogates that were torn apart by two deltas are put together. */
#include <string.h>

#include "json.h"
#include "mem.h"
#include "str.h"
#include "wire/decoder.h"
#include "wire/members.h"
#include "wire/openai_state.h"

#define REPLACEMENT "\xef\xbf\xbd" /* what a lone surrogate is decoded to */

/* The surrogate that the escape at p stands for, or 0. */
static uint32_t
surrogate(const char *p)
{
	uint32_t v = 0;

	if (p[0] != '\\' || p[1] != 'u' || (p[2] | 32) != 'd')
		return 0;
	for (int i = 2; i < 6; i++)
		v = v * 16 + (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
	return v >= 0xd800 && v < 0xe000 ? v : 0;
}

/* A high surrogate that ends the string, or 0. A backslash before it may be half of an escaped one. */
static uint32_t
last_half(const char *s, size_t n)
{
	uint32_t v = n < 6 ? 0 : surrogate(s + n - 6);
	size_t slashes = 0;

	if (!v || v >= 0xdc00)
		return 0;
	while (slashes < n - 6 && s[n - 7 - slashes] == '\\')
		slashes++;
	return slashes % 2 ? 0 : v;
}

static uint32_t
first_half(const char *s, size_t n)
{
	uint32_t v = n < 6 ? 0 : surrogate(s);

	return v >= 0xdc00 ? v : 0;
}

static struct openai_half *
find_half(struct openai_state *o, const struct event *ev)
{
	for (size_t i = 0; i < o->n_half; i++) {
		struct openai_half *h = o->half + i;
		if (h->type == ev->type && h->choice == ev->choice && h->index == ev->index &&
		    h->refusal == ev->refusal)
			return h;
	}
	return NULL;
}

/* Takes it out and returns the half; 0: none waits. */
static uint32_t
take_half(struct openai_state *o, const struct event *ev)
{
	struct openai_half *h = o->n_half ? find_half(o, ev) : NULL;

	if (!h)
		return 0;
	uint32_t high = h->high;
	*h = o->half[--o->n_half];
	o->n_changes++;
	return high;
}

static void
keep_half(struct openai_state *o, const struct event *ev, uint32_t high)
{
	o->half = mem_grow(o->half, o->n_half, &o->cap_half, sizeof(*o->half));
	o->half[o->n_half++] = (struct openai_half){ev->type, ev->choice, ev->index, ev->refusal, high};
	o->n_changes++;
}

/* Puts what waited, `high`, in front of the text, and takes the half at its end off. */
static void
join(struct openai_state *o, struct event *ev, uint32_t high, uint32_t low, uint32_t last)
{
	size_t skip = 0;

	buf_clear(&o->joined);
	if (high && low) {
		utf8_add(&o->joined, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
		skip = strlen(REPLACEMENT);
	} else if (high) {
		buf_adds(&o->joined, REPLACEMENT);
	}
	buf_add(&o->joined, ev->s + skip, ev->n - skip - (last ? strlen(REPLACEMENT) : 0));
	ev->s = buf_str(&o->joined);
	ev->n = o->joined.len;
	if (last)
		keep_half(o, ev, last);
}

int
openai_string(struct decoder *d, const struct json *j, int node, struct event ev)
{
	struct openai_state *o = openai_state(d);
	size_t n;
	const char *raw = json_raw(j, node, &n);

	ev.s = json_view(j, node, &o->scratch, &ev.n);
	if (ev.s && ev.n) {
		uint32_t last = last_half(raw + 1, n - 2), high = take_half(o, &ev);
		if (last || high)
			join(o, &ev, high, first_half(raw + 1, n - 2), last);
	}
	return ev.n || ev.raw_len ? decoder_emit(d, &ev) : 0;
}

int
openai_flush_halves(struct decoder *d, int choice)
{
	struct openai_state *o = openai_state(d);
	int r = 0;

	for (size_t i = 0; i < o->n_half && !r;) {
		struct openai_half h = o->half[i];
		if (choice >= 0 && h.choice != choice) {
			i++;
			continue;
		}
		o->half[i] = o->half[--o->n_half];
		o->n_changes++;
		struct event ev = {.type = h.type, .choice = h.choice, .index = h.index, .refusal = h.refusal};
		ev.s = REPLACEMENT;
		ev.n = strlen(REPLACEMENT);
		r = decoder_emit(d, &ev);
	}
	return r;
}

static int
is_reasoning_part(const struct json *j, int type)
{
	return json_eq(j, type, "thinking") || json_eq(j, type, "reasoning") || json_eq(j, type, "reasoning_text");
}

/*
 * One part. Mistral: {"type":"thinking","thinking":[{"type":"text","text":...}]}. Databricks: {"type":"reasoning","summary":
 * [{"type":"summary_text","text":...}]}. Some image models: {"type":"image_url",...}. OpenAI: {"type":"refusal","refusal":...}.
 */
static int
part(struct decoder *d, const struct json *j, int p, struct event ev)
{
	static const struct member names[] = {MEMBER("type"), MEMBER("text"), MEMBER("thinking"), MEMBER("summary"),
	    MEMBER("refusal"), MEMBER("image_url")};
	int m[6], r;

	members_find(j, p, names, 6, m);
	if (m[5] >= 0) {
		struct event media = {.type = EVENT_MEDIA, .choice = ev.choice, .name = "image"};
		media.raw = json_raw(j, p, &media.raw_len);
		return decoder_emit(d, &media);
	}
	struct event inner = ev, refusal = ev;
	inner.type = EVENT_REASONING;
	refusal.refusal = 1;
	r = openai_content(d, j, m[1], is_reasoning_part(j, m[0]) ? inner : ev);
	for (int i = 2; i < 4 && !r; i++)
		r = openai_content(d, j, m[i], inner);
	return r ? r : openai_string(d, j, m[4], refusal);
}

int
openai_content(struct decoder *d, const struct json *j, int node, struct event ev)
{
	enum json_type t = json_type(j, node);
	int r = 0;

	if (t == JSON_STRING)
		return openai_string(d, j, node, ev);
	if (t == JSON_OBJECT)
		return part(d, j, node, ev);
	if (t == JSON_ARRAY)
		for (int p = json_child(j, node); p >= 0 && !r; p = json_next(j, node, p))
			r = openai_content(d, j, p, ev);
	return r;
}
