/* SPDX-License-Identifier: ISC */
/* vec: vectors found in answers of every shape, wherever the bytes are split. */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "tap.h"

#define F1 "AACAPwAAAEAAAEDA" /* 1, 2, -3 */
#define F2 "AAAAPwAAgD4AAAA+" /* 0.5, 0.25, 0.125 */
#define ONE_FLOAT "AACAPw=="  /* 1 */

/* Each vector as "index:a,b,c;", then what is left of the answer. */
static int
note(void *arg, int64_t index, const float *v, size_t n)
{
	struct buf *b = arg;

	buf_addf(b, "%lld:", (long long)index);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%g", i ? "," : "", (double)v[i]);
	buf_addc(b, ';');
	return 0;
}

/* Feeds the text in pieces of `step` bytes (0: first `at`, then the rest). -1: the scanner failed. */
static int
scan(const char *text, size_t n, size_t step, size_t at, enum vec_type type, struct buf *got, struct err *e)
{
	struct vec_scan s;
	int r = 0;

	buf_clear(got);
	vec_scan_init(&s, type, note, got);
	for (size_t i = 0, k; i < n && r == 0; i += k) {
		k = step ? step : i == 0 && at ? at : n - i;
		k = k < n - i ? k : n - i;
		char *piece = malloc(k); /* of its own, so that a sanitizer sees what is read beyond */
		memcpy(piece, text + i, k);
		r = vec_scan_feed(&s, piece, k, e);
		free(piece);
	}
	if (r == 0)
		r = vec_scan_end(&s);
	buf_addc(got, ' ');
	buf_adds(got, buf_str(&s.rest));
	vec_scan_release(&s);
	return r;
}

static const struct good {
	const char *name, *text, *want;
	enum vec_type type;
} good[] = {
    {"OpenAI, floats",
	"{\"data\":[{\"index\":0,\"embedding\":[1,2.5,-3e-1]},{\"index\":1,\"embedding\":[4,5,6]}],\"usage\":{\"prompt_tokens\":3}}",
	"0:1,2.5,-0.3;1:4,5,6; {\"data\":[{\"index\":0,\"embedding\":null},{\"index\":1,\"embedding\":null}],\"usage\":{\"prompt_tokens\":3}}",
	VEC_F32},
    {"base64", "{\"data\":[{\"embedding\":\"" F1 "\",\"index\":0},{\"embedding\":\"" F2 "\",\"index\":1}]}",
	"0:1,2,-3;1:0.5,0.25,0.125; {\"data\":[{\"embedding\":null,\"index\":0},{\"embedding\":null,\"index\":1}]}",
	VEC_F32},
    {"out of order, the index behind",
	"{\"data\":[{\"embedding\":[1],\"index\":12},{\"embedding\":[2],\"index\": 3 }]}",
	"12:1;3:2; {\"data\":[{\"embedding\":null,\"index\":12},{\"embedding\":null,\"index\": 3 }]}", VEC_F32},
    {"no index", "{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}]}",
	"0:1;1:2; {\"data\":[{\"embedding\":null},{\"embedding\":null}]}", VEC_F32},
    {"base64 with padding", "{\"embedding\":\"" ONE_FLOAT "\"}", "0:1; {\"embedding\":null}", VEC_F32},
    {"base64 without its padding", "{\"embedding\":\"AACAPw\"}", "0:1; {\"embedding\":null}", VEC_F32},
    {"base64 with escapes", "{\"embedding\":\"AACAPw\\u003d\\u003D\"}", "0:1; {\"embedding\":null}", VEC_F32},
    {"base64 with escaped slashes", "{\"embedding\":\"zcz\\/Pw==\"}", "0:1.99844; {\"embedding\":null}", VEC_F32},
    {"Gemini, many lines",
	"{\n  \"embeddings\": [\n    {\n      \"values\": [\n        0.5,\n        -0.25\n      ]\n    },\n {\"values\":[1,2]}]}",
	"0:0.5,-0.25;1:1,2; {\n  \"embeddings\": [{\n      \"values\": null\n    },\n {\"values\":null}]}", VEC_F32},
    {"Gemini, one", "{\"embedding\":{\"values\":[0.44,0.55]}}", "0:0.44,0.55; {\"embedding\":{\"values\":null}}",
	VEC_F32},
    {"Ollama", "{\"model\":\"m\",\"embeddings\":[[1,2],[3,4]],\"prompt_eval_count\":8}",
	"0:1,2;1:3,4; {\"model\":\"m\",\"embeddings\":[null,null],\"prompt_eval_count\":8}", VEC_F32},
    {"Cohere, floats", "{\"id\":\"x\",\"texts\":[\"a\",\"[1,2]\"],\"embeddings\":{\"float\":[[1,2],[3,4]]}}",
	"0:1,2;1:3,4; {\"id\":\"x\",\"texts\":[\"a\",\"[1,2]\"],\"embeddings\":{\"float\":[null,null]}}", VEC_F32},
    {"Cohere, base64", "{\"embeddings\":{\"base64\":[\"" F1 "\",\"" F2 "\"]}}",
	"0:1,2,-3;1:0.5,0.25,0.125; {\"embeddings\":{\"base64\":[null,null]}}", VEC_F32},
    {"Titan, with more of the same",
	"{\"embedding\":[1,2],\"embeddingsByType\":{\"float\":[1,2],\"binary\":[0,1]},\"inputTextTokenCount\":5}",
	"0:1,2; {\"embedding\":null,\"embeddingsByType\":{\"float\":[1,2],\"binary\":[0,1]},\"inputTextTokenCount\":5}",
	VEC_F32},
    {"int8", "{\"embedding\":\"AAH/gH8=\"}", "0:0,1,-1,-128,127; {\"embedding\":null}", VEC_I8},
    {"an error", "{\"error\":{\"message\":\"\\\"embedding\\\": [1\",\"values\":[\"x\"],\"float\":[1]}}",
	" {\"error\":{\"message\":\"\\\"embedding\\\": [1\",\"values\":[\"x\"],\"float\":[1]}}", VEC_F32},
    {"nothing in it", "{\"embeddings\":[],\"embedding\":null,\"data\":[]}",
	" {\"embeddings\":[],\"embedding\":null,\"data\":[]}", VEC_F32},
    {"a key that is like it", "{\"embedding_\":[1],\"xembedding\":[1],\"embed\":\"AACAPw==\",\"embedding\\u0020\":[1]}",
	" {\"embedding_\":[1],\"xembedding\":[1],\"embed\":\"AACAPw==\",\"embedding\\u0020\":[1]}", VEC_F32},
    {"another index", "{\"embedding\":[7],\"meta\":{\"index\":5},\"reindex\":9}",
	"0:7; {\"embedding\":null,\"meta\":{\"index\":5},\"reindex\":9}", VEC_F32},
    {"blanks everywhere", " { \"data\" : [ { \"index\" : 0 , \"embedding\" : [ 1 , 2 ,\t3\r\n] } ] } ",
	"0:1,2,3;  { \"data\" : [ { \"index\" : 0 , \"embedding\" : null } ] } ", VEC_F32},
    {"a long number",
	"{\"embedding\":[0.10000000000000000000000000000000000000000000000000000000000000000000000000001,1]}",
	"0:0.1,1; {\"embedding\":null}", VEC_F32},
};

