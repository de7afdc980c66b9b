/* SPDX-License-Identifier: ISC */
#include "serve/conn_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "jsonw.h"
#include "mem.h"

#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#define READ_BYTES (64 * 1024)
#define AHEAD_BYTES (64 * 1024)          /* of requests that came too early: reading pauses */
#define LINGER_BYTES (128 * 1024 * 1024) /* thrown away after the last answer, for who reads it behind a long body */
#define LINGER_STEP (1024 * 1024)        /* that have to come in the time there is */
#define BODY_STEP (16 * 1024)            /* of a body, that have to come in the time there is */

/* ── out ── */

size_t
conn_unsent(const struct conn *k)
{
	return k->out.len + (k->sending.len ? uv_stream_get_write_queue_size(&k->uv.stream) : 0);
}

/* What was written since the last write is one chunk. */
static void
end_chunk(struct conn *k)
{
	size_t n = k->out.len - k->chunk_at;
	char line[CONN_SIZE_LINE], *size = conn_put_size(line + sizeof(line), n);
	size_t len = (size_t)(line + sizeof(line) - size);

	if (k->chunk_at == CONN_NO_CHUNK)
		return;
	buf_reserve(&k->out, len + 2);
	char *at = k->out.p + k->chunk_at;
	memmove(at + len, at, n);
	memcpy(at, size, len);
	k->out.len += len;
	buf_add(&k->out, "\r\n", 2);
	k->chunk_at = CONN_NO_CHUNK;
}

static void
written(uv_write_t *req, int status)
{
	struct conn *k = req->data;

	free(req);
	if (k->closing)
		return;
	k->lost |= status != 0;
	buf_release(&k->sending);
	if (k->is_timed && k->timer == CONN_WRITE)
		conn_timer_stop(k);
	if (!k->x && !k->ends)
		conn_timer_set(k, k->http.head_done ? CONN_BODY : CONN_IDLE);
	conn_soon(k);
}

/* Has libuv send k->sending from there. */
static void
send_rest(struct conn *k, size_t from)
{
	uv_write_t *req = xcalloc(1, sizeof(*req));
	uv_buf_t b = uv_buf_init(k->sending.p + from, (unsigned)(k->sending.len - from));

	req->data = k;
	k->all->count.bytes_out += k->sending.len - from;
	if (uv_write(req, &k->uv.stream, &b, 1, written)) {
		free(req);
		buf_release(&k->sending);
		k->lost = 1;
		conn_soon(k);
		return;
	}
	conn_timer_set(k, CONN_WRITE);
}

/* How many bytes of both the socket took; -1: it is broken. Not by libuv, whose handle is cold, nor by write(), which is further from the socket. */
static ssize_t
try_send(struct conn *k, const char *p, size_t n)
{
	struct iovec both[2] = {{k->out.p, k->out.len}, {(char *)(uintptr_t)p, n}};
	const struct msghdr m = {.msg_iov = both, .msg_iovlen = 2};
	ssize_t r = n ? sendmsg(k->fd, &m, SEND_FLAGS) : send(k->fd, k->out.p, k->out.len, SEND_FLAGS);

	if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == EINTR))
		return 0;
	k->all->count.bytes_out += r < 0 ? 0 : (uint64_t)r;
	return r;
}

void
conn_write(struct conn *k, const char *p, size_t n)
{
	end_chunk(k);
	if (k->closing || k->lost || k->out.len + n == 0)
		return;
	if (k->sending.len) {
		buf_add(&k->out, p, n);
		return;
	}
	ssize_t r = try_send(k, p, n);
	if (r < 0) {
		k->lost = 1;
		buf_release(&k->out);
		conn_soon(k);
		return;
	}
	if ((size_t)r < k->out.len + n) {
		if (n)
			buf_add(&k->out, p, n);
		k->sending = k->out;
		k->out = (struct buf)BUF_INIT;
		send_rest(k, (size_t)r);
	}
	buf_release(&k->out); /* the next connection gets this memory, which is in the cache yet */
}

void
conn_flush(struct conn *k)
{
	conn_write(k, NULL, 0);
}

void
conn_end_chunks(struct conn *k)
{
	end_chunk(k);
	buf_adds(&k->out, "0\r\n\r\n");
}

/* ── the end ── */

static void
closed(uv_handle_t *handle)
{
	struct conn *k = handle->data;

	k->closed = 1;
	k->all->count.open--;
	buf_release(&k->sending);
	if (!k->x)
		conn_free(k);
}

