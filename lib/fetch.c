/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "http.h"
#include "loop.h"
#include "mem.h"

struct run {
	struct fetch *f;
	struct loop *loop;
	struct http_xfer *xfer; /* NULL once it is over */
	int too_big;
	struct err err;
};

static void
on_header(void *arg, const char *name, const char *value)
{
	struct run *r = arg;

	if (strcmp(name, "etag") == 0) {
		free(r->f->etag);
		r->f->etag = xstrdup(value);
	}
}

static void
on_head(void *arg, int status)
{
	struct run *r = arg;

	r->f->status = status;
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct run *r = arg;

	r->too_big = n > r->f->max - r->f->body.len;
	if (!r->too_big)
		buf_add(&r->f->body, p, n);
	return r->too_big;
}

static void
on_done(void *arg, const struct err *e)
{
	struct run *r = arg;

	r->xfer = NULL;
	if (e)
		r->err = *e;
	else if (r->too_big)
		err_set(&r->err, ERR_PROTOCOL, "an answer of more than %zu bytes", r->f->max);
	loop_stop(r->loop);
}

static void
on_deadline(void *arg)
{
	struct run *r = arg;

	http_cancel(r->xfer);
	r->xfer = NULL;
	err_set(&r->err, ERR_DEADLINE, "no whole answer after %g s", (double)r->f->total_ms / 1000);
	loop_stop(r->loop);
}

int
fetch_run(struct fetch *f, struct loop *l, struct http *h, struct err *e)
{
	struct loop *own_loop = l ? NULL : loop_new(e);
	struct run r = {.f = f, .loop = l ? l : own_loop};
	struct http *own_http = r.loop && !h ? http_new(r.loop, e) : NULL;
	struct loop_timer *deadline = NULL;

	if (!r.loop || (!h && !own_http)) {
		loop_free(own_loop);
		return -1;
	}
	const struct http_req req = {.method = "GET",
	    .url = f->url,
	    .header = f->header,
	    .connect_ms = f->connect_ms,
	    .first_ms = f->first_ms,
	    .idle_ms = f->idle_ms,
	    .compressed = 1,
	    .arg = &r,
	    .on_header = on_header,
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done};
	r.xfer = http_start(h ? h : own_http, &req);
	if (f->total_ms > 0) {
		deadline = loop_timer_new(r.loop, on_deadline, &r);
		loop_timer_set(deadline, f->total_ms);
	}
	loop_run(r.loop);
	loop_timer_free(deadline);
	http_free(own_http);
	loop_free(own_loop);
	if (r.err.kind && e)
		*e = r.err;
	return r.err.kind ? -1 : 0;
}

void
fetch_release(struct fetch *f)
{
	buf_release(&f->body);
	free(f->etag);
	f->etag = NULL;
}
