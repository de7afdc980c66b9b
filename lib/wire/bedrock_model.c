/* SPDX-License-Identifier: ISC */
/*
 * What only some models take, or have words of their own for: thinking, sampling. Converse leaves it to additionalModelRequestFields (User
 * Guide: "Inference request parameters and response fields for foundation models"; Claude's are those of Anthropic's API).
 */
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "wire/bedrock.h"
#include "wire/bedrock_out.h"

#define MIN_BUDGET 1024

static int
number(const struct canon *c, const char *field)
{
	int node = canon_get(c, field);

	return json_type(c->j, node) == JSON_NUMBER ? node : -1;
}

static void
drop(struct canon *c, int *node, const char *field)
{
	if (*node >= 0)
		canon_lose(c, field);
	*node = -1;
}

int
bedrock_any_tool(const struct canon *c, int choice)
{
	return json_eq(c->j, choice, "required") || json_eq(c->j, choice, "any");
}

/* Is a call demanded? */
static int
is_forced(const struct canon *c)
{
	int choice = canon_get(c, "tool_choice");

	return bedrock_any_tool(c, choice) || json_type(c->j, choice) == JSON_OBJECT;
}

static void
lose_reasoning(struct canon *c)
{
	canon_lose(c, canon_get(c, "reasoning") >= 0 ? "reasoning" : "reasoning_effort");
}

/* A budget stays under the limit, and a demanded call beats thoughts. */
static void
plan_claude(struct bedrock_plan *p, struct canon *c)
{
	const struct anthropic_model *m = &p->claude;
	int64_t limit = canon_limit(c);
	int wants_budget = p->reasoning.max_tokens > 0 || !m->adaptive;

	p->forces = m->forced;
	if (p->reasoning.wanted == 0 && m->off && m->adaptive)
		p->thinking = BEDROCK_OFF;
	if (p->reasoning.wanted == 1 && m->adaptive && !(wants_budget && m->budget))
		p->thinking = BEDROCK_ADAPTIVE;
	else if (p->reasoning.wanted == 1 && m->budget && (limit < 0 || limit > MIN_BUDGET))
		p->thinking = BEDROCK_BUDGET;
	int refused = p->reasoning.wanted == 0 ? !m->off : p->reasoning.wanted == 1 && p->thinking == BEDROCK_SILENT;
	if (p->thinking >= BEDROCK_BUDGET && m->forced && is_forced(c)) {
		p->thinking = m->off && m->adaptive ? BEDROCK_OFF : BEDROCK_SILENT;
		refused = 1;
	}
	if (refused)
		lose_reasoning(c);
}

/* Claude: none from 4.7 on, not two of a kind from 4.1 on, and thoughts leave no choice. */
static void
plan_sampling(struct bedrock_plan *p, struct canon *c)
{
	int64_t one = 0;
	int thinks = p->thinking >= BEDROCK_BUDGET, usual = json_int(c->j, p->temperature, &one) == 0 && one == 1;

	if (p->family != BEDROCK_CLAUDE && p->family != BEDROCK_NOVA)
		drop(c, &p->top_k, "top_k");
	if (p->family != BEDROCK_CLAUDE)
		return;
	if ((thinks || p->claude.samples == 0) && !usual)
		drop(c, &p->temperature, "temperature");
	if (thinks || p->claude.samples == 0 || (p->claude.samples == 1 && p->temperature >= 0))
		drop(c, &p->top_p, "top_p");
	if (thinks || p->claude.samples == 0)
		drop(c, &p->top_k, "top_k");
}

