/* SPDX-License-Identifier: ISC */
/* or-usage: what was used, and what it cost. See or-usage(1). */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "jsonw.h"
#include "ledger_read.h"
#include "spool.h"
#include "tm.h"
#include "usage.h"

#define FLUSH_BYTES 65536

/* ── the ledger ── */

/* A ledger that was set aside is news for whoever asks what was spent: it is an error here, where it is a warning to who only adds to it. */
static int
open_as(struct usage *u, const char *path, enum ledger_mode mode, struct err *e)
{
	char *warning = NULL;
	int r = ledger_open(&u->ledger, path, mode, &warning, e);

	if (r == 0 && warning)
		r = err_set(e, ERR_DATA, "%s", warning);
	free(warning);
	return r;
}

static int
settle_orphans(struct usage *u, struct err *e)
{
	int64_t n;

	if (ledger_orphans(u->ledger, &n, e))
		return -1;
	if (n && u->a.verbose)
		warnx("settled at what was reserved for %s: %" PRId64 " call%s whose process died",
		    n == 1 ? "it" : "them", n, n == 1 ? "" : "s");
	return 0;
}

/* Who can't write can read: another user's ledger, or one on a medium that is read-only. */
static int
open_ledger(struct usage *u, struct err *e)
{
	char *path = NULL;
	int r = ledger_path(&path, e);

	if (r == 0 && !path)
		r = err_set(e, ERR_CONFIG, "there is no ledger: OR_LEDGER is none");
	if (r == 0 && access(path, F_OK) == 0) {
		spool_wait(path, SPOOL_PATIENCE_MS);
		int write = access(path, W_OK) == 0 || u->a.prune_days >= 0;
		r = open_as(u, path, write ? LEDGER_WRITE : LEDGER_READ, e);
		if (r == 0 && write)
			r = settle_orphans(u, e);
	}
	free(path);
	return r;
}

struct scan {
	struct usage *u;
	struct report *r;
	size_t n;
	usage_each_fn each;
};

static int
on_row(void *arg, const struct ledger_row *row, struct err *e)
{
	struct scan *s = arg;

	for (size_t i = 0; i < s->n; i++)
		report_add(&s->r[i], row);
	return s->each ? s->each(s->u, row, e) : 0;
}

/* What has to be read for them all. -v wants the open calls counted, which are in no sum of a day. */
static unsigned
what_for(const struct usage *u, const struct report *r, size_t n)
{
	unsigned attempts = 0, brief = LEDGER_BRIEF, sums = u->a.verbose ? 0 : LEDGER_SUMS;

	for (size_t i = 0; i < n; i++) {
		attempts |= r[i].attempts ? LEDGER_ATTEMPTS : 0;
		brief &= report_is_brief(&r[i]) ? brief : 0;
		sums &= report_of_days(&r[i]) ? sums : 0;
	}
	return attempts | brief | sums;
}

int
usage_scan(struct usage *u, struct report *r, size_t n, usage_each_fn each, struct err *e)
{
	struct scan s = {u, r, n, each};
	unsigned what = each ? LEDGER_ATTEMPTS : what_for(u, r, n);

	if (!u->ledger)
		return 0;
	return ledger_scan(u->ledger, u->a.range.from_ms, u->a.range.until_ms, what, on_row, &s, e);
}

int64_t
usage_until_ms(const struct usage *u)
{
	return u->a.range.until_ms == INT64_MAX ? u->now_ms : u->a.range.until_ms;
}

static int
prune(struct usage *u, struct err *e)
{
	int64_t before_ms = (u->now_ms / USAGE_DAY_MS - u->a.prune_days) * USAGE_DAY_MS, n = 0;

	if (u->ledger && ledger_prune(u->ledger, before_ms, &n, e))
		return -1;
	if (u->a.verbose)
		warnx("%" PRId64 " calls were folded into sums of their days", n);
	return 0;
}

/* ── the output ── */

int
usage_flush(struct usage *u, struct err *e)
{
	if (u->text.len < FLUSH_BYTES)
		return 0;
	int r = out_write(&u->out, u->text.p, u->text.len, e);
	buf_clear(&u->text);
	return r;
}

