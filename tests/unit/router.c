/* SPDX-License-Identifier: ISC */
/* Calls: requests to candidates, against a small catalog in a cache of its own. What or-route does is in tests/tool/630-route.t. */
#include "router.h"

#include <sys/stat.h>
#include <sys/time.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "candidate.h"
#include "endpoint.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "market.h"
#include "names.h"
#include "policy.h"
#include "price.h"
#include "providers.h"
#include "routing.h"
#include "tap.h"
#include "tm.h"

#define BASE "http://127.0.0.1:9/api/v1"
#define N_MANY 22
#define DAY_S 86400

static char dir[] = "/tmp/orutils-router-XXXXXX";
static struct providers ps = PROVIDERS_INIT;
static struct policy policy = POLICY_INIT;
static struct router *r;
static struct routed_call call;
static struct err e;

/* ── the world ── */

static void
write_list(const char *name, const char *path, const char *body, int64_t age_s)
{
	char to[256];
	FILE *f;

	snprintf(to, sizeof(to), "%s/orutils/%s.json", dir, name);
	unlink(to);
	if (!body || !(f = fopen(to, "w")))
		return;
	fprintf(f, "{\"url\":\"%s\",\"etag\":null,\"fetched\":%lld,\"bytes\":%zu}\n\n%s", path,
	    (long long)(tm_now_ms() / 1000 - age_s), strlen(body), body);
	fclose(f);
}

/* a/m0 costs 1, a/m1 2, ...; b/cached can be cached. price: of a/m0. */
static void
write_models(const char *price, int64_t age_s)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"data\":[");
	for (int i = 0; i < N_MANY; i++)
		buf_addf(&b,
		    "{\"id\":\"a/m%d\",\"context_length\":%d,\"pricing\":{\"prompt\":\"%s%s\",\"completion\":\"0.00002\"},"
		    "\"supported_parameters\":[\"max_tokens\"%s]},",
		    i, 1000 * (i + 1), i ? "0.00000" : "", i ? (char[]){(char)('1' + i % 9), 0} : price,
		    i % 2 ? ",\"tools\"" : "");
	buf_adds(&b,
	    "{\"id\":\"anthropic/claude\",\"context_length\":9000,\"pricing\":{\"prompt\":\"0.000001\",\"completion\":\"0.000001\","
	    "\"input_cache_read\":\"0.0000001\"},\"supported_parameters\":[\"max_tokens\"]}]}");
	write_list("openrouter.models", BASE "/models", b.p, age_s);
	buf_release(&b);
}

static void
load_world(void)
{
	static char line[] = "quick {\"model\":\"a/m3\",\"provider\":{\"only\":[\"nobody\"]}}",
		    named[] = "own {\"model\":\"a/m4\",\"temperature\":0}", rule[] = "a/m7: tag=rules";
	char path[256];

	clearenv();
	setenv("XDG_CACHE_HOME", dir, 1);
	setenv("OR_CONFIG", dir, 1);
	setenv("OPENROUTER_API_KEY", "sk-test", 1);
	setenv("OPENROUTER_BASE_URL", BASE, 1);
	snprintf(path, sizeof(path), "%s/orutils", dir);
	mkdir(path, 0700);
	write_models("0.000001", 0);
	if (providers_load(&ps, &e) || policy_add_preset(&policy, line, &e) || policy_add_preset(&policy, named, &e) ||
	    policy_add_rule(&policy, rule, &e))
		printf("Bail out! %s\n", e.msg);
}

static struct router *
make(struct health *h)
{
	const struct router_spec s = {.ps = &ps,
	    .policy = &policy,
	    .health = h,
	    .fallback = "a/m9",
	    .cut = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN},
	    .seeded = 1,
	    .seed = 7};

	return router_new(&s);
}

static int
yes(void *arg, const struct candidate *v, size_t n)
{
	(void)v;
	*(size_t *)arg = n;
	return 1;
}

