/* SPDX-License-Identifier: ISC */
#include "wire/closed.h"

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"

static void write_schema(struct jsonw *w, const struct json *j, int node);

/* Values of these are data, not schemas. */
static int
is_data(const struct json *j, int key)
{
	return json_eq(j, key, "const") || json_eq(j, key, "enum") || json_eq(j, key, "default") ||
	    json_eq(j, key, "examples");
}

static int
is_object_type(const struct json *j, int type)
{
	if (json_type(j, type) == JSON_ARRAY)
		for (int t = json_child(j, type); t >= 0; t = json_next(j, type, t))
			if (json_eq(j, t, "object"))
				return 1;
	return json_eq(j, type, "object");
}

static void
write_members(struct jsonw *w, const struct json *j, int node)
{
	struct buf key = BUF_INIT;

	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		buf_clear(&key);
		json_str(j, k, &key);
		jsonw_keyn(w, buf_str(&key), key.len);
		if (is_data(j, k))
			jsoncopy(w, j, json_value(j, k));
		else
			write_schema(w, j, json_value(j, k));
	}
	buf_release(&key);
}

/* Of any value: schemas stand in objects and lists of schemas, too. */
static void
write_schema(struct jsonw *w, const struct json *j, int node)
{
	if (json_type(j, node) == JSON_ARRAY) {
		jsonw_array(w);
		for (int i = json_child(j, node); i >= 0; i = json_next(j, node, i))
			write_schema(w, j, i);
		jsonw_end_array(w);
	} else if (json_type(j, node) == JSON_OBJECT) {
		jsonw_object(w);
		write_members(w, j, node);
		if (is_object_type(j, json_get(j, node, "type")) && json_get(j, node, "additionalProperties") < 0) {
			jsonw_key(w, "additionalProperties");
			jsonw_bool(w, 0);
		}
		jsonw_end_object(w);
	} else {
		jsoncopy(w, j, node);
	}
}

void
closed_schema(const struct json *j, int node, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	write_schema(&w, j, node);
}
