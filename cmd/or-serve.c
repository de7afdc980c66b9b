/* SPDX-License-Identifier: ISC */
/* or-serve: the gateway; alone, or around one command. See or-serve(1). */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "out.h"
#include "serve.h"
#include "str.h"
#include "tm.h"

/* What the callbacks need to know: how the log is written, which descriptors were closed at the start, lines that had no room. */
static int log_json, closed;
static unsigned long n_lost;

/* A worker doesn't wait for whoever reads the log. */
static int
put(const char *line, size_t n)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (n <= PIPE_BUF && (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)))
		return -1;
	return write(STDERR_FILENO, line, n) == (ssize_t)n ? 0 : -1;
}

static void
say(const char *level, const char *text)
{
	struct buf b = BUF_INIT, when = BUF_INIT;
	struct jsonw w;

	if (log_json) {
		tm_iso(&when, tm_now_ms() / 1000);
		jsonw_init(&w, &b);
		jsonw_object(&w);
		jsonw_member(&w, "time", when.p);
		jsonw_member(&w, "level", level);
		jsonw_member(&w, "message", text);
		jsonw_end_object(&w);
	} else {
		buf_adds(&b, "or-serve: ");
		str_clean(&b, text, strlen(text));
	}
	buf_addc(&b, '\n');
	if (put(b.p, b.len))
		n_lost++;
	buf_release(&when);
	buf_release(&b);
}

static void
on_warning(const char *text)
{
	say("warning", text);
}

static void
on_note(const char *text)
{
	say("note", text);
}

static void
on_line(const char *line, size_t n)
{
	char told[64];

	if (n_lost) {
		snprintf(told, sizeof(told), "%lu lines of the log were lost", n_lost);
		n_lost = 0;
		on_warning(told);
	}
	if (put(line, n))
		n_lost++;
}

static int
print(const char *text, size_t n, struct err *e)
{
	struct out out = OUT_INIT;
	struct err late = {0};
	int kept, r = out_open(&out, NULL, closed, e);

	if (r == 0)
		r = out_write(&out, text, n, e);
	if (out_close(&out, r == 0, &kept, &late) && r == 0) {
		*e = late;
		r = -1;
	}
	out_release(&out);
	return r;
}

/* A server without a standard output has nobody to tell it to. */
static int
on_listening(const char *url, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = 0;

	buf_addf(&b, "%s\n", url);
	if (!(closed & 1 << STDOUT_FILENO))
		r = print(b.p, b.len, e);
	buf_release(&b);
	return r;
}

static int
print_about(const struct serve_args *a, struct err *e)
{
	struct buf b = BUF_INIT;

	serve_args_about(a, &b);
	int r = print(b.p, b.len, e);
	buf_release(&b);
	return r;
}

int
main(int argc, char **argv)
{
	struct serve_args a;
	struct err e = {0};
	int status = 0, sig = 0;

	closed = out_prepare();
	if (serve_args_parse(&a, argc, argv, &e) == 0) {
		log_json = a.s.log_json;
		a.s.on_listening = on_listening;
		a.s.on_warning = on_warning;
		a.s.on_note = a.verbose ? on_note : NULL;
		a.s.on_line = on_line;
		if (a.about)
			print_about(&a, &e);
		else
			supervisor_run(&a.s, &status, &sig, &e);
	}
	if (e.kind && e.kind != ERR_SIGNAL)
		on_warning(e.msg);
	if (e.kind == ERR_SIGNAL)
		sig = e.sys;
	if (sig)
		out_die(sig);
	out_exit(status ? status : err_status(&e));
}
