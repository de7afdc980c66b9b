/* SPDX-License-Identifier: ISC */
/*
 * What a candidate says about its text: sources that it rests on (groundingMetadata), sources that it repeats
 * (citationMetadata), and log probabilities. Source: Google's reference of Candidate.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/decoder.h"
#include "wire/gemini.h"
#include "wire/gemini_state.h"

static uint64_t
fnv(const char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;

	while (n--)
		h = (h ^ (unsigned char)*p++) * 1099511628211u;
	return h;
}

/* In a stream the metadata come again with later chunks, and with more in them. */
static int
emit_once(struct decoder *d, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct event ev = {.type = EVENT_ANNOTATION, .choice = choice, .raw = g->made.p, .raw_len = g->made.len};
	uint64_t hash = fnv(g->made.p, g->made.len) + (uint64_t)choice;

	for (int i = 0; i < g->n_given; i++)
		if (g->given[i] == hash)
			return 0;
	if (g->n_given == GEMINI_MAX_CITES)
		return 0;
	g->given[g->n_given++] = hash;
	return decoder_emit(d, &ev);
}

/* Characters of the text before this byte. */
static int64_t
characters(const struct buf *text, int64_t bytes)
{
	int64_t n = 0;

	for (int64_t i = 0; i < bytes; i++)
		n += (text->p[i] & 0xc0) != 0x80;
	return n;
}

/* Where a segment stands, in bytes. -1: it isn't told, or isn't what stands there: Google counts in a part, of which
 * there may have been several. */
static int
locate(const struct gemini_state *g, const struct json *j, int segment, int choice, int64_t *from, int64_t *to)
{
	const struct buf *text = &g->choice[choice].text;
	int said = json_get(j, segment, "text");
	size_t n;

	*from = 0; /* left out where it is 0 */
	json_int(j, json_get(j, segment, "startIndex"), from);
	if (json_int(j, json_get(j, segment, "endIndex"), to) || *from < 0 || *to < *from || (uint64_t)*to > text->len)
		return -1;
	char *want = json_dup(j, said, &n);
	int other = want && (n != (size_t)(*to - *from) || memcmp(want, buf_str(text) + *from, n) != 0);
	free(want);
	return other ? -1 : 0;
}

/* source: what has the uri, title and text; segment: what has startIndex and endIndex, or -1. A document of the
 * user's own may have no address. */
static int
emit_citation(struct decoder *d, const struct json *j, int source, int segment, int choice)
{
	struct gemini_state *g = gemini_state(d);
	int is_url = json_type(j, json_get(j, source, "uri")) == JSON_STRING;
	const char *type = is_url ? "url_citation" : "file_citation";
	int64_t from, to;
	struct jsonw w;

	if (json_get(j, source, "uri") < 0 && json_get(j, source, "title") < 0 && json_get(j, source, "text") < 0)
		return 0;
	buf_clear(&g->made);
	jsonw_init(&w, &g->made);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, type);
	jsonw_key(&w, type);
	jsonw_object(&w);
	jsoncopy_known(&w, "url", j, json_get(j, source, "uri"));
	jsoncopy_known(&w, is_url ? "title" : "filename", j, json_get(j, source, "title"));
	jsoncopy_known(&w, "file_id", j, json_get(j, source, "documentName"));
	jsoncopy_known(&w, "content", j, json_get(j, source, "text"));
	if (segment >= 0 && locate(g, j, segment, choice, &from, &to) == 0) { /* OpenRouter counts characters */
		jsonw_key(&w, "start_index");
		jsonw_int(&w, characters(&g->choice[choice].text, from));
		jsonw_key(&w, "end_index");
		jsonw_int(&w, characters(&g->choice[choice].text, to));
	}
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return emit_once(d, choice);
}

/* The list that groundingSupports point into. */
struct chunks {
	int *source;          /* nodes */
	unsigned char *named; /* by a support */
	int64_t n;
};

/* A chunk is {"web": {uri, title}}, {"retrievedContext": {...}}, {"maps": {...}}. */
static void
load_chunks(struct chunks *c, const struct json *j, int list)
{
	int n = json_type(j, list) == JSON_ARRAY ? json_count(j, list) : 0;

	*c = (struct chunks){xcalloc((size_t)n + 1, sizeof(*c->source)), xcalloc((size_t)n + 1, 1), 0};
	for (int i = n ? json_child(j, list) : -1; i >= 0; i = json_next(j, list, i))
		c->source[c->n++] = json_type(j, i) == JSON_OBJECT ? json_value(j, json_child(j, i)) : -1;
}

