/* SPDX-License-Identifier: ISC */
#include "serve/shelf_priv.h"

#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "endpoint.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "models.h"
#include "policy.h"
#include "providers.h"
#include "request.h"
#include "str.h"

static const char *const modes[] = {
    "text", "image", "file", "audio", "video", "embeddings", "rerank", "speech", "transcription"};
#define N_MODES (sizeof(modes) / sizeof(*modes))

unsigned
shelf_mode(const char *word, size_t n)
{
	for (size_t i = 0; i < N_MODES; i++)
		if (strlen(modes[i]) == n && memcmp(modes[i], word, n) == 0)
			return 1U << i;
	return 0;
}

void
shelf_release(struct shelf *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].id);
	free(s->v);
	free(s->lacks);
	buf_release(&s->text);
	*s = (struct shelf)SHELF_INIT;
}

int
shelf_json(const struct shelf *s, const struct shelf_row *r, struct json *j)
{
	return json_parse(j, s->text.p + r->at, r->len, NULL);
}

const struct shelf_row *
shelf_find(const struct shelf *s, const char *id)
{
	struct json j = JSON_INIT;
	const struct shelf_row *found = NULL;

	for (size_t i = 0; !found && i < s->n; i++)
		if (strcmp(s->v[i].id, id) == 0)
			found = &s->v[i];
	for (size_t i = 0; !found && i < s->n; i++)
		if (memmem(s->text.p + s->v[i].at, s->v[i].len, id, strlen(id)) && shelf_json(s, &s->v[i], &j) == 0 &&
		    json_eq(&j, json_get(&j, 0, "canonical_slug"), id))
			found = &s->v[i];
	json_release(&j);
	return found;
}

int
shelf_takes(const struct json *j, const char *param, size_t n)
{
	int list = json_get(j, 0, "supported_parameters");
	size_t len;

	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		const char *s = json_raw(j, i, &len);
		if (len == n + 2 && memcmp(s + 1, param, n) == 0)
			return 1;
	}
	return 0;
}

/* ── rows ── */

static unsigned
modes_of(const struct json *j, const char *path)
{
	int list = json_path(j, 0, path);
	unsigned bits = 0;
	size_t n;

	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		const char *s = json_raw(j, i, &n);
		if (n > 2)
			bits |= shelf_mode(s + 1, n - 2);
	}
	return bits;
}

static int
is_full(const struct shelf *s, size_t n)
{
	return s->n >= MODELS_MAX || s->text.len + n >= SHELF_MAX;
}

/* What came since `at` is this row's object. */
static void
add(struct shelf *s, const struct shelf_row *r, size_t at, const char *id)
{
	s->v = mem_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n] = *r;
	s->v[s->n].at = at;
	s->v[s->n].len = s->text.len - at;
	if (r->like == SHELF_ITSELF)
		s->v[s->n].like = s->n;
	s->v[s->n++].id = xstrdup(id);
}

static size_t
begin(struct shelf *s)
{
	if (s->text.len)
		buf_addc(&s->text, ',');
	return s->text.len;
}

static struct shelf_row
row_of(struct models *ms, const struct model *m, const struct provider *by)
{
	const struct json *j = model_json(ms, m);
	struct shelf_row r = {.created = m->created,
	    .context = m->context,
	    .max_output = m->max_output,
	    .prompt = m->prompt,
	    .completion = m->completion,
	    .by = by,
	    .like = SHELF_ITSELF,
	    .in = modes_of(j, "architecture.input_modalities"),
	    .out = modes_of(j, "architecture.output_modalities")};

	return r;
}

/* ── rows of our own ── */

struct own_row {
	struct shelf_row r;
	const char *id, *name, *description;
	const char *params; /* JSON, of n_params bytes; NULL: none is known */
	size_t n_params;
};

static void
put_modes(struct jsonw *w, unsigned bits)
{
	jsonw_array(w);
	for (size_t i = 0; i < N_MODES; i++)
		if (bits & 1U << i)
			jsonw_str(w, modes[i]);
	jsonw_end_array(w);
}

static void
add_modality(struct buf *b, unsigned bits)
{
	const char *plus = "";

	for (size_t i = 0; i < N_MODES; i++)
		if (bits & 1U << i) {
			buf_addf(b, "%s%s", plus, modes[i]);
			plus = "+";
		}
}

static void
put_architecture(struct jsonw *w, const struct shelf_row *r)
{
	struct buf b = BUF_INIT;

	jsonw_key(w, "architecture");
	jsonw_object(w);
	add_modality(&b, r->in);
	buf_adds(&b, "->");
	add_modality(&b, r->out);
	jsonw_member(w, "modality", b.p);
	jsonw_key(w, "input_modalities");
	put_modes(w, r->in);
	jsonw_key(w, "output_modalities");
	put_modes(w, r->out);
	jsonw_member(w, "tokenizer", "Other");
	jsonw_member(w, "instruct_type", NULL);
	jsonw_end_object(w);
	buf_release(&b);
}

