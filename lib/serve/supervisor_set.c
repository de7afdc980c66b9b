/* SPDX-License-Identifier: ISC */
/* The processes that the supervisor keeps alive. Part of supervisor.h. */
#include "serve/supervisor_priv.h"

#include <sys/socket.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "loop.h"
#include "mem.h"
#include "serve/rights.h"
#include "serve/scribe.h"
#include "spool.h"
#include "tm.h"

#define STEADY_MS 10000 /* who lived so long didn't die of its start */
#define FIRST_WAIT_MS 100
#define MAX_WAIT_MS 5000
#define FAILED_WAIT_MS 1000 /* until it is tried again to start one */
#define SERVES_MS 20        /* between two looks at whether a successor serves */

/* ── starting ── */

static int
line_to_scribe(struct supervisor *v, uint64_t spool, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_sys(e, ERR_SYSTEM, errno, "no line to the ledger's process");
	int r = scribe_send_worker(v->control, pair[1], spool, e);
	close(pair[1]);
	if (r)
		close(pair[0]);
	v->line = r ? -1 : pair[0];
	return r;
}

static void
begun(struct place *p, pid_t pid)
{
	p->pid = pid;
	p->started_ms = tm_mono_ms();
}

/* Without a spool a worker's bookings are waited for, one by one: it works all the same. */
static struct spool *
new_spool(struct supervisor *v)
{
	struct err e = {0};
	struct spool *s = v->ledger ? spool_new(v->ledger, &e) : NULL;

	if (v->ledger && !s)
		supervisor_warn(v, "%s; answers wait for the ledger", e.msg);
	return s;
}

/* 1: this is it. */
static int
fork_worker(struct supervisor *v, size_t i, struct err *e)
{
	pid_t pid;

	if (line_to_scribe(v, v->spool ? spool_id(v->spool) : 0, e))
		return -1;
	v->index = i;
	int r = supervisor_fork(v, ROLE_WORKER, &pid, e);
	if (r == 1)
		return 1;
	close(v->line);
	if (r == 0)
		begun(&v->worker[i], pid);
	return r;
}

/* 1: this is it. */
static int
start_worker(struct supervisor *v, size_t i, struct err *e)
{
	v->spool = new_spool(v);
	int r = fork_worker(v, i, e);
	if (r == 1)
		return 1;
	if (r == -1 && v->spool)
		spool_remove(v->spool);
	else
		spool_close(v->spool); /* the worker holds it */
	v->spool = NULL;
	return r;
}

static int
start_scribe(struct supervisor *v, struct err *e)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_sys(e, ERR_SYSTEM, errno, "no line to the ledger's process");
	v->control = pair[0];
	v->line = pair[1];
	int r = supervisor_fork(v, ROLE_SCRIBE, &pid, e);
	if (r == 1) {
		close(pair[0]);
		return 1;
	}
	close(pair[1]);
	if (r == -1) {
		close(pair[0]);
		v->control = -1;
		return -1;
	}
	begun(&v->scribe, pid);
	return 0;
}

static int
is_due(const struct place *p)
{
	return !p->pid && p->due_ms <= tm_mono_ms();
}

int
set_start(struct supervisor *v, struct err *e)
{
	int r = 0;

	if (v->phase != PHASE_RUNNING)
		return 0;
	if (is_due(&v->scribe) && (r = start_scribe(v, e)) == -1)
		v->scribe.due_ms = tm_mono_ms() + FAILED_WAIT_MS;
	for (size_t i = 0; r == 0 && v->scribe.pid && i < v->s->workers; i++)
		if (is_due(&v->worker[i]) && (r = start_worker(v, i, e)) == -1)
			v->worker[i].due_ms = tm_mono_ms() + FAILED_WAIT_MS;
	return r;
}

int64_t
set_due_ms(const struct supervisor *v)
{
	int64_t due = INT64_MAX;

	if (v->phase != PHASE_RUNNING)
		return due;
	if (v->renewed_ms)
		due = tm_mono_ms() + SERVES_MS;
	if (!v->scribe.pid)
		return v->scribe.due_ms < due ? v->scribe.due_ms : due;
	for (size_t i = 0; i < v->s->workers; i++)
		if (!v->worker[i].pid && v->worker[i].due_ms < due)
			due = v->worker[i].due_ms;
	return due;
}

/* ── ending ── */

