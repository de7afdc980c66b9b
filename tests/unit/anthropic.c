/* SPDX-License-Identifier: ISC */
/* What the golden files of tests/wire/anthropic can't show: what models take, what a provider's row and the caller decide, long data, caps, error
 * words, and the template held against the parser. */
#include <err.h>
#include <stdlib.h>

#include "../wire/events.h"
#include "blobs.h"
#include "json.h"
#include "providers.h"
#include "tap.h"
#include "wire/anthropic.h"
#include "wire/front.h"

static void
test_models(void)
{
	static const struct {
		const char *name;
		int64_t most;
		int budget, adaptive, effort, forced, samples, mid_system;
		const char *off;
	} cases[] = {
	    {"claude-3-opus-20240229", 4096, 0, 0, 0, 1, 2, 0, "disabled"},
	    {"claude-3-5-sonnet-20241022", 8192, 0, 0, 0, 1, 2, 0, "disabled"},
	    {"claude-3-7-sonnet-latest", 64000, 1, 0, 0, 1, 2, 0, "disabled"},
	    {"claude-opus-4-20250514", 32000, 1, 0, 0, 1, 2, 0, "disabled"},
	    {"claude-opus-4@20250514", 32000, 1, 0, 0, 1, 2, 0, "disabled"},
	    {"claude-opus-4-1-20250805", 32000, 1, 0, 0, 1, 1, 0, "disabled"},
	    {"claude-sonnet-4-20250514", 64000, 1, 0, 0, 1, 2, 0, "disabled"},
	    {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", 64000, 1, 0, 0, 1, 1, 0, "disabled"},
	    {"claude-haiku-4-5", 64000, 1, 0, 0, 1, 1, 0, "disabled"},
	    {"claude-opus-4-5-20251101", 64000, 1, 0, 1, 1, 1, 0, "disabled"},
	    {"anthropic/claude-4.6-sonnet-20260217", 128000, 1, 1, 2, 1, 1, 0, "disabled"},
	    {"claude-opus-4-7", 128000, 0, 1, 3, 1, 0, 0, "disabled"},
	    {"claude-opus-4-8", 128000, 0, 1, 3, 1, 0, 1, "disabled"},
	    {"claude-sonnet-5", 128000, 0, 1, 3, 1, 0, 1, "disabled"},
	    {"claude-opus-5", 128000, 0, 1, 3, 1, 0, 1, "disabled"},
	    {"claude-fable-5", 128000, 0, 1, 3, 1, 0, 1, NULL},
	    {"claude-fable-5-1", 128000, 0, 1, 3, 0, 0, 1, NULL},
	    {"claude-opus-5-5", 128000, 0, 1, 3, 0, 0, 1, NULL},
	    {"claude-sonnet-5-5", 128000, 0, 1, 3, 0, 0, 1, "between_tools"},
	    {"claude-haiku-5-5", 128000, 0, 1, 3, 1, 0, 1, "disabled"},
	    {"claude-mythos-preview", 128000, 0, 1, 3, 0, 0, 1, NULL},
	    {"MiniMax-M2", 8192, 1, 0, 0, 1, 2, 0, "disabled"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct anthropic_model m;
		anthropic_model(cases[i].name, &m);
		tap_ok(m.most == cases[i].most && m.budget == cases[i].budget && m.adaptive == cases[i].adaptive &&
			m.effort == cases[i].effort && m.forced == cases[i].forced && m.samples == cases[i].samples &&
			m.mid_system == cases[i].mid_system &&
			(m.off && cases[i].off ? strcmp(m.off, cases[i].off) == 0 : m.off == cases[i].off),
		    "what %s takes", cases[i].name);
	}
}

/* The body, or the error's text. */
static void
encode(struct wire_call *call, const char *request, const char *model, int cache)
{
	char name[] = "work", base[] = "https://api.example.com/v1";
	struct provider row = {.name = name, .base = base};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};

	if (json_parse(&j, request, strlen(request), &e))
		errx(1, "%s: %s", request, e.msg);
	const struct wire_ask ask = {.request = &j, .provider = &row, .model = model, .cache = cache};
	if (wire_anthropic.encode(call, &ask, &lost, &e)) {
		buf_clear(&call->body);
		buf_adds(&call->body, e.msg);
	}
	losses_release(&lost);
	json_release(&j);
}

static int
has(const struct buf *b, const char *s)
{
	return strstr(buf_str(b), s) != NULL;
}

#define CACHED "\"cache_control\":{\"type\":\"ephemeral\"}"

static void
test_asks(void)
{
	struct wire_call c = {0};

	encode(&c, "{\"model\":\"x/y\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"stream\":true}",
	    "claude-3-opus", 1);
	tap_is_str(buf_str(&c.url), "https://api.example.com/v1/messages", "the URL");
	tap_is_str(buf_str(&c.header), "", "no header of its own");
	tap_ok(c.stream && has(&c.body, "\"model\":\"claude-3-opus\",\"max_tokens\":4096,"),
	    "the provider's name of the model");
	tap_ok(has(&c.body, "," CACHED), "the prompt is cached where the caller asks for it");
	encode(&c, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"," CACHED "}]}]}",
	    "m", 1);
	tap_ok(!has(&c.body, "]," CACHED), "but not where the request says where to");
	encode(&c, "{\"messages\":[{\"role\":\"user\",\"content\":\"\\\"cache_control\\\"\"}]}", "m", 1);
	tap_ok(has(&c.body, "," CACHED), "a text that speaks of it doesn't");
	encode(&c,
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"file_1\"}}]}]}",
	    "m", 0);
	tap_is_str(buf_str(&c.header), "anthropic-beta: files-api-2025-04-14\n", "an uploaded file needs a header");
	encode(&c, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{}}]}]}",
	    "m", 0);
	tap_is_str(buf_str(&c.body), "work doesn't take input_audio", "a refusal names the provider");
	wire_call_release(&c);
}

