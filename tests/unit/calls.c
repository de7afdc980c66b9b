/* SPDX-License-Identifier: ISC */
/* Requests to a worker and their answers, with exchanges and a ledger's line that are made of memory. */
#include "serve/visit.h"
#include "serve/handlers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "err.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "policy.h"
#include "providers.h"
#include "serve/desk.h"
#include "serve/shared.h"
#include "str.h"
#include "exchanges.h"
#include "tap.h"

/* ── the ledger's line ── */

static struct desk_spec line;
static int n_lists;

struct desk *
desk_new(const struct desk_spec *s, struct err *e)
{
	(void)e;
	line = *s;
	return (struct desk *)&line;
}

void
desk_free(struct desk *d)
{
	(void)d;
}

const struct keeper *
desk_keeper(struct desk *d)
{
	(void)d;
	return NULL;
}

static int holds; /* answers come later */
static desk_fn held;
static void *held_ctx;

void
desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx)
{
	(void)d;
	n_lists += q->what == DESK_LIST;
	if (holds) {
		held = done;
		held_ctx = ctx;
		return;
	}
	struct err e = {0};
	err_set(&e, ERR_UNREACHABLE, "no network");
	done(ctx, "", 0, &e);
}

void
desk_forget(struct desk *d, void *ctx)
{
	(void)d;
	if (ctx == held_ctx)
		held = NULL;
}

int
desk_busy(const struct desk *d)
{
	(void)d;
	return 0;
}

/* ── the other handlers ── */

static void
seen(struct visit *v, const char *name)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s", name);
	for (size_t i = 0; i < 4 && v->part[i]; i++)
		buf_addf(&b, " %s", v->part[i]);
	visit_json(v, 200, &b);
	buf_release(&b);
}

