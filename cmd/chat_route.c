/* SPDX-License-Identifier: ISC */
/* Where or-chat's request goes: tables, models, presets, the plan, and who pays. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "chat.h"
#include "conf.h"
#include "err.h"
#include "mem.h"
#include "request.h"
#include "routing.h"

static void
on_warning(void *arg, const char *text)
{
	chat_warn(arg, "%s", text);
}

static void
on_remark(void *arg, const char *text)
{
	struct chat *c = arg;

	if (c->n_warning < CHAT_MAX_WARNINGS)
		c->warning[c->n_warning++] = xstrdup(text);
	if (c->a.verbose)
		warnx("%s", text);
}

static void
on_note(void *arg, const char *line)
{
	(void)arg;
	warnx("%s", line);
}

/* The catalog is read while the model thinks. */
static void
on_prices(void *arg)
{
	struct chat *c = arg;

	market_load(&c->market, &c->names, &c->providers, catalog_cached, 0, NULL);
}

int
chat_load_tables(struct chat *c, struct err *e)
{
	return providers_load(&c->providers, e) || policy_load(&c->policy, e) ? -1 : 0;
}

/* The books of this run. After the tables, before the plan. */
static void
open_books(struct chat *c)
{
	names_list(&c->names, &c->asked);
	const struct booking_spec s = {.tool = "or-chat",
	    .tag = c->a.tag ? c->a.tag : conf_env("OR_TAG"),
	    .asked = buf_str(&c->asked),
	    .budget = c->policy.budget,
	    .n_budget = c->policy.n_budget,
	    .run_limit_pusd = c->a.budget_pusd,
	    .content = conf_env("OR_LEDGER_CONTENT") && strcmp(conf_env("OR_LEDGER_CONTENT"), "1") == 0,
	    .arg = c,
	    .on_warning = on_warning,
	    .on_remark = on_remark,
	    .on_prices = on_prices};

	c->booking = booking_new(&s);
}

/* Lists of models are fetched with the timeouts that were asked for, as the call itself. */
static void
set_timeouts(struct chat *c)
{
	for (size_t i = 0; i < c->providers.n; i++) {
		struct provider *p = c->providers.v + i;
		if (c->a.connect_set)
			p->connect_ms = c->a.connect_ms;
		if (c->a.idle_set)
			p->first_ms = p->idle_ms = c->a.idle_ms;
	}
}

/* Does the chain say what the request says already? Then its bytes stay. */
static int
same_chain(const struct names *n, const char *named)
{
	struct buf b = BUF_INIT;

	names_list(n, &b);
	int same = strcmp(buf_str(&b), named) == 0;
	buf_release(&b);
	return same;
}

/* The first rule that fits the prompt as it is so far. */
static const char *
by_rule(struct chat *c)
{
	struct policy_text t = {
	    .tag = c->a.tag ? c->a.tag : conf_env("OR_TAG"), .text = buf_str(&c->prompt), .n = c->prompt.len};
	struct buf scratch = BUF_INIT;
	struct json j = JSON_INIT;

	if (c->a.request && !c->prompt.len && json_parse(&j, buf_str(&c->base), c->base.len, NULL) == 0)
		policy_text(&t, &j, t.tag, &scratch);
	t.has_image |= c->parts.len && strstr(c->parts.p, "\"image_url\"") != NULL;
	const char *chain = policy_rule(&c->policy, &t);
	json_release(&j);
	buf_release(&scratch);
	return chain;
}

/* The preset that -O or the request itself names; NULL. Owned. */
static char *
named_preset(const struct chat *c)
{
	struct json j = JSON_INIT;
	char *name = NULL;

	for (size_t i = 0; i < c->a.option.n; i++)
		if (strncmp(c->a.option.v[i], "preset=", 7) == 0) {
			free(name);
			name = xstrdup(c->a.option.v[i] + 7);
		}
	if (!name && c->a.request && json_parse(&j, buf_str(&c->base), c->base.len, NULL) == 0)
		name = json_dup(&j, json_get(&j, 0, "preset"), NULL);
	json_release(&j);
	return name;
}

/* Which models: -m, else the request's, its preset's, a rule's, the default. Owned; NULL: the default. */
static char *
choose_chain(struct chat *c, char **named, struct err *e)
{
	char *preset = named_preset(c), *chain = NULL;

	*named = NULL;
	if (c->a.model)
		chain = xstrdup(c->a.model);
	else if (c->a.request && (*named = request_chain(buf_str(&c->base), c->base.len, e)))
		chain = xstrdup(*named);
	if (e->kind)
		err_wrap(e, "the request");
	else if (policy_choose_preset(&c->policy, preset, &chain, &c->preset, e) == 0 && !chain) {
		const char *rule = by_rule(c);
		const char *other = rule ? rule : c->a.provider ? NULL : conf_env("OR_MODEL");
		chain = other ? xstrdup(other) : NULL;
	}
	free(preset);
	return chain;
}

int
chat_choose_models(struct chat *c, struct err *e)
{
	char *named = NULL, *chain = choose_chain(c, &named, e);
	struct names_spec s = {.ps = &c->providers,
	    .chain = chain,
	    .pin = c->a.provider,
	    .list = c->a.dry_run ? catalog_cached : catalog_fresh};
	int r = e->kind ? -1 : 0;

	set_timeouts(c);
	if (!r)
		r = names_resolve(&c->names, &s, e);
	c->keep_model = !r && named && same_chain(&c->names, named);
	if (*c->names.warning)
		chat_warn(c, "%s", c->names.warning);
	if (!r)
		open_books(c);
	free(named);
	free(chain);
	return r;
}

/* A seed of sampling is one of routing, too: the same run takes the same way. */
static uint64_t
seed(const struct chat *c)
{
	uint64_t r = (uint64_t)c->a.seed;

	if (!c->a.has_seed)
		(void)!getrandom(&r, sizeof(r), 0);
	return r;
}

int
chat_plan(struct chat *c, struct err *e)
{
	struct json j = JSON_INIT;
	const struct routing_spec s = {.ps = &c->providers,
	    .pinned = c->a.provider != NULL,
	    .max_prompt = c->a.max_prompt,
	    .max_completion = c->a.max_completion,
	    .booking = c->booking,
	    .seed = seed(c),
	    .arg = c,
	    .on_note = c->a.verbose ? on_note : NULL,
	    .on_warning = on_warning};
	int r = json_parse(&j, c->request.p, c->request.len, e);

	if (!r && c->a.dry_run)
		market_open(&c->market, &c->names);
	else if (!r)
		r = routing_choose(&c->names, &c->market, &j, &s, e);
	json_release(&j);
	return r;
}
