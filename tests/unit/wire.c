/* SPDX-License-Identifier: ISC */
/*
 * The golden pairs of tests/wire/WIRE (NAME.body, NAME.status if it isn't 200, and NAME.events as wire/events.h writes them): each is
 * fed whole, byte by byte, at every split into two and in random reads. Then what no pair can show: caps, stopping, the template
 * against the parser, error words, and requests.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "../wire/events.h"
#include "json.h"
#include "mem.h"
#include "providers.h"
#include "tap.h"
#include "wire/fault.h"
#include "wire/template.h"

#define N_RANDOM 20
#define N_STREAMS 3000

static uint64_t state = 88172645463325252u;

/* xorshift64: the same reads in every run. */
static size_t
chance(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* `make proof` runs more of what is random. */
static int
rounds(int n)
{
	return getenv("PROOF") ? n * 30 : n;
}

struct cut {
	size_t first, rest; /* rest 0: random lengths up to first */
	int n;
};

static size_t
next_cut(void *arg)
{
	struct cut *c = arg;

	if (!c->rest)
		return chance(c->first) + 1;
	return c->n++ ? c->rest : c->first;
}

static void
decode(struct buf *out, const struct wire *w, int http, const struct buf *body, size_t first, size_t rest)
{
	struct cut c = {first, rest, 0};

	buf_clear(out);
	events_of(out, w, http, buf_str(body), body->len, next_cut, &c);
}

static int
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(buf_str(a), buf_str(b), a->len) == 0;
}

