/* SPDX-License-Identifier: ISC */
#include "tape.h"

#include <string.h>

#include "buf.h"
#include "tap.h"

static int
same(const char *a, const char *b, size_t n)
{
	return a && b ? memcmp(a, b, n) == 0 && b[n] == '\0' : a == b;
}

static int
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int
same_more(const struct more *a, const struct more *b)
{
	int same = (a != NULL) == (b != NULL);

	for (int i = 0; a && b && i < N_MORE; i++)
		same &= a->n[i] == b->n[i] && (!a->n[i] || memcmp(a->s[i], b->s[i], a->n[i]) == 0);
	return same;
}

static int
is_same(const struct event *a, const struct event *b)
{
	return a->type == b->type && a->choice == b->choice && a->index == b->index && a->refusal == b->refusal &&
	    a->created == b->created && a->n == b->n && a->raw_len == b->raw_len && same(a->s, b->s, a->n) &&
	    same(a->raw, b->raw, a->raw_len) && same_text(a->id, b->id) && same_text(a->name, b->name) &&
	    same_text(a->provider, b->provider) && same_text(a->native, b->native) &&
	    (a->usage && b->usage ? memcmp(a->usage, b->usage, sizeof(*a->usage)) == 0 : a->usage == b->usage) &&
	    same_more(a->more, b->more);
}

int
main(void)
{
	static const struct usage used = {1, 2, 3, -1, 5, -1, 7, 8, "0.25"};
	static const struct more more = {{"\"a\":1", NULL, "\"b\":[2],\"c\":{}", NULL}, {5, 0, 14, 0}};
	static const struct err bad = {.kind = ERR_TEMPORARY};
	static const struct event v[] = {
	    {.type = EVENT_START, .id = "gen-1", .name = "a/b", .provider = "c", .created = 1790000000},
	    {.type = EVENT_START, .id = ""}, {.type = EVENT_TEXT, .choice = 127, .s = "a\0b", .n = 3},
	    {.type = EVENT_TEXT, .refusal = 1, .s = "", .n = 0},
	    {.type = EVENT_TOOL_BEGIN, .index = 3, .id = "call", .name = "f"},
	    {.type = EVENT_REASONING, .raw = "{\"type\":\"x\"}", .raw_len = 12},
	    {.type = EVENT_FINISH, .s = "stop", .n = 4, .native = "end_turn"},
	    {.type = EVENT_MORE, .choice = -1, .more = &more}, {.type = EVENT_TEXT, .s = "a", .n = 1, .more = &more},
	    {.type = EVENT_USAGE, .usage = &used, .raw = "{}", .raw_len = 2}};
	const size_t n = sizeof(v) / sizeof(*v);
	struct buf tape = BUF_INIT;
	struct event ev;
	struct tape_rest rest;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		tape_add(&tape, v + i);
	tape_add(&tape, &(struct event){.type = EVENT_ERROR, .err = &bad});
	for (size_t i = 0; i < n; i++)
		tap_ok(tape_next(tape.p, tape.len, &at, &ev, &rest) && is_same(v + i, &ev), "event %zu", i);
	tap_ok(!tape_next(tape.p, tape.len, &at, &ev, &rest) && at == tape.len, "then it is over: errors aren't kept");
	at = 0;
	tap_ok(!tape_next(NULL, 0, &at, &ev, &rest), "an empty one");
	buf_release(&tape);
	return tap_done();
}
