/* SPDX-License-Identifier: ISC */
/*
 * vecout: records and their vectors as or-embed writes them. Pure.
 *
 *	ndjson   {"record":1,"id":"x","text":"...","model":"m","embedding":[...]}, or "error" in place of the embedding
 *	tsv      id or record number, then the numbers, or `-`; nothing else
 *	f32      little-endian float32 after float32; a record without a vector is NaN
 *	npy      the same behind a header: numpy's format 1.0 (numpy.lib.format)
 *	base64   those bytes of each record, a line each, or `-`
 */
#ifndef VECOUT_H
#define VECOUT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum vecout_form { VECOUT_NDJSON, VECOUT_TSV, VECOUT_F32, VECOUT_NPY, VECOUT_BASE64 };

#define VECOUT_FORMS "ndjson|tsv|f32|npy|base64"
#define VECOUT_NPY_HEAD 128 /* bytes; the same for each shape, since the count is known at the end only */

struct vecout_row {
	int64_t record; /* from 1 */
	const char *id; /* NULL: none */
	size_t n_id;
	const char *text;
	size_t n_text;
	const char *model;
	const float *v; /* NULL: it failed */
	size_t n_dims;  /* also where it failed */
	const char *error;
};

/* -1: no such form. */
int vecout_form(const char *word);
/* May it stand in one stream with others only when their dimensions are known? */
int vecout_is_binary(enum vecout_form form);
void vecout_add(struct buf *b, enum vecout_form form, const struct vecout_row *r);
void vecout_npy_head(char *to, uint64_t n_rows, size_t n_dims);

#endif
