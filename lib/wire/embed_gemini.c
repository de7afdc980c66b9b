/* SPDX-License-Identifier: ISC */
/* Google's batchEmbedContents, and predict at Vertex. Sources: the API references of both. */
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "buf.h"
#include "providers.h"
#include "wire/embed.h"

static const char *const taken[] = {"model", "input", "dimensions", "input_type", "mock", "encoding_format", NULL};

/* Google's word for what the vectors are for. NULL: it has none. */
static const char *
task(const struct json *j)
{
	static const struct {
		const char *ours, *google;
	} tasks[] = {{"search_query", "RETRIEVAL_QUERY"}, {"search_document", "RETRIEVAL_DOCUMENT"},
	    {"classification", "CLASSIFICATION"}, {"clustering", "CLUSTERING"},
	    {"semantic_similarity", "SEMANTIC_SIMILARITY"}, {"question_answering", "QUESTION_ANSWERING"},
	    {"fact_verification", "FACT_VERIFICATION"}, {"code_retrieval_query", "CODE_RETRIEVAL_QUERY"}};
	int node = json_get(j, 0, "input_type");

	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++)
		if (json_eq(j, node, tasks[i].ours))
			return tasks[i].google;
	return NULL;
}

static void
add_request(struct jsonw *w, const struct wire_ask *ask, const char *name, int text)
{
	const struct json *j = ask->request;
	int dims = json_get(j, 0, "dimensions");

	jsonw_object(w);
	jsonw_key(w, "model");
	jsonw_str(w, name);
	jsonw_key(w, "content");
	jsonw_object(w);
	jsonw_key(w, "parts");
	jsonw_array(w);
	jsonw_object(w);
	jsoncopy_member(w, "text", j, text);
	jsonw_end_object(w);
	jsonw_end_array(w);
	jsonw_end_object(w);
	if (task(j)) {
		jsonw_key(w, "taskType");
		jsonw_str(w, task(j));
	}
	if (dims >= 0)
		jsoncopy_member(w, "outputDimensionality", j, dims);
	embed_pass(w, j, taken, EMBED_ROUTING_NONE);
	jsonw_end_object(w);
}

static void
add_instance(struct jsonw *w, const struct json *j, int text)
{
	jsonw_object(w);
	if (task(j)) {
		jsonw_key(w, "task_type");
		jsonw_str(w, task(j));
	}
	jsoncopy_member(w, "content", j, text);
	jsonw_end_object(w);
}

/* Vertex can be told not to cut. */
static void
add_parameters(struct jsonw *w, const struct json *j)
{
	int dims = json_get(j, 0, "dimensions");

	jsonw_key(w, "parameters");
	jsonw_object(w);
	jsonw_key(w, "autoTruncate");
	jsonw_bool(w, 0);
	if (dims >= 0)
		jsoncopy_member(w, "outputDimensionality", j, dims);
	jsonw_end_object(w);
}

int
gemini_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	const struct json *j = ask->request;
	int vertex = ask->provider && strcmp(ask->provider->name, "vertex") == 0, input = json_get(j, 0, "input");
	struct buf name = BUF_INIT;
	struct jsonw w;

	(void)e;
	if (json_get(j, 0, "input_type") >= 0 && !task(j))
		losses_add(lost, "input_type");
	wire_call_clear(out);
	wire_url(out, ask, vertex ? "/models/{model}:predict" : "/models/{model}:batchEmbedContents");
	buf_adds(&name, "models/");
	buf_adds(&name, ask->model);
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	jsonw_key(&w, vertex ? "instances" : "requests");
	jsonw_array(&w);
	for (int i = json_child(j, input); i >= 0; i = json_next(j, input, i))
		if (vertex)
			add_instance(&w, j, i);
		else
			add_request(&w, ask, name.p, i);
	jsonw_end_array(&w);
	if (vertex)
		add_parameters(&w, j);
	jsonw_end_object(&w);
	buf_release(&name);
	return 0;
}
