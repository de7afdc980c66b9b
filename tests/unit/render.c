/* SPDX-License-Identifier: ISC */
/* Each form of output from a hand-made answer, byte for byte. */
#include "render.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "event.h"
#include "json.h"
#include "tap.h"

static const struct usage counted = {3, 5, 1, -1, 2, -1, -1, -1, ""};
static const struct usage priced = {3, 5, -1, -1, -1, -1, -1, -1, "0.00012"};
static const struct err broken = {.kind = ERR_TEMPORARY, .http = 502, .msg = "502 upstream \"died\""};
static const struct err nowhere = {.kind = ERR_TEMPORARY, .msg = "the connection was cut"};

#define START \
	{ \
		.type = EVENT_START, .id = "gen-1", .name = "a/b", .provider = "Acme", .created = 1700000000 \
	}
#define SAYS(t) \
	{ \
		.type = EVENT_TEXT, .s = (t), .n = sizeof(t) - 1 \
	}
#define REFUSES(t) \
	{ \
		.type = EVENT_TEXT, .refusal = 1, .s = (t), .n = sizeof(t) - 1 \
	}
#define THINKS(t) \
	{ \
		.type = EVENT_REASONING, .s = (t), .n = sizeof(t) - 1 \
	}
#define CALL(i, t) \
	{ \
		.type = EVENT_TOOL_BEGIN, .index = (i), .id = (t), .name = "get_\"x\"" \
	}
#define ARGS(i, t) \
	{ \
		.type = EVENT_TOOL_ARGS, .index = (i), .s = (t), .n = sizeof(t) - 1 \
	}
#define CALLED(i) \
	{ \
		.type = EVENT_TOOL_END, .index = (i) \
	}
#define ENDS(t) \
	{ \
		.type = EVENT_FINISH, .s = (t), .n = sizeof(t) - 1, .native = "end_turn" \
	}
#define USED \
	{ \
		.type = EVENT_USAGE, .usage = &counted, .raw = "{\"prompt_tokens\":3,\"completion_tokens\":5}", \
		.raw_len = 41 \
	}
#define FAILS \
	{ \
		.type = EVENT_ERROR, .err = &broken \
	}
#define N(a) (sizeof(a) / sizeof(*(a)))

static void
rendered(enum render_form form, const struct event *ev, size_t n, const char *cost, int failed, const char *want,
    const char *name)
{
	struct render r;
	struct buf out = BUF_INIT;

	render_init(&r, form, 1234);
	for (size_t i = 0; i < n; i++)
		render_event(&r, ev + i, &out);
	render_end(&r, cost, failed, &out);
	tap_is_str(buf_str(&out), want, name);
	render_release(&r);
	buf_release(&out);
}

#define RENDERED(form, list, cost, failed, want, name) rendered(form, list, N(list), cost, failed, want, name)

static void
text(void)
{
	static const struct event plain[] = {START, SAYS("a\n"), SAYS("b"), ENDS("stop"), USED};
	static const struct event ended[] = {START, SAYS("a\n"), SAYS("b\n"), ENDS("stop")};
	static const struct event lines[] = {START, SAYS("a\n\n")};
	static const struct event nothing[] = {START, ENDS("stop"), USED};
	static const struct event empty[] = {START, SAYS(""), ENDS("stop")};
	static const struct event refusal[] = {START, REFUSES("I won't."), ENDS("stop")};
	static const struct event thought[] = {START, THINKS("hm\n"), SAYS("x"), ENDS("stop")};
	static const struct event nul[] = {START, SAYS("\xc3\xa9\r"), ENDS("stop")};
	static const struct event choices[] = {
	    START, SAYS("first"), {.type = EVENT_TEXT, .choice = 1, .s = "second", .n = 6}, SAYS("!")};
	static const struct event failing[] = {START, SAYS("half"), FAILS};

	RENDERED(RENDER_TEXT, plain, NULL, 0, "a\nb\n", "text: a newline where there is none");
	RENDERED(RENDER_RAW, plain, NULL, 0, "a\nb", "raw: none");
	RENDERED(RENDER_TEXT, ended, NULL, 0, "a\nb\n", "text: none where there is one");
	RENDERED(RENDER_TEXT, lines, NULL, 0, "a\n\n", "text: all of the answer's own");
	RENDERED(RENDER_TEXT, nothing, NULL, 0, "", "text: nothing where nothing came");
	RENDERED(RENDER_TEXT, empty, NULL, 0, "", "text: nothing for empty text");
	RENDERED(RENDER_RAW, nothing, NULL, 0, "", "raw: nothing");
	RENDERED(RENDER_TEXT, refusal, NULL, 0, "I won't.\n", "text: a refusal's words");
	RENDERED(RENDER_TEXT, thought, NULL, 0, "x\n", "text: no reasoning");
	RENDERED(RENDER_TEXT, nul, NULL, 0, "\xc3\xa9\r\n", "text: byte for byte");
	RENDERED(RENDER_TEXT, choices, NULL, 0, "first!\n", "text: the first choice");
	RENDERED(RENDER_TEXT, failing, NULL, 1, "half\n", "text: a newline after a cut too");
	RENDERED(RENDER_RAW, failing, NULL, 1, "half", "raw: none there");
}

