/* SPDX-License-Identifier: ISC */
/* Which preset a call lies over: part of policy. */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "str.h"

struct choice {
	const struct policy *p;
	const struct preset *preset; /* the one that was found; NULL */
	struct buf chain;
	struct err *e;
};

/* The models that a preset names itself. */
static int
add_models(struct choice *c, const struct preset *preset)
{
	struct json j = JSON_INIT;
	struct buf own = BUF_INIT;
	int r = json_parse(&j, preset->json, preset->len, c->e) || request_models(&j, &own, c->e) ? -1 : 0;

	json_release(&j);
	if (!r && !own.len)
		r = err_set(c->e, ERR_CONFIG, "the preset %s names no model", preset->name);
	buf_add(&c->chain, own.p ? own.p : "", own.len);
	buf_release(&own);
	return r;
}

static int
take(struct choice *c, const struct preset *preset)
{
	if (c->preset && c->preset != preset)
		return err_set(c->e, ERR_USAGE, "two presets for one call: %s and %s", c->preset->name, preset->name);
	c->preset = preset;
	return 0;
}

static int
add_name(void *arg, const char *item, size_t n)
{
	struct choice *c = arg;
	char *model = xstrndup(item, n);
	const char *name = NULL;
	size_t n_model = 0, n_name = policy_names_preset(model, &name, &n_model);
	const struct preset *preset = n_name ? policy_preset(c->p, name, n_name) : NULL;
	int r = 0;

	if (c->chain.len)
		buf_addc(&c->chain, ',');
	if (!preset)
		buf_adds(&c->chain, model);
	else if ((r = take(c, preset)) == 0 && n_model)
		buf_add(&c->chain, model, n_model);
	else if (!r)
		r = add_models(c, preset);
	free(model);
	return r;
}

int
policy_choose_preset(
    const struct policy *p, const char *field, char **chain, const struct preset **preset, struct err *e)
{
	struct choice c = {.p = p, .chain = BUF_INIT, .e = e};
	int r = 0;

	c.preset = field ? policy_preset(p, field, strlen(field)) : NULL;
	if (*chain)
		r = str_list(*chain, add_name, &c);
	else if (c.preset && strstr(c.preset->json, "\"model"))
		r = add_models(&c, c.preset);
	*preset = r ? NULL : c.preset;
	if (!r && c.chain.len) {
		free(*chain);
		*chain = buf_take(&c.chain);
	}
	buf_release(&c.chain);
	return r;
}
