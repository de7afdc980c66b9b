/* SPDX-License-Identifier: ISC */
/*
 * upstream: a provider on loopback that misbehaves on command, and remembers every byte it was sent.
 *
 *	upstream dir casefile
 *
 * It binds 127.0.0.1 with a free port, writes the number to dir/port, and answers each request, whichever connection it
 * comes by, with the first block of the case file that is left and fits; 599, where there is none. A connection carries
 * one request. It ends by SIGTERM, or after 60 seconds without an event.
 *
 * dir/req.N holds request N, head and body, byte for byte. dir/log has a line an event, "MS EVENT conn=C req=N", MS in
 * milliseconds since 1970; the events are listening, accepted, request, answered, closed (by the peer), reset,
 * unexpected (no block for a request), and any word of a `log`.
 *
 * The case file: one directive a line, blocks parted by a line that begins with `--`; `-- forever` begins a block that
 * is never used up. Blank lines and lines that begin with `#` don't count. TEXT knows \n \r \t \\ and \xNN; any other
 * backslash stays, so that JSON's \" and \u00e9 need no care. One blank follows the word; all else up to the end of the
 * line is TEXT.
 *
 *	send TEXT      these bytes, nothing added           file PATH      the bytes of a file
 *	line TEXT      TEXT and CRLF                        repeat N TEXT  TEXT, N times
 *	status N       the line "HTTP/1.1 N x"              header TEXT    the same as line
 *	body TEXT      Content-Length, the empty line, TEXT
 *	stream         Content-Type: text/event-stream and the empty line; the body ends where the connection does
 *	chunked        the same, chunked: each later directive that sends is a chunk; `end` sends the last
 *	sse TEXT       "data: TEXT\n\n"                     text TEXT      the same, TEXT as it is in delta.content
 *	finish WORD    a chunk with that finish_reason      usage JSON     a chunk without choices, with that usage
 *	done           "data: [DONE]\n\n"
 *	answer TEXT    a good stream: 200, TEXT, finish stop, [DONE]
 *	delay MS       nothing for so long                  split N MS     from here on N bytes at a time, MS between
 *	wait PATH      nothing until the file is there      log WORD       a line in the log
 *	hang           nothing until the peer closes        close          close now
 *	reset          close with RST                       match TEXT     the block is for requests that hold TEXT
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDLE_S 60
#define MAX_BLOCKS 500
#define MAX_STEPS 100 /* of a block */
#define OK "HTTP/1.1 200 OK\r\n"
#define SSE "Content-Type: text/event-stream\r\n\r\n"
#define CONTENT "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
#define FINISH "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\""
#define DONE "data: [DONE]\n\n"

struct bytes {
	char *p;
	size_t n;
};

struct conn {
	int fd, id;
	int req; /* number of its current request; 0: none yet */
	int chunked;
	int over;   /* nothing more is to be sent */
	long split; /* bytes a write; 0: all */
	long split_ms;
	FILE *in;
	struct bytes request;
};

struct step {
	void (*run)(struct conn *, const struct step *);
	struct bytes text;
	long num, num2;
};

struct block {
	struct step step[MAX_STEPS];
	size_t n;
	struct bytes match;
	int forever, used;
};

static struct block blocks[MAX_BLOCKS];
static size_t n_blocks;
static const char *dir;
static FILE *log_file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static int n_requests;