static void
check_good(void)
{
	struct buf got = BUF_INIT;
	struct err e = {0};

	for (const struct good *g = good; g < good + sizeof(good) / sizeof(*good); g++) {
		size_t n = strlen(g->text), bad = 0;
		tap_ok(scan(g->text, n, 0, 0, g->type, &got, &e) == 0, "%s", g->name);
		tap_is_str(buf_str(&got), g->want, "its vectors and what is left");
		for (size_t at = 1; at < n; at++)
			bad += scan(g->text, n, 0, at, g->type, &got, &e) != 0 || strcmp(buf_str(&got), g->want) != 0;
		for (size_t step = 1; step < 8; step++)
			bad += scan(g->text, n, step, 0, g->type, &got, &e) != 0 || strcmp(buf_str(&got), g->want) != 0;
		tap_ok(bad == 0, "and at every split");
	}
	buf_release(&got);
}

static void
check_bad(void)
{
	static const struct {
		const char *name, *text;
	} bad[] = {{"NaN", "{\"embedding\":[1,NaN]}"}, {"null", "{\"embedding\":[1,null]}"},
	    {"a string", "{\"embedding\":[1,\"2\"]}"}, {"an array inside", "{\"embedding\":[1,[2]]}"},
	    {"no comma", "{\"embedding\":[1 2]}"}, {"two commas", "{\"embedding\":[1,,2]}"},
	    {"a comma at the end", "{\"embedding\":[1,2,]}"}, {"too big", "{\"embedding\":[1e39]}"},
	    {"a leading zero", "{\"embedding\":[01]}"}, {"no base64", "{\"embedding\":\"AAC*Pw==\"}"},
	    {"a blank in base64", "{\"embedding\":\"AACA Pw==\"}"}, {"half a float", "{\"embedding\":\"AACA\"}"},
	    {"one character too many", "{\"embedding\":\"AACAPwA\"}"},
	    {"padding too long", "{\"embedding\":\"AACAPw===\"}"}, {"padding too short", "{\"embedding\":\"AACAPw=\"}"},
	    {"behind the padding", "{\"embedding\":\"AACAPw==AACAPw==\"}"},
	    {"bits left over", "{\"embedding\":\"AACAPx==\"}"}, {"infinity in base64", "{\"embedding\":\"AACAfw==\"}"},
	    {"NaN in base64", "{\"embedding\":\"AADAfw==\"}"}, {"an empty one", "{\"embedding\":\"\"}"},
	    {"an odd escape", "{\"embedding\":\"AACA\\nPw==\"}"},
	    {"an escape of another", "{\"embedding\":\"AACAPw\\u003e\"}"}, {"a word", "{\"embedding\":\"failed!\"}"},
	    {"two in one object", "{\"embedding\":[1],\"embeddings\":[2]}"},
	    {"too deep", "[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]"}, {"cut in a number", "{\"embedding\":[1,2"},
	    {"cut in base64", "{\"embedding\":\"AACAPw"}, {"cut in a key", "{\"embed"},
	    {"cut behind a vector", "{\"embedding\":[1,2]"}};
	struct buf got = BUF_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t n = strlen(bad[i].text), missed = 0;
		struct err e = {0};
		int r = scan(bad[i].text, n, 0, 0, VEC_F32, &got, &e);
		tap_ok(r < 0 && (strncmp(bad[i].name, "cut", 3) == 0 || e.kind == ERR_PROTOCOL), "refused: %s (%s)",
		    bad[i].name, e.msg);
		for (size_t at = 1; at < n; at++)
			missed += scan(bad[i].text, n, 0, at, VEC_F32, &got, &e) == 0;
		tap_ok(missed == 0, "and at every split");
	}
	buf_release(&got);
}

