/* SPDX-License-Identifier: ISC */
#include "wire/splice.h"

#include <string.h>

#include "err.h"
#include "tap.h"
#include "wire/wire.h"

static void
request(const char *format, const char *body, int cache, const char *want)
{
	const struct splice_own own = {.format = format, .body = body, .n = strlen(body)};
	struct buf out = BUF_INIT;
	struct err e = {0};
	int r = splice_request(&own, "their \"name\"", cache, &out, &e);

	if (!want)
		tap_ok(r == -1 && *e.msg, "%s: can't be passed on: %s", format, body);
	else
		tap_is_str(r ? e.msg : buf_str(&out), want, format);
	buf_release(&out);
}

static void
test_requests(void)
{
	request("anthropic", "{ \"x\" : 1.00,\"model\":\"a/b\" ,\n\"new\":[ ]}", 0,
	    "{ \"x\" : 1.00,\"model\":\"their \\\"name\\\"\" ,\n\"new\":[ ]}");
	request("anthropic", "{\"provider\":{\"sort\":\"price\"},\"metadata\":{\"user_id\":\"u\"},\"models\":[\"c\"]}",
	    0, "{\"metadata\":{\"user_id\":\"u\"},\"model\":\"their \\\"name\\\"\"}");
	request("anthropic", "{\"model\":\"m\"}", 1,
	    "{\"model\":\"their \\\"name\\\"\",\"cache_control\":{\"type\":\"ephemeral\"}}");
	request("anthropic", "{\"model\":\"m\",\"system\":[{\"cache_control\":{}}]}", 1,
	    "{\"model\":\"their \\\"name\\\"\",\"system\":[{\"cache_control\":{}}]}");
	request("gemini", "{\"contents\":[],\"session_id\":\"s\",\"neu\":\"\\u00fc\"}", 1,
	    "{\"contents\":[],\"neu\":\"\\u00fc\"}");
	request("bedrock", "{\"messages\":[]}", 0, "{\"messages\":[]}");
	request("bedrock", "{\"messages\":[]}", 1, NULL);
	request("bedrock", "{\"messages\":[{\"cachePoint\":{}}]}", 1, "{\"messages\":[{\"cachePoint\":{}}]}");
	request("cohere", "{\"model\":\"m\",\"k\":3}", 0, "{\"model\":\"their \\\"name\\\"\",\"k\":3}");
	request(
	    "ollama", "{\"model\":\"m\",\"keep_alive\":-1}", 0, "{\"model\":\"their \\\"name\\\"\",\"keep_alive\":-1}");
	request("responses", "{\"model\":\"m\",\"store\":true,\"prompt_new\":1}", 0,
	    "{\"model\":\"their \\\"name\\\"\",\"store\":false,\"prompt_new\":1}");
	request("cohere", "[]", 0, NULL);
	tap_ok(splice_takes("gemini") && !splice_takes("openai") && !splice_takes("completions"),
	    "not OpenAI's: it has dialects");
}

/* What comes of a stream that is fed so many bytes at a time: the units, parted by |. */
static const char *
units(unsigned framing, const char *text, size_t n, size_t step)
{
	static struct buf out;
	struct splice_units u = {.framing = framing};
	int whole;

	buf_clear(&out);
	for (size_t at = 0, used; at < n; at += used) {
		used = splice_feed(&u, text + at, step < n - at ? step : n - at, &whole);
		if (!whole)
			continue;
		buf_add(&out, u.unit.p, u.unit.len);
		buf_addc(&out, '|');
		buf_clear(&u.unit);
	}
	buf_add(&out, u.unit.p, u.unit.len);
	buf_release(&u.unit);
	return buf_str(&out);
}

static void
test_units(void)
{
	static const char frames[] = "\0\0\0\x06"
				     "ab"
				     "\0\0\0\x05"
				     "c"
				     "\0\0\0\x08"
				     "d";
	static const char framed[] = "\0\0\0\x06"
				     "ab|"
				     "\0\0\0\x05"
				     "c|"
				     "\0\0\0\x08"
				     "d";

	for (size_t step = 1; step < 20; step += 3) {
		tap_is_str(units(0, "event: a\ndata: 1\n\ndata: 2\n\n: c", 30, step),
		    "event: a\ndata: 1\n\n|data: 2\n\n|: c", "events");
		tap_is_str(units(0, "data: 1\r\n\r\ndata: 2\r\rx", 21, step), "data: 1\r\n\r|\ndata: 2\r\r|x",
		    "their other line ends");
		tap_is_str(units(WIRE_VALUES, "{}\n{\"a\":1}\n{", 12, step), "{}\n|{\"a\":1}\n|{", "lines");
		units(WIRE_FRAMES, frames, sizeof(frames) - 1, step);
		tap_ok(memcmp(units(WIRE_FRAMES, frames, sizeof(frames) - 1, step), framed, sizeof(framed) - 1) == 0,
		    "frames");
	}
	units(0, "", 0, 1);
}

