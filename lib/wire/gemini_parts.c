/* SPDX-License-Identifier: ISC */
/*
 * Messages as contents: of the user (and of tools) and of the model, neighbours in one, each a list of parts. System
 * text stands apart. Source: Google's reference of Content and Part, and its pages on function calling and on thought
 * signatures.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "str.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/gemini.h"

static void
close_turn(struct gemini_turns *t)
{
	if (t->role) {
		jsonw_end_array(t->w);
		jsonw_end_object(t->w);
	}
	t->role = NULL;
}

void
gemini_begin_part(struct gemini_turns *t, const char *role)
{
	if (!t->role || strcmp(t->role, role) != 0) {
		close_turn(t);
		t->role = role;
		jsonw_object(t->w);
		jsonw_key(t->w, "role");
		jsonw_str(t->w, role);
		jsonw_key(t->w, "parts");
		jsonw_array(t->w);
	}
	jsonw_object(t->w);
}

void
gemini_write_raw(struct gemini_turns *t, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(t->c->j, node, &n);

	jsonw_key(t->w, key);
	jsonw_raw(t->w, raw, n);
}

/* Is it the id of a call in this message, or of an image? Other ids are another format's own. */
static int
names_part(const struct canon *c, int message, int id)
{
	int calls = json_get(c->j, message, "tool_calls");
	char *text = canon_dup(c, id);
	int found = text && str_starts(text, GEMINI_IMAGE_ID);

	if (text && json_type(c->j, calls) == JSON_ARRAY)
		for (int i = json_child(c->j, calls); i >= 0 && !found; i = json_next(c->j, calls, i))
			found = json_eq(c->j, json_get(c->j, i, "id"), text);
	free(text);
	return found;
}

/* A detail of the message's that is a signature of Gemini's; id: of what it belongs to, NULL: one that names
 * nothing. after: the detail to go on from, -1: the first. -1: there is none. */
static int
find_signature(const struct canon *c, int message, const char *id, int after)
{
	int list = json_get(c->j, message, "reasoning_details");

	if (json_type(c->j, list) != JSON_ARRAY)
		return -1;
	for (int d = after < 0 ? json_child(c->j, list) : json_next(c->j, list, after); d >= 0;
	     d = json_next(c->j, list, d)) {
		int of = canon_member(c, d, "id");
		if (json_eq(c->j, json_get(c->j, d, "format"), GEMINI_FORMAT) &&
		    json_eq(c->j, json_get(c->j, d, "type"), "reasoning.encrypted") &&
		    json_type(c->j, json_get(c->j, d, "data")) == JSON_STRING &&
		    (id ? json_eq(c->j, of, id) : !names_part(c, message, of)))
			return d;
	}
	return -1;
}

static void
write_signature(struct gemini_turns *t, int detail)
{
	if (detail >= 0)
		gemini_write_raw(t, "thoughtSignature", json_get(t->c->j, detail, "data"));
}

static void
write_text(struct gemini_turns *t, const char *role, int text, int detail)
{
	if (json_type(t->c->j, text) != JSON_STRING)
		return;
	gemini_begin_part(t, role);
	gemini_write_raw(t, "text", text);
	write_signature(t, detail);
	jsonw_end_object(t->w);
}

/* What a file's id stands for: an address of Google's Files. */
static int
is_address(const struct canon_url *u)
{
	return !u->is_data && (memmem(u->url, u->n_url, "://", 3) || memmem(u->url, u->n_url, ":\\/\\/", 5));
}

int
gemini_part_url(struct gemini_turns *t, int part, struct canon_url *u)
{
	struct canon *c = t->c;
	int id = json_path(c->j, part, "file.file_id");

	if (canon_part_url(c, part, u) == 0)
		return u->is_data || is_address(u) ? 0 : -1;
	return canon_part(c, part) == CANON_FILE && canon_url(c, id, u) == 0 && is_address(u) ? 0 : -1;
}

void
gemini_lose_details(struct gemini_turns *t, int part)
{
	static const char *const of_image[] = {"url", "detail", NULL},
				 *const of_file[] = {"file_data", "file_id", NULL};
	struct canon *c = t->c;
	int image = json_get(c->j, part, "image_url"), detail = canon_member(c, image, "detail");

	if (detail >= 0 && !json_eq(c->j, detail, "auto"))
		canon_lose(c, "image_url.detail");
	canon_lose_members(c, image, "image_url.", of_image);
	canon_lose_members(c, json_get(c->j, part, "file"), "file.", of_file);
	if (canon_member(c, part, "cache_control") >= 0)
		canon_lose(c, "cache_control");
}

static void
write_media(struct gemini_turns *t, const char *role, int part)
{
	struct canon_url u;

	if (strcmp(role, "system") == 0 || gemini_part_url(t, part, &u)) { /* Google says: text only */
		canon_refuse(t->c, canon_part_name(t->c, part));
		return;
	}
	gemini_begin_part(t, role);
	gemini_write_media(t->w, &u, canon_part(t->c, part));
	jsonw_end_object(t->w);
}

