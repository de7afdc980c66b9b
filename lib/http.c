/* SPDX-License-Identifier: ISC */
#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "http_priv.h"
#include "loop.h"
#include "mem.h"
#include "tm.h"

#define MAX_IDLE_CONNECTIONS 256
#define MAX_SPARE 256        /* transfers that are over, kept for the next ones */
#define PAUSED_CHECK_MS 1000 /* silence isn't counted meanwhile */

static void
unlink_xfer(struct http_xfer *x)
{
	*x->link = x->next;
	if (x->next)
		x->next->link = x->link;
}

static void
free_xfer(struct http_xfer *x)
{
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->headers);
	curl_url_cleanup(x->parts);
	free(x->url);
	loop_timer_free(x->idle);
	free(x);
}

/* Kept for the next one, with all that is set for every transfer; or freed. */
static void
drop_xfer(struct http_xfer *x)
{
	struct http *h = x->h;

	curl_multi_remove_handle(h->multi, x->easy);
	buf_release(&x->body);
	if (!x->whole || h->n_spare >= MAX_SPARE) {
		free_xfer(x);
		return;
	}
	if (x->idle)
		loop_timer_stop(x->idle);
	x->next = h->spare;
	h->spare = x;
	h->n_spare++;
}

/* libcurl must not be asked to free a transfer from inside one of its callbacks. */
static void
bury(struct http *h)
{
	while (h->dead && !h->in_curl) {
		struct http_xfer *x = h->dead;
		h->dead = x->next;
		drop_xfer(x);
	}
}

static void
finish(struct http_xfer *x, const struct err *e)
{
	void (*done)(void *, const struct err *) = x->r.on_done;
	void *arg = x->r.arg;

	unlink_xfer(x);
	drop_xfer(x);
	done(arg, e);
}

static void
tell_head(struct http_xfer *x)
{
	long status = 0;

	if (x->started)
		return;
	x->started = 1;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (x->r.on_head && status)
		x->r.on_head(x->r.arg, (int)status);
}

/* How long this transfer may be silent now. 0: for ever. */
static int64_t
limit_of(const struct http_xfer *x)
{
	return x->body_seen ? x->r.idle_ms : x->r.first_ms;
}

static void
finish_code(struct http_xfer *x, CURLcode code)
{
	struct err e = {0};

	tell_head(x);
	x->whole = code == CURLE_OK;
	if (x->huge_head)
		err_set(&e, ERR_PROTOCOL, "headers of more than %d bytes", HTTP_MAX_HEAD);
	else if (x->silent)
		err_set(&e, ERR_TEMPORARY, "silent for %g s", (double)limit_of(x) / 1000);
	else if (code != CURLE_OK && !x->enough)
		http_error((int)code, *x->why ? x->why : curl_easy_strerror(code), &e);
	if (x->silent)
		e.sys = ETIMEDOUT;
	finish(x, e.kind ? &e : NULL);
}

static void
reap(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_xfer *x;
		CURLcode code = m->data.result;
		if (m->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&x) == CURLE_OK)
			finish_code(x, code);
	}
}

static void
drive(void *arg, curl_socket_t fd, int mask)
{
	struct http *h = arg;
	int running;

	h->in_curl++;
	curl_multi_socket_action(h->multi, fd, mask, &running);
	h->in_curl--;
	bury(h);
	reap(h);
	loop_dealt(h->loop);
}

static void
timer_fired(void *arg)
{
	drive(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int
on_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_stop(h->timer);
	else
		loop_timer_set(h->timer, ms);
	return 0;
}

struct http *
http_new(struct loop *l, struct err *e)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->loop = l;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(h->multi = curl_multi_init())) {
		free(h);
		err_set(e, ERR_SYSTEM, "libcurl can't be initialised");
		return NULL;
	}
	h->to_proxy = xcheck(curl_slist_append(NULL, HTTP_USER_AGENT));
	h->timer = loop_timer_new(l, timer_fired, h);
	h->socks = http_socks_new(l, h->multi, drive, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE_CONNECTIONS);
	return h;
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	while (h->first)
		http_cancel(h->first);
	bury(h);
	for (struct http_xfer *x; (x = h->spare);) {
		h->spare = x->next;
		free_xfer(x);
	}
	curl_multi_cleanup(h->multi);
	http_socks_free(h->socks);
	loop_timer_free(h->timer);
	curl_slist_free_all(h->to_proxy);
	castore_release(&h->ca);
	free(h);
}

