/* SPDX-License-Identifier: ISC */
/* An endpoint's recent past from its last samples: part of health. */
#include "health.h"

#include <stdlib.h>

#include "endpoint.h"
#include "health_priv.h"

#define ENOUGH 5          /* samples in a window, for the window to be looked at alone */
#define PRIOR_SUCCESS 10  /* calls that a prior of the success rate weighs */
#define PRIOR_SPEED 5     /* calls that a prior of a percentile weighs */
#define USUAL_SUCCESS 980 /* of a thousand, where nobody published any */
#define DAY_S 86400
#define SLACK_S 60 /* what is from a later time than that was written before the clock went back */

struct window {
	const struct sample *v[N_SAMPLES];
	size_t n;
};

static void
within(struct window *w, const struct record *r, int64_t now_s, int64_t span_s)
{
	w->n = 0;
	for (size_t i = 0; i < N_SAMPLES; i++)
		if (r->v[i].at_s && (int64_t)r->v[i].at_s > now_s - span_s && (int64_t)r->v[i].at_s <= now_s + SLACK_S)
			w->v[w->n++] = r->v + i;
}

/* 5 minutes, else 30, else a day. */
static void
choose(struct window *w, const struct record *r, int64_t now_s)
{
	static const int64_t span_s[] = {5 * 60, 30 * 60, DAY_S};

	for (size_t i = 0; i < sizeof(span_s) / sizeof(*span_s); i++) {
		within(w, r, now_s, span_s[i]);
		if (w->n >= ENOUGH)
			return;
	}
}

static int
ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Moves a figure from the prior (-1: none) to what n calls say. */
static int
blend(int prior, int own, int64_t n, int64_t weight)
{
	if (prior < 0)
		return own;
	return (int)(((int64_t)own * n + (int64_t)prior * weight) / (n + weight));
}

/* Nearest rank from below; v ascends. */
static uint32_t
rank(const uint32_t *v, size_t n, unsigned percent)
{
	size_t k = (n * percent + 99) / 100;

	return v[k ? k - 1 : 0];
}

/* descending: so many percent had at least the figure. */
static void
percentiles(uint32_t *v, size_t n, int descending, int *out)
{
	static const unsigned percent[N_PERCENTILES] = {[P50] = 50, [P75] = 75, [P90] = 90, [P99] = 99};

	if (!n)
		return;
	qsort(v, n, sizeof(*v), ascending);
	for (int p = 0; p < N_PERCENTILES; p++) {
		uint32_t own = descending ? v[n - (n * percent[p] + 99) / 100] : rank(v, n, percent[p]);
		out[p] = blend(out[p], (int)(own < INT32_MAX ? own : INT32_MAX), (int64_t)n, PRIOR_SPEED);
	}
}

/* Returns how many calls count; *rate: so many of a thousand of them went well, where any does. */
static int64_t
success(const struct window *w, int *rate, struct endpoint_past *past)
{
	int64_t ok = 0, bad = 0, last_s = 0;

	for (size_t i = 0; i < w->n; i++) {
		int blamed = (w->v[i]->flags & SAMPLE_BLAMED) != 0;
		bad += blamed;
		ok += !blamed && !(w->v[i]->flags & SAMPLE_NEUTRAL);
		if (blamed && w->v[i]->at_s > last_s)
			last_s = w->v[i]->at_s;
	}
	past->failed_ms = last_s * 1000;
	past->n_calls = (int64_t)w->n;
	if (ok + bad)
		*rate = (int)(1000 * ok / (ok + bad));
	return ok + bad;
}

static void
speeds(const struct window *w, struct endpoint_past *past)
{
	uint32_t ttft[N_SAMPLES], speed[N_SAMPLES];
	size_t n_ttft = 0, n_speed = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i]->ttft_ms != UINT32_MAX)
			ttft[n_ttft++] = w->v[i]->ttft_ms;
		if (w->v[i]->mtok_s != UINT32_MAX)
			speed[n_speed++] = w->v[i]->mtok_s;
	}
	percentiles(ttft, n_ttft, 0, past->ttft_ms);
	percentiles(speed, n_speed, 1, past->mtok_s);
}

void
health_blend(const struct record *r, int64_t now_ms, struct endpoint_past *past)
{
	struct window w;
	int rate = 0;

	choose(&w, r, now_ms / 1000);
	speeds(&w, past);
	int64_t n = success(&w, &rate, past);
	if (n)
		past->success = blend(past->success < 0 ? USUAL_SUCCESS : past->success, rate, n, PRIOR_SUCCESS);
}

void
health_window(const struct record *r, int64_t now_ms, int64_t span_s, struct endpoint_past *past)
{
	struct window w;

	within(&w, r, now_ms / 1000, span_s);
	speeds(&w, past);
	success(&w, &past->success, past);
}
