/* SPDX-License-Identifier: ISC */
/*
 * --remote: what OpenRouter itself reports, beside what the ledger has.
 *
 * Sources: OpenRouter's API reference: GET /key, GET /credits, GET /generation. Days begin at midnight UTC, weeks on Monday.
 */
#include <err.h>
#include <string.h>

#include "budget.h"
#include "fetch.h"
#include "json.h"
#include "jsonw.h"
#include "ledger_read.h"
#include "listing.h"
#include "providers.h"
#include "usage.h"
#include "usage_remote.h"

#define MAX_BODY (1024 * 1024)
#define CONNECT_MS 10000
#define TOTAL_MS 60000

static const struct table_col heads[] = {{"WHAT", 0}, {"HERE $", 1}, {"OPENROUTER $", 1}};

/* ── what comes ── */

int
remote_get(struct remote *r, struct fetch *f, const char *path, struct json *j, struct err *e)
{
	struct listing_call call = LISTING_CALL_INIT;
	struct buf url = BUF_INIT;
	int bad = listing_other_url(&url, r->p, path, e) || listing_other_call(&call, r->p, url.p, e);

	if (!bad) {
		f->url = call.url.p;
		f->header = (const char *const *)call.header;
		f->connect_ms = r->p->connect_ms ? r->p->connect_ms : CONNECT_MS;
		f->total_ms = r->p->total_ms ? r->p->total_ms : TOTAL_MS;
		f->max = MAX_BODY;
		bad = fetch_run(f, NULL, NULL, e);
		if (!bad && f->status != 200)
			bad = listing_error(f->status, buf_str(&f->body), f->body.len, e);
		if (!bad &&
		    (json_parse(j, buf_str(&f->body), f->body.len, e) ||
			json_type(j, json_get(j, 0, "data")) != JSON_OBJECT)) {
			err_set(e, ERR_PROTOCOL, "%s: an answer without data", path);
			bad = listing_error(f->status, buf_str(&f->body), f->body.len, e);
		}
		if (bad) {
			provider_hide_secret(r->p, e->msg);
			err_wrap(e, "%s", r->p->name);
		}
	}
	listing_call_release(&call);
	buf_release(&url);
	return bad ? -1 : 0;
}

int
remote_dollars(const struct json *j, const char *path, struct buf *out)
{
	int v = json_path(j, 0, path);
	int64_t pusd;
	size_t n;

	if (json_type(j, v) != JSON_NUMBER)
		return -1;
	const char *s = json_raw(j, v, &n);
	int minus = n && *s == '-';
	if (price_parse_pusd(s + minus, n - (size_t)minus, &pusd))
		return -1;
	buf_adds(out, minus && pusd ? "-" : "");
	price_emit_pusd(out, pusd);
	return 0;
}

/* ── rows ── */

static void
json_amount(struct jsonw *w, const char *key, const struct buf *v)
{
	jsonw_key(w, key);
	if (v->len && strcmp(v->p, "-") != 0)
		jsonw_raw(w, v->p, v->len);
	else
		jsonw_null(w);
}

void
remote_row(struct remote *r, const char *what, const struct buf *ours, const struct buf *theirs)
{
	enum usage_form form = r->u->a.form;

	if (form != USAGE_NDJSON && form != USAGE_JSON) {
		table_adds(&r->t, what);
		table_add(&r->t, buf_str(ours), ours->len);
		table_add(&r->t, buf_str(theirs), theirs->len);
		return;
	}
	if (form == USAGE_NDJSON)
		jsonw_init(&r->w, &r->u->text);
	jsonw_object(&r->w);
	jsonw_member(&r->w, "what", what);
	json_amount(&r->w, "here", ours);
	json_amount(&r->w, "openrouter", theirs);
	jsonw_end_object(&r->w);
	if (form == USAGE_NDJSON)
		buf_addc(&r->u->text, '\n');
}

static int
on_row(void *arg, const struct ledger_row *l, struct err *e)
{
	(void)e;
	report_add(arg, l);
	return 0;
}

/* What the ledger has of OpenRouter since then. */
static int
spent_since(struct remote *r, int64_t from_ms, struct buf *out, struct err *e)
{
	struct report_select only = {.n = 1, .glob = {{BY_PROVIDER, r->p->name}}};
	struct report sum;

	report_init(&sum, NULL, 0, &only);
	int bad = r->u->ledger && ledger_scan(r->u->ledger, from_ms, INT64_MAX, LEDGER_ATTEMPTS, on_row, &sum, e);
	if (!bad)
		price_emit_sum(out, sum.total.cost);
	report_release(&sum);
	return bad ? -1 : 0;
}

