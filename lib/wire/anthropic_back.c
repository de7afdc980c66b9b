/* SPDX-License-Identifier: ISC */
/* The Messages format's back: the top of a request. Its messages are anthropic_messages.c's. */
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "wire/anthropic_request.h"
#include "wire/decoder.h"
#include "wire/wire.h"

void
anthropic_key_raw(struct anthropic_request *x, const char *key, int node)
{
	size_t n;
	const char *raw = json_raw(x->c.j, node, &n);

	jsonw_key(&x->w, key);
	jsonw_raw(&x->w, raw, n);
}

void
anthropic_same(struct anthropic_request *x, int node, const char *key)
{
	int value = canon_member(&x->c, node, key);

	if (value >= 0)
		anthropic_key_raw(x, key, value);
}

const char *
anthropic_wanted(enum json_type t)
{
	return t == JSON_NUMBER ? "a number" : t == JSON_STRING ? "a string" : t == JSON_ARRAY ? "a list" : "an object";
}

void
anthropic_refuse(struct anthropic_request *x, const char *name, const char *what)
{
	if (x->c.ask->lossy)
		canon_refuse(&x->c, name);
	else
		canon_bad(&x->c, "%s doesn't take %s", x->c.who, what);
}

void
anthropic_key_str(struct anthropic_request *x, const char *key, const char *s)
{
	jsonw_key(&x->w, key);
	jsonw_str(&x->w, s);
}

static void
carry(struct anthropic_request *x, const char *field, const char *key, enum json_type t)
{
	int node = canon_get(&x->c, field);

	if (node < 0)
		return;
	if (json_type(x->c.j, node) == t)
		anthropic_key_raw(x, key, node);
	else
		canon_bad(&x->c, "%s: %s is wanted", field, anthropic_wanted(t));
}

/* Compares a number with another, written as JSON; things that are no numbers are equal to all. */
static int
against(const struct canon *c, int node, const char *number)
{
	struct decimal a, b;
	size_t n;
	const char *raw = json_raw(c->j, node, &n);

	if (json_type(c->j, node) != JSON_NUMBER || decimal_parse(&a, raw, n) ||
	    decimal_parse(&b, number, strlen(number)))
		return 0;
	return decimal_cmp(&a, &b);
}

/* Sends it if it may be sent; without a loss it is left out where it says what is so anyway. */
static void
sample(struct anthropic_request *x, const char *field, int may, const char *usual)
{
	int node = canon_get(&x->c, field);

	if (node < 0)
		return;
	if (may)
		carry(x, field, field, JSON_NUMBER);
	else if (!usual || against(&x->c, node, usual))
		canon_lose(&x->c, field);
}

/* Anthropic's temperature ends at 1, and thinking leaves no choice but a high top_p. */
static void
sampling(struct anthropic_request *x)
{
	int samples = x->model.samples, t = canon_get(&x->c, "temperature"), p = canon_get(&x->c, "top_p");

	if (samples == 1 && p >= 0 && against(&x->c, t, "1") == 0) /* top_p says more */
		t = -1;
	else if (samples && !x->thinks && against(&x->c, t, "1") > 0) {
		jsonw_key(&x->w, "temperature");
		jsonw_int(&x->w, 1);
		canon_lose(&x->c, "temperature");
	} else {
		sample(x, "temperature", samples && (!x->thinks || against(&x->c, t, "1") == 0), "1");
	}
	int alone = samples == 2 || t < 0 || x->thinks;
	sample(x, "top_p", samples && alone && !(x->thinks && against(&x->c, p, "0.95") < 0), "1");
	sample(x, "top_k", samples && !x->thinks, NULL);
}

static int
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n\f\v")] == '\0';
}

static void
stop_word(struct anthropic_request *x, int node)
{
	char *s = canon_dup(&x->c, node);
	size_t n;
	const char *raw = json_raw(x->c.j, node, &n);

	if (!s || is_blank(s)) /* Anthropic refuses those of white space only */
		canon_lose(&x->c, "stop");
	else
		jsonw_raw(&x->w, raw, n);
	free(s);
}

static void
stop(struct anthropic_request *x)
{
	int node = canon_get(&x->c, "stop");

	if (node < 0 || (json_type(x->c.j, node) == JSON_ARRAY && json_count(x->c.j, node) == 0))
		return;
	jsonw_key(&x->w, "stop_sequences");
	jsonw_array(&x->w);
	if (json_type(x->c.j, node) == JSON_ARRAY) {
		for (int i = json_child(x->c.j, node); i >= 0; i = json_next(x->c.j, node, i))
			stop_word(x, i);
	} else {
		stop_word(x, node);
	}
	jsonw_end_array(&x->w);
}

