/* SPDX-License-Identifier: ISC */
/*
 * Input items to canonical messages. What a model said in one turn is several items here (reasoning, messages, calls) and one message there.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/front.h"
#include "wire/responses.h"
#include "wire/responses_ask.h"

/* The assistant's message in the making: insides of JSON arrays. */
struct turn {
	int any; /* there is one */
	struct buf parts, reasoning, details, calls, images;
	int n_parts, text; /* node of the only part's text; -1: it is no text */
	int n_details;     /* in this turn */
};

static void
release(struct turn *t)
{
	buf_release(&t->parts);
	buf_release(&t->reasoning);
	buf_release(&t->details);
	buf_release(&t->calls);
	buf_release(&t->images);
}

static void
key_list(struct jsonw *w, const char *key, const struct buf *list)
{
	if (!list->len)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_raw(w, list->p, list->len);
	jsonw_end_array(w);
}

static void
flush(struct responses_ask *a, struct jsonw *w, struct turn *t)
{
	struct turn empty = {.text = -1};

	if (!t->any)
		return;
	jsonw_object(w);
	jsonw_member_if(w, "role", "assistant");
	if (t->n_parts == 1 && t->text >= 0)
		jsoncopy_known(w, "content", a->j, t->text);
	else if (t->n_parts)
		key_list(w, "content", &t->parts);
	else {
		jsonw_key(w, "content");
		jsonw_null(w);
	}
	if (t->reasoning.len) {
		jsonw_key(w, "reasoning");
		jsonw_strn(w, t->reasoning.p, t->reasoning.len);
	}
	key_list(w, "reasoning_details", &t->details);
	key_list(w, "tool_calls", &t->calls);
	key_list(w, "images", &t->images);
	jsonw_end_object(w);
	release(t);
	*t = empty;
}

/* A list's next element goes behind what it has. */
static void
next(struct jsonw *w, struct buf *list)
{
	jsonw_init(w, list);
	w->comma = list->len > 0;
	jsonw_object(w);
}

/* A data URL's data is kept where it is, if it's long. */
static void
url(struct responses_ask *a, struct jsonw *w, const char *key, int node)
{
	const struct wire_ask none = {.request = a->j};
	const struct canon c = {.j = a->j, .ask = &none};
	struct canon_url u;

	if (json_type(a->j, node) != JSON_STRING)
		return;
	if (canon_url(&c, node, &u) || !u.is_data) {
		jsoncopy_known(w, key, a->j, node);
		return;
	}
	jsonw_key(w, key);
	canon_write_data(w, a->ask->blobs, u.mime, u.n_mime, u.data, u.n_data);
}

static void
image_part(struct responses_ask *a, struct jsonw *w, int part)
{
	int image = json_get(a->j, part, "image_url");

	if (json_type(a->j, image) == JSON_OBJECT) /* as the chat format has it */
		image = json_get(a->j, image, "url");
	jsonw_member_if(w, "type", "image_url");
	jsonw_key(w, "image_url");
	jsonw_object(w);
	url(a, w, "url", image);
	jsoncopy_known(w, "detail", a->j, json_get(a->j, part, "detail"));
	jsonw_end_object(w);
}

static void
file_part(struct responses_ask *a, struct jsonw *w, int part)
{
	int data = json_get(a->j, part, "file_data");

	jsonw_member_if(w, "type", "file");
	jsonw_key(w, "file");
	jsonw_object(w);
	jsoncopy_known(w, "filename", a->j, json_get(a->j, part, "filename"));
	url(a, w, "file_data", json_type(a->j, data) == JSON_STRING ? data : json_get(a->j, part, "file_url"));
	jsoncopy_known(w, "file_id", a->j, json_get(a->j, part, "file_id"));
	jsonw_end_object(w);
}

static void
text_part(struct responses_ask *a, struct jsonw *w, int part)
{
	jsonw_member_if(w, "type", "text");
	jsoncopy_known(w, "text", a->j, json_get(a->j, part, "text"));
}

