/* SPDX-License-Identifier: ISC */
#include "loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "tm.h"

struct one {
	struct loop *loop;
	struct loop_timer *timer, *other;
	char name;
	int n, again, frees, stops;
};

static char order[64]; /* cleared whole: it ends where the zeros begin */

static void
fired(void *arg)
{
	struct one *o = arg;

	o->n++;
	order[strlen(order)] = o->name;
	if (o->again-- > 0)
		loop_timer_set(o->timer, 5);
	if (o->frees) {
		loop_timer_free(o->timer);
		loop_timer_free(o->other);
	}
	if (o->stops)
		loop_stop(o->loop);
}

static void
timers(void)
{
	struct loop *l = loop_new(NULL);
	struct one a = {.loop = l, .name = 'a'}, b = {.loop = l, .name = 'b'}, c = {.loop = l, .name = 'c'},
		   d = {.loop = l, .name = 'd', .again = 2};
	struct one *all[] = {&a, &b, &c, &d};
	int64_t start = tm_mono_ms();

	for (size_t i = 0; i < 4; i++)
		all[i]->timer = loop_timer_new(l, fired, all[i]);
	loop_run(l);
	tap_ok(!*order, "with nothing to wait for a loop ends");
	loop_timer_set(a.timer, 60);
	loop_timer_set(b.timer, 20);
	loop_timer_set(c.timer, 0);
	loop_timer_set(d.timer, 100);
	loop_timer_set(a.timer, 40);
	loop_run(l);
	tap_is_str(order, "cbaddd", "timers fire in their order, set again they fire again");
	tap_ok(tm_mono_ms() - start >= 105 && tm_mono_ms() - start < 1000, "at their time");
	memset(order, 0, sizeof(order));
	loop_timer_set(a.timer, 10);
	loop_timer_set(b.timer, 5);
	loop_timer_stop(a.timer);
	loop_timer_stop(a.timer);
	loop_run(l);
	tap_is_str(order, "b", "one that was stopped doesn't fire");
	memset(order, 0, sizeof(order));
	loop_timer_set(a.timer, -5);
	loop_run(l);
	tap_is_str(order, "a", "a time that is over is at once");
	memset(order, 0, sizeof(order));
	start = tm_mono_ms();
	loop_timer_set(a.timer, 10);
	loop_timer_set(b.timer, 30);
	loop_timer_set(a.timer, 20);
	loop_timer_set(a.timer, 60);
	loop_run(l);
	tap_is_str(order, "ba", "one that is put off fires once, and later");
	tap_ok(tm_mono_ms() - start >= 60, "not before its time");
	memset(order, 0, sizeof(order));
	loop_timer_set(a.timer, 200);
	loop_timer_set(b.timer, 30);
	loop_timer_set(a.timer, 10);
	loop_run(l);
	tap_is_str(order, "ab", "one that is set to an earlier time fires then");
	memset(order, 0, sizeof(order));

	/* freed inside of itself, with another one that is due as well */
	a.frees = 1;
	a.other = b.timer;
	loop_timer_set(a.timer, 5);
	loop_timer_set(b.timer, 5);
	loop_timer_set(c.timer, 10);
	loop_run(l);
	tap_is_str(order, "ac", "a timer may free itself and others");
	memset(order, 0, sizeof(order));
	c.stops = 1;
	d.again = 0;
	loop_timer_set(c.timer, 5);
	loop_timer_set(d.timer, 30);
	loop_run(l);
	tap_is_str(order, "c", "loop_stop ends the run");
	loop_run(l);
	tap_is_str(order, "cd", "which goes on when it is run again");
	loop_timer_set(c.timer, 10000);
	loop_timer_free(c.timer);
	loop_timer_free(d.timer);
	loop_timer_free(NULL);
	loop_free(l);
	loop_free(NULL);
}

static void
went(void *arg)
{
	struct one *o = arg;

	o->n++;
	loop_stop(o->loop);
}

struct closer {
	struct loop *loop;
	int fd;
};

