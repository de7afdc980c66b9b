/* SPDX-License-Identifier: ISC */
/*
 * canon: the canonical request, as the backs read it and the fronts write it. Pure.
 *
 * It is OpenAI's chat-completions request with OpenRouter's extensions (both API references). Beyond what OpenAI has, it holds:
 *
 *	messages[].reasoning            text of past reasoning
 *	messages[].reasoning_details[]  {type: reasoning.text|reasoning.summary|reasoning.encrypted, text|summary|data, signature, id,
 *	                                format, index}: as the provider gave them, to be played back unmodified. format:
 *	                                anthropic-claude-v1, google-gemini-v1, openai-responses-v1, ...; another provider's are no use
 *	messages[].images[], .audio, .annotations[]   what an answer had
 *	content parts                   text, image_url{url, detail}, input_audio{data, format}, file{filename, file_data, file_id},
 *	                                video_url{url}; a url or file_data is a URL or a data URL; each may have cache_control
 *	tool messages                   content may be parts (with media); is_error: true where the tool failed (ours; no API but
 *	                                Anthropic's and Bedrock's has it)
 *	tools[].cache_control, cache_control   Anthropic's prompt caching
 *	reasoning                       {effort: max|xhigh|high|medium|low|minimal|none, max_tokens, enabled, exclude, summary}
 *	top_k, min_p, top_a, repetition_penalty, session_id, provider, models, plugins, ...
 *
 * Losses go by these names. A front lists a field of its own that has no canonical form under its own name.
 */
#ifndef CANON_H
#define CANON_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"

struct blobs;
struct err;
struct jsonw;
struct losses;
struct wire_ask;

/* A tool call of a past message. */
struct canon_call {
	char *id; /* owned */
	int call; /* node: those of later messages are greater */
};

/* A request on its way through a back. */
struct canon {
	const struct json *j;
	const struct wire_ask *ask;
	struct losses *lost;
	struct err *err;
	const char *who; /* for messages: the provider's name, else the format's */
	int failed;      /* content was refused: err says so */
	struct buf scratch;
	struct canon_call *call; /* of all messages, sorted; made when it is first asked for */
	size_t n_call, cap_call;
	int calls_known;
};

void canon_init(struct canon *c, const struct wire_ask *ask, const char *format, struct losses *lost, struct err *e);
void canon_release(struct canon *c);

/* A member of the request; -1 where it is absent or null. */
int canon_get(const struct canon *c, const char *field);
int canon_member(const struct canon *c, int node, const char *key);
/* The limit of the answer's tokens: max_completion_tokens, else max_tokens; -1: none. */
int64_t canon_limit(const struct canon *c);
/* Lists as lost each top-level field that isn't in carried (NULL-terminated), but for those whose absence changes no answer (stream,
 * stream_options, usage, include_reasoning, store: false, n: 1, ... and model, messages). */
void canon_lose_others(struct canon *c, const char *const *carried);
/* The same for the members of one object; where: put in front of the names ("tool_choice."); may be "". */
void canon_lose_members(struct canon *c, int node, const char *where, const char *const *carried);
/* A parameter is lost. */
void canon_lose(struct canon *c, const char *field);
/* Content can't be carried: it is listed where the caller asked for that, else the request is refused (c->failed). Returns c->failed. */
int canon_refuse(struct canon *c, const char *type);
/* The request is wrong in itself: ERR_DATA "messages[3]: why". Returns c->failed, 1. */
int canon_bad(struct canon *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A string's decoded value, owned; NULL if it is none. */
char *canon_dup(const struct canon *c, int node);

/* What is wanted of reasoning, from `reasoning`, else `reasoning_effort`. */
struct canon_reasoning {
	int wanted;         /* 1: on, 0: off, -1: the request says nothing */
	char effort[16];    /* "high", ...; "": unsaid */
	int64_t max_tokens; /* -1: unsaid */
	int exclude;        /* think, but don't show it */
};
void canon_reasoning(const struct canon *c, struct canon_reasoning *r);
/* OpenRouter's published ratios: effort to a budget of tokens, at least 1024 and at most 128000, of a limit (-1: unknown, then of 32000). */
int64_t canon_budget(const char *effort, int64_t limit);
/* The effort whose budget is nearest. Static. */
const char *canon_effort(int64_t budget, int64_t limit);

/* The messages. System and developer text is content of its own in most formats. */
enum canon_role { CANON_SYSTEM, CANON_USER, CANON_ASSISTANT, CANON_TOOL, CANON_FUNCTION, CANON_UNKNOWN };
enum canon_role canon_role(const struct canon *c, int message);
/* The call of an assistant's message before `until` (INT_MAX: of any) that has this id, the last of them; -1: none. */
int canon_find_call(struct canon *c, int id, int until);
/* The name of the function that it named; appended. -1: no such call. */
int canon_tool_name(struct canon *c, int id, int until, struct buf *name);

/* The text of a tool call's arguments (a JSON string that holds JSON) as the object it stands for; "" and what is no object: {} with
 * *bad set where it isn't empty. */
void canon_write_args(struct canon *c, struct jsonw *w, int args, int *bad);

#endif