/* The candidates of a call: "a/m1 a/m2"; else the error's kind. */
static const char *
ask(const char *text, const char *tag, int needs_price)
{
	static char out[1024];
	struct json j = JSON_INIT;
	size_t n = 0;

	routed_call_release(&call);
	e = (struct err){0};
	json_parse(&j, text, strlen(text), NULL);
	int bad = router_choose(r, &j, tag, needs_price ? yes : NULL, &n, &call, &e);
	json_release(&j);
	snprintf(out, sizeof(out), "%s", bad ? err_word(e.kind) : "");
	for (size_t i = 0; i < call.n; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", i ? " " : "", call.v[i].name);
	return out;
}

static const char *
plain(const char *text)
{
	return ask(text, NULL, 0);
}

/* A list's change is looked for once a second: that second is over. */
static void
let_a_second_pass(void)
{
	int64_t from = tm_now_ms();

	while (tm_now_ms() - from < 1001)
		usleep(20000);
}

/* ── checks ── */

static void
test_which(void)
{
	tap_is_str(plain("{\"model\":\"mock/echo\"}"), "mock/echo", "one candidate");
	tap_is_str(call.asked, "mock/echo", "as it was asked for");
	tap_is_str(call.v[0].model, "echo", "by the provider's name for it");
	tap_ok(!call.preset && !router_wanted(r), "nothing else is wanted");
	tap_is_str(plain("{\"model\":\"a/m1\",\"models\":[\"a/m2\",\"mock/echo\"]}"), "a/m1 a/m2 mock/echo", "a chain");
	tap_is_str(call.asked, "a/m1,a/m2,mock/echo", "as it was asked for");
	tap_ok(call.v[0].endpoint && call.v[0].endpoint->context == 2000, "with what the catalog says");
	tap_is_str(plain("{}"), "a/m9", "nobody names one: the fallback");
	tap_is_str(ask("{\"messages\":[]}", "rules", 0), "a/m7", "a rule");
	tap_is_str(ask("{\"model\":\"a/m1\"}", "rules", 0), "a/m1", "doesn't replace what is named");
	tap_is_str(plain("{\"model\":\"a/m1@preset/own\"}"), "a/m1", "a preset and a model");
	tap_is_str(plain("{\"preset\":\"own\"}"), "a/m4", "a preset's model");
	tap_is_str(call.preset ? call.preset->name : NULL, "own", "the preset is told");
	tap_is_str(plain("{\"preset\":\"quick\",\"models\":[\"mock/echo\",\"anthropic:x\"]}"), "nomodel",
	    "what a preset says of the route counts");
	tap_ok(!call.preset && !call.v, "nothing is held where nothing is left");
	tap_is_str(call.asked, "mock/echo,anthropic:x", "but what was asked for is told");
	tap_is_int((int64_t)call.n_considered, 2, "and how many were looked at");
	tap_is_str(plain("{\"models\":[\"a/m1\",\"a/m2\"],\"provider\":{\"only\":3}}"), "data", "a bad field");
	tap_is_str(
	    plain("{\"models\":[\"a/m20\",\"a/m3\",\"a/m4\"],\"provider\":{\"sort\":\"price\"},\"route\":\"sort\"}"),
	    "a/m20 a/m3 a/m4", "sorted by price");
}

/* Who a call of it goes to: "openrouter a/m1@1000 | ..."; else the error's kind. */
static const char *
places(const char *text)
{
	static char out[512];
	struct json j = JSON_INIT;
	struct routed to;

	e = (struct err){0};
	json_parse(&j, text, strlen(text), NULL);
	int bad = router_places(r, &j, &to, &e);
	json_release(&j);
	snprintf(out, sizeof(out), "%s", bad ? err_word(e.kind) : "");
	for (size_t i = 0; !bad && i < to.plan->n; i++) {
		const struct endpoint *ep = &to.market->v[to.plan->place[i].endpoint];
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s %s@%d", i ? " | " : "", ep->provider,
		    ep->model, (int)ep->context);
	}
	return out;
}

static void
test_places(void)
{
	setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
	write_list("anthropic.models", "https://api.anthropic.com/v1/models?limit=1000",
	    "{\"data\":[{\"id\":\"claude\"}]}", 0);
	tap_is_str(places("{\"model\":\"anthropic/claude\"}"),
	    "anthropic anthropic/claude@9000 | openrouter anthropic/claude@9000", "one's own first, then OpenRouter");
	tap_is_str(places("{\"model\":\"mock/echo\"}"), "mock mock/echo@0", "one of whom no list tells");
	tap_is_str(places("{\"model\":\"nonesuch\"}"), "nomodel", "none");
	write_list("anthropic.models", "", NULL, 0);
	unsetenv("ANTHROPIC_API_KEY");
	let_a_second_pass();
}

static void
test_unknown(void)
{
	tap_is_str(plain("{\"model\":\"nonesuch\"}"), "nomodel", "an unknown name");
	tap_ok(call.asked && strcmp(call.asked, "nonesuch") == 0 && !call.n_considered, "which stands for nobody");
	tap_is_str(router_wanted(r), NULL, "in lists that are there");
	write_list("openrouter.models", "", NULL, 0);
	tap_is_str(plain("{\"model\":\"other\"}"), "other", "without a list the only provider gets it");
	tap_is_str(router_wanted(r), "openrouter", "but its list would have helped");
	setenv("GROQ_API_KEY", "sk-groq", 1);
	tap_is_str(plain("{\"model\":\"another\"}"), "nomodel", "of two nobody knows which");
	tap_ok(router_wanted(r) != NULL, "and a list would have helped");
	tap_is_str(plain("{\"model\":\"a/m15\"}"), "a/m15", "own keys first: there is no list to look into");
	tap_is_str(router_wanted(r), "groq", "which would have helped");
	write_list("groq.models", "https://api.groq.com/openai/v1/models", "{\"data\":[{\"id\":\"another\"}]}", 0);
	tap_is_str(plain("{\"model\":\"another\"}"), "another", "with that list it is found at once");
	write_list("groq.models", "", NULL, 0);
	unsetenv("GROQ_API_KEY");
	write_models("0.000001", 0);
	let_a_second_pass();
}

