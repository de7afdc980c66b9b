/* SPDX-License-Identifier: ISC */
/* embed_front: requests for embeddings in each format to canonical ones, vectors to answers in it, and both through the backs again. */
#include "wire/embed_front.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "event.h"
#include "json.h"
#include "mem.h"
#include "play.h"
#include "providers.h"
#include "tap.h"
#include "wire/decoder.h"
#include "wire/embed.h"
#include "wire/mock.h"
#include "wire/wire.h"

static void
parse(struct json *j, const char *text)
{
	struct err e = {0};

	*j = (struct json)JSON_INIT;
	if (json_parse(j, text, strlen(text), &e))
		errx(1, "%s: %s", text, e.msg);
}

/* The canonical request, "form" where it isn't a list of numbers, "lost" and what was; or "KIND: MESSAGE". */
static void
ask(struct buf *out, const char *format, const char *model, const char *text)
{
	struct embed_form form;
	struct losses lost = {0};
	struct err e = {0};
	struct json j;

	parse(&j, text);
	const struct embed_ask as = {.request = &j, .model = model};
	buf_clear(out);
	if (embed_front_get(format)->request(&as, out, &form, &lost, &e)) {
		buf_clear(out);
		buf_addf(out, "%s: %s", err_word(e.kind), e.msg);
	} else {
		if (!json_valid(buf_str(out), out->len, NULL, NULL))
			buf_adds(out, " NO JSON");
		buf_addf(out, "%s%s%s", form.single ? " single" : "", form.base64 ? " base64" : "",
		    form.base64 && form.numbers       ? "+numbers"
			: form.base64 || form.numbers ? ""
						      : " NO FORM");
		for (size_t i = 0; i < lost.n; i++)
			buf_addf(out, "%s%s", i ? " " : " lost ", lost.v[i]);
	}
	losses_release(&lost);
	json_release(&j);
}

