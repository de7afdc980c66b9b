/* SPDX-License-Identifier: ISC */
/* The mock's vectors: a text's is the sum of its words', so that texts with words in common are near each other. */
#include <stdint.h>
#include <stdlib.h>

#include "base64.h"
#include "buf.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "nearest.h"
#include "play.h"
#include "vecnum.h"
#include "wire/mock.h"

#define DIMS 64
#define MAX_DIMS 4096

static int
is_letter(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
}

/* Adds the vector that a word stands for: 64-bit FNV-1a, then a generator of Marsaglia's kind. */
static void
add_word(float *v, size_t n_dims, const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i])) * 0x100000001b3;
	for (size_t i = 0; i < n_dims; i++) {
		h ^= h << 13;
		h ^= h >> 7;
		h ^= h << 17;
		v[i] += (float)(int32_t)(h >> 32) / 0x1p31f;
	}
}

/* The next word from *at on, which is set behind it: its length; 0: there is none. */
static size_t
next_word(const char *p, size_t n, size_t *at)
{
	size_t len = 0;

	while (*at < n && !is_letter((unsigned char)p[*at]))
		++*at;
	while (*at < n && is_letter((unsigned char)p[*at])) {
		++*at;
		len++;
	}
	return len;
}

/* Returns how many words there are. */
static int64_t
embed(float *v, size_t n_dims, const char *p, size_t n)
{
	int64_t words = 0;
	size_t at = 0, len;

	for (size_t i = 0; i < n_dims; i++)
		v[i] = 0;
	for (; (len = next_word(p, n, &at)) > 0; words++)
		add_word(v, n_dims, p + at - len, len);
	if (words == 0)
		add_word(v, n_dims, p, n);
	nearest_unit(v, n_dims);
	return words;
}

int64_t
mock_embed_words(const struct json *req)
{
	int input = json_get(req, 0, "input");
	struct buf text = BUF_INIT;
	int64_t words = 0;

	for (int node = json_child(req, input); node >= 0; node = json_next(req, input, node)) {
		size_t n = 0, at = 0;
		const char *p = json_view(req, node, &text, &n);
		while (p && next_word(p, n, &at))
			words++;
	}
	buf_release(&text);
	return words;
}

static void
write_vector(struct buf *b, const float *v, size_t n_dims, int as_numbers)
{
	size_t n = (n_dims * sizeof(*v) + 2) / 3 * 4;

	if (!as_numbers) {
		char *to = buf_reserve(b, n + 2);
		*to = '"';
		base64_write(to + 1, v, n_dims * sizeof(*v));
		to[n + 1] = '"';
		b->len += n + 2;
		return;
	}
	for (size_t i = 0; i < n_dims; i++) {
		char number[VECNUM_MAX_PRINT];
		buf_addc(b, i ? ',' : '[');
		buf_add(b, number, vecnum_print(number, v[i]));
	}
	buf_addc(b, ']');
}

void
mock_embed(struct play *out, const struct json *req, int64_t delay_ms, int cut)
{
	int input = json_get(req, 0, "input"), as_numbers = json_eq(req, json_get(req, 0, "encoding_format"), "float"),
	    i = 0;
	int64_t dims = DIMS, words = 0;
	struct buf text = BUF_INIT, one = BUF_INIT;
	struct jsonw w;

	if (json_int(req, json_get(req, 0, "dimensions"), &dims) || dims < 1 || dims > MAX_DIMS)
		dims = DIMS;
	float *v = xreallocarray(NULL, (size_t)dims, sizeof(*v));
	jsonw_init(&w, &out->bytes);
	jsonw_object(&w);
	jsonw_key(&w, "object");
	jsonw_str(&w, "list");
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (int node = json_child(req, input); node >= 0; node = json_next(req, input, node)) {
		size_t n;
		const char *p = json_view(req, node, &text, &n);
		words += embed(v, (size_t)dims, p ? p : "", p ? n : 0);
		jsonw_object(&w);
		jsonw_key(&w, "index");
		jsonw_int(&w, i++);
		jsonw_key(&w, "embedding");
		buf_clear(&one);
		write_vector(&one, v, (size_t)dims, as_numbers);
		jsonw_raw(&w, one.p, one.len);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_key(&w, "model");
	jsonw_str(&w, "mock/embed");
	jsonw_key(&w, "usage");
	jsonw_object(&w);
	jsonw_key(&w, "prompt_tokens");
	jsonw_int(&w, words);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	out->status = 200;
	if (cut) {
		out->bytes.len /= 2;
		out->cut = 1;
	}
	play_step(out, delay_ms);
	free(v);
	buf_release(&text);
	buf_release(&one);
}
