/* SPDX-License-Identifier: ISC */
#include "serve/conn_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "loop.h"
#include "mem.h"

#define BACKLOG 4096
#define MORE_CONNECTIONS 64 /* over the limit: they are told so; what comes then is closed at once */

struct listener {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	struct conns *all;
	int is_unix;
	SLIST_ENTRY(listener) entry;
};

/* ── turns of the loop ── */

static void
check_drained(struct conns *c)
{
	if (!c->draining || c->told || c->freed || c->n_conns > 0)
		return;
	c->told = 1;
	conn_timers_stop(c);
	if (c->s.on_drained)
		c->s.on_drained(c->s.arg);
}

static void
on_idle(uv_idle_t *idle)
{
	(void)idle;
}

void
conn_soon(struct conn *k)
{
	struct conns *c = k->all;

	if (k->is_queued || c->freed)
		return;
	k->is_queued = 1;
	TAILQ_INSERT_TAIL(&c->turn, k, turn);
	if (c->n_turn++ == 0)
		uv_idle_start(&c->idle, on_idle);
}

static void
not_soon(struct conn *k)
{
	if (!k->is_queued)
		return;
	k->is_queued = 0;
	TAILQ_REMOVE(&k->all->turn, k, turn);
	k->all->n_turn--;
}

static void
look_after(struct conn *k)
{
	struct exchange *x = k->x;

	not_soon(k);
	if (x && x->again) {
		x->again = 0;
		exchange_call(k);
		return;
	}
	conn_flush(k);
	if (x && x->full && !x->over && !x->gone && conn_unsent(k) <= CONN_LOW_BYTES) {
		x->full = 0;
		if (x->on_drain)
			x->on_drain(x->arg);
	}
	conn_settle(k);
}

/* When a provider's bytes were dealt with, and just before and just behind the loop's wait. Those that are added meanwhile have their turn next time, which comes without one. */
static void
turn(struct conns *c)
{
	for (size_t n = c->n_turn; n > 0 && c->n_turn > 0; n--)
		look_after(TAILQ_FIRST(&c->turn));
	if (c->n_turn == 0)
		uv_idle_stop(&c->idle);
	check_drained(c);
}

static void
on_dealt(void *arg)
{
	turn(arg);
}

static void
on_prepare(uv_prepare_t *h)
{
	turn(h->data);
}

static void
on_check(uv_check_t *h)
{
	turn(h->data);
}

/* ── the set of them ── */

struct conns *
conns_new(const struct conns_spec *s)
{
	struct conns *c = xcalloc(1, sizeof(*c));

	c->s = *s;
	c->uv = loop_uv(s->loop);
	SLIST_INIT(&c->listeners);
	TAILQ_INIT(&c->conns);
	TAILQ_INIT(&c->turn);
	c->date_s = -1;
	uv_prepare_init(c->uv, &c->prepare);
	uv_check_init(c->uv, &c->check);
	uv_idle_init(c->uv, &c->idle);
	c->prepare.data = c->check.data = c->idle.data = c;
	uv_prepare_start(&c->prepare, on_prepare);
	uv_check_start(&c->check, on_check);
	loop_on_dealt(s->loop, on_dealt, c);
	uv_unref((uv_handle_t *)&c->prepare);
	uv_unref((uv_handle_t *)&c->check);
	c->n_handles = 3;
	conn_timers_init(c);
	return c;
}

static void
release_if_last(struct conns *c)
{
	if (!c->freed || c->n_handles > 0 || c->n_conns > 0)
		return;
	free(c->read);
	free(c);
}

static void
handle_closed(uv_handle_t *h)
{
	struct conns *c = h->data;

	c->n_handles--;
	release_if_last(c);
}

static void
listener_closed(uv_handle_t *h)
{
	struct listener *l = h->data;
	struct conns *c = l->all;

	free(l);
	c->n_handles--;
	release_if_last(c);
}

static void
close_listeners(struct conns *c)
{
	struct listener *l;

	while ((l = SLIST_FIRST(&c->listeners))) {
		SLIST_REMOVE_HEAD(&c->listeners, entry);
		uv_close(&l->uv.handle, listener_closed);
	}
}

void
conn_free(struct conn *k)
{
	struct conns *c = k->all;

	not_soon(k);
	conn_let_go(k);
	TAILQ_REMOVE(&c->conns, k, entry);
	c->n_conns--;
	http1_release(&k->http);
	free(k);
	check_drained(c);
	release_if_last(c);
}

void
conns_drain(struct conns *c, int hold)
{
	struct conn *k, *next;

	c->draining = 1;
	c->hold = hold;
	close_listeners(c);
	for (k = TAILQ_FIRST(&c->conns); k; k = next) {
		next = TAILQ_NEXT(k, entry);
		if (!hold && conn_is_unused(k))
			conn_close(k);
	}
	uv_idle_start(&c->idle, on_idle); /* the loop turns once more even if there is nothing left */
}

