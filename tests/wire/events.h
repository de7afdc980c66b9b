/* SPDX-License-Identifier: ISC */
/*
 * events: canonical events as lines of JSON, all of each event, for tests to compare. After the last one the verdict:
 * {"type":"end","kind":"ok"} or the error that decoder_end gave.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "jsonw.h"
#include "more.h"
#include "wire/decoder.h"
#include "wire/wire.h"

static void
events_text(struct jsonw *w, const char *key, const char *s, size_t n)
{
	if (!s)
		return;
	jsonw_key(w, key);
	jsonw_strn(w, s, n);
}

static void
events_str(struct jsonw *w, const char *key, const char *s)
{
	events_text(w, key, s, s ? strlen(s) : 0);
}

static void
events_count(struct jsonw *w, const char *key, int64_t v)
{
	if (v < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, v);
}

static void
events_usage(struct jsonw *w, const struct usage *u)
{
	events_count(w, "prompt", u->prompt);
	events_count(w, "completion", u->completion);
	events_count(w, "cached", u->cached);
	events_count(w, "cache_write", u->cache_write);
	events_count(w, "reasoning", u->reasoning);
	events_count(w, "prompt_audio", u->prompt_audio);
	events_count(w, "completion_audio", u->completion_audio);
	events_count(w, "completion_image", u->completion_image);
	events_str(w, "cost", *u->cost ? u->cost : NULL);
}

static void
events_err(struct jsonw *w, const struct err *e)
{
	events_str(w, "kind", err_word(e->kind));
	if (e->http)
		events_count(w, "http", e->http);
	if (e->retry_after_ms)
		events_count(w, "retry_after_ms", e->retry_after_ms);
	events_str(w, "message", *e->msg ? e->msg : NULL);
}

/* Are unknown members wanted? */
static int events_more;

/* An event_fn: arg is the struct buf that the line is added to. */
static int
events_add(void *arg, const struct event *ev)
{
	struct jsonw w;

	jsonw_init(&w, arg);
	jsonw_object(&w);
	events_str(&w, "type", event_name(ev->type));
	if (ev->choice)
		events_count(&w, "choice", ev->choice);
	if (ev->type == EVENT_TOOL_BEGIN || ev->type == EVENT_TOOL_ARGS || ev->type == EVENT_TOOL_END)
		events_count(&w, "index", ev->index);
	events_str(&w, "id", ev->id);
	events_str(&w, "name", ev->name);
	events_str(&w, "provider", ev->provider);
	if (ev->created)
		events_count(&w, "created", ev->created);
	events_text(&w, ev->refusal ? "refusal" : "s", ev->s, ev->n);
	events_str(&w, "native", ev->native);
	if (ev->usage)
		events_usage(&w, ev->usage);
	else if (ev->raw_len) {
		jsonw_key(&w, "raw");
		jsonw_raw(&w, ev->raw, ev->raw_len);
	}
	if (ev->err)
		events_err(&w, ev->err);
	for (int i = 0; ev->more && i < N_MORE; i++)
		events_text(&w, "more", ev->more->n[i] ? ev->more->s[i] : "", ev->more->n[i]);
	jsonw_end_object(&w);
	buf_addc(arg, '\n');
	return 0;
}

/* The lines of one answer. cut: lengths of the reads, asked again and again until the body is used up; 0 ends it with the rest. */
static __attribute__((unused)) void
events_of(struct buf *out, const struct wire *w, int http, const char *p, size_t n, size_t (*cut)(void *), void *arg)
{
	struct decoder d;
	struct err e = {0};
	struct jsonw j;

	decoder_init(&d, w, http, events_add, out);
	d.wants_more = events_more;
	for (size_t at = 0; at < n;) {
		size_t step = cut ? cut(arg) : 0;
		if (!step || step > n - at)
			step = n - at;
		if (decoder_feed(&d, p + at, step))
			break;
		at += step;
	}
	int r = decoder_end(&d, &e);
	jsonw_init(&j, out);
	jsonw_object(&j);
	events_str(&j, "type", "end");
	if (r)
		events_err(&j, &e);
	else
		events_str(&j, "kind", "ok");
	if (d.n_repaired)
		events_count(&j, "repaired", d.n_repaired);
	jsonw_end_object(&j);
	buf_addc(out, '\n');
	decoder_release(&d);
}

#endif
