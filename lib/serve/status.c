/* SPDX-License-Identifier: ISC */
#include "serve/status.h"

#include <stdlib.h>
#include <string.h>

#include "booking.h"
#include "buf.h"
#include "health.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "price.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "serve/inquiry.h"
#include "str.h"
#include "tm.h"

#define MAX_SHOWN 200              /* calls that run */
#define MAX_BENCHES 50             /* endpoints that a report knows */
#define LATELY_MS INT64_C(3600000) /* endpoints called since then are told of */

void
status_read(const struct visit *v, struct metrics *m)
{
	const struct shared *s = v->app->s.shared;
	struct shared_call *calls = xcalloc(SHARED_LIVE, sizeof(*calls));

	*m = (struct metrics){.started_ms = v->app->started_ms, .running = (int64_t)shared_live(s, calls, SHARED_LIVE)};
	free(calls);
	for (enum shared_counter c = 0; c < SHARED_N_COUNTERS; c++)
		m->counter[c] = shared_get(s, c);
	m->bound = shared_bounds(&m->n_bound);
	if (m->n_bound > METRICS_MAX_BOUNDS) {
		m->n_bound = 0;
		return;
	}
	for (enum shared_time t = 0; t < SHARED_N_TIMES; t++)
		shared_times(s, t, m->time[t].count, &m->time[t].sum_ms);
}

const char *
status_word(const struct visit *v)
{
	if (v->app->draining)
		return "draining";
	return v->app->keys_known ? "ok" : "starting";
}

int64_t
status_bench(const struct visit *v, const char *endpoint, int64_t now_ms, const char **why)
{
	const char *colon = strchr(endpoint, ':');
	struct health *h = v->app->booking ? booking_health(v->app->booking) : NULL;
	struct provider *p = colon ? providers_get(v->app->s.providers, endpoint, (size_t)(colon - endpoint)) : NULL;
	int64_t until = 0;

	*why = NULL;
	if (p && h) {
		char *model = xstrndup(colon + 1, strcspn(colon + 1, "#"));
		until = health_benched(h, p, model, now_ms, why);
		free(model);
	}
	return until > now_ms ? until - now_ms : 0;
}

/* ── GET /health ── */

void
status_health(struct visit *v)
{
	const char *word = status_word(v);
	struct buf body = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_member(&w, "status", word);
	jsonw_end_object(&w);
	exchange_field(v->x, "Cache-Control", "no-store");
	visit_json(v, strcmp(word, "ok") == 0 ? 200 : 503, &body);
	buf_release(&body);
}

/* ── GET /metrics ── */

struct benches {
	struct metrics_bench v[MAX_BENCHES];
	char *name[MAX_BENCHES]; /* owned */
	size_t n;
};

static void
add_benches(struct benches *b, const struct visit *v, const struct json *j)
{
	int list = json_get(j, 0, "endpoints");
	int64_t now_ms = tm_now_ms();

	for (int row = json_child(j, list); row >= 0 && b->n < MAX_BENCHES; row = json_next(j, list, row)) {
		char *name = json_dup(j, json_get(j, row, "name"), NULL);
		const char *why;
		int64_t ms = name ? status_bench(v, name, now_ms, &why) : 0;
		if (ms) {
			b->name[b->n] = name;
			b->v[b->n++] = (struct metrics_bench){name, why ? why : "", ms};
		} else {
			free(name);
		}
	}
}

static void
on_metrics(struct visit *v, const struct json *j, void *data)
{
	struct benches b = {.n = 0};
	struct buf body = BUF_INIT;
	struct metrics m;

	(void)data;
	status_read(v, &m);
	if (j)
		add_benches(&b, v, j);
	metrics_write(&body, &m, b.v, b.n);
	exchange_field(v->x, "Cache-Control", "no-store");
	exchange_whole(v->x, 200, METRICS_TYPE, body.p, body.len);
	for (size_t i = 0; i < b.n; i++)
		free(b.name[i]);
	buf_release(&body);
}