/* 0: there is no such file. */
static int
slurp(struct buf *b, const char *dir, const char *name, const char *suffix)
{
	struct buf path = BUF_INIT;
	size_t n;

	buf_addf(&path, "%s/%s%s", dir, name, suffix);
	FILE *f = fopen(buf_str(&path), "rb");
	buf_release(&path);
	buf_clear(b);
	if (!f)
		return 0;
	while ((n = fread(buf_reserve(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	fclose(f);
	return 1;
}

/* The first way of feeding that gives other events, or NULL. */
static const char *
other_feeding(const struct wire *w, int http, const struct buf *body, const struct buf *want)
{
	static char where[64];
	struct buf got = BUF_INIT;
	const char *bad = NULL;

	decode(&got, w, http, body, 1, 1);
	if (!same(&got, want))
		bad = "byte by byte";
	for (size_t i = 1; i < body->len && !bad; i++) {
		decode(&got, w, http, body, i, body->len);
		if (!same(&got, want)) {
			snprintf(where, sizeof(where), "split at %zu", i);
			bad = where;
		}
	}
	for (int i = 0; i < rounds(N_RANDOM) && !bad; i++) {
		decode(&got, w, http, body, 1 + chance(64), 0);
		if (!same(&got, want))
			bad = "random reads";
	}
	if (bad)
		printf("# %s gives:\n# %s\n", bad, buf_str(&got));
	buf_release(&got);
	return bad;
}

static void
golden(const struct wire *w, const char *dir, const char *name)
{
	struct buf body = BUF_INIT, want = BUF_INIT, got = BUF_INIT, status = BUF_INIT;
	int http = slurp(&status, dir, name, ".status") ? (int)strtol(buf_str(&status), NULL, 10) : 200;

	slurp(&body, dir, name, ".body");
	slurp(&want, dir, name, ".events");
	decode(&got, w, http, &body, body.len + 1, 1);
	int ok = same(&got, &want);
	if (!ok)
		printf("# got:\n%s# want:\n%s", buf_str(&got), buf_str(&want));
	const char *bad = ok ? other_feeding(w, http, &body, &want) : NULL;
	tap_ok(ok && !bad, "%s/%s%s%s", w->name, name, bad ? ": " : "", bad ? bad : "");
	buf_release(&body);
	buf_release(&want);
	buf_release(&got);
	buf_release(&status);
}

static int
is_body(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".body") == 0;
}

static void
goldens(const char *top, const struct wire *w)
{
	struct buf dir = BUF_INIT;
	struct dirent **v;

	buf_addf(&dir, "%s/%s", top, w->name);
	int n = scandir(buf_str(&dir), &v, is_body, alphasort);
	tap_ok(n > 0, "there are golden pairs in %s", buf_str(&dir));
	for (int i = 0; i < n; i++) {
		v[i]->d_name[strlen(v[i]->d_name) - 5] = '\0';
		golden(w, buf_str(&dir), v[i]->d_name);
		free(v[i]);
	}
	if (n >= 0)
		free(v);
	buf_release(&dir);
}

/* n bytes of c between two texts, as one answer; its last line. */
static void
grown(struct buf *out, const char *head, char c, size_t n, const char *tail)
{
	struct buf body = BUF_INIT;

	buf_adds(&body, head);
	memset(buf_reserve(&body, n), c, n);
	body.len += n;
	buf_adds(&body, tail);
	decode(out, &wire_openai, 200, &body, 16384, 16384);
	buf_release(&body);
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
	struct buf out = BUF_INIT, body = BUF_INIT;

	grown(&out, "data: {\"choices\":[{\"delta\":{\"content\":\"", 'x', 17 * 1024 * 1024, "\"}}]}\n\n");
	tap_is_str(buf_str(&out),
	    "{\"type\":\"error\",\"kind\":\"protocol\",\"message\":\"an event of more than 16 MiB\"}\n"
	    "{\"type\":\"end\",\"kind\":\"protocol\",\"message\":\"an event of more than 16 MiB\"}\n",
	    "a line of 17 MiB");
	grown(&out, "{\"choices\":\"", 'x', DECODER_MAX_BODY, "\"}");
	tap_is_str(last_line(&out),
	    "{\"type\":\"end\",\"kind\":\"protocol\",\"message\":\"an answer of more than 64 MiB\"}\n",
	    "a body of 64 MiB");
	grown(&out, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"", 'x', 2 * 1024 * 1024,
	    "\"}]}}]}\n\n");
	tap_ok(strstr(last_line(&out), "\"kind\":\"protocol\"") != NULL, "a tool call's id of 2 MiB");
	for (int i = 0; i < 1100; i++)
		buf_addf(&body,
		    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,\"id\":\"%d\",\"function\":{\"name\":\"f\"}}]}}]}\n\n",
		    i, i);
	decode(&out, &wire_openai, 200, &body, 4096, 4096);
	tap_ok(strstr(last_line(&out), "too many calls") != NULL, "more than 1024 tool calls");
	buf_clear(&body);
	buf_adds(&body, "{\"error\":{\"message\":\"");
	memset(buf_reserve(&body, 3 << 20), 'x', 3 << 20);
	body.len += 3 << 20;
	buf_adds(&body, "\"}}");
	decode(&out, &wire_openai, 400, &body, 65536, 65536);
	tap_is_str(last_line(&out),
	    "{\"type\":\"end\",\"kind\":\"request\",\"http\":400,\"message\":\"400 request\"}\n",
	    "an error body of 3 MiB is cut off");
	buf_release(&out);
	buf_release(&body);
}

static int
stop_at_text(void *arg, const struct event *ev)
{
	int *n = arg;

	++*n;
	return ev->type == EVENT_TEXT ? 7 : 0;
}

static void
test_stop(void)
{
	static const char body[] =
	    "data: {\"id\":\"a\",\"choices\":[{\"delta\":{\"content\":\"x\",\"refusal\":\"y\"}}]}\n\n"
	    "data: {\"id\":\"a\",\"choices\":[{\"delta\":{\"content\":\"z\"}}]}\n\n";
	struct decoder d;
	struct err e = {0};
	int n = 0;

	decoder_init(&d, &wire_openai, 200, stop_at_text, &n);
	tap_is_int(decoder_feed(&d, body, sizeof(body) - 1), 7, "the callback's result is returned");
	tap_is_int(decoder_feed(&d, body, sizeof(body) - 1), 7, "and again");
	decoder_end(&d, &e);
	tap_is_int(n, 2, "no event is given after it");
	decoder_release(&d);
}

/* The inside of a JSON string, at random: plain, escaped, halves of pairs, quotes, things that aren't valid. */
static void
add_inside(struct buf *b)
{
	static const char *const pieces[] = {"word ", "a", "\\n", "\\\"", "\\\\", "\\u00e9", "\xc3\xa9",
	    "\xf0\x9f\x98\x80", "\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\/", " ", "data: ", "}", "\\u0000",
	    "0123456789"};
	static const char *const bad[] = {"\"", "\\", "\xff", "\\x", "\t", "\",\"x\":\""};

	for (size_t n = chance(6); n; n--)
		buf_adds(b, pieces[chance(sizeof(pieces) / sizeof(*pieces))]);
	if (chance(400) == 0)
		buf_adds(b, bad[chance(sizeof(bad) / sizeof(*bad))]);
}

/* Streams of chunks that differ in one string: as they are, and with a member that is another one each time, which no template fits. */
static void
test_template(void)
{
	static const char *const shapes[] = {"\"content\":\"%s\"", "\"reasoning\":\"%s\"",
	    "\"content\":\"\",\"reasoning_content\":\"%s\"", "\"refusal\":\"%s\",\"role\":\"assistant\"",
	    "\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"%s\"}}]",
	    "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"%s\"}}]",
	    "\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]",
	    "\"reasoning\":\"x\",\"reasoning_details\":[{\"text\":\"%s\"}]"};
	struct buf fast = BUF_INIT, slow = BUF_INIT, inside = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	int differ = 0;

	for (int i = 0; i < rounds(N_STREAMS) && !differ; i++) {
		buf_clear(&fast);
		buf_clear(&slow);
		for (size_t n = 2 + chance(12), shape = chance(8); n; n--) {
			if (chance(6) == 0)
				shape = chance(8);
			buf_clear(&inside);
			add_inside(&inside);
			const char *at = strstr(shapes[shape], "%s");
			for (struct buf *out = &fast;; out = &slow) {
				buf_addf(out, "data: {\"id\":\"i\",\"choices\":[{\"index\":%d,\"delta\":{", n % 7 == 6);
				buf_add(out, shapes[shape], (size_t)(at - shapes[shape]));
				buf_add(out, inside.p, inside.len);
				buf_adds(out, at + 2);
				buf_addf(out, "},\"finish_reason\":null}],\"p\":\"%08zu\"}\n\n", out == &slow ? n : 0);
				if (out == &slow)
					break;
			}
		}
		decode(&a, &wire_openai, 200, &fast, fast.len, 1);
		decode(&b, &wire_openai, 200, &slow, slow.len, 1);
		differ = !same(&a, &b);
		if (differ)
			printf("# %s# fast:\n%s# slow:\n%s", buf_str(&fast), buf_str(&a), buf_str(&b));
	}
	tap_ok(!differ, "streams with and without a template give the same events");
	buf_release(&fast);
	buf_release(&slow);
	buf_release(&inside);
	buf_release(&a);
	buf_release(&b);
}

static void
test_match(void)
{
	static const char chunk[] = "{\"t\":\"one\",\"n\":1}";
	static const struct {
		const char *chunk, *text; /* NULL: no match */
	} cases[] = {
	    {"{\"t\":\"two\",\"n\":1}", "two"},
	    {"{\"t\":\"a longer \\\"text\\\"\",\"n\":1}", "a longer \"text\""},
	    {"{\"t\":\"\",\"n\":1}", NULL}, /* empty */
	    {"{\"t\":\"two\",\"n\":2}", NULL},
	    {"{\"u\":\"two\",\"n\":1}", NULL},
	    {"{\"t\":\"two\",\"n\":1} ", NULL},
	    {"{\"t\":\"x\",\"t\":\"y\",\"n\":1}", NULL}, /* several values */
	    {"{\"t\":\"x\\\",\"n\":1}", NULL},           /* the quote is escaped */
	    {"{\"t\":\"\\ud83d\",\"n\":1}", NULL},       /* half a pair */
	    {"{\"t\":\"\xff\",\"n\":1}", NULL},
	    {"{\"t\":\"a\nb\",\"n\":1}", NULL},
	    {"{\"t\":\",\"n\":1}", NULL}, /* head and tail overlap */
	    {"", NULL},
	};
	struct template t = {.frame = BUF_INIT};
	struct event ev = {.type = EVENT_TEXT, .s = chunk + 6, .n = 3, .choice = 2}, got;

	tap_is_int(template_match(&t, "", chunk, strlen(chunk), &got), 0, "template: nothing is learned yet");
	template_learn(&t, "", chunk, strlen(chunk), &ev);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int r = template_match(&t, "", cases[i].chunk, strlen(cases[i].chunk), &got);
		tap_ok(r == (cases[i].text != NULL), "template: %s", cases[i].chunk);
		if (r && cases[i].text)
			tap_ok(got.choice == 2 && got.n == strlen(cases[i].text) &&
				memcmp(got.s, cases[i].text, got.n) == 0,
			    "template: its text");
	}
	ev.s = "one";
	template_learn(&t, "", chunk, strlen(chunk), &ev);
	tap_is_int(template_match(&t, "", cases[0].chunk, strlen(cases[0].chunk), &got), 0,
	    "template: a text from elsewhere isn't learned");
	template_release(&t);
}

static void
test_faults(void)
{
	static const struct {
		struct fault f;
		enum err_kind kind;
		int http;
	} cases[] = {
	    {{400, "invalid_api_key", NULL, "no"}, ERR_AUTH, 400},
	    {{500, "invalid_api_key", NULL, "no"}, ERR_TEMPORARY, 500},
	    {{429, NULL, "insufficient_quota", "x"}, ERR_MONEY, 429},
	    {{429, NULL, "tokens", "slow down"}, ERR_TEMPORARY, 429},
	    {{429, NULL, "RESOURCE_EXHAUSTED", "You exceeded your current quota"}, ERR_TEMPORARY, 429},
	    {{503, NULL, NULL, "exceeded your current quota"}, ERR_TEMPORARY, 503},
	    {{413, "rate_limit_exceeded", "tokens", "Request too large"}, ERR_REQUEST, 413},
	    {{403, NULL, NULL, "Forbidden"}, ERR_AUTH, 403},
	    {{403, NULL, "moderation", "x"}, ERR_REFUSED, 403},
	    {{403, NULL, NULL, "Key limit exceeded"}, ERR_MONEY, 403},
	    {{404, NULL, NULL, "x"}, ERR_NOMODEL, 404},
	    {{408, NULL, NULL, NULL}, ERR_TEMPORARY, 408},
	    {{409, NULL, NULL, NULL}, ERR_TEMPORARY, 409},
	    {{410, NULL, NULL, NULL}, ERR_HOST, 410},
	    {{412, NULL, NULL, NULL}, ERR_REQUEST, 412},
	    {{413, NULL, NULL, NULL}, ERR_REQUEST, 413},
	    {{422, NULL, NULL, NULL}, ERR_REQUEST, 422},
	    {{425, NULL, NULL, NULL}, ERR_TEMPORARY, 425},
	    {{451, NULL, NULL, NULL}, ERR_REFUSED, 451},
	    {{500, NULL, NULL, NULL}, ERR_TEMPORARY, 500},
	    {{501, NULL, NULL, NULL}, ERR_HOST, 501},
	    {{505, NULL, NULL, NULL}, ERR_HOST, 505},
	    {{529, NULL, NULL, NULL}, ERR_TEMPORARY, 529},
	    {{302, NULL, NULL, NULL}, ERR_HOST, 302},
	    {{200, "server_error", NULL, NULL}, ERR_TEMPORARY, 500},
	    {{200, NULL, "rate_limit_error", NULL}, ERR_TEMPORARY, 429},
	    {{200, NULL, "overloaded_error", NULL}, ERR_TEMPORARY, 529},
	    {{0, NULL, NULL, "insufficient credits"}, ERR_MONEY, 402},
	    {{0, NULL, NULL, "who knows"}, ERR_TEMPORARY, 502},
	    {{0, "context_length_exceeded", NULL, NULL}, ERR_REQUEST, 400},
	    {{0, "content_filter", NULL, NULL}, ERR_REFUSED, 403},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = {0};
		const struct fault *f = &cases[i].f;
		fault_err(f, &e);
		tap_ok(e.kind == cases[i].kind && e.http == cases[i].http, "fault %d %s %s \"%s\": %s %d", f->http,
		    f->code ? f->code : "-", f->type ? f->type : "-", f->message ? f->message : "",
		    err_word(cases[i].kind), cases[i].http);
	}
}

/* A request for a provider: the body, or the error's text; `;` and the losses follow where there are any. */
static void
encode_for(struct buf *out, struct provider *p, const char *model, const char *req, int lossy)
{
	struct wire_call call = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};

	buf_clear(out);
	if (json_parse(&j, req, strlen(req), &e))
		errx(1, "%s: %s", req, e.msg);
	const struct wire_ask ask = {.request = &j, .provider = p, .model = model, .lossy = lossy};
	if (wire_openai.encode(&call, &ask, &lost, &e))
		buf_addf(out, "error %s: %s", err_word(e.kind), e.msg);
	else
		buf_add(out, call.body.p, call.body.len);
	for (size_t i = 0; i < lost.n; i++)
		buf_addf(out, "%s%s", i ? "," : ";", lost.v[i]);
	losses_release(&lost);
	json_release(&j);
	wire_call_release(&call);
}

struct encode_case {
	const char *provider, *model, *req, *want;
	int lossy;
};

#define M "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]"
#define PARTS(p) \
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}," p "]}]}"

