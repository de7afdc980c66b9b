/* SPDX-License-Identifier: ISC */
/* What isn't a call: keys, accounts, activity, status; with exchanges and a ledger's line that are made of memory. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "policy.h"
#include "providers.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "serve/desk.h"
#include "serve/keys.h"
#include "serve/shared.h"
#include "exchanges.h"
#include "tap.h"
#include "tm.h"

#define DAY_MS INT64_C(86400000)

/* ── the ledger's line ── */

#define N_WHATS (DESK_LOOK + 1)
static struct desk_spec line;
static const char *told[N_WHATS]; /* what is answered; NULL: an error */
static enum err_kind fails;
static struct {
	enum desk_what what;
	char text[64];
	char name[64], models[64];
	int64_t id, limit_pusd, rpm, expires_ms, from_ms, until_ms;
	enum ledger_reset reset;
	int disabled, management, n;
} asked;
static struct {
	desk_fn done;
	void *ctx;
	enum desk_what what;
	struct loop_timer *timer;
	int n_forgotten;
} pending;
static int is_silent;

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

static void
tell(void *arg)
{
	desk_fn done = pending.done;
	struct err e = {0};
	const char *text = told[pending.what];

	(void)arg;
	pending.done = NULL;
	if (!done)
		return;
	if (!text)
		err_set(&e, fails, "it failed");
	done(pending.ctx, text ? text : "", text ? strlen(text) : 0, text ? NULL : &e);
}

void
desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx)
{
	(void)d;
	asked.what = q->what;
	asked.n++;
	asked.from_ms = q->from_ms;
	asked.until_ms = q->until_ms;
	strlcpy(asked.text, q->text ? q->text : "", sizeof(asked.text));
	if (q->key) {
		strlcpy(asked.name, q->key->name ? q->key->name : "", sizeof(asked.name));
		strlcpy(asked.models, q->key->models ? q->key->models : "", sizeof(asked.models));
		asked.id = q->key->id;
		asked.limit_pusd = q->key->limit_pusd;
		asked.rpm = q->key->rpm;
		asked.expires_ms = q->key->expires_ms;
		asked.reset = q->key->reset;
		asked.disabled = q->key->disabled;
		asked.management = q->key->management;
	}
	pending.done = done;
	pending.ctx = ctx;
	pending.what = q->what;
	if (!pending.timer)
		pending.timer = loop_timer_new(loop, tell, NULL);
	if (!is_silent)
		loop_timer_set(pending.timer, 0);
}

void
desk_forget(struct desk *d, void *ctx)
{
	(void)d;
	if (pending.done && pending.ctx == ctx) {
		pending.done = NULL;
		pending.n_forgotten++;
	}
}

int
desk_busy(const struct desk *d)
{
	(void)d;
	return 0;
}

/* ── handlers of others ── */

#define NO_HANDLER(name) \
	void name(struct visit *v) \
	{ \
		(void)v; \
	}
NO_HANDLER(calls_chat)
NO_HANDLER(calls_embed)
NO_HANDLER(lists_models)
NO_HANDLER(lists_count)
NO_HANDLER(lists_embedders)
NO_HANDLER(lists_users)
NO_HANDLER(lists_model)
NO_HANDLER(lists_endpoints)
NO_HANDLER(lists_zdr)
NO_HANDLER(lists_providers)
NO_HANDLER(lists_gemini)
NO_HANDLER(lists_tags)
NO_HANDLER(lists_show)
NO_HANDLER(lists_version)
NO_HANDLER(lists_model_alone)
NO_HANDLER(loading_chat)
NO_HANDLER(loading_list)
NO_HANDLER(tokens_count)

/* ── a worker ── */

static struct providers providers = PROVIDERS_INIT;
static struct policy policy = POLICY_INIT;
static struct shared *shared;
static struct app_options options = {.deadline_ms = 20000};
static struct app *app;

static void
log_line(const char *p, size_t n)
{
	(void)p, (void)n;
}

