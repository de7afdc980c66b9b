/* SPDX-License-Identifier: ISC */
/* Transfers against a server of our own, a thread a connection: how they end, and who may end them when. */
#include "http.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "loop.h"
#include "tap.h"
#include "tm.h"

#define PATIENCE_MS 3000 /* how long the server keeps silent where it does */

static int port;

static void
put(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t w = send(fd, s, n, MSG_NOSIGNAL);
		if (w <= 0)
			return;
		s += w;
		n -= (size_t)w;
	}
}

static void
say(int fd, const char *s)
{
	put(fd, s, strlen(s));
}

/* Until the peer goes, or for so long. */
static void
silence(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLRDHUP};

	poll(&p, 1, ms);
}

static void
whole(int fd, const char *body, size_t n)
{
	char head[200];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nX-Odd:\t  two words \t\r\nConnection: close\r\n\r\n", n);
	say(fd, head);
	put(fd, body, n);
}

static void
big(int fd, size_t n)
{
	char *p = malloc(n);

	memset(p, 'x', n);
	whole(fd, p, n);
	free(p);
}

static void
endless_head(int fd)
{
	char line[1024];

	memset(line, 'h', sizeof(line));
	memcpy(line, "x-a: ", 5);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 400; i++)
		put(fd, line, sizeof(line));
	say(fd, "\r\n");
}

/* Reads a request, headers and body. */
static void
read_request(int fd, struct buf *b)
{
	const char *end, *len;
	size_t want = 0;

	for (;;) {
		ssize_t n = recv(fd, buf_reserve(b, 65536), 65536, 0);
		if (n <= 0)
			return;
		b->len += (size_t)n;
		b->p[b->len] = '\0';
		end = strstr(b->p, "\r\n\r\n");
		if (!end)
			continue;
		len = strcasestr(b->p, "\r\ncontent-length:");
		want = len && len < end ? strtoul(len + 17, NULL, 10) : 0;
		if (b->len >= (size_t)(end + 4 - b->p) + want)
			return;
	}
}

static void
answer(int fd, const struct buf *request)
{
	const char *path = strchr(buf_str(request), '/');

	if (!path)
		return;
	if (strncmp(path, "/hello ", 7) == 0) {
		whole(fd, "hello", 5);
	} else if (strncmp(path, "/echo ", 6) == 0) {
		whole(fd, request->p, request->len);
	} else if (strncmp(path, "/big ", 5) == 0) {
		big(fd, 8 << 20);
	} else if (strncmp(path, "/chunks ", 8) == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\none\r\n");
		for (int i = 0; i < 4; i++) {
			silence(fd, 60);
			say(fd, "2\r\n.x\r\n");
		}
		say(fd, "0\r\n\r\n");
	} else if (strncmp(path, "/late ", 6) == 0) {
		silence(fd, PATIENCE_MS);
		whole(fd, "late", 4);
	} else if (strncmp(path, "/silent ", 8) == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
		silence(fd, PATIENCE_MS);
	} else if (strncmp(path, "/slow-silent ", 13) == 0) {
		silence(fd, 300);
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
		silence(fd, PATIENCE_MS);
	} else if (strncmp(path, "/head ", 6) == 0) {
		endless_head(fd);
	} else if (strncmp(path, "/cut ", 5) == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
	} else if (strncmp(path, "/garbage ", 9) == 0) {
		say(fd, "hello, this is no HTTP\r\n\r\n");
	} else if (strncmp(path, "/moved ", 7) == 0) {
		say(fd,
		    "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 5\r\nConnection: close\r\n\r\nmoved");
	} else if (strncmp(path, "/early ", 7) == 0) {
		say(fd,
		    "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	} else if (strncmp(path, "/bad ", 5) == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\nzz\r\n");
	}
	/* anything else: closed without a word */
}

