/* SPDX-License-Identifier: ISC */
/*
 * wire: the back of a provider's format: the canonical request encoded for it, its answers decoded into events. Pure.
 *
 * The canonical request is an OpenAI chat-completions request with OpenRouter's extensions, as JSON text (canon.h). The front of a
 * format, for those who send us requests in it, is front.h's. A wire's decode hooks are called by decoder.h with whole JSON values.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct blobs;
struct decoder;
struct err;
struct json;
struct provider;

/* What a target can't take: names of parameters, types of content. */
struct losses {
	char **v; /* owned */
	size_t n, cap;
	int n_content; /* how many of them are content, not parameters */
};

/* What is to be encoded. */
struct wire_ask {
	const struct json *request;      /* canonical; borrowed */
	const struct provider *provider; /* whose dialect, path and query count; NULL: the format as it is documented */
	const char *model;               /* the provider's native id */
	const struct blobs *blobs;       /* what stands for long data in the request; NULL: all of it is there */
	int lossy;                       /* lost content is listed, not refused */
	int cache;                       /* have the prompt cached, where the format has to be asked for it */
};

/* What is to be sent: POST url, header, body. No key is in it before it is signed. */
struct wire_call {
	struct buf url;    /* empty without a provider */
	struct buf header; /* "Name: value\n" lines beside the service's own and the provider's */
	struct buf body;
	int stream; /* a stream was asked for */
};

/* How streams come that are no server-sent events. */
enum {
	WIRE_VALUES = 1 << 0, /* JSON objects one after another: lines, or the elements of one array */
	WIRE_FRAMES = 1 << 1  /* Amazon's binary event stream */
};

struct wire {
	const char *name;
	unsigned framing; /* WIRE_VALUES, WIRE_FRAMES */
	/* Lost content is ERR_DATA unless lossy; lost parameters go to lost. */
	int (*encode)(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
	/* Decode hooks. Non-zero is an event_fn's result and stops the decoder; trouble goes through decoder_fail(). on_chunk is given
	 * objects only, and may set d->steady: template.h says what that promises. event: of SSE, or a frame's :event-type or
	 * :exception-type; "" where there is none. */
	int (*on_chunk)(struct decoder *d, const char *event, const struct json *j); /* one event of a stream */
	int (*on_whole)(struct decoder *d, const struct json *j);                    /* a whole answer */
	/* In place of both and of any framing: a 200's body as it arrives, unvalidated; n 0: its end. For answers too big to be parsed. */
	int (*on_bytes)(struct decoder *d, const char *p, size_t n);
	/* Is it an error object? Then e is filled, http being the status (200 in a stream). *node: the object. */
	int (*error)(const struct json *j, int http, struct err *e, int *node);
	int (*on_end)(struct decoder *d); /* no more values will come, and the answer has not failed; may be NULL */
	int (*is_end)(const char *data, size_t n); /* data of the event that ends a stream ([DONE]); NULL: none does */
	void (*release)(struct decoder *d);        /* frees d->own; may be NULL */
};

extern const struct wire wire_openai, wire_completions, wire_responses, wire_anthropic, wire_gemini, wire_ollama,
    wire_cohere, wire_bedrock;

/* How a wire is found by a provider's word for it; NULL: there is none of that name. */
typedef const struct wire *(*wire_fn)(const char *name);
const struct wire *wire_get(const char *name);

/* Sets the URL: the base, path= of the provider's row or else path, the row's query. "{model}" in the path becomes the model's name,
 * percent-encoded. Without a provider it stays empty. */
void wire_url(struct wire_call *c, const struct wire_ask *ask, const char *path);
void wire_call_clear(struct wire_call *c);
void wire_call_release(struct wire_call *c); /* overwrites what may hold a key */
void losses_add(struct losses *l, const char *name);
void losses_add_content(struct losses *l, const char *name);
void losses_drop(struct losses *l, const char *name);
void losses_release(struct losses *l);

#endif
