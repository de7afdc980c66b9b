/* SPDX-License-Identifier: ISC */
#include "serve/check.h"

#include "err.h"
#include "json.h"
#include "tap.h"

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"

static int is_made; /* from another format */

/* A request with these members beside a message; want: what its error begins with; NULL: it is good. */
static void
check_text(const char *text, const char *want)
{
	struct json j = JSON_INIT;
	struct err e = {0};
	char name[120];

	snprintf(name, sizeof(name), "%.100s", text);
	if (json_parse(&j, text, strlen(text), &e)) {
		tap_ok(0, "%s: no JSON", name);
	} else if (!want) {
		int r = check_chat(&j, is_made, &e);
		tap_is_str(r ? e.msg : "good", "good", name);
	} else {
		int r = check_chat(&j, is_made, &e);
		tap_is_int(r, -1, name);
		tap_ok(e.kind == ERR_DATA && strncmp(e.msg, want, strlen(want)) == 0, "it says %s (%s)", want, e.msg);
	}
	json_release(&j);
}

static void
with(const char *members, const char *want)
{
	char text[512];

	snprintf(text, sizeof(text), "{" HI ",%s}", members);
	check_text(text, want);
}

static void
message(const char *message, const char *want)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"messages\":[{\"role\":\"system\",\"content\":\"be\"},%s]}", message);
	check_text(text, want);
}

/* Each member with a value that it may have, and one that it may not. */
static void
test_types(void)
{
	static const char *const table[][3] = {
	    {"model", "\"a/b\"", "1"},
	    {"models", "[\"a/b\",\"c/d\"]", "[1]"},
	    {"models", "[]", "\"a/b\""},
	    {"temperature", "0.5", "\"0.5\""},
	    {"top_p", "1", "true"},
	    {"top_k", "40", "0.5"},
	    {"min_p", "0.1", "[]"},
	    {"top_a", "0", "{}"},
	    {"frequency_penalty", "-2", "\"\""},
	    {"presence_penalty", "2", "false"},
	    {"repetition_penalty", "1.1", "\"1\""},
	    {"seed", "-7", "\"7\""},
	    {"max_tokens", "10", "\"10\""},
	    {"max_completion_tokens", "10", "1.5"},
	    {"n", "2", "0"},
	    {"n", "1", "\"2\""},
	    {"stop", "\"a\"", "1"},
	    {"stop", "[\"a\",\"b\",\"c\",\"d\"]", "[\"a\",\"b\",\"c\",\"d\",\"e\"]"},
	    {"stop", "[]", "[1]"},
	    {"logit_bias", "{\"50\":-100}", "{\"50\":\"-100\"}"},
	    {"logprobs", "true", "1"},
	    {"top_logprobs", "20", "true"},
	    {"tools", "[]", "{}"},
	    {"parallel_tool_calls", "false", "\"no\""},
	    {"response_format", "{\"type\":\"text\"}", "\"json\""},
	    {"structured_outputs", "true", "{}"},
	    {"stream", "false", "\"true\""},
	    {"stream_options", "{\"include_usage\":true}", "true"},
	    {"prediction", "{\"type\":\"content\",\"content\":\"a\"}", "\"a\""},
	    {"modalities", "[\"text\",\"image\"]", "[\"smell\"]"},
	    {"audio", "{\"voice\":\"x\",\"format\":\"wav\"}", "\"wav\""},
	    {"metadata", "{\"a\":\"b\"}", "{\"a\":1}"},
	    {"user", "\"me\"", "1"},
	    {"verbosity", "\"low\"", "\"loud\""},
	    {"web_search_options", "{}", "[]"},
	    {"provider", "{}", "\"openai\""},
	    {"plugins", "[]", "{}"},
	    {"transforms", "[\"middle-out\"]", "\"middle-out\""},
	    {"preset", "\"x\"", "{}"},
	    {"reasoning", "{\"effort\":\"low\"}", "\"low\""},
	    {"reasoning_effort", "\"high\"", "\"highest\""},
	    {"include_reasoning", "true", "\"yes\""},
	    {"usage", "{\"include\":true}", "true"},
	    {"session_id", "\"s\"", "1"},
	    {"prompt_cache_key", "\"k\"", "1"},
	    {"prompt_cache_options", "{\"mode\":\"explicit\"}", "\"explicit\""},
	    {"cache_control", "{\"type\":\"ephemeral\"}", "true"},
	    {"service_tier", "\"flex\"", "\"first\""},
	    {"image_config", "{\"aspect_ratio\":\"1:1\"}", "\"1:1\""},
	    {"trace", "{\"trace_id\":\"t\"}", "\"t\""},
	    {"debug", "{\"echo_upstream_body\":false}", "true"},
	    {"max_tool_calls", "3", "\"3\""},
	    {"stop_server_tools_when", "[{\"type\":\"step_count_is\",\"step_count\":2}]", "{}"},
	    {"x_search_filter", "{}", "[]"},
	    {"tool_choice", "\"auto\"", "\"perhaps\""},
	    {"tool_choice", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "1"},
	};
	char text[256], want[64];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(text, sizeof(text), "\"%s\":%s", table[i][0], table[i][1]);
		with(text, NULL);
		snprintf(text, sizeof(text), "\"%s\":null", table[i][0]);
		with(text, NULL);
		snprintf(text, sizeof(text), "\"%s\":%s", table[i][0], table[i][2]);
		snprintf(want, sizeof(want), "%s: ", table[i][0]);
		with(text, want);
	}
}

