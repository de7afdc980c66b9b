/* SPDX-License-Identifier: ISC */
/* What or-embed finds out before it reads: the model, its limits, the fields of the request. */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "catalog.h"
#include "conf.h"
#include "embed_tool.h"
#include "err.h"
#include "json.h"
#include "jsonedit.h"
#include "mem.h"
#include "routing.h"
#include "str.h"
#include "wire/embed.h"

#define MAX_BATCH_TOKENS 100000 /* estimated, where the provider says nothing */

static void
set_timeouts(struct embedder *x)
{
	for (size_t i = 0; i < x->providers.n; i++) {
		struct provider *p = x->providers.v + i;
		if (x->a.connect_set)
			p->connect_ms = x->a.connect_ms;
		if (x->a.idle_set)
			p->first_ms = p->idle_ms = x->a.idle_ms;
	}
}

static void
on_warning(void *arg, const char *text)
{
	embed_warn(arg, text);
}

static void
on_note(void *arg, const char *line)
{
	(void)arg;
	warnx("%s", line);
}

static void
on_prices(void *arg)
{
	struct embedder *x = arg;

	market_load(&x->market, &x->names, &x->providers, catalog_cached, 0, NULL);
}

static void
open_books(struct embedder *x)
{
	const struct booking_spec s = {.tool = "or-embed",
	    .tag = x->a.tag ? x->a.tag : conf_env("OR_TAG"),
	    .asked = x->names.chain[0],
	    .budget = x->policy.budget,
	    .n_budget = x->policy.n_budget,
	    .run_limit_pusd = x->a.budget_pusd,
	    .arg = x,
	    .on_warning = on_warning,
	    .on_prices = on_prices};

	x->booking = booking_new(&s);
}

/* Who is asked, in which order. Nothing is completed: a cap on completions caps nothing. */
static int
plan(struct embedder *x, struct err *e)
{
	struct json j = JSON_INIT;
	const struct routing_spec s = {.ps = &x->providers,
	    .pinned = x->a.provider != NULL,
	    .max_prompt = x->a.max_prompt,
	    .max_completion = PRICE_UNKNOWN,
	    .booking = x->booking,
	    .arg = x,
	    .on_note = x->a.verbose ? on_note : NULL,
	    .on_warning = on_warning};
	int r = json_parse(&j, "{}", 2, e);

	if (!r)
		r = routing_choose(&x->names, &x->market, &j, &s, e);
	json_release(&j);
	return r;
}

int
embed_choose_model(struct embedder *x, struct err *e)
{
	struct names_spec s = {.ps = &x->providers, .chain = x->a.model, .pin = x->a.provider, .list = catalog_fresh};

	if (!s.chain)
		s.chain = conf_env("OR_EMBED_MODEL");
	if (!s.chain)
		return err_set(e, ERR_CONFIG, "no model: OR_EMBED_MODEL=... or -m (-m mock/embed to try it)");
	if (strchr(s.chain, ','))
		return err_set(e, ERR_USAGE, "-m %s: one model, since vectors of two can't be compared", s.chain);
	if (providers_load(&x->providers, e) || policy_load(&x->policy, e))
		return -1;
	set_timeouts(x);
	if (names_resolve(&x->names, &s, e))
		return -1;
	if (x->names.chain[0] && x->names.chain[1])
		return err_set(e, ERR_USAGE, "-m %s: one model, since vectors of two can't be compared", s.chain);
	if (*x->names.warning)
		embed_warn(x, x->names.warning);
	open_books(x);
	return plan(x, e);
}

static int
set_option(struct jsonedit *edits, const char *option, struct err *e)
{
	const char *eq = strchr(option, '=');
	struct json value = JSON_INIT;

	if (!eq || eq == option)
		return err_set(e, ERR_USAGE, "-O %s: not key=value", option);
	char *path = xstrndup(option, (size_t)(eq - option));
	int own = strcmp(path, "model") == 0 || strcmp(path, "input") == 0 || strcmp(path, "dimensions") == 0;
	if (own)
		err_set(e, ERR_USAGE, "-O %s: say -m, -d, or give it as input", path);
	else if (json_parse(&value, eq + 1, strlen(eq + 1), NULL) == 0)
		jsonedit_set(edits, path, eq + 1, strlen(eq + 1));
	else
		jsonedit_set_str(edits, path, eq + 1);
	json_release(&value);
	free(path);
	return own ? -1 : 0;
}

