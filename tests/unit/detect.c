/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "tap.h"
#include "wire/detect.h"

/* "anthropic answer stream": what the input is, given in steps of so many bytes, with the end of the input behind it. */
static void
describe(struct buf *out, const char *text, size_t n, size_t step)
{
	struct detect d = {0};
	struct json j = JSON_INIT;
	int known = 0;

	for (size_t i = step; !known && i < n + step; i += step)
		known = detect_feed(&d, text, i < n ? i : n);
	if (!known)
		known = detect_end(&d);
	const char *object = d.shape == DETECT_SSE ? buf_str(&d.data) : text + d.start;
	size_t len = d.end - (d.shape == DETECT_SSE ? 0 : d.start);
	int parsed =
	    known && d.shape != DETECT_FRAMES && d.shape != DETECT_OTHER && json_parse(&j, object, len, NULL) == 0;
	int is_request = parsed && d.shape == DETECT_OBJECT && detect_is_request(&j);
	const char *format = d.shape == DETECT_FRAMES ? "bedrock" : parsed ? detect_format(&j, is_request) : "?";
	buf_clear(out);
	buf_addf(out, "%s %s%s", format, is_request ? "request" : "answer",
	    detect_is_stream(d.shape, &j, format) ? " stream" : "");
	json_release(&j);
	detect_release(&d);
}

static void
is_n(const char *want, const char *text, size_t n)
{
	struct buf whole = BUF_INIT, bytes = BUF_INIT;

	describe(&whole, text, n, n ? n : 1);
	describe(&bytes, text, n, 1);
	tap_is_str(buf_str(&whole), want, want);
	if (strcmp(buf_str(&whole), want) != 0)
		printf("# of %.100s\n", text);
	tap_is_str(buf_str(&bytes), want, "... byte by byte");
	buf_release(&whole);
	buf_release(&bytes);
}

static void
is(const char *want, const char *text)
{
	is_n(want, text, strlen(text));
}

#define SAYS_HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"

static void
test_requests(void)
{
	is("openai request", "{\"model\":\"m\"," SAYS_HI "}");
	is("openai request", "{\"model\":\"m\",\"max_tokens\":10," SAYS_HI "}");
	is("openai request", "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}],\"temperature\":0,\"top_k\":3}");
	is("openai request",
	    "{" SAYS_HI ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":"
	    "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}}");
	is("openai request",
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}");
	is("openai request",
	    "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"images\":[{\"type\":\"image_url\"}]}]}");
	is("completions request", "{\"model\":\"m\",\"prompt\":\"Once\"}");
	is("responses request", "{\"model\":\"m\",\"input\":\"hi\"}");
	is("responses request",
	    "{\"model\":\"m\",\"instructions\":\"x\",\"input\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
	is("anthropic request", "{\"model\":\"m\",\"max_tokens\":9,\"system\":\"s\"," SAYS_HI "}");
	is("anthropic request", "{\"max_tokens\":9,\"system\":[{\"type\":\"text\",\"text\":\"s\"}]," SAYS_HI "}");
	is("anthropic request",
	    "{\"max_tokens\":9," SAYS_HI ",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]}");
	is("anthropic request",
	    "{\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{}}]}]}");
	is("anthropic request",
	    "{\"max_tokens\":9," SAYS_HI ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}");
	is("anthropic request",
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}]}");
	is("anthropic request", "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":9," SAYS_HI "}");
	is("gemini request", "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}");
	is("gemini request",
	    "{\"system_instruction\":{\"parts\":{\"text\":\"s\"}},\"contents\":{\"parts\":[{\"text\":\"hi\"}]}}");
	is("ollama request", "{\"model\":\"m\"," SAYS_HI ",\"options\":{\"num_ctx\":4096}}");
	is("ollama request",
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"images\":[\"iVBO\"]}],\"stream\":false}");
	is("ollama request", "{\"model\":\"m\"," SAYS_HI ",\"format\":\"json\"}");
	is("ollama request", "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}],\"keep_alive\":-1}");
	is("cohere request", "{\"model\":\"m\"," SAYS_HI ",\"documents\":[\"d\"]}");
	is("cohere request",
	    "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}],\"stop_sequences\":[\"x\"],\"k\":3,\"p\":0.5}");
	is("cohere request", "{" SAYS_HI ",\"thinking\":{\"type\":\"enabled\",\"token_budget\":500}}");
	is("cohere request", "{" SAYS_HI ",\"tools\":[],\"tool_choice\":\"REQUIRED\"}");
	is("bedrock request", "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}]}");
	is("bedrock request",
	    "{\"system\":[{\"text\":\"s\"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}]}");
	is("bedrock request", "{\"messages\":[],\"inferenceConfig\":{\"maxTokens\":9}}");
}

