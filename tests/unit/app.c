/* SPDX-License-Identifier: ISC */
/* A whole gateway of three processes: a scribe, a worker, and its client, which is this one. What became of calls is read from the ledger. */
#include "serve/app.h"
#include "serve/handlers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "ledger_keys.h"
#include "ledger_read.h"
#include "loop.h"
#include "policy.h"
#include "providers.h"
#include "serve/scribe.h"
#include "serve/shared.h"
#include "str.h"
#include "tap.h"
#include "tm.h"

#define WAIT_MS 10000

static char dir[] = "/tmp/or-app-XXXXXX", ledger_file[64];
static struct shared *shared;
static int port;
static pid_t scribe, worker;
static int control = -1;
static char key[GATE_KEY_BYTES];
static int is_run; /* the key is of this run */

static void
die(const char *what, const struct err *e)
{
	fprintf(stderr, "%s: %s\n", what, e->msg);
	_exit(70);
}

static void
note(const char *text)
{
	fprintf(stderr, "# %s\n", text);
}

static void
log_line(const char *p, size_t n)
{
	fprintf(stderr, "# %.*s", (int)n, p);
}

static void
run_scribe(int fd)
{
	struct providers ps = PROVIDERS_INIT;
	struct err e = {0};
	const struct scribe_spec s = {.control = fd, .providers = &ps, .path = ledger_file, .on_warning = note};

	if (providers_load(&ps, &e) || scribe_run(&s, &e))
		die("scribe", &e);
	providers_release(&ps);
	exit(0);
}

static struct app *app;

static void
on_signal(void *arg)
{
	(void)arg;
	app_drain(app, 0);
}

static void
run_worker(int listen_fd, int desk_fd)
{
	struct providers ps = PROVIDERS_INIT;
	struct policy policy = POLICY_INIT;
	struct err e = {0};
	struct app_options options = {.limits = {.http = {65536, 8192, 1 << 20},
					  .connections = 100,
					  .head_ms = 10000,
					  .idle_ms = 10000,
					  .body_ms = 10000,
					  .write_ms = 10000,
					  .held_bytes = 1 << 26},
	    .deadline_ms = 20000,
	    .comment_ms = 10000,
	    .run_key = is_run ? key : NULL,
	    .run_limit_pusd = is_run ? 500 * 1000 * 1000 : PUSD_UNKNOWN};
	struct loop *loop = loop_new(&e);
	const struct app_spec s = {.loop = loop,
	    .options = &options,
	    .providers = &ps,
	    .policy = &policy,
	    .shared = shared,
	    .desk_fd = desk_fd,
	    .listen_fd = listen_fd,
	    .log = log_line};

	if (providers_load(&ps, &e) || app_new(&app, &s, &e))
		die("worker", &e);
	loop_watch_signals(loop, on_signal, NULL);
	loop_run(loop);
	int status = app->why ? 1 : 0;
	app_free(app);
	providers_release(&ps);
	policy_release(&policy);
	loop_free(loop);
	close(listen_fd);
	exit(status);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || listen(fd, 100) ||
	    getsockname(fd, (struct sockaddr *)&a, &n) || fcntl(fd, F_SETFL, O_NONBLOCK))
		exit(70);
	port = ntohs(a.sin_port);
	return fd;
}

static void
start(void)
{
	int pair[2], desk[2], fd = listen_somewhere();
	struct err e = {0};

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) || socketpair(AF_UNIX, SOCK_STREAM, 0, desk))
		exit(70);
	scribe = fork();
	if (!scribe) {
		close(pair[0]);
		close(desk[0]);
		close(desk[1]);
		close(fd);
		run_scribe(pair[1]);
	}
	close(pair[1]);
	control = pair[0];
	if (scribe_send_worker(control, desk[1], 0, &e))
		die("line", &e);
	close(desk[1]);
	worker = fork();
	if (!worker) {
		close(control);
		run_worker(fd, desk[0]);
	}
	close(desk[0]);
	close(fd);
}

static int
status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* ── a client ── */

static int
dial(void)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		exit(70);
	return fd;
}

static void
say(int fd, const char *path, const char *more, const char *body)
{
	struct buf b = BUF_INIT;

	buf_addf(&b,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    *body ? "POST" : "GET", path, more, strlen(body), body);
	if (write(fd, b.p, b.len) != (ssize_t)b.len)
		exit(70);
	buf_release(&b);
}

