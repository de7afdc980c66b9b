/* SPDX-License-Identifier: ISC */
/* Which models a query asks for, and in which order: part of shelf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decimal.h"
#include "endpoint.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "serve/shelf_priv.h"
#include "str.h"

#define DEFAULT_LIMIT 500
#define MAX_LIMIT 1000
#define DAY_S 86400
#define MILLION 1000000

enum order { AS_LISTED, TOLD, NEWEST, CHEAPEST, DEAREST, LONGEST, INTELLIGENCE, CODING, AGENTIC, ARENA };

/* What of Artificial Analysis's the list has. */
static const char *const indices[] = {"intelligence", "coding", "agentic"};
#define N_INDICES (sizeof(indices) / sizeof(*indices))

struct bound { /* of a price a million, of an index; text NULL: none */
	char *text;
	struct decimal d;
	price_t price;
};

struct want {
	unsigned in, out; /* all of these in; any of these out; 0: whatever */
	int64_t min_context, min_created, max_created;
	struct bound min_prompt, max_prompt, min_completion, max_completion;
	struct bound min_index[N_INDICES], max_index[N_INDICES];
	char *params, *authors, *arch, *q; /* owned; NULL */
	enum order order;
	int looks; /* rows have to be read */
	struct shelf_asked asked;
	struct shelf_told told;
};

int
shelf_bad(struct shelf_query *q, const char *name, const char *why)
{
	return err_set(q->e, ERR_DATA, "%s: %s", name, why);
}

const char *
shelf_value(struct shelf_query *q, const char *name)
{
	buf_clear(&q->value);
	if (q->get(q->arg, name, &q->value) || !q->value.len || strcmp(q->value.p, "null") == 0)
		return NULL;
	return q->value.p;
}

static int
number(struct shelf_query *q, const char *name, int64_t min, int64_t max, int64_t *out)
{
	const char *s = shelf_value(q, name);

	return s && str_int(s, min, max, out) ? shelf_bad(q, name, "no whole number, or out of bounds") : 0;
}

static int
bound(struct shelf_query *q, const char *name, int is_price, struct bound *out)
{
	const char *s = shelf_value(q, name), *why;
	size_t at;

	if (!s)
		return 0;
	if (*s == '-' || !json_valid(s, q->value.len, &at, &why) || !strchr("0123456789", *s) ||
	    (is_price && price_parse(s, q->value.len, &out->price)))
		return shelf_bad(q, name, "no number that isn't negative");
	out->text = xstrdup(s);
	return decimal_parse(&out->d, out->text, q->value.len) ? shelf_bad(q, name, "too long an exponent") : 0;
}

struct words {
	struct shelf_query *q;
	const char *name;
	unsigned bits;
};

static int
add_mode(void *arg, const char *item, size_t n)
{
	struct words *w = arg;
	unsigned bit = shelf_mode(item, n);

	w->bits |= bit;
	return bit ? 0 : shelf_bad(w->q, w->name, "no such modality");
}

static int
check_param(void *arg, const char *item, size_t n)
{
	struct words *w = arg;

	return endpoint_param(item, n) ? 0 : shelf_bad(w->q, w->name, "no such parameter");
}

static int
read_lists(struct shelf_query *q, struct want *w)
{
	struct words in = {.q = q, .name = "input_modalities"}, out = {.q = q, .name = "output_modalities"},
		     params = {.q = q, .name = "supported_parameters"};
	const char *s = shelf_value(q, in.name);

	if (s && str_list(s, add_mode, &in))
		return -1;
	s = shelf_value(q, out.name);
	if (str_list(!s || strcmp(s, "all") == 0 ? "text" : s, add_mode, &out))
		return -1;
	w->in = in.bits;
	w->out = s && strcmp(s, "all") == 0 ? 0 : out.bits;
	s = shelf_value(q, params.name);
	if (s && str_list(s, check_param, &params))
		return -1;
	w->params = s ? xstrdup(s) : NULL;
	w->authors = (s = shelf_value(q, "model_authors")) ? xstrdup(s) : NULL;
	w->arch = (s = shelf_value(q, "arch")) ? xstrdup(s) : NULL;
	w->q = (s = shelf_value(q, "q")) ? xstrdup(s) : NULL;
	w->looks |= w->params || w->arch || w->q;
	return 0;
}

static int
read_bounds(struct shelf_query *q, struct want *w, int64_t now_s)
{
	int64_t min_age = -1, max_age = -1;

	if (number(q, "context", 1, INT64_MAX, &w->min_context) || number(q, "min_age_days", 0, 1000000, &min_age) ||
	    number(q, "max_age_days", 0, 1000000, &max_age) || bound(q, "min_price", 1, &w->min_prompt) ||
	    bound(q, "max_price", 1, &w->max_prompt) || bound(q, "min_output_price", 1, &w->min_completion) ||
	    bound(q, "max_output_price", 1, &w->max_completion))
		return -1;
	w->max_created = min_age < 0 ? INT64_MAX : now_s - min_age * DAY_S;
	w->min_created = max_age < 0 ? INT64_MIN : now_s - max_age * DAY_S;
	for (size_t i = 0; i < N_INDICES; i++) {
		char min[64], max[64];
		snprintf(min, sizeof(min), "min_%s_index", indices[i]);
		snprintf(max, sizeof(max), "max_%s_index", indices[i]);
		if (bound(q, min, 0, &w->min_index[i]) || bound(q, max, 0, &w->max_index[i]))
			return -1;
		w->looks |= w->min_index[i].text || w->max_index[i].text;
	}
	return 0;
}

