/* SPDX-License-Identifier: ISC */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

#define FITS ""

/* The message with which a value is refused, FITS, or what is wrong with the test. */
static void
verdict(const char *schema, const char *value, struct err *e)
{
	struct json s = JSON_INIT, v = JSON_INIT;

	memset(e, 0, sizeof(*e));
	if (json_parse(&s, schema, strlen(schema), e) == 0 && schema_check(&s, e) == 0 &&
	    json_parse(&v, value, strlen(value), e) == 0 && schema_validate(&s, &v, e) != 0 && e->kind != ERR_SCHEMA)
		snprintf(e->msg, sizeof(e->msg), "of kind %d", (int)e->kind);
	json_release(&s);
	json_release(&v);
}

static void
validate(const char *schema, const char *value, const char *want)
{
	struct err e;
	char name[400];

	verdict(schema, value, &e);
	snprintf(name, sizeof(name), "%.150s : %.150s", schema, value);
	tap_is_str(e.msg, want, name);
}

/* Rows of schema, value, message; ends with NULL. */
static void
validate_all(const char *const rows[][3])
{
	for (; (*rows)[0]; rows++)
		validate((*rows)[0], (*rows)[1], (*rows)[2]);
}

static const char *const types[][3] = {{"{}", "1", FITS}, {"{\"type\":\"null\"}", "null", FITS},
    {"{\"type\":\"null\"}", "0", "/: is 0, not null"}, {"{\"type\":\"boolean\"}", "true", FITS},
    {"{\"type\":\"boolean\"}", "false", FITS}, {"{\"type\":\"boolean\"}", "\"true\"", "/: is a string, not a boolean"},
    {"{\"type\":\"string\"}", "\"\"", FITS}, {"{\"type\":\"string\"}", "null", "/: is null, not a string"},
    {"{\"type\":\"array\"}", "[]", FITS}, {"{\"type\":\"array\"}", "{}", "/: is an object, not an array"},
    {"{\"type\":\"object\"}", "{}", FITS}, {"{\"type\":\"object\"}", "[]", "/: is an array, not an object"},
    {"{\"type\":\"number\"}", "1.5e3", FITS}, {"{\"type\":\"number\"}", "true", "/: is a boolean, not a number"},
    {"{\"type\":\"integer\"}", "-12", FITS}, {"{\"type\":\"integer\"}", "1.0", FITS},
    {"{\"type\":\"integer\"}", "-0.0", FITS}, {"{\"type\":\"integer\"}", "1.5e1", FITS},
    {"{\"type\":\"integer\"}", "100e-2", FITS}, {"{\"type\":\"integer\"}", "123456789012345678901234567890", FITS},
    {"{\"type\":\"integer\"}", "1e400", FITS}, {"{\"type\":\"integer\"}", "1.5", "/: is 1.5, not an integer"},
    {"{\"type\":\"integer\"}", "1e-1", "/: is 1e-1, not an integer"},
    {"{\"type\":\"integer\"}", "123456789012345678901234567890.5",
	"/: is 123456789012345678901234567890.5, not an integer"},
    {"{\"type\":\"integer\"}", "\"1\"", "/: is a string, not an integer"},
    {"{\"type\":[\"integer\",\"null\"]}", "null", FITS}, {"{\"type\":[\"integer\",\"null\"]}", "7", FITS},
    {"{\"type\":[\"integer\",\"null\"]}", "[]", "/: is an array, not an integer or null"},
    {"{\"type\":[\"object\",\"string\",\"array\"]}", "1", "/: is 1, not an object or a string or an array"},
    {"{\"\\u0074ype\":\"string\"}", "1", "/: is 1, not a string"},
    {"{\"unheard-of\":{\"type\":\"string\"}}", "1", FITS}, {"{\"format\":\"date\"}", "\"no date\"", FITS},
    {NULL, NULL, NULL}};

