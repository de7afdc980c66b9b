/* SPDX-License-Identifier: ISC */
#include "price.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"

#define PRICE_DIGITS 22   /* fraction digits of a price_t */
#define MILLION_DIGITS 16 /* the same, counted per million */
#define PUSD_DIGITS 12
#define INT128_DIGITS 39
#define PART_DIGITS 18
#define PART 1000000000000000000 /* 10^PART_DIGITS */
#define NOTHING (-1)             /* in place of an item: 0 */
#define UNKNOWN (-2)             /* in place of an item: not known */

static const struct {
	const char *key;
	int absent; /* the item that holds in its place */
} items[PRICE_N_ITEMS] = {
    [PRICE_PROMPT] = {"prompt", UNKNOWN},
    [PRICE_COMPLETION] = {"completion", UNKNOWN},
    [PRICE_REQUEST] = {"request", NOTHING},
    [PRICE_IMAGE_OUTPUT] = {"image_output", PRICE_COMPLETION},
    [PRICE_AUDIO] = {"audio", PRICE_PROMPT},
    [PRICE_AUDIO_OUTPUT] = {"audio_output", PRICE_COMPLETION},
    [PRICE_CACHE_READ] = {"input_cache_read", PRICE_PROMPT},
    [PRICE_CACHE_WRITE] = {"input_cache_write", PRICE_PROMPT},
    [PRICE_CACHE_WRITE_1H] = {"input_cache_write_1h", PRICE_CACHE_WRITE},
    [PRICE_REASONING] = {"internal_reasoning", PRICE_COMPLETION},
    [PRICE_WEB_SEARCH] = {"web_search", NOTHING},
};

struct number { /* mantissa * 10^exponent; the mantissa doesn't end in 0 */
	int negative;
	price_t mantissa;
	int exponent;
};

/* v * 10^n. -1 on overflow. */
static int
shift(price_t *v, int n)
{
	if (n >= INT128_DIGITS)
		return *v ? -1 : 0;
	while (n-- > 0)
		if (__builtin_mul_overflow(*v, 10, v))
			return -1;
	return 0;
}

/* Zeros are held back until another digit follows, so that any number of them may end the text. Returns where the digits end, or
 * NULL. */
