/* SPDX-License-Identifier: ISC */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define SAYS(t) \
	{ \
		.type = EVENT_TEXT, .s = (t), .n = sizeof(t) - 1 \
	}
#define DETAIL(t, r) \
	{ \
		.type = EVENT_REASONING, .s = (t), .n = sizeof(t) - 1, .raw = (r), .raw_len = sizeof(r) - 1 \
	}
#define AUDIO(r) \
	{ \
		.type = EVENT_MEDIA, .name = "audio", .raw = (r), .raw_len = sizeof(r) - 1 \
	}
#define IMAGE(r) \
	{ \
		.type = EVENT_MEDIA, .name = "image", .raw = (r), .raw_len = sizeof(r) - 1 \
	}
#define NOTE(r) \
	{ \
		.type = EVENT_ANNOTATION, .raw = (r), .raw_len = sizeof(r) - 1 \
	}
#define CALL(i, t, f) \
	{ \
		.type = EVENT_TOOL_BEGIN, .index = (i), .id = (t), .name = (f) \
	}
#define ARGS(i, t) \
	{ \
		.type = EVENT_TOOL_ARGS, .index = (i), .s = (t), .n = sizeof(t) - 1 \
	}

/* The message that comes of these events. */
static void
message(const struct event *ev, size_t n, const char *want, const char *name)
{
	struct answer a;
	struct buf out = BUF_INIT;

	answer_init(&a);
	for (size_t i = 0; i < n; i++)
		answer_add(&a, ev + i);
	answer_emit_message(&a, 0, &out);
	tap_is_str(buf_str(&out), want, name);
	tap_ok(json_valid(buf_str(&out), out.len, NULL, NULL), "valid: %s", name);
	answer_release(&a);
	buf_release(&out);
}

#define MESSAGE(list, rest, name) message(list, N(list), "{\"role\":\"assistant\",\"content\":" rest "}", name)

static void
messages(void)
{
	static const struct event text[] = {SAYS("a\n"), SAYS("\"b\"")};
	static const struct event refusal[] = {{.type = EVENT_TEXT, .refusal = 1, .s = "no", .n = 2},
	    {.type = EVENT_TEXT, .refusal = 1, .s = "!", .n = 1}};
	static const struct event both[] = {SAYS("well"), {.type = EVENT_TEXT, .refusal = 1, .s = "no", .n = 2}};
	static const struct event calls[] = {CALL(0, "c1", "f"), ARGS(0, "{\"a"), CALL(1, NULL, "g"), ARGS(1, "[]"),
	    ARGS(0, "\":1}"), ARGS(7, "lost"), ARGS(-1, "lost")};
	static const struct event media[] = {
	    IMAGE("{\"i\":1}"), IMAGE("{\"i\":2}"), NOTE("{\"n\":1}"), NOTE("{\"n\":2}"), SAYS("x")};
	static const struct event thought[] = {
	    {.type = EVENT_REASONING, .s = "hm ", .n = 3}, {.type = EVENT_REASONING, .s = "ok", .n = 2}, SAYS("x")};

	message(NULL, 0, "{\"role\":\"assistant\",\"content\":\"\"}", "no event at all");
	MESSAGE(text, "\"a\\n\\\"b\\\"\"", "text in pieces");
	MESSAGE(refusal, "null,\"refusal\":\"no!\"", "a refusal");
	MESSAGE(both, "\"well\",\"refusal\":\"no\"", "text and a refusal");
	MESSAGE(calls,
	    "null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},"
	    "{\"id\":null,\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]",
	    "calls whose arguments come mixed");
	MESSAGE(media, "\"x\",\"images\":[{\"i\":1},{\"i\":2}],\"annotations\":[{\"n\":1},{\"n\":2}]",
	    "images and annotations");
	MESSAGE(thought, "\"x\",\"reasoning\":\"hm ok\"", "reasoning without details");
}

