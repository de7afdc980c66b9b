/* SPDX-License-Identifier: ISC */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/queue.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif
#include <uv.h>

#include "err.h"
#include "mem.h"

#define GONE_POLL_MS 20 /* where there is no epoll */

struct loop_timer {
	uv_timer_t uv;
	struct loop *loop;
	loop_fn fn;
	void *arg;
	uint64_t due_ms, uv_ms; /* when it is due; when libuv fires it, which may be sooner */
	TAILQ_ENTRY(loop_timer) soon;
	int is_soon;   /* it stands in that list */
	unsigned turn; /* since this turn of the loop */
};

struct on_signal {
	uv_signal_t uv;
	loop_fn fn;
	void *arg;
	SLIST_ENTRY(on_signal) next;
};

struct loop_fd {
	uv_poll_t uv;
	void (*fn)(void *arg, int readable, int writable);
	void *arg;
	int events;
};

struct watch {
	uv_poll_t poll;   /* of an epoll descriptor that holds fd */
	uv_timer_t timer; /* elsewhere: fd is asked now and then */
	int fd, epoll_fd;
	loop_fn fn;
	void *arg;
};

/*
 * Timers of 0 ms don't go to libuv, which before 1.45 runs those that are set by a timer at once, so that a chain of them keeps all else from
 * being done: they wait in a list for the loop's next turn.
 */
struct loop {
	uv_loop_t uv;
	uv_idle_t idle; /* runs while the list isn't empty */
	TAILQ_HEAD(loop_timers, loop_timer) soon;
	unsigned turn;
	uv_async_t wake; /* a signal came */
	loop_fn on_signal, on_dealt;
	void *signal_arg, *dealt_arg;
	struct watch *watch;
	SLIST_HEAD(on_signals, on_signal) signals;
};

/* A handler can reach only what is global; it is written once, by loop_watch_signals. */
static volatile sig_atomic_t signal_seen;
static uv_async_t *signal_wake;

struct loop *
loop_new(struct err *e)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	int r = uv_loop_init(&l->uv);

	if (r) {
		free(l);
		err_set(e, ERR_SYSTEM, "event loop: %s", uv_strerror(r));
		return NULL;
	}
	uv_idle_init(&l->uv, &l->idle);
	l->idle.data = l;
	TAILQ_INIT(&l->soon);
	SLIST_INIT(&l->signals);
	return l;
}

static void
close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	signal_wake = NULL;
	uv_walk(&l->uv, close_handle, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	if (uv_loop_close(&l->uv) == UV_EBUSY) { /* a loop_stop() that came too late ended that run */
		uv_run(&l->uv, UV_RUN_DEFAULT);
		uv_loop_close(&l->uv);
	}
	if (l->watch && l->watch->epoll_fd >= 0)
		close(l->watch->epoll_fd);
	free(l->watch);
	for (struct on_signal *s; (s = SLIST_FIRST(&l->signals));) {
		SLIST_REMOVE_HEAD(&l->signals, next);
		free(s);
	}
	free(l);
}

void
loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

struct uv_loop_s *
loop_uv(struct loop *l)
{
	return &l->uv;
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn fn, void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof(*t));

	uv_timer_init(&l->uv, &t->uv);
	t->uv.data = t;
	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	return t;
}

static void timer_fired(uv_timer_t *uv);

static void
arm(struct loop_timer *t, uint64_t ms)
{
	t->uv_ms = uv_now(&t->loop->uv) + ms;
	uv_timer_start(&t->uv, timer_fired, ms, 0);
}

static void
timer_fired(uv_timer_t *uv)
{
	struct loop_timer *t = uv->data;
	uint64_t now = uv_now(&t->loop->uv);

	if (now < t->due_ms)
		arm(t, t->due_ms - now);
	else
		t->fn(t->arg);
}

static void
not_soon(struct loop_timer *t)
{
	struct loop *l = t->loop;

	if (!t->is_soon)
		return;
	TAILQ_REMOVE(&l->soon, t, soon);
	t->is_soon = 0;
	if (TAILQ_EMPTY(&l->soon))
		uv_idle_stop(&l->idle);
}

/* Those that are set meanwhile have their turn next time. */
static void
turn(uv_idle_t *idle)
{
	struct loop *l = idle->data;
	struct loop_timer *t;
	unsigned now = l->turn++;

	while ((t = TAILQ_FIRST(&l->soon)) && t->turn == now) {
		not_soon(t);
		t->fn(t->arg);
	}
}

/* One that is put off again and again, with each event of a stream, stays where it is in libuv's heap: when it fires there it is set for the rest. */
static void
set_later(struct loop_timer *t, uint64_t ms)
{
	uv_update_time(&t->loop->uv);
	t->due_ms = uv_now(&t->loop->uv) + ms;
	if (!uv_is_active((uv_handle_t *)&t->uv) || t->uv_ms > t->due_ms)
		arm(t, ms);
}

void
loop_timer_set(struct loop_timer *t, int64_t ms)
{
	struct loop *l = t->loop;

	not_soon(t);
	if (ms > 0) {
		set_later(t, (uint64_t)ms);
		return;
	}
	uv_timer_stop(&t->uv);
	t->turn = l->turn;
	t->is_soon = 1;
	TAILQ_INSERT_TAIL(&l->soon, t, soon);
	uv_idle_start(&l->idle, turn);
}

void
loop_timer_stop(struct loop_timer *t)
{
	not_soon(t);
	uv_timer_stop(&t->uv);
}

