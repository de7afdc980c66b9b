/* SPDX-License-Identifier: ISC */
#include "endpoint.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"

#define ROUTER "openrouter"
#define DECIMALS 22 /* of a price_t, which holds other numbers exactly too */

struct word {
	const char *s;
	size_t n;
	uint64_t bits;
};
#define WORD(s, bits) \
	{ \
		s, sizeof(s) - 1, bits \
	}

static uint64_t
find(const struct word *w, size_t n_words, const char *s, size_t n)
{
	for (size_t i = 0; i < n_words; i++)
		if (w[i].n == n && memcmp(w[i].s, s, n) == 0)
			return w[i].bits;
	return 0;
}
#define FIND(words, s, n) find(words, sizeof(words) / sizeof(*(words)), s, n)

static const struct word param_words[] = {
    WORD("tools", PARAM_TOOLS),
    WORD("response_format", PARAM_RESPONSE_FORMAT),
    WORD("structured_outputs", PARAM_STRUCTURED_OUTPUTS),
    WORD("verbosity", PARAM_VERBOSITY),
    WORD("max_tokens", PARAM_MAX_TOKENS),
    WORD("max_completion_tokens", PARAM_MAX_TOKENS),
    WORD("temperature", 1 << 5),
    WORD("top_p", 1 << 6),
    WORD("top_k", 1 << 7),
    WORD("min_p", 1 << 8),
    WORD("top_a", 1 << 9),
    WORD("frequency_penalty", 1 << 10),
    WORD("presence_penalty", 1 << 11),
    WORD("repetition_penalty", 1 << 12),
    WORD("logit_bias", 1 << 13),
    WORD("logprobs", 1 << 14),
    WORD("top_logprobs", 1 << 15),
    WORD("prediction", 1 << 16),
    WORD("seed", 1 << 17),
    WORD("stop", 1 << 18),
    WORD("tool_choice", 1 << 19),
    WORD("parallel_tool_calls", 1 << 20),
    WORD("reasoning", 1 << 21),
    WORD("reasoning_effort", 1 << 21),
    WORD("include_reasoning", 1 << 21),
    WORD("web_search_options", 1 << 22),
};

params_t
endpoint_param(const char *name, size_t n)
{
	return FIND(param_words, name, n);
}

const char *
endpoint_param_word(params_t bit)
{
	size_t i = 0, n = sizeof(param_words) / sizeof(*param_words);

	while (i < n && param_words[i].bits != bit)
		i++;
	return i < n ? param_words[i].s : NULL;
}

static const struct word quantization_words[] = {
    WORD("int4", QUANT_INT4),
    WORD("int8", QUANT_INT8),
    WORD("fp4", QUANT_FP4 | QUANT_MXFP4 | QUANT_NVFP4),
    WORD("mxfp4", QUANT_MXFP4),
    WORD("nvfp4", QUANT_NVFP4),
    WORD("fp6", QUANT_FP6),
    WORD("fp8", QUANT_FP8 | QUANT_MXFP8),
    WORD("mxfp8", QUANT_MXFP8),
    WORD("fp16", QUANT_FP16),
    WORD("bf16", QUANT_BF16),
    WORD("fp32", QUANT_FP32),
    WORD("unknown", QUANT_UNKNOWN),
};

unsigned
endpoint_quantization(const char *word, size_t n)
{
	return (unsigned)FIND(quantization_words, word, n);
}

/* What an endpoint says is one of them, not what a request's word holds. */
static unsigned
own_quantization(const char *word, size_t n)
{
	unsigned bits = endpoint_quantization(word, n);

	return bits & QUANT_FP4 ? QUANT_FP4 : bits & QUANT_FP8 ? QUANT_FP8 : bits;
}

const char *
endpoint_quantization_word(unsigned bit)
{
	for (size_t i = 0; i < sizeof(quantization_words) / sizeof(*quantization_words); i++)
		if (own_quantization(quantization_words[i].s, quantization_words[i].n) == bit)
			return quantization_words[i].s;
	return NULL;
}

unsigned
endpoint_mode(const char *word, size_t n)
{
	static const struct word words[] = {
	    WORD("text", MODE_TEXT),
	    WORD("image", MODE_IMAGE),
	    WORD("audio", MODE_AUDIO),
	    WORD("file", MODE_FILE),
	    WORD("video", MODE_VIDEO),
	};
	unsigned bit = (unsigned)FIND(words, word, n);

	return bit ? bit : MODE_OTHER;
}