static const struct {
	const char *format, *model, *text, *want;
} requests[] = {
    {"openai", NULL, "{\"model\":\"m\",\"input\":\"a\\n\"}", "{\"model\":\"m\",\"input\":[\"a\\n\"]}"},
    {"openai", NULL,
	"{\"input\":[\"a\",\"b\"],\"model\":\"a/m\",\"encoding_format\":\"float\",\"user\":null,\"dimensions\":null}",
	"{\"model\":\"a/m\",\"input\":[\"a\",\"b\"]}"},
    {"openai", NULL,
	"{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"base64\",\"dimensions\":3.0,\"user\":\"u\",\"input_type\":\"search_query\","
	"\"provider\":{\"order\":[\"x\"]},\"mock\":{\"status\":500}}",
	"{\"model\":\"m\",\"input\":[\"a\"],\"dimensions\":3,\"user\":\"u\",\"input_type\":\"search_query\",\"provider\":{\"order\":[\"x\"]},"
	"\"mock\":{\"status\":500}} base64"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[1,22,3]}", "{\"model\":\"m\",\"input\":[[1,22,3]]}"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[[1,2],[3]]}", "{\"model\":\"m\",\"input\":[[1,2],[3]]}"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}",
	"{\"model\":\"m\",\"input\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}"},
    {"openai", NULL, "{\"input\":\"a\"}", "data: model: a string is needed"},
    {"openai", NULL, "{\"model\":\"m\"}", "data: input: a text, a list of texts, or tokens are needed"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":\"\"}", "data: input: an empty text, or none"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[]}", "data: input: a list of inputs is needed"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[\"a\",\"\"]}", "data: input[1]: an empty text has no vector"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[\"a\",1]}", "data: input[1]: no string"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[1,\"a\"]}",
	"data: input: a list of numbers has to be one of tokens, whole and not below 0"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[1.5]}",
	"data: input: a list of numbers has to be one of tokens, whole and not below 0"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[[1],[]]}", "data: input[1]: no list of tokens, as the first one is"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":[{\"text\":\"a\"}]}",
	"data: input[0]: an object with parts of content is needed"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"int8\"}",
	"data: encoding_format: float or base64 is needed"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":0}",
	"data: dimensions: a whole number from 1 is needed"},
    {"openai", NULL, "{\"model\":\"m\",\"input\":\"a\",\"input_type\":1}", "data: input_type: a string is needed"},
    {"openai", NULL, "[]", "data: the request is no JSON object"},

    {"gemini", "a/g", "{\"content\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"\\u00e9\"}]}}",
	"{\"model\":\"a/g\",\"input\":[\"a\xc3\xa9\"]} single"},
    {"gemini", "g",
	"{\"model\":\"models/x\",\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"RETRIEVAL_QUERY\",\"outputDimensionality\":8,"
	"\"title\":\"t\"}",
	"{\"model\":\"g\",\"input\":[\"a\"],\"dimensions\":8,\"input_type\":\"search_query\"} single lost title"},
    {"gemini", "g",
	"{\"requests\":[{\"model\":\"models/g\",\"content\":{\"parts\":[{\"text\":\"a\"}]},\"task_type\":\"CLUSTERING\"},"
	"{\"content\":{\"parts\":[{\"text\":\"b\"}]},\"taskType\":\"CLUSTERING\"}]}",
	"{\"model\":\"g\",\"input\":[\"a\",\"b\"],\"input_type\":\"clustering\"}"},
    {"gemini", "g", "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"TASK_TYPE_UNSPECIFIED\"}",
	"{\"model\":\"g\",\"input\":[\"a\"]} single"},
    {"gemini", "g", "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"FUN\"}",
	"data: taskType: no purpose that is known"},
    {"gemini", "g", "{\"content\":{\"parts\":[{\"inlineData\":{}}]}}",
	"data: content 0: a part that is no text; no other format embeds it"},
    {"gemini", "g", "{\"content\":{\"parts\":[]}}", "data: content 0: an empty text, or none"},
    {"gemini", "g", "{\"requests\":[]}", "data: requests: a list is needed"},
    {"gemini", "g", "{}", "data: content 0: an empty text, or none"},
    {"gemini", "g",
	"{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"CLUSTERING\"},{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}",
	"data: requests[1]: another taskType or outputDimensionality than the first one's"},

    {"ollama", NULL, "{\"model\":\"o\",\"input\":\"a\",\"truncate\":false,\"options\":{}}",
	"{\"model\":\"o\",\"input\":[\"a\"]}"},
    {"ollama", NULL,
	"{\"model\":\"o\",\"input\":[\"a\",\"b\"],\"truncate\":true,\"keep_alive\":\"5m\",\"dimensions\":4}",
	"{\"model\":\"o\",\"input\":[\"a\",\"b\"],\"dimensions\":4} lost truncate keep_alive"},
    {"ollama", NULL, "{\"model\":\"o\",\"prompt\":\"a\",\"options\":{\"num_ctx\":1}}",
	"{\"model\":\"o\",\"input\":[\"a\"]} single lost options"},
    {"ollama", NULL, "{\"model\":\"o\"}", "data: input: it is needed"},
    {"ollama", NULL, "{\"model\":\"o\",\"prompt\":\"\"}", "data: prompt: an empty text, or none"},
    {"ollama", NULL, "{\"model\":\"o\",\"input\":[{}]}", "data: input[0]: no string"},

    {"cohere", NULL,
	"{\"model\":\"c\",\"texts\":[\"a\"],\"input_type\":\"classification\",\"embedding_types\":[\"float\"],\"truncate\":\"NONE\"}",
	"{\"model\":\"c\",\"input\":[\"a\"],\"input_type\":\"classification\"}"},
    {"cohere", NULL,
	"{\"model\":\"c\",\"texts\":[\"a\"],\"embedding_types\":[\"base64\",\"float\"],\"output_dimension\":256,\"truncate\":\"END\"}",
	"{\"model\":\"c\",\"input\":[\"a\"],\"dimensions\":256} base64+numbers lost truncate"},
    {"cohere", NULL,
	"{\"model\":\"c\",\"inputs\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}],\"embedding_types\":[\"base64\"],\"max_tokens\":9}",
	"{\"model\":\"c\",\"input\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]} base64 lost max_tokens"},
    {"cohere", NULL, "{\"model\":\"c\",\"texts\":[\"a\"],\"embedding_types\":[\"float\",\"int8\"]}",
	"data: embedding_types: only float and base64 can be had"},
    {"cohere", NULL, "{\"model\":\"c\",\"images\":[\"data:,\"]}", "data: images: say them as inputs"},
    {"cohere", NULL, "{\"model\":\"c\",\"texts\":[\"a\"],\"inputs\":[]}",
	"data: texts, inputs: one of them is needed, not both"},
    {"cohere", NULL, "{\"model\":\"c\",\"texts\":\"a\"}", "data: texts: a list of inputs is needed"},
    {"cohere", NULL, "{\"model\":\"c\",\"inputs\":[{\"content\":[{}]}]}",
	"data: inputs[0]: a part of content without a type"},
};