#define HANDLER(name) \
	void name(struct visit *v) \
	{ \
		seen(v, #name); \
	}
HANDLER(calls_embed)
HANDLER(lists_models)
HANDLER(lists_count)
HANDLER(lists_embedders)
HANDLER(lists_users)
HANDLER(lists_model)
HANDLER(lists_model_alone)
HANDLER(lists_endpoints)
HANDLER(lists_zdr)
HANDLER(lists_providers)
HANDLER(lists_gemini)
HANDLER(lists_tags)
HANDLER(lists_show)
HANDLER(lists_version)
HANDLER(account_key)
HANDLER(account_credits)
HANDLER(account_activity)
HANDLER(account_generation)
HANDLER(admin_keys)
HANDLER(admin_key_new)
HANDLER(admin_key)
HANDLER(status_health)
HANDLER(status_metrics)
HANDLER(status_page)
HANDLER(status_live)

void
lists_free(struct lists *l)
{
	(void)l;
}

/* ── a worker ── */

static struct providers providers = PROVIDERS_INIT;
static struct policy policy = POLICY_INIT;
static struct shared *shared;
static struct app_options options = {
    .deadline_ms = 20000, .rounds = 0, .comment_ms = 10000, .run_limit_pusd = PUSD_UNKNOWN};
static struct app *app;
static struct buf logged;

static void
log_line(const char *p, size_t n)
{
	buf_clear(&logged);
	buf_add(&logged, p, n);
}

static void
start(int log_json)
{
	struct err e = {0};
	const struct app_spec s = {.loop = loop,
	    .options = &options,
	    .providers = &providers,
	    .policy = &policy,
	    .shared = shared,
	    .desk_fd = -1,
	    .listen_fd = -1,
	    .log = log_line,
	    .log_json = log_json};

	if (app_new(&app, &s, &e)) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
}

static void
set_keys(struct ledger_keys *k)
{
	line.on_keys(line.arg, k);
}

static void
release(struct exchange *x)
{
	http1_release(&x->h);
	buf_release(&x->fields);
	buf_release(&x->body);
	free(x);
	loop_timer_free(leaves);
	loop_timer_free(drains);
	leaves = drains = NULL;
}

static struct exchange *
make(const char *head, const char *body)
{
	static const struct http1_limits limits = {65536, 8192, 1 << 20};
	struct exchange *x = xcalloc(1, sizeof(*x));
	struct buf b = BUF_INIT;

	x->peer = "127.0.0.1:4444";
	http1_init(&x->h, &limits);
	buf_addf(&b, "%s\r\n", head);
	if (body)
		buf_addf(&b, "Content-Length: %zu\r\n", strlen(body));
	buf_addf(&b, "\r\n%s", body ? body : "");
	http1_feed(&x->h, b.p, b.len);
	if (!x->h.done)
		printf("Bail out! a bad request in the test: %s\n", x->h.why ? x->h.why : "too short");
	buf_release(&b);
	return x;
}

static void
run(struct exchange *x)
{
	conns.s.on_request(conns.s.arg, x);
	for (int turns = 0; !x->over && turns < 100; turns++) /* one may have been stopped before it ran */
		loop_run(loop);
	if (!x->over)
		printf("Bail out! no answer\n");
}

/* head: without its last line end. */
static struct exchange *
ask(const char *head, const char *body)
{
	struct exchange *x = make(head, body);

	run(x);
	return x;
}

#define LOCAL "\r\nHost: 127.0.0.1:8787"
#define JSON_TYPE "\r\nContent-Type: application/json"
#define POST(path) "POST " path " HTTP/1.1" LOCAL JSON_TYPE
#define GET(path) "GET " path " HTTP/1.1" LOCAL

static void
says(struct exchange *x, int status, const char *what, const char *name)
{
	int ok = x->status == status && (!what || strstr(buf_str(&x->body), what));

	tap_ok(ok, "%s", name);
	if (!ok)
		printf("# status %d, wanted %d with %s\n# %s\n", x->status, status, what ? what : "anything",
		    buf_str(&x->body));
	release(x);
}

static void
has_field(struct exchange *x, const char *field, const char *name)
{
	tap_ok(strstr(buf_str(&x->fields), field) != NULL, "%s", name);
	if (!strstr(buf_str(&x->fields), field))
		printf("# %s\n", buf_str(&x->fields));
}

/* ── formats ── */

#define MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"one two\"}]"
#define MODEL "\"model\":\"mock/echo\""

static const struct {
	const char *name, *path, *body, *whole, *stream_path, *stream_body, *stream_type, *piece, *last;
} formats[] = {
    {"openai", "/api/v1/chat/completions", "{" MODEL "," MESSAGES "}", "\"content\":\"one two\"",
	"/v1/chat/completions", "{" MODEL ",\"stream\":true," MESSAGES "}", "text/event-stream",
	"\"delta\":{\"content\":\"one ", "data: [DONE]\n\n"},
    {"completions", "/api/v1/completions", "{" MODEL ",\"prompt\":\"one two\"}", "\"text\":\"one two\"",
	"/v1/completions", "{" MODEL ",\"stream\":true,\"prompt\":\"one two\"}", "text/event-stream", "\"text\":\"one ",
	"data: [DONE]\n\n"},
    {"responses", "/api/v1/responses", "{" MODEL ",\"input\":\"one two\"}", "\"text\":\"one two\"", "/v1/responses",
	"{" MODEL ",\"stream\":true,\"input\":\"one two\"}", "text/event-stream", "\"delta\":\"one ",
	"}\n\ndata: [DONE]\n\n"},
    {"anthropic", "/api/v1/messages", "{" MODEL ",\"max_tokens\":9," MESSAGES "}", "\"text\":\"one two\"",
	"/v1/messages", "{" MODEL ",\"max_tokens\":9,\"stream\":true," MESSAGES "}", "text/event-stream",
	"\"text\":\"one ", "message_stop"},
    {"gemini", "/v1beta/models/mock/echo:generateContent", "{\"contents\":[{\"parts\":[{\"text\":\"one two\"}]}]}",
	"\"text\":\"one two\"", "/v1beta/models/mock%2Fecho:streamGenerateContent?alt=sse",
	"{\"contents\":[{\"parts\":[{\"text\":\"one two\"}]}]}", "text/event-stream", "\"text\":\"one ", "STOP"},
    {"gemini's array", "/v1beta/models/models/mock/echo:generateContent",
	"{\"contents\":[{\"parts\":[{\"text\":\"one two\"}]}]}", "\"text\":\"one two\"",
	"/api/v1beta/models/mock/echo:streamGenerateContent", "{\"contents\":[{\"parts\":[{\"text\":\"one two\"}]}]}",
	"application/json", "[{\"candidates\"", "}]"},
    {"cohere", "/v2/chat", "{" MODEL "," MESSAGES "}", "\"text\":\"one two\"", "/api/v2/chat",
	"{" MODEL ",\"stream\":true," MESSAGES "}", "text/event-stream", "one ", "message-end"},
    {"ollama", "/api/chat", "{" MODEL ",\"stream\":false," MESSAGES "}", "\"content\":\"one two\"", "/api/chat",
	"{" MODEL "," MESSAGES "}", "application/x-ndjson", "\"content\":\"one ", "\"done\":true"},
    {"generate", "/api/generate", "{" MODEL ",\"stream\":false,\"prompt\":\"one two\"}", "\"response\":\"one two\"",
	"/api/generate", "{" MODEL ",\"prompt\":\"one two\"}", "application/x-ndjson", "\"response\":\"one ",
	"\"done\":true"},
    {"bedrock", "/model/mock%2Fecho/converse",
	"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"one two\"}]}]}", "\"text\":\"one two\"",
	"/model/mock%2Fecho/converse-stream",
	"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"one two\"}]}]}",
	"application/vnd.amazon.eventstream", NULL, NULL},
};

static struct exchange *
post(const char *path, const char *body)
{
	struct buf head = BUF_INIT;

	buf_addf(&head, "POST %s HTTP/1.1%s%s", path, LOCAL, JSON_TYPE);
	struct exchange *x = ask(head.p, body);
	buf_release(&head);
	return x;
}

static int
ends_in(const struct buf *b, const char *tail, size_t within)
{
	const char *from = b->len > within ? b->p + b->len - within : buf_str(b);

	return strstr(from, tail) != NULL;
}

static void
test_formats(void)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct exchange *x = post(formats[i].path, formats[i].body);
		tap_ok(x->status == 200 && !x->begun && strstr(buf_str(&x->body), formats[i].whole) &&
			strcmp(x->type, "application/json") == 0,
		    "%s: whole", formats[i].name);
		if (x->status != 200)
			printf("# %s\n", buf_str(&x->body));
		has_field(x, "X-Generation-Id: gen-", "it has an id");
		release(x);
		x = post(formats[i].stream_path, formats[i].stream_body);
		int ok = x->status == 200 && x->begun && x->ended && !x->cut &&
		    strcmp(x->type, formats[i].stream_type) == 0 && x->pieces > 2;
		if (formats[i].piece)
			ok = ok && strstr(buf_str(&x->body), formats[i].piece) &&
			    ends_in(&x->body, formats[i].last, 900);
		tap_ok(ok, "%s: a stream in pieces, with its end", formats[i].name);
		if (!ok)
			printf("# %d %s %d pieces: %s\n", x->status, x->type, x->pieces, buf_str(&x->body));
		if (strcmp(x->type, "application/json") == 0) {
			struct json j = JSON_INIT;
			tap_ok(json_parse(&j, x->body.p, x->body.len, NULL) == 0 && json_count(&j, 0) > 2,
			    "an array of several");
			json_release(&j);
		}
		release(x);
	}
}