/* ── slugs ── */

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

static int
same(const char *s, const char *slug, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i] || lower(s[i]) != lower(slug[i]))
			return 0;
	return 1;
}

int
endpoint_matches(const struct endpoint *ep, const char *slug, size_t n)
{
	if (same(ep->tag, slug, n) && (!ep->tag[n] || (ep->tag[n] == '/' && !memchr(slug, '/', n))))
		return n && (ep->tier == TIER_STANDARD || !ep->tag[n]);
	return n && ep->tier == TIER_STANDARD &&
	    ((same(ep->name, slug, n) && !ep->name[n]) || (same(ep->provider, slug, n) && !ep->provider[n]));
}

int
endpoint_is_routers(const struct endpoint *ep)
{
	return ep->routes || strcmp(ep->provider, ROUTER) == 0;
}

static int
has_tag_in_id(const struct endpoint *ep)
{
	return !ep->own && !ep->routes && *ep->tag;
}

void
endpoint_id(const struct endpoint *ep, struct buf *out)
{
	buf_adds(out, ep->provider);
	buf_addc(out, ':');
	buf_adds(out, ep->native);
	if (has_tag_in_id(ep)) {
		buf_addc(out, '#');
		buf_adds(out, ep->tag);
	}
}

/* id behind s, or NULL. */
static const char *
behind(const char *id, const char *s)
{
	size_t n = strlen(s);

	return id && strncmp(id, s, n) == 0 ? id + n : NULL;
}

int
endpoint_is(const struct endpoint *ep, const char *id)
{
	id = behind(behind(behind(id, ep->provider), ":"), ep->native);
	if (has_tag_in_id(ep))
		id = behind(behind(id, "#"), ep->tag);
	return id && !*id;
}

/* ── reading ── */

static enum endpoint_tier
tier_of(const char *tag)
{
	const char *suffix = strrchr(tag, '/');

	if (!suffix)
		return TIER_STANDARD;
	return strcmp(suffix, "/priority") == 0 ? TIER_PRIORITY
	    : strcmp(suffix, "/flex") == 0      ? TIER_FLEX
						: TIER_STANDARD;
}

/* A number times scale, rounded half up or down; -1 where it is none, is negative or too big. */
static int
scaled(const struct json *j, int node, int scale, int round)
{
	price_t v, one = 1;
	size_t n;
	const char *s = json_raw(j, node, &n);

	if (json_type(j, node) != JSON_NUMBER || price_parse(s, n, &v) || v < 0)
		return -1;
	for (int i = 0; i < DECIMALS; i++)
		one *= 10;
	if (__builtin_mul_overflow(v, scale, &v))
		return -1;
	v = (v + (round ? one / 2 : 0)) / one;
	return v > INT_MAX ? -1 : (int)v;
}

static void
read_percentiles(int out[N_PERCENTILES], const struct json *j, int node, int scale)
{
	static const char *const keys[N_PERCENTILES] = {"p50", "p75", "p90", "p99"};

	for (int i = 0; i < N_PERCENTILES; i++)
		out[i] = scaled(j, json_get(j, node, keys[i]), scale, 1);
}

/* A positive integer, or 0. */
static int64_t
count(const struct json *j, int node)
{
	int64_t v;

	return json_int(j, node, &v) == 0 && v > 0 ? v : 0;
}

/* The bits of an array's words; 0 where there is none. Words with escapes aren't among those we know. */
static uint64_t
bits_of(const struct json *j, int list, uint64_t (*bit)(const char *, size_t))
{
	uint64_t bits = 0;
	size_t n;

	if (json_type(j, list) != JSON_ARRAY)
		return 0;
	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		const char *s = json_raw(j, i, &n);
		if (json_type(j, i) == JSON_STRING)
			bits |= bit(s + 1, n - 2);
	}
	return bits;
}

static uint64_t
mode_bit(const char *s, size_t n)
{
	return endpoint_mode(s, n);
}

void
endpoint_modes(struct endpoint *ep, const struct json *j, int architecture)
{
	ep->modes_in = (unsigned)bits_of(j, json_get(j, architecture, "input_modalities"), mode_bit);
	ep->modes_out = (unsigned)bits_of(j, json_get(j, architecture, "output_modalities"), mode_bit);
}