static void
start(void)
{
	struct err e = {0};
	const struct app_spec s = {.loop = loop,
	    .options = &options,
	    .providers = &providers,
	    .policy = &policy,
	    .shared = shared,
	    .desk_fd = -1,
	    .listen_fd = -1,
	    .log = log_line};

	if (app_new(&app, &s, &e)) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
}

#define HASH_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HASH_B "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_A \
	"{\"id\":7,\"hash\":\"" HASH_A \
	"\",\"name\":\"ci\",\"label\":\"sk-or-abc...xyz\",\"limit_pusd\":2500000000000,\"reset\":\"monthly\",\"rpm\":60,\"tpm\":0," \
	"\"models\":null,\"created_ms\":1795305600000,\"updated_ms\":1795305600000,\"expires_ms\":4070908800000,\"disabled\":0," \
	"\"management\":0,\"used\":99999999000000000001,\"used_day\":1,\"used_week\":2,\"used_month\":1000000000000,\"n_calls\":3}"
#define KEY_B \
	"{\"id\":8,\"hash\":\"" HASH_B \
	"\",\"name\":\"old\",\"label\":\"sk-or-123...456\",\"limit_pusd\":null,\"reset\":null,\"rpm\":0,\"tpm\":0,\"models\":\"mock/*\"," \
	"\"created_ms\":1795305600000,\"updated_ms\":1795305700000,\"expires_ms\":0,\"disabled\":true,\"management\":false,\"used\":5," \
	"\"used_day\":5,\"used_week\":5,\"used_month\":5,\"n_calls\":1}"

#define KEY_C \
	"{\"id\":7,\"hash\":\"" HASH_A \
	"\",\"name\":\"x\",\"label\":\"sk-or-abc...xyz\",\"limit_pusd\":null,\"reset\":null,\"rpm\":61,\"tpm\":0,\"models\":null," \
	"\"created_ms\":1795305600000,\"updated_ms\":1795305700000,\"expires_ms\":0,\"disabled\":true,\"management\":false,\"used\":5," \
	"\"used_day\":5,\"used_week\":5,\"used_month\":5,\"n_calls\":1}"

static const char text_a[] = "sk-or-a", text_m[] = "sk-or-m";

static void
set_keys(int any)
{
	struct ledger_key v[2] = {
	    {.id = 7, .name = (char[]){"ci"}, .label = (char[]){"sk-or-abc...xyz"}, .limit_pusd = PUSD_UNKNOWN},
	    {.id = 9, .name = (char[]){"root"}, .label = (char[]){"l"}, .limit_pusd = PUSD_UNKNOWN, .management = 1}};

	gate_hash(v[0].hash, text_a);
	gate_hash(v[1].hash, text_m);
	line.on_keys(line.arg, &(struct ledger_keys){.v = v, .n = any ? 2 : 0, .version = any});
}

