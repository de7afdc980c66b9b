/* SPDX-License-Identifier: ISC */
/* An answer, translated as it comes. */
#include <err.h>
#include <string.h>

#include "err.h"
#include "outcome.h"
#include "render.h"
#include "str.h"
#include "wire/decoder.h"
#include "xlate.h"

#define READ_BYTES 65536

struct answering {
	struct xlate *x;
	struct decoder decoder;
	struct render render;
	struct outcome outcome;
	struct buf ready; /* to be written */
	int splice;       /* the input's own bytes go out */
	int has_content;
	size_t n_kept; /* bytes that are collected */
};

/* Nothing has gone out, and nothing will: the error itself is the answer. */
static void
error_alone(struct answering *a, const struct event *ev)
{
	struct render *r = &a->render;

	buf_add(&a->ready, r->held.p, r->held.len);
	buf_clear(&r->held);
	if (r->form == RENDER_NDJSON) {
		render_ndjson(ev, &a->ready);
	} else if (r->form == RENDER_SSE) {
		r->out.front->event(&r->out, ev, &a->ready);
	} else {
		r->out.front->error(ev->err, &a->ready);
		buf_addc(&a->ready, '\n');
	}
}

static int
keep(struct answering *a, const struct event *ev)
{
	if (render_keeps(&a->render, ev))
		a->n_kept += ev->n + ev->raw_len;
	return a->n_kept > DECODER_MAX_BODY;
}

static int
on_event(void *arg, const struct event *ev)
{
	struct answering *a = arg;

	outcome_event(&a->outcome, ev, 0);
	a->has_content |= event_is_content(ev->type);
	if (a->splice)
		return 0;
	a->render.out.failed |= ev->type == EVENT_ERROR;
	if (ev->type == EVENT_ERROR && !a->has_content)
		error_alone(a, ev);
	else
		render_event(&a->render, ev, &a->ready);
	return keep(a, ev);
}

static int
flush(struct answering *a, struct err *e)
{
	int r = out_write(&a->x->out, a->ready.p, a->ready.len, e);

	buf_clear(&a->ready);
	return r;
}

/* What is read goes through; an answer that has failed has nothing more to say, but its bytes may be wanted. */
static int
pump(struct answering *a, struct err *e)
{
	struct xlate *x = a->x;
	char bytes[READ_BYTES];
	const char *p = buf_str(&x->text);
	ssize_t n = (ssize_t)x->text.len;

	for (;;) {
		int stopped = decoder_feed(&a->decoder, p, (size_t)n);
		if (a->splice ? out_write(&x->out, p, (size_t)n, e) : flush(a, e))
			return -1;
		if ((stopped && !a->splice) || x->ended)
			return 0;
		p = bytes;
		n = xlate_read(x, bytes, sizeof(bytes), e);
		if (n < 0)
			return -1;
	}
}

static void
end(struct answering *a, int failed)
{
	struct render *r = &a->render;

	if (a->splice)
		return;
	if (!failed || a->has_content || r->form == RENDER_NDJSON || r->form == RENDER_SSE) {
		buf_add(&a->ready, failed ? r->held.p : NULL, failed ? r->held.len : 0);
		render_end(r, NULL, failed, &a->ready);
	}
}

static void
list_losses(const struct xlate *x, struct buf *b)
{
	for (size_t i = 0; i < x->lost.n; i++)
		buf_addf(b, "%s%s", i ? ", " : "", x->lost.v[i]);
}

/* What the end of the answer, and what was lost of it, mean. */
static void
judge(struct answering *a, struct err *e)
{
	struct xlate *x = a->x;
	struct buf names = BUF_INIT;

	if (e->kind) {
		outcome_fail(&a->outcome, e, a->has_content);
		*e = a->outcome.err;
	} else {
		outcome_judge(&a->outcome, e);
	}
	if (!e->kind && x->lost.n_content && !x->a.lossy) {
		list_losses(x, &names);
		err_set(e, ERR_DATA, "%s doesn't take %s", x->a.to, buf_str(&names));
		buf_release(&names);
	} else if (e->kind) {
		err_wrap(e, "%s", x->from);
	}
	if (a->decoder.n_repaired && x->a.verbose)
		warnx("bytes of the answer that were not UTF-8 became U+FFFD");
}

static void
begin(struct answering *a, struct xlate *x)
{
	a->x = x;
	a->splice = x->a.form < 0 && strcmp(x->from, x->a.to) == 0;
	outcome_forget(&a->outcome);
	decoder_init(&a->decoder, wire_get(x->from), 200, on_event, a);
	/* the time of an answer that doesn't tell it is unknown: the same input always gives the same output */
	render_init(&a->render,
	    x->a.form >= 0     ? (enum render_form)x->a.form
		: x->is_stream ? RENDER_SSE
			       : RENDER_JSON,
	    0);
	a->render.out.front = front_get(x->a.to);
	a->render.out.lost = x->a.form == RENDER_NDJSON ? NULL : &x->lost;
}

int
xlate_answer(struct xlate *x, struct err *e)
{
	struct answering a = {.ready = BUF_INIT};
	struct err late = {0};

	begin(&a, x);
	int r = pump(&a, e);
	if (!r) {
		int failed = decoder_end(&a.decoder, e) != 0;
		end(&a, failed);
		r = flush(&a, &late);
		if (r)
			*e = late;
		else
			judge(&a, e);
	}
	decoder_release(&a.decoder);
	render_release(&a.render);
	outcome_release(&a.outcome);
	buf_release(&a.ready);
	return e->kind ? -1 : 0;
}