/* "-1" is the list's own word for a price that isn't known. */
static void
put_price(struct jsonw *w, const char *key, price_t p)
{
	struct buf b = BUF_INIT;

	if (p == PRICE_UNKNOWN)
		buf_adds(&b, "-1");
	else
		price_emit(&b, p);
	jsonw_member(w, key, b.p);
	buf_release(&b);
}

void
shelf_put_number(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	if (n)
		jsonw_int(w, n);
	else
		jsonw_null(w);
}

/* Those that are parameters of OpenRouter's list. */
static void
put_params(struct jsonw *w, const struct own_row *o)
{
	struct json j = JSON_INIT;
	size_t n;

	jsonw_key(w, "supported_parameters");
	jsonw_array(w);
	if (o->params && json_parse(&j, o->params, o->n_params, NULL) == 0)
		for (int i = json_child(&j, 0); i >= 0; i = json_next(&j, 0, i)) {
			const char *s = json_raw(&j, i, &n);
			if (json_type(&j, i) == JSON_STRING && endpoint_param(s + 1, n - 2))
				jsonw_raw(w, s, n);
		}
	jsonw_end_array(w);
	json_release(&j);
}

static void
put_links(struct jsonw *w, const char *id)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "/api/v1/models/");
	str_percent(&b, id, "/:@~");
	buf_adds(&b, "/endpoints");
	jsonw_key(w, "links");
	jsonw_object(w);
	jsonw_member(w, "details", b.p);
	jsonw_end_object(w);
	buf_release(&b);
}

static void
put_limits(struct jsonw *w, const struct shelf_row *r)
{
	shelf_put_number(w, "context_length", r->context);
	put_architecture(w, r);
	jsonw_key(w, "pricing");
	jsonw_object(w);
	put_price(w, "prompt", r->prompt);
	put_price(w, "completion", r->completion);
	jsonw_end_object(w);
	jsonw_key(w, "top_provider");
	jsonw_object(w);
	shelf_put_number(w, "context_length", r->context);
	shelf_put_number(w, "max_completion_tokens", r->max_output);
	jsonw_key(w, "is_moderated");
	jsonw_bool(w, 0);
	jsonw_end_object(w);
}

static void
add_own(struct shelf *s, const struct own_row *o)
{
	size_t at;
	struct jsonw w;

	if (is_full(s, 0))
		return;
	at = begin(s);
	jsonw_init(&w, &s->text);
	jsonw_object(&w);
	jsonw_member(&w, "id", o->id);
	jsonw_member(&w, "canonical_slug", o->id);
	jsonw_member(&w, "hugging_face_id", NULL);
	jsonw_member(&w, "name", o->name);
	jsonw_key(&w, "created");
	jsonw_int(&w, o->r.created);
	jsonw_member(&w, "description", o->description);
	put_limits(&w, &o->r);
	jsonw_member(&w, "per_request_limits", NULL);
	put_params(&w, o);
	jsonw_member(&w, "default_parameters", NULL);
	jsonw_member(&w, "supported_voices", NULL);
	jsonw_member(&w, "knowledge_cutoff", NULL);
	jsonw_member(&w, "expiration_date", NULL);
	put_links(&w, o->id);
	jsonw_end_object(&w);
	add(s, &o->r, at, o->id);
}

/* A row of another list, or what is known of the model that a name stands for. */
static void
add_like(struct shelf *s, const char *id, const char *name, const char *description, struct shelf_row r,
    const struct json *j)
{
	struct own_row o = {.id = id, .name = name, .description = description};
	int params = j ? json_get(j, 0, "supported_parameters") : -1;

	/* Few lists tell an embedder from a chat model but by its name. */
	if (!r.out)
		r.out = strstr(id, "embed") ? shelf_mode("embeddings", 10) : shelf_mode("text", 4);
	if (!r.in)
		r.in = shelf_mode("text", 4);
	o.r = r;
	if (json_type(j, params) == JSON_ARRAY)
		o.params = json_raw(j, params, &o.n_params);
	add_own(s, &o);
}

/* ── where they come from ── */

static void
add_router(struct shelf *s, const struct provider *p, struct models *ms)
{
	for (size_t i = 0; i < ms->n; i++) {
		const struct model *m = &ms->v[i];
		if (is_full(s, m->len))
			continue;
		struct shelf_row r = row_of(ms, m, p);
		size_t at = begin(s);
		buf_add(&s->text, ms->text + m->at, m->len);
		add(s, &r, at, m->id);
		s->n_routed++;
	}
}