static const char *const objects[][3] = {{"{\"required\":[\"a\"]}", "{\"a\":null}", FITS},
    {"{\"required\":[\"a\"]}", "[]", FITS}, {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "/: lacks \"b\""},
    {"{\"required\":[\"caf\\u00e9\"]}", "{\"café\":1}", FITS}, {"{\"required\":[\"a\"]}", "{\"\\u0061\":1}", FITS},
    {"{\"required\":[]}", "{}", FITS}, {"{\"properties\":{\"age\":{\"type\":\"integer\"}}}", "{\"age\":3}", FITS},
    {"{\"properties\":{\"age\":{\"type\":\"integer\"}}}", "{\"Age\":\"x\"}", FITS},
    {"{\"properties\":{\"age\":{\"type\":\"integer\"}}}", "3", FITS},
    {"{\"properties\":{\"age\":{\"type\":\"integer\"}}}", "{\"age\":\"3\"}", "/age: is a string, not an integer"},
    {"{\"properties\":{\"age\":{\"type\":\"integer\"}}}", "{\"\\u0061ge\":\"3\"}", "/age: is a string, not an integer"},
    {"{\"properties\":{\"a\":{\"properties\":{\"b\":{\"items\":{\"type\":\"null\"}}}}}}",
	"{\"x\":[1,{}],\"a\":{\"c\":1,\"b\":[null,null,4]}}", "/a/b/2: is 4, not null"},
    {"{\"properties\":{\"a/b~c\":{\"type\":\"null\"}}}", "{\"a/b~c\":1}", "/a~1b~0c: is 1, not null"},
    {"{\"properties\":{\"a\\nb\":{\"type\":\"null\"}}}", "{\"a\\nb\":1}", "/a\\nb: is 1, not null"},
    {"{\"properties\":{\"\":{\"type\":\"null\"}}}", "{\"\":1}", "/: is 1, not null"},
    {"{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a: is not allowed"},
    {"{\"properties\":{\"a\":true}}", "{\"a\":1}", FITS},
    {"{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"a\":null,\"a\":1}", "/a: is 1, not null"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1}", FITS},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"b\":2}", "/b: is not allowed"},
    {"{\"additionalProperties\":false}", "{\"b\":2}", "/b: is not allowed"},
    {"{\"additionalProperties\":false}", "[1]", FITS},
    {"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"b\":2}", "/b: is 2, not a string"},
    {"{\"allOf\":[{\"properties\":{\"a\":{}}}],\"additionalProperties\":false}", "{\"a\":1}", "/a: is not allowed"},
    {"{\"patternProperties\":{\"^x-\":{\"type\":\"null\"}},\"additionalProperties\":false}", "{\"x-a\":null}", FITS},
    {"{\"patternProperties\":{\"^x-\":{\"type\":\"null\"}},\"additionalProperties\":false}", "{\"x-a\":1}",
	"/x-a: is 1, not null"},
    {"{\"patternProperties\":{\"^x-\":{\"type\":\"null\"}},\"additionalProperties\":false}", "{\"y\":1}",
	"/y: is not allowed"},
    {"{\"patternProperties\":{\"(?=x)\":false},\"additionalProperties\":false}", "{\"y\":1}", FITS},
    {"{\"minProperties\":1}", "{}", "/: has 0 members, not at least 1"}, {"{\"minProperties\":1}", "{\"a\":1}", FITS},
    {"{\"maxProperties\":1}", "{\"a\":1}", FITS},
    {"{\"maxProperties\":1}", "{\"a\":1,\"b\":2}", "/: has 2 members, not at most 1"},
    {"{\"maxProperties\":0}", "[1]", FITS}, {"{\"propertyNames\":{\"maxLength\":2}}", "{\"ab\":1}", FITS},
    {"{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1}", "/: has 3 characters, not at most 2"},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"c\":1}", FITS},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "/: lacks \"b\""},
    {"{\"dependentSchemas\":{\"a\":{\"maxProperties\":1}}}", "{\"a\":1,\"b\":1}", "/: has 2 members, not at most 1"},
    {NULL, NULL, NULL}};