static const char *
scan_digits(const char *p, const char *end, struct number *d)
{
	int zeros = 0, point = 0, n = 0;

	for (; p < end && n < 1000; p++) {
		if (*p == '.' && !point) {
			point = 1;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		n++;
		zeros++;
		d->exponent -= point;
		if (*p == '0')
			continue;
		if (shift(&d->mantissa, zeros) || __builtin_add_overflow(d->mantissa, *p - '0', &d->mantissa))
			return NULL;
		zeros = 0;
	}
	d->exponent += zeros;
	return n ? p : NULL;
}

static int
scan(const char *s, size_t n, struct number *d)
{
	const char *p = s, *end = s + n;
	int exponent = 0;

	*d = (struct number){0};
	d->negative = p < end && *p == '-';
	p = scan_digits(p + d->negative, end, d);
	if (!p)
		return -1;
	if (p < end && (*p == 'e' || *p == 'E')) {
		int minus = ++p < end && *p == '-';
		p += p < end && (*p == '-' || *p == '+');
		if (p == end || end - p > 4)
			return -1;
		for (; p < end && *p >= '0' && *p <= '9'; p++)
			exponent = exponent * 10 + (*p - '0');
		d->exponent += minus ? -exponent : exponent;
	}
	return p == end ? 0 : -1;
}

/* The decimal in units of 10^-digits. -1 where it isn't a whole number of them, is negative or too big. */
static int
exact(const struct number *d, int digits, price_t *out)
{
	*out = d->mantissa;
	if (d->mantissa == 0)
		return 0;
	if (d->negative || d->exponent + digits < 0)
		return -1;
	return shift(out, d->exponent + digits);
}

static price_t
divide_half_even(price_t v, int digits)
{
	price_t by = 1;

	if (shift(&by, digits))
		return 0;
	price_t q = v / by, r = v % by;
	if (r > by - r || (r == by - r && (q & 1)))
		q++;
	return q;
}

int
price_parse(const char *s, size_t n, price_t *out)
{
	struct number d;

	if (scan(s, n, &d))
		return -1;
	if (d.negative && d.mantissa == 1 && d.exponent == 0) {
		*out = PRICE_UNKNOWN;
		return 0;
	}
	return exact(&d, PRICE_DIGITS, out);
}

static int
parse_million(const char *s, size_t n, price_t *out)
{
	struct number d;

	return scan(s, n, &d) ? -1 : exact(&d, MILLION_DIGITS, out);
}

int
price_parse_pair(const char *s, int both, price_t *prompt, price_t *completion)
{
	size_t n = strcspn(s, ",");

	if (parse_million(s, n, prompt))
		return -1;
	*completion = both ? *prompt : PRICE_UNKNOWN;
	return s[n] ? parse_million(s + n + 1, strlen(s + n + 1), completion) : 0;
}

int
price_parse_pusd(const char *s, size_t n, int64_t *pusd)
{
	struct number d;
	price_t v;

	if (scan(s, n, &d) || (d.negative && d.mantissa))
		return -1;
	int digits = d.exponent + PUSD_DIGITS;
	v = d.mantissa;
	if (digits < 0)
		v = divide_half_even(v, -digits);
	else if (shift(&v, digits))
		return -1;
	if (v > INT64_MAX)
		return -1;
	*pusd = (int64_t)v;
	return 0;
}

/* A price may be a string or a number. */
static int
parse_node(const struct json *j, int node, price_t *out)
{
	enum json_type t = json_type(j, node);
	size_t n;

	if (t != JSON_STRING && t != JSON_NUMBER)
		return -1;
	const char *p = json_raw(j, node, &n);
	return t == JSON_STRING ? price_parse(p + 1, n - 2, out) : price_parse(p, n, out);
}

static int
parse_items(const struct json *j, int node, price_t *item, unsigned *has, struct err *e)
{
	for (int i = 0; i < PRICE_N_ITEMS; i++) {
		int v = json_get(j, node, items[i].key);
		if (v < 0 || json_type(j, v) == JSON_NULL)
			continue;
		if (parse_node(j, v, &item[i]))
			return err_set(e, ERR_DATA, "pricing: %s is no price", items[i].key);
		*has |= 1u << i;
	}
	return 0;
}

/* -1 where the condition isn't there. */
static int
parse_condition(const struct json *j, int node, const char *key, int64_t *out, struct err *e)
{
	int v = json_get(j, node, key);

	*out = -1;
	if (v >= 0 && (json_int(j, v, out) || *out < 0))
		return err_set(e, ERR_DATA, "pricing: bad %s", key);
	return 0;
}

/* All prices are strings: any other value under a key of an override that we don't know is a condition. */
static int
has_unknown_condition(const struct json *j, int node)
{
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		enum json_type t = json_type(j, json_value(j, k));
		if (t != JSON_NULL && t != JSON_STRING && !json_eq(j, k, "min_prompt_tokens") &&
		    !json_eq(j, k, "utc_start") && !json_eq(j, k, "utc_end"))
			return 1;
	}
	return 0;
}

static int
parse_rule(struct price_rule *r, const struct json *j, int node, struct err *e)
{
	int64_t start, end;

	if (json_type(j, node) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "pricing: an override is no object");
	if (parse_condition(j, node, "min_prompt_tokens", &r->min_prompt_tokens, e) ||
	    parse_condition(j, node, "utc_start", &start, e) || parse_condition(j, node, "utc_end", &end, e))
		return -1;
	if (start > 2400 || end > 2400)
		return err_set(e, ERR_DATA, "pricing: no time of day");
	r->utc_start = (int)start;
	r->utc_end = (int)end;
	if (parse_items(j, node, r->item, &r->set, e))
		return -1;
	if (has_unknown_condition(j, node))
		for (int i = 0; i < PRICE_N_ITEMS; i++)
			r->item[i] = PRICE_UNKNOWN;
	return 0;
}

