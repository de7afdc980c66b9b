/* SPDX-License-Identifier: ISC */
#include "serve/supervisor_priv.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "spool.h"
#include "tm.h"

#define BEHIND_MS 5000  /* a command's children may still talk */
#define CUT_MS 1000     /* a worker that is told to cut has to end */
#define MAX_DRAINING 16 /* workers of old tables, before the next reload waits */
#define LATE_MS 5000    /* new workers that don't serve yet are told */

void
supervisor_warn(const struct supervisor *v, const char *fmt, ...)
{
	char line[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->s->on_warning(line);
}

void
supervisor_note(const struct supervisor *v, const char *fmt, ...)
{
	char line[600];
	va_list ap;

	if (!v->s->on_note)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->s->on_note(line);
}

void
supervisor_let_go(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int
supervisor_fork(struct supervisor *v, enum role role, pid_t *pid, struct err *e)
{
	*pid = fork();
	if (*pid == -1)
		return err_sys(e, ERR_SYSTEM, errno, "no new process");
	if (*pid)
		return 0;
	v->role = role;
	return 1;
}

/* ── running ── */

/* The new tables whole, or the old ones. 1: this is a new worker. */
static int
reload(struct supervisor *v, struct err *e)
{
	struct providers ps = PROVIDERS_INIT;
	struct policy policy = POLICY_INIT;
	struct err why = {0};
	char state[64];

	v->reload = 0;
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)tm_mono_us());
	listening_notify(state);
	if (setup_tables(&ps, &policy, &why)) {
		supervisor_warn(v, "%s; the tables stay as they were", why.msg);
		listening_notify("READY=1");
		return 0;
	}
	setup_keys(v, &ps);
	providers_release(&v->providers);
	policy_release(&v->policy);
	v->providers = ps;
	v->policy = policy;
	shared_add(v->shared, SHARED_RELOADS, 1);
	int r = v->control >= 0 ? set_renew(v, &why) : 0;
	if (r == 1) {
		*e = why;
		return 1;
	}
	if (r == -1)
		supervisor_warn(v, "%s; some workers go on with the old tables", why.msg);
	if (!v->renewed_ms) {
		v->renewed_ms = tm_mono_ms();
		v->late_told = 0;
	}
	return 0;
}

/* The old workers go on until the new ones have the keys: the ledger may have to be waited for. */
static void
hand_over(struct supervisor *v)
{
	if (!v->renewed_ms || v->phase != PHASE_RUNNING)
		return;
	if (!set_hand_over(v)) {
		v->renewed_ms = 0;
		supervisor_note(v, "new tables");
		listening_notify("READY=1");
	} else if (!v->late_told && tm_mono_ms() - v->renewed_ms >= LATE_MS) {
		v->late_told = 1;
		supervisor_warn(v, "the ledger is waited for: until it can be read, workers go on with the old tables");
	}
}

static void
begin_phase(struct supervisor *v, enum phase phase, int64_t ms)
{
	v->phase = phase;
	v->deadline_ms = ms ? tm_mono_ms() + ms : 0;
	set_signal(v, phase == PHASE_DRAINING ? SIGTERM : SIGUSR2);
}

static void
drain(struct supervisor *v, int64_t ms)
{
	listening_notify("STOPPING=1");
	listening_close(&v->socket); /* who comes now is refused, and doesn't wait in vain */
	v->socket = (struct listening){0};
	begin_phase(v, PHASE_DRAINING, ms);
}

static void
cut(struct supervisor *v, int sig)
{
	if (!v->s->command)
		v->cut_by = sig;
	begin_phase(v, PHASE_CUT, CUT_MS);
}

static void
deadline_passed(struct supervisor *v)
{
	if (v->phase == PHASE_DRAINING) {
		cut(v, SIGTERM);
		return;
	}
	set_signal(v, SIGKILL);
	v->deadline_ms = 0;
}

static void
reap(struct supervisor *v)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != v->command) {
			set_ended(v, pid, status);
			continue;
		}
		command_ended(v, status);
		if (v->phase == PHASE_RUNNING)
			drain(v, BEHIND_MS);
	}
}

/* While a command runs, signals are its own: the terminal's come to it anyway. */
static void
asked_to_end(struct supervisor *v, int sig)
{
	if (v->command) {
		if (sig != SIGINT)
			kill(v->command, sig);
	} else if (v->phase == PHASE_RUNNING) {
		drain(v, v->s->drain_ms);
	} else if (v->phase == PHASE_DRAINING) {
		cut(v, sig);
	}
}

static int64_t
next_ms(const struct supervisor *v)
{
	int64_t due = set_due_ms(v);

	return v->deadline_ms && v->deadline_ms < due ? v->deadline_ms : due;
}

