/* SPDX-License-Identifier: ISC */
/* Lists and counts as the gateway answers them, with a connection that is made up here, and a scribe that fetches nothing or what it is told. */
#include "serve/lists_priv.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "booking.h"
#include "buf.h"
#include "catalog.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "loop.h"
#include "price.h"
#include "router.h"
#include "serve/desk.h"
#include "serve/handlers.h"
#include "tap.h"
#include "tm.h"

#define BASE "http://127.0.0.1:9/api/v1"

static char dir[] = "/tmp/orutils-lists-XXXXXX";
static struct providers ps = PROVIDERS_INIT;
static struct policy policy = POLICY_INIT;
static struct app app;
static struct http1 head;
static struct buf answer = BUF_INIT, field = BUF_INIT;
static int status, ended;
static desk_fn waiting;
static void *waiting_ctx;
static char asked[512];
static void (*on_gone)(void *);
static void *on_gone_arg;

/* ── what stands around it ── */

void
visit_error(struct visit *v, const struct err *e)
{
	(void)v;
	status = e->http ? e->http : e->kind == ERR_DATA ? 400 : 500;
	buf_clear(&answer);
	buf_adds(&answer, e->msg);
}

void
visit_json(struct visit *v, int code, const struct buf *body)
{
	(void)v;
	status = code;
	buf_clear(&answer);
	buf_add(&answer, body->p, body->len);
}

void
visit_fields(struct visit *v)
{
	(void)v;
}

void
exchange_whole(struct exchange *x, int code, const char *type, const char *p, size_t n)
{
	(void)x;
	status = code;
	buf_clear(&field);
	buf_adds(&field, type);
	buf_clear(&answer);
	buf_add(&answer, p, n);
}

int
visit_query(const struct visit *v, const char *name, struct buf *out)
{
	const char *s = strchr(head.target, '?');

	(void)v;
	while (s && *s) {
		size_t n = strcspn(++s, "&"), k = strlen(name);
		if (n > k && strncmp(s, name, k) == 0 && s[k] == '=') {
			buf_add(out, s + k + 1, n - k - 1);
			return 0;
		}
		s += n;
	}
	return -1;
}

const struct http1 *
exchange_request(const struct exchange *x)
{
	(void)x;
	return &head;
}

void
exchange_watch(struct exchange *x, void (*gone_fn)(void *arg), void (*on_drain)(void *arg), void *arg)
{
	(void)x;
	(void)on_drain;
	on_gone = gone_fn;
	on_gone_arg = arg;
}

void
exchange_end(struct exchange *x)
{
	(void)x;
	ended++;
}

void
exchange_field(struct exchange *x, const char *name, const char *value)
{
	(void)x;
	buf_addf(&field, "%s: %s", name, value);
}

void
desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx)
{
	(void)d;
	snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), "%s ", q->text);
	waiting = done;
	waiting_ctx = ctx;
}

void
desk_forget(struct desk *d, void *ctx)
{
	(void)d;
	(void)ctx;
}

/* ── the world ── */

static void
write_list(const char *name, const char *url, const char *body, int64_t age_s)
{
	char to[256];
	FILE *f;

	snprintf(to, sizeof(to), "%s/orutils/%s.json", dir, name);
	unlink(to);
	if (!body || !(f = fopen(to, "w")))
		return;
	fprintf(f, "{\"url\":\"%s\",\"etag\":null,\"fetched\":%lld,\"bytes\":%zu}\n\n%s", url,
	    (long long)(tm_now_ms() / 1000 - age_s), strlen(body), body);
	fclose(f);
}

#define ARCH(in, out, tok) \
	"\"architecture\":{\"modality\":\"x\",\"input_modalities\":[" in "],\"output_modalities\":[" out \
	"],\"tokenizer\":\"" tok "\"}"
#define BENCH(i) \
	"\"benchmarks\":{\"artificial_analysis\":{\"intelligence_index\":" i "},\"design_arena\":[{\"elo\":" i \
	"1},{\"elo\":3}]}"

