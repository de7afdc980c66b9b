/* SPDX-License-Identifier: ISC */
/*
 * Google's embedContent, for one content, and batchEmbedContents, whose requests could each be for another purpose: ours are all for one.
 *
 * A content's texts make one input, joined as they stand.
 */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

/* A request's settings. */
struct settings {
	int task, dimensions; /* nodes; -1: unsaid */
};

/* JSON's names of protocol buffers' fields come in two spellings. */
static int
field(const struct canon *c, int node, const char *camel, const char *snake)
{
	int v = canon_member(c, node, camel);

	return v >= 0 ? v : canon_member(c, node, snake);
}

/* The canonical word; NULL: none is needed. */
static const char *
purpose(struct canon *c, int node)
{
	static const struct {
		const char *google, *ours;
	} tasks[] = {{"RETRIEVAL_QUERY", "search_query"}, {"RETRIEVAL_DOCUMENT", "search_document"},
	    {"CLASSIFICATION", "classification"}, {"CLUSTERING", "clustering"},
	    {"SEMANTIC_SIMILARITY", "semantic_similarity"}, {"QUESTION_ANSWERING", "question_answering"},
	    {"FACT_VERIFICATION", "fact_verification"}, {"CODE_RETRIEVAL_QUERY", "code_retrieval_query"}};

	if (node < 0 || json_eq(c->j, node, "TASK_TYPE_UNSPECIFIED"))
		return NULL;
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++)
		if (json_eq(c->j, node, tasks[i].google))
			return tasks[i].ours;
	canon_bad(c, "taskType: no purpose that is known");
	return NULL;
}

static void
read_settings(struct canon *c, int node, struct settings *s)
{
	s->task = field(c, node, "taskType", "task_type");
	s->dimensions = field(c, node, "outputDimensionality", "output_dimensionality");
	if (canon_member(c, node, "title") >= 0 && !json_eq(c->j, json_get(c->j, node, "title"), ""))
		losses_add(c->lost, "title");
}

static int
same(const struct json *j, int a, int b)
{
	size_t n = 0, m = 0;
	const char *p = json_raw(j, a, &n), *q = json_raw(j, b, &m);

	return a < 0 || b < 0 ? a == b : n == m && memcmp(p, q, n) == 0;
}

/* One input of a content's texts. i: its number. */
static void
content(struct canon *c, struct jsonw *w, int node, int i)
{
	int parts = json_get(c->j, node, "parts");

	buf_clear(&c->scratch);
	if (json_type(c->j, node) == JSON_STRING)
		json_str(c->j, node, &c->scratch);
	for (int p = json_child(c->j, parts); p >= 0 && !c->failed; p = json_next(c->j, parts, p))
		if (json_str(c->j, json_get(c->j, p, "text"), &c->scratch))
			canon_bad(c, "content %d: a part that is no text; no other format embeds it", i);
	if (!c->failed && !c->scratch.len)
		canon_bad(c, "content %d: an empty text, or none", i);
	if (!c->failed)
		jsonw_strn(w, c->scratch.p, c->scratch.len);
}

static void
batch(struct canon *c, struct jsonw *w, int list, struct settings *s)
{
	struct settings other;
	int i = 0;

	if (json_type(c->j, list) != JSON_ARRAY || json_count(c->j, list) == 0)
		canon_bad(c, "requests: a list is needed");
	else if (json_count(c->j, list) > EMBED_FRONT_MAX_INPUTS)
		canon_bad(c, "requests: at most %d go into a batch", EMBED_FRONT_MAX_INPUTS);
	for (int r = json_child(c->j, list); r >= 0 && !c->failed; r = json_next(c->j, list, r), i++) {
		read_settings(c, r, i ? &other : s);
		if (i && (!same(c->j, s->task, other.task) || !same(c->j, s->dimensions, other.dimensions)))
			canon_bad(c, "requests[%d]: another taskType or outputDimensionality than the first one's", i);
		else
			content(c, w, json_get(c->j, r, "content"), i);
	}
}

static void
ask_all(struct canon *c, struct jsonw *w, struct embed_form *form)
{
	static const char *const one[] = {"model", "content", "taskType", "task_type", "title", "outputDimensionality",
	    "output_dimensionality", NULL};
	static const char *const many[] = {"model", "requests", NULL};
	int list = canon_get(c, "requests");
	struct settings s = {-1, -1};

	form->single = list < 0;
	jsonw_key(w, "input");
	jsonw_array(w);
	if (form->single) {
		read_settings(c, 0, &s);
		content(c, w, json_get(c->j, 0, "content"), 0);
	} else {
		batch(c, w, list, &s);
	}
	jsonw_end_array(w);
	if (!c->failed)
		embed_ask_dimensions(c, w, s.dimensions, "outputDimensionality");
	if (!c->failed)
		jsonw_member_if(w, "input_type", purpose(c, s.task));
	embed_ask_lose_rest(c, 0, form->single ? one : many);
}

static int
request(const struct embed_ask *ask, struct buf *out, struct embed_form *form, struct losses *lost, struct err *e)
{
	*form = (struct embed_form){.numbers = 1};
	return embed_ask_read(ask, "gemini", ask_all, form, out, lost, e);
}

static void
values(struct jsonw *w, const struct embed_vector *v)
{
	jsonw_object(w);
	jsonw_key(w, "values");
	embed_write_numbers(w, v);
	jsonw_end_object(w);
}

static void
whole(const struct embed_answer *a, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, a->form->single ? "embedding" : "embeddings");
	if (!a->form->single)
		jsonw_array(&w);
	for (size_t i = 0; i < a->n; i++)
		values(&w, a->v + i);
	if (!a->form->single)
		jsonw_end_array(&w);
	if (a->answer.usage.prompt >= 0) {
		jsonw_key(&w, "usageMetadata");
		jsonw_object(&w);
		jsonw_key(&w, "promptTokenCount");
		jsonw_int(&w, a->answer.usage.prompt);
		jsonw_end_object(&w);
	}
	jsonw_end_object(&w);
}

const struct embed_front embed_front_gemini = {.name = "gemini", .request = request, .whole = whole};
