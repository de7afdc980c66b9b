/* SPDX-License-Identifier: ISC */
/* What a request asks of its route: each of its members is looked at once. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "estimate.h"
#include "json.h"
#include "route_priv.h"

#define MAX_SESSION 256 /* characters */

int
route_bad(struct route_reader *r, const char *field, const char *want)
{
	return err_set(r->e, ERR_DATA, "%s is no %s", field, want);
}

/* A string that holds escapes is decoded into the query; none is longer decoded, so that what was decoded before stays in its place. */
struct route_slug
route_slice(struct route_reader *r, int node)
{
	struct route_query *q = r->q;
	struct buf b = {q->text, q->n_text, q->cap_text};
	size_t n, at = q->n_text;
	const char *s = json_raw(r->j, node, &n);

	n -= 2;
	if (!memchr(s + 1, '\\', n))
		return (struct route_slug){s + 1, n};
	if (!r->decoded)
		buf_reserve(&b, r->j->len);
	r->decoded = 1;
	json_str(r->j, node, &b);
	q->text = b.p;
	q->n_text = b.len;
	q->cap_text = b.cap;
	return (struct route_slug){q->text + at, b.len - at};
}

int
route_members(struct route_reader *r, int node, const struct route_field *fields, size_t n_fields,
    void (*other)(struct route_reader *, const char *key, size_t n))
{
	const char *s;
	size_t n;

	if (json_type(r->j, node) != JSON_OBJECT)
		return 0;
	for (int key = -1; (key = json_next_key(r->j, node, key, &s, &n)) >= 0;) {
		int value = json_value(r->j, key);
		size_t i = 0;
		if (json_type(r->j, value) == JSON_NULL)
			continue;
		int escaped = r->j->has_escapes && memchr(s, '\\', n);
		while (i < n_fields &&
		    !(escaped ? json_eq(r->j, key, fields[i].key)
			      : fields[i].n == n && *fields[i].key == *s && memcmp(fields[i].key, s, n) == 0))
			i++;
		if (i < n_fields) {
			if (fields[i].read(r, value, fields + i))
				return -1;
		} else if (other) {
			other(r, s, n);
		}
	}
	return 0;
}

static int
read_route(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_eq(r->j, node, "fallback"))
		r->route = PARTITION_MODEL;
	else if (json_eq(r->j, node, "sort"))
		r->route = PARTITION_NONE;
	else
		return route_bad(r, "route", "\"fallback\" or \"sort\"");
	return 0;
}

static int
read_tier(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_STRING)
		return route_bad(r, "service_tier", "string");
	if (json_eq(r->j, node, "priority") || json_eq(r->j, node, "fast"))
		r->q->tier = ASK_PRIORITY;
	else if (json_eq(r->j, node, "flex"))
		r->q->tier = ASK_FLEX;
	else if (json_eq(r->j, node, "default"))
		r->q->tier = ASK_DEFAULT;
	return 0;
}

/* Under either name; 0 and -1 are some clients' way to say nothing. */
static int
read_max_tokens(struct route_reader *r, int node, const struct route_field *f)
{
	int64_t v;

	if (json_int(r->j, node, &v))
		return route_bad(r, f->key, "whole number");
	if (v <= 0)
		return 0;
	r->q->params |= PARAM_MAX_TOKENS;
	if (f->n == sizeof("max_tokens") - 1)
		r->old_max = v;
	else
		r->q->max_tokens = v;
	return 0;
}

static int
read_tools(struct route_reader *r, int node, const struct route_field *f)
{
	static const char server[] = "\"openrouter:";

	(void)f;
	if (json_type(r->j, node) != JSON_ARRAY)
		return 0;
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i)) {
		size_t n;
		const char *s = json_raw(r->j, json_get(r->j, i, "type"), &n);
		r->q->tools = 1;
		r->q->params |= PARAM_TOOLS;
		if (n > sizeof(server) && memcmp(s, server, sizeof(server) - 1) == 0)
			r->q->router_only = "server tools";
	}
	return 0;
}

