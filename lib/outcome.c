/* SPDX-License-Identifier: ISC */
#include "outcome.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "candidate.h"
#include "mem.h"
#include "providers.h"
#include "str.h"

static void
set_text(char **to, const char *s)
{
	free(*to);
	*to = s ? xstrdup(s) : NULL;
}

void
outcome_forget(struct outcome *o)
{
	static const struct usage unknown = USAGE_INIT;

	set_text(&o->id, NULL);
	set_text(&o->model, NULL);
	set_text(&o->provider, NULL);
	set_text(&o->finish, NULL);
	set_text(&o->native, NULL);
	o->usage = unknown;
	o->complete = o->cut_at_limit = o->filtered = 0;
	o->had_text = o->had_call = o->had_media = o->refused = 0;
	o->received_bytes = o->received_words = 0;
	o->error_told = o->in_word = 0;
	o->ttft_ms = -1;
	losses_release(&o->losses);
}

void
outcome_release(struct outcome *o)
{
	outcome_forget(o);
	for (size_t i = 0; i < o->n_attempt; i++)
		free(o->attempt[i].endpoint);
	free(o->attempt);
	o->attempt = NULL;
	o->n_attempt = 0;
}

static void
take_start(struct outcome *o, const struct event *ev)
{
	if (ev->id)
		set_text(&o->id, ev->id);
	if (ev->name)
		set_text(&o->model, ev->name);
	if (ev->provider)
		set_text(&o->provider, ev->provider);
}

static void
take_finish(struct outcome *o, const struct event *ev)
{
	o->cut_at_limit |= strcmp(ev->s, "length") == 0;
	o->filtered |= strcmp(ev->s, "content_filter") == 0;
	if (ev->choice == 0) {
		set_text(&o->finish, ev->s);
		set_text(&o->native, ev->native);
	}
}

/* What is billed where nobody reports it. Words go on from one event to the next. */
static void
count_received(struct outcome *o, const struct event *ev)
{
	if (ev->type != EVENT_TEXT && ev->type != EVENT_REASONING && ev->type != EVENT_TOOL_ARGS)
		return;
	o->received_bytes += (int64_t)ev->n;
	if (o->counts_words)
		o->received_words += str_words(ev->s, ev->n, &o->in_word);
}

void
outcome_event(struct outcome *o, const struct event *ev, int64_t since_start_ms)
{
	count_received(o, ev);
	o->error_told |= ev->type == EVENT_ERROR && ev->err->kind != ERR_PROTOCOL; /* of that one we told ourselves */
	if (o->ttft_ms < 0 && event_is_content(ev->type))
		o->ttft_ms = since_start_ms;
	o->had_text |= ev->type == EVENT_TEXT;
	o->refused |= ev->type == EVENT_TEXT && ev->refusal;
	o->had_call |= ev->type == EVENT_TOOL_BEGIN;
	o->had_media |= ev->type == EVENT_MEDIA || ev->type == EVENT_VECTOR;
	if (ev->type == EVENT_START)
		take_start(o, ev);
	else if (ev->type == EVENT_FINISH)
		take_finish(o, ev);
	else if (ev->type == EVENT_USAGE)
		o->usage = *ev->usage;
}

struct attempt *
outcome_add_attempt(struct outcome *o, const struct candidate *c, const struct err *e, int http, int64_t ms)
{
	struct buf b = BUF_INIT;

	o->attempt = mem_grow(o->attempt, o->n_attempt, &o->cap_attempt, sizeof(*o->attempt));
	struct attempt *a = o->attempt + o->n_attempt++;
	*a = (struct attempt){.candidate = c,
	    .http = http,
	    .ms = ms,
	    .ttft_ms = -1,
	    .usage = o->usage,
	    .err = *e,
	    .received_bytes = o->received_bytes,
	    .received_words = o->received_words,
	    .error_told = o->error_told,
	    .reserved_pusd = PUSD_UNKNOWN,
	    .cost_pusd = PUSD_UNKNOWN};
	buf_adds(&b, c->provider->name);
	buf_addc(&b, ':');
	buf_adds(&b, c->model);
	a->endpoint = buf_take(&b);
	return a;
}

int
attempt_answered(const struct attempt *a)
{
	return (a->http == 0 || a->http == 200) &&
	    (a->err.kind == ERR_NONE || a->err.kind == ERR_NEGATIVE || a->err.kind == ERR_REFUSED ||
		a->err.kind == ERR_TRUNCATED);
}

int
outcome_counts(const struct outcome *o, size_t i)
{
	const struct attempt *a = o->attempt + i;

	return (o->served && i + 1 == o->n_attempt) || a->usage.prompt >= 0 || a->usage.completion >= 0 ||
	    a->cost_pusd != 0;
}

void
outcome_judge(const struct outcome *o, struct err *e)
{
	if (o->cut_at_limit)
		err_set(e, ERR_TRUNCATED, "the answer was cut at the token limit (finish reason length)");
	else if (o->filtered)
		err_set(e, ERR_REFUSED, "the answer was filtered (%s)", o->native ? o->native : "content_filter");
	else if (o->refused)
		err_set(e, ERR_REFUSED, "the model refused");
	else if (!o->had_text && !o->had_call && !o->had_media)
		err_set(e, ERR_NEGATIVE, "the answer is empty");
}

void
outcome_fail(struct outcome *o, const struct err *e, int gone_out)
{
	o->err = *e;
	if (!gone_out || e->kind == ERR_NONE || e->kind == ERR_REFUSED || e->kind == ERR_SIGNAL ||
	    e->kind == ERR_TRUNCATED)
		return;
	o->cause = err_word(e->kind);
	o->err.kind = ERR_TRUNCATED;
	err_wrap(&o->err, "the answer was cut short");
}

void
outcome_message(struct outcome *o, const char *provider)
{
	struct err *e = &o->err;

	if (provider && !str_starts(e->msg, provider))
		err_wrap(e, "%s", provider);
	if (e->retry_after_ms > 0)
		err_append(e, ", retry in %" PRId64 " s", (e->retry_after_ms + 999) / 1000);
	if (o->n_attempt > 1)
		err_append(e, " (%zu attempts)", o->n_attempt);
}
