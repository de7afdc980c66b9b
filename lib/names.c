/* SPDX-License-Identifier: ISC */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalog.h"
#include "candidate.h"
#include "err.h"
#include "mem.h"
#include "models.h"
#include "native.h"
#include "providers.h"
#include "route.h"
#include "str.h"

#define MAX_NEAR 3

static void
add(struct names *out, struct provider *p, const char *id, const char *name, size_t chain)
{
	out->v = mem_grow(out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] =
	    (struct candidate){.provider = p, .model = xstrdup(id), .name = xstrdup(name), .chain = (int)chain};
}

static struct provider *
by_name(const struct names_spec *s, const char *name)
{
	return providers_get(s->ps, name, strlen(name));
}

/* The providers that a key, or the user's table, makes ready: "a, b, c". */
static size_t
configured(const struct names_spec *s, struct provider **first, struct buf *list)
{
	size_t n = 0;

	for (size_t i = 0; i < s->ps->n; i++) {
		struct provider *p = s->ps->v + i;
		if (strcmp(p->wire, "mock") == 0 || !provider_configured(p))
			continue;
		if (n++)
			buf_adds(list, ", ");
		else
			*first = p;
		buf_adds(list, p->name);
		if (strncmp(p->key, "env:", 4) == 0)
			buf_addf(list, " (%s)", p->key + 4);
	}
	return n;
}

static int
default_model(struct names *out, const struct names_spec *s, struct err *e)
{
	struct provider *p = NULL, *router = providers_router(s->ps);
	struct buf list = BUF_INIT;
	int r = 0;

	if (s->pin)
		p = by_name(s, s->pin);
	else if (router && provider_configured(router))
		p = router;
	else {
		size_t n = configured(s, &p, &list);
		if (n > 1)
			r = err_set(e, ERR_CONFIG,
			    "no model: several providers are ready: %s; say -m MODEL, or set OR_MODEL=MODEL", list.p);
		else if (n == 0)
			r = err_set(e, ERR_CONFIG,
			    "no model: no provider key found; set OPENROUTER_API_KEY, OR_MODEL=..., or try -m mock/echo");
	}
	buf_release(&list);
	if (r)
		return -1;
	if (!p->model)
		return err_set(
		    e, ERR_CONFIG, "no model: %s has no default; say -m MODEL, or set OR_MODEL=MODEL", p->name);
	add(out, p, p->model, p->model, 0);
	out->chain = xcalloc(2, sizeof(*out->chain));
	out->chain[0] = xstrdup(p->model);
	return 0;
}

/* The list of a provider, and what is wrong with it: one that is missing weighs more than an old one. */
static int
look(struct names *out, const struct names_spec *s, struct provider *p, struct catalog *c, struct err *e)
{
	int r = s->list(c, p, "models", e);

	if (r && !out->missing)
		out->lacks = p;
	out->missing |= r != 0;
	if (!r && !out->lacks && c->age_s >= CATALOG_MAX_AGE_S)
		out->lacks = p;
	return r;
}

/* 1: the provider lists it; 0: it doesn't; -1: its list can't be had. */
static int
lists(struct names *out, const struct names_spec *s, struct provider *p, const char *id, struct buf *near)
{
	struct catalog c = CATALOG_INIT;
	struct err ignored = {0};
	int r = -1;

	if (look(out, s, p, &c, &ignored) == 0) {
		r = models_find(&c.models, id) != NULL;
		if (*c.warning)
			strlcpy(out->warning, c.warning, sizeof(out->warning));
		if (!r && !near->len)
			models_near(&c.models, id, MAX_NEAR, near);
	}
	catalog_release(&c);
	return r;
}

/* A name without slash or provider: whoever lists it. */
static int
native(struct names *out, const struct names_spec *s, const char *name, size_t chain, struct err *e)
{
	struct buf who = BUF_INIT, near = BUF_INIT, all = BUF_INIT;
	struct provider *found = NULL, *only = NULL;
	size_t n_found = 0, n = configured(s, &only, &all);
	int unknown = 0, r = 0;

	for (size_t i = 0; i < s->ps->n; i++) {
		struct provider *p = s->ps->v + i;
		if (strcmp(p->wire, "mock") == 0 || !provider_configured(p))
			continue;
		int listed = lists(out, s, p, name, &near);
		unknown += listed < 0;
		if (listed != 1)
			continue;
		if (n_found++)
			buf_adds(&who, ", ");
		buf_addf(&who, "%s:%s", p->name, name);
		found = p;
	}
	if (n_found > 1)
		r = err_set(e, ERR_DATA, "%s: several providers have it: say one of %s", name, who.p);
	else if (n_found == 1 || (n == 1 && unknown))
		add(out, found ? found : only, name, name, chain);
	else if (strchr(name, ':'))
		r = err_set(e, ERR_NOMODEL, "%s: no provider '%.*s' in the table, and no such model%s%s", name,
		    (int)strcspn(name, ":"), name, near.len ? "; did you mean " : "", buf_str(&near));
	else if (n == 0)
		r = err_set(e, ERR_NOMODEL,
		    "%s: no provider is configured that could have it; set a key, or say PROVIDER:%s", name, name);
	else
		r = err_set(
		    e, ERR_NOMODEL, "%s: no such model%s%s", name, near.len ? "; did you mean " : "", buf_str(&near));
	buf_release(&who);
	buf_release(&near);
	buf_release(&all);
	return r;
}