/* An image of 8 KB from request to request: its bytes are in the end, and nowhere in between. */
static void
test_long_data(void)
{
	struct buf in = BUF_INIT, canon = BUF_INIT;
	struct blobs blobs = BLOBS_INIT;
	struct wire_call call = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT, c = JSON_INIT;
	struct err e = {0};

	buf_adds(&in,
	    "{\"model\":\"claude-opus-5\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\","
	    "\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"");
	memset(buf_reserve(&in, 8192), 'A', 8192);
	in.len += 8192;
	buf_adds(&in, "\"}}]}]}");
	json_parse(&j, in.p, in.len, &e);
	const struct front_ask ask = {.request = &j, .stream = -1, .blobs = &blobs};
	tap_is_int(front_anthropic.request(&ask, &canon, &lost, &e), 0, "a request with a long image");
	tap_ok(canon.len < 400 && blobs.n == 1, "the canonical request only refers to it");
	json_parse(&c, canon.p, canon.len, &e);
	const struct wire_ask back = {.request = &c, .blobs = &blobs};
	wire_anthropic.encode(&call, &back, &lost, &e);
	tap_ok(call.body.len > 8192 && has(&call.body, "\"media_type\":\"image/png\",\"data\":\"AAAA"),
	    "its bytes are sent");
	wire_call_release(&call);
	losses_release(&lost);
	blobs_release(&blobs);
	json_release(&j);
	json_release(&c);
	buf_release(&in);
	buf_release(&canon);
}

static const char *
last_line(const struct buf *b)
{
	const char *p = buf_str(b), *last = p;

	for (; (p = strchr(p, '\n')); p++)
		if (p[1])
			last = p + 1;
	return last;
}

static void
test_caps(void)
{
	struct buf body = BUF_INIT, out = BUF_INIT;

	for (int i = 0; i < 65; i++)
		buf_addf(&body,
		    "data: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"text\"}}\n\n",
		    i);
	events_of(&out, &wire_anthropic, 200, body.p, body.len, NULL, NULL);
	tap_ok(strstr(last_line(&out), "too many blocks") != NULL, "65 blocks at a time");
	buf_clear(&body);
	buf_clear(&out);
	for (int i = 0; i < 1025; i++)
		buf_addf(&body,
		    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"%d\"}}\n\n",
		    i);
	events_of(&out, &wire_anthropic, 200, body.p, body.len, NULL, NULL);
	tap_ok(strstr(last_line(&out), "too many calls") != NULL, "1025 calls");
	buf_clear(&body);
	buf_clear(&out);
	for (int i = 0; i < 3; i++) {
		buf_addf(&body,
		    "data: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"tool_use\",\"input\":{\"a\":\"",
		    i);
		memset(buf_reserve(&body, 6 << 20), 'x', 6 << 20);
		body.len += 6 << 20;
		buf_adds(&body, "\"}}}\n\n");
	}
	events_of(&out, &wire_anthropic, 200, body.p, body.len, NULL, NULL);
	tap_ok(strstr(last_line(&out), "too much input") != NULL, "18 MiB of input that waits");
	buf_release(&body);
	buf_release(&out);
}

static void
test_error_words(void)
{
	static const struct {
		enum err_kind kind;
		int http;
		const char *type;
	} cases[] = {
	    {ERR_AUTH, 401, "authentication_error"},
	    {ERR_AUTH, 400, "authentication_error"},
	    {ERR_AUTH, 403, "permission_error"},
	    {ERR_NOKEY, 0, "authentication_error"},
	    {ERR_MONEY, 402, "billing_error"},
	    {ERR_CAP, 0, "billing_error"},
	    {ERR_NOMODEL, 404, "not_found_error"},
	    {ERR_REQUEST, 400, "invalid_request_error"},
	    {ERR_REQUEST, 413, "request_too_large"},
	    {ERR_REQUEST, 422, "invalid_request_error"},
	    {ERR_DATA, 0, "invalid_request_error"},
	    {ERR_REFUSED, 403, "permission_error"},
	    {ERR_TEMPORARY, 429, "rate_limit_error"},
	    {ERR_TEMPORARY, 529, "overloaded_error"},
	    {ERR_TEMPORARY, 503, "overloaded_error"},
	    {ERR_TEMPORARY, 504, "timeout_error"},
	    {ERR_TEMPORARY, 502, "api_error"},
	    {ERR_DEADLINE, 0, "timeout_error"},
	    {ERR_PROTOCOL, 0, "api_error"},
	    {ERR_UNREACHABLE, 0, "api_error"},
	};
	struct buf out = BUF_INIT, want = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = {.kind = cases[i].kind, .http = cases[i].http, .msg = "say \"why\""};
		buf_clear(&out);
		buf_clear(&want);
		front_anthropic.error(&e, &out);
		buf_adds(&want, "{\"type\":\"error\",\"error\":{\"type\":\"");
		buf_adds(&want, cases[i].type);
		buf_adds(&want, "\",\"message\":\"say \\\"why\\\"\"}}");
		tap_is_str(buf_str(&out), buf_str(&want), cases[i].type);
	}
	buf_release(&out);
	buf_release(&want);
}