static void
test_ids_and_cost(void)
{
	struct exchange *x = post("/api/v1/chat/completions", "{" MODEL "," MESSAGES "}");
	struct json j = JSON_INIT;
	struct buf id = BUF_INIT;

	json_parse(&j, x->body.p, x->body.len, NULL);
	json_str(&j, json_get(&j, 0, "id"), &id);
	tap_ok(
	    str_starts(buf_str(&id), "gen-") && strstr(buf_str(&x->fields), buf_str(&id)), "the answer's id is ours");
	tap_ok(strstr(buf_str(&x->body), "\"cost\":0.000006") != NULL, "it has a cost");
	tap_ok(strstr(buf_str(&logged), " POST /api/v1/chat/completions 200 ") &&
		strstr(buf_str(&logged), "mock:echo 2 2 0.000006 gen-"),
	    "the log has a line of it");
	if (!strstr(buf_str(&logged), "mock:echo 2 2 0.000006 gen-"))
		printf("# %s", buf_str(&logged));
	json_release(&j);
	buf_release(&id);
	release(x);
}

#define CHAT "/api/v1/chat/completions"
#define FAULTY(fault, stream) "{" MODEL "," MESSAGES ",\"stream\":" stream ",\"mock\":{" fault "}}"

static void
test_errors(void)
{
	says(post(CHAT, "{" MODEL), 400, "\"error_type\":\"invalid_request\"", "bad JSON");
	says(post(CHAT, "[]"), 400, "no object", "no object");
	says(post(CHAT, "{\"model\":\"mock/nothing\"," MESSAGES "}"), 404, "\"code\":404",
	    "an unknown model of a provider");
	says(post("/v1/messages", "{"), 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\"",
	    "Anthropic's shape");
	says(post("/v1beta/models/mock/echo:generateContent", "{"), 400, "\"status\":\"INVALID_ARGUMENT\"",
	    "Google's shape");
	says(post("/api/chat", "{"), 400, "{\"error\":\"", "Ollama's shape");
	says(post(CHAT, FAULTY("\"status\":429,\"retry_after\":7", "false")), 429, "\"rate_limit_exceeded\"",
	    "a provider's 429");
	struct exchange *x = post(CHAT, FAULTY("\"status\":429,\"retry_after\":7", "true"));
	has_field(x, "Retry-After: 7", "Retry-After is passed on");
	tap_ok(!x->begun, "a stream that fails at once has a status");
	says(x, 429, "\"provider_code\":429", "which is the provider's");
	says(post(CHAT, FAULTY("\"status\":401", "false")), 502, "\"provider_code\":401",
	    "a key of ours that is rejected: 502");
	says(post(CHAT, FAULTY("\"status\":503", "false")), 503, "\"provider_name\":\"mock\"", "who failed is told");
	x = post(CHAT, FAULTY("\"cut_after\":1", "true"));
	tap_ok(x->begun && x->ended && !strstr(buf_str(&x->body), "[DONE]"), "a stream that is cut has no good end");
	says(x, 200, "\"finish_reason\":\"error\"", "and an error in it");
	tap_ok(shared_get(shared, SHARED_CUT) == 1, "that is counted");
}

