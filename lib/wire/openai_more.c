/* SPDX-License-Identifier: ISC */
/* Members that nobody here knows, for a client of the same format. Each is given once, with the first event of its chunk. */
#include <string.h>

#include "more.h"
#include "wire/decoder.h"
#include "wire/members.h"
#include "wire/openai_state.h"

void
openai_members(
    struct decoder *d, const struct json *j, int node, enum more_of of, const struct member *m, size_t n, int *out)
{
	struct openai_state *o = openai_state(d);
	struct buf *text = o->more_text + of;

	if (!d->wants_more) {
		members_find(j, node, m, n, out);
		return;
	}
	o->n_changes += d->n_given > 0; /* an event that points to o->more is no template */
	if (of == MORE_ANSWER)
		d->more = NULL;
	if (!d->more)
		memset(&o->more, 0, sizeof(o->more));
	buf_clear(text);
	members_split(j, node, m, n, out, text);
	o->more.s[of] = text->p;
	o->more.n[of] = text->len;
	if (text->len)
		d->more = &o->more;
}

int
openai_more_left(struct decoder *d, int i)
{
	const struct more *m = d->more;
	struct event ev = {.type = EVENT_MORE, .choice = i};

	if (!m || !(i < 0 ? m->n[MORE_ANSWER] : m->n[MORE_CHOICE] || m->n[MORE_MESSAGE]))
		return 0;
	return decoder_emit(d, &ev);
}
