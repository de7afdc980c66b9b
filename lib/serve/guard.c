/* SPDX-License-Identifier: ISC */
/*
 * Who may ask. Without keys: this machine alone, and none of its browsers' pages, which can send requests to it that they can't read the
 * answers of: a name that isn't this machine's (a page's own name that was made to lead here), an Origin, a body of a type that needs no
 * leave. With keys: whoever has one that is of the right kind.
 */
#include <string.h>

#include "err.h"
#include "loopback.h"
#include "serve/app_priv.h"
#include "str.h"
#include "tm.h"

#define MAX_HOST 128

static int
is_loopback(const char *host)
{
	char url[MAX_HOST + 16] = "http://";

	return strlen(host) < MAX_HOST && !strpbrk(host, "/@?#") && strlcat(url, host, sizeof(url)) < sizeof(url) &&
	    loopback_url(url);
}

/* "127.0.0.1:41234", "[::1]:41234", "[::ffff:127.0.0.1]:41234" */
static int
is_local_peer(const struct exchange *x)
{
	const char *peer = exchange_peer(x);

	return exchange_is_unix(x) || is_loopback(peer) || str_starts(peer, "[::ffff:127.");
}

int
guard_is_cors(const struct visit *v)
{
	const char *origin = http1_get(exchange_request(v->x), "origin"), *cors = v->app->s.options->cors;

	return origin && cors && strcmp(origin, cors) == 0;
}

static int
is_json(const struct http1 *h)
{
	const char *type = http1_get(h, "content-type");
	static const char json[] = "application/json";
	char word[sizeof(json)] = "";

	if (type && strcspn(type, "; \t") == sizeof(json) - 1)
		memcpy(word, type, sizeof(json) - 1);
	return str_ieq(word, json);
}

static int
refuse(struct err *e, enum err_kind kind, int http, const char *why)
{
	err_set(e, kind, "%s", why);
	e->http = http;
	return -1;
}

/* No keys are set: what a page in a browser could send is refused, and so is who would shut out all others, though it isn't the owner of the ledger. */
static int
enter_open(struct visit *v, const struct path *p, struct err *e)
{
	const struct http1 *h = exchange_request(v->x);
	static const char *const passed_on[] = {"forwarded", "x-forwarded-for", "x-real-ip", "via"};
	const char *host = http1_get(h, "host");

	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		if (http1_get(h, passed_on[i]))
			return refuse(
			    e, ERR_AUTH, 403, "without keys nobody is served through a proxy: or-key new makes one");
	if (v->app->s.options->open_to_all)
		return refuse(e, ERR_AUTH, 401, "there are no keys yet: or-key new makes one");
	if (!is_local_peer(v->x))
		return refuse(e, ERR_AUTH, 403, "without keys only this machine is served");
	if (!exchange_is_unix(v->x) && (host || h->minor > 0) && !is_loopback(host ? host : ""))
		return refuse(
		    e, ERR_AUTH, 403, "without keys Host must be a name of this machine: localhost, 127.0.0.1, [::1]");
	if (http1_get(h, "origin") && !guard_is_cors(v))
		return refuse(e, ERR_AUTH, 403, "without keys pages of browsers aren't served (Origin)");
	if ((strcmp(h->method, "POST") == 0 || strcmp(h->method, "PATCH") == 0) && !is_json(h))
		return refuse(e, ERR_DATA, 415, "without keys Content-Type must be application/json");
	if (p->who == WHO_MANAGES && strcmp(p->method, "GET") != 0)
		return refuse(e, ERR_AUTH, 403, "only a management key may do this: or-key new --management makes one");
	return 0;
}

int
guard_enter(struct visit *v, const struct path *p, struct err *e)
{
	struct app *a = v->app;

	if (p->who == WHO_ALL)
		return 0;
	if (gate_is_open(a->gate))
		return enter_open(v, p, e);
	int r = gate_enter(a->gate, exchange_request(v->x), tm_now_ms(), &v->key, e);
	if (r)
		return r;
	if (p->who == WHO_MANAGES && v->key && !v->key->key.management)
		return refuse(e, ERR_AUTH, 403, "only a management key may do this");
	if (p->who == WHO_CALLS && v->key && v->key->key.management)
		return refuse(e, ERR_AUTH, 403, "a management key makes no calls");
	return 0;
}
