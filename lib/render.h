/* SPDX-License-Identifier: ISC */
/* render: events as a form of output. Pure. The forms are orutils(7)'s "Output". */
#ifndef RENDER_H
#define RENDER_H

#include "wire/front.h"

struct buf;
struct event;

enum render_form { RENDER_TEXT, RENDER_RAW, RENDER_JSON, RENDER_NDJSON, RENDER_SSE, RENDER_TSV };

struct render {
	enum render_form form;
	struct front_answer
	    out; /* what came so far; the names and the time of answers whose provider doesn't say (set after init) */
	struct buf held; /* the start event waits for content: it is no part of an answer by itself */
	int last;        /* last byte of text, -1: none */
	int begun;       /* something was rendered */
	int keep;        /* keep text in `answer` also where the form doesn't need it (set after init) */
};

/* -1: no such form. */
int render_form(const char *name);
/* created: seconds since 1970. The forms json and sse are front_openai's; r->out.front may be set to another before the first event. */
void render_init(struct render *r, enum render_form form, int64_t created);
void render_clear(struct render *r); /* a new attempt: all is void */
void render_release(struct render *r);
/* Is this event held in memory until the end? What only passes through isn't: an answer may be endless. */
int render_keeps(const struct render *r, const struct event *ev);
/* Appends what can go out now. */
void render_event(struct render *r, const struct event *ev, struct buf *out);
/* Appends the end: the newline, the whole object, [DONE]. cost: USD, decimal; NULL: unknown. failed: the answer didn't come to its end. */
void render_end(struct render *r, const char *cost, int failed, struct buf *out);
/* Appends an event's line. */
void render_ndjson(const struct event *ev, struct buf *out);

#endif
