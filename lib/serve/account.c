/* SPDX-License-Identifier: ISC */
/* What a key may ask about itself and its calls; days of activity. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "price.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "serve/inquiry.h"
#include "serve/keys.h"
#include "tm.h"

#define DAY_MS INT64_C(86400000)
#define DAYS 30 /* of activity: those that are over */

/* 0 where it isn't told. */
static int64_t
number(const struct json *j, int row, const char *name)
{
	int64_t n = 0;

	return json_int(j, json_get(j, row, name), &n) || n < 0 ? 0 : n;
}

static int
is_manager(const struct visit *v)
{
	return !v->key || v->key->key.management;
}

/* ── GET key ── */

/* Of free models there are as many requests as one likes: as for the rates, -1 is no limit. */
static void
add_free_requests(struct jsonw *w)
{
	jsonw_key(w, "free_model_daily_requests");
	jsonw_object(w);
	jsonw_key(w, "limit");
	jsonw_int(w, -1);
	jsonw_key(w, "remaining");
	jsonw_int(w, -1);
	jsonw_key(w, "used");
	jsonw_int(w, 0);
	jsonw_end_object(w);
}

static void
write_key(struct buf *body, const struct ledger_key *k)
{
	struct jsonw w;

	jsonw_init(&w, body);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_object(&w);
	jsonw_member(&w, "label", k->label ? k->label : "no key");
	keys_write_limits(&w, k);
	jsonw_member_bool(&w, "is_free_tier", 0);
	jsonw_member_bool(&w, "is_management_key", k->management);
	jsonw_member_bool(&w, "is_provisioning_key", k->management);
	jsonw_member(&w, "organization_id", NULL);
	jsonw_key(&w, "allowed_data_regions");
	jsonw_array(&w);
	jsonw_str(&w, "global");
	jsonw_end_array(&w);
	add_free_requests(&w);
	jsonw_key(&w, "rate_limit");
	jsonw_object(&w);
	jsonw_key(&w, "requests");
	jsonw_int(&w, -1);
	jsonw_member(&w, "interval", "10s");
	jsonw_member(&w, "note", "This field is deprecated and safe to ignore.");
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
}

/* The visit's own key as it is in the ledger now, or as the run's calls there have it; else (it was removed just now) as the gate knows it. */
static const struct ledger_key *
own_key(const struct visit *v, const struct ledger_keys *ks)
{
	static const struct ledger_key nobody = {.limit_pusd = PUSD_UNKNOWN, .management = 1};

	for (size_t i = 0; v->key && i < ks->n; i++)
		if (ks->v[i].id == v->key->key.id)
			return &ks->v[i];
	return v->key ? &v->key->key : &nobody;
}

static void
ask_keys(struct visit *v, inquiry_fn then)
{
	const struct ledger_key *own = v->key ? &v->key->key : NULL;

	inquire(v, &(struct desk_question){.what = DESK_KEYS, .key = own}, then, NULL, NULL);
}

static void
on_key(struct visit *v, const struct json *j, void *data)
{
	struct ledger_keys ks;
	struct buf body = BUF_INIT;
	struct err e = {0};

	(void)data;
	if (keys_read(&ks, j, &e)) {
		visit_error(v, &e);
	} else {
		write_key(&body, own_key(v, &ks));
		visit_json(v, 200, &body);
	}
	buf_release(&body);
	ledger_keys_release(&ks);
}

void
account_key(struct visit *v)
{
	ask_keys(v, on_key);
}

/* ── GET credits ── */

static void
answer_credits(struct visit *v, pusd_sum_t credits, pusd_sum_t usage)
{
	struct buf body = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_object(&w);
	keys_write_usd(&w, "total_credits", credits);
	keys_write_usd(&w, "total_usage", usage);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	visit_json(v, 200, &body);
	buf_release(&body);
}

