/* SPDX-License-Identifier: ISC */
/* The front of /api/generate: requests, lines, whole answers; what it writes Ollama's back reads again. */
#include <err.h>

#include "event.h"
#include "json.h"
#include "render.h"
#include "tap.h"
#include "wire/decoder.h"
#include "wire/front.h"

static const struct {
	const char *text, *want;
	int lossy;
} requests[] = {
    {"{\"model\":\"m\",\"prompt\":\"Hi\"}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true}", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"system\":\"S\",\"stream\":false,\"raw\":false,\"template\":\"\",\"context\":[],\"suffix\":\"\","
     "\"think\":true,\"format\":\"json\",\"options\":{\"temperature\":0.5,\"num_predict\":9},\"keep_alive\":\"5m\"}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":false,"
	"\"temperature\":0.5,\"max_tokens\":9,\"response_format\":{\"type\":\"json_object\"},\"reasoning\":{\"enabled\":true}} lost keep_alive",
	0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"images\":[\"iVBORw0KGgo=\"]}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},"
	"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\"}}]}],\"stream\":true}",
	0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"raw\":true}", "data: raw: no other format has it", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"template\":\"{{ .Prompt }}\"}", "data: template: no other format has it", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"suffix\":\"x\"}", "data: suffix: no other format has it", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"context\":[1]}", "data: context: no other format has it", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"tools\":[{}]}", "data: tools: no other format has it", 0},
    {"{\"model\":\"m\",\"prompt\":\"Hi\",\"raw\":true}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true} lost raw", 1},
    {"{\"model\":\"m\",\"messages\":[]}", "data: messages: a prompt is needed here; they belong to /api/chat", 0},
    {"{\"model\":\"m\"}", "data: prompt: a string is needed", 0},
    {"{\"prompt\":\"Hi\"}", "data: model: a string is needed", 0},
    {"[]", "data: the request is no JSON object", 0},
};

static void
test_requests(void)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct json j = JSON_INIT;
		struct losses lost = {0};
		struct buf out = BUF_INIT;
		struct err e = {0};
		if (json_parse(&j, requests[i].text, strlen(requests[i].text), &e))
			errx(1, "%s", e.msg);
		const struct front_ask ask = {.request = &j, .stream = -1, .lossy = requests[i].lossy};
		if (front_ollama_generate.request(&ask, &out, &lost, &e)) {
			buf_clear(&out);
			buf_addf(&out, "%s: %s", err_word(e.kind), e.msg);
		}
		for (size_t k = 0; k < lost.n; k++)
			buf_addf(&out, "%s%s", k ? " " : " lost ", lost.v[k]);
		tap_is_str(buf_str(&out), requests[i].want, requests[i].text);
		buf_release(&out);
		losses_release(&lost);
		json_release(&j);
	}
}

static int
on_event(void *arg, const struct event *ev)
{
	struct render *r = ((void **)arg)[0];

	render_event(r, ev, ((void **)arg)[1]);
	return 0;
}

/* An answer of OpenAI's, by way of the front; "lost" and what was. */
static void
translate(struct buf *out, enum render_form form, const char *text)
{
	struct losses lost = {0};
	struct render r;
	struct decoder d;
	struct err e = {0};

	buf_clear(out);
	render_init(&r, form, 1700000000);
	r.out.front = &front_ollama_generate;
	r.out.lost = &lost;
	void *both[] = {&r, out};
	decoder_init(&d, &wire_openai, 200, on_event, both);
	decoder_feed(&d, text, strlen(text));
	int failed = decoder_end(&d, &e) != 0;
	render_end(&r, NULL, failed, out);
	for (size_t k = 0; k < lost.n; k++)
		buf_addf(out, "%s%s", k ? " " : "lost ", lost.v[k]);
	decoder_release(&d);
	render_release(&r);
	losses_release(&lost);
}

#define HEAD "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20Z\",\"response\":"
#define CHUNK(delta) \
	"data: {\"id\":\"x\",\"model\":\"m\",\"created\":1700000000,\"choices\":[{\"index\":0,\"delta\":" delta \
	"}]}\n\n"

