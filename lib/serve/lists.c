/* SPDX-License-Identifier: ISC */
/* Lists of models and of providers, as OpenRouter has them; lists_endpoints.c has those of endpoints, lists_other.c the others'. */
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "providers.h"
#include "serve/handlers.h"
#include "serve/lists_priv.h"
#include "str.h"
#include "tm.h"

static int
query(void *arg, const char *name, struct buf *out)
{
	return visit_query(arg, name, out);
}

static void
add_rows(struct buf *b, const struct shelf *s, const struct shelf_pick *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct shelf_row *r = &s->v[p->row[i]];
		if (i)
			buf_addc(b, ',');
		buf_add(b, s->text.p + r->at, r->len);
	}
}

/* The same question for the next page. */
static void
put_next(struct jsonw *w, const struct visit *v, const struct shelf_pick *p)
{
	const char *s = strchr(exchange_request(v->x)->target, '?');
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s?offset=%zu&limit=%zu", v->path, p->offset + p->n, p->limit);
	while (s && *s) {
		size_t n = strcspn(++s, "&#");
		if (n && !str_starts(s, "offset=") && !str_starts(s, "limit=") && !str_starts(s, "key=")) {
			buf_addc(&b, '&');
			buf_add(&b, s, n);
		}
		s = s[n] == '&' ? s + n : NULL;
	}
	jsonw_str(w, b.p);
	buf_release(&b);
}

static void
put_list(struct visit *v, const struct shelf *s, const struct shelf_pick *p)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	buf_reserve(&b, p->n == s->n ? s->text.len + 256 : 256);
	buf_adds(&b, "{\"data\":[");
	add_rows(&b, s, p);
	buf_adds(&b, "],\"total_count\":");
	jsonw_init(&w, &b);
	jsonw_int(&w, (int64_t)p->total);
	buf_adds(&b, ",\"links\":{\"next\":");
	jsonw_init(&w, &b);
	if (p->paged && p->n && p->offset + p->n < p->total)
		put_next(&w, v, p);
	else
		jsonw_null(&w);
	buf_adds(&b, "}}");
	visit_json(v, 200, &b);
	buf_release(&b);
}

static void
answer_models(struct visit *v, const struct shelf *s, const struct models *told)
{
	struct shelf_pick p = {.n = 0};
	struct err e = {0};
	int feed = lists_wants_feed(v, &e);

	if (feed < 0 || shelf_select(s, query, v, tm_now_ms() / 1000, told, &p, &e)) {
		visit_error(v, &e);
		return;
	}
	shelf_pick_page(&p);
	if (feed)
		lists_put_feed(v, s, &p);
	else
		put_list(v, s, &p);
	shelf_pick_release(&p);
}

static void
put_told(struct visit *v, const struct shelf *s, struct catalog *c, const struct err *why)
{
	if (c)
		answer_models(v, s, &c->models);
	else
		lists_untold(v, why);
}

static void
put_models(struct visit *v, const struct shelf *s)
{
	struct buf what = BUF_INIT;
	struct err e = {0};

	if (shelf_asks(s, query, v, lists_router(v) != NULL, &what, &e))
		visit_error(v, &e);
	else if (what.len)
		lists_with_more(v, s, what.p, 1, put_told);
	else
		answer_models(v, s, NULL);
	buf_release(&what);
}

void
lists_models(struct visit *v)
{
	if (v->front == &front_anthropic)
		lists_anthropic(v);
	else if (v->front == &front_gemini)
		lists_gemini(v);
	else
		lists_with(v, put_models);
}

static int
modalities_alone(void *arg, const char *name, struct buf *out)
{
	return strcmp(name, "output_modalities") == 0 ? visit_query(arg, name, out) : -1;
}

