/* SPDX-License-Identifier: ISC */
/*
 * What tools gave back: functionResponse has the function's name, and an object. Text that is none is put under
 * "output", or "error", which are the names that Google gives a meaning. Source: Google's reference of
 * FunctionResponse.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/gemini.h"

static void
add_text(struct gemini_turns *t, int content, struct buf *text)
{
	const struct json *j = t->c->j;

	json_str(j, content, text);
	if (json_type(j, content) == JSON_ARRAY)
		for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p))
			if (canon_part(t->c, p) == CANON_TEXT)
				json_str(j, json_get(j, p, "text"), text);
}

/* An object as it is, unless it has the names that we would put it under. */
static int
is_plain_object(const struct buf *text)
{
	struct json j = JSON_INIT;
	struct err ignored;
	int ok = text->len && *text->p == '{' && json_parse(&j, text->p, text->len, &ignored) == 0 &&
	    json_unique(&j, &ignored) == 0 && json_get(&j, 0, "output") < 0 && json_get(&j, 0, "error") < 0;

	json_release(&j);
	return ok;
}

static void
write_response(struct gemini_turns *t, int message)
{
	int failed = json_bool(t->c->j, json_get(t->c->j, message, "is_error")) == 1;
	struct buf text = BUF_INIT;

	add_text(t, json_get(t->c->j, message, "content"), &text);
	jsonw_key(t->w, "response");
	if (!failed && is_plain_object(&text)) {
		jsonw_raw(t->w, text.p, text.len);
	} else {
		jsonw_object(t->w);
		jsonw_key(t->w, failed ? "error" : "output");
		jsonw_strn(t->w, buf_str(&text), text.len);
		jsonw_end_object(t->w);
	}
	buf_release(&text);
}

/* Version 3 takes data inside of the response; for older ones, and for addresses, a part of its own follows. */
static int
is_inside(struct gemini_turns *t, int part, struct canon_url *u)
{
	int is_new = t->version >= 3 || !t->version;

	return canon_part(t->c, part) != CANON_TEXT && gemini_part_url(t, part, u) == 0 && u->is_data && is_new;
}

static void
write_inside(struct gemini_turns *t, int content)
{
	const struct json *j = t->c->j;
	struct canon_url u;
	int any = 0;

	for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p)) {
		if (!is_inside(t, p, &u))
			continue;
		if (!any++) {
			jsonw_key(t->w, "parts");
			jsonw_array(t->w);
		}
		jsonw_object(t->w);
		gemini_write_media(t->w, &u, canon_part(t->c, p));
		jsonw_end_object(t->w);
	}
	if (any)
		jsonw_end_array(t->w);
}

static void
write_beside(struct gemini_turns *t, int content)
{
	const struct json *j = t->c->j;
	struct canon_url u;

	for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p)) {
		gemini_lose_details(t, p);
		if (canon_part(t->c, p) == CANON_TEXT || is_inside(t, p, &u))
			continue;
		if (gemini_part_url(t, p, &u)) {
			canon_refuse(t->c, canon_part_name(t->c, p));
			continue;
		}
		gemini_begin_part(t, "user");
		gemini_write_media(t->w, &u, canon_part(t->c, p));
		jsonw_end_object(t->w);
	}
}

/* The name of the call that a result without an id is for, by its place after the calls. -1: there is none. */
static int
name_by_place(const struct canon *c, int message, struct buf *name)
{
	int list = canon_get(c, "messages"), calls = -1, at = 0;

	for (int m = json_child(c->j, list); m >= 0 && m != message; m = json_next(c->j, list, m)) {
		at = canon_role(c, m) == CANON_TOOL ? at + 1 : 0;
		if (canon_role(c, m) == CANON_ASSISTANT)
			calls = json_get(c->j, m, "tool_calls");
	}
	int call = json_type(c->j, calls) == JSON_ARRAY ? json_child(c->j, calls) : -1;
	while (call >= 0 && at--)
		call = json_next(c->j, calls, call);
	return json_str(c->j, json_path(c->j, call, "function.name"), name);
}

static int
find_name(struct canon *c, int message, int id, struct buf *name)
{
	if (id >= 0 && canon_tool_name(c, id, message, name) == 0)
		return 0;
	if (json_str(c->j, json_get(c->j, message, "name"), name) == 0)
		return 0;
	return id < 0 ? name_by_place(c, message, name) : -1;
}

void
gemini_write_result(struct gemini_turns *t, int message, int at)
{
	struct canon *c = t->c;
	int id = canon_member(c, message, "tool_call_id"), content = json_get(c->j, message, "content");
	int is_list = json_type(c->j, content) == JSON_ARRAY;
	struct buf name = BUF_INIT;

	if (find_name(c, message, id, &name)) {
		canon_bad(c, "messages[%d]: no call before it has this tool_call_id", at);
		buf_release(&name);
		return;
	}
	gemini_begin_part(t, "user");
	jsonw_key(t->w, "functionResponse");
	jsonw_object(t->w);
	gemini_write_id(t, id);
	jsonw_key(t->w, "name");
	jsonw_strn(t->w, buf_str(&name), name.len);
	write_response(t, message);
	if (is_list)
		write_inside(t, content);
	jsonw_end_object(t->w);
	jsonw_end_object(t->w);
	if (is_list)
		write_beside(t, content);
	buf_release(&name);
}
