/* SPDX-License-Identifier: ISC */
/*
 * The status page: part of status.h. It is made whole here; a script then asks for status.json every two seconds, and fetches the page itself
 * anew each minute, for the part of it that the ledger tells.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "json.h"
#include "mem.h"
#include "page.h"
#include "price.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "serve/inquiry.h"
#include "serve/status.h"
#include "str.h"
#include "table.h"
#include "tm.h"

#define HOURS 48
#define HOUR_MS INT64_C(3600000)
#define MAX_BARS 20
#define N_RANDOM 18 /* of the nonce */

static const char script[] =
    "'use strict';\n"
    "const at = path => { const u = new URL(path, location.href); u.username = u.password = ''; return u; };\n"
    "const region = name => document.querySelector(`[aria-label=\"${name}\"]`);\n"
    "const said = document.getElementById('said'), pause = document.getElementById('pause');\n"
    "let paused = false;\n"
    "const say = text => { if (said.textContent !== text) said.textContent = text; };\n"
    "const age = ms => ms < 10000 ? (ms / 1000).toFixed(1) + ' s' : Math.round(ms / 1000) + ' s';\n"
    "function showCalls(calls) {\n"
    "  const rows = calls.map(c => {\n"
    "    const tr = document.createElement('tr');\n"
    "    const cells = [c.id, c.model, c.front, c.client || '-', c.streams ? 'yes' : 'no', age(c.ms)];\n"
    "    cells.forEach((text, i) => {\n"
    "      const cell = document.createElement(i ? 'td' : 'th');\n"
    "      if (!i) cell.scope = 'row';\n"
    "      if (i === 5) cell.className = 'n';\n"
    "      cell.textContent = text;\n"
    "      tr.append(cell);\n"
    "    });\n"
    "    return tr;\n"
    "  });\n"
    "  region('Running calls').querySelector('tbody').replaceChildren(...rows);\n"
    "}\n"
    "function showFigures(figures) {\n"
    "  for (const dt of document.querySelectorAll('dt'))\n"
    "    if (dt.textContent in figures) dt.nextElementSibling.textContent = figures[dt.textContent];\n"
    "}\n"
    "async function live() {\n"
    "  if (paused || document.hidden) return;\n"
    "  try {\n"
    "    const answer = await fetch(at('status.json'), {cache: 'no-store'});\n"
    "    if (!answer.ok) throw new Error(answer.status);\n"
    "    const now = await answer.json();\n"
    "    showFigures(now.figures);\n"
    "    showCalls(now.calls);\n"
    "    say('Live, every 2 seconds.');\n"
    "  } catch (e) {\n"
    "    say('No answer: what is shown is old.');\n"
    "  }\n"
    "}\n"
    "async function report() {\n"
    "  try {\n"
    "    const answer = await fetch(at('.'), {cache: 'no-store'});\n"
    "    if (!answer.ok) throw new Error(answer.status);\n"
    "    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');\n"
    "    document.getElementById('report').replaceWith(page.getElementById('report'));\n"
    "  } catch (e) {\n"
    "    say('No answer: what is shown is old.');\n"
    "  }\n"
    "}\n"
    "pause.addEventListener('click', () => {\n"
    "  paused = !paused;\n"
    "  pause.setAttribute('aria-pressed', paused);\n"
    "  say(paused ? 'Paused.' : 'Live, every 2 seconds.');\n"
    "});\n"
    "document.getElementById('again').addEventListener('click', report);\n"
    "setInterval(live, 2000);\n"
    "setInterval(() => {\n"
    "  if (!paused && !document.hidden && !document.getElementById('report').contains(document.activeElement)) report();\n"
    "}, 60000);\n"
    "live();\n";

static int64_t
number(const struct json *j, int row, const char *name)
{
	int64_t n = -1;

	return json_int(j, json_get(j, row, name), &n) || n < 0 ? -1 : n;
}

/* An owned copy. */
static char *
name_of(const struct json *j, int row, const char *otherwise)
{
	char *s = json_dup(j, json_get(j, row, "name"), NULL);

	if (s && *s)
		return s;
	free(s);
	return xstrdup(otherwise);
}

static void
add_value(struct table *t, enum page_unit unit, int64_t n)
{
	struct buf b = BUF_INIT;

	if (n >= 0)
		page_value(&b, unit, n);
	table_adds(t, buf_str(&b));
	buf_release(&b);
}

/* ── what is now ── */

static void
figures(struct buf *b, const struct visit *v)
{
	struct buf value = BUF_INIT;
	struct metrics m;

	status_read(v, &m);
	page_open_figures(b);
	for (size_t i = 0; i < status_n_figures; i++) {
		buf_clear(&value);
		status_figures[i].value(&value, v, &m);
		page_figure(b, status_figures[i].label, buf_str(&value));
	}
	page_close_figures(b);
	buf_release(&value);
}

