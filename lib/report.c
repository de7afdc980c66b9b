/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tm.h"

#define DAY_S 86400
#define HOUR_MS 3600000
#define DATE_BYTES 10 /* 2026-11-22 of 2026-11-22T18:17:00Z */
#define FIRST_SLOTS 64

/* What is counted, seen as its fields: a call, an attempt, or a day's sum of either. Strings are borrowed; none is NULL. */
struct item {
	const char *field[REPORT_N_FIELDS];
	char hour[32], status[24];
	struct ledger_totals totals;
	const struct ledger_attempt *attempt; /* NULL: a call, or a day's sum */
};

static const char *const names[REPORT_N_FIELDS] = {
    [BY_MODEL] = "model",
    [BY_PROVIDER] = "provider",
    [BY_ENDPOINT] = "endpoint",
    [BY_DAY] = "day",
    [BY_HOUR] = "hour",
    [BY_TAG] = "tag",
    [BY_KEY] = "key",
    [BY_STATUS] = "status",
    [BY_SESSION] = "session",
    [BY_TOOL] = "tool",
    [BY_CLIENT] = "client",
};

int
report_field(const char *name, size_t n)
{
	for (int f = 0; f < REPORT_N_FIELDS; f++)
		if (strlen(names[f]) == n && memcmp(names[f], name, n) == 0)
			return f;
	return -1;
}

const char *
report_field_name(enum report_field f)
{
	return names[f];
}

/* What no sums of days have, and no brief row. */
#define OF_ROWS (1u << BY_SESSION | 1u << BY_TOOL | 1u << BY_CLIENT)

static int
of_attempts(enum report_field f)
{
	return f == BY_PROVIDER || f == BY_ENDPOINT;
}

/* ── what is selected ── */

int
report_select_add(struct report_select *s, const char *text, struct err *e)
{
	const char *is = strchr(text, '=');
	int f = is ? report_field(text, (size_t)(is - text)) : -1;

	if (!is)
		return err_set(e, ERR_USAGE, "'%s' is no field=pattern", text);
	if (f < 0)
		return err_set(e, ERR_USAGE, "'%s': there is no such field", text);
	if (s->n == REPORT_MAX_GLOBS)
		return err_set(e, ERR_USAGE, "more than %d patterns", REPORT_MAX_GLOBS);
	s->glob[s->n].field = (enum report_field)f;
	s->glob[s->n++].pattern = is + 1;
	return 0;
}

int
report_select_attempts(const struct report_select *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (of_attempts(s->glob[i].field))
			return 1;
	return 0;
}

static int
selected(const struct report_select *s, const struct item *it)
{
	unsigned asked = 0, fits = 0;

	for (size_t i = 0; s && i < s->n; i++) {
		enum report_field f = s->glob[i].field;
		asked |= 1u << f;
		if (!(fits & 1u << f) && fnmatch(s->glob[i].pattern, it->field[f], 0) == 0)
			fits |= 1u << f;
	}
	return fits == asked;
}

/* ── a row of the ledger as items ── */

static const char *
text(const char *s)
{
	return s ? s : "";
}

/* Most rows are of the day that the one before was. */
static const char *
date(struct report *r, int64_t day)
{
	struct buf iso = BUF_INIT;

	if (r->text_day != day || !*r->date) {
		tm_iso(&iso, day * DAY_S);
		size_t n = iso.len > DATE_BYTES ? DATE_BYTES : iso.len;
		memcpy(r->date, buf_str(&iso), n);
		r->date[n] = '\0';
		r->text_day = day;
		buf_release(&iso);
	}
	return r->date;
}

static void
set_hour(struct item *it, const struct ledger_row *row)
{
	size_t n = strlen(it->field[BY_DAY]);

	memcpy(it->hour, it->field[BY_DAY], n);
	if (row->kind == ROW_CALL) {
		int h = (int)((row->call.started_ms - row->day * DAY_S * 1000) / HOUR_MS);
		memcpy(it->hour + n, (char[]){'T', (char)('0' + h / 10), (char)('0' + h % 10)}, 3);
		memcpy(it->hour + n + 3, ":00Z", 4);
		n += 7;
	}
	it->hour[n] = '\0';
	it->field[BY_HOUR] = it->hour;
}

