/* SPDX-License-Identifier: ISC */
#include "serve/admit.h"

#include <stdlib.h>
#include <string.h>

#include "booking.h"
#include "candidate.h"
#include "client.h"
#include "err.h"
#include "jsonedit.h"
#include "outcome.h"
#include "policy.h"
#include "providers.h"
#include "serve/visit.h"
#include "serve/check.h"
#include "serve/desk.h"
#include "serve/shared.h"
#include "str.h"
#include "tm.h"

#define MAX_LISTS 3         /* that one request waits for */
#define LIST_EVERY_MS 60000 /* those that nobody waits for */
#define MAX_SESSION 256     /* bytes, as published */

static void choose(struct admit *m);

void
admit_init(struct admit *m)
{
	m->slot = -1;
	booking_id(m->v->id, &m->v->app->chance);
	m->v->is_called = 1;
}

/* The body's session_id, else the header's, which becomes the body's. */
static int
find_session(struct admit *m, struct err *e)
{
	const char *header = http1_get(exchange_request(m->v->x), "x-session-id");
	struct jsonedit edit = JSONEDIT_INIT;
	struct buf with = BUF_INIT;

	m->session = json_dup(&m->json, json_get(&m->json, 0, "session_id"), NULL);
	if (m->session || !header || !*header || strlen(header) > MAX_SESSION)
		return 0;
	jsonedit_set_str(&edit, "session_id", header);
	int r = jsonedit_write(&edit, &m->json, &with, e);
	jsonedit_release(&edit);
	if (!r) {
		buf_release(&m->request);
		m->request = with;
		r = json_parse(&m->json, m->request.p, m->request.len, e);
		m->session = json_dup(&m->json, json_get(&m->json, 0, "session_id"), NULL);
	}
	return r;
}

/* A list came, or didn't: what is there now decides. */
static void
on_list(void *ctx, const char *json, size_t n, const struct err *e)
{
	struct admit *m = ctx;
	struct app *a = m->v->app;

	(void)json, (void)n;
	m->is_asking = 0;
	if (e) {
		a->failed_list = m->asked_list;
		a->failed_until_ms = tm_mono_ms() + LIST_EVERY_MS;
	}
	choose(m);
}

/* A list that would have made the plan better is fetched for those to come. */
static void
on_fresh_list(void *ctx, const char *json, size_t n, const struct err *e)
{
	(void)ctx, (void)json, (void)n, (void)e;
}

static void
ask_list(struct admit *m, const char *provider, int waits)
{
	struct app *a = m->v->app;
	const struct desk_question q = {.what = DESK_LIST, .text = provider};
	int64_t now = tm_mono_ms();

	if (!waits && a->listed_ms && now - a->listed_ms < LIST_EVERY_MS)
		return;
	a->listed_ms = now;
	if (waits) {
		m->asked_list = provider;
		m->n_lists++;
		m->is_asking = 1;
		desk_ask(a->desk, &q, on_list, m);
	} else {
		desk_ask(a->desk, &q, on_fresh_list, a);
	}
}

static int
needs_price(void *arg, const struct candidate *v, size_t n)
{
	struct admit *m = arg;

	const struct booked_spec s = {.limit = m->v->key && m->v->key->has_limit ? &m->v->key->limit : NULL};

	return booking_needs_price_of(m->v->app->booking, &s, v, n);
}

/* Has the key's minute room for it? */
static int
pass_minute(struct admit *m, struct err *e)
{
	struct app *a = m->v->app;
	struct gate_minute minute;

	if (gate_take(a->gate, m->v->key, m->routed.tokens, tm_now_ms(), &minute, e) == 0) {
		m->tokens = m->routed.tokens;
		return 0;
	}
	shared_add(a->s.shared, SHARED_LIMITED, 1);
	if (*minute.limit)
		exchange_field(m->v->x, "X-RateLimit-Limit", minute.limit);
	if (*minute.remaining)
		exchange_field(m->v->x, "X-RateLimit-Remaining", minute.remaining);
	if (*minute.reset)
		exchange_field(m->v->x, "X-RateLimit-Reset", minute.reset);
	return -1;
}

static int
lay_preset(struct admit *m, struct err *e)
{
	struct buf whole = BUF_INIT;

	if (!m->routed.preset)
		return 0;
	if (policy_apply(m->routed.preset, &m->json, &whole, e)) {
		buf_release(&whole);
		return -1;
	}
	buf_release(&m->request);
	m->request = whole;
	return 0;
}