/* Forgets all but the exchange. */
static int
begin_close(struct conn *k)
{
	if (k->closing)
		return -1;
	conn_timer_stop(k);
	k->closing = 1;
	buf_release(&k->ahead);
	buf_release(&k->out);
	k->ahead_at = 0;
	k->chunk_at = CONN_NO_CHUNK;
	return 0;
}

void
conn_close(struct conn *k)
{
	if (begin_close(k) == 0)
		uv_close(&k->uv.handle, closed);
}

/* An answer of HTTP/1.0 has no other way to show that it is torn. */
static void
reset(struct conn *k)
{
	if (k->is_unix || begin_close(k))
		conn_close(k);
	else if (uv_tcp_close_reset(&k->uv.tcp, closed))
		uv_close(&k->uv.handle, closed);
}

/* A close with bytes unread would reset the connection, and the answer could be lost with it. */
static void
linger(struct conn *k)
{
	uv_os_fd_t fd;

	if (k->eof || uv_fileno(&k->uv.handle, &fd) || shutdown(fd, SHUT_WR) || conn_read(k)) {
		conn_close(k);
		return;
	}
	k->lingers = 1;
	buf_release(&k->ahead);
	http1_next(&k->http);
	conn_timer_set(k, CONN_LINGER);
}

static void
end(struct conn *k)
{
	if (k->resets)
		reset(k);
	else if (k->rude || k->ahead.len > k->ahead_at)
		linger(k);
	else
		conn_close(k);
}

void
conn_gone(struct conn *k)
{
	struct exchange *x = k->x;

	conn_close(k);
	if (!x || x->gone)
		return;
	x->gone = 1;
	if (!x->over && x->on_gone)
		x->on_gone(x->arg);
}

void
conn_bad(struct conn *k, int status, const char *why)
{
	struct buf body = BUF_INIT;
	struct conn_answer a = {.status = status, .type = "application/json", .closes = 1, .fields = ""};
	struct jsonw w;

	k->all->count.bad++;
	k->ends = k->rude = 1;
	conn_timer_stop(k);
	conn_let_go(k);
	if (k->all->s.on_bad)
		k->all->s.on_bad(k->all->s.arg, status, why, k->http.target, &body);
	else {
		jsonw_init(&w, &body);
		jsonw_object(&w);
		jsonw_key(&w, "error");
		jsonw_object(&w);
		jsonw_key(&w, "code");
		jsonw_int(&w, status);
		jsonw_member(&w, "message", why);
		jsonw_end_object(&w);
		jsonw_end_object(&w);
	}
	if (status == 503)
		a.fields = "Retry-After: 1\r\n";
	a.length = (int64_t)body.len;
	conn_head(k->all, &k->out, &a);
	if (k->http.method && strcmp(k->http.method, "HEAD") == 0)
		buf_clear(&body);
	conn_write(k, body.p, body.len);
	buf_release(&body);
}

/* ── in ── */

int
conn_is_unused(const struct conn *k)
{
	uv_os_fd_t fd;
	char byte;

	if (k->x || k->ends || k->closing || k->http.head.len > 0 || k->ahead.len > k->ahead_at)
		return 0;
	return uv_fileno(&k->uv.handle, &fd) || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1;
}

static int
can_parse(const struct conn *k)
{
	return !k->x && !k->ends && !k->closing && !k->lost;
}

void
conn_let_go(struct conn *k)
{
	k->all->held -= k->held;
	k->held = 0;
}

/* A body may be longer than there is room for just now. */
static int
hold_body(struct conn *k)
{
	uint64_t more = k->http.body.len - k->held, limit = k->all->s.limits.held_bytes;
	uint64_t coming = k->http.length == UINT64_MAX ? 0 : k->http.length - k->http.body.len;

	k->held += more;
	k->all->held += more;
	if (!limit || (k->all->held <= limit && coming <= limit - k->all->held))
		return 0;
	conn_bad(k, 503, "too much is being done");
	return -1;
}

/* Whoever sends a body is asked who it is before it is taken in. */
static int
is_refused(struct conn *k)
{
	const char *why = NULL;

	if (k->http.done || k->asked || !k->all->s.on_head)
		return 0;
	k->asked = 1;
	int status = k->all->s.on_head(k->all->s.arg, &k->http, &why);
	if (status)
		conn_bad(k, status, why);
	return status;
}

/* A body has to come on by so much each time that the timer is set. */
static void
wait_for_body(struct conn *k)
{
	if (k->is_timed && k->timer == CONN_BODY && k->http.body.len < k->body_mark)
		return;
	k->body_mark = k->http.body.len + BODY_STEP;
	conn_timer_set(k, CONN_BODY);
}

