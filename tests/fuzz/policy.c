/* SPDX-License-Identifier: ISC */
/*
 * The input is a line of rules, a line of presets, and a text that may be a request. A line is taken or refused in words; what is laid over a
 * preset is JSON, in which the request's other members have kept their bytes and their order, and the preset's stand that it lacked.
 */
#include "policy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "lang.h"
#include "mem.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* As conf_table gives lines: UTF-8 without control bytes. NULL: it would refuse this one, or skip it. */
static char *
line_of(const char *s, size_t n)
{
	if (!n || utf8_valid(s, n) < n)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
			return NULL;
	return xstrndup(s, n);
}

static int
add(int (*fn)(struct policy *, char *, struct err *), struct policy *p, const char *s, size_t n)
{
	char *line = line_of(s, n);
	struct err e = {0};
	int r = line ? fn(p, line, &e) : -1;

	must(!line || (r == 0) == (e.kind == ERR_NONE));
	must(!line || r == 0 || (e.kind == ERR_CONFIG && *e.msg));
	free(line);
	return r;
}

static int
is_joined(const struct json *j, int key)
{
	static const char *const joined[] = {"model", "models", "tools", "messages", "preset"};

	for (size_t i = 0; i < sizeof(joined) / sizeof(*joined); i++)
		if (json_eq(j, key, joined[i]))
			return 1;
	return 0;
}

static int
plain(const struct json *j, int key)
{
	while (key >= 0 && is_joined(j, key))
		key = json_next(j, 0, json_value(j, key));
	return key;
}

/* The request's own members come first, as they were. */
static void
check_own(const struct json *before, const struct json *after)
{
	int a = plain(before, json_child(before, 0)), b = plain(after, json_child(after, 0));

	while (a >= 0) {
		size_t n, m;
		must(b >= 0);
		const char *x = json_raw(before, a, &n), *y = json_raw(after, b, &m);
		must(n == m && memcmp(x, y, n) == 0);
		x = json_raw(before, json_value(before, a), &n);
		y = json_raw(after, json_value(after, b), &m);
		must(n == m && memcmp(x, y, n) == 0);
		a = plain(before, json_next(before, 0, json_value(before, a)));
		b = plain(after, json_next(after, 0, json_value(after, b)));
	}
}

static void
check_added(const struct preset *p, const struct json *after)
{
	static const char *const fields[] = {"temperature", "seed", "provider", "stop", "reasoning"};
	struct json j = JSON_INIT;

	must(json_parse(&j, p->json, p->len, NULL) == 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		must(json_get(&j, 0, fields[i]) < 0 || json_get(after, 0, fields[i]) >= 0);
	must(json_count(&j, json_get(&j, 0, "tools")) == 0 || json_get(after, 0, "tools") >= 0);
	json_release(&j);
}

static void
apply(const struct preset *p, const struct json *request)
{
	struct json after = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err e = {0};

	if (policy_apply(p, request, &out, &e) == 0) {
		must(json_parse(&after, buf_str(&out), out.len, &e) == 0 && json_unique(&after, &e) == 0);
		must(json_get(&after, 0, "preset") < 0);
		check_own(request, &after);
		check_added(p, &after);
	} else {
		must((e.kind == ERR_CONFIG || e.kind == ERR_DATA) && *e.msg);
	}
	json_release(&after);
	buf_release(&out);
}

static void
choose(const struct policy *p, const struct json *request, const char *text, size_t n)
{
	struct buf scratch = BUF_INIT;
	struct policy_text t = {.text = text, .n = n};
	const char *lang = lang_of(text, n);

	must(!*lang || lang_known(lang, strlen(lang)));
	if (request)
		policy_text(&t, request, "tag", &scratch);
	const char *chain = policy_rule(p, &t);
	must(!chain || *chain);
	buf_release(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size;
	const char *preset = size ? memchr(s, '\n', size) : NULL, *text = NULL;
	struct policy p = POLICY_INIT;
	struct json j = JSON_INIT;

	if (preset)
		text = memchr(preset + 1, '\n', (size_t)(end - preset - 1));
	if (!text)
		return 0;
	add(policy_add_rule, &p, s, (size_t)(preset - s));
	int r = add(policy_add_preset, &p, preset + 1, (size_t)(text - preset - 1));
	size_t n = (size_t)(end - ++text);
	int is_request = json_parse(&j, text, n, NULL) == 0 && json_unique(&j, NULL) == 0;
	choose(&p, is_request ? &j : NULL, text, n);
	if (r == 0 && is_request)
		apply(&p.preset[0], &j);
	policy_release(&p);
	json_release(&j);
	return 0;
}
