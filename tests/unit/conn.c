/* SPDX-License-Identifier: ISC */
/* Connections over loopback; the client's end is looked at between turns of the loop. */
#include "serve/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "err.h"
#include "loop.h"
#include "tap.h"
#include "tm.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define PATIENCE_MS 5000
#define BIG (3 * 1024 * 1024)

struct house {
	struct loop *loop;
	struct loop_timer *tick;
	struct conns *conns;
	int fd, port;
	struct exchange *x; /* that waits */
	int requests, gone, drains, overs, drained, again;
	int status;
	uint64_t sent;
	char asked[64], peer[64];
};

struct client {
	int fd;
	struct buf got;
	int eof, error; /* the other end has closed; errno */
};

static const struct conns_limits limits = {{4096, 1024, 100000}, 100, 0, 10000, 10000, 10000, 10000, 1 << 20};

/* ── the server ── */

static void
on_gone(void *arg)
{
	struct house *o = arg;

	o->gone++;
}

static void
on_drain(void *arg)
{
	struct house *o = arg;

	o->drains++;
}

static void
on_request(void *arg, struct exchange *x)
{
	struct house *o = arg;
	const struct http1 *h = exchange_request(x);

	o->requests++;
	snprintf(o->asked, sizeof(o->asked), "%s %s %zu", h->method, h->target, h->body.len);
	snprintf(o->peer, sizeof(o->peer), "%s", exchange_peer(x));
	if (strcmp(h->target, "/again") == 0 && o->again++ < 2)
		exchange_again(x);
	else if (strcmp(h->target, "/wait") == 0) {
		exchange_watch(x, on_gone, on_drain, o);
		o->x = x;
	} else if (strcmp(h->target, "/none") == 0)
		exchange_whole(x, 204, NULL, NULL, 0);
	else {
		exchange_field(x, "X-Path", h->target);
		exchange_field(x, "X-Bad", "a\r\nb");
		exchange_whole(x, 200, "text/plain", "hello", 5);
	}
}

static void
on_over(void *arg, struct exchange *x)
{
	struct house *o = arg;

	o->overs++;
	o->status = exchange_status(x);
	o->sent = exchange_sent(x);
}

static void
on_drained(void *arg)
{
	struct house *o = arg;

	o->drained++;
}

static void
on_tick(void *arg)
{
	struct house *o = arg;

	loop_stop(o->loop);
}

static int
listen_somewhere(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&a, &n))
		exit(99);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
open_house(struct house *o, const struct conns_limits *l)
{
	struct conns_spec s = {
	    .limits = *l, .arg = o, .on_request = on_request, .on_over = on_over, .on_drained = on_drained};

	memset(o, 0, sizeof(*o));
	s.loop = o->loop = loop_new(NULL);
	o->tick = loop_timer_new(o->loop, on_tick, o);
	o->conns = conns_new(&s);
	o->fd = listen_somewhere(&o->port);
	if (conns_listen(o->conns, o->fd, 0, NULL))
		exit(99);
}

static void
close_house(struct house *o)
{
	conns_free(o->conns);
	loop_timer_free(o->tick);
	loop_free(o->loop);
	close(o->fd);
}

/* ── the client ── */

static void
turn(struct house *o)
{
	loop_timer_set(o->tick, 1);
	loop_run(o->loop);
}

static void
look(struct client *c)
{
	ssize_t n;

	while (!c->eof && (n = recv(c->fd, buf_reserve(&c->got, 65536), 65536, MSG_DONTWAIT)) >= 0) {
		c->got.len += (size_t)n;
		c->got.p[c->got.len] = '\0';
		c->eof = n == 0;
	}
	if (!c->eof && errno != EAGAIN) {
		c->error = errno;
		c->eof = 1;
	}
}

static struct client
call(struct house *o)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)o->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct client c = {.fd = socket(AF_INET, SOCK_STREAM, 0)};

	if (c.fd < 0 || connect(c.fd, (struct sockaddr *)&a, sizeof(a)))
		exit(99);
	return c;
}

