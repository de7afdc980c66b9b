/* SPDX-License-Identifier: ISC */
/*
 * Chats, in every format: a request in, its answer out, whole or as it comes.
 *
 * A stream's head goes out with the first content, or with a comment where that takes long; until then an error has its own status, afterwards
 * it is a part of the stream. The last bytes wait until the call is booked.
 */
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "client.h"
#include "err.h"
#include "loop.h"
#include "mem.h"
#include "more.h"
#include "price.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "serve/asked.h"
#include "serve/cached.h"
#include "serve/check.h"
#include "serve/handlers.h"
#include "serve/metadata.h"
#include "serve/outlet.h"
#include "serve/passed.h"
#include "serve/replay.h"
#include "serve/shared.h"
#include "str.h"
#include "tm.h"

#define USUAL 32768                 /* bytes of an answer */
#define FRAME 500                   /* bytes of most answers beside what providers say */
#define MAX_KEPT (64 * 1024 * 1024) /* bytes of an answer that has to be held: more is no answer */

/* What each event needs stands first. */
struct chat {
	struct visit *v;
	unsigned streams : 1, has_content : 1;
	unsigned gone_out : 1, waits : 1; /* the call was told; the books have no answer yet */
	unsigned paused : 1, is_over : 1;
	struct outlet outlet;
	struct buf ready; /* to go out */
	int64_t sent_ms;  /* the last piece; 0: none */
	struct front_answer out;
	struct cached cached;
	struct passed passed;
	struct buf held; /* a start, a finish or a usage by itself is no answer: it waits for content */
	struct admit admit;
	struct replay *replay; /* of an answer that the cache has */
	struct call *call;
	const struct candidate *now; /* of the attempt that runs */
	struct buf cost;
	struct loop_timer *silence;
	size_t n_kept;
	struct err *told; /* by the provider, in its stream; owned, NULL */
};

/* ── out ── */

static void
pause_if_full(struct chat *c)
{
	if (!c->paused && (exchange_full(c->v->x) || c->ready.len > CONN_HIGH_BYTES)) {
		c->paused = 1;
		call_pause(c->call);
	}
}

static void
send_ready(struct chat *c)
{
	outlet_write(&c->outlet, &c->ready);
	c->sent_ms = loop_now_ms(c->v->app->s.loop);
}

static int
on_read(void *arg)
{
	struct chat *c = arg;

	if (c->is_over || !c->ready.len || exchange_is_gone(c->v->x))
		return 0;
	if (!c->gone_out) {
		c->gone_out = 1;
		c->waits = call_gone_out(c->call) == BOOKED_WAITS;
	}
	if (!c->waits)
		send_ready(c);
	pause_if_full(c);
	return 0;
}

static void
on_drain(void *arg)
{
	struct chat *c = arg;

	if (c->paused && !c->waits && !c->is_over) {
		c->paused = 0;
		call_resume(c->call);
	}
}

static void
on_clear(void *arg)
{
	struct chat *c = arg;

	c->waits = 0;
	on_read(c);
	if (c->paused && !c->is_over && !exchange_full(c->v->x))
		on_drain(c);
}

/* Has nothing come for a while? The timer isn't set anew for each event, which would have to fetch it. A comment is no byte of the answer: another
 * provider may still be asked. */
static void
on_silence(void *arg)
{
	struct chat *c = arg;
	int64_t most = c->v->app->s.options->comment_ms, left = most - (loop_now_ms(c->v->app->s.loop) - c->sent_ms);

	if (exchange_is_gone(c->v->x))
		return;
	if (!c->sent_ms || left <= 0) {
		outlet_comment(&c->outlet);
		left = most;
	}
	loop_timer_set(c->silence, left);
}

/* ── what comes ── */

static void
on_attempt(void *arg, const struct candidate *cand)
{
	struct chat *c = arg;

	c->now = cand;
	passed_clear(&c->passed);
	c->n_kept = c->has_content = 0;
	free(c->told);
	c->told = NULL;
	cached_attempt(&c->cached, cand);
	front_clear(&c->out);
	c->out.id = c->v->id;
	c->out.model = cand->name;
	c->out.provider = cand->provider->name;
	c->out.created = tm_now_ms() / 1000;
	buf_clear(&c->held);
	buf_clear(&c->ready);
}

/* Where OpenRouter's answers have an id of its own, ours have one of ours. */
static void
rename_start(const struct chat *c, struct event *ev)
{
	if (c->v->front == &front_openai || c->v->front == &front_completions)
		ev->id = c->v->id;
}

static const char *
write_cost(struct chat *c, int64_t pusd)
{
	buf_clear(&c->cost);
	price_emit_pusd(&c->cost, pusd);
	return c->cost.p;
}

static void
price_usage(struct chat *c, struct usage *u)
{
	int64_t pusd = *u->cost ? PUSD_UNKNOWN : call_price(c->call, u);

	if (pusd != PUSD_UNKNOWN)
		strlcpy(u->cost, write_cost(c, pusd), sizeof(u->cost));
}

