/* SPDX-License-Identifier: ISC */
/*
 * fault: what a provider's error means, whatever format it came in. Pure.
 *
 * The body's word beats the HTTP status: a 400 that says the key is invalid is ERR_AUTH, an exhausted quota is ERR_MONEY. Sources:
 * OpenRouter's errors page, the providers' own error pages, and recorded answers (DEVIATIONS.md).
 */
#ifndef FAULT_H
#define FAULT_H

struct err;

/* What an error object says; NULL and 0: unsaid. */
struct fault {
	int http;            /* HTTP status, or the code in the body where that is one */
	const char *code;    /* "invalid_api_key", "context_length_exceeded", ... */
	const char *type;    /* "insufficient_quota", "authentication_error", ... */
	const char *message; /* for people */
};

/* Fills e: kind, http, msg ("429 slow down"). A status of 200 or 0 without a telling word counts as 502. Returns -1. */
int fault_err(const struct fault *f, struct err *e);
/* The status that an error word stands for ("rate_limit_exceeded": 429), or 0. */
int fault_http_of(const char *word);

#endif