static void
say(struct client *c, const char *text)
{
	if (send(c->fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		printf("# not all was sent\n");
}

static void
hang_up(struct client *c)
{
	close(c->fd);
	buf_release(&c->got);
}

/* Turns until this holds; 0: it never did. c: a client to look at. */
#define UNTIL(o, c, what) \
	({ \
		int64_t until_ = tm_mono_ms() + PATIENCE_MS; \
		while (look(c), !(what) && tm_mono_ms() < until_) \
			turn(o); \
		(what) ? 1 : 0; \
	})

/* So many times does this stand in what came. */
static int
times(const struct client *c, const char *text)
{
	int n = 0;

	for (const char *p = buf_str(&c->got); (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

static void
forget(struct client *c)
{
	buf_clear(&c->got);
}

/* ── tests ── */

static void
answers(void)
{
	struct house o;

	open_house(&o, &limits);
	struct client c = call(&o);
	say(&c, GET("/a"));
	tap_ok(UNTIL(&o, &c, times(&c, "hello")), "an answer");
	tap_ok(times(&c, "HTTP/1.1 200 OK\r\nDate: ") == 1 &&
		times(&c,
		    " GMT\r\nContent-Type: text/plain\r\n"
		    "Content-Length: 5\r\n") == 1,
	    "its head");
	tap_is_int(tm_http_date(strstr(c.got.p, "Date: ") + 6) - tm_now_ms() / 1000 + 1 <= 1, 1, "its date");
	tap_ok(
	    times(&c, "X-Path: /a\r\nX-Bad: a  b\r\n\r\nhello"), "fields of the handler, without control characters");
	tap_ok(!times(&c, "Connection:") && !c.eof, "the connection stays");
	tap_ok(strncmp(o.peer, "127.0.0.1:", 10) == 0, "who asked");
	forget(&c);
	say(&c, "HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n");
	tap_ok(UNTIL(&o, &c, times(&c, "\r\n\r\n")) && times(&c, "Content-Length: 5\r\n") && !times(&c, "hello"),
	    "HEAD gets the head alone");
	forget(&c);
	say(&c, GET("/none"));
	tap_ok(UNTIL(&o, &c, times(&c, "\r\n\r\n")) && times(&c, "204 No Content") && !times(&c, "Content-"), "204");
	tap_ok(o.overs == 3 && o.status == 204 && o.sent == 0, "each was told to be over");
	say(&c, GET("/again"));
	tap_ok(UNTIL(&o, &c, times(&c, "hello")) && o.requests == 6, "a request may be handled again");
	forget(&c);
	say(&c, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "Connection: close\r\n") && times(&c, "hello") && !c.error, "close");
	hang_up(&c);
	c = call(&o);
	say(&c, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	tap_ok(UNTIL(&o, &c, times(&c, "hello")) && times(&c, "Connection: keep-alive\r\n"), "HTTP/1.0 that stays");
	forget(&c);
	say(&c, "GET / HTTP/1.0\r\n\r\n");
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "hello") && !c.error, "and that goes");
	hang_up(&c);
	c = call(&o);
	say(&c, GET("/"));
	shutdown(c.fd, SHUT_WR);
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "hello"), "half a close behind what is answered at once");
	hang_up(&c);
	close_house(&o);
}

static void
pipelines(void)
{
	struct house o;
	struct buf many = BUF_INIT;

	open_house(&o, &limits);
	struct client c = call(&o);
	say(&c, GET("/wait") "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" GET("/c"));
	tap_ok(UNTIL(&o, &c, o.x), "the first of three");
	turn(&o);
	tap_is_int(o.requests, 1, "the others wait");
	exchange_whole(o.x, 200, "text/plain", "first", 5);
	tap_ok(UNTIL(&o, &c, times(&c, "hello") == 2), "then they are answered");
	tap_ok(strstr(c.got.p, "first") < strstr(c.got.p, "X-Path: /b") &&
		strstr(c.got.p, "/b") < strstr(c.got.p, "X-Path: /c"),
	    "in their order");
	forget(&c);
	for (int i = 0; i < 5000; i++)
		buf_adds(&many, GET("/x"));
	fcntl(c.fd, F_SETFL, O_NONBLOCK);
	size_t at = 0;
	tap_ok(UNTIL(&o, &c, ({
		ssize_t n = at < many.len ? send(c.fd, many.p + at, many.len - at, MSG_NOSIGNAL) : 0;
		at += n > 0 ? (size_t)n : 0;
		times(&c, "hello") == 5000;
	})),
	    "5000 at once");
	o.x = NULL;
	fcntl(c.fd, F_SETFL, 0);
	say(&c, GET("/wait"));
	UNTIL(&o, &c, o.x);
	fcntl(c.fd, F_SETFL, O_NONBLOCK);
	uint64_t before = conns_count(o.conns)->bytes_in;
	for (int i = 0; i < 50; i++) {
		send(c.fd, many.p, many.len, MSG_NOSIGNAL);
		turn(&o);
	}
	tap_ok(conns_count(o.conns)->bytes_in - before <= 3 * 65536, "what comes too early isn't read without end");
	exchange_whole(o.x, 200, "text/plain", "late", 4);
	forget(&c);
	tap_ok(UNTIL(&o, &c, times(&c, "hello") > 4000), "reading goes on");
	hang_up(&c);
	buf_release(&many);
	close_house(&o);
}

static void
streams(void)
{
	struct house o;

	open_house(&o, &limits);
	struct client c = call(&o);
	say(&c, GET("/wait"));
	UNTIL(&o, &c, o.x);
	exchange_begin(o.x, 200, "text/event-stream");
	turn(&o);
	tap_ok(UNTIL(&o, &c, times(&c, "\r\n\r\n")) && times(&c, "Transfer-Encoding: chunked\r\n"), "a head alone");
	forget(&c);
	exchange_write(o.x, "ab", 2);
	exchange_write(o.x, "cdefghijklmnopq", 15);
	UNTIL(&o, &c, c.got.len);
	tap_is_str(buf_str(&c.got), "11\r\nabcdefghijklmnopq\r\n", "what is written in one turn is one chunk");
	forget(&c);
	exchange_write(o.x, "r", 1);
	exchange_end(o.x);
	UNTIL(&o, &c, c.got.len);
	tap_is_str(buf_str(&c.got), "1\r\nr\r\n0\r\n\r\n", "the last chunks");
	tap_ok(UNTIL(&o, &c, o.overs == 1) && o.sent == 18 && o.status == 200, "its bytes are counted");
	forget(&c);
	say(&c, GET("/"));
	tap_ok(UNTIL(&o, &c, times(&c, "hello")), "the connection goes on");
	o.x = NULL;
	say(&c, GET("/wait"));
	UNTIL(&o, &c, o.x);
	forget(&c);
	exchange_begin(o.x, 200, "text/plain");
	exchange_write(o.x, "x", 1);
	exchange_cut(o.x);
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "1\r\nx\r\n") && !times(&c, "0\r\n\r\n"), "an answer that is cut");
	hang_up(&c);

	for (int cut = 0; cut < 2; cut++) {
		o.x = NULL;
		c = call(&o);
		say(&c, "GET /wait HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
		UNTIL(&o, &c, o.x);
		exchange_begin(o.x, 200, "text/plain");
		exchange_write(o.x, "abc", 3);
		tap_ok(UNTIL(&o, &c, times(&c, "Connection: close\r\n\r\nabc")), "HTTP/1.0 gets no chunks");
		cut ? exchange_cut(o.x) : exchange_end(o.x);
		tap_ok(UNTIL(&o, &c, c.eof) && c.error == (cut ? ECONNRESET : 0), "its end is a %s",
		    cut ? "reset where it is cut" : "close");
		hang_up(&c);
	}
	o.x = NULL;
	c = call(&o);
	say(&c, "HEAD /wait HTTP/1.1\r\nHost: h\r\n\r\n");
	UNTIL(&o, &c, o.x);
	exchange_begin(o.x, 200, "text/plain");
	exchange_write(o.x, "abc", 3);
	exchange_end(o.x);
	say(&c, GET("/"));
	tap_ok(UNTIL(&o, &c, times(&c, "hello")) && times(&c, "chunked\r\n\r\nHTTP/1.1 200"), "HEAD of a stream");
	hang_up(&c);
	close_house(&o);
}

