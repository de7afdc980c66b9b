/* SPDX-License-Identifier: ISC */
/*
 * sse: a push parser for server-sent events (WHATWG HTML, section 9.2). Pure.
 *
 * Bytes go in as they arrive, split anywhere; the callback gets each event once. Lines end in LF, CRLF or CR; a leading BOM and
 * comment lines are dropped; `data:` lines of one event are joined by LF. An event that isn't closed by an empty line is given at
 * sse_end (providers forget it). Events without data are not given. A line of
 * another field (SSE says: ignore it) goes to on_stray where that is set: some providers put a bare JSON error there.
 */
#ifndef SSE_H
#define SSE_H

#include <stddef.h>

#include "buf.h"

#define SSE_MAX (16 * 1024 * 1024) /* bytes of one event, default cap */

/* data is valid during the call only. Non-zero stops the parser and is returned by sse_feed. */
typedef int (*sse_fn)(void *arg, const char *event, const char *data, size_t n);

struct sse {
	sse_fn on_event;
	sse_fn on_stray; /* lines of unknown fields, event is NULL; may be NULL */
	void *arg;
	size_t max;       /* cap of line and event in bytes; 0: SSE_MAX */
	struct buf line;  /* an incomplete line */
	struct buf data;  /* data lines of the current event */
	struct buf event; /* its event: field */
	int n_data;       /* data lines seen in the current event */
	int after_cr;     /* the last byte was CR: a LF now belongs to it */
	int started;      /* the BOM was looked for */
};

/* Zero-initialise, set on_event and arg. */
#define SSE_TOO_LONG (-2)
/* 0, the callback's non-zero result, or SSE_TOO_LONG. */
int sse_feed(struct sse *s, const char *p, size_t n);
int sse_end(struct sse *s);
void sse_release(struct sse *s);

#endif
