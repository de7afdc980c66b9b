/* SPDX-License-Identifier: ISC */
/* One request as handlers see it, and how they answer. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "jsonw.h"
#include "mem.h"
#include "price.h"
#include "serve/app_priv.h"
#include "serve/shared.h"
#include "str.h"
#include "wire/bedrock_render.h"

struct visit *
visit_new(struct app *a, struct exchange *x)
{
	size_t n = strlen(exchange_request(x)->target) + 1;
	size_t room = n < VISIT_MAX_PATH ? n : VISIT_MAX_PATH;
	struct visit *v = xcalloc(1, sizeof(*v) + 2 * room);

	v->room = room; /* (parts have slashes between them, where each has its NUL) */
	v->path = (char *)(v + 1);
	v->parts = v->path + room;
	v->app = a;
	v->x = x;
	v->front = &front_openai;
	v->front_name = "-";
	v->stream = -1;
	v->prompt = v->completion = v->ttft_ms = -1;
	v->cost_pusd = PUSD_UNKNOWN;
	LIST_INSERT_HEAD(&a->visits, v, entry);
	*exchange_own(x) = v;
	return v;
}

void
visit_free(struct visit *v)
{
	LIST_REMOVE(v, entry);
	if (v->free_own)
		v->free_own(v->own);
	gate_key_release(v->key);
	buf_release(&v->beside);
	free(v);
}

int
visit_hex(const char *p)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *hi = *p ? strchr(digits, p[0]) : NULL, *lo = hi && p[1] ? strchr(digits, p[1]) : NULL;

	return lo ? (int)((hi - digits) % 16 * 16 + (lo - digits) % 16) : -1;
}

int
visit_status(const struct err *e)
{
	static const short status[ERR_N_KINDS] = {
	    [ERR_NEGATIVE] = 404,
	    [ERR_REFUSED] = 403,
	    [ERR_MONEY] = 402,
	    [ERR_CAP] = 402,
	    [ERR_USAGE] = 400,
	    [ERR_DATA] = 400,
	    [ERR_REQUEST] = 400,
	    [ERR_SCHEMA] = 400,
	    [ERR_NOMODEL] = 404,
	    [ERR_INTERNAL] = 500,
	    [ERR_SYSTEM] = 500,
	    [ERR_CANTCREATE] = 503,
	    [ERR_IO] = 500,
	    [ERR_DEADLINE] = 504,
	    [ERR_AUTH] = 401,
	    [ERR_CONFIG] = 500,
	    [ERR_SIGNAL] = 503,
	};

	if (e->http >= 400 && e->http <= 599)
		return e->http;
	if (e->sys == ETIMEDOUT && (e->kind == ERR_TEMPORARY || e->kind == ERR_UNREACHABLE))
		return 504;
	return status[e->kind] ? status[e->kind] : 502;
}

/* OpenRouter's word for it: "rate_limit_exceeded". */
static const char *
error_type(const struct err *e)
{
	struct err told = *e;

	told.http = visit_status(e);
	return front_error_type(&told);
}

/* As OpenRouter has it. */
static void
openrouter_error(const struct front *f, const struct err *e, const struct visit_told *t, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "error");
	jsonw_object(&w);
	jsonw_key(&w, "code");
	jsonw_int(&w, visit_status(e));
	jsonw_member(&w, "message", front_message(e));
	jsonw_key(&w, "metadata");
	jsonw_object(&w);
	jsonw_member(&w, "error_type", error_type(e));
	jsonw_member_if(&w, "provider_name", t->provider);
	if (t->code) {
		jsonw_key(&w, "provider_code");
		jsonw_int(&w, t->code);
	}
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	if (f == &front_responses)
		jsonw_member(&w, "error_type", error_type(e));
	jsonw_end_object(&w);
}

void
visit_error_body(const struct front *f, const struct err *e, const struct visit_told *t, struct buf *out)
{
	if (f == &front_openai || f == &front_completions || f == &front_responses)
		openrouter_error(f, e, t, out);
	else if (f->published_error)
		f->published_error(e, t->id, out);
	else
		f->error(e, out);
}

void
visit_fields(struct visit *v)
{
	if (v->is_called) {
		exchange_field(v->x, "X-Generation-Id", v->id);
		if (v->front == &front_anthropic)
			exchange_field(v->x, "request-id", v->id);
		if (v->front == &front_bedrock)
			exchange_field(v->x, "x-amzn-RequestId", v->id);
	}
	if (v->app->s.options->cors) {
		exchange_field(v->x, "Vary", "Origin");
		if (guard_is_cors(v))
			exchange_field(v->x, "Access-Control-Allow-Origin", v->app->s.options->cors);
	}
}

static void
error_fields(struct visit *v, const struct err *e, int status)
{
	char s[24];

	visit_fields(v);
	if (e->retry_after_ms > 0) {
		snprintf(s, sizeof(s), "%" PRId64, (e->retry_after_ms + 999) / 1000);
		exchange_field(v->x, "Retry-After", s);
	}
	if (status == 401 && *v->path && !strchr(v->path + 1, '/')) /* a browser looks at its pages */
		exchange_field(v->x, "WWW-Authenticate", "Basic realm=\"or-serve\", charset=\"UTF-8\"");
	else if (status == 401)
		exchange_field(v->x, "WWW-Authenticate", "Bearer");
	if (v->front == &front_bedrock)
		exchange_field(v->x, "x-amzn-ErrorType", bedrock_error_type(e));
}

void
visit_error_of(struct visit *v, const struct err *e, const char *provider, int code)
{
	struct err told = *e;
	struct buf body = BUF_INIT;
	int status = visit_status(e);

	told.http = status;
	strlcpy(v->error, err_word(e->kind), sizeof(v->error));
	visit_error_body(v->front, &told,
	    &(struct visit_told){.id = v->is_called ? v->id : NULL, .provider = provider, .code = code}, &body);
	if (v->beside.len && status != 500) {
		body.len--;
		buf_adds(&body, ",\"openrouter_metadata\":");
		buf_add(&body, v->beside.p, v->beside.len);
		buf_addc(&body, '}');
	}
	error_fields(v, &told, status);
	exchange_whole(v->x, status, "application/json", buf_str(&body), body.len);
	buf_release(&body);
}

void
visit_error(struct visit *v, const struct err *e)
{
	visit_error_of(v, e, NULL, 0);
}

void
visit_json(struct visit *v, int status, const struct buf *body)
{
	visit_fields(v);
	exchange_whole(v->x, status, "application/json", buf_str(body), body->len);
}

/* Decodes up to n bytes of a query. */
static void
decode(const char *p, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		int c = p[i] == '%' && i + 2 < n ? visit_hex(p + i + 1) : -1;
		if (c > 0) {
			buf_addc(out, (char)c);
			i += 2;
		} else {
			buf_addc(out, p[i] == '+' ? ' ' : p[i]);
		}
	}
}

int
visit_query(const struct visit *v, const char *name, struct buf *out)
{
	const char *p = strchr(exchange_request(v->x)->target, '?');
	struct buf key = BUF_INIT;
	int found = -1;

	for (p = p ? p + 1 : ""; *p && found; p += *p == '&') {
		size_t n = strcspn(p, "&"), at = strcspn(p, "=&");
		buf_clear(&key);
		decode(p, at, &key);
		if (strcmp(buf_str(&key), name) == 0) {
			found = 0;
			decode(p + at + (at < n), n - at - (at < n), out);
		}
		p += n;
	}
	buf_release(&key);
	return found;
}