static void
write_part(struct gemini_turns *t, const char *role, int part)
{
	struct canon *c = t->c;

	gemini_lose_details(t, part);
	switch (canon_part(c, part)) {
	case CANON_TEXT:
		write_text(t, role, json_get(c->j, part, "text"), -1);
		break;
	case CANON_REFUSAL:
		write_text(t, role, json_get(c->j, part, "refusal"), -1);
		break;
	case CANON_OTHER:
		canon_refuse(c, canon_part_name(c, part));
		break;
	default:
		write_media(t, role, part);
	}
}

/* detail: the signature of the text, where it is one string. */
static void
write_content(struct gemini_turns *t, const char *role, int content, int detail)
{
	const struct json *j = t->c->j;

	if (json_type(j, content) == JSON_ARRAY)
		for (int p = json_child(j, content); p >= 0; p = json_next(j, content, p))
			write_part(t, role, p);
	else
		write_text(t, role, content, detail);
}

static void
write_thought(struct gemini_turns *t, int text)
{
	if (json_type(t->c->j, text) != JSON_STRING || json_eq(t->c->j, text, ""))
		return;
	gemini_begin_part(t, "model");
	gemini_write_raw(t, "text", text);
	jsonw_key(t->w, "thought");
	jsonw_bool(t->w, 1);
	jsonw_end_object(t->w);
}

/* What was thought: its text, else that of its details. */
static void
write_thoughts(struct gemini_turns *t, int message)
{
	struct canon *c = t->c;
	int text = canon_member(c, message, "reasoning"), list = json_get(c->j, message, "reasoning_details");

	if (text < 0)
		text = canon_member(c, message, "reasoning_content");
	if (text >= 0)
		write_thought(t, text);
	else if (json_type(c->j, list) == JSON_ARRAY)
		for (int d = json_child(c->j, list); d >= 0; d = json_next(c->j, list, d)) {
			write_thought(t, json_get(c->j, d, "text"));
			write_thought(t, json_get(c->j, d, "summary"));
		}
}

/* Signatures that came after the text stay parts of their own, without text. */
static void
write_signatures(struct gemini_turns *t, int message, int after)
{
	int d = after;

	while ((d = find_signature(t->c, message, NULL, d)) >= 0) {
		gemini_begin_part(t, "model");
		jsonw_key(t->w, "text");
		jsonw_str(t->w, "");
		write_signature(t, d);
		jsonw_end_object(t->w);
	}
}

/* Images that the model made, as an answer has them. */
static void
write_images(struct gemini_turns *t, int message)
{
	struct canon *c = t->c;
	int list = json_get(c->j, message, "images"), n = 0;
	struct canon_url u;

	if (json_type(c->j, list) != JSON_ARRAY)
		return;
	for (int i = json_child(c->j, list); i >= 0; i = json_next(c->j, list, i)) {
		struct buf id = BUF_INIT;
		buf_addf(&id, GEMINI_IMAGE_ID "%d", n++);
		if (canon_part_url(c, i, &u)) {
			canon_refuse(c, "images");
		} else {
			gemini_begin_part(t, "model");
			gemini_write_media(t->w, &u, CANON_IMAGE);
			write_signature(t, find_signature(c, message, buf_str(&id), -1));
			jsonw_end_object(t->w);
		}
		buf_release(&id);
	}
}

/* An id that we made means nothing to Google. */
void
gemini_write_id(struct gemini_turns *t, int id)
{
	char *text = canon_dup(t->c, id);

	if (text && *text && strncmp(text, GEMINI_MADE_ID, strlen(GEMINI_MADE_ID)) != 0)
		gemini_write_raw(t, "id", id);
	free(text);
}

/* id: -1 where it has none, as a legacy function_call. */
static void
write_call(struct gemini_turns *t, int id, int function, int detail, int is_first)
{
	struct canon *c = t->c;
	int bad;

	if (json_type(c->j, json_get(c->j, function, "name")) != JSON_STRING) {
		canon_refuse(c, "tool calls that aren't functions");
		return;
	}
	gemini_begin_part(t, "model");
	jsonw_key(t->w, "functionCall");
	jsonw_object(t->w);
	gemini_write_id(t, id);
	gemini_write_raw(t, "name", json_get(c->j, function, "name"));
	jsonw_key(t->w, "args");
	canon_write_args(c, t->w, json_get(c->j, function, "arguments"), &bad);
	jsonw_end_object(t->w);
	write_signature(t, detail);
	if (detail < 0 && is_first && t->version >= 3)
		jsonw_member(t->w, "thoughtSignature", GEMINI_NO_SIGNATURE);
	jsonw_end_object(t->w);
	if (bad)
		canon_refuse(c, "tool call arguments that are no JSON object");
}

static int
signature_of_call(const struct canon *c, int message, int call)
{
	char *id = canon_dup(c, canon_member(c, call, "id"));
	int detail = id ? find_signature(c, message, id, -1) : -1;

	free(id);
	return detail;
}

