/* SPDX-License-Identifier: ISC */
#include "vecout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "jsonw.h"
#include "str.h"
#include "vecnum.h"

#define NPY_MAGIC "\x93NUMPY\x01" /* and a zero: version 1.0 */
#define NPY_FIXED 10              /* bytes in front of the text: magic, version, length */

int
vecout_form(const char *word)
{
	static const char *const words[] = {"ndjson", "tsv", "f32", "npy", "base64"};

	for (int i = 0; i < 5; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

int
vecout_is_binary(enum vecout_form form)
{
	return form == VECOUT_F32 || form == VECOUT_NPY;
}

static void
add_numbers(struct buf *b, const float *v, size_t n, char between)
{
	for (size_t i = 0; i < n; i++) {
		char *to = buf_reserve(b, VECNUM_MAX_PRINT + 1);
		size_t at = 0;
		if (i > 0)
			to[at++] = between;
		b->len += at + vecnum_print(to + at, v[i]);
	}
}

static void
add_ndjson(struct buf *b, const struct vecout_row *r)
{
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_key(&w, "record");
	jsonw_int(&w, r->record);
	if (r->id) {
		jsonw_key(&w, "id");
		jsonw_strn(&w, r->id, r->n_id);
	}
	jsonw_key(&w, "text");
	jsonw_strn(&w, r->text ? r->text : "", r->n_text);
	jsonw_key(&w, "model");
	jsonw_str(&w, r->model);
	jsonw_key(&w, r->v ? "embedding" : "error");
	if (r->v) {
		jsonw_array(&w);
		add_numbers(b, r->v, r->n_dims, ',');
		jsonw_end_array(&w);
	} else {
		jsonw_str(&w, r->error);
	}
	jsonw_end_object(&w);
	buf_addc(b, '\n');
}

static void
add_tsv(struct buf *b, const struct vecout_row *r)
{
	if (r->id)
		str_tsv(b, r->id, r->n_id);
	else
		buf_addf(b, "%" PRId64, r->record);
	buf_addc(b, '\t');
	if (r->v)
		add_numbers(b, r->v, r->n_dims, '\t');
	else
		buf_addc(b, '-');
	buf_addc(b, '\n');
}

/* Little-endian, whatever this machine is. */
static void
add_bytes(struct buf *b, const struct vecout_row *r)
{
	static const uint32_t nan_bits = 0x7fc00000;
	size_t n = r->n_dims * sizeof(uint32_t);
	char *to = buf_reserve(b, n);

	if (r->v)
		memcpy(to, r->v, n);
	for (size_t i = 0; !r->v && i < r->n_dims; i++)
		memcpy(to + i * sizeof(nan_bits), &nan_bits, sizeof(nan_bits));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < n; i += sizeof(uint32_t)) {
		uint32_t w;
		memcpy(&w, to + i, sizeof(w));
		w = __builtin_bswap32(w);
		memcpy(to + i, &w, sizeof(w));
	}
#endif
	b->len += n;
}

static void
add_base64(struct buf *b, const struct vecout_row *r)
{
	struct buf bytes = {NULL, 0, 0};

	if (r->v) {
		add_bytes(&bytes, r);
		size_t n = (bytes.len + 2) / 3 * 4;
		base64_write(buf_reserve(b, n), bytes.p, bytes.len);
		b->len += n;
	}
	buf_adds(b, r->v ? "\n" : "-\n");
	buf_release(&bytes);
}

void
vecout_add(struct buf *b, enum vecout_form form, const struct vecout_row *r)
{
	if (form == VECOUT_NDJSON)
		add_ndjson(b, r);
	else if (form == VECOUT_TSV)
		add_tsv(b, r);
	else if (form == VECOUT_BASE64)
		add_base64(b, r);
	else
		add_bytes(b, r);
}

void
vecout_npy_head(char *to, uint64_t n_rows, size_t n_dims)
{
	char text[VECOUT_NPY_HEAD];
	int n = snprintf(text, sizeof(text), "{'descr': '<f4', 'fortran_order': False, 'shape': (%" PRIu64 ", %zu), }",
	    n_rows, n_dims);

	memset(to, ' ', VECOUT_NPY_HEAD);
	memcpy(to, NPY_MAGIC, sizeof(NPY_MAGIC)); /* with its NUL */
	to[8] = (char)(VECOUT_NPY_HEAD - NPY_FIXED);
	to[9] = 0;
	memcpy(to + NPY_FIXED, text, (size_t)n);
	to[VECOUT_NPY_HEAD - 1] = '\n';
}