/* How many requests came on this connection, and this one. Non-zero: another may come. */
static int
answer_kept(int fd, const struct buf *request, int n)
{
	const char *path = strchr(buf_str(request), '/');
	struct buf b = BUF_INIT;

	if (!path || (strncmp(path, "/kept ", 6) != 0 && strncmp(path, "/dropped ", 9) != 0))
		return 0;
	buf_addf(&b, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%d %s", request->len + 2, n, request->p);
	put(fd, b.p, b.len);
	buf_release(&b);
	return path[1] == 'k';
}

static void *
serve_one(void *arg)
{
	int fd = (int)(long)arg, n = 1;
	struct buf request = BUF_INIT;

	read_request(fd, &request);
	while (answer_kept(fd, &request, n++)) {
		buf_clear(&request);
		read_request(fd, &request);
	}
	answer(fd, &request);
	/* a graceful end: what was sent must not be lost by a reset */
	shutdown(fd, SHUT_WR);
	silence(fd, 1000);
	close(fd);
	buf_release(&request);
	return NULL;
}

static void *
serve(void *arg)
{
	pthread_attr_t detached;
	pthread_t t;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&detached, 256 * 1024);
	for (;;) {
		int fd = accept((int)(long)arg, NULL, NULL);
		if (fd < 0)
			return NULL;
		if (pthread_create(&t, &detached, serve_one, (void *)(long)fd))
			close(fd);
	}
}

/* The server is a process of its own, so that its threads are none of ours. */
static pid_t
start_server(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || listen(fd, 512) ||
	    getsockname(fd, (struct sockaddr *)&a, &n))
		exit(1);
	port = ntohs(a.sin_port);
	pid_t pid = fork();
	if (pid == 0) {
		serve((void *)(long)fd);
		_exit(0);
	}
	close(fd);
	return pid;
}

struct get {
	struct loop *loop;
	struct http *http;
	struct http_xfer *xfer;
	struct buf body, headers;
	int status, n_head, n_body, n_done, after_end;
	enum err_kind kind; /* ERR_NONE: complete */
	int64_t start_ms, ms;
	int *left; /* transfers of this loop that run; NULL: only this one */
	/* what is done in the callbacks */
	enum { NOTHING, CANCEL_IN_BODY, CANCEL_IN_HEAD, CANCEL_IN_HEADER, ENOUGH } act;
	struct loop_timer *resume;
	int64_t pause_ms;
	int paused, in_pause, pauses_left;
};

static void
over(struct get *g)
{
	g->ms = tm_mono_ms() - g->start_ms;
	if (!g->left || --*g->left == 0)
		loop_stop(g->loop);
}

static void
cancel(struct get *g)
{
	http_cancel(g->xfer);
	g->xfer = NULL;
	over(g);
}

static void
on_header(void *arg, const char *name, const char *value)
{
	struct get *g = arg;

	g->after_end += !g->xfer;
	buf_addf(&g->headers, "%s=%s;", name, value);
	if (g->act == CANCEL_IN_HEADER && g->xfer)
		cancel(g);
}

static void
on_head(void *arg, int status)
{
	struct get *g = arg;

	g->after_end += !g->xfer;
	g->n_head++;
	g->status = status;
	if (g->act == CANCEL_IN_HEAD && g->xfer)
		cancel(g);
}

static void
resume(void *arg)
{
	struct get *g = arg;

	g->paused = 0;
	http_resume(g->xfer);
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct get *g = arg;

	g->after_end += !g->xfer;
	g->in_pause += g->paused;
	g->n_body++;
	buf_add(&g->body, p, n);
	if (g->act == CANCEL_IN_BODY && g->xfer && !g->pauses_left)
		cancel(g);
	if (g->pauses_left) {
		g->pauses_left--;
		g->paused = 1;
		http_pause(g->xfer);
		loop_timer_set(g->resume, g->pause_ms);
	}
	return g->act == ENOUGH;
}

