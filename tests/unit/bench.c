/* SPDX-License-Identifier: ISC */
#include "bench.h"

#include "err.h"
#include "tap.h"

/* An error of this kind and status benches whom, for how many seconds? And does it count against the endpoint? */
static void
attribution(enum err_kind kind, int http, long after_ms, enum bench_scope scope, int seconds, int blamed)
{
	struct err e = {.kind = kind, .http = http, .retry_after_ms = after_ms};
	int64_t ms = 0;
	enum bench_scope got = bench_for(&e, &ms);

	tap_ok(got == scope && (scope == BENCH_NOBODY || ms == seconds * 1000),
	    "kind %d, status %d, after %ld: %d for %lld", (int)kind, http, after_ms, (int)got, (long long)ms);
	tap_is_int(bench_blames(&e), blamed, "  and counts against it, or not");
}

int
main(void)
{
	attribution(ERR_AUTH, 401, 0, BENCH_KEY, 600, 1);
	attribution(ERR_AUTH, 403, 0, BENCH_KEY, 600, 1);
	attribution(ERR_AUTH, 400, 0, BENCH_KEY, 600, 1);
	attribution(ERR_MONEY, 402, 0, BENCH_KEY, 3600, 1);
	attribution(ERR_MONEY, 429, 0, BENCH_KEY, 3600, 1);
	attribution(ERR_MONEY, 403, 0, BENCH_KEY, 3600, 1);
	attribution(ERR_TEMPORARY, 429, 0, BENCH_KEY_MODEL, 60, 0);
	attribution(ERR_TEMPORARY, 429, 5000, BENCH_KEY_MODEL, 5, 0);
	attribution(ERR_TEMPORARY, 429, 7200000, BENCH_KEY_MODEL, 7200, 0);
	attribution(ERR_TEMPORARY, 429, -1, BENCH_KEY_MODEL, 60, 0);
	attribution(ERR_TEMPORARY, 500, 0, BENCH_ENDPOINT, 30, 1);
	attribution(ERR_TEMPORARY, 503, 5000, BENCH_ENDPOINT, 30, 1);
	attribution(ERR_TEMPORARY, 529, 0, BENCH_ENDPOINT, 30, 1);
	attribution(ERR_TEMPORARY, 0, 0, BENCH_ENDPOINT, 30, 1);
	attribution(ERR_UNREACHABLE, 0, 0, BENCH_ENDPOINT, 30, 1);
	attribution(ERR_REQUEST, 400, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_REQUEST, 422, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_REFUSED, 403, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_NOMODEL, 404, 0, BENCH_NOBODY, 0, 1);
	attribution(ERR_TEMPORARY, 408, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_TEMPORARY, 409, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_TEMPORARY, 425, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_HOST, 0, 0, BENCH_NOBODY, 0, 1);
	attribution(ERR_PROTOCOL, 200, 0, BENCH_NOBODY, 0, 1);
	attribution(ERR_TRUNCATED, 200, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_NEGATIVE, 200, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_NOKEY, 0, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_DEADLINE, 0, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_CAP, 0, 0, BENCH_NOBODY, 0, 0);
	attribution(ERR_CAP, 402, 0, BENCH_NOBODY, 0, 0); /* a limit of our own */
	return tap_done();
}
