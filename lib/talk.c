/* SPDX-License-Identifier: ISC */
#include "talk.h"

#include <stdlib.h>
#include <string.h>

#include "booking.h"
#include "candidate.h"
#include "cost.h"
#include "err.h"
#include "fence.h"
#include "json.h"
#include "jsonw.h"
#include "loop.h"
#include "price.h"
#include "providers.h"
#include "request.h"
#include "schema.h"
#include "tm.h"

static int
held(const struct talk *t)
{
	return t->s->extract || t->s->schema != NULL;
}

/* Writes the first n bytes of what is rendered. */
static int
write_some(struct talk *t, size_t n)
{
	if (!n)
		return 0;
	call_gone_out(t->call[t->n_call - 1]);
	t->wrote = 1;
	int r = t->s->write(t->s->arg, t->out.p, n, &t->write_err);
	memmove(t->out.p, t->out.p + n, t->out.len - n + 1);
	t->out.len -= n;
	return r;
}

static int
flush(struct talk *t)
{
	return write_some(t, t->out.len);
}

/* A text ends in a newline: it is the last byte, and goes out when the call is booked. */
static size_t
held_back(const struct talk *t)
{
	return t->s->form == RENDER_TEXT && t->out.len && t->out.p[t->out.len - 1] == '\n';
}

static void
on_attempt(void *arg, const struct candidate *c)
{
	struct talk *t = arg;

	t->n_kept = 0;
	t->error_told = 0;
	render_clear(&t->render);
	t->render.out.id = t->id;
	t->render.out.model = c->name;
	t->render.out.provider = c->provider->name;
	buf_clear(&t->out);
}

/* Where the provider reports no cost, ours goes out with the counts. */
static void
on_usage(struct talk *t, const struct event *ev)
{
	struct usage u = *ev->usage;
	struct event with_cost = *ev;
	struct buf usd = BUF_INIT;
	int64_t pusd = *u.cost ? PUSD_UNKNOWN : call_price(t->call[t->n_call - 1], &u);

	if (pusd != PUSD_UNKNOWN) {
		price_emit_pusd(&usd, pusd);
		strlcpy(u.cost, usd.p, sizeof(u.cost));
	}
	with_cost.usage = &u;
	render_event(&t->render, &with_cost, &t->out);
	buf_release(&usd);
}

static int
on_event(void *arg, const struct event *ev)
{
	struct talk *t = arg;

	if (ev->type == EVENT_REASONING && ev->n && t->s->reasoning)
		t->s->reasoning(t->s->arg, ev->s, ev->n);
	if (ev->type == EVENT_USAGE) {
		on_usage(t, ev);
		return 0;
	}
	if (render_keeps(&t->render, ev) && (t->n_kept += ev->n + ev->raw_len) > TALK_MAX_KEPT)
		return err_set(&t->write_err, t->wrote ? ERR_TRUNCATED : ERR_PROTOCOL, "an answer of more than %d MiB",
		    TALK_MAX_KEPT >> 20);
	t->error_told |= ev->type == EVENT_ERROR && t->render.begun;
	render_event(&t->render, ev, &t->out);
	return 0;
}

static int
on_read(void *arg)
{
	struct talk *t = arg;

	return held(t) ? 0 : write_some(t, t->out.len - held_back(t));
}

const char *
talk_text(const struct talk *t)
{
	const struct answer_choice *c = answer_get(&t->render.out.answer, 0);

	return c ? buf_str(&c->text) : "";
}

static const char *
kept_text(void *arg)
{
	return talk_text(arg);
}

static void
sum(int64_t *to, int64_t n)
{
	if (n >= 0)
		*to = (*to < 0 ? 0 : *to) + n;
}

/* The less a cost is known, the later. */
static int
rank(int source)
{
	static const int ranks[] = {
	    [COST_REPORTED] = 0, [COST_COMPUTED] = 1, [COST_ESTIMATED] = 2, [COST_RESERVED] = 3, [COST_UNKNOWN] = 4};

	return ranks[source];
}

/* Adds what an attempt used and cost. One unknown cost makes the whole unknown. */
static void
book_attempt(struct talk *t, const struct attempt *a)
{
	sum(&t->usage.prompt, a->usage.prompt);
	sum(&t->usage.completion, a->usage.completion);
	sum(&t->usage.cached, a->usage.cached);
	sum(&t->usage.cache_write, a->usage.cache_write);
	sum(&t->usage.reasoning, a->usage.reasoning);
	if (!t->n_booked || rank(a->source) > rank(t->source))
		t->source = a->source;
	if (a->cost_pusd != PUSD_UNKNOWN && __builtin_add_overflow(t->pusd, a->cost_pusd, &t->pusd))
		t->source = COST_UNKNOWN;
	t->n_booked++;
}

