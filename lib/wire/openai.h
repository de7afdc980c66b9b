/* SPDX-License-Identifier: ISC */
/*
 * openai: the parts of the OpenAI chat-completions back, in all the dialects that go by that name. Pure. Private to lib/wire/openai_*.c.
 *
 * Sources: OpenAI's API reference (chat), OpenRouter's (chat, errors), and the providers named in DEVIATIONS.md.
 */
#ifndef OPENAI_H
#define OPENAI_H

struct decoder;
struct err;
struct json;
struct losses;
struct provider;
struct wire_ask;
struct wire_call;

/* What a provider's dialect takes beyond the common ground. */
enum {
	OPENAI_ROUTING = 1 << 0,        /* OpenRouter's own request fields: provider, models, plugins, ... */
	OPENAI_SAMPLING = 1 << 1,       /* top_k, min_p, top_a, repetition_penalty */
	OPENAI_STREAM_OPTIONS = 1 << 2, /* usage in a stream has to be asked for */
	OPENAI_EFFORT = 1 << 3,         /* reasoning_effort */
	OPENAI_REASONING = 1 << 4,      /* the reasoning object itself */
	OPENAI_NEW_LIMIT = 1 << 5,      /* max_completion_tokens in place of max_tokens */
	OPENAI_PLAYBACK = 1 << 6,       /* reasoning, reasoning_details, ... in past assistant messages */
	OPENAI_IMAGE = 1 << 7,          /* content parts */
	OPENAI_AUDIO = 1 << 8,
	OPENAI_FILE = 1 << 9,
	OPENAI_VIDEO = 1 << 10,
	OPENAI_PLAY_CONTENT = 1 << 11, /* past reasoning as reasoning_content, which tool turns need */
	OPENAI_OLD_LIMIT = 1 << 12,    /* max_tokens in place of max_completion_tokens */
	OPENAI_RANDOM_SEED = 1 << 13,  /* random_seed in place of seed */
	OPENAI_TOOLS = 1 << 14
};

struct openai_dialect {
	unsigned takes;
	const char *const *refuses; /* fields it answers 400 to, NULL-terminated; NULL: none that we know */
};

/* By the provider's name, else by the host of its base URL, else what most servers take. NULL: all there is. */
const struct openai_dialect *openai_dialect(const struct provider *p);

int openai_encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e);
int openai_chunk(struct decoder *d, const char *event, const struct json *j);
int openai_whole(struct decoder *d, const struct json *j);
int openai_error(const struct json *j, int http, struct err *e, int *node);
/* Fills e from the node that describes an error; http: the status, under 300 where the node itself may say it. */
void openai_describe(const struct json *j, int node, int http, struct err *e);
int openai_end(struct decoder *d);
void openai_release(struct decoder *d);
/* The usage object in OpenAI's form, with the dialects' additions, laid over u. */
struct usage;
void openai_usage(const struct json *j, int node, struct usage *u);

#endif
