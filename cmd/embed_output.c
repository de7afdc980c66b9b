/* SPDX-License-Identifier: ISC */
/* What or-embed writes: rows in order, the head of an npy file, the lines of -M. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "candidate.h"
#include "ledger.h"
#include "embed_tool.h"
#include "err.h"
#include "meta.h"
#include "outcome.h"

#define FLUSH_AT (256 * 1024)

/* The head of an npy file holds the number of rows: it is written last, and first. */
int
embed_check_output(struct embedder *x, struct err *e)
{
	int flags = fcntl(x->out.fd, F_GETFL);

	if (x->a.form != VECOUT_NPY)
		return 0;
	x->npy_at = lseek(x->out.fd, 0, SEEK_CUR);
	if (x->npy_at < 0 || (flags >= 0 && flags & O_APPEND))
		return err_set(e, ERR_USAGE, "-F npy can't go to %s: its head is written last (-o file)",
		    x->npy_at < 0 ? "a pipe" : "the end of a file");
	return 0;
}

int
embed_flush(void *arg, struct err *e)
{
	struct embedder *x = arg;
	int r = x->rows.len ? out_write(&x->out, x->rows.p, x->rows.len, e) : 0;

	buf_clear(&x->rows);
	return r;
}

static void
add_row(struct embedder *x, const struct embed_row *row)
{
	const struct vecout_row r = {.record = row->text.record,
	    .id = row->text.id,
	    .n_id = row->text.n_id,
	    .text = row->text.text,
	    .n_text = row->text.n_text,
	    .model = x->names.v->model,
	    .v = row->v,
	    .n_dims = x->n_dims,
	    .error = row->err->msg};

	vecout_add(&x->rows, x->a.form, &r);
	x->n_rows++;
}

static void
leave_head(struct embedder *x)
{
	if (x->a.form != VECOUT_NPY || x->head_out)
		return;
	x->head_out = 1;
	vecout_npy_head(buf_reserve(&x->rows, VECOUT_NPY_HEAD), 0, x->n_dims);
	x->rows.len += VECOUT_NPY_HEAD;
}

int
embed_write_row(void *arg, const struct embed_row *row, struct err *e)
{
	struct embedder *x = arg;
	const struct embed_row failed = {.err = row->err};

	if (!x->n_dims)
		x->n_dims = row->n_dims ? row->n_dims : (size_t)x->a.dims;
	if (!x->n_dims && vecout_is_binary(x->a.form)) {
		x->n_unknown++; /* how long is a row? */
		return 0;
	}
	leave_head(x);
	for (; x->n_unknown; x->n_unknown--)
		add_row(x, &failed);
	add_row(x, row);
	return x->rows.len < FLUSH_AT ? 0 : embed_flush(x, e);
}

int
embed_finish_output(struct embedder *x, struct err *e)
{
	char head[VECOUT_NPY_HEAD];

	if (x->a.form == VECOUT_NPY && !x->n_dims)
		x->n_dims = (size_t)x->a.dims;
	leave_head(x);
	if (embed_flush(x, e))
		return -1;
	if (x->a.form != VECOUT_NPY)
		return 0;
	vecout_npy_head(head, (uint64_t)x->n_rows, x->n_dims);
	if (pwrite(x->out.fd, head, sizeof(head), x->npy_at) != (ssize_t)sizeof(head))
		return err_sys(e, ERR_IO, errno, "%s", x->out.name);
	return 0;
}

int
embed_open_meta(struct embedder *x, struct err *e)
{
	if (!x->a.meta)
		return 0;
	x->meta_fd = out_append(x->a.meta);
	return x->meta_fd < 0 ? err_sys(e, ERR_CANTCREATE, errno, "%s", x->a.meta) : 0;
}

/* A line for each request, in one write. */
void
embed_write_meta(void *arg, const struct outcome *o)
{
	struct embedder *x = arg;
	struct buf cost = BUF_INIT, line = BUF_INIT;
	struct err err = o->err, late = {0};
	struct meta_spec m = {.outcome = &o, .n_outcome = 1, .usage = &o->usage, .err = &err, .source = COST_UNKNOWN};

	for (size_t i = 0; x->a.verbose && i < o->losses.n; i++)
		warnx("left out for this provider: %s", o->losses.v[i]);
	if (x->meta_fd < 0)
		return;
	if (err.kind == ERR_NEGATIVE) /* vectors are no words */
		err_clear(&err);
	if (o->served)
		m.source = o->attempt[o->n_attempt - 1].source;
	if (m.source != COST_UNKNOWN)
		price_emit_pusd(&cost, o->attempt[o->n_attempt - 1].cost_pusd);
	m.cost = cost.len ? cost.p : NULL;
	meta_emit(&m, &line);
	if (out_line(x->meta_fd, line.p, line.len, x->a.meta, &late))
		embed_warn(x, late.msg);
	buf_release(&cost);
	buf_release(&line);
}