static void
user(struct anthropic_request *x)
{
	int node = canon_get(&x->c, "user");

	if (json_type(x->c.j, node) != JSON_STRING)
		return;
	jsonw_key(&x->w, "metadata");
	jsonw_object(&x->w);
	anthropic_key_raw(x, "user_id", node);
	jsonw_end_object(&x->w);
}

static void
service_tier(struct anthropic_request *x)
{
	int node = canon_get(&x->c, "service_tier");

	if (json_eq(x->c.j, node, "auto"))
		anthropic_key_str(x, "service_tier", "auto");
	else if (json_eq(x->c.j, node, "default") || json_eq(x->c.j, node, "standard_only"))
		anthropic_key_str(x, "service_tier", "standard_only");
	else if (node >= 0)
		canon_lose(&x->c, "service_tier");
}

static const char *const carried[] = {"max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "stop",
    "user", "service_tier", "tools", "tool_choice", "functions", "function_call", "parallel_tool_calls", "reasoning",
    "reasoning_effort", "verbosity", "response_format", "cache_control", NULL};

static void
model_name(struct anthropic_request *x)
{
	if (x->c.ask->model)
		anthropic_key_str(x, "model", x->c.ask->model);
	else
		carry(x, "model", "model", JSON_STRING);
}

/* Anthropic wants a limit. Without one an answer may be as long as the model makes it, as elsewhere. */
static void
max_tokens(struct anthropic_request *x)
{
	int node = canon_get(&x->c, "max_completion_tokens");

	x->limit = canon_limit(&x->c);
	if (x->limit < 0 && (node >= 0 || canon_get(&x->c, "max_tokens") >= 0))
		canon_bad(&x->c, "max_tokens: a number is wanted");
	x->tokens = x->limit >= 0 ? x->limit : x->model.most;
	jsonw_key(&x->w, "max_tokens");
	jsonw_int(&x->w, x->tokens);
}

/* Is there a key of this name anywhere? Inside of a string its quotes would be escaped. */
static int
has_key(const struct canon *c, const char *quoted)
{
	return memmem(c->j->text, c->j->len, quoted, strlen(quoted)) != NULL;
}

static void
cache_control(struct anthropic_request *x)
{
	static const char ephemeral[] = "{\"type\":\"ephemeral\"}";

	anthropic_same(x, 0, "cache_control");
	if (!x->c.ask->cache || has_key(&x->c, "\"cache_control\""))
		return;
	jsonw_key(&x->w, "cache_control");
	jsonw_raw(&x->w, ephemeral, sizeof(ephemeral) - 1);
}

static void
stream(struct anthropic_request *x, struct wire_call *out)
{
	int node = canon_get(&x->c, "stream");

	out->stream = json_bool(x->c.j, node) == 1;
	if (json_bool(x->c.j, node) >= 0)
		anthropic_key_raw(x, "stream", node);
}

static void
body(struct anthropic_request *x, struct wire_call *out)
{
	jsonw_init(&x->w, &out->body);
	jsonw_object(&x->w);
	model_name(x);
	max_tokens(x);
	anthropic_decide_thinking(x);
	anthropic_messages(x);
	anthropic_tools(x);
	anthropic_thinking(x);
	anthropic_output_config(x);
	sampling(x);
	stop(x);
	user(x);
	service_tier(x);
	cache_control(x);
	stream(x, out);
	jsonw_end_object(&x->w);
	canon_lose_others(&x->c, carried);
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, struct losses *lost, struct err *e)
{
	struct anthropic_request x = {.calls = -1, .call = -1};
	char *name;

	wire_call_clear(out);
	canon_init(&x.c, ask, "anthropic", lost, e);
	name = canon_dup(&x.c, canon_get(&x.c, "model"));
	anthropic_model(ask->model ? ask->model : name, &x.model);
	free(name);
	wire_url(out, ask, "/messages");
	body(&x, out);
	if (x.files)
		buf_adds(&out->header, "anthropic-beta: files-api-2025-04-14\n");
	canon_release(&x.c);
	return x.c.failed ? -1 : 0;
}

/* Never Anthropic's; OpenRouter's Messages end so. */
static int
is_done(const char *data, size_t n)
{
	return n == 6 && memcmp(data, "[DONE]", 6) == 0;
}

const struct wire wire_anthropic = {
    .name = "anthropic",
    .encode = encode,
    .on_chunk = anthropic_chunk,
    .on_whole = anthropic_whole,
    .error = anthropic_error,
    .on_end = anthropic_end,
    .is_end = is_done,
    .release = anthropic_release,
};
