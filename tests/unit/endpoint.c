/* SPDX-License-Identifier: ISC */
#include "endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

#define ROW(rest) "{\"model_id\":\"acme/big\",\"provider_name\":\"Deep Infra\",\"tag\":\"deepinfra/fp8\"" rest "}"

static struct json j = JSON_INIT;

static int
parse(struct endpoint *ep, const char *text)
{
	struct err e = {0};

	if (json_parse(&j, text, strlen(text), &e))
		printf("# no JSON: %s\n", e.msg);
	return endpoint_parse(ep, &j, 0, &e) ? -(int)e.kind : 0;
}

static void
test_parse(void)
{
	struct endpoint ep;

	tap_is_int(
	    parse(&ep,
		ROW(",\"context_length\":1000,\"max_completion_tokens\":500,\"max_prompt_tokens\":null,\"quantization\":\"fp8\",\"status\":-2,"
		    "\"uptime_last_30m\":94.99,\"latency_last_30m\":{\"p50\":249.5,\"p75\":1,\"p90\":null},\"throughput_last_30m\":{\"p50\":45.2,"
		    "\"p99\":15.1},\"supports_implicit_caching\":true,\"supported_parameters\":[\"tools\",\"max_completion_tokens\",\"x\"],"
		    "\"pricing\":{\"prompt\":\"0.000002\",\"completion\":\"0.000004\",\"image\":\"0.5\",\"discount\":0.5}")),
	    0, "an endpoint of a list");
	tap_is_str(ep.model, "acme/big", "model");
	tap_is_str(ep.native, "acme/big", "native");
	tap_is_str(ep.tag, "deepinfra/fp8", "tag");
	tap_is_str(ep.name, "Deep Infra", "name");
	tap_is_str(ep.provider, "openrouter", "provider");
	tap_ok(ep.context == 1000 && ep.max_output == 500 && ep.max_prompt == 0, "limits");
	tap_ok(ep.status == -2 && ep.uptime == 949 && ep.quantization == QUANT_FP8 && ep.caches_implicitly, "state");
	tap_ok(ep.past.ttft_ms[P50] == 250 && ep.past.ttft_ms[P75] == 1 && ep.past.ttft_ms[P90] == -1 &&
		ep.past.ttft_ms[P99] == -1,
	    "latency in ms, rounded");
	tap_ok(ep.past.mtok_s[P50] == 45200 && ep.past.mtok_s[P99] == 15100 && ep.past.mtok_s[P75] == -1,
	    "throughput in thousandths");
	tap_ok(ep.params_known && ep.params == (PARAM_TOOLS | PARAM_MAX_TOKENS), "parameters");
	tap_ok(ep.zdr == -1 && ep.trains == -1 && !ep.own && !ep.routes && !ep.stands_in, "what the list doesn't say");
	price_t half;
	price_parse("0.5", 3, &half);
	tap_ok(ep.image == half && pricing_item(&ep.pricing, PRICE_PROMPT, 0, 0) == half / 250000,
	    "prices, the discount taken off already");
	endpoint_release(&ep);
	tap_is_int(parse(&ep, ROW("")), 0, "an endpoint that says little");
	tap_ok(ep.context == 0 && ep.status == 1 && ep.uptime == -1 && ep.quantization == 0 && !ep.params_known &&
		ep.image == PRICE_UNKNOWN && pricing_item(&ep.pricing, PRICE_PROMPT, 0, 0) == PRICE_UNKNOWN,
	    "the rest is unknown");
	endpoint_release(&ep);
	tap_is_int(
	    parse(&ep,
		"{\"id\":\"acme/big\",\"name\":\"Acme: Big\",\"context_length\":null,\"top_provider\":{\"context_length\":9,\"max_completion_tokens\":8},"
		"\"architecture\":{\"input_modalities\":[\"text\",\"image\",\"smell\"],\"output_modalities\":[\"text\"]},"
		"\"supported_parameters\":[\"tools\"],\"pricing\":{\"prompt\":\"-1\",\"completion\":\"-1\"}}"),
	    0, "a model's row");
	tap_ok(ep.stands_in && !*ep.tag && ep.context == 9 && ep.max_output == 8, "stands in for its endpoints");
	tap_ok(ep.modes_in == (MODE_TEXT | MODE_IMAGE | MODE_OTHER) && ep.modes_out == MODE_TEXT, "modalities");
	endpoint_release(&ep);
}

static void
test_bad(void)
{
	struct endpoint ep;

	tap_is_int(parse(&ep, "[]"), -ERR_DATA, "no object");
	tap_is_int(parse(&ep, "{\"tag\":\"x\"}"), -ERR_DATA, "no model");
	tap_is_int(parse(&ep, "{\"model_id\":\"\"}"), -ERR_DATA, "an empty model");
	tap_is_int(parse(&ep, "{\"model_id\":\"a\\u0000b\"}"), -ERR_DATA, "a NUL in it");
	tap_is_int(parse(&ep, ROW(",\"pricing\":{\"prompt\":\"cheap\"}")), -ERR_DATA, "a price that is none");
	tap_is_int(parse(&ep, ROW(",\"pricing\":{\"image\":{}}")), -ERR_DATA, "an image's price that is none");
	tap_is_int(
	    parse(&ep,
		ROW(",\"pricing\":null,\"uptime_last_30m\":\"x\",\"context_length\":-5,\"status\":7,\"supported_parameters\":{}")),
	    0, "what else is odd is unknown");
	tap_ok(ep.uptime == -1 && ep.context == 0 && ep.status == 1 && !ep.params_known, "all of it");
	endpoint_release(&ep);
}

