/* SPDX-License-Identifier: ISC */
#include "serve/gate.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "buf.h"
#include "err.h"
#include "mem.h"
#include "price.h"
#include "route.h"
#include "serve/http1.h"
#include "serve/shared.h"
#include "str.h"

#define MINUTE_MS 60000

struct gate {
	struct shared *shared;
	struct gate_key **v;
	size_t n, cap;
	struct gate_key *run; /* NULL: none */
};

struct gate *
gate_new(struct shared *s)
{
	struct gate *g = xcalloc(1, sizeof(*g));

	g->shared = s;
	return g;
}

void
gate_key_release(struct gate_key *k)
{
	if (!k || --k->refs)
		return;
	budget_release(&k->limit);
	ledger_key_release(&k->key);
	free(k);
}

static void
clear(struct gate *g)
{
	for (size_t i = 0; i < g->n; i++)
		gate_key_release(g->v[i]);
	g->n = 0;
}

void
gate_free(struct gate *g)
{
	if (!g)
		return;
	clear(g);
	gate_key_release(g->run);
	free(g->v);
	free(g);
}

/* ── the set ── */

static char *
copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static enum budget_period
period_of(enum ledger_reset r)
{
	switch (r) {
	case RESET_DAILY:
		return BUDGET_DAY;
	case RESET_WEEKLY:
		return BUDGET_WEEK;
	case RESET_MONTHLY:
		return BUDGET_MONTH;
	case RESET_NEVER:
		break;
	}
	return BUDGET_EVER;
}

static struct gate_key *
new_key(const struct ledger_key *from)
{
	struct gate_key *k = xcalloc(1, sizeof(*k));

	k->refs = 1;
	k->key = *from;
	k->key.name = copy(from->name);
	k->key.label = copy(from->label);
	k->key.models = copy(from->models);
	k->has_limit = from->limit_pusd != PUSD_UNKNOWN;
	k->limit = (struct budget){.period = period_of(from->reset),
	    .limit_pusd = from->limit_pusd,
	    .ceiling_pusd = PUSD_UNKNOWN,
	    .client_id = from->id,
	    .line = copy(from->name)};
	return k;
}

void
gate_set(struct gate *g, const struct ledger_keys *k)
{
	clear(g);
	if (k->n)
		shared_close(g->shared);
	for (size_t i = 0; i < k->n; i++) {
		g->v = mem_grow(g->v, g->n, &g->cap, sizeof(*g->v));
		g->v[g->n++] = new_key(&k->v[i]);
	}
}

void
gate_add_run_key(struct gate *g, const char *text, int64_t limit_pusd)
{
	struct ledger_key k = {.name = (char[]){"run"}, .label = (char[]){""}, .limit_pusd = limit_pusd};
	uint64_t id;

	gate_hash(k.hash, text);
	memcpy(&id, k.hash, sizeof(id));
	k.id = -1 - (int64_t)(id >> 1);
	gate_key_release(g->run);
	g->run = new_key(&k);
}

int
gate_is_open(const struct gate *g)
{
	return !g->n && !g->run && !shared_is_closed(g->shared);
}

/* ── who is it? ── */