static const char *const arrays[][3] = {{"{\"items\":{\"type\":\"string\"}}", "[]", FITS},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",\"b\"]", FITS},
    {"{\"items\":{\"type\":\"string\"}}", "{\"0\":1}", FITS},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",[]]", "/1: is an array, not a string"},
    {"{\"items\":false}", "[]", FITS}, {"{\"items\":false}", "[0]", "/0: is not allowed"},
    {"{\"prefixItems\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "[\"a\"]", FITS},
    {"{\"prefixItems\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "[\"a\",null,7]", FITS},
    {"{\"prefixItems\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "[\"a\",7]", "/1: is 7, not null"},
    {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"null\"}}", "[\"a\",null]", FITS},
    {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"null\"}}", "[\"a\",null,1]", "/2: is 1, not null"},
    {"{\"prefixItems\":[true],\"items\":false}", "[1,2]", "/1: is not allowed"},
    {"{\"items\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "[\"a\",null,7]", FITS},
    {"{\"items\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "[1]", "/0: is 1, not a string"},
    {"{\"items\":[{\"type\":\"string\"}],\"additionalItems\":false}", "[\"a\",7]", "/1: is not allowed"},
    {"{\"items\":{},\"additionalItems\":false}", "[\"a\",7]", FITS}, {"{\"additionalItems\":false}", "[\"a\",7]", FITS},
    {"{\"items\":[]}", "[1]", FITS}, {"{\"minItems\":2}", "[1,[2,3]]", FITS},
    {"{\"minItems\":2}", "[[2,3]]", "/: has 1 elements, not at least 2"},
    {"{\"minItems\":2.0}", "[]", "/: has 0 elements, not at least 2"}, {"{\"maxItems\":1}", "[1]", FITS},
    {"{\"maxItems\":1}", "[1,2]", "/: has 2 elements, not at most 1"}, {"{\"maxItems\":1}", "\"abc\"", FITS},
    {"{\"uniqueItems\":true}", "[]", FITS},
    {"{\"uniqueItems\":true}", "[1,2,\"1\",[1],{\"a\":1},null,true,false,0,\"\",{},[]]", FITS},
    {"{\"uniqueItems\":true}", "[1,2,3,1.0]", "/: has the same element at 0 and 3"},
    {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":[2]},{\"b\":[2.0],\"\\u0061\":1}]",
	"/: has the same element at 0 and 1"},
    {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"a\":2,\"b\":1}]", FITS},
    {"{\"uniqueItems\":true}", "[[1,2],[2,1]]", FITS},
    {"{\"uniqueItems\":true}", "[\"\\u00e9\",\"é\"]", "/: has the same element at 0 and 1"},
    {"{\"uniqueItems\":true}", "[0,-0.0]", "/: has the same element at 0 and 1"},
    {"{\"uniqueItems\":true}", "[1.5,15e-1]", "/: has the same element at 0 and 1"},
    {"{\"uniqueItems\":false}", "[1,1]", FITS}, {"{\"contains\":{\"type\":\"null\"}}", "[1,null]", FITS},
    {"{\"contains\":{\"type\":\"null\"}}", "[1]", "/: has 0 elements that fit contains, not at least 1"},
    {"{\"contains\":{\"type\":\"null\"},\"minContains\":0}", "[1]", FITS},
    {"{\"contains\":{\"type\":\"null\"},\"maxContains\":1}", "[null,null]",
	"/: has 2 elements that fit contains, not at most 1"},
    {NULL, NULL, NULL}};

static const char *const values[][3] = {{"{\"enum\":[\"red\",\"green\"]}", "\"red\"", FITS},
    {"{\"enum\":[\"red\",\"green\"]}", "\"\\u0072ed\"", FITS},
    {"{\"enum\":[\"red\",\"green\"]}", "\"mauve\"", "/: is \"mauve\", none of [\"red\",\"green\"]"},
    {"{\"enum\":[]}", "1", "/: is 1, none of []"}, {"{\"enum\":[1,\"1\",null]}", "1.0e0", FITS},
    {"{\"enum\":[[1,2],{\"a\":{\"b\":0.10}}]}", "{\"a\":{\"b\":1e-1}}", FITS},
    {"{\"enum\":[[1,2]]}", "[2,1]", "/: is [2,1], none of [[1,2]]"}, {"{\"const\":null}", "null", FITS},
    {"{\"const\":null}", "false", "/: is false, not null"}, {"{\"const\":0}", "false", "/: is false, not 0"},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"a\":1}", FITS},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"a\":1}", "/: is {\"a\":1}, not {\"a\":1,\"b\":2}"},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"a\":1,\"a\":1}", "/: is {\"a\":1,\"a\":1}, not {\"a\":1,\"b\":2}"},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"a\":1,\"b\":2,\"c\":3}",
	"/: is {\"a\":1,\"b\":2,\"c\":3}, not {\"a\":1,\"b\":2}"},
    {"{\"const\":9007199254740993}", "9007199254740992", "/: is 9007199254740992, not 9007199254740993"},
    {"{\"const\":9007199254740993}", "9007199254740993.00", FITS}, {"{\"const\":1e1000}", "10e999", FITS},
    {"{\"const\":1e1000}", "1e1001", "/: is 1e1001, not 1e1000"}, {"{\"const\":\"a\\u0000b\"}", "\"a\\u0000b\"", FITS},
    {"{\"const\":\"a\\u0000b\"}", "\"a\\u0000c\"", "/: is \"a\\u0000c\", not \"a\\u0000b\""},
    {"{\"minimum\":10}", "10", FITS}, {"{\"minimum\":10}", "9.999", "/: is 9.999, less than 10"},
    {"{\"minimum\":-10}", "-10.0001", "/: is -10.0001, less than -10"}, {"{\"minimum\":-10}", "-9", FITS},
    {"{\"minimum\":0}", "-0.0", FITS}, {"{\"minimum\":0}", "-1e-999", "/: is -1e-999, less than 0"},
    {"{\"minimum\":10}", "\"5\"", FITS}, {"{\"maximum\":10}", "1e1", FITS},
    {"{\"maximum\":10}", "10.00000000000000000000000000000000000000000000001",
	"/: is 10.00000000000000000000000000000000000000000000001, more than 10"},
    {"{\"maximum\":18446744073709551615}", "18446744073709551616",
	"/: is 18446744073709551616, more than 18446744073709551615"},
    {"{\"maximum\":18446744073709551615}", "18446744073709551614", FITS},
    {"{\"maximum\":1e308}", "1e309", "/: is 1e309, more than 1e308"}, {"{\"maximum\":0.1}", "0.0999", FITS},
    {"{\"maximum\":1}", "1e9999999999999999", "/: is too long a number to compare"},
    {"{\"maximum\":1}", "0e9999999999999999", FITS}, {"{\"exclusiveMinimum\":1}", "1.0", "/: is 1.0, not more than 1"},
    {"{\"exclusiveMinimum\":1}", "1.1", FITS}, {"{\"exclusiveMaximum\":1}", "1", "/: is 1, not less than 1"},
    {"{\"exclusiveMaximum\":1}", "0.9", FITS}, {"{\"multipleOf\":0.01}", "19.99", FITS},
    {"{\"multipleOf\":0.01}", "19.999", "/: is 19.999, no multiple of 0.01"}, {"{\"multipleOf\":0.1}", "0.3", FITS},
    {"{\"multipleOf\":3}", "-9", FITS}, {"{\"multipleOf\":3}", "0", FITS},
    {"{\"multipleOf\":3}", "10", "/: is 10, no multiple of 3"}, {"{\"multipleOf\":1.5}", "4.5", FITS},
    {"{\"multipleOf\":10}", "5", "/: is 5, no multiple of 10"}, {"{\"multipleOf\":4}", "1e2", FITS},
    {"{\"multipleOf\":1e3}", "1500", "/: is 1500, no multiple of 1e3"},
    {"{\"multipleOf\":7}", "1000000000000000000000000000000000000000000000000000000000",
	"/: is "
	"1000000000000000000000000000000000000000000000000000000000, no multiple of 7"},
    {"{\"multipleOf\":7}", "777777777777777777777777777777777777777777777777777777777777777777777777", FITS},
    {"{\"multipleOf\":1e-8}", "12391239123", FITS},
    {"{\"multipleOf\":0.123456789}", "1e308", "/: is 1e308, no multiple of 0.123456789"},
    {"{\"multipleOf\":1024}", "1e10", FITS}, {"{\"multipleOf\":1024}", "1e9", "/: is 1e9, no multiple of 1024"},
    {"{\"minLength\":2}", "\"é\"", "/: has 1 characters, not at least 2"}, {"{\"minLength\":2}", "\"é€\"", FITS},
    {"{\"maxLength\":2}", "\"\\ud83d\\ude00😀\"", FITS},
    {"{\"maxLength\":2}", "\"\\n\\\"\\\\\"", "/: has 3 characters, not at most 2"},
    {"{\"maxLength\":2}", "[1,2,3]", FITS},
    {"{\"minLength\":1e30}", "\"\"", "/minLength: must be a whole number, 0 or more"}, {NULL, NULL, NULL}};

