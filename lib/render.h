/* SPDX-License-Identifier: ISC */
/* render: events as a form of output. Pure. The forms are orutils(7)'s "Output". */
#ifndef RENDER_H
#define RENDER_H

#include "answer.h"

struct buf;
struct event;

enum render_form { RENDER_TEXT, RENDER_RAW, RENDER_JSON, RENDER_NDJSON, RENDER_SSE, RENDER_TSV };

struct render {
	enum render_form form;
	struct answer answer; /* what came so far */
	struct buf held;      /* the start event waits for content: it is no part of an answer by itself */
	int last;             /* last byte of text, -1: none */
	int begun;            /* something was rendered */
	int keep;             /* keep text in `answer` also where the form doesn't need it (set after init) */
	const char *id;       /* these three: for answers whose provider doesn't say; borrowed; may be NULL */
	const char *model;
	const char *provider;
	int64_t created; /* seconds since 1970, for providers that don't say */
};

/* -1: no such form. */
int render_form(const char *name);
void render_init(struct render *r, enum render_form form, int64_t created);
void render_clear(struct render *r); /* a new attempt: all is void */
void render_release(struct render *r);
/* Is this event held in memory until the end? What only passes through isn't: an answer may be endless. */
int render_keeps(const struct render *r, const struct event *ev);
/* Appends what can go out now. */
void render_event(struct render *r, const struct event *ev, struct buf *out);
/* Appends the end: the newline, the whole object, [DONE]. cost: USD, decimal; NULL: unknown. failed: the answer didn't come to its end. */
void render_end(struct render *r, const char *cost, int failed, struct buf *out);

#endif
