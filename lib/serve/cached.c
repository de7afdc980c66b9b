/* SPDX-License-Identifier: ISC */
#include "serve/cached.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sha2.h>

#include "booking.h"
#include "candidate.h"
#include "json.h"
#include "mem.h"
#include "policy.h"
#include "price.h"
#include "providers.h"
#include "serve/admit.h"
#include "serve/visit.h"
#include "serve/shared.h"
#include "str.h"
#include "tm.h"

#define TTL_S 300
#define MAX_TTL_S 86400

/* ── what is asked for ── */

/* 1, 0; -1: it isn't said. */
static int
said(const char *value)
{
	if (!value)
		return -1;
	return str_ieq(value, "true") ? 1 : str_ieq(value, "false") ? 0 : -1;
}

static int64_t
within(int64_t ttl_s)
{
	return ttl_s < 1 ? 1 : ttl_s > MAX_TTL_S ? MAX_TTL_S : ttl_s;
}

/* What a number begins with counts: "60s" is 60. */
static int
read_ttl(const char *value, int64_t *ttl_s)
{
	char *end;

	if (!value)
		return 0;
	int64_t n = strtoll(value, &end, 10);
	if (end == value)
		return 0;
	*ttl_s = within(n);
	return 1;
}

static void
read_preset(const struct preset *p, int *enabled, int64_t *ttl_s)
{
	struct json j = JSON_INIT;
	int64_t n;

	if (p && json_parse(&j, p->json, p->len, NULL) == 0) {
		*enabled = json_bool(&j, json_get(&j, 0, "cache_enabled"));
		if (json_int(&j, json_get(&j, 0, "cache_ttl_seconds"), &n) == 0)
			*ttl_s = within(n);
	}
	json_release(&j);
}

/* Is the request's answer to be kept, and for how long? Whoever says no prevails. */
static int
wants(struct cached *c, const struct preset *p)
{
	const struct http1 *h = exchange_request(c->v->x);
	int asked = said(http1_get(h, "x-openrouter-cache")), enabled = -1;

	c->ttl_s = TTL_S;
	read_preset(p, &enabled, &c->ttl_s);
	read_ttl(http1_get(h, "x-openrouter-cache-ttl"), &c->ttl_s);
	return asked != 0 && enabled != 0 && (asked == 1 || enabled == 1);
}

/* ── the key ── */

static void
add(SHA2_CTX *sha, const void *p, size_t n)
{
	SHA256Update(sha, p, n);
}

/* With its NUL, so that no two lists of strings are the same. */
static void
add_text(SHA2_CTX *sha, const char *s)
{
	add(sha, s ? s : "", s ? strlen(s) + 1 : 1);
}

/* JSON without the white space between its tokens. It is known to be valid. */
static void
add_body(SHA2_CTX *sha, const char *p, size_t n)
{
	int in_string = 0;
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (in_string && p[i] == '\\') {
			i++;
		} else if (p[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && strchr(" \t\r\n", p[i])) {
			add(sha, p + from, i - from);
			from = i + 1;
		}
	}
	add(sha, p + from, n - from);
}

static void
make_key(struct cached *c, const char *asked, int streams)
{
	static const unsigned char nobody[LEDGER_KEY_HASH];
	const struct visit *v = c->v;
	const struct buf *body = &exchange_request(v->x)->body;
	SHA2_CTX sha;

	SHA256Init(&sha);
	add(&sha, v->key ? v->key->key.hash : nobody, sizeof(nobody));
	add_text(&sha, v->front_name);
	add_text(&sha, asked);
	add_text(&sha, v->part[0]); /* the model, where the path has it */
	add_text(&sha, streams ? "stream" : "whole");
	add_text(&sha, v->front == &front_anthropic ? http1_get(exchange_request(v->x), "anthropic-beta") : NULL);
	add_body(&sha, buf_str(body), body->len);
	SHA256Final(c->key, &sha);
}

/* ── finding ── */

static void
add_seconds(const struct cached *c, const char *name, int64_t s)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, s);
	exchange_field(c->v->x, name, text);
}

/* A tape begins with what its answer was called, and by whom it was given. */
static void
begin(struct cached *c)
{
	struct event ev;

	outcome_forget(&c->out);
	tape_next(c->hit->p, c->hit->n, &c->at, &ev, &c->rest);
	c->model = ev.name;
	c->provider = ev.provider;
	exchange_field(c->v->x, "X-OpenRouter-Cache-Status", "HIT");
	add_seconds(c, "X-OpenRouter-Cache-Age", (tm_mono_ms() - c->hit->at_ms) / 1000);
	add_seconds(c, "X-OpenRouter-Cache-TTL", c->hit->ttl_ms / 1000);
	exchange_field(c->v->x, "X-OpenRouter-Cache-Source-Id", ev.id);
}

