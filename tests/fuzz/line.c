/* SPDX-License-Identifier: ISC */
/*
 * What a worker says to the scribe, and what the scribe says to a worker. Whatever comes is read without harm; a message is found at the same
 * place however little of what follows it is there; what was read whole is, written again, read as the same. The scribe, without a ledger,
 * answers what makes sense and refuses the rest.
 */
#include "serve/line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "mem.h"
#include "serve/scribe_priv.h"
#include "serve/scribe_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* Reads what is in a message of that type, and writes it; the type alone says what that is. */
static void
copy(struct line_msg *m, struct buf *out)
{
	struct ledger_call c;
	struct ledger_attempt a;
	struct budget v;
	struct ledger_key k;
	struct err e;
	size_t at = line_begin(out, (enum line_type)m->type, m->number), n = 0;
	const char *p;

	switch (m->type) {
	case LINE_RESERVE:
		line_int(out, line_get_int(m, INT64_MIN, INT64_MAX));
		line_get_call(m, &c);
		line_call(out, &c);
		line_get_attempt(m, &a);
		line_attempt(out, &a);
		n = line_get_count(m);
		line_int(out, (int64_t)n);
		for (size_t i = 0; i < n && !m->bad; i++) {
			line_get_budget(m, &v);
			line_budget(out, &v);
		}
		break;
	case LINE_KEYS:
		n = line_get_count(m);
		line_int(out, (int64_t)n);
		for (size_t i = 0; i < n && !m->bad; i++) {
			line_get_key(m, &k);
			line_key(out, &k);
		}
		break;
	case LINE_ANSWER:
		must(!line_get_err(m, &e) || e.kind != ERR_NONE);
		line_err(out, e.kind ? &e : NULL);
		p = line_get_bytes(m, &n);
		if (p)
			line_bytes(out, p, n);
		else
			line_str(out, NULL);
		break;
	default:
		line_str(out, line_get_str(m));
	}
	line_end(out, at);
}

static void
again(const struct line_msg *m)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct line_msg first = *m, second;
	size_t used = 0;

	copy(&first, &once);
	if (line_is_whole(&first)) {
		must(line_next(once.p, once.len, &used, &second) == 1 && used == once.len);
		copy(&second, &twice);
		must(line_is_whole(&second));
		must(once.len == twice.len && memcmp(once.p, twice.p, once.len) == 0);
	}
	buf_release(&once);
	buf_release(&twice);
}

static void
tell(struct scribe *s, struct worker *w, struct line_msg *m)
{
	int r = m->type == LINE_ASK ? scribe_ask(s, w, m) : scribe_book(s, w, m);
	const struct ask *a = TAILQ_FIRST(&s->asks);

	must(r == 0 || r == -1);
	scribe_flush(s);
	if (a && a->what == DESK_LIST) /* it would start a process */
		scribe_ask_forget(s, w);
	else
		scribe_ask_turn(s);
}

static void
check_answers(const struct buf *out)
{
	struct line_msg m;
	size_t at = 0, used = 0;

	while (at < out->len) {
		must(line_next(out->p + at, out->len - at, &used, &m) == 1);
		must(m.type >= LINE_DONE && m.type <= LINE_WARNING);
		at += used;
	}
}

static void
walk(struct scribe *s, struct worker *w, const char *p, size_t n)
{
	struct line_msg m, cut;
	size_t at = 0, used = 0, other = 0;

	while (line_next(p + at, n - at, &used, &m) == 1) {
		must(used > 0 && used <= n - at);
		must(line_next(p + at, used, &other, &cut) == 1 && other == used);
		must(line_next(p + at, used - 1, &other, &cut) == 0);
		again(&m);
		tell(s, w, &m);
		at += used;
	}
	check_answers(&w->out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct scribe s = {.s = {.control = -1}};
	struct worker *w = xcalloc(1, sizeof(*w));

	TAILQ_INIT(&s.workers);
	TAILQ_INIT(&s.asks);
	TAILQ_INIT(&s.errands);
	w->fd = -1;
	TAILQ_INSERT_TAIL(&s.workers, w, next);
	walk(&s, w, (const char *)p, n);
	scribe_leave(&s, w);
	scribe_ask_forget(&s, w);
	scribe_flush(&s);
	scribe_book_release(&s);
	buf_release(&w->in);
	buf_release(&w->out);
	free(w);
	return 0;
}