int
pricing_parse(struct pricing *p, const struct json *j, int node, struct err *e)
{
	memset(p, 0, sizeof(*p));
	if (node < 0)
		return 0;
	if (json_type(j, node) != JSON_OBJECT)
		return err_set(e, ERR_DATA, "pricing is no object");
	if (parse_items(j, node, p->item, &p->has, e))
		return -1;
	/* Overrides that raise the completion's price don't repeat it for reasoning. */
	if (p->item[PRICE_REASONING] == p->item[PRICE_COMPLETION])
		p->has &= ~(1u << PRICE_REASONING);
	int rules = json_get(j, node, "overrides");
	if (json_count(j, rules) > PRICE_MAX_RULES)
		return err_set(e, ERR_DATA, "pricing: more than %d overrides", PRICE_MAX_RULES);
	for (int r = json_child(j, rules); r >= 0; r = json_next(j, rules, r))
		if (parse_rule(&p->rule[p->n_rules++], j, r, e))
			return -1;
	return 0;
}

const char *
pricing_key(enum price_item i)
{
	return items[i].key;
}

void
pricing_base(const struct json *j, int node, price_t *prompt, price_t *completion)
{
	if (parse_node(j, json_get(j, node, items[PRICE_PROMPT].key), prompt))
		*prompt = PRICE_UNKNOWN;
	if (parse_node(j, json_get(j, node, items[PRICE_COMPLETION].key), completion))
		*completion = PRICE_UNKNOWN;
}

static int
applies(const struct price_rule *r, int64_t prompt_tokens, int hhmm)
{
	int start = r->utc_start < 0 ? 0 : r->utc_start, end = r->utc_end < 0 ? 2400 : r->utc_end;

	if (r->min_prompt_tokens >= 0 && prompt_tokens <= r->min_prompt_tokens)
		return 0;
	return start <= end ? start <= hhmm && hhmm < end : start <= hhmm || hhmm < end;
}

price_t
pricing_item(const struct pricing *p, enum price_item i, int64_t prompt_tokens, int hhmm)
{
	for (int k = p->n_rules - 1; k >= 0; k--) {
		const struct price_rule *r = &p->rule[k];
		if (r->set & 1u << i && applies(r, prompt_tokens, hhmm))
			return r->item[i];
	}
	if (p->has & 1u << i)
		return p->item[i];
	if (items[i].absent < 0)
		return items[i].absent == NOTHING ? 0 : PRICE_UNKNOWN;
	return pricing_item(p, (enum price_item)items[i].absent, prompt_tokens, hhmm);
}

price_t
pricing_dearest(const struct pricing *p, enum price_item i, int64_t prompt_tokens)
{
	price_t most = p->has & 1u << i ? p->item[i] : PRICE_UNKNOWN;

	if (!(p->has & 1u << i))
		most = items[i].absent == NOTHING ? 0
		    : items[i].absent == UNKNOWN  ? PRICE_UNKNOWN
						  : pricing_dearest(p, (enum price_item)items[i].absent, prompt_tokens);
	for (int k = 0; k < p->n_rules && most != PRICE_UNKNOWN; k++) {
		const struct price_rule *r = &p->rule[k];
		if (!(r->set & 1u << i) || prompt_tokens <= r->min_prompt_tokens)
			continue;
		if (r->item[i] == PRICE_UNKNOWN || r->item[i] > most)
			most = r->item[i];
	}
	return most;
}

int64_t
price_times(price_t p, int64_t n)
{
	const price_t unit = 10000000000; /* 10^-12 in 10^-22 */
	price_t sum;

	if (p == PRICE_UNKNOWN || n < 0 || __builtin_mul_overflow(p, n, &sum) || sum > (price_t)INT64_MAX * unit - unit)
		return PUSD_UNKNOWN;
	return (int64_t)((sum + unit - 1) / unit);
}

