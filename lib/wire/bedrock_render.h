/* SPDX-License-Identifier: ISC */
/* bedrock_render: answers of Converse's form, and what its stream shares with them. For lib/wire/bedrock_*.c only. */
#ifndef BEDROCK_RENDER_H
#define BEDROCK_RENDER_H

#include <stddef.h>

struct buf;
struct err;
struct front_answer;
struct json;
struct jsonw;

/* A whole answer (front.h). */
void bedrock_render(struct front_answer *a, struct buf *out);
/* The members usage and metrics. */
void bedrock_usage(struct front_answer *a, struct jsonw *w);
/* Lists what the format has no place for: who answered, and when. */
void bedrock_lose_facts(struct front_answer *a);
/* Appends a citation object for an annotation. 0: there is none for its type, and it is listed. */
int bedrock_citation(struct front_answer *a, const char *raw, size_t n, struct buf *out);
/* Of a reasoning detail: appends redactedContent (0: there is none), or the signature's node (-1: none). Another provider's is of no use to
 * whoever gets it back as Claude's, and is listed. */
int bedrock_sealed(struct front_answer *a, const struct json *detail, struct buf *out);
int bedrock_signature(struct front_answer *a, const struct json *detail);
/* A call's id; one of ours where there is none. */
void bedrock_call_id(struct buf *b, const char *id, size_t n);
/* The name of the exception that an error is, in place of an answer and in a stream. Static. */
const char *bedrock_error_type(const struct err *e);
const char *bedrock_stream_error(const struct err *e);

/* An image of an answer. */
struct bedrock_picture {
	const char *format; /* static */
	const char *data;   /* base64, of the JSON text it was read from; still escaped */
	size_t n;           /* bytes of it */
};
/* j is reused. 0: it is none that Converse can hold. */
int bedrock_picture(struct json *j, const char *raw, size_t n, struct bedrock_picture *p);
/* The member source. */
void bedrock_picture_source(struct jsonw *w, const struct bedrock_picture *p);

#endif
