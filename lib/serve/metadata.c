/* SPDX-License-Identifier: ISC */
#include "serve/metadata.h"

#include <string.h>

#include "candidate.h"
#include "jsonw.h"
#include "outcome.h"
#include "providers.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "str.h"

#define MAX_SHOWN 100

int
metadata_wanted(const struct visit *v)
{
	const struct http1 *h = exchange_request(v->x);
	const char *asked = http1_get(h, "x-openrouter-metadata");

	if (!asked)
		asked = http1_get(h, "x-openrouter-experimental-metadata");
	return asked && str_ieq(asked, "enabled") &&
	    (v->front == &front_openai || v->front == &front_completions || v->front == &front_anthropic ||
		v->front == &front_responses);
}

static void
available(const struct admit *m, const struct outcome *o, struct jsonw *w)
{
	jsonw_key(w, "endpoints");
	jsonw_object(w);
	jsonw_key(w, "total");
	jsonw_int(w, (int64_t)(m->routed.n ? m->routed.n : m->routed.n_considered));
	jsonw_key(w, "available");
	jsonw_array(w);
	for (size_t i = 0; i < m->routed.n && i < MAX_SHOWN; i++) {
		const struct candidate *c = m->routed.v + i;
		jsonw_object(w);
		jsonw_member(w, "provider", c->provider->name);
		jsonw_member(w, "model", c->name);
		jsonw_key(w, "selected");
		jsonw_bool(w, o && c == o->served);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static void
attempts(const struct outcome *o, struct jsonw *w)
{
	jsonw_key(w, "attempts");
	jsonw_array(w);
	for (size_t i = 0; o && i < o->n_attempt && i < MAX_SHOWN; i++) {
		const struct attempt *a = o->attempt + i;
		jsonw_object(w);
		jsonw_member(w, "provider", a->candidate->provider->name);
		jsonw_member(w, "model", a->candidate->name);
		jsonw_key(w, "status");
		jsonw_int(w, a->http ? a->http : attempt_answered(a) ? 200 : visit_status(&a->err));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

void
metadata_tell(const struct admit *m, const struct outcome *o, struct buf *out)
{
	const char *asked = m->routed.asked;
	const struct candidate *by = o ? o->served : NULL;
	struct buf text = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "requested");
	jsonw_strn(&w, asked, strcspn(asked, ","));
	jsonw_member(&w, "strategy", strchr(asked, ',') ? "fallback" : "direct");
	jsonw_member(&w, "region", NULL);
	buf_addf(&text, "available=%zu, selected=%s", m->routed.n, by ? by->provider->name : "none");
	jsonw_member(&w, "summary", text.p);
	jsonw_key(&w, "attempt");
	jsonw_int(&w, o ? (int64_t)o->n_attempt : 0);
	jsonw_key(&w, "is_byok");
	jsonw_bool(&w, by && !provider_routes(by->provider));
	available(m, o, &w);
	attempts(o, &w);
	jsonw_end_object(&w);
	buf_release(&text);
}

/* Where the last object of it ends; NULL: there is none. */
static const char *
last_brace(const struct buf *end)
{
	static const char done[] = "data: [DONE]\n\n";
	size_t n = end->len;

	if (n >= sizeof(done) - 1 && strcmp(end->p + n - (sizeof(done) - 1), done) == 0)
		n -= sizeof(done) - 1;
	while (n && strchr("\r\n", end->p[n - 1]))
		n--;
	return n && end->p[n - 1] == '}' ? end->p + n - 1 : NULL;
}

void
metadata_put(const struct admit *m, const struct outcome *o, int inside, struct buf *end)
{
	const char *at = last_brace(end);
	struct buf with = BUF_INIT;

	if (!at || (inside && (at == end->p || *--at != '}')))
		return;
	buf_add(&with, end->p, (size_t)(at - end->p));
	buf_adds(&with, ",\"openrouter_metadata\":");
	metadata_tell(m, o, &with);
	buf_adds(&with, at);
	buf_release(end);
	*end = with;
}
