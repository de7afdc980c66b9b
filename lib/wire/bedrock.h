/* SPDX-License-Identifier: ISC */
/*
 * bedrock: Amazon Bedrock's Converse and ConverseStream, what its two ends share. For lib/wire/bedrock_*.c only. Pure.
 *
 * Source: Amazon Bedrock API Reference (Converse, ConverseStream, ContentBlock and their parts) and its User Guide.
 */
#ifndef BEDROCK_H
#define BEDROCK_H

#include <stddef.h>
#include <stdint.h>

#include "wire/front.h"
#include "wire/wire.h"

struct decoder;
struct event;
struct json;

/* Bedrock's words for formats of media, and MIME types. */
enum bedrock_media { BEDROCK_IMAGE, BEDROCK_DOCUMENT, BEDROCK_VIDEO, BEDROCK_AUDIO };
/* NULL: it has none for this type, extension or word. Static. */
const char *bedrock_format(enum bedrock_media m, const char *mime, size_t n);
const char *bedrock_format_of(
    enum bedrock_media m, const char *name, size_t n); /* by the end of a file's name or URL */
const char *bedrock_mime(enum bedrock_media m, const char *format);

/* stopReason and OpenAI's finish reasons (front.h). */
extern const struct front_word bedrock_stops[];

/* A reasoning detail's format: of Claude's thoughts, whose signatures and encrypted data are good at Anthropic's own API, too (there the data
 * is text, here its bytes in base64); and of encrypted data that is no text. */
#define BEDROCK_SIGNED "anthropic-claude-v1"
#define BEDROCK_ENCRYPTED "bedrock-converse-v1"

/* The wire's hooks (wire.h) that have a file of their own. */
int bedrock_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int bedrock_chunk(struct decoder *d, const char *event, const struct json *j);
int bedrock_whole(struct decoder *d, const struct json *j);
int bedrock_end(struct decoder *d);
void bedrock_release(struct decoder *d);
int bedrock_error(const struct json *j, int http, struct err *e, int *node);
/* What an exception of this name ("throttlingException") means. */
void bedrock_exception(const struct json *j, const char *name, struct err *e);

/* The members of a request that stand beside messages and system, from the canonical form. */
struct canon;
struct jsonw;
void bedrock_settings(struct canon *c, struct jsonw *w, const char *model);

/* The front's (front.h). */
int bedrock_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);

/* What a tool without parameters takes: a schema has to be there, and be of an object. */
#define BEDROCK_ANY "{\"type\":\"object\"}"

/* The text that redactedContent is, where it is one: Claude's, as Anthropic's own API has it. 0: other bytes; text holds anything then. */
int bedrock_opened(const struct json *j, int redacted, struct buf *text);

#endif
