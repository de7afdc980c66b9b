/* SPDX-License-Identifier: ISC */
#include "embed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "booking.h"
#include "buf.h"
#include "candidate.h"
#include "client.h"
#include "embed_cache.h"
#include "embed_priv.h"
#include "event.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "wire/embed.h"

#define LOOK_AGAIN_MS 5             /* for input that has not come yet */
#define QUIET 10                    /* times that none has come, until what is there is sent */
#define MAX_RECORDS 2048            /* of a batch, cached ones too */
#define MAX_BYTES (8 * 1024 * 1024) /* of a batch's texts, save for one longer text */

struct embed {
	struct embed_spec s;
	struct client *client;
	struct loop_timer *step, *deadline;
	struct embed_batch *first, **last; /* in order: the first is the next to be written */
	struct embed_batch *filling;       /* the last of them, while it takes more */
	size_t n_batches, n_running;
	size_t n_dims; /* of all vectors; 0: none has come yet */
	int input_over, worked, over, cache_failed;
	int mixed;   /* dimensions: nothing after that makes sense */
	int n_quiet; /* times in a row that no input was there */
	int64_t n_records, n_failed;
	struct err input_err, err, last_err;
};

static void step(void *arg);

static void
deadline_passed(void *arg)
{
	struct embed *m = arg;
	struct err e = {0};

	err_set(&e, ERR_DEADLINE, "not done in %g s", (double)m->s.deadline_ms / 1000);
	embed_stop(m, &e);
}

struct embed *
embed_new(const struct embed_spec *s)
{
	struct embed *m = xcalloc(1, sizeof(*m));

	m->s = *s;
	m->last = &m->first;
	m->client = client_new(s->loop, wire_embed(s->candidate->provider), s->booking);
	m->step = loop_timer_new(s->loop, step, m);
	m->deadline = loop_timer_new(s->loop, deadline_passed, m);
	return m;
}

static void
drop_first(struct embed *m)
{
	struct embed_batch *b = m->first;

	m->first = b->next;
	if (!m->first)
		m->last = &m->first;
	if (m->filling == b)
		m->filling = NULL;
	m->n_batches--;
	call_free(b->call);
	embed_batch_free(b);
}

void
embed_free(struct embed *m)
{
	if (!m)
		return;
	while (m->first)
		drop_first(m);
	client_free(m->client);
	loop_timer_free(m->step);
	loop_timer_free(m->deadline);
	free(m);
}

static void
end_run(struct embed *m, const struct err *e)
{
	if (m->over)
		return;
	m->over = 1;
	m->err = *e;
	loop_stop(m->s.loop);
}

void
embed_stop(struct embed *m, const struct err *e)
{
	end_run(m, e); /* embed_run() closes the connections */
}

/* ── calls ── */

static int
on_event(void *arg, const struct event *ev)
{
	struct embed_batch *b = arg;
	struct embed *m = b->owner;
	struct err e = {0};
	size_t n = ev->n / sizeof(float);

	if (ev->type != EVENT_VECTOR)
		return 0;
	m->mixed |= m->n_dims && n != m->n_dims;
	if (m->mixed) {
		err_set(&e, ERR_PROTOCOL, "vectors of %zu and of %zu dimensions in one run", m->n_dims, n);
		call_stop(b->call, &e);
	} else if (embed_batch_vector(b, (size_t)ev->index, ev->s, n) && !b->wrong.kind) {
		err_set(&b->wrong, ERR_PROTOCOL, "a vector with number %d for %zu texts, or two of them", ev->index,
		    b->now.to - b->now.from);
	}
	m->n_dims = m->n_dims ? m->n_dims : n;
	return e.kind != ERR_NONE;
}

static int
judge(void *arg, struct err *e)
{
	return embed_batch_judge(arg, e);
}

static void
on_attempt(void *arg, const struct candidate *c)
{
	(void)c;
	embed_batch_forget(arg);
}

/* What follows is the next step's: the call must not be freed in here. */
static void
on_done(void *arg, const struct outcome *o)
{
	struct embed_batch *b = arg;
	struct embed *m = b->owner;

	b->err = o->err;
	b->called = 1;
	if (m->s.on_call)
		m->s.on_call(m->s.arg, o);
	loop_timer_set(m->step, 0);
}

static void
on_note(void *arg, const char *line)
{
	struct embed_batch *b = arg;

	b->owner->s.on_note(b->owner->s.arg, line);
}

static void
start_call(struct embed *m, struct embed_batch *b)
{
	struct call_spec s = {
	    .candidate = m->s.candidate,
	    .n_candidate = m->s.n_candidate,
	    .rounds = m->s.rounds,
	    .idle_ms = m->s.idle_ms,
	    .connect_ms = m->s.connect_ms,
	    .idle_set = m->s.idle_set,
	    .connect_set = m->s.connect_set,
	    .arg = b,
	    .on_attempt = on_attempt,
	    .on_event = on_event,
	    .judge = judge,
	    .on_done = on_done,
	    .on_note = m->s.on_note ? on_note : NULL,
	};
	char id[BOOKING_ID];

	booking_id(id, NULL);
	s.books.id = id;
	b->now = b->todo[--b->n_todo];
	embed_batch_request(b, m->s.options);
	s.request = b->request.p;
	s.len = b->request.len;
	call_free(b->call);
	b->called = 0;
	b->call = client_start(m->client, &s);
}

