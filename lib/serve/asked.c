/* SPDX-License-Identifier: ISC */
#include "serve/asked.h"

#include <string.h>

#include "err.h"
#include "json.h"
#include "mem.h"
#include "serve/visit.h"
#include "serve/check.h"
#include "serve/passed.h"
#include "str.h"

/* "models/openai/gpt-4" is how Google's clients write it. */
const char *
asked_model(const struct visit *v)
{
	const char *m = v->part[0];

	return m && v->front == &front_gemini && str_starts(m, "models/") ? m + strlen("models/") : m;
}

/* As strictly as was asked for; else with what only the format itself knows left out. */
static int
decode(const struct visit *v, const struct json *j, struct buf *out, char **only, struct err *e)
{
	struct front_ask ask = {
	    .request = j, .model = asked_model(v), .stream = v->stream, .lossy = v->app->s.options->lossy};
	struct losses lost = {0};
	struct err other = {0};
	int r = v->front->request(&ask, out, &lost, e);

	if (r && !ask.lossy && e->kind == ERR_DATA && passed_takes(v->front)) {
		ask.lossy = 1;
		buf_clear(out);
		if (v->front->request(&ask, out, &lost, &other) == 0) {
			*only = xstrdup(e->msg);
			err_clear(e);
			r = 0;
		}
	}
	losses_release(&lost);
	return r;
}

static int
read_body(const struct http1 *h, struct json *j, struct err *e)
{
	int r = json_parse_most(j, buf_str(&h->body), h->body.len, CONN_MAX_VALUES, e) || json_unique(j, e) ? -1 : 0;

	if (!r && json_type(j, 0) != JSON_OBJECT)
		r = err_set(e, ERR_DATA, "the request is no object");
	if (r)
		err_wrap(e, "request");
	return r;
}

/* A body that is canonical already. */
static void
copy(const struct http1 *h, struct json *body, struct buf *out, struct json *j)
{
	buf_add(out, h->body.p, h->body.len);
	json_moved(body, out->p);
	*j = *body;
	*body = (struct json)JSON_INIT;
}

static int
convert(const struct visit *v, const struct json *body, struct buf *out, struct json *j, char **only, struct err *e)
{
	if (v->front == &front_responses && check_responses(body, e))
		return -1;
	if (decode(v, body, out, only, e))
		return -1;
	if (json_parse(j, buf_str(out), out->len, e) == 0 && json_unique(j, e) == 0)
		return 0;
	err_wrap(e, "request");
	return -1;
}

int
asked_read(struct visit *v, struct buf *out, struct json *j, char **only, struct err *e)
{
	const struct http1 *h = exchange_request(v->x);
	struct json body = JSON_INIT;
	int r = read_body(h, &body, e);

	if (!r && v->front->request)
		r = convert(v, &body, out, j, only, e);
	else if (!r)
		copy(h, &body, out, j);
	json_release(&body);
	return r;
}