static const char *const branches[][3] = {{"{\"allOf\":[{\"type\":\"integer\"},{\"minimum\":3}]}", "3", FITS},
    {"{\"allOf\":[{\"type\":\"integer\"},{\"minimum\":3}]}", "2", "/: is 2, less than 3"},
    {"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}", "null", FITS},
    {"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}", "\"\"", "/: fits none of 2 schemas"},
    {"{\"anyOf\":[{\"const\":1},{\"const\":2}]}", "3", "/: fits none of 2 schemas"},
    {"{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"object\",\"required\":[\"a\"]}]}", "{}", "/: lacks \"a\""},
    {"{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}}}]}", "{\"a\":1}",
	"/a: is 1, not null"},
    {"{\"anyOf\":[{\"anyOf\":[{\"items\":{\"type\":\"null\"}},{\"type\":\"null\"}]},{\"type\":\"null\"}]}", "[null,1]",
	"/1: is 1, not null"},
    {"{\"anyOf\":[true,false]}", "1", FITS}, {"{\"anyOf\":[false]}", "1", "/: fits none of 1 schemas"},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "1", FITS},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "2.5", FITS},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "3", "/: fits schemas 0 and 1 of oneOf"},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "1.5", "/: fits none of 2 schemas"},
    {"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"a\":1,\"b\":1}",
	"/: fits schemas 0 and 1 of oneOf"},
    {"{\"not\":{\"type\":\"null\"}}", "1", FITS},
    {"{\"not\":{\"type\":\"null\"}}", "null", "/: fits the schema that it must not fit"},
    {"{\"not\":{\"not\":{\"type\":\"null\"}}}", "null", FITS},
    {"{\"properties\":{\"a\":{\"not\":{}}}}", "{\"a\":1}", "/a: fits the schema that it must not fit"},
    {"{\"not\":{},\"anyOf\":[{}]}", "1", "/: fits the schema that it must not fit"},
    {"{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},\"else\":{\"minimum\":1}}", "\"\"",
	"/: has 0 characters, not at least 1"},
    {"{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},\"else\":{\"minimum\":1}}", "0", "/: is 0, less than 1"},
    {"{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},\"else\":{\"minimum\":1}}", "1", FITS},
    {"{\"then\":false}", "1", FITS}, {NULL, NULL, NULL}};

#define NODE \
	"{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"required\":[\"v\"],\"properties\":" \
	"{\"v\":{\"type\":\"integer\"},\"kids\":{\"items\":{\"$ref\":\"#/$defs/node\"}}}}}}"

