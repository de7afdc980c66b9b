/* SPDX-License-Identifier: ISC */
/* The rules table: this kind of text to that model. */
#include "policy.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "ere.h"
#include "err.h"
#include "json.h"
#include "lang.h"
#include "mem.h"
#include "policy_priv.h"
#include "str.h"

#define MAX_CHAIN 64 /* names of one rule */

static const char form[] = "a rule is models: [tag=] [min=] [max=] [lang=] [image=] [match=]";

void
rule_release(struct rule *r)
{
	free(r->chain);
	free(r->tag);
	free(r->lang);
	ere_free(r->match);
	*r = (struct rule){0};
}

struct names {
	struct buf chain;
	int n;
};

static int
add_name(void *arg, const char *name, size_t n)
{
	struct names *names = arg;

	if (!n || memchr(name, ' ', n) || memchr(name, '\t', n) || ++names->n > MAX_CHAIN)
		return -1;
	if (names->chain.len)
		buf_addc(&names->chain, ',');
	buf_add(&names->chain, name, n);
	return 0;
}

static int
set_chain(struct rule *r, const char *models, struct err *e)
{
	struct names names = {BUF_INIT, 0};
	int bad = str_list(models, add_name, &names);

	r->chain = buf_take(&names.chain);
	if (names.n > MAX_CHAIN)
		return err_set(e, ERR_CONFIG, "more than %d models", MAX_CHAIN);
	return bad ? err_set(e, ERR_CONFIG, "models are names without blanks, with commas between") : 0;
}

static int
set_tag(struct rule *r, const char *value, struct err *e)
{
	(void)e;
	r->tag = xstrdup(value);
	return 0;
}

static int
set_min(struct rule *r, const char *value, struct err *e)
{
	return str_size(value, &r->min) ? err_set(e, ERR_CONFIG, "min= takes a size, such as 8k") : 0;
}

static int
set_max(struct rule *r, const char *value, struct err *e)
{
	return str_size(value, &r->max) ? err_set(e, ERR_CONFIG, "max= takes a size, such as 8k") : 0;
}

static int
is_unknown_lang(void *arg, const char *code, size_t n)
{
	(void)arg;
	return !lang_known(code, n);
}

static int
set_lang(struct rule *r, const char *value, struct err *e)
{
	if (str_list(value, is_unknown_lang, NULL))
		return err_set(e, ERR_CONFIG, "lang= takes codes of languages that can be told, such as en or de,fr");
	r->lang = xstrdup(value);
	return 0;
}

static int
set_image(struct rule *r, const char *value, struct err *e)
{
	r->image = strcmp(value, "yes") == 0;
	return r->image || strcmp(value, "no") == 0 ? 0 : err_set(e, ERR_CONFIG, "image= is yes or no");
}

static int
set_match(struct rule *r, const char *value, struct err *e)
{
	r->match = *value ? ere_new(value, strlen(value)) : NULL;
	return r->match ? 0 : err_set(e, ERR_CONFIG, "match= takes an extended regular expression, of at most 1 KiB");
}

static const struct selector {
	const char *name;
	int (*set)(struct rule *r, const char *value, struct err *e);
	int to_the_end; /* of the line */
} selectors[] = {{"tag=", set_tag, 0}, {"min=", set_min, 0}, {"max=", set_max, 0}, {"lang=", set_lang, 0},
    {"image=", set_image, 0}, {"match=", set_match, 1}};

/* Takes the selector at *at, which moves behind it. seen: bits of those that came before. */
static int
selector(struct rule *r, char **at, unsigned *seen, struct err *e)
{
	size_t i = 0, n = sizeof(selectors) / sizeof(*selectors);

	while (i < n && !str_starts(*at, selectors[i].name))
		i++;
	if (i == n)
		return err_set(e, ERR_CONFIG, "no such selector; %s", form);
	if (*seen & 1u << i)
		return err_set(e, ERR_CONFIG, "%s comes twice", selectors[i].name);
	*seen |= 1u << i;
	char *value = *at + strlen(selectors[i].name);
	size_t len = selectors[i].to_the_end ? strlen(value) : strcspn(value, " \t");
	*at = value + len + (value[len] != '\0');
	value[len] = '\0';
	return selectors[i].set(r, value, e);
}