static void
leaves(void)
{
	struct house o;

	open_house(&o, &limits);
	for (int streaming = 0; streaming < 2; streaming++) {
		struct client c = call(&o), none = {.fd = -1, .eof = 1};
		o.x = NULL;
		say(&c, GET("/wait"));
		UNTIL(&o, &c, o.x);
		if (streaming) {
			exchange_begin(o.x, 200, "text/plain");
			exchange_write(o.x, "abc", 3);
			UNTIL(&o, &c, times(&c, "abc"));
		}
		hang_up(&c);
		int64_t start = tm_mono_us();
		tap_ok(UNTIL(&o, &none, o.gone == streaming + 1), "a client that leaves is noticed");
		tap_ok(tm_mono_us() - start < 100000, "soon");
		tap_ok(exchange_is_gone(o.x) && o.overs == streaming, "the handler ends the exchange");
		exchange_write(o.x, "def", 3);
		exchange_end(o.x);
		tap_ok(UNTIL(&o, &none, o.overs == streaming + 1), "then it is over");
	}
	tap_is_int((long long)conns_count(o.conns)->open, 0, "no connection is left");
	struct client c = call(&o);
	o.x = NULL;
	say(&c, GET("/wait"));
	UNTIL(&o, &c, o.x);
	conns_cut(o.conns);
	tap_ok(UNTIL(&o, &c, c.eof) && o.gone == 3, "all are cut");
	exchange_whole(o.x, 200, "text/plain", "x", 1);
	tap_ok(UNTIL(&o, &c, o.overs == 3), "what is written then is lost");
	hang_up(&c);
	close_house(&o);
}