static int
emit_support(struct decoder *d, const struct json *j, int support, struct chunks *chunks, int choice)
{
	int list = json_get(j, support, "groundingChunkIndices"), segment = json_get(j, support, "segment"), r = 0;
	int64_t at;

	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int i = json_child(j, list); i >= 0 && !r; i = json_next(j, list, i)) {
		if (json_int(j, i, &at) || at < 0 || at >= chunks->n)
			continue;
		chunks->named[at] = 1;
		r = emit_citation(d, j, chunks->source[at], segment, choice);
	}
	return r;
}

/* Sources that no segment of the text names are sources of the whole. */
static int
emit_grounding(struct decoder *d, const struct json *j, int node, int choice)
{
	int supports = json_get(j, node, "groundingSupports"), r = 0;
	struct chunks chunks;

	load_chunks(&chunks, j, json_get(j, node, "groundingChunks"));
	if (json_type(j, supports) == JSON_ARRAY)
		for (int s = json_child(j, supports); s >= 0 && !r; s = json_next(j, supports, s))
			r = emit_support(d, j, s, &chunks, choice);
	for (int64_t i = 0; i < chunks.n && !r; i++)
		if (!chunks.named[i])
			r = emit_citation(d, j, chunks.source[i], -1, choice);
	free(chunks.source);
	free(chunks.named);
	return r;
}

int
gemini_cites(struct decoder *d, const struct json *j, int grounding, int citations, int choice)
{
	int list = json_get(j, citations, "citationSources"), r = 0; /* AI Studio; Vertex says citations */

	if (json_type(j, list) != JSON_ARRAY)
		list = json_get(j, citations, "citations");
	if (json_type(j, list) == JSON_ARRAY)
		for (int c = json_child(j, list); c >= 0 && !r; c = json_next(j, list, c))
			r = emit_citation(d, j, c, c, choice);
	return r ? r : emit_grounding(d, j, grounding, choice);
}

/* The members of a token; its bytes, which OpenAI adds, are those of its text. */
static void
token(struct jsonw *w, const struct json *j, int t, struct buf *text)
{
	size_t n;
	const char *s = json_view(j, json_get(j, t, "token"), text, &n);

	jsoncopy_known(w, "token", j, json_get(j, t, "token"));
	jsoncopy_known(w, "logprob", j, json_get(j, t, "logProbability"));
	jsoncopy_known(w, "id", j, json_get(j, t, "tokenId"));
	jsonw_key(w, "bytes");
	jsonw_array(w);
	for (size_t i = 0; s && i < n; i++)
		jsonw_int(w, (unsigned char)s[i]);
	jsonw_end_array(w);
}

/* One token: what was chosen, and the best ones in its place. */
static void
position(struct jsonw *w, const struct json *j, int chosen, int top, struct buf *text)
{
	int list = json_get(j, top, "candidates");

	jsonw_object(w);
	token(w, j, chosen, text);
	jsonw_key(w, "top_logprobs");
	jsonw_array(w);
	if (json_type(j, list) == JSON_ARRAY)
		for (int c = json_child(j, list); c >= 0; c = json_next(j, list, c)) {
			jsonw_object(w);
			token(w, j, c, text);
			jsonw_end_object(w);
		}
	jsonw_end_array(w);
	jsonw_end_object(w);
}

int
gemini_logprobs(struct decoder *d, const struct json *j, int node, int choice)
{
	struct gemini_state *g = gemini_state(d);
	int chosen = json_get(j, node, "chosenCandidates"), tops = json_get(j, node, "topCandidates");
	struct event ev = {.type = EVENT_LOGPROBS, .choice = choice};
	struct jsonw w;

	if (json_type(j, chosen) != JSON_ARRAY || json_count(j, chosen) == 0)
		return 0;
	int top = json_type(j, tops) == JSON_ARRAY ? json_child(j, tops) : -1;
	buf_clear(&g->made);
	jsonw_init(&w, &g->made);
	jsonw_object(&w);
	jsonw_key(&w, "content");
	jsonw_array(&w);
	for (int c = json_child(j, chosen); c >= 0; c = json_next(j, chosen, c)) {
		position(&w, j, c, top, &g->scratch);
		top = top >= 0 ? json_next(j, tops, top) : -1;
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	ev.raw = g->made.p;
	ev.raw_len = g->made.len;
	return decoder_emit(d, &ev);
}
