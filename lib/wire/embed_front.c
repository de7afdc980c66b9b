/* SPDX-License-Identifier: ISC */
#include "wire/embed_front.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "vecnum.h"
#include "vecout.h"

const struct embed_front *
embed_front_get(const char *name)
{
	static const struct embed_front *const fronts[] = {
	    &embed_front_openai, &embed_front_gemini, &embed_front_ollama, &embed_front_cohere};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++)
		if (strcmp(fronts[i]->name, name) == 0)
			return fronts[i];
	return NULL;
}

void
embed_answer_init(struct embed_answer *a, const struct embed_form *form, const struct json *canonical)
{
	int64_t dims;

	memset(a, 0, sizeof(*a));
	a->form = form;
	a->request = canonical;
	if (json_int(canonical, json_get(canonical, 0, "dimensions"), &dims) == 0 && dims > 0)
		a->n_asked_dims = (size_t)dims;
	a->n = a->n_missing = (size_t)json_count(canonical, json_get(canonical, 0, "input"));
	answer_init(&a->answer);
}

static void
drop_vectors(struct embed_answer *a)
{
	for (size_t i = 0; a->v && i < a->n; i++)
		free(a->v[i].v);
	free(a->v);
	a->v = NULL;
}

void
embed_answer_release(struct embed_answer *a)
{
	drop_vectors(a);
	answer_release(&a->answer);
}

void
embed_answer_clear(struct embed_answer *a)
{
	embed_answer_release(a);
	answer_init(&a->answer);
	a->n_missing = a->n;
	a->n_bytes = a->n_dims = 0;
}

static int
check_numbers(const float *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return -1;
	return n ? 0 : -1;
}

static int
add_vector(struct embed_answer *a, const struct event *ev, struct err *e)
{
	size_t n_dims = ev->n / sizeof(float);
	struct embed_vector *to;

	if (ev->index < 0 || (size_t)ev->index >= a->n)
		return err_set(e, ERR_PROTOCOL, "a vector with number %d for %zu inputs", ev->index, a->n);
	if (!a->v)
		a->v = xcalloc(a->n, sizeof(*a->v));
	to = a->v + ev->index;
	if (to->v)
		return err_set(e, ERR_PROTOCOL, "two vectors with number %d", ev->index);
	if (a->n_asked_dims && a->n_asked_dims != n_dims)
		return err_set(
		    e, ERR_PROTOCOL, "a vector of %zu dimensions, where %zu were asked for", n_dims, a->n_asked_dims);
	if (a->n_dims && a->n_dims != n_dims)
		return err_set(e, ERR_PROTOCOL, "vectors of %zu and of %zu dimensions", a->n_dims, n_dims);
	if (n_dims * sizeof(float) > EMBED_FRONT_MAX_BYTES - a->n_bytes)
		return err_set(e, ERR_PROTOCOL, "the answer's vectors have more than %d bytes", EMBED_FRONT_MAX_BYTES);
	*to = (struct embed_vector){xreallocarray(NULL, n_dims + 1, sizeof(float)), n_dims};
	memcpy(to->v, ev->s, n_dims * sizeof(float));
	a->n_dims = n_dims;
	a->n_bytes += n_dims * sizeof(float);
	a->n_missing--;
	if (check_numbers(to->v, n_dims))
		return err_set(e, ERR_PROTOCOL, "vector %d holds something that is no number, or nothing", ev->index);
	return 0;
}

int
embed_answer_event(struct embed_answer *a, const struct event *ev, struct err *e)
{
	if (ev->type == EVENT_VECTOR)
		return add_vector(a, ev, e);
	if (!event_is_content(ev->type))
		answer_add(&a->answer, ev);
	return 0;
}

int
embed_answer_check(const struct embed_answer *a, struct err *e)
{
	if (a->n_missing)
		return err_set(e, ERR_PROTOCOL, "the answer has no vector for %zu of %zu inputs", a->n_missing, a->n);
	return 0;
}

void
embed_write_numbers(struct jsonw *w, const struct embed_vector *v)
{
	jsonw_array(w);
	for (size_t i = 0; i < v->n_dims; i++) {
		char *to = buf_reserve(w->b, VECNUM_MAX_PRINT + 1);
		size_t at = 0;
		if (i > 0)
			to[at++] = ',';
		w->b->len += at + vecnum_print(to + at, v->v[i]);
	}
	jsonw_end_array(w);
}

void
embed_write_base64(struct jsonw *w, const struct embed_vector *v)
{
	const struct vecout_row row = {.v = v->v, .n_dims = v->n_dims};
	struct buf line = BUF_INIT;

	vecout_add(&line, VECOUT_BASE64, &row);
	jsonw_strn(w, line.p, line.len - 1); /* without its line end */
	buf_release(&line);
}

const char *
embed_answer_model(const struct embed_answer *a)
{
	return a->answer.model ? a->answer.model : a->model ? a->model : "";
}

const char *
embed_answer_id(const struct embed_answer *a)
{
	return a->id ? a->id : a->answer.id;
}
