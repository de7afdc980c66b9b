/* SPDX-License-Identifier: ISC */
/* The Responses format where golden files don't reach: requests that are sent to somebody, long data, caps, a stream's numbers. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "json.h"
#include "providers.h"
#include "tap.h"
#include "wire/decoder.h"
#include "wire/front.h"

#define SAID \
	"{\"role\":\"assistant\",\"content\":\"a\",\"reasoning\":\"Hm\",\"reasoning_details\":[" \
	"{\"type\":\"reasoning.text\",\"text\":\"x\",\"signature\":\"s\",\"format\":\"anthropic-claude-v1\"}," \
	"{\"type\":\"reasoning.summary\",\"summary\":\"alone\",\"id\":\"rs_0\",\"format\":\"openai-responses-v1\"}," \
	"{\"type\":\"reasoning.text\",\"text\":\"T\",\"id\":\"rs_1\",\"format\":\"openai-responses-v1\"}," \
	"{\"type\":\"reasoning.encrypted\",\"data\":\"E\",\"id\":\"rs_2\",\"format\":\"xai-responses-v1\"}]}"

/* What is sent to a provider; "; lost" and the losses behind it. */
static void
send(struct buf *out, const char *model, const char *req, struct wire_call *call)
{
	char name[] = "openai", base[] = "https://api.openai.com/v1";
	struct provider p = {.name = name, .base = base};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};

	buf_clear(out);
	if (json_parse(&j, req, strlen(req), &e))
		errx(1, "%s: %s", req, e.msg);
	const struct wire_ask ask = {.request = &j, .provider = &p, .model = model};
	if (wire_responses.encode(call, &ask, &lost, &e))
		buf_adds(out, e.msg);
	else
		buf_add(out, call->body.p, call->body.len);
	for (size_t i = 0; i < lost.n; i++)
		buf_addf(out, "%s%s", i ? " " : "; lost ", lost.v[i]);
	losses_release(&lost);
	json_release(&j);
}

static void
test_sent(void)
{
	struct wire_call call = {0};
	struct buf out = BUF_INIT;

	send(&out, "gpt-4o",
	    "{\"model\":\"openai/gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
	    &call);
	tap_is_str(buf_str(&out),
	    "{\"model\":\"gpt-4o\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"Hi\"}],\"store\":false,\"stream\":true}",
	    "the native model, and no encrypted reasoning of one that doesn't reason");
	tap_is_str(buf_str(&call.url), "https://api.openai.com/v1/responses", "its URL");
	tap_is_int(call.stream, 1, "a stream");
	send(&out, "gpt-5", "{\"messages\":[" SAID "]}", &call);
	tap_is_str(buf_str(&out),
	    "{\"model\":\"gpt-5\",\"input\":["
	    "{\"type\":\"reasoning\",\"summary\":[],"
	    "\"content\":[{\"type\":\"reasoning_text\",\"text\":\"T\"}]},"
	    "{\"type\":\"reasoning\",\"id\":\"rs_2\",\"summary\":[],\"encrypted_content\":\"E\"},"
	    "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"}]}],"
	    "\"include\":[\"reasoning.encrypted_content\"],\"store\":false}",
	    "reasoning of others, and what a provider can't use, isn't sent");
	send(&out, "gpt-5",
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"tools\":[{\"type\":\"web_search\"}]}", &call);
	tap_ok(strstr(buf_str(&out), "\"tools\":[{\"type\":\"web_search\"}]") != NULL,
	    "a provider's own tool is passed on");
	wire_call_release(&call);
	buf_release(&out);
}

/* A request with a long picture, through the front and the back: the picture is nowhere in between. */
static void
test_blobs(void)
{
	struct blobs blobs = BLOBS_INIT;
	struct losses lost = {0};
	struct json j = JSON_INIT, canonical = JSON_INIT;
	struct wire_call call = {0};
	struct buf in = BUF_INIT, between = BUF_INIT;
	struct err e = {0};

	buf_adds(&in,
	    "{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":"
	    "\"data:image/png;base64,");
	for (int i = 0; i < 2 * BLOBS_MIN; i++)
		buf_addc(&in, 'A');
	buf_adds(&in, "\"}]}],\"store\":false}");
	if (json_parse(&j, in.p, in.len, &e))
		errx(1, "%s", e.msg);
	const struct front_ask front = {.request = &j, .stream = -1, .blobs = &blobs};
	tap_is_int(front_responses.request(&front, &between, &lost, &e), 0, "a long picture is read");
	tap_ok(between.len < BLOBS_MIN, "and left where it is");
	if (json_parse(&canonical, between.p, between.len, &e))
		errx(1, "%s", e.msg);
	const struct wire_ask ask = {.request = &canonical, .model = "gpt-4.1", .blobs = &blobs};
	tap_is_int(wire_responses.encode(&call, &ask, &lost, &e), 0, "and written");
	tap_ok(memmem(call.body.p, call.body.len, strstr(in.p, "\"data:"), 2 * BLOBS_MIN + 23) != NULL, "as it was");
	wire_call_release(&call);
	json_release(&j);
	json_release(&canonical);
	losses_release(&lost);
	blobs_release(&blobs);
	buf_release(&in);
	buf_release(&between);
}

static int
count(void *arg, const struct event *ev)
{
	(void)ev;
	++*(int *)arg;
	return 0;
}

/* n copies of an event, %d being its number. */
static void
many(const char *format, int n, struct err *e)
{
	struct buf in = BUF_INIT;
	struct decoder d;
	int events = 0;

	for (int i = 0; i < n; i++) {
		buf_adds(&in, "data: ");
		buf_addf(&in, "{\"type\":\"response.output_item.added\",\"output_index\":%d,\"item\":%s}", i, format);
		buf_adds(&in, "\n\n");
	}
	decoder_init(&d, &wire_responses, 200, count, &events);
	decoder_feed(&d, in.p, in.len);
	decoder_end(&d, e);
	decoder_release(&d);
	buf_release(&in);
}

static void
test_caps(void)
{
	struct buf item = BUF_INIT;
	struct err e = {0};

	many("{\"type\":\"message\",\"id\":\"m\"}", 5000, &e);
	tap_is_str(e.msg, "the answer has too many output items", "5000 items");
	buf_adds(&item, "{\"type\":\"reasoning\",\"id\":\"");
	for (int i = 0; i < 100000; i++)
		buf_addc(&item, 'i');
	buf_adds(&item, "\"}");
	many(buf_str(&item), 20, &e);
	tap_is_str(e.msg, "the answer has too many output items", "ids of 100000 bytes");
	buf_release(&item);
}

int
main(void)
{
	test_sent();
	test_blobs();
	test_caps();
	return tap_done();
}