static const char *const refs[][3] = {{NODE, "{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[]},{\"v\":3}]}", FITS},
    {NODE, "{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[{\"v\":\"x\"}]}]}", "/kids/0/kids/0/v: is a string, not an integer"},
    {NODE, "{\"v\":1,\"kids\":[{}]}", "/kids/0: lacks \"v\""},
    {"{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", "[[],[[]]]", FITS},
    {"{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", "[[],[1]]", "/1/0: is 1, not an array"},
    {"{\"definitions\":{\"a b\":{\"type\":\"null\"}},\"$ref\":\"#/definitions/a%20b\"}", "1", "/: is 1, not null"},
    {"{\"$defs\":{\"a/b~c\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/a~1b~0c\"}", "1", "/: is 1, not null"},
    {"{\"$defs\":{\"~1\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/~01\"}", "1", "/: is 1, not null"},
    {"{\"$defs\":{\"x%y\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/x%25y\"}", "1", "/: is 1, not null"},
    {"{\"prefixItems\":[{\"type\":\"null\"},{\"$ref\":\"#/prefixItems/0\"}]}", "[null,1]", "/1: is 1, not null"},
    {"{\"properties\":{\"a\":{\"$anchor\":\"here\",\"type\":\"null\"}},\"items\":{\"$ref\":\"#here\"}}", "[1]",
	"/0: is 1, not null"},
    {"{\"$ref\":\"#/$defs/a\",\"minimum\":3,\"$defs\":{\"a\":{\"type\":\"integer\"}}}", "2", "/: is 2, less than 3"},
    {"{\"$ref\":\"#/elsewhere/a\",\"elsewhere\":{\"a\":{\"type\":\"null\"}}}", "1", "/: is 1, not null"},
    {"{\"$ref\":\"#/$defs/no\",\"$defs\":{\"no\":false}}", "1", "/: is not allowed"},
    {"{\"properties\":{\"$ref\":{\"type\":\"string\"}}}", "{\"$ref\":1}", "/$ref: is 1, not a string"},
    {"{\"$defs\":{\"\":{\"\":{\"type\":\"null\"}}},\"$ref\":\"#/$defs//\"}", "1", "/: is 1, not null"},
    {NULL, NULL, NULL}};

/* Schemas that can't be used; the message names the place. */
static const char *const unusable[][3] = {{"true", "1", "/: the schema is no JSON object"},
    {"[]", "1", "/: the schema is no JSON object"},
    {"{\"type\":\"str\"}", "1", "/type: must be null, boolean, integer, number, string, array or object"},
    {"{\"type\":3}", "1", "/type: must be null, boolean, integer, number, string, array or object"},
    {"{\"type\":[]}", "1", "/type: must hold each type once, and at least one"},
    {"{\"type\":[\"null\",\"null\"]}", "1", "/type: must hold each type once, and at least one"},
    {"{\"type\":[\"null\",1]}", "1", "/type/1: must be null, boolean, integer, number, string, array or object"},
    {"{\"properties\":[]}", "1", "/properties: must be an object of schemas"},
    {"{\"properties\":{\"a\":{\"items\":3}}}", "1",
	"/properties/a/items: is no schema: neither an object nor a boolean"},
    {"{\"required\":\"a\"}", "1", "/required: must be an array of names"},
    {"{\"required\":[\"a\",1]}", "1", "/required/1: must be a string"},
    {"{\"enum\":{}}", "1", "/enum: must be an array"}, {"{\"anyOf\":[]}", "1", "/anyOf: must be an array of schemas"},
    {"{\"anyOf\":{}}", "1", "/anyOf: must be an array of schemas"},
    {"{\"oneOf\":[1]}", "1", "/oneOf/0: is no schema: neither an object nor a boolean"},
    {"{\"not\":[]}", "1", "/not: is no schema: neither an object nor a boolean"},
    {"{\"minimum\":\"1\"}", "1", "/minimum: must be a number"},
    {"{\"minimum\":1,\"exclusiveMinimum\":true}", "1", "/exclusiveMinimum: must be a number"},
    {"{\"maximum\":1e1234567890123456}", "1", "/maximum: is too long to compare"},
    {"{\"multipleOf\":0}", "1", "/multipleOf: must be over 0"},
    {"{\"multipleOf\":-1}", "1", "/multipleOf: must be over 0"},
    {"{\"multipleOf\":1.234567890123456789}", "1", "/multipleOf: is too long to divide by"},
    {"{\"minLength\":-1}", "1", "/minLength: must be a whole number, 0 or more"},
    {"{\"maxItems\":1.5}", "1", "/maxItems: must be a whole number, 0 or more"},
    {"{\"uniqueItems\":1}", "1", "/uniqueItems: must be true or false"},
    {"{\"pattern\":1}", "1", "/pattern: must be a string"},
    {"{\"additionalProperties\":\"no\"}", "1", "/additionalProperties: is no schema: neither an object nor a boolean"},
    {"{\"dependentRequired\":{\"a\":\"b\"}}", "1", "/dependentRequired/a: must be an array of names"},
    {"{\"$ref\":\"#/$defs/a\"}", "1", "/$ref: \"#/$defs/a\" doesn't resolve in this schema"},
    {"{\"$ref\":\"https://example.com/s.json\"}", "1",
	"/$ref: \"https://example.com/s.json\" doesn't resolve in this schema"},
    {"{\"$ref\":1}", "1", "/$ref: must be a string"},
    {"{\"$ref\":\"#/$defs/a/00\",\"$defs\":{\"a\":[{}]}}", "1",
	"/$ref: \"#/$defs/a/00\" doesn't resolve in this schema"},
    {"{\"$ref\":\"#/title\",\"title\":\"x\"}", "1", "/title: is no schema: neither an object nor a boolean"},
    {"{\"$ref\":\"#/x\",\"x\":{\"type\":\"y\"}}", "1",
	"/x/type: must be null, boolean, integer, number, string, array or object"},
    {"{\"$ref\":\"#\"}", "1", "/: refers to itself without end"},
    {"{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"anyOf\":[{},{\"$ref\":\"#/$defs/a\"}]}}}", "1",
	"/$defs/a: refers to itself without end"},
    {"{\"properties\":{\"a\":{\"not\":{\"$ref\":\"#/properties/a\"}}}}", "1",
	"/properties/a: refers to itself without end"},
    {"{\"if\":{\"$ref\":\"#\"}}", "1", "/: refers to itself without end"},
    {"{\"dependentSchemas\":{\"x\":{\"$ref\":\"#\"}}}", "1", "/: refers to itself without end"},
    {"{\"properties\":{\"a\":{\"$ref\":\"#\"}}}", "{\"a\":{\"a\":{}}}", FITS},
    {"{\"type\":\"null\",\"type\":\"string\"}", "1", "duplicate key \"type\""}, {NULL, NULL, NULL}};

