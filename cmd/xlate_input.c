/* SPDX-License-Identifier: ISC */
/* What or-xlate is given: read as far as it takes to know what it is. */
#include <errno.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "str.h"
#include "xlate.h"

#define READ_BYTES 65536

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

static int
signalled(void)
{
	return caught;
}

void
xlate_watch_signals(struct xlate *x)
{
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_signal}, old; /* without SA_RESTART: a read comes back */

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	x->out.signalled = signalled;
}

int
xlate_open(struct xlate *x, int closed, struct err *e)
{
	const char *file = x->a.file;
	struct stat st;

	x->name = "standard input";
	x->fd = STDIN_FILENO;
	if (!file && isatty(x->fd))
		return err_set(e, ERR_USAGE, "standard input is a terminal: name a file, or - to type it");
	if (!file || strcmp(file, "-") == 0)
		return closed & 1 ? err_set(e, ERR_IO, "standard input is closed") : 0;
	x->name = file;
	x->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (x->fd < 0)
		return err_sys(e, ERR_NOINPUT, errno, "%s", file);
	if (fstat(x->fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOINPUT, "%s: Is a directory", file);
	return 0;
}

ssize_t
xlate_read(struct xlate *x, char *p, size_t n, struct err *e)
{
	ssize_t got;

	do {
		if (caught) {
			err_set(e, ERR_SIGNAL, "interrupted");
			e->sys = caught;
			return -1;
		}
		got = read(x->fd, p, n);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, ERR_IO, errno, "%s", x->name);
	x->ended |= got == 0;
	return got;
}

/* A little first: it may be a stream. Then room for all that a file still has, or for as much again as came from a pipe. */
static size_t
next_size(const struct xlate *x)
{
	struct stat st;

	if (x->text.len && fstat(x->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < XLATE_MAX)
		return st.st_size > (off_t)x->text.len ? (size_t)st.st_size - x->text.len + 1 : 1;
	return x->text.len > READ_BYTES ? x->text.len : READ_BYTES;
}

static int
read_more(struct xlate *x, struct err *e)
{
	size_t n = next_size(x);

	buf_reserve(&x->text, n);
	ssize_t got = xlate_read(x, x->text.p + x->text.len, n, e);
	if (got < 0)
		return -1;
	x->text.len += (size_t)got;
	x->text.p[x->text.len] = '\0';
	if (x->text.len > XLATE_MAX)
		return err_set(e, ERR_DATA, "%s: more than %d MiB", x->name, XLATE_MAX / 1024 / 1024);
	return 0;
}

/* What is wrong, and where, counted from the input's first byte. */
static int
bad_text(const struct xlate *x, struct err *e)
{
	const struct detect *d = &x->detect;
	size_t n = (d->end ? d->end : x->text.len) - d->start, at = 0;
	const char *why = "a request or an answer is an object";

	if (d->shape == DETECT_OTHER && !memchr("\"-0123456789tfn", x->text.p[d->start], 16))
		why = "neither JSON nor an event stream";
	else
		json_valid(x->text.p + d->start, n, &at, &why);
	return err_set(e, ERR_DATA, "%s: offset %zu: %s", x->name, d->start + at, why);
}

/* The text that was found as one object. Bytes that aren't UTF-8 become U+FFFD, in a copy. */
static int
parse_object(struct xlate *x)
{
	const struct detect *d = &x->detect;
	int in_data = d->shape == DETECT_SSE;
	const char *p = in_data ? buf_str(&d->data) : x->text.p + d->start;
	size_t n = in_data ? d->data.len : d->end - d->start;
	struct err ignored;

	if (d->shape == DETECT_FRAMES || d->shape == DETECT_OTHER)
		return -1;
	if (json_parse(&x->json, p, n, &ignored) == 0)
		return 0;
	if (utf8_valid(p, n) == n || x->a.strict_utf8)
		return -1;
	x->n_repaired = utf8_repair(&x->repaired, p, n);
	return json_parse(&x->json, x->repaired.p, x->repaired.len, &ignored);
}

/* The rest of a request's input is white space, and no key is there twice. */
static int
read_rest(struct xlate *x, struct err *e)
{
	size_t from = x->detect.end;

	do {
		for (; from < x->text.len; from++)
			if (!memchr(" \t\r\n", x->text.p[from], 4))
				return err_set(e, ERR_DATA, "%s: offset %zu: more than one value", x->name, from);
		if (!x->ended && read_more(x, e))
			return -1;
	} while (!x->ended);
	if (!x->n_repaired)
		x->json.text = x->text.p + x->detect.start; /* it may have moved */
	else if (!x->a.quiet)
		warnx("%s: %zu byte sequence%s not UTF-8: replaced by U+FFFD", x->name, x->n_repaired,
		    x->n_repaired == 1 ? "" : "s");
	return json_unique(&x->json, e) ? err_wrap(e, "%s", x->name) : 0;
}

/* What was read says all that can be known. known: there is a first object. */
static int
judge(struct xlate *x, int known, struct err *e)
{
	enum detect_shape shape = x->detect.shape;
	int parsed = known && parse_object(x) == 0, is_stream = shape == DETECT_SSE || shape == DETECT_FRAMES;

	x->is_request = x->a.kind;
	if (x->a.kind < 0)
		x->is_request = parsed && shape == DETECT_OBJECT && detect_is_request(&x->json);
	if (x->is_request ? !parsed || shape != DETECT_OBJECT : x->a.kind < 0 && !parsed && !is_stream)
		return bad_text(x, e);
	if (x->a.kind < 0 && !x->is_request && !x->a.from && shape == DETECT_OBJECT && parsed &&
	    !detect_is_answer(&x->json))
		return err_set(e, ERR_DATA, "%s: neither a request nor an answer in a format that is known", x->name);
	x->from = "openai";
	if (x->a.from)
		x->from = x->a.from;
	else if (shape == DETECT_FRAMES)
		x->from = "bedrock";
	else if (parsed)
		x->from = detect_format(&x->json, x->is_request);
	x->is_stream = detect_is_stream(shape, &x->json, x->from);
	return x->is_request ? read_rest(x, e) : 0;
}

int
xlate_detect(struct xlate *x, struct err *e)
{
	int known = 0;

	while (!known && !x->ended) {
		if (read_more(x, e))
			return -1;
		known = x->ended ? detect_end(&x->detect) : detect_feed(&x->detect, buf_str(&x->text), x->text.len);
	}
	if (!known && x->detect.shape == DETECT_BLANK && x->detect.start == x->text.len)
		return err_set(e, ERR_DATA, "%s: there is nothing in it", x->name);
	return judge(x, known, e);
}