void
conns_cut(struct conns *c)
{
	struct conn *k, *next;

	for (k = TAILQ_FIRST(&c->conns); k; k = next) {
		next = TAILQ_NEXT(k, entry);
		conn_gone(k);
		conn_soon(k);
	}
	uv_idle_start(&c->idle, on_idle);
}

/* Handles that are open are closed by the loop: the last one takes the rest with it. */
void
conns_free(struct conns *c)
{
	struct conn *k, *next;

	if (!c)
		return;
	c->freed = 1;
	loop_on_dealt(c->s.loop, NULL, NULL);
	close_listeners(c);
	for (k = TAILQ_FIRST(&c->conns); k; k = next) {
		next = TAILQ_NEXT(k, entry);
		not_soon(k);
		conn_close(k);
		if (k->x)
			exchange_over(k);
		if (k->closed)
			conn_free(k);
	}
	conn_timers_free(c);
	uv_close((uv_handle_t *)&c->prepare, handle_closed);
	uv_close((uv_handle_t *)&c->check, handle_closed);
	uv_close((uv_handle_t *)&c->idle, handle_closed);
}

const struct conns_count *
conns_count(const struct conns *c)
{
	return &c->count;
}

/* ── new ones ── */

static void
tell_peer(struct conn *k)
{
	struct sockaddr_storage peer;
	char host[46] = "";
	int n = sizeof(peer), port = 0;

	snprintf(k->peer, sizeof(k->peer), "%s", k->is_unix ? "unix" : "?");
	if (k->is_unix || uv_tcp_getpeername(&k->uv.tcp, (struct sockaddr *)&peer, &n))
		return;
	if (peer.ss_family == AF_INET6) {
		uv_ip6_name((struct sockaddr_in6 *)&peer, host, sizeof(host));
		port = ntohs(((struct sockaddr_in6 *)&peer)->sin6_port);
	} else {
		uv_ip4_name((struct sockaddr_in *)&peer, host, sizeof(host));
		port = ntohs(((struct sockaddr_in *)&peer)->sin_port);
	}
	const char *four = strncmp(host, "::ffff:", 7) == 0 && strchr(host, '.') ? host + 7 : host;
	snprintf(k->peer, sizeof(k->peer), strchr(four, ':') ? "[%s]:%d" : "%s:%d", four, port);
}

static struct conn *
conn_new(struct conns *c, int is_unix)
{
	struct conn *k = xcalloc(1, sizeof(*k));

	if (is_unix)
		uv_pipe_init(c->uv, &k->uv.pipe, 0);
	else
		uv_tcp_init(c->uv, &k->uv.tcp);
	k->uv.handle.data = k;
	k->all = c;
	k->is_unix = is_unix;
	k->chunk_at = CONN_NO_CHUNK;
	k->fd = -1;
	http1_init(&k->http, &c->s.limits.http);
	TAILQ_INSERT_TAIL(&c->conns, k, entry);
	c->n_conns++;
	c->count.open++;
	return k;
}

static void
on_connection(uv_stream_t *stream, int status)
{
	struct listener *l = stream->data;
	struct conns *c = l->all;
	size_t limit = c->s.limits.connections;

	if (status < 0)
		return;
	struct conn *k = conn_new(c, l->is_unix);
	if (uv_accept(stream, &k->uv.stream) || uv_fileno(&k->uv.handle, &k->fd)) {
		conn_close(k);
		return;
	}
	c->count.accepted++;
	tell_peer(k);
	if (!l->is_unix)
		uv_tcp_nodelay(&k->uv.tcp, 1);
	if (!limit || c->count.open <= limit) {
		conn_timer_set(k, CONN_HEAD);
		if (conn_read(k))
			conn_close(k);
		return;
	}
	c->count.refused++;
	if (c->count.open > limit + MORE_CONNECTIONS)
		conn_close(k);
	else
		conn_bad(k, 503, "too many connections");
	conn_settle(k);
}

static int
listener_open(struct listener *l, int fd)
{
	int r;

	if (l->is_unix)
		uv_pipe_init(l->all->uv, &l->uv.pipe, 0);
	else
		uv_tcp_init(l->all->uv, &l->uv.tcp);
	l->uv.handle.data = l;
	l->all->n_handles++;
	r = l->is_unix ? uv_pipe_open(&l->uv.pipe, fd) : uv_tcp_open(&l->uv.tcp, fd);
	if (r)
		close(fd);
	return r ? r : uv_listen(&l->uv.stream, BACKLOG, on_connection);
}

int
conns_listen(struct conns *c, int fd, int is_unix, struct err *e)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct listener *l;

	if (own < 0)
		return err_sys(e, ERR_SYSTEM, errno, "listening");
	l = xcalloc(1, sizeof(*l));
	l->all = c;
	l->is_unix = is_unix;
	int r = listener_open(l, own);
	if (r == 0) {
		SLIST_INSERT_HEAD(&c->listeners, l, entry);
		return 0;
	}
	uv_close(&l->uv.handle, listener_closed);
	return err_set(e, ERR_SYSTEM, "listening: %s", uv_strerror(r));
}