static int
key_rows(struct remote *r, struct err *e)
{
	int64_t now_ms = r->u->now_ms;
	const struct {
		const char *what, *path;
		int64_t from_ms; /* -1: the ledger knows no such thing */
	} rows[] = {
	    {"today", "data.usage_daily", budget_start_day(BUDGET_DAY, now_ms) * USAGE_DAY_MS},
	    {"week", "data.usage_weekly", budget_start_day(BUDGET_WEEK, now_ms) * USAGE_DAY_MS},
	    {"month", "data.usage_monthly", budget_start_day(BUDGET_MONTH, now_ms) * USAGE_DAY_MS},
	    {"ever", "data.usage", 0},
	    {"limit", "data.limit", -1},
	    {"limit left", "data.limit_remaining", -1},
	};
	struct fetch f = FETCH_INIT;
	struct json j = JSON_INIT;
	int bad = remote_get(r, &f, "/key", &j, e);

	for (size_t i = 0; !bad && i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf ours = BUF_INIT, theirs = BUF_INIT;
		bad = rows[i].from_ms >= 0 && spent_since(r, rows[i].from_ms, &ours, e);
		remote_dollars(&j, rows[i].path, &theirs);
		remote_row(r, rows[i].what, &ours, &theirs);
		buf_release(&ours);
		buf_release(&theirs);
	}
	json_release(&j);
	fetch_release(&f);
	return bad ? -1 : 0;
}

/* The account's credits are told to management keys alone. */
static int
credit_rows(struct remote *r, struct err *e)
{
	static const char *const rows[][2] = {{"credits", "data.total_credits"}, {"credits used", "data.total_usage"}};
	struct fetch f = FETCH_INIT;
	struct json j = JSON_INIT;
	const struct buf none = BUF_INIT;
	int bad = remote_get(r, &f, "/credits", &j, e);

	if (bad && (f.status == 401 || f.status == 403)) {
		if (!r->u->a.quiet)
			warnx("%s: credits are told to management keys only", r->p->name);
		err_clear(e);
		bad = 0;
	} else {
		for (size_t i = 0; !bad && i < sizeof(rows) / sizeof(*rows); i++) {
			struct buf theirs = BUF_INIT;
			remote_dollars(&j, rows[i][1], &theirs);
			remote_row(r, rows[i][0], &none, &theirs);
			buf_release(&theirs);
		}
	}
	json_release(&j);
	fetch_release(&f);
	return bad ? -1 : 0;
}

static void
judge(const struct remote *r)
{
	if (r->n_differ)
		err_set(&r->u->verdict, ERR_NEGATIVE, "%zu of %zu calls cost something else at OpenRouter", r->n_differ,
		    r->n);
	else if (r->n_untold)
		err_set(&r->u->verdict, ERR_NEGATIVE, "OpenRouter doesn't tell what %zu of %zu calls cost", r->n_untold,
		    r->n);
}

static void
print(struct remote *r)
{
	if (r->u->a.form == USAGE_JSON) {
		jsonw_end_array(&r->w);
		jsonw_end_object(&r->w);
		buf_addc(&r->u->text, '\n');
	} else if (r->u->a.form == USAGE_TABLE && r->u->out.tty) {
		table_aligned(&r->t, &r->u->text);
	} else {
		table_tsv(&r->t, &r->u->text);
	}
}

int
usage_remote(struct usage *u, struct err *e)
{
	struct providers ps = PROVIDERS_INIT;
	struct remote r = {.u = u};
	int bad = providers_load(&ps, e);

	table_init(&r.t, heads, sizeof(heads) / sizeof(*heads), u->out.tty);
	jsonw_init(&r.w, &u->text);
	if (u->a.form == USAGE_JSON)
		usage_json_begin(u, &r.w);
	if (!bad && !(r.p = providers_get(&ps, "openrouter", strlen("openrouter"))))
		bad = err_set(e, ERR_CONFIG, "no provider 'openrouter' in the table");
	bad = bad || key_rows(&r, e) || credit_rows(&r, e) || (u->a.select.n && remote_calls(&r, e));
	if (!bad) {
		print(&r);
		judge(&r);
	}
	table_release(&r.t);
	providers_release(&ps);
	return bad ? -1 : 0;
}
