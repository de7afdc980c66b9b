/* SPDX-License-Identifier: ISC */
/* tap: a test program's voice. Each check prints one TAP line; tap_done() prints the plan and gives the exit status. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_n, tap_failed;

static __attribute__((format(printf, 2, 3), unused)) int
tap_ok(int ok, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", ok ? "" : "not ", ++tap_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	tap_failed += !ok;
	return ok;
}

static __attribute__((unused)) int
tap_is_str(const char *got, const char *want, const char *name)
{
	int ok = got && want ? strcmp(got, want) == 0 : got == want;

	tap_ok(ok, "%s", name);
	if (!ok)
		printf("# got:  %s\n# want: %s\n", got ? got : "(null)", want ? want : "(null)");
	return ok;
}

static __attribute__((unused)) int
tap_is_int(long long got, long long want, const char *name)
{
	tap_ok(got == want, "%s", name);
	if (got != want)
		printf("# got:  %lld\n# want: %lld\n", got, want);
	return got == want;
}

static __attribute__((unused)) int
tap_is_mem(const char *got, size_t n, const char *want, size_t m, const char *name)
{
	int ok = n == m && (n == 0 || memcmp(got, want, n) == 0);

	tap_ok(ok, "%s", name);
	if (!ok)
		printf("# got %zu bytes:  %.*s\n# want %zu bytes: %.*s\n", n, (int)(n > 200 ? 200 : n), got, m,
		    (int)(m > 200 ? 200 : m), want);
	return ok;
}

static __attribute__((unused)) int
tap_done(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed ? 1 : 0;
}

#endif
