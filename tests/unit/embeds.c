/* SPDX-License-Identifier: ISC */
/* embeds: requests for embeddings to calls of the mock, in each format. What stands around it in a worker is played here. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "client.h"
#include "loop.h"
#include "outcome.h"
#include "providers.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "tap.h"

struct exchange {
	struct http1 request;
	void (*on_gone)(void *arg);
	void *arg;
	int is_gone;
};

static struct loop *loop;
static struct exchange exchange;
static struct buf got; /* "200 {...}", "error ...", "cut" */
static int64_t corrected;
static int is_running;

/* Whom the next request may go to. */
static char mock[] = "mock", empty[] = "", none[] = "none", embed[] = "embed", one[] = "one", two[] = "two",
	    titan[] = "titan", bedrock[] = "bedrock", perplexity[] = "perplexity", openai[] = "openai",
	    base[] = "http://127.0.0.1:1";
static struct provider first =
			   {.name = one, .wire = mock, .base = empty, .key = none, .prompt = 1000000, .completion = 0},
		       second = {.name = two, .wire = mock, .base = empty, .key = none},
		       amazon = {.name = bedrock, .wire = bedrock, .base = base, .key = none},
		       bytes = {.name = perplexity, .wire = openai, .base = base, .key = none};
static struct candidate places[4];
static size_t n_places;

/* The answer is there. */
static void
over(void)
{
	if (is_running)
		loop_stop(loop);
}

/* ── an exchange ── */

const struct http1 *
exchange_request(const struct exchange *x)
{
	return &x->request;
}

void
exchange_watch(struct exchange *x, void (*on_gone)(void *), void (*on_drain)(void *), void *arg)
{
	(void)on_drain;
	x->on_gone = on_gone;
	x->arg = arg;
}

int
exchange_is_gone(const struct exchange *x)
{
	return x->is_gone;
}

void
exchange_cut(struct exchange *x)
{
	(void)x;
	buf_adds(&got, "cut");
	over();
}

void
exchange_field(struct exchange *x, const char *name, const char *value)
{
	(void)x, (void)name, (void)value;
}

int64_t
exchange_start_us(const struct exchange *x)
{
	(void)x;
	return 0;
}

/* ── a visit ── */

void
visit_error(struct visit *v, const struct err *e)
{
	struct buf body = BUF_INIT;

	v->front->error(e, &body);
	buf_addf(&got, "error %s: %s", err_word(e->kind), buf_str(&body));
	buf_release(&body);
	over();
}

void
visit_json(struct visit *v, int status, const struct buf *body)
{
	(void)v;
	buf_addf(&got, "%d %s", status, buf_str(body));
	over();
}

/* ── admission ── */

void
admit_init(struct admit *m)
{
	strlcpy(m->v->id, "gen-1", sizeof(m->v->id));
}

int
admit_read(struct admit *m, struct err *e)
{
	return json_parse(&m->json, buf_str(&m->request), m->request.len, e);
}

void
admit_start(struct admit *m)
{
	struct err e = {0};

	m->tokens = 7;
	m->routed = (struct routed_call){.v = places, .n = n_places};
	if (n_places)
		m->on_ready(m->arg, NULL);
	err_set(&e, ERR_NOMODEL, "nobody has it");
	if (!n_places)
		m->on_ready(m->arg, &e);
}

void
admit_call(struct admit *m, struct call_spec *s, int streams)
{
	(void)streams;
	s->request = m->request.p;
	s->len = m->request.len;
	s->candidate = m->routed.v;
	s->n_candidate = m->routed.n;
}

void
admit_over(struct admit *m, const struct outcome *o)
{
	(void)o;
	m->v->cost_pusd = 2500000;
}

void
admit_fail(struct admit *m, const struct outcome *o)
{
	visit_error(m->v, &o->err);
}

void
admit_gone(struct admit *m)
{
	(void)m;
}