static const char models[] =
    "{\"data\":["
    "{\"id\":\"a/big\",\"canonical_slug\":\"a/big-2026\",\"name\":\"A: Big\",\"created\":1700000000,\"context_length\":100000," ARCH("\"text\",\"image\"", "\"text\"", "GPT") ",\"pricing\":{\"prompt\":\"0.000002\",\"completion\":\"0.000008\"}," BENCH(
	"60.5") ",\"supported_parameters\":[\"max_tokens\",\"tools\",\"reasoning\"]},"
		"{\"id\":\"b/small\",\"name\":\"B: Little  one\",\"created\":1790000000,\"context_length\":8000," ARCH("\"text\"", "\"text\"", "Claude") ",\"pricing\":{\"prompt\":\"0.000001\",\"completion\":\"0.000001\"}," BENCH(
		    "7") ",\"supported_parameters\":[\"max_tokens\"]},"
			 "{\"id\":\"~a/big-latest\",\"name\":\"A: Latest\",\"created\":1750000000,\"context_length\":null," ARCH(
			     "\"text\"", "\"text\",\"image\"",
			     "GPT") ",\"pricing\":{\"prompt\":\"-1\",\"completion\":\"-1\"},\"supported_parameters\":[\"tools\"],"
				    "\"alias_target\":{\"name\":\"x\",\"slug\":\"a/big\"}},"
				    "{\"id\":\"c/vectors\",\"name\":\"C: Vectors\",\"created\":1760000000,\"context_length\":512," ARCH(
					"\"text\"", "\"embeddings\"",
					"Other") ",\"pricing\":{\"prompt\":\"0.0000001\",\"completion\":\"0\"},\"supported_parameters\":[]}]}";

static void
route_anew(void)
{
	const struct router_spec s = {.ps = &ps,
	    .policy = &policy,
	    .health = booking_health(app.booking),
	    .cut = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN}};

	router_free(app.router);
	app.router = router_new(&s);
}