static void
running_section(struct buf *b)
{
	static const struct table_col columns[] = {
	    {"CALL", 0}, {"MODEL", 0}, {"FORMAT", 0}, {"KEY", 0}, {"STREAM", 0}, {"SINCE", 1}};
	struct table t;

	page_section(b, "Running calls", "Those that have run longest stand first.");
	buf_adds(b,
	    "<button type=\"button\" id=\"pause\" aria-pressed=\"false\">Pause</button>"
	    "<span id=\"said\" class=\"note\" role=\"status\"></span>\n");
	table_init(&t, columns, sizeof(columns) / sizeof(*columns), 1);
	page_table(b, &t, 1, "Running calls", 0);
	table_release(&t);
	page_end_section(b);
}

/* ── what the ledger tells ── */

static void
state(struct table *t, const struct visit *v, const char *endpoint, int64_t now_ms)
{
	const char *why;
	int64_t ms = status_bench(v, endpoint, now_ms, &why);
	struct buf b = BUF_INIT;

	if (ms)
		buf_addf(&b, "sits out for %lld s: %s", (long long)(ms + 999) / 1000, why ? why : "failed");
	else
		buf_adds(&b, "ok");
	table_adds(t, b.p);
	buf_release(&b);
}

static void
add_numbers(struct table *t, const struct json *j, int row, int timed)
{
	static const struct {
		const char *name;
		enum page_unit unit;
		int timed;
	} cells[] = {{"calls", PAGE_COUNT, 0}, {"errors", PAGE_COUNT, 0}, {"prompt", PAGE_COUNT, 0},
	    {"completion", PAGE_COUNT, 0}, {"cost", PAGE_USD, 0}, {"ttft_p50", PAGE_MS, 1}, {"ttft_p95", PAGE_MS, 1},
	    {"ms_p50", PAGE_MS, 1}, {"ms_p95", PAGE_MS, 1}};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		if (timed || !cells[i].timed)
			add_value(t, cells[i].unit, number(j, row, cells[i].name));
}

static void
endpoint_table(struct buf *b, const struct visit *v, const struct json *j, int list)
{
	static const struct table_col columns[] = {{"ENDPOINT", 0}, {"STATE", 0}, {"CALLS", 1}, {"ERRORS", 1},
	    {"PROMPT", 1}, {"COMPLETION", 1}, {"$", 1}, {"FIRST TOKEN", 1}, {"FIRST, 95 %", 1}, {"END", 1},
	    {"END, 95 %", 1}};
	int64_t now_ms = tm_now_ms();
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), 1);
	for (int row = json_child(j, list); row >= 0; row = json_next(j, list, row)) {
		char *name = name_of(j, row, "none");
		table_adds(&t, name);
		state(&t, v, name, now_ms);
		add_numbers(&t, j, row, 1);
		free(name);
	}
	page_table(b, &t, 1, "Endpoints", 0);
	table_release(&t);
}

static void
sum_table(struct buf *b, const struct json *j, const char *member, const char *caption, int timed)
{
	static const struct table_col columns[] = {{"NAME", 0}, {"CALLS", 1}, {"ERRORS", 1}, {"PROMPT", 1},
	    {"COMPLETION", 1}, {"$", 1}, {"FIRST TOKEN", 1}, {"FIRST, 95 %", 1}, {"END", 1}, {"END, 95 %", 1}};
	int list = json_get(j, 0, member);
	struct table t;

	table_init(&t, columns, timed ? 10 : 6, 1);
	for (int row = json_child(j, list); row >= 0; row = json_next(j, list, row)) {
		char *name = name_of(j, row, timed ? "none" : "no key");
		table_adds(&t, name);
		add_numbers(&t, j, row, timed);
		free(name);
	}
	page_table(b, &t, 1, caption, 0);
	table_release(&t);
}

/* Bars to the median, and on to what 95 % stayed under. */
struct bars {
	char *label[MAX_BARS]; /* owned */
	pusd_sum_t half[MAX_BARS], rest[MAX_BARS];
	size_t n;
};

static void
plot_latency(struct buf *b, const struct json *j, int list, const char *p50, const char *p95, const char *word)
{
	struct bars r = {.n = 0};
	struct page_series s[] = {{"half of the calls", 0, r.half}, {"95 % of them", 6, r.rest}};

	for (int row = json_child(j, list); row >= 0 && r.n < MAX_BARS; row = json_next(j, list, row)) {
		int64_t half = number(j, row, p50), most = number(j, row, p95);
		if (half < 0)
			continue;
		r.label[r.n] = name_of(j, row, "none");
		r.half[r.n] = half;
		r.rest[r.n++] = most > half ? most - half : 0;
	}
	if (r.n)
		page_bars(b,
		    &(struct page_plot){word, "Latency by endpoint",
			"A bar an endpoint: how long half of its calls took, and 95 percent of them. The table above has the numbers.",
			PAGE_MS, (const char *const *)r.label, r.n, s, 2});
	else
		page_text(b, "No call told.");
	for (size_t i = 0; i < r.n; i++)
		free(r.label[i]);
}

