/* SPDX-License-Identifier: ISC */
/* The keywords that look at one value, without the schemas below theirs. */
#include "schema_priv.h"

#include <stdint.h>
#include <string.h>

#include "decimal.h"
#include "json.h"
#include "pattern.h"
#include "same.h"

#define MAX_MATCHED (64 * 1024) /* bytes of a string that a pattern is tried on */
#define MAX_SHOWN 60            /* bytes of a value in a message */
#define COMPILE_STEPS 500       /* the price of compiling a pattern */

/* What a message shows of a value: n bytes at *raw. What is cut is cut between letters. */
static int
shown(const struct json *j, int node, const char **raw)
{
	size_t n;

	*raw = json_raw(j, node, &n);
	if (n > MAX_SHOWN) {
		for (n = MAX_SHOWN; ((*raw)[n] & 0xc0) == 0x80;)
			n--;
	}
	return (int)n;
}

static int
is_type(const struct schema_run *r, int node, int word)
{
	static const char *const words[] = {[JSON_NULL] = "null",
	    [JSON_FALSE] = "boolean",
	    [JSON_TRUE] = "boolean",
	    [JSON_NUMBER] = "number",
	    [JSON_STRING] = "string",
	    [JSON_ARRAY] = "array",
	    [JSON_OBJECT] = "object"};
	enum json_type type = json_type(r->v, node);
	struct decimal d;
	size_t n;

	if (type == JSON_NUMBER && json_eq(r->s, word, "integer")) {
		const char *raw = json_raw(r->v, node, &n);
		return decimal_parse(&d, raw, n) == 0 && decimal_is_int(&d);
	}
	return json_eq(r->s, word, words[type]);
}

static void
add_type(struct buf *b, const struct json *s, int word)
{
	size_t n;
	const char *raw = json_raw(s, word, &n);

	if (b->len)
		buf_adds(b, " or ");
	if (!json_eq(s, word, "null"))
		buf_adds(b, strchr("aio", raw[1]) ? "an " : "a ");
	json_str(s, word, b);
}

static enum schema_fit
wrong_type(struct schema_run *r, int node, int kw)
{
	static const char *const names[] = {[JSON_NULL] = "null",
	    [JSON_FALSE] = "a boolean",
	    [JSON_TRUE] = "a boolean",
	    [JSON_NUMBER] = "a number",
	    [JSON_STRING] = "a string",
	    [JSON_ARRAY] = "an array",
	    [JSON_OBJECT] = "an object"};
	struct buf want = BUF_INIT;
	const char *is = names[json_type(r->v, node)];
	int n = (int)strlen(is);

	if (json_type(r->s, kw) == JSON_STRING)
		add_type(&want, r->s, kw);
	for (int k = json_child(r->s, kw); k >= 0; k = json_next(r->s, kw, k))
		add_type(&want, r->s, k);
	if (json_type(r->v, node) == JSON_NUMBER)
		n = shown(r->v, node, &is);
	schema_misfit(r, node, "is %.*s, not %s", n, is, buf_str(&want));
	r->misfit = r->level * 2;
	buf_release(&want);
	return MISFIT;
}

enum schema_fit
schema_type(struct schema_run *r, const struct schema_use *u)
{
	if (json_type(r->s, u->kw) == JSON_STRING && is_type(r, u->node, u->kw))
		return FITS;
	for (int k = json_child(r->s, u->kw); k >= 0; k = json_next(r->s, u->kw, k)) {
		if (is_type(r, u->node, k))
			return FITS;
	}
	return wrong_type(r, u->node, u->kw);
}

enum schema_fit
schema_const(struct schema_run *r, const struct schema_use *u)
{
	const char *is, *want;
	int same = same_values(r->v, u->node, r->s, u->kw, &r->steps);

	if (same)
		return same < 0 ? schema_stop(r) : FITS;
	int n = shown(r->v, u->node, &is), m = shown(r->s, u->kw, &want);
	return schema_misfit(r, u->node, "is %.*s, not %.*s", n, is, m, want);
}

enum schema_fit
schema_enum(struct schema_run *r, const struct schema_use *u)
{
	const char *is, *want;

	for (int k = json_child(r->s, u->kw); k >= 0; k = json_next(r->s, u->kw, k)) {
		int same = same_values(r->v, u->node, r->s, k, &r->steps);
		if (same)
			return same < 0 ? schema_stop(r) : FITS;
	}
	int n = shown(r->v, u->node, &is), m = shown(r->s, u->kw, &want);
	return schema_misfit(r, u->node, "is %.*s, none of %.*s", n, is, m, want);
}

/* The numbers of value and keyword; 0 where the keyword has something to say. */
static int
numbers(const struct schema_run *r, const struct schema_use *u, struct decimal *a, struct decimal *b)
{
	size_t n;
	const char *raw = json_raw(r->v, u->node, &n);

	if (json_type(r->v, u->node) != JSON_NUMBER)
		return -1;
	if (decimal_parse(a, raw, n) != 0)
		return 1;
	raw = json_raw(r->s, u->kw, &n);
	return decimal_parse(b, raw, n) != 0;
}

