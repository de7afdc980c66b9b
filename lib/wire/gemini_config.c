/* SPDX-License-Identifier: ISC */
/* generationConfig: sampling, limits, the answer's form, and how much is thought. Source: Google's reference of
 * GenerationConfig and its page on thinking. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/gemini.h"

#define MAX_BUDGET 24576     /* tokens of thinking that every model with a budget takes */
#define MAX_BUDGET_PRO 32768 /* 2.5 Pro's */
#define MIN_BUDGET_PRO 128   /* 2.5 Pro always thinks */

static void
write_stop(struct canon *c, struct jsonw *w)
{
	int stop = canon_get(c, "stop");
	size_t n;

	if (json_type(c->j, stop) != JSON_STRING) {
		jsoncopy_known(w, "stopSequences", c->j, stop);
		return;
	}
	const char *raw = json_raw(c->j, stop, &n);
	jsonw_key(w, "stopSequences");
	jsonw_array(w);
	jsonw_raw(w, raw, n);
	jsonw_end_array(w);
}

/* The name means nothing to the model. */
static void
lose_of_schema(struct canon *c, int schema)
{
	static const char *const members[] = {"name", "schema", "strict", NULL};

	canon_lose_members(c, schema, "response_format.json_schema.", members);
	if (json_bool(c->j, canon_member(c, schema, "strict")) == 1)
		canon_lose(c, "response_format.json_schema.strict");
}

static void
write_format(struct canon *c, struct jsonw *w)
{
	int format = canon_get(c, "response_format"), type = canon_member(c, format, "type");
	int schema = json_path(c->j, format, "json_schema.schema"), is_schema = json_eq(c->j, type, "json_schema");

	if (format < 0 || json_eq(c->j, type, "text"))
		return;
	if (!is_schema && !json_eq(c->j, type, "json_object")) {
		canon_refuse(c, "this response_format");
		return;
	}
	jsonw_key(w, "responseMimeType");
	jsonw_str(w, "application/json");
	if (is_schema)
		lose_of_schema(c, canon_member(c, format, "json_schema"));
	if (is_schema && json_type(c->j, schema) == JSON_OBJECT) {
		jsonw_key(w, "responseJsonSchema");
		gemini_write_schema(c->j, schema, w);
	}
}

static void
write_modalities(struct canon *c, struct jsonw *w)
{
	int list = canon_get(c, "modalities");

	if (json_type(c->j, list) != JSON_ARRAY)
		return;
	jsonw_key(w, "responseModalities");
	jsonw_array(w);
	for (int i = json_child(c->j, list); i >= 0; i = json_next(c->j, list, i)) {
		char *word = canon_dup(c, i);
		for (char *p = word; p && *p; p++)
			*p = (char)toupper((unsigned char)*p);
		jsonw_str(w, word);
		free(word);
	}
	jsonw_end_array(w);
}

/* audio{voice} and OpenRouter's image_config{aspect_ratio, image_size}. */
static void
write_media_config(struct canon *c, struct jsonw *w)
{
	static const char *const of_audio[] = {"voice", NULL}, *const of_image[] = {"aspect_ratio", "image_size", NULL};
	int audio = canon_get(c, "audio"), image = canon_get(c, "image_config");

	if (canon_member(c, audio, "voice") >= 0) {
		jsonw_key(w, "speechConfig");
		jsonw_object(w);
		jsonw_key(w, "voiceConfig");
		jsonw_object(w);
		jsonw_key(w, "prebuiltVoiceConfig");
		jsonw_object(w);
		jsoncopy_known(w, "voiceName", c->j, canon_member(c, audio, "voice"));
		jsonw_end_object(w);
		jsonw_end_object(w);
		jsonw_end_object(w);
	}
	if (json_type(c->j, image) == JSON_OBJECT) {
		jsonw_key(w, "imageConfig");
		jsonw_object(w);
		jsoncopy_known(w, "aspectRatio", c->j, canon_member(c, image, "aspect_ratio"));
		jsoncopy_known(w, "imageSize", c->j, canon_member(c, image, "image_size"));
		jsonw_end_object(w);
	}
	canon_lose_members(c, audio, "audio.", of_audio);
	canon_lose_members(c, image, "image_config.", of_image);
}