static void
test_requests(void)
{
	struct buf got = BUF_INIT, name = BUF_INIT;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		ask(&got, requests[i].format, requests[i].model, requests[i].text);
		buf_clear(&name);
		buf_addf(&name, "%s: %s", requests[i].format, requests[i].text);
		tap_is_str(buf_str(&got), requests[i].want, buf_str(&name));
	}
	buf_release(&got);
	buf_release(&name);
}

static void
test_too_many(void)
{
	struct buf text = BUF_INIT, got = BUF_INIT;

	buf_adds(&text, "{\"model\":\"m\",\"input\":[\"a\"");
	for (int i = 0; i < EMBED_FRONT_MAX_INPUTS; i++)
		buf_adds(&text, ",\"a\"");
	buf_adds(&text, "]}");
	ask(&got, "openai", NULL, buf_str(&text));
	tap_is_str(buf_str(&got), "data: input: 65537 inputs, but at most 65536 go into a request",
	    "more than go into a request");
	buf_release(&text);
	buf_release(&got);
}

/* What the back of a format makes of a canonical request the front reads as that request again, but for what the format can't say. */
static void
test_requests_back(void)
{
	static const char canonical[] =
	    "{\"model\":\"m\",\"input\":[\"a\",\"b\\\"\\n\"],\"dimensions\":3,\"input_type\":\"search_query\"}";
	static const char plain[] = "{\"model\":\"m\",\"input\":[\"a\",\"b\\\"\\n\"],\"dimensions\":3}";
	static const struct {
		const char *format, *want;
	} backs[] = {{"openai", canonical}, {"gemini", canonical}, {"ollama", plain}, {"cohere", canonical}};
	char x[] = "x", base[] = "http://localhost";
	struct provider p = {.name = x, .wire = x, .base = base};
	struct json j;

	parse(&j, canonical);
	for (size_t i = 0; i < 4; i++) {
		const struct wire_ask as = {.request = &j, .provider = &p, .model = "m"};
		struct wire_call call = {0};
		struct losses lost = {0};
		struct buf got = BUF_INIT;
		struct err e = {0};
		tap_ok(wire_embed(&p)(backs[i].format)->encode(&call, &as, &lost, &e) == 0, "%s: encoded",
		    backs[i].format);
		ask(&got, backs[i].format, strcmp(backs[i].format, "gemini") == 0 ? "m" : NULL, buf_str(&call.body));
		if (strcmp(backs[i].format, "cohere") == 0 && got.len > 7 &&
		    strcmp(got.p + got.len - 7, " base64") == 0)
			got.p[got.len -= 7] = '\0'; /* so our back asks */
		tap_is_str(buf_str(&got), backs[i].want, "and read again");
		buf_release(&got);
		losses_release(&lost);
		wire_call_release(&call);
	}
	json_release(&j);
}

/* ── answers ── */

static const float two[2][3] = {{1, -0.5f, 0.1f}, {1e-7f, 3.4e38f, 0}};

static void
give(struct embed_answer *a, int index, const float *v, size_t n, const char *want)
{
	struct event ev = {.type = EVENT_VECTOR, .index = index, .s = (const char *)v, .n = n * sizeof(float)};
	struct err e = {0};
	int r = embed_answer_event(a, &ev, &e);

	if (r || want)
		tap_is_str(r ? e.msg : "taken", want ? want : "taken", want ? want : "a vector is taken");
}

