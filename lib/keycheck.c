/* SPDX-License-Identifier: ISC */
#include "keycheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "http.h"
#include "json.h"
#include "listing.h"
#include "loop.h"
#include "mem.h"
#include "models.h"
#include "providers.h"
#include "str.h"
#include "tm.h"

#define CONNECT_MS 10000
#define IDLE_MS 30000
#define BODY_MAX ((size_t)8 * 1024 * 1024) /* bytes of an answer */

typedef int (*told_fn)(struct keycheck *k, const struct json *j, struct err *e);

/* What is asked of whom in place of the list of models. */
struct question {
	const char *slug, *host; /* of the row: its slug=, or the host of its base URL; NULL: the other one tells */
	const char *path;        /* from the base URL; NULL: there is nothing to ask */
	int or_list;             /* where path isn't there, the list of models tells as well: it isn't public */
	told_fn told;
};

static const struct question questions[] = {
    {"openrouter", "openrouter.ai", "/key", 0, keycheck_told_openrouter},
    {"deepseek", "api.deepseek.com", "/user/balance", 1, keycheck_told_deepseek},
    {"moonshotai", "api.moonshot.ai", "/users/me/balance", 1, keycheck_told_moonshot},
    {NULL, "api.moonshot.cn", "/users/me/balance", 1, keycheck_told_moonshot},
    {"perplexity", "api.perplexity.ai", "/v1/async/sonar", 0, keycheck_told_list}, /* its models are in no list */
    {NULL, "api.voyageai.com", "/files", 0, keycheck_told_list},                   /* the same */
    {NULL, "integrate.api.nvidia.com", NULL, 0, NULL},                             /* its list is public */
};

struct run;

/* One check under way. */
struct call {
	struct run *run;
	struct keycheck *k;
	const struct question *question; /* NULL: the list of models */
	struct listing_call out;
	struct http_xfer *xfer; /* NULL: not, or no more */
	struct buf body;
	int status, too_big, over;
	int64_t start_ms;
};

struct run {
	struct call *call;
	size_t n, next, active;
	const struct keycheck_limits *limits;
	struct loop *loop;
	struct http *http;
};

static const struct {
	const char *word;
	int status;
} states[] = {
    [KEYCHECK_OK] = {"ok", 0},
    [KEYCHECK_UNCHECKED] = {"unchecked", 69},
    [KEYCHECK_UNREACHABLE] = {"unreachable", 69},
    [KEYCHECK_ERROR] = {"error", 69},
    [KEYCHECK_REJECTED] = {"rejected", 77},
    [KEYCHECK_NOKEY] = {"nokey", 78},
};

const char *
keycheck_word(enum keycheck_state s)
{
	return states[s].word;
}

int
keycheck_status(enum keycheck_state s)
{
	return states[s].status;
}

void
keycheck_key_name(const struct provider *p, struct buf *b)
{
	if (str_starts(p->key, "env:"))
		buf_adds(b, p->key + strlen("env:"));
	else
		buf_adds(b, str_starts(p->key, "cmd:") ? "cmd:" : p->key);
}

static int
is_at(const struct provider *p, const char *host)
{
	const char *s = strstr(p->base, "://");
	size_t n = strlen(host);

	return s && strncmp(s + 3, host, n) == 0 && (!s[3 + n] || s[3 + n] == '/' || s[3 + n] == ':');
}

static const struct question *
question_for(const struct provider *p)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		const struct question *q = questions + i;
		if ((q->slug && p->slug && strcmp(q->slug, p->slug) == 0) || is_at(p, q->host))
			return q;
	}
	return NULL;
}