static void
put_count(struct visit *v, const struct shelf *s)
{
	struct shelf_pick p;
	struct buf b = BUF_INIT;
	struct err e = {0};
	struct jsonw w;

	if (shelf_select(s, modalities_alone, v, 0, NULL, &p, &e)) {
		visit_error(v, &e);
		return;
	}
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_object(&w);
	jsonw_key(&w, "count");
	jsonw_int(&w, (int64_t)p.total);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	shelf_pick_release(&p);
	buf_release(&b);
}

void
lists_count(struct visit *v)
{
	lists_with(v, put_count);
}

static int
pages_alone(void *arg, const char *name, struct buf *out)
{
	return strcmp(name, "offset") == 0 || strcmp(name, "limit") == 0 ? visit_query(arg, name, out) : -1;
}

static int
pages_of_embedders(void *arg, const char *name, struct buf *out)
{
	if (strcmp(name, "output_modalities") != 0)
		return pages_alone(arg, name, out);
	buf_adds(out, "embeddings");
	return 0;
}

/* of_key: those that it may call. */
static void
put_page(struct visit *v, const struct shelf *s, shelf_query_fn get, int of_key)
{
	struct shelf_pick p;
	struct err e = {0}, ignored;
	size_t n = 0;

	if (shelf_select(s, get, v, 0, NULL, &p, &e)) {
		visit_error(v, &e);
		return;
	}
	for (size_t i = 0; i < p.n; i++)
		if (!of_key || gate_allows(v->key, s->v[p.row[i]].id, &ignored) == 0)
			p.row[n++] = p.row[i];
	p.n = n;
	shelf_pick_page(&p);
	put_list(v, s, &p);
	shelf_pick_release(&p);
}

static void
put_embedders(struct visit *v, const struct shelf *s)
{
	put_page(v, s, pages_of_embedders, 0);
}

void
lists_embedders(struct visit *v)
{
	lists_with(v, put_embedders);
}

static void
put_users(struct visit *v, const struct shelf *s)
{
	put_page(v, s, pages_alone, 1);
}

void
lists_users(struct visit *v)
{
	lists_with(v, put_users);
}

/* ── one model ── */

const struct shelf_row *
lists_row(struct visit *v, const struct shelf *s, struct buf *id)
{
	const struct shelf_row *r;
	struct err e = {0};

	buf_adds(id, v->part[0]);
	r = shelf_find(s, id->p);
	if (r)
		return r;
	err_set(&e, ERR_NOMODEL, "%s: no such model", id->p);
	e.http = 404;
	visit_error(v, &e);
	return NULL;
}

static void
put_model(struct visit *v, const struct shelf *s)
{
	struct buf id = BUF_INIT, b = BUF_INIT;
	const struct shelf_row *r = lists_row(v, s, &id);

	if (r) {
		buf_adds(&b, "{\"data\":");
		buf_add(&b, s->text.p + r->at, r->len);
		buf_addc(&b, '}');
		visit_json(v, 200, &b);
	}
	buf_release(&id);
	buf_release(&b);
}

void
lists_model(struct visit *v)
{
	lists_with(v, put_model);
}

/* ── providers ── */

static void
put_provider(struct jsonw *w, const struct provider *p)
{
	jsonw_object(w);
	jsonw_member(w, "name", p->name);
	jsonw_member(w, "slug", p->slug ? p->slug : p->name);
	jsonw_member(w, "privacy_policy_url", NULL);
	jsonw_member(w, "terms_of_service_url", NULL);
	jsonw_member(w, "status_page_url", NULL);
	jsonw_end_object(w);
}

/* Those that are ready; mock where none is. */
void
lists_providers(struct visit *v)
{
	const struct providers *ps = v->app->s.providers;
	struct buf b = BUF_INIT;
	struct jsonw w;
	size_t n = 0;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (int mock = 0; mock < 2 && !n; mock++)
		for (size_t i = 0; i < ps->n; i++) {
			const struct provider *p = &ps->v[i];
			int is_mock = strcmp(p->wire, "mock") == 0;
			if (is_mock != mock || (!is_mock && !provider_configured(p)))
				continue;
			put_provider(&w, p);
			n++;
		}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
}
