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
#include "wire/modern.h"
#include "wire/service.h"
#include "wire/splice.h"

#define LINGER_MS 250 /* for the end of HTTP, once the answer itself has ended */

/* What each read of a stream needs stands first. */
struct trial {
	struct trial_spec s;
	int http;
	int decoding;            /* the decoder is initialised */
	int lingers;             /* the answer has ended, the connection not yet */
	int is_own, asks_stream; /* the format is the request's own */
	struct decoder decoder;
	struct trial_env *env;
	const struct wire *wire;
	struct wire_call call;
	struct http_xfer *xfer; /* one of these two runs */
	struct play_run *play;
	struct loop_timer *total; /* total= of the provider's row, then the linger; NULL: neither yet */
	struct splice_units units;
	int64_t retry_after_ms;
};

static void
free_trial(struct trial *t)
{
	if (t->decoding)
		decoder_release(&t->decoder);
	loop_timer_free(t->total);
	wire_call_release(&t->call);
	buf_release(&t->units.unit);
	mem_pool_give(&t->env->trials, t);
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

void
trial_pause(struct trial *t)
{
	if (t->xfer)
		http_pause(t->xfer);
	if (t->play)
		play_pause(t->play);
}

void
trial_resume(struct trial *t)
{
	if (t->xfer)
		http_resume(t->xfer);
	else if (t->play)
		play_resume(t->play);
}

int
trial_http(const struct trial *t)
{
	return t->http;
}

static void
on_sent(void *arg)
{
	struct trial *t = arg;

	t->s.on_sent(t->s.arg);
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
		clean.more = NULL;
	}
	return t->s.on_event(t->s.arg, &clean);
}

static void
on_head(void *arg, int status)
{
	struct trial *t = arg;

	t->http = status;
	decoder_init(&t->decoder, t->wire, status, on_event, t);
	t->decoder.wants_more = t->s.format && strcmp(t->s.format, t->wire->name) == 0;
	t->decoding = 1;
}

static void
give_unit(struct trial *t)
{
	if (t->units.unit.len)
		t->s.on_raw(t->s.arg, t->units.unit.p, t->units.unit.len);
	buf_clear(&t->units.unit);
	t->units.in_line = 0;
}

/* Until the form is known, byte for byte: no event comes of that. */
static int
feed_own(struct trial *t, const char *p, size_t n)
{
	struct decoder *d = &t->decoder;
	size_t used;
	int r = 0, whole;

	for (; n && !r; p += used, n -= used) {
		int known = d->form != DECODER_SNIFF;
		whole = 0;
		used = n;
		t->units.framing = d->framing;
		if (!known || d->form == DECODER_STREAM)
			used = splice_feed(&t->units, p, known ? n : 1, &whole);
		r = decoder_feed(d, p, used);
		if (!known && d->form != DECODER_SNIFF)
			t->s.on_own(t->s.arg,
			    splice_form(t->wire->name, t->asks_stream, d->form == DECODER_STREAM, d->framing));
		if ((whole || t->units.unit.len > DECODER_MAX_BODY) && known && !d->failed.kind)
			give_unit(t);
	}
	return r;
}

static void total_over(void *arg);