static void
book(struct talk *t, const struct outcome *o)
{
	for (size_t i = 0; i < o->n_attempt; i++)
		if (outcome_counts(o, i))
			book_attempt(t, o->attempt + i);
	buf_clear(&t->cost);
	if (t->n_booked && t->source != COST_UNKNOWN)
		price_emit_pusd(&t->cost, t->pusd);
}

/* The answer as JSON that fits the schema, in out; a model that wraps it in one fenced block is understood. */
static int
fit_schema(struct talk *t, struct buf *out, struct err *e)
{
	const char *text = talk_text(t);
	struct json j = JSON_INIT;
	int r;

	buf_adds(out, text);
	r = json_parse(&j, out->p ? out->p : "", out->len, e);
	if (r) {
		struct buf block = BUF_INIT;
		struct err ignored;
		if (fence_extract(text, strlen(text), NULL, &block) == FENCE_FOUND &&
		    json_parse(&j, buf_str(&block), block.len, &ignored) == 0) {
			buf_clear(out);
			buf_add(out, block.p, block.len);
			r = json_parse(&j, out->p, out->len, e);
		}
		buf_release(&block);
	}
	if (r) {
		struct err why = *e;
		err_set(e, ERR_SCHEMA, "the answer is no JSON: %s", why.msg);
	} else {
		r = schema_validate(t->s->schema, &j, e);
		if (r)
			err_wrap(e, "the answer doesn't fit the schema");
	}
	json_release(&j);
	return r;
}

static int start_call(struct talk *t, const char *request, size_t len, struct err *e);

/* Asks again: the request, the answer, and what was wrong with it. */
static int
ask_again(struct talk *t, const struct err *why, struct err *e)
{
	struct buf history = BUF_INIT, prompt = BUF_INIT, next = BUF_INIT;
	struct request_spec rs = {.base = t->s->call.request,
	    .base_len = t->s->call.len,
	    .max_prompt = PRICE_UNKNOWN,
	    .max_completion = PRICE_UNKNOWN};

	answer_emit_message(&t->render.out.answer, 0, &history);
	buf_addf(&prompt, "%s. Answer again, with JSON that fits the schema and nothing else.", why->msg);
	rs.history = history.p;
	rs.history_len = history.len;
	rs.prompt = prompt.p;
	rs.prompt_len = prompt.len;
	int r = request_build(&rs, &next, e);
	if (!r) {
		buf_release(&t->request);
		t->request = next;
		r = start_call(t, t->request.p, t->request.len, e);
	}
	buf_release(&history);
	buf_release(&prompt);
	return r;
}

/* The answer as it fits: its JSON as text, or the form that was asked for. */
static void
put_fitting(struct talk *t, const struct buf *json)
{
	if (t->s->form != RENDER_TEXT && t->s->form != RENDER_RAW) {
		render_end(&t->render, t->cost.len ? t->cost.p : NULL, 0, &t->out);
		return;
	}
	buf_clear(&t->out);
	buf_add(&t->out, json->p, json->len);
	if (t->s->form == RENDER_TEXT && json->p[json->len - 1] != '\n')
		buf_addc(&t->out, '\n');
}

/* 1: it doesn't fit, and is asked for again. */
static int
end_schema(struct talk *t, struct err *e)
{
	struct buf json = BUF_INIT;
	struct err again = {0};
	int r = fit_schema(t, &json, e);

	if (!r)
		put_fitting(t, &json);
	buf_release(&json);
	if (!r || e->kind != ERR_SCHEMA || (int64_t)t->n_call > t->s->schema_retries || t->n_call == TALK_MAX_CALLS)
		return r;
	if (ask_again(t, e, &again) == 0)
		return 1;
	*e = again;
	return -1;
}

static int
end_extract(struct talk *t, struct err *e)
{
	const char *text = talk_text(t);

	buf_clear(&t->out);
	switch (fence_extract(text, strlen(text), t->s->lang, &t->out)) {
	case FENCE_FOUND:
		return 0;
	case FENCE_UNTERMINATED:
		return err_set(e, ERR_NEGATIVE, "a fenced block without an end");
	case FENCE_NONE:
		break;
	}
	return err_set(e, ERR_NEGATIVE, "no fenced block%s%s", t->s->lang ? " of " : "", t->s->lang ? t->s->lang : "");
}