/* Reads until this has come; -1: it doesn't. */
static int
hear(int fd, struct buf *in, const char *until)
{
	int64_t end = tm_mono_ms() + WAIT_MS;

	while (!strstr(buf_str(in), until)) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = end - tm_mono_ms();
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return -1;
		buf_reserve(in, 65536);
		ssize_t n = read(fd, in->p + in->len, 65536);
		if (n <= 0)
			return -1;
		in->len += (size_t)n;
		in->p[in->len] = '\0';
	}
	return 0;
}

/* The whole answer, until its connection is closed. */
static void
ask(struct buf *in, const char *path, const char *body)
{
	int fd = dial();

	buf_clear(in);
	say(fd, path, "Connection: close\r\n", body);
	hear(fd, in, "\001"); /* which never comes */
	close(fd);
}

static void
says(const struct buf *in, const char *status, const char *text, const char *name)
{
	int ok = str_starts(buf_str(in), "HTTP/1.1 ") && str_starts(in->p + 9, status) && strstr(in->p, text);

	tap_ok(ok, "%s", name);
	if (!ok)
		printf("# %s\n", buf_str(in));
}

#define CHAT "/api/v1/chat/completions"
#define MESSAGES "\"model\":\"mock/echo\",\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]"

static void
test_answers(void)
{
	struct buf in = BUF_INIT;

	ask(&in, CHAT, "{" MESSAGES "}");
	says(&in, "200", "\"content\":\"one two three\"", "a whole answer");
	ask(&in, CHAT, "{" MESSAGES ",\"stream\":true}");
	says(&in, "200", "data: [DONE]\n\n\r\n0\r\n\r\n", "a stream");
	ask(&in, "/v1/messages", "{" MESSAGES ",\"stream\":true,\"max_tokens\":9}");
	says(&in, "200", "event: message_stop", "Anthropic's");
	ask(&in, CHAT, "{" MESSAGES ",\"stream\":true,\"mock\":{\"status\":429,\"retry_after\":3}}");
	says(&in, "429", "Retry-After: 3\r\n", "an error has its status");
	ask(&in, CHAT, "{" MESSAGES ",\"stream\":true,\"mock\":{\"cut_after\":2}}");
	says(&in, "200", "\"finish_reason\":\"error\"", "or is in the stream");
	tap_ok(!strstr(buf_str(&in), "[DONE]"), "which has no good end then");
	ask(&in, "/nowhere", "");
	says(&in, "404", "\"code\":404", "no such path");
	buf_release(&in);
}

static void
test_keep_alive(void)
{
	struct buf in = BUF_INIT;
	int fd = dial();

	for (int i = 0; i < 3; i++) {
		buf_clear(&in);
		say(fd, CHAT, "X-Session-Id: abc\r\n", "{" MESSAGES "}");
		if (hear(fd, &in, "\"content\":\"one two three\""))
			break;
		hear(fd, &in, "null}");
	}
	says(&in, "200", "\"content\":\"one two three\"", "three requests of one connection");
	close(fd);
	buf_release(&in);
}

/* One that goes while its answer comes. */
static void
test_gone(void)
{
	struct buf in = BUF_INIT;
	int64_t gone = shared_get(shared, SHARED_GONE), end = tm_mono_ms() + WAIT_MS;
	struct shared_call live[4];
	int fd = dial();

	say(fd, CHAT, "", "{" MESSAGES ",\"stream\":true,\"session_id\":\"left\",\"mock\":{\"delay_ms\":300}}");
	tap_ok(hear(fd, &in, "one ") == 0, "a slow stream begins");
	tap_is_int((long long)shared_live(shared, live, 4), 1, "it is seen to run");
	close(fd);
	while (shared_get(shared, SHARED_GONE) == gone && tm_mono_ms() < end)
		poll(NULL, 0, 1);
	tap_is_int(shared_get(shared, SHARED_GONE), gone + 1, "its client leaves");
	tap_is_int((long long)shared_live(shared, live, 4), 0, "it runs no more");
	buf_release(&in);
}

struct booked {
	int n, settled, gone, errors, in_session;
};

static int
on_row(void *arg, const struct ledger_row *r, struct err *e)
{
	struct booked *b = arg;

	(void)e;
	b->n++;
	b->settled += r->state == CALL_SETTLED;
	b->in_session += r->call.session && strcmp(r->call.session, "abc") == 0;
	b->errors += r->call.error && *r->call.error;
	if (r->call.session && strcmp(r->call.session, "left") == 0)
		b->gone += r->state == CALL_SETTLED && r->call.error && strcmp(r->call.error, "ok") != 0;
	return 0;
}