static const char *const patterns[][3] = {
    /* pattern (as in JSON), text (likewise), "" or "no" */
    {"b", "abc", FITS}, {"^b", "abc", "no"}, {"c$", "abc", FITS}, {"^abc$", "abc", FITS}, {"^ab$", "abc", "no"},
    {"", "abc", FITS}, {"^$", "", FITS}, {"^$", "a", "no"}, {"a.c", "abc", FITS}, {"a.c", "a\\nc", "no"},
    {"^.$", "é", FITS}, {"^.{3}$", "a€😀", FITS}, {"^..$", "😀", "no"}, {"^[é-ü]$", "ö", FITS}, {"^[^a]$", "€", FITS},
    {"^\\\\d+$", "0123", FITS}, {"^\\\\d+$", "٣", "no"}, {"^\\\\D$", "x", FITS}, {"^\\\\w+$", "a_Z9", FITS},
    {"^\\\\w+$", "é", "no"}, {"^\\\\W$", "é", FITS}, {"^\\\\s$", "\\u00a0", FITS}, {"^\\\\s$", "x", "no"},
    {"^\\\\S+$", "a b", "no"}, {"^[\\\\d\\\\-x]+$", "1-x", FITS}, {"^[\\\\D]$", "1", "no"},
    {"^[^\\\\W_]+$", "a_", "no"}, {"^[^\\\\W_]+$", "az", FITS}, {"^[]$", "", "no"}, {"^[^]$", "\\n", FITS},
    {"^[a-]$", "-", FITS}, {"^[\\\\b]$", "\\b", FITS}, {"^[.]$", "x", "no"}, {"^a*$", "aaaa", FITS}, {"^a+$", "", "no"},
    {"^ab?c$", "ac", FITS}, {"^a{2}$", "aaa", "no"}, {"^a{2,}$", "aaa", FITS}, {"^a{2,}$", "a", "no"},
    {"^a{1,2}$", "aaa", "no"}, {"^a{0}$", "", FITS}, {"^a{0}$", "a", "no"}, {"^(ab){2}$", "abab", FITS},
    {"^a*?b$", "aab", FITS}, {"^a{,2}$", "a{,2}", FITS}, {"^{$", "{", FITS}, {"^x{y$", "x{y", FITS},
    {"^(a|bc|)d$", "bcd", FITS}, {"^(a|bc|)d$", "d", FITS}, {"^(a|bc|)d$", "bd", "no"}, {"a|b|c", "xxc", FITS},
    {"^a|b$", "ax", FITS}, {"^(?:ab|c)+$", "abcab", FITS}, {"^(?<year>\\\\d{4})-", "2026-", FITS},
    {"^(a*)*$", "aaab", "no"}, {"^(a*)+$", "aaa", FITS}, {"^(|a)+$", "aa", FITS}, {"\\\\bcat\\\\b", "a cat!", FITS},
    {"\\\\bcat\\\\b", "concat", "no"}, {"\\\\Bcat", "concat", FITS}, {"^\\\\x41\\\\u0042\\\\u{43}$", "ABC", FITS},
    {"^\\\\ud83d\\\\ude00$", "😀", FITS}, {"^\\\\t\\\\n\\\\cJ$", "\\t\\n\\n", FITS}, {"^\\\\.\\\\/\\\\$$", "./$", FITS},
    {"^\\\\0$", "\\u0000", FITS}, {"^((a{2}){3}|b)$", "aaaaaa", FITS}, {"^((a{2}){3}|b)$", "aaaaa", "no"},
    {"^(a|b)*c|d$", "ababc", FITS}, {"^[\\\\u0061-\\\\u0063]+$", "abc", FITS},
    {"^[^@]+@[^@]+\\\\.[a-z]{2,}$", "me@example.org", FITS}, {"^[^@]+@[^@]+\\\\.[a-z]{2,}$", "me@example", "no"},
    /* what we can't compile never refuses a value */
    {"(?=x)", "abc", FITS}, {"(?!.)", "abc", FITS}, {"(?<=x)", "abc", FITS}, {"(a)\\\\1", "b", FITS},
    {"\\\\p{Lu}", "a", FITS}, {"(", "a", FITS}, {")", "a", FITS}, {"[", "a", FITS}, {"[z-a]", "b", FITS},
    {"*", "b", FITS}, {"a**", "b", FITS}, {"a{3,2}", "b", FITS}, {"\\\\", "b", FITS}, {"[\\\\", "b", FITS},
    {"\\\\u00", "b", FITS}, {"\\\\u{110000}", "b", FITS}, {"(?", "b", FITS}, {"(?<", "b", FITS},
    {"((a{99}){99}){99}", "b", FITS}, {"a{99999}", "b", FITS}, {NULL, NULL, NULL}};