static void
add(struct chat *c, const struct event *ev)
{
	if (!c->streams) {
		answer_add(&c->out.answer, ev);
		return;
	}
	if (event_is_content(ev->type) && !c->has_content) {
		c->has_content = 1;
		buf_add(&c->ready, c->held.p, c->held.len);
		buf_clear(&c->held);
	}
	front_event(&c->out, ev, c->passed.is_on ? &c->passed.unheard : c->has_content ? &c->ready : &c->held);
	if (c->passed.is_on)
		buf_clear(&c->passed.unheard);
}

/* The answer is in the client's format. Where it doesn't come as it was to come, it is written anew. */
static void
on_own(void *arg, enum splice_form form)
{
	struct chat *c = arg;

	c->passed.is_on = form == (c->streams ? SPLICE_STREAM : SPLICE_WHOLE) && !c->outlet.in_array;
}

static void
on_raw(void *arg, const char *p, size_t n)
{
	struct chat *c = arg;
	struct err e = {0};

	if (!c->passed.is_on)
		return;
	int waits = passed_unit(&c->passed, p, n, !c->streams);
	if (waits < 0 && err_set(&e, ERR_PROTOCOL, "the end of an answer is too long"))
		call_stop(c->call, &e);
	else if (!waits)
		buf_add(c->has_content ? &c->ready : &c->held, p, n);
}

static int
keeps(struct chat *c, const struct event *ev)
{
	struct err e = {0};

	if (c->streams && !c->out.front->keeps && event_is_content(ev->type))
		return 0;
	c->n_kept += ev->n + ev->raw_len;
	for (int i = 0; ev->more && i < N_MORE; i++)
		c->n_kept += ev->more->n[i];
	if (c->n_kept <= MAX_KEPT)
		return 0;
	err_set(&e, ERR_PROTOCOL, "an answer of more than %d MiB", MAX_KEPT >> 20);
	call_stop(c->call, &e);
	return -1;
}

static int
on_event(void *arg, const struct event *ev)
{
	struct chat *c = arg;
	struct event own = *ev;
	struct usage u;

	if (ev->type == EVENT_ERROR) { /* told at the end, if it is the last word */
		c->told = c->told ? c->told : xmalloc(sizeof(*c->told));
		*c->told = *ev->err;
		return 0;
	}
	if (keeps(c, ev))
		return -1;
	if (ev->type == EVENT_START)
		rename_start(c, &own);
	if (ev->type == EVENT_USAGE) {
		u = *ev->usage;
		price_usage(c, &u);
		own.usage = &u;
	}
	cached_event(&c->cached, &own);
	add(c, &own);
	return 0;
}

static const char *
answer_text(void *arg)
{
	struct chat *c = arg;
	const struct answer_choice *first = answer_get(&c->out.answer, 0);

	return first ? buf_str(&first->text) : NULL;
}

/* ── the end ── */

static void
end_whole(struct chat *c, const struct outcome *o)
{
	struct buf body = BUF_INIT;

	visit_fields(c->v);
	if (c->n_kept < USUAL)
		buf_reserve(&body, c->n_kept + FRAME);
	if (c->passed.is_on)
		passed_end(&c->passed, c->out.cost, &body);
	else
		c->out.front->whole(&c->out, &body);
	if (metadata_wanted(c->v))
		metadata_put(&c->admit, o, 0, &body);
	exchange_whole(c->v->x, 200, c->out.front->type, buf_str(&body), body.len);
	buf_release(&body);
}

/* Was there a call, or a look for somebody to call? A request that was refused before has nothing to tell. */
static int
has_metadata(const struct chat *c, const struct outcome *o)
{
	return (o || c->admit.is_unserved) && metadata_wanted(c->v);
}

/* The last event is in c->ready. o: NULL: there was no call. */
static void
end_stream(struct chat *c, const struct outcome *o)
{
	if (has_metadata(c, o))
		metadata_put(&c->admit, o, c->v->front == &front_responses, &c->ready);
	send_ready(c);
	outlet_end(&c->outlet, !c->out.failed);
}

static void
finish_stream(struct chat *c, const struct outcome *o)
{
	buf_add(&c->ready, c->held.p, c->held.len);
	buf_clear(&c->held);
	if (c->passed.is_on)
		passed_close(&c->passed, c->out.cost, &c->ready);
	else
		c->out.front->end(&c->out, &c->ready);
	end_stream(c, o);
}

static void
fail_whole(struct chat *c, const struct outcome *o)
{
	if (metadata_wanted(c->v))
		metadata_tell(&c->admit, o, &c->v->beside);
	admit_fail(&c->admit, o);
}

/* The answer has begun, or a comment has: the error is a part of the stream, which has no other end. */
static void
fail_stream(struct chat *c, const struct err *why, const struct outcome *o)
{
	struct err e;
	struct event ev = {.type = EVENT_ERROR, .err = &e};

	admit_told(why, &e);
	buf_add(&c->ready, c->held.p, c->held.len);
	buf_clear(&c->held);
	passed_end(&c->passed, c->out.cost, &c->ready);
	front_event(&c->out, &ev, &c->ready);
	shared_add(c->v->app->s.shared, SHARED_CUT, 1);
	end_stream(c, o);
}

