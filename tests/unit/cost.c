/* SPDX-License-Identifier: ISC */
#include "cost.h"

#include <stdio.h>
#include <string.h>

#include "candidate.h"
#include "endpoint.h"
#include "err.h"
#include "json.h"
#include "ledger.h"
#include "outcome.h"
#include "providers.h"
#include "tap.h"

#define NOW 1790000000000
#define MILLION ((price_t)10000000000000000) /* $1 per million tokens, in 10^-22 */

static char name[] = "p", wire[] = "openai", mock_wire[] = "mock", model[] = "m", slug_deaf[] = "groq",
	    router_name[] = "openrouter";
static struct provider p = {.name = name, .wire = wire}, mock = {.name = name, .wire = mock_wire};
static struct provider deaf = {.name = name, .wire = wire, .slug = slug_deaf},
		       router = {.name = router_name, .wire = wire};
static struct endpoint ep, nothing;
static struct candidate c = {.provider = &p, .model = model, .name = model, .endpoint = &ep};

static struct cost_facts
facts(const char *request)
{
	struct json j = JSON_INIT;
	struct cost_facts f;

	json_parse(&j, request, strlen(request), NULL);
	cost_facts(&f, &j);
	json_release(&j);
	return f;
}

#define HELLO "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void
bounds(void)
{
	struct cost_facts f = facts(HELLO "}"), limited = facts(HELLO ",\"max_tokens\":100}");

	tap_is_int(facts(HELLO ",\"max_completion_tokens\":1,\"max_tokens\":100}").max_tokens, 100,
	    "of two limits the higher");
	tap_is_int(
	    facts(HELLO ",\"max_completion_tokens\":200,\"max_tokens\":100}").max_tokens, 200, "whichever it is");
	/* $1 in, $2 out; 5 bytes, 16 for the message, 16 for the request */
	tap_is_int(cost_bound(&c, &limited, limited.max_tokens), 37 * 1000000 + 100 * 2000000,
	    "the bytes, the frames, the limit");
	tap_is_int(
	    cost_bound(&c, &f, -1), 37 * 1000000LL + COST_SOME_OUTPUT * 2000000LL, "no limit that anybody knows");
	ep.max_output = 1000;
	tap_is_int(cost_bound(&c, &f, -1), 37 * 1000000LL + 1000 * 2000000LL, "the endpoint's own");
	ep.pricing.item[PRICE_CACHE_WRITE] = 3 * MILLION;
	ep.pricing.has |= 1U << PRICE_CACHE_WRITE;
	tap_is_int(cost_bound(&c, &limited, 100), 37 * 3000000 + 100 * 2000000,
	    "the dearest that a token of the prompt may be");
	ep.pricing.has &= ~(1U << PRICE_CACHE_WRITE);
	ep.pricing.item[PRICE_REQUEST] = 10000 * MILLION;
	ep.pricing.has |= 1U << PRICE_REQUEST;
	tap_is_int(cost_bound(&c, &limited, 100), 37 * 1000000 + 100 * 2000000 + 10000000000, "and the fixed fee");
	ep.pricing.has &= ~(1U << PRICE_REQUEST);
	ep.pricing.rule[0] =
	    (struct price_rule){.min_prompt_tokens = 10, .utc_start = -1, .utc_end = -1, .set = 1U << PRICE_PROMPT};
	ep.pricing.rule[0].item[PRICE_PROMPT] = 5 * MILLION;
	ep.pricing.n_rules = 1;
	tap_is_int(cost_bound(&c, &limited, 100), 37 * 5000000 + 100 * 2000000,
	    "prices of longer prompts, where it may be as long");
	ep.pricing.rule[0].min_prompt_tokens = 100;
	tap_is_int(cost_bound(&c, &limited, 100), 37 * 1000000 + 100 * 2000000, "and not where it can't");
	ep.pricing.n_rules = 0;
	c.endpoint = &nothing;
	tap_is_int(cost_bound(&c, &f, 10), PUSD_UNKNOWN, "no price: unknown, not zero");
	tap_is_int(cost_fit(&c, &f, 1000000000), -1, "and nothing fits");
	c.endpoint = &ep;
	tap_is_int(cost_fit(&c, &f, 37000000 + 600 * 2000000 + 1999999), 600, "what fits");
	tap_is_int(cost_fit(&c, &f, 36999999), -1, "not even the prompt");
	c.provider = &mock;
	f = facts(HELLO "}");
	tap_is_int(cost_bound(&c, &f, -1), 3000000, "the mock's words, both ways");
	f = facts("{\"messages\":[{\"role\":\"user\",\"content\":\"a b c\"}],\"mock\":{\"text\":\"x y\"}}");
	tap_is_int(cost_bound(&c, &f, -1), 3000000 + 2 * 2000000, "its text, where it is told one");
	tap_is_int(cost_bound(&c, &f, 1), 3000000 + 2000000, "as far as the limit goes");
	c.provider = &p;
	ep.max_output = 0;
}