static void
fill(struct embed_answer *a, int n, int64_t tokens)
{
	struct usage u = USAGE_INIT;
	struct event start = {.type = EVENT_START, .id = "told-id", .name = "told-model"},
		     usage = {.type = EVENT_USAGE, .usage = &u};
	struct err e = {0};

	u.prompt = tokens;
	for (int i = n - 1; i >= 0; i--)
		give(a, i, two[i], 3, NULL);
	embed_answer_event(a, &start, &e);
	if (tokens >= 0)
		embed_answer_event(a, &usage, &e);
}

static const struct {
	const char *format, *request;
	int n, tokens;
	const char *id, *cost, *want;
} answers[] = {
    {"openai", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}", 2, 5, "gen-1", "0.00001",
	"{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[1,-0.5,0.1]},"
	"{\"object\":\"embedding\",\"index\":1,\"embedding\":[1e-7,3.4e+38,0]}],\"model\":\"told-model\",\"id\":\"gen-1\","
	"\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5,\"cost\":0.00001}}"},
    {"openai", "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"base64\"}", 1, -1, NULL, "1",
	"{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":\"AACAPwAAAL/NzMw9\"}],\"model\":\"told-model\","
	"\"id\":\"told-id\"}"},
    {"gemini", "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}", 1, 5, NULL, NULL,
	"{\"embedding\":{\"values\":[1,-0.5,0.1]},\"usageMetadata\":{\"promptTokenCount\":5}}"},
    {"gemini",
	"{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}},{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}", 2,
	-1, NULL, NULL, "{\"embeddings\":[{\"values\":[1,-0.5,0.1]},{\"values\":[1e-7,3.4e+38,0]}]}"},
    {"gemini", "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}", 1, -1, NULL, NULL,
	"{\"embeddings\":[{\"values\":[1,-0.5,0.1]}]}"},
    {"ollama", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}", 2, 5, NULL, NULL,
	"{\"model\":\"told-model\",\"embeddings\":[[1,-0.5,0.1],[1e-7,3.4e+38,0]],\"prompt_eval_count\":5}"},
    {"ollama", "{\"model\":\"m\",\"input\":\"a\"}", 1, -1, NULL, NULL,
	"{\"model\":\"told-model\",\"embeddings\":[[1,-0.5,0.1]]}"},
    {"ollama", "{\"model\":\"m\",\"prompt\":\"a\"}", 1, 5, NULL, NULL, "{\"embedding\":[1,-0.5,0.1]}"},
    {"cohere", "{\"model\":\"m\",\"texts\":[\"a\",\"b\\n\"]}", 2, 5, "gen-1", NULL,
	"{\"id\":\"gen-1\",\"embeddings\":{\"float\":[[1,-0.5,0.1],[1e-7,3.4e+38,0]]},\"texts\":[\"a\",\"b\\n\"],"
	"\"meta\":{\"api_version\":{\"version\":\"2\"},\"billed_units\":{\"input_tokens\":5}},\"response_type\":\"embeddings_by_type\"}"},
    {"cohere", "{\"model\":\"m\",\"texts\":[\"a\"],\"embedding_types\":[\"base64\",\"float\"]}", 1, -1, NULL, NULL,
	"{\"id\":\"told-id\",\"embeddings\":{\"float\":[[1,-0.5,0.1]],\"base64\":[\"AACAPwAAAL/NzMw9\"]},\"texts\":[\"a\"],"
	"\"meta\":{\"api_version\":{\"version\":\"2\"}},\"response_type\":\"embeddings_by_type\"}"},
};

/* A request and its canonical form, kept while its answer is made. */
struct asked {
	struct json their, canonical;
	struct buf text;
	struct embed_form form;
};

static void
begin(struct asked *k, const struct embed_front *f, const char *request)
{
	struct losses lost = {0};
	struct err e = {0};

	parse(&k->their, request);
	k->text = (struct buf)BUF_INIT;
	const struct embed_ask as = {.request = &k->their, .model = strcmp(f->name, "gemini") == 0 ? "m" : NULL};
	if (f->request(&as, &k->text, &k->form, &lost, &e))
		errx(1, "%s: %s", request, e.msg);
	parse(&k->canonical, buf_str(&k->text));
	losses_release(&lost);
}

static void
finish(struct asked *k)
{
	json_release(&k->their);
	json_release(&k->canonical);
	buf_release(&k->text);
}

