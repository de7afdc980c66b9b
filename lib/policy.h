/* SPDX-License-Identifier: ISC */
/*
 * policy: what the user decided once for all calls: the tables rules, presets and budgets. See orutils-tables(5). (Aliases are providers'.)
 *
 * Only policy_load does I/O. What a rule looks at may be hostile: lang.h has its limit, and match= sees the first POLICY_MATCH_BYTES of the
 * text, for at most POLICY_MATCH_STEPS. How a preset and a request are joined is OpenRouter's way (its pages on presets); where those are
 * silent, orutils-tables(5) says what is done.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "budget.h"

struct buf;
struct ere;
struct err;
struct json;

#define POLICY_MAX_ENTRIES 1000          /* of each table */
#define POLICY_MATCH_BYTES (1024 * 1024) /* of a text, that match= searches */
/* Of all searches of a text: a second or so. What isn't found by then isn't there. */
#define POLICY_MATCH_STEPS (256 * 1024 * 1024)

/* models: [tag=PATTERN] [min=BYTES] [max=BYTES] [lang=CODE[,CODE]...] [image=yes|no] [match=ERE to the end of the line]; the first one that
 * fits is taken. */
struct rule {
	char *chain;       /* owned: "a,b,c" */
	char *tag;         /* owned pattern of fnmatch(3); NULL: any */
	uint64_t min, max; /* bytes of the text; max UINT64_MAX: none */
	char *lang;        /* owned: "de,fr"; NULL: any */
	int image;         /* 1: has one, 0: has none, -1: either */
	struct ere *match; /* owned; NULL: any */
};

struct preset {
	char *name; /* owned */
	char *json; /* owned: an object of request fields, checked */
	size_t len;
};

struct policy {
	struct rule *rule;
	size_t n_rule, cap_rule;
	struct preset *preset;
	size_t n_preset, cap_preset;
	struct budget *budget;
	size_t n_budget, cap_budget;
};

#define POLICY_INIT \
	{ \
		NULL, 0, 0, NULL, 0, 0, NULL, 0, 0 \
	}

/* Reads the three tables. ERR_CONFIG with file and line. */
int policy_load(struct policy *p, struct err *e);
void policy_release(struct policy *p);
/* One line of rules, of presets; without comment and blanks around it, and changed. Of two presets with one name the first stays. ERR_CONFIG,
 * in words that repeat no value of the line. */
int policy_add_rule(struct policy *p, char *line, struct err *e);
int policy_add_preset(struct policy *p, char *line, struct err *e);

/* What rules look at. */
struct policy_text {
	const char *tag;  /* NULL: none, which counts as "" */
	const char *text; /* of the last user message; several parts are joined by newlines */
	size_t n;         /* bytes */
	int has_image;    /* one of the messages has one */
};
/* Collects it from a canonical request; the text goes to scratch (cleared first). */
void policy_text(struct policy_text *t, const struct json *request, const char *tag, struct buf *scratch);
/* The chain of the first rule that fits; NULL: none. Borrowed. */
const char *policy_rule(const struct policy *p, const struct policy_text *t);

/* Which preset a call has: `field` (the request's `preset`; NULL), or the one that a name of *chain ("a,b,c", owned; NULL: none) names. The
 * name in the chain becomes the model in front of it, or the preset's own models; a chain of none, those. Names that the table doesn't have
 * stay: OpenRouter may know them. ERR_CONFIG where it names no model but has to, ERR_USAGE on two presets. */
int policy_choose_preset(
    const struct policy *p, const char *field, char **chain, const struct preset **preset, struct err *e);
/* The preset of that name, or NULL. Borrowed. */
const struct preset *policy_preset(const struct policy *p, const char *name, size_t n);
/* "@preset/x", "author/slug@preset/x": the name's length, *name set to it, *n_model the bytes in front of the @; 0: it names no preset.
 * A name that no preset can have is one all the same: policy_preset won't find it. */
size_t policy_names_preset(const char *model, const char **name, size_t *n_model);
/* Lays a request over a preset: its fields win, member for member, null too; `preset` is taken out.
 *
 *	model          "author/slug@preset/x" becomes author/slug; "@preset/x", null or none, the preset's model, else the first of its models
 *	tools          the request's, and behind them those of the preset that aren't among them by function name, or by type
 *	system_prompt  becomes the first message, where no message is system's or developer's
 *
 * The preset's cache_enabled and cache_ttl_seconds, and what it says about itself (name, slug, description, ...), stay out. Appends the
 * request; every other byte of what it says itself stays. ERR_DATA: it is no object; ERR_CONFIG: its model is "@preset/x", and the preset
 * names none. */
int policy_apply(const struct preset *p, const struct json *request, struct buf *out, struct err *e);

#endif
