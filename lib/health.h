/* SPDX-License-Identifier: ISC */
/*
 * health: the snapshot of the recent past that routing reads: benches, the last attempts of each endpoint, who has which prompt cached.
 *
 * One small file of fixed size, mapped, beside the ledger (PATH-health), shared by all processes of a user. It holds what the ledger holds,
 * as far as a plan needs it, and may be deleted at any time. Without a path, or where the file can't be had, the same table lies in
 * memory: for this process alone.
 *
 * Endpoints are known by their ids ("anthropic:claude-sonnet-5"), keys by a keyed hash: a new key isn't benched for what the old one did.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include <stddef.h>
#include <stdint.h>

struct endpoint_past;
struct err;
struct health;
struct provider;

/* path: of the ledger; NULL: memory alone. Never NULL. Nothing is written before there is something to tell. */
struct health *health_open(const char *path);
void health_close(struct health *h);
/* For who reads again: the file may be there by now. */
void health_look(struct health *h);

/* An attempt at this provider's model failed with e at now_ms (wall clock): bench.h's rules. */
void health_failed(struct health *h, const struct provider *p, const char *model, const struct err *e, int64_t now_ms);
/* When this endpoint is free again (wall clock); 0: it is. *why: what it sits out for ("429"), static; may be NULL. */
int64_t health_benched(struct health *h, const struct provider *p, const char *model, int64_t now_ms, const char **why);

/* What one attempt came to. */
struct health_sample {
	int64_t at_ms;   /* wall clock, of its end */
	int blamed;      /* it failed, and that counts against the endpoint */
	int neutral;     /* it failed, but through no fault of the endpoint */
	int64_t ttft_ms; /* -1: unknown */
	int64_t mtok_s;  /* thousandths of tokens per second; -1: unknown */
};
void health_record(struct health *h, const char *endpoint, const struct health_sample *s);
/* For who makes thousands of calls a second: from now on samples of attempts that worked wait for health_settle, or for as many as count. */
void health_gather(struct health *h);
void health_settle(struct health *h);
/* Lays what is known of the endpoint over the prior in *past: each figure moves from the prior to one's own with the number of samples. Those of the
 * last 5 minutes count where there are enough of them, else of 30 minutes, else of a day. */
void health_past(struct health *h, const char *endpoint, int64_t now_ms, struct endpoint_past *past);
/* What those of the last so many seconds say alone, without a prior; -1 of what none of them tells. */
void health_within(struct health *h, const char *endpoint, int64_t now_ms, int64_t span_s, struct endpoint_past *past);

/* Who served this conversation at this model last, within 10 minutes: a hash of its id (health_endpoint); 0: nobody. */
uint64_t health_sticky(struct health *h, uint64_t conversation, const char *model, int64_t now_ms);
void health_stick(struct health *h, uint64_t conversation, const char *model, const char *endpoint, int64_t now_ms);
uint64_t health_endpoint(const char *id);
/* The same conversation, as it is known by those who look for OpenRouter's single endpoints. */
uint64_t health_served(uint64_t conversation);

#endif
