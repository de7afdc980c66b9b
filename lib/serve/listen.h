/* SPDX-License-Identifier: ISC */
/* listen: sockets that are listened on: opened, inherited (systemd), told about. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

struct listening {
	int *fd; /* owned: one a worker; the same for all where it is shared (Unix, inherited) */
	size_t n;
	int is_unix, inherited;
	int is_loopback; /* nobody but this machine's users can reach it */
	char *where;     /* owned: "127.0.0.1:8787", "[::1]:80", "/run/x.sock" */
	char *path;      /* owned: of a Unix socket that is ours to remove; NULL */
	pid_t owner;     /* removes it */
	int only_six;    /* an IPv6 socket that takes no IPv4 */
};

/* spec: "host:port", "[v6]:port", ":port" (all addresses), "port", "/path.sock" ("./x.sock" too). n: workers. A path's file: mode 0600; a socket that nobody
 * listens on is replaced, anything else there is ERR_CANTCREATE. ERR_USAGE: no such form; ERR_HOST; ERR_CANTCREATE: taken, not allowed. */
int listening_open(struct listening *l, const char *spec, size_t n, struct err *e);
/* systemd's LISTEN_FDS and LISTEN_PID, which are unset then. 0: there is none, 1: taken, -1. Only the first one is taken; several are ERR_CONFIG. */
int listening_inherit(struct listening *l, size_t n, struct err *e);
/* And removes its path, in the process that opened it. */
void listening_close(struct listening *l);
/* Appends "http://127.0.0.1:8787" (where all addresses are listened on, too), "unix:/path.sock". */
void listening_url(const struct listening *l, struct buf *out);
/* sd_notify(3)'s protocol, by NOTIFY_SOCKET: "READY=1". Nothing where there is none. */
void listening_notify(const char *state);

#endif