/* Names that only OpenRouter knows the meaning of. */
static int
is_routed(const char *name)
{
	return strchr(name, '@') || str_starts(name, "openrouter/");
}

/* The model that a name means at a direct provider: "~a/b-latest" is what OpenRouter's catalog says, and variants aren't part of the name: whether
 * a direct endpoint will do is for the route to decide. Owned; NULL: nobody knows. */
static char *
plain_name(struct names *out, const struct names_spec *s, const char *name)
{
	struct provider *router = providers_router(s->ps);
	struct catalog c = CATALOG_INIT;
	char *target = NULL;
	size_t base;

	if (route_variant(name, &base) &
	    (VARIANT_FREE | VARIANT_OTHER)) /* models of their own, at prices of their own */
		return NULL;
	if (*name != '~')
		return xstrndup(name, strcspn(name, ":"));
	const struct model *m = router && look(out, s, router, &c, NULL) == 0 ? models_find(&c.models, name) : NULL;
	if (m) {
		const struct json *j = model_json(&c.models, m);
		target = json_dup(j, json_path(j, 0, "alias_target.slug"), NULL);
	}
	catalog_release(&c);
	return target;
}

static int
is_direct(const struct provider *p)
{
	return !provider_routes(p) && strcmp(p->wire, "mock") != 0 && provider_configured(p);
}

/* Where a map= of a provider that is ready says so. */
static void
add_mapped(struct names *out, const struct names_spec *s, const char *name, size_t chain)
{
	for (size_t i = 0; i < s->ps->n; i++) {
		const char *id = provider_map_id(s->ps->v + i, name);
		if (id && is_direct(s->ps->v + i))
			add(out, s->ps->v + i, id, name, chain);
	}
}

/* Whose models it lists by bare names: as slug= says, else who made its format. */
static const char *
author_of(const struct provider *p)
{
	static const char *const makers[][2] = {{"anthropic", "anthropic"}, {"gemini", "google"}, {"cohere", "cohere"}};

	for (size_t i = 0; !p->slug && i < sizeof(makers) / sizeof(*makers); i++)
		if (strcmp(makers[i][0], p->wire) == 0)
			return makers[i][1];
	return native_author(p->slug);
}

/* Where the own list of a provider that is ready has it. why: what came of the lists, for people; first: the error of the first that can't be had. */
static void
add_listed(
    struct names *out, const struct names_spec *s, const char *name, size_t chain, struct buf *why, struct err *first)
{
	size_t n_read = 0;

	for (size_t i = 0; i < s->ps->n; i++) {
		struct provider *p = s->ps->v + i;
		struct catalog c = CATALOG_INIT;
		struct err e = {0};
		if (!is_direct(p))
			continue;
		int failed = look(out, s, p, &c, &e);
		const struct model *m = failed ? NULL : native_find(&c.models, author_of(p), name);
		if (m)
			add(out, p, m->id, name, chain);
		if (*c.warning)
			strlcpy(out->warning, c.warning, sizeof(out->warning));
		n_read += !failed;
		if (failed && !first->kind)
			*first = e;
		buf_adds(why, why->len ? "; " : "");
		buf_adds(why, failed ? e.msg : p->name);
		buf_adds(why, failed ? "" : " doesn't list it");
		catalog_release(&c);
	}
	if (n_read) /* somebody could say no */
		err_clear(first);
}

static int
any_direct(const struct names_spec *s)
{
	for (size_t i = 0; i < s->ps->n; i++)
		if (is_direct(s->ps->v + i))
			return 1;
	return 0;
}

/* At whoever has its key: as a map= says, else where a list has it. */
static void
add_direct(
    struct names *out, const struct names_spec *s, const char *name, size_t chain, struct buf *why, struct err *first)
{
	char *plain = any_direct(s) && !is_routed(name) ? plain_name(out, s, name) : NULL;
	size_t before = out->n;