static void
on_done(void *arg, const struct err *e)
{
	struct get *g = arg;

	g->after_end += !g->xfer;
	g->xfer = NULL;
	g->n_done++;
	g->kind = e ? e->kind : ERR_NONE;
	over(g);
}

static void
ask(struct get *g, const char *path, int64_t first_ms, int64_t idle_ms)
{
	char url[100];
	struct http_req r = {.method = "GET",
	    .url = url,
	    .connect_ms = 3000,
	    .first_ms = first_ms,
	    .idle_ms = idle_ms,
	    .arg = g,
	    .on_header = on_header,
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);
	g->start_ms = tm_mono_ms();
	g->xfer = http_start(g->http, &r);
}

static void
begin(struct get *g)
{
	memset(g, 0, sizeof(*g));
	g->loop = loop_new(NULL);
	g->http = http_new(g->loop, NULL);
	g->resume = loop_timer_new(g->loop, resume, g);
}

static void
end(struct get *g)
{
	http_free(g->http);
	loop_timer_free(g->resume);
	loop_free(g->loop);
	buf_release(&g->body);
	buf_release(&g->headers);
}

static void
fetch(struct get *g, const char *path, unsigned act, int64_t first_ms, int64_t idle_ms)
{
	begin(g);
	g->act = act;
	ask(g, path, first_ms, idle_ms);
	loop_run(g->loop);
}

static void
basics(void)
{
	struct get g;

	begin(&g);
	ask(&g, "/hello", 0, 0);
	tap_ok(g.n_done + g.n_head + g.n_body == 0, "nothing is called from inside http_start");
	loop_run(g.loop);
	tap_ok(g.n_done == 1 && g.kind == ERR_NONE && g.status == 200 && g.n_head == 1, "a whole answer");
	tap_is_str(buf_str(&g.body), "hello", "its body");
	tap_ok(strstr(g.headers.p, "x-odd=two words;") && strstr(g.headers.p, "content-length=5;"),
	    "headers in lower case, without blanks around");
	end(&g);

	fetch(&g, "/chunks", NOTHING, 2000, 2000);
	tap_ok(g.kind == ERR_NONE && strcmp(buf_str(&g.body), "one.x.x.x.x") == 0, "chunks");
	end(&g);
	fetch(&g, "/big", NOTHING, 2000, 2000);
	tap_ok(g.kind == ERR_NONE && g.body.len == 8 << 20, "eight megabytes");
	end(&g);
	fetch(&g, "/moved", NOTHING, 0, 0);
	tap_ok(g.kind == ERR_NONE && g.status == 302 && strcmp(buf_str(&g.body), "moved") == 0,
	    "a redirect isn't followed");
	end(&g);
	fetch(&g, "/early", NOTHING, 0, 0);
	tap_ok(g.kind == ERR_NONE && g.status == 503 && g.n_head == 1 && g.n_body == 0 &&
		strstr(g.headers.p, "retry-after=7;"),
	    "the final status, told once, without a body too");
	end(&g);
}

static void
post(void)
{
	static const char *const header[] = {"Content-Type: application/json", "X-One: 1", NULL};
	struct get g;
	char url[100];

	begin(&g);
	struct buf post = BUF_INIT;
	buf_add(&post, "a\0b", 3);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/echo", port);
	struct http_req r = {.method = "POST",
	    .url = url,
	    .header = header,
	    .body = &post,
	    .arg = &g,
	    .on_body = on_body,
	    .on_done = on_done};
	g.xfer = http_start(g.http, &r);
	memset(url, '#', sizeof(url) - 1);
	loop_run(g.loop);
	tap_ok(g.kind == ERR_NONE && strncmp(buf_str(&g.body), "POST /echo HTTP/1.1\r\n", 21) == 0, "the request line");
	tap_ok(strstr(g.body.p, "\r\nX-One: 1\r\n") && strstr(g.body.p, "\r\nContent-Type: application/json\r\n") &&
		strstr(g.body.p, "\r\nContent-Length: 3\r\n"),
	    "headers");
	tap_ok(
	    !strcasestr(g.body.p, "Expect:") && strcasestr(g.body.p, "User-Agent: orutils/"), "no Expect, but a name");
	tap_is_mem(g.body.p + g.body.len - 7, 7, "\r\n\r\na\0b", 7, "the body, NUL and all");
	end(&g);
}