static void
load_world(void)
{
	static char preset[] = "mine {\"model\":\"a/big\",\"temperature\":0}";
	char path[256];
	struct err e = {0};
	FILE *f;

	clearenv();
	setenv("XDG_CACHE_HOME", dir, 1);
	setenv("OR_CONFIG", dir, 1);
	setenv("OR_LEDGER", "none", 1);
	setenv("OPENROUTER_BASE_URL", BASE, 1);
	snprintf(path, sizeof(path), "%s/orutils", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/aliases", dir);
	if ((f = fopen(path, "w"))) {
		fputs("fast: b/small, a/big\n", f);
		fclose(f);
	}
	if (providers_load(&ps, &e) || policy_add_preset(&policy, preset, &e))
		printf("Bail out! %s\n", e.msg);
	const struct booking_spec b = {.tool = "t", .run_limit_pusd = PUSD_UNKNOWN};
	app.booking = booking_new(&b);
	route_anew();
	app.s.providers = &ps;
	app.s.policy = &policy;
	app.s.loop = loop_new(&e);
}

static struct visit visit;

static const struct front *as = &front_openai;

static void
ask(void (*fn)(struct visit *v), const char *target, const char *part0, const char *part1)
{
	static char id[128];
	static char path[] = "/api/v1/models";

	snprintf(id, sizeof(id), "%s/%s", part0 ? part0 : "", part1 ? part1 : "");
	visit = (struct visit){.app = &app, .front = as, .path = path, .part = {part1 ? id : part0}};
	head.target = target;
	status = 0;
	buf_clear(&answer);
	fn(&visit);
}

/* The ids of the answer: "a/big b/small"; else its status. */
static const char *
ids(const char *query)
{
	static char out[512];
	struct json j = JSON_INIT;
	static char target[512];

	snprintf(target, sizeof(target), "/api/v1/models%s%s", *query ? "?" : "", query);
	ask(lists_models, target, NULL, NULL);
	snprintf(out, sizeof(out), "%d", status);
	if (status != 200 || json_parse(&j, answer.p, answer.len, NULL))
		return out;
	*out = '\0';
	int list = json_get(&j, 0, "data");
	for (int i = json_child(&j, list); i >= 0; i = json_next(&j, list, i)) {
		char *id = json_dup(&j, json_get(&j, i, "id"), NULL);
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", *out ? " " : "", id ? id : "?");
		free(id);
	}
	json_release(&j);
	return out;
}

static void
at(const char *path, const char *want, const char *name)
{
	struct json j = JSON_INIT;
	size_t n = 0;
	const char *s =
	    json_parse(&j, buf_str(&answer), answer.len, NULL) ? "" : json_raw(&j, json_path(&j, 0, path), &n);

	tap_is_mem(s, n, want, strlen(want), name);
	json_release(&j);
}

static void
anew(void)
{
	lists_free(app.lists);
	app.lists = NULL;
	*asked = '\0';
	waiting = NULL;
}

/* ── checks ── */

static void
test_mock(void)
{
	anew();
	tap_is_str(ids(""), "mock/echo fast @preset/mine", "nothing is configured: mock, and one's own names");
	tap_is_str(asked, "", "nobody is asked");
	at("data.0.pricing.prompt", "\"0.000001\"", "a price a token");
	at("data.0.architecture.modality", "\"text->text\"", "its modality");
	at("data.0.supported_parameters", "[\"max_tokens\"]", "parameters that are some");
	at("data.0.top_provider", "{\"context_length\":1000000,\"max_completion_tokens\":null,\"is_moderated\":false}",
	    "its limits");
	at("data.1.pricing.prompt", "\"-1\"", "a price that isn't known");
	tap_is_str(ids("output_modalities=embeddings"), "mock/embed", "its embeddings");
	ask(lists_providers, "/", NULL, NULL);
	at("data.0.slug", "\"mock\"", "and its provider");
}

static void
test_models(void)
{
	setenv("OPENROUTER_API_KEY", "sk-test", 1);
	write_list("openrouter.models", BASE "/models", models, 0);
	anew();
	tap_is_str(ids(""), "a/big b/small ~a/big-latest fast @preset/mine", "those that make text");
	tap_ok(strstr(answer.p, "\"name\":\"B: Little  one\"") != NULL, "rows as they stand");
	at("total_count", "5", "how many");
	at("links.next", "null", "no page follows");
	tap_is_str(ids("output_modalities=all"), "a/big b/small ~a/big-latest c/vectors fast @preset/mine", "all");
	tap_is_str(ids("output_modalities=image,embeddings"), "~a/big-latest c/vectors", "any of these");
	tap_is_str(ids("output_modalities=smell"), "400", "no such modality");
	tap_is_str(ids("input_modalities=image,text"), "a/big @preset/mine", "all of these go in");
	tap_is_str(ids("supported_parameters=tools"), "a/big ~a/big-latest @preset/mine", "a parameter");
	tap_is_str(ids("supported_parameters=tools,max_tokens"), "a/big @preset/mine", "both");
	tap_is_str(ids("supported_parameters=wings"), "400", "no such parameter");
	tap_is_str(ids("context=8001"), "a/big @preset/mine", "a context");
	tap_is_str(ids("context=many"), "400", "none that is a number");
	tap_is_str(ids("max_price=1.5"), "b/small fast", "a price");
	tap_is_str(ids("min_price=1.5&max_output_price=8"), "a/big @preset/mine", "prices");
	tap_is_str(ids("max_price=-1"), "400", "no price");
	tap_is_str(ids("min_intelligence_index=7.5"), "a/big", "an index");
	tap_is_str(ids("arch=claude"), "b/small", "an architecture");
	tap_is_str(ids("q=LITTLE"), "b/small", "a search in names");
	tap_is_str(ids("q=a/BIG"), "a/big ~a/big-latest", "in ids");
	tap_is_str(ids("model_authors=a,x"), "a/big ~a/big-latest", "authors");
	tap_is_str(ids("max_age_days=3000&min_age_days=0&sort=newest&q=/"), "b/small ~a/big-latest a/big @preset/mine",
	    "newest first");
	tap_is_str(ids("sort=pricing-low-to-high&q=/"), "b/small a/big @preset/mine ~a/big-latest",
	    "cheapest first, unknown last");
	tap_is_str(ids("sort=intelligence-high-to-low&q=b"), "a/big b/small ~a/big-latest", "best first");
	tap_is_str(ids("sort=design-arena-elo-high-to-low&q=b"), "b/small a/big ~a/big-latest", "by arena");
	tap_is_str(ids("sort=loudest"), "400", "no such order");
	tap_is_str(
	    ids("unheard=of"), "a/big b/small ~a/big-latest fast @preset/mine", "names that nobody knows don't matter");
	tap_is_str(ids("limit=2&offset=1&sort=newest&key=sk-secret"), "fast ~a/big-latest", "a page");
	at("total_count", "5", "of so many");
	at("links.next", "\"/api/v1/models?offset=3&limit=2&sort=newest\"", "and where the next one is");
	tap_is_str(ids("limit=1001"), "400", "too long a page");
	tap_is_str(ids("offset=7"), "", "behind the end");
	ask(lists_count, "/?output_modalities=embeddings&limit=x", NULL, NULL);
	tap_is_str(answer.p, "{\"data\":{\"count\":1}}", "a count");
	ask(lists_embedders, "/?limit=1&sort=loudest", NULL, NULL);
	at("data.0.id", "\"c/vectors\"", "those that embed");
	at("total_count", "1", "all of them");
	ask(lists_users, "/?limit=1&offset=1", NULL, NULL);
	at("data.0.id", "\"b/small\"", "those of a key, where there is none: all");
	at("links.next", "\"/api/v1/models?offset=2&limit=1\"", "a page of them");
	ask(lists_users, "/?limit=0", NULL, NULL);
	tap_is_int(status, 400, "no page");
}

/* ── what the list doesn't say ── */

/* What OpenRouter answers to this query, in the cache. */
static void
write_told(const char *query, const char *body, int64_t age_s)
{
	char name[200], url[200];

	snprintf(name, sizeof(name), "openrouter.models?output_modalities=all&%s", query);
	snprintf(url, sizeof(url), BASE "/models?output_modalities=all&%s", query);
	write_list(name, url, body, age_s);
}

/* Did the last question have this answer, after a list was asked for and came? */
static const char *
told_ids(const char *query, const char *list)
{
	const char *got = ids(query);

	if (strcmp(got, "0") == 0 && waiting) {
		desk_fn fn = waiting;
		waiting = NULL;
		write_told(query, list, 0);
		fn(waiting_ctx, "true", 4, NULL);
		static char came[16];
		snprintf(came, sizeof(came), "%d", status);
		got = came;
	}
	return got;
}

static void
test_told(void)
{
	static const char list[] =
	    "{\"data\":[{\"id\":\"~a/big-latest\"},{\"id\":\"x/unknown\"},{\"id\":\"b/small\"}]}";
	const struct err gone = {.kind = ERR_HOST, .msg = "openrouter: no such host"},
			 no = {.kind = ERR_DATA, .http = 400};

	*asked = '\0';
	tap_is_str(
	    told_ids("category=programming", list), "200", "a category: OpenRouter is asked, then it is answered");
	tap_is_str(asked, "openrouter models?output_modalities=all&category=programming ", "for just that");
	*asked = '\0';
	tap_is_str(ids("category=programming"), "b/small ~a/big-latest fast",
	    "rows of ours, in our order, names as what they stand for");
	at("total_count", "3", "how many");
	tap_is_str(ids("category=programming&max_price=1.5"), "b/small fast", "with what our list says");
	tap_is_str(asked, "", "it is asked once");
	write_told("category=programming", list, 4000);
	tap_is_str(ids("category=programming"), "0", "what is over an hour old is asked for again");
	waiting(waiting_ctx, "", 0, &gone);
	tap_is_int(status, 200, "and serves where nothing newer is to be had");
	write_told("category=programming", NULL, 0);
	ids("category=programming");
	waiting(waiting_ctx, "", 0, &gone);
	tap_is_int(status, 500, "nothing is to be had at all: an error");
	tap_is_str(answer.p, "only OpenRouter knows this, and doesn't say: openrouter: no such host", "which says why");
	ids("zdr=true");
	waiting(waiting_ctx, "", 0, &no);
	tap_is_int(status, 400, "a value that isn't liked there");
	tap_is_str(told_ids("sort=most-popular", list), "200", "an order");
	tap_is_str(ids("sort=most-popular"), "~a/big-latest b/small fast a/big @preset/mine",
	    "the rest behind it, and names beside what they stand for");
	write_told("sort=most-popular", NULL, 0);
	tap_is_str(told_ids("providers=X%20Co", list), "400", "a value with a sign that none has");
	*asked = '\0';
	ids("zdr=true&region=eu&min_tool_success_rate=0.9&providers=One,Two.x-y&distillable=false");
	tap_is_str(asked,
	    "openrouter models?output_modalities=all&providers=One,Two.x-y&distillable=false&zdr=true&region=eu&min_tool_success_rate=0.9 ",
	    "many in one question, always in the same order");
	waiting(waiting_ctx, "", 0, &gone);
}

static void
test_refused(void)
{
	static const char *const bad[] = {"category=cooking", "zdr=false", "region=mars", "distillable=maybe",
	    "providers=a,,b", "providers=a%26b", "providers=a=b", "min_tool_success_rate=1.1",
	    "max_tool_success_rate=-1", "max_tool_success_rate=.5", "max_tool_success_rate=0.55555555555555555",
	    "use_rss=perhaps", "use_rss=true&use_rss_chat_links=true",
	    "providers=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	*asked = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tap_is_str(ids(bad[i]), "400", bad[i]);
		tap_ok(strncmp(answer.p, bad[i], strcspn(bad[i], "=")) == 0 || strncmp(answer.p, "use_rss", 7) == 0,
		    "by name: %s", answer.p);
	}
	tap_is_str(asked, "", "nobody is asked for those");
}

/* Without a key of OpenRouter's it isn't asked: our own tables say what they can. */
static void
test_own_tables(void)
{
	static const char *const closed[] = {"category=programming", "zdr=true", "providers=x", "sort=top-weekly"};

	unsetenv("OPENROUTER_API_KEY");
	anew();
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++) {
		tap_is_str(ids(closed[i]), "400", "OpenRouter's models, and it may not be asked");
		tap_ok(strstr(answer.p, ": only OpenRouter can tell, and it isn't configured") != NULL, "by name: %s",
		    answer.p);
	}
	write_list("openrouter.models", "", NULL, 0);
	setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
	write_list("anthropic.models", "https://api.anthropic.com/v1/models?limit=1000",
	    "{\"data\":[{\"id\":\"claude\"}]}", 0);
	anew();
	tap_is_str(ids("providers=Anthropic,Other"), "anthropic:claude",
	    "no models of OpenRouter's: our tables know the providers");
	tap_is_str(ids("providers=Other"), "", "all of them");
	tap_is_str(ids("zdr=true"), "", "and who keeps nothing: nobody said so");
	providers_get(&ps, "anthropic", 9)->zdr = 1;
	tap_is_str(ids("zdr=true"), "anthropic:claude", "somebody did");
	tap_is_str(ids("zdr=true&region=eu"), "400", "but where they are they don't know");
	providers_get(&ps, "anthropic", 9)->zdr = -1;
	tap_is_str(asked, "", "nobody is asked");
	write_list("anthropic.models", "", NULL, 0);
	unsetenv("ANTHROPIC_API_KEY");
	setenv("OPENROUTER_API_KEY", "sk-test", 1);
	write_list("openrouter.models", BASE "/models", models, 0);
	anew();
}

