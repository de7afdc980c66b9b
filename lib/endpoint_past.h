/* SPDX-License-Identifier: ISC */
/* endpoint_past: how an endpoint did lately. Part of endpoint.h. */
#ifndef ENDPOINT_PAST_H
#define ENDPOINT_PAST_H

#include <stddef.h>
#include <stdint.h>

enum { P50, P75, P90, P99, N_PERCENTILES };

/* What is known of the recent past; -1: unknown. */
struct endpoint_past {
	int64_t n_calls;            /* attempts of one's own in it */
	int success;                /* of a thousand */
	int ttft_ms[N_PERCENTILES]; /* time to the first token: so many percent took at most this */
	int mtok_s[N_PERCENTILES];  /* thousandths of tokens per second: so many percent had at least this */
	int64_t failed_ms;          /* wall clock of the last failure that counts against it; 0: none */
	int64_t benched_ms;         /* it sits out until then (wall clock); 0: it doesn't */
	const char *benched_for;    /* "429", "key rejected", ...; static; NULL */
};
#define ENDPOINT_PAST_UNKNOWN \
	{ \
		0, -1, {-1, -1, -1, -1}, {-1, -1, -1, -1}, 0, 0, NULL \
	}

#endif
