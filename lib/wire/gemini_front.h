/* SPDX-License-Identifier: ISC */
/* gemini_front: the parts that the front's answers are made of. Private to lib/wire/gemini_*.c. */
#ifndef GEMINI_FRONT_H
#define GEMINI_FRONT_H

#include <stddef.h>

#include "jsonw.h"

struct answer_choice;
struct buf;
struct err;
struct front_answer;
struct front_ask;
struct json;
struct losses;

/* gemini_out.c: elements of "parts", and members of a candidate or response, key and value, where there is something
 * to say. */
void gemini_out_text(struct jsonw *w, const char *s, size_t n, int is_thought, const struct buf *signature);
/* raw: the canonical image or audio. */
void gemini_out_media(struct front_answer *a, struct jsonw *w, const char *raw, size_t n, const struct buf *signature);
void gemini_out_call(struct front_answer *a, struct jsonw *w, const struct answer_choice *c, size_t index);
/* Signatures that belong to the text: but for the first, where skip is set. */
void gemini_out_signatures(struct jsonw *w, const struct answer_choice *c, int skip);
/* The signature of a call, an image or (NULL) the text; NULL: it has none. */
const struct buf *gemini_signature_of(const struct answer_choice *c, const char *id);
/* gemini_foreign.c: what other providers sealed, a thought without text each. */
void gemini_out_foreign(struct jsonw *w, const struct answer_choice *c);
/* groundingMetadata from the choice's annotations. */
void gemini_out_grounding(struct front_answer *a, struct jsonw *w, const struct answer_choice *c);
/* logprobsResult; list: OpenAI's tokens, comma-separated. */
void gemini_out_logprobs(struct jsonw *w, const char *list, size_t n);
/* usageMetadata, modelVersion, createTime, responseId. */
void gemini_out_usage(struct front_answer *a, struct jsonw *w);
void gemini_out_names(struct front_answer *a, struct jsonw *w);

/* A request on its way in. */
struct gemini_call_seen {
	char *name, *id; /* owned */
	int answered;
};

struct gemini_ask {
	const struct front_ask *ask;
	const struct json *j;
	struct jsonw w;
	struct losses *lost;
	struct err *err;
	int failed;  /* err says why */
	char at[48]; /* "contents[2].parts[0]", for messages */
	struct gemini_call_seen *call;
	size_t n_call, cap_call;
	size_t first_open; /* those before it are answered */
};

/* gemini_ask.c: front.h's request(). */
int gemini_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);
/* A member by its name, or by the same with underscores; -1 where it is absent or null. */
int gemini_get(const struct json *j, int node, const char *name);
/* The elements of a list; an object that stands in its place is its only one, as Google reads it. -1: no more. */
int gemini_first(const struct json *j, int list);
int gemini_next(const struct json *j, int list, int node);
/* Is it that key, either way? */
int gemini_is_key(const struct json *j, int key, const char *name);
/* Members of an object that are neither in known (NULL-terminated) nor null are lost parameters, `where` in front of
 * their names. */
void gemini_lose_members(struct gemini_ask *g, int node, const char *where, const char *const *known);
/* Content without a canonical form: listed where the caller allows it, else the request is refused. */
void gemini_refuse(struct gemini_ask *g, const char *what);
void gemini_bad(struct gemini_ask *g, const char *why);

/* gemini_contents.c: "messages", key and value. */
void gemini_read_messages(struct gemini_ask *g);
/* Says which part of the content in hand is read. */
void gemini_at_part(struct gemini_ask *g, int part);
/* Writes inlineData or fileData as a content part. 0: the part has none. */
int gemini_read_media(struct gemini_ask *g, struct jsonw *w, int part);
/* A part that has no other form: what Google's own tools did, and what is new. */
void gemini_refuse_part(struct gemini_ask *g, int part);
/* What a part says beside its content. */
void gemini_lose_of_part(struct gemini_ask *g, int part);

/* gemini_said.c: a content of the model's. */
void gemini_read_model(struct gemini_ask *g, int parts);

/* gemini_settings.c: what generationConfig says, as members of the canonical request. */
void gemini_read_config(struct gemini_ask *g, int config);
/* gemini_schema.c: an OpenAPI schema as JSON Schema. */
void gemini_read_schema(const struct json *j, int node, struct jsonw *w);

#endif
