/* SPDX-License-Identifier: ISC */
/* The vectors of an answer, and those of a file, must not depend on how the bytes were cut into reads; numbers are those of strtof. */
#include "vec.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "vecin.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
on_vector(void *arg, int64_t index, const float *v, size_t n_dims)
{
	struct buf *b = arg;

	buf_add(b, &index, sizeof(index));
	buf_add(b, v, n_dims * sizeof(*v));
	for (size_t i = 0; i < n_dims; i++)
		if (!isfinite(v[i]))
			abort();
	return 0;
}

static int
on_row(void *arg, const struct vecin_row *r)
{
	struct buf *b = arg;

	buf_add(b, &r->record, sizeof(r->record));
	buf_add(b, r->v, r->n_dims * sizeof(*r->v));
	buf_add(b, r->label, r->label ? r->n_label : 0);
	return 0;
}

/* What was given by pieces of `step` bytes, and then what is left; 1 in front where it failed. */
static void
scan(const uint8_t *p, size_t n, size_t step, enum vec_type type, struct buf *got)
{
	struct vec_scan s;
	struct err e = {0};
	int r = 0;

	buf_clear(got);
	vec_scan_init(&s, type, on_vector, got);
	for (size_t i = 0; i < n && !r; i += step)
		r = vec_scan_feed(&s, (const char *)p + i, step < n - i ? step : n - i, &e);
	if (r == 0 && vec_scan_end(&s) == 0)
		buf_add(got, s.rest.p, s.rest.len);
	else
		buf_adds(got, "failed"); /* or cut: which of them may depend on where */
	vec_scan_release(&s);
}

static void
read_rows(const uint8_t *p, size_t n, size_t step, struct buf *got)
{
	struct vecin in;
	struct err e = {0};
	int r = 0;

	buf_clear(got);
	vecin_init(&in, 3, on_row, got);
	for (size_t i = 0; i < n && !r; i += step)
		r = vecin_feed(&in, (const char *)p + i, step < n - i ? step : n - i, &e);
	if (r || vecin_end(&in, &e))
		buf_adds(got, "failed");
	vecin_release(&in);
}

static void
same(const struct buf *a, const struct buf *b)
{
	if (a->len != b->len || (a->len && memcmp(a->p, b->p, a->len) != 0))
		abort();
}

static void
check_number(const uint8_t *p, size_t n)
{
	char text[VECNUM_MAX + VECNUM_LOOKAHEAD] = {0};
	float v, fast;

	if (n > VECNUM_MAX)
		return;
	memcpy(text, p, n);
	int r = vecnum_parse(text, n, &v);
	const char *end = vecnum_scan(text, &fast);
	if (r == 0 && v != strtof(text, NULL))
		abort();
	if (r == 0 && end == text + n && memcmp(&v, &fast, sizeof(v)) != 0)
		abort();
	if (r < 0 && end == text + n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf one = BUF_INIT, other = BUF_INIT;

	for (enum vec_type type = VEC_F32; type <= VEC_I8; type++) {
		scan(p, n, n ? n : 1, type, &one);
		for (size_t step = 1; step < 9; step += 3) {
			scan(p, n, step, type, &other);
			same(&one, &other);
		}
	}
	read_rows(p, n, n ? n : 1, &one);
	read_rows(p, n, 1, &other);
	same(&one, &other);
	check_number(p, n);
	buf_release(&one);
	buf_release(&other);
	return 0;
}