static void
test_feed(void)
{
	static const char want[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n"
	    "<title>Models of or-serve</title>\n<link>http://localhost/api/v1/models</link>\n"
	    "<description>The models that may be asked for here.</description>\n"
	    "<item>\n<title>W &amp; &lt;1&gt; \xef\xbf\xbd</title>\n"
	    "<link>http://localhost/api/v1/models/w/1/endpoints</link>\n<description>Say &quot;hi&quot;</description>\n"
	    "<guid isPermaLink=\"false\">w/1</guid>\n<pubDate>Tue, 14 Nov 2023 22:13:20 GMT</pubDate>\n</item>\n"
	    "</channel>\n</rss>\n";

	write_list("openrouter.models", BASE "/models",
	    "{\"data\":[{\"id\":\"w/1\",\"name\":\"W & <1>\\u0007 \\uffff\",\"description\":\"Say \\\"hi\\\"\",\"created\":1700000000,"
	    "\"architecture\":{\"output_modalities\":[\"text\"]},\"links\":{\"details\":\"/api/v1/models/w/1/endpoints\"}}]}",
	    0);
	anew();
	buf_clear(&field);
	ids("use_rss=true&q=w/1");
	tap_is_str(answer.p, want, "a feed");
	tap_is_str(field.p, "application/rss+xml", "its type");
	tap_is_str(ids("use_rss=false&q=w/1"), "w/1", "none");
	tap_is_str(ids("use_rss_chat_links=true&q=w/1"), "w/1", "links of no feed");
	buf_clear(&field);
	write_list("openrouter.models", BASE "/models", models, 0);
	anew();
}

static void
test_endpoints(void)
{
	static const char list[] =
	    "{\"data\":{\"id\":\"a/big\",  \"endpoints\":[{\"model_id\":\"a/big\",\"tag\":\"x\",\"name\":\"x\"}]}}";
	const struct err gone = {.kind = ERR_HOST, .msg = "no such host"};

	*asked = '\0';
	ask(lists_endpoints, "/", "a", "big-2026");
	tap_is_int(status, 0, "endpoints that aren't cached are waited for");
	tap_is_str(asked, "openrouter endpoints/a/big ", "by the model's name in our list");
	waiting(waiting_ctx, "", 0, &gone);
	at("data.endpoints", "[]", "they can't be had");
	at("data.name", "\"A: Big\"", "but the model is known");
	ask(lists_endpoints, "/", "a", "big");
	write_list("openrouter.endpoints%2Fa%2Fbig", BASE "/models/a/big/endpoints", list, 0);
	waiting(waiting_ctx, "true", 4, NULL);
	tap_is_str(answer.p, list, "they came: as they stand");
	*asked = '\0';
	ask(lists_endpoints, "/", "a", "big");
	tap_is_str(answer.p, list, "from the cache");
	tap_is_str(asked, "", "nobody is asked");
	write_list("openrouter.endpoints%2Fa%2Fbig", BASE "/models/a/big/endpoints", list, 90000);
	ask(lists_endpoints, "/", "a", "big");
	tap_is_str(asked, "openrouter endpoints/a/big ", "old ones are asked for");
	waiting(waiting_ctx, "", 0, &gone);
	tap_is_str(answer.p, list, "and serve where there are no newer ones");
	write_list("openrouter.endpoints%2Fa%2Fbig", "", NULL, 0);
	*asked = '\0';
	ask(lists_endpoints, "/", "a", "none");
	tap_is_int(status, 404, "of a model that isn't");
	ask(lists_endpoints, "/", "fast", NULL);
	at("data.endpoints", "[]", "of a name of one's own: none");
	tap_is_str(asked, "", "nobody is asked for those");
	ended = 0;
	ask(lists_endpoints, "/", "a", "big");
	on_gone(on_gone_arg);
	tap_is_int(ended, 1, "a client may leave meanwhile");
	ended = 0;
}

static void
test_zdr(void)
{
	static const char list[] = "{\"data\": [{\"name\":\"X | a/big\",\"model_id\":\"a/big\"}]}";
	const struct err gone = {.kind = ERR_HOST, .msg = "no such host"};

	*asked = '\0';
	ask(lists_zdr, "/", NULL, NULL);
	tap_is_int(status, 0, "endpoints that keep nothing are waited for");
	tap_is_str(asked, "openrouter zdr ", "OpenRouter is asked");
	waiting(waiting_ctx, "", 0, &gone);
	tap_is_int(status, 500, "they can't be had");
	ask(lists_zdr, "/", NULL, NULL);
	write_list("openrouter.zdr", BASE "/endpoints/zdr", list, 0);
	waiting(waiting_ctx, "true", 4, NULL);
	tap_is_str(answer.p, list, "they came: as they stand");
	*asked = '\0';
	write_list("openrouter.zdr", BASE "/endpoints/zdr", list, 3500);
	ask(lists_zdr, "/", NULL, NULL);
	tap_is_str(answer.p, list, "for an hour");
	tap_is_str(asked, "", "without asking");
	write_list("openrouter.zdr", BASE "/endpoints/zdr", list, 3700);
	ask(lists_zdr, "/", NULL, NULL);
	tap_is_str(asked, "openrouter zdr ", "then it is asked again");
	waiting(waiting_ctx, "", 0, &gone);
	tap_is_str(answer.p, list, "and old ones serve where there are no newer ones");
	unsetenv("OPENROUTER_API_KEY");
	*asked = '\0';
	ask(lists_zdr, "/", NULL, NULL);
	tap_is_str(answer.p, "endpoints/zdr: only OpenRouter can tell, and it isn't configured", "without it: by name");
	tap_is_str(asked, "", "and nobody is asked");
	setenv("OPENROUTER_API_KEY", "sk-test", 1);
	write_list("openrouter.zdr", "", NULL, 0);
}

static void
test_model(void)
{
	ask(lists_model, "/", "a", "big");
	at("data.id", "\"a/big\"", "one model");
	ask(lists_model, "/", "a", "big-2026");
	at("data.id", "\"a/big\"", "by its permanent name");
	ask(lists_model, "/", "a", "bi");
	tap_is_int(status, 404, "none of that name");
}

static void
test_anthropic(void)
{
	as = &front_anthropic;
	ask(lists_models, "/v1/models?limit=2", NULL, NULL);
	at("data.0.display_name", "\"A: Big\"", "Anthropic's form");
	at("data.0.created_at", "\"2023-11-14T22:13:20Z\"", "with a time");
	at("has_more", "true", "a page");
	at("last_id", "\"b/small\"", "its end");
	ask(lists_models, "/v1/models?limit=1000&after_id=b/small", NULL, NULL);
	at("data.0.id", "\"~a/big-latest\"", "the next one");
	at("has_more", "false", "which is the last");
	ask(lists_models, "/v1/models?limit=1&before_id=b/small", NULL, NULL);
	at("first_id", "\"a/big\"", "the one before");
	at("has_more", "false", "which is the first");
	ask(lists_models, "/v1/models?limit=0", NULL, NULL);
	tap_is_int(status, 400, "no such page");
	ask(lists_models, "/v1/models?after_id=zzz", NULL, NULL);
	tap_is_int(status, 400, "behind none");
	ask(lists_model_alone, "/", "b/small", NULL);
	at("max_input_tokens", "8000", "one of them");
}

static void
test_others(void)
{
	static char show[] = "{\"model\":\"a/big:latest\"}", none[] = "{\"name\":\"zzz\"}", nothing[] = "[]";

	ask(lists_gemini, "/v1beta/models?pageSize=2", NULL, NULL);
	at("models.0.name", "\"models/a/big\"", "Google's form");
	at("models.1.inputTokenLimit", "8000", "its limits");
	at("nextPageToken", "\"2\"", "a page");
	ask(lists_gemini, "/v1beta/models?pageToken=3", NULL, NULL);
	at("models.0.supportedGenerationMethods.0", "\"embedContent\"", "the next one: what embeds");
	ask(lists_gemini, "/v1beta/models?pageToken=x", NULL, NULL);
	tap_is_int(status, 400, "no page");
	as = &front_gemini;
	ask(lists_models, "/v1/models?pageSize=1", NULL, NULL);
	at("models.0.name", "\"models/a/big\"", "where three formats share a path, too");
	ask(lists_model_alone, "/", "b/small", NULL);
	at("displayName", "\"B: Little  one\"", "one of them");
	ask(lists_model_alone, "/", "b/none", NULL);
	tap_is_int(status, 404, "none");
	test_anthropic();
	as = &front_openai;
	ask(lists_model_alone, "/", "a/big", NULL);
	at("canonical_slug", "\"a/big-2026\"", "one of them as OpenAI has it");
	ask(lists_tags, "/", NULL, NULL);
	at("models.0.model", "\"a/big\"", "Ollama's form");
	at("models.1.modified_at", "\"2026-09-21T14:13:20Z\"", "with a time");
	head.body = (struct buf){show, sizeof(show) - 1, 0};
	ask(lists_show, "/", NULL, NULL);
	at("model_info", "{\"general.architecture\":\"a\",\"a.context_length\":100000}", "what one is");
	at("capabilities", "[\"completion\",\"vision\",\"tools\",\"thinking\"]", "and can do");
	head.body = (struct buf){none, sizeof(none) - 1, 0};
	ask(lists_show, "/", NULL, NULL);
	tap_is_int(status, 404, "one that isn't");
	head.body = (struct buf){nothing, sizeof(nothing) - 1, 0};
	ask(lists_show, "/", NULL, NULL);
	tap_is_int(status, 400, "no name");
	ask(lists_version, "/", NULL, NULL);
	tap_is_int(status, 200, "a version");
}

static void
test_direct(void)
{
	setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
	write_list("anthropic.models", "https://api.anthropic.com/v1/models?limit=1000",
	    "{\"data\":[{\"id\":\"claude\",\"display_name\":\"C\"},{\"id\":\"an-embedder\"}]}", 0);
	anew();
	tap_is_str(ids("q=anthropic"), "anthropic:claude", "a provider's own list");
	tap_is_str(
	    ids("q=anthropic&output_modalities=embeddings"), "anthropic:an-embedder", "its embedders by their name");
	ask(lists_providers, "/", NULL, NULL);
	tap_ok(strstr(answer.p, "\"anthropic\"") && strstr(answer.p, "\"openrouter\"") && !strstr(answer.p, "\"mock\""),
	    "providers that are ready");
	write_list("anthropic.models", "", NULL, 0);
	unsetenv("ANTHROPIC_API_KEY");
}

/* Endpoints of our own: what the provider's list says, what OpenRouter's does, and how they did lately. */
static void
test_own_endpoints(void)
{
	struct health *h = booking_health(app.booking);
	const struct health_sample good = {.at_ms = tm_now_ms(), .ttft_ms = 250, .mtok_s = 45250},
				   bad = {.at_ms = tm_now_ms(), .blamed = 1, .ttft_ms = -1, .mtok_s = -1};
	const struct err e503 = {.kind = ERR_TEMPORARY, .http = 503};

	setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
	write_list("anthropic.models", "https://api.anthropic.com/v1/models?limit=1000",
	    "{\"data\":[{\"id\":\"big\",\"max_input_tokens\":7000,\"max_tokens\":50}]}", 0);
	anew();
	ask(lists_endpoints, "/", "anthropic:big", NULL);
	at("data.id", "\"anthropic:big\"", "a model of our own");
	at("data.endpoints.0.name", "\"anthropic | big\"", "its endpoint");
	at("data.endpoints.0.model_id", "\"anthropic:big\"", "as it is called here");
	at("data.endpoints.0.model_name", "\"anthropic: big\"", "and shown");
	at("data.endpoints.0.tag", "\"anthropic\"", "its slug");
	at("data.endpoints.0.context_length", "7000", "its limits");
	at("data.endpoints.0.max_completion_tokens", "50", "both");
	at("data.endpoints.0.max_prompt_tokens", "null", "none of the prompt alone");
	at("data.endpoints.0.pricing", "{\"prompt\":\"-1\",\"completion\":\"-1\"}", "nobody knows its price");
	at("data.endpoints.0.quantization", "null", "or its weights'");
	at("data.endpoints.0.supported_parameters", "[]", "or what it takes");
	at("data.endpoints.0.uptime_last_1d", "null", "it was never called");
	at("data.endpoints.0.latency_last_30m", "null", "so nobody knows how fast it is");
	at("data.endpoints.0.status", "0", "nothing is wrong with it");
	at("data.endpoints.1", "", "there is one");
	ask(lists_endpoints, "/", "anthropic/big", NULL);
	at("data.id", "\"anthropic:big\"", "by a name that only the router knows");
	at("data.endpoints.0.model_id", "\"anthropic/big\"", "as it was called");
	at("data.endpoints.0.context_length", "7000", "its limits");
	providers_get(&ps, "anthropic", 9)->prompt = 3 * (price_t)10000000000000000;
	providers_get(&ps, "anthropic", 9)->completion = 5 * (price_t)10000000000000000;
	health_record(h, "anthropic:big", &good);
	health_record(h, "anthropic:big", &good);
	health_record(h, "anthropic:big", &bad);
	route_anew();
	ask(lists_endpoints, "/", "anthropic:big", NULL);
	at("data.endpoints.0.pricing", "{\"prompt\":\"0.000003\",\"completion\":\"0.000005\"}",
	    "a price= of the table");
	at("data.endpoints.0.uptime_last_5m", "66.6", "how often it served");
	at("data.endpoints.0.status", "-5", "which is too seldom");
	at("data.endpoints.0.latency_last_30m", "{\"p50\":250,\"p75\":250,\"p90\":250,\"p99\":250}", "how soon");
	at("data.endpoints.0.throughput_last_30m.p50", "45.25", "and how fast");
	for (int i = 0; i < 9; i++)
		health_record(h, "anthropic:big", &good);
	ask(lists_endpoints, "/", "anthropic:big", NULL);
	at("data.endpoints.0.status", "-2", "seldom enough");
	for (int i = 0; i < 20; i++)
		health_record(h, "anthropic:big", &good);
	ask(lists_endpoints, "/", "anthropic:big", NULL);
	at("data.endpoints.0.status", "0", "once in a while");
	health_failed(h, providers_get(&ps, "anthropic", 9), "big", &e503, tm_now_ms());
	route_anew();
	ask(lists_endpoints, "/", "anthropic:big", NULL);
	at("data.endpoints.0.status", "-5", "it sits out");
	providers_get(&ps, "anthropic", 9)->prompt = providers_get(&ps, "anthropic", 9)->completion = PRICE_UNKNOWN;
	write_list("anthropic.models", "", NULL, 0);
	unsetenv("ANTHROPIC_API_KEY");
}

static void
test_missing(void)
{
	write_list("openrouter.models", "", NULL, 0);
	anew();
	tap_is_str(ids(""), "0", "a list is missing: the answer waits");
	tap_is_str(asked, "openrouter ", "for that list");
	write_list("openrouter.models", BASE "/models", models, 0);
	waiting(waiting_ctx, "", 0, NULL);
	tap_is_int(status, 200, "then it comes");
	tap_ok(strstr(answer.p, "a/big") != NULL, "with it");
	write_list("openrouter.models", "", NULL, 0);
	anew();
	ids("");
	tap_ok(on_gone != NULL, "a client may leave meanwhile");
	if (on_gone)
		on_gone(on_gone_arg);
	tap_is_int(ended, 1, "then it is over");
	waiting(waiting_ctx, "", 0, NULL);
	tap_is_int(status, 0, "and nothing is answered");
	tap_is_str(ids(""), "fast @preset/mine", "a list that can't be had: what there is, at once");
	tap_is_str(asked, "openrouter ", "and it isn't asked for again");
	write_list("openrouter.models", BASE "/models", models, 90000);
	anew();
	tap_is_str(ids("q=small"), "b/small", "an old list is used");
	tap_is_str(asked, "openrouter ", "and asked for");
	waiting(waiting_ctx, "", 0, NULL);
}

static void
clean_up(void)
{
	char path[256];

	write_list("openrouter.models", "", NULL, 0);
	snprintf(path, sizeof(path), "%s/aliases", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/orutils", dir);
	rmdir(path);
	rmdir(dir);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 1;
	load_world();
	test_mock();
	test_models();
	test_told();
	test_refused();
	test_own_tables();
	test_feed();
	test_model();
	test_endpoints();
	test_zdr();
	test_others();
	test_direct();
	test_own_endpoints();
	test_missing();
	lists_free(app.lists);
	router_free(app.router);
	booking_free(app.booking);
	policy_release(&policy);
	providers_release(&ps);
	loop_free(app.s.loop);
	buf_release(&answer);
	buf_release(&field);
	clean_up();
	return tap_done();
}
