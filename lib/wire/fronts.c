/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "wire/front.h"

const struct front *
front_get(const char *name)
{
	static const struct front *const fronts[] = {&front_openai, &front_completions, &front_responses,
	    &front_anthropic, &front_gemini, &front_ollama, &front_cohere, &front_bedrock};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++)
		if (strcmp(fronts[i]->name, name) == 0)
			return fronts[i];
	return NULL;
}
