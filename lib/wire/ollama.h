/* SPDX-License-Identifier: ISC */
/*
 * ollama: the parts of Ollama's own format, /api/chat and /api/generate. Pure. Private to lib/wire/ollama_*.c.
 *
 * Source: Ollama's API documentation (https://docs.ollama.com/api), and recorded answers (DEVIATIONS.md).
 */
#ifndef OLLAMA_H
#define OLLAMA_H

#include <stddef.h>
#include <stdint.h>

struct blobs;
struct answer_choice;
struct buf;
struct canon;
struct decoder;
struct err;
struct front_answer;
struct front_ask;
struct json;
struct jsonw;
struct losses;
struct usage;

/* ollama_answer.c: lines of a stream and whole answers, which are one such line */
int ollama_chunk(struct decoder *d, const char *event, const struct json *j);
int ollama_whole(struct decoder *d, const struct json *j);
int ollama_end(struct decoder *d);
int ollama_error(const struct json *j, int http, struct err *e, int *node);
void ollama_release(struct decoder *d);

/* ollama_ask.c: a front's request() */
int ollama_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);
/* "", [], {}, null, false, nothing: how their clients leave a member out. */
int ollama_is_empty(const struct json *j, int node);
/* Content that no other format has. */
void ollama_refuse(struct canon *c, const char *what);
/* Lists as lost each member that isn't known (NULL-terminated) or empty. */
void ollama_lose_rest(struct canon *c, int node, const char *where, const char *const *known);
/* ollama_turns.c: writes the member "messages" */
void ollama_ask_messages(struct canon *c, struct jsonw *w, struct blobs *blobs);

/* ollama_front.c: members of a line that ends an answer: done, done_reason; the counts of tokens; the body of an error */
void ollama_write_reason(struct front_answer *a, struct jsonw *w, int had_calls);
void ollama_write_counts(const struct usage *u, struct jsonw *w);
void ollama_write_error(const struct err *e, struct buf *out);
/* Tells what a whole answer has no place for, its calls aside. */
void ollama_lose(struct front_answer *a, const struct answer_choice *c);

/* ollama_messages.c: writes the member "messages" */
void ollama_messages(struct canon *c, struct jsonw *w);

/* "image/png", ...: what base64 data begins like; Ollama's images say no type. Static. */
const char *ollama_image_type(const char *data, size_t n);
/* Seconds since 1970 of an RFC 3339 time; 0: it is none, or earlier. */
int64_t ollama_seconds(const char *s);

#endif
