/* SPDX-License-Identifier: ISC */
/*
 * embed_cache: vectors kept in a directory, a file each, found by the SHA-256 of what they are the vector of.
 *
 * A file is written beside its place and renamed, so that any number of processes may read and write at once. One whose bytes are wrong counts
 * as absent, and is written anew.
 */
#ifndef EMBED_CACHE_H
#define EMBED_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;

struct embed_cache {
	char *dir;        /* owned */
	struct buf about; /* model, dimensions and options: the same for all texts of a run */
	struct buf path, bytes;
};

/* Creates the directory where it's missing: ERR_CANTCREATE. model: "provider:id"; dims: 0, as many as it gives; options: JSON of whatever else
 * changes a vector, or "". */
int embed_cache_open(
    struct embed_cache *c, const char *dir, const char *model, int64_t dims, const char *options, struct err *e);
void embed_cache_release(struct embed_cache *c);
/* The vector of this text: *v is owned by the caller; returns its dimensions, 0 where there is none. */
size_t embed_cache_get(struct embed_cache *c, const char *text, size_t n, float **v);
/* ERR_CANTCREATE, ERR_IO: it isn't kept. */
int embed_cache_put(struct embed_cache *c, const char *text, size_t n, const float *v, size_t n_dims, struct err *e);

#endif