static void
test_metadata(void)
{
	static const char head[] = POST(CHAT) "\r\nX-OpenRouter-Metadata: Enabled";
	struct json j = JSON_INIT;
	struct exchange *x = ask(head, "{\"models\":[\"mock/nothing\",\"mock/echo\"]," MESSAGES "}");

	json_parse(&j, buf_str(&x->body), x->body.len, NULL);
	int m = json_get(&j, 0, "openrouter_metadata");
	tap_ok(json_eq(&j, json_get(&j, m, "requested"), "mock/nothing") &&
		json_eq(&j, json_path(&j, m, "endpoints.available.1.provider"), "mock") &&
		json_bool(&j, json_path(&j, m, "endpoints.available.1.selected")) == 1,
	    "who could serve, and who did");
	json_release(&j);
	release(x);
	x = ask(head, "{" MODEL "," MESSAGES ",\"stream\":true}");
	tap_ok(
	    strstr(buf_str(&x->body), "\"openrouter_metadata\":{") && ends_in(&x->body, "]}}\n\ndata: [DONE]\n\n", 40),
	    "in the last chunk of a stream");
	release(x);
	x = post(CHAT, "{" MODEL "," MESSAGES "}");
	tap_ok(!strstr(buf_str(&x->body), "openrouter_metadata"), "unless nobody asks");
	release(x);
	x = ask(
	    head, "{\"models\":[\"mock/echo\",\"mock/nothing\"],\"provider\":{\"ignore\":[\"mock\"]}," MESSAGES "}");
	says(x, 404,
	    ",\"openrouter_metadata\":{\"requested\":\"mock/echo\",\"strategy\":\"fallback\",\"region\":null,"
	    "\"summary\":\"available=0, selected=none\",\"attempt\":0,\"is_byok\":false,"
	    "\"endpoints\":{\"total\":2,\"available\":[]},\"attempts\":[]}}",
	    "beside the error where nobody qualifies");
	x = ask(head, "{\"model\":\"nowhere:nothing\"," MESSAGES "}");
	says(x, 400, "\"strategy\":\"direct\",\"region\":null,\"summary\":\"available=0, selected=none\"",
	    "and where nobody knows the model");
	x = ask(head, "{" MODEL ",\"temperature\":\"hot\"," MESSAGES "}");
	tap_ok(x->status == 400 && !strstr(buf_str(&x->body), "openrouter_metadata"),
	    "not where the request itself is bad");
	release(x);
}

static void
test_fallback(void)
{
	struct exchange *x = post(CHAT, "{\"models\":[\"mock/nothing\",\"mock/echo\"]," MESSAGES ",\"stream\":true}");

	says(x, 200, "\"content\":\"one ", "another model of the chain");
}

static struct exchange *
post_of(const char *path, const char *begin, const char *rest)
{
	struct buf body = BUF_INIT;

	buf_addf(&body, "%s%s", begin, rest);
	struct exchange *x = post(path, body.p);
	buf_release(&body);
	return x;
}

