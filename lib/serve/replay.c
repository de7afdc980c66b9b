/* SPDX-License-Identifier: ISC */
#include "serve/replay.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"
#include "serve/visit.h"
#include "serve/cached.h"
#include "serve/outlet.h"
#include "tm.h"

struct replay {
	struct visit *v;
	struct cached *c;
	const struct admit *m;
	struct outlet *o;
	struct front_answer out;
	struct buf ready;
	int is_over;
};

static void
end(struct replay *r)
{
	r->is_over = 1;
	r->out.ended = tm_now_ms() / 1000;
	r->out.cost = "0";
	cached_over(r->c, r->m);
}

/* As much as the client takes for now. */
static void
stream(struct replay *r)
{
	struct event ev;
	int more = 1;

	while (!exchange_full(r->v->x) && (more = cached_next(r->c, &ev))) {
		front_event(&r->out, &ev, &r->ready);
		if (r->ready.len >= CONN_LOW_BYTES)
			outlet_write(r->o, &r->ready);
	}
	if (!more) {
		end(r);
		r->out.front->end(&r->out, &r->ready);
	}
	outlet_write(r->o, &r->ready);
	if (!more)
		outlet_end(r->o, 1);
}

static void
whole(struct replay *r)
{
	struct event ev;
	struct buf body = BUF_INIT;

	while (cached_next(r->c, &ev))
		answer_add(&r->out.answer, &ev);
	end(r);
	r->out.front->whole(&r->out, &body);
	visit_fields(r->v);
	exchange_whole(r->v->x, 200, r->out.front->type, buf_str(&body), body.len);
	buf_release(&body);
}

static void
on_drain(void *arg)
{
	struct replay *r = arg;

	if (!r->is_over)
		stream(r);
}

static void
on_gone(void *arg)
{
	struct replay *r = arg;

	r->is_over = 1;
	exchange_cut(r->v->x);
}

struct replay *
replay_new(struct cached *c, const struct admit *m, struct outlet *o, int streams)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	r->v = c->v;
	r->c = c;
	r->m = m;
	r->o = o;
	front_init(&r->out, r->v->front);
	r->out.published = 1;
	r->out.id = r->v->id;
	r->out.model = c->model;
	r->out.provider = c->provider;
	r->out.created = tm_now_ms() / 1000;
	exchange_watch(r->v->x, on_gone, on_drain, r);
	if (streams)
		stream(r);
	else
		whole(r);
	return r;
}

void
replay_free(struct replay *r)
{
	if (!r)
		return;
	front_release(&r->out);
	buf_release(&r->ready);
	free(r);
}
