/* SPDX-License-Identifier: ISC */
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "mem.h"
#include "str.h"

#define BACKLOG 4096 /* the system has a cap of its own */
#define FIRST_FD 3   /* SD_LISTEN_FDS_START */

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un path;
	struct sockaddr_storage storage;
};

static void
take_fd(struct listening *l, size_t n, int fd)
{
	l->fd = xreallocarray(NULL, n ? n : 1, sizeof(*l->fd));
	l->n = n ? n : 1;
	for (size_t i = 0; i < l->n; i++)
		l->fd[i] = fd;
}

/* ── where ── */

static void
tell_where(struct listening *l, const union address *a)
{
	struct buf where = BUF_INIT;
	char host[INET6_ADDRSTRLEN] = "";

	if (a->any.sa_family == AF_UNIX) {
		l->is_unix = l->is_loopback = 1;
		buf_adds(&where, a->path.sun_path);
	} else if (a->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->six.sin6_addr, host, sizeof(host));
		buf_addf(&where, "[%s]:%d", host, ntohs(a->six.sin6_port));
		l->is_loopback = IN6_IS_ADDR_LOOPBACK(&a->six.sin6_addr);
	} else {
		inet_ntop(AF_INET, &a->four.sin_addr, host, sizeof(host));
		buf_addf(&where, "%s:%d", host, ntohs(a->four.sin_port));
		l->is_loopback = ntohl(a->four.sin_addr.s_addr) >> 24 == 127;
	}
	l->where = buf_take(&where);
}

void
listening_url(const struct listening *l, struct buf *out)
{
	const char *port = strrchr(l->where, ':');

	buf_adds(out, l->is_unix ? "unix:" : "http://");
	if (!l->is_unix && (str_starts(l->where, "0.0.0.0:") || (str_starts(l->where, "[::]:") && !l->only_six)))
		buf_addf(out, "127.0.0.1%s", port);
	else if (!l->is_unix && str_starts(l->where, "[::]:"))
		buf_addf(out, "[::1]%s", port);
	else
		buf_adds(out, l->where);
}

/* ── TCP ── */

struct place {
	char host[256]; /* "": all addresses */
	char port[8];
	int bracket;
};

static int
bad_place(const char *spec, struct err *e)
{
	return err_set(e, ERR_USAGE, "-l %s: not host:port, [address]:port, :port, port or /path", spec);
}

static int
read_place(struct place *p, const char *spec, struct err *e)
{
	const char *colon = strrchr(spec, ':'), *port = colon ? colon + 1 : spec, *host = colon ? spec : "127.0.0.1";
	size_t n = colon ? (size_t)(colon - spec) : strlen(host);
	int64_t number;

	p->bracket = n >= 2 && host[0] == '[' && host[n - 1] == ']';
	if (p->bracket) {
		host++;
		n -= 2;
	}
	if (str_int(port, 0, 65535, &number) || n >= sizeof(p->host) || (!p->bracket && memchr(host, ':', n)) ||
	    (p->bracket && n == 0))
		return bad_place(spec, e);
	memcpy(p->host, host, n);
	p->host[n] = '\0';
	snprintf(p->port, sizeof(p->port), "%d", (int)number);
	return 0;
}

static int
find_address(const struct place *p, union address *a, socklen_t *n, struct err *e)
{
	struct addrinfo hints = {.ai_family = p->bracket ? AF_INET6 : AF_UNSPEC,
			    .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_PASSIVE | AI_NUMERICSERV | (p->bracket ? AI_NUMERICHOST : 0)},
			*found;
	int r = getaddrinfo(p->host, p->port, &hints, &found);

	if (r)
		return err_set(e, ERR_HOST, "%s: %s", p->host, gai_strerror(r));
	memcpy(a, found->ai_addr, found->ai_addrlen);
	*n = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

/* dual: an IPv6 socket takes IPv4 too. -1: errno. */
static int
open_bound(const union address *a, socklen_t n, int dual, int shared)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, only = !dual;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((a->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only))) ||
	    (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one))) || bind(fd, &a->any, n) ||
	    listen(fd, BACKLOG)) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Sockets that share a port would share it with another process of ours too, unnoticed: one that doesn't asks first. */