static void
set_status(struct item *it, int status)
{
	char *p = it->status + sizeof(it->status) - 1;
	unsigned v = status < 0 ? -(unsigned)status : (unsigned)status;

	*p = '\0';
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (status < 0)
		*--p = '-';
	it->field[BY_STATUS] = p;
}

static void
item_of_call(struct item *it, const struct ledger_row *row, const char *day)
{
	const struct ledger_call *c = &row->call;

	it->field[BY_MODEL] = text(c->model);
	it->field[BY_PROVIDER] = text(c->provider);
	it->field[BY_ENDPOINT] = text(c->endpoint);
	it->field[BY_DAY] = day;
	it->field[BY_TAG] = text(c->tag);
	it->field[BY_KEY] = text(c->key);
	it->field[BY_SESSION] = text(c->session);
	it->field[BY_TOOL] = text(c->tool);
	it->field[BY_CLIENT] = text(c->client);
	set_hour(it, row);
	if (row->kind == ROW_DAY_ATTEMPTS)
		it->field[BY_STATUS] = *text(c->error) ? "failed" : "0";
	else
		set_status(it, c->status);
	it->totals = row->totals;
	it->attempt = NULL;
}

static int64_t
known(int64_t n)
{
	return n > 0 ? n : 0;
}

static int
failed(const struct ledger_attempt *a)
{
	return *text(a->error) != '\0';
}

/* The item of its call becomes that of one of its attempts. */
static void
item_of_attempt(struct item *it, const struct ledger_attempt *a)
{
	int unknown = a->cost_pusd == PUSD_UNKNOWN;

	it->field[BY_MODEL] = text(a->model);
	it->field[BY_PROVIDER] = text(a->provider);
	it->field[BY_ENDPOINT] = text(a->endpoint);
	it->field[BY_KEY] = text(a->key);
	it->field[BY_STATUS] = failed(a) ? "failed" : "0";
	it->totals = (struct ledger_totals){.prompt = known(a->prompt),
	    .completion = known(a->completion),
	    .cached = known(a->cached),
	    .cache_write = known(a->cache_write),
	    .reasoning = known(a->reasoning),
	    .cost = unknown ? 0 : a->cost_pusd,
	    .n = 1,
	    .n_unknown = unknown,
	    .n_errors = failed(a)};
	it->attempt = a;
}

int
report_selects(const struct report_select *s, const struct ledger_row *row)
{
	struct report day = {0};
	struct item it;

	item_of_call(&it, row, date(&day, row->day));
	if (!s || !report_select_attempts(s))
		return selected(s, &it);
	for (size_t i = 0; i < row->n_attempt; i++) {
		item_of_attempt(&it, &row->attempt[i]);
		if (selected(s, &it))
			return 1;
	}
	return 0;
}

/* ── groups ── */

void
report_release(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].value);
		free(r->v[i].ttft.v);
		free(r->v[i].speed.v);
	}
	free(r->v);
	free(r->slot);
	buf_release(&r->key);
	*r = (struct report){0};
}

int
report_has(const struct report *r, enum report_field f)
{
	for (size_t i = 0; i < r->n_by; i++)
		if (r->by[i] == f)
			return 1;
	return 0;
}

/* Is one of these fields, bits, among the keys or the selectors? */
static int
uses(const struct report *r, unsigned fields)
{
	for (size_t i = 0; i < r->n_by; i++)
		if (fields & 1u << r->by[i])
			return 1;
	for (size_t i = 0; r->select && i < r->select->n; i++)
		if (fields & 1u << r->select->glob[i].field)
			return 1;
	return 0;
}

int
report_of_days(const struct report *r)
{
	return !r->attempts && !uses(r, 1u << BY_HOUR | OF_ROWS);
}

int
report_is_brief(const struct report *r)
{
	return !uses(r, OF_ROWS);
}

/* FNV-1a, whose low bits alone are taken. */
static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	while (n--)
		h = (h ^ (unsigned char)*p++) * UINT64_C(0x100000001b3);
	return h;
}

