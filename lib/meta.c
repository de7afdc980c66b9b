/* SPDX-License-Identifier: ISC */
#include "meta.h"

#include <string.h>

#include "buf.h"
#include "candidate.h"
#include "cost.h"
#include "err.h"
#include "jsonw.h"
#include "outcome.h"
#include "price.h"
#include "providers.h"

static void
count(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	if (n < 0)
		jsonw_null(w);
	else
		jsonw_int(w, n);
}

static void
money(struct jsonw *w, const char *key, const char *usd)
{
	jsonw_key(w, key);
	if (usd && *usd)
		jsonw_raw(w, usd, strlen(usd));
	else
		jsonw_null(w);
}

static void
usage(struct jsonw *w, const struct usage *u)
{
	jsonw_key(w, "usage");
	jsonw_object(w);
	count(w, "prompt", u->prompt);
	count(w, "completion", u->completion);
	count(w, "cached", u->cached);
	count(w, "cache_write", u->cache_write);
	count(w, "reasoning", u->reasoning);
	jsonw_end_object(w);
}

static void
attempt(struct jsonw *w, const struct attempt *a)
{
	struct buf cost = BUF_INIT;

	jsonw_object(w);
	jsonw_member(w, "endpoint", a->endpoint);
	count(w, "status", a->http ? a->http : -1);
	count(w, "ms", a->ms);
	if (a->cost_pusd != PUSD_UNKNOWN)
		price_emit_pusd(&cost, a->cost_pusd);
	money(w, "cost", buf_str(&cost));
	jsonw_member(w, "error", a->err.kind ? a->err.msg : NULL);
	jsonw_end_object(w);
	buf_release(&cost);
}

static void
attempts(struct jsonw *w, const struct meta_spec *m)
{
	jsonw_key(w, "attempts");
	jsonw_array(w);
	for (size_t k = 0; k < m->n_outcome; k++)
		for (size_t i = 0; i < m->outcome[k]->n_attempt; i++)
			attempt(w, m->outcome[k]->attempt + i);
	jsonw_end_array(w);
}

static void
strings(struct jsonw *w, const char *key, const char *const *v, size_t n)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		jsonw_str(w, v[i]);
	jsonw_end_array(w);
}

void
meta_emit(const struct meta_spec *m, struct buf *out)
{
	static const struct outcome nothing = {.usage = USAGE_INIT, .ttft_ms = -1, .ms = -1};
	const struct outcome *o = m->n_outcome ? m->outcome[m->n_outcome - 1] : &nothing;
	const struct provider *served = o->served ? o->served->provider : NULL;
	const struct attempt *last = o->n_attempt ? o->attempt + o->n_attempt - 1 : NULL;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "id", o->id);
	jsonw_member(&w, "model", o->model ? o->model : o->served ? o->served->name : NULL);
	jsonw_member(&w, "provider", o->provider ? o->provider : served ? served->name : NULL);
	jsonw_member(&w, "endpoint", last ? last->endpoint : NULL);
	jsonw_member(&w, "finish", o->finish);
	jsonw_member(&w, "native_finish", o->native);
	usage(&w, m->usage ? m->usage : &nothing.usage);
	money(&w, "cost", m->cost);
	jsonw_member(&w, "cost_source", cost_word(m->source));
	attempts(&w, m);
	count(&w, "ttft_ms", o->ttft_ms);
	count(&w, "ms", o->ms);
	count(&w, "status", err_status(m->err));
	jsonw_member(&w, "cause", o->cause ? o->cause : m->err->kind ? err_word(m->err->kind) : NULL);
	strings(&w, "losses", (const char *const *)o->losses.v, o->losses.n);
	strings(&w, "warnings", m->warning, m->n_warning);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
}