static void
test_answers(void)
{
	is("openai answer",
	    "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":\"x\"}}]}");
	is("openai answer", "\n\n  {\"id\":\"c\",\"choices\":[{\"message\":{\"content\":\"x\"}}]}");
	is("openai answer",
	    "{\"error\":{\"message\":\"x\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}");
	is("openai answer", "{\"error\":\"x\"}");
	is("openai answer", "{\"object\":\"error\",\"message\":\"x\",\"type\":\"t\",\"code\":\"1500\"}");
	is("openai answer", "{\"code\":\"Client specified an invalid argument\",\"error\":\"x\"}");
	is("openai answer", "{\"detail\":\"x\"}");
	is("openai answer", "{}");
	is("openai answer", "[{\"error\":{\"message\":\"x\"}}]");
	is("completions answer", "{\"id\":\"c\",\"object\":\"text_completion\",\"choices\":[{\"text\":\"x\"}]}");
	is("responses answer",
	    "{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",\"error\":null,\"output\":[]}");
	is("anthropic answer",
	    "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":\"end_turn\"}");
	is("anthropic answer",
	    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"},\"request_id\":\"r\"}");
	is("gemini answer", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}],\"usageMetadata\":{}}");
	is("gemini answer", "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}");
	is("gemini answer", "{\"error\":{\"code\":400,\"message\":\"x\",\"status\":\"INVALID_ARGUMENT\"}}");
	is("ollama answer",
	    "{\"model\":\"m\",\"created_at\":\"2025\",\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"done\":true}");
	is("cohere answer",
	    "{\"id\":\"c\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]},"
	    "\"finish_reason\":\"COMPLETE\"}");
	is("cohere answer", "{\"id\":\"c\",\"message\":\"invalid api token\"}");
	is("bedrock answer",
	    "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[]}},\"stopReason\":\"end_turn\"}");
	is("bedrock answer", "{\"message\":\"The security token included in the request is invalid.\"}");
}

static void
test_streams(void)
{
	is("openai answer stream", "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[]}\n\n");
	is("openai answer stream", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {\"choices\":[]}\n\n");
	is("openai answer stream",
	    "\xef\xbb\xbf"
	    "data: {\"choices\":[]}\r\n\r\n");
	is("? answer stream", ": only a comment\n\n");
	is("? answer stream", "data: [DONE\n\n");
	is("completions answer stream", "data: {\"object\":\"text_completion\",\"choices\":[]}\n\n");
	is("responses answer stream",
	    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0}\n\n");
	is("responses answer stream", ": \n\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n");
	is("responses answer stream",
	    "event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"x\",\"param\":null}\n\n");
	is("anthropic answer stream", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n");
	is("anthropic answer stream", "event: ping\ndata: {\"type\": \"ping\"}\n\n");
	is("anthropic answer stream",
	    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n");
	is("gemini answer stream", "data: {\"candidates\":[{}]}\r\n\r\n");
	is("gemini answer stream", "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n"); /* not closed */
	is("gemini answer stream", "[{\n  \"candidates\": []\n}\n,\n{");
	is("ollama answer stream", "{\"model\":\"m\",\"created_at\":\"2025\",\"message\":{},\"done\":false}\n{\"mod");
	is("cohere answer stream",
	    "event: message-start\ndata: {\"id\":\"c\",\"type\":\"message-start\",\"delta\":{}}\n\n");
	is_n("bedrock answer stream", "\0\0\0\x81\0\0\0\x52lv\xc1v", 12);
}

static void
test_shapes(void)
{
	static const struct {
		const char *text;
		size_t n;
		enum detect_shape shape;
	} cases[] = {{"", 0, DETECT_BLANK}, {" \r\n\t", 4, DETECT_BLANK}, {"\xef\xbb\xbf", 3, DETECT_BLANK},
	    {"da", 2, DETECT_BLANK}, {"dates", 5, DETECT_OTHER}, {"hello", 5, DETECT_OTHER}, {"true", 4, DETECT_OTHER},
	    {"\0{\0\"\0a\0\"", 8, DETECT_OTHER}, {"\0\0", 2, DETECT_BLANK}, {"retry: 1\n", 9, DETECT_SSE},
	    {"{", 1, DETECT_OBJECT}, {"[", 1, DETECT_ARRAY}, {"\0\0\0\x0f\0\0\0\0", 8, DETECT_OTHER},
	    {"\0\0\0\x10\0\0\0\x01", 8, DETECT_OTHER}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct detect d = {0};
		detect_feed(&d, cases[i].text, cases[i].n);
		tap_ok(d.shape == cases[i].shape, "the shape of case %zu is %d", i, (int)d.shape);
		detect_release(&d);
	}
}

/* Where the first object ends, with quotes and backslashes split anywhere. */
static void
test_ends(void)
{
	static const char *const objects[] = {"{}", "{\"a\":\"}\"}", "{\"a\":\"\\\"}\"}", "{\"a\":\"\\\\\"}",
	    "{\"\\\\\\\"\":[{}]}", "{\"a\":\"x\\\\\\\\\\\"}\\\\\"}", "{\"a\":{\"b\":[[{}]]}}"};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		size_t n = strlen(objects[i]), bad = 0;
		buf_clear(&b);
		buf_addf(&b, "  %s \"}", objects[i]);
		for (size_t cut = 0; cut <= n + 2; cut++) {
			struct detect d = {0};
			int early = detect_feed(&d, b.p, cut), late = early ? 1 : detect_feed(&d, b.p, b.len);
			bad += early != (cut == n + 2) || !late || d.start != 2 || d.end != n + 2;
			detect_release(&d);
		}
		tap_ok(!bad, "the end of %s", objects[i]);
	}
	buf_release(&b);
}

/* Megabytes of quotes or backslashes in small reads take no longer than reading them. */
static void
test_linear(void)
{
	static const char *const units[] = {"\\\"", "\\\\", "x\\n", "{[", "\"\","};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		struct detect d = {0};
		buf_clear(&b);
		buf_adds(&b, i < 3 ? "{\"a\":\"" : "{\"a\":[");
		while (b.len < 4 << 20)
			buf_adds(&b, units[i]);
		int known = 0;
		for (size_t at = 0; at < b.len && !known; at += 4096)
			known = detect_feed(&d, b.p, at);
		tap_ok(!known, "4 MiB of %s", units[i]);
		detect_release(&d);
	}
	buf_release(&b);
}

int
main(void)
{
	test_requests();
	test_answers();
	test_streams();
	test_shapes();
	test_ends();
	test_linear();
	return tap_done();
}