static void
test_answers(void)
{
	struct buf out = BUF_INIT;

	translate(&out, RENDER_JSON,
	    "{\"id\":\"x\",\"model\":\"m\",\"created\":1700000000,\"choices\":[{\"message\":{\"content\":\"Hi \\\"you\\\"\",\"reasoning\":\"hm\"},"
	    "\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}");
	tap_is_str(buf_str(&out),
	    HEAD
	    "\"Hi \\\"you\\\"\",\"thinking\":\"hm\",\"done\":true,\"done_reason\":\"length\",\"prompt_eval_count\":3,\"eval_count\":2}\n",
	    "a whole answer");
	translate(&out, RENDER_SSE,
	    CHUNK("{\"reasoning\":\"hm\"}") CHUNK("{\"content\":\"Hi \\n\"}") CHUNK(
		"{\"content\":\"you\"}") "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n"
					 "data: [DONE]\n\n");
	tap_is_str(buf_str(&out),
	    HEAD "\"\",\"thinking\":\"hm\",\"done\":false}\n" HEAD "\"Hi \\n\",\"done\":false}\n" HEAD
		 "\"you\",\"done\":false}\n" HEAD
		 "\"\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n",
	    "a stream");
	translate(&out, RENDER_SSE,
	    CHUNK("{\"content\":\"Hi\"}") "data: {\"error\":{\"code\":502,\"message\":\"gone\"}}\n\n");
	tap_is_str(buf_str(&out), HEAD "\"Hi\",\"done\":false}\n{\"error\":\"gone\"}\n", "an error in a stream");
	translate(&out, RENDER_JSON,
	    "{\"model\":\"m\",\"created\":1700000000,\"choices\":[{\"message\":{\"content\":\"a\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\","
	    "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}");
	tap_is_str(buf_str(&out), HEAD "\"a\",\"done\":true,\"done_reason\":\"stop\"}\nlost tool_calls finish_reason",
	    "a call has no place");
	buf_release(&out);
}

/* Text and reasoning, as Ollama's back finds them: "hm|Hi you|stop 3/2". */
static int
note(void *arg, const struct event *ev)
{
	struct buf *b = arg;

	if (ev->type == EVENT_REASONING || ev->type == EVENT_TEXT) {
		buf_add(b, ev->s, ev->n);
		buf_addc(b, '|');
	} else if (ev->type == EVENT_FINISH) {
		buf_adds(b, ev->s);
	} else if (ev->type == EVENT_USAGE) {
		buf_addf(b, " %lld/%lld", (long long)ev->usage->prompt, (long long)ev->usage->completion);
	}
	return 0;
}

static void
test_back(enum render_form form, const char *text, const char *name)
{
	struct buf out = BUF_INIT, got = BUF_INIT;
	struct decoder d;
	struct err e = {0};

	translate(&out, form, text);
	decoder_init(&d, &wire_ollama, 200, note, &got);
	decoder_feed(&d, buf_str(&out), out.len);
	tap_ok(decoder_end(&d, &e) == 0, "%s: the back reads it%s%s", name, *e.msg ? ": " : "", e.msg);
	tap_is_str(buf_str(&got), "hm|Hi you|stop 3/2", "and finds the same");
	decoder_release(&d);
	buf_release(&out);
	buf_release(&got);
}

int
main(void)
{
	tap_ok(front_get("ollama_generate") == NULL, "no tool knows it by name");
	test_requests();
	test_answers();
	test_back(RENDER_JSON,
	    "{\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"Hi you\",\"reasoning\":\"hm\"},\"finish_reason\":\"stop\"}],"
	    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}",
	    "whole");
	test_back(RENDER_SSE,
	    CHUNK("{\"reasoning\":\"hm\"}") CHUNK(
		"{\"content\":\"Hi you\"}") "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n"
					    "data: [DONE]\n\n",
	    "streamed");
	return tap_done();
}