static void
test_patterns(void)
{
	struct err e;
	char schema[300], value[300];

	for (const char *const(*p)[3] = patterns; (*p)[0]; p++) {
		snprintf(schema, sizeof(schema), "{\"pattern\":\"%s\"}", (*p)[0]);
		snprintf(value, sizeof(value), "\"%s\"", (*p)[1]);
		verdict(schema, value, &e);
		int fits = e.kind == ERR_NONE, misfits = e.kind == ERR_SCHEMA && strstr(e.msg, "doesn't match");
		tap_ok(*(*p)[2] ? misfits : fits, "pattern %s : %s", (*p)[0], (*p)[1]);
		if (!fits && !misfits)
			printf("# %s\n", e.msg);
	}
	validate("{\"pattern\":\"^a\"}", "5", FITS);
	validate("{\"pattern\":\"^a\"}", "\"b\"", "/: is \"b\", which doesn't match \"^a\"");
}

/* n copies of part between head and tail; owned by the caller. */
static char *
repeated(const char *head, const char *part, int n, const char *tail)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, head);
	for (int i = 0; i < n; i++)
		buf_adds(&b, part);
	buf_adds(&b, tail);
	return buf_take(&b);
}

/* Hostile and merely large ones: they must come to an end, and soon. */
static void
test_sizes(void)
{
	struct buf b = BUF_INIT;
	struct err e;
	char *s, *v;

	/* each level tries the next one twice: 2^40 ways */
	buf_adds(&b, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "\"d%d\":{\"anyOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i, i + 1,
		    i + 1);
	buf_adds(&b, "\"d40\":false}}");
	verdict(buf_str(&b), "1", &e);
	tap_is_str(e.msg, "/: the schema is too complex to validate this", "2^40 branches end");
	tap_is_int(e.kind, ERR_SCHEMA, "as ERR_SCHEMA");

	buf_clear(&b);
	buf_adds(&b, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "\"d%d\":{\"$ref\":\"#/$defs/d%d\"},", i, i + 1);
	buf_adds(&b, "\"d5000\":{}}}");
	verdict(buf_str(&b), "1", &e);
	tap_ok(e.kind == ERR_DATA && strstr(e.msg, "too long"), "5000 references in a row are refused: %s", e.msg);
	buf_release(&b);

	v = repeated("[", "{\"name\":\"Ann\",\"age\":41,\"tags\":[\"a\",\"b\"]},", 100000,
	    "{\"name\":\"Bob\",\"age\":1,\"tags\":[]}]");
	validate("{\"items\":{\"type\":\"object\",\"required\":[\"name\",\"age\"],\"additionalProperties\":false,"
		 "\"properties\":"
		 "{\"name\":{\"type\":\"string\",\"pattern\":\"^[A-Z][a-z]+$\"},"
		 "\"age\":{\"type\":\"integer\",\"minimum\":1},"
		 "\"tags\":{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\"]},\"uniqueItems\":true}}}}",
	    v, FITS);
	validate("{\"uniqueItems\":true}", v, "/: has the same element at 0 and 1");
	free(v);

	buf_addc(&b, '[');
	for (int i = 0; i < 200000; i++)
		buf_addf(&b, "%s%d", i ? "," : "", i);
	buf_addc(&b, ']');
	validate("{\"uniqueItems\":true}", buf_str(&b), FITS);
	buf_release(&b);

	v = repeated("\"", "a", 60000, "!\"");
	validate("{\"pattern\":\"^(a+)+$\"}", v,
	    "/: is \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, which doesn't match "
	    "\"^(a+)+$\"");
	validate("{\"pattern\":\"(a?){500}(a?){500}(a?){500}$\"}", v, "/: the schema is too complex to validate this");
	free(v);
	v = repeated("\"", "a", 70000, "\"");
	validate("{\"pattern\":\"b\"}", v, FITS);
	free(v);

	s = repeated("{\"const\":\"", "é", 100, "\"}");
	v = repeated("{\"const\":\"", "x", 2000, "\"}");
	validate(s, "1", "/: is 1, not \"ééééééééééééééééééééééééééééé");
	validate(s, v,
	    "/: is {\"const\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    ", not \"ééééééééééééééééééééééééééééé");
	free(s);
	free(v);

	s = repeated("{\"additionalProperties\":{\"type\":\"null\"},\"x\":\"", "", 0, "\"}");
	v = repeated("{\"", "key", 1000, "\":1}");
	verdict(s, v, &e);
	tap_ok(strlen(e.msg) < 260 && strstr(e.msg, "...: is 1, not null"), "a long pointer is cut: %s", e.msg);
	free(s);
	free(v);
}

