/* SPDX-License-Identifier: ISC */
/*
 * Each rule and each reason by itself. A plan is written as "tag:reason ... / tag:rule ...". tests/unit/route_random.c holds all of them
 * against a second implementation.
 */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

#define NOW INT64_C(1787000000000)
#define MAX 8
#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define USD ((price_t)10000000000000000) /* a million of them: $1 */
#define CALL USD * 1000000

static struct json j = JSON_INIT;
static struct route_query q;
static struct plan plan = PLAN_INIT;
static struct endpoint v[MAX];
static size_t n_v;
static struct route_policy policy;
static uint64_t seed;

static const struct endpoint usual = {.model = "a/m",
    .provider = "openrouter",
    .tag = "",
    .name = "",
    .native = "a/m",
    .params = PARAM_TOOLS | PARAM_RESPONSE_FORMAT | PARAM_STRUCTURED_OUTPUTS | PARAM_VERBOSITY | PARAM_MAX_TOKENS,
    .params_known = 1,
    .modes_in = MODE_TEXT,
    .modes_out = MODE_TEXT,
    .context = 100000,
    .max_output = 10000,
    .zdr = 1,
    .uptime = -1,
    .image = PRICE_UNKNOWN,
    .past = ENDPOINT_PAST_UNKNOWN};

/* One more endpoint: so many dollars a million tokens in and out. */
static struct endpoint *
add(const char *tag, int usd)
{
	struct endpoint *ep = v + n_v++;

	*ep = usual;
	ep->tag = tag;
	ep->pricing.has = 1u << PRICE_PROMPT | 1u << PRICE_COMPLETION;
	ep->pricing.item[PRICE_PROMPT] = ep->pricing.item[PRICE_COMPLETION] = usd * USD;
	return ep;
}

static struct endpoint *
add_own(const char *name, int usd)
{
	struct endpoint *ep = add(name, usd);

	ep->provider = name;
	ep->own = 1;
	return ep;
}

static struct endpoint *
add_router(void)
{
	struct endpoint *ep = add("openrouter", 2);

	*ep = usual;
	ep->tag = "openrouter";
	ep->routes = 1;
	ep->params_known = 0;
	ep->params = 0;
	ep->modes_in = ep->modes_out = 0;
	ep->context = ep->max_output = 0;
	ep->zdr = ep->trains = -1;
	return ep;
}

/* The endpoints a, b and c at $1, $2 and $3, none of them the others' provider. */
static void
abc(void)
{
	n_v = 0;
	seed = 0;
	policy = (struct route_policy){.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN};
	add("a", 1);
	add("b", 2);
	add("c", 3);
}

static int
read_request(const char *request, struct err *e)
{
	if (json_parse(&j, request, strlen(request), e))
		return -1;
	return route_read(&q, &j, e);
}

static void
emit_plan(struct buf *b)
{
	for (size_t i = 0; i < plan.n; i++)
		buf_addf(b, "%s%s:%s", i ? " " : "", v[plan.place[i].endpoint].tag, route_reason(plan.place[i].reason));
	buf_adds(b, plan.n_excluded ? " /" : "");
	for (size_t i = 0; i < plan.n_excluded; i++)
		buf_addf(b, " %s:%s", v[plan.excluded[i].endpoint].tag, route_rule(plan.excluded[i].rule));
}

static void
plans(const char *request, const char *want, const char *name)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	if (read_request(request, &e))
		buf_adds(&b, e.msg);
	else
		route_plan(&plan, &q, v, n_v, &policy, NOW, seed);
	if (!e.kind)
		emit_plan(&b);
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
}

/* By price, so that nothing is drawn. */
#define PROVIDER(members) "{" HELLO ",\"provider\":{\"sort\":\"price\"," members "}}"
#define ALL "a:price b:price c:price"

static void
test_lists(void)
{
	abc();
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", ALL, "by price");
	plans(PROVIDER("\"only\":[\"b\",\"a\"]"), "a:price b:price / c:only", "only");
	plans(PROVIDER("\"only\":[]"), " / a:only b:only c:only", "nobody is allowed");
	plans(PROVIDER("\"only\":null"), ALL, "null says nothing");
	plans(PROVIDER("\"ignore\":[\"b\"]"), "a:price c:price / b:ignore", "ignore");
	plans(PROVIDER("\"ignore\":[]"), ALL, "nobody is ignored");
	plans(PROVIDER("\"only\":[\"b\"],\"ignore\":[\"b\"]"), " / a:only b:ignore c:only", "both");
	plans(PROVIDER("\"only\":[\"\\u0062\"],\"ignore\":[\"\\u0063\"]"), "b:only one / a:only c:only",
	    "slugs are decoded");
	plans("{" HELLO ",\"prov\\u0069der\":{\"\\u006fnly\":[\"b\"]}}", "b:only one / a:only c:only",
	    "so are names of members");
	plans(PROVIDER("\"only\":[\"openrouter\"]"), ALL, "the table's name");
	v[1].tag = "a/fp8";
	plans(PROVIDER("\"only\":[\"a\"]"), "a:price a/fp8:price / c:only", "a base slug");
	plans(PROVIDER("\"only\":[\"a/fp8\"]"), "a/fp8:only one / a:only c:only", "a full one");
}

