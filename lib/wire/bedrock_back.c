/* SPDX-License-Identifier: ISC */
/* The back of Converse: where a request goes. Its messages are bedrock_messages.c's, the rest bedrock_settings.c's; it is signed by amazon.c. */
#include "wire/bedrock.h"

#include "json.h"
#include "providers.h"
#include "wire/amazon.h"

static void
set_url(struct wire_call *c, const struct wire_ask *ask, int stream)
{
	struct buf url = BUF_INIT;

	wire_url(c, ask, stream ? "/model/{model}/converse-stream" : "/model/{model}/converse");
	if (!ask->provider || *ask->provider->base)
		return;
	amazon_host(&url, ask->provider, "bedrock-runtime");
	buf_add(&url, c->url.p, c->url.len);
	buf_release(&c->url);
	c->url = url;
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	wire_call_clear(out);
	out->stream = json_bool(ask->request, json_get(ask->request, 0, "stream")) == 1;
	set_url(out, ask, out->stream);
	return bedrock_encode(out, ask, lost, e);
}

const struct wire wire_bedrock = {
    .name = "bedrock",
    .framing = WIRE_FRAMES,
    .encode = encode,
    .on_chunk = bedrock_chunk,
    .on_whole = bedrock_whole,
    .error = bedrock_error,
    .on_end = bedrock_end,
    .release = bedrock_release,
};
