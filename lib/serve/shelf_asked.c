/* SPDX-License-Identifier: ISC */
/* What of a query the list of models doesn't say: our own tables do, or OpenRouter, if it may be asked: part of shelf. */
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "err.h"
#include "json.h"
#include "listing.h"
#include "mem.h"
#include "models.h"
#include "providers.h"
#include "serve/shelf_priv.h"
#include "str.h"

#define MAX_RATE 16  /* bytes */
#define MAX_WHAT 200 /* bytes of a list's name: it is a file's, too */

struct param {
	const char *name;
	const char *const *values;   /* that are published, up to a NULL; NULL: others are, too */
	int (*check)(const char *s); /* then: not 0: it is none */
};

static int
is_empty(void *arg, const char *item, size_t n)
{
	(void)arg;
	(void)item;
	return n == 0;
}

static int
check_names(const char *s)
{
	return s[strspn(s, LISTING_VALUE)] || str_list(s, is_empty, NULL);
}

/* From 0 to 1, in plain digits. */
static int
check_rate(const char *s)
{
	struct decimal d, one;
	size_t n = strlen(s), at;
	const char *why;

	return n > MAX_RATE || strspn(s, "0123456789.") != n || !json_valid(s, n, &at, &why) ||
	    decimal_parse(&d, s, n) || decimal_parse(&one, "1", 1) || decimal_cmp(&d, &one) > 0;
}

static const char *const categories[] = {"programming", "roleplay", "marketing", "marketing/seo", "technology",
    "science", "translation", "legal", "finance", "health", "trivia", "academia", NULL};
static const char *const truths[] = {"true", "false", NULL}, *const yes[] = {"true", NULL},
			 *const regions[] = {"eu", "us", NULL};
static const char *const orders[] = {
    "most-popular", "top-weekly", "throughput-high-to-low", "latency-low-to-high", NULL};

/* In the order in which they are asked. */
static const struct param params[] = {
    {"category", categories, NULL},
    {"providers", NULL, check_names},
    {"distillable", truths, NULL},
    {"zdr", yes, NULL},
    {"region", regions, NULL},
    {"min_tool_success_rate", NULL, check_rate},
    {"max_tool_success_rate", NULL, check_rate},
};
#define N_PARAMS (sizeof(params) / sizeof(*params))

static int
is_one_of(const char *const *words, const char *s)
{
	while (*words && strcmp(*words, s) != 0)
		words++;
	return *words != NULL;
}

static void
note(struct shelf_asked *a, const char *name, const char *value)
{
	int is_zdr = strcmp(name, "zdr") == 0, is_providers = strcmp(name, "providers") == 0;

	buf_addf(&a->what, "&%s=%s", name, value);
	a->first = a->first ? a->first : name;
	if (is_providers)
		a->providers = xstrdup(value);
	else if (is_zdr)
		a->zdr = 1;
	else
		a->open = a->open ? a->open : name;
	if (strcmp(name, "sort") == 0)
		return;
	a->filters = 1;
	a->others |= !is_zdr && !is_providers;
}

static int
read_param(struct shelf_asked *a, struct shelf_query *q, const struct param *p)
{
	const char *s = shelf_value(q, p->name);

	if (!s)
		return 0;
	if (strlen(p->name) + 1 + q->value.len > LISTING_VALUE_MAX || strlen(s) != q->value.len)
		return shelf_bad(q, p->name, "too long a value");
	if (p->values ? !is_one_of(p->values, s) : p->check(s))
		return shelf_bad(q, p->name, "no such value");
	note(a, p->name, s);
	return 0;
}

int
shelf_asked_read(struct shelf_asked *a, struct shelf_query *q)
{
	size_t n = 0;

	buf_adds(&a->what, LISTING_ASKED "output_modalities=all");
	for (size_t i = 0; i < N_PARAMS; i++)
		if (read_param(a, q, &params[i]))
			return -1;
	const char *s = shelf_value(q, "sort");
	if (s && is_one_of(orders, s))
		note(a, "sort", s);
	for (const char *p = a->what.p; (p = strchr(p, '/')); p++)
		n += 2;
	if (a->what.len + n > MAX_WHAT)
		return shelf_bad(q, a->first, "too much is asked with it");
	return 0;
}

void
shelf_asked_release(struct shelf_asked *a)
{
	free(a->providers);
	buf_release(&a->what);
	*a = (struct shelf_asked)SHELF_ASKED_INIT;
}

int
shelf_asks(const struct shelf *s, shelf_query_fn get, void *arg, int may_ask, struct buf *what, struct err *e)
{
	struct shelf_query q = {.get = get, .arg = arg, .e = e};
	struct shelf_asked a = SHELF_ASKED_INIT;
	int r = shelf_asked_read(&a, &q);
	/* Without rows of OpenRouter's our own tables know all of what they know. */
	const char *open = s->n_routed ? a.first : a.open;

	if (!r && open && may_ask)
		buf_add(what, a.what.p, a.what.len);
	else if (!r && open)
		r = shelf_bad(&q, open, "only OpenRouter can tell, and it isn't configured");
	shelf_asked_release(&a);
	buf_release(&q.value);
	return r;
}

/* ── does a row fit? ── */

static int
is_provider(void *arg, const char *item, size_t n)
{
	const struct provider *p = arg;
	const char *const names[] = {p->name, p->slug ? p->slug : p->name};

	for (int i = 0; i < 2; i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], item, n) == 0)
			return 1;
	return 0;
}

int
shelf_asked_fits(const struct shelf_asked *a, const struct shelf *s, const struct shelf_row *r, int64_t place)
{
	const struct provider *by = s->v[r->like].by;

	if (!a->filters)
		return 1;
	if (!by || provider_routes(by))
		return place >= 0;
	return !a->others && (!a->zdr || by->zdr == 1) &&
	    (!a->providers || str_list(a->providers, is_provider, (void *)(uintptr_t)by));
}

/* ── what was told ── */

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct shelf_place *)a)->id, ((const struct shelf_place *)b)->id);
}

void
shelf_told_fill(struct shelf_told *t, const struct models *told)
{
	t->n = told ? told->n : 0;
	t->v = xcalloc(t->n + 1, sizeof(*t->v));
	for (size_t i = 0; i < t->n; i++)
		t->v[i] = (struct shelf_place){told->v[i].id, (int64_t)i};
	qsort(t->v, t->n, sizeof(*t->v), by_id);
}

int64_t
shelf_told_place(const struct shelf_told *t, const char *id)
{
	const struct shelf_place key = {.id = id}, *found = bsearch(&key, t->v, t->n, sizeof(key), by_id);

	return found ? found->place : -1;
}
