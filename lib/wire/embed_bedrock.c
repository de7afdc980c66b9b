/* SPDX-License-Identifier: ISC */
/* InvokeModel at Amazon Bedrock: Titan's embeddings, an input a call, and Cohere's. Source: the service's user guide, model parameters. */
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "providers.h"
#include "wire/amazon.h"
#include "wire/embed.h"

static void
add_titan(struct jsonw *w, const struct json *j, struct losses *lost)
{
	static const char *const taken[] = {
	    "model", "input", "dimensions", "input_type", "mock", "encoding_format", NULL};
	int dims = json_get(j, 0, "dimensions");

	jsoncopy_member(w, "inputText", j, json_child(j, json_get(j, 0, "input")));
	if (dims >= 0)
		jsoncopy_member(w, "dimensions", j, dims);
	if (json_get(j, 0, "input_type") >= 0)
		losses_add(lost, "input_type");
	embed_pass(w, j, taken, EMBED_ROUTING_NONE);
}

/* Where the row has no base of its own. */
static void
add_host(struct wire_call *c, const struct provider *p)
{
	struct buf url = BUF_INIT;

	if (!p || *p->base)
		return;
	amazon_host(&url, p, "bedrock-runtime");
	buf_add(&url, c->url.p, c->url.len);
	buf_release(&c->url);
	c->url = url;
}

int
bedrock_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	const char *name = strstr(ask->model, "cohere."); /* behind a region's prefix, as "us." */
	const struct json *j = ask->request;
	struct jsonw w;

	if (!name && json_count(j, json_get(j, 0, "input")) > 1)
		return err_set(e, ERR_REQUEST, "bedrock: %s takes one input a call", ask->model);
	wire_call_clear(out);
	wire_url(out, ask, "/model/{model}/invoke");
	add_host(out, ask->provider);
	jsonw_init(&w, &out->body);
	jsonw_object(&w);
	if (name)
		cohere_embed_fields(&w, j, "float");
	else
		add_titan(&w, j, lost);
	jsonw_end_object(&w);
	return 0;
}