static void
refusal_part(struct responses_ask *a, struct jsonw *w, int part)
{
	jsonw_member_if(w, "type", "refusal");
	jsoncopy_known(w, "refusal", a->j, json_get(a->j, part, "refusal"));
}

static void
audio_part(struct responses_ask *a, struct jsonw *w, int part)
{
	jsonw_member_if(w, "type", "input_audio");
	jsoncopy_known(w, "input_audio", a->j, json_get(a->j, part, "input_audio"));
}

/* member: what a part of the type can't be without. */
static const struct part_type {
	const char *type, *member, *other;
	void (*write)(struct responses_ask *a, struct jsonw *w, int part);
} part_types[] = {
    {"input_text", "text", NULL, text_part},
    {"output_text", "text", NULL, text_part},
    {"text", "text", NULL, text_part},
    {"refusal", "refusal", NULL, refusal_part},
    {"input_image", "image_url", NULL, image_part},
    {"input_file", "file_data", "file_url", file_part},
    {"input_file", "file_id", NULL, file_part},
    {"input_audio", "input_audio", NULL, audio_part},
};

static const struct part_type *
part_type(struct responses_ask *a, int part)
{
	int type = json_get(a->j, part, "type");

	for (size_t i = 0; i < sizeof(part_types) / sizeof(*part_types); i++) {
		const struct part_type *p = part_types + i;
		if (json_eq(a->j, type, p->type) &&
		    (responses_has(a, part, p->member) || (p->other && responses_has(a, part, p->other))))
			return p;
	}
	return NULL;
}

/* Adds a part to a list of them. What has no canonical form is refused, or left out. */
static int
add_part(struct responses_ask *a, struct buf *list, int part)
{
	const struct part_type *p = part_type(a, part);
	struct jsonw w;

	if (!p)
		return responses_refuse(a, "content", part);
	next(&w, list);
	p->write(a, &w, part);
	jsonw_end_object(&w);
	if (responses_has(a, part, "prompt_cache_breakpoint"))
		losses_add(a->lost, "prompt_cache_breakpoint");
	return 0;
}

/* A string, or a list of parts: of a user's message, of a tool's answer. */
static int
content(struct responses_ask *a, struct jsonw *w, int node, const char *what)
{
	struct buf parts = BUF_INIT;
	int r = 0;

	jsonw_key(w, "content");
	if (json_type(a->j, node) == JSON_STRING) {
		jsoncopy(w, a->j, node);
		return 0;
	}
	if (json_type(a->j, node) != JSON_ARRAY)
		return responses_bad(a, "%s: a string or a list is needed", what);
	for (int p = json_child(a->j, node); p >= 0 && !r; p = json_next(a->j, node, p))
		r = add_part(a, &parts, p);
	jsonw_array(w);
	jsonw_raw(w, buf_str(&parts), parts.len);
	jsonw_end_array(w);
	buf_release(&parts);
	return r;
}

/* More of what the model said. */
static int
said(struct responses_ask *a, struct turn *t, int item)
{
	int node = json_get(a->j, item, "content"), r = 0;
	struct jsonw w;

	t->any = 1;
	if (json_type(a->j, node) == JSON_STRING) {
		t->text = node;
		t->n_parts++;
		next(&w, &t->parts);
		jsonw_member_if(&w, "type", "text");
		jsoncopy_known(&w, "text", a->j, node);
		jsonw_end_object(&w);
		return 0;
	}
	if (json_type(a->j, node) != JSON_ARRAY)
		return responses_bad(a, "content: a string or a list is needed");
	for (int p = json_child(a->j, node); p >= 0 && !r; p = json_next(a->j, node, p)) {
		size_t before = t->parts.len;
		r = add_part(a, &t->parts, p);
		t->n_parts += t->parts.len > before;
		t->text = json_get(a->j, p, "text");
	}
	return r;
}