static void
test_policies(void)
{
	abc();
	v[1].zdr = 0;
	v[2].zdr = -1;
	plans(PROVIDER("\"zdr\":true"), "a:price c:price / b:zdr", "zdr, unknown ones are asked again");
	plans(PROVIDER("\"zdr\":false"), ALL, "zdr false");
	v[2].provider = "c";
	plans(PROVIDER("\"zdr\":true"), "a:only one / b:zdr c:zdr", "unknown at a direct provider is no");
	abc();
	v[1].trains = 1;
	v[2].trains = -1;
	plans(PROVIDER("\"data_collection\":\"deny\""), "a:price c:price / b:data_collection", "data_collection");
	plans(PROVIDER("\"data_collection\":\"allow\""), ALL, "allowed");
	v[2].provider = "c";
	plans(PROVIDER("\"data_collection\":\"deny\""), "a:only one / b:data_collection c:data_collection",
	    "unknown at a direct provider is yes");
	plans(PROVIDER("\"enforce_distillable_text\":true"), "a:price b:price / c:enforce_distillable_text",
	    "distillable");
	abc();
	v[0].quantization = QUANT_MXFP4;
	v[1].quantization = QUANT_FP8;
	plans(
	    PROVIDER("\"quantizations\":[\"fp4\"]"), "a:only one / b:quantizations c:quantizations", "fp4 holds mxfp4");
	plans(PROVIDER("\"quantizations\":[\"fp8\",\"unknown\"]"), "b:price c:price / a:quantizations",
	    "unsaid is unknown");
	plans(PROVIDER("\"quantizations\":[]"), ALL, "any");
}

static void
test_prices(void)
{
	abc();
	plans(PROVIDER("\"max_price\":{\"prompt\":2}"), "a:price b:price / c:max_price", "max_price");
	plans(PROVIDER("\"max_price\":{\"completion\":\"1.9999999999999999\"}"), "a:only one / b:max_price c:max_price",
	    "to the last digit");
	plans(PROVIDER("\"max_price\":{\"prompt\":2e0,\"completion\":1}"), "a:only one / b:max_price c:max_price",
	    "both");
	plans(PROVIDER("\"max_price\":{\"prompt\":0}"), " / a:max_price b:max_price c:max_price", "nothing to be paid");
	plans(PROVIDER("\"max_price\":{}"), ALL, "no cap");
	v[0].pricing.has |= 1u << PRICE_REQUEST;
	v[0].pricing.item[PRICE_REQUEST] = CALL / 100;
	v[1].image = CALL / 50;
	plans(PROVIDER("\"max_price\":{\"request\":\"0.009\"}"), "b:price c:price / a:max_price", "a call's");
	plans(PROVIDER("\"max_price\":{\"image\":0.01}"), "c:price a:price / b:max_price", "an image's");
	plans(PROVIDER("\"max_price\":{\"audio\":0.000002}"), "b:price a:price / c:max_price", "a recording's");
	abc();
	v[1].pricing.has = 0;
	plans(PROVIDER("\"max_price\":{\"prompt\":5}"), "a:price c:price / b:max_price",
	    "an unknown price passes no cap");
	plans(PROVIDER("\"zdr\":false"), "a:price c:price b:price", "and is the last by price");
	v[0].pricing.rule[0] = (struct price_rule){
	    .min_prompt_tokens = 10, .utc_start = -1, .utc_end = -1, .set = 1u << PRICE_PROMPT, .item = {9 * USD}};
	v[0].pricing.n_rules = 1;
	plans(PROVIDER("\"max_price\":{\"prompt\":5}"), "a:price c:price / b:max_price",
	    "a price for long prompts doesn't hold");
	v[0].pricing.rule[0].min_prompt_tokens = 9;
	plans(
	    PROVIDER("\"max_price\":{\"prompt\":5}"), "c:only one / a:max_price b:max_price", "and holds for this one");
	v[0].pricing.rule[0] = (struct price_rule){
	    .min_prompt_tokens = -1, .utc_start = 2053, .utc_end = 2054, .set = 1u << PRICE_PROMPT, .item = {9 * USD}};
	plans(
	    PROVIDER("\"max_price\":{\"prompt\":5}"), "c:only one / a:max_price b:max_price", "a price of this minute");
	v[0].pricing.rule[0].utc_end = 2053;
	v[0].pricing.rule[0].utc_start = 2052;
	plans(PROVIDER("\"max_price\":{\"prompt\":5}"), "a:price c:price / b:max_price", "and of the one before");
}

