/* SPDX-License-Identifier: ISC */
/* health_priv: the table that health.c keeps and health_past.c reads. For these only. */
#ifndef HEALTH_PRIV_H
#define HEALTH_PRIV_H

#include <stddef.h>
#include <stdint.h>

#define N_SAMPLES 32 /* of an endpoint */

enum { SAMPLE_BLAMED = 1 << 0, SAMPLE_NEUTRAL = 1 << 1 };

struct sample {
	uint32_t at_s;    /* since 1970; 0: none */
	uint32_t ttft_ms; /* UINT32_MAX: unknown */
	uint32_t mtok_s;  /* UINT32_MAX: unknown */
	uint32_t flags;
};

struct record {
	uint64_t who; /* hash of the endpoint's id; 0: free */
	uint32_t n;   /* samples written so far: the next one goes to n % N_SAMPLES */
	uint32_t last_s;
	struct sample v[N_SAMPLES];
};

struct endpoint_past;

/* Lays what the record's samples say over *past. */
void health_blend(const struct record *r, int64_t now_ms, struct endpoint_past *past);

#endif