static int
read_format(struct route_reader *r, int node, const struct route_field *f)
{
	int type = json_get(r->j, node, "type");

	(void)f;
	if (type < 0 || json_eq(r->j, type, "text"))
		return 0;
	r->q->schema = json_eq(r->j, type, "json_schema");
	r->q->json = json_eq(r->j, type, "json_object");
	r->q->params |= PARAM_RESPONSE_FORMAT | (r->q->schema ? PARAM_STRUCTURED_OUTPUTS : 0);
	return 0;
}

static int
read_verbosity(struct route_reader *r, int node, const struct route_field *f)
{
	(void)node;
	(void)f;
	r->q->verbosity = 1;
	r->q->params |= PARAM_VERBOSITY;
	return 0;
}

static int
read_modalities(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_ARRAY)
		return route_bad(r, "modalities", "array");
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i)) {
		size_t n;
		const char *s = json_raw(r->j, i, &n);
		if (json_type(r->j, i) != JSON_STRING)
			return route_bad(r, "modalities", "array of strings");
		r->q->modes_out |= endpoint_mode(s + 1, n - 2);
	}
	return 0;
}

static int
read_plugins(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_ARRAY)
		return route_bad(r, "plugins", "array");
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i)) {
		int id = json_get(r->j, i, "id"), on = json_bool(r->j, json_get(r->j, i, "enabled")) != 0;
		if (json_type(r->j, id) != JSON_STRING)
			return route_bad(r, "plugins", "array of objects with an id");
		if (json_eq(r->j, id, "context-compression"))
			r->q->compresses = on ? 1 : -1;
		else if (on && !json_eq(r->j, id, "response-healing"))
			r->q->router_only = "plugins";
	}
	return 0;
}

/* The old way to ask for context compression; an empty list switches it off. */
static int
read_transforms(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_ARRAY)
		return route_bad(r, "transforms", "array");
	r->q->compresses = -1;
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i))
		if (json_eq(r->j, i, "middle-out"))
			r->q->compresses = 1;
	return 0;
}

static size_t
n_characters(struct route_slug s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.s[i] & 0xc0) != 0x80;
	return n;
}

static int
read_session(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_STRING)
		return route_bad(r, "session_id", "string");
	r->q->session = route_slice(r, node);
	if (n_characters(r->q->session) > MAX_SESSION)
		return err_set(r->e, ERR_DATA, "session_id: more than %d characters", MAX_SESSION);
	return 0;
}

static int
read_cache_key(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_STRING)
		return route_bad(r, "prompt_cache_key", "string");
	r->cache_key = node;
	return 0;
}

static void
read_param(struct route_reader *r, const char *key, size_t n)
{
	r->q->params |= endpoint_param(key, n);
}

/* ── all together ── */

static uint64_t
fold(uint64_t h)
{
	__extension__ unsigned __int128 m =
	    (unsigned __int128)(h ^ UINT64_C(0xbf58476d1ce4e5b9)) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Eight bytes at a time: what is hashed may be as long as a prompt. */
static uint64_t
hash(uint64_t h, const char *s, size_t n)
{
	h = fold(h ^ n);
	while (n) {
		uint64_t w = 0;
		size_t used = n < sizeof(w) ? n : sizeof(w);
		memcpy(&w, s, used);
		h = fold(h ^ w);
		s += used;
		n -= used;
	}
	return h;
}

/* Content is taken as it is written: who goes on with a conversation writes its beginning the same way again. */
static uint64_t
conversation(const struct route_reader *r)
{
	const struct json *j = r->j;
	int list = json_get(j, 0, "messages"), found[2] = {-1, -1}; /* instructions; the first of the others */
	uint64_t h = 1;
	size_t n;

	if (r->q->session.n)
		return hash(2, r->q->session.s, r->q->session.n) | 1;
	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int m = json_child(j, list); m >= 0 && (found[0] < 0 || found[1] < 0); m = json_next(j, list, m)) {
		int role = json_get(j, m, "role"),
		    other = !json_eq(j, role, "system") && !json_eq(j, role, "developer");
		if (found[other] < 0)
			found[other] = json_get(j, m, "content");
	}
	if (found[0] < 0 && found[1] < 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		const char *s = json_raw(j, found[i], &n);
		h = hash(h, s, n);
	}
	return h | 1;
}

