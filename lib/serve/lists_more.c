/* SPDX-License-Identifier: ISC */
/* Lists that a request alone needs: the endpoints of a model, what OpenRouter picks by a query. From the cache, else by the scribe: part of lists. */
#include <stdlib.h>

#include "err.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "serve/desk.h"
#include "serve/lists_priv.h"

struct more {
	struct visit *v;
	char *what; /* owned */
	lists_more_fn then;
	struct loop_timer *patience;
};

static void
free_more(void *own)
{
	struct more *m = own;

	desk_forget(m->v->app->desk, m);
	loop_timer_free(m->patience);
	free(m->what);
	free(m);
}

/* What came is in the cache, or an old list still is, or nothing. */
static void
go_on(struct more *m, const struct err *e)
{
	struct visit *v = m->v;
	lists_more_fn then = m->then;
	struct catalog c = CATALOG_INIT;
	int r = catalog_cached(&c, providers_router(v->app->s.providers), m->what, NULL);

	visit_go_on(v);
	then(v, lists_shelf(v), r ? NULL : &c, e);
	catalog_release(&c);
}

static void
on_impatience(void *arg)
{
	struct err e = {0};

	err_set(&e, ERR_DEADLINE, "no answer in %d s", LISTS_PATIENCE_MS / 1000);
	go_on(arg, &e);
}

static void
on_fetched(void *ctx, const char *json, size_t n, const struct err *e)
{
	(void)json;
	(void)n;
	go_on(ctx, e);
}

static void
ask(struct visit *v, const struct provider *router, const char *what, lists_more_fn then)
{
	struct more *m = xcalloc(1, sizeof(*m));
	struct buf text = BUF_INIT;

	*m = (struct more){.v = v, .what = xstrdup(what), .then = then};
	visit_wait(v, m, free_more);
	m->patience = loop_timer_new(v->app->s.loop, on_impatience, m);
	loop_timer_set(m->patience, LISTS_PATIENCE_MS);
	buf_addf(&text, "%s %s", router->name, what);
	desk_ask(v->app->desk, &(struct desk_question){.what = DESK_LIST, .text = text.p}, on_fetched, m);
	buf_release(&text);
}

struct provider *
lists_router(struct visit *v)
{
	struct provider *router = providers_router(v->app->s.providers);

	return router && provider_configured(router) ? router : NULL;
}

void
lists_with_more(struct visit *v, const struct shelf *s, const char *what, int may_ask, lists_more_fn then)
{
	struct provider *router = providers_router(v->app->s.providers), *ready = may_ask ? lists_router(v) : NULL;
	struct catalog c = CATALOG_INIT;
	int r = router ? catalog_cached(&c, router, what, NULL) : -1;

	if (ready && (r || c.age_s >= catalog_max_age_s(what)))
		ask(v, ready, what, then);
	else
		then(v, s, r ? NULL : &c, NULL);
	catalog_release(&c);
}

void
lists_untold(struct visit *v, const struct err *why)
{
	struct err e = {0};

	err_set(&e, why && why->http == 400 ? ERR_DATA : ERR_UNREACHABLE,
	    "only OpenRouter knows this, and doesn't say: %s", why ? why->msg : "its list is gone");
	visit_error(v, &e);
}
