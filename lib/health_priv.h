/* SPDX-License-Identifier: ISC */
/* health_priv: the table, and what the files of health share. For these only. */
#ifndef HEALTH_PRIV_H
#define HEALTH_PRIV_H

#include <stddef.h>
#include <stdint.h>

#define N_BENCHES 256
#define N_STICKY 512
#define N_RECORDS 256
#define WAYS 8        /* places that an entry may lie in; the oldest of them makes room */
#define N_SAMPLES 32  /* of an endpoint */
#define MAX_WAITING 8 /* endpoints whose samples are gathered */

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

struct bench_entry {
	uint64_t who;
	int64_t from_ms, until_ms;
	int64_t http;
};

struct sticky_entry {
	uint64_t who; /* conversation and model */
	uint64_t endpoint;
	int64_t until_ms;
};

struct table {
	char magic[16];
	unsigned char secret[16]; /* of the hashes of keys */
	struct bench_entry bench[N_BENCHES];
	struct sticky_entry sticky[N_STICKY];
	struct record record[N_RECORDS];
};

/* Samples of an endpoint that aren't written yet. */
struct waiting {
	char *endpoint; /* owned; NULL: none */
	size_t n;
	struct sample v[N_SAMPLES];
};

struct health {
	struct table *t; /* mapped for reading: a write to a map of a file for which the disk has no room is a SIGBUS */
	char *path;      /* owned; NULL: memory alone */
	int fd;          /* -1: t is on the heap */
	int gathers;
	struct waiting waiting[MAX_WAITING];
};

struct endpoint_past;

/* ── health.c ── */
/* There is something to tell: the file is made where there was none, and locked. */
void health_begin_write(struct health *h);
/* Puts n bytes at a place of the table. Where the disk has no room for them, they are forgotten. */
void health_put(struct health *h, const void *at, const void *p, size_t n);
void health_unlock(const struct health *h);

/* ── health_past.c ── */

/* Lays what the record's samples say over *past. */
void health_blend(const struct record *r, int64_t now_ms, struct endpoint_past *past);
/* What those of the last so many seconds say alone. */
void health_window(const struct record *r, int64_t now_ms, int64_t span_s, struct endpoint_past *past);

#endif
