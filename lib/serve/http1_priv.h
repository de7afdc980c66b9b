/* SPDX-License-Identifier: ISC */
/* http1_priv: http1.c cuts a request out of bytes, http1_check.c says what is wrong with its head. */
#ifndef SERVE_HTTP1_PRIV_H
#define SERVE_HTTP1_PRIV_H

#include "serve/http1.h"

/* Where things are in the head, until its names and values are terminated. */
struct http1_spans {
	uint32_t target_at, target_n, lines;
	uint32_t name_n[HTTP1_MAX_FIELDS], value_n[HTTP1_MAX_FIELDS];
};

/* -1. The first thing that is wrong counts. */
int http1_fail(struct http1 *h, int status, const char *why);
/* The head is the request line. */
int http1_check_line(struct http1 *h, struct http1_spans *at);
/* The head is whole, its fields were found. */
int http1_check_head(struct http1 *h, const struct http1_spans *at);

#endif
