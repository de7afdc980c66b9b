/* SPDX-License-Identifier: ISC */
#include "wire/template.h"

#include <string.h>

#include "err.h"

void
template_release(struct template *t)
{
	buf_release(&t->frame);
	buf_release(&t->scratch);
	json_release(&t->json);
}

void
template_clear(struct template *t)
{
	buf_clear(&t->frame);
}

/* Text and nothing else: no borrowed pointer may outlive the chunk. */
static int
is_plain(const struct event *ev)
{
	if (ev->type != EVENT_TEXT && ev->type != EVENT_REASONING && ev->type != EVENT_TOOL_ARGS)
		return 0;
	return ev->n && !ev->raw && !ev->id && !ev->name && !ev->native && !ev->more;
}

void
template_learn(struct template *t, const char *event, const char *data, size_t n, const struct event *ev)
{
	const char *end = data + n, *s = ev->s;

	buf_clear(&t->frame);
	if (strlcpy(t->event, event, sizeof(t->event)) >= sizeof(t->event))
		return;
	if (!is_plain(ev) || s <= data || s >= end || ev->n >= (size_t)(end - s) || s[-1] != '"' || s[ev->n] != '"')
		return;
	t->n_head = (size_t)(s - data);
	buf_add(&t->frame, data, t->n_head);
	buf_add(&t->frame, s + ev->n, (size_t)(end - s) - ev->n);
	t->type = ev->type;
	t->choice = ev->choice;
	t->index = ev->index;
	t->refusal = ev->refusal;
}

/* Might \uD800 to \uDFFF be in it? */
static int
has_surrogate(const char *s, size_t n)
{
	const char *end = s + n;

	while ((s = memchr(s, '\\', (size_t)(end - s)))) {
		if (end - s > 2 && s[1] == 'u' && (s[2] == 'd' || s[2] == 'D'))
			return 1;
		s += end - s > 1 ? 2 : 1;
	}
	return 0;
}

/* The text of one JSON string, s inside its quotes, or NULL. With its quotes it must be one valid text: a quote inside would make it several. */
static const char *
text_of(struct template *t, const char *s, size_t n, size_t *len)
{
	struct err ignored;

	*len = n;
	if (!memchr(s, '\\', n))
		return json_valid(s - 1, n + 2, NULL, NULL) ? s : NULL;
	if (has_surrogate(s, n) || json_parse(&t->json, s - 1, n + 2, &ignored))
		return NULL;
	return json_view(&t->json, 0, &t->scratch, len);
}

int
template_match(struct template *t, const char *event, const char *data, size_t n, struct event *ev)
{
	size_t head = t->n_head, tail = t->frame.len - head;

	if (!t->frame.len || n <= t->frame.len || memcmp(data + n - tail, t->frame.p + head, tail) != 0 ||
	    memcmp(data, t->frame.p, head) != 0 || strcmp(event, t->event) != 0)
		return 0;
	*ev = (struct event){.type = t->type, .choice = t->choice, .index = t->index, .refusal = t->refusal};
	ev->s = text_of(t, data + head, n - head - tail, &ev->n);
	return ev->s != NULL;
}