static void
test_books(void)
{
	struct booked b = {0};
	struct ledger *l = NULL;
	char *warning = NULL;
	struct err e = {0};

	if (ledger_open(&l, ledger_file, LEDGER_READ, &warning, &e) || ledger_scan(l, 0, INT64_MAX, 0, on_row, &b, &e))
		printf("# %s\n", e.msg);
	ledger_close(l);
	free(warning);
	tap_is_int(b.n, 10, "all calls are in the ledger");
	tap_is_int(b.settled, 10, "settled");
	tap_is_int(b.errors, 3, "those that failed, too");
	tap_is_int(b.in_session, 3, "with the session that a header told");
	tap_is_int(b.gone, 1, "and the one whose client left");
}

/* ── a key's limit ── */

static void
add_key(void)
{
	struct ledger_key k = {.limit_pusd = 500 * 1000 * 1000};
	struct ledger *l = NULL;
	char *warning = NULL;
	struct err e = {0};

	gate_make_key(key, &k);
	k.name = strdup("small");
	if (ledger_open(&l, ledger_file, LEDGER_WRITE, &warning, &e) || ledger_key_add(l, &k, &e))
		die("key", &e);
	ledger_close(l);
	free(warning);
	ledger_key_release(&k);
}

static int
ask_with_key(struct buf *in)
{
	struct buf more = BUF_INIT;
	int fd = dial();

	buf_clear(in);
	buf_addf(&more, "Connection: close\r\nAuthorization: Bearer %s\r\n", key);
	say(fd, CHAT, more.p, "{" MESSAGES ",\"session_id\":\"limited\"}");
	hear(fd, in, "\001");
	close(fd);
	buf_release(&more);
	return in->len > 12 ? (int)strtol(in->p + 9, NULL, 10) : 0;
}

static void
test_limit(void)
{
	struct buf in = BUF_INIT;
	int n = 0, status;

	ask(&in, CHAT, "{" MESSAGES "}");
	says(&in, "401", "\"authentication\"", "with a key in the ledger nobody goes without");
	while ((status = ask_with_key(&in)) == 200 && n < 100)
		n++;
	tap_ok(n > 0 && n < 100, "a key is good until its limit (%d calls)", n);
	says(&in, "402", "\"payment_required\"", "then no more");
	buf_release(&in);
}

/* Whoever is being answered when the worker is to end has the rest all the same. */
static void
test_drain(void)
{
	struct buf in = BUF_INIT;
	int fd = dial();

	say(fd, CHAT, "", "{" MESSAGES ",\"stream\":true,\"mock\":{\"delay_ms\":100}}");
	tap_ok(hear(fd, &in, "one ") == 0, "a slow stream");
	kill(worker, SIGTERM);
	tap_ok(hear(fd, &in, "data: [DONE]") == 0, "comes to its end after SIGTERM");
	close(fd);
	buf_release(&in);
}

static void
stop(void)
{
	kill(worker, SIGTERM);
	tap_is_int(status_of(worker), 0, "the worker ends well");
	close(control);
	tap_is_int(status_of(scribe), 0, "the scribe, too");
}

int
main(void)
{
	struct err e = {0};

	alarm(100);
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir))
		return 1;
	snprintf(ledger_file, sizeof(ledger_file), "%s/ledger.db", dir);
	setenv("OR_LEDGER", ledger_file, 1);
	setenv("OR_CONFIG", dir, 1);
	setenv("XDG_CACHE_HOME", dir, 1);
	shared = shared_new(&e);
	if (!shared)
		return 1;
	start();
	test_answers();
	test_keep_alive();
	test_gone();
	test_drain();
	stop();
	test_books();
	tap_is_int(shared_get(shared, SHARED_CONNECTIONS), 0, "no connection is open");
	tap_ok(shared_get(shared, SHARED_ACCEPTED) >= 8 && shared_get(shared, SHARED_BYTES_OUT) > 1000,
	    "all were counted");
	add_key();
	start();
	test_limit();
	stop();
	is_run = 1;
	struct ledger_key once = {0};
	gate_make_key(key, &once);
	ledger_key_release(&once);
	start();
	test_limit();
	stop();
	shared_free(shared);
	pid_t rm = fork();
	if (!rm) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	status_of(rm);
	return tap_done();
}
