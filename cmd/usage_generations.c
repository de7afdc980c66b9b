/* SPDX-License-Identifier: ISC */
/* Single calls, here and at OpenRouter: GET /generation. */
#include <err.h>
#include <string.h>

#include "err.h"
#include "fetch.h"
#include "json.h"
#include "ledger_read.h"
#include "mem.h"
#include "providers.h"
#include "str.h"
#include "usage.h"
#include "usage_remote.h"

static int
on_call(void *arg, const struct ledger_row *l, struct err *e)
{
	struct remote *r = arg;
	const struct ledger_attempt *last = l->n_attempt ? &l->attempt[l->n_attempt - 1] : NULL;

	(void)e;
	if (l->kind != ROW_CALL || l->state == CALL_OPEN || !last || last->source == COST_REPORTED ||
	    !l->call.answer_id || !*l->call.answer_id || !last->provider || strcmp(last->provider, r->p->name) != 0 ||
	    !report_selects(&r->u->a.select, l))
		return 0;
	if (r->n == REMOTE_MAX_CALLS) {
		r->n_more++;
		return 0;
	}
	r->g[r->n++] = (struct remote_call){xstrdup(l->call.answer_id), last->cost_pusd};
	return 0;
}

/* A call that isn't known there is a difference that isn't told. */
static int
call_row(struct remote *r, const struct remote_call *g, struct err *e)
{
	struct buf path = BUF_INIT, ours = BUF_INIT, theirs = BUF_INIT;
	struct fetch f = FETCH_INIT;
	struct json j = JSON_INIT;

	buf_adds(&path, "/generation?id=");
	str_percent(&path, g->id, "");
	int bad = remote_get(r, &f, path.p, &j, e);
	if (bad && f.status == 404) {
		err_clear(e);
		bad = 0;
	}
	if (!bad) {
		price_emit_pusd(&ours, g->ours_pusd);
		if (f.status == 404 || remote_dollars(&j, "data.total_cost", &theirs))
			r->n_untold++;
		else
			r->n_differ += strcmp(ours.p, theirs.p) != 0;
		remote_row(r, g->id, &ours, &theirs);
	}
	json_release(&j);
	fetch_release(&f);
	buf_release(&path);
	buf_release(&ours);
	buf_release(&theirs);
	return bad ? -1 : 0;
}

int
remote_calls(struct remote *r, struct err *e)
{
	const struct usage_range *range = &r->u->a.range;
	int bad =
	    r->u->ledger && ledger_scan(r->u->ledger, range->from_ms, range->until_ms, LEDGER_ATTEMPTS, on_call, r, e);

	for (size_t i = 0; !bad && i < r->n; i++)
		bad = call_row(r, &r->g[i], e);
	for (size_t i = 0; i < r->n; i++)
		mem_wipe_free(r->g[i].id);
	if (!bad && r->n_more && !r->u->a.quiet)
		warnx("the first %d calls were asked for, and %zu were not", REMOTE_MAX_CALLS, r->n_more);
	return bad ? -1 : 0;
}