static enum keycheck_state
state_of(const struct err *e)
{
	switch (e->kind) {
	case ERR_NONE:
		return KEYCHECK_OK;
	case ERR_AUTH:
		return KEYCHECK_REJECTED;
	case ERR_NOKEY:
	case ERR_CONFIG:
		return KEYCHECK_NOKEY;
	case ERR_USAGE:   /* its wire has no list */
	case ERR_NOMODEL: /* its list isn't there */
		return KEYCHECK_UNCHECKED;
	default:
		return e->http || e->kind == ERR_PROTOCOL ? KEYCHECK_ERROR : KEYCHECK_UNREACHABLE;
	}
}

/* The provider's name is in the row already. */
static void
set_message(struct keycheck *k, const char *msg)
{
	size_t n = strlen(k->p->name);

	if (str_starts(msg, k->p->name) && str_starts(msg + n, ": "))
		msg += n + 2;
	snprintf(k->message, sizeof(k->message), "%s", msg);
}

/* e: why not; or of kind ERR_NONE. */
static void
finish(struct call *c, const struct err *e)
{
	struct keycheck *k = c->k;

	c->over = 1;
	k->state = state_of(e);
	if (e->kind)
		set_message(k, e->msg);
	provider_hide_secret(k->p, k->message);
	listing_call_release(&c->out);
	buf_release(&c->body);
}

static int
read_list(struct call *c, struct err *e)
{
	struct models m = MODELS_INIT;
	int r = models_parse(&m, buf_str(&c->body), c->body.len, e);

	models_release(&m);
	return r;
}

static int
read_told(struct call *c, struct err *e)
{
	struct json j = JSON_INIT;
	struct err why;
	int r;

	if (json_parse(&j, buf_str(&c->body), c->body.len, &why))
		r = err_set(e, ERR_PROTOCOL, "%d, but not JSON", c->status);
	else
		r = c->question->told(c->k, &j, e);
	json_release(&j);
	return r;
}

/* What the answer means. */
static int
read_answer(struct call *c, struct err *e)
{
	if (c->status == 200 && (c->question ? read_told(c, e) : read_list(c, e)) == 0)
		return 0;
	return listing_error(c->status, buf_str(&c->body), c->body.len, e);
}

static void start(struct call *c);
static void start_next(struct run *r);

static void
on_head(void *arg, int status)
{
	struct call *c = arg;

	c->status = status;
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct call *c = arg;

	c->too_big = n > BODY_MAX - c->body.len;
	if (!c->too_big)
		buf_add(&c->body, p, n);
	return c->too_big;
}

static void
on_done(void *arg, const struct err *failed)
{
	struct call *c = arg;
	struct err e = {0};

	c->xfer = NULL;
	c->run->active--;
	c->k->ms = tm_mono_ms() - c->start_ms;
	if (failed)
		e = *failed;
	else if (c->too_big)
		err_set(&e, ERR_PROTOCOL, "an answer of more than %zu bytes", BODY_MAX);
	else
		read_answer(c, &e);
	if (c->question && c->question->or_list && e.kind == ERR_NOMODEL) {
		c->question = NULL;
		listing_call_release(&c->out);
		buf_clear(&c->body);
		start(c);
	} else {
		finish(c, &e);
	}
	start_next(c->run);
	if (!c->run->active)
		loop_stop(c->run->loop);
}

/* The URL, and the call with its key. */
static int
make_call(struct call *c, struct err *e)
{
	struct provider *p = c->k->p;
	struct buf url = BUF_INIT;
	int r = c->question ? listing_other_url(&url, p, c->question->path, e) : listing_url(&url, p, "models", e);

	free(c->k->url);
	c->k->url = NULL;
	if (r == 0)
		r = listing_other_call(&c->out, p, url.p, e);
	if (r == 0)
		c->k->url = buf_take(&url);
	buf_release(&url);
	return r;
}

static int64_t
pick(int64_t said, int64_t row, int64_t otherwise)
{
	return said ? said : row ? row : otherwise;
}