static void
fails(const char *path, enum err_kind kind, int64_t first_ms, int64_t idle_ms, int64_t least_ms, int64_t most_ms,
    const char *name)
{
	struct get g;

	fetch(&g, path, NOTHING, first_ms, idle_ms);
	int ok = tap_ok(g.n_done == 1 && g.kind == kind && g.ms >= least_ms && g.ms <= most_ms, "%s", name);
	if (!ok)
		printf("# got kind %d after %lld ms\n", (int)g.kind, (long long)g.ms);
	end(&g);
}

static void
failures(void)
{
	struct get g;

	fails("/cut", ERR_TEMPORARY, 0, 0, 0, 2000, "a body that is cut");
	fails("/nothing", ERR_TEMPORARY, 0, 0, 0, 2000, "a connection closed without a word");
	fails("/garbage", ERR_PROTOCOL, 0, 0, 0, 2000, "no HTTP at all");
	fails("/bad", ERR_PROTOCOL, 0, 0, 0, 2000, "a bad chunk");
	fails("/head", ERR_PROTOCOL, 0, 0, 0, 2000, "headers without end");
	fails("/late", ERR_TEMPORARY, 150, 0, 140, 1000, "silent before the first byte");
	fails("/late", ERR_TEMPORARY, 150, 5000, 140, 1000, "the first limit is the shorter one");
	fails("/silent", ERR_TEMPORARY, 150, 150, 140, 1000, "silent after it");
	fails("/silent", ERR_TEMPORARY, 2500, 150, 140, 1200, "the limit between bytes is the shorter one");
	fails("/slow-silent", ERR_TEMPORARY, 2500, 150, 440, 1500, "and holds from the first byte on");
	fails("/silent", ERR_TEMPORARY, 0, 150, 140, 1500, "no limit for the first byte");
	fails("/chunks", ERR_NONE, 150, 150, 200, 2000, "bytes that come in time");

	int there = port, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	if (bind(fd, (struct sockaddr *)&a, n) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	fails("/hello", ERR_UNREACHABLE, 0, 0, 0, 2000, "a port where nobody listens");
	port = there;
	close(fd);

	fetch(&g, "/cut", NOTHING, 0, 0);
	tap_ok(g.status == 200 && strcmp(buf_str(&g.body), "some") == 0, "what came before a cut was given");
	end(&g);
}

static void
cancels(void)
{
	static const char *const names[] = {
	    [CANCEL_IN_BODY] = "on_body", [CANCEL_IN_HEAD] = "on_head", [CANCEL_IN_HEADER] = "on_header"};
	struct get g;

	for (unsigned act = CANCEL_IN_BODY; act <= CANCEL_IN_HEADER; act++) {
		fetch(&g, "/big", act, 1000, 1000);
		tap_ok(g.n_done == 0 && g.after_end == 0, "cancelled in %s: nothing is called afterwards", names[act]);
		end(&g);
	}
	fetch(&g, "/big", ENOUGH, 1000, 1000);
	tap_ok(g.n_done == 1 && g.kind == ERR_NONE && g.n_body == 1, "enough: no error");
	end(&g);
	fetch(&g, "/silent", ENOUGH, 1000, 1000);
	tap_ok(g.n_done == 1 && g.kind == ERR_NONE && g.ms < 900, "enough doesn't wait for more");
	end(&g);

	begin(&g);
	ask(&g, "/hello", 100, 100);
	http_cancel(g.xfer);
	g.xfer = NULL;
	ask(&g, "/hello", 0, 0);
	loop_run(g.loop);
	tap_ok(g.n_done == 1 && g.kind == ERR_NONE, "one is cancelled before it began, the next one runs");
	end(&g);
}

static void
pauses(void)
{
	struct get g;

	begin(&g);
	g.pauses_left = 3;
	g.pause_ms = 60;
	ask(&g, "/big", 1000, 1000);
	loop_run(g.loop);
	tap_ok(g.kind == ERR_NONE && g.body.len == 8 << 20 && g.in_pause == 0 && g.ms >= 170,
	    "paused three times: nothing comes meanwhile, nothing is lost");
	end(&g);

	begin(&g);
	g.pauses_left = 1;
	g.pause_ms = 400;
	ask(&g, "/chunks", 150, 150);
	loop_run(g.loop);
	tap_ok(g.kind == ERR_NONE && strcmp(buf_str(&g.body), "one.x.x.x.x") == 0 && g.in_pause == 0,
	    "the idle timer stands still in a pause");
	end(&g);

	begin(&g);
	g.pauses_left = 1;
	g.pause_ms = 20000;
	ask(&g, "/big", 100, 100);
	loop_timer_set(g.resume, 20000);
	http_free(g.http);
	g.http = NULL;
	tap_ok(g.n_done == 0, "freed while it is paused");
	end(&g);
}

/* What libcurl held back in a pause is given from inside of http_resume: also then a transfer may be cancelled. In a child of its own: where it
 * goes wrong, it goes wrong badly. */
static void
cancel_in_resume(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct get g;
		begin(&g);
		g.act = CANCEL_IN_BODY;
		g.pauses_left = 1;
		g.pause_ms = 200;
		ask(&g, "/big", 0, 0);
		loop_run(g.loop);
		int ok = g.n_done == 0 && g.after_end == 0 && g.body.len > 0;
		end(&g);
		_exit(!ok);
	}
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0, "cancelled in the on_body that a resume brings");
}

