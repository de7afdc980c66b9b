/* SPDX-License-Identifier: ISC */
/*
 * Keys that nobody has, as far as this worker knows. One may have been made a moment ago by another process: before it is refused the ledger is
 * looked at again, once for all that wait, ten times a second at most.
 */
#include <stdlib.h>

#include "err.h"
#include "loop.h"
#include "mem.h"
#include "serve/app_priv.h"
#include "serve/desk.h"
#include "tm.h"

#define LOOK_EVERY_MS 100

struct unknown {
	struct visit *v;
	visit_fn again;
	LIST_ENTRY(unknown) entry;
};

static void
forget(struct unknown *u)
{
	LIST_REMOVE(u, entry);
	exchange_watch(u->v->x, NULL, NULL, NULL);
	free(u);
}

static void
on_gone(void *arg)
{
	struct unknown *u = arg;
	struct exchange *x = u->v->x;

	forget(u);
	exchange_cut(x);
}

/* Whoever had this key was let in by the set of keys that came before the answer. */
static void
on_looked(void *ctx, const char *json, size_t n, const struct err *e)
{
	struct app *a = ctx;
	struct unknown *u;

	(void)json, (void)n, (void)e;
	a->looks = 0;
	while ((u = LIST_FIRST(&a->unknown))) {
		struct visit *v = u->v;
		visit_fn again = u->again;
		forget(u);
		again(v);
	}
}

void
unknown_look(void *arg)
{
	static const struct desk_question q = {.what = DESK_LOOK};
	struct app *a = arg;

	a->looked_ms = tm_mono_ms();
	desk_ask(a->desk, &q, on_looked, a);
}

int
unknown_waits(struct visit *v, visit_fn again)
{
	struct app *a = v->app;
	int64_t wait = a->looked_ms + LOOK_EVERY_MS - tm_mono_ms();

	if (v->is_looked_for)
		return 0;
	v->is_looked_for = 1;
	struct unknown *u = xcalloc(1, sizeof(*u));
	u->v = v;
	u->again = again;
	LIST_INSERT_HEAD(&a->unknown, u, entry);
	exchange_watch(v->x, on_gone, NULL, u);
	if (!a->looks)
		loop_timer_set(a->look, a->looked_ms && wait > 0 ? wait : 0);
	a->looks = 1;
	return 1;
}

void
unknown_release(struct app *a)
{
	struct unknown *u;

	while ((u = LIST_FIRST(&a->unknown))) {
		LIST_REMOVE(u, entry);
		free(u);
	}
}
