/* SPDX-License-Identifier: ISC */
#include "tape.h"

#include <stdint.h>
#include <string.h>

#include "buf.h"

enum { S, ID, NAME, PROVIDER, NATIVE, RAW, N_STRINGS };

/* In front of the strings that there are, each with a NUL behind it. */
struct head {
	uint8_t type, refusal, has_usage, has_more;
	uint8_t there; /* a bit for each string */
	int32_t choice, index;
	uint32_t n[N_STRINGS];
	int64_t created;
};

static void
measure(struct head *h, const char *const *s, const struct event *ev)
{
	for (int i = 0; i < N_STRINGS; i++)
		if (s[i]) {
			h->there |= (uint8_t)(1U << i);
			h->n[i] = (uint32_t)(i == S ? ev->n : i == RAW ? ev->raw_len : strlen(s[i]));
		}
}

/* Its lengths, then its texts. */
static void
add_more(struct buf *tape, const struct more *m)
{
	buf_add(tape, (const char *)m->n, sizeof(m->n));
	for (int i = 0; i < N_MORE; i++)
		buf_add(tape, m->s[i], m->n[i]);
}

static void
take_more(const char *p, size_t *at, struct more *m)
{
	memcpy(m->n, p + *at, sizeof(m->n));
	*at += sizeof(m->n);
	for (int i = 0; i < N_MORE; i++) {
		m->s[i] = p + *at;
		*at += m->n[i];
	}
}

void
tape_add(struct buf *tape, const struct event *ev)
{
	const char *const s[N_STRINGS] = {ev->s, ev->id, ev->name, ev->provider, ev->native, ev->raw};
	struct head h;

	if (ev->type == EVENT_ERROR)
		return;
	memset(&h, 0, sizeof(h));
	h.type = (uint8_t)ev->type;
	h.refusal = (uint8_t)ev->refusal;
	h.has_usage = ev->usage != NULL;
	h.has_more = ev->more != NULL;
	h.choice = ev->choice;
	h.index = ev->index;
	h.created = ev->created;
	measure(&h, s, ev);
	buf_add(tape, (const char *)&h, sizeof(h));
	if (ev->usage)
		buf_add(tape, (const char *)ev->usage, sizeof(*ev->usage));
	for (int i = 0; i < N_STRINGS; i++)
		if (s[i]) {
			buf_add(tape, s[i], h.n[i]);
			buf_addc(tape, '\0');
		}
	if (ev->more)
		add_more(tape, ev->more);
}

static void
take_strings(const struct head *h, const char *p, size_t *at, struct event *ev)
{
	const char *s[N_STRINGS] = {NULL};

	for (int i = 0; i < N_STRINGS; i++)
		if (h->there & 1U << i) {
			s[i] = p + *at;
			*at += h->n[i] + 1;
		}
	ev->s = s[S];
	ev->n = h->n[S];
	ev->id = s[ID];
	ev->name = s[NAME];
	ev->provider = s[PROVIDER];
	ev->native = s[NATIVE];
	ev->raw = s[RAW];
	ev->raw_len = h->n[RAW];
}

int
tape_next(const char *p, size_t n, size_t *at, struct event *ev, struct tape_rest *rest)
{
	struct head h;

	if (*at >= n)
		return 0;
	memcpy(&h, p + *at, sizeof(h));
	*at += sizeof(h);
	*ev = (struct event){
	    .type = h.type, .refusal = h.refusal, .choice = h.choice, .index = h.index, .created = h.created};
	if (h.has_usage) {
		memcpy(&rest->usage, p + *at, sizeof(rest->usage));
		*at += sizeof(rest->usage);
		ev->usage = &rest->usage;
	}
	take_strings(&h, p, at, ev);
	if (h.has_more) {
		take_more(p, at, &rest->more);
		ev->more = &rest->more;
	}
	return 1;
}
