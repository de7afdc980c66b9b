/* SPDX-License-Identifier: ISC */
/* Ollama's /api/embed. Source: its API documentation. */
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/embed.h"

int
ollama_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	static const char *const taken[] = {"model", "input", "input_type", "mock", "encoding_format", NULL};
	const struct json *j = ask->request;
	struct jsonw w;

	(void)e;
	if (json_get(j, 0, "input_type") >= 0)
		losses_add(lost, "input_type");
	wire_call_clear(out);
	wire_url(out, ask, "/api/embed");
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	jsonw_key(&w, "model");
	jsonw_str(&w, ask->model);
	jsoncopy_member(&w, "input", j, json_get(j, 0, "input"));
	if (json_get(j, 0, "truncate") < 0) {
		jsonw_key(&w, "truncate");
		jsonw_bool(&w, 0);
	}
	embed_pass(&w, j, taken, EMBED_ROUTING_NONE);
	jsonw_end_object(&w);
	return 0;
}
