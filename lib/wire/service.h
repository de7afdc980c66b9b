/* SPDX-License-Identifier: ISC */
/*
 * service: how a provider is called, beside the format of its bodies: its list of models, headers, signatures. Pure. Apart from wire.h,
 * so that a tool that only lists models needn't hold all formats.
 *
 * Sources: the API references of OpenAI, Anthropic (list models), Google (models.list), Cohere, Ollama, Amazon (ListFoundationModels).
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdint.h>

struct buf;
struct err;
struct provider;
struct wire_call;

struct service {
	const char *wire; /* the format's name */
	const char *
	    list_path; /* of the list of models, from the base URL, with its query; NULL: list_url makes it, or there is none */
	const char *const *header; /* "Name: value" that each call needs; NULL-terminated; NULL: none */
	void (*list_url)(struct buf *url, const struct provider *p); /* appends the whole URL of the list */
	/* Adds header lines that prove who calls; now_s: seconds since 1970. NULL: the provider's auth alone does it. */
	int (*sign)(struct wire_call *c, const struct provider *p, const char *method, int64_t now_s, struct err *e);
	unsigned tiers; /* SERVICE_ bits: dearer ones that a request can ask for */
};

enum {
	SERVICE_TIERS = 1 << 0, /* by a word: "priority" */
	SERVICE_FAST = 1 << 1   /* the same model, faster */
};

/* NULL: there is no such wire. */
const struct service *service_get(const char *wire);
/* Adds what proves who calls, by sign or by the provider's auth: its key was looked up. */
int service_authorise(const struct service *s, struct wire_call *c, const struct provider *p, const char *method,
    int64_t now_s, struct err *e);

#endif
