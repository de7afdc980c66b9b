/* SPDX-License-Identifier: ISC */
/* The walk over a call's candidates: part of client. */
#include "client_priv.h"

#include <stdarg.h>
#include <string.h>

#include "bench.h"
#include "chance.h"
#include "health.h"
#include "loop.h"
#include "providers.h"
#include "tm.h"

#define LONGEST_WAIT_MS 60000 /* of a Retry-After, where no deadline is set */

static void note(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
note(struct call *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!c->s.on_note)
		return;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	c->inside++;
	c->s.on_note(c->s.arg, buf_str(&b));
	c->inside--;
	buf_release(&b);
}

void
call_finish(struct call *c)
{
	if (c->done)
		return;
	c->done = 1;
	if (c->out.complete || c->gone_out)
		c->out.served = c->now;
	loop_timer_stop(c->turn);
	loop_timer_stop(c->deadline);
	loop_timer_stop(c->sent);
	c->out.ms = tm_mono_ms() - c->start_ms;
	if (c->out.err.kind && c->out.err.kind != ERR_SIGNAL && !c->stopping)
		outcome_message(&c->out, c->now ? c->now->provider->name : NULL);
	call_close_books(c);
}

void
call_end(struct call *c, const struct err *e)
{
	outcome_fail(&c->out, e, c->gone_out);
	call_finish(c);
}

/* The trial is over, as an attempt of this call. more: another may follow. */
static void
add_attempt(struct call *c, const struct err *e, int http, int more)
{
	struct attempt *a = outcome_add_attempt(&c->out, c->now, e, http, tm_mono_ms() - c->trial_start_ms);

	loop_timer_stop(c->sent);
	a->was_sent = c->was_sent;
	a->ttft_ms = c->trial_ttft_ms;
	a->abandoned = c->stopping || e->kind == ERR_SIGNAL || e->kind == ERR_DEADLINE;
	a->is_blamed = e->kind && bench_blames(e);
	call_book_attempt(c, more);
}

void
call_drop(struct call *c, const struct err *e)
{
	int http = c->trial ? trial_http(c->trial) : 0;

	if (!c->trial && !c->admitting)
		return;
	if (c->trial)
		trial_cancel(c->trial);
	c->trial = NULL;
	c->admitting = 0;
	add_attempt(c, e, http, 0);
}

static void
trial_failed(struct call *c, const struct err *e)
{
	int64_t now = tm_mono_ms();

	note(c, "%s:%s: %s", c->now->provider->name, c->now->model, e->msg);
	c->out.err = *e;
	health_failed(client_health(c->client), c->now->provider, c->now->model, e, tm_now_ms());
	if (c->gone_out ||
	    !turns_failed(&c->turns, (size_t)(c->now - c->s.candidate), e, now, (uint32_t)chance_next(NULL))) {
		call_end(c, e);
		return;
	}
	loop_timer_set(c->turn, 0);
}

/* The answer is complete. Is it good? */
static void
judge(struct call *c, struct err *e)
{
	int is_wrong = 0;

	c->inside++;
	if (c->s.judge)
		is_wrong = c->s.judge(c->s.arg, e);
	c->inside--;
	if (!is_wrong)
		outcome_judge(&c->out, e);
	/* an empty refusal may be another model's answer; with words it is an answer */
	c->out.complete = !is_wrong && (e->kind != ERR_REFUSED || c->out.had_text || c->gone_out);
}

static void
trial_done(void *arg, const struct err *e, int http, int n_repaired)
{
	struct call *c = arg;
	struct err verdict = *e;

	c->trial = NULL;
	c->out.n_repaired = n_repaired;
	if (c->stopping) {
		if (!c->bad.kind)
			err_set(&c->bad, ERR_IO, "nobody takes the answer");
		add_attempt(c, &c->bad, http, 0);
		call_end(c, &c->bad);
		return;
	}
	if (verdict.kind == ERR_NONE)
		judge(c, &verdict);
	add_attempt(c, &verdict, http, !c->out.complete && !c->gone_out);
	if (c->out.complete)
		call_end(c, &verdict);
	else
		trial_failed(c, &verdict);
}

static int
on_event(void *arg, const struct event *ev)
{
	struct call *c = arg;
	int is_first = c->trial_ttft_ms < 0 && event_is_content(ev->type);
	int64_t now = is_first ? tm_mono_ms() : 0; /* of others nobody asks when they came */

	outcome_event(&c->out, ev, now - c->start_ms);
	if (is_first)
		c->trial_ttft_ms = now - c->trial_start_ms;
	c->inside++;
	if (c->s.on_event(c->s.arg, ev))
		c->stopping = 1;
	c->inside--;
	return c->stopping;
}

static int
on_read(void *arg)
{
	struct call *c = arg;

	c->inside++;
	if (!c->stopping && c->s.on_read && c->s.on_read(c->s.arg))
		c->stopping = 1;
	c->inside--;
	return c->stopping;
}

