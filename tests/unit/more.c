/* SPDX-License-Identifier: ISC */
/* Members that nobody knows: as texts, and on their way from a provider's answer to a client's, whole, streamed and from a tape. */
#include "more.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "event.h"
#include "jsonw.h"
#include "tap.h"
#include "tape.h"
#include "wire/decoder.h"
#include "wire/front.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static void
test_texts(void)
{
	static const struct {
		const char *was, *added, *want;
	} cases[] = {
	    {"", "\"a\":1", "\"a\":1"},
	    {"\"a\":1", "", "\"a\":1"},
	    {"\"a\":1", "\"b\": 2", "\"a\":1,\"b\": 2"},
	    {"\"a\":1,\"b\":{\"c\":[]}", "\"a\":null", "\"b\":{\"c\":[]},\"a\":null"},
	    {"\"\\u0061.b\":1.0", "\"a.b\":2e1", "\"a.b\":2e1"},
	    {"\"a.b\":1.0", "\"a\":2", "\"a.b\":1.0,\"a\":2"},
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < N(cases); i++) {
		buf_clear(&b);
		buf_adds(&b, cases[i].was);
		more_add(&b, cases[i].added, strlen(cases[i].added));
		tap_is_str(buf_str(&b), cases[i].want, cases[i].want);
	}
	buf_clear(&b);
	buf_addf(&b, "\"a\":\"%*s\"", 20000, "");
	more_add(&b, "\"b\":1", 5);
	tap_is_str(buf_str(&b), "\"b\":1", "a long one is no longer looked at");
	tap_ok(more_has("\"a\":1", 5, "a") && !more_has("\"a\":1", 5, "b") && !more_has(NULL, 0, "a"), "what is in it");
	buf_release(&b);
}

/* Where events go: to a stream's front, or into an answer. */
struct client {
	struct front_answer out;
	struct buf text, tape;
	int streams;
};

static int
on_event(void *arg, const struct event *ev)
{
	struct client *c = arg;
	struct event own = *ev;

	if (ev->type == EVENT_START)
		own.id = "gen-1";
	tape_add(&c->tape, &own);
	if (c->streams)
		front_event(&c->out, &own, &c->text);
	else
		answer_add(&c->out.answer, &own);
	return 0;
}

static void
open_client(struct client *c, const struct front *f, int streams)
{
	memset(c, 0, sizeof(*c));
	front_init(&c->out, f);
	c->out.id = "gen-1";
	c->out.model = "m";
	c->out.provider = "p";
	c->out.created = 7;
	c->out.cost = "0.5";
	c->out.published = 1;
	c->streams = streams;
}

static void
end_answer(struct client *c)
{
	if (c->streams)
		c->out.front->end(&c->out, &c->text);
	else
		c->out.front->whole(&c->out, &c->text);
}

static void
close_client(struct client *c)
{
	front_release(&c->out);
	buf_release(&c->text);
	buf_release(&c->tape);
}

/* learns 0: each chunk is parsed, whatever the one before was. */
static void
decode(struct client *c, const char *body, int learns)
{
	const struct wire *w = wire_get(c->out.front->name);
	struct decoder d;
	struct err e;
	size_t n;

	decoder_init(&d, w, 200, on_event, c);
	d.wants_more = 1;
	for (const char *p = body; *p; p += n) {
		const char *end = strstr(p, "\n\n");
		n = end ? (size_t)(end - p) + 2 : strlen(p);
		decoder_feed(&d, p, n);
		if (!learns)
			template_clear(&d.template);
	}
	decoder_end(&d, &e);
	decoder_release(&d);
	end_answer(c);
}

/* The same once more, from the tape. */
static void
test_tape(const struct client *c, const char *name)
{
	struct client again;
	struct tape_rest rest;
	struct event ev;
	size_t at = 0;

	open_client(&again, c->out.front, c->streams);
	while (tape_next(c->tape.p, c->tape.len, &at, &ev, &rest))
		on_event(&again, &ev);
	end_answer(&again);
	tap_ok(strcmp(buf_str(&again.text), buf_str(&c->text)) == 0, "%s: from a tape", name);
	close_client(&again);
}

static void
test(const char *name, const struct front *f, int streams, const char *body, const char *want)
{
	struct client c, slow;

	open_client(&c, f, streams);
	open_client(&slow, f, streams);
	decode(&c, body, 1);
	decode(&slow, body, 0);
	tap_is_str(buf_str(&c.text), want, name);
	tap_ok(strcmp(buf_str(&c.text), buf_str(&slow.text)) == 0, "%s: each chunk parsed", name);
	test_tape(&c, name);
	close_client(&c);
	close_client(&slow);
}

