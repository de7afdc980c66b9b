/* SPDX-License-Identifier: ISC */
#include "serve/conn_priv.h"

#include "loop.h"

static void
expire(struct conn *k, enum conn_timer timer)
{
	switch (timer) {
	case CONN_HEAD:
		if (k->http.head.len == 0)
			conn_close(k);
		else
			conn_bad(k, 408, "the request's head took too long");
		break;
	case CONN_BODY:
		conn_bad(k, 408, "the request's body took too long");
		break;
	case CONN_WRITE:
		if (uv_stream_get_write_queue_size(&k->uv.stream) < k->unsent)
			conn_timer_set(k, CONN_WRITE);
		else
			k->lost = 1;
		break;
	default:
		conn_close(k);
	}
	conn_settle(k);
}

static void
arm(struct conn_deadlines *d, int64_t ms)
{
	d->armed = 1;
	loop_timer_set(d->timer, ms > 0 ? ms : 1);
}

static void
fired(void *arg)
{
	struct conn_deadlines *d = arg;
	int64_t now = (int64_t)uv_now(d->all->uv);
	struct conn *k;

	while ((k = TAILQ_FIRST(&d->list)) && k->deadline <= now) {
		conn_timer_stop(k);
		expire(k, (enum conn_timer)(d - d->all->deadlines));
	}
	d->armed = 0;
	if (k)
		arm(d, k->deadline - now);
}

void
conn_timer_set(struct conn *k, enum conn_timer timer)
{
	struct conn_deadlines *d = &k->all->deadlines[timer];

	conn_timer_stop(k);
	if (d->ms <= 0 || k->closing)
		return;
	if (timer == CONN_WRITE)
		k->unsent = uv_stream_get_write_queue_size(&k->uv.stream);
	k->timer = timer;
	k->is_timed = 1;
	k->deadline = (int64_t)uv_now(k->all->uv) + d->ms;
	TAILQ_INSERT_TAIL(&d->list, k, timed);
	if (!d->armed)
		arm(d, d->ms);
}

void
conn_timer_stop(struct conn *k)
{
	if (k->is_timed)
		TAILQ_REMOVE(&k->all->deadlines[k->timer].list, k, timed);
	k->is_timed = 0;
}

void
conn_timers_init(struct conns *c)
{
	const struct conns_limits *l = &c->s.limits;
	const int64_t ms[CONN_N_TIMERS] = {
	    [CONN_HEAD] = l->head_ms,
	    [CONN_IDLE] = l->idle_ms,
	    [CONN_BODY] = l->body_ms,
	    [CONN_WRITE] = l->write_ms,
	    [CONN_LINGER] = 2000,
	};

	for (size_t i = 0; i < CONN_N_TIMERS; i++) {
		struct conn_deadlines *d = &c->deadlines[i];
		d->all = c;
		d->ms = ms[i];
		TAILQ_INIT(&d->list);
		d->timer = loop_timer_new(c->s.loop, fired, d);
	}
}

void
conn_timers_stop(struct conns *c)
{
	for (size_t i = 0; i < CONN_N_TIMERS; i++) {
		loop_timer_stop(c->deadlines[i].timer);
		c->deadlines[i].armed = 0;
	}
}

void
conn_timers_free(struct conns *c)
{
	for (size_t i = 0; i < CONN_N_TIMERS; i++)
		loop_timer_free(c->deadlines[i].timer);
}
