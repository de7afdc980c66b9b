/* SPDX-License-Identifier: ISC */
#include "wire/service.h"

#include <string.h>

#include "buf.h"
#include "providers.h"
#include "wire/amazon.h"
#include "wire/wire.h"

static const char *const anthropic_header[] = {"anthropic-version: 2023-06-01", NULL};

/* Cohere's list lies in version 1 of its API, its chat in version 2. */
static void
cohere_list_url(struct buf *url, const struct provider *p)
{
	size_t n = strlen(p->base);

	if (n > 3 && strcmp(p->base + n - 3, "/v2") == 0) {
		buf_add(url, p->base, n - 3);
		buf_adds(url, "/v1");
	} else {
		buf_adds(url, p->base);
	}
	buf_adds(url, "/models?page_size=1000");
}

/* Lists that come in pages are asked for in one. */
static const struct service services[] = {
    {"openai", "/models", NULL, NULL, NULL, SERVICE_TIERS | SERVICE_FAST},
    {"completions", "/models", NULL, NULL, NULL, 0},
    {"responses", "/models", NULL, NULL, NULL, SERVICE_TIERS | SERVICE_FAST},
    {"anthropic", "/models?limit=1000", anthropic_header, NULL, NULL, SERVICE_FAST},
    {"gemini", "/models?pageSize=1000", NULL, NULL, NULL, SERVICE_TIERS | SERVICE_FAST},
    {"ollama", "/api/tags", NULL, NULL, NULL, 0},
    {"cohere", NULL, NULL, cohere_list_url, NULL, 0},
    {"bedrock", NULL, NULL, amazon_list_url, amazon_sign, SERVICE_TIERS | SERVICE_FAST},
    {"mock", NULL, NULL, NULL, NULL, 0},
};

const struct service *
service_get(const char *wire)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (strcmp(services[i].wire, wire) == 0)
			return services + i;
	return NULL;
}

int
service_authorise(const struct service *s, struct wire_call *c, const struct provider *p, const char *method,
    int64_t now_s, struct err *e)
{
	if (s->sign)
		return s->sign(c, p, method, now_s, e);
	provider_auth(p, &c->header, &c->url);
	return 0;
}
