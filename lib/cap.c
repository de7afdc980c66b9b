/* SPDX-License-Identifier: ISC */
#include "cap.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalog.h"
#include "candidate.h"
#include "err.h"
#include "event.h"
#include "models.h"
#include "names.h"
#include "native.h"
#include "providers.h"

/* The mock's prices, so that everything that counts money can be tried with it: $1 in, $2 out per million words. */
#define MOCK_PROMPT "1"
#define MOCK_COMPLETION "2"

struct prices {
	price_t prompt, completion;
};

/* What needs no catalog. 0: the catalog has to tell. */
static int
own_price(const struct candidate *c, struct prices *p)
{
	if (strcmp(c->provider->wire, "mock") == 0)
		return price_parse_pair(MOCK_PROMPT "," MOCK_COMPLETION, 0, &p->prompt, &p->completion) == 0;
	if (c->provider->prompt == PRICE_UNKNOWN)
		return 0;
	p->prompt = c->provider->prompt;
	p->completion = c->provider->completion;
	return 1;
}

/* Variants that only change the route are no rows of the catalog. */
static const struct model *
find(struct models *ms, const char *id)
{
	const struct model *m = models_find(ms, id);
	char *base;

	if (m || !strchr(id, ':'))
		return m;
	base = strdup(id);
	if (!base)
		return NULL;
	*strrchr(base, ':') = '\0';
	m = models_find(ms, base);
	free(base);
	return m;
}

const struct model *
cap_row(const struct candidate *c, struct models *ms)
{
	const struct model *m;
	struct buf id = BUF_INIT;

	if (strcmp(c->provider->name, "openrouter") == 0)
		buf_adds(&id, c->model);
	else if (strchr(c->name, '/'))
		buf_adds(&id, c->name);
	else
		buf_addf(
		    &id, "%s/%s", c->provider->slug ? native_author(c->provider->slug) : c->provider->name, c->model);
	m = find(ms, buf_str(&id));
	buf_release(&id);
	return m;
}

static struct prices
catalog_price(const struct candidate *c, struct models *ms)
{
	const struct model *m = cap_row(c, ms);
	const struct prices none = {PRICE_UNKNOWN, PRICE_UNKNOWN};

	return m ? (struct prices){m->prompt, m->completion} : none;
}

static int
passes(const struct prices *p, price_t max_prompt, price_t max_completion)
{
	if (max_prompt != PRICE_UNKNOWN && (p->prompt == PRICE_UNKNOWN || p->prompt > max_prompt))
		return 0;
	return max_completion == PRICE_UNKNOWN || (p->completion != PRICE_UNKNOWN && p->completion <= max_completion);
}

static int
needs_catalog(const struct names *n)
{
	struct prices p;

	for (size_t i = 0; i < n->n; i++)
		if (!own_price(n->v + i, &p))
			return 1;
	return 0;
}

static void
say_price(struct buf *b, const struct candidate *c, const struct prices *p)
{
	if (b->len)
		buf_adds(b, "; ");
	buf_addf(b, "%s costs ", c->name);
	if (p->prompt == PRICE_UNKNOWN)
		buf_adds(b, "nobody knows what");
	else {
		buf_addc(b, '$');
		price_emit_million(b, p->prompt);
		buf_adds(b, " in, $");
		price_emit_million(b, p->completion);
		buf_adds(b, " out per million");
	}
}

/* Keeps those that pass, in order. */
static int
keep_passing(struct names *n, struct models *ms, price_t max_prompt, price_t max_completion, struct err *e)
{
	struct buf why = BUF_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++) {
		struct candidate *c = n->v + i;
		struct prices p;
		if (!own_price(c, &p))
			p = catalog_price(c, ms);
		if (passes(&p, max_prompt, max_completion)) {
			n->v[kept++] = *c;
			continue;
		}
		say_price(&why, c, &p);
		free(c->model);
		free(c->name);
	}
	n->n = kept;
	int r = kept ? 0 : err_set(e, ERR_CAP, "-p: %s", buf_str(&why));
	buf_release(&why);
	return r;
}

int
cap_names(
    struct names *n, struct providers *ps, price_t max_prompt, price_t max_completion, int *fetched, struct err *e)
{
	struct catalog c = CATALOG_INIT;
	struct provider *router = providers_get(ps, "openrouter", strlen("openrouter"));
	int r = 0;

	if (max_prompt == PRICE_UNKNOWN && max_completion == PRICE_UNKNOWN)
		return 0;
	if (needs_catalog(n) && router) {
		r = catalog_load(&c, router, "models", CATALOG_FRESH, CATALOG_MAX_AGE_S, NULL, NULL, e);
		*fetched = !r && !c.from_cache;
		if (*c.warning)
			strlcpy(n->warning, c.warning, sizeof(n->warning));
	}
	if (!r)
		r = keep_passing(n, &c.models, max_prompt, max_completion, e);
	catalog_release(&c);
	return r;
}

const char *
cap_cost(const struct candidate *c, const struct usage *u, struct buf *usd)
{
	struct pricing pricing = {0};
	struct prices p;
	int64_t pusd;

	if (*u->cost && price_parse_pusd(u->cost, strlen(u->cost), &pusd) == 0) {
		price_emit_pusd(usd, pusd);
		return "reported";
	}
	if (!c || u->prompt < 0 || u->completion < 0 || !own_price(c, &p))
		return "unknown";
	pricing.item[PRICE_PROMPT] = p.prompt;
	pricing.item[PRICE_COMPLETION] = p.completion;
	pricing.has = 1U << PRICE_PROMPT | 1U << PRICE_COMPLETION;
	pusd = pricing_cost_pusd(&pricing, u, 0, 0);
	if (pusd == PUSD_UNKNOWN)
		return "unknown";
	price_emit_pusd(usd, pusd);
	return "computed";
}
