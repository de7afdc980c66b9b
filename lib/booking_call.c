/* SPDX-License-Identifier: ISC */
/* One call's rows: part of booking. */
#include <stdlib.h>
#include <string.h>

#include "booking_priv.h"
#include "buf.h"
#include "budget.h"
#include "candidate.h"
#include "endpoint.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "keeper.h"
#include "market.h"
#include "mem.h"
#include "outcome.h"
#include "providers.h"
#include "tm.h"

const char *
booked_tag(const struct booked *k)
{
	return k->tag ? k->tag : k->b->s.tag;
}

static struct ledger_call
begun(const struct booked *k)
{
	return (struct ledger_call){.id = k->id,
	    .tool = k->b->s.tool,
	    .tag = booked_tag(k),
	    .session = k->session,
	    .asked = k->asked ? k->asked : k->b->s.asked,
	    .client = k->client,
	    .client_id = k->client_id,
	    .started_ms = k->started_ms,
	    .status = -1,
	    .ttft_ms = -1,
	    .ms = -1,
	    .streamed = k->facts.streams,
	    .model = k->candidate ? k->candidate->name : NULL,
	    .provider = k->candidate ? k->candidate->provider->name : NULL};
}

static struct ledger_attempt
intent(const struct booked *k, const char *endpoint)
{
	return (struct ledger_attempt){.started_ms = k->attempt_ms,
	    .model = k->candidate->name,
	    .provider = k->candidate->provider->name,
	    .endpoint = endpoint,
	    .key = booking_key_name(k->candidate->provider),
	    .reserved_pusd = k->reserved_pusd,
	    .ttft_ms = -1,
	    .ms = -1,
	    .prompt = -1,
	    .completion = -1,
	    .cached = -1,
	    .cache_write = -1,
	    .reasoning = -1,
	    .cost_pusd = PUSD_UNKNOWN};
}

const struct cost_facts *
booked_facts(struct booked *k)
{
	if (!k->facts_known)
		cost_facts(&k->facts, k->request);
	k->facts_known = 1;
	return &k->facts;
}

/* The budgets table's lines, and the limit of the call's key. Owned; strings are theirs. */
static struct budget *
budgets(const struct booked *k, size_t *n)
{
	const struct booking *b = k->b;
	struct budget *v = xcalloc(b->s.n_budget + 1, sizeof(*v));

	for (*n = 0; *n < b->s.n_budget; ++*n)
		v[*n] = b->s.budget[*n];
	if (k->limit)
		v[(*n)++] = *k->limit;
	return v;
}

static int
write_intent(struct booked *k, const struct budget *v, size_t n, keeper_fn done, int64_t *room_pusd, struct err *e)
{
	const struct keeper *keeper = k->b->s.keeper;
	struct buf endpoint = BUF_INIT;
	int r = BOOKED_WAITS;

	booked_facts(k);
	buf_addf(&endpoint, "%s:%s", k->candidate->provider->name, k->candidate->model);
	const struct ledger_call call = begun(k);
	const struct ledger_attempt a = intent(k, endpoint.p);
	if (keeper) {
		k->n_asked++;
		keeper->reserve(keeper->arg, k->call, &call, &a, (int)k->number, v, n, done, k);
	} else {
		r = ledger_reserve(k->b->ledger, &call, &k->row, &a, (int)k->number, v, n, room_pusd, e);
	}
	k->is_written = r != -1;
	buf_release(&endpoint);
	return r;
}

int
booked_reserve(struct booked *k, keeper_fn done, int64_t *room_pusd, struct err *e)
{
	size_t n;
	struct budget *v = budgets(k, &n);
	int r = write_intent(k, v, n, done, room_pusd, e);

	free(v);
	return r;
}

/* ── calls ── */

static char *
copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct booked *
booked_new(struct booking *b, const struct booked_spec *s, const struct json *request)
{
	struct booked *k = xcalloc(1, sizeof(*k));

	k->b = b;
	k->request = request;
	k->id = xstrdup(s->id ? s->id : "");
	k->tag = copy(s->tag);
	k->asked = copy(s->asked);
	k->client = copy(s->client);
	k->session = s->session ? xstrdup(s->session) : json_dup(request, json_get(request, 0, "session_id"), NULL);
	k->client_id = s->client_id;
	k->limit = s->limit;
	k->conversation = s->conversation;
	k->has_session = s->has_session;
	k->on = *s;
	k->call = ++b->n_calls;
	k->started_ms = tm_now_ms();
	k->reserved_pusd = PUSD_UNKNOWN;
	return k;
}

void
booked_free(struct booked *k)
{
	if (!k)
		return;
	if (k->n_asked)
		k->b->s.keeper->forget(k->b->s.keeper->arg, k);
	booked_let_go(k);
	free(k->id);
	free(k->tag);
	free(k->asked);
	free(k->client);
	free(k->session);
	free(k);
}

