/* SPDX-License-Identifier: ISC */
/* request: what was asked on a command line becomes the canonical request. Pure. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "price.h"

struct buf;
struct err;
struct json;

struct request_spec {
	const char *base; /* -i: a request to go out from; NULL: none */
	size_t base_len;
	char *const *chain;  /* model names, NULL-terminated; NULL: the base's own */
	const char *system;  /* NULL: none */
	const char *history; /* messages so far: "{...},{...}" */
	size_t history_len;
	const char *prompt; /* NULL: no user message is added */
	size_t prompt_len;
	const char *parts; /* content parts of attachments: "{...},{...}" */
	size_t parts_len;
	char *const *option; /* -O key=value */
	size_t n_option;
	const char *effort; /* -R */
	const char *schema; /* JSON Schema; NULL: none */
	size_t schema_len;
	int has_seed;
	int64_t seed;
	price_t max_prompt, max_completion; /* -p, PRICE_UNKNOWN: none */
	int stream;                         /* ask for a stream where the base or an option doesn't say */
};

/* Appends the canonical request, one line of JSON (a base keeps its bytes where nothing changes them). ERR_DATA on a bad base,
 * ERR_USAGE on a bad option. */
int request_build(const struct request_spec *s, struct buf *out, struct err *e);
/* Appends {"role":"user","content":...} with the prompt and the parts. */
void request_user_message(const struct request_spec *s, struct buf *out);
/* Appends {"role":"system","content":...}. */
void request_system_message(const char *text, struct buf *out);
#define REQUEST_MAX_MODELS 64         /* of one chain */
#define REQUEST_MAX_CHAIN (16 * 1024) /* bytes of it */
/* Appends the model names of a request: "a,b,c"; nothing where it names none. ERR_DATA where one holds a control character, or there are more. */
int request_models(const struct json *request, struct buf *out, struct err *e);
/* The same of a text: model, then models: "a,b,c"; owned by the caller. NULL: it names none. */
char *request_chain(const char *text, size_t len, struct err *e);

#endif