static void
details(void)
{
	static const struct event merged[] = {
	    DETAIL("a", "{\"type\":\"reasoning.text\",\"text\":\"a\",\"format\":\"f\",\"index\":0}"),
	    DETAIL("b", "{\"type\":\"reasoning.text\",\"text\":\"b\\n\",\"index\":0}"),
	    DETAIL("", "{\"type\":\"reasoning.text\",\"signature\":\"s==\",\"index\":0}")};
	static const struct event apart[] = {DETAIL("a", "{\"type\":\"reasoning.text\",\"text\":\"a\",\"index\":0}"),
	    DETAIL("b", "{\"type\":\"reasoning.text\",\"text\":\"b\",\"index\":1}"),
	    DETAIL("c", "{\"type\":\"reasoning.text\",\"text\":\"c\",\"index\":1}")};
	static const struct event types[] = {
	    DETAIL("a", "{\"type\":\"reasoning.summary\",\"summary\":\"a\",\"index\":0}"),
	    DETAIL("b", "{\"type\":\"reasoning.summary\",\"summary\":\"b\",\"index\":0}"),
	    DETAIL("", "{\"type\":\"reasoning.encrypted\",\"data\":\"x\",\"index\":0}"),
	    DETAIL("", "{\"type\":\"reasoning.encrypted\",\"data\":\"y\",\"index\":0}")};
	static const struct event whole[] = {DETAIL("a", "{\"type\":\"reasoning.text\",\"text\":\"a\"}"),
	    DETAIL("b", "{\"type\":\"reasoning.text\",\"text\":\"b\"}")};
	static const struct event nulls[] = {
	    DETAIL("", "{\"type\":\"reasoning.text\",\"text\":null,\"signature\":null,\"id\":\"1\",\"index\":0}"),
	    DETAIL("a", "{\"type\":\"reasoning.text\",\"text\":\"a\",\"signature\":null,\"id\":\"2\",\"index\":0}"),
	    DETAIL("", "{\"type\":\"reasoning.text\",\"text\":null,\"signature\":\"s\",\"index\":0}")};
	static const struct event odd[] = {
	    DETAIL("a", "{ \"index\" : 0 ,\"type\":\"t\", \"x\" : 1.50, \"text\" : \"a\" }"),
	    DETAIL("b", "{\"index\":0,\"type\":\"t\",\"text\":\"\\u0000b\"}")};

	MESSAGE(merged,
	    "\"\",\"reasoning\":\"ab\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"ab\\n\",\"format\":\"f\",\"index\":0,\"signature\":\"s==\"}]",
	    "pieces of one index are one, with the signature");
	MESSAGE(apart,
	    "\"\",\"reasoning\":\"abc\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\",\"index\":0},{\"type\":\"reasoning.text\",\"text\":\"bc\",\"index\":1}]",
	    "another index is another");
	MESSAGE(types,
	    "\"\",\"reasoning\":\"ab\",\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"ab\",\"index\":0},{\"type\":\"reasoning.encrypted\",\"data\":\"xy\",\"index\":0}]",
	    "another type is another");
	MESSAGE(whole,
	    "\"\",\"reasoning\":\"ab\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"},{\"type\":\"reasoning.text\",\"text\":\"b\"}]",
	    "those without an index are whole");
	MESSAGE(nulls,
	    "\"\",\"reasoning\":\"a\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\",\"signature\":\"s\",\"id\":\"1\",\"index\":0}]",
	    "null gives way, the first value stays");
	MESSAGE(odd,
	    "\"\",\"reasoning\":\"ab\",\"reasoning_details\":[{ \"index\" : 0 ,\"type\":\"t\", \"x\" : 1.50, \"text\" : \"a\\u0000b\" }]",
	    "all other bytes stay, and U+0000 ends nothing");
}

static void
audio(void)
{
	static const struct event pieces[] = {AUDIO("{\"id\":\"a1\",\"transcript\":\"he\"}"),
	    AUDIO("{\"data\":\"QUJD\"}"), AUDIO("{\"transcript\":\"llo\"}"), AUDIO("{\"data\":\"REVG\"}"),
	    AUDIO("{\"expires_at\":17}")};

	MESSAGE(pieces,
	    "null,\"audio\":{\"id\":\"a1\",\"transcript\":\"hello\",\"expires_at\":17,\"data\":\"QUJDREVG\"}",
	    "audio in pieces");
}

/* The completion's usage: what the provider sent, and the cost that was computed. */
static void
usage(const char *raw, int64_t prompt, int64_t completion, const char *cost, const char *want)
{
	struct usage u = USAGE_INIT;
	struct event ev = {.type = EVENT_USAGE, .usage = &u, .raw = raw, .raw_len = raw ? strlen(raw) : 0};
	struct answer a;
	struct buf out = BUF_INIT;

	u.prompt = prompt;
	u.completion = completion;
	answer_init(&a);
	answer_add(&a, &ev);
	answer_emit_usage(&a, cost, &out);
	tap_is_str(buf_str(&out), want, raw ? raw : "usage of our own");
	answer_release(&a);
	buf_release(&out);
}