/* What a keeper says of a ledger that can't be had. */
static void
hear(struct booked *k, const struct err *e)
{
	if (e)
		booking_give_up(k->b, e);
	else
		k->b->warned = 0;
}

static void
intent_answered(void *ctx, int64_t room_pusd, const struct err *e)
{
	struct booked *k = ctx;

	(void)room_pusd;
	k->n_asked--;
	hear(k, e);
	if (--k->n_unanswered || !k->waits_clear)
		return;
	k->waits_clear = 0;
	k->on.on_clear(k->on.arg);
}

static void
ask_intent(struct booked *k)
{
	struct booking *b = k->b;
	struct err e = {0};
	int64_t room;

	if (b->s.keeper) {
		k->n_unanswered++;
		write_intent(k, NULL, 0, intent_answered, &room, &e);
	} else if (booking_open(b, &e) || write_intent(k, NULL, 0, NULL, &room, &e)) {
		booking_give_up(b, &e);
	}
}

/* Before the first byte of the answer, if not sooner: the intent. */
static void
announce(struct booked *k)
{
	struct booking *b = k->b;

	if (!b->path || b->failed || !k->candidate || k->is_written)
		return;
	if (b->s.on_prices && market_lacks_price(k->candidate) && !provider_routes(k->candidate->provider))
		b->s.on_prices(b->s.arg); /* (OpenRouter tells what it charged) */
	if (k->reserved_pusd == PUSD_UNKNOWN)
		k->reserved_pusd = cost_bound(k->candidate, booked_facts(k), booked_facts(k)->max_tokens);
	ask_intent(k);
}

/* There is time now for what the end would have to wait for. */
void
booked_sent(struct booked *k)
{
	announce(k);
	if (!k->b->path || k->b->failed)
		return;
	booking_health(k->b);
	if (k->b->ledger)
		ledger_tidy(k->b->ledger);
}

int
booked_gone_out(struct booked *k)
{
	announce(k);
	k->waits_clear = k->n_unanswered > 0;
	return k->waits_clear ? BOOKED_WAITS : 0;
}

/* Strings of a row: those of the attempt, and one that has to be made. */
static struct ledger_attempt
over(const struct attempt *a, const char *endpoint)
{
	return (struct ledger_attempt){.started_ms = a->started_ms,
	    .model = a->candidate->name,
	    .provider = a->candidate->provider->name,
	    .endpoint = endpoint,
	    .key = booking_key_name(a->candidate->provider),
	    .reserved_pusd = a->reserved_pusd,
	    .http = a->http,
	    .error = a->err.kind ? err_word(a->err.kind) : NULL,
	    .blamed = a->is_blamed,
	    .ttft_ms = a->ttft_ms,
	    .ms = a->ms,
	    .prompt = a->usage.prompt,
	    .completion = a->usage.completion,
	    .cached = a->usage.cached,
	    .cache_write = a->usage.cache_write,
	    .reasoning = a->usage.reasoning,
	    .cost_pusd = a->cost_pusd,
	    .source = (enum ledger_source)a->source};
}

static void
remember(struct booked *k, const struct attempt *a)
{
	struct health_sample s = {.at_ms = tm_now_ms(),
	    .blamed = a->is_blamed,
	    .neutral = !attempt_answered(a) && !a->is_blamed,
	    .ttft_ms = a->ttft_ms,
	    .mtok_s = -1};
	int64_t span = a->ms - (a->ttft_ms > 0 ? a->ttft_ms : 0);

	if (!k->b->path)
		return;
	if (a->usage.completion > 0 && !a->err.kind)
		s.mtok_s = a->usage.completion * 1000000 / (span > 0 ? span : 1);
	health_record(booking_health(k->b), a->endpoint, &s);
}

/* In a run with a limit of its own, what isn't known cost what was reserved. */
static void
spend(struct booked *k, const struct attempt *a)
{
	struct booking *b = k->b;

	if (b->s.run_limit_pusd == PUSD_UNKNOWN)
		return;
	b->spent_pusd += a->cost_pusd != PUSD_UNKNOWN ? a->cost_pusd : k->run_pusd;
	booked_let_go(k);
}

/* The call goes on: others wait for what the attempt held. */
static void
settle_attempt(struct booked *k, const struct outcome *o, const struct attempt *a)
{
	const struct keeper *keeper = k->b->s.keeper;
	const struct ledger_call call = begun(k);
	const struct ledger_attempt row = over(a, a->endpoint);
	struct err e = {0};

	if (keeper)
		keeper->settle_attempt(keeper->arg, k->call, &call, &row, (int)k->number);
	else if (ledger_settle_attempt(k->b->ledger, k->row, &call, &row, (int)k->number, &e))
		booking_give_up(k->b, &e);
	else
		k->n_settled += k->n_settled + 1 == o->n_attempt;
}