/* The answer is there, whole. What it has to fit decides about the output. 1: another call runs. */
static int
end_held(struct talk *t)
{
	struct err e = {0};
	int r = t->s->schema ? end_schema(t, &e) : end_extract(t, &e);

	if (r == 1)
		return 1;
	if (r && t->n_call > 1)
		err_wrap(&e, "asked %zu times", t->n_call);
	if (r)
		t->err = e;
	else
		flush(t);
	return 0;
}

static void
end_streamed(struct talk *t, const struct outcome *o)
{
	int failed = !o->complete;
	int in_pieces = t->s->form != RENDER_JSON && t->s->form != RENDER_TSV;

	if (failed && !t->wrote && t->out.len == held_back(t))
		return;
	if (failed && !in_pieces)
		return;
	if (failed && t->render.begun && !t->error_told) {
		struct event ev = {.type = EVENT_ERROR, .err = &t->err};
		render_event(&t->render, &ev, &t->out);
	}
	render_end(&t->render, t->cost.len ? t->cost.p : NULL, failed, &t->out);
	flush(t);
}

static int
is_over(const struct err *e)
{
	return e->kind == ERR_SIGNAL || e->kind == ERR_IO;
}

/* The form that was asked for has no room for what came: media, or a choice that isn't the first. */
static int
shows_nothing(const struct talk *t, const struct outcome *o)
{
	const struct answer_choice *first = answer_get(&t->render.out.answer, 0);

	if (o->had_call || t->s->form == RENDER_JSON || t->s->form == RENDER_NDJSON || t->s->form == RENDER_SSE)
		return 0;
	return t->render.last < 0 && !(first && (first->text.len || first->refusal.len));
}

static void
on_done(void *arg, const struct outcome *o)
{
	struct talk *t = arg;

	t->outcome[t->n_call - 1] = o;
	t->err = o->err;
	if (t->err.kind == ERR_NONE && shows_nothing(t, o))
		err_set(&t->err, ERR_NEGATIVE,
		    o->had_media ? "the answer is no text: -F json has it" : "the answer is empty");
	book(t, o);
	if (!t->write_err.kind && !is_over(&t->err)) {
		if (!held(t))
			end_streamed(t, o);
		else if (t->err.kind == ERR_NONE && end_held(t))
			return;
	}
	if (t->write_err.kind == ERR_DEADLINE && t->wrote)
		t->write_err.kind = ERR_TRUNCATED;
	if (t->write_err.kind)
		t->err = t->write_err;
	loop_stop(t->s->loop);
}

static int
start_call(struct talk *t, const char *request, size_t len, struct err *e)
{
	struct call_spec c = t->s->call;
	int64_t spent = tm_mono_ms() - t->s->start_ms;

	booking_id(t->id, NULL);
	c.books.id = t->id;
	c.request = request;
	c.len = len;
	c.arg = t;
	c.answer = kept_text;
	c.on_attempt = on_attempt;
	c.on_event = on_event;
	c.on_read = on_read;
	c.on_done = on_done;
	c.deadline_said_ms = c.deadline_ms;
	if (c.deadline_ms) {
		c.deadline_ms -= spent;
		if (c.deadline_ms <= 0)
			return err_set(e, ERR_DEADLINE, "not done in %g s", (double)t->s->call.deadline_ms / 1000);
	}
	t->call[t->n_call++] = client_start(t->client, &c);
	return 0;
}

void
talk_run(struct talk *t, const struct talk_spec *s)
{
	static const struct usage unknown = USAGE_INIT;

	memset(t, 0, sizeof(*t));
	t->spec = *s;
	t->s = &t->spec;
	t->usage = unknown;
	t->source = COST_UNKNOWN;
	t->client = client_new(s->loop, wire_get, s->booking);
	render_init(&t->render, s->form, s->now_s);
	t->render.keep = s->keep || held(t);
	if (start_call(t, s->call.request, s->call.len, &t->err) == 0)
		loop_run(s->loop);
}

void
talk_stop(struct talk *t, const struct err *e)
{
	if (t->n_call)
		call_stop(t->call[t->n_call - 1], e);
}

void
talk_release(struct talk *t)
{
	for (size_t i = 0; i < t->n_call; i++)
		call_free(t->call[i]);
	client_free(t->client);
	render_release(&t->render);
	buf_release(&t->out);
	buf_release(&t->request);
	buf_release(&t->cost);
}
