/* SPDX-License-Identifier: ISC */
#include "booking_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "buf.h"
#include "candidate.h"
#include "cost.h"
#include "endpoint.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "market.h"
#include "mem.h"
#include "outcome.h"
#include "policy.h"
#include "providers.h"
#include "tm.h"

void
booking_id(char id[BOOKING_ID])
{
	uint64_t r = 0;

	(void)!getrandom(&r, sizeof(r), 0);
	snprintf(id, BOOKING_ID, "gen-%" PRId64 "-%016" PRIx64, tm_now_ms() / 1000, r);
}

struct booking *
booking_new(const struct booking_spec *s)
{
	struct booking *b = xcalloc(1, sizeof(*b));
	struct err e = {0};

	b->s = *s;
	if (ledger_path(&b->path, &e) && s->on_warning) {
		s->on_warning(s->arg, e.msg);
		b->failed = 1;
	}
	return b;
}

void
booking_conversation(struct booking *b, uint64_t conversation, int has_session)
{
	b->conversation = conversation;
	b->has_session = has_session;
}

void
booking_free(struct booking *b)
{
	if (!b)
		return;
#ifdef OR_CLEAN_EXIT
	ledger_close(b->ledger);
#endif
	health_close(b->health);
	free(b->path);
	free(b);
}

struct health *
booking_health(struct booking *b)
{
	if (!b->health)
		b->health = health_open(b->path);
	return b->health;
}

int
booking_keeps(const struct booking *b)
{
	return b && b->s.content && b->path;
}

const char *
booking_key_name(const struct provider *p)
{
	if (strncmp(p->key, "env:", 4) == 0)
		return p->key + 4;
	if (strncmp(p->key, "cmd:", 4) == 0)
		return "cmd";
	return strcmp(p->key, "none") == 0 ? "" : p->key;
}

/* ── the ledger ── */

static void
complain(struct booking *b, const char *text)
{
	if (b->s.on_warning)
		b->s.on_warning(b->s.arg, text);
}

static void
give_up(struct booking *b, const struct err *e)
{
	struct err said = *e;

	err_wrap(&said, "not booked");
	if (!b->failed)
		complain(b, said.msg);
	b->failed = 1;
}

int
booking_open(struct booking *b, struct err *e)
{
	char *warning = NULL;

	if (b->ledger)
		return 0;
	if (!b->path || b->failed)
		return -1;
	int r = ledger_open(&b->ledger, b->path, LEDGER_WRITE, &warning, e);
	if (warning)
		complain(b, warning);
	free(warning);
	return r;
}

