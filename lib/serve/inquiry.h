/* SPDX-License-Identifier: ISC */
/* inquiry: what a handler that has to ask the scribe has in common with the others: it waits, the client may leave meanwhile, the answer is JSON. */
#ifndef SERVE_INQUIRY_H
#define SERVE_INQUIRY_H

#include <stddef.h>

#include "serve/desk.h"

struct buf;
struct json;
struct ledger_key;
struct visit;

/* Comes once, where it worked; what failed was answered already. It answers, or asks on. data: as given to inquire(). Borrowed. */
typedef void (*inquiry_fn)(struct visit *v, const struct json *j, void *data);

/* Asks. data: what the answer is needed for; freed by free_data (may be NULL) when the visit ends, or with the next inquire() that has another. */
void inquire(
    struct visit *v, const struct desk_question *q, inquiry_fn then, void *data, void (*free_data)(void *data));

/* The same for who answers in any case: j is NULL where it failed. */
void inquire_even_so(
    struct visit *v, const struct desk_question *q, inquiry_fn then, void *data, void (*free_data)(void *data));

/* Answers with an error of this HTTP status. */
void inquiry_refuse(struct visit *v, int http, const char *why);
/* The query may hold these names, in a list that NULL ends, and no others. 0; -1: it was answered with 400. */
int inquiry_query(struct visit *v, const char *const *names);

#endif