static void
test_presets(void)
{
	char preset[] = "brief {\"model\":\"mock/echo\",\"max_tokens\":1,\"system_prompt\":\"Be brief.\"}";
	struct err e = {0};

	if (policy_add_preset(&policy, preset, &e))
		printf("# %s\n", e.msg);
	says(post(CHAT, "{\"model\":\"@preset/brief\"," MESSAGES "}"), 200, "\"finish_reason\":\"length\"",
	    "a preset is laid under");
	says(
	    post(CHAT, "{\"model\":\"@preset/none\"," MESSAGES "}"), 400, "no such preset", "a preset that nobody has");
	says(post(CHAT, "{\"preset\":\"none\"," MODEL "," MESSAGES "}"), 400, "preset", "by its field, too");
	says(post(CHAT, "{\"model\":\"@preset/brief\",\"max_tokens\":9," MESSAGES "}"), 200, "one two",
	    "what is asked wins");
	static const struct {
		const char *path, *rest;
	} others[] = {{"/api/v1/responses", "\"input\":\"one two\"}"},
	    {"/api/v1/messages", "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"one two\"}]}"}};
	for (size_t i = 0; i < 2; i++) {
		const char *path = others[i].path, *rest = others[i].rest, *four = "\"input_tokens\":4,";
		says(post_of(path, "{\"preset\":\"brief\",", rest), 200, four, path);
		says(
		    post_of(path, "{\"model\":\"mock/echo\",\"preset\":\"brief\",", rest), 200, four, "beside a model");
		says(post_of(path, "{\"model\":\"@preset/brief\",", rest), 200, four, "as a model");
		says(post_of(path, "{\"model\":\"mock/echo@preset/brief\",", rest), 200, four, "behind one");
		says(post_of(path, "{\"model\":\"mock/echo\",\"preset\":\"none\",", rest), 400, "preset",
		    "one that nobody has");
		says(post_of(path, "{\"model\":\"mock/echo\",\"preset\":7,", rest), 400, "preset", "that is no name");
	}
}

/* Whoever may not make a call isn't told what it would come to. */
static void
test_counts(void)
{
	static const char count[] = "/api/v1/messages/count_tokens",
			  google[] = "/v1beta/models/models%2Fmock%2Fecho:countTokens",
			  text[] = "\"messages\":[{\"role\":\"user\",\"content\":\"twelve bytes\"}]}",
			  contents[] = "\"contents\":[{\"parts\":[{\"text\":\"twelve bytes\"}]}]}";
	struct exchange *x = post_of(count, "{\"model\":\"mock/echo\",", text);

	has_field(x, "X-Token-Count: estimated", "a count says what it is");
	tap_ok(!strstr(buf_str(&logged), "gen-"), "and is no call");
	says(x, 200, "{\"input_tokens\":11}", "Anthropic's count");
	says(post_of(google, "{", contents), 200, "{\"totalTokens\":11}", "Google's");
	says(post_of(google, "{\"generateContentRequest\":{\"model\":\"models/x\",", contents), 400, NULL, "cut short");
	says(post_of(google, "{\"generateContentRequest\":{\"model\":\"models/x\",",
		 "\"contents\":[{\"parts\":[{\"text\":\"twelve bytes\"}]}]}}"),
	    200, "{\"totalTokens\":11}", "of a request inside");
	says(post_of(count, "{\"model\":\"@preset/brief\",", text), 200, "{\"input_tokens\":18}",
	    "with a preset's prompt");
	says(post_of(count, "{\"model\":\"@preset/none\",", text), 404, "no such preset", "a preset that nobody has");
	says(post_of(count, "{\"model\":\"nobody:x\",", text), 404, "nobody", "a model that nobody has");
	says(post_of("/v1beta/models/nobody:x:countTokens", "{", contents), 404, "nobody", "Google's way, too");
	says(post_of(count, "{", text), 400, "model", "no model");
	says(post_of(count, "{\"model\":", ""), 400, NULL, "no request");
}

/* A name that no list in the cache has: it is fetched, once, before anything is said. */
static void
test_lists(void)
{
	int before = n_lists;

	setenv("OPENAI_API_KEY", "none that is used", 1);
	struct exchange *x = post(CHAT, "{\"model\":\"no-such-native-id\"," MESSAGES "}");
	tap_ok(
	    x->status >= 400 && n_lists == before + 1, "a list that is missing is waited for (%d)", n_lists - before);
	release(x);
	x = post(CHAT, "{\"model\":\"no-such-native-id\"," MESSAGES "}");
	tap_is_int(n_lists, before + 1, "in vain, and so not again");
	release(x);
	holds = 1;
	app->failed_list = NULL;
	x = make(POST(CHAT), "{\"model\":\"no-such-native-id\"," MESSAGES "}");
	conns.s.on_request(conns.s.arg, x);
	tap_ok(held != NULL && !x->over, "another one is waited for");
	leave(x);
	tap_ok(held == NULL && x->cut, "and not for a client that has gone");
	holds = 0;
	unsetenv("OPENAI_API_KEY");
	release(x);
}