/* stray: a signature that names no call, where it can only be the first one's. */
static void
write_calls(struct gemini_turns *t, int message, int stray)
{
	struct canon *c = t->c;
	int list = json_get(c->j, message, "tool_calls"), legacy = canon_member(c, message, "function_call"), n = 0;

	if (json_type(c->j, list) == JSON_ARRAY)
		for (int i = json_child(c->j, list); i >= 0; i = json_next(c->j, list, i), n++) {
			int own = signature_of_call(c, message, i);
			write_call(t, canon_member(c, i, "id"), json_get(c->j, i, "function"),
			    own < 0 && !n ? stray : own, !n);
		}
	else if (legacy >= 0)
		write_call(t, -1, legacy, stray, 1);
}

/* Of the audio that an answer had, its data where it is there, or what was said. */
static void
write_audio(struct gemini_turns *t, int message)
{
	struct canon *c = t->c;
	int audio = canon_member(c, message, "audio"), said = canon_member(c, audio, "transcript");
	struct canon_url u = {0};
	size_t n;

	if (audio < 0)
		return;
	const char *raw = json_raw(c->j, json_get(c->j, audio, "data"), &n);
	const char *mime = json_raw(c->j, json_get(c->j, audio, "mime_type"), &u.n_mime);
	if (raw && mime && n > 2 && u.n_mime > 2) {
		u = (struct canon_url){1, mime + 1, u.n_mime - 2, raw + 1, n - 2, NULL, 0};
		gemini_begin_part(t, "model");
		gemini_write_media(t->w, &u, CANON_AUDIO);
		jsonw_end_object(t->w);
	} else if (said >= 0) {
		write_text(t, "model", said, -1);
	} else {
		canon_refuse(c, "audio");
	}
}

/* A signature that names nothing is the text's; without text the first call's, if that has none of its own. */
static void
write_assistant(struct gemini_turns *t, int message)
{
	struct canon *c = t->c;
	int content = canon_member(c, message, "content"), calls = json_get(c->j, message, "tool_calls");
	int stray = find_signature(c, message, NULL, -1), has_calls = json_count(c->j, calls) > 0;
	int is_text = json_type(c->j, content) == JSON_STRING && (has_calls || !json_eq(c->j, content, ""));
	int of_call = !is_text && has_calls && signature_of_call(c, message, json_child(c->j, calls)) < 0 ? stray : -1;

	write_thoughts(t, message);
	if (is_text || json_type(c->j, content) == JSON_ARRAY)
		write_content(t, "model", content, stray);
	write_text(t, "model", canon_member(c, message, "refusal"), -1);
	write_signatures(t, message, is_text || of_call >= 0 ? stray : -1);
	write_images(t, message);
	write_audio(t, message);
	write_calls(t, message, of_call);
}

static void
write_user(struct gemini_turns *t, int message)
{
	if (canon_member(t->c, message, "name") >= 0)
		canon_lose(t->c, "name");
	write_content(t, "user", canon_member(t->c, message, "content"), -1);
}

static int
count_others(const struct canon *c, int list)
{
	int n = 0;

	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m))
		n += canon_role(c, m) != CANON_SYSTEM;
	return n;
}

static void
write_message(struct gemini_turns *t, int message, int at, int has_others)
{
	switch (canon_role(t->c, message)) {
	case CANON_SYSTEM:
		if (!has_others) /* there have to be contents */
			write_user(t, message);
		break;
	case CANON_USER:
		write_user(t, message);
		break;
	case CANON_ASSISTANT:
		write_assistant(t, message);
		break;
	case CANON_TOOL:
	case CANON_FUNCTION:
		gemini_write_result(t, message, at);
		break;
	default:
		canon_bad(t->c, "messages[%d]: unknown role", at);
	}
}

static void
write_system(struct gemini_turns *t, int list)
{
	struct canon *c = t->c;
	int any = 0;

	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m)) {
		if (canon_role(c, m) != CANON_SYSTEM)
			continue;
		if (!any++) {
			jsonw_key(t->w, "systemInstruction");
			jsonw_object(t->w);
			jsonw_key(t->w, "parts");
			jsonw_array(t->w);
			t->role = "system";
		}
		write_content(t, "system", canon_member(c, m, "content"), -1);
	}
	if (any)
		close_turn(t);
}

void
gemini_write_contents(struct canon *c, struct jsonw *w, int version)
{
	struct gemini_turns t = {c, w, NULL, version};
	int list = canon_get(c, "messages"), at = 0;

	if (json_type(c->j, list) != JSON_ARRAY) {
		canon_bad(c, "messages: not a list");
		return;
	}
	int has_others = count_others(c, list);
	if (has_others)
		write_system(&t, list);
	jsonw_key(w, "contents");
	jsonw_array(w);
	for (int m = json_child(c->j, list); m >= 0 && !c->failed; m = json_next(c->j, list, m))
		write_message(&t, m, at++, has_others);
	close_turn(&t);
	jsonw_end_array(w);
}
