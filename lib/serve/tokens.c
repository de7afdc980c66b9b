/* SPDX-License-Identifier: ISC */
/* How many tokens a request may come to: an estimate, since no provider is asked. */
#include "buf.h"
#include "err.h"
#include "estimate.h"
#include "json.h"
#include "jsonw.h"
#include "serve/app.h"
#include "serve/handlers.h"
#include "wire/wire.h"

/* Gemini's may hold the request whole, or its contents alone. */
static int
parse(struct json *j, const struct buf *body, struct err *e)
{
	const char *s;
	size_t n;

	if (json_parse_most(j, buf_str(body), body->len, CONN_MAX_VALUES, e) || json_unique(j, e))
		return err_wrap(e, "request");
	int inner = json_get(j, 0, "generateContentRequest");
	if (json_type(j, inner) != JSON_OBJECT)
		return json_type(j, 0) == JSON_OBJECT ? 0 : err_set(e, ERR_DATA, "the request is no object");
	s = json_raw(j, inner, &n);
	return json_parse(j, s, n, e);
}

static int
count(struct visit *v, int64_t *tokens, struct err *e)
{
	struct json j = JSON_INIT, canonical = JSON_INIT;
	struct buf text = BUF_INIT;
	struct losses lost = {0};
	const struct front_ask ask = {.request = &j, .model = v->part[0], .stream = 0, .lossy = 1};
	struct estimate est;
	int r = parse(&j, &exchange_request(v->x)->body, e);

	if (!r)
		r = v->front->request(&ask, &text, &lost, e);
	if (!r)
		r = json_parse(&canonical, text.p, text.len, e);
	if (!r) {
		estimate_request(&est, &canonical);
		*tokens = est.likely;
	}
	losses_release(&lost);
	json_release(&canonical);
	json_release(&j);
	buf_release(&text);
	return r;
}

void
tokens_count(struct visit *v)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	struct jsonw w;
	int64_t n = 0;

	if (count(v, &n, &e)) {
		visit_error(v, &e);
		return;
	}
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, v->front == &front_gemini ? "totalTokens" : "input_tokens");
	jsonw_int(&w, n);
	jsonw_end_object(&w);
	exchange_field(v->x, "X-Token-Count", "estimated");
	visit_json(v, 200, &b);
	buf_release(&b);
}