static void
close_it(void *arg)
{
	struct closer *c = arg;

	close(c->fd);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* fd[0] is watched, fd[1] is closed after 30 ms. Who is told, and when? */
static void
watched(int fd[2], int want, const char *name)
{
	struct loop *l = loop_new(NULL);
	struct one o = {.loop = l};
	struct closer c = {l, fd[1]};
	struct loop_timer *t = loop_timer_new(l, close_it, &c), *end = loop_timer_new(l, stop, l);
	int flags = fcntl(fd[0], F_GETFL);
	int64_t start = tm_mono_ms();

	loop_watch_gone(l, fd[0], went, &o);
	tap_is_int(fcntl(fd[0], F_GETFL), flags, "the descriptor's flags are left alone");
	loop_timer_set(t, 30);
	loop_timer_set(end, want ? 5000 : 150);
	loop_run(l);
	int64_t ms = tm_mono_ms() - start;
	tap_ok(o.n == want && (!want || (ms >= 28 && ms < 2000)), "%s (%lld ms)", name, (long long)ms);
	loop_timer_set(end, 30);
	loop_run(l);
	tap_is_int(o.n, want, "once");
	loop_timer_free(t);
	loop_timer_free(end);
	loop_free(l);
	close(fd[0]);
}

static void
gone(void)
{
	int fd[2], swapped[2];
	char name[] = "/tmp/loop-XXXXXX";

	if (pipe(fd))
		exit(1);
	swapped[0] = fd[1];
	swapped[1] = fd[0];
	watched(swapped, 1, "the reader of a pipe goes");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		exit(1);
	watched(fd, 1, "the peer of a socket goes");
	fd[0] = mkstemp(name);
	fd[1] = open("/dev/null", O_RDONLY);
	unlink(name);
	watched(fd, 0, "a file never goes");
	fd[0] = open("/dev/null", O_WRONLY);
	fd[1] = open("/dev/null", O_RDONLY);
	watched(fd, 0, "nor does /dev/null");

	/* a watch alone keeps no loop alive */
	struct loop *l = loop_new(NULL);
	struct one o = {.loop = l};
	if (pipe(fd))
		exit(1);
	loop_watch_gone(l, fd[1], went, &o);
	loop_run(l);
	tap_is_int(o.n, 0, "a watch alone is nothing to wait for");
	loop_free(l);
	close(fd[0]);
	close(fd[1]);
}

static void
raise_it(void *arg)
{
	(void)arg;
	raise(SIGTERM);
}

static void
signals(void)
{
	struct loop *l = loop_new(NULL);
	struct one o = {.loop = l};
	struct loop_timer *t = loop_timer_new(l, raise_it, NULL), *end = loop_timer_new(l, stop, l);
	struct sigaction sa;

	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	loop_watch_signals(l, went, &o);
	sigaction(SIGHUP, NULL, &sa);
	tap_ok(sa.sa_handler == SIG_IGN, "a signal that was ignored stays ignored");
	sigaction(SIGTERM, NULL, &sa);
	tap_ok(!(sa.sa_flags & SA_RESTART), "a write that blocks is interrupted");
	tap_is_int(loop_signal(), 0, "no signal came");
	loop_timer_set(t, 10);
	loop_timer_set(end, 2000);
	loop_run(l);
	tap_ok(o.n == 1 && loop_signal() == SIGTERM, "a signal wakes the loop");
	loop_timer_free(t);
	loop_timer_free(end);
	loop_free(l);
	raise(SIGTERM);
	tap_is_int(loop_signal(), SIGTERM, "one that comes when the loop is gone does no harm");
}

/* ── descriptors ── */

struct end {
	struct loop *loop;
	struct loop_fd *fd;
	int readable, writable, n, frees;
};

static void
ready(void *arg, int readable, int writable)
{
	struct end *x = arg;

	x->readable = readable;
	x->writable = writable;
	x->n++;
	if (x->frees) {
		loop_fd_free(x->fd);
		x->fd = NULL;
	}
	loop_stop(x->loop);
}

static void
descriptors(void)
{
	struct end x = {.loop = loop_new(NULL)};
	int fd[2];
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		exit(71);
	x.fd = loop_fd_new(x.loop, fd[0], ready, &x, NULL);
	tap_ok(x.fd && fcntl(fd[0], F_GETFL) & O_NONBLOCK, "a descriptor is watched, and doesn't block");
	loop_run(x.loop);
	tap_is_int(x.n, 0, "nothing is asked for: there is nothing to wait for");
	loop_fd_events(x.fd, 1, 1);
	loop_run(x.loop);
	tap_ok(!x.readable && x.writable, "it can be written to");
	(void)!write(fd[1], "x", 1);
	loop_fd_events(x.fd, 1, 0);
	loop_run(x.loop);
	tap_ok(x.readable && !x.writable, "it can be read from");
	tap_ok(read(fd[0], &c, 1) == 1, "and is");
	close(fd[1]);
	x.frees = 1;
	loop_run(x.loop);
	tap_ok(x.readable && !x.fd, "the other end's leave is readable; it is freed inside of itself");
	loop_run(x.loop);
	tap_is_int(x.n, 3, "and told nothing more");
	loop_fd_free(NULL);
	loop_free(x.loop);
	close(fd[0]);
}

int
main(void)
{
	timers();
	descriptors();
	gone();
	signals();
	return tap_done();
}
