/* SPDX-License-Identifier: ISC */
/* gemini: what the back and the front of Google's format share, and the parts of the back's encoder. Private to
 * lib/wire/gemini_*.c. */
#ifndef GEMINI_H
#define GEMINI_H

#include <stddef.h>

struct buf;
struct canon;
struct canon_url;
struct json;
struct jsonw;

#define GEMINI_FORMAT "google-gemini-v1" /* of reasoning details that are Gemini's */
#define GEMINI_MADE_ID "call_gm_"        /* ids of calls that came without one begin so; they aren't sent back */

#define GEMINI_IMAGE_ID "image_" /* and its number: in a detail, the image that a signature belongs to */
/* What Google documents for calls that another model made: from version 3 on the first call of a step needs a
 * signature. */
#define GEMINI_NO_SIGNATURE "skip_thought_signature_validator"

/* The major version in a model's name ("gemini-3.5-flash": 3; 10: that or more), or 0. */
int gemini_version(const char *model);

/* gemini_json.c. A string's value, owned; NULL where it is none, or empty. */
char *gemini_word(const struct json *j, int node);
/* Appends valid JSON without the white space between its tokens: a call is the same however it came, and on a line. */
void gemini_compact(const char *raw, size_t n, struct buf *out);

/* gemini_foreign.c. Is the signature another provider's reasoning detail, as our front sends them? Then out is its
 * JSON. */
int gemini_unwrap(const struct json *j, int signature, struct buf *out);

/* Contents on their way out: a turn is open while messages of one side follow one another. */
struct gemini_turns {
	struct canon *c;
	struct jsonw *w;
	const char *role; /* of the turn that is open; NULL: none */
	int version;      /* of the model; 0: unknown */
};

/* gemini_parts.c: "contents" and, where there is system text, "systemInstruction". version: the model's, 0: unknown. */
void gemini_write_contents(struct canon *c, struct jsonw *w, int version);
/* Opens a part's object, in a turn of this role. */
void gemini_begin_part(struct gemini_turns *t, const char *role);
/* A member: the request's node as it is. */
void gemini_write_raw(struct gemini_turns *t, const char *key, int node);
/* "id", but for one that we made. */
void gemini_write_id(struct gemini_turns *t, int id);
/* The data or address of a part with media. -1: it has none that Google takes. */
int gemini_part_url(struct gemini_turns *t, int part, struct canon_url *u);
/* Lists what a content part says beyond its content. */
void gemini_lose_details(struct gemini_turns *t, int part);

/* gemini_results.c: a tool's message, the at-th. */
void gemini_write_result(struct gemini_turns *t, int message, int at);

/* gemini_media.c: the part's "inlineData" or "fileData", key and value. Its data or URL; kind: of which `part` is
 * (canon.h). */
void gemini_write_media(struct jsonw *w, const struct canon_url *u, int kind);

/* gemini_config.c: "generationConfig", key and value, where the request says anything that goes there. */
void gemini_write_config(struct canon *c, struct jsonw *w, const char *model);

/* gemini_schema.c: a JSON Schema as Gemini takes it. */
void gemini_write_schema(const struct json *j, int node, struct jsonw *w);

#endif