static int
message(struct responses_ask *a, struct jsonw *w, struct turn *t, int item)
{
	static const char *const roles[] = {"user", "system", "developer"};
	int role = json_get(a->j, item, "role"), known = 0;

	if (responses_has(a, item, "phase"))
		losses_add(a->lost, "phase");
	if (json_eq(a->j, role, "assistant"))
		return said(a, t, item);
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		known |= json_eq(a->j, role, roles[i]);
	if (!known)
		return responses_bad(a, "role: user, assistant, system or developer is needed");
	flush(a, w, t);
	jsonw_object(w);
	jsoncopy_known(w, "role", a->j, role);
	int r = content(a, w, json_get(a->j, item, "content"), "content");
	jsonw_end_object(w);
	return r;
}

static int
call(struct responses_ask *a, struct jsonw *out, struct turn *t, int item)
{
	int custom = json_eq(a->j, json_get(a->j, item, "type"), "custom_tool_call");
	const char *kind = custom ? "custom" : "function", *text = custom ? "input" : "arguments";
	struct jsonw w;

	(void)out;
	if (json_type(a->j, json_get(a->j, item, "call_id")) != JSON_STRING ||
	    json_type(a->j, json_get(a->j, item, "name")) != JSON_STRING)
		return responses_bad(a, "call_id and name are needed");
	t->any = 1;
	next(&w, &t->calls);
	jsoncopy_known(&w, "id", a->j, json_get(a->j, item, "call_id"));
	jsonw_member_if(&w, "type", kind);
	jsonw_key(&w, kind);
	jsonw_object(&w);
	jsoncopy_known(&w, "name", a->j, json_get(a->j, item, "name"));
	jsoncopy_known(&w, text, a->j, json_get(a->j, item, text));
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return 0;
}

static int
result(struct responses_ask *a, struct jsonw *w, struct turn *t, int item)
{
	int id = json_get(a->j, item, "call_id");

	if (json_type(a->j, id) != JSON_STRING)
		return responses_bad(a, "call_id is needed");
	flush(a, w, t);
	jsonw_object(w);
	jsonw_member_if(w, "role", "tool");
	jsoncopy_known(w, "tool_call_id", a->j, id);
	int r = content(a, w, json_get(a->j, item, "output"), "output");
	jsonw_end_object(w);
	return r;
}

/* One that we made up is none. */
static void
detail_id(struct responses_ask *a, struct jsonw *w, int item, int is_encrypted)
{
	int bound = json_get(a->j, item, RESPONSES_BOUND);
	char *id = json_dup(a->j, is_encrypted && bound >= 0 ? bound : json_get(a->j, item, "id"), NULL);

	if (!responses_id_is(id, RESPONSES_MADE))
		jsonw_member_if(w, "id", id);
	free(id);
}

static void
detail(struct responses_ask *a, struct turn *t, int item, const char *type, const char *key, int value, int signature)
{
	int format = json_get(a->j, item, "format");
	struct jsonw w;

	next(&w, &t->details);
	jsonw_member_if(&w, "type", type);
	if (strcmp(key, "signature") == 0) /* of a text that isn't shown */
		jsonw_member_if(&w, "text", "");
	jsoncopy_known(&w, key, a->j, value);
	jsoncopy_known(&w, "signature", a->j, signature);
	detail_id(a, &w, item, strcmp(key, "data") == 0);
	if (format < 0)
		jsonw_member_if(&w, "format", RESPONSES_FORMAT);
	else
		jsoncopy_known(&w, "format", a->j, format);
	jsonw_key(&w, "index");
	jsonw_int(&w, t->n_details++);
	jsonw_end_object(&w);
}

