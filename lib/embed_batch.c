/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "embed_priv.h"
#include "jsonw.h"
#include "mem.h"
#include "nearest.h"

void
embed_batch_free(struct embed_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_piece; i++)
		free(b->piece[i].v);
	free(b->piece);
	free(b->record);
	free(b->send);
	free(b->todo);
	buf_release(&b->bytes);
	buf_release(&b->request);
	free(b);
}

size_t
embed_cost(const char *text, size_t n, int strict)
{
	size_t cost = 0, ascii = strict ? 4 : 3;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		cost += c < 0x80 ? ascii : c >= 0xc0 ? 12 : 0;
	}
	return cost;
}

static size_t
keep(struct embed_batch *b, const char *p, size_t n)
{
	size_t at = b->bytes.len;

	buf_add(&b->bytes, p, n);
	return at;
}

/* Bytes of the next piece: as many characters as cost no more, up to the last blank of its second half where there is one. */
static size_t
piece_length(const char *p, size_t n, size_t most, int strict)
{
	size_t i = 0, cost = 0, blank = 0;

	while (i < n) {
		size_t len = 1;
		while (i + len < n && ((unsigned char)p[i + len] & 0xc0) == 0x80)
			len++;
		cost += embed_cost(p + i, len, strict);
		if (cost > most && i > 0)
			break;
		i += len;
		if (p[i - 1] == ' ' || p[i - 1] == '\n' || p[i - 1] == '\t')
			blank = i;
	}
	return i < n && p[i] != ' ' && p[i] != '\n' && blank > i / 2 ? blank : i;
}

void
embed_batch_add(struct embed_batch *b, const struct embed_text *t, size_t most, int strict)
{
	struct embed_record r = {.number = t->record, .n_text = t->n_text, .n_id = t->n_id, .has_id = t->id != NULL};

	r.text = keep(b, t->text, t->n_text);
	if (t->id)
		r.id = keep(b, t->id, t->n_id);
	r.piece = b->n_piece;
	for (size_t at = 0, n; at < t->n_text; at += n) {
		n = most ? piece_length(t->text + at, t->n_text - at, most, strict) : t->n_text;
		b->piece = mem_grow(b->piece, b->n_piece, &b->cap_piece, sizeof(*b->piece));
		b->piece[b->n_piece++] = (struct embed_piece){.at = r.text + at, .n = n};
		r.n_pieces++;
	}
	b->record = mem_grow(b->record, b->n_record, &b->cap_record, sizeof(*b->record));
	b->record[b->n_record++] = r;
}

void
embed_batch_request(struct embed_batch *b, const char *options)
{
	struct jsonw w;

	buf_clear(&b->request);
	jsonw_init(&w, &b->request);
	jsonw_object(&w);
	jsonw_key(&w, "input");
	jsonw_array(&w);
	for (size_t i = b->now.from; i < b->now.to; i++) {
		const struct embed_piece *p = b->piece + b->send[i];
		jsonw_strn(&w, b->bytes.p + p->at, p->n);
	}
	jsonw_end_array(&w);
	buf_adds(&b->request, options);
	jsonw_end_object(&w);
}

int
embed_batch_vector(struct embed_batch *b, size_t i, const void *v, size_t n_dims)
{
	if (i >= b->now.to - b->now.from)
		return -1;
	struct embed_piece *p = b->piece + b->send[b->now.from + i];
	if (p->v)
		return -1;
	p->v = xreallocarray(NULL, n_dims, sizeof(*p->v));
	memcpy(p->v, v, n_dims * sizeof(*p->v));
	return 0;
}

void
embed_batch_forget(struct embed_batch *b)
{
	err_clear(&b->wrong);
	for (size_t i = b->now.from; i < b->now.to; i++) {
		struct embed_piece *p = b->piece + b->send[i];
		free(p->v);
		p->v = NULL;
	}
}

int
embed_batch_judge(const struct embed_batch *b, struct err *e)
{
	size_t n = b->now.to - b->now.from, missing = 0;

	if (b->wrong.kind) {
		*e = b->wrong;
		return -1;
	}
	for (size_t i = b->now.from; i < b->now.to; i++)
		missing += !b->piece[b->send[i]].v;
	if (!missing)
		return 0;
	return err_set(e, ERR_PROTOCOL, "the answer has no vector for %zu of %zu texts", missing, n);
}

static void
push(struct embed_batch *b, size_t from, size_t to)
{
	b->todo = mem_grow(b->todo, b->n_todo, &b->cap_todo, sizeof(*b->todo));
	b->todo[b->n_todo++] = (struct embed_range){from, to};
}

void
embed_batch_halve(struct embed_batch *b)
{
	size_t middle = b->now.from + (b->now.to - b->now.from) / 2;

	push(b, middle, b->now.to);
	push(b, b->now.from, middle);
}

const float *
embed_batch_result(struct embed_batch *b, size_t record, size_t n_dims)
{
	const struct embed_record *r = b->record + record;
	struct embed_piece *first = b->piece + r->piece;

	for (size_t i = 0; i < r->n_pieces; i++)
		if (!first[i].v)
			return NULL;
	if (r->n_pieces == 1)
		return first->v;
	for (size_t k = 0; k < n_dims; k++) {
		double sum = 0;
		for (size_t i = 0; i < r->n_pieces; i++)
			sum += (double)first[i].v[k] * (double)first[i].n;
		first->v[k] = (float)(sum / (double)r->n_text);
	}
	nearest_unit(first->v, n_dims);
	return first->v;
}