static void
tell(const struct supervisor *v, const char *what, pid_t pid, int wait_status, int64_t wait_ms)
{
	char when[48] = "another one is started";

	if (wait_ms)
		snprintf(when, sizeof(when), "another one is started in %lld ms", (long long)wait_ms);
	if (WIFSIGNALED(wait_status))
		supervisor_warn(v, "%s %d died of signal %d; %s", what, (int)pid, WTERMSIG(wait_status), when);
	else
		supervisor_warn(v, "%s %d ended with status %d; %s", what, (int)pid, WEXITSTATUS(wait_status), when);
}

/* The first death is mended at once; who dies again and again waits longer each time. */
static void
vacate(struct supervisor *v, struct place *p, const char *what, int wait_status)
{
	int64_t now = tm_mono_ms(), wait = 0;

	p->deaths = now - p->started_ms < STEADY_MS ? p->deaths + 1 : 0;
	if (p->deaths > 1)
		wait = p->deaths > 8 ? MAX_WAIT_MS : FIRST_WAIT_MS << (p->deaths - 2);
	if (wait > MAX_WAIT_MS)
		wait = MAX_WAIT_MS;
	p->due_ms = now + wait;
	tell(v, what, p->pid, wait_status, wait);
	p->pid = 0;
}

static void
drains(struct supervisor *v, pid_t *pid)
{
	if (*pid) {
		v->draining = mem_grow(v->draining, v->n_draining, &v->cap_draining, sizeof(*v->draining));
		v->draining[v->n_draining++] = *pid;
	}
	*pid = 0;
}

/* Without it no worker can go on: they see it, and end; each has a successor as soon as there is another scribe. */
static void
scribe_ended(struct supervisor *v, int wait_status)
{
	if (v->control >= 0)
		close(v->control);
	v->control = -1;
	if (v->phase != PHASE_RUNNING) {
		v->scribe.pid = 0;
		return;
	}
	vacate(v, &v->scribe, "the ledger's process", wait_status);
	for (size_t i = 0; i < v->s->workers; i++) {
		drains(v, &v->worker[i].pid);
		drains(v, &v->worker[i].old);
		v->worker[i].due_ms = v->scribe.due_ms;
	}
}

static int
was_draining(struct supervisor *v, pid_t pid)
{
	for (size_t i = 0; i < v->n_draining; i++) {
		if (v->draining[i] != pid)
			continue;
		v->draining[i] = v->draining[--v->n_draining];
		return 1;
	}
	return 0;
}

void
set_ended(struct supervisor *v, pid_t pid, int wait_status)
{
	if (pid == v->scribe.pid) {
		scribe_ended(v, wait_status);
		return;
	}
	shared_forget(v->shared, (int32_t)pid);
	if (v->control >= 0)
		scribe_send_look(v->control); /* it may have lost its scribe before it ended */
	if (was_draining(v, pid))
		return;
	for (size_t i = 0; i < v->s->workers; i++) {
		if (v->worker[i].old == pid) { /* its successor waits already */
			v->worker[i].old = 0;
			tell(v, "worker", pid, wait_status, 0);
		}
		if (v->worker[i].pid != pid)
			continue;
		if (v->phase != PHASE_RUNNING) {
			v->worker[i].pid = 0;
			return;
		}
		shared_add(v->shared, SHARED_RESTARTS, 1);
		vacate(v, &v->worker[i], "worker", wait_status);
	}
}

int
set_renew(struct supervisor *v, struct err *e)
{
	for (size_t i = 0; i < v->s->workers; i++) {
		struct place *p = &v->worker[i];
		pid_t was = p->pid, old = p->old;
		p->due_ms = 0;
		if (!was)
			continue; /* set_start sees to it */
		if (!old)
			p->old = was;
		int r = start_worker(v, i, e);
		if (r == 1)
			return 1;
		if (r == -1) {
			p->old = old;
			return -1; /* those that were there go on */
		}
		if (old) { /* `was` is one that waits, and has nothing to answer */
			kill(was, SIGUSR1);
			drains(v, &was);
		}
	}
	return 0;
}

int
set_hand_over(struct supervisor *v)
{
	int waits = 0;

	for (size_t i = 0; i < v->s->workers; i++) {
		struct place *p = &v->worker[i];
		int serves = p->pid && shared_serves(v->shared, i) == (int32_t)p->pid;
		if (p->old && serves) {
			kill(p->old, SIGUSR1);
			drains(v, &p->old);
		}
		waits |= !serves;
	}
	return waits;
}