void
booked_attempt(struct booked *k, struct outcome *o, int more)
{
	struct attempt *a = o->attempt + o->n_attempt - 1;

	k->is_admitting = 0;
	a->started_ms = k->attempt_ms;
	a->reserved_pusd = k->reserved_pusd;
	if (k->b->s.on_prices && !*a->usage.cost && a->was_sent && market_lacks_price(a->candidate))
		k->b->s.on_prices(k->b->s.arg);
	cost_settle(a, booked_facts(k), a->abandoned, tm_now_ms());
	spend(k, a);
	remember(k, a);
	if (more && k->is_written && booked_has_budget(k, a->candidate))
		settle_attempt(k, o, a);
}

/* OpenRouter's endpoint is whose answer it passed on. */
static char *
served_by(const struct outcome *o, const struct attempt *a)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, a->endpoint);
	if (a == o->attempt + o->n_attempt - 1 && o->provider && *o->provider && a->candidate->endpoint &&
	    a->candidate->endpoint->routes)
		buf_addf(&b, "@%s", o->provider);
	return buf_take(&b);
}

/* Who has the prompt cached: the endpoint that was called, and who served it at OpenRouter, which is called as one. */
static void
stick(struct booked *k, const struct outcome *o)
{
	const struct booking *b = k->b;
	uint64_t conversation = k->conversation ? k->conversation : b->conversation;
	int has_session = k->conversation ? k->has_session : b->has_session;
	int64_t now = tm_now_ms();

	if (!b->path || !conversation || !o->served || o->err.kind || (!has_session && o->usage.cached <= 0))
		return;
	const struct attempt *a = o->attempt + o->n_attempt - 1;
	char *served = served_by(o, a);
	health_stick(booking_health(k->b), conversation, o->served->name, a->endpoint, now);
	if (strcmp(served, a->endpoint) != 0)
		health_stick(booking_health(k->b), health_served(conversation), o->served->name, served, now);
	free(served);
}

static struct ledger_call
ended(const struct booked *k, const struct outcome *o, const char *answer)
{
	const struct candidate *last = o->served ? o->served : k->candidate;
	struct ledger_call call = begun(k);

	if (last) {
		call.model = last->name;
		call.provider = last->provider->name;
		call.key = booking_key_name(last->provider);
	}
	call.answer_id = o->id;
	call.finish = o->finish;
	call.status = err_status(&o->err);
	call.error = o->err.kind ? err_word(o->err.kind) : NULL;
	call.ttft_ms = o->ttft_ms;
	call.ms = o->ms;
	if (k->b->s.content) {
		call.request = k->request->text;
		call.answer = answer;
	}
	return call;
}

static void
end_answered(void *ctx, int64_t room_pusd, const struct err *e)
{
	struct booked *k = ctx;

	(void)room_pusd;
	k->n_asked--;
	hear(k, e);
	k->on.on_ended(k->on.arg);
}

/* A keeper gets all attempts again: those that it settled before stay as they are. */
static int
settle(struct booked *k, const struct ledger_call *call, const struct ledger_attempt *row, size_t n)
{
	const struct keeper *keeper = k->b->s.keeper;
	struct err e = {0};

	if (keeper) {
		k->n_asked++;
		keeper->settle(keeper->arg, k->call, call, row, 0, n, end_answered, k);
		return BOOKED_WAITS;
	}
	if (ledger_settle(k->b->ledger, k->row, call, row, k->n_settled, n, &e))
		booking_give_up(k->b, &e);
	return 0;
}

static int
write_rows(struct booked *k, const struct outcome *o, const char *answer)
{
	struct ledger_attempt *row = xcalloc(o->n_attempt, sizeof(*row));
	char **name = xcalloc(o->n_attempt, sizeof(*name));

	booked_facts(k);
	for (size_t i = 0; i < o->n_attempt; i++) {
		name[i] = served_by(o, o->attempt + i);
		row[i] = over(o->attempt + i, name[i]);
	}
	struct ledger_call call = ended(k, o, answer);
	call.endpoint = o->n_attempt ? row[o->n_attempt - 1].endpoint : NULL;
	int r = settle(k, &call, row, o->n_attempt);
	for (size_t i = 0; i < o->n_attempt; i++)
		free(name[i]);
	free(name);
	free(row);
	return r;
}

int
booked_end(struct booked *k, const struct outcome *o, const char *answer)
{
	struct err e = {0};

	stick(k, o);
	if (!k->b->path || k->b->failed)
		return 0;
	if (!k->b->s.keeper && booking_open(k->b, &e)) {
		booking_give_up(k->b, &e);
		return 0;
	}
	return write_rows(k, o, answer);
}