/* OpenRouter says 400 where nobody knows the name, and 404 where nobody may serve it. */
static void
nobody(const struct visit *v, struct err *e)
{
	if (e->kind == ERR_NEGATIVE) {
		e->kind = ERR_NOMODEL;
		e->http = 404;
	}
	if (e->kind == ERR_NOMODEL && !e->http &&
	    (v->front == &front_openai || v->front == &front_completions || v->front == &front_responses))
		e->http = 400;
}

/* A provider would leave out what it doesn't know, and nobody would be told. */
static int
has_server(const struct admit *m, struct err *e)
{
	const char *only = check_only_router(&m->json);

	if (!only && !m->routed.preset && json_get(&m->json, 0, "preset") >= 0)
		only = "preset";
	for (size_t i = 0; i < m->routed.n; i++)
		if (provider_routes(m->routed.v[i].provider))
			return 0;
	return only ? err_set(e, ERR_DATA, "%s: only OpenRouter does that, and nothing qualifies there", only) : 0;
}

/* A preset that isn't in the table may be one of OpenRouter's, if there is a key for it. */
static int
has_preset(const struct admit *m, struct err *e)
{
	const struct candidate *c = m->routed.v;

	if (!m->routed.n || !str_starts(c->name, "@preset/") || provider_configured(c->provider))
		return 0;
	return err_set(e, ERR_NOMODEL, "%s: no such preset", c->name);
}

/* Would a list that isn't there change what was chosen? Then it is waited for, unless it was a moment ago, in vain. */
static int
waits_for(const struct admit *m, const char *wanted, int failed)
{
	const struct app *a = m->v->app;

	if (!wanted || !(failed || router_guessed(a->router)) || m->n_lists == MAX_LISTS)
		return 0;
	if (m->asked_list && strcmp(wanted, m->asked_list) == 0)
		return 0;
	return !a->failed_list || strcmp(wanted, a->failed_list) != 0 || tm_mono_ms() >= a->failed_until_ms;
}

static int
names_none(const struct admit *m)
{
	char *model = json_dup(&m->json, json_get(&m->json, 0, "model"), NULL);
	int none = !model || !*model;

	free(model);
	return none;
}

static void
choose(struct admit *m)
{
	struct app *a = m->v->app;
	struct err e = {0};
	int r = router_choose(a->router, &m->json, a->s.options->tag, needs_price, m, &m->routed, &e);
	const char *wanted = router_wanted(a->router);

	if (waits_for(m, wanted, r)) {
		routed_call_release(&m->routed);
		ask_list(m, wanted, 1);
		return;
	}
	if (wanted && !r)
		ask_list(m, wanted, 0);
	if (!r || e.http == 404)
		r = has_server(m, &e) || r || has_preset(m, &e) ? -1 : 0;
	if (r && e.kind == ERR_CONFIG && names_none(m)) {
		err_set(&e, ERR_USAGE, "model is missing, and this gateway has none for requests without (OR_MODEL)");
	} else if (r) {
		nobody(m->v, &e);
		m->is_unserved = m->routed.asked != NULL;
	} else {
		strlcpy(m->v->model, m->routed.asked, sizeof(m->v->model));
		r = gate_allows(m->v->key, m->routed.asked, &e);
		if (!r && m->on_routed && m->on_routed(m->arg))
			return;
		r = r || pass_minute(m, &e) || lay_preset(m, &e);
	}
	m->on_ready(m->arg, r ? &e : NULL);
}

int
admit_read(struct admit *m, struct err *e)
{
	struct json *j = &m->json;

	if (!j->text && (json_parse(j, buf_str(&m->request), m->request.len, e) || json_unique(j, e)))
		return -1;
	return find_session(m, e);
}

void
admit_start(struct admit *m)
{
	choose(m);
}

static void
show(struct admit *m, int streams)
{
	const struct visit *v = m->v;
	struct shared_call c = {.started_ms = tm_now_ms(), .pid = m->v->app->pid, .streams = streams};

	strlcpy(c.id, v->id, sizeof(c.id));
	strlcpy(c.front, v->front_name, sizeof(c.front));
	strlcpy(c.model, v->model, sizeof(c.model));
	strlcpy(c.client, v->key && v->key->key.name ? v->key->key.name : "", sizeof(c.client));
	m->slot = shared_enter(v->app->s.shared, &c);
	shared_add(v->app->s.shared, SHARED_CALLS, 1);
}

