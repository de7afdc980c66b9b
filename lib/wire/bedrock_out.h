/* SPDX-License-Identifier: ISC */
/* bedrock_out: a request to Converse while it is written. For lib/wire/bedrock_*.c only. */
#ifndef BEDROCK_OUT_H
#define BEDROCK_OUT_H

#include "buf.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/canon.h"

#define BEDROCK_CACHE_POINT "{\"cachePoint\":{\"type\":\"default\"}}"

struct bedrock_out {
	struct canon c;
	struct jsonw w;
	const char *role; /* of the turn that is open; NULL: none */
	int message;      /* number of the message in hand, for errors */
	int nested;       /* inside of a tool's result */
	struct buf names; /* of documents, each on a line: two of one name are an error */
	int n_documents;
	int calls;     /* of the last assistant's message: tool_calls; -1: none */
	int n_results; /* messages of tools since then */
	int n_legacy;  /* messages with a function_call so far */
	int cache;     /* the caller wants the prompt cached */
};

/* A point up to which the prompt is cached, by a cache_control object. */
void bedrock_write_cache_point(struct jsonw *w, const struct json *j, int control);

/* bedrock_parts.c. A turn begins with its first block. */
void bedrock_end_turn(struct bedrock_out *o);
void bedrock_open_block(struct bedrock_out *o, const char *role, const char *kind);
void bedrock_put_text(struct bedrock_out *o, int node, const char *role);
/* A point up to which the prompt is cached, where the part or message has cache_control and was written (since the body was so long). */
void bedrock_put_cache_point(struct bedrock_out *o, int part, size_t since);
/* A string or parts. Returns c.failed. */
int bedrock_put_content(struct bedrock_out *o, int content, const char *role);

/* bedrock_model.c: what goes to this model, of what others refuse or call otherwise; the rest is listed as lost. */
struct bedrock_plan {
	enum { BEDROCK_OTHER, BEDROCK_CLAUDE, BEDROCK_NOVA, BEDROCK_GPT } family;
	struct anthropic_model claude;
	struct canon_reasoning reasoning;
	enum { BEDROCK_SILENT, BEDROCK_OFF, BEDROCK_BUDGET, BEDROCK_ADAPTIVE, BEDROCK_EFFORT } thinking;
	int temperature, top_p, top_k; /* nodes; -1: none */
	int forces;                    /* a tool_choice may force a call */
};
/* Does tool_choice demand a call of any tool? Mistral says "any". */
int bedrock_any_tool(const struct canon *c, int choice);
void bedrock_plan(struct bedrock_plan *p, struct canon *c, const char *model);
/* The member additionalModelRequestFields, where it has members. */
void bedrock_additional(const struct bedrock_plan *p, struct canon *c, struct jsonw *w);

#endif
