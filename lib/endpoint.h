/* SPDX-License-Identifier: ISC */
/*
 * endpoint: one place that can serve a model: model, provider and variant, with its prices, limits and recent past. Pure.
 *
 * Sources: OpenRouter's GET /models, GET /models/{author}/{slug}/endpoints and GET /endpoints/zdr. A direct provider's endpoint is made
 * by its caller from the providers table, with what the catalog says of its author's own endpoint laid under it.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "endpoint_past.h"
#include "price.h"

struct buf;
struct err;
struct json;

/* Tiers have prices of their own, and are only used where they are asked for. */
enum endpoint_tier { TIER_STANDARD, TIER_PRIORITY, TIER_FLEX };

/* Bits of endpoint.quantization; 0: unsaid. */
enum {
	QUANT_INT4 = 1 << 0,
	QUANT_INT8 = 1 << 1,
	QUANT_FP4 = 1 << 2,
	QUANT_MXFP4 = 1 << 3,
	QUANT_NVFP4 = 1 << 4,
	QUANT_FP6 = 1 << 5,
	QUANT_FP8 = 1 << 6,
	QUANT_MXFP8 = 1 << 7,
	QUANT_FP16 = 1 << 8,
	QUANT_BF16 = 1 << 9,
	QUANT_FP32 = 1 << 10,
	QUANT_UNKNOWN = 1 << 11
};

/* Bits of modalities. */
enum {
	MODE_TEXT = 1 << 0,
	MODE_IMAGE = 1 << 1,
	MODE_AUDIO = 1 << 2,
	MODE_FILE = 1 << 3,
	MODE_VIDEO = 1 << 4,
	MODE_OTHER = 1 << 5
};

/* Parameters by bit: endpoint_param() knows the names. These are the ones that routing itself asks for. */
typedef uint64_t params_t;
#define PARAM_TOOLS ((params_t)1 << 0)
#define PARAM_RESPONSE_FORMAT ((params_t)1 << 1)
#define PARAM_STRUCTURED_OUTPUTS ((params_t)1 << 2)
#define PARAM_VERBOSITY ((params_t)1 << 3)
#define PARAM_MAX_TOKENS ((params_t)1 << 4)

struct endpoint {
	/* Strings are borrowed from whoever made it, but those of endpoint_parse: they are owned by the endpoint. None is NULL. */
	const char *model;    /* logical: "author/slug"; or a native id */
	const char *provider; /* name of its row in the providers table: "openrouter" */
	const char *tag;      /* routing slug: "deepinfra/fp8"; a direct provider's slug=, else its name */
	const char *name;     /* for people: "DeepInfra" */
	const char *native;   /* id that it is called by at `provider` */
	int chain;            /* number of the model in the chain, from 0 */
	int own;              /* a direct provider: one's own key */
	int routes;           /* OpenRouter itself: whatever isn't known of it here, it filters there */
	int stands_in;        /* the model's row stands for endpoints that aren't cached */
	enum endpoint_tier tier;
	unsigned quantization;        /* QUANT_ bit; 0: unsaid */
	unsigned modes_in, modes_out; /* MODE_ bits; 0: unknown */
	params_t params;              /* that it takes */
	int params_known;
	int64_t context, max_output, max_prompt; /* tokens; 0: unknown */
	int zdr, trains; /* zero retention; keeps or trains on prompts. 1 yes, 0 no, -1 unknown */
	int status;      /* OpenRouter's: 0 normal, -2 degraded, -3 deranked, -5 down; 1: unknown */
	int uptime;      /* of a thousand, over 30 min as OpenRouter publishes it; -1 unknown */
	int caches_implicitly;
	struct pricing pricing;
	price_t image; /* pricing.image: USD an image or image token, for max_price; PRICE_UNKNOWN: unsaid */
	struct endpoint_past past;
	char *owned; /* what endpoint_parse allocated */
};

/* From one object of an endpoints list (then model, tag, name, quantization, status... are filled in), or from a model's row (then
 * tag is "" and it stands in for the endpoints). Fills what the object says and leaves the rest unknown; the provider is "openrouter", whose
 * lists these are. ERR_DATA on malformed prices, or where there is no model's name; then there is nothing to release. */
int endpoint_parse(struct endpoint *ep, const struct json *j, int node, struct err *e);
/* The modalities of an `architecture`, which stands beside a list of endpoints and not in them. */
void endpoint_modes(struct endpoint *ep, const struct json *j, int architecture);
void endpoint_release(struct endpoint *ep);

/* The bit of a request's parameter ("tools", "temperature"); 0: it is no parameter that endpoints list. max_completion_tokens is
 * max_tokens', reasoning_effort and include_reasoning are reasoning's. */
params_t endpoint_param(const char *name, size_t n);
/* The QUANT_ bits that a word of provider.quantizations stands for: fp4 holds mxfp4 and nvfp4, fp8 mxfp8; 0: no such word. */
unsigned endpoint_quantization(const char *word, size_t n);
/* The words of one such bit; NULL: there is none. */
const char *endpoint_param_word(params_t bit);
const char *endpoint_quantization_word(unsigned bit);
/* The MODE_ bit of "image", ...; MODE_OTHER. */
unsigned endpoint_mode(const char *word, size_t n);
/* Does a slug of order, only or ignore mean this endpoint? A base slug means all of its provider's but tiers; a full one, that tag;
 * names for people, whatever their case, and the name of the row in the table, the same as the base. */
int endpoint_matches(const struct endpoint *ep, const char *slug, size_t n);
/* Is it OpenRouter's, whether one of its list or itself? */
int endpoint_is_routers(const struct endpoint *ep);
/* Appends what it is known by from one process to the next: "anthropic:claude-sonnet-5", or "openrouter:z-ai/glm-5.2#deepinfra/fp8". */
void endpoint_id(const struct endpoint *ep, struct buf *out);
/* Is that its id? */
int endpoint_is(const struct endpoint *ep, const char *id);

#endif