static void
timer_closed(uv_handle_t *h)
{
	free(h->data);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	not_soon(t);
	uv_close((uv_handle_t *)&t->uv, timer_closed);
}

int64_t
loop_now_ms(const struct loop *l)
{
	return (int64_t)uv_now(&l->uv);
}

void
loop_on_dealt(struct loop *l, loop_fn fn, void *arg)
{
	l->on_dealt = fn;
	l->dealt_arg = arg;
}

void
loop_dealt(struct loop *l)
{
	if (l->on_dealt)
		l->on_dealt(l->dealt_arg);
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, void (*fn)(void *arg, int readable, int writable), void *arg, struct err *e)
{
	struct loop_fd *f = xcalloc(1, sizeof(*f));
	int r = uv_poll_init(&l->uv, &f->uv, fd);

	if (r) {
		free(f);
		err_set(e, ERR_SYSTEM, "event loop: %s", uv_strerror(r));
		return NULL;
	}
	f->uv.data = f;
	f->fn = fn;
	f->arg = arg;
	return f;
}

static void
fd_ready(uv_poll_t *uv, int status, int events)
{
	struct loop_fd *f = uv->data;

	if (status < 0)
		events = f->events;
	f->fn(f->arg, !!(events & UV_READABLE), !!(events & UV_WRITABLE));
}

void
loop_fd_events(struct loop_fd *f, int readable, int writable)
{
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (events == f->events)
		return;
	f->events = events;
	if (events)
		uv_poll_start(&f->uv, events, fd_ready);
	else
		uv_poll_stop(&f->uv);
}

static void
fd_closed(uv_handle_t *h)
{
	free(h->data);
}

void
loop_fd_free(struct loop_fd *f)
{
	if (f)
		uv_close((uv_handle_t *)&f->uv, fd_closed);
}

static void
gone(struct watch *w)
{
	loop_fn fn = w->fn;

	w->fn = NULL;
	if (fn)
		fn(w->arg);
}

#ifdef __linux__
static void
poll_fired(uv_poll_t *h, int status, int events)
{
	(void)status;
	(void)events;
	uv_poll_stop(h);
	gone(h->data);
}

/* uv_poll would make the descriptor non-blocking, also for whoever shares it (the terminal!): an epoll
 * descriptor stands between. Errors and hang-ups are reported without being asked for. */
static int
watch_start(struct loop *l, struct watch *w)
{
	struct epoll_event ev = {0};

	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0 || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) ||
	    uv_poll_init(&l->uv, &w->poll, w->epoll_fd))
		return -1; /* a regular file: it never goes */
	w->poll.data = w;
	uv_poll_start(&w->poll, UV_READABLE, poll_fired);
	uv_unref((uv_handle_t *)&w->poll);
	return 0;
}
#else
static void
poll_fired(uv_timer_t *h)
{
	struct watch *w = h->data;
	struct pollfd p = {.fd = w->fd};

	if (poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP))) {
		uv_timer_stop(h);
		gone(w);
	}
}

static int
watch_start(struct loop *l, struct watch *w)
{
	w->epoll_fd = -1;
	uv_timer_init(&l->uv, &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, poll_fired, GONE_POLL_MS, GONE_POLL_MS);
	uv_unref((uv_handle_t *)&w->timer);
	return 0;
}
#endif

void
loop_watch_gone(struct loop *l, int fd, loop_fn fn, void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	l->watch = w;
	watch_start(l, w);
}

static void
on_signal(int sig)
{
	int saved = errno;

	signal_seen = sig;
	alarm(1); /* once more for a write that began just now; see out.c */
	if (signal_wake)
		uv_async_send(signal_wake);
	errno = saved;
}

/* It only has to interrupt. */
static void
on_alarm(int sig)
{
	(void)sig;
}

static void
woken(uv_async_t *h)
{
	struct loop *l = h->data;

	if (signal_seen && l->on_signal)
		l->on_signal(l->signal_arg);
}

void
loop_watch_signals(struct loop *l, loop_fn fn, void *arg)
{
	static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_signal}, old;

	l->on_signal = fn;
	l->signal_arg = arg;
	if (uv_async_init(&l->uv, &l->wake, woken))
		return; /* no descriptor left for it: signals keep their default action */
	l->wake.data = l;
	uv_unref((uv_handle_t *)&l->wake);
	signal_wake = &l->wake;
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_alarm;
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++)
		if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(watched[i], &sa, NULL);
}

int
loop_signal(void)
{
	return signal_seen;
}

static void
signal_came(uv_signal_t *uv, int sig)
{
	struct on_signal *s = uv->data;

	(void)sig;
	s->fn(s->arg);
}

int
loop_on_signal(struct loop *l, int sig, loop_fn fn, void *arg, struct err *e)
{
	struct on_signal *s = xcalloc(1, sizeof(*s));
	int r = uv_signal_init(&l->uv, &s->uv);

	if (r) {
		free(s);
		return err_set(e, ERR_SYSTEM, "event loop: %s", uv_strerror(r));
	}
	SLIST_INSERT_HEAD(&l->signals, s, next);
	s->uv.data = s;
	s->fn = fn;
	s->arg = arg;
	if ((r = uv_signal_start(&s->uv, signal_came, sig)))
		return err_set(e, ERR_SYSTEM, "signal %d: %s", sig, uv_strerror(r));
	uv_unref((uv_handle_t *)&s->uv);
	return 0;
}