static void
test_needs_of_request(void)
{
	abc();
	v[1].params = PARAM_MAX_TOKENS;
	v[2].params_known = 0;
	plans("{" HELLO ",\"verbosity\":\"low\",\"provider\":{\"sort\":\"price\",\"require_parameters\":true}}",
	    "a:only one / b:require_parameters c:require_parameters", "require_parameters");
	plans("{" HELLO ",\"temperature\":1,\"provider\":{\"sort\":\"price\",\"require_parameters\":true}}",
	    " / a:require_parameters b:require_parameters c:require_parameters", "one that nobody takes");
	plans("{" HELLO
	      ",\"temperature\":null,\"user\":\"u\",\"provider\":{\"sort\":\"price\",\"require_parameters\":true}}",
	    ALL, "none is sent");
	plans("{" HELLO ",\"temperature\":1,\"provider\":{\"sort\":\"price\"}}", ALL, "not required");
	abc();
	v[1].context = 100;
	v[1].provider = "b";
	v[2].context = 0;
	plans("{" HELLO ",\"max_tokens\":91,\"provider\":{\"sort\":\"price\"}}", "a:price c:price / b:context length",
	    "context; unknown passes");
	v[1].provider = "openrouter";
	plans("{" HELLO ",\"max_tokens\":90,\"provider\":{\"sort\":\"price\"}}", ALL,
	    "OpenRouter compresses for small ones");
	v[1].context = 9000;
	plans("{" HELLO ",\"max_tokens\":8991,\"provider\":{\"sort\":\"price\"}}", "a:price c:price / b:context length",
	    "one token too many");
	plans("{" HELLO ",\"max_tokens\":8990,\"provider\":{\"sort\":\"price\"}}", ALL, "just so many");
	plans("{" HELLO ",\"max_tokens\":8991,\"transforms\":[\"middle-out\"],\"provider\":{\"sort\":\"price\"}}", ALL,
	    "compressed");
	v[1].context = 0;
	v[1].max_prompt = 9;
	plans("{" HELLO ",\"transforms\":[],\"provider\":{\"sort\":\"price\"}}", "a:price c:price / b:context length",
	    "a limit of the prompt");
	abc();
	v[1].max_output = 100;
	plans("{" HELLO ",\"max_completion_tokens\":101,\"max_tokens\":1,\"provider\":{\"sort\":\"price\"}}",
	    "a:price c:price / b:max_tokens", "max_tokens, the new name first");
	plans("{" HELLO ",\"max_tokens\":100,\"provider\":{\"sort\":\"price\"}}", ALL, "just so many");
}

static void
test_modes(void)
{
	abc();
	v[1].modes_in |= MODE_IMAGE;
	v[2].modes_in = 0;
	plans(
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}],\"provider\":{\"sort\":\"price\"}}",
	    "b:price c:price / a:modality", "an image; unknown passes");
	plans("{" HELLO ",\"modalities\":[\"text\",\"audio\"],\"provider\":{\"sort\":\"price\"}}",
	    " / a:modality b:modality c:modality", "an answer to be heard");
	v[1].provider = "b";
	plans(
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}]}],\"provider\":{\"sort\":\"price\"}}",
	    "a:price c:price / b:modality", "OpenRouter reads files");
}

static void
test_small_contexts(void)
{
	abc();
	v[0].context = v[1].context = 8192;
	v[1].provider = "b";
	plans("{" HELLO ",\"max_tokens\":9000,\"provider\":{\"sort\":\"price\"}}", "a:price c:price / b:context length",
	    "a small context, compressed unasked");
	plans(
	    "{" HELLO
	    ",\"max_tokens\":9000,\"plugins\":[{\"id\":\"context-compression\",\"enabled\":false}],\"provider\":{\"sort\":\"price\"}}",
	    "c:only one / a:context length b:context length", "but not against one's will");
}

static void
test_tiers(void)
{
	abc();
	v[1].tag = "a/priority";
	v[1].tier = TIER_PRIORITY;
	v[2].tag = "a/flex";
	v[2].tier = TIER_FLEX;
	plans("{" HELLO "}", "a:only one / a/priority:service_tier a/flex:service_tier", "tiers aren't asked for");
	plans("{" HELLO ",\"service_tier\":\"fast\"}", "a/priority:service tier a:drawn / a/flex:service_tier",
	    "priority, by its other name");
	plans("{" HELLO ",\"service_tier\":\"flex\"}", "a/flex:only one / a:service_tier a/priority:service_tier",
	    "flex");
	v[2].tier = TIER_STANDARD;
	plans("{" HELLO ",\"service_tier\":\"flex\",\"provider\":{\"sort\":\"price\"}}",
	    "a:price a/flex:price / a/priority:service_tier", "a model without flex");
	v[2].tier = TIER_FLEX;
	unsigned variant = VARIANT_FLOOR;
	policy.variant = &variant;
	policy.n_chain = 1;
	plans("{" HELLO "}", "a:price a/flex:service tier / a/priority:service_tier", ":floor");
	plans("{" HELLO ",\"service_tier\":\"default\"}", "a:only one / a/priority:service_tier a/flex:service_tier",
	    "the tier said beats it");
	plans("{" HELLO ",\"provider\":{\"order\":[\"a\"]}}",
	    "a:only one / a/priority:service_tier a/flex:service_tier", "order beats it");
	variant = VARIANT_NITRO;
	v[1].past.mtok_s[P50] = 5;
	plans("{" HELLO "}", "a/priority:throughput a:throughput / a/flex:service_tier", ":nitro");
	policy.variant = NULL;
	plans("{" HELLO ",\"provider\":{\"order\":[\"a/flex\"]}}", "a/flex:order a:fallback / a/priority:service_tier",
	    "named in full");
	plans("{" HELLO ",\"provider\":{\"only\":[\"a/priority\"]}}", "a/priority:only one / a:only a/flex:only",
	    "named in full, alone");
}

