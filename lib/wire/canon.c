/* SPDX-License-Identifier: ISC */
#include "wire/canon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "mem.h"
#include "providers.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

void
canon_init(struct canon *c, const struct wire_ask *ask, const char *format, struct losses *lost, struct err *e)
{
	*c = (struct canon){.j = ask->request, .ask = ask, .lost = lost, .err = e};
	c->who = ask->provider ? ask->provider->name : format;
}

void
canon_release(struct canon *c)
{
	for (size_t i = 0; i < c->n_call; i++)
		free(c->call[i].id);
	free(c->call);
	buf_release(&c->scratch);
}

int
canon_member(const struct canon *c, int node, const char *key)
{
	int v = json_get(c->j, node, key);

	return json_type(c->j, v) == JSON_NULL ? -1 : v;
}

int
canon_get(const struct canon *c, const char *field)
{
	return canon_member(c, 0, field);
}

char *
canon_dup(const struct canon *c, int node)
{
	return json_dup(c->j, node, NULL);
}

int64_t
canon_limit(const struct canon *c)
{
	int64_t n;

	if (json_int(c->j, canon_get(c, "max_completion_tokens"), &n) == 0 ||
	    json_int(c->j, canon_get(c, "max_tokens"), &n) == 0)
		return n;
	return -1;
}

static int
is_in(const struct json *j, int key, const char *const *names)
{
	for (; names && *names; names++)
		if (json_eq(j, key, *names))
			return 1;
	return 0;
}

/* What asks for the usual, and what asks for something about the answer that we make ourselves. */
static int
is_usual(const struct json *j, int key, int value)
{
	static const char *const ours[] = {
	    "model", "messages", "stream", "stream_options", "usage", "include_reasoning", NULL};
	static const char *const off[] = {"store", "logprobs", "echo", "background", NULL};
	int64_t n;

	if (json_type(j, value) == JSON_NULL || is_in(j, key, ours))
		return 1;
	if (json_bool(j, value) == 0)
		return is_in(j, key, off);
	return json_int(j, value, &n) == 0 && n == 1 && json_eq(j, key, "n");
}

void
canon_lose_members(struct canon *c, int node, const char *where, const char *const *carried)
{
	struct buf name = BUF_INIT;

	for (int k = json_child(c->j, node); k >= 0; k = json_next(c->j, node, json_value(c->j, k))) {
		int v = json_value(c->j, k);
		if (is_in(c->j, k, carried) || json_type(c->j, v) == JSON_NULL || (node == 0 && is_usual(c->j, k, v)))
			continue;
		buf_clear(&name);
		buf_adds(&name, where);
		json_str(c->j, k, &name);
		losses_add(c->lost, buf_str(&name));
	}
	buf_release(&name);
}

void
canon_lose_others(struct canon *c, const char *const *carried)
{
	canon_lose_members(c, 0, "", carried);
}

void
canon_lose(struct canon *c, const char *field)
{
	losses_add(c->lost, field);
}

int
canon_refuse(struct canon *c, const char *type)
{
	if (c->ask->lossy)
		losses_add_content(c->lost, type);
	else if (!c->failed)
		c->failed = err_set(c->err, ERR_DATA, "%s doesn't take %s", c->who, type) != 0;
	return c->failed;
}

int
canon_bad(struct canon *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (c->failed)
		return 1;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	err_set(c->err, ERR_DATA, "%s", buf_str(&b));
	buf_release(&b);
	c->failed = 1;
	return 1;
}

/* Effort words and the share of the limit that each stands for, in hundredths (OpenRouter's documentation of reasoning tokens). */
static const struct {
	const char *effort;
	int64_t percent;
} efforts[] = {{"xhigh", 95}, {"max", 95}, {"high", 80}, {"medium", 50}, {"low", 20}, {"minimal", 10}};

#define MIN_BUDGET 1024
#define MAX_BUDGET 128000
#define USUAL_LIMIT 32000

int64_t
canon_budget(const char *effort, int64_t limit)
{
	int64_t percent = 50;

	for (size_t i = 0; i < N(efforts); i++)
		if (strcmp(efforts[i].effort, effort) == 0)
			percent = efforts[i].percent;
	if (limit > INT64_MAX / 100)
		limit = INT64_MAX / 100;
	int64_t n = (limit > 0 ? limit : USUAL_LIMIT) * percent / 100;
	return n < MIN_BUDGET ? MIN_BUDGET : n > MAX_BUDGET ? MAX_BUDGET : n;
}

