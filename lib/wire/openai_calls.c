/* SPDX-License-Identifier: ISC */
/* Tool calls, whole or in deltas. OpenAI says: a call is its index. Others leave out the index, the id or both (DEVIATIONS.md). */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "mem.h"
#include "wire/decoder.h"
#include "wire/members.h"
#include "wire/openai_state.h"

#define MAX_CALLS 1024         /* tool calls of one answer */
#define MAX_HELD (1024 * 1024) /* bytes of their ids, names and arguments that wait for a name */

/* What one item of tool_calls says. */
struct item {
	int64_t index; /* -1: unsaid */
	char *id;      /* owned; NULL: unsaid or empty */
	char *name;    /* the same */
	int args;      /* node */
	int has_args;  /* and it isn't empty */
};

static int
too_much(struct decoder *d, const char *what)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "the answer's tool calls have too many %s", what);
	return decoder_fail(d, &e, NULL, 0);
}

/* NULL for "" as well. */
static char *
word(const struct json *j, int node)
{
	char *s = json_dup(j, node, NULL);

	if (s && !*s) {
		free(s);
		s = NULL;
	}
	return s;
}

static int
other(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

/*
 * The call that an item goes on with, or NULL: it begins one. The index decides, else the id, else it is the last one. But an item with a
 * name begins a call where the id is another one (Gemini's compatible endpoint numbers all calls 0), and where there's neither an id to
 * tell nor a call without a name that waits for it. An id alone may change from delta to delta (older vLLM).
 */
static struct openai_call *
find_call(struct openai_state *o, int choice, const struct item *it)
{
	for (size_t i = o->n_call; i-- > 0;) {
		struct openai_call *c = o->call + i;
		int same_id = it->id && c->id && strcmp(it->id, c->id) == 0;
		if (c->choice != choice)
			continue;
		if (it->index >= 0 && c->wire_index >= 0 ? c->wire_index != it->index : it->id && c->id && !same_id)
			continue;
		if (!it->name || !c->name)
			return it->name && other(it->id, c->id) ? NULL : c;
		return same_id ? c : NULL;
	}
	return NULL;
}

static struct openai_call *
new_call(struct openai_state *o, int choice, const struct item *it)
{
	o->call = mem_grow(o->call, o->n_call, &o->cap_call, sizeof(*o->call));
	struct openai_call *c = o->call + o->n_call++;
	*c = (struct openai_call){
	    .choice = choice, .wire_index = it->index, .index = o->choice[choice].n_call++, .early = BUF_INIT};
	o->n_changes++;
	return c;
}

/* Takes an id or a name that the call lacks. */
static void
learn(struct openai_state *o, char **to, char **from)
{
	if (*to || !*from)
		return;
	*to = *from;
	*from = NULL;
	o->held_bytes += strlen(*to);
	o->n_changes++;
}

static int
begin(struct decoder *d, struct openai_call *c)
{
	struct event ev = {
	    .type = EVENT_TOOL_BEGIN, .choice = c->choice, .index = c->index, .id = c->id, .name = c->name};

	c->begun = 1;
	openai_state(d)->n_changes++;
	int r = decoder_emit(d, &ev);
	if (!r && c->early.len) {
		struct event args = {.type = EVENT_TOOL_ARGS,
		    .choice = c->choice,
		    .index = c->index,
		    .s = c->early.p,
		    .n = c->early.len};
		r = decoder_emit(d, &args);
	}
	openai_state(d)->held_bytes -= c->early.len;
	buf_release(&c->early);
	return r;
}

/* Calls begin in their order: one that waits for its name or id waits no longer when the next begins. */
static int
begin_up_to(struct decoder *d, struct openai_call *last)
{
	struct openai_state *o = openai_state(d);
	int r = 0;

	const struct more *more = d->more; /* of the last one */

	for (struct openai_call *c = o->call; c <= last && !r; c++) {
		d->more = c == last ? more : NULL;
		if (c->choice == last->choice && !c->begun)
			r = begin(d, c);
	}
	return r;
}

/* Arguments are a string; a few servers send the value itself. */
static int
arguments(struct decoder *d, const struct json *j, int args, struct openai_call *c)
{
	struct openai_state *o = openai_state(d);
	enum json_type t = json_type(j, args);
	struct event ev = {.type = EVENT_TOOL_ARGS, .choice = c->choice, .index = c->index};

	if (t == JSON_STRING && c->begun)
		return openai_string(d, j, args, ev);
	if (t == JSON_STRING)
		ev.s = json_view(j, args, &o->scratch, &ev.n);
	else if (t == JSON_OBJECT || t == JSON_ARRAY)
		ev.s = json_raw(j, args, &ev.n);
	if (!ev.n)
		return 0;
	if (c->begun)
		return decoder_emit(d, &ev);
	buf_add(&c->early, ev.s, ev.n);
	o->held_bytes += ev.n;
	o->n_changes++;
	return 0;
}

/* What came of a call with nothing else of it. */
static int
give_more(struct decoder *d, struct openai_call *c)
{
	struct event ev = {.type = EVENT_TOOL_ARGS, .choice = c->choice, .index = c->index, .s = ""};

	return d->more && (d->more->n[MORE_CALL] || d->more->n[MORE_FUNCTION]) && c->begun ? decoder_emit(d, &ev) : 0;
}

static int
item(struct decoder *d, const struct json *j, struct item *it, int choice)
{
	struct openai_state *o = openai_state(d);
	struct openai_call *c = find_call(o, choice, it);

	if (!c) {
		if (!it->name && !it->id && !it->has_args) /* Snowflake fills unused fields with empty values */
			return 0;
		if (o->n_call >= MAX_CALLS)
			return too_much(d, "calls");
		c = new_call(o, choice, it);
	}
	learn(o, &c->id, &it->id);
	learn(o, &c->name, &it->name);
	if (o->held_bytes > MAX_HELD)
		return too_much(d, "bytes without a name");
	int r = !c->begun && c->name && (c->id || it->has_args) ? begin_up_to(d, c) : 0;
	if (!r)
		r = arguments(d, j, it->args, c);
	return r ? r : give_more(d, c);
}

static int
has_args(const struct json *j, int args)
{
	enum json_type t = json_type(j, args);

	return t == JSON_OBJECT || t == JSON_ARRAY || (t == JSON_STRING && !json_eq(j, args, ""));
}

/* The legacy function_call is a function by itself; OpenAI's custom tools have an input, any text, in place of arguments. */
static int
one(struct decoder *d, const struct json *j, int node, int choice)
{
	enum { INDEX, ID, FUNCTION, CUSTOM, TYPE, OWN_NAME, OWN_ARGUMENTS, OWN_INPUT, N };
	enum { NAME, ARGUMENTS, INPUT, N_FUNCTION };
	static const struct member names[N] = {MEMBER("index"), MEMBER("id"), MEMBER("function"), MEMBER("custom"),
	    MEMBER("type"), MEMBER("name"), MEMBER("arguments"), MEMBER("input")};
	static const struct member inner[N_FUNCTION] = {MEMBER("name"), MEMBER("arguments"), MEMBER("input")};
	struct item it = {.index = -1};
	int m[N], f[N_FUNCTION];

	openai_members(d, j, node, MORE_CALL, names, N, m);
	int function = m[FUNCTION] >= 0 ? m[FUNCTION] : m[CUSTOM];
	openai_members(d, j, function, MORE_FUNCTION, inner, N_FUNCTION, f);
	if (function < 0)
		members_find(j, node, inner, N_FUNCTION, f);
	if (json_int(j, m[INDEX], &it.index) || it.index < 0)
		it.index = -1;
	it.id = word(j, m[ID]);
	it.name = word(j, f[NAME]);
	it.args = f[ARGUMENTS] >= 0 ? f[ARGUMENTS] : f[INPUT];
	it.has_args = has_args(j, it.args);
	int r = item(d, j, &it, choice);
	free(it.id);
	free(it.name);
	return r;
}

int
openai_calls(struct decoder *d, const struct json *j, int calls, int legacy, int choice)
{
	int r = 0;

	if (json_type(j, calls) == JSON_OBJECT)
		return one(d, j, calls, choice);
	if (json_type(j, calls) == JSON_ARRAY && json_count(j, calls)) {
		for (int i = json_child(j, calls); i >= 0 && !r; i = json_next(j, calls, i))
			r = one(d, j, i, choice);
		return r;
	}
	return json_type(j, legacy) == JSON_OBJECT ? one(d, j, legacy, choice) : 0;
}

int
openai_end_calls(struct decoder *d, int choice)
{
	struct openai_state *o = openai_state(d);
	int r = 0;

	for (size_t i = 0; i < o->n_call && !r; i++) {
		struct openai_call *c = o->call + i;
		struct event ev = {.type = EVENT_TOOL_END, .choice = c->choice, .index = c->index};
		if (c->ended || (choice >= 0 && c->choice != choice))
			continue;
		c->ended = 1;
		o->n_changes++;
		r = c->begun ? 0 : begin(d, c);
		if (!r)
			r = decoder_emit(d, &ev);
	}
	return r;
}