static int
is_free(const union address *a, socklen_t n, int dual)
{
	int fd = open_bound(a, n, dual, 0);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

static int
open_all(struct listening *l, union address *a, socklen_t n, int dual, size_t count)
{
	if (!is_free(a, n, dual))
		return -1;
	l->fd = xreallocarray(NULL, count, sizeof(*l->fd));
	for (; l->n < count; l->n++) {
		l->fd[l->n] = open_bound(a, n, dual, 1);
		if (l->fd[l->n] < 0 || getsockname(l->fd[l->n], &a->any, &n))
			return -1;
	}
	l->only_six = a->any.sa_family == AF_INET6 && !dual;
	tell_where(l, a);
	return 0;
}

static int
open_tcp(struct listening *l, const char *spec, size_t count, struct err *e)
{
	struct place p;
	union address a = {0};
	socklen_t n = sizeof(a.six);
	int dual, fd;

	if (read_place(&p, spec, e))
		return -1;
	dual = !*p.host;
	a.six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
	a.six.sin6_port = htons((uint16_t)strtol(p.port, NULL, 10));
	if (dual && (fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) {
		dual = 0; /* a system without IPv6 */
		snprintf(p.host, sizeof(p.host), "0.0.0.0");
	} else if (dual)
		close(fd);
	if (!dual && find_address(&p, &a, &n, e))
		return -1;
	if (open_all(l, &a, n, dual, count) == 0)
		return 0;
	err_sys(e, ERR_CANTCREATE, errno, "can't listen on %s", spec);
	listening_close(l);
	return -1;
}

/* ── Unix ── */

/* Makes room for a socket; errno. */
static int
clear_path(const union address *a)
{
	struct stat st;

	if (lstat(a->path.sun_path, &st))
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = -1;
	if (fd >= 0 && connect(fd, &a->any, sizeof(a->path)) && errno == ECONNREFUSED)
		r = unlink(a->path.sun_path);
	else if (fd >= 0)
		errno = EADDRINUSE;
	if (fd >= 0)
		close(fd);
	return r;
}

static int
open_path(struct listening *l, const char *path, size_t count, struct err *e)
{
	union address a = {.path = {.sun_family = AF_UNIX}};

	if (strlen(path) >= sizeof(a.path.sun_path))
		return err_set(e, ERR_CANTCREATE, "can't listen on %s: the path is too long", path);
	snprintf(a.path.sun_path, sizeof(a.path.sun_path), "%s", path);
	if (clear_path(&a))
		return err_sys(e, ERR_CANTCREATE, errno, "can't listen on %s", path);
	mode_t mask = umask(0177);
	int fd = open_bound(&a, sizeof(a.path), 0, 0), saved = errno;
	umask(mask);
	if (fd < 0)
		return err_sys(e, ERR_CANTCREATE, saved, "can't listen on %s", path);
	take_fd(l, count, fd);
	tell_where(l, &a);
	l->path = xstrdup(path);
	l->owner = getpid();
	return 0;
}

int
listening_open(struct listening *l, const char *spec, size_t n, struct err *e)
{
	memset(l, 0, sizeof(*l));
	if (strstr(spec, "://"))
		return bad_place(spec, e);
	return strchr(spec, '/') ? open_path(l, spec, n ? n : 1, e) : open_tcp(l, spec, n ? n : 1, e);
}

/* ── inherited ── */

int
listening_inherit(struct listening *l, size_t n, struct err *e)
{
	const char *pid = conf_env("LISTEN_PID"), *fds = conf_env("LISTEN_FDS");
	union address a = {0};
	socklen_t len = sizeof(a);
	int64_t for_pid = -1, count = 0;
	int listens = 0;
	socklen_t size = sizeof(listens);

	memset(l, 0, sizeof(*l));
	if (!pid || !fds || str_int(pid, 1, INT32_MAX, &for_pid) || for_pid != getpid() ||
	    str_int(fds, 1, INT32_MAX, &count))
		return 0;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (count > 1)
		return err_set(e, ERR_CONFIG, "systemd passes %d sockets; one is wanted", (int)count);
	if (getsockname(FIRST_FD, &a.any, &len) || getsockopt(FIRST_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) ||
	    !listens || (a.any.sa_family != AF_UNIX && a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
		return err_set(e, ERR_CONFIG, "what systemd passes is no socket that is listened on");
	if (fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) || fcntl(FIRST_FD, F_SETFL, O_RDWR | O_NONBLOCK))
		return err_sys(e, ERR_SYSTEM, errno, "systemd's socket");
	take_fd(l, n, FIRST_FD);
	tell_where(l, &a);
	l->inherited = 1;
	return 1;
}

void
listening_close(struct listening *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->fd[i] >= 0 && (i == 0 || l->fd[i] != l->fd[0]))
			close(l->fd[i]);
	if (l->path && l->owner == getpid())
		unlink(l->path);
	free(l->fd);
	free(l->where);
	free(l->path);
	memset(l, 0, sizeof(*l));
}

void
listening_notify(const char *state)
{
	const char *to = conf_env("NOTIFY_SOCKET");
	union address a = {.path = {.sun_family = AF_UNIX}};
	size_t n = to ? strlen(to) : 0;

	if (n < 2 || n >= sizeof(a.path.sun_path) || (*to != '/' && *to != '@'))
		return;
	memcpy(a.path.sun_path, to, n);
	if (*to == '@')
		a.path.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, &a.any, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}
