/* SPDX-License-Identifier: ISC */
/* The `provider` of a request. What it holds that the API doesn't know is ignored, as there. */
#include <limits.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "mem.h"
#include "route_priv.h"

#define PER_MILLION 1000000
#define DECIMALS 22 /* of a price_t, which holds other numbers exactly too */

/* A price_t's worth of a number, or of a string that is one; -1: it is none, or negative. */
static int
number(const struct json *j, int node, int strings, price_t *out)
{
	enum json_type t = json_type(j, node);
	size_t n, quotes = t == JSON_STRING;
	const char *s = json_raw(j, node, &n);

	if (t != JSON_NUMBER && !(strings && quotes))
		return -1;
	return price_parse(s + quotes, n - 2 * quotes, out) || *out < 0 ? -1 : 0;
}

static int
read_bool(struct route_reader *r, int node, const struct route_field *f)
{
	int v = json_bool(r->j, node);

	if (v < 0)
		return err_set(r->e, ERR_DATA, "provider.%s is neither true nor false", f->key);
	*ROUTE_AT(r, f, int) = v;
	return 0;
}

static int
read_slugs(struct route_reader *r, int node, const struct route_field *f)
{
	struct route_slugs *list = ROUTE_AT(r, f, struct route_slugs);

	if (json_type(r->j, node) != JSON_ARRAY)
		return err_set(r->e, ERR_DATA, "provider.%s is no array", f->key);
	if (json_count(r->j, node) > ROUTE_MAX_LIST)
		return err_set(r->e, ERR_DATA, "provider.%s: more than %d providers", f->key, ROUTE_MAX_LIST);
	list->given = 1;
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i)) {
		if (json_type(r->j, i) != JSON_STRING)
			return err_set(r->e, ERR_DATA, "provider.%s: a provider is no string", f->key);
		list->v = mem_grow(list->v, list->n, &list->cap, sizeof(*list->v));
		list->v[list->n++] = route_slice(r, i);
	}
	return 0;
}

static int
read_collection(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (!json_eq(r->j, node, "deny") && !json_eq(r->j, node, "allow"))
		return route_bad(r, "provider.data_collection", "\"allow\" or \"deny\"");
	r->q->deny_collection = json_eq(r->j, node, "deny");
	return 0;
}

static int
read_quantizations(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_ARRAY)
		return route_bad(r, "provider.quantizations", "array");
	for (int i = json_child(r->j, node); i >= 0; i = json_next(r->j, node, i)) {
		size_t n;
		const char *s = json_raw(r->j, i, &n);
		unsigned bits = json_type(r->j, i) == JSON_STRING ? endpoint_quantization(s + 1, n - 2) : 0;
		if (!bits)
			return err_set(r->e, ERR_DATA, "provider.quantizations: there is no such quantization: %.*s",
			    n > 40 ? 40 : (int)n, s);
		r->q->quantizations |= bits;
	}
	return 0;
}

static int
read_by(struct route_reader *r, int node)
{
	static const char *const words[] = {[SORT_PRICE] = "price",
	    [SORT_THROUGHPUT] = "throughput",
	    [SORT_LATENCY] = "latency",
	    [SORT_EXACTO] = "exacto"};

	for (int i = SORT_PRICE; i <= SORT_EXACTO; i++)
		if (json_eq(r->j, node, words[i])) {
			r->q->sort = (enum route_sort)i;
			return 0;
		}
	return route_bad(r, "provider.sort", "price, throughput, latency or exacto");
}

static int
read_partition(struct route_reader *r, int node)
{
	if (json_eq(r->j, node, "model"))
		r->partition = PARTITION_MODEL;
	else if (json_eq(r->j, node, "none"))
		r->partition = PARTITION_NONE;
	else
		return route_bad(r, "provider.sort.partition", "\"model\" or \"none\"");
	return 0;
}

static int
is_said(const struct json *j, int node)
{
	return node >= 0 && json_type(j, node) != JSON_NULL;
}

static int
read_sort(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	if (json_type(r->j, node) != JSON_OBJECT)
		return read_by(r, node);
	int by = json_get(r->j, node, "by"), partition = json_get(r->j, node, "partition");
	if (is_said(r->j, by) && read_by(r, by))
		return -1;
	return is_said(r->j, partition) ? read_partition(r, partition) : 0;
}

