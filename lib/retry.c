/* SPDX-License-Identifier: ISC */
#include "retry.h"

#include <string.h>

#include "str.h"
#include "tm.h"

#define FIRST_MS 500
#define LONGEST_MS 30000
#define MAX_WAIT_MS (365LL * 86400 * 1000)

static int64_t
clamp(int64_t ms)
{
	if (ms <= 0)
		return -1;
	return ms < MAX_WAIT_MS ? ms : MAX_WAIT_MS;
}

/* Digits, with a fraction or without: no unit, no sign. */
static int
is_number(const char *s)
{
	static const char digits[] = "0123456789";
	size_t n = strspn(s, digits);

	if (n && s[n] == '.') {
		s += n + 1;
		n = strspn(s, digits);
	}
	return n && !s[n];
}

int64_t
retry_after_ms(const char *name, const char *value, int64_t now_ms)
{
	int in_ms = strcmp(name, "retry-after-ms") == 0;
	int64_t n;

	if (!in_ms && strcmp(name, "retry-after") != 0)
		return 0;
	if (is_number(value)) /* what is no time is too big for one */
		return clamp(str_time_ms(value, &n) ? MAX_WAIT_MS : in_ms ? n / 1000 : n);
	if (in_ms)
		return 0;
	n = tm_http_date(value);
	return n < 0 ? 0 : clamp(n * 1000 - now_ms);
}

int64_t
retry_backoff_ms(int64_t n, uint32_t random)
{
	int64_t ms = FIRST_MS;

	while (--n > 0 && ms < LONGEST_MS)
		ms *= 2;
	if (ms > LONGEST_MS)
		ms = LONGEST_MS;
	/* from half to whole: processes that failed together don't come back together */
	return ms / 2 + (int64_t)(random % (uint32_t)(ms / 2 + 1));
}
