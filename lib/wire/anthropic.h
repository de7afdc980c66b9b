/* SPDX-License-Identifier: ISC */
/*
 * anthropic: the parts of the Messages format, both ends. Pure. Private to lib/wire/anthropic_*.c, but for what bedrock_*.c may want:
 * it carries the same events in frames of its own.
 *
 * Sources: Anthropic's API reference (Messages, streaming, errors, versions), its pages on extended and adaptive thinking, effort, tool use, PDF
 * support, structured outputs, prompt caching, mid-conversation system messages, and its list of models with their capabilities.
 */
#ifndef ANTHROPIC_H
#define ANTHROPIC_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"

struct buf;
struct decoder;
struct err;
struct event;
struct front_answer;
struct front_ask;
struct json;

#define ANTHROPIC_REASONING "anthropic-claude-v1" /* the format that reasoning_details name */

/* anthropic_answer.c: the decode hooks of wire.h. */
int anthropic_chunk(struct decoder *d, const char *event, const struct json *j);
int anthropic_whole(struct decoder *d, const struct json *j);
int anthropic_end(struct decoder *d);
void anthropic_release(struct decoder *d);

/* anthropic_foreign.c: has a detail something that has to be given back? */
int anthropic_is_sealed(const struct json *j, int detail);
/* Appends what a redacted_thinking block says in place of somebody else's detail (its JSON). */
void anthropic_wrap(const char *raw, size_t n, struct buf *out);
/* 1: data stands for somebody else's detail, which is in out (cleared first). 0: it is Anthropic's own. */
int anthropic_unwrap(const struct json *j, int data, struct buf *out);

/* anthropic_error.c: the hook, and the format's word for an error. Static. */
int anthropic_error(const struct json *j, int http, struct err *e, int *node);
const char *anthropic_error_type(const struct err *e);

/* anthropic_model.c: what a model takes, as far as its name tells. */
struct anthropic_model {
	int64_t most;    /* tokens that an answer may have */
	int budget;      /* takes thinking with a budget of tokens */
	int adaptive;    /* takes thinking without one */
	int effort;      /* output_config.effort: 0: no, 1: low to high, 2: and max, 3: and xhigh */
	int display;     /* takes thinking.display */
	const char *off; /* the type of thinking that is none; NULL: it always thinks */
	int forced;      /* takes a tool_choice that forces a call */
	int samples;     /* of temperature, top_p, top_k: 2: takes them, 1: but not the first two together, 0: none */
	int mid_system;  /* takes system messages between the others */
};
void anthropic_model(const char *name, struct anthropic_model *m);

/* anthropic_front.c: a request of theirs on its way to the canonical one. */
struct anthropic_asked {
	struct canon c; /* of their request */
	struct jsonw w;
	const struct front_ask *ask;
};
/* Content without a canonical form: `what` says it for people. */
void anthropic_unknown(struct anthropic_asked *x, const char *name, const char *what);
/* "a number", ...: for messages. Static. In anthropic_back.c. */
const char *anthropic_wanted(enum json_type t);
/* anthropic_turns.c: `system` and `messages` to canonical messages. */
void anthropic_turns(struct anthropic_asked *x);
/* anthropic_parts.c: one block of content to a part; where: its place, for messages. cache: the cache_control it is to have, -1: its own. */
void anthropic_part(struct anthropic_asked *x, int block, int cache, const char *where);
int anthropic_is_part(const struct json *j, int block); /* text, an image, a document */

/* anthropic_reply.c: events to their answers. */
void anthropic_reply(struct front_answer *a, struct buf *out);
void anthropic_reply_error(const struct err *e, struct buf *out);
void anthropic_reply_published_error(const struct err *e, const char *id, struct buf *out);
/* An answer's usage and the reason why it ended, as members. */
void anthropic_write_usage(const struct front_answer *a, struct jsonw *w);
void anthropic_lose_usage(struct front_answer *a);
const char *anthropic_reason(const struct front_answer *a);
/* A url_citation or file_citation as a citation. 0: written; -1: it is another kind, and lost. */
int anthropic_write_citation(struct front_answer *a, struct jsonw *w, const struct json *j, int annotation);
void anthropic_write_head(struct front_answer *a, struct jsonw *w);
/* Who calls a tool: the model itself. */
void anthropic_write_caller(struct jsonw *w);
/* anthropic_args.c: how far the JSON of a call's arguments has come. A zeroed struct is ready. */
struct anthropic_args {
	int depth; /* once begun: 0: the object is whole */
	int begun;
	int in_string, escaped;
	int bad; /* they are no object */
};
/* Returns bad. */
int anthropic_args_feed(struct anthropic_args *a, const char *s, size_t n);
/* anthropic_stream.c */
void anthropic_event(struct front_answer *a, const struct event *ev, struct buf *out);
void anthropic_stream_end(struct front_answer *a, struct buf *out);
void anthropic_stream_release(struct front_answer *a);

#endif
