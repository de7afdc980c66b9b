/* SPDX-License-Identifier: ISC */
/* How much a provider takes at once, and how long an input may be. */
#include <string.h>

#include "providers.h"
#include "str.h"
#include "wire/embed.h"

/* By the provider's name, else by its wire. */
static const struct {
	const char *who;
	size_t inputs, tokens;
} places[] = {
    {"openai", 2048, 300000},
    {"mistral", 1000, 16384},
    {"voyage", 1000, 120000},
    {"cohere", 96, 0},
    {"gemini", 100, 0},
    {"vertex", 1, 0},
    {"bedrock", 1, 0},
    {"mock", 2048, 0},
};

/* By the beginning of the model's name, behind any author. */
static const struct {
	const char *model;
	size_t tokens;
	int cuts;
} models[] = {
    {"text-embedding-3-", 8192, 0},
    {"text-embedding-ada-002", 8192, 0},
    {"gemini-embedding-001", 2048, 1},
    {"gemini-embedding-2", 8192, 1},
    {"text-embedding-004", 2048, 1},
    {"embed-v4", 128000, 0},
    {"embed-english-", 512, 0},
    {"embed-multilingual-", 512, 0},
    {"mistral-embed", 8192, 0},
    {"codestral-embed", 8192, 0},
    {"voyage-", 32000, 0},
    {"amazon.titan-embed-text-", 8192, 0},
    {"cohere.embed-v4", 128000, 0},
    {"cohere.embed-", 512, 0},
    {"pplx-embed-", 32768, 0},
};

void
wire_embed_limits(struct embed_limits *l, const struct provider *p, const char *model)
{
	const char *slash = strrchr(model, '/'), *name = slash ? slash + 1 : model;
	int bedrock = strcmp(p->wire, "bedrock") == 0; /* there may be a region in front of the name */

	*l = (struct embed_limits){0, 0, 0, 0};
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(places[i].who, p->name) == 0 || (!l->inputs && strcmp(places[i].who, p->wire) == 0)) {
			l->inputs = places[i].inputs;
			l->tokens = places[i].tokens;
		}
	if (bedrock && strstr(name, "cohere."))
		l->inputs = 96;
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		if (str_starts(name, models[i].model) || (bedrock && strstr(name, models[i].model))) {
			l->input_tokens = models[i].tokens;
			l->cuts = models[i].cuts;
			return;
		}
}
