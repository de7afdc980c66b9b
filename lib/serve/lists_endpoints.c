/* SPDX-License-Identifier: ISC */
/* Endpoints: those of a model, and all that keep nothing: part of lists. */
#include <string.h>

#include "catalog.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "listing.h"
#include "providers.h"
#include "serve/handlers.h"
#include "serve/lists_priv.h"

static void
put_raw(struct jsonw *w, const struct json *j, const char *key)
{
	size_t n;
	int node = json_get(j, 0, key);
	const char *s = json_raw(j, node, &n);

	jsonw_key(w, key);
	if (node < 0)
		jsonw_null(w);
	else
		jsonw_raw(w, s, n);
}

/* The row of the path's model, and what a call names it by: a name may be known to the router alone ("anthropic/claude-sonnet-5" of
 * "anthropic:claude-sonnet-5"). NULL: the error was answered. */
static const struct shelf_row *
row_of(struct visit *v, const struct shelf *s, const char **name)
{
	const struct shelf_row *r = shelf_find(s, v->part[0]);
	struct buf id = BUF_INIT;

	*name = r ? r->id : v->part[0];
	if (!r)
		r = lists_own_row(v, s, v->part[0]);
	if (!r)
		r = lists_row(v, s, &id);
	buf_release(&id);
	return r;
}

/* A model whose endpoints OpenRouter doesn't list: those of our own that serve it. */
static void
put_own(struct visit *v, const struct shelf *s, const struct shelf_row *r, const char *name)
{
	static const char *const keys[] = {"id", "name", "created", "description", "architecture"};
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct jsonw w;

	shelf_json(s, r, &j);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_object(&w);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		put_raw(&w, &j, keys[i]);
	jsonw_key(&w, "endpoints");
	lists_put_own(&w, v, s, name);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	json_release(&j);
	buf_release(&b);
}

static void
put_told_endpoints(struct visit *v, const struct shelf *s, struct catalog *c, const struct err *e)
{
	struct buf b = BUF_INIT;
	const char *name;
	const struct shelf_row *r = row_of(v, s, &name);

	(void)e; /* a model without its endpoints is an answer, too */
	if (r && c && c->models.endpoints) {
		buf_add(&b, c->body, c->len);
		visit_json(v, 200, &b);
	} else if (r) {
		put_own(v, s, r, name);
	}
	buf_release(&b);
}

/* OpenRouter is asked for those of its own models, by the name that its list has. */
static void
put_endpoints(struct visit *v, const struct shelf *s)
{
	struct buf what = BUF_INIT;
	const char *name;
	const struct shelf_row *r = row_of(v, s, &name);

	if (r) {
		buf_addf(&what, LISTING_ENDPOINTS "%s", r->id);
		lists_with_more(v, s, what.p, r->by && provider_routes(r->by), put_told_endpoints);
	}
	buf_release(&what);
}

void
lists_endpoints(struct visit *v)
{
	lists_with(v, put_endpoints);
}

/* ── without retention ── */

static void
put_told_zdr(struct visit *v, const struct shelf *s, struct catalog *c, const struct err *why)
{
	struct buf b = BUF_INIT;

	(void)s;
	if (c) {
		buf_add(&b, c->body, c->len);
		visit_json(v, 200, &b);
	} else {
		lists_untold(v, why);
	}
	buf_release(&b);
}

static void
put_zdr(struct visit *v, const struct shelf *s)
{
	struct err e = {0};

	if (lists_router(v)) {
		lists_with_more(v, s, LISTING_ZDR, 1, put_told_zdr);
		return;
	}
	err_set(&e, ERR_NOMODEL, "endpoints/zdr: only OpenRouter can tell, and it isn't configured");
	visit_error(v, &e);
}

void
lists_zdr(struct visit *v)
{
	lists_with(v, put_zdr);
}