/* Some want to be told that a text is a query. */
static int
wants_purpose(const struct provider *p)
{
	return strcmp(p->wire, "cohere") == 0 || strcmp(p->wire, "bedrock") == 0;
}

int
embed_options(struct embedder *x, struct err *e)
{
	struct jsonedit edits = JSONEDIT_INIT;
	struct json base = JSON_INIT;
	struct buf b = BUF_INIT;
	int r = json_parse(&base, "{}", 2, e);

	for (size_t i = 0; r == 0 && i < x->a.n_option; i++)
		r = set_option(&edits, x->a.option[i], e);
	if (x->a.query && wants_purpose(x->names.v->provider) && !jsonedit_find(&edits, "input_type", NULL))
		jsonedit_set_str(&edits, "input_type", "search_query");
	if (x->a.dims) {
		buf_addf(&b, "%" PRId64, x->a.dims);
		jsonedit_set(&edits, "dimensions", b.p, b.len);
		buf_clear(&b);
	}
	if (r == 0)
		r = jsonedit_write(&edits, &base, &b, e);
	if (r == 0 && b.len > 2) { /* its members, to go behind the input */
		buf_addc(&x->options, ',');
		buf_add(&x->options, b.p + 1, b.len - 2);
	}
	buf_release(&b);
	json_release(&base);
	jsonedit_release(&edits);
	return r;
}

/* The context of the model, where the catalog that is cached has its row. */
static size_t
cached_context(struct embedder *x)
{
	struct provider *p = providers_router(&x->providers);
	struct catalog c = CATALOG_INIT;
	size_t n = 0;

	if (p && strcmp(x->names.v->provider->wire, "mock") != 0 &&
	    catalog_load(&c, p, "models", CATALOG_CACHED, 0, NULL, NULL, NULL) == 0) {
		const struct model *row = market_row(x->names.v, &c.models);
		n = row && row->context > 0 ? (size_t)row->context : 0;
	}
	catalog_release(&c);
	return n;
}

int
embed_limits(struct embedder *x, struct embed_spec *s, struct err *e)
{
	const struct candidate *c = x->names.v;
	struct embed_limits l;

	wire_embed_limits(&l, c->provider, c->model);
	s->max_texts = (size_t)x->a.batch;
	if (l.inputs && l.inputs < s->max_texts)
		s->max_texts = l.inputs;
	s->max_tokens = l.tokens ? l.tokens : MAX_BATCH_TOKENS;
	s->max_text_tokens = x->a.max_tokens ? (size_t)x->a.max_tokens : l.input_tokens;
	s->strict = l.cuts;
	if (!s->max_text_tokens)
		s->max_text_tokens = cached_context(x);
	if (x->a.split && !s->max_text_tokens)
		return err_set(e, ERR_USAGE, "--split: nobody knows how much %s takes: say --max-tokens", c->name);
	if (x->a.verbose)
		warnx("%s:%s: up to %zu texts and about %zu tokens a request%s", c->provider->name, c->model,
		    s->max_texts, s->max_tokens, s->max_text_tokens ? "" : "; how long a text may be isn't known");
	return 0;
}

int
embed_open_cache(struct embedder *x, struct err *e)
{
	const struct candidate *c = x->names.v;
	struct buf model = BUF_INIT;

	if (!x->a.cache)
		return 0;
	buf_addf(&model, "%s:%s", c->provider->name, c->model);
	int r = embed_cache_open(&x->cache, x->a.cache, model.p, x->a.dims, buf_str(&x->options), e);
	buf_release(&model);
	return r;
}
