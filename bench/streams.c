/* SPDX-License-Identifier: ISC */
/*
 * streams UPSTREAM GATEWAY KEY N RATE SECONDS: N streams at once through a gateway, RATE events a second each.
 *
 * It is both ends: on the port UPSTREAM it answers each POST with a stream in Anthropic's format, whose words are the time at which they were
 * sent; on the port GATEWAY it asks for N streams in OpenAI's format, and looks how old each word is when it comes. One line of JSON tells what it saw:
 * words sent and received, streams that came to their end, microseconds p50, p99 and max. RATE 0: one word at the begin, then silence.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAIL 32 /* a word may come in two reads */
#define MAX_LATENCY_US 2000000
#define OPENING_US 2000

static const char head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
    "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
    "\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
static const char tail[] =
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":100}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

struct end {
	int fd, is_client, asked;
	int64_t next_us; /* when its next word is due */
	char tail[TAIL];
	size_t n_tail;
	char request[1024];
	size_t n_request;
};

static int epoll_fd;
static int64_t until_us, step_us;
static uint64_t n_sent, n_received, n_whole, n_errors;
static uint32_t *histogram;
static struct end **upstream;
static size_t n_upstream;

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtol(port, NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct end *
watch(int fd, int is_client)
{
	struct end *e = calloc(1, sizeof(*e));
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = e};

	if (!e)
		err(1, NULL);
	e->fd = fd;
	e->is_client = is_client;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		err(1, "epoll_ctl");
	return e;
}

static void
put(struct end *e, const char *p, size_t n)
{
	if (send(e->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
		n_errors++;
}

static void
say_time(struct end *e, int64_t now)
{
	char word[256];
	int n = snprintf(word, sizeof(word),
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
	    "\"delta\":{\"type\":\"text_delta\",\"text\":\"T%015lld \"}}\n\n",
	    (long long)now);

	put(e, word, (size_t)n);
	n_sent++;
}

static void
finish(struct end *e)
{
	put(e, tail, strlen(tail));
	shutdown(e->fd, SHUT_WR);
	e->asked = 0;
}

/* A request is whole when its JSON ends. */
static void
read_request(struct end *e)
{
	ssize_t n = recv(e->fd, e->request + e->n_request, sizeof(e->request) - 1 - e->n_request, MSG_DONTWAIT);

	if (n <= 0) {
		close(e->fd);
		e->fd = -1;
		return;
	}
	e->n_request += (size_t)n;
	if (e->asked ||
	    !memmem(e->request, e->n_request, "}]}", 3) + !memmem(e->request, e->n_request, "\r\n\r\n", 4) == 2)
		return;
	e->asked = 1;
	put(e, head, strlen(head));
	say_time(e, now_us());
	e->next_us = now_us() + (step_us ? (int64_t)((uint64_t)random() % (uint64_t)step_us) : INT64_MAX / 2);
}

static void
take_word(const char *p, int64_t now)
{
	int64_t age = now - strtoll(p + 1, NULL, 10);

	n_received++;
	histogram[age < 0 ? 0 : age >= MAX_LATENCY_US ? MAX_LATENCY_US - 1 : age]++;
}

static void
read_answer(struct end *e)
{
	static char b[TAIL + 65536 + 1];
	ssize_t n;

	memcpy(b, e->tail, e->n_tail);
	n = recv(e->fd, b + e->n_tail, 65536, MSG_DONTWAIT);
	if (n <= 0) {
		close(e->fd);
		e->fd = -1;
		return;
	}
	int64_t now = now_us();
	size_t len = e->n_tail + (size_t)n;
	char *p = b, *end = b + len;
	b[len] = '\0';
	for (char *t; (t = memchr(p, 'T', (size_t)(end - p)));) {
		if (end - t < 17)
			break;
		p = t + 1;
		if (t[16] == ' ' && t[1] == '0' && strspn(t + 1, "0123456789") == 15) {
			take_word(t, now);
			p = t + 17;
		}
	}
	if (memmem(b, len, "[DONE]", 6) || memmem(b, len, "\"message_stop\"", 14)) /* a proxy that translates nothing */
		n_whole++;
	e->n_tail = (size_t)(end - p) < TAIL - 1 ? (size_t)(end - p) : TAIL - 1;
	memcpy(e->tail, end - e->n_tail, e->n_tail);
}

/* When all streams are open: what was due while they were being opened would come at once, and be no stream. */
static void
begin_words(void)
{
	int64_t now = now_us();

	for (size_t i = 0; i < n_upstream && step_us; i++)
		upstream[i]->next_us = now + (int64_t)((uint64_t)random() % (uint64_t)step_us);
}

static void
accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) != -1)
		upstream[n_upstream++] = watch(fd, 0);
}