static void
usages(void)
{
	usage("{\"prompt_tokens\":1,\"x\":{\"y\":2.50}}", 1, 0, "0.1",
	    "{\"prompt_tokens\":1,\"x\":{\"y\":2.50},\"cost\":0.1}");
	usage("{\"prompt_tokens\":1,\"cost\":5e-7}", 1, 0, "0.1", "{\"prompt_tokens\":1,\"cost\":5e-7}");
	usage("{\"prompt_tokens\":1,\"cost\":0}", 1, 0, "0.1", "{\"prompt_tokens\":1,\"cost\":0}");
	usage("{\"cost\":null,\"a\":1}", 1, 0, "0.1", "{\"cost\":0.1,\"a\":1}");
	usage("{\"cost\":{\"total\":1}}", 1, 0, "0.1", "{\"cost\":0.1}");
	usage("{\"prompt_tokens\":1}", 1, 0, NULL, "{\"prompt_tokens\":1}");
	usage("{}", 1, 0, "0.1", "{\"cost\":0.1}");
	usage("{ }", 1, 0, "0.1", "{\"cost\":0.1 }");
	usage("{\"a\":1\n }", 1, 0, "0.1", "{\"a\":1,\"cost\":0.1\n }");
	usage("{\"a\":{\"cost\":1}}", 1, 0, "0.1", "{\"a\":{\"cost\":1},\"cost\":0.1}");
	usage("{\"c\\u006fst\":1}", 1, 0, "0.1", "{\"c\\u006fst\":1}");
	usage(NULL, 3, 4, "0.1", "{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7,\"cost\":0.1}");
	usage(NULL, 3, -1, NULL, "{\"prompt_tokens\":3}");
}

static void
completions(void)
{
	static const struct event events[] = {
	    {.type = EVENT_START, .id = "g", .name = "m", .provider = "P", .created = 9}, SAYS("zero"),
	    {.type = EVENT_TEXT, .choice = 2, .s = "two", .n = 3},
	    {.type = EVENT_LOGPROBS, .raw = "{\"content\":[{\"t\":1},{\"t\":2}]}", .raw_len = 29},
	    {.type = EVENT_LOGPROBS, .raw = "{\"content\":[{\"t\":3}]}", .raw_len = 21},
	    {.type = EVENT_FINISH, .choice = 2, .s = "length", .n = 6},
	    {.type = EVENT_FINISH, .s = "stop", .n = 4, .native = "END"}};
	struct answer a;
	struct buf out = BUF_INIT;

	answer_init(&a);
	for (size_t i = 0; i < N(events); i++)
		answer_add(&a, events + i);
	answer_emit_completion(&a, "1", &out);
	tap_is_str(buf_str(&out),
	    "{\"id\":\"g\",\"object\":\"chat.completion\",\"created\":9,\"model\":\"m\",\"provider\":\"P\",\"choices\":["
	    "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"zero\"},\"logprobs\":{\"content\":[{\"t\":1},{\"t\":2},{\"t\":3}]},\"finish_reason\":\"stop\",\"native_finish_reason\":\"END\"},"
	    "{\"index\":1,\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null,\"native_finish_reason\":null},"
	    "{\"index\":2,\"message\":{\"role\":\"assistant\",\"content\":\"two\"},\"finish_reason\":\"length\",\"native_finish_reason\":null}]}",
	    "choices by their index");
	tap_ok(answer_get(&a, 2) && !answer_get(&a, 3), "a choice that never came");
	struct event wild = {.type = EVENT_TEXT, .choice = 1 << 30, .s = "w", .n = 1};
	answer_add(&a, &wild);
	tap_ok(a.n_choice <= ANSWER_MAX_CHOICES, "a peer can't ask for a billion choices");
	answer_clear(&a);
	buf_clear(&out);
	answer_emit_completion(&a, NULL, &out);
	tap_is_str(buf_str(&out),
	    "{\"id\":null,\"object\":\"chat.completion\",\"created\":0,\"model\":null,\"provider\":null,\"choices\":["
	    "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null,\"native_finish_reason\":null}]}",
	    "nothing is left after a clear");
	answer_release(&a);
	buf_release(&out);
}

int
main(void)
{
	messages();
	details();
	audio();
	usages();
	completions();
	return tap_done();
}
