/* SPDX-License-Identifier: ISC */
/* Why an answer ended, what it used, and errors. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "wire/cohere.h"
#include "wire/decoder.h"
#include "wire/fault.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MAX_TOKENS 1000000000000000LL /* nobody means more; sums stay in range */
#define DENY_LISTED 498 /* Cohere's own status: the request or the answer has a token that may not be in it */

static const char *
normal_reason(const char *s)
{
	static const struct {
		const char *from, *to;
	} table[] = {
	    {"MAX_TOKENS", "length"},
	    {"TOOL_CALL", "tool_calls"},
	    {"ERROR", "error"},
	    {"TIMEOUT", "error"},
	    {"ERROR_TOXIC", "content_filter"}, /* this and the next are version 1's words */
	    {"ERROR_LIMIT", "length"},
	};

	for (size_t i = 0; i < N(table); i++)
		if (strcmp(table[i].from, s) == 0)
			return table[i].to;
	return "stop"; /* COMPLETE, STOP_SEQUENCE */
}

/* The words for it stand beside the reason, in an answer of status 200. */
static int
finish_error(struct decoder *d, const struct json *j, const char *native, int error, int error_type)
{
	char *message = json_dup(j, error, NULL), *type = json_dup(j, error_type, NULL);
	int http = strcmp(native, "TIMEOUT") == 0 ? 504 : 0;
	struct err e = {0};

	fault_err(&(struct fault){http, NULL, type, message ? message : "the provider failed while answering"}, &e);
	free(message);
	free(type);
	return decoder_fail(d, &e, NULL, 0);
}

int
cohere_finish(struct decoder *d, const struct json *j, int node, int error, int error_type)
{
	char *native = json_dup(j, node, NULL);
	int r = 0;

	if (native && *native) {
		const char *reason = normal_reason(native);
		struct event ev = {.type = EVENT_FINISH, .s = reason, .n = strlen(reason), .native = native};
		r = decoder_emit(d, &ev);
		if (!r && strcmp(reason, "error") == 0)
			r = finish_error(d, j, native, error, error_type);
	}
	free(native);
	return r;
}

static void
take(const struct json *j, int node, const char *path, int64_t *out)
{
	int64_t v;

	if (json_int(j, json_path(j, node, path), &v) == 0 && v >= 0 && v < MAX_TOKENS)
		*out = v;
}

/* tokens counts all of them, the prompt that Cohere puts around ours too; billed_units, which is less, is what is paid for. */
void
cohere_usage(struct decoder *d, const struct json *j, int node)
{
	struct usage *u = &d->usage;

	take(j, node, "billed_units.input_tokens", &u->prompt);
	take(j, node, "billed_units.output_tokens", &u->completion);
	take(j, node, "tokens.input_tokens", &u->prompt);
	take(j, node, "tokens.output_tokens", &u->completion);
	take(j, node, "tokens.reasoning_tokens", &u->reasoning);
	take(j, node, "cached_tokens", &u->cached);
}

/* Where an answer has its message, an error has a string. Gateways in front of Cohere have errors of their own. */
static int
find_text(const struct json *j, int http)
{
	int text = json_get(j, 0, "message"), error = json_get(j, 0, "error");

	if (json_type(j, text) == JSON_STRING)
		return text;
	if (json_type(j, text) == JSON_OBJECT) /* an answer, whose finish reason tells */
		return -1;
	if (json_type(j, error) == JSON_OBJECT)
		return json_get(j, error, "message");
	if (json_type(j, error) == JSON_STRING)
		return error;
	return http >= 400 ? json_get(j, 0, "detail") : -1;
}

int
cohere_error(const struct json *j, int http, struct err *e, int *node)
{
	int text = find_text(j, http);

	if (json_type(j, text) != JSON_STRING || (http < 400 && json_eq(j, text, "")))
		return 0;
	char *message = json_dup(j, text, NULL), *type = json_dup(j, json_get(j, 0, "error_type"), NULL);
	fault_err(&(struct fault){http, NULL, type, message}, e);
	if (http == DENY_LISTED)
		e->kind = ERR_REFUSED;
	*node = 0;
	free(message);
	free(type);
	return 1;
}
