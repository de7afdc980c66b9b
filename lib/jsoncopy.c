/* SPDX-License-Identifier: ISC */
#include "jsoncopy.h"

#include "json.h"
#include "jsonw.h"

void
jsoncopy(struct jsonw *w, const struct json *j, int node)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	jsonw_raw(w, raw, n);
}

void
jsoncopy_member(struct jsonw *w, const char *key, const struct json *j, int node)
{
	if (node < 0)
		return;
	jsonw_key(w, key);
	jsoncopy(w, j, node);
}

void
jsoncopy_known(struct jsonw *w, const char *key, const struct json *j, int node)
{
	if (json_type(j, node) != JSON_NULL)
		jsoncopy_member(w, key, j, node);
}