void
admit_release(struct admit *m)
{
	json_release(&m->json);
	buf_release(&m->request);
}

void
gate_correct(struct gate *g, const struct gate_key *k, int64_t more, int64_t now_ms)
{
	(void)g;
	(void)k;
	(void)now_ms;
	corrected = more;
}

/* ── requests ── */

static void
go(void *arg)
{
	struct exchange *x = arg;

	x->is_gone = 1;
	x->on_gone(x->arg);
}

/* leaves_ms: the client goes after so long; 0: it stays. */
static const char *
ask(const struct front *front, const char *model, const char *body, int64_t leaves_ms)
{
	static struct client *client;
	struct app app = {.client = client};
	struct visit v = {.app = &app, .x = &exchange, .front = front};

	if (!body) {
		client_free(client);
		return NULL;
	}
	if (!client)
		client = app.client = client_new(loop, wire_get, NULL);
	v.part[0] = model;
	exchange.is_gone = 0;
	buf_clear(&got);
	buf_clear(&exchange.request.body);
	buf_adds(&exchange.request.body, body);
	struct loop_timer *t = loop_timer_new(loop, go, &exchange);
	calls_embed(&v);
	if (leaves_ms)
		loop_timer_set(t, leaves_ms);
	is_running = 1;
	if (!got.len)
		loop_run(loop);
	is_running = 0;
	loop_timer_free(t);
	if (v.free_own)
		v.free_own(v.own);
	return buf_str(&got);
}

static void
may_go_to(struct provider *p, char *model, struct provider *q, char *other, int chain)
{
	places[0] = (struct candidate){.provider = p, .model = model, .name = model};
	places[1] = (struct candidate){.provider = q, .model = other, .name = other, .chain = chain};
	n_places = q ? 2 : p ? 1 : 0;
}

static void
starts(const char *text, const char *with, const char *ends, const char *name)
{
	size_t n = strlen(with), m = strlen(ends), len = strlen(text);
	int ok = strncmp(text, with, n) == 0 && len >= m && strcmp(text + len - m, ends) == 0;

	tap_ok(ok, "%s", name);
	if (!ok)
		printf("# got: %s\n", text);
}

static void
test_formats(void)
{
	may_go_to(&first, embed, NULL, NULL, 0);
	starts(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":[\"a b\",\"c\"],\"dimensions\":2}", 0),
	    "200 {\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[",
	    "]}],\"model\":\"mock/embed\",\"id\":\"gen-1\",\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3,\"cost\":0.0000025}}",
	    "OpenAI's");
	starts(ask(&front_openai, NULL,
		   "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"base64\",\"dimensions\":1}", 0),
	    "200 {\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":\"AACA", "}}",
	    "in base64");
	starts(ask(&front_gemini, "models/m", "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}", 0),
	    "200 {\"embedding\":{\"values\":[", "]},\"usageMetadata\":{\"promptTokenCount\":1}}", "Gemini's");
	starts(ask(&front_ollama, NULL, "{\"model\":\"m\",\"input\":\"a\"}", 0),
	    "200 {\"model\":\"mock/embed\",\"embeddings\":[[", "]],\"prompt_eval_count\":1}", "Ollama's");
	starts(ask(&front_ollama, NULL, "{\"model\":\"m\",\"prompt\":\"a\"}", 0), "200 {\"embedding\":[", "]}",
	    "its old one");
	starts(ask(&front_cohere, NULL, "{\"model\":\"m\",\"texts\":[\"a\"]}", 0),
	    "200 {\"id\":\"gen-1\",\"embeddings\":{\"float\":[[",
	    "\"texts\":[\"a\"],\"meta\":{\"api_version\":{\"version\":\"2\"},\"billed_units\":{\"input_tokens\":1}},"
	    "\"response_type\":\"embeddings_by_type\"}",
	    "Cohere's");
}