static void
calls(void)
{
	static const struct event two[] = {START, CALL(0, "c1"), ARGS(0, "{\"q\":"), CALL(1, "c2"), ARGS(0, "1}"),
	    CALLED(0), CALLED(1), ENDS("tool_calls")};
	static const struct event both[] = {
	    START, SAYS("let me see"), CALL(0, "c1"), ARGS(0, "{\"a\\\"\"}"), CALLED(0), ENDS("tool_calls")};
	static const struct event both_ended[] = {START, SAYS("see\n"), CALL(0, NULL), CALLED(0), ENDS("tool_calls")};
	static const char one[] =
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"get_\\\"x\\\"\",\"arguments\":\"{\\\"q\\\":1}\"}}\n"
	    "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"get_\\\"x\\\"\",\"arguments\":\"{}\"}}\n";

	RENDERED(RENDER_TEXT, two, NULL, 0, one, "text: calls, a line each; arguments that never came are {}");
	RENDERED(RENDER_RAW, two, NULL, 0, one, "raw: the same");
	RENDERED(RENDER_TEXT, both, NULL, 0,
	    "let me see\n{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"get_\\\"x\\\"\",\"arguments\":\"{\\\"a\\\\\\\"\\\"}\"}}\n",
	    "text: calls begin on a line of their own");
	RENDERED(RENDER_TEXT, both_ended, NULL, 0,
	    "see\n{\"id\":null,\"type\":\"function\",\"function\":{\"name\":\"get_\\\"x\\\"\",\"arguments\":\"{}\"}}\n",
	    "text: without an empty line");
	RENDERED(RENDER_TEXT, two, NULL, 1, "", "text: no half calls");
	RENDERED(RENDER_TEXT, both, NULL, 1, "let me see\n", "text: nor behind text");
}

static void
ndjson(void)
{
	static const struct event all[] = {START, THINKS("h\n"),
	    {.type = EVENT_REASONING, .s = "", .n = 0, .raw = "{\"type\":\"x\"}", .raw_len = 12}, SAYS("hi \"you\""),
	    REFUSES("no"), CALL(0, "c1"), ARGS(0, "{}"), CALLED(0),
	    {.type = EVENT_MEDIA, .name = "image", .raw = "{\"u\":1}", .raw_len = 7},
	    {.type = EVENT_ANNOTATION, .raw = "{\"a\":1}", .raw_len = 7},
	    {.type = EVENT_LOGPROBS, .raw = "{\"content\":[]}", .raw_len = 14},
	    {.type = EVENT_TEXT, .choice = 2, .s = "x", .n = 1}, ENDS("stop"), USED,
	    {.type = EVENT_USAGE, .usage = &priced}};
	static const struct event late[] = {START, SAYS("x"), FAILS};
	static const struct event only_error[] = {START, FAILS};
	static const struct event cut[] = {START, SAYS("x"), {.type = EVENT_ERROR, .err = &nowhere}};
	static const struct event bare[] = {
	    {.type = EVENT_START}, {.type = EVENT_TEXT}, {.type = EVENT_FINISH, .s = "stop", .n = 4}};

	RENDERED(RENDER_NDJSON, all, "1", 0,
	    "{\"type\":\"start\",\"id\":\"gen-1\",\"model\":\"a/b\",\"provider\":\"Acme\"}\n"
	    "{\"type\":\"reasoning\",\"text\":\"h\\n\"}\n"
	    "{\"type\":\"reasoning\",\"text\":\"\",\"detail\":{\"type\":\"x\"}}\n"
	    "{\"type\":\"text\",\"text\":\"hi \\\"you\\\"\"}\n"
	    "{\"type\":\"text\",\"text\":\"no\",\"refusal\":true}\n"
	    "{\"type\":\"tool_begin\",\"index\":0,\"id\":\"c1\",\"name\":\"get_\\\"x\\\"\"}\n"
	    "{\"type\":\"tool_args\",\"index\":0,\"args\":\"{}\"}\n"
	    "{\"type\":\"tool_end\",\"index\":0}\n"
	    "{\"type\":\"media\",\"kind\":\"image\",\"media\":{\"u\":1}}\n"
	    "{\"type\":\"annotation\",\"annotation\":{\"a\":1}}\n"
	    "{\"type\":\"logprobs\",\"logprobs\":{\"content\":[]}}\n"
	    "{\"type\":\"text\",\"choice\":2,\"text\":\"x\"}\n"
	    "{\"type\":\"finish\",\"finish\":\"stop\",\"native_finish\":\"end_turn\"}\n"
	    "{\"type\":\"usage\",\"prompt\":3,\"completion\":5,\"cached\":1,\"reasoning\":2}\n"
	    "{\"type\":\"usage\",\"prompt\":3,\"completion\":5,\"cost\":0.00012}\n",
	    "ndjson: all events");
	RENDERED(RENDER_NDJSON, late, NULL, 1,
	    "{\"type\":\"start\",\"id\":\"gen-1\",\"model\":\"a/b\",\"provider\":\"Acme\"}\n{\"type\":\"text\",\"text\":\"x\"}\n"
	    "{\"type\":\"error\",\"status\":502,\"kind\":\"temporary\",\"message\":\"502 upstream \\\"died\\\"\"}\n",
	    "ndjson: an error in the middle");
	RENDERED(RENDER_NDJSON, cut, NULL, 1,
	    "{\"type\":\"start\",\"id\":\"gen-1\",\"model\":\"a/b\",\"provider\":\"Acme\"}\n{\"type\":\"text\",\"text\":\"x\"}\n"
	    "{\"type\":\"error\",\"kind\":\"temporary\",\"message\":\"the connection was cut\"}\n",
	    "ndjson: an error without a status");
	RENDERED(RENDER_NDJSON, only_error, NULL, 1, "", "ndjson: neither start nor error where nothing came");
	RENDERED(RENDER_NDJSON, bare, NULL, 0,
	    "{\"type\":\"start\"}\n{\"type\":\"text\",\"text\":\"\"}\n{\"type\":\"finish\",\"finish\":\"stop\"}\n",
	    "ndjson: what is unknown is left out");
}

