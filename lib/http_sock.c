/* SPDX-License-Identifier: ISC */
/* Sockets of libcurl's, watched by libuv. Part of http. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "http_priv.h"
#include "loop.h"
#include "mem.h"

#define ROOM 256 /* for descriptors to come */

/* One of a connection stays watched between transfers, until libcurl closes it. */
struct sock {
	uv_poll_t poll; /* the first member: sock_ready relies on it */
	curl_socket_t fd;
	struct http_socks *all;
	int is_conn, is_open; /* open: poll is initialised */
	int wanted;           /* libcurl waits for it */
	int events;           /* that libuv looks for */
};

struct http_socks {
	struct loop *loop;
	CURLM *multi;
	void (*drive)(void *arg, curl_socket_t fd, int mask);
	void *arg;
	struct sock **conn; /* by descriptor */
	size_t n_conn;
};

static void sock_ready(uv_poll_t *p, int status, int events);

static void
watch(struct sock *s, int events)
{
	if (events)
		uv_poll_start(&s->poll, events, sock_ready);
	else
		uv_poll_stop(&s->poll);
	s->events = events;
}

static void
sock_ready(uv_poll_t *p, int status, int events)
{
	struct sock *s = (struct sock *)p; /* not by p->data, for which more of it would have to be fetched */
	int mask = status < 0 ? CURL_CSELECT_IN : 0;

	/* A connection that nobody uses: libcurl looks at it before it does. */
	if (!s->wanted) {
		watch(s, 0);
		return;
	}
	/* A reset may stand behind a whole answer that the kernel still holds: libcurl reads it, and meets the error itself. */
	if (status < 0)
		watch(s, UV_READABLE);
	if (events & UV_READABLE)
		mask |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		mask |= CURL_CSELECT_OUT;
	s->all->drive(s->all->arg, s->fd, mask);
}

static void
sock_closed(uv_handle_t *h)
{
	free(h->data);
}

static void
free_sock(struct sock *s)
{
	if (!s->is_open) {
		free(s);
		return;
	}
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, sock_closed);
}

static struct sock *
new_sock(struct http_socks *h, curl_socket_t fd)
{
	struct sock *s = xcalloc(1, sizeof(*s));

	s->fd = fd;
	s->all = h;
	s->poll.data = s;
	return s;
}

static struct sock *
conn_of(const struct http_socks *h, curl_socket_t fd)
{
	return fd >= 0 && (size_t)fd < h->n_conn ? h->conn[fd] : NULL;
}

/* A connection is about to be made: libcurl will tell when its socket closes, which it doesn't of others. */
static int
on_new_conn(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct http_socks *h = arg;

	(void)purpose;
	if ((size_t)fd >= h->n_conn) {
		size_t n = (size_t)fd + ROOM;
		h->conn = xreallocarray(h->conn, n, sizeof(*h->conn));
		memset(h->conn + h->n_conn, 0, (n - h->n_conn) * sizeof(*h->conn));
		h->n_conn = n;
	}
	if (h->conn[fd]) /* closed without a word */
		free_sock(h->conn[fd]);
	h->conn[fd] = new_sock(h, fd);
	h->conn[fd]->is_conn = 1;
	return CURL_SOCKOPT_OK;
}

static int
on_close(void *arg, curl_socket_t fd)
{
	struct http_socks *h = arg;
	struct sock *s = conn_of(h, fd);

	if (s) {
		h->conn[fd] = NULL;
		free_sock(s);
	}
	return close(fd);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct http_socks *h = arg;
	struct sock *s = sockp ? sockp : conn_of(h, fd);
	int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s && s->is_conn)
			s->wanted = 0;
		else if (s)
			free_sock(s);
		curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (!s)
		s = new_sock(h, fd);
	if (!s->is_open && uv_poll_init_socket(loop_uv(h->loop), &s->poll, fd)) {
		if (!s->is_conn)
			free(s);
		return -1; /* libcurl ends the transfer with an error */
	}
	s->is_open = s->wanted = 1;
	if (s != sockp)
		curl_multi_assign(h->multi, fd, s);
	if (s->events != events)
		watch(s, events);
	return 0;
}

struct http_socks *
http_socks_new(struct loop *l, CURLM *multi, void (*drive)(void *arg, curl_socket_t fd, int mask), void *arg)
{
	struct http_socks *h = xcalloc(1, sizeof(*h));

	*h = (struct http_socks){.loop = l, .multi = multi, .drive = drive, .arg = arg};
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, h);
	return h;
}

void
http_socks_use(struct http_socks *h, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_conn);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, h);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, h);
}

void
http_socks_free(struct http_socks *h)
{
	free(h->conn);
	free(h);
}
