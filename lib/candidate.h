/* SPDX-License-Identifier: ISC */
/* candidate: one place that a call may go to: a provider and its own name of the model. */
#ifndef CANDIDATE_H
#define CANDIDATE_H

struct endpoint;
struct provider;

struct candidate {
	struct provider *provider; /* borrowed */
	char *model;               /* owned: the provider's native id */
	char *name; /* owned: the name it was asked for by, without variants of the route: "openai/gpt-4o" */
	int chain;  /* number of the model in the chain, from 0 */
	int cache;  /* ask for prompt caching, where that has to be asked for */
	const struct endpoint *endpoint; /* borrowed: what is known of its prices and limits; NULL: nothing */
};

#endif
