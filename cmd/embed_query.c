/* SPDX-License-Identifier: ISC */
/* or-embed -Q: of the vectors in a file, the nearest to a text's. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embed_tool.h"
#include "candidate.h"
#include "err.h"
#include "jsonw.h"
#include "loop.h"
#include "mem.h"
#include "nearest.h"
#include "str.h"
#include "vecin.h"

#define READ_SIZE (256 * 1024)

struct search {
	struct embedder *x;
	struct nearest nearest;
	struct err err;
};

/* "openai/text-embedding-3-small" and "text-embedding-3-small" are one model, at two providers. */
static int
same_model(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');

	return strcmp(x ? x + 1 : a, y ? y + 1 : b) == 0;
}

static int
on_row(void *arg, const struct vecin_row *r)
{
	struct search *s = arg;
	const char *model = s->x->names.v->model;

	if (r->model && !same_model(r->model, model))
		return err_set(&s->err, ERR_DATA, "record %" PRId64 " is a vector of the model %s, the query's is %s",
		    r->record, r->model, model);
	if (r->n_dims != s->x->n_dims)
		return err_set(&s->err, ERR_DATA, "record %" PRId64 " has %zu dimensions, the query has %zu", r->record,
		    r->n_dims, s->x->n_dims);
	nearest_add(&s->nearest, r->v, r->record, r->label, r->n_label);
	return 0;
}

static int
read_all(struct search *s, int fd, const char *name, struct err *e)
{
	char *buf = xmalloc(READ_SIZE);
	struct vecin in;
	ssize_t n = 0;
	int r = 0;

	vecin_init(&in, s->x->n_dims, on_row, s);
	while (r == 0 && (n = read(fd, buf, READ_SIZE)) != 0) {
		if (loop_signal()) {
			r = err_set(e, ERR_SIGNAL, "interrupted");
			e->sys = loop_signal();
		} else if (n < 0 && errno != EINTR) {
			r = err_sys(e, ERR_IO, errno, "%s", name);
		} else if (n > 0) {
			r = vecin_feed(&in, buf, (size_t)n, e);
		}
	}
	if (r == 0)
		r = vecin_end(&in, e);
	if (s->err.kind)
		*e = s->err;
	if (r && e->kind == ERR_DATA)
		err_wrap(e, "%s", name);
	vecin_release(&in);
	free(buf);
	return r;
}

static void
add_hit(struct buf *b, const struct nearest_hit *h, int ndjson)
{
	struct jsonw w;
	char score[32];
	int n = snprintf(score, sizeof(score), "%.6f", h->score);

	if (!ndjson) {
		buf_addf(b, "%s\t%" PRId64 "\t", score, h->record);
		if (h->label)
			str_tsv(b, h->label, h->n_label);
		else
			buf_addc(b, '-');
		buf_addc(b, '\n');
		return;
	}
	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_key(&w, "score");
	jsonw_raw(&w, score, (size_t)n);
	jsonw_key(&w, "record");
	jsonw_int(&w, h->record);
	jsonw_key(&w, "label");
	if (h->label)
		jsonw_strn(&w, h->label, h->n_label);
	else
		jsonw_null(&w);
	jsonw_end_object(&w);
	buf_addc(b, '\n');
}

int
embed_query(struct embedder *x, int fd, const char *name, struct err *e)
{
	struct search s = {.x = x};

	nearest_init(&s.nearest, x->query, x->n_dims, (size_t)x->a.limit);
	int r = read_all(&s, fd, name, e);
	nearest_sort(&s.nearest);
	for (size_t i = 0; r == 0 && i < s.nearest.n; i++)
		add_hit(&x->rows, s.nearest.hit + i, x->a.form == VECOUT_NDJSON);
	if (r == 0 && s.nearest.n == 0)
		r = err_set(e, ERR_NEGATIVE, "%s: no vectors", name);
	if (r == 0)
		r = out_write(&x->out, buf_str(&x->rows), x->rows.len, e);
	nearest_release(&s.nearest);
	return r;
}
