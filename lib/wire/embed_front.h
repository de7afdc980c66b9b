/* SPDX-License-Identifier: ISC */
/*
 * embed_front: the other ends of embeddings, as front.h has those of chats: requests of a format become canonical ones (embed.h), the events of
 * their answers become answers in it. Pure. Errors are told in the words of the format's chats.
 *
 *	openai   /embeddings                          input: a text, texts, tokens, or OpenRouter's parts; float or base64
 *	gemini   :embedContent, :batchEmbedContents   content, or requests
 *	ollama   /api/embed, /api/embeddings          input, or prompt
 *	cohere   /v2/embed                            texts, or inputs; float, base64 or both
 *
 * Which of two endpoints of a format it is, the request itself tells. What the canonical request can't say is lost, or refused where another
 * vector would come of it. Sources: the API references of OpenAI, OpenRouter, Google, Ollama, Cohere.
 */
#ifndef EMBED_FRONT_H
#define EMBED_FRONT_H

#include <stddef.h>
#include <stdint.h>

#include "answer.h"

struct buf;
struct canon;
struct err;
struct event;
struct json;
struct jsonw;
struct losses;

#define EMBED_FRONT_MAX_INPUTS 65536
#define EMBED_FRONT_MAX_BYTES (128 * 1024 * 1024) /* of one answer's vectors */

/* A request in the front's format. */
struct embed_ask {
	const struct json *request; /* borrowed */
	const char *model;          /* from the URL, where the format has it there; NULL: the body's */
};

/* What the request says of its answer's form. */
struct embed_form {
	int numbers, base64; /* which of both; both: Cohere's alone */
	int single;          /* one vector, not a list: embedContent, /api/embeddings */
};

struct embed_vector {
	float *v; /* owned; NULL: it hasn't come */
	size_t n_dims;
};

/* An answer on its way out: nothing is written before all of it is there. */
struct embed_answer {
	const struct embed_form *form; /* borrowed */
	const struct json *request;    /* canonical; borrowed */
	struct answer answer;          /* what it told about itself */
	struct embed_vector *v;        /* owned: one for each input */
	size_t n, n_missing, n_bytes;
	size_t n_asked_dims; /* 0: none was said */
	size_t n_dims;       /* of each; 0: none has come */
	/* Set before it is written; borrowed; may be NULL. */
	const char *id;    /* ours, in place of the provider's */
	const char *model; /* where the provider doesn't say */
	const char *cost;  /* USD, a decimal */
};

struct embed_front {
	const char *name; /* as the chats' front is called */
	/* Appends the canonical request, fills the form. Parameters without a canonical form go to lost. ERR_DATA: it is no such request. */
	int (*request)(
	    const struct embed_ask *ask, struct buf *out, struct embed_form *form, struct losses *lost, struct err *e);
	/* Appends the answer's body. */
	void (*whole)(const struct embed_answer *a, struct buf *out);
};

extern const struct embed_front embed_front_openai, embed_front_gemini, embed_front_ollama, embed_front_cohere;

/* NULL: the format has no embeddings, or only other ones. */
const struct embed_front *embed_front_get(const char *name);

void embed_answer_init(struct embed_answer *a, const struct embed_form *form, const struct json *canonical);
/* A new attempt: all is void. */
void embed_answer_clear(struct embed_answer *a);
void embed_answer_release(struct embed_answer *a);
/* -1: a vector that none was asked for, a second one, one of other dimensions, one that holds no numbers, or too many of them (ERR_PROTOCOL). */
int embed_answer_event(struct embed_answer *a, const struct event *ev, struct err *e);
/* Is there a vector for each input? ERR_PROTOCOL. */
int embed_answer_check(const struct embed_answer *a, struct err *e);

/* For the formats' files. */
/* Writes all of the canonical request but its model. */
typedef void (*embed_ask_fn)(struct canon *c, struct jsonw *w, struct embed_form *form);
/* A front's request(), by it. format: a wire's name. form: its defaults are there. */
int embed_ask_read(const struct embed_ask *ask, const char *format, embed_ask_fn fields, struct embed_form *form,
    struct buf *out, struct losses *lost, struct err *e);
/* Checks the inputs in an array, and writes them as `input`. name: theirs, for messages. */
void embed_ask_texts(struct canon *c, struct jsonw *w, int list, const char *name);
/* One that is a string. */
void embed_ask_text(struct canon *c, struct jsonw *w, int node, const char *name);
/* Inputs that are objects with parts of content. */
void embed_ask_parts(struct canon *c, struct jsonw *w, int list, const char *name);
/* `dimensions`, where the node is there and not null. */
void embed_ask_dimensions(struct canon *c, struct jsonw *w, int node, const char *name);
/* Lists as lost what isn't in known (NULL-terminated) and isn't null, false or empty. */
void embed_ask_lose_rest(struct canon *c, int node, const char *const *known);
/* The vector as an array of numbers; as a string of base64. */
void embed_write_numbers(struct jsonw *w, const struct embed_vector *v);
void embed_write_base64(struct jsonw *w, const struct embed_vector *v);
/* What the model is called: the provider's word, else what was set, else "". */
const char *embed_answer_model(const struct embed_answer *a);
const char *embed_answer_id(const struct embed_answer *a); /* NULL: none */

#endif
