/* SPDX-License-Identifier: ISC */
/* Validation: applying schemas to values. What looks at one value only is in schema_value.c. */
#include "schema.h"

#include <stdint.h>

#include "json.h"
#include "pattern.h"
#include "schema_priv.h"

#define MAX_NESTING 2000

static enum schema_fit apply(struct schema_run *r, int node, int schema);

enum schema_fit
schema_misfit(struct schema_run *r, int node, const char *fmt, ...)
{
	enum json_type type = json_type(r->v, node);
	va_list ap;

	r->misfit = r->level * 2 + (type == JSON_OBJECT || type == JSON_ARRAY);
	if (r->quiet)
		return MISFIT;
	va_start(ap, fmt);
	schema_fail(r->e, ERR_SCHEMA, r->v, node, fmt, ap);
	va_end(ap);
	return MISFIT;
}

enum schema_fit
schema_stop(struct schema_run *r)
{
	err_set(r->e, ERR_SCHEMA, "/: the schema is too complex to validate this");
	return STOP;
}

enum schema_fit
schema_spend(struct schema_run *r, int64_t n)
{
	r->steps -= n;
	return r->steps < 0 ? schema_stop(r) : FITS;
}

/* Applies a schema to a child of the value. */
static enum schema_fit
descend(struct schema_run *r, int node, int schema)
{
	enum schema_fit fit;

	r->level++;
	fit = apply(r, node, schema);
	r->level--;
	return fit;
}

/* Applies a schema to see whether it fits, without a message. */
static enum schema_fit
try(struct schema_run *r, int node, int schema)
{
	enum schema_fit fit;

	r->quiet++;
	fit = apply(r, node, schema);
	r->quiet--;
	return fit;
}

/* The value for a key of the value in an object of the schema, or -1. */
static int
lookup(struct schema_run *r, int object, int key)
{
	size_t n;
	const char *s = json_view(r->v, key, &r->text, &n);

	r->steps -= 1 + json_count(r->s, object) / 4;
	return json_getn(r->s, object, s, n);
}

/* Has the value this member? Its name is a string of the schema. */
static int
has_member(struct schema_run *r, int node, int name)
{
	size_t n;
	const char *s = json_view(r->s, name, &r->text, &n);

	r->steps -= 1 + json_count(r->v, node) / 4;
	return json_getn(r->v, node, s, n) >= 0;
}

/* References and branches */

static enum schema_fit
reference(struct schema_run *r, const struct schema_use *u)
{
	int target = schema_target(r->s, u->kw, &r->steps);

	return target < 0 ? schema_stop(r) : apply(r, u->node, target);
}

static enum schema_fit
all_of(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	for (int k = json_child(r->s, u->kw); k >= 0 && fit == FITS; k = json_next(r->s, u->kw, k))
		fit = apply(r, u->node, k);
	return fit;
}

/* None fits. The branch that came deepest into the value is likely the one that was meant: its misfit is told. */
static enum schema_fit
none_fits(struct schema_run *r, const struct schema_use *u, int best, int deepest)
{
	if (best < 0)
		return schema_misfit(r, u->node, "fits none of %d schemas", json_count(r->s, u->kw));
	r->misfit = deepest;
	return r->quiet ? MISFIT : apply(r, u->node, best);
}

static enum schema_fit
any_of(struct schema_run *r, const struct schema_use *u)
{
	int best = -1, deepest = r->level * 2;

	for (int k = json_child(r->s, u->kw); k >= 0; k = json_next(r->s, u->kw, k)) {
		enum schema_fit fit = try(r, u->node, k);
		if (fit != MISFIT)
			return fit;
		if (r->misfit > deepest) {
			best = k;
			deepest = r->misfit;
		}
	}
	return none_fits(r, u, best, deepest);
}

static enum schema_fit
one_of(struct schema_run *r, const struct schema_use *u)
{
	int best = -1, deepest = r->level * 2, i = 0, first = -1;

	for (int k = json_child(r->s, u->kw); k >= 0; k = json_next(r->s, u->kw, k), i++) {
		enum schema_fit fit = try(r, u->node, k);
		if (fit == STOP)
			return fit;
		if (fit == FITS && first >= 0)
			return schema_misfit(r, u->node, "fits schemas %d and %d of oneOf", first, i);
		if (fit == FITS) {
			first = i;
		} else if (r->misfit > deepest) {
			best = k;
			deepest = r->misfit;
		}
	}
	return first >= 0 ? FITS : none_fits(r, u, best, deepest);
}

static enum schema_fit
negation(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = try(r, u->node, u->kw);

	if (fit == STOP)
		return fit;
	return fit == MISFIT ? FITS : schema_misfit(r, u->node, "fits the schema that it must not fit");
}

static enum schema_fit
condition(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = try(r, u->node, u->kw);
	int branch;

	if (fit == STOP)
		return fit;
	branch = json_get(r->s, u->schema, fit == FITS ? "then" : "else");
	return branch < 0 ? FITS : apply(r, u->node, branch);
}