void
admit_call(struct admit *m, struct call_spec *s, int streams)
{
	struct visit *v = m->v;
	const struct app_options *o = v->app->s.options;

	s->books.id = v->id;
	s->books.asked = m->routed.asked;
	s->books.session = m->session;
	s->books.client = v->key ? v->key->key.name : NULL;
	s->books.client_id = v->key ? v->key->key.id : 0;
	s->books.limit = v->key && v->key->has_limit ? &v->key->limit : NULL;
	s->books.conversation = m->routed.conversation;
	s->books.has_session = m->routed.has_session;
	s->request = m->request.p;
	s->len = m->request.len;
	s->parsed = m->routed.preset ? NULL : &m->json; /* it was made before a preset was laid under it */
	s->candidate = m->routed.v;
	s->n_candidate = m->routed.n;
	s->lossy = o->lossy;
	s->rounds = o->rounds;
	s->deadline_ms = o->deadline_ms;
	s->idle_ms = o->idle_ms;
	s->idle_set = o->idle_set;
	s->connect_ms = o->connect_ms;
	s->connect_set = o->connect_set;
	show(m, streams);
}

/* What a call cost in all. */
static int64_t
cost_of_all(const struct outcome *o)
{
	int64_t sum = 0;
	int n = 0;

	for (size_t i = 0; i < o->n_attempt; i++) {
		int64_t pusd = o->attempt[i].cost_pusd;
		if (!outcome_counts(o, i))
			continue;
		if (pusd == PUSD_UNKNOWN || __builtin_add_overflow(sum, pusd, &sum))
			return PUSD_UNKNOWN;
		n++;
	}
	return n ? sum : PUSD_UNKNOWN;
}

static void
count(struct admit *m, const struct outcome *o)
{
	struct shared *s = m->v->app->s.shared;
	const struct visit *v = m->v;

	if (v->prompt > 0)
		shared_add(s, SHARED_PROMPT_TOKENS, v->prompt);
	if (v->completion > 0)
		shared_add(s, SHARED_COMPLETION_TOKENS, v->completion);
	if (v->cost_pusd > 0)
		shared_add(s, SHARED_COST_NUSD, v->cost_pusd / 1000);
	if (o->ttft_ms >= 0)
		shared_time(s, SHARED_TTFT, o->ttft_ms);
	shared_time(s, SHARED_TOTAL, o->ms);
}

static void
leave(struct admit *m)
{
	if (m->slot >= 0)
		shared_leave(m->v->app->s.shared, m->slot);
	m->slot = -1;
}

void
admit_over(struct admit *m, const struct outcome *o)
{
	struct visit *v = m->v;
	const struct usage *u = &o->usage;
	const struct attempt *last = o->n_attempt ? o->attempt + o->n_attempt - 1 : NULL;

	leave(m);
	v->prompt = u->prompt;
	v->completion = u->completion;
	v->cost_pusd = cost_of_all(o);
	v->ttft_ms = o->ttft_ms;
	if (last)
		strlcpy(v->endpoint, last->endpoint, sizeof(v->endpoint));
	if (o->finish)
		strlcpy(v->finish, o->finish, sizeof(v->finish));
	if (!o->complete && !exchange_is_gone(v->x))
		strlcpy(v->error, err_word(o->err.kind), sizeof(v->error));
	count(m, o);
	if (o->complete && u->prompt >= 0 && u->completion >= 0)
		gate_correct(v->app->gate, v->key, u->prompt + u->completion - m->tokens, tm_now_ms());
}

void
admit_gone(struct admit *m)
{
	if (m->is_asking)
		desk_forget(m->v->app->desk, m);
	m->is_asking = 0;
}

void
admit_release(struct admit *m)
{
	admit_gone(m);
	leave(m);
	routed_call_release(&m->routed);
	json_release(&m->json);
	buf_release(&m->request);
	free(m->session);
}

void
admit_told(const struct err *e, struct err *told)
{
	*told = *e;
	if (e->kind == ERR_AUTH || e->kind == ERR_NOKEY || e->kind == ERR_CONFIG) {
		told->kind = ERR_TEMPORARY;
		told->http = 502;
	}
	told->http = visit_status(told);
}

void
admit_fail(struct admit *m, const struct outcome *o)
{
	const struct attempt *last = o->n_attempt ? o->attempt + o->n_attempt - 1 : NULL;
	enum err_kind kind = last ? last->err.kind : ERR_NONE;
	int is_theirs = last && (last->was_sent || kind == ERR_UNREACHABLE || kind == ERR_HOST);
	struct err e;

	admit_told(&o->err, &e);
	visit_error_of(m->v, &e, is_theirs ? last->candidate->provider->name : NULL, is_theirs ? last->http : 0);
	strlcpy(m->v->error, err_word(o->err.kind), sizeof(m->v->error));
}