static const struct encode_case encodes[] = {
    /* bytes stay: order, white space, spelling of numbers and strings */
    {"openrouter", "m", "{ \"temperature\" : 1.0E0,\n\"model\":\"m\", " M ",\"x\":\"\\u00e9\" }",
	"{ \"temperature\" : 1.0E0,\n\"model\":\"m\", " M ",\"x\":\"\\u00e9\" }", 0},
    {"other", "n", "{\"model\" : \"a/n\", " M ", \"seed\":18446744073709551616}",
	"{\"model\" : \"n\", " M ", \"seed\":18446744073709551616}", 0},
    {"other", "n", "{" M "}", "{" M ",\"model\":\"n\"}", 0},
    /* OpenRouter keeps what is its own */
    {"openrouter", "a/m",
	"{\"model\":\"a/m\",\"models\":[\"a/m\",\"b/n\",\"mock/echo\",\"groq:x/y\"],\"provider\":{\"zdr\":true},\"stream\":true," M
	"}",
	"{\"model\":\"a/m\",\"models\":[\"a/m\",\"b/n\"],\"provider\":{\"zdr\":true},\"stream\":true," M "}", 0},
    {"openrouter", "b/n", "{\"model\":\"a/m\",\"models\":[\"a/m\",\"b/n\"]," M "}", "{\"model\":\"b/n\"," M "}", 0},
    {"openrouter", "b/n", "{\"models\":[\"a/m\",\"b/n\",\"c/o\",\"d/p\"]," M "}",
	"{\"models\":[\"c/o\",\"d/p\"]," M ",\"model\":\"b/n\"}", 0},
    /* elsewhere its fields are lost, but for those that ask for what others send unasked */
    {"openai", "m",
	"{\"model\":\"m\",\"models\":[\"b/n\"],\"provider\":{},\"usage\":{\"include\":true},\"route\":\"fallback\"," M
	"}",
	"{\"model\":\"m\"," M "};models,route,provider", 0},
    {"openai", "m", "{\"model\":\"m\",\"plugins\":[],\"top_k\":3,\"min_p\":0.1," M "}",
	"{\"model\":\"m\"," M "};plugins,top_k,min_p", 0},
    {"other", "m", "{\"model\":\"m\",\"top_k\":3,\"unknown\":[1, 2]," M "}",
	"{\"model\":\"m\",\"top_k\":3,\"unknown\":[1, 2]," M "}", 0},
    /* limits, seeds */
    {"openai", "m", "{\"model\":\"m\",\"max_tokens\":1e2," M "}",
	"{\"model\":\"m\"," M ",\"max_completion_tokens\":1e2}", 0},
    {"openai", "m", "{\"model\":\"m\",\"max_tokens\":1,\"max_completion_tokens\":2," M "}",
	"{\"model\":\"m\",\"max_completion_tokens\":2," M "}", 0},
    {"mistral", "m", "{\"model\":\"m\",\"max_completion_tokens\":5,\"seed\":7,\"user\":\"u\"," M "}",
	"{\"model\":\"m\"," M ",\"max_tokens\":5,\"random_seed\":7};user", 0},
    {"deepseek", "m", "{\"model\":\"m\",\"max_completion_tokens\":5," M "}", "{\"model\":\"m\"," M ",\"max_tokens\":5}",
	0},
    {"groq", "m", "{\"model\":\"m\",\"max_completion_tokens\":5,\"logit_bias\":{}," M "}",
	"{\"model\":\"m\",\"max_completion_tokens\":5," M "};logit_bias", 0},
    /* reasoning */
    {"openai", "m", "{\"model\":\"m\",\"reasoning\":{\"effort\":\"low\"}," M "}",
	"{\"model\":\"m\"," M ",\"reasoning_effort\":\"low\"}", 0},
    {"openai", "m", "{\"model\":\"m\",\"reasoning\":{\"effort\":\"low\",\"exclude\":true}," M "}",
	"{\"model\":\"m\"," M ",\"reasoning_effort\":\"low\"};reasoning", 0},
    {"openai", "m", "{\"model\":\"m\",\"reasoning\":{\"max_tokens\":9}," M "}", "{\"model\":\"m\"," M "};reasoning", 0},
    {"openrouter", "m", "{\"model\":\"m\",\"reasoning\":{\"effort\":\"low\"}," M "}",
	"{\"model\":\"m\",\"reasoning\":{\"effort\":\"low\"}," M "}", 0},
    /* usage of a stream */
    {"openai", "m", "{\"model\":\"m\",\"stream\":true," M "}",
	"{\"model\":\"m\",\"stream\":true," M ",\"stream_options\":{\"include_usage\":true}}", 0},
    {"openai", "m", "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"a\":1}," M "}",
	"{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"a\":1,\"include_usage\":true}," M "}", 0},
    {"openai", "m", "{\"model\":\"m\",\"stream\":true,\"stream_options\":null," M "}",
	"{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," M "}", 0},
    {"openai", "m", "{\"model\":\"m\",\"stream\":false,\"stream_options\":{\"include_usage\":true}," M "}",
	"{\"model\":\"m\",\"stream\":false," M "}", 0},
    {"mistral", "m", "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," M "}",
	"{\"model\":\"m\",\"stream\":true," M "}", 0},
    /* content */
    {"deepseek", "m", PARTS("{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}"),
	"error data: deepseek doesn't take content of type image_url", 0},
    {"deepseek", "m", PARTS("{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}"),
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]};image_url",
	1},
    {"openai", "m", PARTS("{\"type\":\"video_url\",\"video_url\":{\"url\":\"x\"}}"),
	"error data: openai doesn't take content of type video_url", 0},
    {"openai", "m", PARTS("{ \"type\":\"input_audio\"}"), PARTS("{ \"type\":\"input_audio\"}"), 0},
    {"openai", "m", PARTS("{\"type\":\"new_thing\"}"), PARTS("{\"type\":\"new_thing\"}"), 0},
    {"perplexity", "m", "{\"model\":\"m\",\"tools\":[{}]," M "}", "error data: perplexity doesn't take tools", 0},
    {"perplexity", "m", "{\"model\":\"m\",\"tools\":[{}],\"tool_choice\":\"auto\"," M "}",
	"{\"model\":\"m\"," M "};tools,tool_choice", 1},
    /* what an assistant said before */
    {"openai", "m",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning\":\"r\",\"reasoning_details\":[{}]}, {\"role\":\"user\"}]}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\"}]}", 0},
    {"deepseek", "m",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning\":\"r\",\"reasoning_details\":[{}]}]}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":\"r\"}]}", 0},
    {"deepseek", "m",
	"{\"model\":\"m\",\"messages\":[ {\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":\"r\"}]}",
	"{\"model\":\"m\",\"messages\":[ {\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":\"r\"}]}", 0},
    {"openrouter", "m",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_details\":[ {} ]}]}",
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_details\":[ {} ]}]}", 0},
};

