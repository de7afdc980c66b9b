/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bench.h"
#include "booking.h"
#include "buf.h"
#include "health.h"
#include "http.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "tm.h"
#include "trial.h"
#include "turns.h"

#define LONGEST_WAIT_MS 60000 /* of a Retry-After, where no deadline is set */

struct client {
	struct trial_env env;
	struct booking *booking;   /* borrowed; NULL: none */
	struct health *own_health; /* where there is no booking */
};

struct call {
	struct client *client;
	struct call_spec s;
	struct json json;
	struct booked *booked; /* NULL: nothing is */
	struct buf edited;     /* the request as the running trial's budget has it */
	struct json edited_json;
	struct turns turns;
	struct trial *trial;
	const struct candidate *now; /* of the trial that runs */
	struct loop_timer *turn;     /* the next step, at once or after a wait */
	struct loop_timer *deadline;
	struct loop_timer *sent; /* the request has gone out: time for the books */
	int64_t start_ms, trial_start_ms;
	int was_sent;
	int64_t trial_ttft_ms;
	int gone_out;
	int inside;   /* of a callback of the consumer's */
	int stopping; /* the consumer said so */
	int done;
	struct err bad; /* a fault found before the first trial, or why the consumer stopped */
	struct outcome out;
};

struct client *
client_new(struct loop *l, wire_fn wire, struct booking *b)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->env.loop = l;
	c->env.wire = wire;
	c->booking = b;
	return c;
}

void
client_free(struct client *c)
{
	if (!c)
		return;
	http_free(c->env.http);
	health_close(c->own_health);
	free(c);
}

static struct health *
health(struct client *c)
{
	if (c->booking)
		return booking_health(c->booking);
	if (!c->own_health)
		c->own_health = health_open(NULL);
	return c->own_health;
}

static int64_t
sits_out(void *arg, const struct candidate *cand)
{
	struct call *c = arg;
	int64_t now = tm_now_ms(), until = health_benched(health(c->client), cand->provider, cand->model, now, NULL);

	return until ? until - now : 0;
}

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

static void
finish(struct call *c)
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
	if (c->booked)
		booked_end(c->booked, &c->out, c->s.answer ? c->s.answer(c->s.arg) : NULL);
	c->s.on_done(c->s.arg, &c->out);
}

static void
end_with(struct call *c, const struct err *e)
{
	outcome_fail(&c->out, e, c->gone_out);
	finish(c);
}

/* From the kernel: libbsd's arc4random() would bring 15 KB along. */
static uint32_t
jitter(void)
{
	uint32_t r = 0;

	(void)!getrandom(&r, sizeof(r), 0);
	return r;
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
	if (c->booked)
		booked_attempt(c->booked, &c->out, more);
}

/* Ends the trial that runs. */
static void
cancel(struct call *c, const struct err *e)
{
	int http = trial_http(c->trial);

	trial_cancel(c->trial);
	c->trial = NULL;
	add_attempt(c, e, http, 0);
}

static void
trial_failed(struct call *c, const struct err *e)
{
	int64_t now = tm_mono_ms();

	note(c, "%s:%s: %s", c->now->provider->name, c->now->model, e->msg);
	c->out.err = *e;
	health_failed(health(c->client), c->now->provider, c->now->model, e, tm_now_ms());
	if (c->gone_out || !turns_failed(&c->turns, (size_t)(c->now - c->s.candidate), e, now, jitter())) {
		end_with(c, e);
		return;
	}
	loop_timer_set(c->turn, 0);
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
		end_with(c, &c->bad);
		return;
	}
	if (verdict.kind == ERR_NONE)
		outcome_judge(&c->out, &verdict);
	/* an empty refusal may be another model's answer; with words it is an answer */
	c->out.complete = e->kind == ERR_NONE && (verdict.kind != ERR_REFUSED || c->out.had_text || c->gone_out);
	add_attempt(c, &verdict, http, !c->out.complete && !c->gone_out);
	if (c->out.complete)
		end_with(c, &verdict);
	else
		trial_failed(c, &verdict);
}