static void
test_prices(void)
{
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 1), "a/m1", "prices are needed, and known");
	tap_is_str(router_wanted(r), NULL, "then nothing is wanted");
	write_models("0.000001", 2 * DAY_S);
	let_a_second_pass();
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 0), "a/m1", "an old list");
	tap_is_str(router_wanted(r), NULL, "will do where no price is needed");
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 1), "a/m1", "and where one is");
	tap_is_str(router_wanted(r), "openrouter", "but a new one is wanted");
	write_list("openrouter.models", "", NULL, 0);
	let_a_second_pass();
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 0), "a/m1", "no list");
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 1), "host", "is an error where prices are needed");
	tap_is_str(router_wanted(r), "openrouter", "and wanted");
	tap_is_str(
	    plain("{\"model\":\"a/m1\",\"provider\":{\"max_price\":{\"prompt\":3}}}"), "host", "or a cap is there");
	tap_is_str(plain("{\"models\":[\"a/m1\",\"a/m2\"],\"provider\":{\"sort\":\"price\"}}"), "a/m1 a/m2",
	    "a price to sort by isn't needed");
	tap_is_str(router_wanted(r), "openrouter", "but wanted");
	write_models("0.000001", 0);
	tap_is_str(ask("{\"model\":\"a/m1\"}", NULL, 1), "a/m1", "a list that comes after an error is noticed at once");
	let_a_second_pass();
}

static void
test_held(void)
{
	static const char text[] =
	    "{\"models\":[\"a/m0\",\"a/m2\"],\"provider\":{\"sort\":\"price\"},\"route\":\"sort\"}";
	struct routed_call first;

	tap_is_str(plain(text), "a/m0 a/m2", "a plan by price");
	first = call;
	call = (struct routed_call){0};
	write_models("0.000009", 0);
	let_a_second_pass();
	tap_is_str(plain(text), "a/m2 a/m0", "a changed list is noticed");
	tap_is_str(first.v[0].name, "a/m0", "a call goes on with what it has");
	tap_is_int(first.v[0].endpoint->context, 1000, "and what was known then");
	router_free(r);
	tap_is_str(call.v[0].model, "a/m2", "also without the router");
	routed_call_release(&first);
	routed_call_release(&call);
	tap_ok(!first.v && !call.offer, "and lets go of it");
	r = make(NULL);
}

/* Anthropic's own key, and its list. */
static void
own_key(int there)
{
	write_list("anthropic.models", "https://api.anthropic.com/v1/models?limit=1000",
	    there ? "{\"data\":[{\"id\":\"claude\"}]}" : NULL, 0);
	if (there)
		setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
	else
		unsetenv("ANTHROPIC_API_KEY");
}

static void
test_sticky(void)
{
	struct health *h = health_open(NULL);
	static const char text[] =
	    "{\"model\":\"anthropic/claude\",\"session_id\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
			  two[] = "{\"models\":[\"a/m1\",\"a/m2\"]}";

	router_free(r);
	r = make(h);
	own_key(1);
	plain(text);
	tap_is_int((long long)call.n, 2, "two who could have the prompt cached");
	tap_is_str(call.v[0].provider->name, "anthropic", "one's own key is first");
	tap_ok(call.conversation && call.has_session && call.tokens > 0, "the conversation has a name, and its tokens");
	health_stick(h, call.conversation, "anthropic/claude", "openrouter:anthropic/claude", tm_now_ms());
	plain(text);
	tap_is_str(call.v[0].provider->name, "openrouter", "whoever served it is before it");
	plain("{\"model\":\"anthropic/claude\",\"session_id\":\"other\"}");
	tap_is_str(call.v[0].provider->name, "anthropic", "not for others");
	own_key(0);
	struct err why = {.kind = ERR_TEMPORARY, .http = 429};
	for (size_t i = 0; i < ps.n; i++)
		if (strcmp(ps.v[i].name, "openrouter") == 0)
			health_failed(h, &ps.v[i], "a/m1", &why, tm_now_ms());
	plain(two);
	tap_ok(call.n == 2 && call.v[0].endpoint->past.benched_ms > 0, "a bench is seen");
	router_free(r);
	health_close(h);
	r = make(NULL);
}

