/* SPDX-License-Identifier: ISC */
/* The same models as Google's, Anthropic's and Ollama's clients ask for them: part of lists. */
#include <sha2.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "serve/handlers.h"
#include "serve/lists_priv.h"
#include "str.h"
#include "tm.h"

#define OLLAMA_VERSION "0.12.6" /* whose interface api/chat and the others are: clients ask for a least one */
#define PAGE 50                 /* Google's pages, where nothing is said */
#define ANTHROPIC_PAGE 20
#define MAX_PAGE 1000

static int
bad_request(struct visit *v, const char *why)
{
	struct err e = {0};

	err_set(&e, ERR_DATA, "%s", why);
	visit_error(v, &e);
	return -1;
}

static void
no_such_model(struct visit *v, const char *name)
{
	struct err e = {0};

	err_set(&e, ERR_NOMODEL, "model '%s' not found", name);
	e.http = 404;
	visit_error(v, &e);
}

static int
makes(const struct shelf_row *r, const char *mode)
{
	return (r->out & shelf_mode(mode, strlen(mode))) != 0;
}

/* ── Google's ── */

static void
put_methods(struct jsonw *w, const struct shelf_row *r)
{
	jsonw_key(w, "supportedGenerationMethods");
	jsonw_array(w);
	if (makes(r, "embeddings")) {
		jsonw_str(w, "embedContent");
		jsonw_str(w, "batchEmbedContents");
	} else {
		jsonw_str(w, "generateContent");
		jsonw_str(w, "streamGenerateContent");
		jsonw_str(w, "countTokens");
	}
	jsonw_end_array(w);
}

static void
put_gemini_model(struct jsonw *w, const struct shelf *s, const struct shelf_row *r)
{
	struct json j = JSON_INIT;
	struct buf name = BUF_INIT, b = BUF_INIT;

	shelf_json(s, r, &j);
	buf_addf(&name, "models/%s", r->id);
	jsonw_object(w);
	jsonw_member(w, "name", name.p);
	jsonw_member(w, "version", "1");
	json_str(&j, json_get(&j, 0, "name"), &b);
	jsonw_member(w, "displayName", buf_str(&b));
	buf_clear(&b);
	json_str(&j, json_get(&j, 0, "description"), &b);
	jsonw_member(w, "description", buf_str(&b));
	if (r->context) {
		jsonw_key(w, "inputTokenLimit");
		jsonw_int(w, r->context);
	}
	if (r->max_output) {
		jsonw_key(w, "outputTokenLimit");
		jsonw_int(w, r->max_output);
	}
	put_methods(w, r);
	jsonw_end_object(w);
	json_release(&j);
	buf_release(&name);
	buf_release(&b);
}

/* A number of the query; what isn't there stays. */
static int
number(const struct visit *v, const char *name, int64_t min, int64_t max, int64_t *out)
{
	struct buf b = BUF_INIT;
	int r = visit_query(v, name, &b) == 0 && b.len ? str_int(b.p, min, max, out) : 0;

	buf_release(&b);
	return r;
}

static void
put_gemini_page(struct visit *v, const struct shelf *s)
{
	int64_t from = 0, n = PAGE;
	struct buf b = BUF_INIT, next = BUF_INIT;
	struct jsonw w;

	if (number(v, "pageSize", 0, INT32_MAX, &n) || number(v, "pageToken", 0, INT32_MAX, &from)) {
		bad_request(v, "pageSize or pageToken: no such number");
		return;
	}
	n = n > MAX_PAGE ? MAX_PAGE : n ? n : PAGE;
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "models");
	jsonw_array(&w);
	for (int64_t i = from; i < from + n && i < (int64_t)s->n; i++)
		put_gemini_model(&w, s, &s->v[i]);
	jsonw_end_array(&w);
	if (from + n < (int64_t)s->n) {
		buf_addf(&next, "%lld", (long long)(from + n));
		jsonw_member(&w, "nextPageToken", next.p);
	}
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
	buf_release(&next);
}

void
lists_gemini(struct visit *v)
{
	lists_with(v, put_gemini_page);
}

/* ── Anthropic's ── */

