/* SPDX-License-Identifier: ISC */
/* lists_priv: what the files of lists share. For these only. */
#ifndef SERVE_LISTS_PRIV_H
#define SERVE_LISTS_PRIV_H

#include "serve/app.h"
#include "serve/shelf.h"

/* Calls then(v, shelf) now, or when lists that are missing were fetched, or couldn't be in a while. The shelf is borrowed during the call. */
typedef void (*lists_fn)(struct visit *v, const struct shelf *s);
void lists_with(struct visit *v, lists_fn then);

void lists_anthropic(struct visit *v); /* GET models as Anthropic has it */

#endif
