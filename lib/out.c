/* SPDX-License-Identifier: ISC */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "err.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

#define ALARM_EVERY_US 100000 /* again: the first alarm may come just before the write that it is for */

static int
sigpipe_ignored(int set, int value)
{
	static int ignored; /* how SIGPIPE stood when the process began */

	if (set)
		ignored = value;
	return ignored;
}

int
out_prepare(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN}, old;
	int closed = 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			closed |= 1 << fd;
			if (open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
				break;
		}
	sigemptyset(&sa.sa_mask);
	sigaction(SIGXFSZ, &sa, NULL); /* a file that may not grow is a full disk, not a death */
#if defined(__linux__) && !defined(OR_CLEAN_EXIT)
	prctl(PR_SET_DUMPABLE, 0); /* no core with keys in it */
#endif
	if (sigaction(SIGPIPE, &sa, &old) == 0)
		sigpipe_ignored(1, old.sa_handler == SIG_IGN);
	return closed;
}

/* The file behind links, also where the last link leads to nothing yet. Owned. */
static char *
real_target(const char *path)
{
	char *found = realpath(path, NULL), link[4096];
	ssize_t n;

	if (found)
		return found;
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return xstrdup(path);
	link[n] = '\0';
	if (*link == '/')
		return xstrdup(link);
	struct buf b = BUF_INIT;
	char *dir = xstrdup(path);
	buf_addf(&b, "%s/%s", dirname(dir), link);
	free(dir);
	return buf_take(&b);
}

/* Runs that write one file at the same time have a temporary of their own each. */
static int
open_partial(struct out *o, const char *path, const struct stat *old, struct err *e)
{
	struct buf b = BUF_INIT;
	mode_t mask = umask(0);

	umask(mask);
	o->target = real_target(path);
	buf_addf(&b, "%s.XXXXXX", o->target);
	o->partial = buf_take(&b);
	o->fd = mkostemp(o->partial, O_CLOEXEC);
	if (o->fd < 0)
		return err_sys(e, ERR_CANTCREATE, errno, "%s", path);
	(void)!fchmod(o->fd, old ? old->st_mode & 07777 : 0666 & ~mask);
	return 0;
}

/* The descriptor that a path like /dev/stderr or /dev/fd/3 names, or -1. */
static int
named_fd(const char *path)
{
	static const char *const dirs[] = {"/dev/fd/", "/proc/self/fd/"};
	int64_t fd = strcmp(path, "/dev/stderr") == 0 ? STDERR_FILENO
	    : strcmp(path, "/dev/stdout") == 0        ? STDOUT_FILENO
						      : -1;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (str_starts(path, dirs[i]) && str_int(path + strlen(dirs[i]), 0, INT_MAX, &fd))
			fd = -1;
	return (int)fd;
}

int
out_append(const char *path)
{
	int fd = named_fd(path);

	if (fd >= 0)
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

int
out_open(struct out *o, const char *path, int closed, struct err *e)
{
	struct stat st;

	if (!path || strcmp(path, "-") == 0) {
		if (closed & (1 << STDOUT_FILENO))
			return err_set(e, ERR_IO, "standard output is closed");
		o->fd = STDOUT_FILENO;
		o->tty = isatty(o->fd);
		return 0;
	}
	o->name = path;
	if (named_fd(path) >= 0) { /* the file behind it must not be replaced */
		o->fd = out_append(path);
		o->tty = o->fd >= 0 && isatty(o->fd);
		return o->fd < 0 ? err_sys(e, ERR_CANTCREATE, errno, "%s", path) : 0;
	}
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return err_set(e, ERR_CANTCREATE, "%s: Is a directory", path);
		if (!S_ISREG(st.st_mode)) {
			o->fd = open(path, O_WRONLY | O_CLOEXEC);
			o->tty = o->fd >= 0 && isatty(o->fd);
			return o->fd < 0 ? err_sys(e, ERR_CANTCREATE, errno, "%s", path) : 0;
		}
		if (access(path, W_OK))
			return err_sys(e, ERR_CANTCREATE, errno, "%s", path);
		return open_partial(o, path, &st, e);
	}
	if (errno != ENOENT)
		return err_sys(e, ERR_CANTCREATE, errno, "%s", path);
	return open_partial(o, path, NULL, e);
}