static void
on_done(void *arg, const struct outcome *o)
{
	struct chat *c = arg;

	c->is_over = 1;
	c->out.ended = tm_now_ms() / 1000;
	if (c->silence)
		loop_timer_stop(c->silence);
	admit_over(&c->admit, o);
	if (o->complete)
		cached_keep(&c->cached);
	if (exchange_is_gone(c->v->x)) {
		exchange_cut(c->v->x);
		return;
	}
	if (c->v->cost_pusd != PUSD_UNKNOWN) {
		c->out.cost = write_cost(c, c->v->cost_pusd);
		strlcpy(c->out.answer.usage.cost, c->out.cost, sizeof(c->out.answer.usage.cost));
	}
	if (!o->complete && !exchange_begun(c->v->x))
		fail_whole(c, o);
	else if (!o->complete)
		fail_stream(c, c->told ? c->told : &o->err, o);
	else if (c->streams)
		finish_stream(c, o);
	else
		end_whole(c, o);
}

static void
on_gone(void *arg)
{
	struct chat *c = arg;
	struct err e = {0};

	if (c->silence)
		loop_timer_stop(c->silence);
	admit_gone(&c->admit);
	err_set(&e, ERR_IO, "the client is gone");
	if (c->call)
		call_stop(c->call, &e);
	else
		exchange_cut(c->v->x);
}

static void
free_chat(void *own)
{
	struct chat *c = own;

	call_free(c->call);
	replay_free(c->replay);
	cached_release(&c->cached);
	free(c->told);
	loop_timer_free(c->silence);
	admit_release(&c->admit);
	front_release(&c->out);
	buf_release(&c->cost);
	buf_release(&c->held);
	buf_release(&c->ready);
	passed_release(&c->passed);
	mem_pool_give(&c->v->app->chats, c);
}

/* ── the begin ── */

/* Is there an answer to it? Then it is given. */
static int
on_routed(void *arg)
{
	struct chat *c = arg;

	if (!cached_find(&c->cached, &c->admit, c->streams))
		return 0;
	if (c->silence)
		loop_timer_stop(c->silence);
	c->replay = replay_new(&c->cached, &c->admit, &c->outlet, c->streams);
	return 1;
}

static void
on_ready(void *arg, const struct err *e)
{
	struct chat *c = arg;
	struct app *a = c->v->app;
	struct call_spec s = {.arg = c,
	    .on_attempt = on_attempt,
	    .on_event = on_event,
	    .format = c->v->front->name,
	    .on_read = c->streams ? on_read : NULL,
	    .answer = booking_keeps(a->booking) ? answer_text : NULL,
	    .on_own = on_own,
	    .on_raw = on_raw,
	    .on_done = on_done,
	    .on_clear = on_clear};

	struct err why = {0};
	if (!e && c->admit.routed.preset && c->passed.only) {
		err_set(&why, ERR_DATA, "%s, nor be laid over a preset", c->passed.only);
		e = &why;
	}
	if (!e) {
		admit_call(&c->admit, &s, c->streams);
		if (!c->admit.routed.preset) /* which lies under the canonical request alone */
			passed_offer(&c->passed, c->v, &s);
		c->call = client_start(a->client, &s);
		return;
	}
	if (c->silence)
		loop_timer_stop(c->silence);
	if (!exchange_begun(c->v->x)) {
		if (has_metadata(c, NULL))
			metadata_tell(&c->admit, NULL, &c->v->beside);
		visit_error(c->v, e);
		return;
	}
	fail_stream(c, e, NULL);
}

void
calls_chat(struct visit *v)
{
	struct chat *c = mem_pool_take(&v->app->chats, sizeof(*c));
	struct err e = {0};

	c->v = v;
	v->own = c;
	v->free_own = free_chat;
	c->admit.v = v;
	c->admit.arg = c;
	c->admit.on_routed = on_routed;
	c->admit.on_ready = on_ready;
	admit_init(&c->admit);
	front_init(&c->out, v->front);
	c->out.published = 1;
	c->out.id = v->id;
	exchange_watch(v->x, on_gone, on_drain, c);
	if (asked_read(v, &c->admit.request, &c->admit.json, &c->passed.only, &e) || admit_read(&c->admit, &e) ||
	    check_chat(&c->admit.json, v->front != &front_openai, &e)) {
		visit_error(v, &e);
		return;
	}
	c->streams = json_bool(&c->admit.json, json_get(&c->admit.json, 0, "stream")) == 1;
	outlet_init(&c->outlet, v, c->streams);
	if (c->streams && outlet_takes_comments(v) && v->app->s.options->comment_ms > 0) {
		c->silence = loop_timer_new(v->app->s.loop, on_silence, c);
		loop_timer_set(c->silence, v->app->s.options->comment_ms);
	}
	admit_start(&c->admit);
}
