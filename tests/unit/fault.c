/* SPDX-License-Identifier: ISC */
/* What error bodies come to: what providers send, by status, code, type and message, and the exit status that follows. */
#include "wire/fault.h"

#include <string.h>

#include "err.h"
#include "tap.h"

static const struct {
	int http;
	const char *code, *type, *message;
	int status;           /* of the tool */
	enum err_retry retry; /* what may help */
	int told;             /* http as it is reported; 0: as given */
} faults[] = {
    /* by status alone */
    {301, NULL, NULL, NULL, 69, RETRY_NEXT, 0},
    {302, NULL, NULL, "Found", 69, RETRY_NEXT, 0},
    {307, NULL, NULL, NULL, 69, RETRY_NEXT, 0},
    {400, NULL, NULL, "bad", 65, RETRY_MODEL, 0},
    {401, NULL, NULL, "no", 77, RETRY_NEXT, 0},
    {402, NULL, NULL, "pay", 6, RETRY_NEXT, 0},
    {403, NULL, NULL, "no", 77, RETRY_NEXT, 0},
    {404, NULL, NULL, "nothing here", 69, RETRY_NEXT, 0},
    {405, NULL, NULL, "POST?", 65, RETRY_MODEL, 0},
    {408, NULL, NULL, "slow", 75, RETRY_ROUND, 0},
    {409, NULL, NULL, "conflict", 75, RETRY_ROUND, 0},
    {410, NULL, NULL, "gone", 69, RETRY_NEXT, 0},
    {412, NULL, NULL, "precondition", 65, RETRY_MODEL, 0},
    {413, NULL, NULL, "too large", 65, RETRY_MODEL, 0},
    {415, NULL, NULL, NULL, 65, RETRY_MODEL, 0},
    {422, NULL, NULL, "unprocessable", 65, RETRY_MODEL, 0},
    {425, NULL, NULL, "early", 75, RETRY_ROUND, 0},
    {429, NULL, NULL, "slow down", 75, RETRY_ROUND, 0},
    {451, NULL, NULL, "legal", 4, RETRY_MODEL, 0},
    {500, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {501, NULL, NULL, "not implemented", 69, RETRY_NEXT, 0},
    {502, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {503, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {504, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {505, NULL, NULL, NULL, 69, RETRY_NEXT, 0},
    {524, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {529, NULL, NULL, NULL, 75, RETRY_ROUND, 0},
    {599, NULL, NULL, NULL, 75, RETRY_ROUND, 0},

    /* OpenAI and those who copy it */
    {401, "invalid_api_key", "invalid_request_error",
	"Incorrect API key provided: sk-x***. You can find your API key at ...", 77, RETRY_NEXT, 0},
    {404, "model_not_found", "invalid_request_error", "The model `x` does not exist or you do not have access to it.",
	69, RETRY_NEXT, 0},
    {400, "context_length_exceeded", "invalid_request_error", "This model's maximum context length is 8192 tokens.", 65,
	RETRY_MODEL, 0},
    {429, "insufficient_quota", "insufficient_quota",
	"You exceeded your current quota, please check your plan and billing details.", 6, RETRY_NEXT, 0},
    {429, "rate_limit_exceeded", "tokens", "Rate limit reached for gpt-4o in organization x", 75, RETRY_ROUND, 0},
    {429, "rate_limit_exceeded", "requests", "Limit 3, Used 3, Requested 1. Please try again in 20s.", 75, RETRY_ROUND,
	0},
    {400, "billing_hard_limit_reached", "invalid_request_error", "Billing hard limit has been reached", 6, RETRY_NEXT,
	0},
    {400, NULL, "invalid_request_error", "Invalid value for 'temperature'", 65, RETRY_MODEL, 0},
    {400, "invalid_prompt", "invalid_request_error", "Invalid prompt", 65, RETRY_MODEL, 0},
    {400, "content_policy_violation", "invalid_request_error",
	"Your request was rejected as a result of our safety system.", 4, RETRY_MODEL, 0},
    {500, NULL, "server_error", "The server had an error while processing your request", 75, RETRY_ROUND, 0},
    {503, NULL, "service_unavailable", "That model is currently overloaded", 75, RETRY_ROUND, 0},
    {403, "unsupported_country_region_territory", "request_forbidden", "Country, region, or territory not supported",
	77, RETRY_NEXT, 0},
    /* Azure */
    {401, "401", NULL, "Access denied due to invalid subscription key or wrong API endpoint.", 77, RETRY_NEXT, 0},
    {404, "404", NULL, "Resource not found", 69, RETRY_NEXT, 0},
    {404, "DeploymentNotFound", NULL, "The API deployment for this resource does not exist.", 69, RETRY_NEXT, 0},
    {400, "content_filter", NULL,
	"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", 4,
	RETRY_MODEL, 0},
    {200, "content_filter", NULL, "The response was filtered", 4, RETRY_MODEL, 403},
    /* Anthropic */
    {400, NULL, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", 6, RETRY_NEXT,
	0},
    {401, NULL, "authentication_error", "invalid x-api-key", 77, RETRY_NEXT, 0},
    {403, NULL, "permission_error", "Your API key does not have permission", 77, RETRY_NEXT, 0},
    {404, NULL, "not_found_error", "model: claude-9", 69, RETRY_NEXT, 0},
    {413, NULL, "request_too_large", "Request exceeds the maximum allowed number of bytes.", 65, RETRY_MODEL, 0},
    {429, NULL, "rate_limit_error", "This request would exceed your account's rate limit.", 75, RETRY_ROUND, 0},
    {500, NULL, "api_error", "Internal server error", 75, RETRY_ROUND, 0},
    {529, NULL, "overloaded_error", "Overloaded", 75, RETRY_ROUND, 0},
    {200, NULL, "overloaded_error", "Overloaded", 75, RETRY_ROUND, 529},
    {200, NULL, "api_error", "Internal server error", 75, RETRY_ROUND, 500},
    {402, NULL, "billing_error", "Payment required", 6, RETRY_NEXT, 0},
    /* Google: a bad key is a 400 */
    {400, "400", NULL, "API key not valid. Please pass a valid API key.", 77, RETRY_NEXT, 0},
    {403, "403", NULL, "Generative Language API has not been used in project 1 before or it is disabled.", 77,
	RETRY_NEXT, 0},
    {429, "429", NULL, "Resource has been exhausted (e.g. check quota).", 75, RETRY_ROUND, 0},
    /* xAI: flat, and a bad key is a 400 */
    {400, "Client specified an invalid argument", NULL,
	"Incorrect API key provided: xa***12. You can obtain an API key from https://console.x.ai.", 77, RETRY_NEXT, 0},
    /* DeepSeek: type and code contradict each other */
    {401, "invalid_request_error", "authentication_error", "Authentication Fails, Your api key: ****ey is invalid", 77,
	RETRY_NEXT, 0},
    {402, "invalid_request_error", "unknown_error", "Insufficient Balance", 6, RETRY_NEXT, 0},
    {400, "invalid_request_error", "invalid_request_error", "Failed to deserialize the JSON body into the target type",
	65, RETRY_MODEL, 0},
    /* Mistral, Moonshot, Groq, llama.cpp, Perplexity, Cohere */
    {401, NULL, NULL, "Unauthorized", 77, RETRY_NEXT, 0},
    {400, "1500", "invalid_request_error", "logprobs is not supported", 65, RETRY_MODEL, 0},
    {429, NULL, "exceeded_current_quota_error", "Your account is suspended, please recharge", 6, RETRY_NEXT, 0},
    {429, NULL, "engine_overloaded_error", "The engine is currently overloaded", 75, RETRY_ROUND, 0},
    {401, NULL, "invalid_authentication_error", "Invalid Authentication", 77, RETRY_NEXT, 0},
    {400, "tool_use_failed", "invalid_request_error", "Failed to call a function.", 65, RETRY_MODEL, 0},
    {200, "tool_use_failed", "invalid_request_error", "Failed to call a function.", 65, RETRY_MODEL, 400},
    {400, "400", "exceed_context_size_error", "the request exceeds the available context size", 65, RETRY_MODEL, 0},
    {501, "501", "not_supported_error", "This server does not support embeddings.", 69, RETRY_NEXT, 0},
    {400, "400", "invalid_message", "Last message must have role `user`", 65, RETRY_MODEL, 0},
    {401, NULL, NULL, "invalid api token", 77, RETRY_NEXT, 0},

    /* OpenRouter */
    {401, "401", NULL, "No auth credentials found", 77, RETRY_NEXT, 0},
    {401, "401", NULL, "User not found.", 77, RETRY_NEXT, 0},
    {402, "402", NULL, "Insufficient credits. Add more using https://openrouter.ai/settings/credits", 6, RETRY_NEXT, 0},
    {402, "402", NULL, "This request requires more credits, or fewer max_tokens.", 6, RETRY_NEXT, 0},
    {403, "403", NULL, "openai/gpt-4o requires moderation on OpenAI. Your input was flagged for \"violence\".", 4,
	RETRY_MODEL, 0},
    {403, "403", NULL, "Request blocked by guardrail: prompt injection", 4, RETRY_MODEL, 0},
    {403, "403", NULL, "Workspace monthly budget of $500.00 exceeded. Contact your org admin.", 6, RETRY_NEXT, 0},
    {403, "403", NULL, "Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys", 6,
	RETRY_NEXT, 0},
    {403, "403", NULL, "This model is not available in your region.", 77, RETRY_NEXT, 0},
    {403, NULL, "permission_denied", "Only management keys may do that", 77, RETRY_NEXT, 0},
    {400, "400", NULL, "acme/fake-1.0 is not a valid model ID", 69, RETRY_NEXT, 0},
    {404, "404", NULL, "No endpoints found for acme/x.", 69, RETRY_NEXT, 0},
    {404, "404", NULL, "No endpoints found matching your data policy (Zero data retention).", 69, RETRY_NEXT, 0},
    {404, "404", NULL, "No allowed providers are available for the selected model.", 69, RETRY_NEXT, 0},
    {400, "model_not_found", NULL, "no such model", 69, RETRY_NEXT, 0},
    {404, "privacy_restricted", NULL, "all endpoints are excluded", 69, RETRY_NEXT, 0},
    {404, "free_variant_ended", NULL, "the free period has ended", 69, RETRY_NEXT, 0},
    {429, "429", NULL, "Rate limit exceeded: free-models-per-day", 75, RETRY_ROUND, 0},
    {429, "429", NULL, "Provider returned error: acme/x is temporarily rate-limited upstream", 75, RETRY_ROUND, 0},
    {429, "capacity_exhausted", NULL, "All providers for X are at capacity. Retry after 40 seconds.", 75, RETRY_ROUND,
	0},
    {503, "temporarily_unavailable", NULL, "no provider meets the routing demands", 75, RETRY_ROUND, 0},
    {502, "502", NULL, "Provider returned error", 75, RETRY_ROUND, 0},
    {200, NULL, "context_length_exceeded", "maximum context length", 65, RETRY_MODEL, 400},
    {200, NULL, "max_tokens_exceeded", NULL, 65, RETRY_MODEL, 400},
    {200, NULL, "authentication", NULL, 77, RETRY_NEXT, 401},
    {200, NULL, "payment_required", NULL, 6, RETRY_NEXT, 402},
    {200, NULL, "permission_denied", "nope", 77, RETRY_NEXT, 403},
    {200, NULL, "permission_denied", "blocked by moderation", 4, RETRY_MODEL, 403},
    {200, NULL, "not_found", NULL, 69, RETRY_NEXT, 404},
    {200, NULL, "precondition_failed", NULL, 65, RETRY_MODEL, 412},
    {200, NULL, "payload_too_large", NULL, 65, RETRY_MODEL, 413},
    {200, NULL, "unprocessable", NULL, 65, RETRY_MODEL, 422},
    {200, NULL, "rate_limit_exceeded", NULL, 75, RETRY_ROUND, 429},
    {200, NULL, "server", NULL, 75, RETRY_ROUND, 500},
    {200, NULL, "unmapped", NULL, 75, RETRY_ROUND, 502},
    {200, NULL, "provider_unavailable", NULL, 75, RETRY_ROUND, 502},
    {200, NULL, "provider_overloaded", NULL, 75, RETRY_ROUND, 503},
    {200, NULL, "timeout", NULL, 75, RETRY_ROUND, 504},
    {200, NULL, "content_policy_violation", NULL, 4, RETRY_MODEL, 403},
    {200, NULL, "refusal", NULL, 4, RETRY_MODEL, 403},
    {400, NULL, "refusal", "the model refused", 4, RETRY_MODEL, 0},
    {200, NULL, "string_too_long", NULL, 65, RETRY_MODEL, 400},
    {200, NULL, "invalid_image", NULL, 65, RETRY_MODEL, 400},
    {200, NULL, "image_too_large", NULL, 65, RETRY_MODEL, 400},
    {200, NULL, "unsupported_image_format", NULL, 65, RETRY_MODEL, 400},
    {200, NULL, "token_limit_exceeded", NULL, 65, RETRY_MODEL, 400},

    /* a status that is none, and words that say nothing: 502 */
    {0, NULL, NULL, NULL, 75, RETRY_ROUND, 502},
    {200, NULL, NULL, "something went wrong", 75, RETRY_ROUND, 502},
    {0, "weird", "stranger", "?", 75, RETRY_ROUND, 502},
    {200, "", "", "", 75, RETRY_ROUND, 502},
    {200, NULL, NULL, "Insufficient credits", 6, RETRY_NEXT, 402},
    /* a server's own trouble isn't talked away by words */
    {503, NULL, NULL, "quota service unavailable: insufficient_quota check failed", 75, RETRY_ROUND, 0},
    {500, NULL, "authentication_error", "the authentication service is down", 75, RETRY_ROUND, 0},
    {502, NULL, NULL, "upstream said: invalid api key", 75, RETRY_ROUND, 0},
    {500, NULL, NULL, "api key is invalid", 75, RETRY_ROUND, 0},
    /* a word for programs is enough */
    {429, "insufficient_quota", NULL, NULL, 6, RETRY_NEXT, 0},
    {429, NULL, "insufficient_quota", NULL, 6, RETRY_NEXT, 0},
    {400, "context_length_exceeded", NULL, NULL, 65, RETRY_MODEL, 0},
    {404, "model_not_found", NULL, NULL, 69, RETRY_NEXT, 0},
    {429, NULL, NULL, "insufficient_quota", 6, RETRY_NEXT, 0},
    /* case doesn't matter */
    {400, "Invalid_API_Key", NULL, NULL, 77, RETRY_NEXT, 0},
    {400, NULL, NULL, "INVALID API KEY", 77, RETRY_NEXT, 0},
};

static void
table(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct fault f = {faults[i].http, faults[i].code, faults[i].type, faults[i].message};
		struct err e = {0};
		int told = faults[i].told ? faults[i].told : faults[i].http;
		int r = fault_err(&f, &e);
		int ok =
		    r == -1 && err_status(&e) == faults[i].status && err_retry(&e) == faults[i].retry && e.http == told;
		tap_ok(ok, "%d %s %s: %.60s", f.http, f.code ? f.code : "-", f.type ? f.type : "-",
		    f.message ? f.message : "-");
		if (!ok)
			printf("# got:  status %d, retry %d, http %d\n# want: status %d, retry %d, http %d\n",
			    err_status(&e), (int)err_retry(&e), e.http, faults[i].status, (int)faults[i].retry, told);
	}
}

static void
messages(void)
{
	struct fault f = {429, NULL, NULL, "slow\ndown\x1b[31m"};
	struct err e = {0};

	fault_err(&f, &e);
	tap_is_str(e.msg, "429 slow down [31m", "the status and the provider's words, on one line");
	f = (struct fault){503, NULL, NULL, ""};
	fault_err(&f, &e);
	tap_ok(strncmp(e.msg, "503 ", 4) == 0 && strlen(e.msg) > 4, "no words of theirs: ours (%s)", e.msg);
	tap_is_int(fault_err(&f, &e), -1, "the result is always -1");
}

static void
words(void)
{
	tap_is_int(fault_http_of("rate_limit_exceeded"), 429, "a word's status");
	tap_is_int(fault_http_of("Overloaded_Error"), 529, "in any case");
	tap_is_int(fault_http_of("no such word"), 0, "no word");
	tap_is_int(fault_http_of(""), 0, "the empty word");
	tap_is_int(fault_http_of(NULL), 0, "none at all");
}

int
main(void)
{
	table();
	messages();
	words();
	return tap_done();
}
