/* SPDX-License-Identifier: ISC */
/* Errors: {"message"} with the type in a header, which the status repeats; and exceptions in a stream, whose type is the frame's. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "json.h"
#include "wire/bedrock.h"
#include "wire/bedrock_render.h"
#include "wire/fault.h"

/* What the status doesn't tell: Bedrock says 403 where the account has no access to a model, and 400 where there is no such model. */
static const struct {
	const char *phrase, *code;
} phrases[] = {
    {"access to the model", "model_not_found"}, {"model identifier is invalid", "model_not_found"},
    {"on-demand throughput isn", "model_not_found"}, {"has reached the end of its life", "model_deprecated"},
    {"security token included in the request", "unauthenticated"}, /* invalid, or expired; some say 400 */
};

/* The usual one of a status stands first. In a stream names begin with a small letter. */
static const struct {
	const char *name;
	int http;
} exceptions[] = {
    {"ThrottlingException", 429}, {"ValidationException", 400}, {"ModelErrorException", 424},
    {"ModelStreamErrorException", 424}, {"InternalServerException", 500}, {"ServiceUnavailableException", 503},
    {"ModelTimeoutException", 408}, {"ModelNotReadyException", 429}, {"AccessDeniedException", 403},
    {"UnrecognizedClientException", 403}, {"ResourceNotFoundException", 404},
    {"ServiceQuotaExceededException", 402}, /* really 400: no more until somebody raises it */
};

static const char *
code_of(const char *message)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (strcasestr(message, phrases[i].phrase))
			return phrases[i].code;
	return NULL;
}

static void
describe(const struct json *j, int message, const char *name, int http, struct err *e)
{
	char *said = json_dup(j, message, NULL);
	const char *text = said ? said : name ? name : "";

	fault_err(&(struct fault){.http = http, .code = code_of(text), .message = text}, e);
	if (http == 424) /* the model failed, not the request */
		e->kind = ERR_TEMPORARY;
	free(said);
}

static int
find_message(const struct json *j)
{
	int node = json_get(j, 0, "message");

	return node >= 0 ? node : json_get(j, 0, "Message");
}

void
bedrock_exception(const struct json *j, const char *name, struct err *e)
{
	int http = 0;

	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++)
		if (strcasecmp(exceptions[i].name, name) == 0)
			http = exceptions[i].http;
	describe(j, find_message(j), name, http, e);
}

int
bedrock_error(const struct json *j, int http, struct err *e, int *node)
{
	int message = find_message(j);
	char *type = json_dup(j, json_get(j, 0, "__type"), NULL);

	if (json_type(j, 0) != JSON_OBJECT || (http < 300 && !type) ||
	    (json_type(j, message) != JSON_STRING && !type)) {
		free(type);
		return 0;
	}
	const char *name = type && strchr(type, '#') ? strchr(type, '#') + 1 : type;
	*node = 0;
	if (name && http < 300)
		bedrock_exception(j, name, e);
	else
		describe(j, message, name, http, e);
	free(type);
	return 1;
}

const char *
bedrock_error_type(const struct err *e)
{
	int http = e->http == 401 ? 403 : e->http == 529 ? 503 : e->http;

	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++)
		if (exceptions[i].http == http)
			return exceptions[i].name;
	if (e->kind == ERR_TEMPORARY && http < 500) /* 409, 425, 499 */
		return "ServiceUnavailableException";
	return http >= 400 && http < 500 ? "ValidationException" : "InternalServerException";
}

/* The service's description has five for streams; to clients that know no others, any other request that went wrong is invalid. */
const char *
bedrock_stream_error(const struct err *e)
{
	switch (e->http) {
	case 429:
		return "throttlingException";
	case 503:
	case 529:
		return "serviceUnavailableException";
	case 424:
	case 502:
		return "modelStreamErrorException";
	}
	if (e->kind == ERR_TEMPORARY && e->http < 500)
		return "serviceUnavailableException";
	return e->http >= 400 && e->http < 500 ? "validationException" : "internalServerException";
}