static void
ask(const char *gateway, const char *key)
{
	static const char body[] =
	    "{\"model\":\"up:m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	struct sockaddr_in to = loopback(gateway);
	char request[1024];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	int n = snprintf(request, sizeof(request),
	    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    key, strlen(body), body);
	put(watch(fd, 1), request, (size_t)n);
}

static void
turn(int listener, int64_t wait_us)
{
	struct epoll_event ev[256];
	int n = epoll_wait(epoll_fd, ev, 256, (int)(wait_us / 1000));

	for (int i = 0; i < n; i++) {
		struct end *e = ev[i].data.ptr;
		if (!e)
			accept_all(listener);
		else if (e->is_client)
			read_answer(e);
		else
			read_request(e);
	}
}

/* What is due is sent; returns when the next is. */
static int64_t
send_due(int64_t now, int over)
{
	int64_t next = now + 5000;

	for (size_t i = 0; i < n_upstream; i++) {
		struct end *e = upstream[i];
		if (e->fd == -1 || !e->asked)
			continue;
		if (over) {
			finish(e);
		} else if (e->next_us <= now) {
			say_time(e, now);
			e->next_us += step_us;
		}
		if (e->next_us < next)
			next = e->next_us;
	}
	return next;
}

static int64_t
percentile(double share)
{
	uint64_t want = (uint64_t)((double)n_received * share), sum = 0;

	for (int64_t i = 0; i < MAX_LATENCY_US; i++)
		if ((sum += histogram[i]) > want)
			return i;
	return MAX_LATENCY_US;
}

static int
listen_on(const char *port)
{
	struct sockaddr_in at = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct epoll_event ev = {.events = EPOLLIN};

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4096) ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		err(1, "port %s", port);
	return fd;
}

int
main(int argc, char **argv)
{
	struct rlimit many;

	if (argc != 7)
		errx(64, "usage: streams upstream-port gateway-port key n rate seconds");
	if (getrlimit(RLIMIT_NOFILE, &many) == 0) {
		many.rlim_cur = many.rlim_max;
		setrlimit(RLIMIT_NOFILE, &many);
	}
	size_t n = (size_t)strtol(argv[4], NULL, 10);
	long rate = strtol(argv[5], NULL, 10);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	histogram = calloc(MAX_LATENCY_US, sizeof(*histogram));
	upstream = calloc(2 * n + 16, sizeof(struct end *));
	if (epoll_fd == -1 || !histogram || !upstream)
		err(1, NULL);
	step_us = rate ? 1000000 / rate : 0;
	int listener = listen_on(argv[1]);
	for (size_t i = 0; i < n; i++) {
		ask(argv[2], argv[3]);
		for (int64_t pause = now_us() + OPENING_US; now_us() < pause;)
			turn(listener, 0);
	}
	printf("open\n");
	fflush(stdout);
	begin_words();
	until_us = now_us() + strtol(argv[6], NULL, 10) * 1000000;
	for (int64_t now; (now = now_us()) < until_us;) {
		int64_t next = send_due(now, 0), left = next - now_us();
		turn(listener, left > 0 ? left : 0);
	}
	send_due(now_us(), 1);
	for (int64_t end = now_us() + 5000000; n_whole < n && now_us() < end;)
		turn(listener, 10000);
	printf(
	    "{\"sent\":%llu,\"received\":%llu,\"whole\":%llu,\"errors\":%llu,\"p50_us\":%lld,\"p99_us\":%lld,\"max_us\":%lld}\n",
	    (unsigned long long)n_sent, (unsigned long long)n_received, (unsigned long long)n_whole,
	    (unsigned long long)n_errors, (long long)percentile(0.5), (long long)percentile(0.99),
	    (long long)percentile(0.99999));
	return 0;
}
