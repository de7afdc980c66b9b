/* SPDX-License-Identifier: ISC */
#include "wire/fault.h"

#include <string.h>
#include <strings.h>

#include "err.h"

struct word {
	const char *text; /* lower case; looked for in code, type or message */
	enum err_kind kind;
};

/* Looked for in code and type, which are made for programs: exact words. */
static const struct word codes[] = {
    {"invalid_api_key", ERR_AUTH}, {"api_key_invalid", ERR_AUTH}, {"authentication_error", ERR_AUTH},
    {"authentication", ERR_AUTH}, {"invalid_authentication_error", ERR_AUTH}, /* Moonshot */
    {"invalidapikey", ERR_AUTH},                                              /* Alibaba */
    {"unauthenticated", ERR_AUTH},                                            /* Google */
    {"unauthorized", ERR_AUTH}, {"expired_api_key", ERR_AUTH}, {"insufficient_quota", ERR_MONEY},
    {"exceeded_current_quota_error", ERR_MONEY}, {"payment_required", ERR_MONEY}, {"billing_error", ERR_MONEY},
    {"billing_not_active", ERR_MONEY}, {"billing_hard_limit_reached", ERR_MONEY}, {"insufficient_balance", ERR_MONEY},
    {"credit_balance_exhausted", ERR_MONEY}, {"insufficient_credits", ERR_MONEY},
    {"arrearage", ERR_MONEY}, /* Alibaba */
    {"content_policy_violation", ERR_REFUSED}, {"content_filter", ERR_REFUSED}, {"moderation_blocked", ERR_REFUSED},
    {"data_inspection_failed", ERR_REFUSED}, /* Alibaba */
    {"datainspectionfailed", ERR_REFUSED}, {"refusal", ERR_REFUSED}, {"moderation", ERR_REFUSED},
    {"context_length_exceeded", ERR_REQUEST}, {"exceed_context_size_error", ERR_REQUEST},
    {"string_above_max_length", ERR_REQUEST}, {"max_tokens_exceeded", ERR_REQUEST},
    {"token_limit_exceeded", ERR_REQUEST}, {"string_too_long", ERR_REQUEST},
    {"too_many_prompt_tokens", ERR_REQUEST},                          /* Perplexity */
    {"model_not_found", ERR_NOMODEL}, {"invalid_model", ERR_NOMODEL}, /* Mistral, Perplexity: 400 */
    {"model_decommissioned", ERR_NOMODEL},                            /* Groq, 400 */
    {"model_not_available", ERR_NOMODEL},                             /* Together */
    {"no_endpoints", ERR_NOMODEL}, {"model_deprecated", ERR_NOMODEL}, {"model_unavailable_upstream", ERR_NOMODEL},
    {"privacy_restricted", ERR_NOMODEL}, {"constraint_filtered", ERR_NOMODEL}, {"free_variant_ended", ERR_NOMODEL},
    {"resource_exhausted", ERR_TEMPORARY}, /* Google says "you exceeded your current quota" of requests a minute too */
};

/* Looked for in the message, where nothing better is there. Each has been seen, with the status behind it. */
static const struct word phrases[] = {
    {"incorrect api key", ERR_AUTH}, /* xAI, 400 */
    {"api key not valid", ERR_AUTH}, /* Google, 400 */
    {"invalid api key", ERR_AUTH}, {"api key is invalid", ERR_AUTH}, {"no auth credentials found", ERR_AUTH},
    {"insufficient_quota", ERR_MONEY}, {"insufficient credits", ERR_MONEY}, {"insufficient balance", ERR_MONEY},
    {"credit balance is too low", ERR_MONEY}, /* Anthropic, 400 */
    {"exceeded your current quota", ERR_MONEY}, {"requires more credits", ERR_MONEY},
    {"not a valid model id", ERR_NOMODEL}, /* OpenRouter, 400 */
    {"no allowed providers", ERR_NOMODEL}, {"no endpoints found", ERR_NOMODEL},
    {"model not exist", ERR_NOMODEL},   /* DeepSeek, 400 */
    {"unknown model", ERR_NOMODEL},     /* Z.AI, 400 */
    {"sensitive content", ERR_REFUSED}, /* Z.AI, 400 */
};

/* Only a 403 is looked at more closely: whose policy was it? */
static const struct word forbidden[] = {
    {"moderation", ERR_REFUSED},
    {"flagged", ERR_REFUSED},
    {"guardrail", ERR_REFUSED},
    {"content policy", ERR_REFUSED},
    {"content_policy", ERR_REFUSED},
    {"safety", ERR_REFUSED},
    {"usage guidelines", ERR_REFUSED}, /* xAI */
    {"budget", ERR_MONEY},
    {"spend limit", ERR_MONEY},
    {"key limit exceeded", ERR_MONEY},
};