static void
set_total(struct trial *t, int64_t ms)
{
	if (!t->total)
		t->total = loop_timer_new(t->env->loop, total_over, t);
	loop_timer_set(t->total, ms);
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct trial *t = arg;
	int r = t->is_own && t->http < 300 ? feed_own(t, p, n) : decoder_feed(&t->decoder, p, n);

	if (t->s.on_read && t->s.on_read(t->s.arg))
		r = -1;
	if (!r && !t->lingers && t->decoder.form == DECODER_STREAM && t->decoder.ended) {
		t->lingers = 1;
		set_total(t, LINGER_MS);
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
	if (t->is_own && t->http < 300 && !t->decoder.stopped && r == 0 && t->decoder.form == DECODER_WHOLE)
		t->s.on_raw(t->s.arg, buf_str(&t->decoder.body), t->decoder.body.len);
	else if (t->is_own && t->http < 300 && !t->decoder.stopped && r == 0)
		give_unit(t);
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
add_header(const char ***v, size_t *n, size_t *cap, const char *line)
{
	*v = mem_grow(*v, *n, cap, sizeof(**v));
	(*v)[(*n)++] = line;
}

/* NULL: anything, as libcurl says by itself. */
static const char *
accepted(const struct trial *t)
{
	return t->call.stream && !t->wire->framing ? "Accept: text/event-stream, application/json" : NULL;
}

/* The call's header lines, which are cut up in place, those of the provider's row, and those of all calls of the wire. */
static const char **
headers(struct trial *t, const struct service *service)
{
	const struct provider *p = t->s.candidate->provider;
	const char **v = NULL;
	size_t n = 0, cap = 0;

	add_header(&v, &n, &cap, "Content-Type: application/json");
	if (accepted(t))
		add_header(&v, &n, &cap, accepted(t));
	for (const char *const *h = service->header; h && *h; h++)
		add_header(&v, &n, &cap, *h);
	for (char *line = t->call.header.p, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		add_header(&v, &n, &cap, line);
	}
	for (size_t i = 0; i < p->n_header; i++)
		add_header(&v, &n, &cap, p->header[i]);
	add_header(&v, &n, &cap, NULL);
	return v;
}

static int
send_http(struct trial *t, struct http_req *r, struct err *e)
{
	struct provider *p = t->s.candidate->provider;
	const struct service *service = service_get(p->wire);

	if (service_authorise(service, &t->call, p, "POST", tm_now_ms() / 1000, e))
		return -1;
	const char **header = headers(t, service);
	r->method = "POST";
	r->is_whole = !t->call.stream;
	r->url = buf_str(&t->call.url);
	r->header = header;
	r->body = &t->call.body;
	t->xfer = http_start(t->env->http, r);
	wire_call_release(&t->call); /* libcurl has copies of what holds the key */
	free(header);
	return 0;
}

/* Servers of the openai wire know the old ways of a request themselves. */
static int
encode(struct trial *t, const struct wire_ask *ask, struct err *e)
{
	struct wire_ask as = *ask;
	struct json modern = JSON_INIT;
	struct buf text = BUF_INIT;
	int r = 0;

	if (strcmp(t->wire->name, "openai") != 0 && modern_request(ask->request, &text)) {
		r = json_parse(&modern, text.p, text.len, e);
		as.request = &modern;
	}
	if (!r)
		r = t->wire->encode(&t->call, &as, t->s.lost, e);
	json_release(&modern);
	buf_release(&text);
	return r;
}

/* The request's own body in place of what was encoded. */
static void
take_own(struct trial *t)
{
	const struct candidate *c = t->s.candidate;
	struct buf body = BUF_INIT;
	struct err why;

	if (!t->s.own || strcmp(t->s.own->format, t->wire->name) != 0)
		return;
	t->is_own = splice_request(t->s.own, c->model, c->cache, &body, &why) == 0;
	t->asks_stream = t->call.stream;
	if (t->is_own) {
		buf_clear(&t->call.body);
		buf_add(&t->call.body, body.p, body.len);
		if (t->s.own->beta)
			buf_addf(&t->call.header, "anthropic-beta: %s\n", t->s.own->beta);
	}
	buf_release(&body);
}

static int
send_play(struct trial *t, const struct http_req *r, struct err *e)
{
	struct play play = PLAY_INIT;

	if (mock_play(&play, t->s.candidate->model, t->s.request, t->s.number, e)) {
		play_release(&play);
		return -1;
	}
	t->play = play_start(t->env->loop, &play, r);
	on_sent(t);
	return 0;
}

/* The request in the provider's format, or the very one of a client that speaks it; and the key. */
static int
prepare(struct trial *t, struct err *e)
{
	const struct candidate *c = t->s.candidate;
	const struct wire_ask ask = {.request = t->s.request,
	    .provider = c->provider,
	    .model = c->model,
	    .lossy = t->s.lossy,
	    .cache = c->cache};

	if (provider_ready(c->provider, e) || encode(t, &ask, e))
		return -1;
	take_own(t);
	if (!t->is_own && t->s.own && t->s.own->only)
		return err_set(e, ERR_DATA, "%s", t->s.own->only);
	c->provider->until_ms = t->s.until_ms;
	return provider_key(c->provider, e);
}

static int
send(struct trial *t, struct err *e)
{
	struct http_req r = {
	    .arg = t,
	    .connect_ms = t->s.connect_ms,
	    .first_ms = t->s.first_ms,
	    .idle_ms = t->s.idle_ms,
	    .on_sent = on_sent,
	    .on_header = on_header,
	    .header_prefix = "retry-after",
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done,
	};

	if (t->s.own && t->s.own->only && strcmp(t->s.own->format, t->wire->name) != 0)
		return err_set(e, ERR_DATA, "%s", t->s.own->only);
	if (strcmp(t->s.candidate->provider->wire, "mock") == 0)
		return send_play(t, &r, e);
	if (prepare(t, e))
		return -1;
	if (!t->env->http && !(t->env->http = http_new(t->env->loop, e)))
		return -1;
	return send_http(t, &r, e);
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
	struct trial *t = mem_pool_take(&env->trials, sizeof(*t));

	t->s = *s;
	t->env = env;
	t->wire = (s->wire ? s->wire : env->wire)(s->candidate->provider->wire);
	if (!t->wire)
		err_set(
		    e, ERR_NOMODEL, "a provider of wire %s has nothing for such a call", s->candidate->provider->wire);
	if (!t->wire || own_fault(e) || send(t, e)) {
		free_trial(t);
		return NULL;
	}
	if (s->total_ms > 0)
		set_total(t, s->total_ms);
	return t;
}