const char *
canon_effort(int64_t budget, int64_t limit)
{
	const char *best = efforts[0].effort;
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < N(efforts); i++) {
		int64_t n = canon_budget(efforts[i].effort, limit), off = n > budget ? n - budget : budget - n;
		if (off < least) {
			least = off;
			best = efforts[i].effort;
		}
	}
	return best;
}

void
canon_reasoning(const struct canon *c, struct canon_reasoning *r)
{
	int node = canon_get(c, "reasoning"), effort = canon_member(c, node, "effort");
	struct buf b = BUF_INIT;

	*r = (struct canon_reasoning){.wanted = -1, .max_tokens = -1};
	if (effort < 0)
		effort = canon_get(c, "reasoning_effort");
	if (json_str(c->j, effort, &b) == 0 && b.len < sizeof(r->effort)) {
		memcpy(r->effort, buf_str(&b), b.len + 1);
		r->wanted = strcmp(r->effort, "none") != 0;
	}
	buf_release(&b);
	if (json_int(c->j, canon_member(c, node, "max_tokens"), &r->max_tokens) == 0)
		r->wanted = r->max_tokens > 0;
	int enabled = json_bool(c->j, canon_member(c, node, "enabled"));
	if (enabled >= 0)
		r->wanted = enabled;
	r->exclude = json_bool(c->j, canon_member(c, node, "exclude")) == 1;
}

enum canon_role
canon_role(const struct canon *c, int message)
{
	static const struct {
		const char *word;
		enum canon_role role;
	} roles[] = {{"system", CANON_SYSTEM}, {"developer", CANON_SYSTEM}, {"user", CANON_USER},
	    {"assistant", CANON_ASSISTANT}, {"tool", CANON_TOOL}, {"function", CANON_FUNCTION}};
	int role = json_get(c->j, message, "role");

	for (size_t i = 0; i < N(roles); i++)
		if (json_eq(c->j, role, roles[i].word))
			return roles[i].role;
	return CANON_UNKNOWN;
}

static int
compare_calls(const void *a, const void *b)
{
	const struct canon_call *x = a, *y = b;
	int r = strcmp(x->id, y->id);

	return r ? r : (x->call > y->call) - (x->call < y->call);
}

/* By id, and then in the order of the messages. */
static void
find_calls(struct canon *c)
{
	int list = json_get(c->j, 0, "messages");

	c->calls_known = 1;
	for (int m = json_child(c->j, list); m >= 0; m = json_next(c->j, list, m)) {
		int calls = json_get(c->j, m, "tool_calls");
		for (int t = json_child(c->j, calls); t >= 0; t = json_next(c->j, calls, t)) {
			char *id = canon_dup(c, json_get(c->j, t, "id"));
			if (!id)
				continue;
			c->call = mem_grow(c->call, c->n_call, &c->cap_call, sizeof(*c->call));
			c->call[c->n_call++] = (struct canon_call){id, t};
		}
	}
	if (c->n_call)
		qsort(c->call, c->n_call, sizeof(*c->call), compare_calls);
}

int
canon_find_call(struct canon *c, int id, int until)
{
	struct canon_call want = {canon_dup(c, id), until};
	size_t from = 0, to;

	if (!c->calls_known)
		find_calls(c);
	to = want.id ? c->n_call : 0;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (compare_calls(c->call + middle, &want) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	int found = from && want.id && strcmp(c->call[from - 1].id, want.id) == 0 ? c->call[from - 1].call : -1;
	free(want.id);
	return found;
}

int
canon_tool_name(struct canon *c, int id, int until, struct buf *name)
{
	return json_str(c->j, json_path(c->j, canon_find_call(c, id, until), "function.name"), name);
}

void
canon_write_args(struct canon *c, struct jsonw *w, int args, int *bad)
{
	struct json j = JSON_INIT;
	struct err ignored;
	size_t n;

	buf_clear(&c->scratch);
	*bad = 0;
	if (json_type(c->j, args) == JSON_OBJECT) { /* some clients forget to make it a string */
		const char *raw = json_raw(c->j, args, &n);
		jsonw_raw(w, raw, n);
		return;
	}
	json_str(c->j, args, &c->scratch);
	if (c->scratch.len && json_parse(&j, c->scratch.p, c->scratch.len, &ignored) == 0 &&
	    json_type(&j, 0) == JSON_OBJECT) {
		jsonw_raw(w, c->scratch.p, c->scratch.len);
	} else {
		*bad = c->scratch.len > 0;
		jsonw_raw(w, "{}", 2);
	}
	json_release(&j);
}
