/* SPDX-License-Identifier: ISC */
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "tap.h"

static char dir[] = "/tmp/listen-XXXXXX";

static const char *
url(const struct listening *l)
{
	static struct buf b;

	buf_clear(&b);
	listening_url(l, &b);
	return buf_str(&b);
}

static int
knock(const struct listening *l)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	int fd = -1, r = -1;

	if (getsockname(l->fd[0], (struct sockaddr *)&a, &n) == 0 && (fd = socket(a.ss_family, SOCK_STREAM, 0)) >= 0)
		r = connect(fd, (struct sockaddr *)&a, n);
	if (fd >= 0)
		close(fd);
	return r;
}

static void
ports(void)
{
	static const char *const bad[] = {"", "x", "h:", "h:x", "h:70000", "h:-1", ":", "::1:80", "[]:80", "1:2:3"};
	struct listening l, other;
	struct err e = {0};
	char spec[32], want[64];

	tap_is_int(listening_open(&l, "0", 3, &e), 0, "any port");
	tap_ok(l.n == 3 && l.fd[0] != l.fd[1] && l.fd[1] != l.fd[2], "a socket for each worker");
	tap_ok(
	    strncmp(l.where, "127.0.0.1:", 10) == 0 && l.is_loopback && !l.is_unix && !l.inherited, "of this machine");
	tap_ok(fcntl(l.fd[1], F_GETFD) == FD_CLOEXEC && (fcntl(l.fd[1], F_GETFL) & O_NONBLOCK), "not for others");
	tap_is_int(knock(&l), 0, "it is listened on");
	snprintf(want, sizeof(want), "http://%s", l.where);
	tap_is_str(url(&l), want, "its URL");
	snprintf(spec, sizeof(spec), "%s", strrchr(l.where, ':') + 1);
	tap_is_int(listening_open(&other, spec, 2, &e), -1, "a port that is taken");
	tap_ok(e.kind == ERR_CANTCREATE && e.sys == EADDRINUSE, "is an error");
	listening_close(&other);
	listening_close(&l);
	tap_is_int(listening_open(&l, spec, 1, &e), 0, "and free again");
	listening_close(&l);
	tap_is_int(listening_open(&l, "localhost:0", 1, &e), 0, "a name");
	tap_ok(l.is_loopback, "of this machine");
	listening_close(&l);
	tap_is_int(listening_open(&l, ":0", 2, &e), 0, "all addresses");
	tap_ok(
	    !l.is_loopback && strncmp(url(&l), "http://127.0.0.1:", 17) == 0 && knock(&l) == 0, "are open to others");
	listening_close(&l);
	if (listening_open(&l, "[::1]:0", 2, &e) == 0)
		tap_ok(l.is_loopback && strncmp(url(&l), "http://[::1]:", 13) == 0 && knock(&l) == 0, "IPv6");
	else
		tap_ok(1, "IPv6 # SKIP there is none");
	listening_close(&l);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(listening_open(&l, bad[i], 1, &e) == -1 && e.kind == ERR_USAGE, "\"%s\" is no place", bad[i]);
	tap_ok(listening_open(&l, "no-such-host.invalid:80", 1, &e) == -1 && e.kind == ERR_HOST, "no such host");
	tap_ok(listening_open(&l, "192.0.2.1:80", 1, &e) == -1 && e.kind == ERR_CANTCREATE, "not ours");
}

static void
paths(void)
{
	struct listening l, other;
	struct err e = {0};
	struct stat st;
	char path[64], want[80], text[200];

	snprintf(path, sizeof(path), "%s/x.sock", dir);
	tap_is_int(listening_open(&l, path, 2, &e), 0, "a path");
	tap_ok(l.n == 2 && l.fd[0] == l.fd[1] && l.is_unix && l.is_loopback, "one socket for all workers");
	tap_ok(stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600, "for its user alone");
	snprintf(want, sizeof(want), "unix:%s", path);
	tap_is_str(url(&l), want, "its URL");
	tap_is_int(knock(&l), 0, "it is listened on");
	tap_ok(listening_open(&other, path, 1, &e) == -1 && e.kind == ERR_CANTCREATE, "somebody listens there");
	pid_t pid = fork();
	if (pid == 0) {
		listening_close(&l);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	tap_ok(stat(path, &st) == 0, "another process doesn't remove it");
	close(l.fd[0]);
	l.fd[0] = l.fd[1] = -1;
	tap_is_int(listening_open(&other, path, 1, &e), 0, "a socket that nobody listens on is replaced");
	listening_close(&other);
	tap_ok(stat(path, &st) && errno == ENOENT, "its path is removed");
	listening_close(&l);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	tap_ok(listening_open(&l, path, 1, &e) == -1 && e.kind == ERR_CANTCREATE && stat(path, &st) == 0,
	    "a file is left alone");
	unlink(path);
	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	tap_ok(listening_open(&l, text, 1, &e) == -1 && e.kind == ERR_CANTCREATE, "a long path");
}

/* In a process of its own, where descriptor 3 is what it should be. */
static int
inherits(int fd, const char *fds, int right_pid)
{
	struct listening l;
	struct err e = {0};
	char pid[16];
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (fd >= 0 && fd != 3)
			dup2(fd, 3);
		snprintf(pid, sizeof(pid), "%d", (int)getpid() + !right_pid);
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", fds, 1);
		int r = listening_inherit(&l, 2, &e);
		if (r == 1 && (!l.inherited || l.fd[0] != 3 || l.fd[1] != 3 || getenv("LISTEN_FDS") || knock(&l)))
			_exit(50);
		_exit(r < 0 ? 100 + (e.kind == ERR_CONFIG) : r);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
inherited(void)
{
	struct listening l;
	struct err e = {0};
	int null = open("/dev/null", O_RDONLY);

	listening_open(&l, "0", 1, &e);
	tap_is_int(inherits(l.fd[0], "1", 1), 1, "systemd's socket");
	tap_is_int(inherits(l.fd[0], "1", 0), 0, "one for another process");
	tap_is_int(inherits(l.fd[0], "0", 1), 0, "none");
	tap_is_int(inherits(l.fd[0], "2", 1), 101, "two");
	tap_is_int(inherits(null, "1", 1), 101, "no socket");
	listening_close(&l);
	close(null);
	unsetenv("LISTEN_FDS");
	tap_is_int(listening_inherit(&l, 1, &e), 0, "without systemd");
}

static void
notifies(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char got[32];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", dir);
	unsetenv("NOTIFY_SOCKET");
	listening_notify("READY=1");
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		exit(99);
	setenv("NOTIFY_SOCKET", a.sun_path, 1);
	listening_notify("READY=1");
	ssize_t n = recv(fd, got, sizeof(got), 0);
	tap_is_mem(got, n > 0 ? (size_t)n : 0, "READY=1", 7, "systemd is told");
	unlink(a.sun_path);
	close(fd);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 99;
	ports();
	paths();
	inherited();
	notifies();
	rmdir(dir);
	return tap_done();
}
