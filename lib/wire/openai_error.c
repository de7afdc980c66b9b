/* SPDX-License-Identifier: ISC */
/* Error objects, in the shapes that have been seen (DEVIATIONS.md): under "error", under other names, bare, in a list of one. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "str.h"
#include "wire/fault.h"
#include "wire/members.h"
#include "wire/openai.h"

#define MAX_RAW 400 /* bytes of an upstream's own error text in the message */
#define MAX_WAIT_S 1000000

/* What an error may be called where it isn't "error". */
enum { ERROR, ERRORS, DETAIL, OBJECT, TYPE, CHOICES, MESSAGE, MSG, CODE, SUCCESS, BASE_RESP, X_GROQ, N_ROOT };
static const struct member root_names[N_ROOT] = {MEMBER("error"), MEMBER("errors"), MEMBER("detail"), MEMBER("object"),
    MEMBER("type"), MEMBER("choices"), MEMBER("message"), MEMBER("msg"), MEMBER("code"), MEMBER("success"),
    MEMBER("base_resp"), MEMBER("x_groq")};

/* A status, whether it came as 429 or "429". 0: no status. */
static int
status_of(const struct json *j, int node)
{
	int64_t v = 0;
	char *s = json_dup(j, node, NULL);

	if (s ? str_int(s, 300, 599, &v) : json_int(j, node, &v))
		v = 0;
	free(s);
	return v >= 300 && v < 600 ? (int)v : 0;
}

static int
find_status(const struct json *j, int node)
{
	static const char *const names[] = {"code", "status_code", "raw_status_code", "http_status", "status"};
	int http = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !http; i++)
		http = status_of(j, json_get(j, node, names[i]));
	return http;
}

/* The text for people in whatever this is: a string, or the likeliest member of an object, of a list's first item. FastAPI says
 * {"detail":[{"loc":[...],"msg":"..."}]}, Mistral puts that under "message". */
static int
find_text(const struct json *j, int node, int depth)
{
	static const char *const names[] = {
	    "message", "msg", "detail", "error", "error_description", "status_msg", "title"};
	enum json_type t = json_type(j, node);
	int found = -1;

	if (t == JSON_STRING || depth == 0)
		return t == JSON_STRING ? node : -1;
	if (t == JSON_ARRAY)
		return find_text(j, json_child(j, node), depth - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && found < 0; i++)
		found = find_text(j, json_get(j, node, names[i]), depth - 1);
	return found;
}

/* A text inside a text: OpenRouter's metadata.raw holds the upstream's whole error body, as a string. */
static void
add_raw(struct buf *out, const struct json *j, int raw)
{
	struct json inner = JSON_INIT;
	struct err ignored;
	size_t n;
	char *s = json_dup(j, raw, &n);
	int text = -1;

	if (!s)
		return;
	if (json_parse(&inner, s, n, &ignored) == 0)
		text = find_text(&inner, 0, 5);
	buf_adds(out, ": ");
	if (json_str(&inner, text, out))
		buf_add(out, s, n < MAX_RAW ? n : MAX_RAW);
	json_release(&inner);
	free(s);
}

static int
is_error_word(const struct json *j, int node)
{
	return json_type(j, node) == JSON_STRING && !json_eq(j, node, "");
}

/* The node that describes the error, or -1: this is none. http: its status; in an answer with choices only an error object counts,
 * since other fields may have such names for other reasons. */
static int
find(const struct json *j, int http)
{
	int root = json_type(j, 0) == JSON_ARRAY && json_count(j, 0) == 1 ? json_child(j, 0) : 0, m[N_ROOT];
	int64_t v = 0;

	members_find(j, root, root_names, N_ROOT, m);
	if (json_type(j, m[ERROR]) == JSON_OBJECT && json_count(j, m[ERROR]))
		return m[ERROR];
	if (http < 300 && json_count(j, m[CHOICES]))
		return -1;
	if (is_error_word(j, m[ERROR]) || json_bool(j, m[ERROR]) == 1)
		return root;
	if (json_type(j, m[ERRORS]) == JSON_ARRAY && json_count(j, m[ERRORS])) /* Cloudflare */
		return json_type(j, json_child(j, m[ERRORS])) == JSON_OBJECT ? json_child(j, m[ERRORS]) : m[ERRORS];
	if (json_eq(j, m[OBJECT], "error") || json_eq(j, m[TYPE], "error"))
		return root;
	if (is_error_word(j, m[DETAIL]) || json_count(j, m[DETAIL]))
		return root;
	if (json_int(j, json_get(j, m[BASE_RESP], "status_code"), &v) == 0 && v) /* MiniMax */
		return m[BASE_RESP];
	if (is_error_word(j, json_get(j, m[X_GROQ], "error")))
		return m[X_GROQ];
	int flat = is_error_word(j, m[MESSAGE]) || is_error_word(j, m[MSG]);
	if (http >= 400)
		return flat || json_count(j, m[MESSAGE]) ? root : -1;
	return flat && m[CHOICES] < 0 && (m[CODE] >= 0 || json_bool(j, m[SUCCESS]) == 0) ? root : -1;
}

/* "34.4s" in whole seconds, rounded up; -1: no such text. */
static int64_t
seconds(const struct json *j, int node)
{
	char *s = json_dup(j, node, NULL);
	size_t whole = s ? strspn(s, "0123456789") : 0;
	int64_t v = -1;

	if (whole) {
		int more = s[whole] == '.';
		s[whole] = '\0';
		if (str_int(s, 0, MAX_WAIT_S, &v) == 0)
			v += more;
	}
	free(s);
	return v;
}

/* OpenRouter says it in an availability object, Google in a list of details. */
static void
take_wait(const struct json *j, int node, struct err *e)
{
	int64_t s = -1;
	int details = json_get(j, node, "details");

	if (json_int(j, json_path(j, node, "availability.retry_after"), &s) && json_type(j, details) == JSON_ARRAY)
		for (int i = json_child(j, details); i >= 0 && s < 0; i = json_next(j, details, i))
			s = seconds(j, json_get(j, i, "retryDelay"));
	if (s >= 0 && s <= MAX_WAIT_S)
		e->retry_after_ms = s ? s * 1000 : -1;
}

void
openai_describe(const struct json *j, int node, int http, struct err *e)
{
	struct buf text = BUF_INIT;
	char *code = json_dup(j, json_get(j, node, "code"), NULL),
	     *type = json_dup(j, json_path(j, node, "metadata.error_type"), NULL);

	if (!type)
		type = json_dup(j, json_get(j, node, "error_type"), NULL);
	if (!type)
		type = json_dup(j, json_get(j, node, "type"), NULL);
	if (!type || strcmp(type, "error") == 0) {
		free(type);
		type = json_dup(j, json_get(j, node, "status"), NULL); /* Google */
	}
	json_str(j, find_text(j, node, 5), &text);
	add_raw(&text, j, json_path(j, node, "metadata.raw"));
	fault_err(&(struct fault){http >= 300 ? http : find_status(j, node), code, type, buf_str(&text)}, e);
	take_wait(j, node, e);
	free(code);
	free(type);
	buf_release(&text);
}

int
openai_error(const struct json *j, int http, struct err *e, int *node)
{
	*node = find(j, http);
	if (*node < 0)
		return 0;
	openai_describe(j, *node, http, e);
	return 1;
}
