/* SPDX-License-Identifier: ISC */
#include "vecin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "str.h"

#define MAGIC "\x93NUMPY"
#define N_MAGIC 6
#define N_FIXED 10     /* npy: magic, version, length of the text */
#define MAX_HEAD 65536 /* bytes of that text */

static int
take_vector(void *arg, int64_t index, const float *v, size_t n)
{
	struct vecin *in = arg;

	(void)index;
	if (in->has_v)
		return -1; /* two in one line */
	while (in->cap_v < n)
		in->v = mem_grow(in->v, in->cap_v, &in->cap_v, sizeof(*in->v));
	memcpy(in->v, v, n * sizeof(*v));
	in->n_v = n;
	in->has_v = 1;
	return 0;
}

void
vecin_init(struct vecin *in, size_t n_dims, vecin_fn fn, void *arg)
{
	memset(in, 0, sizeof(*in));
	in->fn = fn;
	in->arg = arg;
	in->n_dims = n_dims;
	in->blank = 1;
	vec_scan_init(&in->scan, VEC_F32, take_vector, in);
}

void
vecin_release(struct vecin *in)
{
	buf_release(&in->held);
	buf_release(&in->label);
	buf_release(&in->model);
	vec_scan_release(&in->scan);
	json_release(&in->json);
	free(in->v);
	in->v = NULL;
}

/* ── ndjson ── */

static int
bad_line(const struct vecin *in, const char *why, struct err *e)
{
	return err_set(e, ERR_DATA, "record %" PRId64 ": %s", in->record + 1, why);
}

/* A line is whole. One without a vector tells of a record that failed. */
static int
give_line(struct vecin *in, struct err *e)
{
	struct err why = {0};

	if (vec_scan_end(&in->scan) || json_parse(&in->json, buf_str(&in->scan.rest), in->scan.rest.len, &why) ||
	    json_type(&in->json, 0) != JSON_OBJECT)
		return bad_line(in, "not a JSON object", e);
	in->record++;
	buf_clear(&in->label);
	buf_clear(&in->model);
	int has_label = json_str(&in->json, json_get(&in->json, 0, "id"), &in->label) == 0 ||
	    json_str(&in->json, json_get(&in->json, 0, "text"), &in->label) == 0;
	int has_model = json_str(&in->json, json_get(&in->json, 0, "model"), &in->model) == 0;
	const struct vecin_row row = {in->record, has_label ? buf_str(&in->label) : NULL, in->label.len,
	    has_model ? buf_str(&in->model) : NULL, in->v, in->n_v};
	if (!in->has_v && json_get(&in->json, 0, "error") < 0) {
		in->record--;
		return bad_line(in, "no vector in it", e);
	}
	int r = in->has_v && in->fn(in->arg, &row) ? -1 : 0;
	in->has_v = 0;
	in->blank = 1;
	vec_scan_clear(&in->scan);
	return r;
}

static int
feed_lines(struct vecin *in, const char *p, size_t n, struct err *e)
{
	struct err why = {0};

	while (n > 0) {
		const char *lf = memchr(p, '\n', n);
		size_t len = lf ? (size_t)(lf - p) : n;
		for (size_t i = 0; i < len && in->blank; i++)
			in->blank = memchr(" \t\r", p[i], 3) != NULL;
		if (vec_scan_feed(&in->scan, p, len, &why))
			return bad_line(in, why.kind ? why.msg : "two vectors in one line", e);
		if (lf && in->blank)
			vec_scan_clear(&in->scan);
		else if (lf && give_line(in, e))
			return -1;
		p += len + (lf != NULL);
		n -= len + (lf != NULL);
	}
	return 0;
}

/* ── rows of floats ── */

static int
give_row(struct vecin *in, const char *p)
{
	size_t n = in->n_dims * sizeof(float);

	memcpy(in->v, p, n);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < in->n_dims; i++) {
		uint32_t w;
		memcpy(&w, in->v + i, sizeof(w));
		w = __builtin_bswap32(w);
		memcpy(in->v + i, &w, sizeof(w));
	}
#endif
	const struct vecin_row row = {++in->record, NULL, 0, NULL, in->v, in->n_dims};
	return in->fn(in->arg, &row) ? -1 : 0;
}

static int
feed_rows(struct vecin *in, const char *p, size_t n)
{
	size_t row = in->n_dims * sizeof(float);

	while (in->cap_v < in->n_dims)
		in->v = mem_grow(in->v, in->cap_v, &in->cap_v, sizeof(*in->v));
	while (n > 0) {
		size_t need = row - in->held.len, k = need < n ? need : n;
		if (in->held.len == 0 && n >= row) {
			if (give_row(in, p))
				return -1;
			k = row;
		} else {
			buf_add(&in->held, p, k);
			if (in->held.len == row) {
				if (give_row(in, in->held.p))
					return -1;
				buf_clear(&in->held);
			}
		}
		p += k;
		n -= k;
	}
	return 0;
}