/* Objects */

static enum schema_fit
properties(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_OBJECT)
		return FITS;
	for (int k = json_child(r->v, u->node); k >= 0 && fit == FITS;
	     k = json_next(r->v, u->node, json_value(r->v, k))) {
		int schema = lookup(r, u->kw, k);
		if (schema >= 0)
			fit = descend(r, json_value(r->v, k), schema);
	}
	return fit;
}

/* The schemas of all patterns that one key matches. */
static enum schema_fit
pattern_member(struct schema_run *r, const struct schema_use *u, int key)
{
	enum schema_fit fit = FITS;

	for (int p = json_child(r->s, u->kw); p >= 0 && fit == FITS; p = json_next(r->s, u->kw, json_value(r->s, p))) {
		enum schema_hit hit = schema_match(r, p, key);
		if (hit == SPENT)
			return schema_stop(r);
		if (hit == HIT)
			fit = descend(r, json_value(r->v, key), json_value(r->s, p));
	}
	return fit;
}

static enum schema_fit
pattern_properties(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_OBJECT)
		return FITS;
	for (int k = json_child(r->v, u->node); k >= 0 && fit == FITS;
	     k = json_next(r->v, u->node, json_value(r->v, k)))
		fit = pattern_member(r, u, k);
	return fit;
}

/* Do properties or patternProperties speak of this key? A pattern that we can't read might. */
static int
is_named(struct schema_run *r, int schema, int key)
{
	int patterns = json_get(r->s, schema, "patternProperties");

	if (lookup(r, json_get(r->s, schema, "properties"), key) >= 0)
		return 1;
	for (int p = json_child(r->s, patterns); p >= 0; p = json_next(r->s, patterns, json_value(r->s, p))) {
		if (schema_match(r, p, key) != MISS)
			return 1;
	}
	return 0;
}

static enum schema_fit
additional_properties(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_OBJECT)
		return FITS;
	for (int k = json_child(r->v, u->node); k >= 0 && fit == FITS;
	     k = json_next(r->v, u->node, json_value(r->v, k))) {
		if (!is_named(r, u->schema, k))
			fit = descend(r, json_value(r->v, k), u->kw);
	}
	return fit;
}

static enum schema_fit
property_names(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_OBJECT)
		return FITS;
	for (int k = json_child(r->v, u->node); k >= 0 && fit == FITS;
	     k = json_next(r->v, u->node, json_value(r->v, k)))
		fit = descend(r, k, u->kw);
	return fit;
}

static enum schema_fit
all_present(struct schema_run *r, int node, int names)
{
	for (int k = json_child(r->s, names); k >= 0; k = json_next(r->s, names, k)) {
		size_t n;
		const char *raw = json_raw(r->s, k, &n);
		if (!has_member(r, node, k))
			return schema_misfit(r, node, "lacks %.*s", (int)(n > 200 ? 200 : n), raw);
	}
	return schema_spend(r, 0);
}

static enum schema_fit
required(struct schema_run *r, const struct schema_use *u)
{
	return json_type(r->v, u->node) == JSON_OBJECT ? all_present(r, u->node, u->kw) : FITS;
}

static enum schema_fit
dependent_required(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	for (int k = json_child(r->s, u->kw); k >= 0 && fit == FITS; k = json_next(r->s, u->kw, json_value(r->s, k))) {
		if (json_type(r->v, u->node) == JSON_OBJECT && has_member(r, u->node, k))
			fit = all_present(r, u->node, json_value(r->s, k));
	}
	return fit;
}

static enum schema_fit
dependent_schemas(struct schema_run *r, const struct schema_use *u)
{
	enum schema_fit fit = FITS;

	for (int k = json_child(r->s, u->kw); k >= 0 && fit == FITS; k = json_next(r->s, u->kw, json_value(r->s, k))) {
		if (json_type(r->v, u->node) == JSON_OBJECT && has_member(r, u->node, k))
			fit = apply(r, u->node, json_value(r->s, k));
	}
	return fit;
}

/* Arrays */

/* One schema for each of the first elements. */
static enum schema_fit
tuple(struct schema_run *r, const struct schema_use *u)
{
	int k = json_child(r->s, u->kw);
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_ARRAY)
		return FITS;
	for (int v = json_child(r->v, u->node); v >= 0 && k >= 0 && fit == FITS; v = json_next(r->v, u->node, v)) {
		fit = descend(r, v, k);
		k = json_next(r->s, u->kw, k);
	}
	return fit;
}

/* One schema for all elements but the first ones. */
static enum schema_fit
rest(struct schema_run *r, const struct schema_use *u, int n_first)
{
	enum schema_fit fit = FITS;

	if (json_type(r->v, u->node) != JSON_ARRAY)
		return FITS;
	for (int v = json_child(r->v, u->node); v >= 0 && fit == FITS; v = json_next(r->v, u->node, v)) {
		if (n_first-- <= 0)
			fit = descend(r, v, u->kw);
	}
	return fit;
}

