/* SPDX-License-Identifier: ISC */
/* Errors: google.rpc.Status under "error", alone or in a list of one. Source: Google's AIP-193. */
#include <stdlib.h>

#include "err.h"
#include "json.h"
#include "str.h"
#include "wire/fault.h"
#include "wire/gemini_state.h"
#include "wire/openai.h"

#define MAX_WAIT_MS 1000000000

/* A member of the first of the details that has it, as ErrorInfo has a reason and RetryInfo a retryDelay. Owned. */
static char *
detail(const struct json *j, int node, const char *key)
{
	int list = json_get(j, node, "details");
	char *found = NULL;

	if (json_type(j, list) == JSON_ARRAY)
		for (int i = json_child(j, list); i >= 0 && !found; i = json_next(j, list, i))
			found = json_dup(j, json_get(j, i, key), NULL);
	return found;
}

static void
take_wait(const struct json *j, int node, struct err *e)
{
	char *delay = detail(j, node, "retryDelay");
	int64_t ms;

	if (delay && str_time_ms(delay, &ms) == 0 && ms <= MAX_WAIT_MS)
		e->retry_after_ms = ms ? ms : -1;
	free(delay);
}

int
gemini_error(const struct json *j, int http, struct err *e, int *node)
{
	int root = json_type(j, 0) == JSON_ARRAY ? json_child(j, 0) : 0, error = json_get(j, root, "error");
	int64_t code = 0;

	if (json_type(j, error) != JSON_OBJECT) /* gateways in front of the API have other shapes */
		return http >= 400 ? openai_error(j, http, e, node) : 0;
	*node = error;
	json_int(j, json_get(j, error, "code"), &code);
	char *reason = detail(j, error, "reason"), *status = json_dup(j, json_get(j, error, "status"), NULL),
	     *message = json_dup(j, json_get(j, error, "message"), NULL);
	int told = code >= 300 && code < 600 ? (int)code : 0;
	fault_err(&(struct fault){http >= 300 ? http : told, reason, status, message}, e);
	take_wait(j, error, e);
	free(reason);
	free(status);
	free(message);
	return 1;
}
