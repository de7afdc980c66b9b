/* SPDX-License-Identifier: ISC */
/*
 * mock: the built-in provider. Pure. It writes a play script as an OpenAI stream, so that what it tests is the real path.
 *
 * mock/echo answers with the last user message, word by word; tokens are words. The request's `mock` object plays faults: status,
 * retry_after (s), cut_after (words), finish, delay_ms (a word), text, fail_times (attempts of this call that fail first).
 */
#ifndef MOCK_H
#define MOCK_H

#include <stdint.h>

struct err;
struct json;
struct play;

/* model: "echo", or "embed" where the request has `input`. attempt: how many attempts of this call came before. ERR_NOMODEL for another model, ERR_DATA for a bad `mock`. */
int mock_play(struct play *out, const char *model, const struct json *req, int attempt, struct err *e);
/* What a chat would use, in words: the prompt's, and the answer's without a limit. */
void mock_words(const struct json *req, int64_t *prompt, int64_t *answer);
/* What mock/embed would use, in words. */
int64_t mock_embed_words(const struct json *req);
/* The answer of mock/embed: a unit vector for each of `input`, of 64 numbers or `dimensions`, the same wherever and whenever it is made; base64,
 * but numbers where encoding_format is float. cut: it breaks off in the middle. */
void mock_embed(struct play *out, const struct json *req, int64_t delay_ms, int cut);

#endif
