/* SPDX-License-Identifier: ISC */
/* tm: clocks and dates. Time of day is UTC; pure modules get it as a parameter. */
#ifndef TM_H
#define TM_H

#include <stdint.h>

struct buf;

int64_t tm_now_ms(void);  /* wall clock, ms since 1970 */
int64_t tm_mono_ms(void); /* never goes back; for durations */
int64_t tm_mono_us(void);
/* RFC 9110 dates, all three forms ("Sun, 06 Nov 1994 08:49:37 GMT"). Seconds since 1970 (0 for
 * an earlier date), or -1. The weekday isn't checked. */
int64_t tm_http_date(const char *s);
/* Appends 2026-11-22T18:17:00Z; "-" for a time that has no such date. */
void tm_iso(struct buf *b, int64_t s);
/* Appends "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110's own form; nothing for a time that has no such date. */
void tm_http(struct buf *b, int64_t s);
/* A date, at its begin, or a moment, of UTC: "2026-11-22", "2026-11-22T18:17[:00[.5]]" with "Z", "+00:00" or nothing behind. ms since 1970; -1
 * where it is none of those, or before 1970. */
int64_t tm_moment(const char *s);

#endif