/* From version 3 on thinking has levels, and no off. */
static void
write_level(struct canon *c, struct jsonw *w, const struct canon_reasoning *r, const char *model)
{
	static const struct {
		const char *effort, *level;
	} levels[] = {{"max", "high"}, {"xhigh", "high"}, {"high", "high"}, {"medium", "medium"}, {"low", "low"}};
	int minimal = strstr(model, "gemini-3-flash") || strstr(model, "flash-lite") || !gemini_version(model);
	const char *level = minimal ? "minimal" : "low";

	if (r->wanted == 0)
		canon_lose(c, "reasoning.effort");
	for (size_t i = 0; r->wanted != 0 && i < sizeof(levels) / sizeof(*levels); i++)
		if (strcmp(levels[i].effort, r->effort) == 0)
			level = levels[i].level;
	jsonw_key(w, "thinkingLevel");
	jsonw_str(w, level);
}

static void
write_budget(struct jsonw *w, int64_t budget)
{
	jsonw_key(w, "thinkingBudget");
	jsonw_int(w, budget);
}

static void
write_effort(struct canon *c, struct jsonw *w, const struct canon_reasoning *r, const char *model)
{
	int is_pro = strstr(model, "2.5-pro") != NULL;
	int64_t most = is_pro ? MAX_BUDGET_PRO : MAX_BUDGET, n;

	if (r->wanted == 0) {
		write_budget(w, is_pro ? MIN_BUDGET_PRO : 0);
		if (is_pro)
			canon_lose(c, "reasoning.effort");
		return;
	}
	n = *r->effort ? canon_budget(r->effort, canon_limit(c)) : -1; /* -1: as much as it takes */
	write_budget(w, n > most ? most : n);
}

static void
write_thinking(struct canon *c, struct jsonw *w, const char *model)
{
	static const char *const members[] = {"effort", "max_tokens", "enabled", "exclude", "summary", NULL};
	struct canon_reasoning r;
	int version = gemini_version(model);

	canon_reasoning(c, &r);
	int has_levels = version >= 3 || (version == 0 && r.wanted == 1); /* a budget of 0 is still taken */
	canon_lose_members(c, canon_get(c, "reasoning"), "reasoning.", members);
	int shown =
	    !r.exclude && (r.wanted == 1 || (r.wanted < 0 && json_bool(c->j, canon_get(c, "include_reasoning")) == 1));
	if (r.wanted < 0 && !shown)
		return;
	jsonw_key(w, "thinkingConfig");
	jsonw_object(w);
	if (r.wanted == 1 && r.max_tokens > 0)
		write_budget(w, r.max_tokens);
	else if (has_levels && (*r.effort || !r.wanted))
		write_level(c, w, &r, model);
	else if (r.wanted >= 0 && !has_levels)
		write_effort(c, w, &r, model);
	if (shown) {
		jsonw_key(w, "includeThoughts");
		jsonw_bool(w, 1);
	}
	jsonw_end_object(w);
}

void
gemini_write_config(struct canon *c, struct jsonw *w, const char *model)
{
	static const char *const same[][2] = {{"temperature", "temperature"}, {"top_p", "topP"}, {"top_k", "topK"},
	    {"seed", "seed"}, {"n", "candidateCount"}, {"presence_penalty", "presencePenalty"},
	    {"frequency_penalty", "frequencyPenalty"}, {"logprobs", "responseLogprobs"}, {"top_logprobs", "logprobs"}};
	const char *limit = canon_get(c, "max_completion_tokens") >= 0 ? "max_completion_tokens" : "max_tokens";
	struct buf config = BUF_INIT;
	struct jsonw in;

	jsonw_init(&in, &config);
	jsonw_object(&in);
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		jsoncopy_known(&in, same[i][1], c->j, canon_get(c, same[i][0]));
	jsoncopy_known(&in, "maxOutputTokens", c->j, canon_get(c, limit));
	write_stop(c, &in);
	write_format(c, &in);
	write_modalities(c, &in);
	write_media_config(c, &in);
	write_thinking(c, &in, model);
	jsonw_end_object(&in);
	if (config.len > 2) {
		jsonw_key(w, "generationConfig");
		jsonw_raw(w, config.p, config.len);
	}
	buf_release(&config);
}
