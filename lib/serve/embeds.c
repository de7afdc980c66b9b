/* SPDX-License-Identifier: ISC */
/*
 * Embeddings, in every format: one request, one call, one answer when it is whole.
 *
 * An input that a provider can't take in one request is no reason for several: the vectors of one answer are of one model at one place. Where
 * nobody can take the request, the limit of the last one asked is named.
 */
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "client.h"
#include "err.h"
#include "mem.h"
#include "price.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "serve/asked.h"
#include "serve/cached.h"
#include "serve/handlers.h"
#include "tm.h"
#include "wire/embed.h"
#include "wire/embed_front.h"

struct embeds {
	struct visit *v;
	struct admit admit;
	struct cached cached;
	const struct embed_front *front;
	struct embed_form form;
	struct json canonical; /* of admit's request, once it can be made */
	struct embed_answer out;
	int has_out;
	struct err wrong;            /* what is wrong with the answer that comes */
	struct candidate *candidate; /* owned: those that take it; what they point to is admit's */
	size_t n_candidate;
	struct call *call;
	struct buf cost;
};

/* ── what comes ── */

static void
on_attempt(void *arg, const struct candidate *c)
{
	struct embeds *m = arg;

	cached_attempt(&m->cached, c);
	embed_answer_clear(&m->out);
	err_clear(&m->wrong);
	m->out.id = m->v->id;
	m->out.model = c->name;
}

static int
on_event(void *arg, const struct event *ev)
{
	struct embeds *m = arg;
	struct err e = {0};

	cached_event(&m->cached, ev);
	if (embed_answer_event(&m->out, ev, &e) && !m->wrong.kind)
		m->wrong = e;
	return 0; /* how much was used comes last */
}

static int
judge(void *arg, struct err *e)
{
	struct embeds *m = arg;

	if (!m->wrong.kind)
		return embed_answer_check(&m->out, e);
	*e = m->wrong;
	return -1;
}

/* ── the end ── */

static void
answer(struct embeds *m)
{
	struct buf body = BUF_INIT;

	if (m->v->cost_pusd != PUSD_UNKNOWN) {
		price_emit_pusd(&m->cost, m->v->cost_pusd);
		m->out.cost = m->cost.p;
	}
	m->front->whole(&m->out, &body);
	visit_json(m->v, 200, &body);
	buf_release(&body);
}

static void
on_done(void *arg, const struct outcome *o)
{
	struct embeds *m = arg;

	admit_over(&m->admit, o);
	if (exchange_is_gone(m->v->x)) {
		exchange_cut(m->v->x);
	} else if (!o->complete) {
		admit_fail(&m->admit, o);
	} else {
		cached_keep(&m->cached);
		answer(m);
	}
}

static void
on_gone(void *arg)
{
	struct embeds *m = arg;
	struct err e = {0};

	admit_gone(&m->admit);
	err_set(&e, ERR_IO, "the client is gone");
	if (m->call)
		call_stop(m->call, &e);
	else
		exchange_cut(m->v->x);
}

static void
free_embeds(void *own)
{
	struct embeds *m = own;

	call_free(m->call);
	if (m->has_out)
		embed_answer_release(&m->out);
	json_release(&m->canonical);
	free(m->candidate);
	cached_release(&m->cached);
	admit_release(&m->admit);
	buf_release(&m->cost);
	free(m);
}

/* ── the begin ── */

/* Those who take it, of one model, and whose answers are read in one way. */
static int
choose(struct embeds *m, struct err *e)
{
	const struct routed_call *r = &m->admit.routed;
	wire_fn wire = NULL;

	m->candidate = xcalloc(r->n + 1, sizeof(*m->candidate));
	for (size_t i = 0; i < r->n; i++) {
		const struct candidate *c = r->v + i;
		if (c->chain != r->v->chain)
			return err_set(e, ERR_DATA, "model: one is needed, since vectors of two can't be compared");
		if ((wire && wire_embed(c->provider) != wire) ||
		    wire_embed_takes(c->provider, c->model, &m->canonical, e))
			continue;
		wire = wire_embed(c->provider);
		m->candidate[m->n_candidate++] = *c;
	}
	return m->n_candidate ? 0 : -1;
}

static void
start(struct embeds *m)
{
	struct call_spec s = {
	    .arg = m, .on_attempt = on_attempt, .on_event = on_event, .judge = judge, .on_done = on_done};

	embed_answer_init(&m->out, &m->form, &m->canonical);
	m->has_out = 1;
	admit_call(&m->admit, &s, 0);
	s.candidate = m->candidate;
	s.n_candidate = m->n_candidate;
	s.wire = wire_embed(m->candidate->provider);
	m->call = client_start(m->v->app->client, &s);
}

/* Is there an answer to it? Then it is given. */
static int
on_routed(void *arg)
{
	struct embeds *m = arg;
	const struct buf *request = &m->admit.request;
	struct event ev;
	struct err e = {0};

	if (!cached_find(&m->cached, &m->admit, 0) || json_parse(&m->canonical, buf_str(request), request->len, &e))
		return 0;
	embed_answer_init(&m->out, &m->form, &m->canonical);
	m->has_out = 1;
	m->out.id = m->v->id;
	m->out.model = m->cached.model;
	while (cached_next(&m->cached, &ev))
		embed_answer_event(&m->out, &ev, &e);
	cached_over(&m->cached, &m->admit);
	answer(m);
	return 1;
}

static void
on_ready(void *arg, const struct err *why)
{
	struct embeds *m = arg;
	const struct buf *request = &m->admit.request;
	struct err e = {0};

	if (why) {
		visit_error(m->v, why);
	} else if (json_parse(&m->canonical, buf_str(request), request->len, &e) || choose(m, &e)) {
		gate_correct(m->v->app->gate, m->v->key, -m->admit.tokens, tm_now_ms());
		visit_error(m->v, &e);
	} else {
		start(m);
	}
}

static int
read_request(struct embeds *m, struct err *e)
{
	const struct http1 *h = exchange_request(m->v->x);
	struct json j = JSON_INIT;
	struct losses lost = {0};
	const struct embed_ask ask = {.request = &j, .model = asked_model(m->v)};
	int r = json_parse_most(&j, buf_str(&h->body), h->body.len, CONN_MAX_VALUES, e) || json_unique(&j, e) ? -1 : 0;

	if (r)
		err_wrap(e, "request");
	else
		r = m->front->request(&ask, &m->admit.request, &m->form, &lost, e);
	losses_release(&lost);
	json_release(&j);
	return r;
}

void
calls_embed(struct visit *v)
{
	struct embeds *m = xcalloc(1, sizeof(*m));
	struct err e = {0};

	m->v = v;
	v->own = m;
	v->free_own = free_embeds;
	m->front = embed_front_get(v->front->name);
	m->admit.v = v;
	m->admit.arg = m;
	m->admit.on_routed = on_routed;
	m->admit.on_ready = on_ready;
	admit_init(&m->admit);
	exchange_watch(v->x, on_gone, NULL, m);
	if (read_request(m, &e) || admit_read(&m->admit, &e))
		visit_error(v, &e);
	else
		admit_start(&m->admit);
}
