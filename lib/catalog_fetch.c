/* SPDX-License-Identifier: ISC */
/* Lists from the network, and how their copies are kept: part of catalog.h. */
#include "catalog.h"

#include <stdio.h>
#include <string.h>

#include "catalog_priv.h"
#include "conf.h"
#include "err.h"
#include "fetch.h"
#include "json.h"
#include "jsonw.h"
#include "listing.h"
#include "providers.h"
#include "str.h"
#include "tm.h"

#define CONNECT_MS 10000
#define IDLE_MS 300000

static void
set_warning(struct catalog *c, const char *text)
{
	snprintf(c->warning, sizeof(c->warning), "%s", text);
}

static int
make_dir(struct err *e)
{
	struct buf dir = BUF_INIT;

	conf_cache_dir(&dir);
	int r = conf_mkdirs(buf_str(&dir), e);
	buf_release(&dir);
	return r;
}

/* A cache that can't be written is no reason to fail. */
static void
write_cache(struct catalog *c, const struct catalog_source *s)
{
	struct buf b = BUF_INIT;
	struct jsonw w;
	struct err e;

	if (!s->path.len) {
		set_warning(c, "the list is not cached: neither XDG_CACHE_HOME nor HOME is set");
		return;
	}
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "url");
	jsonw_str(&w, s->url.p);
	jsonw_key(&w, "etag");
	jsonw_str(&w, c->etag);
	jsonw_key(&w, "fetched");
	jsonw_int(&w, tm_now_ms() / 1000);
	jsonw_key(&w, "bytes");
	jsonw_int(&w, (int64_t)c->len);
	jsonw_end_object(&w);
	buf_addc(&b, '\n');
	if (!c->models.endpoints)
		models_index(&c->models, &b);
	buf_addc(&b, '\n');
	buf_add(&b, c->body, c->len);
	if (make_dir(&e) || conf_replace(s->path.p, b.p, b.len, &e)) {
		err_wrap(&e, "the list is not cached");
		set_warning(c, e.msg);
	}
	buf_release(&b);
}

/* What came becomes the list of c, whose old one may be kept. */
static int
take_answer(struct catalog *c, const struct catalog_source *s, struct fetch *f, struct err *e)
{
	struct catalog fresh = CATALOG_INIT;

	if (f->status == 304 && c->etag) {
		c->age_s = 0;
		c->from_cache = 0;
		return 0;
	}
	if (f->status != 200)
		return listing_error(f->status, buf_str(&f->body), f->body.len, e);
	fresh.file = f->body;
	f->body = (struct buf)BUF_INIT;
	if (catalog_take(&fresh, 0, e)) {
		f->body = fresh.file;
		fresh.file = (struct buf)BUF_INIT;
		catalog_release(&fresh);
		return listing_error(f->status, buf_str(&f->body), f->body.len, e);
	}
	if (fresh.models.n == 0 && c->models.n &&
	    !str_starts(s->what, LISTING_ASKED)) { /* a slip of the provider's: what is cached says more */
		catalog_release(&fresh);
		return err_set(e, ERR_PROTOCOL, "an empty list");
	}
	fresh.etag = f->etag;
	f->etag = NULL;
	catalog_release(c);
	*c = fresh;
	return 0;
}

static int
fetch_list(struct catalog *c, const struct catalog_source *s, struct err *e)
{
	const struct provider *p = s->p;
	struct fetch f = FETCH_INIT;
	struct listing_call call = LISTING_CALL_INIT;
	int r = listing_call(&call, s->p, s->url.p, c->etag, e);

	if (r == 0) {
		f.url = call.url.p;
		f.header = (const char *const *)call.header;
		f.connect_ms = p->connect_ms ? p->connect_ms : CONNECT_MS;
		f.first_ms = p->first_ms ? p->first_ms : IDLE_MS;
		f.idle_ms = p->idle_ms ? p->idle_ms : IDLE_MS;
		f.total_ms = p->total_ms;
		f.max = CATALOG_MAX;
		r = fetch_run(&f, s->loop, s->http, e);
		if (r == 0)
			r = take_answer(c, s, &f, e);
		if (r) {
			provider_hide_secret(p, e->msg);
			err_wrap(e, "%s", p->name);
		}
	}
	fetch_release(&f);
	listing_call_release(&call);
	return r;
}

/* Does an old list serve where a new one can't be had? Not where the provider says no. */
static int
stale_will_do(enum err_kind k)
{
	return k == ERR_UNREACHABLE || k == ERR_HOST || k == ERR_TEMPORARY || k == ERR_DEADLINE || k == ERR_PROTOCOL;
}

static int
refresh(struct catalog *c, const struct catalog_source *s, struct err *e)
{
	struct buf when = BUF_INIT;
	int64_t age_s = c->age_s;

	if (fetch_list(c, s, e) == 0) {
		write_cache(c, s);
		return 0;
	}
	if (s->mode == CATALOG_FRESH && c->from_cache && stale_will_do(e->kind)) {
		if (age_s == INT64_MAX)
			buf_adds(&when, "unknown age");
		else
			tm_iso(&when, tm_now_ms() / 1000 - age_s);
		err_wrap(e, "using the list of %s", buf_str(&when));
		set_warning(c, e->msg);
		err_clear(e);
		buf_release(&when);
		return 0;
	}
	if (s->mode == CATALOG_FRESH && (e->kind == ERR_UNREACHABLE || e->kind == ERR_HOST) && !e->http)
		catalog_hint(e, s);
	return -1;
}

static int
load(struct catalog *c, const struct catalog_source *s, int64_t max_age_s, struct err *e)
{
	int cached = catalog_read(c, s) == 0;

	if (cached && s->mode == CATALOG_FRESH && c->age_s < max_age_s)
		return 0;
	return refresh(c, s, e);
}

int
catalog_load(struct catalog *c, struct provider *p, const char *what, enum catalog_mode mode, int64_t max_age_s,
    struct loop *l, struct http *h, struct err *e)
{
	struct catalog_source s = {.p = p, .what = what, .mode = mode, .loop = l, .http = h};
	struct err own = {0};
	int r;

	if (mode == CATALOG_CACHED || catalog_is_built_in(p, what))
		return catalog_cached(c, p, what, e);
	e = e ? e : &own;
	*c = (struct catalog)CATALOG_INIT;
	r = catalog_find(&s, e);
	if (!r)
		r = load(c, &s, max_age_s, e);
	if (r)
		catalog_release(c);
	catalog_source_release(&s);
	return r;
}

int
catalog_fresh(struct catalog *c, struct provider *p, const char *what, struct err *e)
{
	return catalog_load(c, p, what, CATALOG_FRESH, catalog_max_age_s(what), NULL, NULL, e);
}