/* What a chunk of these has around its choices, and around a choice's delta. */
#define OUT \
	"data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"m1\",\"provider\":\"p\""
#define ROLE \
	",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
#define IN "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"m1\","
#define USED "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3,\"neu\":{\"a\":1}"
#define DONE "data: [DONE]\n\n"

static void
test_streams(void)
{
	test("at each place", &front_openai, 1,
	    IN
	    "\"neu\":[ 1.0],\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n" IN
	    "\"neu\":[1.0],\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"x\":1e2},\"y\":null,\"finish_reason\":null}]}\n\n" IN
	    "\"neu\":[1.0],\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\\u00fc\",\"x\":1e2},\"y\":null,\"finish_reason\":null}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\"}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"eos\",\"stop\":7}],\"neu\":{}}\n\n" IN
	    "\"neu\":2,\"choices\":[]," USED "}}\n\n" DONE,
	    OUT
	    ",\"neu\":[ 1.0]" ROLE OUT
	    ",\"neu\":[1.0],\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"x\":1e2},\"y\":null,\"finish_reason\":null}]}\n\n" OUT
	    ",\"neu\":[1.0],\"choices\":[{\"index\":0,\"delta\":{\"content\":\"bü\",\"x\":1e2},\"y\":null,\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\"},\"finish_reason\":null}]}\n\n" OUT
	    ",\"neu\":{},\"choices\":[{\"index\":0,\"delta\":{},\"stop\":7,\"finish_reason\":\"stop\",\"native_finish_reason\":\"eos\"}]}\n\n" OUT
	    ",\"neu\":2,\"choices\":[]," USED ",\"cost\":0.5}}\n\n" DONE);
	test("once, though a chunk is several events", &front_openai, 1,
	    IN
	    "\"neu\":1,\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"r\",\"content\":\"a\",\"x\":\"s\"},\"finish_reason\":\"stop\"}]}\n\n" DONE,
	    OUT
	    ",\"neu\":1" ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"r\",\"x\":\"s\"},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\"}]}\n\n" DONE);
	test("of calls", &front_openai, 1,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"extra_content\":{\"google\":{\"thought_signature\":\"S==\"}}},"
	    "{\"id\":\"t2\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"t2\",\"extra_content\":2}]},\"finish_reason\":\"tool_calls\",\"y\":1}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"},"
	    "\"extra_content\":{\"google\":{\"thought_signature\":\"S==\"}}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"\"},\"extra_content\":2}]},\"y\":1,\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\",\"native_finish_reason\":\"tool_calls\"}]}\n\n" DONE);
	test("of a call's function", &front_openai, 1,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"sig\":[ 1],\"arguments\":\"{\"},\"z\":1}]}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"}\",\"sig\":2}}]}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"done\":true}}]},\"finish_reason\":\"tool_calls\"}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\",\"sig\":[ 1]},\"z\":1}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\",\"sig\":2}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\",\"done\":true}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\",\"native_finish_reason\":\"tool_calls\"}]}\n\n" DONE);
	test("of a function without one", &front_openai, 1,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\",\"z\":1}},\"finish_reason\":null}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"},\"z\":1}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":null}]}\n\n" DONE);
	test("of logprobs, which are given as they are", &front_openai, 1,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"token\":\"a\"}],\"refusal\":null,\"neu\":1}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":null,\"neu\":2},\"finish_reason\":\"stop\"}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[{\"token\":\"a\"}],\"refusal\":null,\"neu\":1},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":null,\"neu\":2},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\"}]}\n\n" DONE);
	test("of a call that another one waited for, and of its end", &front_openai, 1,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t1\"}]}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"function\":{\"name\":\"g\"},\"z\":1}]}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\",\"y\":1}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"arguments\":\"\"}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"},\"z\":1}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"y\":1,\"finish_reason\":\"tool_calls\",\"native_finish_reason\":\"tool_calls\"}]}\n\n" DONE);
	test("without an event of their own", &front_openai, 1,
	    "data: {\"id\":\"\",\"model\":\"\",\"created\":0,\"prompt_filter_results\":[{\"a\":1}],\"choices\":[]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"content_filter_offsets\":{\"end\":3},\"finish_reason\":null}]}\n\n" DONE,
	    OUT ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\"}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{},\"content_filter_offsets\":{\"end\":3},\"finish_reason\":null}]}\n\n" OUT
	    ",\"prompt_filter_results\":[{\"a\":1}],\"choices\":[]}\n\n" DONE);
	test("what is ours, or known, or no string", &front_openai, 1,
	    IN
	    "\"provider\":\"q\",\"openrouter_metadata\":{},\"system_fingerprint\":null,\"service_tier\":null,"
	    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"refusal\":null,\"name\":null,\"\\u0072ole\":\"user\"},\"native_finish_reason\":null}]}\n\n" DONE,
	    "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"m1\",\"provider\":\"q\"" ROLE
	    "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"m1\",\"provider\":\"q\""
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n" DONE);
	test("the old format", &front_completions, 1,
	    "data: {\"id\":\"c1\",\"created\":5,\"model\":\"m1\",\"neu\":1,\"choices\":[{\"index\":0,\"text\":\"a\",\"y\":2}]}\n\n"
	    "data: {\"id\":\"c1\",\"created\":5,\"model\":\"m1\",\"neu\":1,\"choices\":[{\"index\":0,\"text\":\"b\",\"y\":3,\"finish_reason\":\"stop\"}]," USED
	    "}}\n\n" DONE,
	    "data: {\"id\":\"gen-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"m1\",\"choices\":[{\"index\":0,\"text\":\"a\",\"logprobs\":null,\"y\":2,\"finish_reason\":null}]}\n\n"
	    "data: {\"id\":\"gen-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"m1\",\"neu\":1,\"choices\":[{\"index\":0,\"text\":\"b\",\"logprobs\":null,\"y\":3,\"finish_reason\":null}]}\n\n"
	    "data: {\"id\":\"gen-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"m1\",\"choices\":[{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"
	    "data: {\"id\":\"gen-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"m1\",\"neu\":1,\"choices\":[]," USED
	    ",\"cost\":0.5}}\n\n" DONE);
}

