/* SPDX-License-Identifier: ISC */
/* A visit that waits for something else than a call: part of visit.h. */
#include "serve/visit.h"

#include <stddef.h>

static void
on_gone(void *arg)
{
	struct visit *v = arg;

	visit_go_on(v);
	exchange_end(v->x);
}

void
visit_wait(struct visit *v, void *own, void (*free_own)(void *own))
{
	v->own = own;
	v->free_own = free_own;
	exchange_watch(v->x, on_gone, NULL, v);
}

void
visit_go_on(struct visit *v)
{
	v->free_own(v->own);
	v->own = NULL;
	v->free_own = NULL;
	exchange_watch(v->x, NULL, NULL, NULL);
}
