/* SPDX-License-Identifier: ISC */
/* Endpoints of our own: the rows of the providers table that serve a model, as OpenRouter lists its own: part of lists. */
#include <string.h>

#include "booking.h"
#include "buf.h"
#include "candidate.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "jsonw.h"
#include "market.h"
#include "names.h"
#include "providers.h"
#include "router.h"
#include "serve/lists_priv.h"
#include "tm.h"

enum { STATUS_NORMAL = 0, STATUS_DEGRADED = -2, STATUS_DOWN = -5 }; /* OpenRouter's */

/* One endpoint, and all that says something about it. */
struct own {
	const struct endpoint *ep;
	const struct candidate *by;
	const struct shelf *shelf;
	const struct shelf_row *row; /* of the provider's own list; NULL */
	struct endpoint_past past5, past30, past1d;
};

/* v / scale, exactly; null below 0. */
static void
put_fixed(struct jsonw *w, const char *key, int v, int scale)
{
	struct buf b = BUF_INIT;

	jsonw_key(w, key);
	if (v < 0) {
		jsonw_null(w);
		return;
	}
	buf_addf(&b, "%d", v / scale);
	for (int rest = v % scale; rest; rest = rest * 10 % scale) {
		buf_adds(&b, strchr(b.p, '.') ? "" : ".");
		buf_addf(&b, "%d", rest * 10 / scale);
	}
	jsonw_raw(w, b.p, b.len);
	buf_release(&b);
}

static void
put_percentiles(struct jsonw *w, const char *key, const int v[N_PERCENTILES], int scale)
{
	static const char *const names[N_PERCENTILES] = {[P50] = "p50", [P75] = "p75", [P90] = "p90", [P99] = "p99"};

	jsonw_key(w, key);
	if (v[P50] < 0) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	for (int i = 0; i < N_PERCENTILES; i++)
		put_fixed(w, names[i], v[i], scale);
	jsonw_end_object(w);
}

/* What the provider's own list says, else what OpenRouter's does. */
static void
put_params(struct jsonw *w, const struct own *o)
{
	struct json j = JSON_INIT;
	int list = o->row && shelf_json(o->shelf, o->row, &j) == 0 ? json_get(&j, 0, "supported_parameters") : -1;
	size_t n;

	jsonw_key(w, "supported_parameters");
	if (json_count(&j, list) > 0) {
		const char *s = json_raw(&j, list, &n);
		jsonw_raw(w, s, n);
	} else {
		jsonw_array(w);
		for (params_t rest = o->ep->params; rest; rest &= rest - 1)
			jsonw_str(w, endpoint_param_word(rest & -rest));
		jsonw_end_array(w);
	}
	json_release(&j);
}

/* What a call is charged; where nobody says, what the provider's own list has. */
static void
put_pricing(struct jsonw *w, const struct own *o)
{
	struct pricing p = o->ep->pricing;

	if (!p.has && o->row) {
		p.item[PRICE_PROMPT] = o->row->prompt;
		p.item[PRICE_COMPLETION] = o->row->completion;
		p.has = 1U << PRICE_PROMPT | 1U << PRICE_COMPLETION;
	}
	jsonw_key(w, "pricing");
	pricing_write(&p, w);
}

static void
put_names(struct jsonw *w, const struct own *o)
{
	const struct shelf_row *model = shelf_find(o->shelf, o->by->name);
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s | %s", o->by->provider->name, o->by->model);
	jsonw_member(w, "name", b.p);
	jsonw_member(w, "model_id", o->by->name);
	buf_clear(&b);
	if (!model || shelf_json(o->shelf, model, &j) || json_str(&j, json_get(&j, 0, "name"), &b))
		buf_adds(&b, o->by->name);
	jsonw_member(w, "model_name", buf_str(&b));
	jsonw_member(w, "provider_name", o->by->provider->name);
	jsonw_member(w, "tag", o->ep->tag);
	json_release(&j);
	buf_release(&b);
}