void
bedrock_plan(struct bedrock_plan *p, struct canon *c, const char *model)
{
	*p = (struct bedrock_plan){.temperature = number(c, "temperature"),
	    .top_p = number(c, "top_p"),
	    .top_k = number(c, "top_k"),
	    .forces = 1};
	canon_reasoning(c, &p->reasoning);
	if (strstr(model, "anthropic."))
		p->family = BEDROCK_CLAUDE;
	else if (strstr(model, "amazon.nova"))
		p->family = BEDROCK_NOVA;
	else if (strstr(model, "openai."))
		p->family = BEDROCK_GPT;
	if (p->family == BEDROCK_CLAUDE) {
		anthropic_model(model, &p->claude);
		plan_claude(p, c);
	} else if (p->reasoning.wanted == 1) {
		p->thinking = p->family == BEDROCK_OTHER ? BEDROCK_SILENT : BEDROCK_EFFORT;
		if (p->family == BEDROCK_OTHER)
			lose_reasoning(c);
	}
	if (p->reasoning.exclude)
		canon_lose(c, "reasoning.exclude");
	plan_sampling(p, c);
}

/* In one of the three words that all have; Claude has a fourth from 4.6 on, and a fifth from 4.7 on. */
static const char *
effort_of(const struct bedrock_plan *p, const struct canon *c)
{
	const struct canon_reasoning *r = &p->reasoning;
	const char *effort = *r->effort ? r->effort : "medium";
	int more = p->family == BEDROCK_CLAUDE ? p->claude.effort : 0;

	if (!*r->effort && r->max_tokens > 0)
		effort = canon_effort(r->max_tokens, canon_limit(c));
	if (strcmp(effort, "xhigh") == 0 || strcmp(effort, "max") == 0)
		return more > 2 && *effort == 'x' ? "xhigh" : more > 1 ? "max" : "high";
	return strcmp(effort, "minimal") == 0 ? "low" : effort;
}

static void
write_thinking(struct jsonw *w, const char *type, int64_t budget)
{
	jsonw_key(w, "thinking");
	jsonw_object(w);
	jsonw_member(w, "type", type);
	if (budget) {
		jsonw_key(w, "budget_tokens");
		jsonw_int(w, budget);
	}
	jsonw_end_object(w);
}

static int64_t
budget_of(const struct bedrock_plan *p, const struct canon *c)
{
	int64_t limit = canon_limit(c), n = p->reasoning.max_tokens;

	if (n <= 0)
		n = canon_budget(p->reasoning.effort, limit);
	if (limit > MIN_BUDGET && n >= limit)
		n = limit - 1;
	return n < MIN_BUDGET ? MIN_BUDGET : n;
}

static void
thinking(const struct bedrock_plan *p, const struct canon *c, struct jsonw *w)
{
	int claude = p->family == BEDROCK_CLAUDE, nova = p->family == BEDROCK_NOVA;

	if (p->thinking == BEDROCK_OFF)
		write_thinking(w, p->claude.off, 0);
	if (p->thinking == BEDROCK_BUDGET)
		write_thinking(w, "enabled", budget_of(p, c));
	if (p->thinking == BEDROCK_ADAPTIVE)
		write_thinking(w, "adaptive", 0);
	if (claude &&
	    (p->thinking != BEDROCK_ADAPTIVE || !p->claude.effort ||
		(!*p->reasoning.effort && p->reasoning.max_tokens <= 0)))
		return;
	if (p->thinking < BEDROCK_ADAPTIVE)
		return;
	if (p->family == BEDROCK_GPT) {
		jsonw_member(w, "reasoning_effort", effort_of(p, c));
		return;
	}
	jsonw_key(w, nova ? "reasoningConfig" : "output_config");
	jsonw_object(w);
	if (nova)
		jsonw_member(w, "type", "enabled");
	jsonw_member(w, nova ? "maxReasoningEffort" : "effort", effort_of(p, c));
	jsonw_end_object(w);
}

void
bedrock_additional(const struct bedrock_plan *p, struct canon *c, struct jsonw *w)
{
	if (p->thinking == BEDROCK_SILENT && p->top_k < 0)
		return;
	jsonw_key(w, "additionalModelRequestFields");
	jsonw_object(w);
	thinking(p, c, w);
	if (p->top_k >= 0 && p->family == BEDROCK_CLAUDE)
		jsoncopy_member(w, "top_k", c->j, p->top_k);
	if (p->top_k >= 0 && p->family == BEDROCK_NOVA) {
		jsonw_key(w, "inferenceConfig");
		jsonw_object(w);
		jsoncopy_member(w, "topK", c->j, p->top_k);
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}
