/* SPDX-License-Identifier: ISC */
/*
 * firstbyte: how long a delta takes from the server's socket to the reader of a command's stdout.
 *
 *	firstbyte count 'command a' 'command b'
 *
 * It is the server and the reader. Each command runs count times, a b b a a b ..., by `sh -c exec` with $PORT and
 * OPENROUTER_BASE_URL naming the server: the head of an answer, 50 ms later the first delta, then the rest. A line a
 * command and run, "a MICROSECONDS", is what passed between the send of the delta and the first byte read.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define DELTA "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"first\"}}]}\n\n"
#define REST "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
#define WAIT_NS 50000000

_Noreturn static void
die(const char *what)
{
	perror(what);
	exit(2);
}

static void
put(int fd, const char *s)
{
	if (send(fd, s, strlen(s), MSG_NOSIGNAL) != (ssize_t)strlen(s))
		die("send");
}

static long long
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int
listen_free(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	char text[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || listen(fd, 8) || getsockname(fd, (struct sockaddr *)&a, &n))
		die("socket");
	snprintf(text, sizeof(text), "%d", ntohs(a.sin_port));
	setenv("PORT", text, 1);
	snprintf(text, sizeof(text), "http://127.0.0.1:%d/api/v1", ntohs(a.sin_port));
	setenv("OPENROUTER_BASE_URL", text, 1);
	return fd;
}

/* Starts the command; its stdout is the pipe that is returned. */
static int
start(const char *command)
{
	int p[2];

	if (pipe(p))
		die("pipe");
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		dup2(p[1], STDOUT_FILENO);
		close(p[0]);
		close(p[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(p[1]);
	return p[0];
}

/* The connection, once the request has come: it fits into one read. */
static int
take_request(int server)
{
	char buf[65536];
	int one = 1, fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || read(fd, buf, sizeof(buf)) <= 0)
		die("accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static long long
measure(int server, const char *command)
{
	const struct timespec wait = {0, WAIT_NS};
	int status, out = start(command), fd = take_request(server);
	char buf[65536];

	put(fd, HEAD);
	nanosleep(&wait, NULL);
	long long sent = now_ns();
	put(fd, DELTA);
	if (read(out, buf, sizeof(buf)) <= 0)
		die("nothing came");
	long long passed = now_ns() - sent;
	put(fd, REST);
	close(fd);
	while (read(out, buf, sizeof(buf)) > 0)
		;
	close(out);
	if (wait4(-1, &status, 0, NULL) < 0 || status != 0) {
		fprintf(stderr, "firstbyte: status %d of %s\n", status, command);
		exit(2);
	}
	return passed;
}

int
main(int argc, char **argv)
{
	if (argc != 4) {
		fputs("usage: firstbyte count 'command a' 'command b'\n", stderr);
		return 64;
	}
	int server = listen_free(), count = atoi(argv[1]);
	char *command[2];
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(argv[2 + i]) + 6;
		if ((command[i] = malloc(n)) == NULL)
			die("memory");
		snprintf(command[i], n, "exec %s", argv[2 + i]);
		measure(server, command[i]); /* warm */
	}
	for (int i = 0; i < 2 * count; i++) {
		int which = (i & 1) ^ (i >> 1 & 1);
		printf("%c %.1f\n", 'a' + which, (double)measure(server, command[which]) / 1000);
	}
	return 0;
}
