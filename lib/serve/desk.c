/* SPDX-License-Identifier: ISC */
#include "serve/desk_priv.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "ledger_keys.h"
#include "loop.h"
#include "mem.h"
#include "serve/line.h"
#include "spool.h"

#define READ_BYTES (64 * 1024) /* at once */
#define MAX_READS 16
#define DROP_BYTES (1024 * 1024) /* that were sent, before the rest moves up */

void
desk_wake(struct desk *d)
{
	if (!d->is_woken)
		loop_timer_set(d->turn, 0);
	d->is_woken = 1;
}

/* ── asking ── */

struct wait *
desk_expect(struct desk *d, keeper_fn kept, desk_fn answered, void *ctx)
{
	struct wait *w = xcalloc(1, sizeof(*w));

	w->number = ++d->last_number;
	w->is_question = answered != NULL;
	w->kept = kept;
	w->answered = answered;
	w->ctx = ctx;
	TAILQ_INSERT_TAIL(&d->waits, w, next);
	d->n_waits++;
	return w;
}

void
desk_send_soon(struct desk *d)
{
	d->is_urgent = 1;
	if (d->lost)
		buf_clear(&d->out);
	if (d->lost || d->sent == 0)
		desk_wake(d);
}

/* It can't be asked: an answer from here, when the loop turns. */
void
desk_refuse(struct desk *d, uint64_t number, int is_question)
{
	struct err e = {0};
	size_t at = line_begin(&d->own, is_question ? LINE_ANSWER : LINE_DONE, number);

	err_set(&e, ERR_DATA, "more than the ledger takes: over %d MiB", LINE_MAX_BYTES >> 20);
	if (!is_question)
		line_int(&d->own, PUSD_UNKNOWN);
	line_err(&d->own, &e);
	if (is_question)
		line_str(&d->own, NULL);
	line_end(&d->own, at);
	desk_wake(d);
}

void
desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx)
{
	uint64_t number = desk_expect(d, NULL, done, ctx)->number;
	size_t at = line_begin(&d->out, LINE_ASK, number);

	line_int(&d->out, q->what);
	line_str(&d->out, q->text);
	line_int(&d->out, q->from_ms);
	line_int(&d->out, q->until_ms);
	line_int(&d->out, q->key != NULL);
	if (q->key)
		line_key(&d->out, q->key);
	if (line_end(&d->out, at))
		desk_refuse(d, number, 1);
	desk_send_soon(d);
}

void
desk_forget(struct desk *d, void *ctx)
{
	struct wait *w;

	TAILQ_FOREACH(w, &d->waits, next)
	if (w->ctx == ctx) {
		w->kept = NULL;
		w->answered = NULL;
	}
}

/* ── answers ── */

static void
tell(struct desk *d, struct wait *w, int64_t room, const char *json, size_t n, const struct err *e)
{
	struct wait was = *w;

	TAILQ_REMOVE(&d->waits, w, next);
	d->n_waits--;
	d->n_again -= (size_t)w->is_again;
	if (w->is_soon)
		TAILQ_REMOVE(&d->soon, w, soon);
	free(w);
	if (was.kept)
		was.kept(was.ctx, room, e);
	else if (was.answered)
		was.answered(was.ctx, json, n, e);
}

/* What is in the spool will be booked, whatever becomes of the scribe, and of us. */
static void
tell_soon(struct desk *d)
{
	uint64_t last = d->last_number;
	struct wait *w;

	while ((w = TAILQ_FIRST(&d->soon)) && w->number <= last) {
		keeper_fn kept = w->kept;
		TAILQ_REMOVE(&d->soon, w, soon);
		w->is_soon = 0;
		w->kept = NULL;
		if (kept)
			kept(w->ctx, PUSD_UNKNOWN, NULL);
	}
}

/* A booking that nobody waited for couldn't be made: once, until one can. */
static void
mind(struct desk *d, const struct err *e)
{
	struct err said;

	if (!e) {
		d->refused = 0;
		return;
	}
	said = *e;
	err_wrap(&said, "not booked");
	if (!d->refused && d->s.on_warning)
		d->s.on_warning(d->s.arg, said.msg);
	d->refused = 1;
}

/* The scribe is gone, or makes no sense: who waits is told so. Who asks from inside of such an answer waits for the loop's next turn. */
static void
lose(struct desk *d)
{
	struct err e = {0};
	struct wait *w;
	uint64_t last;

	d->lost = 1;
	tell_soon(d);
	loop_fd_events(d->fd, 0, 0);
	buf_clear(&d->out);
	d->sent = 0;
	err_set(&e, ERR_CANTCREATE, "the ledger's process is gone");
	last = d->last_number;
	if (!d->told && d->s.on_lost)
		d->s.on_lost(d->s.arg);
	d->told = 1;
	while ((w = TAILQ_FIRST(&d->waits)) && w->number <= last)
		tell(d, w, PUSD_UNKNOWN, "", 0, &e);
}

static struct wait *
find(struct desk *d, uint64_t number)
{
	struct wait *w;

	TAILQ_FOREACH(w, &d->waits, next)
	if (w->number == number)
		return w;
	return NULL;
}