#define WHOLE \
	"{\"id\":\"gen-1\",\"object\":\"chat.completion\",\"created\":5,\"model\":\"m1\",\"provider\":\"p\",\"choices\":["
#define FIRST "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\""
#define STOP "\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\""

static void
test_wholes(void)
{
	static const char body[] =
	    "{\"id\":\"c1\",\r\n  \"created\":5,\"model\":\"m1\",\"service_tier\":\"flex\",\"choices\":[\n"
	    "  {\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\",\"x\":[\n    1.0,\n    \"\\n\"\n  ]},\"finish_reason\":\"stop\",\"y\":{}},\n"
	    "  {\"index\":1,\"message\":{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"z\":1}]},\"finish_reason\":\"stop\"}],\n" USED
	    "},\"system_fingerprint\":\"fp\"}";

	test("whole", &front_openai, 0, body,
	    WHOLE FIRST
	    ",\"x\":[1.0,\"\\n\"]}," STOP ",\"y\":{}},"
	    "{\"index\":1,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"z\":1}]}," STOP
	    "}]," USED ",\"cost\":0.5},\"service_tier\":\"flex\",\"system_fingerprint\":\"fp\"}");
	test("whole, for a stream", &front_openai, 1, body,
	    OUT
	    ",\"service_tier\":\"flex\",\"system_fingerprint\":\"fp\"" ROLE OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"x\":[1.0,\"\\n\"]},\"y\":{},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":0,\"delta\":{}," STOP "}]}\n\n" OUT
	    ",\"choices\":[{\"index\":1,\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"},\"z\":1}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":null}]}\n\n" OUT
	    ",\"choices\":[{\"index\":1,\"delta\":{}," STOP "}]}\n\n" OUT
	    ",\"service_tier\":\"flex\",\"system_fingerprint\":\"fp\",\"choices\":[]," USED ",\"cost\":0.5}}\n\n" DONE);
	test("a stream, for a whole", &front_openai, 0,
	    IN
	    "\"neu\":1,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"x\":1}}]}\n\n" IN
	    "\"neu\":2,\"citations\":[\"u\"],\"choices\":[{\"index\":0,\"delta\":{\"x\":2},\"finish_reason\":\"stop\"}]}\n\n" DONE,
	    WHOLE FIRST ",\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"u\"}}],\"x\":2}," STOP
			"}],\"neu\":2,\"citations\":[\"u\"],\"system_fingerprint\":null}");
	static const char deep[] =
	    "{\"id\":\"c1\",\"created\":5,\"model\":\"m1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[{\"id\":\"t\","
	    "\"function\":{\"sig\":1.0,\"name\":\"f\",\"arguments\":\"{}\"}}]},\"logprobs\":{\"content\":[{\"token\":\"a\",\"neu\":1}],\"refusal\":[{\"token\":\"r\"}],\"text\":{\"x\": 1}},"
	    "\"finish_reason\":\"stop\"}]}";
	test("inside of a call's function, and of logprobs", &front_openai, 0, deep,
	    WHOLE FIRST
	    ",\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\",\"sig\":1.0}}]},"
	    "\"logprobs\":{\"content\":[{\"token\":\"a\",\"neu\":1}],\"refusal\":[{\"token\":\"r\"}],\"text\":{\"x\": 1}}," STOP
	    "}],\"system_fingerprint\":null}");
	test("those of a stream, for a whole", &front_openai, 0,
	    IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"token\":\"a\"}],\"refusal\":[{\"token\":\"r\"}],\"neu\":1}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"t\",\"function\":{\"name\":\"f\",\"sig\":1}}]},\"logprobs\":{\"content\":[],\"refusal\":[{\"token\":\"s\"}],\"neu\":2}}]}\n\n" IN
	    "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\",\"more\":2}}]},\"finish_reason\":\"stop\"}]}\n\n" DONE,
	    WHOLE FIRST
	    ",\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\",\"sig\":1,\"more\":2}}]},"
	    "\"logprobs\":{\"content\":[{\"token\":\"a\"}],\"refusal\":[{\"token\":\"r\"},{\"token\":\"s\"}],\"neu\":2}," STOP
	    "}],\"system_fingerprint\":null}");
	test("the old format, whole", &front_completions, 0,
	    "{\"id\":\"c1\",\"created\":5,\"model\":\"m1\",\"neu\":1,\"choices\":[{\"index\":0,\"text\":\"a\",\"finish_reason\":\"stop\",\"y\":2}]}",
	    "{\"id\":\"gen-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"m1\",\"choices\":[{\"index\":0,\"text\":\"a\",\"logprobs\":null,\"y\":2,\"finish_reason\":\"stop\"}],\"neu\":1}");
}