static int
read_order(struct shelf_query *q, struct want *w)
{
	static const struct {
		const char *word;
		enum order order;
	} words[] = {{"newest", NEWEST}, {"pricing-low-to-high", CHEAPEST}, {"pricing-high-to-low", DEAREST},
	    {"context-high-to-low", LONGEST}, {"intelligence-high-to-low", INTELLIGENCE},
	    {"coding-high-to-low", CODING}, {"agentic-high-to-low", AGENTIC}, {"design-arena-elo-high-to-low", ARENA},
	    {"most-popular", TOLD}, {"top-weekly", TOLD}, {"throughput-high-to-low", TOLD},
	    {"latency-low-to-high", TOLD}};
	const char *s = shelf_value(q, "sort");
	size_t i = 0;

	if (!s)
		return 0;
	while (i < sizeof(words) / sizeof(*words) && strcmp(words[i].word, s) != 0)
		i++;
	if (i == sizeof(words) / sizeof(*words))
		return shelf_bad(q, "sort", "no such order");
	w->order = words[i].order;
	w->looks |= w->order >= INTELLIGENCE;
	return 0;
}

static int
read_pages(struct shelf_query *q, struct shelf_pick *out)
{
	int64_t offset = -1, limit = -1;

	if (number(q, "offset", 0, INT32_MAX, &offset) || number(q, "limit", 1, MAX_LIMIT, &limit))
		return -1;
	out->paged = offset >= 0 || limit >= 0;
	out->offset = offset < 0 ? 0 : (size_t)offset;
	out->limit = limit < 0 ? DEFAULT_LIMIT : (size_t)limit;
	return 0;
}

static void
release_want(struct want *w)
{
	struct bound *bounds[] = {&w->min_prompt, &w->max_prompt, &w->min_completion, &w->max_completion};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		free(bounds[i]->text);
	for (size_t i = 0; i < N_INDICES; i++) {
		free(w->min_index[i].text);
		free(w->max_index[i].text);
	}
	shelf_asked_release(&w->asked);
	free(w->told.v);
	free(w->params);
	free(w->authors);
	free(w->arch);
	free(w->q);
}

/* ── does a row fit? ── */

static int
price_fits(price_t p, const struct bound *min, const struct bound *max)
{
	if (!min->text && !max->text)
		return 1;
	return p != PRICE_UNKNOWN && (!min->text || p >= min->price / MILLION) &&
	    (!max->text || p <= max->price / MILLION);
}

static int
author_is(void *arg, const char *item, size_t n)
{
	const char *id = arg;

	id += *id == '~';
	return n && strncasecmp(id, item, n) == 0 && id[n] == '/';
}

struct row_json {
	const struct json *j;
};

static int
lacks_param(void *arg, const char *item, size_t n)
{
	return !shelf_takes(((struct row_json *)arg)->j, item, n);
}

/* A number of the row's, of the text that the shelf keeps. */
static int
decimal_at(const struct json *j, int node, struct decimal *d)
{
	size_t n;
	const char *s;

	if (json_type(j, node) != JSON_NUMBER)
		return -1;
	s = json_raw(j, node, &n);
	return decimal_parse(d, s, n);
}

static int
index_of(const struct json *j, size_t i, struct decimal *d)
{
	char path[64];

	snprintf(path, sizeof(path), "benchmarks.artificial_analysis.%s_index", indices[i]);
	return decimal_at(j, json_path(j, 0, path), d);
}

static int
indices_fit(const struct want *w, const struct json *j)
{
	for (size_t i = 0; i < N_INDICES; i++) {
		const struct bound *min = &w->min_index[i], *max = &w->max_index[i];
		struct decimal d;
		if (!min->text && !max->text)
			continue;
		if (index_of(j, i, &d) || (min->text && decimal_cmp(&d, &min->d) < 0) ||
		    (max->text && decimal_cmp(&d, &max->d) > 0))
			return 0;
	}
	return 1;
}

static int
is_like(const struct shelf_row *r, const struct json *j, const char *q)
{
	char *name = json_dup(j, json_get(j, 0, "name"), NULL);
	int like = strcasestr(r->id, q) || (name && strcasestr(name, q));

	free(name);
	return like;
}

static int
is_arch(const struct json *j, const char *arch)
{
	char *s = json_dup(j, json_path(j, 0, "architecture.tokenizer"), NULL);
	int is = s && strcasecmp(s, arch) == 0;

	free(s);
	return is;
}

