/* SPDX-License-Identifier: ISC */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "event.h"
#include "str.h"

int
render_form(const char *name)
{
	static const char *const names[] = {"text", "raw", "json", "ndjson", "sse", "tsv"};

	for (int i = 0; i < 6; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

void
render_init(struct render *r, enum render_form form, int64_t created)
{
	memset(r, 0, sizeof(*r));
	r->form = form;
	r->last = -1;
	front_init(&r->out, &front_openai);
	r->out.created = created;
}

void
render_clear(struct render *r)
{
	front_clear(&r->out);
	buf_clear(&r->held);
	r->last = -1;
	r->begun = 0;
}

void
render_release(struct render *r)
{
	front_release(&r->out);
	buf_release(&r->held);
}

/* What isn't content waits for some: a start, a finish or a usage by itself is no answer that has gone out. */
static void
stream(struct render *r, const struct event *ev, struct buf *out)
{
	struct buf *to = event_is_content(ev->type) || r->begun ? out : &r->held;

	if (to == out && r->held.len) {
		buf_add(out, r->held.p, r->held.len);
		buf_clear(&r->held);
	}
	r->begun |= to == out;
	if (r->form == RENDER_NDJSON)
		render_ndjson(ev, to);
	else
		r->out.front->event(&r->out, ev, to);
	r->out.begun = 1;
}

int
render_keeps(const struct render *r, const struct event *ev)
{
	int is_tool = ev->type >= EVENT_TOOL_BEGIN && ev->type <= EVENT_TOOL_END;

	if (!event_is_content(ev->type) || r->keep || r->form == RENDER_JSON)
		return 1;
	if (r->form == RENDER_SSE)
		return r->out.front->keeps;
	if (r->form == RENDER_TSV)
		return ev->type == EVENT_TEXT && ev->choice == 0;
	return is_tool && ev->choice == 0 && (r->form == RENDER_TEXT || r->form == RENDER_RAW);
}

void
render_event(struct render *r, const struct event *ev, struct buf *out)
{
	int is_text = r->form == RENDER_TEXT || r->form == RENDER_RAW;

	if (is_text && ev->type == EVENT_TEXT && ev->choice == 0 && ev->n) {
		buf_add(out, ev->s, ev->n);
		r->last = (unsigned char)ev->s[ev->n - 1];
	}
	if (render_keeps(r, ev))
		answer_add(&r->out.answer, ev);
	/* an error before any content is the caller's to tell */
	if ((r->form == RENDER_SSE || r->form == RENDER_NDJSON) && !(ev->type == EVENT_ERROR && !r->begun))
		stream(r, ev, out);
}

static void
end_text(struct render *r, int failed, struct buf *out)
{
	const struct answer_choice *c = answer_get(&r->out.answer, 0);
	int has_calls = c && c->n_call && !failed;

	if (r->last >= 0 && r->last != '\n' && (r->form == RENDER_TEXT || has_calls))
		buf_addc(out, '\n');
	for (size_t i = 0; has_calls && i < c->n_call; i++) {
		answer_emit_call(c->call + i, out);
		buf_addc(out, '\n');
	}
}

static void
tsv_field(struct buf *out, const char *s)
{
	if (s && *s)
		str_tsv(out, s, strlen(s));
	else
		buf_addc(out, '-');
	buf_addc(out, '\t');
}

static void
tsv_count(struct buf *out, int64_t n)
{
	if (n < 0)
		buf_adds(out, "-\t");
	else
		buf_addf(out, "%" PRId64 "\t", n);
}

static void
end_tsv(struct render *r, const char *cost, struct buf *out)
{
	const struct answer *a = &r->out.answer;
	const struct answer_choice *c = answer_get(a, 0);

	tsv_field(out, a->id);
	tsv_field(out, a->model);
	tsv_field(out, c ? c->finish : NULL);
	tsv_count(out, a->usage.prompt);
	tsv_count(out, a->usage.completion);
	tsv_field(out, cost);
	if (c)
		str_tsv(out, buf_str(&c->text), c->text.len);
	if (c && c->refusal.len)
		str_tsv(out, c->refusal.p, c->refusal.len);
	buf_addc(out, '\n');
}

void
render_end(struct render *r, const char *cost, int failed, struct buf *out)
{
	if (!failed && r->held.len) {
		buf_add(out, r->held.p, r->held.len);
		buf_clear(&r->held);
	}
	r->out.cost = cost;
	r->out.failed |= failed;
	switch (r->form) {
	case RENDER_TEXT:
	case RENDER_RAW:
		end_text(r, failed, out);
		break;
	case RENDER_JSON:
		r->out.front->whole(&r->out, out);
		buf_addc(out, '\n');
		break;
	case RENDER_TSV:
		end_tsv(r, cost, out);
		break;
	case RENDER_SSE:
		if (!failed)
			r->out.front->end(&r->out, out);
		break;
	case RENDER_NDJSON:
		break;
	}
}
