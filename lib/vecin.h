/* SPDX-License-Identifier: ISC */
/*
 * vecin: vectors read again from what or-embed, or numpy, wrote: ndjson, npy ('<f4', C order) or float32 without a head. Pure.
 *
 * Which of them it is, the first bytes say. Bytes are pushed in, wherever they are split; memory is that of one record.
 */
#ifndef VECIN_H
#define VECIN_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"
#include "vec.h"

struct err;

struct vecin_row {
	int64_t record;    /* from 1 */
	const char *label; /* id, else text; NULL: none */
	size_t n_label;
	const char *model; /* NULL: it isn't told */
	const float *v;
	size_t n_dims;
};

/* Non-zero stops. */
typedef int (*vecin_fn)(void *arg, const struct vecin_row *row);

struct vecin {
	vecin_fn fn;
	void *arg;
	enum { VECIN_SNIFF, VECIN_NDJSON, VECIN_NPY_HEAD, VECIN_ROWS } state;
	struct buf held; /* bytes of a head, or of a row, that isn't whole */
	size_t n_dims;   /* of f32: as they are wanted; of npy: as the head says */
	int is_npy;
	uint64_t n_rows; /* npy: as the head says */
	int64_t record;  /* of the last row given */
	struct vec_scan scan;
	struct json json;
	float *v; /* owned: ndjson's vector, until its line is whole; f32's and npy's, where it must be aligned */
	size_t n_v, cap_v;
	int has_v; /* the line has one */
	int blank; /* nothing but white space so far on this line */
	struct buf label, model;
};

/* n_dims: of vectors in files that don't tell. */
void vecin_init(struct vecin *in, size_t n_dims, vecin_fn fn, void *arg);
void vecin_release(struct vecin *in);
/* -1: fn stopped it (e is untouched), or ERR_DATA: what it is isn't known, or is garbled. */
int vecin_feed(struct vecin *in, const char *p, size_t n, struct err *e);
int vecin_end(struct vecin *in, struct err *e);

#endif
