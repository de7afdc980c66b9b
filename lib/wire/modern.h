/* SPDX-License-Identifier: ISC */
/*
 * modern: what a canonical request says in an old or a provider's own way, said as canon.h has it. Pure.
 *
 * functions, function_call and messages of role function become tools and their calls; tool_choice "any" (Mistral) becomes "required"; a message's reasoning_content (DeepSeek, Z.AI), or
 * the text that is only in its reasoning_details, becomes its reasoning. For wires other than openai, whose servers know these themselves.
 */
#ifndef MODERN_H
#define MODERN_H

struct buf;
struct json;

/* 1: out got the request; 0: there was nothing to change. */
int modern_request(const struct json *j, struct buf *out);

#endif