static void
test_answers(void)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		const struct embed_front *f = embed_front_get(answers[i].format);
		struct embed_answer a;
		struct buf out = BUF_INIT;
		struct err e = {0};
		struct asked k;
		begin(&k, f, answers[i].request);
		embed_answer_init(&a, &k.form, &k.canonical);
		fill(&a, answers[i].n, 77); /* another attempt's, which is void */
		embed_answer_clear(&a);
		fill(&a, answers[i].n, answers[i].tokens);
		a.id = answers[i].id;
		a.cost = answers[i].cost;
		tap_ok(embed_answer_check(&a, &e) == 0, "%s: %s: all is there", f->name, answers[i].request);
		f->whole(&a, &out);
		tap_is_str(buf_str(&out), answers[i].want, "the answer");
		buf_release(&out);
		embed_answer_release(&a);
		finish(&k);
	}
}

static void
test_bad_answers(void)
{
	const float bad[] = {1, NAN, 2}, endless[] = {1, INFINITY, 2};
	struct embed_answer a;
	struct err e = {0};
	struct asked k;

	begin(&k, &embed_front_openai, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}");
	embed_answer_init(&a, &k.form, &k.canonical);
	tap_ok(embed_answer_check(&a, &e) == -1 && e.kind == ERR_PROTOCOL, "no vectors");
	give(&a, 2, two[0], 3, "a vector with number 2 for 2 inputs");
	give(&a, -1, two[0], 3, "a vector with number -1 for 2 inputs");
	give(&a, 0, two[0], 3, NULL);
	give(&a, 0, two[0], 3, "two vectors with number 0");
	give(&a, 1, two[0], 2, "vectors of 3 and of 2 dimensions");
	embed_answer_check(&a, &e);
	tap_is_str(e.msg, "the answer has no vector for 1 of 2 inputs", "one is missing");
	embed_answer_clear(&a);
	give(&a, 0, bad, 3, "vector 0 holds something that is no number, or nothing");
	embed_answer_clear(&a);
	give(&a, 1, endless, 3, "vector 1 holds something that is no number, or nothing");
	embed_answer_clear(&a);
	give(&a, 1, bad, 0, "vector 1 holds something that is no number, or nothing");
	embed_answer_release(&a);
	finish(&k);
}

/* ── the mock's vectors through a front and its back ── */

static int
on_event(void *arg, const struct event *ev)
{
	struct err e = {0};

	if (embed_answer_event(arg, ev, &e))
		errx(1, "%s", e.msg);
	return 0;
}

static void
decode(struct embed_answer *a, const char *format, const struct buf *body)
{
	char x[] = "x";
	struct provider p = {.name = x};
	struct decoder d;
	struct err e = {0};

	decoder_init(&d, wire_embed(&p)(format), 200, on_event, a);
	decoder_feed(&d, body->p, body->len);
	tap_ok(decoder_end(&d, &e) == 0, "%s: the back reads it%s%s", format, *e.msg ? ": " : "", e.msg);
	decoder_release(&d);
}

static int
equal(const struct embed_answer *a, const struct embed_answer *b)
{
	int same = a->n == b->n && !a->n_missing && !b->n_missing && a->n_dims == b->n_dims;

	for (size_t i = 0; same && i < a->n; i++)
		same = memcmp(a->v[i].v, b->v[i].v, a->n_dims * sizeof(float)) == 0;
	return same && a->answer.usage.prompt == b->answer.usage.prompt;
}

static void
test_through(const char *format, const char *request)
{
	const struct embed_front *f = embed_front_get(format);
	struct embed_answer from, back;
	struct play play = PLAY_INIT;
	struct buf body = BUF_INIT;
	struct asked k;

	begin(&k, f, request);
	embed_answer_init(&from, &k.form, &k.canonical);
	embed_answer_init(&back, &k.form, &k.canonical);
	mock_embed(&play, &k.canonical, 0, 0);
	decode(&from, "openai", &play.bytes);
	f->whole(&from, &body);
	tap_ok(json_valid(body.p, body.len, NULL, NULL), "%s: the answer is JSON", format);
	decode(&back, format, &body);
	if (k.form.single)
		back.answer.usage.prompt = from.answer.usage.prompt; /* Ollama's old one doesn't tell */
	tap_ok(equal(&from, &back), "%s: and finds the same vectors, bit for bit", format);
	embed_answer_release(&from);
	embed_answer_release(&back);
	buf_release(&body);
	play_release(&play);
	finish(&k);
}

