/* SPDX-License-Identifier: ISC */
/*
 * decode: an answer's body in, its canonical events out, one JSON line each (wire/events.h).
 *
 *	decode [-s status] [-w wire] [-c bytes | -S] < body
 *
 * -c feeds reads of that size; -S feeds it whole, byte by byte and at every split into two, and fails where the events differ.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/events.h"

struct cut {
	size_t first, rest;
	int n;
};

static size_t
next_cut(void *arg)
{
	struct cut *c = arg;

	return c->n++ ? c->rest : c->first;
}

static void
read_all(struct buf *b)
{
	ssize_t n;

	while ((n = read(0, buf_reserve(b, 65536), 65536)) > 0)
		b->len += (size_t)n;
	if (n < 0)
		err(1, "read");
}

static void
decode(struct buf *out, const struct wire *w, int http, const struct buf *body, size_t first, size_t rest)
{
	struct cut c = {first, rest, 0};

	buf_clear(out);
	events_of(out, w, http, buf_str(body), body->len, next_cut, &c);
}

static void
try_splits(const struct wire *w, int http, const struct buf *body, const struct buf *want)
{
	struct buf got = BUF_INIT;

	for (size_t i = 0; i < body->len; i++) {
		decode(&got, w, http, body, i ? i : 1, i ? 0 : 1);
		if (got.len != want->len || memcmp(got.p, want->p, got.len) != 0)
			errx(1, "other events when split at %zu:\n%s", i, buf_str(&got));
	}
	buf_release(&got);
}

int
main(int argc, char **argv)
{
	const struct wire *w = &wire_openai;
	struct buf body = BUF_INIT, out = BUF_INIT;
	int http = 200, splits = 0;
	size_t size = 0;

	for (int c; (c = getopt(argc, argv, "s:w:c:S")) != -1;) {
		if (c == 's')
			http = (int)strtol(optarg, NULL, 10);
		else if (c == 'c')
			size = strtoul(optarg, NULL, 10);
		else if (c == 'S')
			splits = 1;
		else if (c != 'w' || !(w = wire_get(optarg)))
			return 64;
	}
	read_all(&body);
	decode(&out, w, http, &body, size, size);
	if (splits)
		try_splits(w, http, &body, &out);
	if (fwrite(out.p, 1, out.len, stdout) != out.len || fflush(stdout))
		err(1, "write");
	buf_release(&body);
	buf_release(&out);
	return 0;
}
