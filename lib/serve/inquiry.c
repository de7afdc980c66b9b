/* SPDX-License-Identifier: ISC */
#include "serve/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "serve/visit.h"

struct inquiry {
	struct visit *v;
	inquiry_fn then;
	void *data;
	void (*free_data)(void *data);
	int even_so; /* `then` is called where it failed, too */
};

static void
free_inquiry(void *own)
{
	struct inquiry *q = own;

	desk_forget(q->v->app->desk, q);
	if (q->free_data)
		q->free_data(q->data);
	free(q);
}

static void
on_gone(void *arg)
{
	struct inquiry *q = arg;

	desk_forget(q->v->app->desk, q);
	exchange_cut(q->v->x);
}

static void
on_answer(void *ctx, const char *text, size_t n, const struct err *e)
{
	struct inquiry *q = ctx;
	struct json j = JSON_INIT;
	struct err bad = {0};

	if (!e && json_parse(&j, n ? text : "null", n ? n : 4, &bad)) {
		err_wrap(&bad, "the ledger's process");
		bad.kind = ERR_INTERNAL;
		e = &bad;
	}
	if (e && !q->even_so)
		visit_error(q->v, e);
	else
		q->then(q->v, e ? NULL : &j, q->data);
	json_release(&j);
}

static void
ask(struct visit *v, const struct desk_question *question, inquiry_fn then, void *data, void (*free_data)(void *data),
    int even_so)
{
	struct inquiry *q = v->own;

	if (!q) {
		q = xcalloc(1, sizeof(*q));
		v->own = q;
		v->free_own = free_inquiry;
		exchange_watch(v->x, on_gone, NULL, q);
	} else if (q->free_data && q->data != data) {
		q->free_data(q->data);
	}
	*q = (struct inquiry){v, then, data, free_data, even_so};
	desk_ask(v->app->desk, question, on_answer, q);
}

void
inquire(struct visit *v, const struct desk_question *q, inquiry_fn then, void *data, void (*free_data)(void *data))
{
	ask(v, q, then, data, free_data, 0);
}

void
inquire_even_so(
    struct visit *v, const struct desk_question *q, inquiry_fn then, void *data, void (*free_data)(void *data))
{
	ask(v, q, then, data, free_data, 1);
}

void
inquiry_refuse(struct visit *v, int http, const char *why)
{
	struct err e = {0};

	err_set(&e, http == 404 ? ERR_NEGATIVE : ERR_DATA, "%s", why);
	e.http = http;
	visit_error(v, &e);
}

static int
is_listed(const char *p, size_t n, const char *const *names)
{
	for (; *names; names++)
		if (strlen(*names) == n && strncmp(*names, p, n) == 0)
			return 1;
	return 0;
}

int
inquiry_query(struct visit *v, const char *const *names)
{
	const char *p = strchr(exchange_request(v->x)->target, '?');
	struct err e = {0};

	for (p = p ? p + 1 : ""; *p;) {
		size_t n = strcspn(p, "=&");
		int is_key = n == 3 && strncmp(p, "key", n) == 0; /* the gate has looked at it */
		if (n && !is_key && !is_listed(p, n, names)) {
			err_set(&e, ERR_DATA, "the query's %.*s isn't supported here", (int)(n < 64 ? n : 64), p);
			visit_error(v, &e);
			return -1;
		}
		p += strcspn(p, "&");
		p += *p == '&';
	}
	return 0;
}
