/* SPDX-License-Identifier: ISC */
#include "json.h"
#include "jsonw.h"
#include "wire/cohere.h"

void
cohere_copy(struct jsonw *w, const char *key, const struct json *j, int node)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	if (node < 0)
		return;
	jsonw_key(w, key);
	jsonw_raw(w, raw, n);
}
