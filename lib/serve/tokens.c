/* SPDX-License-Identifier: ISC */
/* How many tokens a request may come to: an estimate, since no provider is asked. Who may not make the call isn't told. */
#include <stdlib.h>

#include "buf.h"
#include "err.h"
#include "estimate.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "policy.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "serve/asked.h"
#include "serve/handlers.h"
#include "wire/wire.h"

struct tokens {
	struct visit *v;
	struct admit admit;
};

/* Gemini's may hold the request whole, or its contents alone. */
static int
parse(struct json *j, const struct buf *body, struct err *e)
{
	const char *s;
	size_t n;

	if (json_parse_most(j, buf_str(body), body->len, CONN_MAX_VALUES, e) || json_unique(j, e))
		return err_wrap(e, "request");
	int inner = json_get(j, 0, "generateContentRequest");
	if (json_type(j, inner) != JSON_OBJECT)
		return json_type(j, 0) == JSON_OBJECT ? 0 : err_set(e, ERR_DATA, "the request is no object");
	s = json_raw(j, inner, &n);
	return json_parse(j, s, n, e);
}

static int
read_request(struct tokens *t, struct err *e)
{
	struct json j = JSON_INIT;
	struct losses lost = {0};
	const struct front_ask ask = {.request = &j, .model = asked_model(t->v), .stream = 0, .lossy = 1};
	int r = parse(&j, &exchange_request(t->v->x)->body, e);

	if (!r)
		r = t->v->front->request(&ask, &t->admit.request, &lost, e);
	losses_release(&lost);
	json_release(&j);
	return r;
}

/* Of the request with its preset under it, as a provider would get it. */
static int
count(const struct admit *m, int64_t *n, struct err *e)
{
	struct json whole = JSON_INIT;
	struct buf text = BUF_INIT;
	struct estimate est;
	int r = 0;

	if (m->routed.preset)
		r = policy_apply(m->routed.preset, &m->json, &text, e) || json_parse(&whole, text.p, text.len, e);
	if (!r) {
		estimate_request(&est, m->routed.preset ? &whole : &m->json);
		*n = est.likely;
	}
	json_release(&whole);
	buf_release(&text);
	return r ? -1 : 0;
}

static int
on_routed(void *arg)
{
	struct tokens *t = arg;
	struct buf b = BUF_INIT;
	struct err e = {0};
	struct jsonw w;
	int64_t n = 0;

	if (count(&t->admit, &n, &e)) {
		visit_error(t->v, &e);
		return 1;
	}
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, t->v->front == &front_gemini ? "totalTokens" : "input_tokens");
	jsonw_int(&w, n);
	jsonw_end_object(&w);
	exchange_field(t->v->x, "X-Token-Count", "estimated");
	visit_json(t->v, 200, &b);
	buf_release(&b);
	return 1;
}

static void
on_ready(void *arg, const struct err *e)
{
	struct tokens *t = arg;

	visit_error(t->v, e); /* what is right was answered by on_routed */
}

static void
on_gone(void *arg)
{
	struct tokens *t = arg;

	admit_gone(&t->admit);
	exchange_cut(t->v->x);
}

static void
free_tokens(void *own)
{
	struct tokens *t = own;

	admit_release(&t->admit);
	free(t);
}

void
tokens_count(struct visit *v)
{
	struct tokens *t = xcalloc(1, sizeof(*t));
	struct err e = {0};

	t->v = v;
	v->own = t;
	v->free_own = free_tokens;
	t->admit = (struct admit){.v = v, .arg = t, .on_routed = on_routed, .on_ready = on_ready};
	admit_init(&t->admit);
	v->is_called = 0; /* no model is */
	exchange_watch(v->x, on_gone, NULL, t);
	if (read_request(t, &e) || admit_read(&t->admit, &e))
		visit_error(v, &e);
	else
		admit_start(&t->admit);
}