/* An attempt of `who` that ended so; what it cost and how that is known. */
static void
settles(struct provider *who, struct attempt a, int abandoned, int streams, int64_t pusd, int source, const char *what)
{
	struct cost_facts f = facts(HELLO "}");

	f.streams = streams;
	c.provider = who;
	a.candidate = &c;
	cost_settle(&a, &f, abandoned, NOW);
	tap_ok(a.cost_pusd == pusd && a.source == source, "%s: %lld, %d", what, (long long)a.cost_pusd, a.source);
	c.provider = &p;
}

#define NO_USAGE .usage = USAGE_INIT, .reserved_pusd = PUSD_UNKNOWN

static void
settlements(void)
{
	const struct err moderated = {.kind = ERR_REFUSED, .http = 403}, declined = {.kind = ERR_REFUSED};
	const struct err fine = {0}, cut = {.kind = ERR_TEMPORARY}, refused = {.kind = ERR_UNREACHABLE},
			 bad = {.kind = ERR_TEMPORARY, .http = 503}, stopped = {.kind = ERR_SIGNAL};
	struct usage reported = USAGE_INIT, counted = USAGE_INIT;

	strcpy(reported.cost, "0.0123");
	counted.prompt = 10;
	counted.completion = 3;
	settles(&p, (struct attempt){.usage = reported, .err = fine, .was_sent = 1, .http = 200}, 0, 1, 12300000000,
	    COST_REPORTED, "a report");
	settles(&p, (struct attempt){.usage = reported, .err = bad, .was_sent = 1, .http = 503}, 0, 1, 12300000000,
	    COST_REPORTED, "of a failure, too");
	settles(&p, (struct attempt){.usage = counted, .err = fine, .was_sent = 1, .http = 200}, 0, 1, 16000000,
	    COST_COMPUTED, "counted tokens");
	/* likely: 2 tokens of "hello" and 4 + 4 of frames */
	settles(&p, (struct attempt){NO_USAGE, .err = fine, .was_sent = 1, .http = 200, .received_bytes = 9}, 0, 1,
	    10000000 + 3 * 2000000, COST_ESTIMATED, "nothing told");
	settles(&p, (struct attempt){NO_USAGE, .err = cut, .was_sent = 1, .http = 200, .received_bytes = 4}, 0, 1,
	    10000000 + 2000000, COST_ESTIMATED, "a cut stream");
	counted.completion = 1; /* as a stream begins */
	settles(&p, (struct attempt){.usage = counted, .err = cut, .was_sent = 1, .http = 200, .received_bytes = 400},
	    0, 1, 10000000 + 100 * 2000000, COST_ESTIMATED, "a cut stream that counted its first token alone");
	settles(&p,
	    (struct attempt){
		.usage = USAGE_INIT, .reserved_pusd = 5, .err = cut, .was_sent = 1, .http = 200, .received_bytes = 4},
	    0, 1, 5, COST_ESTIMATED, "at most what was reserved");
	settles(&p, (struct attempt){NO_USAGE, .err = cut, .was_sent = 1}, 0, 1, 10000000, COST_ESTIMATED,
	    "no answer at all: the prompt");
	settles(&p, (struct attempt){NO_USAGE, .err = moderated, .was_sent = 1, .http = 403}, 0, 1, 0, COST_COMPUTED,
	    "a prompt that was refused");
	settles(&p, (struct attempt){NO_USAGE, .err = declined, .was_sent = 1, .http = 200, .received_bytes = 4}, 0, 1,
	    12000000, COST_ESTIMATED, "an answer that refuses");
	settles(&p, (struct attempt){NO_USAGE, .err = refused}, 0, 1, 0, COST_COMPUTED, "a refused connection");
	settles(&p, (struct attempt){NO_USAGE, .err = bad, .was_sent = 1, .http = 503}, 0, 1, 0, COST_COMPUTED,
	    "an HTTP error");
	settles(&p, (struct attempt){NO_USAGE, .err = bad, .was_sent = 1, .http = 200, .error_told = 1}, 0, 1, 0,
	    COST_COMPUTED, "an error in place of an answer");
	settles(&p,
	    (struct attempt){NO_USAGE, .err = bad, .was_sent = 1, .http = 200, .error_told = 1, .received_bytes = 4}, 0,
	    1, 12000000, COST_ESTIMATED, "an error behind a part of one");
	settles(&router,
	    (struct attempt){NO_USAGE, .err = bad, .was_sent = 1, .http = 200, .error_told = 1, .received_bytes = 4}, 0,
	    1, 0, COST_COMPUTED, "which OpenRouter doesn't charge for");
	settles(&p,
	    (struct attempt){.usage = USAGE_INIT,
		.reserved_pusd = 500000000,
		.err = stopped,
		.was_sent = 1,
		.http = 200,
		.received_bytes = 4},
	    1, 1, 12000000, COST_ESTIMATED, "we left: what came until then");
	settles(&deaf,
	    (struct attempt){.usage = USAGE_INIT,
		.reserved_pusd = 500000000,
		.err = stopped,
		.was_sent = 1,
		.http = 200,
		.received_bytes = 4},
	    1, 1, 500000000, COST_RESERVED, "we left one that goes on: all of it");
	settles(&p,
	    (struct attempt){.usage = USAGE_INIT, .reserved_pusd = 500000000, .err = stopped, .was_sent = 1, .http = 0},
	    1, 0, 500000000, COST_RESERVED, "a whole answer can't be left");
	c.endpoint = &nothing;
	settles(&p,
	    (struct attempt){.usage = counted, .reserved_pusd = PUSD_UNKNOWN, .err = fine, .was_sent = 1, .http = 200},
	    0, 1, PUSD_UNKNOWN, COST_UNKNOWN, "no price: unknown, never zero");
	c.endpoint = &ep;
}

