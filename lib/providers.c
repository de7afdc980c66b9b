/* SPDX-License-Identifier: ISC */
#include "providers.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"

#define ROUTER "openrouter"
#define GATEWAY "gateway"

struct provider *
providers_get(struct providers *ps, const char *name, size_t n)
{
	for (size_t i = 0; i < ps->n; i++) {
		if (strlen(ps->v[i].name) == n && memcmp(ps->v[i].name, name, n) == 0)
			return &ps->v[i];
	}
	return NULL;
}

struct provider *
providers_router(struct providers *ps)
{
	return providers_get(ps, ROUTER, strlen(ROUTER));
}

int
provider_routes(const struct provider *p)
{
	return strcmp(p->name, ROUTER) == 0 || strcmp(p->name, GATEWAY) == 0;
}

/* ${NAME} in a base URL, from the environment. What isn't set stays: provider_ready() tells. */
static int
expand_base(struct provider *p, struct err *e)
{
	struct buf b = BUF_INIT;
	const char *at = p->base, *hole, *end;
	int r = 0;

	while ((hole = strstr(at, "${")) && (end = strchr(hole, '}'))) {
		char *name = xstrndup(hole + 2, (size_t)(end - hole - 2));
		const char *value = conf_env(name);
		buf_add(&b, at, (size_t)(hole - at));
		if (value)
			buf_add(&b, value, strlen(value) - (value[strlen(value) - 1] == '/'));
		else
			buf_add(&b, hole, (size_t)(end + 1 - hole));
		at = end + 1;
		free(name);
	}
	buf_adds(&b, at);
	if (at != p->base)
		r = provider_set_base(p, buf_str(&b), e);
	buf_release(&b);
	return r;
}

/* One row; an earlier one of its name wins. */
static int
add_row(struct providers *ps, char *line, int user, struct err *e)
{
	struct provider p;

	if (provider_parse(&p, line, e) == -1)
		return -1;
	if (expand_base(&p, e)) {
		provider_release(&p);
		return -1;
	}
	if (providers_get(ps, p.name, strlen(p.name))) {
		provider_release(&p);
		return 0;
	}
	p.user = user;
	ps->v = mem_grow(ps->v, ps->n, &ps->cap, sizeof(*ps->v));
	ps->v[ps->n++] = p;
	return 0;
}

static int
user_row(void *arg, char *line, struct err *e)
{
	return add_row(arg, line, 1, e);
}

static int
add_builtin(struct providers *ps, const char *row, struct err *e)
{
	char *line = xstrdup(row);
	int r = add_row(ps, line, 0, e);

	free(line);
	return r;
}

/* The official clients take some of these without the path that all of the provider's calls have in front. */
static int
override_base(struct provider *p, const char *url, const char *path, struct err *e)
{
	const char *host = strstr(url, "://");
	size_t n = host ? strcspn(host + 3, "/") : 0;
	struct buf b = BUF_INIT;

	buf_adds(&b, url);
	if (host && (!host[3 + n] || strcmp(host + 3 + n, "/") == 0)) {
		if (host[3 + n])
			b.p[--b.len] = '\0';
		buf_adds(&b, path);
	}
	int r = provider_set_base(p, buf_str(&b), e);
	buf_release(&b);
	return r;
}

static int
override_bases(struct providers *ps, struct err *e)
{
	static const struct {
		const char *name, *var, *path;
	} c[] = {{"openrouter", "OPENROUTER_BASE_URL", ""}, {"openai", "OPENAI_BASE_URL", ""},
	    {"anthropic", "ANTHROPIC_BASE_URL", "/v1"}, {"gemini", "GEMINI_BASE_URL", "/v1beta"}};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		const char *url = conf_env(c[i].var);
		if (url && override_base(providers_get(ps, c[i].name, strlen(c[i].name)), url, c[i].path, e) == -1)
			return err_wrap(e, "%s", c[i].var);
	}
	return 0;
}

/* Under or-serve, all calls go to it. Its key is the one that or-serve issued. */
static int
add_gateway(struct providers *ps, const char *url, struct err *e)
{
	int has_key = conf_env("OPENROUTER_API_KEY") != NULL;
	char *row = xstrdup(
	    has_key ? "gateway openai http://gateway env:OPENROUTER_API_KEY" : "gateway openai http://gateway none");
	int r = add_row(ps, row, 1, e);

	free(row);
	if (r == 0 && provider_set_base(&ps->v[0], url, e) == -1)
		r = err_wrap(e, "OR_GATEWAY");
	return r;
}

static int
add_rows(struct providers *ps, struct err *e)
{
	const char *gateway = conf_env("OR_GATEWAY");

	if (gateway)
		return add_gateway(ps, gateway, e);
	if (conf_table("providers", user_row, ps, e) == -1)
		return -1;
	for (size_t i = 0; provider_rows[i]; i++) {
		if (add_builtin(ps, provider_rows[i], e) == -1)
			return -1;
	}
	return override_bases(ps, e);
}

static int
user_alias(void *arg, char *line, struct err *e)
{
	return alias_parse(arg, line, e);
}

int
providers_load(struct providers *ps, struct err *e)
{
	if (add_rows(ps, e) == 0 && conf_table("aliases", user_alias, ps, e) == 0)
		return 0;
	providers_release(ps);
	return -1;
}

void
providers_release(struct providers *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		provider_release(&ps->v[i]);
	for (size_t i = 0; i < ps->n_alias; i++)
		alias_release(&ps->alias[i]);
	free(ps->v);
	free(ps->alias);
	*ps = (struct providers)PROVIDERS_INIT;
}

int
provider_configured(const struct provider *p)
{
	/* Amazon's other variables are there for other things, too */
	int is_amazon = strcmp(p->key, "aws:") == 0 && conf_env("AWS_BEARER_TOKEN_BEDROCK");

	return p->user || is_amazon || (str_starts(p->key, "env:") && conf_env(p->key + strlen("env:")));
}

int
provider_ready(const struct provider *p, struct err *e)
{
	const char *hole = strstr(p->base, "${");

	if (!hole)
		return 0;
	return err_set(e, ERR_CONFIG, "%s: %.*s is not set: it is a part of the base URL", p->name,
	    (int)strcspn(hole + 2, "}"), hole + 2);
}

const char *
provider_map_id(const struct provider *p, const char *model)
{
	for (size_t i = 0; i < p->n_map; i++) {
		if (strcmp(p->map[i].model, model) == 0)
			return p->map[i].id;
	}
	return NULL;
}
