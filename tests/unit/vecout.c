/* SPDX-License-Identifier: ISC */
/* vecout, vecin: records written in each form; what can be read again is, at every split. */
#include "vecout.h"

#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "err.h"
#include "tap.h"
#include "vecin.h"

static const float one[] = {1, 0.5f, -0.25f}, two[] = {0.1f, 1e-7f, 3e9f};

static const struct vecout_row rows[] = {
    {1, NULL, 0, "a \"b\"\t", 6, "m/x", one, 3, NULL},
    {2, "k\t2", 3, "\xc3\xa9", 2, "m/x", two, 3, NULL},
    {3, NULL, 0, "", 0, "m/x", NULL, 3, "429 slow \"down\""},
};

static void
write_all(struct buf *b, enum vecout_form form)
{
	buf_clear(b);
	for (size_t i = 0; i < 3; i++)
		vecout_add(b, form, rows + i);
}

static void
check_forms(void)
{
	struct buf b = BUF_INIT;
	float back[9];

	write_all(&b, VECOUT_NDJSON);
	tap_is_str(b.p,
	    "{\"record\":1,\"text\":\"a \\\"b\\\"\\t\",\"model\":\"m/x\",\"embedding\":[1,0.5,-0.25]}\n"
	    "{\"record\":2,\"id\":\"k\\t2\",\"text\":\"\xc3\xa9\",\"model\":\"m/x\",\"embedding\":[0.1,1e-7,3000000000]}\n"
	    "{\"record\":3,\"text\":\"\",\"model\":\"m/x\",\"error\":\"429 slow \\\"down\\\"\"}\n",
	    "ndjson");
	write_all(&b, VECOUT_TSV);
	tap_is_str(b.p, "1\t1\t0.5\t-0.25\nk\\t2\t0.1\t1e-7\t3000000000\n3\t-\n", "tsv");
	write_all(&b, VECOUT_BASE64);
	tap_is_str(b.p, "AACAPwAAAD8AAIC+\nzczMPZW/1jNe0DJP\n-\n", "base64");
	write_all(&b, VECOUT_F32);
	tap_is_int((long long)b.len, 36, "f32: four bytes a number");
	memcpy(back, b.p, 36);
	tap_ok(memcmp(back, one, 12) == 0 && memcmp(back + 3, two, 12) == 0, "the bytes of the floats");
	tap_ok(isnan(back[6]) && isnan(back[7]) && isnan(back[8]), "NaN where a record failed");
	tap_ok(vecout_form("npy") == VECOUT_NPY && vecout_form("ndjson") == VECOUT_NDJSON && vecout_form("csv") < 0,
	    "names of forms");
	buf_release(&b);
}

static void
check_npy_head(void)
{
	static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 65536), }";
	char head[VECOUT_NPY_HEAD];

	vecout_npy_head(head, UINT64_MAX, 65536);
	tap_is_mem(head, 8, "\x93NUMPY\x01\0", 8, "magic and version");
	tap_ok(head[8] == VECOUT_NPY_HEAD - 10 && head[9] == 0 && (VECOUT_NPY_HEAD % 64) == 0,
	    "its length; a multiple of 64 in all");
	tap_is_mem(head + 10, sizeof(text) - 1, text, sizeof(text) - 1, "the greatest shape fits");
	tap_ok(head[127] == '\n' && head[126] == ' ' && head[10 + sizeof(text)] == ' ', "blanks up to a newline");
}

static int
note(void *arg, const struct vecin_row *r)
{
	struct buf *b = arg;

	buf_addf(b, "%lld %.*s %s", (long long)r->record, r->label ? (int)r->n_label : 1, r->label ? r->label : "-",
	    r->model ? r->model : "-");
	for (size_t i = 0; i < r->n_dims; i++)
		buf_addf(b, " %.9g", (double)r->v[i]);
	buf_addc(b, '\n');
	return 0;
}

static int
read_back(const char *p, size_t n, size_t n_dims, size_t step, struct buf *got, struct err *e)
{
	struct vecin in;
	int r = 0;

	buf_clear(got);
	vecin_init(&in, n_dims, note, got);
	for (size_t i = 0, k; i < n && r == 0; i += k) {
		k = step < n - i ? step : n - i;
		char *piece = malloc(k);
		memcpy(piece, p + i, k);
		r = vecin_feed(&in, piece, k, e);
		free(piece);
	}
	if (r == 0)
		r = vecin_end(&in, e);
	vecin_release(&in);
	return r;
}

