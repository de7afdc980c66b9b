/* SPDX-License-Identifier: ISC */
#include "cost.h"

#include <string.h>

#include "candidate.h"
#include "endpoint.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "ledger.h"
#include "outcome.h"
#include "price.h"
#include "providers.h"
#include "wire/members.h"
#include "wire/mock.h"
#include "wire/openai.h"
#include "wire/service.h"

#define DAY_S 86400

static int
is_mock(const struct candidate *c)
{
	return strcmp(c->provider->wire, "mock") == 0;
}

static const struct pricing *
pricing_of(const struct candidate *c)
{
	return c->endpoint ? &c->endpoint->pricing : NULL;
}

static enum cost_tier
tier_of(const struct json *request, int node)
{
	static const char *const usual[] = {"", "auto", "default", "standard", "standard_only", "on_demand"};

	if (json_type(request, node) != JSON_STRING)
		return COST_TIER_USUAL;
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (json_eq(request, node, usual[i]))
			return COST_TIER_USUAL;
	if (json_eq(request, node, "flex"))
		return COST_TIER_FLEX;
	return json_eq(request, node, "fast") ? COST_TIER_FAST : COST_TIER_DEAR;
}

enum cost_tier
cost_tier(const struct json *request)
{
	return tier_of(request, json_get(request, 0, "service_tier"));
}

static int
refuses_tiers(const struct provider *p)
{
	const char *const *f = strcmp(p->wire, "openai") == 0 ? openai_dialect(p)->refuses : NULL;

	for (; f && *f; f++)
		if (strcmp(*f, "service_tier") == 0)
			return 1;
	return 0;
}

/* No tier of nothing costs anything. */
static int
is_free(const struct candidate *c)
{
	const struct pricing *p = pricing_of(c);

	return p && pricing_dearest(p, PRICE_PROMPT, INT64_MAX) == 0 &&
	    pricing_dearest(p, PRICE_COMPLETION, INT64_MAX) == 0;
}

/* Those whose format has none aren't asked for one, and OpenRouter tells what it took. */
int
cost_lacks_tier(const struct candidate *c, enum cost_tier tier)
{
	const struct service *s = service_get(c->provider->wire);
	unsigned asked = tier == COST_TIER_FAST ? SERVICE_FAST : SERVICE_TIERS;

	if (tier < COST_TIER_DEAR || provider_routes(c->provider) || refuses_tiers(c->provider) || is_free(c))
		return 0;
	return !s || s->tiers & asked;
}

void
cost_facts(struct cost_facts *f, const struct json *request)
{
	enum { SERVICE_TIER, N_CHOICES, NEW_LIMIT, OLD_LIMIT, MESSAGES, INPUT, STREAM, N };
	static const struct member names[N] = {MEMBER("service_tier"), MEMBER("n"), MEMBER("max_completion_tokens"),
	    MEMBER("max_tokens"), MEMBER("messages"), MEMBER("input"), MEMBER("stream")};
	int64_t limit, n;
	int at[N];

	members_find(request, 0, names, N, at);
	*f = (struct cost_facts){.tier = tier_of(request, at[SERVICE_TIER]), .max_tokens = -1, .n_choices = 1};
	estimate_request(&f->prompt, request);
	if (json_int(request, at[N_CHOICES], &n) == 0 && n > 1)
		f->n_choices = n;
	/* which of the two a provider gets is its dialect's business */
	if (json_int(request, at[NEW_LIMIT], &limit) == 0 && limit > 0)
		f->max_tokens = limit;
	if (json_int(request, at[OLD_LIMIT], &limit) == 0 && limit > f->max_tokens)
		f->max_tokens = limit;
	if (at[MESSAGES] < 0 && at[INPUT] >= 0)
		f->max_tokens = 0; /* vectors are no tokens */
	mock_words(request, &f->mock_prompt, &f->mock_answer);
	f->streams = json_bool(request, at[STREAM]) == 1;
}

/* The dearest of what a token of the prompt may be billed as. */
static price_t
dearest_prompt(const struct pricing *p, int64_t bound)
{
	static const enum price_item items[] = {PRICE_CACHE_READ, PRICE_CACHE_WRITE, PRICE_CACHE_WRITE_1H, PRICE_AUDIO};
	price_t most = pricing_dearest(p, PRICE_PROMPT, bound);

	for (size_t i = 0; i < sizeof(items) / sizeof(*items) && most != PRICE_UNKNOWN; i++) {
		price_t other = pricing_dearest(p, items[i], bound);
		if (other == PRICE_UNKNOWN || other > most)
			most = other;
	}
	return most;
}

static price_t
dearest_answer(const struct pricing *p, int64_t bound)
{
	static const enum price_item items[] = {PRICE_REASONING, PRICE_AUDIO_OUTPUT, PRICE_IMAGE_OUTPUT};
	price_t most = pricing_dearest(p, PRICE_COMPLETION, bound);

	for (size_t i = 0; i < sizeof(items) / sizeof(*items) && most != PRICE_UNKNOWN; i++) {
		price_t other = pricing_dearest(p, items[i], bound);
		if (other == PRICE_UNKNOWN || other > most)
			most = other;
	}
	return most;
}

static int64_t
prompt_bound(const struct candidate *c, const struct cost_facts *f)
{
	return is_mock(c) ? f->mock_prompt : f->prompt.bound;
}

/* The answer's limit, as far as anybody sets one. */
static int64_t
answer_bound(const struct candidate *c, const struct cost_facts *f, int64_t max_tokens)
{
	if (is_mock(c))
		return max_tokens >= 0 && max_tokens < f->mock_answer ? max_tokens : f->mock_answer;
	if (max_tokens >= 0)
		return max_tokens;
	if (c->endpoint->max_output)
		return c->endpoint->max_output;
	return c->endpoint->context ? c->endpoint->context : COST_SOME_OUTPUT;
}

