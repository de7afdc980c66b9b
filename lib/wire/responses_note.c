/* SPDX-License-Identifier: ISC */
/* Annotations: {"type":"url_citation","url":...} is {"type":"url_citation","url_citation":{"url":...}} in the chat format. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/responses.h"

/* Members that are there because they have to be, and say nothing. */
static int
is_void(const struct json *j, int node, int key)
{
	static const char *const words[] = {"title", "file_id", "filename"};
	int64_t end;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (json_eq(j, key, words[i]))
			return json_eq(j, json_value(j, key), "");
	if (json_eq(j, key, "index")) /* no place in a list where there is one in the text */
		return json_get(j, node, "start_index") >= 0;
	if (!json_eq(j, key, "start_index") && !json_eq(j, key, "end_index"))
		return 0;
	return json_int(j, json_get(j, node, "end_index"), &end) == 0 && end == 0;
}

int
responses_note_nest(struct jsonw *w, const struct json *j, int node)
{
	char *type = json_dup(j, json_get(j, node, "type"), NULL);

	if (!type)
		return 0;
	jsonw_object(w);
	jsonw_member_if(w, "type", type);
	jsonw_key(w, type);
	jsonw_object(w);
	for (int k = json_child(j, node); k >= 0; k = json_next(j, node, json_value(j, k))) {
		char *key = json_dup(j, k, NULL);
		if (strcmp(key, "type") != 0 && !is_void(j, node, k))
			jsoncopy_known(w, key, j, json_value(j, k));
		free(key);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	free(type);
	return 1;
}

/* What a client's types ask for, and other providers don't say. */
static void
required_members(struct jsonw *w, const struct json *j, int type, int inner)
{
	static const struct {
		const char *type, *key;
		int is_number;
	} required[] = {{"url_citation", "title", 0}, {"url_citation", "start_index", 1},
	    {"url_citation", "end_index", 1}, {"file_citation", "file_id", 0}, {"file_citation", "filename", 0},
	    {"file_citation", "index", 1}};

	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		enum json_type t = json_type(j, json_get(j, inner, required[i].key));
		if (!json_eq(j, type, required[i].type) || t == (required[i].is_number ? JSON_NUMBER : JSON_STRING))
			continue;
		jsonw_key(w, required[i].key);
		if (required[i].is_number)
			jsonw_int(w, 0);
		else
			jsonw_str(w, "");
	}
}

int
responses_note_flatten(struct jsonw *w, const struct json *j, int node)
{
	static const char *const types[] = {"url_citation", "file_citation", "container_file_citation", "file_path"};
	int type = json_get(j, node, "type"), inner = -1;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (json_eq(j, type, types[i]))
			inner = json_get(j, node, types[i]);
	if (json_type(j, inner) != JSON_OBJECT)
		return 0;
	jsonw_object(w);
	jsoncopy_known(w, "type", j, type);
	for (int k = json_child(j, inner); k >= 0; k = json_next(j, inner, json_value(j, k))) {
		char *key = json_dup(j, k, NULL);
		jsoncopy_known(w, key, j, json_value(j, k));
		free(key);
	}
	required_members(w, j, type, inner);
	jsonw_end_object(w);
	return 1;
}
