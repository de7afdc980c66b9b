/* SPDX-License-Identifier: ISC */
/* status: how the gateway is: health, metrics, what runs now. serve/status_page.c: the page for people. */
#ifndef SERVE_STATUS_H
#define SERVE_STATUS_H

#include <stdint.h>

#include "serve/metrics.h"

struct buf;
struct visit;

/* The numbers as they are now. */
void status_read(const struct visit *v, struct metrics *m);
/* "ok", "starting", "draining". Static. */
const char *status_word(const struct visit *v);
/* How long an endpoint sits out still, in ms; 0: it doesn't. endpoint: its id. *why: static. */
int64_t status_bench(const struct visit *v, const char *endpoint, int64_t now_ms, const char **why);

/* The big numbers, in the order in which they are shown. */
struct status_figure {
	const char *label;
	void (*value)(struct buf *b, const struct visit *v, const struct metrics *m);
};
extern const struct status_figure status_figures[];
extern const size_t status_n_figures;

#endif
