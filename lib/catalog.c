/* SPDX-License-Identifier: ISC */
#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "err.h"
#include "fetch.h"
#include "json.h"
#include "jsonw.h"
#include "listing.h"
#include "mem.h"
#include "providers.h"
#include "str.h"
#include "tm.h"
#include "wire/fault.h"
#include "wire/wire.h"

#define FILE_MAX (3 * (size_t)CATALOG_MAX) /* bytes of a cache file */
#define CONNECT_MS 10000
#define IDLE_MS 300000

/* One list: where it comes from and where its copy lies. */
struct source {
	struct provider *p;
	const char *what;
	struct buf url;  /* without a key */
	struct buf path; /* of the cache file; empty: there is no place for one */
	enum catalog_mode mode;
	struct loop *loop;
	struct http *http;
};

static const char mock_list[] =
    "{\"data\":["
    "{\"id\":\"mock/echo\",\"name\":\"Mock: the last user message, word by word\",\"context_length\":1000000,"
    "\"architecture\":{\"input_modalities\":[\"text\"],\"output_modalities\":[\"text\"]},"
    "\"pricing\":{\"prompt\":\"0.000001\",\"completion\":\"0.000002\"},\"supported_parameters\":[\"max_tokens\",\"stream\"]},"
    "{\"id\":\"mock/embed\",\"name\":\"Mock: deterministic unit vectors\",\"context_length\":1000000,"
    "\"architecture\":{\"input_modalities\":[\"text\"],\"output_modalities\":[\"embeddings\"]},"
    "\"pricing\":{\"prompt\":\"0.000001\",\"completion\":\"0\"},\"supported_parameters\":[]}]}";

/* File names hold no slash, and '%' stands for itself nowhere. */
static void
add_file_name(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("/%", *s) || (unsigned char)*s < 0x20)
			buf_addf(b, "%%%02X", (unsigned char)*s);
		else
			buf_addc(b, *s);
	}
}

static void
find_place(struct source *s)
{
	if (conf_cache_dir(&s->path))
		return;
	buf_addc(&s->path, '/');
	add_file_name(&s->path, s->p->name);
	buf_addc(&s->path, '.');
	add_file_name(&s->path, s->what);
	buf_adds(&s->path, ".json");
}

/* Takes the list in c->file from byte `start` on. */
static int
take_list(struct catalog *c, size_t start, struct err *e)
{
	c->body = buf_str(&c->file) + start;
	c->len = c->file.len - start;
	return models_parse(&c->models, c->body, c->len, e);
}

static int
take_facts(struct catalog *c, const char *line, size_t n, const struct source *s, int64_t *bytes)
{
	struct json j = JSON_INIT;
	int64_t fetched_s;
	int r = -1;

	if (json_parse(&j, line, n, NULL) == 0 && json_eq(&j, json_get(&j, 0, "url"), s->url.p) &&
	    json_int(&j, json_get(&j, 0, "fetched"), &fetched_s) == 0 &&
	    json_int(&j, json_get(&j, 0, "bytes"), bytes) == 0) {
		c->etag = json_dup(&j, json_get(&j, 0, "etag"), NULL);
		c->age_s = tm_now_ms() / 1000 - fetched_s;
		if (c->age_s < 0) /* the clock was wrong, then or now */
			c->age_s = INT64_MAX;
		r = 0;
	}
	json_release(&j);
	return r;
}

/* The list in c->file from byte `start` on, by its index where it has one. The whole is looked at, so that a torn one isn't used. */
static int
take_cached(struct catalog *c, const char *index, size_t n, size_t start)
{
	const char *why;
	size_t at;

	c->body = buf_str(&c->file) + start;
	c->len = c->file.len - start;
	if (!json_valid(c->body, c->len, &at, &why))
		return -1;
	if (n && models_from_index(&c->models, index, n, c->body, c->len) == 0)
		return 0;
	return take_list(c, start, NULL);
}

/* Facts, index, list: a line each, the list being the rest. */
static int
split_cache(struct catalog *c, const struct source *s)
{
	const char *p = buf_str(&c->file), *end = p + c->file.len;
	const char *facts_end = memchr(p, '\n', c->file.len);
	const char *index = facts_end ? facts_end + 1 : end;
	const char *index_end = memchr(index, '\n', (size_t)(end - index));
	int64_t bytes;

	if (!index_end || take_facts(c, p, (size_t)(facts_end - p), s, &bytes) || bytes != end - index_end - 1)
		return -1;
	return take_cached(c, index, (size_t)(index_end - index), (size_t)(index_end + 1 - p));
}

