/* SPDX-License-Identifier: ISC */
/*
 * front: the front of a format: requests in it become canonical ones, events become answers in it. Pure.
 *
 * Whoever sends us requests in a format gets answers in it. A front is to a wire (wire.h) what the other end of the line is: what a wire
 * encodes a front decodes, and the other way round.
 */
#ifndef FRONT_H
#define FRONT_H

#include <stddef.h>
#include <stdint.h>

#include "answer.h"
#include "wire/wire.h"

struct err;
struct event;
struct json;

/* A request in the front's format. */
struct front_ask {
	const struct json *request; /* borrowed */
	const char *model;          /* from the URL, where the format has it there; NULL: the body's */
	int stream;                 /* from the URL: 1, 0; -1: the body's */
	int lossy;                  /* content without a canonical form is listed, not refused */
	struct blobs *blobs;        /* where long data goes; NULL: into the text */
};

/* An answer on its way out. What comes is also collected in `answer`: start, finish and usage always, content where the front keeps it. */
struct front_answer {
	const struct front *front;
	void *own;           /* the stream's state */
	int failed;          /* an error event came */
	int begun;           /* event() was called */
	struct losses *lost; /* what the format has no place for; borrowed; may be NULL */
	const char *id;      /* these: for answers whose provider doesn't say; borrowed; may be NULL */
	const char *model;
	const char *provider;
	int64_t created;  /* seconds since 1970 */
	const char *cost; /* USD, a decimal; set before the end; NULL: unknown */
	/* As OpenRouter publishes its answers: every member that its document requires stands there, null, 0 or [] where nothing is known; Anthropic's
	 * names no provider. */
	int published;
	int64_t ended;        /* seconds since 1970, where published; 0: it hasn't */
	struct answer answer; /* whole(): all of it; stream: what came so far */
};

struct front {
	const char *name;
	const char *type, *stream_type; /* MIME types of an answer, of a stream */
	int keeps;                      /* its stream ends with the whole answer once more: content is collected */
	/* Appends the canonical request. Parameters without a canonical form go to lost; such content is ERR_DATA unless lossy, and so is a
	 * request that isn't one. */
	int (*request)(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);
	/* Appends the whole answer, without a line end. */
	void (*whole)(struct front_answer *a, struct buf *out);
	/* Appends what an event is in a stream of the format; the answer has it already. EVENT_ERROR is an error in the stream. */
	void (*event)(struct front_answer *a, const struct event *ev, struct buf *out);
	/* Appends the end of a stream that came to its end. */
	void (*end)(struct front_answer *a, struct buf *out);
	/* Appends the body of an error that comes in place of an answer. */
	void (*error)(const struct err *e, struct buf *out);
	/* The same as OpenRouter publishes it; id: of the call; NULL: it is none. May be NULL. */
	void (*published_error)(const struct err *e, const char *id, struct buf *out);
	void (*release)(struct front_answer *a); /* frees a->own; may be NULL */
};

extern const struct front front_openai, front_completions, front_responses, front_anthropic, front_gemini, front_ollama,
    front_cohere, front_bedrock;
/* /api/generate, Ollama's old one of a prompt and its continuation. For a server, which knows it by its path: front_get doesn't give it. */
extern const struct front front_ollama_generate;

/* NULL: there is none of that name. In fronts.c, so that a tool that needs one front has one. */
const struct front *front_get(const char *name);

void front_init(struct front_answer *a, const struct front *f);
void front_clear(struct front_answer *a); /* a new attempt: all is void */
void front_release(struct front_answer *a);
/* What the answer is called: the provider's word, else what was set, else "". */
const char *front_id(const struct front_answer *a);
const char *front_model(const struct front_answer *a);
int64_t front_created(const struct front_answer *a);
/* One event of a stream: collected as far as it must be, then written. */
void front_event(struct front_answer *a, const struct event *ev, struct buf *out);
/* The format has no place for it. */
void front_lose(struct front_answer *a, const char *what);         /* a parameter, a fact about the answer */
void front_lose_content(struct front_answer *a, const char *what); /* a part of the answer itself */
/* OpenRouter's word for an error whose status is in it: "rate_limit_exceeded". Static. */
const char *front_error_type(const struct err *e);
/* An error's words without the status in front of them, which has a place of its own. Borrowed. */
const char *front_message(const struct err *e);
/* The format's word for a finish reason: the native one where the format has it and means the same, else its usual word. words: pairs
 * (native, normalised), the usual one of each normalised reason first; the last pair is NULL. */
struct front_word {
	const char *native, *reason;
};
const char *front_reason(const struct front_word *words, const char *reason, const char *native);

#endif
