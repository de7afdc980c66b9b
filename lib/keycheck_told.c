/* SPDX-License-Identifier: ISC */
/* Part of keycheck.h: answers read. */
#include "keycheck.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "price.h"
#include "providers.h"

static int
unfit(struct err *e)
{
	return err_set(e, ERR_PROTOCOL, "200, but not what this provider documents");
}

/* A number, or a string that holds one, as a decimal. "" where it is neither. */
static void
take_amount(char to[KEYCHECK_USD], const struct json *j, int node)
{
	struct buf scratch = BUF_INIT, text = BUF_INIT;
	int64_t pusd;
	size_t n = 0;
	const char *s = json_type(j, node) == JSON_NUMBER ? json_raw(j, node, &n) : json_view(j, node, &scratch, &n);
	int negative = s && n && *s == '-';

	*to = '\0';
	if (s && price_parse_pusd(s + negative, n - (size_t)negative, &pusd) == 0) {
		price_emit_pusd(&text, pusd);
		snprintf(to, KEYCHECK_USD, "%s%s", negative && pusd ? "-" : "", text.p);
	}
	buf_release(&scratch);
	buf_release(&text);
}

static __attribute__((format(printf, 2, 3))) void
note(struct keycheck *k, const char *fmt, ...)
{
	size_t n = strlen(k->message);
	va_list ap;

	if (n)
		n += (size_t)snprintf(k->message + n, sizeof(k->message) - n, ", ");
	if (n >= sizeof(k->message))
		return;
	va_start(ap, fmt);
	vsnprintf(k->message + n, sizeof(k->message) - n, fmt, ap);
	va_end(ap);
}

/* A short string of letters, digits and what dates are made of; anything else isn't passed on. */
static const char *
short_word(const struct json *j, int node, struct buf *scratch)
{
	size_t n;
	const char *s = json_view(j, node, scratch, &n);

	if (!s || !n || n > 40)
		return NULL;
	if (s != scratch->p) {
		buf_clear(scratch);
		buf_add(scratch, s, n);
	}
	s = scratch->p;
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:.+-")] ? NULL : s;
}

static void
note_word(struct keycheck *k, const struct json *j, int node, const char *fmt)
{
	struct buf scratch = BUF_INIT;
	const char *s = short_word(j, node, &scratch);

	if (s)
		note(k, "%s %s", fmt, s);
	buf_release(&scratch);
}

int
keycheck_told_openrouter(struct keycheck *k, const struct json *j, struct err *e)
{
	int data = json_get(j, 0, "data");

	if (json_type(j, data) != JSON_OBJECT)
		return unfit(e);
	take_amount(k->limit, j, json_get(j, data, "limit"));
	take_amount(k->remaining, j, json_get(j, data, "limit_remaining"));
	take_amount(k->used, j, json_get(j, data, "usage"));
	if (*k->used)
		note(k, "%s used", k->used);
	if (*k->limit)
		note_word(k, j, json_get(j, data, "limit_reset"), "limit resets");
	note_word(k, j, json_get(j, data, "expires_at"), "expires");
	if (json_bool(j, json_get(j, data, "is_free_tier")) == 1)
		note(k, "free tier");
	if (json_bool(j, json_get(j, data, "is_management_key")) == 1)
		note(k, "a management key, which calls no model");
	return 0;
}

/* Credit in dollars is an amount, in another currency only a message. */
static void
take_credit(struct keycheck *k, const struct json *j, int node, const char *currency)
{
	char amount[KEYCHECK_USD];

	take_amount(amount, j, node);
	if (!*amount)
		return;
	if (strcmp(currency, "USD") == 0)
		memcpy(k->remaining, amount, sizeof(amount));
	else
		note(k, "%s %s left", amount, currency);
}

int
keycheck_told_deepseek(struct keycheck *k, const struct json *j, struct err *e)
{
	int infos = json_get(j, 0, "balance_infos");
	struct buf scratch = BUF_INIT;

	if (json_type(j, infos) != JSON_ARRAY)
		return unfit(e);
	for (int i = json_child(j, infos); i != -1; i = json_next(j, infos, i)) {
		const char *currency = short_word(j, json_get(j, i, "currency"), &scratch);
		if (currency)
			take_credit(k, j, json_get(j, i, "total_balance"), currency);
	}
	if (json_bool(j, json_get(j, 0, "is_available")) == 0)
		note(k, "not enough for a call");
	buf_release(&scratch);
	return 0;
}

/* Dollars at the international platform, yuan at the Chinese one: the answer doesn't say which. */
int
keycheck_told_moonshot(struct keycheck *k, const struct json *j, struct err *e)
{
	int left = json_path(j, 0, "data.available_balance");

	if (json_type(j, left) != JSON_NUMBER)
		return unfit(e);
	take_credit(k, j, left, strstr(k->p->base, ".moonshot.cn") ? "CNY" : "USD");
	return 0;
}

int
keycheck_told_list(struct keycheck *k, const struct json *j, struct err *e)
{
	(void)k;
	return json_type(j, 0) == JSON_OBJECT || json_type(j, 0) == JSON_ARRAY ? 0 : unfit(e);
}
