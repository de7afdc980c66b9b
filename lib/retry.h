/* SPDX-License-Identifier: ISC */
/* retry: when to try again. Pure. Source: RFC 9110, section 10.2.3 (Retry-After); `retry-after-ms` is Azure's and OpenAI's. */
#ifndef RETRY_H
#define RETRY_H

#include <stdint.h>

/* What a header asks for, in ms; -1: at once (0, or a date in the past); 0: it is no such header, or can't be read. */
int64_t retry_after_ms(const char *name, const char *value, int64_t now_ms);
/* The wait before round n (1, 2, ...): exponential, with jitter from `random`. In ms. */
int64_t retry_backoff_ms(int64_t n, uint32_t random);

#endif