#define HEAD \
	"data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"a/b\",\"provider\":\"Acme\","
#define DELTA(d) HEAD "\"choices\":[{\"index\":0,\"delta\":{" d "},\"finish_reason\":null}]}\n\n"

static void
sse(void)
{
	static const struct event plain[] = {START, SAYS("hi\n"), ENDS("stop"), USED};
	static const struct event all[] = {START, THINKS("h"),
	    {.type = EVENT_REASONING, .raw = "{\"d\":1}", .raw_len = 7}, REFUSES("no"), CALL(0, "c1"),
	    ARGS(0, "{\"a\""), CALLED(0), {.type = EVENT_MEDIA, .name = "image", .raw = "{\"u\":1}", .raw_len = 7},
	    {.type = EVENT_MEDIA, .name = "audio", .raw = "{\"v\":1}", .raw_len = 7},
	    {.type = EVENT_ANNOTATION, .raw = "{\"a\":1}", .raw_len = 7},
	    {.type = EVENT_LOGPROBS, .raw = "{\"content\":[]}", .raw_len = 14}};
	static const struct event late[] = {START, SAYS("x"), FAILS};
	static const struct event only_error[] = {START, FAILS};
	static const struct event bare[] = {{.type = EVENT_START}, SAYS("x")};

	RENDERED(RENDER_SSE, plain, "0.5", 0,
	    DELTA("\"role\":\"assistant\",\"content\":\"\"") DELTA("\"content\":\"hi\\n\"") HEAD
	    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}]}\n\n" HEAD
	    "\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"cost\":0.5}}\n\ndata: [DONE]\n\n",
	    "sse: chunks, then usage with its cost, then the end");
	RENDERED(RENDER_SSE, all, NULL, 0,
	    DELTA("\"role\":\"assistant\",\"content\":\"\"") DELTA("\"reasoning\":\"h\"")
		DELTA("\"reasoning_details\":[{\"d\":1}]") DELTA("\"refusal\":\"no\"") DELTA(
		    "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"get_\\\"x\\\"\",\"arguments\":\"\"}}]")
		    DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]") DELTA(
			"\"images\":[{\"u\":1}]") DELTA("\"audio\":{\"v\":1}") DELTA("\"annotations\":[{\"a\":1}]") HEAD
	    "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[]},\"finish_reason\":null}]}\n\ndata: [DONE]\n\n",
	    "sse: all deltas");
	RENDERED(RENDER_SSE, late, NULL, 1,
	    DELTA("\"role\":\"assistant\",\"content\":\"\"") DELTA("\"content\":\"x\"") HEAD
	    "\"error\":{\"code\":502,\"message\":\"upstream \\\"died\\\"\"},\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
	    "sse: an error in the middle, and no [DONE]");
	RENDERED(RENDER_SSE, only_error, NULL, 1, "", "sse: nothing where nothing came");
	RENDERED(RENDER_SSE, bare, NULL, 1,
	    "data: {\"id\":\"\",\"object\":\"chat.completion.chunk\",\"created\":1234,\"model\":\"\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
	    "data: {\"id\":\"\",\"object\":\"chat.completion.chunk\",\"created\":1234,\"model\":\"\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n",
	    "sse: our own time where the provider has none");
}