static int
set_selectors(struct rule *r, char *at, struct err *e)
{
	unsigned seen = 0;

	for (at += strspn(at, " \t"); *at; at += strspn(at, " \t"))
		if (selector(r, &at, &seen, e))
			return -1;
	return r->min <= r->max ? 0 : err_set(e, ERR_CONFIG, "min= is more than max=: no text fits");
}

/* Names hold colons too: theirs ends at one that a blank follows, or the end of the line. */
static char *
colon_of(char *line)
{
	for (char *at = strchr(line, ':'); at; at = strchr(at + 1, ':'))
		if (at[1] == '\0' || at[1] == ' ' || at[1] == '\t')
			return at;
	return NULL;
}

int
policy_add_rule(struct policy *p, char *line, struct err *e)
{
	struct rule r = {.max = UINT64_MAX, .image = -1};
	char *colon = colon_of(line);

	if (!colon)
		return err_set(e, ERR_CONFIG, "%s", form);
	*colon = '\0';
	if (policy_is_full(p->n_rule, e) || set_chain(&r, line, e) || set_selectors(&r, colon + 1, e)) {
		rule_release(&r);
		return -1;
	}
	p->rule = mem_grow(p->rule, p->n_rule, &p->cap_rule, sizeof(*p->rule));
	p->rule[p->n_rule++] = r;
	return 0;
}

/* The first part of a content; -1 where it is no list. */
static int
first_part(const struct json *j, int content)
{
	return json_type(j, content) == JSON_ARRAY ? json_child(j, content) : -1;
}

static void
add_text(const struct json *j, int content, struct buf *text)
{
	json_str(j, content, text);
	for (int part = first_part(j, content); part >= 0; part = json_next(j, content, part)) {
		if (!json_eq(j, json_get(j, part, "type"), "text"))
			continue;
		if (text->len)
			buf_addc(text, '\n');
		json_str(j, json_get(j, part, "text"), text);
	}
}

static int
has_image(const struct json *j, int message)
{
	int content = json_get(j, message, "content");

	for (int part = first_part(j, content); part >= 0; part = json_next(j, content, part))
		if (json_eq(j, json_get(j, part, "type"), "image_url"))
			return 1;
	return json_count(j, json_get(j, message, "images")) > 0;
}

void
policy_text(struct policy_text *t, const struct json *request, const char *tag, struct buf *scratch)
{
	int list = json_get(request, 0, "messages"), last = -1;

	*t = (struct policy_text){.tag = tag};
	buf_clear(scratch);
	for (int m = json_child(request, list); m >= 0; m = json_next(request, list, m)) {
		if (json_eq(request, json_get(request, m, "role"), "user"))
			last = m;
		t->has_image |= has_image(request, m);
	}
	add_text(request, json_get(request, last, "content"), scratch);
	t->text = buf_str(scratch);
	t->n = scratch->len;
}

/* What is looked for in a text, found out once. */
struct look {
	const struct policy_text *t;
	const char *lang; /* NULL: not yet known */
	int64_t steps;
};

static int
is_lang(void *arg, const char *code, size_t n)
{
	const char *lang = arg;

	return strlen(lang) == n && memcmp(lang, code, n) == 0;
}

static int
has_lang(struct look *l, const struct rule *r)
{
	if (!l->lang)
		l->lang = lang_of(l->t->text, l->t->n);
	return *l->lang && str_list(r->lang, is_lang, (void *)(uintptr_t)l->lang);
}

static int
has_match(struct look *l, const struct rule *r)
{
	size_t n = l->t->n < POLICY_MATCH_BYTES ? l->t->n : POLICY_MATCH_BYTES;

	return l->steps > 0 && ere_search(r->match, l->t->text, n, &l->steps) == 1;
}

static int
fits(struct look *l, const struct rule *r)
{
	const struct policy_text *t = l->t;

	if (t->n < r->min || t->n > r->max || (r->image >= 0 && r->image != !!t->has_image))
		return 0;
	if (r->tag && fnmatch(r->tag, t->tag ? t->tag : "", 0) != 0)
		return 0;
	return (!r->lang || has_lang(l, r)) && (!r->match || has_match(l, r));
}

const char *
policy_rule(const struct policy *p, const struct policy_text *t)
{
	struct look l = {t, NULL, POLICY_MATCH_STEPS};

	for (size_t i = 0; i < p->n_rule; i++)
		if (fits(&l, &p->rule[i]))
			return p->rule[i].chain;
	return NULL;
}
