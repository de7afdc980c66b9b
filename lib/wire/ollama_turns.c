/* SPDX-License-Identifier: ISC */
/* The messages of a request of /api/chat, or the prompt of one of /api/generate, as canonical messages. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "mem.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/ollama.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

/* A call that the assistant made, for the result that follows. */
struct call {
	char *id, *name; /* owned */
	int answered;
};

struct asking {
	struct canon *c; /* of their request: what is lost, what is wrong */
	struct jsonw *w;
	struct blobs *blobs;
	int i; /* number of the message, for messages to people */
	struct call *call;
	size_t n_call, cap_call;
	size_t first_open; /* those before it have their results */
};

static void
key_raw(struct asking *a, const char *key, int node)
{
	jsoncopy_member(a->w, key, a->c->j, node);
}

static void
key_str(struct asking *a, const char *key, const char *s)
{
	jsonw_key(a->w, key);
	jsonw_str(a->w, s);
}

static int
type_of(const struct asking *a, int node)
{
	return json_type(a->c->j, node);
}

/* Bare base64, whose first bytes say what it is; a data URL is taken, too. */
static void
image(struct asking *a, int node)
{
	size_t n;
	const char *p = json_raw(a->c->j, node, &n);

	if (type_of(a, node) != JSON_STRING) {
		canon_bad(a->c, "messages[%d]: an image that is no string", a->i);
		return;
	}
	jsonw_object(a->w);
	key_str(a, "type", "image_url");
	jsonw_key(a->w, "image_url");
	jsonw_object(a->w);
	jsonw_key(a->w, "url");
	if (n > 6 && memcmp(p + 1, "data:", 5) == 0) {
		jsonw_raw(a->w, p, n);
	} else {
		const char *type = ollama_image_type(p + 1, n - 2);
		canon_write_data(a->w, a->blobs, type, strlen(type), p + 1, n - 2);
	}
	jsonw_end_object(a->w);
	jsonw_end_object(a->w);
}

static void
images(struct asking *a, int list)
{
	for (int i = json_child(a->c->j, list); i >= 0; i = json_next(a->c->j, list, i))
		image(a, i);
}

static void
text(struct asking *a, int node)
{
	size_t n;
	const char *p = json_raw(a->c->j, node, &n);

	if (type_of(a, node) == JSON_STRING)
		jsonw_raw(a->w, p, n);
	else if (type_of(a, node) > JSON_NULL)
		canon_bad(a->c, "messages[%d]: content that is no string", a->i);
	else
		jsonw_str(a->w, "");
}

/* The member content: a string, or parts where there are images. */
static void
content(struct asking *a, int node, int list)
{
	jsonw_key(a->w, "content");
	if (type_of(a, list) != JSON_ARRAY || ollama_is_empty(a->c->j, list)) {
		text(a, node);
		return;
	}
	jsonw_array(a->w);
	if (!ollama_is_empty(a->c->j, node)) {
		jsonw_object(a->w);
		key_str(a, "type", "text");
		jsonw_key(a->w, "text");
		text(a, node);
		jsonw_end_object(a->w);
	}
	images(a, list);
	jsonw_end_array(a->w);
}

/* Their clients drop a call's id, and older servers give none: then it is the call's number. */
static struct call *
new_call(struct asking *a, int item, int function)
{
	struct buf b = BUF_INIT;

	a->call = mem_grow(a->call, a->n_call, &a->cap_call, sizeof(*a->call));
	struct call *call = a->call + a->n_call;
	*call = (struct call){json_dup(a->c->j, json_get(a->c->j, item, "id"), NULL),
	    json_dup(a->c->j, json_get(a->c->j, function, "name"), NULL), 0};
	if (!call->id || !*call->id) {
		free(call->id);
		buf_addf(&b, "call_%zu", a->n_call);
		call->id = buf_take(&b);
	}
	a->n_call++;
	return call;
}

/* An object, as text; some say it as a string of its text. */
static void
arguments(struct asking *a, int node)
{
	size_t n;
	const char *p = json_raw(a->c->j, node, &n);

	jsonw_key(a->w, "arguments");
	if (type_of(a, node) == JSON_OBJECT)
		jsonw_strn(a->w, p, n);
	else if (type_of(a, node) == JSON_STRING)
		jsonw_raw(a->w, p, n);
	else
		jsonw_str(a->w, "{}");
}

static void
call(struct asking *a, int item)
{
	int function = json_get(a->c->j, item, "function");

	if (type_of(a, json_get(a->c->j, function, "name")) != JSON_STRING) {
		canon_bad(a->c, "messages[%d]: a tool call without a name", a->i);
		return;
	}
	const struct call *made = new_call(a, item, function);
	jsonw_object(a->w);
	key_str(a, "id", made->id);
	key_str(a, "type", "function");
	jsonw_key(a->w, "function");
	jsonw_object(a->w);
	key_str(a, "name", made->name);
	arguments(a, json_get(a->c->j, function, "arguments"));
	jsonw_end_object(a->w);
	jsonw_end_object(a->w);
}

