/* SPDX-License-Identifier: ISC */
/*
 * decoder: bytes of one answer in, canonical events out. Pure.
 *
 * What all formats share: telling a stream from a whole body, and how it is framed, by its first byte (content types lie); caps,
 * UTF-8 repair, error bodies, and the verdict at the end. A wire (wire.h) says what a JSON value means.
 */
#ifndef DECODER_H
#define DECODER_H

#include "err.h"
#include "event.h"
#include "eventstream.h"
#include "json.h"
#include "sse.h"
#include "values.h"
#include "wire/template.h"

struct wire;

#define DECODER_MAX_BODY (64 * 1024 * 1024) /* bytes of a whole answer */
#define DECODER_MAX_ERROR (1024 * 1024)     /* bytes of an error body; more is not looked at */

/* What each event of a stream needs stands first. */
struct decoder {
	const struct wire *wire;
	event_fn fn;
	void *arg;
	int http;     /* HTTP status */
	int ended;    /* the end marker was seen; a wire whose last event says so sets it */
	int stopped;  /* what fn returned */
	int n_values; /* JSON values understood */
	enum { DECODER_SNIFF, DECODER_WHOLE, DECODER_STREAM, DECODER_BYTES } form;
	unsigned framing; /* of a stream: 0 (SSE), WIRE_VALUES or WIRE_FRAMES; the one of these three that is in use: */
	struct sse sse;
	struct template template; /* of the last chunk, where it's one that others are like */
	struct err failed;        /* set by decoder_fail: the answer's own error */
	struct values values;
	struct eventstream frames;
	struct buf body;      /* a whole body */
	struct buf stray;     /* lines of a stream that are no events */
	struct buf repaired;  /* an event whose UTF-8 was mended */
	struct buf line;      /* an event's raw JSON that had line ends in it */
	struct json json;     /* reused for each event */
	struct usage usage;   /* the last one seen */
	struct buf usage_raw; /* as sent, where it is of OpenAI's form; else empty */
	int n_repaired;       /* events or bodies with bytes that weren't UTF-8 */
	int started;          /* EVENT_START was given */
	int usage_given;      /* EVENT_USAGE was given */
	int n_bom;            /* bytes of a byte order mark seen, before anything else */
	struct event last;    /* the last event given; its strings are gone when the chunk is */
	int n_given;          /* events given by the chunk in hand */
	int steady;           /* set by on_chunk: the wire's state is as it was before the chunk */
	int finished;         /* each choice that was seen has its finish reason; set by on_end */
	int ending;           /* inside decoder_end: the last event may be torn */
	int wants_more;       /* unknown members are given with the events: set by who wants them, where the wire can */
	const struct more *more; /* set by the wire: those that go with the next event */
	void *own;               /* the wire's state */
};

void decoder_init(struct decoder *d, const struct wire *w, int http, event_fn fn, void *arg);
void decoder_release(struct decoder *d);
/* 0, or non-zero to stop: fn's result, or -1 after a failure (decoder_end tells it). */
int decoder_feed(struct decoder *d, const char *p, size_t n);
/* No more bytes will come. 0: a complete answer. -1: e says why not: the provider's error, ERR_TEMPORARY for a cut, ERR_PROTOCOL
 * for what can't be understood. The kinds don't know whether text had gone out. */
int decoder_end(struct decoder *d, struct err *e);

/* For wires. Gives an event, its raw JSON on one line; non-zero stops. */
int decoder_emit(struct decoder *d, const struct event *ev);
/* The answer failed: gives EVENT_ERROR with e and stops. raw: the error object, or NULL. */
int decoder_fail(struct decoder *d, const struct err *e, const char *raw, size_t n);

#endif