/* Where the group of that value is, or would go. */
static size_t *
find_slot(const struct report *r, const char *value, size_t len)
{
	size_t mask = r->n_slot - 1, i = (size_t)hash(value, len) & mask;

	for (; r->slot[i]; i = (i + 1) & mask) {
		const struct report_group *g = &r->v[r->slot[i] - 1];
		if (g->len == len && memcmp(g->value, value, len) == 0)
			break;
	}
	return &r->slot[i];
}

/* Half of the slots stay free. */
static void
make_room(struct report *r)
{
	if (2 * (r->n + 1) <= r->n_slot)
		return;
	free(r->slot);
	r->n_slot = r->n_slot ? r->n_slot : FIRST_SLOTS;
	while (r->n_slot < 2 * (r->n + 1))
		r->n_slot *= 2;
	r->slot = xcalloc(r->n_slot, sizeof(*r->slot));
	for (size_t i = 0; i < r->n; i++)
		*find_slot(r, r->v[i].value, r->v[i].len) = i + 1;
}

static struct report_group *
group_of(struct report *r, const struct item *it)
{
	buf_clear(&r->key);
	for (size_t i = 0; i < r->n_by; i++) {
		const char *s = it->field[r->by[i]];
		buf_add(&r->key, s, strlen(s) + 1);
	}
	make_room(r);
	size_t *slot = find_slot(r, buf_str(&r->key), r->key.len);
	if (!*slot) {
		r->v = mem_grow(r->v, r->n, &r->cap, sizeof(*r->v));
		r->v[r->n] = (struct report_group){.value = xmalloc(r->key.len + 1), .len = r->key.len};
		memcpy(r->v[r->n].value, buf_str(&r->key), r->key.len + 1);
		*slot = ++r->n;
	}
	return &r->v[*slot - 1];
}

void
report_init(struct report *r, const enum report_field *by, size_t n, const struct report_select *s)
{
	*r = (struct report){.n_by = n, .select = s, .attempts = s && report_select_attempts(s)};
	for (size_t i = 0; i < n; i++) {
		r->by[i] = by[i];
		r->attempts |= of_attempts(by[i]);
	}
	if (n == 0) /* totals there are without rows, too */
		group_of(r, NULL);
}

static void
sample(struct report_samples *s, int64_t v)
{
	s->v = mem_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* Tokens come after the first byte, where the answer was streamed; else all of the time is theirs. */
static int64_t
speed(const struct ledger_attempt *a)
{
	int64_t ms = a->ttft_ms >= 0 && a->ms > a->ttft_ms ? a->ms - a->ttft_ms : a->ms, made;

	if (a->completion <= 0 || ms <= 0 || __builtin_mul_overflow(a->completion, 100 * 1000, &made))
		return -1;
	return (made + ms / 2) / ms;
}

static void
time_attempt(struct report_group *g, const struct ledger_attempt *a)
{
	int64_t s = speed(a);

	g->n_worked += !failed(a);
	g->n_blamed += failed(a) && a->blamed;
	if (failed(a))
		return;
	if (a->ttft_ms >= 0)
		sample(&g->ttft, a->ttft_ms);
	if (s >= 0)
		sample(&g->speed, s);
}

static void
add_item(struct report *r, const struct item *it)
{
	if (!selected(r->select, it))
		return;
	struct report_group *g = group_of(r, it);
	ledger_totals_add(&g->totals, &it->totals);
	ledger_totals_add(&r->total, &it->totals);
	if (it->attempt)
		time_attempt(g, it->attempt);
}

void
report_add(struct report *r, const struct ledger_row *row)
{
	struct item it;

	if (row->kind == (r->attempts ? ROW_DAY_CALLS : ROW_DAY_ATTEMPTS))
		return;
	item_of_call(&it, row, date(r, row->day));
	if (row->kind == ROW_CALL && row->state == CALL_OPEN) {
		r->n_open += report_selects(r->select, row);
		return;
	}
	if (!r->attempts || row->kind != ROW_CALL) {
		add_item(r, &it);
		return;
	}
	for (size_t i = 0; i < row->n_attempt; i++) {
		item_of_attempt(&it, &row->attempt[i]);
		add_item(r, &it);
	}
}
