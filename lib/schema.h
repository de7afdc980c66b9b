/* SPDX-License-Identifier: ISC */
/*
 * schema: the concise schema language, and validation of JSON against JSON Schema. Pure.
 *
 * The concise language is simonw/llm's: "name, age int, bio: one line", or one field a line where there is a newline;
 * types str (the default), int, float, bool; every field is required. Field names begin with a letter or `_`.
 *
 * Validated keywords: type (also a list), enum, const, properties, required, additionalProperties, patternProperties,
 * propertyNames, minProperties, maxProperties, dependentRequired, dependentSchemas, items, prefixItems, contains,
 * minContains, maxContains, minItems, maxItems, uniqueItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
 * multipleOf, minLength, maxLength, pattern (pattern.h says which), allOf, anyOf, oneOf, not, if, then, else, and
 * $ref to a place or an $anchor in the same schema. Of older drafts: items as a list with additionalItems,
 * definitions. Source: JSON Schema 2020-12, core and validation. Everything else asserts nothing, as it says: format,
 * $dynamicRef, unevaluatedItems, unevaluatedProperties, $id, unknown words.
 *
 * Numbers are compared exactly at any size; a pattern that can't be compiled fits every string. The work is bounded:
 * a schema that branches without end is "too complex".
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stddef.h>

struct buf;
struct err;
struct json;

/* Appends the JSON Schema of a concise description, compact, in one line. A text that begins with { is taken as
 * JSON Schema and checked. ERR_DATA, and out is as it was. */
int schema_from_dsl(struct buf *out, const char *dsl, size_t n, struct err *e);
/* Is it a schema we can validate with? ERR_DATA names the place (a JSON pointer) and the reason: it is no object,
 * a keyword has a value of the wrong kind, a $ref doesn't resolve, or refs form a loop without consuming input. */
int schema_check(const struct json *schema, struct err *e);
/* For a schema that was checked. 0: it fits. -1: ERR_SCHEMA with the JSON pointer of the first misfit and why, as in
 * "/age: is a string, not an integer"; the root is "/". */
int schema_validate(const struct json *schema, const struct json *value, struct err *e);

#endif