static void
test_router_only(void)
{
	abc();
	v[1].provider = "b";
	plans("{" HELLO ",\"plugins\":[{\"id\":\"web\"}],\"provider\":{\"sort\":\"price\"}}",
	    "a:price c:price / b:only OpenRouter can", "a plugin");
	plans(
	    "{" HELLO
	    ",\"plugins\":[{\"id\":\"web\",\"enabled\":false},{\"id\":\"response-healing\"}],\"provider\":{\"sort\":\"price\"}}",
	    ALL, "none that counts");
	plans("{" HELLO ",\"tools\":[{\"type\":\"openrouter:web_search\"}],\"provider\":{\"sort\":\"price\"}}",
	    "a:price c:price / b:only OpenRouter can", "a server's tool");
	unsigned variant[] = {VARIANT_ONLINE};
	policy.variant = variant;
	policy.n_chain = 1;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "a:price c:price / b:only OpenRouter can", ":online");
	variant[0] = VARIANT_EXACTO;
	v[0].pricing.item[PRICE_PROMPT] = v[0].pricing.item[PRICE_COMPLETION] = 9 * USD;
	plans("{" HELLO "}", "a:exacto c:exacto / b:only OpenRouter can", ":exacto leaves the order");
	variant[0] = VARIANT_FREE;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "b:price c:price a:price", ":free");
	v[1].model = "openrouter/auto";
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "c:price a:price / b:only OpenRouter can", "a router");
}

static void
test_soft(void)
{
#define TOOLS HELLO ",\"tools\":[{\"type\":\"function\"}],\"provider\":{\"sort\":\"price\"}"
#define FORMAT(type) "{" HELLO ",\"response_format\":{\"type\":\"" type "\"},\"provider\":{\"sort\":\"price\"}}"
	abc();
	v[0].params &= ~PARAM_TOOLS;
	v[1].params_known = 0;
	plans("{" TOOLS "}", "c:only one / a:tools b:tools", "who takes tools");
	v[2].params = 0;
	plans("{" TOOLS "}", ALL, "nobody takes them");
	v[2].params = PARAM_TOOLS;
	v[2].zdr = 0;
	plans("{" HELLO ",\"tools\":[{\"type\":\"function\"}],\"provider\":{\"sort\":\"price\",\"zdr\":true}}",
	    "a:price b:price / c:zdr", "nobody that is left");
	v[2].chain = 1;
	plans("{" TOOLS "}", ALL, "another model takes them");
	plans("{" HELLO ",\"tools\":[],\"provider\":{\"sort\":\"price\"}}", ALL, "no tools");
	abc();
	v[0].params &= ~(PARAM_STRUCTURED_OUTPUTS | PARAM_VERBOSITY);
	v[1].params &= ~PARAM_RESPONSE_FORMAT;
	plans(FORMAT("json_schema"), "b:price c:price / a:response_format", "who takes schemas");
	plans(FORMAT("json_object"), "a:price c:price / b:response_format", "who takes formats");
	plans(FORMAT("text"), ALL, "text is no format");
	v[1].params = v[2].params = 0;
	plans(FORMAT("json_schema"), "a:only one / b:response_format c:response_format",
	    "a format is better than nothing");
	plans(
	    "{" HELLO ",\"verbosity\":\"low\",\"provider\":{\"sort\":\"price\"}}", ALL, "verbosity that nobody takes");
	v[2].params = PARAM_VERBOSITY;
	plans("{" HELLO ",\"verbosity\":\"low\",\"provider\":{\"sort\":\"price\"}}",
	    "c:only one / a:verbosity b:verbosity", "and that one takes");
}

static void
test_policy(void)
{
	abc();
	policy.max_prompt = 2 * USD;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "a:price b:price / c:-p", "-p");
	policy.max_completion = USD;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "a:only one / b:-p c:-p", "-p, both");
	v[0].pricing.has = 0;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", " / a:-p b:-p c:-p", "an unknown price passes no cap");
	abc();
	policy.min_context = 100000;
	v[1].context = 99999;
	v[2].context = 0;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "a:only one / b:-z c:-z", "-z; unknown doesn't pass");
	abc();
	policy.need_params = PARAM_TOOLS;
	policy.need_modes = MODE_TEXT;
	v[1].params = 0;
	v[2].modes_in = 0;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "a:only one / b:-y c:-y", "-y; unknown doesn't pass");
	v[0].params_known = 0;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", " / a:-y b:-y c:-y", "nor do unknown parameters");
	abc();
	policy.sort = SORT_LATENCY;
	v[2].past.ttft_ms[P50] = 7;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "c:latency a:latency b:latency",
	    "--sort beats the request's");
}