static void
test_comments(void)
{
	struct exchange *x;

	options.comment_ms = 20;
	x = post(CHAT, FAULTY("\"delay_ms\":70", "true"));
	tap_ok(str_starts(buf_str(&x->body), ": OPENROUTER PROCESSING\n\n"), "a comment in front of a slow answer");
	says(x, 200, "[DONE]", "which comes");
	x = post(CHAT, FAULTY("\"delay_ms\":70,\"status\":429", "true"));
	tap_ok(x->begun && !strstr(buf_str(&x->body), "[DONE]"), "an error behind a comment is in the stream");
	says(x, 200, "\"code\":429", "with its code");
	options.comment_ms = 500;
	x = post(CHAT, FAULTY("\"delay_ms\":70,\"text\":\"a b c d e f g h i j\"", "true"));
	tap_ok(!strstr(buf_str(&x->body), "PROCESSING"), "none between words, however long they take together");
	says(x, 200, "[DONE]", "which all come");
	options.comment_ms = 10000;
}

static void
test_gone(void)
{
	int64_t before = shared_get(shared, SHARED_GONE);
	struct exchange *x;
	struct shared_call live[4];

	leaves_after = 1;
	x = post(CHAT, FAULTY("\"delay_ms\":50", "true"));
	tap_ok(x->cut && x->pieces == 1, "a client that leaves: nothing more is written");
	tap_ok(shared_get(shared, SHARED_GONE) == before + 1, "it is counted");
	tap_ok(strstr(buf_str(&logged), " gone\n") != NULL, "the log says so");
	tap_is_int((long long)shared_live(shared, live, 4), 0, "nothing runs any more");
	release(x);
	leaves_after = 0;
}

static void
test_slow(void)
{
	struct exchange *x;

	full_after = 1;
	n_drains = 0;
	x = post(CHAT,
	    "{" MODEL ",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"a b c d e f\"}],"
	    "\"mock\":{\"delay_ms\":5}}");
	tap_is_int(n_drains, 1, "a slow client is waited for");
	says(x, 200, "[DONE]", "and has it all in the end");
	full_after = 0;
}

/* ── paths ── */

static void
test_paths(void)
{
	says(ask(GET("/api/v1/models?x=y"), NULL), 200, "lists_models", "models");
	says(ask(GET("/api/v1/models/user?limit=1"), NULL), 200, "lists_users", "models of a key");
	says(ask(GET("/api/v1/embeddings/models"), NULL), 200, "lists_embedders", "models that embed");
	says(ask(GET("/v1/models/openai/gpt-4:free/endpoints"), NULL), 200, "lists_endpoints openai/gpt-4:free",
	    "endpoints");
	says(ask(GET("/v1/model/openai/gpt-4"), NULL), 200, "lists_model openai/gpt-4", "one model");
	says(ask(GET("/v1beta/models/openai/gpt-4"), NULL), 200, "lists_model_alone openai/gpt-4", "Google's model");
	says(ask(POST("/v1beta/models/text%2Fx:embedContent"), "{}"), 200, "calls_embed text/x", "Google's embeddings");
	says(ask("HEAD /health HTTP/1.1" LOCAL, NULL), 200, NULL, "HEAD");
	says(ask(GET("/"), NULL), 200, "status_page", "the page");
	says(ask(GET("/nowhere"), NULL), 404, "\"code\":404", "no such path");
	says(ask(GET("/v1/messages/nowhere"), NULL), 404, "not_found_error", "in the words of its family");
	says(ask(GET("/api/nowhere"), NULL), 404, "{\"error\":\"", "Ollama's");
	struct exchange *x = ask(GET(CHAT), NULL);
	has_field(x, "Allow: POST\n", "Allow");
	says(x, 405, NULL, "a wrong method");
	x = ask("OPTIONS /api/v1/keys/x HTTP/1.1" LOCAL "\r\nOrigin: http://page.example", NULL);
	has_field(x, "Allow: GET, HEAD, PATCH, DELETE\n", "all that it takes");
	says(x, 405, NULL, "OPTIONS");
	says(ask(GET("/api/v1/models/"), NULL), 404, NULL, "a slash at the end");
	says(ask(GET("/api//v1/models"), NULL), 404, NULL, "two slashes");
	says(ask(GET("/api/v1/x/../models"), NULL), 404, NULL, "two dots");
	says(ask(GET("/api/v1/x/%2e%2e/models"), NULL), 404, NULL, "two dots, encoded");
	says(ask(GET("/api/v1/models%00"), NULL), 400, NULL, "NUL");
	says(ask(GET("/api/v1/models%0a"), NULL), 400, NULL, "a line end");
	says(ask(GET("/api/v1/models%zz"), NULL), 400, NULL, "no hexadecimal digits");
	says(ask(GET("/api/v1/models%ff"), NULL), 400, NULL, "no UTF-8");
	says(ask("GET http://127.0.0.1:8787/health HTTP/1.1" LOCAL, NULL), 200, "status_health", "an absolute target");
}

