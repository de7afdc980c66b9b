/* SPDX-License-Identifier: ISC */
/*
 * Lists of models fetched: part of scribe.h. Each by a child, which may block, and ends; it tells by a pipe what became of it. A list that is being fetched
 * is fetched for all who ask for it.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog.h"
#include "mem.h"
#include "providers.h"
#include "serve/scribe_priv.h"
#include "tm.h"

#define MAX_CHILDREN 4
#define AGAIN_MS 10000 /* before a list that couldn't be had is tried again */
#define LIMIT_S 60     /* for one child */
#define MAX_TOLD 4096
#define TOLD_FD 3

struct errand {
	pid_t pid; /* 0: none */
	int fd;    /* -1: it doesn't run */
	struct buf told;
	struct asker {
		struct worker *w; /* NULL: gone */
		uint64_t number;
	} * v; /* owned */
	size_t n, cap;
	int64_t failed_ms; /* tm_mono_ms(); 0: it didn't */
	struct err why;
};

/* ── in the child ── */

static int
fetch(struct provider *p, struct err *e)
{
	struct catalog c = CATALOG_INIT;
	int r = catalog_load(&c, p, "models", CATALOG_FRESH, CATALOG_MAX_AGE_S, NULL, NULL, e);

	catalog_release(&c);
	return r;
}

/* It keeps nothing of ours open: neither workers' lines, whose end must be noticed, nor the lock that says that we live. */
static _Noreturn void
run_child(struct provider *p, int fd)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	sigset_t none;

	if (fd != TOLD_FD && dup2(fd, TOLD_FD) == -1)
		_exit(1);
	closefrom(TOLD_FD + 1);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(LIMIT_S);
	int r = fetch(p, &e);
	size_t at = line_begin(&b, LINE_DONE, 0);
	line_err(&b, r ? &e : NULL);
	line_end(&b, at);
	ssize_t n = write(TOLD_FD, b.p, b.len); /* less than a pipe holds */
	_exit(n == (ssize_t)b.len ? 0 : 1);
}

/* ── in the scribe ── */

static void
answer_all(struct errand *x, const struct err *e)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].w)
			scribe_answer(x->v[i].w, x->v[i].number, "true", 4, e);
	x->n = 0;
}

static void
fail(struct errand *x, const struct err *e)
{
	x->why = *e;
	x->failed_ms = tm_mono_ms();
	answer_all(x, e);
}

static void
start(struct scribe *s, size_t i)
{
	struct errand *x = s->errand + i;
	struct err e = {0};
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1) {
		err_sys(&e, ERR_SYSTEM, errno, "pipe");
		fail(x, &e);
		return;
	}
	pid_t pid = fork();
	if (pid == 0)
		run_child(s->s.providers->v + i, fd[1]);
	close(fd[1]);
	if (pid == -1) {
		close(fd[0]);
		err_sys(&e, ERR_SYSTEM, errno, "fork");
		fail(x, &e);
		return;
	}
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	x->fd = fd[0];
	x->pid = pid;
	s->n_running++;
}

static void
make_table(struct scribe *s)
{
	if (s->errand)
		return;
	s->errand = xcalloc(s->s.providers->n, sizeof(*s->errand));
	for (size_t i = 0; i < s->s.providers->n; i++)
		s->errand[i].fd = -1;
}

void
scribe_errand(struct scribe *s, struct worker *w, uint64_t number, const char *provider)
{
	struct provider *p = providers_get(s->s.providers, provider, strlen(provider));
	struct err e = {0};

	if (!p) {
		err_set(&e, ERR_NOMODEL, "%.200s: no such provider", provider);
		scribe_answer(w, number, NULL, 0, &e);
		return;
	}
	make_table(s);
	struct errand *x = s->errand + (p - s->s.providers->v);
	if (x->failed_ms && tm_mono_ms() - x->failed_ms < AGAIN_MS) {
		scribe_answer(w, number, NULL, 0, &x->why);
		return;
	}
	x->failed_ms = 0;
	x->v = mem_grow(x->v, x->n, &x->cap, sizeof(*x->v));
	x->v[x->n++] = (struct asker){w, number};
}

void
scribe_errand_forget(struct scribe *s, const struct worker *w)
{
	for (size_t i = 0; s->errand && i < s->s.providers->n; i++)
		for (size_t k = 0; k < s->errand[i].n; k++)
			if (s->errand[i].v[k].w == w)
				s->errand[i].v[k].w = NULL;
}

size_t
scribe_errand_room(const struct scribe *s)
{
	return s->n_running;
}

size_t
scribe_errand_poll(const struct scribe *s, struct pollfd *v)
{
	size_t n = 0;

	for (size_t i = 0; s->n_running && i < s->s.providers->n; i++)
		if (s->errand[i].fd != -1)
			v[n++] = (struct pollfd){.fd = s->errand[i].fd, .events = POLLIN};
	return n;
}

static void
ended(struct scribe *s, struct errand *x, const struct provider *p)
{
	struct line_msg m;
	struct err e = {0};
	size_t used;

	close(x->fd);
	x->fd = -1;
	s->n_running--;
	if (line_next(buf_str(&x->told), x->told.len, &used, &m) != 1)
		err_set(&e, ERR_TEMPORARY, "%s: the list of models couldn't be fetched in %d s", p->name, LIMIT_S);
	else if (!line_get_err(&m, &e) && m.bad)
		err_set(&e, ERR_INTERNAL, "%s: the list of models: nobody knows what became of it", p->name);
	if (e.kind)
		fail(x, &e);
	else
		answer_all(x, NULL);
	buf_clear(&x->told);
}

static void
listen_to(struct scribe *s, struct errand *x, const struct provider *p)
{
	ssize_t n;

	while ((n = read(x->fd, buf_reserve(&x->told, MAX_TOLD), MAX_TOLD)) > 0 && x->told.len <= MAX_TOLD)
		x->told.len += (size_t)n;
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		ended(s, x, p);
}

void
scribe_errand_turn(struct scribe *s)
{
	for (size_t i = 0; s->errand && i < s->s.providers->n; i++) {
		struct errand *x = s->errand + i;
		if (x->fd != -1)
			listen_to(s, x, s->s.providers->v + i);
		if (x->fd == -1 && x->pid && (waitpid(x->pid, NULL, WNOHANG) != 0))
			x->pid = 0;
		if (x->n && !x->pid && s->n_running < MAX_CHILDREN)
			start(s, i);
	}
}

int
scribe_errand_is_ending(const struct scribe *s)
{
	for (size_t i = 0; s->errand && i < s->s.providers->n; i++)
		if (s->errand[i].fd == -1 && s->errand[i].pid)
			return 1;
	return 0;
}

void
scribe_errand_release(struct scribe *s)
{
	for (size_t i = 0; s->errand && i < s->s.providers->n; i++) {
		struct errand *x = s->errand + i;
		if (x->fd != -1)
			close(x->fd);
		if (x->pid) {
			kill(x->pid, SIGKILL);
			waitpid(x->pid, NULL, 0);
		}
		buf_release(&x->told);
		free(x->v);
	}
	free(s->errand);
}