/* Deltas that are like the one before are decoded without being parsed; with a member that differs each time they aren't. */
static void
test_template(void)
{
	static const char *const deltas[] = {"\"type\":\"text_delta\",\"text\":\"%s\"",
	    "\"type\":\"input_json_delta\",\"partial_json\":\"%s\"", "\"type\":\"thinking_delta\",\"thinking\":\"%s\"",
	    "\"type\":\"other_delta\",\"text\":\"%s\""};
	static const char *const texts[] = {
	    "a", "", "\\u00e9", "long enough", "\\\"", "x\\\\", "{\\\"a\\\":1}", "\\ud83d\\ude00"};
	static const char *const blocks[] = {
	    "\"text\"", "\"tool_use\",\"id\":\"t\",\"name\":\"f\"", "\"thinking\"", "\"server_tool_use\""};
	struct buf body[2] = {BUF_INIT, BUF_INIT}, out[2] = {BUF_INIT, BUF_INIT};
	unsigned chance = 1;

	for (int i = 0; i < 2000; i++) {
		chance = chance * 1103515245u + 12345u;
		unsigned at = chance >> 16;
		for (int k = 0; k < 2; k++) {
			struct buf *b = body + k;
			buf_addf(b, "data: {\"type\":\"content_block_%s\",\"index\":%u,\"p\":%d,",
			    at % 29 ? "delta" : "start", at % 3 % 2, k * i);
			if (at % 29) {
				buf_adds(b, "\"delta\":{");
				buf_addf(b, deltas[at / 512 % 4], texts[at / 8 % 8]);
			} else {
				buf_addf(b, "\"content_block\":{\"type\":%s", blocks[at / 64 % 4]);
			}
			buf_adds(b, "}}\n\n");
		}
	}
	for (int k = 0; k < 2; k++)
		events_of(out + k, &wire_anthropic, 200, body[k].p, body[k].len, NULL, NULL);
	tap_ok(out[0].len > 10000, "a stream of many deltas");
	tap_is_mem(out[0].p, out[0].len, out[1].p, out[1].len, "gives the same events with and without a template");
	for (int k = 0; k < 2; k++) {
		buf_release(body + k);
		buf_release(out + k);
	}
}

int
main(void)
{
	test_models();
	test_asks();
	test_long_data();
	test_caps();
	test_error_words();
	test_template();
	return tap_done();
}