/* A cap per million, rounded down to a whole price, lets the same prices pass. */
static int
read_max_price(struct route_reader *r, int node, const struct route_field *f)
{
	static const struct {
		const char *key;
		size_t at;
		int by;
	} caps[] = {
	    {"prompt", offsetof(struct route_query, max_prompt), PER_MILLION},
	    {"completion", offsetof(struct route_query, max_completion), PER_MILLION},
	    {"request", offsetof(struct route_query, max_request), 1},
	    {"image", offsetof(struct route_query, max_image), 1},
	    {"audio", offsetof(struct route_query, max_audio), 1},
	};

	(void)f;
	if (json_type(r->j, node) != JSON_OBJECT)
		return route_bad(r, "provider.max_price", "object");
	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		int v = json_get(r->j, node, caps[i].key);
		price_t price;
		if (!is_said(r->j, v))
			continue;
		if (number(r->j, v, 1, &price))
			return err_set(r->e, ERR_DATA, "provider.max_price.%s is no price", caps[i].key);
		price /= caps[i].by;
		memcpy((char *)r->q + caps[i].at, &price, sizeof(price));
	}
	return 0;
}

/* In thousandths: of tokens per second, rounded up, or of seconds, rounded down. */
static int
read_cutoff(struct route_reader *r, int node, int up, int *out)
{
	price_t v, unit = 1;

	for (int i = 0; i < DECIMALS - 3; i++)
		unit *= 10;
	if (number(r->j, node, 0, &v))
		return -1;
	v = v / unit + (up && v % unit);
	*out = v > INT_MAX ? INT_MAX : (int)v;
	return 0;
}

static int
read_cutoffs(struct route_reader *r, int node, const struct route_field *f)
{
	static const char *const keys[N_PERCENTILES] = {"p50", "p75", "p90", "p99"};
	int *out = ROUTE_AT(r, f, int), up = out == r->q->min_mtok_s;

	if (json_type(r->j, node) != JSON_OBJECT)
		return read_cutoff(r, node, up, &out[P50])
		    ? err_set(r->e, ERR_DATA, "provider.%s is neither a number nor an object", f->key)
		    : 0;
	for (int i = 0; i < N_PERCENTILES; i++) {
		int v = json_get(r->j, node, keys[i]);
		if (is_said(r->j, v) && read_cutoff(r, v, up, &out[i]))
			return err_set(r->e, ERR_DATA, "provider.%s.%s is no number", f->key, keys[i]);
	}
	return 0;
}

static int
read_options(struct route_reader *r, int node, const struct route_field *f)
{
	(void)f;
	return json_type(r->j, node) == JSON_OBJECT ? 0 : route_bad(r, "provider.options", "object");
}

int
route_read_provider(struct route_reader *r, int node, const struct route_field *f)
{
	static const struct route_field fields[] = {
	    ROUTE_FIELD("order", read_slugs, order),
	    ROUTE_FIELD("only", read_slugs, only),
	    ROUTE_FIELD("ignore", read_slugs, ignore),
	    ROUTE_FIELD("sort", read_sort, sort),
	    ROUTE_FIELD("allow_fallbacks", read_bool, allow_fallbacks),
	    ROUTE_FIELD("require_parameters", read_bool, require_parameters),
	    ROUTE_FIELD("data_collection", read_collection, deny_collection),
	    ROUTE_FIELD("zdr", read_bool, zdr),
	    ROUTE_FIELD("enforce_distillable_text", read_bool, distillable),
	    ROUTE_FIELD("quantizations", read_quantizations, quantizations),
	    ROUTE_FIELD("max_price", read_max_price, max_prompt),
	    ROUTE_FIELD("preferred_min_throughput", read_cutoffs, min_mtok_s),
	    ROUTE_FIELD("preferred_max_latency", read_cutoffs, max_ttft_ms),
	    ROUTE_FIELD("options", read_options, order),
	};

	(void)f;
	if (json_type(r->j, node) != JSON_OBJECT)
		return route_bad(r, "provider", "object");
	return route_members(r, node, fields, sizeof(fields) / sizeof(*fields), NULL);
}