static int
fits(const struct want *w, const struct shelf_row *r, const struct json *j)
{
	struct row_json row = {j};

	if ((w->in & ~r->in) || (w->out && !(w->out & r->out)) || r->context < w->min_context ||
	    (w->max_created != INT64_MAX && (!r->created || r->created > w->max_created)) ||
	    (w->min_created != INT64_MIN && r->created < w->min_created) ||
	    !price_fits(r->prompt, &w->min_prompt, &w->max_prompt) ||
	    !price_fits(r->completion, &w->min_completion, &w->max_completion) ||
	    (w->authors && !str_list(w->authors, author_is, r->id)))
		return 0;
	return !w->looks ||
	    ((!w->params || !str_list(w->params, lacks_param, &row)) && (!w->arch || is_arch(j, w->arch)) &&
		(!w->q || is_like(r, j, w->q)) && indices_fit(w, j));
}

/* ── the order ── */

struct place {
	size_t row;
	int known;
	price_t n; /* the least first */
	int is_decimal;
	struct decimal d; /* the greatest first */
};

static int
by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = y->known - x->known;

	if (!c && x->known)
		c = x->is_decimal ? decimal_cmp(&y->d, &x->d) : (x->n > y->n) - (x->n < y->n);
	return c ? c : (x->row > y->row) - (x->row < y->row);
}

/* The best of all arenas. */
static int
elo(const struct json *j, struct decimal *best)
{
	int list = json_path(j, 0, "benchmarks.design_arena"), known = 0;

	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		struct decimal d;
		if (decimal_at(j, json_get(j, i, "elo"), &d))
			continue;
		if (!known || decimal_cmp(&d, best) > 0)
			*best = d;
		known = 1;
	}
	return known ? 0 : -1;
}

static void
set_place(struct place *p, enum order o, const struct shelf_row *r, int64_t told, const struct json *j)
{
	p->known = 1;
	switch (o) {
	case AS_LISTED:
		p->known = 0;
		break;
	case TOLD:
		p->n = told;
		p->known = told >= 0;
		break;
	case NEWEST:
		p->n = -r->created;
		p->known = r->created != 0;
		break;
	case CHEAPEST:
	case DEAREST:
		p->known = r->prompt != PRICE_UNKNOWN && r->completion != PRICE_UNKNOWN;
		p->n = o == CHEAPEST ? r->prompt + r->completion : -(r->prompt + r->completion);
		break;
	case LONGEST:
		p->n = -r->context;
		p->known = r->context != 0;
		break;
	case INTELLIGENCE:
	case CODING:
	case AGENTIC:
	case ARENA:
		p->is_decimal = 1;
		p->known = (o == ARENA ? elo(j, &p->d) : index_of(j, (size_t)(o - INTELLIGENCE), &p->d)) == 0;
		break;
	}
}

static void
pick(const struct shelf *s, const struct want *w, struct shelf_pick *out)
{
	struct place *v = xcalloc(s->n + 1, sizeof(*v));
	struct json j = JSON_INIT;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (w->looks && shelf_json(s, &s->v[i], &j))
			continue;
		int64_t told = shelf_told_place(&w->told, s->v[s->v[i].like].id);
		if (!fits(w, &s->v[i], &j) || !shelf_asked_fits(&w->asked, s, &s->v[i], told))
			continue;
		v[n] = (struct place){.row = i};
		set_place(&v[n++], w->order, &s->v[i], told, &j);
	}
	if (w->order != AS_LISTED)
		qsort(v, n, sizeof(*v), by_place);
	out->row = xcalloc(n + 1, sizeof(*out->row));
	for (size_t i = 0; i < n; i++)
		out->row[i] = v[i].row;
	out->n = out->total = n;
	json_release(&j);
	free(v);
}

int
shelf_select(const struct shelf *s, shelf_query_fn get, void *arg, int64_t now_s, const struct models *told,
    struct shelf_pick *out, struct err *e)
{
	struct shelf_query q = {.get = get, .arg = arg, .e = e};
	struct want w = {.asked = SHELF_ASKED_INIT};

	*out = (struct shelf_pick){.n = 0};
	int r = shelf_asked_read(&w.asked, &q) || read_lists(&q, &w) || read_bounds(&q, &w, now_s) ||
	    read_order(&q, &w) || read_pages(&q, out);
	if (!r) {
		shelf_told_fill(&w.told, told);
		pick(s, &w, out);
	}
	release_want(&w);
	buf_release(&q.value);
	return r ? -1 : 0;
}

void
shelf_pick_page(struct shelf_pick *p)
{
	size_t from = p->offset < p->n ? p->offset : p->n;

	p->total = p->n;
	if (!p->paged)
		return;
	p->n = p->n - from < p->limit ? p->n - from : p->limit;
	memmove(p->row, p->row + from, p->n * sizeof(*p->row));
}

void
shelf_pick_release(struct shelf_pick *p)
{
	free(p->row);
	*p = (struct shelf_pick){.n = 0};
}
