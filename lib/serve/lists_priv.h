/* SPDX-License-Identifier: ISC */
/* lists_priv: what the files of lists share. For these only. */
#ifndef SERVE_LISTS_PRIV_H
#define SERVE_LISTS_PRIV_H

#include "catalog.h"
#include "serve/visit.h"
#include "serve/shelf.h"

struct jsonw;

#define LISTS_PATIENCE_MS 15000 /* then the answer is what there is */

/* Calls then(v, shelf) now, or when lists that are missing were fetched, or couldn't be in a while. The shelf is borrowed during the call. */
typedef void (*lists_fn)(struct visit *v, const struct shelf *s);
void lists_with(struct visit *v, lists_fn then);
/* The models as they are now. Borrowed until the loop turns. */
const struct shelf *lists_shelf(struct visit *v);
/* The row of the path's model, whose name goes to id; NULL: the error was answered. */
const struct shelf_row *lists_row(struct visit *v, const struct shelf *s, struct buf *id);

/* ── lists_more.c ── */
/* OpenRouter's row, where it is configured; NULL. */
struct provider *lists_router(struct visit *v);
/* Calls then(v, shelf, c, e) now, or when that list of OpenRouter's (what: as catalog.h has it) was fetched since it is missing or old, or couldn't be in
 * a while. may_ask: 0: only the cache. c: the list, however old; NULL: there is none, and e says why, where it isn't NULL. All borrowed during the call. */
typedef void (*lists_more_fn)(struct visit *v, const struct shelf *s, struct catalog *c, const struct err *e);
void lists_with_more(struct visit *v, const struct shelf *s, const char *what, int may_ask, lists_more_fn then);
/* Answers that it couldn't be had, and why; NULL: nobody knows. */
void lists_untold(struct visit *v, const struct err *why);

/* ── lists_own.c ── */
/* Writes the array of the endpoints of our own that a call of the model would go to, in the order of its plan. */
void lists_put_own(struct jsonw *w, const struct visit *v, const struct shelf *s, const char *model);
/* The row of the first of them that its provider's list has; NULL. */
const struct shelf_row *lists_own_row(const struct visit *v, const struct shelf *s, const char *model);

/* ── lists_feed.c ── */
/* Does the query want a feed? -1: it wants what there isn't: ERR_DATA. */
int lists_wants_feed(const struct visit *v, struct err *e);
void lists_put_feed(struct visit *v, const struct shelf *s, const struct shelf_pick *p);

void lists_anthropic(struct visit *v); /* GET models as Anthropic has it */

#endif
