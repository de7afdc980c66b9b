/* SPDX-License-Identifier: ISC */
/* anthropic_request: a canonical request on its way to Anthropic's, and the parts that write it. Private to lib/wire/anthropic_*.c. */
#ifndef ANTHROPIC_REQUEST_H
#define ANTHROPIC_REQUEST_H

#include <stdint.h>

#include "json.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/canon.h"

struct anthropic_request {
	struct canon c;
	struct jsonw w;
	struct anthropic_model model;
	int64_t limit;  /* of the answer's tokens; -1: the request has none */
	int64_t tokens; /* max_tokens */
	struct canon_reasoning reasoning;
	int thinks;      /* thinking is asked for */
	int files;       /* uploaded files are named, which needs a header */
	int n_blocks;    /* written in this turn */
	int plain;       /* the text of the last one, where it has nothing else; -1 */
	int string;      /* the same where it was a message's whole content */
	int calls, call; /* tool_calls of the last answer, and the one whose result comes next; -1: none */
	int n_legacy_call, n_legacy_result; /* function_call and its answers have no ids: they get numbers */
};

void anthropic_key_raw(struct anthropic_request *x, const char *key, int node);
void anthropic_key_str(struct anthropic_request *x, const char *key, const char *s);
/* Content called `what` can't be carried; its loss goes by `name`. */
void anthropic_refuse(struct anthropic_request *x, const char *name, const char *what);
/* A member of node, if it is there. */
void anthropic_same(struct anthropic_request *x, int node, const char *key);

/* anthropic_tools.c: tools, tool_choice. */
void anthropic_tools(struct anthropic_request *x);
int anthropic_is_forced(const struct anthropic_request *x); /* does the request want a call? */

/* anthropic_thinking.c: thinking, output_config. decide comes first: what else may be sent depends on it. */
void anthropic_decide_thinking(struct anthropic_request *x);
void anthropic_thinking(struct anthropic_request *x);
void anthropic_output_config(struct anthropic_request *x);

/* anthropic_messages.c: system, messages. */
void anthropic_messages(struct anthropic_request *x);

/* anthropic_content.c: a message's content as blocks, without the brackets. bare: no cache_control. */
void anthropic_content(struct anthropic_request *x, int content, int bare);
void anthropic_text(struct anthropic_request *x, int text, int cache_control);

#endif