static int
on_answer(struct desk *d, struct line_msg *m)
{
	struct wait *w = find(d, m->number);
	int64_t room = m->type == LINE_DONE ? line_get_int(m, PUSD_UNKNOWN, INT64_MAX) : PUSD_UNKNOWN;
	struct err e;
	int failed = line_get_err(m, &e);
	size_t n = 0;
	const char *json = m->type == LINE_ANSWER ? line_get_bytes(m, &n) : NULL;

	if (!w || !line_is_whole(m) || w->is_question != (m->type == LINE_ANSWER))
		return -1;
	if (!w->is_question && !w->kept)
		mind(d, failed ? &e : NULL);
	if (w->spooled && failed)
		desk_book_again(d, w, &e);
	if (w->spooled)
		spool_take(d->s.spool, w->spooled);
	tell(d, w, room, json ? json : "", n, failed ? &e : NULL);
	return 0;
}

static int
on_keys(struct desk *d, struct line_msg *m)
{
	struct ledger_keys k = LEDGER_KEYS_INIT;

	k.version = line_get_int(m, INT64_MIN, INT64_MAX);
	k.n = line_get_count(m);
	k.v = xcalloc(k.n, sizeof(*k.v));
	for (size_t i = 0; i < k.n; i++)
		line_get_key(m, k.v + i);
	int r = line_is_whole(m) ? 0 : -1;
	if (r == 0 && d->s.on_keys)
		d->s.on_keys(d->s.arg, &k);
	free(k.v); /* its strings are the message's */
	return r;
}

static int
on_warning(struct desk *d, struct line_msg *m)
{
	const char *text = line_get_str(m);

	if (!text || !line_is_whole(m))
		return -1;
	if (d->s.on_warning)
		d->s.on_warning(d->s.arg, text);
	return 0;
}

static int
on_message(struct desk *d, struct line_msg *m)
{
	switch (m->type) {
	case LINE_DONE:
	case LINE_ANSWER:
		return on_answer(d, m);
	case LINE_KEYS:
		return on_keys(d, m);
	case LINE_WARNING:
		return on_warning(d, m);
	}
	return -1;
}

static int
take_messages(struct desk *d, struct buf *b)
{
	struct line_msg m;
	size_t at = 0, used = 0;
	int r;

	while ((r = line_next(buf_str(b) + at, b->len - at, &used, &m)) == 1) {
		if (on_message(d, &m)) {
			r = -1;
			break;
		}
		at += used;
	}
	line_drop(b, at);
	return r;
}

/* ── the socket ── */

static int
flush(struct desk *d)
{
	d->is_urgent = d->lingers = 0;
	d->flushes++;
	while (d->sent < d->out.len) {
		ssize_t n = send(d->s.fd, d->out.p + d->sent, d->out.len - d->sent, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN && errno != EWOULDBLOCK)
			return -1;
		if (n == -1)
			break;
		d->sent += (size_t)n;
	}
	int all = d->sent == d->out.len;
	if (all || d->sent > DROP_BYTES) {
		line_drop(&d->out, d->sent);
		d->sent = 0;
	}
	loop_fd_events(d->fd, 1, !all);
	return 0;
}

/* Until there is no more, or so much that the loop's others should have their turn first. */
static int
fill(struct desk *d)
{
	for (int i = 0; i < MAX_READS; i++) {
		char *to = buf_reserve(&d->in, READ_BYTES);
		ssize_t n = recv(d->s.fd, to, READ_BYTES, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EWOULDBLOCK))
			return -1;
		if (n == -1)
			break;
		d->in.len += (size_t)n;
		d->in.p[d->in.len] = '\0';
		if (n < READ_BYTES)
			break;
	}
	return 0;
}

static void
on_fd(void *arg, int readable, int writable)
{
	struct desk *d = arg;
	int r = 0;

	if (readable) {
		r = fill(d);
		if (take_messages(d, &d->in) == -1) /* what it said before it went counts */
			r = -1;
	}
	if (r == 0 && writable)
		r = flush(d);
	if (r)
		lose(d);
}

static void
on_turn(void *arg)
{
	struct desk *d = arg;

	d->is_woken = 0;
	tell_soon(d);
	if (d->own.len)
		take_messages(d, &d->own);
	if (d->lost || (d->is_urgent && flush(d)))
		lose(d);
}

static void
on_linger(void *arg)
{
	struct desk *d = arg;

	if (!d->lost && flush(d))
		lose(d);
}

/* ── from start to end ── */

struct desk *
desk_new(const struct desk_spec *s, struct err *e)
{
	struct desk *d = xcalloc(1, sizeof(*d));

	d->s = *s;
	TAILQ_INIT(&d->waits);
	TAILQ_INIT(&d->soon);
	desk_book_init(d);
	d->flushes = 1;
	d->fd = loop_fd_new(s->loop, s->fd, on_fd, d, e);
	if (!d->fd) {
		close(s->fd);
		free(d);
		return NULL;
	}
	d->turn = loop_timer_new(s->loop, on_turn, d);
	d->linger = loop_timer_new(s->loop, on_linger, d);
	loop_fd_events(d->fd, 1, 0);
	return d;
}

void
desk_free(struct desk *d)
{
	struct wait *w;

	if (!d)
		return;
	while ((w = TAILQ_FIRST(&d->waits))) {
		TAILQ_REMOVE(&d->waits, w, next);
		free(w);
	}
	loop_fd_free(d->fd);
	loop_timer_free(d->turn);
	loop_timer_free(d->linger);
	close(d->s.fd);
	buf_release(&d->in);
	buf_release(&d->out);
	buf_release(&d->own);
	free(d);
}

const struct keeper *
desk_keeper(struct desk *d)
{
	return &d->keeper;
}

int
desk_busy(const struct desk *d)
{
	return d->n_waits > d->n_again || (d->out.len && !d->n_again);
}
