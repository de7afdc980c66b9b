/* SPDX-License-Identifier: ISC */
#include "bench.h"

#include "err.h"

#define KEY_MS (10 * 60 * 1000)
#define MONEY_MS (60 * 60 * 1000)
#define LIMIT_MS (60 * 1000)
#define ENDPOINT_MS (30 * 1000)

static int
is_breakdown(const struct err *e)
{
	return e->kind == ERR_UNREACHABLE || (e->kind == ERR_TEMPORARY && (e->http == 0 || e->http >= 500));
}

enum bench_scope
bench_for(const struct err *e, int64_t *ms)
{
	if (e->kind == ERR_CAP) /* our own limit says nothing of a provider, whatever its status */
		return BENCH_NOBODY;
	if (e->http == 402 || e->kind == ERR_MONEY) {
		*ms = MONEY_MS;
		return BENCH_KEY;
	}
	if (e->kind == ERR_AUTH) {
		*ms = KEY_MS;
		return BENCH_KEY;
	}
	if (e->http == 429) {
		*ms = e->retry_after_ms > 0 ? e->retry_after_ms : LIMIT_MS;
		return BENCH_KEY_MODEL;
	}
	*ms = ENDPOINT_MS;
	return is_breakdown(e) ? BENCH_ENDPOINT : BENCH_NOBODY;
}

int
bench_blames(const struct err *e)
{
	switch (e->kind) {
	case ERR_AUTH:
	case ERR_MONEY:
	case ERR_NOMODEL:
	case ERR_PROTOCOL:
	case ERR_HOST:
		return 1;
	default:
		return is_breakdown(e);
	}
}
