/* SPDX-License-Identifier: ISC */
/*
 * Lists fetched: part of scribe.h. Each by a child, which may block, and ends; it tells by a pipe what became of it. A list that is being fetched
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
#define MAX_MORE 2     /* of them for other lists than a provider's models, which calls wait for */
#define MAX_ERRANDS 64 /* that run, wait, or failed a moment ago */
#define MAX_WHAT 1024
#define AGAIN_MS 10000 /* before a list that couldn't be had is tried again */
#define MORE_AGAIN_MS 60000
#define LIMIT_S 60 /* for one child */
#define MAX_TOLD 4096
#define TOLD_FD 3

struct errand {
	struct provider *p;
	char *what; /* owned: which of its lists, as catalog.h has it */
	pid_t pid;  /* 0: none */
	int fd;     /* -1: it doesn't run */
	struct buf told;
	struct asker {
		struct worker *w; /* NULL: gone */
		uint64_t number;
	} * v; /* owned */
	size_t n, cap;
	int64_t failed_ms; /* tm_mono_ms(); 0: it didn't */
	struct err why;
	TAILQ_ENTRY(errand) next;
};

static int
is_models(const struct errand *x)
{
	return strcmp(x->what, "models") == 0;
}

/* ── in the child ── */

static int
fetch(const struct errand *x, struct err *e)
{
	struct catalog c = CATALOG_INIT;
	int r = catalog_load(&c, x->p, x->what, CATALOG_FRESH, catalog_max_age_s(x->what), NULL, NULL, e);

	if (r == 0 && c.from_cache && *c.warning && !is_models(x)) /* so that it isn't tried again at once */
		r = err_set(e, ERR_TEMPORARY, "%s", c.warning);
	catalog_release(&c);
	catalog_prune(x->p);
	return r;
}

/* It keeps nothing of ours open: neither workers' lines, whose end must be noticed, nor the lock that says that we live. */
static _Noreturn void
run_child(const struct errand *x, int fd)
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
	int r = fetch(x, &e);
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
start(struct scribe *s, struct errand *x)
{
	struct err e = {0};
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1) {
		err_sys(&e, ERR_SYSTEM, errno, "pipe");
		fail(x, &e);
		return;
	}
	pid_t pid = fork();
	if (pid == 0)
		run_child(x, fd[1]);
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
	s->n_running_more += !is_models(x);
}

/* ── which there are ── */

static void
drop(struct scribe *s, struct errand *x)
{
	TAILQ_REMOVE(&s->errands, x, next);
	s->n_errands--;
	buf_release(&x->told);
	free(x->what);
	free(x->v);
	free(x);
}

static int
is_over(const struct errand *x)
{
	return x->fd == -1 && !x->pid && !x->n;
}

/* A failure is forgotten where there is no room for it. */
static int
make_room(struct scribe *s)
{
	struct errand *x;

	if (s->n_errands < MAX_ERRANDS)
		return 0;
	TAILQ_FOREACH(x, &s->errands, next)
	if (is_over(x)) {
		drop(s, x);
		return 0;
	}
	return -1;
}

static struct errand *
find(struct scribe *s, const struct provider *p, const char *what)
{
	struct errand *x;

	TAILQ_FOREACH(x, &s->errands, next)
	if (x->p == p && strcmp(x->what, what) == 0)
		return x;
	return NULL;
}

static struct errand *
add(struct scribe *s, struct provider *p, const char *what, struct err *e)
{
	struct errand *x;

	if (make_room(s)) {
		err_set(e, ERR_TEMPORARY, "%d lists are being fetched already", MAX_ERRANDS);
		return NULL;
	}
	x = xcalloc(1, sizeof(*x));
	x->p = p;
	x->what = xstrdup(what);
	x->fd = -1;
	TAILQ_INSERT_TAIL(&s->errands, x, next);
	s->n_errands++;
	return x;
}

