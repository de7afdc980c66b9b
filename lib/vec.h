/* SPDX-License-Identifier: ISC */
/*
 * vec: the vectors of an embeddings answer, found in its bytes as they arrive, without a token of JSON for each number. Pure.
 *
 * Wherever the bytes are split, memory is that of one vector beside `rest`: the answer with null in each vector's place, for json.h. A vector is an
 * array of numbers, or a base64 string, that stands
 *
 *	{"embedding": V}   {"embeddings": [V, ...]}        OpenAI's `data`, Titan, Ollama, Cohere v1
 *	{"embeddings": {"float": [V, ...], "base64": ...}}   Cohere v2
 *	{"embedding": {"values": V}}, {"embeddings": [{"values": V}, ...]}   Gemini
 *
 * Numbered it is by the `index` beside it, before or behind, else in the order of arrival. What isn't a vector is not looked at; what claims to be one
 * and isn't is an error. Sources: the API references of OpenAI, Google, Ollama, Cohere, Amazon Bedrock.
 */
#ifndef VEC_H
#define VEC_H

#include <stddef.h>
#include <stdint.h>

#include "base64.h"
#include "buf.h"
#include "vecnum.h"

struct err;

#define VEC_MAX_DIMS 65536              /* numbers of one vector */
#define VEC_MAX_REST (16 * 1024 * 1024) /* bytes of all that isn't vectors */
#define VEC_MAX_DEPTH 16                /* levels of nesting; vectors lie in the fifth at most */

/* What a base64 string holds. */
enum vec_type { VEC_F32, VEC_I8 };

/* v: n_dims floats, borrowed. Non-zero stops. */
typedef int (*vec_fn)(void *arg, int64_t index, const float *v, size_t n_dims);

struct vec_level {
	char is_array;
	char want_key; /* in an object: the next string is a key */
	char inside;   /* an object below "embedding" or "embeddings" */
	char place;    /* what the last key, or the array's, says of the values here */
	char pending;  /* the vector in hand belongs to this object, and waits for its index */
	int64_t index; /* -1: none was seen */
};

struct vec_scan {
	enum vec_type type;
	vec_fn fn;
	void *arg;
	int state;
	int depth;
	struct vec_level level[VEC_MAX_DEPTH];
	struct buf rest;
	char key[16]; /* the key in hand, cut */
	size_t n_key;
	int in_index;      /* the value in hand is that of "index" */
	int64_t n_vectors; /* given */
	float *v;          /* owned: the vector in hand */
	size_t n, cap;
	char number[VECNUM_MAX + VECNUM_LOOKAHEAD]; /* one that was split */
	size_t n_number;
	struct base64 base64;
	size_t n_bytes; /* decoded from base64 into v */
	int n_pad;      /* '=' seen */
	char escape[5]; /* an escaped character of base64, behind its backslash */
	size_t n_escape;
};

void vec_scan_init(struct vec_scan *s, enum vec_type type, vec_fn fn, void *arg);
/* Ready for another answer. */
void vec_scan_clear(struct vec_scan *s);
void vec_scan_release(struct vec_scan *s);
/* -1: fn stopped it, or the answer is wrong (ERR_PROTOCOL). */
int vec_scan_feed(struct vec_scan *s, const char *p, size_t n, struct err *e);
/* -1: it ended early. What is in rest is not checked. */
int vec_scan_end(const struct vec_scan *s);

#endif