static enum schema_fit
items(struct schema_run *r, const struct schema_use *u)
{
	if (json_type(r->s, u->kw) == JSON_ARRAY) /* until draft 2019-09 */
		return tuple(r, u);
	return rest(r, u, json_count(r->s, json_get(r->s, u->schema, "prefixItems")));
}

/* Until draft 2019-09: it goes with an array in items, and means nothing without. */
static enum schema_fit
additional_items(struct schema_run *r, const struct schema_use *u)
{
	int first = json_get(r->s, u->schema, "items");

	return json_type(r->s, first) == JSON_ARRAY ? rest(r, u, json_count(r->s, first)) : FITS;
}

static int64_t
number_or(const struct json *j, int node, int64_t otherwise)
{
	int64_t v;

	return json_int(j, node, &v) == 0 ? v : otherwise;
}

static enum schema_fit
contains(struct schema_run *r, const struct schema_use *u)
{
	int64_t least = number_or(r->s, json_get(r->s, u->schema, "minContains"), 1), n = 0;
	int64_t most = number_or(r->s, json_get(r->s, u->schema, "maxContains"), INT64_MAX);

	if (json_type(r->v, u->node) != JSON_ARRAY)
		return FITS;
	for (int v = json_child(r->v, u->node); v >= 0; v = json_next(r->v, u->node, v)) {
		enum schema_fit fit = try(r, v, u->kw);
		if (fit == STOP)
			return fit;
		n += fit == FITS;
	}
	if (n >= least && n <= most)
		return FITS;
	return schema_misfit(r, u->node, "has %lld elements that fit contains, not at %s %lld", (long long)n,
	    n < least ? "least" : "most", (long long)(n < least ? least : most));
}

/* What isn't here asserts nothing. */
static const struct keyword {
	const char *name;
	enum schema_fit (*apply)(struct schema_run *r, const struct schema_use *u);
	int arg;
} keywords[] = {
    {"type", schema_type, 0},
    {"properties", properties, 0},
    {"required", required, 0},
    {"items", items, 0},
    {"enum", schema_enum, 0},
    {"$ref", reference, 0},
    {"const", schema_const, 0},
    {"additionalProperties", additional_properties, 0},
    {"anyOf", any_of, 0},
    {"oneOf", one_of, 0},
    {"allOf", all_of, 0},
    {"not", negation, 0},
    {"if", condition, 0},
    {"minimum", schema_bound, EQUAL | MORE},
    {"maximum", schema_bound, LESS | EQUAL},
    {"exclusiveMinimum", schema_bound, MORE},
    {"exclusiveMaximum", schema_bound, LESS},
    {"multipleOf", schema_multiple, 0},
    {"minLength", schema_length, AT_LEAST},
    {"maxLength", schema_length, AT_MOST},
    {"minItems", schema_count, AT_LEAST | ELEMENTS},
    {"maxItems", schema_count, AT_MOST | ELEMENTS},
    {"minProperties", schema_count, AT_LEAST | MEMBERS},
    {"maxProperties", schema_count, AT_MOST | MEMBERS},
    {"uniqueItems", schema_unique, 0},
    {"pattern", schema_pattern, 0},
    {"prefixItems", tuple, 0},
    {"additionalItems", additional_items, 0},
    {"contains", contains, 0},
    {"patternProperties", pattern_properties, 0},
    {"propertyNames", property_names, 0},
    {"dependentRequired", dependent_required, 0},
    {"dependentSchemas", dependent_schemas, 0},
};

static enum schema_fit
apply_keyword(struct schema_run *r, int node, int schema, int key)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (json_eq(r->s, key, keywords[i].name)) {
			struct schema_use u = {node, schema, json_value(r->s, key), keywords[i].arg};
			return keywords[i].apply(r, &u);
		}
	}
	return FITS;
}

static enum schema_fit
apply(struct schema_run *r, int node, int schema)
{
	enum schema_fit fit = schema_spend(r, 4 + 8 * json_count(r->s, schema));

	if (fit == FITS && r->nesting >= MAX_NESTING)
		return schema_stop(r);
	if (fit == FITS && json_bool(r->s, schema) == 0)
		return schema_misfit(r, node, "is not allowed");
	r->nesting++;
	for (int k = json_child(r->s, schema); k >= 0 && fit == FITS; k = json_next(r->s, schema, json_value(r->s, k)))
		fit = apply_keyword(r, node, schema, k);
	r->nesting--;
	return fit;
}

int
schema_validate(const struct json *schema, const struct json *value, struct err *e)
{
	/* an honest large answer may take steps in proportion to its size */
	struct schema_run r = {.s = schema, .v = value, .e = e, .steps = SCHEMA_STEPS + INT64_C(200) * value->n_tok};
	enum schema_fit fit = apply(&r, 0, 0);

	for (int i = 0; i < SCHEMA_PATTERNS; i++)
		pattern_free(r.patterns[i].p);
	buf_release(&r.text);
	return fit == FITS ? 0 : -1;
}
