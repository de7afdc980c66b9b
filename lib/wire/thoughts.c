/* SPDX-License-Identifier: ISC */
#include "wire/thoughts.h"

#include "buf.h"
#include "json.h"
#include "wire/canon.h"

int
thoughts_text(const struct canon *c, int message, struct buf *out)
{
	static const char *const plain[] = {"reasoning", "reasoning_content"};
	int details = canon_member(c, message, "reasoning_details");
	size_t before = out->len;

	for (int i = 0; i < 2 && out->len == before; i++)
		json_str(c->j, canon_member(c, message, plain[i]), out);
	if (out->len > before || json_type(c->j, details) != JSON_ARRAY)
		return out->len > before;
	for (int i = json_child(c->j, details); i >= 0; i = json_next(c->j, details, i)) {
		json_str(c->j, json_get(c->j, i, "text"), out);
		json_str(c->j, json_get(c->j, i, "summary"), out);
	}
	return out->len > before;
}