/* A key without a limit has what it spent, and no more: what is paid is paid to the providers. */
static void
sum_credits(struct visit *v, const struct ledger_keys *ks)
{
	const struct ledger_key *own = is_manager(v) ? NULL : own_key(v, ks);
	pusd_sum_t credits = 0, usage = 0;

	for (size_t i = 0; i < (own ? 1 : ks->n); i++) {
		const struct ledger_key *k = own ? own : &ks->v[i];
		usage += keys_used(k);
		credits += k->limit_pusd == PUSD_UNKNOWN ? keys_used(k) : k->limit_pusd;
	}
	answer_credits(v, credits, usage);
}

static void
on_credits(struct visit *v, const struct json *j, void *data)
{
	struct ledger_keys ks;
	struct err e = {0};

	(void)data;
	if (keys_read(&ks, j, &e))
		visit_error(v, &e);
	else
		sum_credits(v, &ks);
	ledger_keys_release(&ks);
}

/* There are no keys: whoever asks has spent all of it. */
static void
on_all_credits(struct visit *v, const struct json *j, void *data)
{
	pusd_sum_t usage = 0;

	(void)data;
	for (int row = json_child(j, 0); row >= 0; row = json_next(j, 0, row))
		usage += number(j, row, "cost");
	answer_credits(v, usage, usage);
}

void
account_credits(struct visit *v)
{
	if (v->key)
		ask_keys(v, on_credits);
	else
		inquire(v, &(struct desk_question){.what = DESK_ACTIVITY, .until_ms = tm_now_ms() + DAY_MS},
		    on_all_credits, NULL, NULL);
}

/* ── GET activity ── */

struct period {
	int64_t from_ms, until_ms;
	char *hash;   /* owned: of the one key that is asked for; NULL: all */
	char *client; /* owned: its name */
};

static void
free_period(void *data)
{
	struct period *p = data;

	free(p->hash);
	free(p->client);
	free(p);
}

/* What was done with some keys at one endpoint on one day. Strings are owned. */
struct activity {
	char *day, *model, *endpoint, *provider;
	int64_t calls, prompt, completion, reasoning;
	pusd_sum_t cost;
};

struct activities {
	struct activity *v;
	size_t n, cap;
};

static void
release_activities(struct activities *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].day);
		free(a->v[i].model);
		free(a->v[i].endpoint);
		free(a->v[i].provider);
	}
	free(a->v);
}

static char *
word(const struct json *j, int row, const char *name)
{
	char *s = json_dup(j, json_get(j, row, name), NULL);

	return s ? s : xstrdup("");
}

static void
add_activity(struct activities *a, const struct json *j, int row)
{
	a->v = mem_grow(a->v, a->n, &a->cap, sizeof(*a->v));
	a->v[a->n++] = (struct activity){word(j, row, "day"), word(j, row, "model"), word(j, row, "endpoint"),
	    word(j, row, "provider"), number(j, row, "calls"), number(j, row, "prompt"), number(j, row, "completion"),
	    number(j, row, "reasoning"), number(j, row, "cost")};
}

/* The latest day first. */
static int
cmp_activity(const void *x, const void *y)
{
	const struct activity *a = x, *b = y;
	int c = -strcmp(a->day, b->day);

	c = c ? c : strcmp(a->model, b->model);
	c = c ? c : strcmp(a->endpoint, b->endpoint);
	return c ? c : strcmp(a->provider, b->provider);
}

/* Adds up those that differ in their keys alone, which stand together. */
static struct activity
next_activity(const struct activities *a, size_t *i)
{
	struct activity sum = a->v[(*i)++];

	for (; *i < a->n && cmp_activity(&sum, &a->v[*i]) == 0; ++*i) {
		const struct activity *r = &a->v[*i];
		sum.calls += r->calls;
		sum.prompt += r->prompt;
		sum.completion += r->completion;
		sum.reasoning += r->reasoning;
		sum.cost += r->cost;
	}
	return sum;
}