static void
check_read(const char *name, const struct buf *b, size_t n_dims, const char *want)
{
	struct buf got = BUF_INIT;
	struct err e = {0};
	size_t bad = 0;

	tap_ok(read_back(b->p, b->len, n_dims, b->len, &got, &e) == 0, "%s is read: %s", name, e.msg);
	tap_is_str(buf_str(&got), want, "its records");
	for (size_t step = 1; step < 20; step++)
		bad += read_back(b->p, b->len, n_dims, step, &got, &e) != 0 || strcmp(buf_str(&got), want) != 0;
	tap_ok(bad == 0, "in pieces of 1 to 19 bytes too");
	buf_release(&got);
}

static void
check_reading(void)
{
	static const char floats[] = "1 - - 1 0.5 -0.25\n2 - - 0.100000001 1.00000001e-07 3e+09\n3 - - nan nan nan\n";
	struct buf b = BUF_INIT;
	char head[VECOUT_NPY_HEAD];

	write_all(&b, VECOUT_NDJSON);
	buf_adds(&b, "\n  \r\n{\"embedding\":\"AACAPwAAAD8AAIC+\"}");
	check_read("ndjson", &b, 0,
	    "1 a \"b\"\t m/x 1 0.5 -0.25\n2 k\t2 m/x 0.100000001 1.00000001e-07 3e+09\n4 - - 1 0.5 -0.25\n");
	write_all(&b, VECOUT_F32);
	check_read("f32", &b, 3, floats);
	struct buf npy = BUF_INIT;
	vecout_npy_head(head, 3, 3);
	buf_add(&npy, head, sizeof(head));
	buf_add(&npy, b.p, b.len);
	check_read("npy", &npy, 7, floats);
	buf_clear(&b);
	buf_add(&b, "\0\0\x80?", 4);
	check_read("one number", &b, 1, "1 - - 1\n");
	buf_clear(&b);
	buf_adds(&b, "");
	buf_release(&b);
	buf_release(&npy);
}

static void
check_refused(void)
{
	static const struct {
		const char *name, *bytes;
		size_t n, n_dims;
	} bad[] = {{"half a vector", "\0\0\x80?\0\0\x80?\0\0\x80?", 12, 2},
	    {"nobody knows the dimensions", "\0\0\x80?\0\0\x80?", 8, 0}, {"no JSON", "{\"embedding\":[1],}\n", 19, 1},
	    {"a line without a vector", "{\"text\":\"a\"}\n", 13, 1},
	    {"two in a line", "{\"a\":{\"embedding\":[1]},\"embedding\":[2]}\n", 40, 1},
	    {"a line that is cut", "{\"embedding\":[1", 15, 1}, {"no object", "{\"embedding\":[1]}\n[1]\n", 22, 1},
	    {"a head that is cut", "\x93NUMPY\x01\0\x76\0{'descr'", 18, 1},
	    {"a head of nothing", "\x93NUMPY\x01\0\0\0\0\0\x80?", 14, 1},
	    {"another version", "\x93NUMPY\x02\0\x76\0\0\0{'descr'", 20, 1},
	    {"doubles",
		"\x93NUMPY\x01\0\x46\0{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }          \n\0\0\0\0",
		84, 1},
	    {"columns",
		"\x93NUMPY\x01\0\x46\0{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }           \n\0\0\0\0",
		84, 1},
	    {"one dimension",
		"\x93NUMPY\x01\0\x46\0{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }            \n\0\0\0\0",
		84, 1},
	    {"too few rows",
		"\x93NUMPY\x01\0\x46\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }          \n\0\0\0\0",
		84, 1},
	    {"too many",
		"\x93NUMPY\x01\0\x46\0{'descr': '<f4', 'fortran_order': False, 'shape': (0, 1), }          \n\0\0\0\0",
		84, 1}};
	struct buf got = BUF_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t step = 1; step < 100; step += 49) {
			struct err e = {0};
			int r = read_back(bad[i].bytes, bad[i].n, bad[i].n_dims, step, &got, &e);
			tap_ok(r < 0 && e.kind == ERR_DATA, "refused: %s (%s)", bad[i].name, e.msg);
		}
	buf_release(&got);
}

int
main(void)
{
	check_forms();
	check_npy_head();
	check_reading();
	check_refused();
	return tap_done();
}
