/* SPDX-License-Identifier: ISC */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	enum err_retry retry;
	const char *word;
} kinds[ERR_N_KINDS] = {
    [ERR_NONE] = {0, RETRY_NO, "ok"},
    [ERR_NEGATIVE] = {1, RETRY_NO, "no"},
    [ERR_TRUNCATED] = {3, RETRY_NO, "truncated"},
    [ERR_REFUSED] = {4, RETRY_MODEL, "refused"},
    [ERR_SCHEMA] = {5, RETRY_NO, "schema"},
    [ERR_MONEY] = {6, RETRY_NEXT, "money"},
    [ERR_CAP] = {6, RETRY_NEXT, "cap"},
    [ERR_UNRECORDED] = {7, RETRY_NO, "unrecorded"},
    [ERR_USAGE] = {64, RETRY_NO, "usage"},
    [ERR_DATA] = {65, RETRY_NO, "data"},
    [ERR_REQUEST] = {65, RETRY_MODEL, "request"},
    [ERR_NOINPUT] = {66, RETRY_NO, "noinput"},
    [ERR_UNREACHABLE] = {69, RETRY_ROUND, "unreachable"},
    [ERR_HOST] = {69, RETRY_NEXT, "host"},
    [ERR_NOMODEL] = {69, RETRY_NEXT, "nomodel"},
    [ERR_INTERNAL] = {70, RETRY_NO, "internal"},
    [ERR_SYSTEM] = {71, RETRY_NO, "system"},
    [ERR_CANTCREATE] = {73, RETRY_NO, "cantcreate"},
    [ERR_IO] = {74, RETRY_NO, "io"},
    [ERR_TEMPORARY] = {75, RETRY_ROUND, "temporary"},
    [ERR_DEADLINE] = {75, RETRY_NO, "deadline"},
    [ERR_PROTOCOL] = {76, RETRY_NEXT, "protocol"},
    [ERR_AUTH] = {77, RETRY_NEXT, "auth"},
    [ERR_NOKEY] = {78, RETRY_NEXT, "nokey"},
    [ERR_CONFIG] = {78, RETRY_NO, "config"},
    [ERR_SIGNAL] = {128, RETRY_NO, "signal"},
};

/* Messages are one line: a provider's text may hold anything. Control bytes, C1 included, become blanks. */
static void
tidy(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = ' ';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = ' ';
	}
}

/* snprintf may have cut a UTF-8 sequence at the end of the room. */
static void
trim_utf8(char *s)
{
	size_t n = strlen(s), back = 0;

	while (back < n && back < 3 && ((unsigned char)s[n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back >= n)
		return;
	unsigned char lead = (unsigned char)s[n - 1 - back];
	size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	if (need > back)
		s[n - 1 - back] = '\0';
}

static void
fill(struct err *e, const char *fmt, va_list ap)
{
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	trim_utf8(e->msg);
	tidy(e->msg);
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	err_clear(e);
	e->kind = kind;
	va_start(ap, fmt);
	fill(e, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, enum err_kind kind, int sys, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	err_clear(e);
	e->kind = kind;
	e->sys = sys;
	va_start(ap, fmt);
	fill(e, fmt, ap);
	va_end(ap);
	size_t n = strlen(e->msg);
	snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", strerror(sys));
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;

	if (!e)
		return -1;
	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	fill(e, fmt, ap);
	va_end(ap);
	size_t n = strlen(e->msg);
	snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", old);
	trim_utf8(e->msg);
	return -1;
}

int
err_append(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	size_t n = strlen(e->msg);
	va_start(ap, fmt);
	vsnprintf(e->msg + n, sizeof(e->msg) - n, fmt, ap);
	va_end(ap);
	trim_utf8(e->msg);
	return -1;
}

void
err_clear(struct err *e)
{
	memset(e, 0, sizeof(*e));
}

int
err_status(const struct err *e)
{
	if (e->kind == ERR_SIGNAL)
		return 128 + e->sys;
	return kinds[e->kind].status;
}

enum err_retry
err_retry(const struct err *e)
{
	return kinds[e->kind].retry;
}

const char *
err_word(enum err_kind kind)
{
	return kinds[kind].word;
}