static enum schema_fit
wrong_number(struct schema_run *r, const struct schema_use *u, const char *words)
{
	const char *is, *want;
	int n = shown(r->v, u->node, &is), m = shown(r->s, u->kw, &want);

	return schema_misfit(r, u->node, "is %.*s, %s %.*s", n, is, words, m, want);
}

enum schema_fit
schema_bound(struct schema_run *r, const struct schema_use *u)
{
	static const char *const words[] = {[LESS] = "not less than",
	    [LESS | EQUAL] = "more than",
	    [MORE] = "not more than",
	    [MORE | EQUAL] = "less than"};
	struct decimal a, b;
	int cmp, why = numbers(r, u, &a, &b);

	if (why)
		return why < 0 ? FITS : schema_misfit(r, u->node, "is too long a number to compare");
	cmp = decimal_cmp(&a, &b);
	if (u->arg & (cmp < 0 ? LESS : cmp > 0 ? MORE : EQUAL))
		return schema_spend(r, (int64_t)(a.n_bytes / 64));
	return wrong_number(r, u, words[u->arg]);
}

enum schema_fit
schema_multiple(struct schema_run *r, const struct schema_use *u)
{
	struct decimal a, b;
	int why = numbers(r, u, &a, &b);

	if (why)
		return why < 0 ? FITS : schema_misfit(r, u->node, "is too long a number to divide");
	if (decimal_is_multiple(&a, &b) != 0)
		return schema_spend(r, (int64_t)(a.n_bytes / 4));
	return wrong_number(r, u, "no multiple of");
}

static enum schema_fit
size(struct schema_run *r, const struct schema_use *u, int64_t have, const char *unit)
{
	int least = u->arg & AT_LEAST;
	int64_t limit;

	if (json_int(r->s, u->kw, &limit) != 0 || (least ? have >= limit : have <= limit))
		return FITS;
	return schema_misfit(r, u->node, "has %lld %s, not at %s %lld", (long long)have, unit, least ? "least" : "most",
	    (long long)limit);
}

enum schema_fit
schema_length(struct schema_run *r, const struct schema_use *u)
{
	size_t n;
	int64_t have = 0;

	if (json_type(r->v, u->node) != JSON_STRING)
		return FITS;
	const char *s = json_view(r->v, u->node, &r->text, &n);
	for (size_t i = 0; i < n; i++)
		have += (s[i] & 0xc0) != 0x80;
	if (schema_spend(r, (int64_t)(n / 64)) != FITS)
		return STOP;
	return size(r, u, have, "characters");
}

enum schema_fit
schema_count(struct schema_run *r, const struct schema_use *u)
{
	if (json_type(r->v, u->node) != (u->arg & ELEMENTS ? JSON_ARRAY : JSON_OBJECT))
		return FITS;
	return size(r, u, json_count(r->v, u->node), u->arg & ELEMENTS ? "elements" : "members");
}

enum schema_fit
schema_unique(struct schema_run *r, const struct schema_use *u)
{
	int i, k, found;

	if (json_type(r->v, u->node) != JSON_ARRAY || json_bool(r->s, u->kw) != 1)
		return FITS;
	found = same_elements(r->v, u->node, &i, &k, &r->steps);
	if (found < 0)
		return schema_stop(r);
	return found ? schema_misfit(r, u->node, "has the same element at %d and %d", i, k) : FITS;
}

/* The compiled pattern, or NULL; it stays until its slot is needed. */
static const struct pattern *
compiled(struct schema_run *r, int pattern)
{
	struct schema_slot *slot = r->patterns + pattern % SCHEMA_PATTERNS;
	struct buf tmp = BUF_INIT;
	size_t n;

	if (slot->node != pattern) {
		const char *s = json_view(r->s, pattern, &tmp, &n);
		pattern_free(slot->p);
		slot->p = pattern_new(s, n);
		slot->node = pattern;
		r->steps -= COMPILE_STEPS;
		buf_release(&tmp);
	}
	return slot->p;
}

enum schema_hit
schema_match(struct schema_run *r, int pattern, int string)
{
	const struct pattern *p = compiled(r, pattern);
	size_t n;
	const char *s = json_view(r->v, string, &r->text, &n);
	int found;

	if (r->steps < 0)
		return SPENT;
	if (!p || n > MAX_MATCHED)
		return UNKNOWN;
	found = pattern_search(p, s, n, &r->steps);
	return found < 0 ? SPENT : found ? HIT : MISS;
}

enum schema_fit
schema_pattern(struct schema_run *r, const struct schema_use *u)
{
	const char *is, *want;
	enum schema_hit hit;

	if (json_type(r->v, u->node) != JSON_STRING)
		return FITS;
	hit = schema_match(r, u->kw, u->node);
	if (hit != MISS)
		return hit == SPENT ? schema_stop(r) : FITS;
	int n = shown(r->v, u->node, &is), m = shown(r->s, u->kw, &want);
	return schema_misfit(r, u->node, "is %.*s, which doesn't match %.*s", n, is, m, want);
}
