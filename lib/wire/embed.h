/* SPDX-License-Identifier: ISC */
/*
 * embed: the embeddings of each provider's format: backs as wire.h has them, for calls whose answers are vectors. Pure.
 *
 * The canonical request is OpenAI's for embeddings, with OpenRouter's extensions:
 *
 *	input        strings, in an array; for providers of OpenAI's format also arrays of tokens, or objects {content: [parts]}
 *	dimensions   of each vector
 *	input_type   search_document, search_query, classification, clustering; semantic_similarity, question_answering, fact_verification,
 *	             code_retrieval_query: where a provider has such
 *	provider, models, route, session_id, user, metadata, trace   only for who knows them
 *	mock         as mock.h has it
 *
 * and whatever else the provider takes. The answer becomes an EVENT_VECTOR for each input, numbered as the inputs are, in any order. No provider is
 * let to cut an input that is too long: where that can be turned off it is, elsewhere the limits below tell.
 */
#ifndef WIRE_EMBED_H
#define WIRE_EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

struct err;
struct json;
struct jsonw;
struct provider;

#define WIRE_EMBED_MAX_BYTES (256 * 1024 * 1024) /* of one answer's vectors, as floats */

/* 0: not known. Sources: the providers' own pages on embeddings (DEVIATIONS.md). */
struct embed_limits {
	size_t inputs;       /* of one request */
	size_t tokens;       /* of one request */
	size_t input_tokens; /* of one input */
	int cuts;            /* it cuts a longer one in silence */
};

/* What finds the wires, as wire_get does; of this provider, since Perplexity's vectors are bytes and nothing in its answers says so. */
wire_fn wire_embed(const struct provider *p);
void wire_embed_limits(struct embed_limits *l, const struct provider *p, const char *model);

/* Can the provider be sent this request, with so many inputs of their kind? ERR_DATA, in words that name the limit. */
int wire_embed_takes(const struct provider *p, const char *model, const struct json *request, struct err *e);

/* For the formats' files. */
int openai_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int gemini_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int ollama_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int cohere_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int bedrock_embed_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);

/* Of the fields that say who asks, and by whom to be served, a provider knows none, `user` alone, or all. */
enum embed_routing { EMBED_ROUTING_NONE, EMBED_ROUTING_USER, EMBED_ROUTING_ALL };
/* Copies the fields of the request that aren't in `taken` (NULL-terminated) as they are, of those as many as it knows. */
void embed_pass(struct jsonw *w, const struct json *j, const char *const *taken, enum embed_routing routing);
/* The fields of Cohere's request beside the model, which are Amazon's too. type: base64, float. */
void cohere_embed_fields(struct jsonw *w, const struct json *j, const char *type);

#endif