static uint64_t state = 88172645463325252u;

/* xorshift64: the same streams in every run. */
static unsigned
chance(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

/* Of a few, so that many chunks are like the one before. */
static void
add_member(struct buf *b, const char *after)
{
	static const char *const members[] = {
	    "\"a\":1", "\"b\":\"\\n\"", "\"a\":[2, {}]", "\"c.d\":null", "\"name\":null"};
	unsigned i = chance(12);

	if (i < N(members))
		buf_addf(b, "%s%s", members[i], after);
}

static void
add_chunk(struct buf *b)
{
	static const char *const shapes[] = {"\"content\":\"t\"", "\"content\":\"u\"", "\"content\":\"\"",
	    "\"reasoning\":\"t\"", "\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"function\":{\"name\":\"f\"}}]",
	    "\"tool_calls\":[{\"index\":0,\"function\":{\"g\":1,\"arguments\":\"t\"}}]",
	    "\"tool_calls\":[{\"index\":0,\"e\":1,\"function\":{\"arguments\":\"t\"}},{\"f\":2}]",
	    "\"content\":\"t\",\"reasoning\":\"u\""};
	unsigned n = 1 + (chance(8) == 0);

	buf_adds(b, "data: {");
	add_member(b, ",");
	buf_adds(b, "\"choices\":[");
	for (unsigned i = 0; i < n; i++) {
		buf_addf(b, "%s{\"index\":%u,", i ? "," : "", chance(8) == 0);
		add_member(b, ",");
		buf_adds(b, "\"delta\":{");
		add_member(b, ",");
		buf_adds(b, shapes[chance(N(shapes))]);
		buf_adds(b, "},");
		buf_adds(b, chance(4) ? "" : "\"logprobs\":{\"content\":[1],\"h\":2},");
		buf_addf(b, "\"finish_reason\":%s}", chance(20) ? "null" : "\"stop\"");
	}
	buf_adds(b, "]}\n\n");
}

static void
test_random(void)
{
	struct buf body = BUF_INIT;
	int differ = 0;

	for (int i = 0; i < 3000 && !differ; i++) {
		struct client fast, slow;
		buf_clear(&body);
		for (unsigned n = 2 + chance(12); n; n--) {
			size_t from = body.len;
			add_chunk(&body);
			for (unsigned again = chance(4); again; again--) {
				size_t one = body.len - from;
				buf_reserve(&body, one);
				buf_add(&body, body.p + from, one);
				from += one;
			}
		}
		buf_adds(&body, DONE);
		open_client(&fast, &front_openai, 1);
		open_client(&slow, &front_openai, 1);
		decode(&fast, buf_str(&body), 1);
		decode(&slow, buf_str(&body), 0);
		differ = strcmp(buf_str(&fast.text), buf_str(&slow.text)) != 0;
		if (differ)
			printf("# %s# fast:\n%s# slow:\n%s", buf_str(&body), buf_str(&fast.text), buf_str(&slow.text));
		close_client(&fast);
		close_client(&slow);
	}
	tap_ok(!differ, "streams with and without a template come out the same");
	buf_release(&body);
}

int
main(void)
{
	test_random();
	test_texts();
	test_streams();
	test_wholes();
	return tap_done();
}