/* Waits for a signal until something is due; 0: it is. */
static int
take_signal(const struct supervisor *v)
{
	int64_t until = next_ms(v), wait = until == INT64_MAX ? 0 : until - tm_mono_ms();
	struct timespec t = {0, 0};
	int sig;

	if (wait > 0)
		t = (struct timespec){wait / 1000, wait % 1000 * 1000000};
	do
		sig = until == INT64_MAX ? sigwaitinfo(&v->watched, NULL) : sigtimedwait(&v->watched, NULL, &t);
	while (sig == -1 && errno == EINTR);
	return sig > 0 ? sig : 0;
}

/* 1: this is a child. 0: all is over. */
static int
watch(struct supervisor *v, struct err *e)
{
	int r;

	for (;;) {
		if ((r = set_start(v, e)) == 1)
			return 1;
		if (r == -1)
			supervisor_warn(v, "%s; it is tried again", e->msg);
		err_clear(e);
		if (v->phase != PHASE_RUNNING && set_is_empty(v))
			return 0;
		int sig = take_signal(v);
		if (sig == SIGHUP && !v->s->command)
			v->reload = 1;
		else if (sig && sig != SIGCHLD)
			asked_to_end(v, sig); /* before reap(): workers may have been told, too, and ended already */
		reap(v);
		hand_over(v);
		if (v->reload && v->n_draining < MAX_DRAINING && v->phase == PHASE_RUNNING && (r = reload(v, e)))
			return r;
		if (v->deadline_ms && tm_mono_ms() >= v->deadline_ms)
			deadline_passed(v);
	}
}

/* Its line's end tells it; what is booked yet takes its time, unless somebody asks once more. */
static void
end_scribe(struct supervisor *v)
{
	int status;

	if (v->control >= 0)
		close(v->control);
	v->control = -1;
	while (v->scribe.pid && waitpid(v->scribe.pid, &status, WNOHANG) == 0) {
		int sig = sigwaitinfo(&v->watched, NULL);
		if (sig > 0 && sig != SIGCHLD && sig != SIGHUP)
			kill(v->scribe.pid, SIGKILL);
	}
	v->scribe.pid = 0;
}

static int
announce(struct supervisor *v, struct err *e)
{
	struct buf url = BUF_INIT;
	int r = 0;

	listening_url(&v->socket, &url);
	if (v->s->command)
		supervisor_note(v, "listens at %s", buf_str(&url));
	else
		r = v->s->on_listening(buf_str(&url), e);
	listening_notify("READY=1");
	buf_release(&url);
	return r;
}

/* As watch(). -1 with children: they are sent away. */
static int
supervise(struct supervisor *v, struct err *e)
{
	int r = set_start(v, e);

	if (r == 0 && v->s->command)
		r = command_start(v, e);
	if (r == 1)
		return 1;
	if (r == 0)
		r = announce(v, e);
	supervisor_let_go();
	if (r == 0)
		r = watch(v, e);
	if (r == 1)
		return 1;
	if (r == -1) {
		struct err none = {0};
		begin_phase(v, PHASE_CUT, CUT_MS);
		watch(v, &none);
	}
	end_scribe(v);
	return r;
}

static int
be_child(struct supervisor *v, struct err *e)
{
	free(v->socket.path); /* the supervisor's to remove */
	v->socket.path = NULL;
	if (v->role == ROLE_WORKER)
		return set_be_worker(v, e);
	return v->role == ROLE_SCRIBE ? set_be_scribe(v, e) : command_be(v, e);
}

static void
release(struct supervisor *v)
{
	spool_close(v->spool);
	listening_close(&v->socket);
	shared_free(v->shared);
	policy_release(&v->policy);
	providers_release(&v->providers);
	explicit_bzero(v->run_key, sizeof(v->run_key));
	free(v->worker);
	free(v->draining);
	free(v->ledger);
}

int
supervisor_run(const struct supervisor_spec *s, int *status, int *raise, struct err *e)
{
	struct supervisor v = {.s = s,
	    .options = s->app,
	    .pid = getpid(),
	    .providers = PROVIDERS_INIT,
	    .policy = POLICY_INIT,
	    .control = -1,
	    .line = -1};
	int r;

	if (s->check) {
		r = setup_tables(&v.providers, &v.policy, e);
	} else if ((r = setup(&v, e)) == 0) {
		r = supervise(&v, e);
		if (r == 1)
			r = be_child(&v, e);
	}
	*status = v.status;
	*raise = v.raise ? v.raise : v.cut_by;
	release(&v);
	return r;
}