int
out_line(int fd, const char *p, size_t n, const char *name, struct err *e)
{
	ssize_t w;

	while ((w = write(fd, p, n)) < 0 && errno == EINTR)
		continue;
	if (w == (ssize_t)n)
		return 0;
	int sys = w < 0 ? errno : ENOSPC;
	off_t end = lseek(fd, 0, SEEK_CUR);
	if (w > 0 && end >= w)
		(void)!ftruncate(fd, end - w);
	return err_sys(e, ERR_IO, sys, "%s", name);
}

void
out_gone(struct out *o, struct err *e)
{
	o->gone = 1;
	err_sys(e, ERR_IO, EPIPE, "%s", o->name);
	if (!sigpipe_ignored(0, 0)) {
		e->kind = ERR_SIGNAL;
		e->sys = SIGPIPE;
	}
}

static void
on_alarm(int sig)
{
	(void)sig;
}

void
out_deadline(struct out *o, int64_t ms)
{
	struct sigaction sa = {.sa_handler = on_alarm};
	ms = ms > 0 ? ms : 1;
	struct itimerval t = {{0, ALARM_EVERY_US}, {ms / 1000, (ms % 1000) * 1000 + 1}};

	sigemptyset(&sa.sa_mask);
	o->until_ms = tm_mono_ms() + ms;
	sigaction(SIGALRM, &sa, NULL); /* without SA_RESTART: a write that blocks comes back */
	setitimer(ITIMER_REAL, &t, NULL);
}

static int
write_error(struct out *o, int sys, struct err *e)
{
	if (sys != EPIPE)
		return err_sys(e, ERR_IO, sys, "%s", o->name);
	out_gone(o, e);
	return -1;
}

/* Has a signal come, or the deadline passed? A write that blocks is interrupted by both. */
static int
interrupted(struct out *o, struct err *e)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	int sig = o->signalled ? o->signalled() : 0;

	if (sig) {
		err_set(e, ERR_SIGNAL, "interrupted");
		e->sys = sig;
		return -1;
	}
	if (o->until_ms && tm_mono_ms() >= o->until_ms && poll(&p, 1, 0) == 0)
		return err_set(e, ERR_DEADLINE, "%s: nobody reads on, and the deadline has passed", o->name);
	return 0;
}

int
out_write(struct out *o, const char *p, size_t n, struct err *e)
{
	if (o->tty) {
		buf_clear(&o->clean);
		str_clean(&o->clean, p, n);
		p = buf_str(&o->clean);
		n = o->clean.len;
	}
	while (n) {
		if (interrupted(o, e))
			return -1;
		ssize_t w = write(o->fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN) { /* somebody made it non-blocking */
			int flags = fcntl(o->fd, F_GETFL);
			if (flags >= 0 && fcntl(o->fd, F_SETFL, flags & ~O_NONBLOCK) == 0)
				continue;
		}
		if (w < 0)
			return write_error(o, errno, e);
		o->n_bytes += (size_t)w;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int
keep_partial(const struct out *o)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s.partial", o->target);
	int r = rename(o->partial, b.p);
	buf_release(&b);
	return r;
}

int
out_close(struct out *o, int ok, int *kept, struct err *e)
{
	int r = 0;

	*kept = 0;
	if (o->fd < 0)
		return 0;
	/* a full disk may show only here (NFS, quotas) */
	if (close(o->fd) && errno != EINTR && !o->gone)
		r = err_sys(e, ERR_IO, errno, "%s", o->name);
	o->fd = -1;
	if (!o->partial)
		return r;
	if (ok && !r) {
		if (rename(o->partial, o->target) == 0)
			return 0;
		r = err_sys(e, ERR_CANTCREATE, errno, "%s", o->target);
	}
	if (o->n_bytes && keep_partial(o) == 0)
		*kept = 1;
	else
		unlink(o->partial);
	return r;
}

void
out_release(struct out *o)
{
	free(o->target);
	free(o->partial);
	buf_release(&o->clean);
}

void
out_die(int sig)
{
	struct sigaction sa = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

void
out_exit(int status)
{
#ifdef OR_CLEAN_EXIT
	exit(status);
#else
	_exit(status);
#endif
}

int
out_same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b)
		return 0;
	if (stat(a, &x) || stat(b, &y))
		return strcmp(a, b) == 0;
	return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