static int
on_event(void *arg, const struct event *ev)
{
	struct call *c = arg;

	outcome_event(&c->out, ev, tm_mono_ms() - c->start_ms);
	if (c->trial_ttft_ms < 0 && event_is_content(ev->type))
		c->trial_ttft_ms = tm_mono_ms() - c->trial_start_ms;
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

static int64_t
limit(int set, int64_t asked, int64_t row)
{
	return set || !row ? asked : row;
}

static void
books(void *arg)
{
	struct call *c = arg;

	booked_sent(c->booked);
}

/* The books are opened when the loop has nothing to do for the request. */
static void
on_sent(void *arg)
{
	struct call *c = arg;

	c->was_sent = 1;
	if (c->booked)
		loop_timer_set(c->sent, 0);
}

/* May it be tried? *request: what it is sent. */
static int
admit(struct call *c, const struct candidate *cand, const struct json **request, struct err *e)
{
	*request = &c->json;
	if (!c->booked)
		return 0;
	buf_clear(&c->edited);
	if (booked_admit(c->booked, cand, c->out.n_attempt, &c->edited, e))
		return -1;
	if (!c->edited.len)
		return 0;
	*request = &c->edited_json;
	return json_parse(&c->edited_json, c->edited.p, c->edited.len, e);
}

static void
not_tried(struct call *c, const struct err *e)
{
	add_attempt(c, e, 0, 1);
	trial_failed(c, e);
}

static void
try_candidate(struct call *c, size_t i)
{
	const struct candidate *cand = c->s.candidate + i;
	const struct provider *p = cand->provider;
	struct err e = {0};
	struct trial_spec s = {
	    .candidate = cand,
	    .number = (int)c->out.n_attempt,
	    .lossy = c->s.lossy,
	    .lost = &c->out.losses,
	    .until_ms = c->s.deadline_ms ? c->start_ms + c->s.deadline_ms : 0,
	    .connect_ms = limit(c->s.connect_set, c->s.connect_ms, p->connect_ms),
	    .first_ms = limit(c->s.idle_set, c->s.idle_ms, p->first_ms),
	    .idle_ms = limit(c->s.idle_set, c->s.idle_ms, p->idle_ms),
	    .total_ms = p->total_ms,
	    .arg = c,
	    .on_sent = on_sent,
	    .on_event = on_event,
	    .on_read = on_read,
	    .on_done = trial_done,
	};

	c->now = cand;
	c->was_sent = 0;
	c->trial_ttft_ms = -1;
	outcome_forget(&c->out);
	c->inside++;
	if (c->s.on_attempt)
		c->s.on_attempt(c->s.arg, cand);
	c->inside--;
	note(c, "trying %s:%s", p->name, cand->model);
	if (c->stopping)
		return; /* the next turn ends it */
	c->trial_start_ms = tm_mono_ms();
	if (admit(c, cand, &s.request, &e)) {
		not_tried(c, &e);
		return;
	}
	c->trial = trial_start(&c->client->env, &s, &e);
	if (c->s.candidate[c->s.n_candidate - 1].chain > 0)
		losses_drop(&c->out.losses, "models"); /* the chain is walked here */
	if (!c->trial)
		not_tried(c, &e);
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
		end_with(c, &e);
		return;
	}
	turns_new_round(&c->turns);
	note(c, "round %lld in %lld ms", (long long)c->turns.round, (long long)wait);
	loop_timer_set(c->turn, wait);
}

static void
turn(void *arg)
{
	struct call *c = arg;
	int i;

	if (c->bad.kind || c->stopping) {
		end_with(c, &c->bad);
		return;
	}
	i = turns_pick(&c->turns, tm_mono_ms());
	if (i >= 0)
		try_candidate(c, (size_t)i);
	else
		next_round(c);
}

static void
deadline(void *arg)
{
	struct call *c = arg;
	double said = (double)(c->s.deadline_said_ms ? c->s.deadline_said_ms : c->s.deadline_ms) / 1000;
	struct err e = {0};

	err_set(&e, ERR_DEADLINE, "not done in %g s", said);
	if (c->out.err.kind && !c->trial && c->out.n_attempt) /* waiting: the last error says more */
		err_set(&e, ERR_DEADLINE, "not done in %g s; last: %s", said, c->out.err.msg);
	if (c->trial)
		cancel(c, &e);
	end_with(c, &e);
}

/* A request that can't be sent to anybody. */
static void
check_request(struct call *c)
{
	if (json_parse(&c->json, c->s.request, c->s.len, &c->bad) || json_unique(&c->json, &c->bad)) {
		err_wrap(&c->bad, "request");
		return;
	}
	if (!c->s.n_candidate)
		err_set(&c->bad, ERR_NOMODEL, "there is nobody to ask");
	for (size_t i = 0; i < c->s.n_candidate && json_get(&c->json, 0, "mock") >= 0; i++)
		if (strcmp(c->s.candidate[i].provider->wire, "mock") != 0)
			err_set(&c->bad, ERR_DATA, "the request has a `mock` field, but %s is a real provider",
			    c->s.candidate[i].provider->name);
}

struct call *
client_start(struct client *client, const struct call_spec *s)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->client = client;
	c->s = *s;
	c->start_ms = tm_mono_ms();
	turns_init(&c->turns, s->candidate, s->n_candidate, sits_out, c);
	c->turn = loop_timer_new(client->env.loop, turn, c);
	c->deadline = loop_timer_new(client->env.loop, deadline, c);
	c->sent = loop_timer_new(client->env.loop, books, c);
	outcome_forget(&c->out);
	check_request(c);
	if (client->booking && !c->bad.kind)
		c->booked = booked_new(client->booking, s->id ? s->id : "", &c->json);
	loop_timer_set(c->turn, 0);
	if (s->deadline_ms)
		loop_timer_set(c->deadline, s->deadline_ms);
	return c;
}

void
call_gone_out(struct call *c)
{
	if (!c->gone_out && c->booked && !c->done)
		booked_gone_out(c->booked);
	c->gone_out = 1;
}

void
call_stop(struct call *c, const struct err *e)
{
	c->bad = *e;
	c->stopping = 1;
	if (c->done)
		return;
	if (c->inside) { /* the callback's return does the rest, or the next turn where nothing runs */
		if (!c->trial)
			loop_timer_set(c->turn, 0);
		return;
	}
	if (c->trial)
		cancel(c, e);
	c->out.err = *e;
	finish(c);
}

void
call_free(struct call *c)
{
	if (!c)
		return;
	if (c->trial)
		trial_cancel(c->trial);
	outcome_release(&c->out);
	json_release(&c->json);
	booked_free(c->booked);
	buf_release(&c->edited);
	json_release(&c->edited_json);
	turns_release(&c->turns);
	loop_timer_free(c->turn);
	loop_timer_free(c->deadline);
	loop_timer_free(c->sent);
	free(c);
}
