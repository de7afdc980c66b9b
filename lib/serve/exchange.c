/* SPDX-License-Identifier: ISC */
#include "serve/conn_priv.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "tm.h"

/* ── its life ── */

static struct exchange *
exchange_new(struct conn *k)
{
	struct exchange *x = xcalloc(1, sizeof(*x));
	uint64_t most = k->all->s.limits.requests;

	k->requests++;
	k->all->count.requests++;
	x->k = k;
	x->start_us = tm_mono_us();
	x->headless = strcmp(k->http.method, "HEAD") == 0;
	x->closes = !k->http.keep_alive || (most && k->requests >= most);
	return x;
}

void
exchange_call(struct conn *k)
{
	struct exchange *x = k->x;

	if (!x) {
		conn_timer_stop(k);
		x = k->x = exchange_new(k);
	}
	x->called = 1;
	k->all->s.on_request(k->all->s.arg, x);
	x->called = 0;
	if (!x->over)
		return;
	conn_flush(k);
	conn_settle(k);
}

void
exchange_over(struct conn *k)
{
	struct exchange *x = k->x;
	struct conns *c = k->all;

	if (c->s.on_over)
		c->s.on_over(c->s.arg, x);
	k->x = NULL;
	conn_let_go(k);
	k->continued = k->asked = 0;
	k->ends |= x->closes;
	buf_release(&x->fields);
	free(x);
	if (k->closing)
		return;
	http1_next(&k->http);
	if (!k->ends)
		conn_timer_set(k, CONN_IDLE);
}

/* From here on the handler knows it no more. */
static void
end(struct exchange *x)
{
	x->over = 1;
	x->on_gone = x->on_drain = NULL;
	if (!x->called)
		conn_soon(x->k);
}

/* ── what handlers ask ── */

const struct http1 *
exchange_request(const struct exchange *x)
{
	return &x->k->http;
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
	return x->k->peer;
}

int
exchange_is_unix(const struct exchange *x)
{
	return x->k->is_unix;
}

int64_t
exchange_start_us(const struct exchange *x)
{
	return x->start_us;
}

int
exchange_status(const struct exchange *x)
{
	return x->status;
}

uint64_t
exchange_sent(const struct exchange *x)
{
	return x->sent;
}

/* ── the answer ── */

/* Bytes up to the first control character, or the end. */
static size_t
clean_run(const char *s)
{
	size_t n = 0;

	while ((unsigned char)s[n] >= ' ' && s[n] != 127)
		n++;
	return n;
}

static void
add_text(struct buf *b, const char *s)
{
	for (size_t n;; s += n + 1) {
		n = clean_run(s);
		buf_add(b, s, n);
		if (!s[n])
			return;
		buf_addc(b, ' ');
	}
}

void
exchange_field(struct exchange *x, const char *name, const char *value)
{
	if (x->begun || x->over)
		return;
	add_text(&x->fields, name);
	buf_adds(&x->fields, ": ");
	add_text(&x->fields, value);
	buf_adds(&x->fields, "\r\n");
}

static void
begin(struct exchange *x, int status, const char *type, int64_t length)
{
	struct conn *k = x->k;
	int none = status == 204 || status == 304 || status < 200;
	struct buf clean = BUF_INIT;

	if (type && type[clean_run(type)]) {
		add_text(&clean, type);
		type = clean.p;
	}
	x->begun = 1;
	x->status = status;
	x->bodiless = x->headless || none;
	x->closes |= k->all->draining || (length < 0 && k->http.minor == 0 && !x->bodiless);
	x->chunked = length < 0 && k->http.minor > 0 && !none;
	struct conn_answer a = {
	    .status = status,
	    .type = type,
	    .length = none ? -1 : length,
	    .chunked = x->chunked,
	    .closes = x->closes,
	    .stays = k->http.minor == 0,
	    .fields = buf_str(&x->fields),
	};
	conn_head(k->all, &k->out, &a);
	buf_release(&clean);
	buf_release(&x->fields);
}

void
exchange_whole(struct exchange *x, int status, const char *type, const char *p, size_t n)
{
	if (x->begun || x->over)
		return;
	if (!x->gone) {
		begin(x, status, type, (int64_t)n);
		n = x->bodiless ? 0 : n;
		x->sent = n;
		conn_write(x->k, p, n);
	}
	end(x);
}

void
exchange_begin(struct exchange *x, int status, const char *type)
{
	if (x->begun || x->over || x->gone)
		return;
	begin(x, status, type, -1);
	conn_soon(x->k);
}

int
exchange_begun(const struct exchange *x)
{
	return x->begun;
}

void
exchange_write(struct exchange *x, const char *p, size_t n)
{
	struct conn *k = x->k;

	if (!x->begun || x->over || x->gone || x->bodiless || n == 0)
		return;
	if (x->chunked && k->chunk_at == CONN_NO_CHUNK)
		k->chunk_at = k->out.len;
	buf_add(&k->out, p, n);
	x->sent += n;
	if (conn_unsent(k) >= CONN_HIGH_BYTES)
		x->full = 1;
	conn_soon(k);
}

int
exchange_full(const struct exchange *x)
{
	return x->full;
}

void
exchange_end(struct exchange *x)
{
	struct conn *k = x->k;

	if (x->over)
		return;
	if (!x->begun && !x->gone) {
		exchange_cut(x);
		return;
	}
	if (!x->gone && x->chunked && !x->bodiless)
		conn_end_chunks(k);
	end(x);
}

void
exchange_cut(struct exchange *x)
{
	if (x->over)
		return;
	x->closes = 1;
	x->k->resets |= x->begun && !x->chunked && !x->bodiless;
	end(x);
}

void
exchange_again(struct exchange *x)
{
	if (x->begun || x->over)
		return;
	x->on_gone = x->on_drain = NULL;
	x->again = 1;
	conn_soon(x->k);
}
