/* SPDX-License-Identifier: ISC */
/* The usage object, with what the dialects put elsewhere in it (DEVIATIONS.md: usage). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "json.h"
#include "wire/members.h"
#include "wire/openai.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

/* What a usage object has, under its names. */
enum {
	INPUT,
	OUTPUT,
	PROMPT,
	COMPLETION,
	CACHED,
	NUM_CACHED,
	CACHE_HIT,
	CACHE_READ,
	CACHE_CREATION,
	PROMPT_DETAILS,
	COMPLETION_DETAILS,
	REASONING,
	TOTAL,
	COST,
	TICKS,
	N_USAGE
};
static const struct member usage_names[N_USAGE] = {
    [INPUT] = MEMBER("input_tokens"), /* as the Responses format has it */
    [OUTPUT] = MEMBER("output_tokens"),
    [PROMPT] = MEMBER("prompt_tokens"),
    [COMPLETION] = MEMBER("completion_tokens"),
    [CACHED] = MEMBER("cached_tokens"),               /* Moonshot */
    [NUM_CACHED] = MEMBER("num_cached_tokens"),       /* Mistral */
    [CACHE_HIT] = MEMBER("prompt_cache_hit_tokens"),  /* DeepSeek */
    [CACHE_READ] = MEMBER("cache_read_input_tokens"), /* Databricks */
    [CACHE_CREATION] = MEMBER("cache_creation_input_tokens"),
    [PROMPT_DETAILS] = MEMBER("prompt_tokens_details"),
    [COMPLETION_DETAILS] = MEMBER("completion_tokens_details"),
    [REASONING] = MEMBER("reasoning_tokens"), /* Perplexity */
    [TOTAL] = MEMBER("total_tokens"),
    [COST] = MEMBER("cost"),
    [TICKS] = MEMBER("cost_in_usd_ticks"),
};

static void
take(const struct json *j, int node, int64_t *out)
{
	int64_t v;

	if (node >= 0 && json_int(j, node, &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

static void
take_inner(const struct json *j, int details, const char *name, int64_t *out)
{
	if (details >= 0)
		take(j, json_get(j, details, name), out);
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
take_ticks(const struct json *j, int ticks, struct usage *u)
{
	int64_t t = -1;

	if (json_int(j, ticks, &t) == 0 && t >= 0 && !*u->cost)
		snprintf(u->cost, sizeof(u->cost), "%" PRId64 ".%010" PRId64, t / 10000000000, t % 10000000000);
}

/*
 * Some count tokens in the total only: xAI those of reasoning, Mistral those of audio, Google's compatible endpoint those of its
 * thinking, without a word about them elsewhere. Each is put where it belongs, if the sum comes out.
 */
static void
add_rest(const struct json *j, const int *m, int64_t *completion, int64_t *reasoning, struct usage *u)
{
	int details = m[COMPLETION_DETAILS] >= 0 || m[PROMPT_DETAILS] >= 0;
	int64_t total = -1;

	take(j, m[TOTAL], &total);
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
	int m[N_USAGE];

	if (json_type(j, node) != JSON_OBJECT)
		return;
	members_find(j, node, usage_names, N_USAGE, m);
	int of_prompt = m[PROMPT_DETAILS], of_completion = m[COMPLETION_DETAILS];
	take(j, m[INPUT], &u->prompt);
	take(j, m[OUTPUT], &completion);
	take(j, m[PROMPT], &u->prompt);
	take(j, m[COMPLETION], &completion);
	for (int i = CACHED; i <= CACHE_READ; i++)
		take(j, m[i], &u->cached);
	take(j, m[CACHE_CREATION], &u->cache_write);
	take_inner(j, of_prompt, "cached_tokens", &u->cached);
	take_inner(j, of_prompt, "cache_write_tokens", &u->cache_write);
	take_inner(j, of_prompt, "audio_tokens", &u->prompt_audio);
	take(j, m[REASONING], &reasoning);
	take_inner(j, of_completion, "reasoning_tokens", &reasoning);
	take_inner(j, of_completion, "audio_tokens", &u->completion_audio);
	take_inner(j, of_completion, "image_tokens", &u->completion_image);
	add_rest(j, m, &completion, &reasoning, u);
	if (reasoning >= 0)
		u->reasoning = reasoning;
	if (completion >= 0)
		u->completion = completion;
	take_cost(j, m[COST], u);
	take_ticks(j, m[TICKS], u);
}
