/* SPDX-License-Identifier: ISC */
/* What a call has to do with the books, which may be kept by another process: part of client. */
#include "client_priv.h"

#include "booking.h"
#include "err.h"
#include "loop.h"
#include "tm.h"

static void
on_admitted(void *arg, const struct err *e)
{
	struct call *c = arg;

	c->admitting = 0;
	call_go(c, e);
}

static void
on_clear(void *arg)
{
	struct call *c = arg;

	c->held = 0;
	if (c->s.on_clear)
		c->s.on_clear(c->s.arg);
}

static void
on_ended(void *arg)
{
	struct call *c = arg;

	c->s.on_done(c->s.arg, &c->out);
}

static void
on_remark(void *arg, const char *text)
{
	struct call *c = arg;

	c->s.books.on_remark(c->s.books.arg, text);
}

void
call_open_books(struct call *c)
{
	struct booked_spec s = c->s.books;

	if (!c->client->booking || c->bad.kind)
		return;
	s.arg = c;
	s.on_admitted = on_admitted;
	s.on_clear = on_clear;
	s.on_ended = on_ended;
	s.on_remark = c->s.books.on_remark ? on_remark : NULL;
	c->booked = booked_new(c->client->booking, &s, c->json);
}

int
call_admit(struct call *c, const struct candidate *cand, struct err *e)
{
	buf_clear(&c->edited);
	if (!c->booked)
		return 0;
	int r = booked_admit(c->booked, cand, c->out.n_attempt, &c->edited, e);
	c->admitting = r == BOOKED_WAITS;
	return r;
}

const struct json *
call_request(struct call *c, struct err *e)
{
	if (!c->edited.len)
		return c->json;
	return json_parse(&c->edited_json, c->edited.p, c->edited.len, e) ? NULL : &c->edited_json;
}

void
call_book_attempt(struct call *c, int more)
{
	if (c->booked)
		booked_attempt(c->booked, &c->out, more);
}

/* The books are opened when the loop has nothing to do for the request. */
void
call_note_sent(struct call *c)
{
	c->was_sent = 1;
	if (c->booked)
		loop_timer_set(c->sent, 0);
}

int
call_gone_out(struct call *c)
{
	if (!c->gone_out && c->booked && !c->done)
		c->held = booked_gone_out(c->booked) == BOOKED_WAITS;
	c->gone_out = 1;
	return c->held ? BOOKED_WAITS : 0;
}

static const char *
answer(const struct call *c)
{
	return c->s.answer ? c->s.answer(c->s.arg) : NULL;
}

void
call_close_books(struct call *c)
{
	if (!c->booked || booked_end(c->booked, &c->out, answer(c)) != BOOKED_WAITS)
		c->s.on_done(c->s.arg, &c->out);
}

void
call_leave_books(struct call *c)
{
	struct err e = {0};

	if (!c->booked || c->done || !booking_waits(c->client->booking))
		return;
	err_set(&e, ERR_IO, "nobody takes the answer");
	c->stopping = 1;
	call_drop(c, &e);
	if (!c->out.n_attempt)
		return;
	c->out.ms = tm_mono_ms() - c->start_ms;
	outcome_fail(&c->out, &e, c->gone_out);
	booked_end(c->booked, &c->out, NULL);
}