	add_mapped(out, s, name, chain);
	if (plain && out->n == before && strcmp(plain, name) != 0)
		add_mapped(out, s, plain, chain);
	if (plain && out->n == before)
		add_listed(out, s, plain, chain, why, first);
	free(plain);
}

/* It is called by the whole name; variants that only change the route aren't part of the model's. */
static void
add_router(struct names *out, struct provider *router, const char *name, size_t chain)
{
	size_t base;

	route_variant(name, &base);
	char *model = xstrndup(name, base);
	add(out, router, name, model, chain);
	free(model);
}

/* author/slug: own keys first, then OpenRouter. */
static int
logical(struct names *out, const struct names_spec *s, const char *name, size_t chain, struct err *e)
{
	struct provider *router = providers_router(s->ps);
	struct buf why = BUF_INIT;
	struct err first = {0};
	size_t before = out->n;
	int r = 0;

	add_direct(out, s, name, chain, &why, &first);
	if (router && (provider_configured(router) || (out->n == before && !why.len)))
		add_router(out, router, name, chain);
	if (out->n == before && why.len)
		r = err_set(e, first.kind ? first.kind : ERR_NOMODEL,
		    "%s: %s; with OPENROUTER_API_KEY set it would go there", name, why.p);
	else if (out->n == before)
		r = err_set(e, ERR_CONFIG, "%s: the openrouter provider is not in the table", name);
	buf_release(&why);
	return r;
}

/* The provider in front of the first colon, where no slash comes before it. *id is set behind the colon. */
static struct provider *
prefix(const struct names_spec *s, const char *name, const char **id)
{
	size_t n = strcspn(name, ":/");

	if (name[n] != ':')
		return NULL;
	*id = name + n + 1;
	return providers_get(s->ps, name, n);
}

static int
pinned(struct names *out, const struct names_spec *s, const char *name, size_t chain, struct err *e)
{
	struct provider *p = by_name(s, s->pin), *named;
	const char *id = name, *mapped;

	named = prefix(s, name, &id);
	if (named && named != p)
		return err_set(e, ERR_USAGE, "%s is not at %s (-b)", name, s->pin);
	if (!named)
		id = name;
	if (!named && strcmp(p->wire, "mock") == 0 && str_starts(name, "mock/"))
		id = name + strlen("mock/");
	mapped = provider_map_id(p, id);
	add(out, p, mapped ? mapped : id, name, chain);
	return 0;
}

static int
resolve(struct names *out, const struct names_spec *s, const char *name, size_t chain, struct err *e)
{
	struct provider *gateway = by_name(s, "gateway"), *p;
	const char *id = NULL;

	if (gateway && s->ps->n == 1) {
		add(out, gateway, name, name, chain);
		return 0;
	}
	if (s->pin)
		return pinned(out, s, name, chain, e);
	if ((p = prefix(s, name, &id))) {
		if (!*id)
			return err_set(e, ERR_USAGE, "%s: no model behind the colon", name);
		add(out, p, id, name, chain);
		return 0;
	}
	if (strncmp(name, "mock/", 5) == 0 && (p = by_name(s, "mock"))) {
		add(out, p, name + 5, name, chain);
		return 0;
	}
	if (!strchr(name, '/'))
		return native(out, s, name, chain, e);
	return logical(out, s, name, chain, e);
}

/* Two names of a chain may lead to one place; it is tried once in a round, where it comes first. */
static void
drop_repeated(struct names *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->n; i++) {
		struct candidate *c = &out->v[i];
		size_t k = 0;
		while (k < kept && (out->v[k].provider != c->provider || strcmp(out->v[k].model, c->model) != 0))
			k++;
		if (k == kept) {
			out->v[kept++] = *c;
			continue;
		}
		free(c->model);
		free(c->name);
	}
	out->n = kept;
}

int
names_resolve(struct names *out, const struct names_spec *s, struct err *e)
{
	if (s->pin && !by_name(s, s->pin))
		return err_set(e, ERR_USAGE, "no such provider: %s", s->pin);
	if (!s->chain)
		return default_model(out, s, e);
	out->chain = providers_expand(s->ps, s->chain, e);
	if (!out->chain)
		return -1;
	for (size_t i = 0; out->chain[i]; i++)
		if (resolve(out, s, out->chain[i], i, e))
			return -1;
	drop_repeated(out);
	return 0;
}

void
names_list(const struct names *n, struct buf *out)
{
	for (size_t i = 0; n->chain && n->chain[i]; i++)
		buf_addf(out, "%s%s", i ? "," : "", n->chain[i]);
}

void
names_release(struct names *n)
{
	for (size_t i = 0; i < n->n; i++) {
		free(n->v[i].model);
		free(n->v[i].name);
	}
	free(n->v);
	names_free(n->chain);
	*n = (struct names)NAMES_INIT;
}
