/* SPDX-License-Identifier: ISC */
/* -l: a row a call. Rows are written as they are read: there may be a million. */
#include <inttypes.h>
#include <string.h>

#include "jsonw.h"
#include "ledger_read.h"
#include "tm.h"
#include "usage.h"

/* What a call's attempts come to; -1 where none of them told. */
struct spent {
	int64_t prompt, completion, cached, reasoning;
	struct buf cost;    /* empty: not known */
	const char *source; /* NULL: the call still runs */
};

enum kind { TEXT, NUMBER };

/* One cell, as text: empty where it isn't known. */
struct cell {
	const char *name;
	struct table_col col;
	enum kind kind;
	void (*add)(struct buf *b, const struct ledger_row *row, const struct spent *s);
};

static void
add_count(struct buf *b, int64_t n)
{
	if (n >= 0)
		buf_addf(b, "%" PRId64, n);
}

static void
add_text(struct buf *b, const char *s)
{
	buf_adds(b, s ? s : "");
}

#define CELL(name, value) \
	static void add_##name(struct buf *b, const struct ledger_row *row, const struct spent *s) \
	{ \
		(void)row; \
		(void)s; \
		value; \
	}

CELL(time, tm_iso(b, row->call.started_ms / 1000))
CELL(id, add_text(b, row->call.id))
CELL(tag, add_text(b, row->call.tag))
CELL(endpoint, add_text(b, row->call.endpoint))
CELL(finish, add_text(b, row->call.finish))
CELL(prompt, add_count(b, s->prompt))
CELL(completion, add_count(b, s->completion))
CELL(cached, add_count(b, s->cached))
CELL(reasoning, add_count(b, s->reasoning))
CELL(cost, buf_add(b, s->cost.p, s->cost.len))
CELL(source, add_text(b, s->source))
CELL(ttft, add_count(b, row->call.ttft_ms))
CELL(ms, add_count(b, row->call.ms))
CELL(client, add_text(b, row->call.client))
CELL(attempts, add_count(b, (int64_t)row->n_attempt))

/* Who will serve a call that still runs isn't known: it shows what was asked for. */
CELL(model, add_text(b, row->call.model && * row->call.model ? row->call.model : row->call.asked))

/* Nor has it a status. */
CELL(status, if (row->state != CALL_OPEN) buf_addf(b, "%d", row->call.status))

static const struct cell cells[] = {
    {"time", {"TIME", 0}, TEXT, add_time},
    {"id", {"ID", 0}, TEXT, add_id},
    {"tag", {"TAG", 0}, TEXT, add_tag},
    {"model", {"MODEL", 0}, TEXT, add_model},
    {"endpoint", {"ENDPOINT", 0}, TEXT, add_endpoint},
    {"status", {"STATUS", 1}, NUMBER, add_status},
    {"finish", {"FINISH", 0}, TEXT, add_finish},
    {"prompt", {"PROMPT", 1}, NUMBER, add_prompt},
    {"completion", {"COMPLETION", 1}, NUMBER, add_completion},
    {"cached", {"CACHED", 1}, NUMBER, add_cached},
    {"reasoning", {"REASONING", 1}, NUMBER, add_reasoning},
    {"cost", {"COST $", 1}, NUMBER, add_cost},
    {"source", {"SOURCE", 0}, TEXT, add_source},
    {"ttft_ms", {"TTFT ms", 1}, NUMBER, add_ttft},
    {"ms", {"ms", 1}, NUMBER, add_ms},
    {"attempts", {"ATTEMPTS", 1}, NUMBER, add_attempts},
    {"client", {"CLIENT", 0}, TEXT, add_client},
};

#define N_CELLS (sizeof(cells) / sizeof(*cells))

static void
more(int64_t *sum, int64_t n)
{
	if (n >= 0)
		*sum = n + (*sum > 0 ? *sum : 0);
}

static void
look(struct spent *s, const struct ledger_row *row)
{
	*s = (struct spent){-1, -1, -1, -1, BUF_INIT, NULL};
	for (size_t i = 0; i < row->n_attempt; i++) {
		const struct ledger_attempt *a = &row->attempt[i];
		more(&s->prompt, a->prompt);
		more(&s->completion, a->completion);
		more(&s->cached, a->cached);
		more(&s->reasoning, a->reasoning);
	}
	if (row->state == CALL_OPEN || row->n_attempt == 0)
		return;
	s->source = ledger_source(row->source);
	if (row->totals.n_unknown == 0)
		price_emit_sum(&s->cost, row->totals.cost);
}

/* ── the forms ── */

struct calls {
	struct table_col col[N_CELLS];
	struct table t;
	struct jsonw w;
	struct buf cell;
};

static void
table_row(struct calls *c, const struct ledger_row *row, const struct spent *s)
{
	for (size_t i = 0; i < N_CELLS; i++) {
		buf_clear(&c->cell);
		cells[i].add(&c->cell, row, s);
		table_add(&c->t, buf_str(&c->cell), c->cell.len);
	}
}

static void
json_row(struct calls *c, const struct ledger_row *row, const struct spent *s)
{
	jsonw_object(&c->w);
	for (size_t i = 0; i < N_CELLS; i++) {
		buf_clear(&c->cell);
		cells[i].add(&c->cell, row, s);
		jsonw_key(&c->w, cells[i].name);
		if (!c->cell.len)
			jsonw_null(&c->w);
		else if (cells[i].kind == NUMBER)
			jsonw_raw(&c->w, c->cell.p, c->cell.len);
		else
			jsonw_strn(&c->w, c->cell.p, c->cell.len);
	}
	jsonw_end_object(&c->w);
}

static int
aligned(const struct usage *u)
{
	return u->a.form == USAGE_TABLE && u->out.tty;
}

static void
one(struct usage *u, const struct ledger_row *row)
{
	struct calls *c = u->calls;
	struct spent s;

	look(&s, row);
	if (u->a.form == USAGE_NDJSON) {
		jsonw_init(&c->w, &u->text);
		json_row(c, row, &s);
		buf_addc(&u->text, '\n');
	} else if (u->a.form == USAGE_JSON) {
		json_row(c, row, &s);
	} else {
		table_row(c, row, &s);
	}
	if (!aligned(u) && c->t.n) {
		table_tsv(&c->t, &u->text);
		c->t.n = 0;
		buf_clear(&c->t.text);
	}
	buf_release(&s.cost);
}

static int
on_call(struct usage *u, const struct ledger_row *row, struct err *e)
{
	if (row->kind == ROW_DAY_CALLS)
		u->n_folded += report_selects(&u->a.select, row) ? row->totals.n : 0;
	if (row->kind != ROW_CALL || !report_selects(&u->a.select, row))
		return 0;
	one(u, row);
	return usage_flush(u, e);
}

int
usage_calls(struct usage *u, struct report *total, struct err *e)
{
	struct calls c = {.cell = BUF_INIT};

	for (size_t i = 0; i < N_CELLS; i++)
		c.col[i] = cells[i].col;
	table_init(&c.t, c.col, N_CELLS, u->out.tty);
	u->calls = &c;
	jsonw_init(&c.w, &u->text);
	if (u->a.form == USAGE_JSON)
		usage_json_begin(u, &c.w);
	int bad = usage_scan(u, total, 1, on_call, e);
	if (u->a.form == USAGE_JSON)
		usage_json_end(&c.w, total);
	if (aligned(u))
		table_aligned(&c.t, &u->text);
	table_release(&c.t);
	buf_release(&c.cell);
	u->calls = NULL;
	return bad;
}