void
set_signal(const struct supervisor *v, int sig)
{
	for (size_t i = 0; i < v->s->workers; i++) {
		if (v->worker[i].pid)
			kill(v->worker[i].pid, sig);
		if (v->worker[i].old)
			kill(v->worker[i].old, sig);
	}
	for (size_t i = 0; i < v->n_draining; i++)
		kill(v->draining[i], sig);
}

int
set_is_empty(const struct supervisor *v)
{
	for (size_t i = 0; i < v->s->workers; i++)
		if (v->worker[i].pid || v->worker[i].old)
			return 0;
	return v->n_draining == 0;
}

/* ── being one ── */

/* Of those that are listened on, of which some may be the same. */
static void
keep_socket(const struct supervisor *v, int fd)
{
	for (size_t i = 0; i < v->socket.n; i++)
		if (v->socket.fd[i] != fd && (i == 0 || v->socket.fd[i] != v->socket.fd[i - 1]))
			close(v->socket.fd[i]);
}

/* A key of the terminal is the supervisor's matter. */
static void
take_signals(const int *ignored, size_t n)
{
	for (size_t i = 0; i < n; i++)
		signal(ignored[i], SIG_IGN);
}

/* A worker as its signals know it. */
struct worker {
	struct app *app;
	int fd; /* that it listens on; -1: no more */
};

/* A socket that nobody holds refuses at once who would wait for nothing. */
static void
drain(struct worker *w, int hold)
{
	app_drain(w->app, hold);
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

static void
on_term(void *worker)
{
	drain(worker, 0);
}

static void
on_usr1(void *worker)
{
	drain(worker, 1);
}

static void
on_usr2(void *worker)
{
	struct worker *w = worker;

	drain(w, 0);
	app_cut(w->app);
}

static int
watch_signals(struct supervisor *v, struct loop *loop, struct worker *w, struct err *e)
{
	static const struct {
		int sig;
		void (*fn)(void *worker);
	} watched[] = {{SIGTERM, on_term}, {SIGUSR1, on_usr1}, {SIGUSR2, on_usr2}};

	for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++) {
		if (loop_on_signal(loop, watched[i].sig, watched[i].fn, w, e))
			return -1;
		sigdelset(&v->old_mask, watched[i].sig);
	}
	sigprocmask(SIG_SETMASK, &v->old_mask, NULL); /* what came meanwhile comes now */
	return 0;
}

static int
work(struct supervisor *v, struct loop *loop, struct err *e)
{
	struct worker w = {.fd = v->socket.fd[v->index]};
	struct app_spec s = {.loop = loop,
	    .options = &v->options,
	    .providers = &v->providers,
	    .policy = &v->policy,
	    .shared = v->shared,
	    .desk_fd = v->line,
	    .spool = v->spool,
	    .listen_fd = w.fd,
	    .is_unix = v->socket.is_unix,
	    .worker = v->index,
	    .is_successor = v->worker[v->index].old != 0,
	    .log = v->s->on_line,
	    .log_json = v->s->log_json,
	    .quiet = v->s->quiet};

	if (app_new(&w.app, &s, e))
		return -1;
	int r = watch_signals(v, loop, &w, e);
	if (r == 0)
		loop_run(loop);
	if (r == 0 && w.app->why) {
		*e = *w.app->why;
		r = -1;
	}
	app_free(w.app);
	return r;
}

int
set_be_worker(struct supervisor *v, struct err *e)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGPIPE};

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != v->pid)
		return err_set(e, ERR_TEMPORARY, "the supervisor is gone");
	close(v->control);
	keep_socket(v, v->socket.fd[v->index]);
	supervisor_let_go();
	take_signals(ignored, sizeof(ignored) / sizeof(*ignored));
	rights_begin();
	if (rights_drop(RIGHTS_WORKER, v->ledger, e))
		return -1;
	struct loop *loop = loop_new(e);
	if (!loop)
		return -1;
	int r = work(v, loop, e);
	loop_free(loop);
	return r;
}

/* It ends when its line to the supervisor does, and by nothing else. */
int
set_be_scribe(struct supervisor *v, struct err *e)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};
	const struct scribe_spec s = {
	    .control = v->line, .providers = &v->providers, .path = v->ledger, .on_warning = v->s->on_warning};

	keep_socket(v, -1);
	supervisor_let_go();
	take_signals(ignored, sizeof(ignored) / sizeof(*ignored));
	sigprocmask(SIG_SETMASK, &v->old_mask, NULL);
	rights_begin();
	if (rights_drop(RIGHTS_SCRIBE, v->ledger, e))
		return -1;
	return scribe_run(&s, e);
}
