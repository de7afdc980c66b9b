/* SPDX-License-Identifier: ISC */
/* A line of schema (JSON, or the concise language), then the value. */
#include "schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* What the concise language makes is a schema, in one line. */
static void
expand(const char *dsl, size_t n)
{
	struct buf out = BUF_INIT;
	struct json j = JSON_INIT;
	struct err e = {0};

	if (schema_from_dsl(&out, dsl, n, &e) == 0) {
		must(json_parse(&j, out.p, out.len, &e) == 0 && schema_check(&j, &e) == 0);
		must(memchr(out.p, '\n', out.len) == NULL);
	} else {
		must(e.kind == ERR_DATA && e.msg[0] && out.len == 0);
	}
	json_release(&j);
	buf_release(&out);
}

/* A schema that passed the check gives a verdict on every value. */
static void
validate(const char *schema, size_t n, const char *value, size_t m)
{
	struct json s = JSON_INIT, v = JSON_INIT;
	struct err e = {0};

	if (json_parse(&s, schema, n, &e) == 0 && schema_check(&s, &e) == 0 && json_parse(&v, value, m, &e) == 0 &&
	    schema_validate(&s, &v, &e) != 0)
		must(e.kind == ERR_SCHEMA && e.msg[0] == '/');
	json_release(&s);
	json_release(&v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = memchr(text, '\n', size);
	size_t n = end ? (size_t)(end - text) : size;

	expand(text, size);
	validate(text, n, text + n, size - n);
	return 0;
}
