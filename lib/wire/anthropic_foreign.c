/* SPDX-License-Identifier: ISC */
/*
 * Reasoning details of other providers inside this format: some of them answer only when they get back what they sealed. A detail that has
 * data or a signature travels as the data of a redacted_thinking block, behind a mark; the clients of this format give such blocks back
 * unread, as Anthropic demands. Both ends know the mark.
 */
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "json.h"
#include "wire/anthropic.h"

#define MARK "orutils.reasoning:"

int
anthropic_is_sealed(const struct json *j, int detail)
{
	return json_type(j, json_get(j, detail, "data")) == JSON_STRING ||
	    json_type(j, json_get(j, detail, "signature")) == JSON_STRING;
}

void
anthropic_wrap(const char *raw, size_t n, struct buf *out)
{
	buf_adds(out, MARK);
	base64_add(out, raw, n);
}

int
anthropic_unwrap(const struct json *j, int data, struct buf *out)
{
	struct json inner = JSON_INIT;
	size_t n, mark = strlen(MARK);
	const char *raw = json_raw(j, data, &n);
	int ok = 0;

	buf_clear(out);
	if (json_type(j, data) != JSON_STRING || n < mark + 2 || memcmp(raw + 1, MARK, mark) != 0)
		return 0;
	if (base64_text(out, raw + 1 + mark, n - 2 - mark) == 0 &&
	    json_parse(&inner, buf_str(out), out->len, NULL) == 0)
		ok = json_type(&inner, json_get(&inner, 0, "type")) == JSON_STRING;
	json_release(&inner);
	return ok;
}