#define MANY 200

static void
many(void)
{
	static const char *const paths[] = {"/hello", "/chunks", "/cut", "/hello", "/silent"};
	static const enum err_kind kinds[] = {ERR_NONE, ERR_NONE, ERR_TEMPORARY, ERR_NONE, ERR_TEMPORARY};
	static struct get g[MANY];
	struct loop *l = loop_new(NULL);
	struct http *h = http_new(l, NULL);
	int left = MANY, good = 0;

	for (int i = 0; i < MANY; i++) {
		g[i].loop = l;
		g[i].http = h;
		g[i].left = &left;
		g[i].act = i % 7 == 6 ? CANCEL_IN_BODY : NOTHING;
		ask(g + i, paths[i % 5], 2500, 600);
	}
	loop_run(l);
	for (int i = 0; i < MANY; i++) {
		int done = g[i].act == NOTHING;
		good += g[i].n_done == done && (!done || g[i].kind == kinds[i % 5]) && g[i].after_end == 0;
		buf_release(&g[i].body);
		buf_release(&g[i].headers);
	}
	tap_is_int(good, MANY, "two hundred at once, each with its own end");
	http_free(h);
	loop_free(l);
}

/* Of two that arrive at once. */
static struct {
	const void *of; /* the transfer whose body came last, and wasn't said to be dealt with */
	int n_mixed, n_parts;
	int n_sent;
} undealt;

static void
on_sent(void *arg)
{
	struct get *g = arg;

	if (++undealt.n_sent == 2)
		loop_stop(g->loop);
}

static int
on_part(void *arg, const char *p, size_t n)
{
	(void)p;
	(void)n;
	undealt.n_parts++;
	undealt.n_mixed += undealt.of && undealt.of != arg;
	undealt.of = arg;
	return 0;
}

static void
on_dealt(void *arg)
{
	(void)arg;
	undealt.of = NULL;
}

