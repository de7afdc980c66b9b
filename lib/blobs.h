/* SPDX-License-Identifier: ISC */
/*
 * blobs: long base64 data that isn't copied while a request goes from one format to another. Pure.
 *
 * A front writes "data:image/png;base64,*blob:3*" for the fourth blob in place of its bytes, which stay where they were read (and so in
 * the data of input_audio); a back writes the bytes. '*' is no character of base64, so that no data looks so.
 */
#ifndef BLOBS_H
#define BLOBS_H

#include <stddef.h>

struct buf;

#define BLOBS_MIN 4096 /* shorter data is copied */

struct blob {
	const char *p; /* borrowed; still escaped as in JSON */
	size_t n;
};

struct blobs {
	struct blob *v;
	size_t n, cap;
};

#define BLOBS_INIT \
	{ \
		NULL, 0, 0 \
	}

/* Appends what stands for the data: a reference, or a short one itself. b may be NULL: then always itself. */
void blobs_add(struct blobs *b, const char *p, size_t n, struct buf *out);
/* The blob that a reference names, NULL if it is none. */
const struct blob *blobs_get(const struct blobs *b, const char *ref, size_t n);
/* Appends text with each reference in it, behind `;base64,` or as the whole of a member `data`, replaced by its bytes. */
void blobs_expand(const struct blobs *b, const char *text, size_t n, struct buf *out);
void blobs_release(struct blobs *b);

#endif