static int
check_big(const struct client *c, size_t n)
{
	const char *p = strstr(c->got.p, "\r\n\r\n") + 4, *end = c->got.p + c->got.len;
	size_t at = 0;

	for (char *after; p < end; p = after + 2) {
		size_t size = strtoul(p, &after, 16);
		if (size == 0)
			return at == n;
		for (after += 2; size > 0; size--)
			if (*after++ != (char)('a' + at++ / 1000 % 26))
				return 0;
	}
	return 0;
}

static void
pressure(void)
{
	struct house o;
	struct conns_limits l = limits;
	char piece[1000];
	size_t n = 0;

	l.write_ms = 200;
	open_house(&o, &l);
	struct client c = call(&o);
	say(&c, GET("/wait"));
	while (!o.x)
		turn(&o);
	exchange_begin(o.x, 200, "text/plain");
	for (int stalls = 0, reads = 0; n < 5 * BIG / 1000 && stalls < PATIENCE_MS;) {
		memset(piece, 'a' + (int)(n % 26), sizeof(piece));
		if (!exchange_full(o.x)) {
			exchange_write(o.x, piece, sizeof(piece));
			n++;
			stalls = 0;
			continue;
		}
		turn(&o);
		reads |= stalls++ > 20; /* it waits for the client */
		if (reads)
			look(&c);
	}
	tap_is_int((long long)n, 5 * BIG / 1000, "the handler is told to go on");
	exchange_end(o.x);
	tap_ok(UNTIL(&o, &c, o.overs == 1), "a long answer");
	UNTIL(&o, &c, times(&c, "\r\n0\r\n\r\n"));
	tap_ok(o.drains > 1, "the handler was held back");
	tap_ok(check_big(&c, n * 1000), "its bytes are right");
	o.x = NULL;
	say(&c, GET("/wait"));
	while (!o.x)
		turn(&o);
	char *big = calloc(1, 8 * BIG);
	int64_t start = tm_mono_ms();
	exchange_whole(o.x, 200, "text/plain", big, 8 * BIG);
	free(big);
	while (o.overs == 1 && tm_mono_ms() < start + PATIENCE_MS)
		turn(&o);
	tap_ok(o.overs == 2 && tm_mono_ms() - start >= 150, "a client that takes nothing is cut");
	hang_up(&c);
	close_house(&o);
}

