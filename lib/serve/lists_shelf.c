/* SPDX-License-Identifier: ISC */
/* The shelf of a worker, and lists that are missing from it: part of lists. */
#include <sys/queue.h>

#include <stdlib.h>

#include "catalog.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "serve/desk.h"
#include "serve/handlers.h"
#include "serve/lists_priv.h"
#include "tm.h"

#define LOOK_MS 1000        /* the lists are looked at after so long */
#define ASK_AGAIN_MS 300000 /* for a list that couldn't be had, or is old */

struct wait {
	LIST_ENTRY(wait) entry;
	struct lists *lists;
	struct visit *v;
	lists_fn then;
};

struct lists {
	struct app *app;
	struct shelf shelf;
	int64_t looked_ms;
	int64_t *asked_ms; /* owned: when each provider's list was last asked for; 0: never */
	size_t n_pending;  /* that somebody waits for */
	int given_up;
	struct loop_timer *patience;
	LIST_HEAD(waits, wait) waiting;
	char old; /* its address: for answers that nobody waits for */
};

static void serve_all(void *arg);

static struct lists *
get(struct app *a)
{
	struct lists *l = a->lists;

	if (l)
		return l;
	l = xcalloc(1, sizeof(*l));
	l->app = a;
	l->shelf = (struct shelf)SHELF_INIT;
	l->asked_ms = xcalloc(a->s.providers->n + 1, sizeof(*l->asked_ms));
	LIST_INIT(&l->waiting);
	a->lists = l;
	return l;
}

void
lists_free(struct lists *l)
{
	if (!l)
		return;
	desk_forget(l->app->desk, l);
	desk_forget(l->app->desk, &l->old);
	loop_timer_free(l->patience);
	shelf_release(&l->shelf);
	free(l->asked_ms);
	free(l);
}

static void
look(struct lists *l)
{
	int64_t now = tm_mono_ms();

	if (l->looked_ms && now - l->looked_ms < LOOK_MS)
		return;
	l->looked_ms = now;
	if (!l->shelf.lacks || l->shelf.stamp != catalog_stamp(l->app->s.providers))
		shelf_fill(&l->shelf, l->app->s.providers, l->app->s.policy);
}

const struct shelf *
lists_shelf(struct visit *v)
{
	struct lists *l = get(v->app);

	look(l);
	return &l->shelf;
}

static void
on_old(void *ctx, const char *json, size_t n, const struct err *e)
{
	(void)ctx;
	(void)json;
	(void)n;
	(void)e;
}

static void
on_list(void *ctx, const char *json, size_t n, const struct err *e)
{
	struct lists *l = ctx;

	(void)json;
	(void)n;
	(void)e;
	if (--l->n_pending)
		return;
	l->given_up = 0;
	serve_all(l);
}

static void
ask_for_missing(struct lists *l)
{
	int64_t now = tm_mono_ms();

	for (size_t i = 0; i < l->app->s.providers->n; i++) {
		int lacks = l->shelf.lacks[i];
		const struct desk_question q = {.what = DESK_LIST, .text = l->app->s.providers->v[i].name};
		if (!lacks || (l->asked_ms[i] && now - l->asked_ms[i] < ASK_AGAIN_MS))
			continue;
		l->asked_ms[i] = now;
		l->n_pending += lacks == 1;
		desk_ask(l->app->desk, &q, lacks == 1 ? on_list : on_old, lacks == 1 ? (void *)l : (void *)&l->old);
	}
}

static void
free_wait(void *own)
{
	struct wait *w = own;

	LIST_REMOVE(w, entry);
	free(w);
}

static void
on_impatience(void *arg)
{
	struct lists *l = arg;

	l->given_up = 1;
	serve_all(l);
}

static void
serve_all(void *arg)
{
	struct lists *l = arg;
	struct wait *w;

	loop_timer_free(l->patience);
	l->patience = NULL;
	l->looked_ms = 0;
	look(l);
	while ((w = LIST_FIRST(&l->waiting))) {
		struct visit *v = w->v;
		lists_fn then = w->then;
		visit_go_on(v);
		then(v, &l->shelf);
	}
}

static void
wait_for_lists(struct lists *l, struct visit *v, lists_fn then)
{
	struct wait *w = xcalloc(1, sizeof(*w));

	*w = (struct wait){.lists = l, .v = v, .then = then};
	LIST_INSERT_HEAD(&l->waiting, w, entry);
	visit_wait(v, w, free_wait);
	if (l->patience)
		return;
	l->patience = loop_timer_new(l->app->s.loop, on_impatience, l);
	loop_timer_set(l->patience, LISTS_PATIENCE_MS);
}

void
lists_with(struct visit *v, lists_fn then)
{
	struct lists *l = get(v->app);

	look(l);
	ask_for_missing(l);
	if (l->n_pending && !l->given_up)
		wait_for_lists(l, v, then);
	else
		then(v, &l->shelf);
}