static void
put_anthropic_model(struct jsonw *w, const struct shelf *s, const struct shelf_row *r)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	shelf_json(s, r, &j);
	jsonw_object(w);
	jsonw_member(w, "type", "model");
	jsonw_member(w, "id", r->id);
	json_str(&j, json_get(&j, 0, "name"), &b);
	jsonw_member(w, "display_name", b.len ? b.p : r->id);
	buf_clear(&b);
	tm_iso(&b, r->created);
	jsonw_member(w, "created_at", b.p);
	jsonw_member(w, "lifecycle", "active");
	if (r->context) {
		jsonw_key(w, "max_input_tokens");
		jsonw_int(w, r->context);
	}
	if (r->max_output) {
		jsonw_key(w, "max_tokens");
		jsonw_int(w, r->max_output);
	}
	jsonw_end_object(w);
	json_release(&j);
	buf_release(&b);
}

/* Which row a name of the query stands for: -1: it isn't there; -2: no such model. */
static int64_t
cursor(const struct visit *v, const struct shelf *s, const char *name)
{
	struct buf id = BUF_INIT;
	int64_t at = -1;

	if (visit_query(v, name, &id) == 0 && id.len) {
		const struct shelf_row *r = shelf_find(s, id.p);
		at = r ? r - s->v : -2;
	}
	buf_release(&id);
	return at;
}

static void
put_anthropic_rows(struct visit *v, const struct shelf *s, int64_t from, int64_t to, int more)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (int64_t i = from; i < to; i++)
		put_anthropic_model(&w, s, &s->v[i]);
	jsonw_end_array(&w);
	jsonw_key(&w, "has_more");
	jsonw_bool(&w, more);
	jsonw_member(&w, "first_id", from < to ? s->v[from].id : NULL);
	jsonw_member(&w, "last_id", from < to ? s->v[to - 1].id : NULL);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
}

static void
put_anthropic_page(struct visit *v, const struct shelf *s)
{
	int64_t n = ANTHROPIC_PAGE, all = (int64_t)s->n;
	int64_t after = cursor(v, s, "after_id"), before = cursor(v, s, "before_id");

	if (number(v, "limit", 1, MAX_PAGE, &n) || after == -2 || before == -2) {
		bad_request(v, "limit, after_id or before_id: no such number or model");
	} else if (before >= 0) {
		int64_t from = before > n ? before - n : 0;
		put_anthropic_rows(v, s, from, before, from > 0);
	} else {
		int64_t from = after + 1, to = all - from > n ? from + n : all;
		put_anthropic_rows(v, s, from, to, to < all);
	}
}

void
lists_anthropic(struct visit *v)
{
	lists_with(v, put_anthropic_page);
}

/* ── one model, at the path that three formats share ── */

static void
put_alone(struct visit *v, const struct shelf *s)
{
	const struct shelf_row *r = shelf_find(s, v->part[0]);
	struct buf b = BUF_INIT;
	struct jsonw w;

	if (!r) {
		no_such_model(v, v->part[0]);
		return;
	}
	jsonw_init(&w, &b);
	if (v->front == &front_anthropic)
		put_anthropic_model(&w, s, r);
	else if (v->front == &front_gemini)
		put_gemini_model(&w, s, r);
	else
		buf_add(&b, s->text.p + r->at, r->len);
	visit_json(v, 200, &b);
	buf_release(&b);
}

void
lists_model_alone(struct visit *v)
{
	lists_with(v, put_alone);
}

/* ── Ollama's ── */

static void
put_time(struct jsonw *w, const struct shelf_row *r)
{
	struct buf b = BUF_INIT;

	tm_iso(&b, r->created);
	jsonw_member(w, "modified_at", b.p);
	buf_release(&b);
}

static void
put_details(struct jsonw *w, const char *family)
{
	jsonw_key(w, "details");
	jsonw_object(w);
	jsonw_member(w, "parent_model", "");
	jsonw_member(w, "format", "");
	jsonw_member(w, "family", family);
	jsonw_key(w, "families");
	jsonw_array(w);
	jsonw_str(w, family);
	jsonw_end_array(w);
	jsonw_member(w, "parameter_size", "");
	jsonw_member(w, "quantization_level", "");
	jsonw_end_object(w);
}

/* "author" of author/slug, else the whole. Appended. */
static void
add_family(struct buf *b, const char *id)
{
	id += *id == '~';
	buf_add(b, id, strcspn(id, "/:"));
}

