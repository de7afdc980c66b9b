/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "conf.h"
#include "err.h"
#include "http.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "play.h"
#include "providers.h"
#include "retry.h"
#include "str.h"
#include "tm.h"
#include "wire/decoder.h"
#include "wire/mock.h"

#define LINGER_MS 250 /* for the end of HTTP, once the answer itself has ended */

struct trial {
	struct trial_spec s;
	struct trial_env *env;
	const struct wire *wire;
	struct wire_call call;
	struct http_xfer *xfer; /* one of these two runs */
	struct play_run *play;
	struct loop_timer *total; /* total= of the provider's row, then the linger */
	struct decoder decoder;
	int decoding; /* the decoder is initialised */
	int lingers;  /* the answer has ended, the connection not yet */
	int http;
	int64_t retry_after_ms;
};

static void
free_trial(struct trial *t)
{
	if (t->decoding)
		decoder_release(&t->decoder);
	loop_timer_free(t->total);
	wire_call_release(&t->call);
	free(t);
}

void
trial_cancel(struct trial *t)
{
	if (t->xfer)
		http_cancel(t->xfer);
	if (t->play)
		play_cancel(t->play);
	free_trial(t);
}

static void
on_header(void *arg, const char *name, const char *value)
{
	struct trial *t = arg;
	int64_t ms = retry_after_ms(name, value, tm_now_ms());

	if (ms && (!t->retry_after_ms || strcmp(name, "retry-after-ms") == 0))
		t->retry_after_ms = ms;
}

static int
on_event(void *arg, const struct event *ev)
{
	struct trial *t = arg;
	struct event clean = *ev;
	struct err e;

	if (ev->type == EVENT_ERROR) {
		e = *ev->err;
		provider_hide_secret(t->s.candidate->provider, e.msg);
		clean.err = &e;
		clean.raw = NULL;
		clean.raw_len = 0;
	}
	return t->s.on_event(t->s.arg, &clean);
}

static void
on_head(void *arg, int status)
{
	struct trial *t = arg;

	t->http = status;
	decoder_init(&t->decoder, t->wire, status, on_event, t);
	t->decoding = 1;
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct trial *t = arg;
	int r = decoder_feed(&t->decoder, p, n);

	if (t->s.on_read && t->s.on_read(t->s.arg))
		r = -1;
	if (!r && !t->lingers && t->decoder.form == DECODER_STREAM && t->decoder.ended) {
		t->lingers = 1;
		loop_timer_set(t->total, LINGER_MS);
	}
	return r;
}

/* What the answer came to, from its own end and from the transport's. An answer that is complete may have a broken end of HTTP. */
static void
judge(struct trial *t, const struct err *transport, struct err *e)
{
	if (!t->decoding) {
		*e = *transport;
		return;
	}
	int told = t->decoder.failed.kind != ERR_NONE;
	int r = decoder_end(&t->decoder, e);
	if (t->s.on_read && !t->decoder.stopped)
		t->s.on_read(t->s.arg);
	if (r == 0)
		return;
	if (transport && !told && t->http < 300)
		*e = *transport;
	if (!e->retry_after_ms)
		e->retry_after_ms = t->retry_after_ms;
}

static void
on_done(void *arg, const struct err *transport)
{
	struct trial *t = arg;
	struct trial_spec s = t->s;
	struct err e = {0}, none = {0};
	int http, repaired;

	t->xfer = NULL;
	t->play = NULL;
	if (!t->decoding && !transport) {
		err_set(&none, ERR_TEMPORARY, "empty answer");
		transport = &none;
	}
	judge(t, transport, &e);
	provider_hide_secret(t->s.candidate->provider, e.msg);
	http = t->http;
	repaired = t->decoding ? t->decoder.n_repaired : 0;
	free_trial(t);
	s.on_done(s.arg, &e, http, repaired);
}

