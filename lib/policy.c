/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <stdlib.h>

#include "conf.h"
#include "err.h"
#include "mem.h"
#include "policy_priv.h"

static int
add_rule(void *p, char *line, struct err *e)
{
	return policy_add_rule(p, line, e);
}

static int
add_preset(void *p, char *line, struct err *e)
{
	return policy_add_preset(p, line, e);
}

static int
add_budget(void *arg, char *line, struct err *e)
{
	struct policy *p = arg;
	struct budget b;

	if (policy_is_full(p->n_budget, e) || budget_parse(&b, line, e))
		return -1;
	p->budget = mem_grow(p->budget, p->n_budget, &p->cap_budget, sizeof(*p->budget));
	p->budget[p->n_budget++] = b;
	return 0;
}

int
policy_is_full(size_t n, struct err *e)
{
	return n < POLICY_MAX_ENTRIES ? 0 : err_set(e, ERR_CONFIG, "more than %d entries", POLICY_MAX_ENTRIES);
}

int
policy_load(struct policy *p, struct err *e)
{
	if (conf_table("rules", add_rule, p, e) || conf_table("presets", add_preset, p, e) ||
	    conf_table("budgets", add_budget, p, e))
		return -1;
	return 0;
}

void
policy_release(struct policy *p)
{
	for (size_t i = 0; i < p->n_rule; i++)
		rule_release(&p->rule[i]);
	for (size_t i = 0; i < p->n_preset; i++) {
		free(p->preset[i].name);
		free(p->preset[i].json);
	}
	for (size_t i = 0; i < p->n_budget; i++)
		budget_release(&p->budget[i]);
	free(p->rule);
	free(p->preset);
	free(p->budget);
	*p = (struct policy)POLICY_INIT;
}
