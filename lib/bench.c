/* SPDX-License-Identifier: ISC */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"

#define KEY_MS (10 * 60 * 1000)
#define MONEY_MS (60 * 60 * 1000)
#define LIMIT_MS (60 * 1000)
#define ENDPOINT_MS (30 * 1000)

enum scope { SCOPE_KEY, SCOPE_KEY_MODEL, SCOPE_ENDPOINT, N_SCOPES };

static void
who(struct buf *b, enum scope s, const char *provider, const char *model)
{
	static const char *const words[] = {"key:", "key+model:", "endpoint:"};

	buf_clear(b);
	buf_adds(b, words[s]);
	buf_adds(b, provider);
	if (s != SCOPE_KEY) {
		buf_addc(b, ':');
		buf_adds(b, model);
	}
}

static struct bench_entry *
slot(struct bench *b, const char *name)
{
	size_t soonest = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (strcmp(b->v[i].who, name) == 0)
			return b->v + i;
		if (b->v[i].until_ms < b->v[soonest].until_ms)
			soonest = i;
	}
	if (b->n < BENCH_MAX)
		return b->v + b->n++;
	free(b->v[soonest].who);
	b->v[soonest].who = NULL;
	return b->v + soonest;
}

static void
add(struct bench *b, enum scope s, const char *provider, const char *model, int64_t until_ms)
{
	struct buf name = BUF_INIT;

	who(&name, s, provider, model);
	struct bench_entry *e = slot(b, buf_str(&name));
	if (!e->who)
		e->who = buf_take(&name);
	e->until_ms = until_ms;
	buf_release(&name);
}

void
bench_failure(struct bench *b, const char *provider, const char *model, const struct err *e, int64_t now_ms)
{
	if (e->http == 402 || e->kind == ERR_MONEY)
		add(b, SCOPE_KEY, provider, model, now_ms + MONEY_MS);
	else if (e->kind == ERR_AUTH)
		add(b, SCOPE_KEY, provider, model, now_ms + KEY_MS);
	else if (e->http == 429)
		add(b, SCOPE_KEY_MODEL, provider, model,
		    now_ms + (e->retry_after_ms > 0 ? e->retry_after_ms : LIMIT_MS));
	else if (e->kind == ERR_UNREACHABLE || (e->kind == ERR_TEMPORARY && (e->http == 0 || e->http >= 500)))
		add(b, SCOPE_ENDPOINT, provider, model, now_ms + ENDPOINT_MS);
}

int64_t
bench_until(const struct bench *b, const char *provider, const char *model, int64_t now_ms)
{
	struct buf name = BUF_INIT;
	int64_t until = 0;

	for (int s = 0; b->n && s < N_SCOPES; s++) {
		who(&name, (enum scope)s, provider, model);
		for (size_t i = 0; i < b->n; i++)
			if (b->v[i].until_ms > now_ms && b->v[i].until_ms > until &&
			    strcmp(b->v[i].who, buf_str(&name)) == 0)
				until = b->v[i].until_ms;
	}
	buf_release(&name);
	return until;
}

void
bench_release(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].who);
	memset(b, 0, sizeof(*b));
}