static void
test_errors(void)
{
	may_go_to(&first, embed, NULL, NULL, 0);
	tap_is_str(ask(&front_ollama, NULL, "{\"model\":\"m\",\"input\":[]}", 0),
	    "error data: {\"error\":\"input: a list of inputs is needed\"}", "a bad request");
	tap_is_str(ask(&front_cohere, NULL, "{\"model\":\"m\",\"model\":\"m\"}", 0),
	    "error data: {\"message\":\"request: duplicate key \\\"model\\\"\"}", "a key twice");
	starts(ask(&front_cohere, NULL, "{", 0), "error data: {\"message\":\"request: offset 1", "}", "no JSON");
	starts(ask(&front_ollama, NULL, "{\"model\":\"m\",\"prompt\":\"\"}", 0), "error data", "}", "an empty prompt");
	starts(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":\"a\",\"mock\":{\"status\":400}}", 0),
	    "error request: {\"error\":{\"code\":400,", "}", "the provider's error");
	corrected = 0;
	tap_is_str(ask(&front_cohere, NULL,
		       "{\"model\":\"m\",\"inputs\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}", 0),
	    "error data: {\"message\":\"input: one takes texts alone, no tokens and no other content\"}",
	    "nobody takes parts");
	tap_is_int(corrected, -7, "and the key's minute has its tokens back");
	may_go_to(&amazon, titan, NULL, NULL, 0);
	tap_is_str(ask(&front_cohere, NULL, "{\"model\":\"m\",\"texts\":[\"a\",\"b\"]}", 0),
	    "error data: {\"message\":\"input: 2, but bedrock takes at most 1 in one request\"}",
	    "nobody takes so many");
	may_go_to(&first, embed, &second, embed, 1);
	tap_is_str(ask(&front_cohere, NULL, "{\"model\":\"m\",\"texts\":[\"a\"]}", 0),
	    "error data: {\"message\":\"model: one is needed, since vectors of two can't be compared\"}", "two models");
	may_go_to(NULL, NULL, NULL, NULL, 0);
	starts(ask(&front_cohere, NULL, "{\"model\":\"m\",\"texts\":[\"a\"]}", 0), "error nomodel",
	    "{\"message\":\"nobody has it\"}", "nobody at all");
}

static void
test_choice(void)
{
	may_go_to(&amazon, titan, &first, embed, 0);
	starts(ask(&front_ollama, NULL, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}", 0), "200 ", "}",
	    "one who can't take so many is left out");
	may_go_to(&first, embed, &bytes, embed, 0);
	starts(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":\"a\",\"mock\":{\"status\":500}}", 0),
	    "error temporary: {\"error\":{\"code\":500,", "}", "one whose answers are bytes can't follow");
	may_go_to(&first, embed, &second, embed, 0);
	starts(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"mock\":{\"fail_times\":1}}", 0),
	    "200 ", "}}", "another provider follows one that fails");
	starts(ask(&front_openai, NULL,
		   "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"mock\":{\"fail_times\":1,\"cut_after\":1}}", 0),
	    "200 ", "}}", "and one whose answer was cut behind a vector");
	starts(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"mock\":{\"cut_after\":1}}", 0),
	    "error temporary", "}", "an answer that is cut is none");
}

static void
test_gone(void)
{
	may_go_to(&first, embed, NULL, NULL, 0);
	tap_is_str(ask(&front_openai, NULL, "{\"model\":\"m\",\"input\":\"a\",\"mock\":{\"delay_ms\":20000}}", 5),
	    "cut", "a client that is gone ends its call");
}

int
main(void)
{
	struct err e = {0};

	loop = loop_new(&e);
	if (!loop)
		errx(1, "%s", e.msg);
	test_formats();
	test_errors();
	test_choice();
	test_gone();
	ask(NULL, NULL, NULL, 0);
	loop_free(loop);
	buf_release(&got);
	buf_release(&exchange.request.body);
	return tap_done();
}