static void
times_out(void)
{
	struct house o;
	struct conns_limits l = limits;

	l.head_ms = 60;
	l.body_ms = 90;
	l.idle_ms = 150;
	open_house(&o, &l);
	struct client silent = call(&o), head = call(&o), body = call(&o), idle = call(&o);
	say(&head, "GET / HT");
	say(&body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
	say(&idle, GET("/"));
	tap_ok(UNTIL(&o, &silent, silent.eof) && silent.got.len == 0, "a client that says nothing is left");
	tap_ok(UNTIL(&o, &head, head.eof) && times(&head, "HTTP/1.1 408 ") && times(&head, "Connection: close\r\n"),
	    "a slow head");
	tap_ok(UNTIL(&o, &body, body.eof) && times(&body, "HTTP/1.1 408 "), "a slow body");
	tap_ok(UNTIL(&o, &idle, idle.eof) && times(&idle, "hello") && !times(&idle, "408"), "an idle connection");
	tap_is_int(o.requests, 1, "none but that was a request");
	hang_up(&silent);
	hang_up(&head);
	hang_up(&body);
	hang_up(&idle);
	close_house(&o);
}

static void
limited(void)
{
	struct house o;
	struct conns_limits l = limits;

	l.connections = 2;
	l.requests = 2;
	l.held_bytes = 1000;
	open_house(&o, &l);
	struct client a = call(&o), b = call(&o), c = call(&o);
	say(&c, GET("/"));
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "HTTP/1.1 503 ") && times(&c, "Retry-After: 1\r\n") && !c.error,
	    "one connection too many");
	tap_is_int((long long)conns_count(o.conns)->refused, 1, "it is counted");
	hang_up(&c);
	say(&a, GET("/"));
	tap_ok(UNTIL(&o, &a, times(&a, "hello")) && !times(&a, "close"), "the first of two requests");
	say(&a, GET("/"));
	tap_ok(UNTIL(&o, &a, a.eof) && times(&a, "Connection: close") == 1 && times(&a, "hello") == 2, "the last");
	hang_up(&a);
	say(&b, "POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcdef");
	UNTIL(&o, &b, o.x);
	a = call(&o);
	say(&a, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 995\r\n\r\n");
	tap_ok(UNTIL(&o, &a, a.eof) && times(&a, "HTTP/1.1 503 "), "one body too many");
	hang_up(&a);
	exchange_whole(o.x, 200, "text/plain", "x", 1);
	UNTIL(&o, &b, o.overs == 3);
	a = call(&o);
	say(&a, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 995\r\nExpect: 100-continue\r\n\r\n");
	tap_ok(UNTIL(&o, &a, a.got.len), "there is room again");
	tap_is_str(buf_str(&a.got), "HTTP/1.1 100 Continue\r\n\r\n", "a client that waits is told to go on");
	for (int i = 0; i < 199; i++)
		say(&a, "12345");
	tap_ok(UNTIL(&o, &a, times(&a, "hello")) && times(&a, "100 Continue") == 1, "and answered");
	tap_is_str(o.asked, "POST / 995", "with its body");
	hang_up(&a);
	hang_up(&b);
	close_house(&o);
}

static void
bad(void)
{
	struct house o;
	char more[10000];

	memset(more, 'x', sizeof(more));
	open_house(&o, &limits);
	struct client c = call(&o);
	say(&c, GET("/") "GET / HTTP/1.1\r\n\r\n");
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "hello") && times(&c, "HTTP/1.1 400 Bad Request"), "a bad request");
	tap_ok(times(&c, "{\"error\":{\"code\":400,\"message\":\"no Host\"}}") && times(&c, "application/json"), "why");
	hang_up(&c);
	c = call(&o);
	say(&c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
	for (int i = 0; i < 5; i++) {
		turn(&o);
		send(c.fd, more, sizeof(more), MSG_NOSIGNAL);
	}
	tap_ok(UNTIL(&o, &c, c.eof || times(&c, "413")) && times(&c, "HTTP/1.1 413 ") && !c.error,
	    "who still sends sees the answer");
	hang_up(&c);
	c = call(&o);
	say(&c, "HEAD * HTTP/1.1\r\nHost: h\r\n\r\n");
	tap_ok(UNTIL(&o, &c, c.eof) && times(&c, "400") && !times(&c, "{"), "HEAD gets no body even then");
	tap_is_int((long long)conns_count(o.conns)->bad, 3, "they are counted");
	hang_up(&c);
	close_house(&o);
}

