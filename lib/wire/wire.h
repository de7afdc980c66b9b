/* SPDX-License-Identifier: ISC */
/*
 * wire: one provider format: encode a canonical request, decode an answer into events. Pure.
 *
 * The canonical request is an OpenAI chat-completions request with OpenRouter's extensions, as JSON text. A wire's
 * back is two functions: encode() and the three decode hooks, which decoder.h calls with whole JSON values.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>

#include "buf.h"

struct decoder;
struct err;
struct json;
struct provider;

/* Names of parameters that a target can't take. */
struct losses {
	char **v; /* owned */
	size_t n, cap;
};

/* What is to be sent: POST url, headers, body. No key is in it: the client adds that. */
struct wire_call {
	struct buf url;
	struct buf body;
};

struct wire {
	const char *name;
	/* model: the provider's native id. Lost content is ERR_DATA unless lossy; lost parameters go to lost. */
	int (*encode)(struct wire_call *out, const struct provider *p, const char *model, const struct json *req,
	    int lossy, struct losses *lost, struct err *e);
	/* Decode hooks. Non-zero is an event_fn's result and stops the decoder; trouble goes through decoder_fail(). on_chunk is given
	 * objects only, and may set d->steady: template.h says what that promises. */
	int (*on_chunk)(struct decoder *d, const char *event, const struct json *j); /* one event of a stream */
	int (*on_whole)(struct decoder *d, const struct json *j);                    /* a whole answer */
	/* Is it an error object? Then e is filled, http being the status (200 in a stream). *node: the object. */
	int (*error)(const struct json *j, int http, struct err *e, int *node);
	int (*on_end)(struct decoder *d); /* no more values will come, and the answer has not failed; may be NULL */
	int (*is_end)(const char *data, size_t n); /* data of the event that ends a stream: [DONE] */
	void (*release)(struct decoder *d);        /* frees d->own; may be NULL */
};

extern const struct wire wire_openai;

/* NULL: no such wire is built in. */
const struct wire *wire_get(const char *name);
void wire_call_release(struct wire_call *c);
void losses_add(struct losses *l, const char *name);
void losses_drop(struct losses *l, const char *name);
void losses_release(struct losses *l);

#endif
