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
	size_t len = 4 * ((n + 2) / 3);

	buf_adds(out, MARK);
	base64_write(buf_reserve(out, len), raw, n);
	out->len += len;
	out->p[out->len] = '\0';
}

/* p: a string's inside. */
static int
decode(const char *p, size_t n, struct buf *out)
{
	struct base64 b = {0};
	unsigned char *to = (unsigned char *)buf_reserve(out, n / 4 * 3 + 4);
	size_t got, used = base64_feed(&b, p, n, to, &got);
	int n_pad = (int)(n - used), last;

	if (n - used > 2 || memcmp(p + used, "==", n - used) != 0 || (last = base64_end(&b, n_pad, to + got)) < 0)
		return -1;
	out->len += got + (size_t)last;
	out->p[out->len] = '\0';
	return 0;
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
	if (decode(raw + 1 + mark, n - 2 - mark, out) == 0 && json_parse(&inner, buf_str(out), out->len, NULL) == 0)
		ok = json_type(&inner, json_get(&inner, 0, "type")) == JSON_STRING;
	json_release(&inner);
	return ok;
}
