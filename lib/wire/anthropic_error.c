/* SPDX-License-Identifier: ISC */
/* Errors: {"type":"error","error":{"type","message"}}, whole and in a stream, and what gateways make of them. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "wire/anthropic.h"
#include "wire/fault.h"
#include "wire/members.h"

static char *
word(const struct json *j, int node)
{
	return json_dup(j, node, NULL);
}

/* The object that describes it, or -1. Bedrock's has no more than a message; with a status over 400 that is enough. */
static int
find(const struct json *j, int http)
{
	enum { TYPE, ERROR, MESSAGE, N };
	static const struct member names[N] = {MEMBER("type"), MEMBER("error"), MEMBER("message")};
	int m[N];

	members_find(j, 0, names, N, m);
	if (json_type(j, m[ERROR]) == JSON_OBJECT)
		return json_count(j, m[ERROR]) ? m[ERROR] : -1;
	if (json_type(j, m[ERROR]) == JSON_STRING || json_eq(j, m[TYPE], "error"))
		return 0;
	return http >= 400 && json_type(j, m[MESSAGE]) == JSON_STRING ? 0 : -1;
}

int
anthropic_error(const struct json *j, int http, struct err *e, int *node)
{
	int64_t status = 0;

	*node = find(j, http);
	if (*node < 0)
		return 0;
	int text = json_get(j, *node, "message");
	if (json_type(j, text) != JSON_STRING)
		text = json_get(j, *node, "error");
	char *type = word(j, json_get(j, *node, "type")), *code = word(j, json_get(j, *node, "code"));
	char *message = word(j, text);
	if (json_int(j, json_get(j, *node, "code"), &status) || status < 300 || status > 599)
		status = 0;
	fault_err(&(struct fault){http >= 300 ? http : (int)status, code, type, message}, e);
	free(type);
	free(code);
	free(message);
	return 1;
}

static const char *
by_status(int http)
{
	static const struct {
		int http;
		const char *type;
	} types[] = {{400, "invalid_request_error"}, {401, "authentication_error"}, {402, "billing_error"},
	    {403, "permission_error"}, {404, "not_found_error"}, {408, "timeout_error"}, {413, "request_too_large"},
	    {429, "rate_limit_error"}, {500, "api_error"}, {503, "overloaded_error"}, {504, "timeout_error"},
	    {529, "overloaded_error"}};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].http == http)
			return types[i].type;
	return http >= 400 && http < 500 ? "invalid_request_error" : "api_error";
}

/* What an error means beats its status: a 400 for a wrong key is a matter of the key. */
const char *
anthropic_error_type(const struct err *e)
{
	switch (e->kind) {
	case ERR_AUTH:
		return e->http == 403 ? "permission_error" : "authentication_error";
	case ERR_NOKEY:
		return "authentication_error";
	case ERR_MONEY:
	case ERR_CAP:
		return "billing_error";
	case ERR_REFUSED:
		return e->http == 403 ? "permission_error" : "invalid_request_error";
	case ERR_NOMODEL:
		return "not_found_error";
	case ERR_DATA:
	case ERR_REQUEST:
		return e->http == 413 ? "request_too_large" : "invalid_request_error";
	case ERR_USAGE:
	case ERR_SCHEMA:
		return "invalid_request_error";
	case ERR_DEADLINE:
		return "timeout_error";
	default: /* 409, 425, 499, ...: none of the caller's doing */
		return by_status(e->http == 429 || e->http == 408 || e->http >= 500 ? e->http : 500);
	}
}
