/* SPDX-License-Identifier: ISC */
/* What workers put into their spools and nobody booked any more: part of scribe.h. */
#include "serve/scribe_priv.h"
#include "spool.h"
#include "tm.h"

#define LOOK_AGAIN_MS 1000 /* where the ledger couldn't be written */

static void
replay(struct scribe *s, struct worker *w, const struct buf *b)
{
	struct line_msg m;
	size_t at = 0, used = 0;
	int r;

	while ((r = line_next(buf_str(b) + at, b->len - at, &used, &m)) == 1) {
		at += used;
		if (m.number <= w->last)
			continue;
		w->last = m.number;
		if ((r = scribe_book(s, w, &m)))
			break;
	}
	if (r == -1 || at < b->len)
		scribe_warn(s, NULL, "a worker's spool makes no sense from some point on: what follows there is lost");
}

void
scribe_replay(struct scribe *s, struct worker *w)
{
	struct buf b = BUF_INIT;

	if (w->spool && spool_read(w->spool, &b) == 0)
		replay(s, w, &b);
	buf_release(&b);
}

void
scribe_look_later(struct scribe *s)
{
	s->look_ms = tm_mono_ms() + LOOK_AGAIN_MS;
}

/* 1: it is in the ledger. */
static int
adopt(void *arg, struct spool *spool)
{
	struct scribe *s = arg;
	struct worker w = {.fd = -1, .spool = spool, .found = 1};

	scribe_replay(s, &w);
	scribe_leave(s, &w);
	int r = scribe_flush(s);
	buf_release(&w.out);
	if (r)
		scribe_look_later(s);
	return r == 0;
}

void
scribe_adopt(struct scribe *s)
{
	if (!s->look_ms || tm_mono_ms() < s->look_ms)
		return;
	s->look_ms = 0;
	if (s->s.path)
		spool_adopt(s->s.path, adopt, s);
}