static void
on_own(void *arg, enum splice_form form)
{
	struct call *c = arg;

	c->inside++;
	c->s.on_own(c->s.arg, form);
	c->inside--;
}

static void
on_raw(void *arg, const char *p, size_t n)
{
	struct call *c = arg;

	c->inside++;
	if (!c->stopping)
		c->s.on_raw(c->s.arg, p, n);
	c->inside--;
}

static int64_t
limit(int set, int64_t asked, int64_t row)
{
	return set || !row ? asked : row;
}

static void
on_sent(void *arg)
{
	call_note_sent(arg);
}

static void
not_tried(struct call *c, const struct err *e)
{
	add_attempt(c, e, 0, 1);
	trial_failed(c, e);
}

/* The request as it came, with what a budget made of its limit; NULL. */
static const struct splice_own *
own_request(struct call *c, const struct json *request)
{
	if (!c->s.own)
		return NULL;
	c->own = *c->s.own;
	if (c->edited.len && json_int(request, json_get(request, 0, "max_tokens"), &c->own.limit))
		c->own.limit = 0;
	return &c->own;
}

static void
start_trial(struct call *c, const struct json *request, struct err *e)
{
	const struct candidate *cand = c->now;
	const struct provider *p = cand->provider;
	struct trial_spec s = {
	    .request = request,
	    .candidate = cand,
	    .wire = c->s.wire,
	    .number = (int)c->out.n_attempt,
	    .lossy = c->s.lossy,
	    .lost = &c->out.losses,
	    .until_ms = c->s.deadline_ms ? c->start_ms + c->s.deadline_ms : 0,
	    .connect_ms = limit(c->s.connect_set, c->s.connect_ms, p->connect_ms),
	    .first_ms = limit(c->s.idle_set, c->s.idle_ms, p->first_ms),
	    .idle_ms = limit(c->s.idle_set, c->s.idle_ms, p->idle_ms),
	    .total_ms = p->total_ms,
	    .arg = c,
	    .format = c->s.format,
	    .on_sent = on_sent,
	    .on_event = on_event,
	    .on_read = on_read,
	    .own = own_request(c, request),
	    .on_own = on_own,
	    .on_raw = on_raw,
	    .on_done = trial_done,
	};

	c->trial = trial_start(&c->client->env, &s, e);
	if (c->trial && c->paused)
		trial_pause(c->trial);
	if (c->s.candidate[c->s.n_candidate - 1].chain > 0)
		losses_drop(&c->out.losses, "models"); /* the chain is walked here */
}

void
call_go(struct call *c, const struct err *refused)
{
	struct err e = {0};

	c->trial_start_ms = tm_mono_ms();
	if (refused) {
		not_tried(c, refused);
		return;
	}
	const struct json *request = call_request(c, &e);
	if (request)
		start_trial(c, request, &e);
	if (!c->trial)
		not_tried(c, &e);
}

static void
try_candidate(struct call *c, const struct candidate *cand)
{
	struct err e = {0};

	c->now = cand;
	c->was_sent = 0;
	c->trial_ttft_ms = -1;
	outcome_forget(&c->out);
	c->out.counts_words = strcmp(cand->provider->wire, "mock") == 0; /* others bill tokens */
	c->inside++;
	if (c->s.on_attempt)
		c->s.on_attempt(c->s.arg, cand);
	c->inside--;
	note(c, "trying %s:%s", cand->provider->name, cand->model);
	if (c->stopping)
		return; /* the next turn ends it */
	c->trial_start_ms = tm_mono_ms();
	int r = call_admit(c, cand, &e);
	if (r != BOOKED_WAITS)
		call_go(c, r ? &e : NULL);
}

/* Is it worth waiting so long? A Retry-After may ask for more than there is. */
static int
too_long(const struct call *c, int64_t wait, int asked)
{
	int64_t end = c->start_ms + c->s.deadline_ms;

	if (!asked)
		return 0;
	return c->s.deadline_ms ? tm_mono_ms() + wait >= end : wait > LONGEST_WAIT_MS;
}

static void
next_round(struct call *c)
{
	int asked = 0;
	int64_t wait = turns_wait_ms(&c->turns, tm_mono_ms(), &asked);
	struct err e = c->out.err;

	if (wait < 0 || c->turns.round >= c->s.rounds || too_long(c, wait, asked)) {
		call_end(c, &e);
		return;
	}
	turns_new_round(&c->turns);
	note(c, "round %lld in %lld ms", (long long)c->turns.round, (long long)wait);
	loop_timer_set(c->turn, wait);
}

void
call_turn(void *arg)
{
	struct call *c = arg;
	int i;

	if (c->bad.kind || c->stopping) {
		call_drop(c, &c->bad);
		call_end(c, &c->bad);
		return;
	}
	i = turns_pick(&c->turns, tm_mono_ms(), tm_now_ms());
	if (i >= 0)
		try_candidate(c, c->s.candidate + i);
	else
		next_round(c);
}
