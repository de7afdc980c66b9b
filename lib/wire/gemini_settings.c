/* SPDX-License-Identifier: ISC */
/* generationConfig read: sampling, limits, the answer's form, thinking. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

static const struct {
	const char *theirs, *ours;
} same[] = {{"temperature", "temperature"}, {"topP", "top_p"}, {"topK", "top_k"}, {"maxOutputTokens", "max_tokens"},
    {"stopSequences", "stop"}, {"candidateCount", "n"}, {"seed", "seed"}, {"presencePenalty", "presence_penalty"},
    {"frequencyPenalty", "frequency_penalty"}, {"responseLogprobs", "logprobs"}, {"logprobs", "top_logprobs"}};

static const char *const known[] = {"temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount",
    "seed", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "responseMimeType", "responseSchema",
    "responseJsonSchema", "_responseJsonSchema", "responseModalities", "speechConfig", "imageConfig", "thinkingConfig",
    NULL};

/* A word in small letters, owned. */
static char *
small(const struct json *j, int node)
{
	char *word = json_dup(j, node, NULL);

	for (char *p = word; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return word;
}

static void
write_schema(struct gemini_ask *g, int schema, int openapi)
{
	jsonw_key(&g->w, "json_schema");
	jsonw_object(&g->w);
	jsonw_key(&g->w, "name");
	jsonw_str(&g->w, "answer"); /* OpenAI's has to have one */
	jsoncopy_known(&g->w, "schema", g->j, schema);
	if (schema < 0) {
		jsonw_key(&g->w, "schema");
		gemini_read_schema(g->j, openapi, &g->w);
	}
	jsonw_end_object(&g->w);
}

static void
read_format(struct gemini_ask *g, int config)
{
	int mime = gemini_get(g->j, config, "responseMimeType"), openapi = gemini_get(g->j, config, "responseSchema");
	int schema = gemini_get(g->j, config, "responseJsonSchema");
	int is_json = json_eq(g->j, mime, "application/json");

	if (schema < 0)
		schema = gemini_get(g->j, config, "_responseJsonSchema");
	if (mime >= 0 && !is_json && !json_eq(g->j, mime, "text/plain"))
		gemini_refuse(g, "responseMimeType"); /* text/x.enum */
	if (!is_json)
		return;
	jsonw_key(&g->w, "response_format");
	jsonw_object(&g->w);
	jsonw_key(&g->w, "type");
	jsonw_str(&g->w, schema >= 0 || openapi >= 0 ? "json_schema" : "json_object");
	if (schema >= 0 || openapi >= 0)
		write_schema(g, schema, openapi);
	jsonw_end_object(&g->w);
}

static void
read_modalities(struct gemini_ask *g, int list)
{
	if (json_type(g->j, list) != JSON_ARRAY)
		return;
	jsonw_key(&g->w, "modalities");
	jsonw_array(&g->w);
	for (int i = json_child(g->j, list); i >= 0; i = json_next(g->j, list, i)) {
		char *word = small(g->j, i);
		jsonw_str(&g->w, word);
		free(word);
	}
	jsonw_end_array(&g->w);
}

/* Of speech the one built-in voice; a dialogue of several, or a language, has no canonical form. */
static void
read_speech(struct gemini_ask *g, int speech)
{
	static const char *const of_speech[] = {"voiceConfig", NULL}, *const of_voice[] = {"prebuiltVoiceConfig", NULL};
	int voice = gemini_get(g->j, speech, "voiceConfig"), built = gemini_get(g->j, voice, "prebuiltVoiceConfig");
	int name = gemini_get(g->j, built, "voiceName");

	gemini_lose_members(g, speech, "speechConfig.", of_speech);
	gemini_lose_members(g, voice, "speechConfig.voiceConfig.", of_voice);
	if (name < 0)
		return;
	jsonw_key(&g->w, "audio");
	jsonw_object(&g->w);
	jsoncopy_known(&g->w, "voice", g->j, name);
	jsonw_end_object(&g->w);
}

static void
read_image(struct gemini_ask *g, int image)
{
	static const char *const of_image[] = {"aspectRatio", "imageSize", NULL};

	if (json_type(g->j, image) != JSON_OBJECT)
		return;
	gemini_lose_members(g, image, "imageConfig.", of_image);
	jsonw_key(&g->w, "image_config");
	jsonw_object(&g->w);
	jsoncopy_known(&g->w, "aspect_ratio", g->j, gemini_get(g->j, image, "aspectRatio"));
	jsoncopy_known(&g->w, "image_size", g->j, gemini_get(g->j, image, "imageSize"));
	jsonw_end_object(&g->w);
}

/* Thoughts aren't shown unless that is asked for. A budget of 0 is no thinking, -1 the model's own choice. */
static void
read_thinking(struct gemini_ask *g, int thinking)
{
	static const char *const of_thinking[] = {"thinkingBudget", "thinkingLevel", "includeThoughts", NULL};
	int shown = json_bool(g->j, gemini_get(g->j, thinking, "includeThoughts")) == 1;
	char *level = small(g->j, gemini_get(g->j, thinking, "thinkingLevel")); /* the words are those of effort */
	int64_t budget = 0;
	int has_budget = json_int(g->j, gemini_get(g->j, thinking, "thinkingBudget"), &budget) == 0;

	gemini_lose_members(g, thinking, "thinkingConfig.", of_thinking);
	if (shown || level || has_budget) {
		jsonw_key(&g->w, "reasoning");
		jsonw_object(&g->w);
		if (level || (has_budget && budget == 0)) {
			jsonw_key(&g->w, "effort");
			jsonw_str(&g->w, level ? level : "none");
		} else if (budget > 0) {
			jsonw_key(&g->w, "max_tokens");
			jsonw_int(&g->w, budget);
		} else {
			jsonw_key(&g->w, "enabled");
			jsonw_bool(&g->w, 1);
		}
		if (!shown && (level || budget)) {
			jsonw_key(&g->w, "exclude");
			jsonw_bool(&g->w, 1);
		}
		jsonw_end_object(&g->w);
	}
	free(level);
}

void
gemini_read_config(struct gemini_ask *g, int config)
{
	if (json_type(g->j, config) != JSON_OBJECT)
		return;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		jsoncopy_known(&g->w, same[i].ours, g->j, gemini_get(g->j, config, same[i].theirs));
	read_format(g, config);
	read_modalities(g, gemini_get(g->j, config, "responseModalities"));
	read_speech(g, gemini_get(g->j, config, "speechConfig"));
	read_image(g, gemini_get(g->j, config, "imageConfig"));
	read_thinking(g, gemini_get(g->j, config, "thinkingConfig"));
	gemini_lose_members(g, config, "generationConfig.", known);
}