/* Header lines come one by one, those of a proxy's CONNECT and of 1xx answers too. */
static int
on_connected(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct http_xfer *x = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	if (x->r.on_sent)
		x->r.on_sent(x->r.arg);
	return CURL_PREREQFUNC_OK;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_xfer *x = arg;
	char name[128];

	(void)size;
	x->head_bytes += n;
	if (x->head_bytes > HTTP_MAX_HEAD) {
		x->huge_head = 1;
		return 0;
	}
	const char *colon = memchr(p, ':', n), *wanted = x->r.header_prefix;
	if (!x->r.on_header || !colon || (size_t)(colon - p) >= sizeof(name) ||
	    (wanted && strncasecmp(p, wanted, strlen(wanted)) != 0))
		return n;
	size_t len = (size_t)(colon - p);
	for (size_t i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)p[i]);
	name[len] = '\0';
	const char *v = colon + 1, *end = p + n;
	while (v < end && (*v == ' ' || *v == '\t'))
		v++;
	while (end > v && strchr(" \t\r\n", end[-1]))
		end--;
	char *value = xstrndup(v, (size_t)(end - v));
	x->r.on_header(x->r.arg, name, value);
	free(value);
	return x->cancelled ? 0 : n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_xfer *x = arg;

	(void)size;
	if (x->cancelled || x->enough)
		return CURL_WRITEFUNC_ERROR;
	if (x->paused)
		return CURL_WRITEFUNC_PAUSE;
	tell_head(x);
	if (!x->body_seen && x->idle && x->r.idle_ms > 0)
		loop_timer_set(x->idle, x->r.idle_ms);
	else if (!x->body_seen && x->idle)
		loop_timer_stop(x->idle);
	x->body_seen = 1;
	if (x->r.on_body && x->r.on_body(x->r.arg, p, n))
		x->enough = 1;
	/* after the callback: time it spent writing is not the provider's silence */
	x->last_ms = tm_mono_ms();
	return x->cancelled || x->enough ? CURL_WRITEFUNC_ERROR : n;
}

static void
idle_fired(void *arg)
{
	struct http_xfer *x = arg;
	int64_t left = limit_of(x) ? x->last_ms + limit_of(x) - tm_mono_ms() : x->r.idle_ms;

	if (x->paused)
		left = PAUSED_CHECK_MS;
	if (left > 0) {
		loop_timer_set(x->idle, left);
		return;
	}
	x->silent = 1;
	finish_code(x, CURLE_OPERATION_TIMEDOUT);
}

/* What is the same for all transfers. */
static struct http_xfer *
new_xfer(struct http *h)
{
	struct http_xfer *x = xcalloc(1, sizeof(*x));
	CURL *c = x->easy = xcheck(curl_easy_init());

	x->h = h;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); /* don't wait for a resolver that is silent */
#endif
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, x->why);
	curl_easy_setopt(c, CURLOPT_PRIVATE, x);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* what is compressed without being asked to be is decoded all the same */
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	http_socks_use(h->socks, c);
	return x;
}

/* One that served before is as a new one, but for what is set for all and what http_setup() sets. */
static struct http_xfer *
get_xfer(struct http *h)
{
	struct http_xfer *x = h->spare;

	if (!x)
		return new_xfer(h);
	h->spare = x->next;
	h->n_spare--;
	*x = (struct http_xfer){.h = h,
	    .easy = x->easy,
	    .url = x->url,
	    .parts = x->parts,
	    .headers = x->headers,
	    .idle = x->idle,
	    .trusts = x->trusts};
	return x;
}

struct http_xfer *
http_start(struct http *h, const struct http_req *r)
{
	struct http_xfer *x = get_xfer(h);

	x->r = *r;
	x->last_ms = tm_mono_ms();
	x->next = h->first;
	x->link = &h->first;
	if (x->next)
		x->next->link = &x->next;
	h->first = x;
	http_setup(x, r);
	if (r->first_ms > 0 || r->idle_ms > 0) {
		if (!x->idle)
			x->idle = loop_timer_new(h->loop, idle_fired, x);
		loop_timer_set(x->idle, r->first_ms > 0 ? r->first_ms : r->idle_ms);
	}
	h->in_curl++;
	curl_multi_add_handle(h->multi, x->easy);
	h->in_curl--;
	return x;
}

void
http_cancel(struct http_xfer *x)
{
	x->cancelled = 1;
	x->r.on_sent = NULL;
	x->r.on_header = NULL;
	x->r.on_head = NULL;
	x->r.on_body = NULL;
	unlink_xfer(x);
	if (x->h->in_curl) {
		x->next = x->h->dead;
		x->h->dead = x;
	} else {
		drop_xfer(x);
	}
}

void
http_pause(struct http_xfer *x)
{
	x->paused = 1;
}

void
http_resume(struct http_xfer *x)
{
	struct http *h = x->h;

	x->paused = 0;
	x->last_ms = tm_mono_ms();
	h->in_curl++; /* what libcurl held back comes from inside this call */
	curl_easy_pause(x->easy, CURLPAUSE_CONT);
	h->in_curl--;
	bury(h);
}