static void
test_caching(void)
{
	static const char once[] =
	    "{\"model\":\"anthropic/claude\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

	plain(once);
	tap_is_int(call.v[0].cache, 0, "a prompt that won't come again isn't cached");
	plain("{\"model\":\"anthropic/claude\",\"session_id\":\"s\"}");
	tap_is_int(call.v[0].cache, 1, "one that will is");
	plain("{\"model\":\"a/m1\",\"session_id\":\"s\"}");
	tap_is_int(call.v[0].cache, 0, "where that has to be asked for");
	plain(once);
	tap_is_int(call.v[0].cache, 0, "each time anew");
}

/* The order that or-chat takes, with the same seed. */
static int
same_as_routing(const char *chain, const char *request, uint64_t seed)
{
	struct names n = NAMES_INIT;
	struct market m = MARKET_INIT;
	struct json j = JSON_INIT;
	const struct names_spec ns = {.ps = &ps, .chain = chain, .list = catalog_cached};
	const struct routing_spec s = {
	    .ps = &ps, .max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN, .seed = seed};
	struct err ours = {0}, theirs = {0};
	struct router_spec rs = {.ps = &ps,
	    .policy = &policy,
	    .chain = chain,
	    .seeded = 1,
	    .seed = seed,
	    .cut = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN}};
	struct router *other = router_new(&rs);
	struct routed_call c;

	json_parse(&j, request, strlen(request), NULL);
	int a = names_resolve(&n, &ns, &theirs) || routing_choose(&n, &m, &j, &s, &theirs);
	int b = router_choose(other, &j, NULL, NULL, NULL, &c, &ours);
	int same = !a == !b && (a ? ours.kind == theirs.kind && strcmp(ours.msg, theirs.msg) == 0 : n.n == c.n);
	for (size_t i = 0; same && !a && i < n.n; i++)
		same = n.v[i].provider == c.v[i].provider && strcmp(n.v[i].model, c.v[i].model) == 0 &&
		    n.v[i].chain == c.v[i].chain;
	routed_call_release(&c);
	router_free(other);
	json_release(&j);
	market_release(&m);
	names_release(&n);
	return same;
}

static void
test_equal(void)
{
	static const char *const chains[] = {"a/m1", "a/m1,a/m2,a/m3,a/m4", "mock/echo,a/m3", "anthropic/claude",
	    "anthropic/claude,a/m5", "openrouter:a/m1", "mock/echo", "a/m1:floor,a/m2", "a/m6:nitro",
	    "a/m1,nobody/knows,mock/embed", "~x/y-latest"};
	static const char *const requests[] = {"{}", "{\"provider\":{\"sort\":\"price\"}}",
	    "{\"provider\":{\"sort\":\"price\"},\"route\":\"sort\"}", "{\"provider\":{\"only\":[\"anthropic\"]}}",
	    "{\"provider\":{\"max_price\":{\"prompt\":2.5}}}",
	    "{\"provider\":{\"require_parameters\":true},\"tools\":[{}]}",
	    "{\"tools\":[{\"type\":\"openrouter:web\"}]}", "{\"max_tokens\":5000}",
	    "{\"provider\":{\"order\":[\"mock\"],\"allow_fallbacks\":false}}", "{\"plugins\":[{\"id\":\"web\"}]}",
	    "{\"service_tier\":\"flex\"}", "{\"provider\":{\"zdr\":true}}"};
	size_t n = 0, same = 0;

	own_key(1);
	for (size_t c = 0; c < sizeof(chains) / sizeof(*chains); c++)
		for (size_t q = 0; q < sizeof(requests) / sizeof(*requests); q++)
			for (uint64_t seed = 1; seed <= 5; seed++, n++) {
				int ok = same_as_routing(chains[c], requests[q], seed * 1234567);
				same += (size_t)ok;
				if (!ok)
					printf("# differs: %s %s\n", chains[c], requests[q]);
			}
	tap_is_int((long long)same, (long long)n, "or-chat's order, for each chain, request and seed");
	own_key(0);
}

static void
clean_up(void)
{
	static const char *const names[] = {"openrouter.models", "groq.models", "anthropic.models"};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		write_list(names[i], "", NULL, 0);
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
	r = make(NULL);
	test_which();
	test_places();
	test_unknown();
	test_prices();
	test_held();
	test_sticky();
	test_caching();
	test_equal();
	routed_call_release(&call);
	router_free(r);
	policy_release(&policy);
	providers_release(&ps);
	clean_up();
	return tap_done();
}