static void
read_limits(struct endpoint *ep, const struct json *j, int node)
{
	int top = json_get(j, node, "top_provider"), limits = json_get(j, node, "per_request_limits");

	ep->context = count(j, json_get(j, node, "context_length"));
	if (!ep->context)
		ep->context = count(j, json_get(j, top, "context_length"));
	ep->max_output = count(j, json_get(j, ep->stands_in ? top : node, "max_completion_tokens"));
	ep->max_prompt = ep->stands_in ? count(j, json_get(j, limits, "prompt_tokens"))
				       : count(j, json_get(j, node, "max_prompt_tokens"));
}

static void
read_state(struct endpoint *ep, const struct json *j, int node)
{
	int64_t status;
	size_t n;

	ep->status = json_int(j, json_get(j, node, "status"), &status) || status > 0 || status < -99 ? 1 : (int)status;
	ep->uptime = scaled(j, json_get(j, node, "uptime_last_30m"), 10, 0);
	ep->past = (struct endpoint_past)ENDPOINT_PAST_UNKNOWN;
	read_percentiles(ep->past.ttft_ms, j, json_get(j, node, "latency_last_30m"), 1);
	read_percentiles(ep->past.mtok_s, j, json_get(j, node, "throughput_last_30m"), 1000);
	int quantization = json_get(j, node, "quantization");
	const char *s = json_raw(j, quantization, &n);
	if (json_type(j, quantization) == JSON_STRING)
		ep->quantization = own_quantization(s + 1, n - 2);
	ep->caches_implicitly = json_bool(j, json_get(j, node, "supports_implicit_caching")) == 1;
}

static int
read_pricing(struct endpoint *ep, const struct json *j, int node, struct err *e)
{
	int pricing = json_get(j, node, "pricing"), image = json_get(j, pricing, "image");
	enum json_type t = json_type(j, image);
	size_t n;
	const char *s = json_raw(j, image, &n);

	if (json_type(j, pricing) == JSON_NULL)
		pricing = -1;
	if (pricing_parse(&ep->pricing, j, pricing, e))
		return -1;
	ep->image = PRICE_UNKNOWN;
	if (t == JSON_NONE || t == JSON_NULL)
		return 0;
	int quotes = t == JSON_STRING;
	if ((t != JSON_STRING && t != JSON_NUMBER) || price_parse(s + quotes, n - (size_t)(2 * quotes), &ep->image))
		return err_set(e, ERR_DATA, "pricing: image is no price");
	return 0;
}

/* Three strings, one behind the other in one allocation. */
static int
read_names(struct endpoint *ep, const struct json *j, int node, struct err *e)
{
	struct buf b = BUF_INIT;
	int tag = json_get(j, node, "tag"), model = json_get(j, node, ep->stands_in ? "id" : "model_id");

	if (json_str(j, model, &b) || !b.len || strlen(b.p) != b.len) {
		buf_release(&b);
		return err_set(e, ERR_DATA, "an endpoint without a model's name");
	}
	buf_addc(&b, '\0');
	size_t tag_at = b.len;
	json_str(j, tag, &b);
	buf_addc(&b, '\0');
	size_t name_at = b.len;
	json_str(j, json_get(j, node, ep->stands_in ? "name" : "provider_name"), &b);
	ep->owned = buf_take(&b);
	ep->model = ep->native = ep->owned;
	ep->tag = ep->owned + tag_at;
	ep->name = ep->owned + name_at;
	ep->provider = ROUTER;
	ep->tier = tier_of(ep->tag);
	return 0;
}

static uint64_t
param_bit(const char *s, size_t n)
{
	return endpoint_param(s, n);
}

int
endpoint_parse(struct endpoint *ep, const struct json *j, int node, struct err *e)
{
	int params = json_get(j, node, "supported_parameters");

	*ep = (struct endpoint){.zdr = -1, .trains = -1};
	ep->stands_in = json_get(j, node, "model_id") < 0;
	if (read_pricing(ep, j, node, e) || read_names(ep, j, node, e))
		return -1;
	read_limits(ep, j, node);
	read_state(ep, j, node);
	endpoint_modes(ep, j, json_get(j, node, "architecture"));
	ep->params_known = json_type(j, params) == JSON_ARRAY;
	ep->params = bits_of(j, params, param_bit);
	return 0;
}

void
endpoint_release(struct endpoint *ep)
{
	free(ep->owned);
	ep->owned = NULL;
}