/* One vector of n dimensions, as numbers or as base64. */
static void
add_big(struct buf *b, size_t n, int base64)
{
	buf_adds(b, base64 ? "{\"embedding\":\"" : "{\"embedding\":[0");
	for (size_t i = 0; base64 ? i < n / 3 : i < n - 1; i++)
		buf_adds(b, base64 ? F1 "" : ",0");
	buf_adds(b, base64 ? "\"}" : "]}");
}

static int
count(void *arg, int64_t index, const float *v, size_t n)
{
	(void)index;
	(void)v;
	*(size_t *)arg += n;
	return 0;
}

static void
check_caps(void)
{
	struct buf b = BUF_INIT;
	struct vec_scan s;
	size_t n = 0;

	for (int base64 = 0; base64 < 2; base64++) {
		struct err e = {0};
		size_t most = VEC_MAX_DIMS - (base64 ? VEC_MAX_DIMS % 3 : 0);
		vec_scan_init(&s, VEC_F32, count, &n);
		n = 0;
		buf_clear(&b);
		add_big(&b, most, base64);
		tap_ok(vec_scan_feed(&s, b.p, b.len, &e) == 0 && n == most, "%zu dimensions", most);
		vec_scan_clear(&s);
		buf_clear(&b);
		add_big(&b, most + (base64 ? 3 : 1), base64);
		tap_ok(vec_scan_feed(&s, b.p, b.len, &e) < 0 && e.kind == ERR_PROTOCOL, "more are refused: %s", e.msg);
		vec_scan_release(&s);
	}
	buf_clear(&b);
	buf_adds(&b, "{\"error\":\"");
	while (b.len < VEC_MAX_REST + 100)
		buf_adds(&b, "and so on, and on, and on, ");
	struct err e = {0};
	vec_scan_init(&s, VEC_F32, count, &n);
	tap_ok(
	    vec_scan_feed(&s, b.p, b.len, &e) < 0 && e.kind == ERR_PROTOCOL, "what isn't vectors is capped: %s", e.msg);
	vec_scan_release(&s);
	buf_release(&b);
}

static int
no_more(void *arg, int64_t index, const float *v, size_t n)
{
	(void)v;
	(void)n;
	*(int64_t *)arg = index;
	return index == 1;
}

static void
check_stop(void)
{
	static const char text[] = "{\"embeddings\":[[1],[2],[3]]}";
	struct vec_scan s;
	struct err e = {0};
	int64_t last = -1;

	vec_scan_init(&s, VEC_F32, no_more, &last);
	tap_ok(vec_scan_feed(&s, text, sizeof(text) - 1, &e) < 0 && last == 1 && e.kind == ERR_NONE,
	    "the caller may stop it");
	vec_scan_release(&s);
}

int
main(void)
{
	check_good();
	check_bad();
	check_caps();
	check_stop();
	return tap_done();
}