static void
cost(const char *format, const char *unit, const char *usd, const char *want)
{
	struct buf out = BUF_INIT;

	buf_adds(&out, "<");
	splice_cost(format, unit, strlen(unit), usd, &out);
	tap_is_str(buf_str(&out) + 1, want ? want : unit, want ? "a cost" : "no place for a cost");
	buf_release(&out);
}

static void
test_costs(void)
{
	cost("anthropic", "{\"id\":1, \"usage\":{\"n\":1.0}}\n", "0.5",
	    "{\"id\":1, \"usage\":{\"n\":1.0,\"cost\":0.5}}\n");
	cost("anthropic", "event: message_delta\ndata: {\"usage\":{\"n\":1}}\n\n", "0.5",
	    "event: message_delta\ndata: {\"usage\":{\"n\":1,\"cost\":0.5}}\n\n");
	cost("anthropic", "event: message_delta\r\ndata:{\"usage\":{}}\r\n\r\n", "0",
	    "event: message_delta\r\ndata:{\"usage\":{\"cost\":0}}\r\n\r\n");
	cost("anthropic", "data: {\"usage\":{\"cost\":7}}\n\n", "0.5", NULL);
	cost("anthropic", "data: {\"usage\":{}}\n\n", NULL, NULL);
	cost("anthropic", "data: {\"usage\":null}\n\n", "1", NULL);
	cost("anthropic", "data: {\"usage\":\ndata: {}}\n\n", "1", NULL);
	cost("anthropic", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", "1", NULL);
	cost("anthropic", ": comment\n\n", "1", NULL);
	cost("anthropic", "", "1", NULL);
	cost("anthropic", "data: {\"usage\":{}\n\n", "1", NULL);
	cost("responses", "{\"usage\":{\"a\":1}}", "2", "{\"usage\":{\"a\":1,\"cost\":2}}");
	cost("responses", "data: {\"response\":{\"usage\":{}}}\n\n", "2",
	    "data: {\"response\":{\"usage\":{\"cost\":2}}}\n\n");
	cost("gemini", "{\"usage\":{}}", "2", NULL);
	cost("ollama", "{\"done\":true,\"usage\":{}}\n", "2", NULL);
}

static void
test_ends(void)
{
	static const struct {
		const char *format, *unit;
		int is;
	} v[] = {{"anthropic", "data: {\"type\":\"message_delta\"}", 1},
	    {"anthropic", "data: {\"text\":\"\\\"message_delta\\\"\"}", 0},
	    {"gemini", "data: {\"finishReason\":\"STOP\"}", 1}, {"gemini", "data: {}", 0},
	    {"ollama", "{\"done\":false}", 0}, {"ollama", "{\"done\":true}", 1},
	    {"cohere", "{\"type\":\"message-end\"}", 1}, {"responses", "{\"type\":\"response.completed\"}", 1},
	    {"responses", "{\"type\":\"response.created\"}", 0}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		tap_is_int(splice_is_end(v[i].format, v[i].unit, strlen(v[i].unit)), v[i].is, v[i].unit);
	tap_is_int(splice_form("ollama", 1, 1, WIRE_VALUES), SPLICE_STREAM, "Ollama's streams are lines");
	tap_is_int(splice_form("gemini", 1, 1, WIRE_VALUES), SPLICE_OTHER, "Google's aren't");
	tap_is_int(splice_form("gemini", 0, 0, 0), SPLICE_WHOLE, "a whole answer");
	tap_is_int(splice_form("gemini", 0, 1, WIRE_VALUES), SPLICE_WHOLE, "one object");
}

int
main(void)
{
	test_requests();
	test_units();
	test_costs();
	test_ends();
	return tap_done();
}
