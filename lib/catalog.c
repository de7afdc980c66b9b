/* SPDX-License-Identifier: ISC */
/* What is cached; catalog_fetch.c has what is fetched. */
#include "catalog.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "catalog_priv.h"
#include "conf.h"
#include "err.h"
#include "json.h"
#include "listing.h"
#include "providers.h"
#include "str.h"
#include "tm.h"

#define FILE_MAX (3 * (size_t)CATALOG_MAX) /* bytes of a cache file */

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
find_place(struct catalog_source *s)
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
int
catalog_take(struct catalog *c, size_t start, struct err *e)
{
	c->body = buf_str(&c->file) + start;
	c->len = c->file.len - start;
	return models_parse(&c->models, c->body, c->len, e);
}

static int
take_facts(struct catalog *c, const char *line, size_t n, const struct catalog_source *s, int64_t *bytes)
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
	return catalog_take(c, start, NULL);
}

/* Facts, index, list: a line each, the list being the rest. */
static int
split_cache(struct catalog *c, const struct catalog_source *s)
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

int
catalog_read(struct catalog *c, const struct catalog_source *s)
{
	if (s->path.len && conf_slurp(s->path.p, FILE_MAX, &c->file, NULL) == 0 && split_cache(c, s) == 0) {
		c->from_cache = 1;
		return 0;
	}
	catalog_release(c);
	return -1;
}

void
catalog_hint(struct err *e, const struct catalog_source *s)
{
	struct err first = *e;
	int is_default = strcmp(s->p->name, "openrouter") == 0;
	const char *id = str_starts(s->what, LISTING_ENDPOINTS) ? s->what + strlen(LISTING_ENDPOINTS) : "";

	err_set(e, first.kind, "%s: no list is cached; with a network, `or-models%s%s --refresh%s%s` fetches it",
	    first.msg, is_default ? "" : " -b ", is_default ? "" : s->p->name, *id ? " -e " : "", id);
	e->http = first.http;
}

int
catalog_find(struct catalog_source *s, struct err *e)
{
	if (listing_url(&s->url, s->p, s->what, e))
		return -1;
	find_place(s);
	return 0;
}

void
catalog_source_release(struct catalog_source *s)
{
	buf_release(&s->url);
	buf_release(&s->path);
}

int
catalog_is_built_in(const struct provider *p, const char *what)
{
	return strcmp(p->wire, "mock") == 0 && strcmp(what, "models") == 0;
}

int
catalog_take_built_in(struct catalog *c, struct err *e)
{
	buf_adds(&c->file, mock_list);
	return catalog_take(c, 0, e);
}

int
catalog_cached(struct catalog *c, struct provider *p, const char *what, struct err *e)
{
	struct catalog_source s = {.p = p, .what = what};
	struct err own = {0};
	int r;

	e = e ? e : &own;
	*c = (struct catalog)CATALOG_INIT;
	if (catalog_is_built_in(p, what))
		return catalog_take_built_in(c, e);
	r = catalog_find(&s, e);
	if (!r && catalog_read(c, &s)) {
		r = err_set(e, ERR_HOST, "%s", p->name);
		catalog_hint(e, &s);
	}
	catalog_source_release(&s);
	return r;
}

static uint64_t
mix(uint64_t h, const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		memset(&st, 0, sizeof(st));
	const uint64_t v[] = {
	    st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec};
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		h = (h ^ v[i]) * 0x9e3779b97f4a7c15 ^ h >> 29;
	return h;
}

/* Files are replaced by rename, which the directory shows; those of the models also when they were written in place. */
uint64_t
catalog_stamp(const struct providers *ps)
{
	struct catalog_source s = {.what = "models"};
	uint64_t h = 1;

	if (conf_cache_dir(&s.path) == 0)
		h = mix(h, s.path.p);
	for (size_t i = 0; i < ps->n; i++) {
		buf_clear(&s.path);
		s.p = &ps->v[i];
		find_place(&s);
		h = mix(h, buf_str(&s.path));
	}
	catalog_source_release(&s);
	return h;
}

int64_t
catalog_max_age_s(const char *what)
{
	return str_starts(what, LISTING_ASKED) || strcmp(what, LISTING_ZDR) == 0 ? CATALOG_ASKED_AGE_S
										 : CATALOG_MAX_AGE_S;
}

void
catalog_release(struct catalog *c)
{
	models_release(&c->models);
	buf_release(&c->file);
	free(c->etag);
	*c = (struct catalog)CATALOG_INIT;
}
