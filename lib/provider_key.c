/* SPDX-License-Identifier: ISC */
/* Keys: part of providers.h. No message holds a key, nor a command, which may. */
#include "providers.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "loop.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"
#include "tm.h"

#define KEY_MAX ((size_t)16 * 1024) /* bytes of a key file, and of a command's first line */

/* A key becomes a header: hence only printable ASCII. */
char *
provider_take_key(const struct provider *p, const char *s, size_t n, const char *where, struct err *e)
{
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r' || s[n - 1] == '\n'))
		n--;
	if (!n)
		err_set(e, ERR_NOKEY, "%s: no key: %s is empty", p->name, where);
	for (size_t i = 0; i < n; i++) {
		if (s[i] <= 0x20 || s[i] >= 0x7f) {
			err_set(e, ERR_NOKEY, "%s: %s is no key: it holds a byte that isn't printable ASCII", p->name,
			    where);
			return NULL;
		}
	}
	return n ? xstrndup(s, n) : NULL;
}

static int
take_key(struct provider *p, const char *s, size_t n, const char *where, struct err *e)
{
	p->secret = provider_take_key(p, s, n, where, e);
	return p->secret ? 0 : -1;
}

static int
from_env(struct provider *p, const char *name, struct err *e)
{
	const char *s = conf_env(name);

	if (!s)
		return err_set(e, ERR_NOKEY, "%s: no key: %s is not set", p->name, name);
	return take_key(p, s, strlen(s), name, e);
}

/* `~/` and `$NAME/` in front are HOME's and that variable's value. */
static int
expand_path(struct buf *b, const char *path, const char *provider, struct err *e)
{
	size_t n = strcspn(path, "/");

	if (!path[n] || (*path != '$' && (*path != '~' || n > 1))) {
		buf_adds(b, path);
		return 0;
	}
	char *var = *path == '~' ? xstrdup("HOME") : xstrndup(path + 1, n - 1);
	const char *value = conf_env(var);
	if (value)
		buf_addf(b, "%s%s", value, path + n);
	else
		err_set(e, ERR_NOKEY, "%s: no key: %s: %s is not set", provider, path, var);
	free(var);
	return value ? 0 : -1;
}

static int
is_below_home(const char *path)
{
	const char *home_var = conf_env("HOME");
	char *home = home_var ? realpath(home_var, NULL) : NULL, *real = realpath(path, NULL);
	size_t n = home ? strlen(home) : 0;

	if (n == 1) /* "/" */
		n = 0;
	int below = home && real && strncmp(real, home, n) == 0 && real[n] == '/';
	free(home);
	free(real);
	return below;
}

int
provider_is_exposed(int fd, const char *path)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & (S_IRGRP | S_IROTH)) &&
	    is_below_home(path);
}

static int
from_open_file(struct provider *p, int fd, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err why = {0};
	int r;

	if (provider_is_exposed(fd, path))
		return err_set(e, ERR_CONFIG, "%s: others can read the key in %s: chmod 600 %s", p->name, path, path);
	if (conf_slurp_fd(fd, path, KEY_MAX, &text, &why) == -1) {
		r = err_set(e, ERR_NOKEY, "%s: no key: %s", p->name, why.msg);
	} else {
		const char *newline = memchr(text.p, '\n', text.len);
		r = take_key(p, text.p, newline ? (size_t)(newline - text.p) : text.len, path, e);
	}
	explicit_bzero(text.p, text.cap);
	buf_release(&text);
	return r;
}

static int
from_file(struct provider *p, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (expand_path(&b, path, p->name, e) == 0) {
		int fd = open(b.p, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd == -1) {
			err_sys(e, ERR_NOKEY, errno, "%s: no key: %s", p->name, b.p);
		} else {
			r = from_open_file(p, fd, b.p, e);
			close(fd);
		}
	}
	buf_release(&b);
	return r;
}

#define WATCH_MS 50 /* how often a signal or the deadline is looked for while a command runs */

/* Starts sh with its stdout on `out`. Signals that we catch are back at their defaults after exec, so that ^C ends the
 * command, and what was ignored when we started stays so; only SIGPIPE may be ignored by us. */