/* What isn't known of OpenRouter itself it sorts out itself. */
static void
test_router(void)
{
	abc();
	n_v = 0;
	add_own("x", 1)->zdr = 0;
	add_router();
	plans("{" HELLO "}", "x:own key openrouter:routes itself", "own keys first");
	plans(
	    "{" HELLO
	    ",\"provider\":{\"zdr\":true,\"only\":[\"y\"],\"quantizations\":[\"fp8\"],\"max_price\":{\"prompt\":1},\"require_parameters\":true},\"top_k\":1}",
	    "openrouter:only one / x:only", "what isn't known passes");
	plans("{" HELLO ",\"provider\":{\"ignore\":[\"openrouter\"]}}", "x:only one / openrouter:ignore",
	    "ignored by name");
	plans("{" HELLO ",\"provider\":{\"order\":[\"y\",\"x\"],\"allow_fallbacks\":false}}",
	    "x:order openrouter:routes itself", "it goes on with the order");
	plans("{" HELLO ",\"provider\":{\"allow_fallbacks\":false}}", "x:only one / openrouter:allow_fallbacks",
	    "no fallbacks");
	plans("{" HELLO ",\"service_tier\":\"flex\"}", "x:own key openrouter:routes itself", "it has tiers of its own");
	policy.min_context = 5;
	policy.need_params = PARAM_TOOLS;
	policy.need_modes = MODE_IMAGE;
	plans("{" HELLO "}", "openrouter:only one / x:-y", "what isn't known passes -z and -y");
	v[1].modes_in = MODE_TEXT;
	plans("{" HELLO "}", " / x:-y openrouter:-y", "what is known doesn't");
	policy = (struct route_policy){.max_prompt = 9 * USD, .max_completion = PRICE_UNKNOWN};
	plans("{" HELLO "}", "x:only one / openrouter:-p", "no unknown price passes -p");
}

static void
test_order(void)
{
	abc();
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\",\"z\",\"b\"]}}", "c:order b:order a:fallback", "order");
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\"],\"sort\":\"latency\"}}", "c:order a:latency b:latency",
	    "order, then sort");
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\",\"b\"],\"allow_fallbacks\":false}}",
	    "c:order b:order / a:allow_fallbacks", "nobody else");
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\",\"allow_fallbacks\":false}}",
	    "a:only one / b:allow_fallbacks c:allow_fallbacks", "the first only");
	v[2].past.benched_ms = NOW + 1;
	v[2].status = -5;
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\"]}}", "c:order a:fallback b:fallback", "strictly in order");
	plans("{" HELLO ",\"provider\":{\"sort\":\"throughput\"}}", "a:throughput b:throughput c:throughput",
	    "ties: by tag");
	add_own("x", 9);
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\"]}}", "x:own key c:order a:fallback b:fallback",
	    "own keys before the order");
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\",\"x\"]}}", "c:order x:order a:fallback b:fallback",
	    "unless they stand in it");
	add_own("y", 5);
	plans("{" HELLO ",\"provider\":{\"order\":[\"x\"]}}", "x:order y:own key a:fallback b:fallback c:fallback",
	    "of own keys, those that it names are first");
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\",\"x\"]}}", "c:order x:order y:own key a:fallback b:fallback",
	    "and the others behind them");
	n_v--;
	plans("{" HELLO ",\"provider\":{\"order\":[\"c\"],\"allow_fallbacks\":false}}",
	    "c:only one / x:allow_fallbacks a:allow_fallbacks b:allow_fallbacks", "only what stands in it");
}

static void
test_sorts(void)
{
	abc();
	v[0].past.mtok_s[P50] = 100;
	v[2].past.mtok_s[P50] = 200;
	v[1].past.ttft_ms[P50] = 10;
	v[2].past.ttft_ms[P50] = 20;
	plans("{" HELLO ",\"provider\":{\"sort\":\"throughput\"}}", "c:throughput a:throughput b:throughput",
	    "fastest first, unknown last");
	plans("{" HELLO ",\"provider\":{\"sort\":{\"by\":\"latency\",\"partition\":null}}}",
	    "b:latency c:latency a:latency", "soonest first");
	plans("{" HELLO ",\"provider\":{\"sort\":\"exacto\"}}", "a:exacto b:exacto c:exacto", "as listed");
	v[0].chain = 1;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "b:price c:price a:price", "model by model");
	plans("{" HELLO ",\"provider\":{\"sort\":{\"by\":\"price\",\"partition\":\"none\"}}}",
	    "a:price b:price c:price", "over all models");
	plans("{" HELLO ",\"route\":\"sort\",\"provider\":{\"sort\":\"price\"}}", "a:price b:price c:price",
	    "the old way to say so");
	plans("{" HELLO ",\"route\":\"sort\",\"provider\":{\"sort\":{\"by\":\"price\",\"partition\":\"model\"}}}",
	    "b:price c:price a:price", "the new way beats it");
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\",\"allow_fallbacks\":false}}",
	    "b:price a:price / c:allow_fallbacks", "the first of each model");
	unsigned variant[] = {VARIANT_FLOOR, 0};
	policy.variant = variant;
	policy.n_chain = 2;
	plans("{" HELLO "}", "b:price c:price a:drawn", "a variant of one model");
	plans("{" HELLO ",\"provider\":{\"sort\":\"latency\"}}", "b:latency c:latency a:latency",
	    "the request's sort beats it");
}