static void
dealt(void)
{
	struct get a, b = {0};
	int left = 2;
	char url[100];
	struct http_req r = {.method = "GET", .url = url, .on_sent = on_sent, .on_body = on_part, .on_done = on_done};

	begin(&a);
	b.loop = a.loop;
	a.left = b.left = &left;
	loop_on_dealt(a.loop, on_dealt, NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/hello", port);
	r.arg = &a;
	a.xfer = http_start(a.http, &r);
	r.arg = &b;
	b.xfer = http_start(a.http, &r);
	loop_run(a.loop);
	usleep(100000); /* both answers wait in their sockets */
	loop_run(a.loop);
	tap_ok(a.n_done && b.n_done && undealt.n_parts == 2, "two answers in one turn of the loop");
	tap_ok(undealt.n_mixed == 0 && !undealt.of, "what came for one is dealt with before the other is looked at");
	end(&a);
}

static void
freed_running(void)
{
	static struct get g[30];
	struct loop *l = loop_new(NULL);
	struct http *h = http_new(l, NULL);
	int left = 31, called = 0;

	for (int i = 0; i < 30; i++) {
		g[i].loop = l;
		g[i].http = h;
		g[i].left = &left;
		ask(g + i, i % 2 ? "/silent" : "/late", 5000, 5000);
	}
	struct get one;
	memset(&one, 0, sizeof(one));
	one.loop = l;
	one.http = h;
	ask(&one, "/chunks", 0, 0);
	loop_run(l);
	http_free(h);
	for (int i = 0; i < 30; i++) {
		called += g[i].n_done;
		buf_release(&g[i].body);
		buf_release(&g[i].headers);
	}
	tap_ok(called == 0 && one.n_done == 1, "freed with thirty transfers running: none is called");
	loop_free(l);
	buf_release(&one.body);
	buf_release(&one.headers);
}

static void
wait_over(void *arg)
{
	loop_stop(arg);
}

/* One after the other: what one transfer had set is nothing to the next, and a connection that the server closed isn't used. */
static void
one_after_another(void)
{
	static const char *const header[] = {"X-One: 1", NULL}, *const no_header[] = {NULL};
	static const struct {
		const char *path, *body;
	} all[] = {{"kept", "abc"}, {"kept", NULL}, {"dropped", "de"}, {"kept", NULL}, {"kept", "f"}};
	struct buf got = BUF_INIT;
	struct get g;
	char url[100];
	int is_clean = 1;

	begin(&g);
	struct loop_timer *t = loop_timer_new(g.loop, wait_over, g.loop);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct buf body = BUF_INIT;
		buf_adds(&body, all[i].body ? all[i].body : "");
		buf_clear(&g.body);
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/%s", port, all[i].path);
		struct http_req r = {.method = all[i].body ? "POST" : "GET",
		    .url = url,
		    .header = i == 0 ? header : no_header,
		    .body = all[i].body ? &body : NULL,
		    .arg = &g,
		    .on_body = on_body,
		    .on_done = on_done};
		g.xfer = http_start(g.http, &r);
		loop_run(g.loop);
		const char *end = strstr(buf_str(&g.body), "\r\n\r\n");
		buf_addf(&got, "%.6s%s;", buf_str(&g.body), end ? end + 4 : "?");
		is_clean &= !strstr(buf_str(&g.body), "X-One") == (i > 0);
		is_clean &= !strcasestr(buf_str(&g.body), "Content-Length") == !all[i].body;
		loop_timer_set(t, 50);
		loop_run(g.loop);
		buf_release(&body);
	}
	tap_is_str(got.p, "1 POSTabc;2 GET ;3 POSTde;1 GET ;2 POSTf;", "connections are used again, those that stand");
	tap_ok(is_clean, "with nothing of the transfer before");
	loop_timer_free(t);
	buf_release(&got);
	end(&g);
}

int
main(void)
{
	pid_t server = start_server();

	basics();
	post();
	failures();
	cancels();
	pauses();
	cancel_in_resume();
	many();
	dealt();
	freed_running();
	one_after_another();
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return tap_done();
}
