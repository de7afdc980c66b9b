/* SPDX-License-Identifier: ISC */
/* Who takes what. Each row's reason is in DEVIATIONS.md. */
#include <string.h>

#include "providers.h"
#include "wire/openai.h"

#define MEDIA (OPENAI_IMAGE | OPENAI_AUDIO | OPENAI_FILE | OPENAI_VIDEO)
#define OPENROUTER \
	(OPENAI_ROUTING | OPENAI_SAMPLING | OPENAI_EFFORT | OPENAI_REASONING | OPENAI_PLAYBACK | OPENAI_TOOLS | MEDIA)
/* What nearly all take. */
#define USUAL (OPENAI_STREAM_OPTIONS | OPENAI_EFFORT | OPENAI_TOOLS)
/* What an unknown server gets: most run vLLM, llama.cpp or something made after them. */
#define COMMON (USUAL | OPENAI_SAMPLING | MEDIA)

static const char *const mistral_refuses[] = {"logit_bias", "user", "store", "service_tier", "verbosity", "modalities",
    "audio", "web_search_options", "prompt_cache_key", "safety_identifier", NULL};
static const char *const groq_refuses[] = {"logit_bias", "logprobs", "top_logprobs", NULL};
static const char *const cerebras_refuses[] = {"frequency_penalty", "presence_penalty", "logit_bias", NULL};

static const struct {
	const char *name; /* of the provider */
	const char *host; /* part of the host of its base URL; NULL: only the name tells */
	struct openai_dialect dialect;
} rows[] = {
    {"openrouter", "openrouter.ai", {OPENROUTER, NULL}},
    {"gateway", NULL, {OPENROUTER, NULL}},
    {"mock", NULL, {OPENROUTER, NULL}},
    {"openai", "api.openai.com", {USUAL | OPENAI_NEW_LIMIT | OPENAI_IMAGE | OPENAI_AUDIO | OPENAI_FILE, NULL}},
    {"azure", "azure.com", {USUAL | OPENAI_NEW_LIMIT | OPENAI_IMAGE | OPENAI_AUDIO | OPENAI_FILE, NULL}},
    {"mistral", "api.mistral.ai",
	{OPENAI_EFFORT | OPENAI_TOOLS | OPENAI_OLD_LIMIT | OPENAI_RANDOM_SEED | OPENAI_IMAGE | OPENAI_AUDIO,
	    mistral_refuses}},
    {"groq", "api.groq.com", {USUAL | OPENAI_IMAGE, groq_refuses}},
    {"deepseek", "api.deepseek.com", {USUAL | OPENAI_OLD_LIMIT | OPENAI_PLAY_CONTENT, NULL}},
    {"xai", "api.x.ai", {USUAL | OPENAI_IMAGE, NULL}},
    {"together", "api.together", {USUAL | OPENAI_OLD_LIMIT | OPENAI_SAMPLING | OPENAI_IMAGE | OPENAI_VIDEO, NULL}},
    {"fireworks", "fireworks.ai", {USUAL | OPENAI_SAMPLING | OPENAI_PLAY_CONTENT | OPENAI_IMAGE, NULL}},
    {"perplexity", "perplexity.ai", {OPENAI_EFFORT | OPENAI_OLD_LIMIT | OPENAI_IMAGE | OPENAI_FILE, NULL}},
    {"cerebras", "cerebras.ai", {USUAL | OPENAI_IMAGE, cerebras_refuses}},
    {"moonshot", "api.moonshot.", {USUAL | OPENAI_PLAY_CONTENT | OPENAI_IMAGE | OPENAI_VIDEO, NULL}},
    {"zai", "api.z.ai", {USUAL | OPENAI_OLD_LIMIT | OPENAI_PLAY_CONTENT | OPENAI_IMAGE | OPENAI_VIDEO, NULL}},
    {"gemini-compat", "generativelanguage.googleapis.com", {USUAL | OPENAI_IMAGE | OPENAI_AUDIO, NULL}},
};
#define N_ROWS (sizeof(rows) / sizeof(*rows))

/* The host of a URL: a path may hold another provider's name. */
static const char *
host_of(const char *url, size_t *n)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	*n = strcspn(host, "/?");
	return host;
}

/* memmem() prepares itself for more than a host. */
static int
has_part(const char *host, size_t n, const char *part)
{
	size_t len = strlen(part);

	for (const char *p = host, *end = host + n; (p = memchr(p, *part, (size_t)(end - p))); p++) {
		if ((size_t)(end - p) < len)
			return 0;
		if (memcmp(p, part, len) == 0)
			return 1;
	}
	return 0;
}

const struct openai_dialect *
openai_dialect(const struct provider *p)
{
	static const struct openai_dialect common = {COMMON, NULL}, all = {OPENROUTER, NULL};

	if (!p)
		return &all;
	for (size_t i = 0; i < N_ROWS; i++)
		if (*rows[i].name == *p->name && strcmp(rows[i].name, p->name) == 0)
			return &rows[i].dialect;
	size_t n;
	const char *host = host_of(p->base, &n);
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].host && has_part(host, n, rows[i].host))
			return &rows[i].dialect;
	return &common;
}