static void
test_messages(void)
{
	check_text("{}", "messages is missing");
	check_text("{\"messages\":null}", "messages is missing");
	check_text("{\"messages\":\"hi\"}", "messages: an array is wanted");
	check_text("{\"messages\":[]}", "messages: there is none");
	check_text("{\"messages\":{\"role\":\"user\"}}", "messages: an array is wanted");
	message("\"hi\"", "messages[1]: an object is wanted");
	message("{\"content\":\"hi\"}", "messages[1].role is missing");
	message("{\"role\":1,\"content\":\"hi\"}", "messages[1].role: a string is wanted");
	message("{\"role\":\"pope\",\"content\":\"hi\"}", "messages[1].role: there is no role \"pope\"");
	message("{\"role\":\"user\"}", "messages[1].content is missing");
	message("{\"role\":\"user\",\"content\":null}", "messages[1].content is missing");
	message("{\"role\":\"user\",\"content\":1}", "messages[1].content: a string or an array");
	message("{\"role\":\"user\",\"content\":[\"hi\"]}", "messages[1].content[0]: an object is wanted");
	message("{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}", "messages[1].content[0].type is missing");
	message("{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}", "messages[1].content[0].text is missing");
	message("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":\"x\"}]}",
	    "messages[1].content[0].image_url: an object is wanted");
	message("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}",
	    "messages[1].content[0].image_url.url is missing");
	message(
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":"
	    "{\"url\":\"data:\"}},{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}},{\"type\":\"novelty\"}]}",
	    NULL);
	message("{\"role\":\"user\",\"name\":1,\"content\":\"hi\"}", "messages[1].name: a string is wanted");
	message("{\"role\":\"developer\",\"content\":\"hi\"}", NULL);
	message("{\"role\":\"assistant\"}", NULL);
	message(
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":"
	    "{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
	    NULL);
	message("{\"role\":\"assistant\",\"tool_calls\":{}}", "messages[1].tool_calls: an array is wanted");
	message("{\"role\":\"assistant\",\"tool_calls\":[1]}", "messages[1].tool_calls[0]: an object is wanted");
	message("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":1}]}", "messages[1].tool_calls[0].id: a string");
	message("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"arguments\":{}}}]}",
	    "messages[1].tool_calls[0].function.arguments: a string is wanted");
	message("{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"sunny\"}", NULL);
	message("{\"role\":\"tool\",\"content\":\"sunny\"}", "messages[1].tool_call_id is missing");
}

static void
test_members(void)
{
	with("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]", NULL);
	with("\"tools\":[{\"type\":\"openrouter:web_search\"}]", NULL);
	with("\"tools\":[\"f\"]", "tools[0]: an object is wanted");
	with("\"tools\":[{}]", "tools[0].type is missing");
	with("\"tools\":[{\"type\":\"function\"}]", "tools[0].function is missing");
	with("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name is missing");
	with("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":[]}}]",
	    "tools[0].function.parameters: an object is wanted");
	with("\"tool_choice\":{}", "tool_choice.type is missing");
	with("\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function is missing");
	with("\"tool_choice\":{\"type\":\"openrouter:web_search\"}", NULL);
	with("\"response_format\":{}", "response_format.type is missing");
	with("\"response_format\":{\"type\":\"xml\"}", "response_format.type: there is no such word");
	with("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema is missing");
	with("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}",
	    "response_format.json_schema.name is missing");
	with("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{}}}", NULL);
	with("\"reasoning\":{\"effort\":\"much\"}", "reasoning.effort: there is no such word");
	with("\"reasoning\":{\"max_tokens\":\"1\"}", "reasoning.max_tokens: a whole number is wanted");
	with("\"reasoning\":{\"exclude\":1}", "reasoning.exclude: true or false is wanted");
	with("\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"low\"", NULL);
	with("\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"high\"", "reasoning_effort: reasoning.effort");
	with("\"usage\":{\"include\":\"yes\"}", "usage.include: true or false is wanted");
	with("\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage: true or false is wanted");
	with("\"debug\":{\"echo_upstream_body\":true}", "debug.echo_upstream_body: ");
	with("\"debug\":{\"echo_upstream_body\":1}", "debug.echo_upstream_body: true or false is wanted");
	with("\"novelty\":[1,{\"a\":2}]", NULL);
}

int
main(void)
{
	test_types();
	test_messages();
	test_members();
	is_made = 1;
	with("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", NULL);
	message("{\"role\":\"tool\",\"content\":\"sunny\"}", NULL);
	with("\"temperature\":\"0.5\"", "temperature: a number is wanted");
	return tap_done();
}
