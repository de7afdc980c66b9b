/* SPDX-License-Identifier: ISC */
#include "client_priv.h"

#include <stdlib.h>
#include <string.h>

#include "cost.h"
#include "health.h"
#include "http.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "tm.h"

#define MAX_SPARE 64 /* calls */

struct client *
client_new(struct loop *l, wire_fn wire, struct booking *b)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->env.loop = l;
	c->env.wire = wire;
	c->booking = b;
	return c;
}

static void
free_call(struct call *c)
{
	loop_timer_free(c->turn);
	loop_timer_free(c->deadline);
	loop_timer_free(c->sent);
	free(c);
}

void
client_free(struct client *c)
{
	if (!c)
		return;
	http_free(c->env.http);
	health_close(c->own_health);
	for (struct call *spare; (spare = c->spare);) {
		c->spare = spare->next;
		free_call(spare);
	}
	mem_pool_release(&c->env.trials);
	free(c);
}

struct health *
client_health(struct client *c)
{
	if (c->booking)
		return booking_health(c->booking);
	if (!c->own_health)
		c->own_health = health_open(NULL);
	return c->own_health;
}

static int64_t
sits_out(void *arg, const struct candidate *cand, int64_t wall)
{
	struct call *c = arg;
	int64_t until = health_benched(client_health(c->client), cand->provider, cand->model, wall, NULL);

	return until ? until - wall : 0;
}

static void
deadline(void *arg)
{
	struct call *c = arg;
	double said = (double)(c->s.deadline_said_ms ? c->s.deadline_said_ms : c->s.deadline_ms) / 1000;
	struct err e = {0};

	err_set(&e, ERR_DEADLINE, "not done in %g s", said);
	if (c->out.err.kind && !c->trial && !c->admitting && c->out.n_attempt) /* waiting: the last error says more */
		err_set(&e, ERR_DEADLINE, "not done in %g s; last: %s", said, c->out.err.msg);
	call_drop(c, &e);
	call_end(c, &e);
}

static void
sent(void *arg)
{
	struct call *c = arg;

	booked_sent(c->booked);
}

/* A request that can't be sent to anybody. */
static void
check_request(struct call *c)
{
	c->json = c->s.parsed ? c->s.parsed : &c->own_json;
	if (!c->s.parsed &&
	    (json_parse(&c->own_json, c->s.request, c->s.len, &c->bad) || json_unique(c->json, &c->bad))) {
		err_wrap(&c->bad, "request");
		return;
	}
	if (!c->s.n_candidate)
		err_set(&c->bad, ERR_NOMODEL, "there is nobody to ask");
	for (size_t i = 0; i < c->s.n_candidate && json_get(c->json, 0, "mock") >= 0; i++)
		if (strcmp(c->s.candidate[i].provider->wire, "mock") != 0)
			err_set(&c->bad, ERR_DATA, "the request has a `mock` field, but %s is a real provider",
			    c->s.candidate[i].provider->name);
}

static struct call *
new_call(struct client *client)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->turn = loop_timer_new(client->env.loop, call_turn, c);
	c->deadline = loop_timer_new(client->env.loop, deadline, c);
	c->sent = loop_timer_new(client->env.loop, sent, c);
	return c;
}

static struct call *
get_call(struct client *client)
{
	struct call *c = client->spare;

	if (!c)
		return new_call(client);
	client->spare = c->next;
	client->n_spare--;
	*c = (struct call){.turn = c->turn, .deadline = c->deadline, .sent = c->sent};
	return c;
}

static void
drop_call(struct call *c)
{
	struct client *client = c->client;

	if (client->n_spare >= MAX_SPARE) {
		free_call(c);
		return;
	}
	loop_timer_stop(c->turn);
	loop_timer_stop(c->deadline);
	loop_timer_stop(c->sent);
	c->next = client->spare;
	client->spare = c;
	client->n_spare++;
}

struct call *
client_start(struct client *client, const struct call_spec *s)
{
	struct call *c = get_call(client);

	c->client = client;
	c->s = *s;
	c->start_ms = tm_mono_ms();
	turns_init(&c->turns, s->candidate, s->n_candidate, sits_out, c);
	outcome_forget(&c->out);
	check_request(c);
	call_open_books(c);
	loop_timer_set(c->turn, 0);
	if (s->deadline_ms)
		loop_timer_set(c->deadline, s->deadline_ms);
	return c;
}

int64_t
call_price(const struct call *c, const struct usage *u)
{
	return cost_of_usage(c->now, u, cost_tier(c->json), tm_now_ms());
}

void
call_pause(struct call *c)
{
	c->paused = 1;
	if (c->trial)
		trial_pause(c->trial);
}

void
call_resume(struct call *c)
{
	int was = c->paused;

	c->paused = 0;
	if (was && c->trial)
		trial_resume(c->trial);
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
	call_drop(c, e);
	c->out.err = *e;
	call_finish(c);
}

void
call_free(struct call *c)
{
	if (!c)
		return;
	call_leave_books(c);
	if (c->trial)
		trial_cancel(c->trial);
	outcome_release(&c->out);
	json_release(&c->own_json);
	booked_free(c->booked);
	buf_release(&c->edited);
	json_release(&c->edited_json);
	turns_release(&c->turns);
	drop_call(c);
}