/* In a time that doesn't tell where they differ. */
static int
same(const unsigned char a[LEDGER_KEY_HASH], const unsigned char b[LEDGER_KEY_HASH])
{
	volatile unsigned char differ = 0;

	for (size_t i = 0; i < LEDGER_KEY_HASH; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

/* Every one is compared, whole, wherever the right one stands. */
static struct gate_key *
find(struct gate *g, const char *text)
{
	unsigned char hash[LEDGER_KEY_HASH];
	struct gate_key *found = NULL;

	gate_hash(hash, text);
	for (size_t i = 0; i < g->n; i++)
		if (same(hash, g->v[i]->key.hash))
			found = g->v[i];
	if (g->run && same(hash, g->run->key.hash))
		found = g->run;
	explicit_bzero(hash, sizeof(hash));
	return found;
}

/* Another scheme of Authorization is no key of ours: some clients sign what they send, and name their key elsewhere. */
static const char *
bearer(const struct http1 *h)
{
	const char *s = http1_get(h, "authorization");

	if (!s || strncasecmp(s, "bearer", 6) != 0 || (s[6] && s[6] != ' ' && s[6] != '\t'))
		return NULL;
	s += 6;
	return s + strspn(s, " \t");
}

/* A browser that is asked for a name and a password: the key is the password. It sends them on its own afterwards, whoever makes it ask: so they only
 * let read. */
static const char *
basic(const struct http1 *h, struct buf *scratch)
{
	const char *s = http1_get(h, "authorization"), *colon;

	if (!s || strncasecmp(s, "basic ", 6) != 0 || (strcmp(h->method, "GET") != 0 && strcmp(h->method, "HEAD") != 0))
		return NULL;
	s += 6 + strspn(s + 6, " \t");
	if (base64_text(scratch, s, strlen(s)))
		return NULL;
	colon = strchr(buf_str(scratch), ':');
	return colon ? colon + 1 : NULL;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int hi = s[i] == '%' && n - i > 2 ? hex(s[i + 1]) : -1, lo = hi < 0 ? -1 : hex(s[i + 2]);
		char c = lo < 0 ? s[i] : (char)(hi << 4 | lo);
		buf_add(out, &c, 1);
		i += lo < 0 ? 0 : 2;
	}
}

static const char *
in_query(const struct http1 *h, struct buf *scratch)
{
	const char *s = strchr(h->target, '?');

	while (s && *s && *s != '#') {
		size_t n = strcspn(++s, "&#");
		if (n > 4 && strncmp(s, "key=", 4) == 0) {
			decode(scratch, s + 4, n - 4);
			return buf_str(scratch);
		}
		s += n;
	}
	return NULL;
}

static const char *
shown(const struct http1 *h, struct buf *scratch)
{
	static const char *const fields[] = {"x-api-key", "api-key", "x-goog-api-key"};
	const char *s = bearer(h);

	for (size_t i = 0; (!s || !*s) && i < sizeof(fields) / sizeof(*fields); i++)
		s = http1_get(h, fields[i]);
	if (!s || !*s)
		s = basic(h, scratch);
	if (s && *s)
		return s;
	buf_clear(scratch);
	return in_query(h, scratch);
}

static int
refuse(struct err *e, int http, const char *why)
{
	err_set(e, ERR_AUTH, "%s", why);
	if (e)
		e->http = http;
	return -1;
}

int
gate_enter(struct gate *g, const struct http1 *h, int64_t now_ms, struct gate_key **key, struct err *e)
{
	struct buf scratch = BUF_INIT;
	struct gate_key *k = NULL;
	const char *text;

	*key = NULL;
	if (gate_is_open(g))
		return 0;
	text = shown(h, &scratch);
	if (text)
		k = find(g, text);
	buf_release(&scratch);
	if (!text)
		return refuse(e, 401, "a key is needed: Authorization: Bearer KEY");
	if (!k) {
		refuse(e, 401, "no such key");
		return GATE_UNKNOWN;
	}
	if (k->key.disabled)
		return refuse(e, 401, "this key is disabled");
	if (k->key.expires_ms && now_ms >= k->key.expires_ms)
		return refuse(e, 401, "this key has expired");
	k->refs++;
	*key = k;
	return 0;
}

/* ── what may it do? ── */

struct asking {
	const char *model;
	size_t n, n_base; /* the whole name; without what only changes its route */
};

static int
matches(void *arg, const char *pattern, size_t n)
{
	const struct asking *a = arg;
	char *p = xstrndup(pattern, n), *whole = xstrndup(a->model, a->n), *base = xstrndup(a->model, a->n_base);
	int fits = n && (fnmatch(p, whole, 0) == 0 || fnmatch(p, base, 0) == 0);

	free(p);
	free(whole);
	free(base);
	return fits;
}

struct allowance {
	const char *models;
	struct err *e;
};

static int
allows(void *arg, const char *model, size_t n)
{
	struct allowance *w = arg;
	char *name = xstrndup(model, n);
	struct asking a = {.model = name, .n = n, .n_base = n};
	size_t base;
	int ok;

	if (route_variant(name, &base))
		a.n_base = base;
	ok = str_list(w->models, matches, &a);
	if (!ok) {
		err_set(w->e, ERR_AUTH, "this key may not call %s", name);
		if (w->e)
			w->e->http = 403;
	}
	free(name);
	return ok ? 0 : -1;
}

int
gate_allows(const struct gate_key *k, const char *asked, struct err *e)
{
	struct allowance w = {.models = k ? k->key.models : NULL, .e = e};

	if (k && k->key.management)
		return refuse(e, 403, "a management key makes no calls");
	return w.models ? str_list(asked, allows, &w) : 0;
}

/* ── how often? ── */

static void
tell(struct gate_minute *m, int64_t limit, int64_t left, int64_t reset_ms)
{
	struct {
		char *to;
		int64_t n;
	} v[] = {{m->limit, limit}, {m->remaining, left > 0 ? left : 0}, {m->reset, reset_ms}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		snprintf(v[i].to, sizeof(m->limit), "%lld", (long long)v[i].n);
}

int
gate_take(
    struct gate *g, const struct gate_key *k, int64_t tokens, int64_t now_ms, struct gate_minute *m, struct err *e)
{
	int64_t rpm = k ? k->key.rpm : 0, tpm = k ? k->key.tpm : 0, requests = 0, left = 0, wait, over;

	*m = (struct gate_minute){.limit = ""};
	if (!rpm && !tpm)
		return 0;
	/* More than a minute holds would never be let in: it takes all, and the rest is owed. */
	over = tpm && tokens > tpm ? tokens - tpm : 0;
	wait = shared_take(g->shared, k->key.id, rpm, tpm, tokens - over, now_ms, &requests, &left);
	int by_tokens = !rpm || (tpm && wait && requests > 0);
	int64_t limit = by_tokens ? tpm : rpm, rest = by_tokens ? left : requests;
	if (!wait) {
		if (over)
			shared_correct(g->shared, k->key.id, tpm, over, now_ms);
		tell(m, limit, rest, now_ms + (limit - rest) * MINUTE_MS / limit);
		return 0;
	}
	tell(m, limit, rest, now_ms + wait);
	err_set(e, ERR_TEMPORARY, "this key's limit is %lld %s a minute", (long long)limit,
	    by_tokens ? "tokens" : "requests");
	if (e) {
		e->http = 429;
		e->retry_after_ms = wait;
	}
	return -1;
}

void
gate_correct(struct gate *g, const struct gate_key *k, int64_t more, int64_t now_ms)
{
	if (k && k->key.tpm && more)
		shared_correct(g->shared, k->key.id, k->key.tpm, more, now_ms);
}
