/* SPDX-License-Identifier: ISC */
/*
 * caching: which candidates are asked to cache the prompt. Anthropic's models have to be asked, and charge for writing the cache: it pays
 * where the prompt comes again.
 */
#ifndef CACHING_H
#define CACHING_H

struct json;
struct names;
struct providers;

enum caching { CACHING_AUTO, CACHING_YES, CACHING_NO };

/* Will the prompt come again? A request with a session, or with two turns and more, is a part of a conversation. */
int caching_expects(const struct json *request);
/* Sets `cache` of the candidates. comes_again: for CACHING_AUTO, which also wants a price of a cache read in the cached catalog. */
void caching_choose(struct names *n, struct providers *ps, enum caching how, int comes_again);

#endif