static void
test_encode(void)
{
	struct buf out = BUF_INIT, name = BUF_INIT;
	char base[] = "https://api.example.com/v1";

	for (size_t i = 0; i < sizeof(encodes) / sizeof(*encodes); i++) {
		const struct encode_case *c = encodes + i;
		struct provider p = {.base = base};
		buf_clear(&name);
		buf_adds(&name, c->provider);
		p.name = name.p;
		encode_for(&out, &p, c->model, c->req, c->lossy);
		if (!tap_ok(strcmp(buf_str(&out), c->want) == 0, "encode for %s: %s", c->provider, c->req))
			printf("# got:  %s\n# want: %s\n", buf_str(&out), c->want);
	}
	buf_release(&out);
	buf_release(&name);
}

/* The host tells where the name doesn't; a path doesn't. */
static void
test_dialects(void)
{
	static const struct {
		const char *base;
		int is_openai;
	} cases[] = {
	    {"https://api.openai.com/v1", 1},
	    {"https://eu.api.openai.com/v1", 1},
	    {"https://proxy.example.com/api.openai.com/v1", 0},
	    {"http://127.0.0.1:8080/v1", 0},
	};
	struct buf out = BUF_INIT;
	char name[] = "work", base[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct provider p = {.name = name, .base = base};
		snprintf(base, sizeof(base), "%s", cases[i].base);
		encode_for(&out, &p, "m", "{\"model\":\"m\",\"max_tokens\":1," M "}", 0);
		tap_ok((strstr(buf_str(&out), "max_completion_tokens") != NULL) == cases[i].is_openai, "dialect of %s",
		    base);
	}
	buf_release(&out);
}

