/* SPDX-License-Identifier: ISC */
/* exchanges: connections and exchanges made of memory, in place of serve/conn: the one program that includes this defines them. */
#ifndef EXCHANGES_H
#define EXCHANGES_H

#include <string.h>

#include "buf.h"
#include "loop.h"
#include "serve/conn.h"

struct exchange {
	struct http1 h;
	void *own;
	void (*on_gone)(void *arg), (*on_drain)(void *arg);
	void *arg;
	int status, begun, ended, cut, gone, full, over, is_unix;
	const char *peer;
	struct buf fields, body;
	char type[64];
	int pieces;
};

struct conns {
	struct conns_spec s;
};

static struct conns conns;
static struct conns_count numbers;
static struct loop *loop;

struct conns *
conns_new(const struct conns_spec *s)
{
	conns.s = *s;
	return &conns;
}

int
conns_listen(struct conns *c, int fd, int is_unix, struct err *e)
{
	(void)c, (void)fd, (void)is_unix, (void)e;
	return 0;
}

void
conns_drain(struct conns *c, int hold)
{
	(void)hold;
	c->s.on_drained(c->s.arg);
}

void
conns_cut(struct conns *c)
{
	(void)c;
}

void
conns_free(struct conns *c)
{
	(void)c;
}

const struct conns_count *
conns_count(const struct conns *c)
{
	(void)c;
	return &numbers;
}

const struct http1 *
exchange_request(const struct exchange *x)
{
	return &x->h;
}

void **
exchange_own(struct exchange *x)
{
	return &x->own;
}

void
exchange_watch(struct exchange *x, void (*on_gone)(void *arg), void (*on_drain)(void *arg), void *arg)
{
	x->on_gone = on_gone;
	x->on_drain = on_drain;
	x->arg = arg;
}

int
exchange_is_gone(const struct exchange *x)
{
	return x->gone;
}

const char *
exchange_peer(const struct exchange *x)
{
	return x->peer;
}

int
exchange_is_unix(const struct exchange *x)
{
	return x->is_unix;
}

int64_t
exchange_start_us(const struct exchange *x)
{
	(void)x;
	return 0;
}

void
exchange_field(struct exchange *x, const char *name, const char *value)
{
	buf_addf(&x->fields, "%s: %s\n", name, value);
}

static void
over(struct exchange *x)
{
	x->over = 1;
	conns.s.on_over(conns.s.arg, x);
	loop_stop(loop);
}

void
exchange_whole(struct exchange *x, int status, const char *type, const char *p, size_t n)
{
	x->status = status;
	strlcpy(x->type, type ? type : "", sizeof(x->type));
	buf_add(&x->body, p, n);
	x->ended = 1;
	over(x);
}

void
exchange_begin(struct exchange *x, int status, const char *type)
{
	x->status = status;
	strlcpy(x->type, type, sizeof(x->type));
	x->begun = 1;
}

int
exchange_begun(const struct exchange *x)
{
	return x->begun;
}

/* A client that leaves when it has seen this much; one that is slow. */
static int leaves_after, full_after;

static void
leave(void *arg)
{
	struct exchange *x = arg;

	x->gone = 1;
	if (x->on_gone)
		x->on_gone(x->arg);
}

static struct loop_timer *leaves, *drains;
static int n_drains;

static void
drain(void *arg)
{
	struct exchange *x = arg;

	x->full = 0;
	n_drains++;
	if (x->on_drain)
		x->on_drain(x->arg);
}

void
exchange_write(struct exchange *x, const char *p, size_t n)
{
	buf_add(&x->body, p, n);
	x->pieces++;
	if (leaves_after && x->pieces == leaves_after)
		loop_timer_set(leaves = loop_timer_new(loop, leave, x), 0);
	if (full_after && x->pieces == full_after) {
		x->full = 1;
		loop_timer_set(drains = loop_timer_new(loop, drain, x), 30);
	}
}

int
exchange_full(const struct exchange *x)
{
	return x->full;
}

void
exchange_end(struct exchange *x)
{
	x->ended = 1;
	over(x);
}

void
exchange_cut(struct exchange *x)
{
	x->cut = 1;
	over(x);
}

int
exchange_status(const struct exchange *x)
{
	return x->status;
}

uint64_t
exchange_sent(const struct exchange *x)
{
	return x->body.len;
}

void
exchange_again(struct exchange *x)
{
	conns.s.on_request(conns.s.arg, x);
}

#endif
