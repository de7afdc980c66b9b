/* SPDX-License-Identifier: ISC */
/* or-key new: its options. */
#include <string.h>

#include "key.h"
#include "price.h"
#include "str.h"
#include "tm.h"

#define MAX_A_MINUTE 1000000000000 /* requests, tokens */

static int
count(const char *arg, int64_t *n)
{
	uint64_t u;

	if (str_size(arg, &u) || u == 0 || u > MAX_A_MINUTE)
		return 1;
	*n = (int64_t)u;
	return 0;
}

/* A date, a moment, or a time from now. */
static int
end(const char *arg, int64_t *ms)
{
	int64_t now_ms = tm_now_ms(), time_ms;

	*ms = tm_moment(arg);
	if (*ms < 0 && str_time_ms(arg, &time_ms) == 0 && time_ms <= INT64_MAX - now_ms)
		*ms = now_ms + time_ms;
	return *ms <= now_ms;
}

int
key_gateway_option(struct key_limits *l, int c, const char *arg)
{
	switch (c) {
	case KEY_O_LIMIT:
		return price_parse_pusd(arg, strlen(arg), &l->limit_pusd) || l->limit_pusd == PUSD_UNKNOWN;
	case KEY_O_RESET:
		return ledger_reset_parse(&l->reset, arg);
	case KEY_O_RPM:
		return count(arg, &l->rpm);
	case KEY_O_TPM:
		return count(arg, &l->tpm);
	case KEY_O_MODELS:
		l->models = arg;
		return 0;
	case KEY_O_EXPIRES:
		return end(arg, &l->expires_ms);
	default:
		l->management = 1;
		return 0;
	}
}
