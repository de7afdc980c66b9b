/* SPDX-License-Identifier: ISC */
#include "booking_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "conf.h"
#include "err.h"
#include "health.h"
#include "mem.h"
#include "providers.h"
#include "tm.h"

void
booking_id(char id[BOOKING_ID], struct chance *pool)
{
	snprintf(id, BOOKING_ID, "gen-%" PRId64 "-%016" PRIx64, tm_now_ms() / 1000, chance_next(pool));
}

struct booking *
booking_new(const struct booking_spec *s)
{
	struct booking *b = xcalloc(1, sizeof(*b));
	struct err e = {0};

	b->s = *s;
	if (!s->keeper && conf_env("OR_GATEWAY")) { /* who is called there books it, and has the budgets */
		b->s.n_budget = 0;
		return b;
	}
	if (ledger_path(&b->path, &e) && s->on_warning) {
		s->on_warning(s->arg, e.msg);
		b->failed = 1;
	}
	return b;
}

void
booking_conversation(struct booking *b, uint64_t conversation, int has_session)
{
	b->conversation = conversation;
	b->has_session = has_session;
}

void
booking_free(struct booking *b)
{
	if (!b)
		return;
#ifdef OR_CLEAN_EXIT
	ledger_close(b->ledger);
#endif
	health_close(b->health);
	free(b->path);
	free(b);
}

struct health *
booking_health(struct booking *b)
{
	if (!b->health)
		b->health = health_open(b->path);
	return b->health;
}

int
booking_keeps(const struct booking *b)
{
	return b && b->s.content && b->path;
}

const char *
booking_key_name(const struct provider *p)
{
	if (strncmp(p->key, "env:", 4) == 0)
		return p->key + 4;
	if (strncmp(p->key, "cmd:", 4) == 0)
		return "cmd";
	return strcmp(p->key, "none") == 0 ? "" : p->key;
}

int
booking_waits(const struct booking *b)
{
	return b && b->s.keeper && b->path;
}

/* ── the ledger ── */

static void
complain(struct booking *b, const char *text)
{
	if (b->s.on_warning)
		b->s.on_warning(b->s.arg, text);
}

/* A ledger of our own is left alone from now on; a keeper may be luckier with the next call. */
void
booking_give_up(struct booking *b, const struct err *e)
{
	struct err said = *e;

	err_wrap(&said, "not booked");
	if (!b->failed && !b->warned)
		complain(b, said.msg);
	b->warned = 1;
	b->failed |= !b->s.keeper;
}

int
booking_open(struct booking *b, struct err *e)
{
	char *warning = NULL;

	if (b->ledger)
		return 0;
	if (!b->path || b->failed)
		return -1;
	int r = ledger_open(&b->ledger, b->path, LEDGER_WRITE, &warning, e);
	if (warning)
		complain(b, warning);
	free(warning);
	return r;
}
