/* SPDX-License-Identifier: ISC */
#include "serve/scribe.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "serve/scribe_priv.h"
#include "spool.h"
#include "tm.h"

#define READ_BYTES (64 * 1024)
#define MAX_READS 16                  /* of one line, before the others have their turn */
#define MAX_UNSENT (32 * 1024 * 1024) /* a worker that doesn't read its answers isn't read from */
#define DROP_BYTES (1024 * 1024)      /* that were sent, before the rest moves up */
#define END_MS 5000                   /* for workers to end, after the supervisor did */
#define YIELD_MS 20                   /* of a batch: who answers goes first, where both have one processor, */
#define BUSY_MS 1000                  /* but not for so long after a batch that it left no time for */
#define TURN_MS 1000                  /* keys are looked at */
#define TIDY_MS 50                    /* without anything to do */
#define TIDY_LATEST_MS 250            /* with: what waits longer is more to sync, and all wait for that */
#define REAP_MS 20
#define WARN_MS 10000 /* between two that nobody in particular hears */

void
scribe_warn(struct scribe *s, struct worker *w, const char *text)
{
	int64_t now = tm_mono_ms();

	if (w && !w->found) {
		size_t at = line_begin(&w->out, LINE_WARNING, 0);
		line_str(&w->out, text);
		line_end(&w->out, at);
		return;
	}
	if (s->warned_ms && now - s->warned_ms < WARN_MS)
		return;
	s->warned_ms = now;
	if (s->s.on_warning)
		s->s.on_warning(text);
}

void
scribe_answer(struct worker *w, uint64_t number, const char *json, size_t n, const struct err *e)
{
	struct err big = {0};
	size_t at = line_begin(&w->out, LINE_ANSWER, number);

	line_err(&w->out, e);
	line_bytes(&w->out, json ? json : "", json && !e ? n : 0);
	if (line_end(&w->out, at) == 0)
		return;
	err_set(&big, ERR_DATA, "the answer is over %d MiB: ask for less at a time", LINE_MAX_BYTES >> 20);
	scribe_answer(w, number, NULL, 0, &big);
}

/* ── lines ── */

static void
add_worker(struct scribe *s, int fd, uint64_t spool)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	struct err e = {0};

	if (spool && s->s.path)
		w->spool = spool_open(s->s.path, spool, &e);

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	w->fd = fd;
	TAILQ_INSERT_TAIL(&s->workers, w, next);
}

/* booked: its spool has nothing that the ledger lacks. Else it is looked for when the ledger may be writable again. */
static void
end_worker(struct scribe *s, struct worker *w, int booked)
{
	scribe_ask_forget(s, w);
	scribe_errand_forget(s, w);
	TAILQ_REMOVE(&s->workers, w, next);
	close(w->fd);
	if (w->spool && booked)
		spool_remove(w->spool);
	else
		spool_close(w->spool);
	if (!booked)
		scribe_look_later(s);
	buf_release(&w->in);
	buf_release(&w->out);
	free(w);
}

static void
take_messages(struct scribe *s, struct worker *w)
{
	struct line_msg m;
	size_t at = 0, used = 0;
	int r;

	while ((r = line_next(buf_str(&w->in) + at, w->in.len - at, &used, &m)) == 1) {
		if (m.type != LINE_ASK)
			w->last = m.number;
		r = m.type == LINE_ASK ? scribe_ask(s, w, &m) : scribe_book(s, w, &m);
		if (r)
			break;
		at += used;
		if (tm_mono_ms() < s->yield_ms)
			sched_yield();
	}
	if (r == -1) {
		scribe_warn(s, NULL, "a worker's line to the ledger makes no sense, and was cut");
		w->gone = 1;
	}
	line_drop(&w->in, w->gone ? w->in.len : at);
}

static void
read_worker(struct scribe *s, struct worker *w)
{
	for (int i = 0; i < MAX_READS; i++) {
		char *to = buf_reserve(&w->in, READ_BYTES);
		ssize_t n = recv(w->fd, to, READ_BYTES, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0 || (n == -1 && errno != EAGAIN))
			w->gone = 1;
		if (n <= 0)
			break;
		w->in.len += (size_t)n;
		if (n < READ_BYTES)
			break;
	}
	int gone = w->gone;
	take_messages(s, w); /* what it said before it went counts */
	w->gone |= gone;
}

static void
write_worker(struct worker *w)
{
	while (!w->gone && w->sent < w->out.len) {
		ssize_t n = send(w->fd, w->out.p + w->sent, w->out.len - w->sent, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break; /* one that is gone is noticed when it is read from */
		w->sent += (size_t)n;
	}
	if (w->sent == w->out.len || w->sent > DROP_BYTES) {
		line_drop(&w->out, w->sent);
		w->sent = 0;
	}
}

/* ── the supervisor's line ── */

/* All that is said on it. The descriptor of a worker's line comes beside it. */
struct word {
	uint64_t looks; /* 1: there may be spools to adopt */
	uint64_t spool; /* the worker's */
};

static void
read_control(struct scribe *s)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	struct word word;
	struct iovec iov = {&word, sizeof(word)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof(c.room)};
	ssize_t n = recvmsg(s->s.control, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		s->ending = 1;
		s->end_ms = tm_mono_ms() + END_MS;
		return;
	}
	if (n == sizeof(word) && word.looks)
		s->look_ms = tm_mono_ms();
	struct cmsghdr *h = n == sizeof(word) ? CMSG_FIRSTHDR(&m) : NULL;
	if (!h || h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS || h->cmsg_len != CMSG_LEN(sizeof(fd)))
		return;
	memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	add_worker(s, fd, word.spool);
}

