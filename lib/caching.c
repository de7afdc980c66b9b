/* SPDX-License-Identifier: ISC */
#include "caching.h"

#include <string.h>

#include "candidate.h"
#include "catalog.h"
#include "json.h"
#include "market.h"
#include "models.h"
#include "names.h"
#include "providers.h"
#include "str.h"

int
caching_expects(const struct json *request)
{
	int list = json_get(request, 0, "messages"), turns = 0;

	if (json_type(request, json_get(request, 0, "session_id")) == JSON_STRING)
		return 1;
	for (int m = json_child(request, list); m >= 0; m = json_next(request, list, m))
		turns += json_eq(request, json_get(request, m, "role"), "user");
	return turns >= 2;
}

/* Is it one of Anthropic's models, at a provider that takes the field? */
static int
has_to_be_asked(const struct candidate *c)
{
	if (strcmp(c->provider->wire, "anthropic") == 0)
		return 1;
	if (strcmp(c->provider->wire, "bedrock") == 0)
		return strstr(c->model, "anthropic.") != NULL;
	return c->provider->slug && strcmp(c->provider->slug, "openrouter") == 0 && str_starts(c->model, "anthropic/");
}

static int
is_priced(const struct candidate *c, struct models *ms)
{
	const struct model *m = market_row(c, ms);
	const struct json *j = m ? model_json(ms, m) : NULL;

	return j && json_path(j, 0, "pricing.input_cache_read") >= 0;
}

static int
any(const struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (has_to_be_asked(n->v + i))
			return 1;
	return 0;
}

void
caching_choose(struct names *n, struct providers *ps, enum caching how, int comes_again)
{
	struct catalog c = CATALOG_INIT;
	struct provider *router = providers_router(ps);

	if (how == CACHING_NO || !any(n) || (how == CACHING_AUTO && !comes_again))
		return;
	if (how == CACHING_AUTO && router)
		catalog_cached(&c, router, "models", NULL);
	for (size_t i = 0; i < n->n; i++)
		n->v[i].cache = has_to_be_asked(n->v + i) && (how == CACHING_YES || is_priced(n->v + i, &c.models));
	catalog_release(&c);
}
