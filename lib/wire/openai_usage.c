/* SPDX-License-Identifier: ISC */
/* The usage object, with what the dialects put elsewhere in it (DEVIATIONS.md: usage). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "json.h"
#include "wire/openai.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

static void
take(const struct json *j, int node, const char *path, int64_t *out)
{
	int64_t v;

	if (json_int(j, json_path(j, node, path), &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

static void
take_cost(const struct json *j, int cost, struct usage *u)
{
	size_t n;

	if (json_type(j, cost) == JSON_OBJECT) /* Perplexity */
		cost = json_get(j, cost, "total_cost");
	const char *raw = json_raw(j, cost, &n);
	if (json_type(j, cost) == JSON_STRING && n > 2 &&
	    json_valid(raw + 1, n - 2, NULL, NULL)) { /* a number in quotes */
		raw++;
		n -= 2;
	}
	if (raw && n < sizeof(u->cost) && (*raw == '-' || (*raw >= '0' && *raw <= '9'))) {
		memcpy(u->cost, raw, n);
		u->cost[n] = '\0';
	}
}

/* xAI bills in ticks of 10^-10 USD. */
static void
take_ticks(const struct json *j, int node, struct usage *u)
{
	int64_t t = -1;

	if (json_int(j, json_get(j, node, "cost_in_usd_ticks"), &t) == 0 && t >= 0 && !*u->cost)
		snprintf(u->cost, sizeof(u->cost), "%" PRId64 ".%010" PRId64, t / 10000000000, t % 10000000000);
}

/*
 * Some count tokens in the total only: xAI those of reasoning, Mistral those of audio, Google's compatible endpoint those of its
 * thinking, without a word about them elsewhere. Each is put where it belongs, if the sum comes out.
 */
static void
add_rest(const struct json *j, int node, int64_t *completion, int64_t *reasoning, struct usage *u)
{
	int details =
	    json_get(j, node, "completion_tokens_details") >= 0 || json_get(j, node, "prompt_tokens_details") >= 0;
	int64_t total = -1;

	take(j, node, "total_tokens", &total);
	int64_t rest = total - u->prompt - *completion;
	if (u->prompt < 0 || *completion < 0 || rest <= 0)
		return;
	if (rest == *reasoning) {
		*completion += rest;
	} else if (rest == u->prompt_audio) {
		u->prompt += rest;
	} else if (*reasoning < 0 && !details) {
		*completion += rest;
		*reasoning = rest;
	}
}

void
openai_usage(const struct json *j, int node, struct usage *u)
{
	int64_t completion = -1, reasoning = -1;

	if (json_type(j, node) != JSON_OBJECT)
		return;
	take(j, node, "input_tokens", &u->prompt); /* as the Responses format has it */
	take(j, node, "output_tokens", &completion);
	take(j, node, "prompt_tokens", &u->prompt);
	take(j, node, "completion_tokens", &completion);
	take(j, node, "cached_tokens", &u->cached);           /* Moonshot */
	take(j, node, "num_cached_tokens", &u->cached);       /* Mistral */
	take(j, node, "prompt_cache_hit_tokens", &u->cached); /* DeepSeek */
	take(j, node, "cache_read_input_tokens", &u->cached); /* Databricks */
	take(j, node, "cache_creation_input_tokens", &u->cache_write);
	take(j, node, "prompt_tokens_details.cached_tokens", &u->cached);
	take(j, node, "prompt_tokens_details.cache_write_tokens", &u->cache_write);
	take(j, node, "prompt_tokens_details.audio_tokens", &u->prompt_audio);
	take(j, node, "reasoning_tokens", &reasoning); /* Perplexity */
	take(j, node, "completion_tokens_details.reasoning_tokens", &reasoning);
	take(j, node, "completion_tokens_details.audio_tokens", &u->completion_audio);
	take(j, node, "completion_tokens_details.image_tokens", &u->completion_image);
	add_rest(j, node, &completion, &reasoning, u);
	if (reasoning >= 0)
		u->reasoning = reasoning;
	if (completion >= 0)
		u->completion = completion;
	take_cost(j, json_get(j, node, "cost"), u);
	take_ticks(j, node, u);
}
