/* SPDX-License-Identifier: ISC */
/* Cohere's /v2/embed. Source: its API reference. */
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/embed.h"

void
cohere_embed_fields(struct jsonw *w, const struct json *j, const char *type)
{
	static const char *const taken[] = {"model", "input", "dimensions", "input_type", "mock", "encoding_format",
	    "truncate", "embedding_types", NULL};
	int dims = json_get(j, 0, "dimensions"), purpose = json_get(j, 0, "input_type");

	jsoncopy_member(w, "texts", j, json_get(j, 0, "input"));
	if (purpose >= 0) {
		jsoncopy_member(w, "input_type", j, purpose);
	} else { /* it must be there */
		jsonw_key(w, "input_type");
		jsonw_str(w, "search_document");
	}
	jsonw_key(w, "embedding_types");
	jsonw_array(w);
	jsonw_str(w, type);
	jsonw_end_array(w);
	jsonw_key(w, "truncate");
	jsonw_str(w, "NONE");
	if (dims >= 0)
		jsoncopy_member(w, "output_dimension", j, dims);
	embed_pass(w, j, taken, EMBED_ROUTING_NONE);
}

int
cohere_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct jsonw w;

	(void)lost;
	(void)e;
	wire_call_clear(out);
	wire_url(out, ask, "/embed");
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	jsonw_key(&w, "model");
	jsonw_str(&w, ask->model);
	cohere_embed_fields(&w, ask->request, "base64");
	jsonw_end_object(&w);
	return 0;
}
