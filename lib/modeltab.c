/* SPDX-License-Identifier: ISC */
#include "modeltab.h"

#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "jsonw.h"
#include "models.h"
#include "table.h"
#include "tm.h"

#define DATE_BYTES 10 /* 2026-11-22 of 2026-11-22T18:17:00Z */
#define UPTIME_DIGITS 2

#define N(array) (sizeof(array) / sizeof(*(array)))

/* Appends the cell's text; nothing where it isn't known. */
typedef void (*add_fn)(struct buf *b, struct models *ms, const struct model *m);

static void
add_id(struct buf *b, struct models *ms, const struct model *m)
{
	(void)ms;
	buf_adds(b, m->id);
}

static void
add_prompt(struct buf *b, struct models *ms, const struct model *m)
{
	(void)ms;
	price_emit_million(b, m->prompt);
}

static void
add_completion(struct buf *b, struct models *ms, const struct model *m)
{
	(void)ms;
	price_emit_million(b, m->completion);
}

static void
add_count(struct buf *b, int64_t n)
{
	if (n)
		buf_addf(b, "%" PRId64, n);
}

static void
add_context(struct buf *b, struct models *ms, const struct model *m)
{
	(void)ms;
	add_count(b, m->context);
}

static void
add_max_output(struct buf *b, struct models *ms, const struct model *m)
{
	(void)ms;
	add_count(b, m->max_output);
}

static void
add_created(struct buf *b, struct models *ms, const struct model *m)
{
	struct buf iso = BUF_INIT;

	(void)ms;
	if (m->created)
		tm_iso(&iso, m->created);
	buf_add(b, buf_str(&iso), iso.len > DATE_BYTES ? DATE_BYTES : 0);
	buf_release(&iso);
}

static void
add_modalities(struct buf *b, struct models *ms, const struct model *m)
{
	const struct json *j = model_json(ms, m);
	int list = json_path(j, 0, "architecture.input_modalities");
	const char *sep = "";

	for (int v = json_child(j, list); v >= 0; v = json_next(j, list, v)) {
		buf_adds(b, sep);
		json_str(j, v, b);
		sep = "+";
	}
}

static void
add_name(struct buf *b, struct models *ms, const struct model *m)
{
	static const char *const keys[] = {"display_name", "displayName", "name"};

	const struct json *j = model_json(ms, m);

	for (size_t i = 0; i < N(keys); i++)
		if (json_str(j, json_get(j, 0, keys[i]), b) == 0)
			return;
}

/* A string as it is, a number as it was written. */
static void
add_member(struct buf *b, struct models *ms, const struct model *m, const char *path)
{
	const struct json *j = model_json(ms, m);
	int v = json_path(j, 0, path);
	size_t n;

	if (json_type(j, v) == JSON_NUMBER) {
		const char *p = json_raw(j, v, &n);
		buf_add(b, p, n);
	} else {
		json_str(j, v, b);
	}
}

static void
add_provider(struct buf *b, struct models *ms, const struct model *m)
{
	add_member(b, ms, m, "provider_name");
}

static void
add_quantization(struct buf *b, struct models *ms, const struct model *m)
{
	const struct json *j = model_json(ms, m);

	if (!json_eq(j, json_get(j, 0, "quantization"), "unknown"))
		add_member(b, ms, m, "quantization");
}

static void
add_status(struct buf *b, struct models *ms, const struct model *m)
{
	add_member(b, ms, m, "status");
}

/* 99.88308651597818 says more than is known. Cut, not rounded: 99.999 is not 100. */
static void
add_uptime(struct buf *b, struct models *ms, const struct model *m)
{
	struct buf s = BUF_INIT;

	add_member(&s, ms, m, "uptime_last_30m");
	const char *p = buf_str(&s), *point = strchr(p, '.');
	size_t n = s.len, most = point ? (size_t)(point - p) + 1 + UPTIME_DIGITS : n;
	buf_add(b, p, n > most && !strpbrk(p, "eE") ? most : n);
	buf_release(&s);
}

/* Statistics are objects of percentiles; a plain number was seen too. */
static void
add_median(struct buf *b, struct models *ms, const struct model *m, const char *key, const char *median)
{
	const struct json *j = model_json(ms, m);

	add_member(b, ms, m, json_type(j, json_get(j, 0, key)) == JSON_OBJECT ? median : key);
}

static void
add_latency(struct buf *b, struct models *ms, const struct model *m)
{
	add_median(b, ms, m, "latency_last_30m", "latency_last_30m.p50");
}

static void
add_throughput(struct buf *b, struct models *ms, const struct model *m)
{
	add_median(b, ms, m, "throughput_last_30m", "throughput_last_30m.p50");
}

static const struct table_col model_heads[] = {{"ID", 0}, {"IN $/M", 1}, {"OUT $/M", 1}, {"CONTEXT", 1}, {"MAX OUT", 1},
    {"CREATED", 0}, {"TAKES", 0}, {"NAME", 0}};
static const add_fn model_cells[] = {
    add_id, add_prompt, add_completion, add_context, add_max_output, add_created, add_modalities, add_name};

static const struct table_col endpoint_heads[] = {{"TAG", 0}, {"PROVIDER", 0}, {"CONTEXT", 1}, {"MAX OUT", 1},
    {"IN $/M", 1}, {"OUT $/M", 1}, {"QUANT", 0}, {"STATUS", 1}, {"UPTIME %", 1}, {"LATENCY", 1}, {"TOKENS/S", 1}};
static const add_fn endpoint_cells[] = {add_id, add_provider, add_context, add_max_output, add_prompt, add_completion,
    add_quantization, add_status, add_uptime, add_latency, add_throughput};

_Static_assert(N(model_heads) == N(model_cells) && N(endpoint_heads) == N(endpoint_cells), "a heading a column");

void
modeltab_fill(struct table *t, struct models *ms, int whole, int clean)
{
	const struct table_col *head = ms->endpoints ? endpoint_heads : model_heads;
	const add_fn *add = ms->endpoints ? endpoint_cells : model_cells;
	size_t n = !whole ? 1 : ms->endpoints ? N(endpoint_heads) : N(model_heads);
	struct buf cell = BUF_INIT;

	table_init(t, head, n, clean);
	for (size_t i = 0; i < ms->n; i++)
		for (size_t c = 0; c < n; c++) {
			buf_clear(&cell);
			add[c](&cell, ms, &ms->v[i]);
			table_add(t, buf_str(&cell), cell.len);
		}
	buf_release(&cell);
}

void
modeltab_json(const struct models *ms, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (size_t i = 0; i < ms->n; i++)
		jsonw_raw(&w, ms->text + ms->v[i].at, ms->v[i].len);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
}

/* Copies a valid JSON text without the white space between its tokens. */
static void
compact(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		size_t left = (size_t)(end - p), keep = 1;
		if (*p == '"') {
			while (keep < left && p[keep] != '"')
				keep += p[keep] == '\\' ? 2 : 1;
			keep = keep < left ? keep + 1 : left;
		} else {
			while (keep < left && !strchr("\" \t\r\n", p[keep]))
				keep++;
		}
		if (!strchr(" \t\r\n", *p))
			buf_add(out, p, keep);
		p += strchr(" \t\r\n", *p) ? 1 : keep;
	}
}

void
modeltab_ndjson(const struct models *ms, struct buf *out)
{
	for (size_t i = 0; i < ms->n; i++) {
		compact(out, ms->text + ms->v[i].at, ms->v[i].len);
		buf_addc(out, '\n');
	}
}
