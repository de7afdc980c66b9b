/* SPDX-License-Identifier: ISC */
/*
 * responses: the parts of the OpenAI Responses format, back and front. Pure. Private to lib/wire/responses_*.c.
 *
 * An answer is a list of items (reasoning, message, function_call, ...), streamed as events that name the item they belong to. Reasoning
 * items become canonical reasoning details, a detail for each part of the summary, of the text, and for the encrypted content; they go
 * back as the same items.
 *
 * Sources: OpenAI's API reference (Responses, streaming events), OpenRouter's (Responses: signature and format of a reasoning item).
 */
#ifndef RESPONSES_H
#define RESPONSES_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct blobs;
struct canon;
struct decoder;
struct err;
struct front_ask;
struct json;
struct jsonw;
struct losses;

#define RESPONSES_FORMAT "openai-responses-v1" /* of OpenAI's own reasoning details */

/* How ids of reasoning items begin that our front makes up; the second where there were no details: it is text and no more. */
#define RESPONSES_MADE "rs_or_"
#define RESPONSES_PLAIN "rs_plain_"
/* A member of ours: the id that encrypted content is bound to, where it became known too late to be the item's, which clients want to stay
 * the same. */
#define RESPONSES_BOUND "encrypted_content_id"

enum responses_kind {
	RESPONSES_OTHER, /* what the provider does by itself */
	RESPONSES_MESSAGE,
	RESPONSES_REASONING,
	RESPONSES_CALL
};

/* An output item of an answer that is being decoded. */
struct responses_item {
	enum responses_kind kind;
	int64_t at;                /* its output_index; -1: unsaid */
	char *id;                  /* owned; NULL: unsaid */
	char *format;              /* of a reasoning item; owned; NULL: OpenAI's; "": none */
	int call;                  /* index of the call; -1: not begun */
	int has_args, ended;       /* of a call */
	uint64_t parts, summaries; /* bits: parts that were given, so that what repeats them isn't given again */
	const char *detail_type;   /* of the reasoning detail in hand; NULL: none */
	int detail_part;           /* which part of the item that is */
	int detail;                /* its index; -1: none */
	int n_annotations, has_logprobs;
};

struct responses_state {
	struct buf scratch, raw;
	struct responses_item *item;
	size_t n_item, cap_item;
	size_t last;       /* the item of the last event */
	size_t held_bytes; /* of ids and formats */
	int n_call, n_detail;
};

struct responses_state *responses_state(struct decoder *d);

/* responses_items.c. The item that an event belongs to, by the nodes of its output_index and item_id; or one that is new. Valid until the next
 * is new. NULL: too many of them, the answer has failed. */
struct responses_item *responses_item(struct decoder *d, const struct json *j, int at, int id);
struct responses_item *responses_item_new(struct decoder *d, int64_t at);
/* What is known when an item begins (kind, ids, a call's name), and all of it when it ends. 0, or non-zero to stop. */
int responses_item_begin(struct decoder *d, const struct json *j, int item, struct responses_item *it);
int responses_item_end(struct decoder *d, const struct json *j, int item, struct responses_item *it);
/* Does the id, which may be NULL, begin so? */
int responses_id_is(const char *id, const char *head);
/* Is the part new to what was given? Those past the last bit share it. */
int responses_mark(uint64_t *given, int part);
/* A string as text of an answer; "" and what is no string is nothing. */
int responses_text(struct decoder *d, const struct json *j, int node, int refusal);
int responses_args(struct decoder *d, const struct json *j, int node, struct responses_item *it);
/* A part of a reasoning item, or a piece of one; type: reasoning.summary, reasoning.text. */
int responses_thought(
    struct decoder *d, const struct json *j, int text, struct responses_item *it, const char *type, int part);
int responses_annotation(struct decoder *d, const struct json *j, int node, struct responses_item *it);
int responses_logprobs(struct decoder *d, const struct json *j, int list, struct responses_item *it);
/* The calls that are open end. */
int responses_end_calls(struct decoder *d);

/* Appends a picture's URL as a string: result is one, or base64 that becomes a data URL; format: "png" where it is no string. */
void responses_image_url(const struct json *j, int result, int format, struct blobs *blobs, struct jsonw *w);

/* responses_ask.c. A front's request(). */
int responses_request(const struct front_ask *ask, struct buf *out, struct losses *lost, struct err *e);

/* responses_input.c. The conversation: instructions and input. */
void responses_input(struct canon *c, struct jsonw *w);

/* responses_note.c. An annotation in the other form. 0: it has none, and nothing is written. */
int responses_note_nest(struct jsonw *w, const struct json *j, int node);
int responses_note_flatten(struct jsonw *w, const struct json *j, int node);

/* responses_recall.c. The reasoning of an assistant's message, the number'th. */
void responses_recall(struct canon *c, struct jsonw *w, int message, int number);

/* responses_answer.c: the hooks of wire.h. */
int responses_chunk(struct decoder *d, const char *event, const struct json *j);
int responses_whole(struct decoder *d, const struct json *j);
int responses_error(const struct json *j, int http, struct err *e, int *node);
int responses_is_end(const char *data, size_t n);
void responses_release(struct decoder *d);

#endif