static void
assistant(struct asking *a, int m)
{
	const struct json *j = a->c->j;
	int list = json_get(j, m, "tool_calls"), pictures = json_get(j, m, "images"),
	    thinking = json_get(j, m, "thinking");

	if (ollama_is_empty(j, json_get(j, m, "content")) && !ollama_is_empty(j, list)) {
		jsonw_key(a->w, "content"); /* nothing was said but the calls */
		jsonw_null(a->w);
	} else {
		content(a, json_get(j, m, "content"), -1);
	}
	if (type_of(a, thinking) == JSON_STRING && !ollama_is_empty(a->c->j, thinking))
		key_raw(a, "reasoning", thinking);
	if (type_of(a, pictures) == JSON_ARRAY && !ollama_is_empty(a->c->j, pictures)) {
		jsonw_key(a->w, "images");
		jsonw_array(a->w);
		images(a, pictures);
		jsonw_end_array(a->w);
	}
	if (type_of(a, list) != JSON_ARRAY || ollama_is_empty(a->c->j, list))
		return;
	jsonw_key(a->w, "tool_calls");
	jsonw_array(a->w);
	for (int t = json_child(j, list); t >= 0; t = json_next(j, list, t))
		call(a, t);
	jsonw_end_array(a->w);
}

/* The first call of this name that has no result yet; without a name, of any. */
static struct call *
find_call(struct asking *a, const char *name)
{
	for (size_t i = a->first_open; i < a->n_call; i++)
		if (!a->call[i].answered && (!name || strcmp(a->call[i].name, name) == 0))
			return a->call + i;
	return NULL;
}

static void
result(struct asking *a, int m)
{
	const struct json *j = a->c->j;
	char *id = json_dup(j, json_get(j, m, "tool_call_id"), NULL),
	     *name = json_dup(j, json_get(j, m, "tool_name"), NULL);
	struct call *found = NULL;

	for (size_t i = a->first_open; id && i < a->n_call && !found; i++)
		if (strcmp(a->call[i].id, id) == 0)
			found = a->call + i;
	if (!found && !(id && *id))
		found = find_call(a, name && *name ? name : NULL);
	if (found)
		found->answered = 1;
	while (a->first_open < a->n_call && a->call[a->first_open].answered)
		a->first_open++;
	if (found || (id && *id))
		key_str(a, "tool_call_id", found ? found->id : id);
	else
		canon_bad(a->c, "messages[%d]: a tool's result, but no call that it belongs to", a->i);
	content(a, json_get(j, m, "content"), json_get(j, m, "images"));
	free(id);
	free(name);
}

static void
message(struct asking *a, int m)
{
	static const char *const known[] = {
	    "role", "content", "images", "thinking", "tool_calls", "tool_name", "tool_call_id", NULL};
	const struct json *j = a->c->j;
	int role = json_get(j, m, "role");

	jsonw_object(a->w);
	key_raw(a, "role", role);
	if (json_eq(j, role, "assistant"))
		assistant(a, m);
	else if (json_eq(j, role, "tool"))
		result(a, m);
	else if (json_eq(j, role, "user") || json_eq(j, role, "system"))
		content(a, json_get(j, m, "content"), json_get(j, m, "images"));
	else
		canon_bad(a->c, "messages[%d]: unknown role", a->i);
	jsonw_end_object(a->w);
	ollama_lose_rest(a->c, m, "messages.", known);
}

/* /api/generate: one prompt */
static void
prompt(struct asking *a)
{
	const struct json *j = a->c->j;
	int system = json_get(j, 0, "system"), node = json_get(j, 0, "prompt");
	static const char *const content_only[] = {"suffix", "context"};

	if (type_of(a, node) != JSON_STRING)
		canon_bad(a->c, "messages or prompt: one of them is needed");
	for (size_t i = 0; i < N(content_only); i++)
		if (!ollama_is_empty(a->c->j, json_get(j, 0, content_only[i])))
			ollama_refuse(a->c, content_only[i]);
	if (!ollama_is_empty(a->c->j, system)) {
		jsonw_object(a->w);
		key_str(a, "role", "system");
		content(a, system, -1);
		jsonw_end_object(a->w);
	}
	jsonw_object(a->w);
	key_str(a, "role", "user");
	content(a, node, json_get(j, 0, "images"));
	jsonw_end_object(a->w);
}

void
ollama_ask_messages(struct canon *c, struct jsonw *w, struct blobs *blobs)
{
	struct asking a = {.c = c, .w = w, .blobs = blobs};
	int list = json_get(c->j, 0, "messages");

	jsonw_key(w, "messages");
	jsonw_array(w);
	if (json_type(c->j, list) != JSON_ARRAY)
		prompt(&a);
	else
		for (int m = json_child(c->j, list); m >= 0 && !c->failed; m = json_next(c->j, list, m), a.i++)
			message(&a, m);
	jsonw_end_array(w);
	for (size_t i = 0; i < a.n_call; i++) {
		free(a.call[i].id);
		free(a.call[i].name);
	}
	free(a.call);
}
