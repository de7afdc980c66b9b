/* SPDX-License-Identifier: ISC */
/*
 * eventstream: AWS's binary frames (application/vnd.amazon.eventstream), read by a push parser and written. Pure.
 *
 * A frame: its length, its headers' length and a CRC-32 of the two; headers (name, type, value); payload; a CRC-32 of it all. Numbers are
 * big-endian. Bytes go in as they arrive, split anywhere; the callback gets each frame once, after both sums were right.
 * Source: "Event stream encoding", Amazon Transcribe Developer Guide, and Smithy's "Amazon Event Stream".
 */
#ifndef EVENTSTREAM_H
#define EVENTSTREAM_H

#include <stddef.h>

#include "buf.h"

#define EVENTSTREAM_MAX (16 * 1024 * 1024) /* bytes of one frame, default cap */

/* Valid during the call only. Headers that aren't strings, or aren't there, are "". */
struct eventstream_head {
	const char *message; /* :message-type: "event", "exception" or "error" */
	const char *type;    /* :event-type, :exception-type or :error-code */
};

/* The payload of an "error", which has none, is {"message": its :error-message}. Non-zero stops the parser and is returned by
 * eventstream_feed. */
typedef int (*eventstream_fn)(void *arg, const struct eventstream_head *h, const char *p, size_t n);

struct eventstream {
	eventstream_fn on_frame;
	void *arg;
	size_t max;                      /* cap of a frame in bytes; 0: EVENTSTREAM_MAX */
	struct buf pending;              /* a frame that isn't whole yet */
	struct buf message, type, error; /* headers of the frame in hand */
};

/* Zero-initialise, set on_frame and arg. After one of these nothing more can be read. */
#define EVENTSTREAM_TOO_LONG (-2)
#define EVENTSTREAM_BAD (-3) /* lengths that contradict each other, a wrong sum, torn headers */
#define EVENTSTREAM_CUT (-4) /* the end inside of a frame */
/* 0, the callback's non-zero result, EVENTSTREAM_TOO_LONG or EVENTSTREAM_BAD. */
int eventstream_feed(struct eventstream *s, const char *p, size_t n);
/* 0 or EVENTSTREAM_CUT. */
int eventstream_end(const struct eventstream *s);
void eventstream_release(struct eventstream *s);

/* Appends a frame as AWS writes them: type is :event-type's value, or :exception-type's where message_type is "exception"; the payload's
 * type is application/json. Both strings are at most 255 bytes. */
void eventstream_put(struct buf *b, const char *message_type, const char *type, const char *payload, size_t n);

#endif