/* A tier that has no price, of one who speaks so. */
static int
lacks(const char *provider, const char *format, const char *tier)
{
	char who_name[32], who_wire[32], base[] = "http://h/v1", request[256];
	struct provider who = {.name = who_name, .wire = who_wire, .base = base};
	struct candidate at = {.provider = &who, .model = model, .name = model, .endpoint = &ep};

	strlcpy(who_name, provider, sizeof(who_name));
	strlcpy(who_wire, format, sizeof(who_wire));
	snprintf(request, sizeof(request), "%s,\"max_tokens\":1,\"service_tier\":%s}", HELLO, tier);
	struct cost_facts f = facts(request);
	int is_unknown = cost_bound(&at, &f, 1) == PUSD_UNKNOWN;
	struct usage u = {.prompt = 10, .completion = 3};
	struct attempt a = {.candidate = &at, .usage = u, .was_sent = 1, .http = 200, .reserved_pusd = PUSD_UNKNOWN};
	cost_settle(&a, &f, 0, NOW);
	if ((a.source == COST_UNKNOWN) != is_unknown || (a.cost_pusd == PUSD_UNKNOWN) != is_unknown)
		return -1;
	strlcpy(a.usage.cost, "0.5", sizeof(a.usage.cost));
	cost_settle(&a, &f, 0, NOW);
	return a.source == COST_REPORTED && a.cost_pusd == 500000000000 ? is_unknown : -1;
}

static void
tiers(void)
{
	static const char *const usual[] = {
	    "\"auto\"", "\"default\"", "\"standard\"", "\"on_demand\"", "\"\"", "null", "1", "\"flex\""};
	struct usage u = {.prompt = 10, .completion = 3};
	struct cost_facts f = facts(HELLO ",\"service_tier\":\"flex\"}");
	struct attempt a = {.candidate = &c, .usage = u, .was_sent = 1, .http = 200};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		tap_is_int(lacks("p", "openai", usual[i]), 0, usual[i]);
	cost_settle(&a, &f, 0, NOW);
	tap_ok(a.cost_pusd == 16000000 && a.source == COST_ESTIMATED, "what is cheaper costs the usual at most");
	tap_is_int(lacks("p", "openai", "\"priority\""), 1, "a dearer tier has no price");
	tap_is_int(lacks("p", "openai", "\"fast\""), 1, "by either name");
	tap_is_int(lacks("p", "openai", "\"next year's\""), 1, "nor has one that nobody knows yet");
	tap_is_int(lacks("p", "responses", "\"priority\""), 1, "in Responses");
	tap_is_int(lacks("p", "bedrock", "\"reserved\""), 1, "at Amazon's");
	tap_is_int(lacks("p", "gemini", "\"priority\""), 1, "at Google's");
	tap_is_int(lacks("p", "anthropic", "\"fast\""), 1, "Anthropic's fast mode");
	tap_is_int(lacks("p", "anthropic", "\"priority\""), 0, "which is the only one it is asked for");
	tap_is_int(lacks("p", "ollama", "\"priority\""), 0, "who has no tiers isn't asked for one");
	tap_is_int(lacks("mistral", "openai", "\"priority\""), 0, "nor who refuses them");
	ep.pricing.item[PRICE_PROMPT] = ep.pricing.item[PRICE_COMPLETION] = 0;
	tap_is_int(lacks("p", "openai", "\"priority\""), 0, "nor costs any tier where all is free");
	ep.pricing.item[PRICE_PROMPT] = MILLION;
	ep.pricing.item[PRICE_COMPLETION] = 2 * MILLION;
	tap_is_int(lacks("openrouter", "openai", "\"priority\""), 0, "OpenRouter tells what it took");
}

int
main(void)
{
	ep.pricing.item[PRICE_PROMPT] = MILLION;
	ep.pricing.item[PRICE_COMPLETION] = 2 * MILLION;
	ep.pricing.has = 1U << PRICE_PROMPT | 1U << PRICE_COMPLETION;
	bounds();
	settlements();
	tiers();
	tap_is_str(cost_word(COST_RESERVED), "estimated", "metadata know four words");
	return tap_done();
}