static void
url_is(const char *base, const char *path, char **query, size_t n, const char *want)
{
	struct wire_call call = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};
	char name[] = "x", *b = xstrdup(base), *p = path ? xstrdup(path) : NULL;
	struct provider row = {.name = name, .base = b, .path = p, .query = query, .n_query = n};

	json_parse(&j, "{}", 2, &e);
	wire_openai.encode(&call, &(struct wire_ask){.request = &j, .provider = &row, .model = "m"}, &lost, &e);
	tap_is_str(buf_str(&call.url), want, want);
	wire_call_release(&call);
	losses_release(&lost);
	json_release(&j);
	free(b);
	free(p);
}

static void
test_urls(void)
{
	char one[] = "api-version=2024-10-21", two[] = "a=b%20c", *query[] = {one, two};

	url_is("https://h/v1", NULL, NULL, 0, "https://h/v1/chat/completions");
	url_is("https://h", "/x/y", NULL, 0, "https://h/x/y");
	url_is("https://h/v1", NULL, query, 1, "https://h/v1/chat/completions?api-version=2024-10-21");
	url_is("https://h/v1", "/p?q=1", query, 2, "https://h/v1/p?q=1&api-version=2024-10-21&a=b%20c");
}

int
main(int argc, char **argv)
{
	static const char *const formats[] = {
	    "openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (argc < 3 || strcmp(argv[2], formats[i]) == 0)
			goldens(argc > 1 ? argv[1] : "tests/wire", wire_get(formats[i]));
	if (argc > 2)
		return tap_done();
	tap_ok(wire_get("openai") == &wire_openai && wire_get("mock") == &wire_openai && !wire_get("none"),
	    "wires by name");
	test_caps();
	test_stop();
	test_match();
	test_template();
	test_faults();
	test_encode();
	test_dialects();
	test_urls();
	return tap_done();
}