static void
put_tag(struct jsonw *w, const struct shelf_row *r)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct buf digest = BUF_INIT, family = BUF_INIT;
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const unsigned char *)r->id, strlen(r->id));
	SHA256Final(hash, &sha);
	for (size_t i = 0; i < sizeof(hash); i++)
		buf_addf(&digest, "%02x", hash[i]);
	add_family(&family, r->id);
	jsonw_object(w);
	jsonw_member(w, "name", r->id);
	jsonw_member(w, "model", r->id);
	put_time(w, r);
	jsonw_key(w, "size");
	jsonw_int(w, 0);
	jsonw_member(w, "digest", digest.p);
	put_details(w, buf_str(&family));
	jsonw_end_object(w);
	buf_release(&digest);
	buf_release(&family);
}

static void
put_tags(struct visit *v, const struct shelf *s)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "models");
	jsonw_array(&w);
	for (size_t i = 0; i < s->n; i++)
		if (makes(&s->v[i], "text") || makes(&s->v[i], "embeddings"))
			put_tag(&w, &s->v[i]);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
}

void
lists_tags(struct visit *v)
{
	lists_with(v, put_tags);
}

static void
put_capabilities(struct jsonw *w, const struct shelf_row *r, const struct json *j)
{
	jsonw_key(w, "capabilities");
	jsonw_array(w);
	if (makes(r, "text"))
		jsonw_str(w, "completion");
	if (makes(r, "embeddings"))
		jsonw_str(w, "embedding");
	if (r->in & shelf_mode("image", 5))
		jsonw_str(w, "vision");
	if (shelf_takes(j, "tools", 5))
		jsonw_str(w, "tools");
	if (shelf_takes(j, "reasoning", 9))
		jsonw_str(w, "thinking");
	jsonw_end_array(w);
}

static void
put_show(struct jsonw *w, const struct shelf *s, const struct shelf_row *r)
{
	struct json j = JSON_INIT;
	struct buf family = BUF_INIT, key = BUF_INIT;

	shelf_json(s, r, &j);
	add_family(&family, r->id);
	buf_addf(&key, "%s.context_length", buf_str(&family));
	jsonw_object(w);
	jsonw_member(w, "license", "");
	jsonw_member(w, "modelfile", "");
	jsonw_member(w, "parameters", "");
	jsonw_member(w, "template", "");
	put_details(w, buf_str(&family));
	jsonw_key(w, "model_info");
	jsonw_object(w);
	jsonw_member(w, "general.architecture", buf_str(&family));
	if (r->context) {
		jsonw_key(w, key.p);
		jsonw_int(w, r->context);
	}
	jsonw_end_object(w);
	put_capabilities(w, r, &j);
	put_time(w, r);
	jsonw_end_object(w);
	json_release(&j);
	buf_release(&family);
	buf_release(&key);
}

/* {"model":...}, in old clients {"name":...}. "x:latest" is x. Appended; -1: there is none. */
static int
named(const struct visit *v, const struct shelf *s, struct buf *name)
{
	const struct buf *body = &exchange_request(v->x)->body;
	static const char latest[] = ":latest";
	struct json j = JSON_INIT;
	int r = json_parse(&j, buf_str(body), body->len, NULL);

	if (!r)
		r = json_str(&j, json_get(&j, 0, "model"), name) && json_str(&j, json_get(&j, 0, "name"), name);
	json_release(&j);
	if (r || strlen(buf_str(name)) != name->len)
		return -1;
	size_t n = sizeof(latest) - 1;
	if (name->len > n && strcmp(name->p + name->len - n, latest) == 0 && !shelf_find(s, name->p))
		name->p[name->len -= n] = '\0';
	return 0;
}

static void
show(struct visit *v, const struct shelf *s)
{
	struct buf name = BUF_INIT, b = BUF_INIT;
	const struct shelf_row *r;
	struct jsonw w;

	if (named(v, s, &name))
		bad_request(v, "request: model is missing");
	else if (!(r = shelf_find(s, buf_str(&name))))
		no_such_model(v, buf_str(&name));
	else {
		jsonw_init(&w, &b);
		put_show(&w, s, r);
		visit_json(v, 200, &b);
	}
	buf_release(&name);
	buf_release(&b);
}

void
lists_show(struct visit *v)
{
	lists_with(v, show);
}

void
lists_version(struct visit *v)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_member(&w, "version", OLLAMA_VERSION);
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
}
