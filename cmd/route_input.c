/* SPDX-License-Identifier: ISC */
/* Requests as they come: one JSON object, or many, from files and standard input. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "route_tool.h"
#include "str.h"
#include "values.h"

#define READ_BYTES 65536

struct reader {
	struct route_run *x;
	struct err err; /* why it was stopped */
	struct buf clean;
};

/* A bad record is told and left out; the others go on. */
static void
failed(struct route_run *x, const struct err *e)
{
	x->n_failed++;
	x->last = *e;
	warnx("%s: request %" PRId64 ": %s", x->name, x->n_records, e->msg);
}

static const char *
repair(struct reader *r, const char *text, size_t *n, struct err *e)
{
	struct route_run *x = r->x;

	if (memchr(text, '\0', *n) || utf8_valid(text, *n) == *n)
		return text;
	if (x->a.strict_utf8) {
		err_set(e, ERR_DATA, "not UTF-8");
		return NULL;
	}
	buf_clear(&r->clean);
	utf8_repair(&r->clean, text, *n);
	if (!x->repaired++ && !x->a.quiet)
		warnx("%s: bytes that are not UTF-8 were replaced by U+FFFD", x->name);
	*n = r->clean.len;
	return r->clean.p;
}

static int
on_value(void *arg, const char *text, size_t n)
{
	struct reader *r = arg;
	struct err e = {0};

	r->x->n_records++;
	text = repair(r, text, &n, &e);
	if (!text || route_one(r->x, text, n, &e))
		failed(r->x, &e);
	return r->x->text.len >= READ_BYTES ? route_flush(r->x, &r->err) : 0;
}

static int
on_stray(void *arg, const char *text, size_t n)
{
	struct reader *r = arg;
	struct err e = {0};

	r->x->n_records++;
	err_set(&e, ERR_DATA, "no JSON object: %.*s", (int)(n < 40 ? n : 40), text);
	failed(r->x, &e);
	return 0;
}

static int
read_all(struct route_run *x, int fd, struct err *e)
{
	struct reader r = {.x = x, .clean = BUF_INIT};
	struct values v = {.on_value = on_value, .on_stray = on_stray, .arg = &r, .max = x->a.max_input};
	static char p[READ_BYTES];
	ssize_t n;
	int stop = 0;

	while (!stop && (n = read(fd, p, sizeof(p))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(&r.err, ERR_IO, errno, "%s", x->name);
			break;
		}
		stop = values_feed(&v, p, (size_t)n);
		if (!stop && x->text.len) /* as far as it came: who reads us may wait for it */
			stop = route_flush(x, &r.err);
	}
	if (stop == VALUES_TOO_LONG)
		err_set(&r.err, ERR_DATA, "%s: a request of more than %" PRIu64 " bytes", x->name, x->a.max_input);
	else if (!stop && !r.err.kind)
		stop = values_end(&v);
	values_release(&v);
	buf_release(&r.clean);
	if (r.err.kind)
		*e = r.err;
	return r.err.kind ? -1 : 0;
}

static int
read_file(struct route_run *x, const char *path, struct err *e)
{
	int is_stdin = strcmp(path, "-") == 0, fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	x->name = is_stdin ? "standard input" : path;
	if (fd < 0)
		return err_sys(e, ERR_NOINPUT, errno, "%s", path);
	if (is_stdin && x->closed & 1)
		return err_set(e, ERR_IO, "standard input is closed");
	int r = read_all(x, fd, e);
	if (r && e->sys == EISDIR)
		e->kind = ERR_NOINPUT;
	if (!is_stdin)
		close(fd);
	return r;
}

int
route_read_input(struct route_run *x, struct err *e)
{
	if (!x->a.n_operand && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE,
		    "standard input is a terminal: name a file, say - to type requests, or -l for the plan");
	if (!x->a.n_operand)
		return read_file(x, "-", e);
	for (size_t i = 0; i < x->a.n_operand; i++)
		if (read_file(x, x->a.operand[i], e))
			return -1;
	return 0;
}
