/* SPDX-License-Identifier: ISC */
/*
 * Reasoning details of other providers inside this format: some of them answer only when they get back what they sealed.
 * A detail that has data or a signature travels as the signature of a thought without text, behind a mark, all of it in
 * base64; Google's clients give signatures back unread. Never sent to Google, who refuses what it didn't sign.
 */
#include <string.h>

#include "base64.h"
#include "json.h"
#include "jsonw.h"
#include "wire/front.h"
#include "wire/gemini.h"
#include "wire/gemini_front.h"

#define MARKED "b3J1dGlscy5yZWFzb25pbmc6" /* "orutils.reasoning:" in base64, with nothing left over */

static int
is_sealed(const struct json *j)
{
	return json_type(j, json_get(j, 0, "data")) == JSON_STRING ||
	    json_type(j, json_get(j, 0, "signature")) == JSON_STRING;
}

static int
is_foreign(const char *text, size_t n)
{
	struct json j = JSON_INIT;
	struct err ignored;
	int ok = json_parse(&j, text, n, &ignored) == 0 && is_sealed(&j) &&
	    !json_eq(&j, json_get(&j, 0, "format"), GEMINI_FORMAT);

	json_release(&j);
	return ok;
}

void
gemini_out_foreign(struct jsonw *w, const struct answer_choice *c)
{
	struct buf detail = BUF_INIT, wrapped = BUF_INIT;

	for (size_t i = 0; i < c->n_detail; i++) {
		buf_clear(&detail);
		buf_clear(&wrapped);
		answer_emit_piece(c->detail + i, &detail);
		if (!is_foreign(buf_str(&detail), detail.len))
			continue;
		buf_adds(&wrapped, MARKED);
		base64_add(&wrapped, detail.p, detail.len);
		gemini_out_text(w, "", 0, 1, &wrapped);
	}
	buf_release(&detail);
	buf_release(&wrapped);
}

static int
is_detail(const struct buf *text)
{
	struct json j = JSON_INIT;
	struct err ignored;
	int ok = json_parse(&j, buf_str(text), text->len, &ignored) == 0 &&
	    json_type(&j, json_get(&j, 0, "type")) == JSON_STRING;

	json_release(&j);
	return ok;
}

int
gemini_unwrap(const struct json *j, int signature, struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t n, mark = strlen(MARKED);
	const char *s = json_view(j, signature, &text, &n);
	int ok = s && n >= mark && memcmp(s, MARKED, mark) == 0;

	buf_clear(out);
	if (ok)
		ok = base64_text(out, s + mark, n - mark) == 0 && is_detail(out);
	buf_release(&text);
	return ok;
}
