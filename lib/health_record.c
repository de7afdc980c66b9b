/* SPDX-License-Identifier: ISC */
/* What became of each endpoint's last attempts: part of health. */
#include "health.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint_past.h"
#include "health_priv.h"
#include "mem.h"

static const struct record *
find_record(const struct table *t, uint64_t who)
{
	for (size_t i = 0; i < WAYS; i++) {
		const struct record *r = t->record + (who + i) % N_RECORDS;
		if (r->who == who)
			return r;
	}
	return NULL;
}

/* Its own place, or that of the one which was silent the longest. */
static const struct record *
record_place(const struct table *t, uint64_t who)
{
	const struct record *r = find_record(t, who);

	if (r)
		return r;
	r = t->record + who % N_RECORDS;
	for (size_t i = 1; i < WAYS; i++) {
		const struct record *other = t->record + (who + i) % N_RECORDS;
		if (other->last_s < r->last_s)
			r = other;
	}
	return r;
}

static uint32_t
narrow(int64_t n)
{
	return n < 0 || n >= UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The write was begun. */
static void
add_samples(struct health *h, const char *endpoint, const struct sample *v, size_t n)
{
	uint64_t who = health_endpoint(endpoint);
	const struct record *at = record_place(h->t, who);
	struct record r = {.who = who};

	if (at->who == who)
		r = *at;
	for (size_t i = 0; i < n; i++)
		r.v[r.n++ % N_SAMPLES] = v[i];
	r.last_s = v[n - 1].at_s;
	health_put(h, at, &r, sizeof(r));
}

void
health_gather(struct health *h)
{
	h->gathers = h->path != NULL;
}

void
health_settle(struct health *h)
{
	struct waiting *w = h->waiting;

	if (!w->endpoint)
		return;
	health_begin_write(h);
	for (; w < h->waiting + MAX_WAITING && w->endpoint; w++) {
		add_samples(h, w->endpoint, w->v, w->n);
		free(w->endpoint);
		*w = (struct waiting){0};
	}
	health_unlock(h);
}

/* 0: there is no room for it. */
static int
gather(struct health *h, const char *endpoint, const struct sample *s)
{
	struct waiting *w = h->waiting;

	while (w < h->waiting + MAX_WAITING && w->endpoint && strcmp(w->endpoint, endpoint) != 0)
		w++;
	if (w == h->waiting + MAX_WAITING || w->n == N_SAMPLES)
		return 0;
	if (!w->endpoint)
		w->endpoint = xstrdup(endpoint);
	w->v[w->n++] = *s;
	return 1;
}

void
health_record(struct health *h, const char *endpoint, const struct health_sample *s)
{
	const struct sample x = {.at_s = (uint32_t)(s->at_ms / 1000),
	    .ttft_ms = narrow(s->ttft_ms),
	    .mtok_s = narrow(s->mtok_s),
	    .flags = (s->blamed ? SAMPLE_BLAMED : 0) | (s->neutral ? SAMPLE_NEUTRAL : 0)};

	if (h->gathers && !s->blamed && gather(h, endpoint, &x))
		return;
	health_settle(h);
	health_begin_write(h);
	add_samples(h, endpoint, &x, 1);
	health_unlock(h);
}

void
health_past(struct health *h, const char *endpoint, int64_t now_ms, struct endpoint_past *past)
{
	const struct record *r = find_record(h->t, health_endpoint(endpoint));

	if (r)
		health_blend(r, now_ms, past);
}

void
health_within(struct health *h, const char *endpoint, int64_t now_ms, int64_t span_s, struct endpoint_past *past)
{
	const struct record *r = find_record(h->t, health_endpoint(endpoint));

	*past = (struct endpoint_past)ENDPOINT_PAST_UNKNOWN;
	if (r)
		health_window(r, now_ms, span_s, past);
}