static void
write_activity(struct jsonw *w, const struct activity *r)
{
	const struct {
		const char *name;
		int64_t n;
	} counts[] = {{"requests", r->calls}, {"prompt_tokens", r->prompt}, {"completion_tokens", r->completion},
	    {"reasoning_tokens", r->reasoning}};

	jsonw_object(w);
	jsonw_member(w, "date", r->day);
	jsonw_member(w, "model", r->model);
	jsonw_member(w, "model_permaslug", r->model);
	jsonw_member(w, "endpoint_id", r->endpoint);
	jsonw_member(w, "provider_name", r->provider);
	keys_write_usd(w, "usage", r->cost);
	keys_write_usd(w, "byok_usage_inference", 0);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		jsonw_key(w, counts[i].name);
		jsonw_int(w, counts[i].n);
	}
	jsonw_end_object(w);
}

static void
write_activities(struct buf *body, struct activities *a)
{
	struct jsonw w;

	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), cmp_activity);
	jsonw_init(&w, body);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (size_t i = 0; i < a->n;) {
		struct activity sum = next_activity(a, &i);
		write_activity(&w, &sum);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
}

static void
on_activity(struct visit *v, const struct json *j, void *data)
{
	const struct period *p = data;
	struct activities a = {NULL, 0, 0};
	struct buf body = BUF_INIT;

	for (int row = json_child(j, 0); row >= 0; row = json_next(j, 0, row))
		if (!p->client || json_eq(j, json_get(j, row, "client"), p->client))
			add_activity(&a, j, row);
	write_activities(&body, &a);
	visit_json(v, 200, &body);
	release_activities(&a);
	buf_release(&body);
}

static void
ask_activity(struct visit *v, struct period *p)
{
	inquire(v, &(struct desk_question){.what = DESK_ACTIVITY, .from_ms = p->from_ms, .until_ms = p->until_ms},
	    on_activity, p, free_period);
}

static void
on_activity_keys(struct visit *v, const struct json *j, void *data)
{
	struct period *p = data;
	struct ledger_keys ks;
	const struct ledger_key *k = NULL;
	struct err e = {0};

	if (keys_read(&ks, j, &e))
		visit_error(v, &e);
	else if ((k = keys_hashed(&ks, p->hash)) == NULL)
		inquiry_refuse(v, 404, "api_key_hash: there is no key of that hash");
	else
		p->client = xstrdup(k->name);
	ledger_keys_release(&ks);
	if (p->client)
		ask_activity(v, p);
}

/* The days that are over, or one of them. */
static int
read_period(struct visit *v, struct period *p)
{
	struct buf b = BUF_INIT;
	int64_t today = tm_now_ms() / DAY_MS * DAY_MS, day;
	int bad = 0;

	p->from_ms = today - DAYS * DAY_MS;
	p->until_ms = today;
	if (visit_query(v, "date", &b) == 0) {
		day = tm_moment(buf_str(&b));
		bad = b.len != strlen("2026-11-22") || day < p->from_ms || day >= today;
		p->from_ms = day;
		p->until_ms = day + DAY_MS;
	}
	buf_clear(&b);
	if (visit_query(v, "api_key_hash", &b) == 0)
		p->hash = buf_take(&b);
	buf_release(&b);
	return bad;
}

void
account_activity(struct visit *v)
{
	static const char *const names[] = {"date", "api_key_hash", NULL};
	struct period *p;

	if (inquiry_query(v, names))
		return;
	p = xcalloc(1, sizeof(*p));
	if (read_period(v, p)) {
		free_period(p);
		inquiry_refuse(v, 400, "date: must be one of the last 30 days that are over (UTC), as 2026-11-22");
	} else if (p->hash) {
		inquire(v, &(struct desk_question){.what = DESK_KEYS}, on_activity_keys, p, free_period);
	} else {
		ask_activity(v, p);
	}
}