static void
total_over(void *arg)
{
	struct trial *t = arg;
	struct err e = {0};

	if (t->xfer)
		http_cancel(t->xfer);
	if (t->play)
		play_cancel(t->play);
	err_set(&e, ERR_TEMPORARY, "not done in %g s", (double)t->s.total_ms / 1000);
	on_done(t, t->lingers ? NULL : &e);
}

static void
add_auth(const struct provider *p, struct buf *header, struct buf *url)
{
	static const char *const forms[] = {
	    [AUTH_BEARER] = "Authorization: Bearer ",
	    [AUTH_X_API_KEY] = "x-api-key: ",
	    [AUTH_API_KEY] = "api-key: ",
	    [AUTH_X_GOOG_API_KEY] = "x-goog-api-key: ",
	};

	if (!p->secret || !*p->secret || p->auth == AUTH_NONE)
		return;
	if (p->auth == AUTH_QUERY) {
		buf_reserve(
		    url, strlen("?key=") + 3 * strlen(p->secret)); /* growing would leave copies of the key behind */
		buf_adds(url, strchr(buf_str(url), '?') ? "&key=" : "?key=");
		str_percent(url, p->secret, "");
		return;
	}
	buf_adds(header, forms[p->auth]);
	buf_adds(header, p->secret);
}

static void
send_http(struct trial *t, struct http_req *r)
{
	const struct provider *p = t->s.candidate->provider;
	const char **header = xcalloc(p->n_header + 4, sizeof(*header));
	struct buf auth = BUF_INIT;
	size_t n = 0;

	add_auth(p, &auth, &t->call.url);
	header[n++] = "Content-Type: application/json";
	header[n++] = "Accept: text/event-stream, application/json";
	if (auth.len)
		header[n++] = auth.p;
	for (size_t i = 0; i < p->n_header; i++)
		header[n++] = p->header[i];
	r->method = "POST";
	r->url = buf_str(&t->call.url);
	r->header = header;
	r->body = &t->call.body;
	t->xfer = http_start(t->env->http, r);
	mem_wipe_free(buf_take(&auth));
	free(header);
}

static int
send(struct trial *t, struct err *e)
{
	const struct candidate *c = t->s.candidate;
	struct http_req r = {
	    .arg = t,
	    .connect_ms = t->s.connect_ms,
	    .first_ms = t->s.first_ms,
	    .idle_ms = t->s.idle_ms,
	    .on_header = on_header,
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done,
	};

	if (strcmp(c->provider->wire, "mock") == 0) {
		struct play play = PLAY_INIT;
		if (mock_play(&play, c->model, t->s.request, t->s.number, e)) {
			play_release(&play);
			return -1;
		}
		t->play = play_start(t->env->loop, &play, &r);
		return 0;
	}
	if (t->wire->encode(&t->call, c->provider, c->model, t->s.request, t->s.lossy, t->s.lost, e))
		return -1;
	c->provider->until_ms = t->s.until_ms;
	if (provider_key(c->provider, e))
		return -1;
	if (!t->env->http && !(t->env->http = http_new(t->env->loop, e)))
		return -1;
	send_http(t, &r);
	return 0;
}

/* A test build can be told to have a fault of our own. */
static int
own_fault(struct err *e)
{
#ifdef OR_FAULTS
	if (conf_env("OR_FAULT_INTERNAL"))
		return err_set(e, ERR_INTERNAL, "a fault was asked for");
#endif
	(void)e;
	return 0;
}

struct trial *
trial_start(struct trial_env *env, const struct trial_spec *s, struct err *e)
{
	struct trial *t = xcalloc(1, sizeof(*t));

	t->s = *s;
	t->env = env;
	t->wire = wire_get(s->candidate->provider->wire);
	t->total = loop_timer_new(env->loop, total_over, t);
	if (!t->wire)
		err_set(e, ERR_USAGE, "the %s wire is not built into this version", s->candidate->provider->wire);
	if (!t->wire || own_fault(e) || send(t, e)) {
		free_trial(t);
		return NULL;
	}
	if (s->total_ms > 0)
		loop_timer_set(t->total, s->total_ms);
	return t;
}