static struct exchange *
make(const char *request, const char *key, const char *body)
{
	static const struct http1_limits limits = {65536, 8192, 1 << 20};
	struct exchange *x = xcalloc(1, sizeof(*x));
	struct buf b = BUF_INIT;

	x->peer = "127.0.0.1:4444";
	http1_init(&x->h, &limits);
	buf_addf(&b, "%s HTTP/1.1\r\nHost: localhost\r\n", request);
	if (key)
		buf_addf(&b, "Authorization: Bearer %s\r\n", key);
	if (body)
		buf_addf(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	buf_addf(&b, "\r\n%s", body ? body : "");
	http1_feed(&x->h, b.p, b.len);
	buf_release(&b);
	return x;
}

static void
release(struct exchange *x)
{
	http1_release(&x->h);
	buf_release(&x->fields);
	buf_release(&x->body);
	free(x);
}

static struct buf answer; /* the last one's body */
static char fields[2048], type[64];

/* The status. */
static int
ask(const char *request, const char *key, const char *body)
{
	struct exchange *x = make(request, key, body);

	conns.s.on_request(conns.s.arg, x);
	for (int turns = 0; !x->over && turns < 100; turns++)
		loop_run(loop);
	int status = x->over ? x->status : -1;
	buf_clear(&answer);
	buf_add(&answer, buf_str(&x->body), x->body.len);
	strlcpy(fields, buf_str(&x->fields), sizeof(fields));
	strlcpy(type, x->type, sizeof(type));
	release(x);
	return status;
}

/* A value of the answer, as its JSON. */
static void
has(const char *path, const char *want)
{
	struct json j = JSON_INIT;
	size_t n = 0;
	const char *s =
	    json_parse(&j, buf_str(&answer), answer.len, NULL) ? NULL : json_raw(&j, json_path(&j, 0, path), &n);
	char got[300];

	snprintf(got, sizeof(got), "%.*s", s ? (int)n : 0, s ? s : "");
	tap_is_str(got, want, path);
	json_release(&j);
}

static void
says(const char *part)
{
	tap_ok(strstr(buf_str(&answer), part) != NULL, "the answer says: %s", part);
	if (!strstr(buf_str(&answer), part))
		printf("# %.500s\n", buf_str(&answer));
}

/* ── tests ── */

static void
test_list(void)
{
	told[DESK_KEYS] = "[" KEY_A "," KEY_B "]";
	tap_is_int(ask("GET /api/v1/keys", text_m, NULL), 200, "keys");
	has("data.0.hash", "\"" HASH_A "\"");
	has("data.0.name", "\"ci\"");
	has("data.0.limit", "2.5");
	has("data.0.limit_remaining", "1.5");
	has("data.0.limit_reset", "\"monthly\"");
	has("data.0.usage", "99999999.000000000001");
	has("data.0.usage_monthly", "1");
	has("data.0.expires_at", "\"2099-01-01T00:00:00Z\"");
	has("data.0.updated_at", "null");
	has("data.0.disabled", "false");
	has("data.0.rpm", "60");
	has("data.0.models", "null");
	has("data.1", "");
	ask("GET /api/v1/keys?include_disabled=true", text_m, NULL);
	has("data.0.name", "\"old\"");
	has("data.0.limit_remaining", "null");
	has("data.0.updated_at", "\"2026-11-22T00:01:40Z\"");
	has("data.0.models", "\"mock/*\"");
	has("data.1.name", "\"ci\"");
	ask("GET /v1/keys?offset=1&include_disabled=true", text_m, NULL);
	has("data.0.name", "\"ci\"");
	has("data.1", "");
	tap_is_int(ask("GET /api/v1/keys?offset=x", text_m, NULL), 400, "an offset that is none");
	tap_is_int(ask("GET /api/v1/keys?workspace_id=1", text_m, NULL), 400, "a workspace");
	says("workspace_id");
	tap_is_int(ask("GET /api/v1/keys", text_a, NULL), 403, "not with a key that calls");
	tap_is_int(ask("GET /api/v1/keys", NULL, NULL), 401, "nor without one");
}

static void
test_new(void)
{
	static const struct {
		const char *body, *names;
	} bad[] = {{"{}", "name"}, {"{\"name\":\"\"}", "name"}, {"{\"name\":7}", "name"}, {"[]", "object"},
	    {"{", "body"}, {"{\"name\":\"a\",\"name\":\"b\"}", "name"}, {"{\"name\":\"a\\u0000b\"}", "name"},
	    {"{\"name\":\"a\",\"limit\":-1}", "limit"}, {"{\"name\":\"a\",\"limit\":\"3\"}", "limit"},
	    {"{\"name\":\"a\",\"limit\":3,\"limit_reset\":\"hourly\"}", "limit_reset"},
	    {"{\"name\":\"a\",\"limit_reset\":\"daily\"}", "limit"},
	    {"{\"name\":\"a\",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "expires_at"},
	    {"{\"name\":\"a\",\"expires_at\":\"2099-01-01T00:00:00+02:00\"}", "expires_at"},
	    {"{\"name\":\"a\",\"include_byok_in_limit\":false}", "include_byok_in_limit"},
	    {"{\"name\":\"a\",\"workspace_id\":\"x\"}", "workspace_id"},
	    {"{\"name\":\"a\",\"creator_user_id\":\"x\"}", "creator_user_id"}, {"{\"name\":\"a\",\"rpm\":0}", "rpm"},
	    {"{\"name\":\"a\",\"models\":[]}", "models"}, {"{\"name\":\"a\",\"models\":[\"a,b\"]}", "models"},
	    {"{\"name\":\"a\",\"disabled\":true}", "disabled"}, {"{\"name\":\"a\",\"what\":1}", "what"},
	    {"{\"name\":\"a\",\"management\":true,\"rpm\":3}", "management"}};

	told[DESK_KEY_ADD] = "12";
	tap_is_int(
	    ask("POST /api/v1/keys", text_m,
		"{\"name\":\"n\",\"limit\":50.000000000001,\"limit_reset\":\"weekly\",\"expires_at\":\"2099-01-01T00:00:00.000Z\","
		"\"include_byok_in_limit\":true,\"rpm\":5,\"models\":[\"a/*\",\"b/c\"],\"workspace_id\":null}"),
	    201, "a new key");
	has("data.name", "\"n\"");
	has("data.limit", "50.000000000001");
	has("data.limit_remaining", "50.000000000001");
	has("data.usage", "0");
	says("\"key\":\"sk-or-");
	tap_ok(strstr(fields, "Cache-Control: no-store") != NULL, "isn't kept on its way");
	tap_is_int(asked.what, DESK_KEY_ADD, "it is added");
	tap_is_str(asked.name, "n", "by its name");
	tap_is_str(asked.models, "a/*,b/c", "with models");
	tap_is_int(asked.limit_pusd, 50000000000001, "a limit");
	tap_is_int(asked.reset, RESET_WEEKLY, "a reset");
	tap_is_int(asked.expires_ms, 4070908800000, "an end");
	tap_is_int(asked.rpm, 5, "requests a minute");
	tap_is_int(ask("POST /api/v1/keys", text_m, "{\"name\":\"m\",\"management\":true}"), 201, "a management key");
	tap_is_int(asked.management, 1, "is one");
	int n = asked.n;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tap_is_int(ask("POST /api/v1/keys", text_m, bad[i].body), 400, bad[i].body);
		says(bad[i].names);
	}
	tap_is_int(asked.n, n, "nothing of that reached the ledger");
	told[DESK_KEY_ADD] = NULL;
	fails = ERR_DATA;
	tap_is_int(ask("POST /api/v1/keys", text_m, "{\"name\":\"n\"}"), 400, "a name that is taken");
	tap_ok(!strstr(buf_str(&answer), "sk-or-"), "then no key is told");
}

static void
test_change(void)
{
	static char long_body[65 * 1024 + 1];

	told[DESK_KEYS] = "[" KEY_A "," KEY_B "]";
	told[DESK_KEY_PUT] = "[" KEY_C "]";
	told[DESK_KEY_REMOVE] = "null";
	tap_is_int(ask("GET /api/v1/keys/" HASH_B, text_m, NULL), 200, "one key");
	has("data.name", "\"old\"");
	tap_is_int(ask("PATCH /api/v1/keys/" HASH_A, text_m, "{\"disabled\":true,\"limit\":null,\"name\":\"x\"}"), 200,
	    "a change");
	tap_is_int(asked.what, DESK_KEY_PUT, "is put");
	tap_is_int(asked.id, 7, "into that one");
	tap_is_str(asked.text, "{\"disabled\":true,\"limit\":null,\"name\":\"x\"}", "as it is said");
	has("data.name", "\"x\"");
	has("data.limit_reset", "null");
	has("data.rpm", "61"); /* which somebody else changed meanwhile */
	told[DESK_KEY_PUT] = "[]";
	tap_is_int(ask("PATCH /api/v1/keys/" HASH_A, text_m, "{}"), 500, "no key from the ledger's process");
	told[DESK_KEY_PUT] = NULL;
	fails = ERR_NEGATIVE;
	tap_is_int(ask("PATCH /api/v1/keys/" HASH_A, text_m, "{}"), 404, "one that was removed meanwhile");
	int n = asked.n;
	snprintf(long_body, sizeof(long_body), "{\"name\":\"x\"%*s", (int)sizeof(long_body) - 12, "}");
	tap_is_int(ask("PATCH /api/v1/keys/" HASH_A, text_m, long_body), 400, "more than a key can hold");
	says("64 KiB");
	tap_is_int(asked.n, n + 1, "isn't handed on");
	tap_is_int(ask("PATCH /api/v1/keys/" HASH_A, text_m, "{\"management\":true}"), 400, "what can't be changed");
	says("management");
	tap_is_int(ask("DELETE /api/v1/keys/" HASH_A, text_m, NULL), 200, "removed");
	has("deleted", "true");
	tap_is_int(asked.what, DESK_KEY_REMOVE, "it is");
	tap_is_int(asked.id, 7, "that one");
	tap_is_int(ask("GET /api/v1/keys/ffff", text_m, NULL), 404, "no such hash");
	tap_is_int(ask("DELETE /api/v1/keys/zz", text_m, NULL), 404, "nor for removing");
	told[DESK_KEYS] = "{}";
	tap_is_int(ask("GET /api/v1/keys/" HASH_B, text_m, NULL), 500, "nonsense from the ledger's process");
	told[DESK_KEYS] = "[{\"id\":1,\"name\":\"a\",\"label\":\"b\",\"hash\":\"00\"}]";
	tap_is_int(ask("GET /api/v1/keys", text_m, NULL), 500, "a hash that is none");
}

static void
test_account(void)
{
	told[DESK_KEYS] = "[" KEY_A "," KEY_B "]";
	tap_is_int(ask("GET /api/v1/key", text_a, NULL), 200, "one's own key");
	has("data.label", "\"sk-or-abc...xyz\"");
	has("data.limit_remaining", "1.5");
	has("data.is_management_key", "false");
	has("data.rate_limit.requests", "-1");
	ask("GET /api/v1/key", text_m, NULL);
	has("data.is_management_key", "true");
	has("data.limit", "null");
	ask("GET /api/v1/credits", text_a, NULL);
	has("data.total_credits", "2.5");
	has("data.total_usage", "1");
	ask("GET /api/v1/credits", text_m, NULL);
	has("data.total_credits", "2.500000000005");
	has("data.total_usage", "1.000000000005");
}

/* As long as there never was one. */
static void
test_no_key(void)
{
	set_keys(0);
	told[DESK_KEYS] = "[]";
	told[DESK_ACTIVITY] = "[{\"day\":\"2026-11-01\",\"cost\":1500000000000},{\"day\":\"2026-11-02\",\"cost\":1}]";
	ask("GET /api/v1/credits", NULL, NULL);
	has("data.total_usage", "1.500000000001");
	ask("GET /api/v1/key", NULL, NULL);
	has("data.label", "\"no key\"");
}

static void
test_activity(void)
{
	int64_t today = tm_now_ms() / DAY_MS * DAY_MS;
	struct buf request = BUF_INIT;

	told[DESK_ACTIVITY] =
	    "[{\"day\":\"2026-11-01\",\"model\":\"m\",\"endpoint\":\"p:m\",\"provider\":\"p\",\"client\":\"ci\",\"calls\":2,\"prompt\":10,"
	    "\"completion\":5,\"reasoning\":1,\"cost\":1000000000},"
	    "{\"day\":\"2026-11-02\",\"model\":\"m\",\"endpoint\":\"p:m\",\"provider\":\"p\",\"client\":\"\",\"calls\":1,\"prompt\":1,"
	    "\"completion\":1,\"reasoning\":0,\"cost\":0},"
	    "{\"day\":\"2026-11-01\",\"model\":\"m\",\"endpoint\":\"p:m\",\"provider\":\"p\",\"client\":\"old\",\"calls\":3,\"prompt\":20,"
	    "\"completion\":6,\"reasoning\":0,\"cost\":500000000}]";
	tap_is_int(ask("GET /api/v1/activity", text_m, NULL), 200, "activity");
	has("data.0.date", "\"2026-11-02\"");
	has("data.1.date", "\"2026-11-01\"");
	has("data.1.requests", "5");
	has("data.1.prompt_tokens", "30");
	has("data.1.completion_tokens", "11");
	has("data.1.reasoning_tokens", "1");
	has("data.1.usage", "0.0015");
	has("data.1.endpoint_id", "\"p:m\"");
	has("data.2", "");
	tap_is_int(asked.from_ms, today - 30 * DAY_MS, "of 30 days");
	tap_is_int(asked.until_ms, today, "that are over");
	buf_adds(&request, "GET /api/v1/activity?date=");
	tm_iso(&request, (today - 3 * DAY_MS) / 1000);
	request.p[request.len -= strlen("T00:00:00Z")] = '\0';
	tap_is_int(ask(request.p, text_m, NULL), 200, "one day");
	tap_is_int(asked.from_ms, today - 3 * DAY_MS, "from its begin");
	tap_is_int(asked.until_ms, today - 2 * DAY_MS, "to its end");
	tap_is_int(ask("GET /api/v1/activity?date=2020-01-01", text_m, NULL), 400, "a day that is too long ago");
	tap_is_int(ask("GET /api/v1/activity?date=x", text_m, NULL), 400, "none");
	tap_is_int(ask("GET /api/v1/activity?user_id=x", text_m, NULL), 400, "users");
	told[DESK_KEYS] = "[" KEY_A "," KEY_B "]";
	tap_is_int(ask("GET /api/v1/activity?api_key_hash=" HASH_A, text_m, NULL), 200, "of one key");
	has("data.0.requests", "2");
	has("data.1", "");
	tap_is_int(ask("GET /api/v1/activity?api_key_hash=00", text_m, NULL), 404, "of no key");
	tap_is_int(ask("GET /api/v1/activity", text_a, NULL), 403, "not with a key that calls");
	buf_release(&request);
}

#define CALL(client) \
	"{\"call\":{\"id\":\"gen-1\",\"client_id\":" client \
	",\"started_ms\":1795305600000,\"model\":\"m\",\"provider\":\"p\",\"endpoint\":\"p:m\",\"answer_id\":\"up-1\",\"finish\":\"stop\"," \
	"\"session\":\"\",\"error\":null,\"streamed\":1,\"ttft_ms\":100,\"ms\":350,\"prompt\":10,\"completion\":5,\"cached\":3," \
	"\"reasoning\":0,\"cost\":1500000000},\"attempts\":[{\"http\":503,\"ms\":20,\"endpoint\":\"q:m\",\"model\":\"m\"},{\"http\":200," \
	"\"ms\":-1,\"endpoint\":\"p:m\",\"model\":\"m\"}]}"

static void
test_generation(void)
{
	told[DESK_GENERATION] = CALL("7");
	tap_is_int(ask("GET /api/v1/generation?id=gen%2D1", text_a, NULL), 200, "a generation");
	tap_is_str(asked.text, "gen-1", "is asked for by its id");
	has("data.id", "\"gen-1\"");
	has("data.upstream_id", "\"up-1\"");
	has("data.created_at", "\"2026-11-22T00:00:00Z\"");
	has("data.latency", "350");
	has("data.generation_time", "250");
	has("data.total_cost", "0.0015");
	has("data.tokens_prompt", "10");
	has("data.native_tokens_cached", "3");
	has("data.streamed", "true");
	has("data.cancelled", "false");
	has("data.session_id", "null");
	has("data.provider_responses.0.status", "503");
	has("data.provider_responses.1.endpoint_id", "\"p:m\"");
	has("data.provider_responses.1.latency", "");
	told[DESK_GENERATION] = CALL("8");
	tap_is_int(ask("GET /api/v1/generation?id=gen-1", text_a, NULL), 404, "another key's isn't there");
	tap_is_int(ask("GET /api/v1/generation?id=gen-1", text_m, NULL), 200, "but for who manages keys");
	tap_is_int(ask("GET /api/v1/generation", text_a, NULL), 400, "without an id");
	told[DESK_GENERATION] = NULL;
	fails = ERR_NEGATIVE;
	tap_is_int(ask("GET /api/v1/generation?id=x", text_a, NULL), 404, "one that isn't there");
}

#define REPORT \
	"{\"from_ms\":1795305600000,\"until_ms\":1795309200000,\"hours\":[{\"ms\":1795305600000,\"calls\":3,\"errors\":1,\"prompt\":5," \
	"\"completion\":6,\"cost\":2000000000000}],\"models\":[{\"name\":\"<m>\",\"calls\":3,\"errors\":1,\"prompt\":5,\"completion\":6," \
	"\"cost\":2000000000000,\"ttft_p50\":10,\"ttft_p95\":30,\"ms_p50\":100,\"ms_p95\":null}],\"endpoints\":[{\"name\":\"mock:echo\"," \
	"\"calls\":3,\"errors\":1,\"prompt\":5,\"completion\":6,\"cost\":2000000000000,\"ttft_p50\":10,\"ttft_p95\":30,\"ms_p50\":100," \
	"\"ms_p95\":200}],\"clients\":[{\"name\":\"\",\"calls\":3,\"errors\":1,\"prompt\":5,\"completion\":6,\"cost\":2000000000000}]}"

static void
test_status(void)
{
	struct shared_call c = {
	    .started_ms = tm_now_ms() - 5000, .pid = 1, .id = "gen-x", .front = "chat", .model = "a/b", .client = "ci"};
	int slot = shared_enter(shared, &c);

	tap_is_int(ask("GET /health", NULL, NULL), 200, "health is for all");
	has("status", "\"ok\"");
	app->draining = 1;
	tap_is_int(ask("GET /health", NULL, NULL), 503, "who drains takes nothing new");
	has("status", "\"draining\"");
	app->draining = 0;
	told[DESK_REPORT] = REPORT;
	tap_is_int(ask("GET /metrics", text_m, NULL), 200, "metrics");
	tap_is_str(type, "text/plain; version=0.0.4; charset=utf-8", "in their format");
	says("or_calls_running 1");
	says("or_first_byte_seconds_bucket{le=\"+Inf\"} ");
	tap_is_int(ask("GET /metrics", text_a, NULL), 403, "not with a key that calls");
	tap_is_int(ask("GET /status.json", text_m, NULL), 200, "what runs");
	has("running", "1");
	has("calls.0.id", "\"gen-x\"");
	has("calls.0.client", "\"ci\"");
	has("figures.status", "\"ok\"");
	tap_is_int(ask("GET /", text_m, NULL), 200, "the page");
	tap_is_str(type, "text/html; charset=utf-8", "is HTML");
	tap_ok(
	    strstr(fields,
		"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-") != NULL,
	    "under a policy");
	says("&lt;m&gt;");
	says("mock:echo");
	says("no key");
	tap_ok(!strstr(buf_str(&answer), "<m>"), "names are no markup");
	told[DESK_REPORT] = NULL;
	fails = ERR_IO;
	tap_is_int(ask("GET /", text_m, NULL), 200, "a page without a ledger");
	says("ledger can&#39;t be read");
	tap_is_int(ask("GET /metrics", text_m, NULL), 200, "metrics without one");
	tap_is_int(ask("GET /", NULL, NULL), 401, "not without a key");
	shared_leave(shared, slot);
}

/* The client leaves while the ledger is asked. */
static void
test_gone(void)
{
	struct exchange *x = make("GET /api/v1/keys", text_m, NULL);

	is_silent = 1;
	pending.n_forgotten = 0;
	conns.s.on_request(conns.s.arg, x);
	tap_ok(!x->over && x->on_gone != NULL, "it waits");
	x->on_gone(x->arg);
	tap_ok(x->over && x->cut, "and is over when the client has gone");
	tap_is_int(pending.n_forgotten, 1, "the answer isn't waited for");
	is_silent = 0;
	release(x);
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
	if (!loop || !shared || providers_load(&providers, &e)) {
		printf("Bail out! %s\n", e.msg);
		return 1;
	}
	start();
	test_no_key();
	set_keys(1);
	test_list();
	test_new();
	test_change();
	test_account();
	test_activity();
	test_generation();
	test_status();
	test_gone();
	app_free(app);
	loop_timer_free(pending.timer);
	buf_release(&answer);
	providers_release(&providers);
	policy_release(&policy);
	shared_free(shared);
	loop_free(loop);
	return tap_done();
}
