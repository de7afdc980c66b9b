/* SPDX-License-Identifier: ISC */
/*
 * Schemas go to the fields that take JSON Schema (parametersJsonSchema, responseJsonSchema): the older ones, an
 * OpenAPI subset, refuse $ref, additionalProperties and lists of types. What the newer ones don't know the model
 * ignores; of that, `const` can be said otherwise. Source: Google's reference of GenerationConfig and its page on
 * structured output.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "str.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

/* Where a schema has others: under a key, in a list, as the members of an object. */
enum place { VALUE, SCHEMA, LIST, NAMED };

static enum place
place_of(const struct json *j, int key)
{
	static const struct {
		const char *key;
		enum place place;
	} places[] = {{"properties", NAMED}, {"$defs", NAMED}, {"definitions", NAMED}, {"items", SCHEMA},
	    {"additionalProperties", SCHEMA}, {"anyOf", LIST}, {"oneOf", LIST}, {"allOf", LIST}, {"prefixItems", LIST}};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (gemini_is_key(j, key, places[i].key))
			return places[i].place;
	return VALUE;
}

static void
write_raw(const struct json *j, int node, struct jsonw *w)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	jsonw_raw(w, raw, n);
}

static void
write_key(const struct json *j, int key, struct jsonw *w)
{
	char *name = json_dup(j, key, NULL);

	jsonw_key(w, name);
	free(name);
}

static void write_schema(const struct json *j, int node, struct jsonw *w);

static void
write_named(const struct json *j, int node, struct jsonw *w)
{
	jsonw_object(w);
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		write_key(j, k, w);
		write_schema(j, json_value(j, k), w);
	}
	jsonw_end_object(w);
}

static void
write_list(const struct json *j, int node, struct jsonw *w)
{
	jsonw_array(w);
	for (int i = json_child(j, node); i >= 0; i = json_next(j, node, i))
		write_schema(j, i, w);
	jsonw_end_array(w);
}

static void
write_member(const struct json *j, int key, struct jsonw *w)
{
	int value = json_value(j, key);
	enum json_type t = json_type(j, value);
	enum place place = place_of(j, key);

	if (json_eq(j, key, "const") && (t == JSON_STRING || t == JSON_NUMBER)) { /* enum takes these two only */
		jsonw_key(w, "enum");
		jsonw_array(w);
		write_raw(j, value, w);
		jsonw_end_array(w);
		return;
	}
	write_key(j, key, w);
	if (place == SCHEMA)
		write_schema(j, value, w);
	else if (place == NAMED && t == JSON_OBJECT)
		write_named(j, value, w);
	else if (place == LIST && t == JSON_ARRAY)
		write_list(j, value, w);
	else
		write_raw(j, value, w);
}

static void
write_schema(const struct json *j, int node, struct jsonw *w)
{
	if (json_type(j, node) != JSON_OBJECT || json_get(j, node, "enum") >= 0) {
		write_raw(j, node, w);
		return;
	}
	jsonw_object(w);
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k)))
		write_member(j, k, w);
	jsonw_end_object(w);
}

void
gemini_write_schema(const struct json *j, int node, struct jsonw *w)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (memmem(raw, n, "\"const\"", 7))
		write_schema(j, node, w);
	else
		jsonw_raw(w, raw, n);
}

/* "STRING" in small letters; with null, where that is allowed too. */
static void
read_type(const struct json *j, int type, int nullable, struct jsonw *w)
{
	char *word = json_dup(j, type, NULL);

	for (char *p = word; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (nullable)
		jsonw_array(w);
	jsonw_str(w, word);
	if (nullable) {
		jsonw_str(w, "null");
		jsonw_end_array(w);
	}
	free(word);
}

static void
read_named(const struct json *j, int node, struct jsonw *w)
{
	jsonw_object(w);
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		write_key(j, k, w);
		gemini_read_schema(j, json_value(j, k), w);
	}
	jsonw_end_object(w);
}

static void
read_list(const struct json *j, int node, struct jsonw *w)
{
	jsonw_array(w);
	for (int i = json_child(j, node); i >= 0; i = json_next(j, node, i))
		gemini_read_schema(j, i, w);
	jsonw_end_array(w);
}

/* Google's are int64, which its JSON may write as strings. */
static int
is_count(const struct json *j, int key)
{
	static const char *const counts[] = {
	    "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (gemini_is_key(j, key, counts[i]))
			return 1;
	return 0;
}

/* "any_of" as "anyOf": no keyword of the schema has an underscore. */
static void
write_camel(const struct json *j, int key, struct jsonw *w)
{
	char *name = json_dup(j, key, NULL), *to = name;

	for (const char *from = name; *from; from++)
		*to++ = (char)(*from == '_' && from[1] ? toupper((unsigned char)*++from) : *from);
	*to = '\0';
	jsonw_key(w, name);
	free(name);
}

static void
read_member(const struct json *j, int key, int nullable, struct jsonw *w)
{
	int value = json_value(j, key);
	enum json_type t = json_type(j, value);
	enum place place = place_of(j, key);
	char *text = json_dup(j, value, NULL);
	int64_t n;

	if (gemini_is_key(j, key, "propertyOrdering") || (nullable && json_eq(j, key, "nullable"))) {
		free(text); /* the order is that of the properties */
		return;
	}
	write_camel(j, key, w);
	if (json_eq(j, key, "type") && t == JSON_STRING)
		read_type(j, value, nullable, w);
	else if (place == SCHEMA && t == JSON_OBJECT)
		gemini_read_schema(j, value, w);
	else if (place == NAMED && t == JSON_OBJECT)
		read_named(j, value, w);
	else if (place == LIST && t == JSON_ARRAY)
		read_list(j, value, w);
	else if (is_count(j, key) && text && str_int(text, 0, INT64_MAX, &n) == 0)
		jsonw_int(w, n);
	else
		write_raw(j, value, w);
	free(text);
}

void
gemini_read_schema(const struct json *j, int node, struct jsonw *w)
{
	int nullable = json_bool(j, json_get(j, node, "nullable")) == 1 && json_get(j, node, "type") >= 0;

	if (json_type(j, node) != JSON_OBJECT) {
		write_raw(j, node, w);
		return;
	}
	jsonw_object(w);
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k)))
		read_member(j, k, nullable, w);
	jsonw_end_object(w);
}
