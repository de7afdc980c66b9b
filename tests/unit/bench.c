/* SPDX-License-Identifier: ISC */
#include "bench.h"

#include <stdio.h>

#include "err.h"
#include "tap.h"

#define NOW 1000000

/* An error at p's model m benches whom, for how long? Seconds for: the same endpoint, another model of p, the same model elsewhere. */
static void
attribution(enum err_kind kind, int http, long after_ms, int same, int other_model, int other_provider)
{
	struct bench b = {.n = 0};
	struct err e = {.kind = kind, .http = http, .retry_after_ms = after_ms};

	bench_failure(&b, "p", "m", &e, NOW);
	int64_t s = bench_until(&b, "p", "m", NOW), o = bench_until(&b, "p", "x", NOW),
		q = bench_until(&b, "q", "m", NOW);
	tap_ok(s == (same ? NOW + same * 1000 : 0) && o == (other_model ? NOW + other_model * 1000 : 0) &&
		q == (other_provider ? NOW + other_provider * 1000 : 0),
	    "kind %d, status %d, after %ld: %lld %lld %lld", (int)kind, http, after_ms, (long long)s, (long long)o,
	    (long long)q);
	bench_release(&b);
}

static void
table(void)
{
	/* the key */
	attribution(ERR_AUTH, 401, 0, 600, 600, 0);
	attribution(ERR_AUTH, 403, 0, 600, 600, 0);
	attribution(ERR_AUTH, 400, 0, 600, 600, 0);
	attribution(ERR_MONEY, 402, 0, 3600, 3600, 0);
	attribution(ERR_MONEY, 429, 0, 3600, 3600, 0);
	attribution(ERR_MONEY, 403, 0, 3600, 3600, 0);
	/* key and model */
	attribution(ERR_TEMPORARY, 429, 0, 60, 0, 0);
	attribution(ERR_TEMPORARY, 429, 5000, 5, 0, 0);
	attribution(ERR_TEMPORARY, 429, 7200000, 7200, 0, 0);
	attribution(ERR_TEMPORARY, 429, -1, 60, 0, 0);
	/* the endpoint */
	attribution(ERR_TEMPORARY, 500, 0, 30, 0, 0);
	attribution(ERR_TEMPORARY, 502, 0, 30, 0, 0);
	attribution(ERR_TEMPORARY, 503, 5000, 30, 0, 0);
	attribution(ERR_TEMPORARY, 529, 0, 30, 0, 0);
	attribution(ERR_TEMPORARY, 0, 0, 30, 0, 0);
	attribution(ERR_UNREACHABLE, 0, 0, 30, 0, 0);
	/* nobody */
	attribution(ERR_REQUEST, 400, 0, 0, 0, 0);
	attribution(ERR_REQUEST, 422, 0, 0, 0, 0);
	attribution(ERR_REFUSED, 403, 0, 0, 0, 0);
	attribution(ERR_NOMODEL, 404, 0, 0, 0, 0);
	attribution(ERR_TEMPORARY, 408, 0, 0, 0, 0);
	attribution(ERR_TEMPORARY, 409, 0, 0, 0, 0);
	attribution(ERR_TEMPORARY, 425, 0, 0, 0, 0);
	attribution(ERR_HOST, 0, 0, 0, 0, 0);
	attribution(ERR_HOST, 501, 0, 0, 0, 0);
	attribution(ERR_PROTOCOL, 200, 0, 0, 0, 0);
	attribution(ERR_NEGATIVE, 200, 0, 0, 0, 0);
	attribution(ERR_NOKEY, 0, 0, 0, 0, 0);
	attribution(ERR_DEADLINE, 0, 0, 0, 0, 0);
}

static void
several(void)
{
	struct bench b = {.n = 0};
	struct err e500 = {.kind = ERR_TEMPORARY, .http = 500}, e401 = {.kind = ERR_AUTH, .http = 401};
	struct err e429 = {.kind = ERR_TEMPORARY, .http = 429, .retry_after_ms = 5000};

	tap_is_int(bench_until(&b, "p", "m", NOW), 0, "an empty bench");
	bench_failure(&b, "p", "m", &e500, NOW);
	bench_failure(&b, "p", "m", &e429, NOW);
	tap_is_int(bench_until(&b, "p", "m", NOW), NOW + 30000, "the longest of them counts");
	bench_failure(&b, "p", "x", &e401, NOW + 1000);
	tap_is_int(bench_until(&b, "p", "m", NOW + 1000), NOW + 601000, "a bad key benches its other models");
	tap_is_int(bench_until(&b, "pm", "m", NOW), 0, "a longer name is another provider");
	tap_is_int(bench_until(&b, "p", "m", NOW + 601000), 0, "a bench is over when its time is");
	tap_is_int(bench_until(&b, "p", "m", NOW + 600999), NOW + 601000, "and not before");
	bench_failure(&b, "p", "m", &e500, NOW + 700000);
	tap_is_int(bench_until(&b, "p", "m", NOW + 700000), NOW + 730000, "and begins anew");
	bench_release(&b);
	tap_is_int(bench_until(&b, "p", "m", NOW + 700000), 0, "nothing is left after release");
	bench_failure(&b, "p", "m", &e500, NOW);
	tap_is_int(bench_until(&b, "p", "m", NOW), NOW + 30000, "and it can be used again");
	bench_release(&b);
}

static void
full(void)
{
	static struct bench b;
	struct err e = {.kind = ERR_TEMPORARY, .http = 429};
	char model[16];
	int missing = 0;

	for (int i = 0; i < BENCH_MAX; i++) {
		snprintf(model, sizeof(model), "m%d", i);
		e.retry_after_ms = 1000 * (i == 77 ? 1 : 100 + i);
		bench_failure(&b, "p", model, &e, NOW);
	}
	e.retry_after_ms = 50000;
	bench_failure(&b, "p", "new", &e, NOW);
	tap_is_int((long long)b.n, BENCH_MAX, "no more entries than there may be");
	tap_is_int(bench_until(&b, "p", "new", NOW), NOW + 50000, "the new one has a place");
	tap_is_int(bench_until(&b, "p", "m77", NOW), 0, "that of the one which ended soonest");
	for (int i = 0; i < BENCH_MAX; i++) {
		snprintf(model, sizeof(model), "m%d", i);
		missing += bench_until(&b, "p", model, NOW) == 0;
	}
	tap_is_int(missing, 1, "all others are there");
	bench_release(&b);
}

int
main(void)
{
	table();
	several();
	full();
	return tap_done();
}