static void
die(const char *what)
{
	fprintf(stderr, "upstream: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
note(const char *event, const struct conn *c)
{
	pthread_mutex_lock(&lock);
	alarm(IDLE_S);
	fprintf(log_file, "%lld %s conn=%d req=%d\n", now_ms(), event, c ? c->id : 0, c ? c->req : 0);
	pthread_mutex_unlock(&lock);
}

/* ── what a connection does ── */

static void
peer_gone(struct conn *c)
{
	if (!c->over)
		note("closed", c);
	c->over = 1;
}

/* Waits, up to ms (-1: for ever), and notices a peer that closes. */
static void
idle(struct conn *c, int ms)
{
	struct pollfd pfd = {c->fd, POLLRDHUP, 0};

	if (!c->over && poll(&pfd, 1, ms) > 0)
		peer_gone(c);
}

static void
put_raw(struct conn *c, const char *p, size_t n)
{
	while (n > 0 && !c->over) {
		size_t part = c->split > 0 && (size_t)c->split < n ? (size_t)c->split : n;
		ssize_t w = send(c->fd, p, part, MSG_NOSIGNAL);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			peer_gone(c);
			return;
		}
		p += w;
		n -= (size_t)w;
		if (c->split > 0 && n > 0 && c->split_ms > 0)
			idle(c, (int)c->split_ms);
	}
}

/* An empty chunk is the last one: `end`. */
static void
put(struct conn *c, const char *p, size_t n)
{
	char size[24];
	int len = snprintf(size, sizeof(size), "%zx\r\n", n);

	if (c->chunked)
		put_raw(c, size, (size_t)len);
	put_raw(c, p, n);
	if (c->chunked)
		put_raw(c, "\r\n", 2);
}

static void
run_send(struct conn *c, const struct step *s)
{
	put(c, s->text.p, s->text.n);
}

/* In pieces of many: a gigabyte goes by here. */
static void
run_repeat(struct conn *c, const struct step *s)
{
	long at_once = 1 + 65536 / (long)(s->text.n + 1);
	char *piece = reallocarray(NULL, (size_t)at_once, s->text.n);

	for (long i = 0; i < at_once && piece != NULL; i++)
		memcpy(piece + (size_t)i * s->text.n, s->text.p, s->text.n);
	for (long left = s->num; left > 0 && !c->over && piece != NULL; left -= at_once)
		put(c, piece, (size_t)(left < at_once ? left : at_once) * s->text.n);
	free(piece);
}

static void
run_chunked(struct conn *c, const struct step *s)
{
	run_send(c, s);
	c->chunked = 1;
}

/* `hang` is a delay of 0. */
static void
run_delay(struct conn *c, const struct step *s)
{
	idle(c, s->num > 0 ? (int)s->num : -1);
}

static void
run_wait(struct conn *c, const struct step *s)
{
	while (!c->over && access(s->text.p, F_OK) != 0)
		idle(c, 5);
}

static void
run_log(struct conn *c, const struct step *s)
{
	note(s->text.p, c);
}

static void
run_close(struct conn *c, const struct step *s)
{
	(void)s;
	c->over = 1;
}

static void
run_reset(struct conn *c, const struct step *s)
{
	struct linger rst = {1, 0};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
	note("reset", c);
	run_close(c, s);
}

static void
run_split(struct conn *c, const struct step *s)
{
	c->split = s->num;
	c->split_ms = s->num2;
}

/* ── requests ── */

/* The next request, whole, into c->request. 0 where there is none. */
static int
read_request(struct conn *c)
{
	char *line = NULL, buf[65536];
	size_t cap = 0, body = 0, got;
	ssize_t n;
	FILE *f = open_memstream(&c->request.p, &c->request.n);
	if (f == NULL)
		die("memory");
	while ((n = getline(&line, &cap, c->in)) > 0 && strcmp(line, "\r\n") != 0) {
		fwrite(line, 1, (size_t)n, f);
		if (strncasecmp(line, "content-length:", 15) == 0)
			body = strtoul(line + 15, NULL, 10);
		if (strncasecmp(line, "expect: 100", 11) == 0)
			put_raw(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	}
	fputs("\r\n", f);
	for (; body > 0 && (got = fread(buf, 1, body < sizeof(buf) ? body : sizeof(buf), c->in)) > 0; body -= got)
		fwrite(buf, 1, got, f);
	fclose(f);
	free(line);
	return n > 0 && body == 0;
}

static FILE *
open_in_dir(const char *name, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, mode);
	if (f == NULL)
		die(path);
	return f;
}

static void
save_request(const struct conn *c)
{
	char name[32];

	snprintf(name, sizeof(name), "req.%d", c->req);
	FILE *f = open_in_dir(name, "w");
	if (fwrite(c->request.p, 1, c->request.n, f) != c->request.n || fclose(f) != 0)
		die(name);
}

/* The block whose turn it is, or NULL; numbers the request. */
static const struct block *
take_block(struct conn *c)
{
	const struct block *found = NULL;

	pthread_mutex_lock(&lock);
	c->req = ++n_requests;
	for (struct block *b = blocks; b < blocks + n_blocks && found == NULL; b++)
		if (!b->used && memmem(c->request.p, c->request.n, b->match.n ? b->match.p : "", b->match.n) != NULL) {
			b->used = !b->forever;
			found = b;
		}
	pthread_mutex_unlock(&lock);
	return found;
}

static void
serve(struct conn *c)
{
	static const char none[] = "HTTP/1.1 599 unexpected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

	if (!read_request(c))
		return;
	const struct block *b = take_block(c);
	save_request(c);
	note("request", c);
	if (b == NULL) {
		note("unexpected", c);
		put_raw(c, none, sizeof(none) - 1);
		return;
	}
	for (size_t i = 0; i < b->n && !c->over; i++)
		b->step[i].run(c, &b->step[i]);
	note("answered", c);
}

static void *
serve_thread(void *arg)
{
	struct conn *c = arg;
	int one = 1;

	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if ((c->in = fdopen(dup(c->fd), "r")) == NULL)
		die("fdopen");
	note("accepted", c);
	serve(c);
	if (!c->over) {
		shutdown(c->fd, SHUT_WR);
		idle(c, 1000); /* for the log: when did the peer close? */
	}
	fclose(c->in);
	close(c->fd);
	free(c->request.p);
	free(c);
	return NULL;
}

/* ── the case file ── */

static int
hex(int ch)
{
	const char *p = ch != '\0' ? strchr("0123456789abcdef", ch | 0x20) : NULL;

	return p != NULL ? (int)(p - "0123456789abcdef") : -1;
}

static void
unescape(FILE *out, const char *s)
{
	static const char from[] = "nrt\\", to[] = "\n\r\t\\";

	for (; *s != '\0'; s++) {
		const char *p = s[0] == '\\' && s[1] != '\0' ? strchr(from, s[1]) : NULL;
		if (p != NULL) {
			putc(to[p - from], out);
			s++;
		} else if (s[0] == '\\' && s[1] == 'x' && hex(s[2]) >= 0 && hex(s[3]) >= 0) {
			putc(hex(s[2]) << 4 | hex(s[3]), out);
			s += 3;
		} else {
			putc(*s, out);
		}
	}
}

static void
copy_file(FILE *out, const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die(path);
	for (int ch; (ch = getc(f)) != EOF;)
		putc(ch, out);
	fclose(f);
}

enum form { TEXT, BODY, FILE_TEXT, NUMBERS, NUMBER_TEXT };

/* Each directive: what runs, how its argument is read, and what stands around it where it is sent. */
static const struct directive {
	const char *word;
	void (*run)(struct conn *, const struct step *);
	enum form form;
	const char *before, *after;
} directives[] = {
    {"answer", run_send, TEXT, OK SSE CONTENT, "\"}}]}\n\n" FINISH "stop\"}]}\n\n" DONE},
    {"body", run_send, BODY, "", ""},
    {"chunked", run_chunked, TEXT, "Transfer-Encoding: chunked\r\n" SSE, ""},
    {"close", run_close, TEXT, "", ""},
    {"delay", run_delay, NUMBERS, "", ""},
    {"done", run_send, TEXT, DONE, ""},
    {"end", run_send, TEXT, "", ""},
    {"file", run_send, FILE_TEXT, "", ""},
    {"finish", run_send, TEXT, FINISH, "\"}]}\n\n"},
    {"hang", run_delay, NUMBERS, "", ""},
    {"header", run_send, TEXT, "", "\r\n"},
    {"line", run_send, TEXT, "", "\r\n"},
    {"log", run_log, TEXT, "", ""},
    {"match", NULL, TEXT, "", ""},
    {"repeat", run_repeat, NUMBER_TEXT, "", ""},
    {"reset", run_reset, TEXT, "", ""},
    {"send", run_send, TEXT, "", ""},
    {"split", run_split, NUMBERS, "", ""},
    {"sse", run_send, TEXT, "data: ", "\n\n"},
    {"status", run_send, TEXT, "HTTP/1.1 ", " x\r\n"},
    {"stream", run_send, TEXT, SSE, ""},
    {"text", run_send, TEXT, CONTENT, "\"}}]}\n\n"},
    {"usage", run_send, TEXT, "data: {\"choices\":[],\"usage\":", "}\n\n"},
    {"wait", run_wait, TEXT, "", ""},
    {NULL, NULL, TEXT, NULL, NULL},
};

static struct bytes
text_of(const struct directive *d, const char *arg)
{
	struct bytes text, all;
	FILE *f = open_memstream(&text.p, &text.n), *g = open_memstream(&all.p, &all.n);

	if (f == NULL || g == NULL)
		die("memory");
	if (d->form == FILE_TEXT)
		copy_file(f, arg);
	else
		unescape(f, arg);
	fclose(f);
	fputs(d->before, g);
	if (d->form == BODY)
		fprintf(g, "Content-Length: %zu\r\n\r\n", text.n);
	fwrite(text.p, 1, text.n, g);
	fputs(d->after, g);
	fclose(g);
	free(text.p);
	return all;
}

static struct step
parse_step(const struct directive *d, char *arg)
{
	struct step s = {.run = d->run};

	if (d->form == NUMBERS || d->form == NUMBER_TEXT)
		s.num = strtol(arg, &arg, 10);
	if (d->form == NUMBERS)
		s.num2 = strtol(arg, &arg, 10);
	s.text = text_of(d, arg + (d->form == NUMBER_TEXT && *arg == ' '));
	return s;
}

static void
parse_line(struct block *b, char *line, int number)
{
	const struct directive *d = directives;
	char *arg = line + strcspn(line, " ");

	if (*arg != '\0')
		*arg++ = '\0';
	while (d->word != NULL && strcmp(d->word, line) != 0)
		d++;
	if (d->word == NULL) {
		fprintf(stderr, "upstream: line %d: no directive is called %s\n", number, line);
		exit(2);
	}
	if (d->run == NULL) {
		b->match = text_of(d, arg);
		return;
	}
	if (b->n == MAX_STEPS)
		die("too long a block");
	b->step[b->n++] = parse_step(d, arg);
}

static void
parse_case(const char *path)
{
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die(path);
	for (int number = 1; getline(&line, &cap, f) >= 0; number++) {
		line[strcspn(line, "\n")] = '\0';
		int is_mark = strncmp(line, "--", 2) == 0;
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if ((n_blocks == 0 || is_mark) && n_blocks++ == MAX_BLOCKS)
			die("too many blocks");
		if (is_mark)
			blocks[n_blocks - 1].forever = strcmp(line, "-- forever") == 0;
		else
			parse_line(&blocks[n_blocks - 1], line, number);
	}
	free(line);
	fclose(f);
}

/* ── the server ── */

static int
listen_on_any_port(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	char from[4096], to[4096];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, len) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		die("listen");
	FILE *f = open_in_dir("port.new", "w");
	snprintf(from, sizeof(from), "%s/port.new", dir);
	snprintf(to, sizeof(to), "%s/port", dir);
	if (fprintf(f, "%d\n", ntohs(sin.sin_port)) < 0 || fclose(f) != 0 || rename(from, to) != 0)
		die(to);
	return fd;
}

static void
accept_one(int listener)
{
	static int n_conns;
	pthread_t thread;
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
		die("accept");
	c->id = ++n_conns;
	if (pthread_create(&thread, NULL, serve_thread, c) != 0)
		die("thread");
	pthread_detach(thread);
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: upstream dir casefile\n");
		return 2;
	}
	dir = argv[1];
	parse_case(argv[2]);
	log_file = open_in_dir("log", "a");
	setvbuf(log_file, NULL, _IOLBF, 0);
	int listener = listen_on_any_port();
	note("listening", NULL);
	for (;;)
		accept_one(listener);
}
