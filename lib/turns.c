/* SPDX-License-Identifier: ISC */
#include "turns.h"

#include <stdlib.h>

#include "candidate.h"
#include "err.h"
#include "mem.h"
#include "providers.h"
#include "retry.h"

void
turns_init(struct turns *t, const struct candidate *candidate, size_t n, turns_bench_fn benched, void *arg)
{
	*t = (struct turns){.candidate = candidate, .n = n, .benched = benched, .arg = arg};
	t->place = xcalloc(n, sizeof(*t->place));
}

void
turns_release(struct turns *t)
{
	free(t->place);
	t->place = NULL;
}

/* When candidate i is free: its own wait, or a bench that it sits on. 0: now. */
static int64_t
free_at(const struct turns *t, size_t i, int64_t now, int64_t wall)
{
	int64_t left = t->n > 1 ? t->benched(t->arg, t->candidate + i, wall) : 0, benched = left ? now + left : 0;
	int64_t ready = t->place[i].ready_ms > now ? t->place[i].ready_ms : 0;

	return benched > ready ? benched : ready;
}

int
turns_pick(struct turns *t, int64_t now, int64_t wall)
{
	int64_t soonest = 0;
	int best = -1;

	for (size_t i = 0; i < t->n; i++) {
		if (t->place[i].tried || t->place[i].dead)
			continue;
		int64_t at = free_at(t, i, now, wall);
		if (best < 0 || at < soonest) {
			best = (int)i;
			soonest = at;
		}
		if (!at)
			break;
	}
	if (best >= 0)
		t->place[best].tried = 1;
	return best;
}

static void
bury_model(struct turns *t, int chain)
{
	for (size_t k = 0; k < t->n; k++)
		if (t->candidate[k].chain == chain)
			t->place[k].dead = 1;
}

int
turns_failed(struct turns *t, size_t i, const struct err *e, int64_t now, uint32_t random)
{
	struct turn_place *p = t->place + i;

	switch (err_retry(e)) {
	case RETRY_NO:
		return 0;
	case RETRY_MODEL:
		bury_model(t, t->candidate[i].chain);
		return 1;
	case RETRY_NEXT:
		p->dead = 1;
		return 1;
	case RETRY_ROUND:
		p->asked_to_wait = e->retry_after_ms > 0;
		p->ready_ms = now;
		if (e->retry_after_ms > 0)
			p->ready_ms += e->retry_after_ms;
		else if (e->retry_after_ms == 0) /* unsaid; -1 is "at once" */
			p->ready_ms += retry_backoff_ms(t->round + 1, random);
		return 1;
	}
	return 0;
}

int64_t
turns_wait_ms(const struct turns *t, int64_t now, int *asked)
{
	int64_t least = -1;

	for (size_t i = 0; i < t->n; i++) {
		const struct turn_place *p = t->place + i;
		int64_t left = p->ready_ms > now ? p->ready_ms - now : 0;
		if (p->dead || (least >= 0 && left >= least))
			continue;
		least = left;
		*asked = p->asked_to_wait;
	}
	return least;
}

void
turns_new_round(struct turns *t)
{
	t->round++;
	for (size_t i = 0; i < t->n; i++)
		t->place[i].tried = 0;
}