/* Sums of what may be unknown. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (a == PUSD_UNKNOWN || b == PUSD_UNKNOWN || __builtin_add_overflow(a, b, &sum))
		return PUSD_UNKNOWN;
	return sum;
}

static int64_t
input_bound(const struct candidate *c, const struct cost_facts *f)
{
	const struct pricing *p = pricing_of(c);
	int64_t n = prompt_bound(c, f);

	return plus(price_times(dearest_prompt(p, n), n), price_times(pricing_dearest(p, PRICE_REQUEST, n), 1));
}

int64_t
cost_bound(const struct candidate *c, const struct cost_facts *f, int64_t max_tokens)
{
	const struct pricing *p = pricing_of(c);

	if (!p || cost_lacks_tier(c, f->tier))
		return PUSD_UNKNOWN;
	int64_t in = input_bound(c, f), n = answer_bound(c, f, max_tokens);
	if (n == 0)
		return in;
	if (!is_mock(c) && __builtin_mul_overflow(n, f->n_choices, &n))
		return PUSD_UNKNOWN;
	return plus(in, price_times(dearest_answer(p, prompt_bound(c, f)), n));
}

int64_t
cost_fit(const struct candidate *c, const struct cost_facts *f, int64_t room_pusd)
{
	const struct pricing *p = pricing_of(c);
	int64_t in = p ? input_bound(c, f) : PUSD_UNKNOWN;
	const price_t unit = 10000000000; /* 10^-12 in 10^-22 */
	price_t out = p ? dearest_answer(p, prompt_bound(c, f)) : PRICE_UNKNOWN;

	if (in == PUSD_UNKNOWN || out == PRICE_UNKNOWN || in > room_pusd)
		return -1;
	if (out == 0)
		return answer_bound(c, f, -1);
	price_t n = (price_t)(room_pusd - in) * unit / out / f->n_choices;
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* Was anything sent that may be charged for? An error that a provider told instead of an answer isn't; OpenRouter charges for no answer
 * that ended in one. */
static int
is_charged(const struct attempt *a)
{
	int received = a->received_bytes > 0;

	if (attempt_answered(a))
		return 1;
	if (!a->was_sent || (a->http && a->http != 200))
		return 0;
	if (a->error_told)
		return received && !provider_routes(a->candidate->provider);
	return 1;
}

static void
estimate(struct attempt *a, const struct cost_facts *f, struct usage *u)
{
	int mock = is_mock(a->candidate);

	u->prompt = mock ? f->mock_prompt : f->prompt.likely;
	u->completion = mock ? a->received_words : (a->received_bytes + 3) / 4;
}

static int
hhmm_of(int64_t now_ms)
{
	int64_t minute = now_ms / 1000 % DAY_S / 60;

	return (int)(minute / 60 * 100 + minute % 60);
}

/* Providers that go on answering when nobody listens, as OpenRouter publishes it ("stream cancellation"). */
static int
stops_when_left(const struct provider *p)
{
	static const char *const deaf[] = {"amazon-bedrock", "groq", "google-ai-studio", "google-vertex", "mistral",
	    "perplexity", "minimax", "alibaba", "nebius", "sambanova", "ai21"};

	for (size_t i = 0; p->slug && i < sizeof(deaf) / sizeof(*deaf); i++)
		if (strcmp(deaf[i], p->slug) == 0)
			return 0;
	return 1;
}

static void
set(struct attempt *a, int64_t pusd, enum ledger_source source)
{
	a->cost_pusd = pusd;
	a->source = pusd == PUSD_UNKNOWN ? COST_UNKNOWN : source;
}

int64_t
cost_of_usage(const struct candidate *c, const struct usage *u, enum cost_tier tier, int64_t now_ms)
{
	const struct pricing *p = pricing_of(c);

	if (!p || cost_lacks_tier(c, tier) || u->prompt < 0 || u->completion < 0)
		return PUSD_UNKNOWN;
	return pricing_cost_pusd(p, u, 0, hhmm_of(now_ms));
}

void
cost_settle(struct attempt *a, const struct cost_facts *f, int abandoned, int64_t now_ms)
{
	struct usage u = a->usage;
	int64_t pusd;

	if (*u.cost && price_parse_pusd(u.cost, strlen(u.cost), &pusd) == 0) {
		set(a, pusd, COST_REPORTED);
	} else if (u.prompt >= 0 && u.completion >= 0) {
		/* of an answer that broke off the count may be what it began with */
		int64_t came = attempt_answered(a) || is_mock(a->candidate) ? 0 : (a->received_bytes + 3) / 4;
		int is_more = came > u.completion;
		u.completion = is_more ? came : u.completion;
		pusd = cost_of_usage(a->candidate, &u, f->tier, now_ms);
		set(a, pusd, is_more || f->tier == COST_TIER_FLEX ? COST_ESTIMATED : COST_COMPUTED);
	} else if (!is_charged(a)) {
		set(a, 0, COST_COMPUTED);
	} else if (abandoned && (!f->streams || !stops_when_left(a->candidate->provider))) {
		set(a, a->reserved_pusd, COST_RESERVED);
	} else {
		estimate(a, f, &u);
		pusd = cost_of_usage(a->candidate, &u, f->tier, now_ms);
		if (a->reserved_pusd != PUSD_UNKNOWN && pusd > a->reserved_pusd)
			pusd = a->reserved_pusd;
		set(a, pusd, COST_ESTIMATED);
	}
}

const char *
cost_word(int source)
{
	return source == COST_RESERVED ? "estimated" : ledger_source((enum ledger_source)source);
}