/* ── who may ask ── */

static void
test_open(void)
{
	struct exchange *x;

	says(ask("POST " CHAT " HTTP/1.1\r\nHost: evil.example" JSON_TYPE, "{}"), 403, "Host", "another host's name");
	says(ask("GET /api/v1/models HTTP/1.1\r\nHost: localhost.evil.example", NULL), 403, "Host",
	    "one that begins like ours");
	says(ask("GET /api/v1/models HTTP/1.1\r\nHost: [::1]:8787", NULL), 200, NULL, "IPv6");
	says(ask("GET /api/v1/models HTTP/1.1\r\nHost: localhost", NULL), 200, NULL, "a name");
	says(ask(GET("/api/v1/models") "\r\nOrigin: http://evil.example", NULL), 403, "Origin", "a page");
	says(ask("POST " CHAT " HTTP/1.1" LOCAL "\r\nContent-Type: text/plain", "{}"), 415, "application/json",
	    "a body that a page may send");
	says(ask("POST /api/chat HTTP/1.1" LOCAL, "{}"), 415, "application/json", "one without a type");
	says(ask("GET /health HTTP/1.1\r\nHost: any.example", NULL), 200, NULL, "its health is for all");
	x = make(GET("/api/v1/models"), NULL);
	x->peer = "192.0.2.1:99";
	run(x);
	says(x, 403, "only this machine", "another machine");
	options.cors = "http://page.example";
	x = ask(GET("/api/v1/models") "\r\nOrigin: http://page.example", NULL);
	has_field(x, "Access-Control-Allow-Origin: http://page.example", "a page that may");
	says(x, 200, NULL, "is answered");
	x = ask("OPTIONS " CHAT " HTTP/1.1" LOCAL
		"\r\nOrigin: http://page.example\r\nAccess-Control-Request-Headers: authorization",
	    NULL);
	has_field(x, "Access-Control-Allow-Headers: authorization", "it may ask what it may");
	says(x, 204, NULL, "and is told");
	says(ask(GET("/api/v1/models") "\r\nOrigin: http://evil.example", NULL), 403, NULL, "another page may not");
	options.cors = NULL;
}

static struct exchange *
with_key(const char *method, const char *path, const char *key, const char *body)
{
	struct buf head = BUF_INIT;

	buf_addf(&head, "%s %s HTTP/1.1\r\nHost: gateway.example\r\nAuthorization: Bearer %s", method, path, key);
	struct exchange *x = ask(head.p, body);
	buf_release(&head);
	return x;
}

static struct exchange *
as_browser(const char *method, const char *path, const char *key, const char *body)
{
	struct buf head = BUF_INIT, pair = BUF_INIT;

	buf_addf(&pair, "me:%s", key);
	buf_addf(&head, "%s %s HTTP/1.1\r\nHost: gateway.example\r\nAuthorization: Basic ", method, path);
	base64_add(&head, pair.p, pair.len);
	struct exchange *x = ask(head.p, body);
	buf_release(&head);
	buf_release(&pair);
	return x;
}

