/* SPDX-License-Identifier: ISC */
/*
 * Function calls. They come whole, mostly without an id; where the request asked for it, their arguments come piece by
 * piece: a part with the name, parts with partialArgs, and at last one without willContinue, or an empty one, or none
 * at all.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "wire/decoder.h"
#include "wire/gemini.h"
#include "wire/gemini_state.h"
#include "wire/members.h"

#define MAX_CALLS 1024 /* of one answer */
#define MAX_ID 64      /* bytes of a responseId that an id is made of */

static int
too_much(struct decoder *d, const char *what)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "a function call %s", what);
	return decoder_fail(d, &e, NULL, 0);
}

/* Appends what is allowed in an id everywhere. */
static void
add_word(struct buf *b, const char *s)
{
	for (size_t i = 0; i < MAX_ID && s[i]; i++)
		if ((s[i] >= '0' && s[i] <= '9') || ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') || s[i] == '-' ||
		    s[i] == '_')
			buf_addc(b, s[i]);
}

/* For a call without an id: one that no other answer has, where this one has an id. */
static void
make_id(struct buf *b, const struct gemini_state *g, const char *name)
{
	buf_adds(b, GEMINI_MADE_ID);
	add_word(b, g->id && *g->id ? g->id : name);
	buf_addf(b, "_%d", g->n_calls);
}

static int
begin(struct decoder *d, const struct json *j, int id, int name, int signature, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct gemini_choice *c = g->choice + choice;
	struct event ev = {.type = EVENT_TOOL_BEGIN, .choice = choice, .index = c->n_call};
	struct buf made = BUF_INIT;
	char *text = json_dup(j, name, NULL);

	if (json_str(j, id, &made) || !made.len)
		make_id(&made, g, text ? text : "");
	c->n_call++;
	g->n_calls++;
	ev.id = buf_str(&made);
	ev.name = text ? text : "";
	int r = gemini_signature(d, j, signature, ev.id, choice);
	if (!r)
		r = decoder_emit(d, &ev);
	free(text);
	buf_release(&made);
	return r;
}

static int
finish(struct decoder *d, const struct buf *args, int choice)
{
	struct gemini_choice *c = gemini_state(d)->choice + choice;
	struct event ev = {.type = EVENT_TOOL_ARGS, .choice = choice, .index = c->n_call - 1};

	ev.s = args->p;
	ev.n = args->len;
	int r = decoder_emit(d, &ev);
	ev = (struct event){.type = EVENT_TOOL_END, .choice = choice, .index = c->n_call - 1};
	return r ? r : decoder_emit(d, &ev);
}

static int
whole_call(struct decoder *d, const struct json *j, int args, int choice)
{
	struct gemini_state *g = gemini_state(d);
	size_t n;
	const char *raw = json_raw(j, args, &n);

	buf_clear(&g->made);
	if (json_type(j, args) == JSON_OBJECT)
		gemini_compact(raw, n, &g->made);
	else
		buf_adds(&g->made, "{}");
	return finish(d, &g->made, choice);
}

int
gemini_end_call(struct decoder *d, int choice)
{
	struct gemini_state *g = gemini_state(d);
	struct gemini_choice *c = g->choice + choice;

	if (!c->open)
		return 0;
	buf_clear(&g->made);
	gemini_args_write(c->args, &g->made);
	gemini_args_free(c->args);
	c->args = NULL;
	c->open = 0;
	return finish(d, &g->made, choice);
}

static int
go_on(struct decoder *d, const struct json *j, int pieces, int more, int choice)
{
	struct gemini_choice *c = gemini_state(d)->choice + choice;

	if (json_type(j, pieces) == JSON_ARRAY)
		for (int i = json_child(j, pieces); i >= 0; i = json_next(j, pieces, i))
			if (gemini_args_add(&c->args, j, i))
				return too_much(d, "whose pieces can't be put together");
	return more ? 0 : gemini_end_call(d, choice);
}

int
gemini_call(struct decoder *d, const struct json *j, int call, int signature, int choice)
{
	enum { NAME, ID, ARGS, PARTIAL, CONTINUE, N };
	static const struct member names[N] = {
	    MEMBER("name"), MEMBER("id"), MEMBER("args"), MEMBER("partialArgs"), MEMBER("willContinue")};
	struct gemini_state *g = gemini_state(d);
	struct gemini_choice *c = g->choice + choice;
	int m[N], r;

	members_find(j, call, names, N, m);
	int more = json_bool(j, m[CONTINUE]) == 1,
	    named = json_type(j, m[NAME]) == JSON_STRING && !json_eq(j, m[NAME], "");
	if (!named && c->open)
		return go_on(d, j, m[PARTIAL], more, choice);
	if (!named)
		return 0;
	if (g->n_calls >= MAX_CALLS)
		return too_much(d, "too many");
	r = gemini_end_call(d, choice);
	if (!r)
		r = begin(d, j, m[ID], m[NAME], signature, choice);
	if (r)
		return r;
	if (!more && m[PARTIAL] < 0)
		return whole_call(d, j, m[ARGS], choice);
	c->open = 1;
	return go_on(d, j, m[PARTIAL], more, choice);
}