static void
put_limits(struct jsonw *w, const struct own *o)
{
	const struct shelf_row *r = o->row;

	jsonw_key(w, "context_length"); /* (which is never null) */
	jsonw_int(w, r && r->context ? r->context : o->ep->context);
	shelf_put_number(w, "max_completion_tokens", r && r->max_output ? r->max_output : o->ep->max_output);
	shelf_put_number(w, "max_prompt_tokens", o->ep->max_prompt);
}

static int
status_of(const struct own *o)
{
	int rate = o->past30.success;

	if (o->ep->past.benched_ms || (rate >= 0 && rate < 800))
		return STATUS_DOWN;
	return rate >= 0 && rate < 950 ? STATUS_DEGRADED : STATUS_NORMAL;
}

static void
put_past(struct jsonw *w, const struct own *o)
{
	jsonw_key(w, "status");
	jsonw_int(w, status_of(o));
	put_fixed(w, "uptime_last_5m", o->past5.success, 10);
	put_fixed(w, "uptime_last_30m", o->past30.success, 10);
	put_fixed(w, "uptime_last_1d", o->past1d.success, 10);
	put_percentiles(w, "latency_last_30m", o->past30.ttft_ms, 1);
	put_percentiles(w, "throughput_last_30m", o->past30.mtok_s, 1000);
}

static void
put(struct jsonw *w, const struct own *o)
{
	jsonw_object(w);
	put_names(w, o);
	put_limits(w, o);
	put_pricing(w, o);
	jsonw_member(w, "quantization", endpoint_quantization_word(o->ep->quantization));
	put_params(w, o);
	jsonw_member_bool(w, "supports_implicit_caching", o->ep->caches_implicitly);
	put_past(w, o);
	jsonw_end_object(w);
}

/* The row that the provider's own list has of the model. */
static const struct shelf_row *
row_of(const struct shelf *s, const struct candidate *c)
{
	int is_mock = strcmp(c->provider->wire, "mock") == 0;
	struct buf id = BUF_INIT;

	buf_addf(&id, "%s%c%s", c->provider->name, is_mock ? '/' : ':', c->model);
	const struct shelf_row *r = shelf_find(s, id.p);
	buf_release(&id);
	return r;
}

static void
put_place(struct jsonw *w, const struct visit *v, const struct shelf *s, const struct routed *to, size_t place)
{
	size_t i = to->plan->place[place].endpoint;
	struct health *h = booking_health(v->app->booking);
	int64_t now = tm_now_ms();
	struct own o = {.ep = &to->market->v[i], .by = &to->names->v[to->market->of[i]], .shelf = s};

	if (o.ep->routes)
		return;
	o.row = row_of(s, o.by);
	health_within(h, to->market->id[i], now, 5 * 60, &o.past5);
	health_within(h, to->market->id[i], now, 30 * 60, &o.past30);
	health_within(h, to->market->id[i], now, 24 * 60 * 60, &o.past1d);
	put(w, &o);
}

/* Whom a call goes to that says no more than the model. */
static int
find_places(const struct visit *v, const char *model, struct routed *to)
{
	struct buf b = BUF_INIT;
	struct json request = JSON_INIT;
	struct jsonw w;
	struct err e = {0};

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_member(&w, "model", model);
	jsonw_end_object(&w);
	int r = json_parse(&request, b.p, b.len, &e) || router_places(v->app->router, &request, to, &e) ? -1 : 0;
	json_release(&request);
	buf_release(&b);
	return r;
}

void
lists_put_own(struct jsonw *w, const struct visit *v, const struct shelf *s, const char *model)
{
	struct routed to;

	jsonw_array(w);
	if (find_places(v, model, &to) == 0)
		for (size_t i = 0; i < to.plan->n; i++)
			put_place(w, v, s, &to, i);
	jsonw_end_array(w);
}

const struct shelf_row *
lists_own_row(const struct visit *v, const struct shelf *s, const char *model)
{
	const struct shelf_row *r = NULL;
	struct routed to;

	if (find_places(v, model, &to))
		return NULL;
	for (size_t i = 0; !r && i < to.plan->n; i++)
		r = row_of(s, &to.names->v[to.market->of[to.plan->place[i].endpoint]]);
	return r;
}
