/* SPDX-License-Identifier: ISC */
/* A row a group, as JSON. */
#include <stdint.h>

#include "jsonw.h"
#include "str.h"
#include "tm.h"
#include "usage.h"

static void
json_sums(struct jsonw *w, const struct ledger_totals *t)
{
	struct buf cost = BUF_INIT;

	price_emit_sum(&cost, t->cost);
	for (size_t i = 0; i < USAGE_N_SUMS; i++) {
		jsonw_key(w, usage_sums[i].name);
		if (i == USAGE_COST)
			jsonw_raw(w, cost.p, cost.len);
		else
			jsonw_int(w, usage_count(t, i));
	}
	buf_release(&cost);
}

static void
json_hundredths(struct jsonw *w, const char *key, int64_t v)
{
	struct buf b = BUF_INIT;

	jsonw_key(w, key);
	usage_hundredths(&b, v);
	if (v < 0)
		jsonw_null(w);
	else
		jsonw_raw(w, b.p, b.len);
	buf_release(&b);
}

static void
json_times(struct jsonw *w, struct report_group *g)
{
	static const char *const p_names[REPORT_N_RANKS] = {"p50", "p75", "p90", "p99"};

	json_hundredths(w, "success", report_success(g));
	jsonw_key(w, "ttft_ms");
	jsonw_object(w);
	for (enum report_rank p = 0; p < REPORT_N_RANKS; p++) {
		int64_t v = report_ttft_ms(g, p);
		json_hundredths(w, p_names[p], v < 0 ? v : v * 100);
	}
	jsonw_end_object(w);
	jsonw_key(w, "tokens_per_s");
	jsonw_object(w);
	for (enum report_rank p = 0; p < REPORT_N_RANKS; p++)
		json_hundredths(w, p_names[p], report_speed(g, p));
	jsonw_end_object(w);
}

/* A status is a number, where it is one. */
static void
json_key(struct jsonw *w, enum report_field f, const char *value)
{
	int64_t n;

	jsonw_key(w, report_field_name(f));
	if (f == BY_STATUS && str_int(value, INT32_MIN, INT32_MAX, &n) == 0)
		jsonw_int(w, n);
	else
		jsonw_str(w, *value ? value : NULL);
}

static void
json_row(struct jsonw *w, struct report *r, size_t g)
{
	jsonw_object(w);
	for (size_t i = 0; i < r->n_by; i++)
		json_key(w, r->by[i], report_value(&r->v[g], i));
	json_sums(w, &r->v[g].totals);
	if (usage_timed(r))
		json_times(w, &r->v[g]);
	jsonw_end_object(w);
}

void
usage_groups_ndjson(struct buf *b, struct report *r)
{
	struct jsonw w;

	for (size_t g = 0; g < r->n; g++) {
		jsonw_init(&w, b);
		json_row(&w, r, g);
		buf_addc(b, '\n');
	}
}

void
usage_json_rows(struct jsonw *w, struct report *r)
{
	for (size_t g = 0; g < r->n; g++)
		json_row(w, r, g);
}

static void
json_time(struct jsonw *w, const char *key, int64_t ms)
{
	struct buf b = BUF_INIT;

	tm_iso(&b, ms / 1000);
	jsonw_member(w, key, b.p);
	buf_release(&b);
}

void
usage_json_begin(const struct usage *u, struct jsonw *w)
{
	jsonw_object(w);
	json_time(w, "from", u->a.range.from_ms);
	json_time(w, "until", usage_until_ms(u));
	jsonw_key(w, "rows");
	jsonw_array(w);
}

void
usage_json_end(struct jsonw *w, const struct report *r)
{
	jsonw_end_array(w);
	jsonw_key(w, "total");
	jsonw_object(w);
	json_sums(w, &r->total);
	jsonw_end_object(w);
	jsonw_end_object(w);
	buf_addc(w->b, '\n');
}
