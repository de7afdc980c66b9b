/* SPDX-License-Identifier: ISC */
/* How much a model thinks, and the form of its answer. Each generation has ways of its own; anthropic_model.c tells them apart. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "wire/anthropic_request.h"
#include "wire/closed.h"

#define MIN_BUDGET 1024

/* As canon.h's efforts are called; "max" is OpenRouter's latest, with the share of the one below. */
static const char *
share_of(const char *effort)
{
	return strcmp(effort, "max") == 0 ? "xhigh" : *effort ? effort : "medium";
}

/* A budget that leaves room for an answer, or 0: none can be had. */
static int64_t
budget(struct anthropic_request *x)
{
	int64_t n = x->reasoning.max_tokens;

	if (n <= 0)
		n = canon_budget(share_of(x->reasoning.effort), x->tokens);
	if (n < MIN_BUDGET)
		n = MIN_BUDGET;
	if (n < x->tokens)
		return n;
	if (x->tokens <= MIN_BUDGET)
		return 0;
	if (x->reasoning.max_tokens > 0)
		canon_lose(&x->c, "reasoning.max_tokens");
	n = canon_budget("xhigh", x->tokens);
	return n < x->tokens ? n : MIN_BUDGET;
}

/* Is it to think? Where it can't be as the request has it, that is a loss. */
void
anthropic_decide_thinking(struct anthropic_request *x)
{
	static const char *const carried[] = {"effort", "max_tokens", "enabled", "exclude", NULL};
	const struct anthropic_model *m = &x->model;

	canon_reasoning(&x->c, &x->reasoning);
	canon_lose_members(&x->c, canon_get(&x->c, "reasoning"), "reasoning.", carried);
	x->thinks = x->reasoning.wanted == 1;
	if ((x->thinks && !m->adaptive && !m->budget) || (x->thinks && anthropic_is_forced(x) && m->forced)) {
		canon_lose(&x->c, "reasoning");
		x->thinks = 0;
		x->reasoning.wanted = m->adaptive || m->budget ? 0 : -1;
	} else if (x->reasoning.wanted == 0 && !m->off) {
		canon_lose(&x->c, "reasoning");
	}
}

static void
thinking_type(struct anthropic_request *x, const char *type, int64_t n)
{
	jsonw_key(&x->w, "thinking");
	jsonw_object(&x->w);
	anthropic_key_str(x, "type", type);
	if (n) {
		jsonw_key(&x->w, "budget_tokens");
		jsonw_int(&x->w, n);
	}
	if (x->thinks && x->model.display &&
	    (x->reasoning.exclude || !x->model.budget)) /* newer ones show it only when asked to */
		anthropic_key_str(x, "display", x->reasoning.exclude ? "omitted" : "summarized");
	else if (x->thinks && x->reasoning.exclude)
		canon_lose(&x->c, "reasoning.exclude");
	jsonw_end_object(&x->w);
}

void
anthropic_thinking(struct anthropic_request *x)
{
	const struct anthropic_model *m = &x->model;
	int64_t n = 0;

	if (!x->thinks) {
		if (x->reasoning.wanted == 0 && m->off && (m->budget || m->adaptive))
			thinking_type(x, m->off, 0);
	} else if (m->adaptive && (x->reasoning.max_tokens < 0 || !m->budget)) {
		thinking_type(x, "adaptive", 0);
	} else if ((n = budget(x))) {
		thinking_type(x, "enabled", n);
	} else {
		canon_lose(&x->c, "reasoning");
		x->thinks = 0;
	}
}

/* The nearest that the model has; NULL: it has none. */
static const char *
effort_word(const struct anthropic_request *x, const char *s)
{
	int level = x->model.effort;

	if (!level)
		return NULL;
	if (strcmp(s, "max") == 0)
		return level >= 2 ? "max" : "high";
	if (strcmp(s, "xhigh") == 0)
		return level >= 3 ? "xhigh" : level == 2 ? "max" : "high";
	if (strcmp(s, "minimal") == 0)
		return "low";
	return strcmp(s, "low") == 0 || strcmp(s, "medium") == 0 || strcmp(s, "high") == 0 ? s : NULL;
}

/* `verbosity` is OpenRouter's word for just this; else it is what the reasoning is to be, where that has no budget. Static, or in word. */
static const char *
effort(struct anthropic_request *x, char **word)
{
	int node = canon_get(&x->c, "verbosity");
	const char *s = NULL;

	*word = canon_dup(&x->c, node);
	if (node >= 0 && !(s = effort_word(x, *word ? *word : "")))
		canon_lose(&x->c, "verbosity");
	if (s || !x->thinks || !x->model.adaptive)
		return s;
	if (*x->reasoning.effort)
		return effort_word(x, x->reasoning.effort);
	return x->reasoning.max_tokens > 0 && !x->model.budget
	    ? effort_word(x, canon_effort(x->reasoning.max_tokens, x->tokens))
	    : NULL;
}

/* The schema of the answer, or -1. There is no other mode of JSON. */
static int
schema(struct anthropic_request *x)
{
	static const char *const carried[] = {"schema", "name", "strict", NULL}; /* a name is a label; all are strict */
	int format = canon_get(&x->c, "response_format"), type = json_get(x->c.j, format, "type");
	int inner = json_get(x->c.j, format, "json_schema"), node = canon_member(&x->c, inner, "schema");

	if (json_eq(x->c.j, type, "json_schema") && json_type(x->c.j, node) == JSON_OBJECT) {
		canon_lose_members(&x->c, inner, "response_format.json_schema.", carried);
		if (json_bool(x->c.j, json_get(x->c.j, inner, "strict")) == 0)
			canon_lose(&x->c, "response_format.json_schema.strict");
		return node;
	}
	if (format >= 0 && !json_eq(x->c.j, type, "text"))
		canon_lose(&x->c, "response_format");
	return -1;
}

void
anthropic_output_config(struct anthropic_request *x)
{
	struct buf closed = BUF_INIT;
	char *word;
	const char *level = effort(x, &word);
	int node = schema(x);

	if (level || node >= 0) {
		jsonw_key(&x->w, "output_config");
		jsonw_object(&x->w);
		if (level)
			anthropic_key_str(x, "effort", level);
		if (node >= 0) {
			jsonw_key(&x->w, "format");
			jsonw_object(&x->w);
			anthropic_key_str(x, "type", "json_schema");
			jsonw_key(&x->w, "schema");
			closed_schema(x->c.j, node, &closed);
			jsonw_raw(&x->w, closed.p, closed.len);
			jsonw_end_object(&x->w);
		}
		jsonw_end_object(&x->w);
	}
	buf_release(&closed);
	free(word);
}