static void
start_batch(struct embed *m, struct embed_batch *b)
{
	b->started = 1;
	if (b->n_send == 0) {
		b->done = 1;
		return;
	}
	/* more texts than a request takes, where long ones were split: the first ones lie on top */
	for (size_t n = (b->n_send + m->s.max_texts - 1) / m->s.max_texts; n-- > 0;) {
		size_t from = n * m->s.max_texts, to = from + m->s.max_texts;
		b->todo = mem_grow(b->todo, b->n_todo, &b->cap_todo, sizeof(*b->todo));
		b->todo[b->n_todo++] = (struct embed_range){from, to < b->n_send ? to : b->n_send};
	}
	m->n_running++;
	start_call(m, b);
}

static void
warn_cache(struct embed *m, const struct err *e)
{
	if (!m->cache_failed)
		m->s.on_warning(m->s.arg, e->msg);
	m->cache_failed = 1;
}

static void
fill_cache(struct embed *m, struct embed_batch *b)
{
	struct err e = {0};

	for (size_t i = b->now.from; m->s.cache && !m->cache_failed && i < b->now.to; i++) {
		const struct embed_piece *p = b->piece + b->send[i];
		if (embed_cache_put(m->s.cache, b->bytes.p + p->at, p->n, p->v, m->n_dims, &e))
			warn_cache(m, &e);
	}
}

/* A call has ended: the batch goes on, or is done. */
static void
after_call(struct embed *m, struct embed_batch *b)
{
	size_t n = b->now.to - b->now.from;

	b->called = 0;
	if (!b->err.kind) {
		m->worked = 1;
		fill_cache(m, b);
	} else {
		embed_batch_forget(b);
		if (b->err.kind == ERR_REQUEST && n > 1) {
			embed_batch_halve(b);
		} else if (b->err.kind == ERR_REQUEST) {
			while (
			    b->record[b->bad_record].piece + b->record[b->bad_record].n_pieces <= b->send[b->now.from])
				b->bad_record++;
			b->n_todo = 0;
		} else {
			b->n_todo = 0;
		}
	}
	if (b->n_todo) {
		start_call(m, b);
		return;
	}
	m->n_running--;
	b->done = 1;
}

/* ── rows ── */

/* What a later request can't escape. */
static int
is_final(const struct embed *m, enum err_kind kind)
{
	if (kind == ERR_TEMPORARY || kind == ERR_PROTOCOL || kind == ERR_REFUSED)
		return !m->worked || m->mixed;
	return 1;
}

static int
give_row(struct embed *m, struct embed_batch *b, size_t i)
{
	const struct embed_record *r = b->record + i;
	struct embed_row row = {.v = embed_batch_result(b, i, m->n_dims), .n_dims = m->n_dims, .err = &b->err};
	struct err e = {0};

	row.text = (struct embed_text){
	    r->number, b->bytes.p + r->text, r->n_text, r->has_id ? b->bytes.p + r->id : NULL, r->n_id};
	m->n_records++;
	if (!row.v) {
		m->n_failed++;
		m->last_err = b->err;
	}
	if (m->s.on_row(m->s.arg, &row, &e) == 0)
		return 0;
	end_run(m, &e);
	return -1;
}

static void
warn_batch(struct embed *m, const struct embed_batch *b)
{
	struct buf line = BUF_INIT;

	int64_t from = b->record[0].number, to = b->record[b->n_record - 1].number;
	if (from == to)
		buf_addf(&line, "%s %" PRId64 " has no vector: %s", m->s.unit, from, b->err.msg);
	else
		buf_addf(&line, "%ss %" PRId64 " to %" PRId64 " have no vectors: %s", m->s.unit, from, to, b->err.msg);
	m->s.on_warning(m->s.arg, line.p);
	buf_release(&line);
}

/* The first batch is done. -1: the run is over. */
static int
write_batch(struct embed *m, struct embed_batch *b)
{
	int bad_text = b->err.kind == ERR_REQUEST, final = b->err.kind && is_final(m, b->err.kind);
	size_t n = bad_text ? b->bad_record : final ? 0 : b->n_record;

	if (b->err.kind && !final)
		warn_batch(m, b);
	for (size_t i = 0; i < n; i++)
		if (give_row(m, b, i))
			return -1;
	if (bad_text)
		err_wrap(&b->err, "%s %" PRId64, m->s.unit, b->record[b->bad_record].number);
	if (!final)
		return 0;
	m->s.on_flush(m->s.arg, &b->err);
	end_run(m, &b->err);
	return -1;
}

/* ── input ── */

static int
too_long(const struct embed *m, const struct embed_text *t, size_t cost, struct err *e)
{
	return err_set(e, ERR_DATA,
	    "%s %" PRId64 ": too long: about %zu tokens, and %s takes %zu (--split cuts it in pieces)", m->s.unit,
	    t->record, cost / 12, m->s.candidate->name, m->s.max_text_tokens);
}

