/* SPDX-License-Identifier: ISC */
/* answer: events collected into a whole answer, and written as OpenRouter's chat.completion. Pure. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"
#include "json.h"
#include "jsonedit.h"

struct answer_call {
	char *id, *name;                /* owned; id may be NULL */
	struct buf args;                /* JSON text, as it came */
	struct buf more, function_more; /* as more.h has it; so below */
};

/* A reasoning detail or an audio object that comes in pieces: the first piece, and what the later ones add to it. */
struct answer_piece {
	int64_t index;        /* the provider's; -1: none */
	char *type;           /* owned, may be NULL */
	struct buf first;     /* its JSON text */
	struct json parsed;   /* of first */
	struct buf grown[4];  /* of the members that grow: text, summary, data, transcript */
	struct jsonedit late; /* members that the first piece lacked: signature, expires_at */
};

struct answer_choice {
	struct buf text, refusal, reasoning;
	struct buf images, annotations, logprobs, refusal_logprobs; /* JSON values, comma-separated */
	struct answer_piece *detail;
	size_t n_detail, cap_detail;
	struct answer_piece *audio; /* NULL: none */
	struct answer_call *call;
	size_t n_call, cap_call;
	char *finish, *native;
	struct buf more, message_more, logprobs_more;
};

#define ANSWER_MAX_CHOICES 128

struct answer {
	char *id, *model, *provider;
	int64_t created;
	struct answer_choice *choice;
	size_t n_choice;
	struct usage usage;
	struct buf usage_raw;
	struct buf more;
};

void answer_init(struct answer *a);
void answer_clear(struct answer *a);
void answer_release(struct answer *a);
void answer_add(struct answer *a, const struct event *ev);
/* The choice, or NULL where nothing came for it. Borrowed. */
const struct answer_choice *answer_get(const struct answer *a, size_t choice);
/* Appends {"role":"assistant",...} as it is played back in a conversation. */
void answer_emit_message(const struct answer *a, size_t choice, struct buf *out);
/* Appends one chat.completion object. cost: USD, decimal, to be put into usage where the provider reported none; NULL: unknown. */
void answer_emit_completion(const struct answer *a, const char *cost, struct buf *out);
/* Was any usage told? */
int answer_has_usage(const struct answer *a);
/* Appends the usage object alone. */
void answer_emit_usage(const struct answer *a, const char *cost, struct buf *out);
/* Appends a reasoning detail or audio object, its pieces put together. */
void answer_emit_piece(const struct answer_piece *p, struct buf *out);
/* Appends an OpenAI tool_call object. */
void answer_emit_call(const struct answer_call *c, struct buf *out);

#endif