static void
endpoint_section(struct buf *b, const struct visit *v, const struct json *j)
{
	int list = json_get(j, 0, "endpoints");

	page_section(b, "Endpoints", "Those that served calls in the last 24 hours.");
	if (json_count(j, list)) {
		endpoint_table(b, v, j, list);
		page_part(b, "Time to the first token", "");
		plot_latency(b, j, list, "ttft_p50", "ttft_p95", "ttft");
		page_part(b, "Time to the end", "");
		plot_latency(b, j, list, "ms_p50", "ms_p95", "total");
	} else {
		page_text(b, "No call was made.");
	}
	page_end_section(b);
}

struct hours {
	char *label[HOURS + 1]; /* owned */
	pusd_sum_t cost[HOURS + 1], worked[HOURS + 1], failed[HOURS + 1];
	size_t n;
	int any;
};

static void
read_hours(struct hours *h, const struct json *j)
{
	int list = json_get(j, 0, "hours");

	for (int row = json_child(j, list); row >= 0 && h->n <= HOURS; row = json_next(j, list, row)) {
		int64_t calls = number(j, row, "calls"), errors = number(j, row, "errors"),
			cost = number(j, row, "cost");
		struct buf iso = BUF_INIT;
		tm_iso(&iso, number(j, row, "ms") / 1000);
		h->label[h->n] = iso.len > 16 ? xstrndup(iso.p + 11, 5) : xstrdup("-");
		h->cost[h->n] = cost > 0 ? cost : 0;
		h->worked[h->n] = calls > errors ? calls - errors : 0;
		h->failed[h->n++] = errors > 0 ? errors : 0;
		h->any |= calls > 0;
		buf_release(&iso);
	}
}

static void
spend_section(struct buf *b, const struct json *j)
{
	struct hours h = {.n = 0};
	struct page_series calls[] = {{"worked", 2, h.worked}, {"failed", 4, h.failed}};

	read_hours(&h, j);
	page_section(b, "Spend", "Of the last 48 hours, by the hour (UTC); the tables are of the last 24.");
	if (h.any) {
		page_columns(b,
		    &(struct page_plot){"spend", "Spend over time", "Columns of dollars spent, an hour each.", PAGE_USD,
			(const char *const *)h.label, h.n, &(struct page_series){"spent", 0, h.cost}, 1});
		page_part(b, "Calls", "");
		page_columns(b,
		    &(struct page_plot){"calls", "Calls over time",
			"Columns of calls that worked and that failed, an hour each.", PAGE_COUNT,
			(const char *const *)h.label, h.n, calls, 2});
	} else {
		page_text(b, "No call was made.");
	}
	sum_table(b, j, "models", "By model", 1);
	sum_table(b, j, "clients", "By key", 0);
	page_end_section(b);
	for (size_t i = 0; i < h.n; i++)
		free(h.label[i]);
}

static void
report(struct buf *b, const struct visit *v, const struct json *j)
{
	buf_adds(b, "<div id=\"report\">\n");
	if (j) {
		endpoint_section(b, v, j);
		spend_section(b, j);
	} else {
		page_text(b, "The ledger can't be read just now: there is nothing about endpoints and spend.");
	}
	buf_adds(b, "</div>\n<button type=\"button\" id=\"again\">Read the ledger again</button>\n");
}

static void
lead(struct buf *b, const struct visit *v)
{
	buf_adds(b, "Since ");
	tm_iso(b, v->app->started_ms / 1000);
	buf_adds(b, ", by or-serve " OR_VERSION);
}

static void
answer(struct visit *v, const struct buf *page, const char *nonce)
{
	struct buf policy = BUF_INIT;

	buf_addf(&policy,
	    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-%s'; connect-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'",
	    nonce);
	exchange_field(v->x, "Content-Security-Policy", policy.p);
	exchange_field(v->x, "Cache-Control", "no-store");
	exchange_field(v->x, "X-Content-Type-Options", "nosniff");
	exchange_field(v->x, "Referrer-Policy", "no-referrer");
	exchange_whole(v->x, 200, "text/html; charset=utf-8", page->p, page->len);
	buf_release(&policy);
}

static void
on_report(struct visit *v, const struct json *j, void *data)
{
	unsigned char random[N_RANDOM];
	char nonce[(N_RANDOM + 2) / 3 * 4 + 1] = "";
	struct buf b = BUF_INIT, since = BUF_INIT;

	(void)data;
	arc4random_buf(random, sizeof(random));
	base64_write(nonce, random, sizeof(random));
	lead(&since, v);
	page_open_live(&b, "The gateway", since.p, nonce);
	figures(&b, v);
	running_section(&b);
	report(&b, v, j);
	page_script(&b, nonce, script);
	page_close(&b, "Big numbers count from the start; costs are exact, and one that isn't known is in no sum.");
	answer(v, &b, nonce);
	buf_release(&b);
	buf_release(&since);
}

void
status_page(struct visit *v)
{
	inquire_even_so(v, &(struct desk_question){.what = DESK_REPORT, .from_ms = tm_now_ms() - HOURS * HOUR_MS},
	    on_report, NULL, NULL);
}
