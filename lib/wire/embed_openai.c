/* SPDX-License-Identifier: ISC */
/* OpenAI's /embeddings, and what others made of it. Sources: their API references; recorded answers. */
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "providers.h"
#include "wire/embed.h"

static const struct dialect {
	const char *name;
	int base64;             /* it knows encoding_format: base64 */
	const char *dimensions; /* its word for them */
	int input_type;         /* 0: none; 1: as the canonical request has it; 2: query, document */
	const char *never_cut;  /* a field that keeps it from cutting */
	enum embed_routing routing;
} dialects[] = {
    {"openrouter", 1, "dimensions", 1, NULL, EMBED_ROUTING_ALL},
    {"openai", 1, "dimensions", 0, NULL, EMBED_ROUTING_USER}, {"azure", 1, "dimensions", 0, NULL, EMBED_ROUTING_USER},
    {"mistral", 1, "output_dimension", 0, NULL, EMBED_ROUTING_NONE},
    {"voyage", 1, "output_dimension", 2, "truncation", EMBED_ROUTING_NONE},
    {"perplexity", 0, "dimensions", 0, NULL, EMBED_ROUTING_NONE},
    {"vllm", 1, "dimensions", 0, NULL, EMBED_ROUTING_USER}, {"llamacpp", 1, "dimensions", 0, NULL, EMBED_ROUTING_USER},
    {"gateway", 1, "dimensions", 1, NULL, EMBED_ROUTING_ALL},
    {NULL, 0, "dimensions", 1, NULL, EMBED_ROUTING_USER}, /* anybody else */
};

static const struct dialect *
dialect_of(const struct provider *p)
{
	const struct dialect *d = dialects;

	while (d->name && (!p || strcmp(d->name, p->name) != 0))
		d++;
	return d;
}

static void
add_input_type(struct jsonw *w, const struct json *j, int node, const struct dialect *d, struct losses *lost)
{
	if (node < 0)
		return;
	if (d->input_type == 0) {
		losses_add(lost, "input_type");
		return;
	}
	int query = json_eq(j, node, "search_query");
	if (d->input_type == 2 && (query || json_eq(j, node, "search_document"))) {
		jsonw_key(w, "input_type");
		jsonw_str(w, query ? "query" : "document");
	} else {
		jsoncopy_member(w, "input_type", j, node);
	}
}

int
openai_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	static const char *const taken[] = {"model", "input", "dimensions", "input_type", "mock", NULL};
	const struct dialect *d = dialect_of(ask->provider);
	const struct json *j = ask->request;
	struct jsonw w;

	(void)e;
	wire_call_clear(out);
	wire_url(out, ask, "/embeddings");
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	jsonw_key(&w, "model");
	jsonw_str(&w, ask->model);
	jsoncopy_member(&w, "input", j, json_get(j, 0, "input"));
	int dims = json_get(j, 0, "dimensions");
	if (dims >= 0)
		jsoncopy_member(&w, d->dimensions, j, dims);
	add_input_type(&w, j, json_get(j, 0, "input_type"), d, lost);
	if (d->base64 && json_get(j, 0, "encoding_format") < 0) {
		jsonw_key(&w, "encoding_format");
		jsonw_str(&w, "base64");
	}
	if (d->never_cut && json_get(j, 0, d->never_cut) < 0) {
		jsonw_key(&w, d->never_cut);
		jsonw_bool(&w, 0);
	}
	embed_pass(&w, j, taken, d->routing);
	jsonw_end_object(&w);
	return 0;
}