static int
read_cache(struct catalog *c, const struct source *s)
{
	if (s->path.len && conf_slurp(s->path.p, FILE_MAX, &c->file, NULL) == 0 && split_cache(c, s) == 0) {
		c->from_cache = 1;
		return 0;
	}
	catalog_release(c);
	return -1;
}

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
write_cache(struct catalog *c, const struct source *s)
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

/* What an answer that is no list says. Keeps e where the answer says nothing about an error. */
static int
answer_error(const struct fetch *f, struct err *e)
{
	const struct fault bare = {f->status, NULL, NULL, NULL};
	struct json j = JSON_INIT;
	struct err ignored;
	int node, told;

	told =
	    json_parse(&j, buf_str(&f->body), f->body.len, &ignored) == 0 && wire_openai.error(&j, f->status, e, &node);
	json_release(&j);
	if (told || f->status == 200)
		return -1;
	return fault_err(&bare, e);
}

/* What came becomes the list of c, whose old one may be kept. */
static int
take_answer(struct catalog *c, struct fetch *f, struct err *e)
{
	struct catalog fresh = CATALOG_INIT;

	if (f->status == 304 && c->etag) {
		c->age_s = 0;
		c->from_cache = 0;
		return 0;
	}
	if (f->status != 200)
		return answer_error(f, e);
	fresh.file = f->body;
	f->body = (struct buf)BUF_INIT;
	if (take_list(&fresh, 0, e)) {
		f->body = fresh.file;
		fresh.file = (struct buf)BUF_INIT;
		catalog_release(&fresh);
		return answer_error(f, e);
	}
	if (fresh.models.n == 0 && c->models.n) { /* a slip of the provider's: what is cached says more */
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
fetch_list(struct catalog *c, const struct source *s, struct err *e)
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
			r = take_answer(c, &f, e);
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

static void
add_hint(struct err *e, const struct source *s)
{
	struct err first = *e;
	int is_default = strcmp(s->p->name, "openrouter") == 0;
	const char *id = str_starts(s->what, LISTING_ENDPOINTS) ? s->what + strlen(LISTING_ENDPOINTS) : "";

	err_set(e, first.kind, "%s: no list is cached; with a network, `or-models%s%s --refresh%s%s` fetches it",
	    first.msg, is_default ? "" : " -b ", is_default ? "" : s->p->name, *id ? " -e " : "", id);
	e->http = first.http;
}

static int
refresh(struct catalog *c, const struct source *s, struct err *e)
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
		add_hint(e, s);
	return -1;
}

static int
load(struct catalog *c, const struct source *s, int64_t max_age_s, struct err *e)
{
	int cached = read_cache(c, s) == 0;

	if (cached && (s->mode == CATALOG_CACHED || (s->mode == CATALOG_FRESH && c->age_s < max_age_s)))
		return 0;
	if (s->mode != CATALOG_CACHED)
		return refresh(c, s, e);
	err_set(e, ERR_HOST, "%s", s->p->name);
	add_hint(e, s);
	return -1;
}

int
catalog_load(struct catalog *c, struct provider *p, const char *what, enum catalog_mode mode, int64_t max_age_s,
    struct loop *l, struct http *h, struct err *e)
{
	struct source s = {.p = p, .what = what, .mode = mode, .loop = l, .http = h};
	struct err own = {0};
	int r;

	e = e ? e : &own;
	*c = (struct catalog)CATALOG_INIT;
	if (strcmp(p->wire, "mock") == 0 && strcmp(what, "models") == 0) {
		buf_adds(&c->file, mock_list);
		return take_list(c, 0, e);
	}
	r = listing_url(&s.url, p, what, e);
	if (r == 0) {
		find_place(&s);
		r = load(c, &s, max_age_s, e);
	}
	if (r)
		catalog_release(c);
	buf_release(&s.url);
	buf_release(&s.path);
	return r;
}

void
catalog_release(struct catalog *c)
{
	models_release(&c->models);
	buf_release(&c->file);
	free(c->etag);
	*c = (struct catalog)CATALOG_INIT;
}