/* The DSL */

static void
dsl(const char *text, const char *want)
{
	struct buf out = BUF_INIT;
	struct err e = {0};
	struct json j = JSON_INIT;

	int r = schema_from_dsl(&out, text, strlen(text), &e);
	tap_is_str(r == 0 ? buf_str(&out) : e.msg, want, text);
	if (r == 0)
		tap_ok(json_parse(&j, out.p, out.len, &e) == 0 && schema_check(&j, &e) == 0, "... is a schema");
	else
		tap_ok(e.kind == ERR_DATA && out.len == 0, "... is ERR_DATA, and writes nothing");
	json_release(&j);
	buf_release(&out);
}

#define OBJ(props, req) "{\"type\":\"object\",\"properties\":{" props "},\"required\":[" req "]}"
#define STR "{\"type\":\"string\"}"

static void
test_dsl(void)
{
	dsl("name, bio", OBJ("\"name\":" STR ",\"bio\":" STR, "\"name\",\"bio\""));
	dsl("name, age int, balance float, active bool, note str",
	    OBJ("\"name\":" STR ",\"age\":{\"type\":\"integer\"},\"balance\":{\"type\":\"number\"},"
		"\"active\":{\"type\":\"boolean\"},\"note\":" STR,
		"\"name\",\"age\",\"balance\",\"active\",\"note\""));
	dsl("name, age int, bio: one line",
	    OBJ("\"name\":" STR
		",\"age\":{\"type\":\"integer\"},\"bio\":{\"type\":\"string\",\"description\":\"one line\"}",
		"\"name\",\"age\",\"bio\""));
	dsl("\n  name: who, in full\n\n  age int: years: whole ones\r\n",
	    OBJ("\"name\":{\"type\":\"string\",\"description\":\"who, in full\"},"
		"\"age\":{\"type\":\"integer\",\"description\":"
		"\"years: whole ones\"}",
		"\"name\",\"age\""));
	dsl("  a  ,\tb   int  :  the \"b\"  ",
	    OBJ("\"a\":" STR ",\"b\":{\"type\":\"integer\",\"description\":\"the \\\"b\\\"\"}", "\"a\",\"b\""));
	dsl("a,,b,", OBJ("\"a\":" STR ",\"b\":" STR, "\"a\",\"b\""));
	dsl("a:", OBJ("\"a\":" STR, "\"a\""));
	dsl("a int years", OBJ("\"a\":{\"type\":\"integer\"}", "\"a\""));
	dsl("_x-1, é", OBJ("\"_x-1\":" STR ",\"é\":" STR, "\"_x-1\",\"é\""));
	dsl("a, b\n", "schema: field \"a,\": type \"b\" is none of str, int, float, bool");
	dsl("", "schema: it is empty");
	dsl(" \n\t", "schema: it is empty");
	dsl(",,", "schema: no fields");
	dsl(": just words", "schema: no field name in front of \": just words\"");
	dsl("a, :b", "schema: no field name in front of \":b\"");
	dsl("name string", "schema: field \"name\": type \"string\" is none of str, int, float, bool");
	dsl("a Int", "schema: field \"a\": type \"Int\" is none of str, int, float, bool");
	dsl("a, age int, a", "schema: duplicate key \"a\"");
	dsl("1st int", "schema: field \"1st\" doesn't begin with a letter or _");
	dsl("a, -b", "schema: field \"-b\" doesn't begin with a letter or _");
	dsl("[a]", "schema: field \"[a]\" doesn't begin with a letter or _");
	dsl("\"a\"", "schema: field \"\"a\"\" doesn't begin with a letter or _");
	dsl(" { \"type\" : \"object\",\n\"title\":\"a \\\" b\\\\\" , \"x\" : [ 1, 2 ] }\n",
	    "{\"type\":\"object\",\"title\":\"a \\\" b\\\\\",\"x\":[1,2]}");
	dsl("{}", "{}");
	dsl("{\"type\":", "schema: offset 8: value expected");
	dsl("{\"type\":\"strin\"}", "schema: /type: must be null, boolean, integer, number, string, array or object");
}

int
main(void)
{
	validate_all(types);
	validate_all(objects);
	validate_all(arrays);
	validate_all(values);
	validate_all(branches);
	validate_all(refs);
	validate_all(unusable);
	test_patterns();
	test_sizes();
	test_dsl();
	return tap_done();
}