static void
test_tiers(void)
{
	struct endpoint ep;

	parse(&ep, "{\"model_id\":\"m\",\"tag\":\"openai/priority\"}");
	tap_is_int(ep.tier, TIER_PRIORITY, "priority");
	endpoint_release(&ep);
	parse(&ep, "{\"model_id\":\"m\",\"tag\":\"google-vertex/us/flex\"}");
	tap_is_int(ep.tier, TIER_FLEX, "flex");
	endpoint_release(&ep);
	parse(&ep, "{\"model_id\":\"m\",\"tag\":\"priority\"}");
	tap_is_int(ep.tier, TIER_STANDARD, "a provider of that name");
	endpoint_release(&ep);
}

static void
matches(const char *tag, enum endpoint_tier tier, const char *slug, int want)
{
	struct endpoint ep = {.tag = tag, .name = "Deep Infra", .provider = "openrouter", .tier = tier};

	tap_ok(
	    endpoint_matches(&ep, slug, strlen(slug)) == want, "%s %s %s", slug, want ? "means" : "doesn't mean", tag);
}

static void
test_slugs(void)
{
	matches("deepinfra/fp8", TIER_STANDARD, "deepinfra", 1);
	matches("deepinfra/fp8", TIER_STANDARD, "deepinfra/fp8", 1);
	matches("deepinfra/fp8", TIER_STANDARD, "deepinfra/fp4", 0);
	matches("deepinfra/fp8", TIER_STANDARD, "deepinfr", 0);
	matches("deepinfra/fp8", TIER_STANDARD, "deepinfra/", 0);
	matches("deepinfra", TIER_STANDARD, "deepinfra/fp8", 0);
	matches("deepinfra", TIER_STANDARD, "DeepInfra", 1);
	matches("deepinfra", TIER_STANDARD, "deep infra", 1);
	matches("deepinfra", TIER_STANDARD, "openrouter", 1);
	matches("deepinfra", TIER_STANDARD, "", 0);
	matches("", TIER_STANDARD, "", 0);
	matches("google-vertex/us/x", TIER_STANDARD, "google-vertex/us", 0);
	matches("openai/priority", TIER_PRIORITY, "openai", 0);
	matches("openai/priority", TIER_PRIORITY, "openai/priority", 1);
	matches("openai/priority", TIER_PRIORITY, "Deep Infra", 0);
	matches("openai/priority", TIER_PRIORITY, "openrouter", 0);
}

static void
test_ids(void)
{
	struct endpoint own = {.provider = "anthropic", .native = "claude:x", .tag = "anthropic", .own = 1},
			listed = {.provider = "openrouter", .native = "a/m", .tag = "deepinfra/fp8"},
			row = {.provider = "openrouter", .native = "a/m", .tag = "openrouter", .routes = 1};
	struct buf b = BUF_INIT;

	endpoint_id(&own, &b);
	tap_is_str(b.p, "anthropic:claude:x", "id of a direct one");
	tap_ok(endpoint_is(&own, b.p) && !endpoint_is(&listed, b.p) && !endpoint_is(&own, "anthropic:claude:") &&
		!endpoint_is(&own, "anthropic:claude:xy"),
	    "is told from others");
	buf_clear(&b);
	endpoint_id(&listed, &b);
	tap_is_str(b.p, "openrouter:a/m#deepinfra/fp8", "id of a listed one");
	tap_ok(endpoint_is(&listed, b.p) && !endpoint_is(&row, b.p) && !endpoint_is(&listed, "openrouter:a/m"),
	    "is told from others");
	tap_ok(endpoint_is(&row, "openrouter:a/m") && !endpoint_is(&row, NULL), "id of OpenRouter itself");
	tap_ok(
	    endpoint_is_routers(&listed) && endpoint_is_routers(&row) && !endpoint_is_routers(&own), "whose they are");
	buf_release(&b);
}

static void
test_words(void)
{
	tap_ok(endpoint_param("tools", 5) == PARAM_TOOLS && endpoint_param("toolsy", 6) == 0 &&
		endpoint_param("model", 5) == 0,
	    "parameters");
	tap_ok(endpoint_param("max_tokens", 10) == endpoint_param("max_completion_tokens", 21),
	    "two names of the same limit");
	tap_ok(endpoint_param("reasoning", 9) &&
		endpoint_param("reasoning", 9) == endpoint_param("include_reasoning", 17) &&
		endpoint_param("reasoning", 9) == endpoint_param("reasoning_effort", 16),
	    "three of reasoning");
	tap_ok(endpoint_quantization("fp4", 3) == (QUANT_FP4 | QUANT_MXFP4 | QUANT_NVFP4) &&
		endpoint_quantization("fp8", 3) == (QUANT_FP8 | QUANT_MXFP8) &&
		endpoint_quantization("mxfp4", 5) == QUANT_MXFP4 && endpoint_quantization("fp5", 3) == 0,
	    "quantizations");
	tap_is_str(endpoint_param_word(PARAM_MAX_TOKENS), "max_tokens", "a parameter's word is the first");
	tap_is_str(endpoint_param_word((params_t)1 << 60), NULL, "of none there is none");
	tap_ok(strcmp(endpoint_quantization_word(QUANT_FP4), "fp4") == 0 &&
		strcmp(endpoint_quantization_word(QUANT_NVFP4), "nvfp4") == 0 &&
		strcmp(endpoint_quantization_word(QUANT_MXFP8), "mxfp8") == 0 && !endpoint_quantization_word(0),
	    "words of quantizations");
	tap_ok(endpoint_mode("image", 5) == MODE_IMAGE && endpoint_mode("smell", 5) == MODE_OTHER, "modalities");
}

int
main(void)
{
	test_parse();
	test_bad();
	test_tiers();
	test_slugs();
	test_ids();
	test_words();
	json_release(&j);
	return tap_done();
}
