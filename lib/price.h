/* SPDX-License-Identifier: ISC */
/*
 * price: exact money. Pure. No float touches it.
 *
 * Prices are decimal strings in USD per unit (a token unless said), up to 22 fraction digits, as OpenRouter's catalog gives
 * them; inside, a price is a count of 10^-22 USD in 128 bits. A call's exact sum is rounded once, half to even, to 10^-12 USD
 * (_pusd). -1 in the catalog means "varies": unknown, never zero. Source: OpenRouter's model objects (pricing), see orutils(7).
 *
 * Not billed: `image` and `image_token` (an image's tokens are among the prompt's), `input_audio_cache` (usage doesn't say how
 * much of the cached part is audio), and `discount`: the prices beside it have it taken off already.
 */
#ifndef PRICE_H
#define PRICE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct json;
struct jsonw;
struct usage;

__extension__ typedef __int128 price_t; /* 10^-22 USD; PRICE_UNKNOWN: not known */

__extension__ typedef __int128 pusd_sum_t; /* sums over calls, in 10^-12 USD: 64 bits hold 9 million dollars */

#define PRICE_UNKNOWN ((price_t)-1)
#define PUSD_UNKNOWN ((int64_t)-1)

enum price_item {             /* key of the catalog; what holds where it is absent */
	PRICE_PROMPT,         /* prompt; unknown */
	PRICE_COMPLETION,     /* completion; unknown */
	PRICE_REQUEST,        /* request, per call; 0 */
	PRICE_IMAGE_OUTPUT,   /* image_output; the completion's */
	PRICE_AUDIO,          /* audio; the prompt's */
	PRICE_AUDIO_OUTPUT,   /* audio_output; the completion's */
	PRICE_CACHE_READ,     /* input_cache_read; the prompt's */
	PRICE_CACHE_WRITE,    /* input_cache_write; the prompt's */
	PRICE_CACHE_WRITE_1H, /* input_cache_write_1h; input_cache_write's */
	PRICE_REASONING,      /* internal_reasoning; the completion's, which it follows too where both are the same */
	PRICE_WEB_SEARCH,     /* web_search, per search; 0 */
	PRICE_N_ITEMS
};

#define PRICE_MAX_RULES 8

struct price_rule {                /* one of pricing.overrides: all its conditions must hold */
	int64_t min_prompt_tokens; /* strictly more prompt tokens than this; -1: no condition */
	int utc_start, utc_end;    /* HHMM, half-open, may wrap midnight; -1: no condition */
	unsigned set;              /* bit i: item[i] is replaced */
	price_t item[PRICE_N_ITEMS];
};

struct pricing {
	unsigned has; /* bit i: item[i] was given */
	price_t item[PRICE_N_ITEMS];
	struct price_rule rule[PRICE_MAX_RULES];
	int n_rules;
};

/* A decimal ("0.0000000208333333333333", "2e-9" too) to a price. -1 on bad syntax, more than 22 fraction digits that
 * aren't zero, too big, or negative; "-1" gives PRICE_UNKNOWN and 0. */
int price_parse(const char *s, size_t n, price_t *out);
/* The `pricing` object of a model or endpoint; node -1 gives unknown prices. ERR_DATA on a malformed one. An override under a
 * condition that we don't know makes the prices in it unknown. */
int pricing_parse(struct pricing *p, const struct json *j, int node, struct err *e);
/* Only the base prices of prompt and completion, for lists. Malformed ones are unknown. */
void pricing_base(const struct json *j, int node, price_t *prompt, price_t *completion);
/* The catalog's word for it. */
const char *pricing_key(enum price_item i);
/* Writes such an object: of the prices that were given, where a prompt's and a completion's always stand. */
void pricing_write(const struct pricing *p, struct jsonw *w);
/* Prices in USD per million tokens, as -p and price= take them: "0.5" or "0.5,1.5". One number sets both where `both`, else
 * completion stays unknown. */
int price_parse_pair(const char *s, int both, price_t *prompt, price_t *completion);

/* What applies to a call: the given prices with the matching rules laid over, later rules first. hhmm: UTC time of day. */
price_t pricing_item(const struct pricing *p, enum price_item i, int64_t prompt_tokens, int hhmm);
/* The most that an item may cost in a call of up to so many prompt tokens, at any time of day. */
price_t pricing_dearest(const struct pricing *p, enum price_item i, int64_t prompt_tokens);
/* The cost of a call in 10^-12 USD, or PUSD_UNKNOWN. n_search: web searches. Tokens that weren't reported cost nothing only
 * where they are free; parts (cached, reasoning, ...) that weren't reported are 0. */
int64_t pricing_cost_pusd(const struct pricing *p, const struct usage *u, int n_search, int hhmm);

/* n units at a price in 10^-12 USD, rounded up; PUSD_UNKNOWN where it isn't known or doesn't fit. */
int64_t price_times(price_t p, int64_t n);

/* Appends USD per unit, exactly, without trailing zeros; "-" for unknown. */
void price_emit(struct buf *b, price_t p);
/* Appends per-million USD, exactly, without trailing zeros ("0.22", "0"); "-" for unknown. */
void price_emit_million(struct buf *b, price_t p);
/* Appends a decimal USD amount without trailing zeros; "-" for unknown. */
void price_emit_pusd(struct buf *b, int64_t pusd);
void price_emit_sum(struct buf *b, pusd_sum_t pusd);
/* A decimal USD string to 10^-12 USD, rounded half to even. -1 on bad syntax, negative, too big. */
int price_parse_pusd(const char *s, size_t n, int64_t *pusd);
int price_cmp(price_t a, price_t b); /* unknown sorts last */

#endif