static void
json(void)
{
	static const struct event plain[] = {START, SAYS("a\n"), SAYS("b"), ENDS("stop"), USED};
	static const struct event bare[] = {{.type = EVENT_START}, SAYS("x")};

	RENDERED(RENDER_JSON, plain, NULL, 0,
	    "{\"id\":\"gen-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"a/b\",\"provider\":\"Acme\",\"choices\":[{\"index\":0,"
	    "\"message\":{\"role\":\"assistant\",\"content\":\"a\\nb\"},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}],"
	    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n",
	    "json: one object on a line");
	RENDERED(RENDER_JSON, bare, NULL, 0,
	    "{\"id\":null,\"object\":\"chat.completion\",\"created\":1234,\"model\":null,\"provider\":null,\"choices\":[{\"index\":0,"
	    "\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"finish_reason\":null,\"native_finish_reason\":null}]}\n",
	    "json: unknown is null");
}

static void
tsv(void)
{
	static const struct event plain[] = {START, SAYS("a\tb\n"), SAYS("c\\d\r"), ENDS("stop"), USED};
	static const struct event bare[] = {{.type = EVENT_START}};
	static const struct event refusal[] = {START, REFUSES("no\n"), ENDS("stop")};

	RENDERED(RENDER_TSV, plain, "0.25", 0, "gen-1\ta/b\tstop\t3\t5\t0.25\ta\\tb\\nc\\\\d\\r\n", "tsv: escapes");
	RENDERED(RENDER_TSV, bare, NULL, 0, "-\t-\t-\t-\t-\t-\t\n", "tsv: unknown is -");
	RENDERED(RENDER_TSV, refusal, NULL, 0, "gen-1\ta/b\tstop\t-\t-\t-\tno\\n\n", "tsv: a refusal is its text");
}

/* A new attempt makes void what came before. */
static void
again(void)
{
	static const struct event first[] = {START, SAYS("void"), CALL(0, "c0")};
	static const struct event second[] = {
	    {.type = EVENT_START, .id = "gen-2", .name = "c/d"}, SAYS("x"), ENDS("stop")};
	static const enum render_form forms[] = {RENDER_TEXT, RENDER_TSV, RENDER_NDJSON};
	static const char nd[] =
	    "{\"type\":\"start\",\"id\":\"gen-2\",\"model\":\"c/d\"}\n{\"type\":\"text\",\"text\":\"x\"}\n"
	    "{\"type\":\"finish\",\"finish\":\"stop\",\"native_finish\":\"end_turn\"}\n";
	static const char *const want[] = {"x\n", "gen-2\tc/d\tstop\t-\t-\t-\tx\n", nd};

	for (size_t f = 0; f < 3; f++) {
		struct render r;
		struct buf out = BUF_INIT;
		render_init(&r, forms[f], 1);
		for (size_t i = 0; i < N(first); i++)
			render_event(&r, first + i, &out);
		render_clear(&r);
		buf_clear(&out);
		for (size_t i = 0; i < N(second); i++)
			render_event(&r, second + i, &out);
		render_end(&r, NULL, 0, &out);
		tap_is_str(buf_str(&out), want[f], "a second attempt");
		render_release(&r);
		buf_release(&out);
	}

	struct render r;
	struct buf out = BUF_INIT;
	struct event start = START, says = SAYS("kept");
	render_init(&r, RENDER_TEXT, 1);
	r.keep = 1;
	render_event(&r, &start, &out);
	render_event(&r, &says, &out);
	const struct answer_choice *c = answer_get(&r.out.answer, 0);
	tap_ok(c && c->text.len == 4 && out.len == 4, "text is kept where that is asked for");
	render_release(&r);
	render_init(&r, RENDER_TEXT, 1);
	render_event(&r, &start, &out);
	render_event(&r, &says, &out);
	c = answer_get(&r.out.answer, 0);
	tap_ok(!c || !c->text.len, "and only there");
	render_release(&r);
	buf_release(&out);
}

int
main(void)
{
	text();
	calls();
	ndjson();
	sse();
	json();
	tsv();
	again();
	tap_ok(render_form("text") == RENDER_TEXT && render_form("tsv") == RENDER_TSV &&
		render_form("sse") == RENDER_SSE && render_form("raw") == RENDER_RAW &&
		render_form("json") == RENDER_JSON && render_form("ndjson") == RENDER_NDJSON,
	    "the forms' names");
	tap_ok(render_form("") == -1 && render_form("TEXT") == -1 && render_form("jso") == -1 &&
		render_form("jsonl") == -1,
	    "and no others");
	return tap_done();
}
