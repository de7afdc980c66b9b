/* SPDX-License-Identifier: ISC */
/* usage_when: the range of time that -d names. UTC. Pure. */
#ifndef USAGE_WHEN_H
#define USAGE_WHEN_H

#include <stdint.h>

struct err;

struct usage_range {
	int64_t from_ms, until_ms; /* ms since 1970; until isn't in it; INT64_MAX: no end */
};

#define USAGE_DAY_MS INT64_C(86400000)

/* since[,until], each a duration back from now, a date with or without a time, today, yesterday or month. ERR_USAGE. */
int usage_range(struct usage_range *r, const char *s, int64_t now_ms, struct err *e);

#endif