static void
drains(void)
{
	struct house o;

	for (int hold = 0; hold < 2; hold++) {
		struct conns_limits l = limits;
		l.idle_ms = 100;
		open_house(&o, &l);
		struct client idle = call(&o), busy = call(&o);
		say(&idle, GET("/"));
		UNTIL(&o, &idle, times(&idle, "hello"));
		say(&busy, GET("/wait"));
		UNTIL(&o, &busy, o.x);
		conns_drain(o.conns, hold);
		turn(&o);
		turn(&o);
		look(&idle);
		tap_is_int(idle.eof, !hold, hold ? "an idle connection is held" : "an idle connection is closed");
		if (hold) {
			say(&idle, GET("/"));
			tap_ok(UNTIL(&o, &idle, idle.eof) && times(&idle, "hello") == 2 &&
				times(&idle, "Connection: close"),
			    "for one more request");
		}
		tap_ok(!o.drained, "it isn't drained while one is answered");
		exchange_whole(o.x, 200, "text/plain", "end", 3);
		loop_timer_stop(o.tick);
		loop_run(o.loop);
		look(&busy);
		tap_ok(busy.eof && times(&busy, "Connection: close") && times(&busy, "end"), "the answer says so");
		tap_is_int(o.drained, 1, "drained");
		hang_up(&idle);
		hang_up(&busy);
		close_house(&o);
	}
	open_house(&o, &limits);
	conns_drain(o.conns, 0);
	loop_run(o.loop);
	tap_is_int(o.drained, 1, "without any connection too");
	close_house(&o);
}

static void
unix_sockets(void)
{
	struct house o;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct client c = {.fd = socket(AF_UNIX, SOCK_STREAM, 0)};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/conn-test-%d.sock", (int)getpid());
	open_house(&o, &limits);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 9) || conns_listen(o.conns, fd, 1, NULL) ||
	    connect(c.fd, (struct sockaddr *)&a, sizeof(a)))
		exit(99);
	unlink(a.sun_path);
	say(&c, GET("/"));
	tap_ok(UNTIL(&o, &c, times(&c, "hello")), "an answer through a Unix socket");
	tap_is_str(o.peer, "unix", "whose peer has no address");
	hang_up(&c);
	close(fd);
	close_house(&o);
}

int
main(void)
{
	answers();
	pipelines();
	streams();
	leaves();
	pressure();
	times_out();
	limited();
	bad();
	drains();
	unix_sockets();
	return tap_done();
}
