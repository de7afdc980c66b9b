/* SPDX-License-Identifier: ISC */
/*
 * template: the chunks of one stream that differ in one string only, decoded without being parsed. Pure.
 *
 * Most chunks of a stream repeat their id, model, time, index byte for byte; new is the text. When the decoder has parsed a chunk that
 * meant one event, whose text is one JSON string of the chunk, it remembers the bytes before the string (head), those after it (tail) and
 * the event. A later chunk that has the same name, begins with head, ends with tail and has the inside of one valid JSON string between them means the
 * same event with the new text, because:
 *   - head, any valid string, tail is valid JSON with the same nodes as the chunk that was parsed, but for that one string;
 *   - a wire decides by members' names, types and other values, all of them in head and tail; of the string that became the event's text
 *     it asks only whether it is empty and what it decodes to. An empty string is therefore no match, and neither is one that might hold
 *     half a surrogate pair, since those wait for their other half;
 *   - a wire says (decoder.steady) whether a chunk left its state as it was. Only such chunks are remembered, and any chunk that is
 *     parsed takes the old template's place or clears it: the state behind a template is the state it was learned in.
 * What doesn't match is parsed as ever. The unit test and the fuzzer hold both ways against each other.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>

#include "buf.h"
#include "event.h"
#include "json.h"

struct template
{
	char event[32];   /* the SSE event's name, or a frame's */
	struct buf frame; /* what stands around the string, its quotes included; empty: nothing is remembered */
	size_t n_head;    /* bytes of it that stand in front */
	enum event_type type;
	int choice, index, refusal; /* of the event, which has nothing else but its text */
	struct json json;           /* reused: the string alone */
	struct buf scratch;         /* its text, where it has escapes */
};

void template_release(struct template *t);
void template_clear(struct template *t);
/* The chunk data, of an SSE event or frame of this name, meant just ev. Remembers it, where its text is a string of data without escapes;
 * else clears. */
void template_learn(struct template *t, const char *event, const char *data, size_t n, const struct event *ev);
/* 1: *ev is what the chunk means, its text borrowed from data or t. 0: it has to be parsed. */
int template_match(struct template *t, const char *event, const char *data, size_t n, struct event *ev);

#endif