/* "(12, 34)" behind 'shape': */
static int
read_shape(struct vecin *in, const char *text)
{
	const char *p = strstr(text, "'shape':");
	int64_t v[2];

	p = p ? strchr(p, '(') : NULL;
	for (int i = 0; p && i < 2; i++) {
		char digits[24];
		p += 1 + strspn(p + 1, " ");
		size_t n = strspn(p, "0123456789");
		if (n == 0 || n >= sizeof(digits))
			return -1;
		memcpy(digits, p, n);
		digits[n] = '\0';
		if (str_int(digits, 0, INT64_MAX, &v[i]))
			return -1;
		p += n;
		if (*p != (i ? ')' : ','))
			return -1;
	}
	if (!p || v[1] < 1 || v[1] > VEC_MAX_DIMS)
		return -1;
	in->n_rows = (uint64_t)v[0];
	in->n_dims = (size_t)v[1];
	return 0;
}

/* As far as is known. */
static size_t
head_length(const struct vecin *in)
{
	const unsigned char *p = (const unsigned char *)in->held.p;

	return N_FIXED + (in->held.len < N_FIXED ? 0 : p[8] | (size_t)p[9] << 8);
}

/* Takes what it needs of p into held; the head is dropped once it is whole. Returns how many bytes it took, or -1. */
static ssize_t
take_head(struct vecin *in, const char *p, size_t n, struct err *e)
{
	size_t want = head_length(in), k = want - in->held.len < n ? want - in->held.len : n;

	buf_add(&in->held, p, k);
	if (in->held.len >= N_FIXED && in->held.p[6] != 1)
		return err_set(e, ERR_DATA, "a .npy file of format %d: only 1.0 is read", in->held.p[6]);
	if (in->held.len < N_FIXED || in->held.len < head_length(in))
		return (ssize_t)k;
	const char *text = in->held.p + N_FIXED;
	if (!strstr(text, "'descr': '<f4'"))
		return err_set(e, ERR_DATA, "a .npy file whose numbers are no little-endian float32 ('<f4')");
	if (!strstr(text, "'fortran_order': False") || read_shape(in, text))
		return err_set(e, ERR_DATA, "a .npy file that is no table in C order");
	buf_clear(&in->held);
	in->state = VECIN_ROWS;
	return (ssize_t)k;
}

/* Which form it is, from the first bytes: N_MAGIC of them, or all there are. They are still to be fed. */
static int
sniff(struct vecin *in, const char *p, size_t n, struct err *e)
{
	if (n >= 2 && *p == '{' && memchr("\" \t\r\n", p[1], 5)) {
		in->state = VECIN_NDJSON;
	} else if (n == N_MAGIC && memcmp(p, MAGIC, N_MAGIC) == 0) {
		in->state = VECIN_NPY_HEAD;
		in->is_npy = 1;
	} else {
		in->state = VECIN_ROWS;
		if (in->n_dims == 0)
			return err_set(e, ERR_DATA, "neither ndjson nor npy");
	}
	return 0;
}

static int
feed(struct vecin *in, const char *p, size_t n, struct err *e)
{
	while (n > 0 && in->state == VECIN_NPY_HEAD) {
		ssize_t k = take_head(in, p, n, e);
		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return in->state == VECIN_NDJSON ? feed_lines(in, p, n, e) : feed_rows(in, p, n);
}

/* Enough has come, or all. */
static int
begin(struct vecin *in, struct err *e)
{
	char first[N_MAGIC];
	size_t n = in->held.len;

	if (n == 0)
		return 0;
	memcpy(first, in->held.p, n);
	buf_clear(&in->held);
	return sniff(in, first, n, e) || feed(in, first, n, e) ? -1 : 0;
}

int
vecin_feed(struct vecin *in, const char *p, size_t n, struct err *e)
{
	if (in->state == VECIN_SNIFF) {
		size_t k = N_MAGIC - in->held.len < n ? N_MAGIC - in->held.len : n;
		buf_add(&in->held, p, k);
		p += k;
		n -= k;
		if (in->held.len < N_MAGIC)
			return 0;
		if (begin(in, e))
			return -1;
	}
	return n > 0 ? feed(in, p, n, e) : 0;
}

int
vecin_end(struct vecin *in, struct err *e)
{
	if (in->state == VECIN_SNIFF && begin(in, e))
		return -1;
	if (in->state == VECIN_NPY_HEAD)
		return err_set(e, ERR_DATA, "a .npy file that ends in its head");
	if (in->state == VECIN_ROWS && in->held.len)
		return err_set(e, ERR_DATA,
		    "record %" PRId64 " is no whole vector of %zu dimensions (are these vectors: NDJSON, npy or f32?)",
		    in->record + 1, in->n_dims);
	if (in->is_npy && (uint64_t)in->record != in->n_rows)
		return err_set(
		    e, ERR_DATA, "a .npy file that says %" PRIu64 " rows and has %" PRId64, in->n_rows, in->record);
	return in->state == VECIN_NDJSON && !in->blank ? give_line(in, e) : 0;
}
