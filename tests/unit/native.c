/* SPDX-License-Identifier: ISC */
/* A logical model in a provider's own list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "models.h"
#include "native.h"
#include "tap.h"

static void
find(const char *list, const char *slug, const char *name, const char *want)
{
	struct models ms = MODELS_INIT;
	struct buf text = BUF_INIT;
	struct err e = {0};
	char *copy = strdup(list), *save = NULL;

	buf_adds(&text, "{\"data\":[");
	for (char *id = strtok_r(copy, " ", &save); id; id = strtok_r(NULL, " ", &save)) {
		char *at = strchr(id, '#'); /* id#created */
		buf_addf(&text, "%s{\"id\":\"%.*s\",\"created\":%s}", text.p[text.len - 1] == '[' ? "" : ",",
		    at ? (int)(at - id) : (int)strlen(id), id, at ? at + 1 : "0");
	}
	buf_adds(&text, "]}");
	models_parse(&ms, text.p, text.len, &e);
	const struct model *m = native_find(&ms, native_author(slug), name);
	tap_is_str(m ? m->id : "-", want, name);
	models_release(&ms);
	buf_release(&text);
	free(copy);
}

int
main(void)
{
	find("gpt-4o gpt-4o-mini", "openai", "openai/gpt-4o", "gpt-4o");
	find("gpt-4o-mini", "openai", "openai/gpt-4o", "-");
	find("gpt-4o-2024-05-13 gpt-4o-2024-08-06", "openai", "openai/gpt-4o", "gpt-4o-2024-08-06");
	find("gpt-4o-2024-05-13#9 gpt-4o-2024-08-06#5", "openai", "openai/gpt-4o", "gpt-4o-2024-05-13");
	find("gpt-4o-2024-05-13#9 gpt-4o#1", "openai", "openai/gpt-4o", "gpt-4o");
	find("gpt-4o", "openai", "openai/gpt-4o-2024-05-13", "-");
	find("gpt-4-0613", "openai", "openai/gpt-4", "gpt-4-0613");
	find("GPT-4o", "openai", "openai/gpt-4o", "GPT-4o");
	find("claude-opus-4-1-20250805", "anthropic", "anthropic/claude-opus-4.1", "claude-opus-4-1-20250805");
	find("claude-3-opus-latest", "anthropic", "anthropic/claude-3-opus", "claude-3-opus-latest");
	find("claude-3-opus-fast", "anthropic", "anthropic/claude-3-opus", "-");
	find("gemini-2.5-flash gemini-2.5-flash-preview-09-2025", "google-ai-studio", "google/gemini-2.5-flash",
	    "gemini-2.5-flash");
	find("gemini-2.0-flash-001", "google-vertex", "google/gemini-2.0-flash", "gemini-2.0-flash-001");
	find("mistral-large-2411 mistral-large-2512", "mistral", "mistralai/mistral-large", "mistral-large-2512");
	find("command-a-03-2025", "cohere", "cohere/command-a", "command-a-03-2025");
	find("grok-4.3", "xai", "x-ai/grok-4.3", "grok-4.3");
	find("grok-4.3", "xai", "openai/grok-4.3", "-");
	find("grok-4.3", NULL, "x-ai/grok-4.3", "-");
	find("openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b");
	find("zai-org/GLM-4.6 deepseek-ai/DeepSeek-V3.1", "together", "z-ai/glm-4.6", "zai-org/GLM-4.6");
	find("zai-org/GLM-4.6 deepseek-ai/DeepSeek-V3.1", "together", "deepseek/deepseek-v3.1",
	    "deepseek-ai/DeepSeek-V3.1");
	find("llama-3.3-70b", "groq", "meta-llama/llama-3.3-70b", "-");
	find("anthropic.claude-3-5-sonnet-20240620-v1:0 anthropic.claude-3-5-sonnet-20241022-v2:0", "amazon-bedrock",
	    "anthropic/claude-3.5-sonnet", "anthropic.claude-3-5-sonnet-20241022-v2:0");
	find("us.anthropic.claude-opus-4-1-20250805-v1:0", "amazon-bedrock", "anthropic/claude-opus-4.1",
	    "us.anthropic.claude-opus-4-1-20250805-v1:0");
	find("amazon.nova-pro-v1:0", "amazon-bedrock", "amazon/nova-pro-v1", "amazon.nova-pro-v1:0");
	find("meta.llama3-8b-instruct-v1:0", "amazon-bedrock", "meta-llama/llama3-8b-instruct",
	    "meta.llama3-8b-instruct-v1:0");
	find("accounts/fireworks/models/x", "fireworks", "fireworks/x", "-");
	find("m", "openai", "m", "-");
	find("", "openai", "openai/", "-");
	return tap_done();
}
