/* SPDX-License-Identifier: ISC */
/*
 * cohere: the parts of Cohere's chat format, version 2. Pure. Private to lib/wire/cohere_*.c.
 *
 * Sources: Cohere's API reference (https://docs.cohere.com/reference/chat, chat-stream, errors), and recorded answers (DEVIATIONS.md).
 * Version 1 (chat_history, event_type) is another format, and not ours: its answers end in a protocol error.
 */
#ifndef COHERE_H
#define COHERE_H

struct blobs;
struct buf;
struct canon;
struct decoder;
struct err;
struct front_ask;
struct json;
struct jsonw;
struct losses;

/* cohere_answer.c */
int cohere_chunk(struct decoder *d, const char *event, const struct json *j);
int cohere_whole(struct decoder *d, const struct json *j);
int cohere_end(struct decoder *d);
void cohere_release(struct decoder *d);

/* cohere_finish.c: why an answer ended, its usage, and errors */
int cohere_finish(struct decoder *d, const struct json *j, int node, int error, int error_type);
void cohere_usage(struct decoder *d, const struct json *j, int node);
int cohere_error(const struct json *j, int http, struct err *e, int *node);

/* cohere_cite.c: gives the annotations that a citation is */
int cohere_cite(struct decoder *d, const struct json *j, int citation);

/* cohere_messages.c: writes the member "messages" */
void cohere_messages(struct canon *c, struct jsonw *w);

/* cohere_ask.c: a front's request() */
int cohere_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);
/* Content that no other format has. */
void cohere_refuse(struct canon *c, const char *what);
/* cohere_turns.c: writes the canonical member "messages" */
void cohere_ask_messages(struct canon *c, struct jsonw *w, struct blobs *blobs);

#endif