static struct ledger_call
begun(const struct booked *k)
{
	return (struct ledger_call){.id = k->id,
	    .tool = k->b->s.tool,
	    .tag = k->b->s.tag,
	    .session = k->session,
	    .asked = k->b->s.asked,
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

int
booked_write_intent(struct booked *k, const struct budget *v, size_t n, int64_t *room_pusd, struct err *e)
{
	struct buf endpoint = BUF_INIT;

	booked_facts(k);
	buf_addf(&endpoint, "%s:%s", k->candidate->provider->name, k->candidate->model);
	const struct ledger_call call = begun(k);
	const struct ledger_attempt a = intent(k, endpoint.p);
	int r = ledger_reserve(k->b->ledger, &call, &k->row, &a, (int)k->number, v, n, room_pusd, e);
	k->is_written = r == 0;
	buf_release(&endpoint);
	return r;
}

/* ── calls ── */

struct booked *
booked_new(struct booking *b, const char *id, const struct json *request)
{
	struct booked *k = xcalloc(1, sizeof(*k));

	k->b = b;
	k->request = request;
	k->id = xstrdup(id);
	k->session = json_dup(request, json_get(request, 0, "session_id"), NULL);
	k->started_ms = tm_now_ms();
	k->reserved_pusd = PUSD_UNKNOWN;
	return k;
}

void
booked_free(struct booked *k)
{
	if (!k)
		return;
	free(k->id);
	free(k->session);
	free(k);
}

/* Before the first byte of the answer, if not sooner: the intent. */
static void
announce(struct booked *k)
{
	struct booking *b = k->b;
	struct err e = {0};
	int64_t room;

	if (!b->path || b->failed || !k->candidate || k->is_written)
		return;
	if (b->s.on_prices && market_lacks_price(k->candidate) && !provider_routes(k->candidate->provider))
		b->s.on_prices(b->s.arg); /* (OpenRouter tells what it charged) */
	if (k->reserved_pusd == PUSD_UNKNOWN)
		k->reserved_pusd = cost_bound(k->candidate, booked_facts(k), booked_facts(k)->max_tokens);
	if (booking_open(b, &e) || booked_write_intent(k, NULL, 0, &room, &e))
		give_up(b, &e);
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

void
booked_gone_out(struct booked *k)
{
	announce(k);
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

void
booked_attempt(struct booked *k, struct outcome *o, int more)
{
	struct attempt *a = o->attempt + o->n_attempt - 1;
	struct err e = {0};

	a->started_ms = k->attempt_ms;
	a->reserved_pusd = k->reserved_pusd;
	if (k->b->s.on_prices && !*a->usage.cost && a->was_sent && market_lacks_price(a->candidate))
		k->b->s.on_prices(k->b->s.arg);
	cost_settle(a, booked_facts(k), a->abandoned, tm_now_ms());
	spend(k, a);
	remember(k, a);
	if (more && k->is_written && booking_has_budget(k->b, a->candidate)) { /* others wait for what it held */
		const struct ledger_call call = begun(k);
		const struct ledger_attempt row = over(a, a->endpoint);
		if (ledger_settle_attempt(k->b->ledger, k->row, &call, &row, (int)k->number, &e))
			give_up(k->b, &e);
		else
			k->n_settled += k->n_settled + 1 == o->n_attempt;
	}
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
	int64_t now = tm_now_ms();

	if (!b->path || !b->conversation || !o->served || o->err.kind || (!b->has_session && o->usage.cached <= 0))
		return;
	const struct attempt *a = o->attempt + o->n_attempt - 1;
	char *served = served_by(o, a);
	health_stick(booking_health(k->b), b->conversation, o->served->name, a->endpoint, now);
	if (strcmp(served, a->endpoint) != 0)
		health_stick(booking_health(k->b), health_served(b->conversation), o->served->name, served, now);
	free(served);
}

static void
write_rows(struct booked *k, const struct outcome *o, struct ledger_attempt *row, const char *answer, struct err *e)
{
	const struct candidate *last = o->served ? o->served : k->candidate;
	struct ledger_call call = begun(k);

	if (last) {
		call.model = last->name;
		call.provider = last->provider->name;
		call.key = booking_key_name(last->provider);
	}
	call.endpoint = o->n_attempt ? row[o->n_attempt - 1].endpoint : NULL;
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
	if (ledger_settle(k->b->ledger, k->row, &call, row, k->n_settled, o->n_attempt, e))
		give_up(k->b, e);
}

void
booked_end(struct booked *k, const struct outcome *o, const char *answer)
{
	struct ledger_attempt *row;
	struct err e = {0};
	char **name;

	stick(k, o);
	if (!k->b->path || k->b->failed)
		return;
	if (booking_open(k->b, &e)) {
		give_up(k->b, &e);
		return;
	}
	booked_facts(k);
	row = xcalloc(o->n_attempt, sizeof(*row));
	name = xcalloc(o->n_attempt, sizeof(*name));
	for (size_t i = 0; i < o->n_attempt; i++) {
		name[i] = served_by(o, o->attempt + i);
		row[i] = over(o->attempt + i, name[i]);
	}
	write_rows(k, o, row, answer, &e);
	for (size_t i = 0; i < o->n_attempt; i++)
		free(name[i]);
	free(name);
	free(row);
}