/* With the others at a thousand times the price, who is drawn is no question. */
static void
test_classes(void)
{
	abc();
	v[1].pricing.item[PRICE_PROMPT] = v[1].pricing.item[PRICE_COMPLETION] = 100000 * USD;
	v[2].pricing.item[PRICE_PROMPT] = v[2].pricing.item[PRICE_COMPLETION] = 10000 * USD;
	plans("{" HELLO "}", "a:drawn c:fallback b:fallback", "drawn, then by price");
	v[0].past.failed_ms = NOW - 29999;
	plans("{" HELLO "}", "c:drawn b:fallback a:trouble", "failed just now");
	v[0].past.failed_ms = NOW - 30000;
	plans("{" HELLO "}", "a:drawn c:fallback b:fallback", "failed long ago");
	v[0].status = -2;
	plans("{" HELLO "}", "c:drawn b:fallback a:trouble", "published as degraded");
	v[0].status = -3;
	plans("{" HELLO "}", "c:drawn b:fallback a:trouble", "deranked");
	v[0].status = 0;
	v[0].uptime = 949;
	v[2].uptime = 799;
	v[1].uptime = 950;
	plans("{" HELLO "}", "b:drawn a:trouble c:trouble", "by uptime");
	v[0].uptime = v[2].uptime = -1;
	v[0].past.n_calls = 10;
	v[0].past.success = 949;
	plans("{" HELLO "}", "c:drawn b:fallback a:trouble", "own failures");
	v[0].past.n_calls = 9;
	plans("{" HELLO "}", "a:drawn c:fallback b:fallback", "too few to tell");
	v[0].past.benched_ms = NOW + 1;
	v[2].status = -2;
	plans("{" HELLO "}", "b:drawn c:trouble a:benched", "benched");
	v[0].past.benched_ms = NOW;
	plans("{" HELLO "}", "a:drawn b:fallback c:trouble", "no longer");
	add_own("x", 5)->past.benched_ms = NOW + 1;
	add_own("y", 50000);
	plans("{" HELLO "}", "y:own key x:benched a:drawn b:fallback c:trouble", "classes of own keys");
}

static void
test_cutoffs(void)
{
	abc();
	v[1].past.mtok_s[P50] = 50000;
	v[1].past.mtok_s[P90] = 20000;
	v[2].past.mtok_s[P50] = 49999;
	v[2].past.mtok_s[P90] = 40000;
	plans(PROVIDER("\"preferred_min_throughput\":50"), "b:price a:slow c:slow", "throughput; unknown misses it");
	plans(
	    PROVIDER("\"preferred_min_throughput\":{\"p90\":20.0001}"), "c:price a:slow b:slow", "another percentile");
	plans(PROVIDER("\"preferred_min_throughput\":{\"p50\":49,\"p90\":21}"), "c:price a:slow b:slow", "all of them");
	plans("{" HELLO ",\"provider\":{\"preferred_min_throughput\":50}}", "b:drawn a:slow c:slow",
	    "the draw is among those that keep it");
	v[2].past.ttft_ms[P75] = 1500;
	plans(PROVIDER("\"preferred_max_latency\":{\"p75\":1.5,\"p99\":null}"), "c:price a:slow b:slow",
	    "latency, in seconds");
	plans(PROVIDER("\"preferred_max_latency\":{\"p75\":1.4999}"), "a:slow b:slow c:slow", "a little less");
	v[2].chain = 1;
	plans(PROVIDER("\"preferred_max_latency\":{\"p75\":1.5}"), "c:price a:slow b:slow", "over all models");
}

static void
test_sticky(void)
{
	abc();
	v[2].pricing.has |= 1u << PRICE_CACHE_READ;
	v[2].pricing.item[PRICE_CACHE_READ] = 2 * USD;
	policy.sticky = "openrouter:a/m#c";
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "c:cached prompt a:price b:price", "who has the prompt");
	add_own("x", 1);
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "c:cached prompt x:own key a:price b:price",
	    "before own keys");
	plans("{" HELLO ",\"provider\":{\"order\":[\"b\"]}}", "x:own key b:order a:fallback c:fallback",
	    "not against an order");
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\",\"ignore\":[\"c\"]}}",
	    "x:own key a:price b:price / c:ignore", "only if it qualifies");
	v[2].pricing.item[PRICE_CACHE_READ] = 3 * USD;
	plans("{" HELLO ",\"provider\":{\"sort\":\"price\"}}", "x:own key a:price b:price c:price",
	    "only where it is cheaper");
}

/* The array's order doesn't matter, the seed does. */
static void
test_seed(void)
{
	struct endpoint turned[3];
	int firsts[3] = {0}, differ = 0;

	abc();
	read_request("{" HELLO "}", NULL);
	for (int i = 0; i < 3; i++)
		turned[i] = v[2 - i];
	for (seed = 0; seed < 1000; seed++) {
		route_plan(&plan, &q, v, 3, &policy, NOW, seed);
		uint32_t first = plan.place[0].endpoint;
		firsts[first]++;
		route_plan(&plan, &q, turned, 3, &policy, NOW, seed);
		differ += plan.place[0].endpoint != 2 - first;
	}
	tap_is_int(differ, 0, "the order of the array doesn't matter");
	tap_ok(firsts[0] > 680 && firsts[0] < 790 && firsts[1] > 140 && firsts[1] < 230 && firsts[2] > 50 &&
		firsts[2] < 120,
	    "1, 1/4, 1/9");
	v[1].pricing.item[PRICE_PROMPT] = v[1].pricing.item[PRICE_COMPLETION] = 0;
	v[2].pricing.item[PRICE_PROMPT] = v[2].pricing.item[PRICE_COMPLETION] = 0;
	memset(firsts, 0, sizeof(firsts));
	for (seed = 0; seed < 1000; seed++) {
		route_plan(&plan, &q, v, 3, &policy, NOW, seed);
		firsts[plan.place[0].endpoint]++;
	}
	tap_ok(!firsts[0] && firsts[1] > 430 && firsts[2] > 430, "free ones alike, and nobody else");
	for (int i = 0; i < 3; i++)
		v[i].pricing.has = 0;
	memset(firsts, 0, sizeof(firsts));
	for (seed = 0; seed < 1000; seed++) {
		route_plan(&plan, &q, v, 3, &policy, NOW, seed);
		firsts[plan.place[0].endpoint]++;
	}
	tap_ok(firsts[0] > 280 && firsts[1] > 280 && firsts[2] > 280, "unknown prices alike");
	tap_ok(plan.place[0].cost_pusd == PUSD_UNKNOWN, "whose cost is unknown");
}

