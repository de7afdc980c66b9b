/* SPDX-License-Identifier: ISC */
/*
 * cap: prices of candidates: which pass a cap, and what an answer cost.
 *
 * A provider's price= comes first, then the catalog's row of the model (of author/slug at OpenRouter; of the provider's own slug elsewhere).
 * Prices that vary, or that nobody knows, pass no cap.
 */
#ifndef CAP_H
#define CAP_H

#include <stddef.h>

#include "price.h"

struct buf;
struct candidate;
struct err;
struct model;
struct models;
struct names;
struct providers;
struct usage;

/* Takes the candidates out that cost more per token than the caps (PRICE_UNKNOWN: no cap). May fetch the catalog: *fetched. ERR_CAP
 * where none is left, or the catalog's error where it is needed and can't be had. */
int cap_names(
    struct names *n, struct providers *ps, price_t max_prompt, price_t max_completion, int *fetched, struct err *e);

/* The candidate's row in OpenRouter's catalog, or NULL. Borrowed. */
const struct model *cap_row(const struct candidate *c, struct models *ms);
/* What a call cost: appends USD and returns "reported" or "computed"; "unknown" appends nothing. Static. */
const char *cap_cost(const struct candidate *c, const struct usage *u, struct buf *usd);

#endif
