/* SPDX-License-Identifier: ISC */
/* usageMetadata: cumulative, but keys come and go from chunk to chunk, and with Google's own tools counts go down:
 * the last word of each key counts. */
#include "json.h"
#include "wire/decoder.h"
#include "wire/gemini_state.h"

#define MAX_TOKENS 1000000000000000 /* nobody means more; sums stay in range */

enum modality { TEXT = 1, IMAGE, VIDEO, AUDIO, DOCUMENT };

static void
take(const struct json *j, int node, const char *key, int64_t *out)
{
	int64_t v;

	if (json_int(j, json_get(j, node, key), &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

/* Tokens of one modality in a list of {modality, tokenCount}; the modality may be its number. */
static void
take_modality(const struct json *j, int list, const char *word, enum modality number, int64_t *out)
{
	int64_t n;

	if (json_type(j, list) != JSON_ARRAY)
		return;
	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		int modality = json_get(j, i, "modality");
		if (json_eq(j, modality, word) || (json_int(j, modality, &n) == 0 && n == (int64_t)number))
			take(j, i, "tokenCount", out);
	}
}

static void
take_counts(const struct json *j, int node, struct gemini_counts *c)
{
	int prompt = json_get(j, node, "promptTokensDetails"), answer = json_get(j, node, "candidatesTokensDetails");

	take(j, node, "promptTokenCount", &c->prompt);
	take(j, node, "toolUsePromptTokenCount", &c->tools);
	take(j, node, "candidatesTokenCount", &c->candidates);
	take(j, node, "thoughtsTokenCount", &c->thoughts);
	take(j, node, "cachedContentTokenCount", &c->cached);
	take(j, node, "totalTokenCount", &c->total);
	take_modality(j, prompt, "AUDIO", AUDIO, &c->prompt_audio);
	take_modality(j, answer, "AUDIO", AUDIO, &c->audio);
	take_modality(j, answer, "IMAGE", IMAGE, &c->image);
}

/* -1 where both are unknown. */
static int64_t
sum(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a + b;
}

/* Without a promptTokenCount it is what the others leave of the total. */
static int64_t
prompt_of(const struct gemini_counts *c, int64_t completion)
{
	int64_t sent = sum(c->prompt, c->tools);

	if (c->prompt < 0 && c->total > completion)
		sent = c->total - (completion < 0 ? 0 : completion);
	return sent;
}

void
gemini_usage(struct decoder *d, const struct json *j, int node)
{
	struct gemini_counts *c = &gemini_state(d)->counts;

	if (json_type(j, node) != JSON_OBJECT)
		return;
	take_counts(j, node, c);
	d->usage.completion = sum(c->candidates, c->thoughts);
	d->usage.prompt = prompt_of(c, d->usage.completion);
	d->usage.reasoning = c->thoughts;
	d->usage.cached = c->cached;
	d->usage.prompt_audio = c->prompt_audio;
	d->usage.completion_audio = c->audio;
	d->usage.completion_image = c->image;
}