/* Error words that arrive without a status, as in a stream. */
static const struct {
	const char *word;
	int http;
} statuses[] = {
    {"rate_limit_exceeded", 429},
    {"rate_limit_error", 429},
    {"rate_limit_reached_error", 429},
    {"resource_exhausted", 429},
    {"throttling", 429},
    {"too_many_requests", 429},
    {"server_error", 500},
    {"internal_server_error", 500},
    {"internal_error", 500},
    {"internal", 500},
    {"server", 500},
    {"api_error", 500},
    {"overloaded_error", 529},
    {"engine_overloaded_error", 503},
    {"overloaded", 503},
    {"unavailable", 503},
    {"service_unavailable", 503},
    {"provider_unavailable", 502},
    {"provider_overloaded", 503},
    {"timeout", 504},
    {"timeout_error", 504},
    {"deadline_exceeded", 504},
    {"gateway_timeout", 504},
    {"invalid_request_error", 400},
    {"invalid_request", 400},
    {"invalid_prompt", 400},
    {"invalid_argument", 400},
    {"bad_request", 400},
    {"tool_use_failed", 400},
    {"not_found", 404},
    {"not_found_error", 404},
    {"permission_denied", 403},
    {"permission_error", 403},
    {"forbidden", 403},
    {"payload_too_large", 413},
    {"request_too_large", 413},
    {"precondition_failed", 412},
    {"string_too_long", 400},
    {"invalid_image", 400},
    {"image_too_large", 400},
    {"image_too_small", 400},
    {"unsupported_image_format", 400},
    {"image_download_failed", 400},
    {"image_not_found", 404},
    {"unprocessable", 422},
};

#define N(a) (sizeof(a) / sizeof(*(a)))

int
fault_http_of(const char *word)
{
	for (size_t i = 0; word && i < N(statuses); i++)
		if (strcasecmp(statuses[i].word, word) == 0)
			return statuses[i].http;
	return 0;
}

static enum err_kind
by_code(const char *code)
{
	for (size_t i = 0; code && i < N(codes); i++)
		if (strcasecmp(codes[i].text, code) == 0)
			return codes[i].kind;
	return ERR_NONE;
}

static enum err_kind
by_phrase(const struct word *w, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (strcasestr(text, w[i].text))
			return w[i].kind;
	return ERR_NONE;
}

static enum err_kind
by_status(const struct fault *f, int http)
{
	enum err_kind k;

	switch (http) {
	case 401:
		return ERR_AUTH;
	case 402:
		return ERR_MONEY;
	case 403:
		k = by_phrase(forbidden, N(forbidden), f->message);
		if (!k)
			k = by_phrase(forbidden, N(forbidden), f->code);
		if (!k)
			k = by_phrase(forbidden, N(forbidden), f->type);
		return k ? k : ERR_AUTH;
	case 404:
		return ERR_NOMODEL;
	case 408:
	case 409:
	case 425:
	case 429:
	case 499: /* the connection to the upstream was closed */
		return ERR_TEMPORARY;
	case 410:
	case 501:
	case 505:
		return ERR_HOST;
	case 451:
		return ERR_REFUSED;
	}
	if (http >= 300 && http < 400)
		return ERR_HOST;
	return http >= 400 && http < 500 ? ERR_REQUEST : ERR_TEMPORARY;
}

/* What program words or phrases say, unless the status says that trying later helps: a 503 that mentions a
 * quota is still a 503, a 429 for an empty account isn't. */
static enum err_kind
by_words(const struct fault *f, int http)
{
	enum err_kind k = by_code(f->code);

	if (!k)
		k = by_code(f->type);
	/* DeepSeek and OpenRouter say "authentication" only with 401; others pair it with other words */
	if (k == ERR_AUTH && http >= 500)
		k = ERR_NONE;
	if (!k && http < 500 && http != 403)
		k = by_phrase(phrases, N(phrases), f->message);
	return k;
}

/* The message's own words, where nothing made for programs tells. */
static int
said(const char *message)
{
	static const struct {
		const char *words;
		int http;
	} table[] = {
	    {"too many requests", 429}, {"rate limit", 429}, {"per minute request limit", 429}, {"overloaded", 503}};

	for (size_t i = 0; message && *message != '{' && i < N(table); i++)
		if (strcasestr(message, table[i].words))
			return table[i].http;
	return 0;
}

static int
implied(const struct fault *f)
{
	int http = f->http >= 300 ? f->http : 0;

	if (!http)
		http = fault_http_of(f->code);
	if (!http)
		http = fault_http_of(f->type);
	return http || by_code(f->code) || by_code(f->type) ? http : said(f->message);
}

static int
status_of_kind(enum err_kind k)
{
	switch (k) {
	case ERR_AUTH:
		return 401;
	case ERR_MONEY:
		return 402;
	case ERR_REFUSED:
		return 403;
	case ERR_REQUEST:
		return 400;
	case ERR_NOMODEL:
		return 404;
	default:
		return 502;
	}
}

int
fault_err(const struct fault *f, struct err *e)
{
	int http = implied(f);
	enum err_kind k = by_words(f, http);

	if (!http)
		http = status_of_kind(k);
	if (!k)
		k = by_status(f, http);
	err_set(e, k, "%d %s", http, f->message && *f->message ? f->message : err_word(k));
	e->http = http;
	return -1;
}