/* ── who takes what ── */

static void
test_takes(const char *name, const char *wire, const char *model, const char *request, const char *want)
{
	struct provider p = {.name = xstrdup(name), .wire = xstrdup(wire)};
	struct err e = {0};
	struct json j;

	parse(&j, request);
	int r = wire_embed_takes(&p, model, &j, &e);
	tap_is_str(r ? e.msg : "yes", want, request);
	json_release(&j);
	free(p.name);
	free(p.wire);
}

/* Fields by which a router chooses reach routers alone. */
static void
test_routing_fields(const char *name, const char *format, const char *want)
{
	struct provider p = {.name = xstrdup(name), .wire = xstrdup(format), .base = xstrdup("http://localhost")};
	struct wire_call call = {0};
	struct losses lost = {0};
	struct err e = {0};
	struct json j;

	parse(&j,
	    "{\"model\":\"m\",\"input\":[\"a\"],\"user\":\"u\",\"provider\":{},\"session_id\":\"s\",\"encoding_format\":\"float\"}");
	const struct wire_ask as = {.request = &j, .provider = &p, .model = "m"};
	wire_embed (&p)(format)->encode(&call, &as, &lost, &e);
	tap_is_str(buf_str(&call.body), want, name);
	wire_call_release(&call);
	losses_release(&lost);
	json_release(&j);
	free(p.name);
	free(p.wire);
	free(p.base);
}

int
main(void)
{
	tap_ok(embed_front_get("anthropic") == NULL, "there is no such front");
	test_requests();
	test_too_many();
	test_requests_back();
	test_answers();
	test_bad_answers();
	test_through("openai", "{\"model\":\"m\",\"input\":[\"one two\",\"three\"]}");
	test_through(
	    "openai", "{\"model\":\"m\",\"input\":\"one two\",\"encoding_format\":\"base64\",\"dimensions\":7}");
	test_through("gemini",
	    "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}},{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}");
	test_through("gemini", "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}");
	test_through("ollama", "{\"model\":\"m\",\"input\":[\"one two\",\"three\"]}");
	test_through("ollama", "{\"model\":\"m\",\"prompt\":\"one\"}");
	test_through("cohere", "{\"model\":\"m\",\"texts\":[\"one two\",\"three\"]}");
	test_through("cohere", "{\"model\":\"m\",\"texts\":[\"one two\",\"three\"],\"embedding_types\":[\"base64\"]}");
	test_takes("openai", "openai", "text-embedding-3-small", "{\"input\":[[1,2]]}", "yes");
	test_takes("gemini", "gemini", "g", "{\"input\":[[1,2]]}",
	    "input: gemini takes texts alone, no tokens and no other content");
	test_takes("mock", "mock", "embed", "{\"input\":[{}]}",
	    "input: mock takes texts alone, no tokens and no other content");
	test_takes("bedrock", "bedrock", "amazon.titan-embed-text-v2:0", "{\"input\":[\"a\",\"b\"]}",
	    "input: 2, but bedrock takes at most 1 in one request");
	test_takes("bedrock", "bedrock", "cohere.embed-v4:0", "{\"input\":[\"a\",\"b\"]}", "yes");
	test_takes("anthropic", "anthropic", "c", "{\"input\":[\"a\"]}", "anthropic: its format has no embeddings");
	test_routing_fields("openrouter", "openai",
	    "{\"model\":\"m\",\"input\":[\"a\"],\"user\":\"u\",\"provider\":{},\"session_id\":\"s\",\"encoding_format\":\"float\"}");
	test_routing_fields(
	    "openai", "openai", "{\"model\":\"m\",\"input\":[\"a\"],\"user\":\"u\",\"encoding_format\":\"float\"}");
	test_routing_fields("mistral", "openai", "{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"float\"}");
	test_routing_fields("ollama", "ollama", "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":false}");
	return tap_done();
}
