/* SPDX-License-Identifier: ISC */
/* A plan for people and pipes. */
#include <inttypes.h>
#include <string.h>

#include "candidate.h"
#include "endpoint.h"
#include "market.h"
#include "names.h"
#include "route_tool.h"
#include "table.h"
#include "tm.h"

static const struct table_col columns[] = {{"rank", 1}, {"endpoint", 0}, {"$/M in", 1}, {"$/M out", 1}, {"cost $", 1},
    {"success %", 1}, {"ttft ms", 1}, {"tok/s", 1}, {"reason", 0}};
#define N_COLUMNS (sizeof(columns) / sizeof(*columns))

static void
cell(struct table *t, struct buf *b)
{
	table_add(t, b->p, b->len);
	buf_clear(b);
}

/* Thousandths as a decimal with at most digits behind the point. */
static void
thousandths(struct buf *b, int64_t n, int64_t unit)
{
	if (n < 0)
		return;
	buf_addf(b, "%" PRId64, n / unit);
	if (n % unit * 10 / unit)
		buf_addf(b, ".%" PRId64, n % unit * 10 / unit);
}

static void
prices(struct table *t, const struct endpoint *ep, int64_t tokens, struct buf *b)
{
	int64_t minute = tm_now_ms() / 60000 % 1440;
	int hhmm = (int)(minute / 60 * 100 + minute % 60);

	price_emit_million(b, pricing_item(&ep->pricing, PRICE_PROMPT, tokens, hhmm));
	cell(t, b);
	price_emit_million(b, pricing_item(&ep->pricing, PRICE_COMPLETION, tokens, hhmm));
	cell(t, b);
}

static void
past(struct table *t, const struct endpoint_past *p, struct buf *b)
{
	thousandths(b, p->success, 10);
	cell(t, b);
	if (p->ttft_ms[P50] >= 0)
		buf_addf(b, "%d", p->ttft_ms[P50]);
	cell(t, b);
	thousandths(b, p->mtok_s[P50], 1000);
	cell(t, b);
}

static int
is_listed(const struct endpoint *ep)
{
	return ep->params_known || ep->context || ep->pricing.has;
}

static void
reason(struct buf *b, const struct endpoint *ep, const char *word)
{
	int64_t left = ep->past.benched_ms - tm_now_ms();

	buf_adds(b, word);
	if (left > 0)
		buf_addf(b, "; sits out %" PRId64 " s: %s", (left + 999) / 1000,
		    ep->past.benched_for ? ep->past.benched_for : "failed");
	if (ep->stands_in)
		buf_adds(b,
		    is_listed(ep) ? "; the model's row: its endpoints are not cached"
				  : "; the cached list does not have it");
}

static void
row(struct table *t, const struct routed *p, size_t i, int64_t rank, int64_t cost, const char *why)
{
	const struct endpoint *ep = &p->market->v[i];
	struct buf b = BUF_INIT;

	if (rank)
		buf_addf(&b, "%" PRId64, rank);
	cell(t, &b);
	endpoint_id(ep, &b);
	cell(t, &b);
	prices(t, ep, p->tokens, &b);
	if (cost != PUSD_UNKNOWN)
		price_emit_pusd(&b, cost);
	cell(t, &b);
	past(t, &ep->past, &b);
	reason(&b, ep, why);
	cell(t, &b);
	buf_release(&b);
}

static void
print_table(struct route_run *x, const struct routed *p)
{
	struct table t;
	struct buf why = BUF_INIT;

	table_init(&t, columns, N_COLUMNS, x->out.tty);
	for (size_t i = 0; i < p->plan->n && (!x->a.limit || i < x->a.limit); i++) {
		const struct plan_place *place = &p->plan->place[i];
		row(&t, p, place->endpoint, (int64_t)i + 1, place->cost_pusd, route_reason(place->reason));
	}
	for (size_t i = 0; x->a.verbose && i < p->plan->n_excluded; i++) {
		buf_clear(&why);
		buf_addf(&why, "left out: %s", route_rule(p->plan->excluded[i].rule));
		row(&t, p, p->plan->excluded[i].endpoint, 0, PUSD_UNKNOWN, why.p);
	}
	(x->out.tty ? table_aligned : table_tsv)(&t, &x->text);
	table_release(&t);
	buf_release(&why);
}

static void
print_ids(struct route_run *x, const struct routed *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->plan->n && (!x->a.limit || n < x->a.limit); i++) {
		if (router_repeats(p, i))
			continue;
		router_name(p, i, &x->text);
		buf_addc(&x->text, '\n');
		n++;
	}
}

void
route_print(struct route_run *x, const struct routed *p)
{
	(x->a.form == ROUTE_IDS ? print_ids : print_table)(x, p);
}
