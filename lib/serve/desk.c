/* SPDX-License-Identifier: ISC */
#include "serve/desk.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "buf.h"
#include "err.h"
#include "ledger_keys.h"
#include "loop.h"
#include "mem.h"
#include "serve/line.h"

#define READ_BYTES (64 * 1024) /* at once */
#define MAX_READS 16
#define DROP_BYTES (1024 * 1024) /* that were sent, before the rest moves up */

/* Somebody waits for an answer. */
struct wait {
	uint64_t number;
	int is_question;
	keeper_fn kept;   /* NULL: it was forgotten */
	desk_fn answered; /* of a question; likewise */
	void *ctx;
	TAILQ_ENTRY(wait) next;
};

struct desk {
	struct desk_spec s;
	struct keeper keeper;
	struct loop_fd *fd;
	struct loop_timer *turn; /* set: there is something to be done when the loop turns */
	struct buf in, out, own; /* own: answers of ours, in the scribe's form */
	size_t sent;             /* of out */
	uint64_t last_number;
	TAILQ_HEAD(waits, wait) waits; /* answers to bookings come in their order */
	int is_woken, lost, told;
};

static void
wake(struct desk *d)
{
	if (!d->is_woken)
		loop_timer_set(d->turn, 0);
	d->is_woken = 1;
}

/* ── asking ── */

static uint64_t
expect(struct desk *d, keeper_fn kept, desk_fn answered, void *ctx)
{
	struct wait *w = xcalloc(1, sizeof(*w));

	w->number = ++d->last_number;
	w->is_question = answered != NULL;
	w->kept = kept;
	w->answered = answered;
	w->ctx = ctx;
	TAILQ_INSERT_TAIL(&d->waits, w, next);
	return w->number;
}

static void
send_soon(struct desk *d)
{
	if (d->lost)
		buf_clear(&d->out);
	if (d->lost || d->sent == 0)
		wake(d);
}

/* It can't be asked: an answer from here, when the loop turns. */
static void
refuse(struct desk *d, uint64_t number, int is_question)
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
	wake(d);
}

static void
reserve(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, keeper_fn done, void *ctx)
{
	struct desk *d = arg;
	struct ledger_call brief = *c;
	uint64_t number = expect(d, done, NULL, ctx);
	size_t at = line_begin(&d->out, LINE_RESERVE, number);

	brief.request = brief.answer = NULL;
	line_int(&d->out, (int64_t)call);
	line_call(&d->out, &brief);
	line_int(&d->out, n);
	line_attempt(&d->out, a);
	line_int(&d->out, (int64_t)n_budget);
	for (size_t i = 0; i < n_budget; i++)
		line_budget(&d->out, b + i);
	if (line_end(&d->out, at))
		refuse(d, number, 0);
	send_soon(d);
}

static void
settle_attempt(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n)
{
	struct desk *d = arg;
	struct ledger_call brief = *c;
	size_t at = line_begin(&d->out, LINE_SETTLE_ATTEMPT, 0);

	brief.request = brief.answer = NULL;
	line_int(&d->out, (int64_t)call);
	line_call(&d->out, &brief);
	line_int(&d->out, n);
	line_attempt(&d->out, a);
	line_end(&d->out, at);
	send_soon(d);
}

static int
put_settle(struct desk *d, uint64_t number, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a,
    size_t from, size_t n)
{
	size_t at = line_begin(&d->out, LINE_SETTLE, number);

	line_int(&d->out, (int64_t)call);
	line_call(&d->out, c);
	line_int(&d->out, (int64_t)from);
	line_int(&d->out, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		line_attempt(&d->out, a + i);
	return line_end(&d->out, at);
}

/* A call is booked even where its content is more than a message may hold. */
static void
settle(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, size_t from, size_t n,
    keeper_fn done, void *ctx)
{
	struct desk *d = arg;
	struct ledger_call brief = *c;
	uint64_t number = expect(d, done, NULL, ctx);

	brief.request = brief.answer = NULL;
	if (put_settle(d, number, call, c, a, from, n) && put_settle(d, number, call, &brief, a, from, n))
		refuse(d, number, 0);
	send_soon(d);
}

void
desk_ask(struct desk *d, const struct desk_question *q, desk_fn done, void *ctx)
{
	uint64_t number = expect(d, NULL, done, ctx);
	size_t at = line_begin(&d->out, LINE_ASK, number);

	line_int(&d->out, q->what);
	line_str(&d->out, q->text);
	line_int(&d->out, q->from_ms);
	line_int(&d->out, q->until_ms);
	line_int(&d->out, q->key != NULL);
	if (q->key)
		line_key(&d->out, q->key);
	if (line_end(&d->out, at))
		refuse(d, number, 1);
	send_soon(d);
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

static void
forget(void *arg, void *ctx)
{
	desk_forget(arg, ctx);
}

/* ── answers ── */

static void
tell(struct desk *d, struct wait *w, int64_t room, const char *json, size_t n, const struct err *e)
{
	struct wait was = *w;

	TAILQ_REMOVE(&d->waits, w, next);
	free(w);
	if (was.kept)
		was.kept(was.ctx, room, e);
	else if (was.answered)
		was.answered(was.ctx, json, n, e);
}

/* The scribe is gone, or makes no sense: who waits is told so. Who asks from inside of such an answer waits for the loop's next turn. */
static void
lose(struct desk *d)
{
	struct err e = {0};
	struct wait *w;
	uint64_t last = d->last_number;

	d->lost = 1;
	loop_fd_events(d->fd, 0, 0);
	buf_clear(&d->out);
	d->sent = 0;
	err_set(&e, ERR_CANTCREATE, "the ledger's process is gone");
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
	if (d->own.len)
		take_messages(d, &d->own);
	if (d->lost || flush(d))
		lose(d);
}

/* ── from start to end ── */

struct desk *
desk_new(const struct desk_spec *s, struct err *e)
{
	struct desk *d = xcalloc(1, sizeof(*d));

	d->s = *s;
	TAILQ_INIT(&d->waits);
	d->keeper = (struct keeper){
	    .arg = d, .reserve = reserve, .settle_attempt = settle_attempt, .settle = settle, .forget = forget};
	d->fd = loop_fd_new(s->loop, s->fd, on_fd, d, e);
	if (!d->fd) {
		close(s->fd);
		free(d);
		return NULL;
	}
	d->turn = loop_timer_new(s->loop, on_turn, d);
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
	return !TAILQ_EMPTY(&d->waits) || d->out.len;
}