void
status_metrics(struct visit *v)
{
	inquire_even_so(v, &(struct desk_question){.what = DESK_REPORT, .from_ms = tm_now_ms() - LATELY_MS}, on_metrics,
	    NULL, NULL);
}

/* ── GET /status.json ── */

static void
human(struct buf *b, int64_t n)
{
	str_human(b, n > 0 ? (uint64_t)n : 0);
}

static void
value_status(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)m;
	buf_adds(b, status_word(v));
}

static void
value_running(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->running);
}

static void
value_requests(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->counter[SHARED_REQUESTS]);
}

static void
value_calls(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->counter[SHARED_CALLS]);
}

static void
value_errors(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->counter[SHARED_ERRORS_4XX] + m->counter[SHARED_ERRORS_5XX]);
}

static void
value_connections(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->counter[SHARED_CONNECTIONS]);
}

static void
value_tokens(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	human(b, m->counter[SHARED_PROMPT_TOKENS] + m->counter[SHARED_COMPLETION_TOKENS]);
}

static void
value_spent(struct buf *b, const struct visit *v, const struct metrics *m)
{
	(void)v;
	buf_addc(b, '$');
	price_emit_sum(b, (pusd_sum_t)m->counter[SHARED_COST_NUSD] * 1000);
}

const struct status_figure status_figures[] = {{"status", value_status}, {"running calls", value_running},
    {"requests", value_requests}, {"calls", value_calls}, {"errors", value_errors}, {"connections", value_connections},
    {"tokens", value_tokens}, {"spent", value_spent}};
const size_t status_n_figures = sizeof(status_figures) / sizeof(*status_figures);

static void
write_figures(struct jsonw *w, const struct visit *v, const struct metrics *m)
{
	struct buf b = BUF_INIT;

	jsonw_key(w, "figures");
	jsonw_object(w);
	for (size_t i = 0; i < status_n_figures; i++) {
		buf_clear(&b);
		status_figures[i].value(&b, v, m);
		jsonw_member(w, status_figures[i].label, buf_str(&b));
	}
	jsonw_end_object(w);
	buf_release(&b);
}

static void
add_int(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	jsonw_int(w, n);
}

static void
write_call(struct jsonw *w, const struct shared_call *c, int64_t now_ms)
{
	jsonw_object(w);
	jsonw_member(w, "id", c->id);
	jsonw_member(w, "front", c->front);
	jsonw_member(w, "model", c->model);
	jsonw_member(w, "client", c->client);
	jsonw_key(w, "streams");
	jsonw_bool(w, c->streams);
	add_int(w, "started_ms", c->started_ms);
	add_int(w, "ms", now_ms > c->started_ms ? now_ms - c->started_ms : 0);
	jsonw_end_object(w);
}

/* Those that have run longest come first: something may be wrong with them. */
static int
cmp_calls(const void *x, const void *y)
{
	const struct shared_call *a = x, *b = y;

	return (a->started_ms > b->started_ms) - (a->started_ms < b->started_ms);
}

static void
write_calls(struct jsonw *w, const struct visit *v)
{
	struct shared_call *calls = xcalloc(SHARED_LIVE, sizeof(*calls));
	size_t n = shared_live(v->app->s.shared, calls, SHARED_LIVE);
	int64_t now_ms = tm_now_ms();

	qsort(calls, n, sizeof(*calls), cmp_calls);
	jsonw_key(w, "calls");
	jsonw_array(w);
	for (size_t i = 0; i < n && i < MAX_SHOWN; i++)
		write_call(w, &calls[i], now_ms);
	jsonw_end_array(w);
	free(calls);
}

void
status_live(struct visit *v)
{
	struct buf body = BUF_INIT;
	struct metrics m;
	struct jsonw w;

	status_read(v, &m);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_member(&w, "status", status_word(v));
	add_int(&w, "now_ms", tm_now_ms());
	add_int(&w, "started_ms", m.started_ms);
	add_int(&w, "running", m.running);
	write_figures(&w, v, &m);
	write_calls(&w, v);
	jsonw_end_object(&w);
	exchange_field(v->x, "Cache-Control", "no-store");
	visit_json(v, 200, &body);
	buf_release(&body);
}