static void
add_provider(struct shelf *s, const struct provider *p, struct models *ms)
{
	struct buf id = BUF_INIT, name = BUF_INIT;
	int is_mock = strcmp(p->wire, "mock") == 0;

	if (p->prompt != PRICE_UNKNOWN)
		models_default_price(ms, p->prompt, p->completion);
	for (size_t i = 0; i < ms->n; i++) {
		struct shelf_row r = row_of(ms, &ms->v[i], p);
		const char *own = ms->v[i].id;
		buf_clear(&id);
		buf_clear(&name);
		buf_addf(&id, "%s%s%s", is_mock ? "" : p->name, is_mock ? "" : ":", own);
		buf_addf(&name, "%s: %s", p->name, own);
		if (!r.in && model_takes(ms, &ms->v[i], "image", 5))
			r.in = shelf_mode("text", 4) | shelf_mode("image", 5);
		add_like(s, id.p, is_mock ? own : name.p, "", r, model_json(ms, &ms->v[i]));
	}
	buf_release(&id);
	buf_release(&name);
}

/* A name of the user's own, for the first of these models. */
static void
add_name(struct shelf *s, const char *id, const char *model, const char *description)
{
	struct json j = JSON_INIT;
	struct shelf_row r = {.prompt = PRICE_UNKNOWN, .completion = PRICE_UNKNOWN, .like = SHELF_ITSELF};
	const struct shelf_row *of = model ? shelf_find(s, model) : NULL;
	struct buf text = BUF_INIT;

	if (shelf_find(s, id))
		return;
	if (of) { /* (of a copy: the text may move) */
		r = *of;
		r.by = NULL;
		buf_add(&text, s->text.p + of->at, of->len);
	}
	int parsed = of && json_parse(&j, text.p, text.len, NULL) == 0;
	add_like(s, id, id, description, r, parsed ? &j : NULL);
	json_release(&j);
	buf_release(&text);
}

static void
add_maps(struct shelf *s, const struct provider *p)
{
	struct buf native = BUF_INIT;

	for (size_t i = 0; i < p->n_map; i++) {
		buf_clear(&native);
		buf_addf(&native, "%s:%s", p->name, p->map[i].id);
		add_name(s, p->map[i].model, native.p, "");
	}
	buf_release(&native);
}

static void
add_aliases(struct shelf *s, const struct providers *ps)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < ps->n_alias; i++) {
		const struct alias *a = &ps->alias[i];
		buf_clear(&b);
		for (size_t k = 0; k < a->n_model; k++)
			buf_addf(&b, "%s%s", k ? ", " : "", a->model[k]);
		add_name(s, a->name, a->n_model ? a->model[0] : NULL, buf_str(&b));
	}
	buf_release(&b);
}

static void
add_presets(struct shelf *s, const struct policy *policy)
{
	struct buf id = BUF_INIT;

	for (size_t i = 0; i < policy->n_preset; i++) {
		char *chain = request_chain(policy->preset[i].json, policy->preset[i].len, NULL);
		char *first = chain ? xstrndup(chain, strcspn(chain, ",")) : NULL;
		buf_clear(&id);
		buf_addf(&id, "@preset/%s", policy->preset[i].name);
		if (first)
			add_name(s, id.p, first, chain);
		free(first);
		free(chain);
	}
	buf_release(&id);
}

/* OpenRouter's list serves also whoever has no key of it: its rows say what models cost. */
static int
add_list(struct shelf *s, struct provider *p, int i)
{
	int is_mock = strcmp(p->wire, "mock") == 0, routes = provider_routes(p),
	    ready = !is_mock && provider_configured(p);
	struct catalog c = CATALOG_INIT;

	if (is_mock || (!ready && !routes))
		return 0;
	if (catalog_cached(&c, p, "models", NULL))
		s->lacks[i] = (unsigned char)ready;
	else if (routes)
		add_router(s, p, &c.models);
	else
		add_provider(s, p, &c.models);
	if (ready && c.age_s >= CATALOG_MAX_AGE_S)
		s->lacks[i] = 2;
	catalog_release(&c);
	return ready;
}

static void
add_mock(struct shelf *s, struct providers *ps)
{
	struct provider *p = providers_get(ps, "mock", 4);
	struct catalog c = CATALOG_INIT;

	if (p && catalog_cached(&c, p, "models", NULL) == 0)
		add_provider(s, p, &c.models);
	catalog_release(&c);
}

void
shelf_fill(struct shelf *s, struct providers *ps, const struct policy *policy)
{
	struct provider *router = providers_router(ps);
	int n_ready = 0;

	shelf_release(s);
	s->stamp = catalog_stamp(ps);
	s->lacks = xcalloc(ps->n + 1, sizeof(*s->lacks));
	if (router)
		n_ready += add_list(s, router, (int)(router - ps->v));
	for (size_t i = 0; i < ps->n; i++)
		if (&ps->v[i] != router)
			n_ready += add_list(s, &ps->v[i], (int)i);
	for (size_t i = 0; i < ps->n; i++)
		if (provider_configured(&ps->v[i]))
			add_maps(s, &ps->v[i]);
	if (!n_ready)
		add_mock(s, ps);
	add_aliases(s, ps);
	add_presets(s, policy);
}