static void
print_groups(struct usage *u, struct report *r)
{
	struct usage_table t;
	struct jsonw w;

	report_sort(r);
	if (u->a.form == USAGE_NDJSON) {
		usage_groups_ndjson(&u->text, r);
	} else if (u->a.form == USAGE_JSON) {
		jsonw_init(&w, &u->text);
		usage_json_begin(u, &w);
		usage_json_rows(&w, r);
		usage_json_end(&w, r);
	} else if (u->a.form == USAGE_TABLE && u->out.tty) {
		usage_fill_terminal(&t, r);
		table_aligned(&t.t, &u->text);
		table_release(&t.t);
	} else {
		usage_fill(&t, r, u->out.tty);
		table_tsv(&t.t, &u->text);
		table_release(&t.t);
	}
}

/* -B: what isn't known may be anything, and passes no more than too much does. */
static void
check_budget(struct usage *u, const struct report *r)
{
	struct buf spent = BUF_INIT, most = BUF_INIT;

	price_emit_sum(&spent, r->total.cost);
	price_emit_pusd(&most, u->a.budget_pusd);
	if (r->total.cost > u->a.budget_pusd)
		err_set(&u->verdict, ERR_CAP, "$%s were spent, more than $%s", spent.p, most.p);
	else if (r->total.n_unknown)
		err_set(&u->verdict, ERR_CAP, "$%s of $%s were spent, and the cost of %" PRId64 " %s isn't known",
		    spent.p, most.p, r->total.n_unknown, r->attempts ? "attempts" : "calls");
	buf_release(&spent);
	buf_release(&most);
}

static int
fill(struct usage *u, struct report *r, struct err *e)
{
	if (u->a.form == USAGE_HTML)
		return usage_page(u, r, e);
	if (u->a.each)
		return usage_calls(u, r, e);
	if (usage_scan(u, r, 1, NULL, e))
		return -1;
	print_groups(u, r);
	return 0;
}

static int
report(struct usage *u, struct err *e)
{
	struct report r;

	report_init(&r, u->a.by, u->a.n_by, &u->a.select);
	int bad = fill(u, &r, e);
	if (bad == 0 && r.n_open && u->a.verbose)
		warnx("%" PRId64 " calls that still run are in no sum", r.n_open);
	if (bad == 0 && u->n_folded && !u->a.quiet)
		warnx("%" PRId64 " calls were folded into sums of their days, and aren't listed", u->n_folded);
	if (bad == 0 && u->a.budget_pusd != PUSD_UNKNOWN)
		check_budget(u, &r);
	report_release(&r);
	return bad;
}

static int
work(struct usage *u, struct err *e)
{
	if (u->a.about) {
		usage_args_about(&u->a, &u->text);
		return 0;
	}
	if (open_ledger(u, e))
		return -1;
	if (u->a.prune_days >= 0)
		return prune(u, e);
	return u->a.remote ? usage_remote(u, e) : report(u, e);
}

/* The output is whole, and in its place, before the budget or a difference has its say. */
static int
run(struct usage *u, int closed, struct err *e)
{
	int kept, bad = out_open(&u->out, u->a.output, closed, e);

	if (bad == 0)
		bad = work(u, e);
	if (bad == 0)
		bad = out_write(&u->out, buf_str(&u->text), u->text.len, e);
	if (out_close(&u->out, bad == 0, &kept, bad ? NULL : e))
		bad = -1;
	if (kept)
		err_wrap(e, "what came is in %s", u->out.partial);
	if (bad == 0)
		*e = u->verdict;
	return bad;
}

int
main(int argc, char **argv)
{
	struct usage u = {.now_ms = tm_now_ms(), .out = OUT_INIT};
	int closed = out_prepare();
	struct err e = {0};

	if (usage_args_parse(&u.a, argc, argv, u.now_ms, &e) == 0)
		run(&u, closed, &e);
	if (u.ledger)
		ledger_close(u.ledger);
	out_release(&u.out);
	buf_release(&u.text);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	else if (e.kind)
		warnx("%s", e.msg);
	return err_status(&e);
}
