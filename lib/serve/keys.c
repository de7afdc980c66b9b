/* SPDX-License-Identifier: ISC */
#include "serve/keys.h"

#include <string.h>

#include "err.h"
#include "str.h"

#define MAX_NAME 128
#define MAX_MODELS 4096

const char *
keys_state(const struct ledger_key *k, int64_t now_ms)
{
	if (k->disabled)
		return "disabled";
	return k->expires_ms && k->expires_ms <= now_ms ? "expired" : "ok";
}

pusd_sum_t
keys_used(const struct ledger_key *k)
{
	switch (k->reset) {
	case RESET_DAILY:
		return k->used_day;
	case RESET_WEEKLY:
		return k->used_week;
	case RESET_MONTHLY:
		return k->used_month;
	case RESET_NEVER:
		break;
	}
	return k->used;
}

pusd_sum_t
keys_left(const struct ledger_key *k)
{
	pusd_sum_t used = keys_used(k);

	if (k->limit_pusd == PUSD_UNKNOWN)
		return -1;
	return used < k->limit_pusd ? k->limit_pusd - used : 0;
}

struct ledger_key *
keys_named(const struct ledger_keys *ks, const char *name)
{
	for (size_t i = 0; i < ks->n; i++)
		if (strcmp(ks->v[i].name, name) == 0)
			return &ks->v[i];
	return NULL;
}

void
keys_hex(char hex[2 * LEDGER_KEY_HASH + 1], const struct ledger_key *k)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < LEDGER_KEY_HASH; i++) {
		hex[2 * i] = digits[k->hash[i] >> 4];
		hex[2 * i + 1] = digits[k->hash[i] & 15];
	}
	hex[(size_t)2 * LEDGER_KEY_HASH] = '\0';
}

struct ledger_key *
keys_hashed(const struct ledger_keys *ks, const char *hex)
{
	char own[2 * LEDGER_KEY_HASH + 1];

	for (size_t i = 0; i < ks->n; i++) {
		keys_hex(own, &ks->v[i]);
		if (str_ieq(own, hex))
			return &ks->v[i];
	}
	return NULL;
}

/* Text that a table and a log can show as it is. */
static int
printable(const char *s)
{
	size_t n = strlen(s);

	if (utf8_valid(s, n) != n || *s == ' ' || (n && s[n - 1] == ' '))
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[i + 1] < 0xa0)) /* C0, DEL, C1 */
			return 0;
	}
	return 1;
}

static int
is_empty(void *arg, const char *item, size_t n)
{
	(void)arg;
	(void)item;
	return n == 0;
}

int
keys_check(const struct ledger_key *k, struct err *e)
{
	if (!k->name || !*k->name)
		return err_set(e, ERR_DATA, "a key needs a name");
	if (strlen(k->name) > MAX_NAME || !printable(k->name))
		return err_set(
		    e, ERR_DATA, "name: at most %d bytes of printable text, without blanks at its ends", MAX_NAME);
	if (k->models &&
	    (strlen(k->models) > MAX_MODELS || !printable(k->models) || str_list(k->models, is_empty, NULL)))
		return err_set(e, ERR_DATA,
		    "models: patterns like openai/* with commas between them, none of them empty, at most %d bytes",
		    MAX_MODELS);
	if (k->reset != RESET_NEVER && k->limit_pusd == PUSD_UNKNOWN)
		return err_set(e, ERR_DATA, "a reset needs a limit");
	if (k->management && (k->limit_pusd != PUSD_UNKNOWN || k->rpm || k->tpm || k->models))
		return err_set(e, ERR_DATA, "a management key makes no calls: it takes no limits and no models");
	return 0;
}