int
scribe_send_worker(int control, int fd, uint64_t spool, struct err *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	struct word word = {.spool = spool};
	struct iovec iov = {&word, sizeof(word)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof(c.room)};
	ssize_t n;

	memset(&c, 0, sizeof(c));
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	do
		n = sendmsg(control, &m, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == sizeof(word) ? 0 : err_sys(e, ERR_SYSTEM, errno, "the ledger's process");
}

void
scribe_send_look(int control)
{
	const struct word word = {.looks = 1};

	(void)!send(control, &word, sizeof(word), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ── turns ── */

struct polled {
	struct pollfd *v; /* owned */
	size_t n, cap;
};

static void
poll_add(struct polled *p, int fd, int events)
{
	p->v = mem_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = (struct pollfd){.fd = fd, .events = (short)events};
}

/* Workers first, in their order; then the rest. */
static void
poll_all(struct scribe *s, struct polled *p)
{
	const struct worker *w;

	p->n = 0;
	TAILQ_FOREACH(w, &s->workers, next)
	poll_add(p, w->fd, (w->out.len < MAX_UNSENT ? POLLIN : 0) | (w->out.len ? POLLOUT : 0));
	if (!s->ending)
		poll_add(p, s->s.control, POLLIN);
	for (size_t i = scribe_errand_room(s); i > 0; i--)
		poll_add(p, -1, 0);
	scribe_errand_poll(s, p->v + p->n - scribe_errand_room(s));
}

static void
sooner(int *ms, int64_t other)
{
	if (other < 0)
		other = 0;
	if (*ms == -1 || other < *ms)
		*ms = (int)other;
}

/* How long there will be nothing to do. */
static int
timeout(const struct scribe *s)
{
	int ms = -1;

	if (!TAILQ_EMPTY(&s->workers) || s->n_left)
		sooner(&ms, TURN_MS);
	if (s->written_ms)
		sooner(&ms, TIDY_MS);
	if (s->look_ms)
		sooner(&ms, s->look_ms - tm_mono_ms());
	if (scribe_errand_is_ending(s))
		sooner(&ms, REAP_MS);
	if (s->ending)
		sooner(&ms, s->end_ms - tm_mono_ms());
	if (!TAILQ_EMPTY(&s->asks))
		sooner(&ms, scribe_ask_due_ms(s) - tm_mono_ms());
	return ms;
}

static void
tidy(struct scribe *s, int idle)
{
	int64_t now = tm_mono_ms();

	if (!s->written_ms || !s->ledger)
		return;
	if (!s->tidied_ms)
		s->tidied_ms = now;
	if (!(idle && now - s->written_ms >= TIDY_MS) && now - s->tidied_ms < TIDY_LATEST_MS)
		return;
	ledger_tidy(s->ledger);
	s->written_ms = 0;
	s->tidied_ms = now;
}

static void
begin_yielding(struct scribe *s)
{
	int64_t now = tm_mono_ms();

	s->yield_ms = now < s->busy_ms ? 0 : now + YIELD_MS;
}

static void
end_yielding(struct scribe *s)
{
	int64_t now = tm_mono_ms();

	if (s->yield_ms && now >= s->yield_ms)
		s->busy_ms = now + BUSY_MS;
}

/* What all have sent is one batch. */
static void
turn(struct scribe *s, const struct pollfd *v, int any)
{
	struct worker *w, *after;
	size_t i = 0;

	begin_yielding(s);
	TAILQ_FOREACH(w, &s->workers, next)
	{
		if (any && v[i].revents & (POLLIN | POLLHUP | POLLERR))
			read_worker(s, w);
		if (w->gone) {
			scribe_replay(s, w);
			scribe_leave(s, w);
		}
		i++;
	}
	int r = scribe_flush(s);
	end_yielding(s);
	for (w = TAILQ_FIRST(&s->workers); w; w = after) {
		after = TAILQ_NEXT(w, next);
		if (w->gone)
			end_worker(s, w, r == 0);
		else
			write_worker(w);
	}
	if (any && !s->ending && v[i].revents)
		read_control(s);
	scribe_adopt(s);
	scribe_keys(s);
	scribe_ask_turn(s);
	scribe_errand_turn(s);
	TAILQ_FOREACH(w, &s->workers, next)
	write_worker(w);
}

static void
run(struct scribe *s)
{
	struct polled p = {0};

	while (!s->ending || (!TAILQ_EMPTY(&s->workers) && tm_mono_ms() < s->end_ms)) {
		poll_all(s, &p);
		int n = poll(p.v, p.n, timeout(s));
		if (n == -1)
			for (size_t i = 0; i < p.n; i++)
				p.v[i].revents = 0; /* a signal: they weren't looked at */
		turn(s, p.v, n > 0);
		tidy(s, n == 0);
	}
	free(p.v);
}

/* What workers that are still there left open is settled, too. */
static void
finish(struct scribe *s)
{
	struct worker *w;

	TAILQ_FOREACH(w, &s->workers, next)
	scribe_leave(s, w);
	scribe_flush(s);
	scribe_errand_release(s);
	scribe_ask_forget(s, NULL);
	while ((w = TAILQ_FIRST(&s->workers))) {
		write_worker(w);
		end_worker(s, w, 0); /* which may still put into its spool */
	}
	scribe_book_release(s);
}

int
scribe_run(const struct scribe_spec *spec, struct err *e)
{
	struct scribe s = {.s = *spec};

	(void)e;
	TAILQ_INIT(&s.workers);
	TAILQ_INIT(&s.asks);
	TAILQ_INIT(&s.errands);
	if (spec->on_ready)
		spec->on_ready();
	s.look_ms = tm_mono_ms();
	run(&s);
	finish(&s);
	close(spec->control);
	return 0;
}