struct sum {
	const struct pricing *p;
	int64_t prompt_tokens;
	int hhmm;
	price_t total;
	int unknown; /* a price or count that matters isn't known, or 128 bits don't hold it */
};

static void
add(struct sum *s, enum price_item i, int64_t n)
{
	price_t price = pricing_item(s->p, i, s->prompt_tokens, s->hhmm);

	if (n == 0 || price == 0)
		return;
	if (n < 0 || price == PRICE_UNKNOWN || __builtin_mul_overflow(price, n, &price) ||
	    __builtin_add_overflow(s->total, price, &s->total))
		s->unknown = 1;
}

/* Bills a part of `rest` by itself; a part can't be more than what is left, whatever was reported. */
static void
add_part(struct sum *s, enum price_item i, int64_t n, int64_t *rest)
{
	if (n > *rest)
		n = *rest;
	if (n <= 0)
		return;
	add(s, i, n);
	*rest -= n;
}

int64_t
pricing_cost_pusd(const struct pricing *p, const struct usage *u, int n_search, int hhmm)
{
	struct sum s = {p, u->prompt, hhmm, 0, 0};
	int64_t prompt = u->prompt, completion = u->completion;

	add_part(&s, PRICE_CACHE_READ, u->cached, &prompt);
	add_part(&s, PRICE_CACHE_WRITE, u->cache_write, &prompt);
	add_part(&s, PRICE_AUDIO, u->prompt_audio, &prompt);
	add(&s, PRICE_PROMPT, prompt);
	add_part(&s, PRICE_REASONING, u->reasoning, &completion);
	add_part(&s, PRICE_AUDIO_OUTPUT, u->completion_audio, &completion);
	add_part(&s, PRICE_IMAGE_OUTPUT, u->completion_image, &completion);
	add(&s, PRICE_COMPLETION, completion);
	add(&s, PRICE_REQUEST, 1);
	add(&s, PRICE_WEB_SEARCH, n_search);
	price_t pusd = divide_half_even(s.total, PRICE_DIGITS - PUSD_DIGITS);
	return s.unknown || pusd > INT64_MAX ? PUSD_UNKNOWN : (int64_t)pusd;
}

/* v in units of 10^-digits, without trailing zeros. */
static void
emit(struct buf *b, price_t v, int digits)
{
	char text[INT128_DIGITS + 3], *end = text + sizeof(text), *p = end;
	uint64_t part = 0; /* the lower digits of what is left: nearly all sums fit, and dividing 128 bits is dear */

	for (int i = 0, held = 0; i <= digits || v || part; i++, held--, part /= 10) {
		if (held == 0) {
			part = (uint64_t)(v % PART);
			v /= PART;
			held = PART_DIGITS;
		}
		int digit = (int)(part % 10);
		if (i == digits && p < end)
			*--p = '.';
		if (digit || p < end || i >= digits)
			*--p = (char)('0' + digit);
	}
	buf_add(b, p, (size_t)(end - p));
}

void
price_emit(struct buf *b, price_t p)
{
	if (p == PRICE_UNKNOWN)
		buf_addc(b, '-');
	else
		emit(b, p, PRICE_DIGITS);
}

void
price_emit_million(struct buf *b, price_t p)
{
	if (p == PRICE_UNKNOWN)
		buf_addc(b, '-');
	else
		emit(b, p, MILLION_DIGITS);
}

void
price_emit_pusd(struct buf *b, int64_t pusd)
{
	if (pusd == PUSD_UNKNOWN)
		buf_addc(b, '-');
	else
		emit(b, pusd, PUSD_DIGITS);
}

void
price_emit_sum(struct buf *b, pusd_sum_t pusd)
{
	emit(b, pusd, PUSD_DIGITS);
}

int
price_cmp(price_t a, price_t b)
{
	if (a == PRICE_UNKNOWN || b == PRICE_UNKNOWN)
		return (a == PRICE_UNKNOWN) - (b == PRICE_UNKNOWN);
	return (a > b) - (a < b);
}