static struct embed_batch *
batch_to_fill(struct embed *m)
{
	struct embed_batch *b = m->filling;

	if (!b) {
		m->filling = b = xcalloc(1, sizeof(*b));
		b->owner = m;
		*m->last = b;
		m->last = &b->next;
		m->n_batches++;
	}
	return b;
}

/* Looks the pieces up that were just added; the others are to be sent. */
static void
look_up(struct embed *m, struct embed_batch *b, size_t from)
{
	for (size_t i = from; i < b->n_piece; i++) {
		struct embed_piece *p = b->piece + i;
		const char *text = b->bytes.p + p->at;
		size_t n = m->s.cache ? embed_cache_get(m->s.cache, text, p->n, &p->v) : 0;
		if (n && m->n_dims && n != m->n_dims) { /* of another time; asked for anew */
			free(p->v);
			p->v = NULL;
			n = 0;
		}
		if (n) {
			m->n_dims = n;
			continue;
		}
		b->send = mem_grow(b->send, b->n_send, &b->cap_send, sizeof(*b->send));
		b->send[b->n_send++] = i;
		b->cost += embed_cost(text, p->n, 0);
	}
}

static int
take_text(struct embed *m, const struct embed_text *t, struct err *e)
{
	size_t most = m->s.max_text_tokens * 12, cost = embed_cost(t->text, t->n_text, m->s.strict);

	if (most && cost > most && !m->s.split)
		return too_long(m, t, cost, e);
	struct embed_batch *b = m->filling;
	if (b && m->s.max_tokens && b->cost && b->cost + embed_cost(t->text, t->n_text, 0) > m->s.max_tokens * 12)
		m->filling = NULL;
	b = batch_to_fill(m);
	size_t n = b->n_piece;
	embed_batch_add(b, t, cost > most ? most : 0, m->s.strict);
	look_up(m, b, n);
	if (b->n_send >= m->s.max_texts || b->n_record >= MAX_RECORDS || b->bytes.len >= MAX_BYTES)
		m->filling = NULL;
	return 0;
}

/* Fills batches as far as there is input and place for them. 1: there may be more input later. */
static int
take_input(struct embed *m)
{
	while (!m->input_over && (m->filling || m->n_batches < 2 * m->s.parallel)) {
		struct embed_text t = {0};
		enum embed_next r = m->s.next(m->s.arg, &t, &m->input_err);
		m->n_quiet = r == EMBED_LATER ? m->n_quiet + 1 : 0;
		if (r == EMBED_LATER)
			return 1;
		if (r != EMBED_TEXT || take_text(m, &t, &m->input_err))
			m->input_over = 1;
	}
	return 0;
}

/* ── the run ── */

/* Starts what may start; a batch that is still filled when nothing else is to be done, too. */
static void
start_batches(struct embed *m, int idle)
{
	for (struct embed_batch *b = m->first; b && m->n_running < m->s.parallel; b = b->next) {
		if (b->started || (b == m->filling && !idle && !m->input_over))
			continue;
		if (b == m->filling)
			m->filling = NULL;
		start_batch(m, b);
	}
}

/* All that are done, up to the first that isn't. */
static int
write_rows(struct embed *m)
{
	struct err e = {0};

	while (m->first && m->first->done) {
		if (write_batch(m, m->first))
			return -1;
		drop_first(m);
	}
	if (m->s.on_flush(m->s.arg, &e) == 0)
		return 0;
	end_run(m, &e);
	return -1;
}

static void
finish(struct embed *m)
{
	struct err e = m->input_err;

	if (!e.kind && m->n_failed)
		err_set(&e, ERR_NEGATIVE, "%" PRId64 " of %" PRId64 " %ss have no vector; the last: %s", m->n_failed,
		    m->n_records, m->s.unit, m->last_err.msg);
	end_run(m, &e);
}

static void
step(void *arg)
{
	struct embed *m = arg;
	int later;

	if (m->over)
		return;
	for (struct embed_batch *b = m->first; b; b = b->next)
		if (b->called)
			after_call(m, b);
	later = take_input(m);
	start_batches(m, m->n_quiet >= QUIET);
	if (write_rows(m))
		return;
	if (m->input_over && !m->first)
		finish(m);
	else if (later)
		loop_timer_set(m->step, LOOK_AGAIN_MS);
	else if (!m->input_over && m->n_batches < 2 * m->s.parallel)
		loop_timer_set(m->step, 0);
}

int
embed_run(struct embed *m, struct err *e)
{
	if (m->s.deadline_ms)
		loop_timer_set(m->deadline, m->s.deadline_ms);
	loop_timer_set(m->step, 0);
	loop_run(m->s.loop);
	if (!m->over)
		err_set(&m->err, ERR_INTERNAL, "the loop ended before the run");
	*e = m->err;
	for (struct embed_batch *b = m->first; e->kind && b; b = b->next)
		if (b->call)
			call_stop(b->call, e); /* what runs is booked, too */
	return e->kind ? -1 : 0;
}