/* "provider", its models; or "provider list". */
static struct errand *
named(struct scribe *s, const char *text, struct err *e)
{
	size_t n = strcspn(text, " ");
	const char *what = text[n] ? text + n + 1 : "models";
	struct provider *p = providers_get(s->s.providers, text, n);

	if (!p || strlen(what) > MAX_WHAT) {
		err_set(e, ERR_NOMODEL, "%.200s: no such provider, or too long a name", text);
		return NULL;
	}
	struct errand *x = find(s, p, what);
	return x ? x : add(s, p, what, e);
}

static int
failed_lately(const struct errand *x)
{
	return x->failed_ms && tm_mono_ms() - x->failed_ms < (is_models(x) ? AGAIN_MS : MORE_AGAIN_MS);
}

void
scribe_errand(struct scribe *s, struct worker *w, uint64_t number, const char *text)
{
	struct err e = {0};
	struct errand *x = named(s, text, &e);

	if (!x || failed_lately(x)) {
		scribe_answer(w, number, NULL, 0, x ? &x->why : &e);
		return;
	}
	x->failed_ms = 0;
	x->v = mem_grow(x->v, x->n, &x->cap, sizeof(*x->v));
	x->v[x->n++] = (struct asker){w, number};
}

void
scribe_errand_forget(struct scribe *s, const struct worker *w)
{
	struct errand *x;

	TAILQ_FOREACH(x, &s->errands, next)
	for (size_t k = 0; k < x->n; k++)
		if (x->v[k].w == w)
			x->v[k].w = NULL;
}

size_t
scribe_errand_room(const struct scribe *s)
{
	return s->n_running;
}

size_t
scribe_errand_poll(const struct scribe *s, struct pollfd *v)
{
	const struct errand *x;
	size_t n = 0;

	TAILQ_FOREACH(x, &s->errands, next)
	if (x->fd != -1)
		v[n++] = (struct pollfd){.fd = x->fd, .events = POLLIN};
	return n;
}

static void
ended(struct scribe *s, struct errand *x)
{
	struct line_msg m;
	struct err e = {0};
	size_t used;

	close(x->fd);
	x->fd = -1;
	s->n_running--;
	s->n_running_more -= !is_models(x);
	if (line_next(buf_str(&x->told), x->told.len, &used, &m) != 1)
		err_set(&e, ERR_TEMPORARY, "%s: the list couldn't be fetched in %d s", x->p->name, LIMIT_S);
	else if (!line_get_err(&m, &e) && m.bad)
		err_set(&e, ERR_INTERNAL, "%s: the list: nobody knows what became of it", x->p->name);
	if (e.kind)
		fail(x, &e);
	else
		answer_all(x, NULL);
	buf_clear(&x->told);
}

static void
listen_to(struct scribe *s, struct errand *x)
{
	ssize_t n;

	while ((n = read(x->fd, buf_reserve(&x->told, MAX_TOLD), MAX_TOLD)) > 0 && x->told.len <= MAX_TOLD)
		x->told.len += (size_t)n;
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		ended(s, x);
}

static int
may_start(const struct scribe *s, const struct errand *x)
{
	return x->n && !x->pid && s->n_running < MAX_CHILDREN && (is_models(x) || s->n_running_more < MAX_MORE);
}

void
scribe_errand_turn(struct scribe *s)
{
	struct errand *x, *after;

	for (x = TAILQ_FIRST(&s->errands); x; x = after) {
		after = TAILQ_NEXT(x, next);
		if (x->fd != -1)
			listen_to(s, x);
		if (x->fd == -1 && x->pid && waitpid(x->pid, NULL, WNOHANG) != 0)
			x->pid = 0;
		if (may_start(s, x))
			start(s, x);
		if (is_over(x) && !failed_lately(x))
			drop(s, x);
	}
}

int
scribe_errand_is_ending(const struct scribe *s)
{
	const struct errand *x;

	TAILQ_FOREACH(x, &s->errands, next)
	if (x->fd == -1 && x->pid)
		return 1;
	return 0;
}

void
scribe_errand_release(struct scribe *s)
{
	struct errand *x;

	while ((x = TAILQ_FIRST(&s->errands))) {
		if (x->fd != -1)
			close(x->fd);
		if (x->pid) {
			kill(x->pid, SIGKILL);
			waitpid(x->pid, NULL, 0);
		}
		drop(s, x);
	}
}