static void
test_cost(void)
{
	abc();
	read_request("{" HELLO ",\"max_tokens\":100}", NULL);
	route_plan(&plan, &q, v, 1, &policy, NOW, 0);
	tap_is_int(q.tokens, 10, "tokens of hello");
	tap_is_int(plan.place[0].cost_pusd, 110 * 1000000, "its cost");
	read_request("{" HELLO "}", NULL);
	v[0].pricing.has |= 1u << PRICE_REQUEST;
	v[0].pricing.item[PRICE_REQUEST] = CALL;
	route_plan(&plan, &q, v, 1, &policy, NOW, 0);
	tap_is_int(plan.place[0].cost_pusd, INT64_C(1000000000000) + (10 + ROUTE_SOME_OUTPUT) * 1000000,
	    "with some output and the call's own price");
	route_read(&q, NULL, NULL);
	tap_ok(q.tokens == ROUTE_SOME_TOKENS && q.allow_fallbacks && q.max_tokens == -1, "no request");
	route_plan(&plan, &q, v, 0, &policy, NOW, 0);
	tap_ok(plan.n == 0 && plan.n_excluded == 0, "no endpoints");
}

static void
test_read(void)
{
	read_request("{" HELLO ",\"session_id\":\"a\\nb\",\"prompt_cache_key\":\"k\"}", NULL);
	tap_is_mem(q.session.s, q.session.n, "a\nb", 3, "the session");
	uint64_t session = q.conversation;
	read_request("{\"prompt_cache_key\":\"a\\nb\"}", NULL);
	tap_ok(q.conversation == session, "prompt_cache_key stands for it");
	read_request("{" HELLO "}", NULL);
	uint64_t talk = q.conversation;
	tap_ok(talk && talk != session && !q.session.n, "a conversation without a session");
	read_request(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":\"hi\"},{\"role\":\"user\",\"content\":\"so\"}],\"model\":\"x\"}",
	    NULL);
	tap_ok(q.conversation == talk, "goes on");
	read_request("{\"messages\":[{\"role\":\"system\",\"content\":\"hello\"}]}", NULL);
	tap_ok(q.conversation && q.conversation != talk, "instructions are something else");
	read_request("{\"messages\":[]}", NULL);
	tap_ok(q.conversation == 0, "no conversation");
	read_request(
	    "{\"max_tokens\":0,\"service_tier\":\"auto\",\"provider\":{\"unheard_of\":1,\"options\":{}}}", NULL);
	tap_ok(q.max_tokens == -1 && !(q.params & PARAM_MAX_TOKENS) && q.tier == ASK_ANY, "what says nothing");
}

static void
refuses(const char *request, const char *want)
{
	struct err e = {0};
	int r = read_request(request, &e);

	tap_is_str(r && e.kind == ERR_DATA ? e.msg : "it is taken", want, request);
}