int
cached_find(struct cached *c, const struct admit *m, int streams)
{
	c->v = m->v;
	struct store *s = c->v->app->store;
	const struct http1 *h = exchange_request(c->v->x);

	if (!store_most(s) || !wants(c, m->routed.preset))
		return 0;
	make_key(c, m->routed.asked, streams);
	if (said(http1_get(h, "x-openrouter-cache-clear")) == 1)
		store_drop(s, c->key);
	c->hit = store_get(s, c->key, tm_mono_ms());
	if (c->hit) {
		begin(c);
		return 1;
	}
	c->keeps = 1;
	exchange_field(c->v->x, "X-OpenRouter-Cache-Status", "MISS");
	add_seconds(c, "X-OpenRouter-Cache-TTL", c->ttl_s);
	return 0;
}

void
cached_release(struct cached *c)
{
	store_let_go(c->hit);
	buf_release(&c->tape);
	outcome_release(&c->out);
}

/* ── keeping ── */

void
cached_attempt(struct cached *c, const struct candidate *by)
{
	const struct event first = {
	    .type = EVENT_START, .id = c->keeps ? c->v->id : NULL, .name = by->name, .provider = by->provider->name};

	if (!c->keeps)
		return;
	buf_clear(&c->tape);
	tape_add(&c->tape, &first);
}

void
cached_event(struct cached *c, const struct event *ev)
{
	if (!c->keeps)
		return;
	tape_add(&c->tape, ev);
	if (c->tape.len <= store_most(c->v->app->store))
		return;
	c->keeps = 0;
	buf_release(&c->tape);
}

void
cached_keep(struct cached *c)
{
	if (c->keeps)
		store_put(c->v->app->store, c->key, &c->tape, tm_mono_ms(), c->ttl_s * 1000);
}

/* ── giving ── */

static void
zero(int64_t *n)
{
	*n = *n < 0 ? -1 : 0;
}

static void
use_nothing(struct usage *u)
{
	u->prompt = u->completion = 0;
	zero(&u->cached);
	zero(&u->cache_write);
	zero(&u->reasoning);
	zero(&u->prompt_audio);
	zero(&u->completion_audio);
	zero(&u->completion_image);
	strlcpy(u->cost, "0", sizeof(u->cost));
}

int
cached_next(struct cached *c, struct event *ev)
{
	if (!tape_next(c->hit->p, c->hit->n, &c->at, ev, &c->rest))
		return 0;
	if (ev->type == EVENT_START) {
		ev->id = c->v->id;
		ev->created = tm_now_ms() / 1000;
	} else if (ev->type == EVENT_USAGE) {
		use_nothing(&c->rest.usage);
		ev->raw = NULL; /* the provider's counts are another call's */
		ev->raw_len = 0;
	}
	outcome_event(&c->out, ev, (tm_mono_us() - exchange_start_us(c->v->x)) / 1000);
	return 1;
}

/* A call that cost nothing. */
static void
book(struct cached *c, const struct admit *m)
{
	char name[] = CACHED_PROVIDER, key[] = "none", *model = xstrdup(c->model);
	struct provider p = {.name = name, .key = key};
	struct candidate by = {.provider = &p, .model = model, .name = model};
	struct booked_spec s = {.id = c->v->id, .asked = m->routed.asked, .session = m->session};
	const struct err none = {0};
	struct attempt *a = outcome_add_attempt(&c->out, &by, &none, 0, c->out.ms);

	if (c->v->key) {
		s.client = c->v->key->key.name;
		s.client_id = c->v->key->key.id;
	}
	a->started_ms = tm_now_ms() - c->out.ms;
	a->ttft_ms = c->out.ttft_ms;
	a->cost_pusd = 0;
	a->source = COST_REPORTED;
	c->out.served = &by;
	strlcpy(c->v->endpoint, a->endpoint, sizeof(c->v->endpoint));
	struct booked *k = booked_new(c->v->app->booking, &s, &m->json);
	booked_end(k, &c->out, NULL);
	booked_free(k);
	c->out.served = NULL;
	free(model);
}

void
cached_over(struct cached *c, const struct admit *m)
{
	struct visit *v = c->v;
	size_t first = 0;
	struct event ev;
	struct tape_rest rest;

	tape_next(c->hit->p, c->hit->n, &first, &ev, &rest);
	use_nothing(&c->out.usage);
	c->out.complete = 1;
	c->out.ms = (tm_mono_us() - exchange_start_us(v->x)) / 1000;
	free(c->out.id);
	c->out.id = xstrdup(ev.id);
	outcome_judge(&c->out, &c->out.err);
	book(c, m);
	v->prompt = v->completion = v->cost_pusd = 0;
	v->ttft_ms = c->out.ttft_ms;
	if (c->out.finish)
		strlcpy(v->finish, c->out.finish, sizeof(v->finish));
	shared_add(v->app->s.shared, SHARED_CACHE_HITS, 1);
}