/* The parts of one list. Reasoning that nobody signed is text and no more. */
static void
thoughts(struct responses_ask *a, struct turn *t, int item, const char *type, int list)
{
	char *id = json_dup(a->j, json_get(a->j, item, "id"), NULL);
	int plain = responses_id_is(id, RESPONSES_PLAIN), is_summary = strcmp(type, "reasoning.summary") == 0;

	free(id);
	if (json_type(a->j, list) != JSON_ARRAY)
		return;
	for (int p = json_child(a->j, list), after; p >= 0; p = after) {
		int text = json_get(a->j, p, "text"), is_last;
		after = json_next(a->j, list, p);
		is_last = after < 0 && !is_summary;
		if (json_str(a->j, text, &t->reasoning) || plain)
			continue;
		detail(a, t, item, type, is_summary ? "summary" : "text", text,
		    is_last ? json_get(a->j, item, "signature") : -1);
	}
}

static int
reasoning(struct responses_ask *a, struct jsonw *out, struct turn *t, int item)
{
	int text = json_get(a->j, item, "content"), encrypted = json_get(a->j, item, "encrypted_content");
	int signature = json_get(a->j, item, "signature");

	(void)out;
	thoughts(a, t, item, "reasoning.summary", json_get(a->j, item, "summary"));
	thoughts(a, t, item, "reasoning.text", text);
	if (json_count(a->j, text) == 0 && json_type(a->j, signature) == JSON_STRING)
		detail(a, t, item, "reasoning.text", "signature", signature, -1);
	if (json_type(a->j, encrypted) == JSON_STRING)
		detail(a, t, item, "reasoning.encrypted", "data", encrypted, -1);
	t->any |= t->reasoning.len || t->details.len;
	return 0;
}

static int
image(struct responses_ask *a, struct jsonw *out, struct turn *t, int item)
{
	int result_node = json_get(a->j, item, "result");
	struct jsonw w;

	(void)out;
	if (json_type(a->j, result_node) != JSON_STRING)
		return 0;
	t->any = 1;
	next(&w, &t->images);
	jsonw_member_if(&w, "type", "image_url");
	jsonw_key(&w, "image_url");
	jsonw_object(&w);
	jsonw_key(&w, "url");
	responses_image_url(a->j, result_node, json_get(a->j, item, "output_format"), a->ask->blobs, &w);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return 0;
}

static const struct {
	const char *type;
	int (*write)(struct responses_ask *a, struct jsonw *w, struct turn *t, int item);
} item_types[] = {
    {"message", message},
    {"function_call", call},
    {"function_call_output", result},
    {"reasoning", reasoning},
    {"custom_tool_call", call},
    {"custom_tool_call_output", result},
    {"image_generation_call", image},
};

static int
any_item(struct responses_ask *a, struct jsonw *w, struct turn *t, int item)
{
	int type = json_get(a->j, item, "type");

	if (json_type(a->j, item) != JSON_OBJECT)
		return responses_bad(a, "an object is needed");
	if (type < 0)
		return message(a, w, t, item);
	for (size_t i = 0; i < sizeof(item_types) / sizeof(*item_types); i++)
		if (json_eq(a->j, type, item_types[i].type))
			return item_types[i].write(a, w, t, item);
	if (json_eq(a->j, type, "item_reference"))
		return responses_bad(a, "item_reference: nothing is stored here");
	return responses_refuse(a, "items", item);
}

int
responses_past(struct responses_ask *a, struct jsonw *w)
{
	int input = json_get(a->j, 0, "input"), r = 0;
	struct turn t = {.text = -1};

	if (json_type(a->j, input) == JSON_STRING) {
		jsonw_object(w);
		jsonw_member_if(w, "role", "user");
		jsoncopy_known(w, "content", a->j, input);
		jsonw_end_object(w);
		return 0;
	}
	if (json_type(a->j, input) != JSON_ARRAY)
		return err_set(a->err, ERR_DATA, "input: a string or a list is needed");
	for (int i = json_child(a->j, input); i >= 0 && !r; i = json_next(a->j, input, i)) {
		r = any_item(a, w, &t, i);
		a->at++;
	}
	flush(a, w, &t);
	release(&t);
	return r;
}