static void
wait_for_more(struct conn *k)
{
	struct http1 *h = &k->http;

	if (!h->head_done) {
		if (h->head.len > 0 && !(k->is_timed && k->timer == CONN_HEAD))
			conn_timer_set(k, CONN_HEAD);
		return;
	}
	wait_for_body(k);
	if (!h->expects_continue || k->continued)
		return;
	k->continued = 1;
	if (h->body.len > 0)
		return;
	buf_adds(&k->out, "HTTP/1.1 100 Continue\r\n\r\n");
	conn_flush(k);
}

static size_t
step(struct conn *k, const char *p, size_t n)
{
	size_t used = http1_feed(&k->http, p, n);

	if (k->http.status)
		conn_bad(k, k->http.status, k->http.why);
	else if (k->http.head_done && (is_refused(k) || hold_body(k)))
		return used;
	else if (k->http.done)
		exchange_call(k);
	else
		wait_for_more(k);
	return used;
}

/* The requests that came behind the last one. */
static void
work(struct conn *k)
{
	k->working = 1;
	while (can_parse(k) && k->ahead_at < k->ahead.len)
		k->ahead_at += step(k, k->ahead.p + k->ahead_at, k->ahead.len - k->ahead_at);
	k->working = 0;
	if (k->ahead_at == k->ahead.len) {
		buf_release(&k->ahead);
		k->ahead_at = 0;
	}
	if (can_parse(k) && (k->eof || (k->all->draining && !k->all->hold && conn_is_unused(k))))
		conn_close(k);
	else if (k->paused && !k->closing && k->ahead.len - k->ahead_at < AHEAD_BYTES)
		conn_read(k);
}

void
conn_settle(struct conn *k)
{
	if (k->lost && !k->closing)
		conn_gone(k);
	if (k->x && k->x->over && !k->x->called && (k->closing || conn_unsent(k) == 0))
		exchange_over(k);
	if (k->closed && !k->x) {
		conn_free(k);
		return;
	}
	if (k->closing || k->x || k->lingers || k->working)
		return;
	if (!k->ends)
		work(k);
	if (k->ends && !k->x && !k->closing && conn_unsent(k) == 0)
		end(k);
}

static void
keep(struct conn *k, const char *p, size_t n)
{
	if (k->ahead_at > 0) {
		memmove(k->ahead.p, k->ahead.p + k->ahead_at, k->ahead.len - k->ahead_at);
		k->ahead.len -= k->ahead_at;
		k->ahead_at = 0;
	}
	buf_add(&k->ahead, p, n);
	if (k->ahead.len >= AHEAD_BYTES) {
		uv_read_stop(&k->uv.stream);
		k->paused = 1;
	}
}

static void
take(struct conn *k, const char *p, size_t n)
{
	size_t used = 0;

	if (k->ahead.len == 0) {
		k->working = 1;
		while (used < n && can_parse(k))
			used += step(k, p + used, n - used);
		k->working = 0;
	}
	if (k->ends)
		k->rude |= used < n;
	else if (used < n && !k->closing)
		keep(k, p + used, n - used);
	conn_settle(k);
}

static void
no_more(struct conn *k, int r)
{
	if (k->x && !k->x->over)
		conn_gone(k);
	else if (r == UV_EOF && !k->lingers && (k->x || conn_unsent(k) > 0))
		k->eof = 1;
	else
		conn_close(k);
	conn_settle(k);
}

/* For as long as enough comes. */
static void
discard(struct conn *k, size_t n)
{
	size_t before = k->discarded / LINGER_STEP;

	k->discarded += n;
	if (k->discarded > LINGER_BYTES)
		conn_close(k);
	else if (k->discarded / LINGER_STEP != before)
		conn_timer_set(k, CONN_LINGER);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct conn *k = stream->data;

	if (n > 0)
		k->all->count.bytes_in += (uint64_t)n;
	if (n < 0)
		no_more(k, (int)n);
	else if (k->lingers)
		discard(k, (size_t)n);
	else if (n > 0)
		take(k, b->base, (size_t)n);
}

static void
on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *b)
{
	struct conn *k = handle->data;

	(void)size;
	if (!k->all->read)
		k->all->read = xmalloc(READ_BYTES);
	*b = uv_buf_init(k->all->read, READ_BYTES);
}

int
conn_read(struct conn *k)
{
	int r = uv_read_start(&k->uv.stream, on_alloc, on_read);

	k->paused = 0;
	return r == UV_EALREADY ? 0 : r;
}
