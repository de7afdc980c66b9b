/* SPDX-License-Identifier: ISC */
/*
 * listing: how a provider's list of models is asked for: URL, headers, key. Runs no network.
 *
 * Sources: the API references of OpenAI, OpenRouter, Anthropic (list models), Google (models.list), Cohere, Ollama.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stddef.h>

#include "buf.h"

struct err;
struct provider;

#define LISTING_ENDPOINTS "endpoints/" /* and author/slug: the endpoints of one model */
#define LISTING_ZDR "zdr"              /* the endpoints at OpenRouter that keep nothing (GET /endpoints/zdr) */
/* and name=value, with & between them, nothing encoded: those of its models that OpenRouter picks by its query (GET /models), in its order */
#define LISTING_ASKED "models?"
#define LISTING_VALUE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._/,-" /* what a value may hold */
#define LISTING_VALUE_MAX 128 /* bytes of a name and its value */

struct listing_call {
	struct buf url;
	char **header; /* "Name: value", NULL-terminated */
	size_t n, cap;
};

#define LISTING_CALL_INIT \
	{ \
		BUF_INIT, NULL, 0, 0 \
	}

/* Appends the URL, without a key: it names the list. ERR_USAGE where the provider's wire has no such list. */
int listing_url(struct buf *b, const struct provider *p, const char *what, struct err *e);
/* Fills in the call. The key is looked up, save for OpenRouter's list, which is public: a bad key must not hide it. etag: of the copy we
 * have, or NULL. */
int listing_call(struct listing_call *c, struct provider *p, const char *url, const char *etag, struct err *e);
/* The same for another GET of the provider's, its URL and the call: path begins at its base URL, and the key is looked up whatever is asked. */
int listing_other_url(struct buf *b, const struct provider *p, const char *path, struct err *e);
int listing_other_call(struct listing_call *c, struct provider *p, const char *url, struct err *e);
/* Fills e with what an answer of this HTTP status says in place of what was asked for; a 200 that speaks of no error leaves e as it is. -1. */
int listing_error(int status, const char *body, size_t n, struct err *e);
/* Overwrites what held the key. */
void listing_call_release(struct listing_call *c);

#endif
