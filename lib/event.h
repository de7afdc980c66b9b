/* SPDX-License-Identifier: ISC */
/*
 * event: the canonical answer, as a stream of events. Pure.
 *
 * A wire decodes a provider's bytes into these, whether the answer was streamed or whole; a renderer turns them into text, JSON, SSE,
 * NDJSON. Order in one answer: start, then any of text/reasoning/tool.../media/annotation, then finish and usage in either order; an
 * error may come anywhere and is the last. Strings are borrowed and valid during the call only; UTF-8, never split inside a sequence.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct more;

enum event_type {
	EVENT_START,      /* id, model, provider as far as known */
	EVENT_TEXT,       /* s: answer text (refusal: it is a refusal's text) */
	EVENT_REASONING,  /* s: reasoning text; raw: a reasoning_details item to be played back unmodified */
	EVENT_TOOL_BEGIN, /* index, id, name */
	EVENT_TOOL_ARGS,  /* index, s: bytes of the arguments' JSON text */
	EVENT_TOOL_END,   /* index */
	EVENT_MEDIA,      /* name: image|audio; raw: the OpenRouter content item */
	EVENT_ANNOTATION, /* raw: the OpenRouter annotation */
	EVENT_LOGPROBS,   /* raw: {"content":[...]} as the provider sent it */
	EVENT_VECTOR,     /* embeddings: index: the input's number; s: n bytes of little-endian float32 */
	EVENT_FINISH,     /* s: normalised reason; native: the provider's own word */
	EVENT_USAGE,      /* usage; raw: as sent, where it is of OpenAI's form */
	EVENT_MORE,       /* more, by itself; choice -1: only of the answer */
	EVENT_ERROR       /* err; raw: the provider's error object, if there was one */
};

/* Tokens of one call. -1: unknown. prompt includes cached and cache_write; completion includes reasoning. */
struct usage {
	int64_t prompt, completion, cached, cache_write, reasoning;
	int64_t prompt_audio, completion_audio, completion_image; /* parts of prompt and completion */
	char cost[48]; /* USD as the provider reported it, a decimal string; "": unreported */
};

#define USAGE_INIT \
	{ \
		-1, -1, -1, -1, -1, -1, -1, -1, "" \
	}

struct event {
	enum event_type type;
	int choice;           /* index of the choice, from 0 */
	int index;            /* tool calls: number in this choice, from 0 */
	int refusal;          /* EVENT_TEXT: the model's refusal */
	const char *s;        /* see the type; may be NULL */
	size_t n;             /* bytes of s */
	const char *id;       /* answer's or tool call's id; NULL: unknown */
	const char *name;     /* model (EVENT_START), tool's name, media kind */
	const char *provider; /* EVENT_START: name of the provider that served, where told */
	const char *native;   /* EVENT_FINISH: the provider's word; NULL: none */
	int64_t created;      /* EVENT_START: seconds since 1970; 0: unknown */
	const char *raw;      /* JSON text; NULL: none */
	size_t raw_len;
	const struct usage *usage;
	const struct err *err;
	const struct more *more; /* unknown members that came with it, where they are wanted; NULL: none */
};

/* Non-zero stops the decoder, which returns it. */
typedef int (*event_fn)(void *arg, const struct event *ev);

/* Is it a part of the answer itself, not something about it (start, finish, usage, error)? */
int event_is_content(enum event_type t);
/* "start", "text", ... as interface.md names them. Static. */
const char *event_name(enum event_type t);

#endif