static int
spawn_shell(const char *command, int out, pid_t *pid)
{
	char sh[] = "sh", c[] = "-c", *line = xstrdup(command), *argv[] = {sh, c, line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set, none;

	sigemptyset(&set);
	sigemptyset(&none);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	int sys = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(line);
	return sys;
}

/* Why a command is not waited for any longer: a signal that came to us, or the deadline. */
static int
given_up(const struct provider *p, struct err *e)
{
	int sig = loop_signal();

	if (sig) {
		err_set(e, ERR_SIGNAL, "%s: interrupted while its key's command ran", p->name);
		if (e)
			e->sys = sig;
		return -1;
	}
	if (p->until_ms && tm_mono_ms() >= p->until_ms)
		return err_set(e, ERR_DEADLINE, "%s: its key's command took until the deadline", p->name);
	return 0;
}

/* The first line into key, up to KEY_MAX bytes; *n is its length, over KEY_MAX where it is longer. What follows isn't waited for: the
 * command may have left something running. */
static int
read_first_line(const struct provider *p, int fd, char *key, size_t *n, struct err *e)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char chunk[4096], *newline = NULL;
	int r = 0;

	*n = 0;
	while (!newline && *n <= KEY_MAX) {
		int ready = poll(&poll_fd, 1, WATCH_MS);
		if ((r = given_up(p, e)))
			break;
		if (ready <= 0)
			continue;
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		newline = memchr(chunk, '\n', (size_t)got);
		size_t take = newline ? (size_t)(newline - chunk) : (size_t)got;
		if (*n + take <= KEY_MAX)
			memcpy(key + *n, chunk, take);
		*n += take;
	}
	explicit_bzero(chunk, sizeof(chunk));
	return r;
}

/* Its status as wait says it: 0 also where a parent that ignores SIGCHLD has none. What it still says is read and dropped, so that
 * it can end in peace. */
static int
wait_for(const struct provider *p, pid_t pid, int fd, int *status, struct err *e)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char chunk[4096];
	pid_t got;

	*status = 0;
	while ((got = waitpid(pid, status, WNOHANG)) == 0 || (got == -1 && errno == EINTR)) {
		if (given_up(p, e))
			return -1;
		if (poll(&poll_fd, 1, 2) == 1 && read(fd, chunk, sizeof(chunk)) == 0)
			poll_fd.fd = -1; /* its end: nothing but its status is left to wait for */
	}
	return 0;
}

static void
end_command(pid_t pid)
{
	int status;

	kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
}

static int
check_status(const struct provider *p, int status, struct err *e)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
		err_set(e, ERR_SIGNAL, "%s: interrupted while its key's command ran", p->name);
		if (e)
			e->sys = SIGINT;
		return -1;
	}
	if (WIFSIGNALED(status))
		return err_set(e, ERR_NOKEY, "%s: no key: its command died of signal %d", p->name, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(e, ERR_NOKEY, "%s: no key: its command ended with %d", p->name, WEXITSTATUS(status));
	return 0;
}

static int
run_command(struct provider *p, const char *command, struct err *e)
{
	char key[KEY_MAX];
	int fd[2], r = -1;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return err_sys(e, ERR_SYSTEM, errno, "%s: no pipe for its key's command", p->name);
	int sys = spawn_shell(command, fd[1], &pid);
	close(fd[1]);
	if (sys) {
		err_sys(e, ERR_SYSTEM, sys, "%s: can't run /bin/sh for its key", p->name);
	} else {
		size_t n;
		int status = 0;
		if (read_first_line(p, fd[0], key, &n, e) || wait_for(p, pid, fd[0], &status, e))
			end_command(pid);
		else if (check_status(p, status, e) == 0)
			r = n > KEY_MAX ? err_set(e, ERR_NOKEY, "%s: no key: its command says more than %zu bytes",
					      p->name, KEY_MAX)
					: take_key(p, key, n, "what its command says", e);
	}
	close(fd[0]);
	explicit_bzero(key, sizeof(key));
	return r;
}

static int
from_command(struct provider *p, const char *command, struct err *e)
{
	if (p->key_failed)
		return err_set(e, ERR_NOKEY, "%s: no key: its command failed before", p->name);
	int r = run_command(p, command, e);
	p->key_failed = r == -1;
	return r;
}

static int
from_nowhere(struct provider *p, const char *text, struct err *e)
{
	(void)text;
	(void)e;
	p->secret = xstrdup("");
	return 0;
}

int
provider_key(struct provider *p, struct err *e)
{
	static const struct {
		const char *prefix;
		int (*look)(struct provider *p, const char *text, struct err *e);
	} forms[] = {
	    {"none", from_nowhere},
	    {"env:", from_env},
	    {"file:", from_file},
	    {"cmd:", from_command},
	    {"aws:", provider_aws_key},
	};

	if (p->secret)
		return 0;
	if (provider_aws_region(p, e))
		return -1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (str_starts(p->key, forms[i].prefix))
			return forms[i].look(p, p->key + strlen(forms[i].prefix), e);
	}
	return err_set(e, ERR_INTERNAL, "%s: a key of no known form", p->name);
}

/* A part of a key at the end of a text is one from so many bytes on. */
#define TELLING 4

static void
hide(const char *secret, char *text)
{
	size_t n = secret ? strlen(secret) : 0, len = strlen(text);

	if (!n)
		return;
	for (char *at = text; (at = strstr(at, secret)); at += n)
		memset(at, '*', n);
	for (size_t k = n - 1; k >= TELLING; k--)
		if (k <= len && memcmp(text + len - k, secret, k) == 0) {
			memset(text + len - k, '*', k);
			return;
		}
}

void
provider_hide_secret(const struct provider *p, char *text)
{
	hide(p->secret, text);
	hide(p->aws.id, text);
	hide(p->aws.token, text);
}
