/* SPDX-License-Identifier: ISC */
/*
 * completions: the logprobs of OpenAI's old format, which are lists side by side (tokens, token_logprobs, top_logprobs as objects) where a
 * chat has one list of objects. Pure. Private to lib/wire/completions_*.c.
 *
 * Source: OpenAI's API reference, "Completions (legacy)" and "Chat".
 */
#ifndef COMPLETIONS_H
#define COMPLETIONS_H

#include <stddef.h>

struct buf;
struct json;
struct jsonw;

/* Has an answer, or a chunk of one, such logprobs? */
int completions_has_logprobs(const struct json *j);
/* Appends the answer with a chat's logprobs in their place. */
void completions_chat_logprobs(const struct json *j, struct buf *out);
/* Writes those of a chat, {"content":[...]}, as the old format has them. 1: something was lost. */
int completions_old_logprobs(struct jsonw *w, const char *raw, size_t n);

#endif