static void
start(struct call *c)
{
	const struct keycheck_limits *l = c->run->limits;
	const struct provider *p = c->k->p;
	struct err e = {0};

	if (make_call(c, &e)) {
		finish(c, &e);
		return;
	}
	const struct http_req req = {.method = "GET",
	    .url = c->out.url.p,
	    .header = (const char *const *)c->out.header,
	    .connect_ms = pick(l->connect_ms, p->connect_ms, CONNECT_MS),
	    .first_ms = pick(l->idle_ms, p->first_ms, IDLE_MS),
	    .idle_ms = pick(l->idle_ms, p->idle_ms, IDLE_MS),
	    .compressed = 1,
	    .arg = c,
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done};
	c->start_ms = tm_mono_ms();
	c->status = c->too_big = 0;
	c->run->active++;
	c->xfer = http_start(c->run->http, &req);
}

/* Fills what is free of the room for checks. */
static void
start_next(struct run *r)
{
	while (r->next < r->n && r->active < r->limits->parallel) {
		struct call *c = r->call + r->next++;
		if (!c->over)
			start(c);
	}
}

static void
on_deadline(void *arg)
{
	struct run *r = arg;
	struct err e = {0};

	err_set(&e, ERR_DEADLINE, "no whole answer after %g s", (double)r->limits->total_ms / 1000);
	for (size_t i = 0; i < r->n; i++) {
		struct call *c = r->call + i;
		if (c->over)
			continue;
		if (c->xfer) {
			http_cancel(c->xfer);
			c->k->ms = tm_mono_ms() - c->start_ms;
		}
		finish(c, &e);
	}
	loop_stop(r->loop);
}

/* Before any call, as a key's command blocks: its time is nobody's answer. Ends what needs no call. -1: a signal. */
static int
find_key(struct call *c, struct err *e)
{
	struct provider *p = c->k->p;
	struct err why = {0};

	if (provider_key(p, &why)) {
		if (why.kind == ERR_SIGNAL) {
			*e = why;
			return -1;
		}
		finish(c, &why);
		c->k->state = KEYCHECK_NOKEY;
	} else if (strcmp(p->wire, "mock") == 0) {
		finish(c, &why);
	} else if (c->question && !c->question->path) {
		err_set(&why, ERR_USAGE, "its list of models is public, and nothing else is free of charge");
		finish(c, &why);
	}
	return 0;
}

static int
find_keys(struct run *r, struct keycheck *v, int64_t until_ms, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		struct call *c = r->call + i;
		struct provider *p = v[i].p;
		v[i] = (struct keycheck){.p = p, .ms = -1};
		p->until_ms = until_ms;
		*c = (struct call){
		    .run = r, .k = v + i, .question = question_for(p), .out = LISTING_CALL_INIT, .body = BUF_INIT};
		if (find_key(c, e))
			return -1;
	}
	return 0;
}

static int
run_loop(struct run *r, int64_t until_ms, struct err *e)
{
	struct loop_timer *deadline = NULL;

	r->loop = loop_new(e);
	r->http = r->loop ? http_new(r->loop, e) : NULL;
	if (!r->http)
		return -1;
	if (until_ms) {
		int64_t left_ms = until_ms - tm_mono_ms();
		deadline = loop_timer_new(r->loop, on_deadline, r);
		loop_timer_set(deadline, left_ms > 0 ? left_ms : 0);
	}
	start_next(r);
	if (r->active)
		loop_run(r->loop);
	loop_timer_free(deadline);
	return 0;
}

int
keycheck_run(struct keycheck *v, size_t n, const struct keycheck_limits *limits, struct err *e)
{
	struct run r = {.call = xcalloc(n ? n : 1, sizeof(struct call)), .n = n, .limits = limits};
	int64_t until_ms = limits->total_ms ? tm_mono_ms() + limits->total_ms : 0;
	int ret = find_keys(&r, v, until_ms, e) || run_loop(&r, until_ms, e) ? -1 : 0;

	http_free(r.http);
	loop_free(r.loop);
	free(r.call);
	return ret;
}

void
keycheck_release(struct keycheck *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].url);
}