static void
reset(struct route_query *q)
{
	struct route_query old = *q;

	*q = (struct route_query){
	    .allow_fallbacks = 1, .max_tokens = -1, .tokens = ROUTE_SOME_TOKENS, .bound = ROUTE_SOME_TOKENS};
	q->order = (struct route_slugs){old.order.v, 0, old.order.cap, 0};
	q->only = (struct route_slugs){old.only.v, 0, old.only.cap, 0};
	q->ignore = (struct route_slugs){old.ignore.v, 0, old.ignore.cap, 0};
	q->max_prompt = q->max_completion = q->max_request = q->max_image = q->max_audio = PRICE_UNKNOWN;
	for (int i = 0; i < N_PERCENTILES; i++)
		q->min_mtok_s[i] = q->max_ttft_ms[i] = -1;
	q->text = old.text;
	q->cap_text = old.cap_text;
}

static void
set_estimate(struct route_query *q, const struct json *request)
{
	struct estimate est;

	estimate_request(&est, request);
	q->tokens = est.likely;
	q->bound = est.bound;
	q->modes_in = (est.n_bytes ? MODE_TEXT : 0) | (est.n_image ? MODE_IMAGE : 0) | (est.n_audio ? MODE_AUDIO : 0) |
	    (est.n_file ? MODE_FILE : 0) | (est.n_video ? MODE_VIDEO : 0);
}

int
route_read(struct route_query *q, const struct json *request, struct err *e)
{
	static const struct route_field fields[] = {
	    ROUTE_FIELD("provider", route_read_provider, order),
	    ROUTE_FIELD("route", read_route, across),
	    ROUTE_FIELD("service_tier", read_tier, tier),
	    ROUTE_FIELD("max_tokens", read_max_tokens, max_tokens),
	    ROUTE_FIELD("max_completion_tokens", read_max_tokens, max_tokens),
	    ROUTE_FIELD("tools", read_tools, tools),
	    ROUTE_FIELD("response_format", read_format, json),
	    ROUTE_FIELD("verbosity", read_verbosity, verbosity),
	    ROUTE_FIELD("modalities", read_modalities, modes_out),
	    ROUTE_FIELD("plugins", read_plugins, router_only),
	    ROUTE_FIELD("transforms", read_transforms, compresses),
	    ROUTE_FIELD("session_id", read_session, session),
	    ROUTE_FIELD("prompt_cache_key", read_cache_key, session),
	};
	struct route_reader r = {.q = q, .j = request, .e = e, .cache_key = -1, .old_max = -1};

	reset(q);
	if (!request)
		return 0;
	if (json_type(request, 0) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "the request is no JSON object");
	if (route_members(&r, 0, fields, sizeof(fields) / sizeof(*fields), read_param))
		return -1;
	q->across = (r.partition ? r.partition : r.route) == PARTITION_NONE;
	if (q->max_tokens < 0)
		q->max_tokens = r.old_max;
	if (!q->session.n && r.cache_key >= 0)
		q->session = route_slice(&r, r.cache_key);
	q->conversation = conversation(&r);
	set_estimate(q, request);
	return 0;
}

void
route_query_release(struct route_query *q)
{
	free(q->order.v);
	free(q->only.v);
	free(q->ignore.v);
	free(q->text);
	*q = (struct route_query){0};
}