static void
test_refused(void)
{
	static const char *const slugs[] = {"order", "only", "ignore"};
	static const char *const flags[] = {"allow_fallbacks", "require_parameters", "zdr", "enforce_distillable_text"};
	char request[100], want[100];

	for (size_t i = 0; i < 3; i++) {
		snprintf(request, sizeof(request), "{\"provider\":{\"%s\":\"x\"}}", slugs[i]);
		snprintf(want, sizeof(want), "provider.%s is no array", slugs[i]);
		refuses(request, want);
		snprintf(request, sizeof(request), "{\"provider\":{\"%s\":[\"x\",1]}}", slugs[i]);
		snprintf(want, sizeof(want), "provider.%s: a provider is no string", slugs[i]);
		refuses(request, want);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(request, sizeof(request), "{\"provider\":{\"%s\":\"x\"}}", flags[i]);
		snprintf(want, sizeof(want), "provider.%s is neither true nor false", flags[i]);
		refuses(request, want);
	}
	refuses("[]", "the request is no JSON object");
	refuses("{\"provider\":[]}", "provider is no object");
	refuses(
	    "{\"provider\":{\"data_collection\":\"maybe\"}}", "provider.data_collection is no \"allow\" or \"deny\"");
	refuses("{\"provider\":{\"quantizations\":\"fp8\"}}", "provider.quantizations is no array");
	refuses("{\"provider\":{\"quantizations\":[\"fp5\"]}}",
	    "provider.quantizations: there is no such quantization: \"fp5\"");
	refuses("{\"provider\":{\"sort\":\"speed\"}}", "provider.sort is no price, throughput, latency or exacto");
	refuses("{\"provider\":{\"sort\":{\"by\":1}}}", "provider.sort is no price, throughput, latency or exacto");
	refuses("{\"provider\":{\"sort\":{\"partition\":\"some\"}}}",
	    "provider.sort.partition is no \"model\" or \"none\"");
	refuses("{\"provider\":{\"max_price\":1}}", "provider.max_price is no object");
	refuses("{\"provider\":{\"max_price\":{\"prompt\":\"-1\"}}}", "provider.max_price.prompt is no price");
	refuses("{\"provider\":{\"max_price\":{\"image\":[]}}}", "provider.max_price.image is no price");
	refuses("{\"provider\":{\"preferred_min_throughput\":\"5\"}}",
	    "provider.preferred_min_throughput is neither a number nor an object");
	refuses("{\"provider\":{\"preferred_max_latency\":{\"p75\":-1}}}",
	    "provider.preferred_max_latency.p75 is no number");
	refuses("{\"provider\":{\"options\":1}}", "provider.options is no object");
	refuses("{\"route\":\"x\"}", "route is no \"fallback\" or \"sort\"");
	refuses("{\"service_tier\":1}", "service_tier is no string");
	refuses("{\"max_tokens\":1.5}", "max_tokens is no whole number");
	refuses("{\"max_completion_tokens\":\"5\"}", "max_completion_tokens is no whole number");
	refuses("{\"modalities\":\"text\"}", "modalities is no array");
	refuses("{\"plugins\":{}}", "plugins is no array");
	refuses("{\"plugins\":[{}]}", "plugins is no array of objects with an id");
	refuses("{\"transforms\":1}", "transforms is no array");
	refuses("{\"session_id\":1}", "session_id is no string");
	refuses("{\"prompt_cache_key\":1}", "prompt_cache_key is no string");
}

static void
test_limits(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	for (int n = 256; n <= 257; n++) {
		buf_clear(&b);
		buf_adds(&b, "{\"session_id\":\"");
		for (int i = 0; i < n; i++)
			buf_adds(&b, "\xc3\xa9");
		buf_adds(&b, "\"}");
		tap_is_int(
		    read_request(b.p, &e), n == 256 ? 0 : -1, n == 256 ? "a session of 256 characters" : "of one more");
		buf_clear(&b);
		buf_adds(&b, "{\"provider\":{\"only\":[\"x\"");
		for (int i = 1; i < n; i++)
			buf_adds(&b, ",\"\\u0078\"");
		buf_adds(&b, "]}}");
		tap_is_int(read_request(b.p, &e), n == 256 ? 0 : -1, n == 256 ? "256 providers" : "one more");
		tap_ok(
		    n != 256 || (q.only.n == 256 && *q.only.v[1].s == 'x' && *q.only.v[255].s == 'x'), "all decoded");
	}
	buf_release(&b);
}

static void
variant_is(const char *name, unsigned want, const char *base)
{
	size_t n;
	unsigned got = route_variant(name, &n);

	tap_ok(got == want && n == strlen(base) && memcmp(name, base, n) == 0, "%s", name);
}

static void
test_variants(void)
{
	variant_is("a/m", 0, "a/m");
	variant_is("a/m:floor", VARIANT_FLOOR, "a/m");
	variant_is("a/m:free", VARIANT_FREE, "a/m:free");
	variant_is("a/m:free:nitro", VARIANT_FREE | VARIANT_NITRO, "a/m:free");
	variant_is("a/m:nitro:free", VARIANT_FREE | VARIANT_NITRO, "a/m:nitro:free");
	variant_is("a/m:online:exacto", VARIANT_ONLINE | VARIANT_EXACTO, "a/m");
	variant_is("a/m:batch", VARIANT_OTHER, "a/m:batch");
	variant_is("a/m:thinking", VARIANT_THINKING, "a/m:thinking");
	variant_is("ollama:llama3.2:3b", 0, "ollama:llama3.2:3b");
	variant_is("", 0, "");
	variant_is("/", 0, "/");
}

int
main(void)
{
	test_lists();
	test_policies();
	test_prices();
	test_needs_of_request();
	test_modes();
	test_small_contexts();
	test_tiers();
	test_router_only();
	test_soft();
	test_policy();
	test_router();
	test_order();
	test_sorts();
	test_classes();
	test_cutoffs();
	test_sticky();
	test_seed();
	test_cost();
	test_read();
	test_refused();
	test_limits();
	test_variants();
	for (int i = 0; i <= ROUTE_N_REASONS; i++)
		tap_ok((*route_reason(i) != '\0') == (i < ROUTE_N_REASONS), "a word for reason %d", i);
	for (int i = 0; i <= ROUTE_N_RULES; i++)
		tap_ok((*route_rule(i) != '\0') == (i < ROUTE_N_RULES), "a word for rule %d", i);
	plan_release(&plan);
	route_query_release(&q);
	json_release(&j);
	return tap_done();
}