static void
test_keys(void)
{
	char user[GATE_KEY_BYTES], boss[GATE_KEY_BYTES];
	struct ledger_key v[2] = {{.id = 1, .limit_pusd = PUSD_UNKNOWN}, {.id = 2, .limit_pusd = PUSD_UNKNOWN}};
	struct ledger_keys k = {v, 2, 2, 7};

	gate_make_key(user, v);
	gate_make_key(boss, v + 1);
	v[0].name = strdup("user");
	v[0].models = strdup("mock/echo");
	v[0].rpm = 2;
	v[1].name = strdup("boss");
	v[1].management = 1;
	set_keys(&k);
	struct exchange *x = ask(GET("/api/v1/models"), NULL);
	has_field(x, "WWW-Authenticate: Bearer", "how to");
	says(x, 401, "\"authentication\"", "no key");
	says(with_key("GET", "/api/v1/models", "sk-or-wrong", NULL), 401, NULL, "a wrong one");
	says(with_key("GET", "/api/v1/models", user, NULL), 200, NULL, "a good one");
	says(with_key("GET", "/metrics", user, NULL), 403, "management", "what only management sees");
	says(with_key("GET", "/metrics", boss, NULL), 200, NULL, "it sees");
	says(as_browser("GET", "/", boss, NULL), 200, "status_page", "a browser's password");
	says(as_browser("POST", "/api/v1/keys", boss, "{}"), 401, NULL, "doesn't let change anything");
	x = ask(GET("/"), NULL);
	has_field(x, "WWW-Authenticate: Basic", "it is asked for");
	release(x);
	says(with_key("POST", CHAT, boss, "{" MODEL "," MESSAGES "}"), 403, "permission_denied", "it makes no calls");
	says(with_key("POST", CHAT, user, "{\"model\":\"mock/other\"," MESSAGES "}"), 403, NULL,
	    "a model that the key has not");
	says(with_key("POST", CHAT, user, "{" MODEL "," MESSAGES "}"), 200, "one two", "one that it has");
	tap_ok(strstr(buf_str(&logged), " user POST ") != NULL && !strstr(buf_str(&logged), user),
	    "the log has the key's name");
	release(with_key("POST", CHAT, user, "{" MODEL "," MESSAGES "}"));
	x = with_key("POST", CHAT, user, "{" MODEL "," MESSAGES "}");
	has_field(x, "X-RateLimit-Limit: 2\n", "its limit");
	has_field(x, "Retry-After: ", "when to come again");
	says(x, 429, "rate_limit_exceeded", "the third one of a minute");
	for (int i = 0; i < 2; i++) {
		free(v[i].name);
		free(v[i].label);
		free(v[i].models);
	}
}

/* Requests that come before the keys are known wait for them. */
static void
test_early(void)
{
	struct ledger_keys none = LEDGER_KEYS_INIT;
	struct exchange *x = make(GET("/api/v1/models"), NULL), *y = make(GET("/api/v1/models"), NULL);

	conns.s.on_request(conns.s.arg, x);
	conns.s.on_request(conns.s.arg, y);
	tap_ok(!x->over && !y->over, "before the keys are known nothing is answered");
	leave(y);
	tap_ok(y->cut, "one that doesn't wait");
	release(y);
	set_keys(&none);
	says(x, 200, "lists_models", "afterwards it is");
}

static void
test_json_log(void)
{
	struct json j = JSON_INIT;

	release(post(CHAT, "{" MODEL "," MESSAGES "}"));
	tap_ok(json_parse(&j, logged.p, logged.len, NULL) == 0 && json_eq(&j, json_get(&j, 0, "path"), CHAT) &&
		json_eq(&j, json_get(&j, 0, "endpoint"), "mock:echo"),
	    "the log as JSON");
	json_release(&j);
}

int
main(void)
{
	struct err e = {0};

	alarm(60);
	setenv("OR_LEDGER", "none", 1);
	setenv("OR_CONFIG", "/nonexistent", 1);
	setenv("XDG_CACHE_HOME", "/nonexistent", 1);
	loop = loop_new(&e);
	shared = shared_new(&e);
	if (!loop || !shared || providers_load(&providers, &e))
		return 1;
	start(0);
	test_early();
	test_formats();
	test_ids_and_cost();
	test_errors();
	test_fallback();
	test_metadata();
	test_presets();
	test_counts();
	test_lists();
	test_comments();
	test_gone();
	test_slow();
	test_paths();
	test_open();
	test_keys();
	app_free(app);
	shared_free(shared); /* in which the gate is closed now */
	if (!(shared = shared_new(&e)))
		return 1;
	start(1);
	set_keys(&(struct ledger_keys)LEDGER_KEYS_INIT);
	test_json_log();
	app_free(app);
	shared_free(shared);
	providers_release(&providers);
	policy_release(&policy);
	loop_free(loop);
	buf_release(&logged);
	return tap_done();
}
