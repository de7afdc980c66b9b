/* SPDX-License-Identifier: ISC */
/*
 * native: a logical model, author/slug, found in a provider's own list. Pure.
 *
 * Providers write the same name with dots or dashes, with a date or without ("claude-3-5-sonnet-20241022" is anthropic/claude-3.5-sonnet),
 * alone or behind its author ("openai/gpt-oss-120b", "anthropic.claude-3-5-sonnet-20241022-v2:0").
 */
#ifndef NATIVE_H
#define NATIVE_H

struct model;
struct models;

/* The author whose models a provider lists by bare names. slug: the provider's at OpenRouter, or NULL. NULL: nobody's. Borrowed. */
const char *native_author(const char *slug);
/* The row that is this model. An id that is the name but for dots and case comes first, then the newest of those that have a date
 * behind it. author: native_author()'s. NULL: none. Borrowed. */
const struct model *native_find(const struct models *ms, const char *author, const char *name);

#endif
