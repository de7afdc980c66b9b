/* SPDX-License-Identifier: ISC */
/*
 * What a model takes, by its name: claude-FAMILY-MAJOR-MINOR[-DATE] or claude-MAJOR-MINOR-FAMILY-DATE, whatever a cloud puts around it.
 * A Claude without a number is the newest there is; other names are other people's models behind this format, which take what it had in
 * its first versions.
 */
#include <string.h>

#include "wire/anthropic.h"

#define NEWEST 9999
#define SEPARATORS "-._@:/"

enum family { OTHER, OPUS, SONNET, HAIKU, FABLE };

static enum family
family_of(const char *name)
{
	static const char *const words[] = {"opus", "sonnet", "haiku", "fable", "mythos"};

	for (int i = 0; i < 5; i++)
		if (strcasestr(name, words[i]))
			return i < 4 ? (enum family)(i + 1) : FABLE;
	return OTHER;
}

/* The next token's number, -1 where it is none or as long as a date. *p goes behind it. */
static int
next_number(const char **p)
{
	*p += strspn(*p, SEPARATORS);
	size_t n = strcspn(*p, SEPARATORS), digits = strspn(*p, "0123456789");
	int v = n == 0 || digits != n || n > 2 ? -1 : n == 1 ? **p - '0' : (**p - '0') * 10 + (*p)[1] - '0';

	*p += n;
	return v;
}

/* MAJOR * 100 + MINOR */
static int
version_of(const char *claude)
{
	const char *p = claude + strlen("claude");

	while (*p) {
		int major = next_number(&p), minor = major < 0 ? -1 : next_number(&p);
		if (major >= 0)
			return major * 100 + (minor < 0 ? 0 : minor);
	}
	return NEWEST;
}

static int64_t
most_tokens(enum family f, int v)
{
	if (v >= 406)
		return 128000;
	if (v >= 405 || (f == SONNET && v >= 307))
		return 64000;
	return v >= 400 ? 32000 : v >= 305 ? 8192 : 4096;
}

static const char *
off_word(enum family f, int v)
{
	if ((f == OPUS && v >= 505) || (f == FABLE && v >= 500))
		return NULL;
	return f == SONNET && v >= 505 ? "between_tools" : "disabled";
}

void
anthropic_model(const char *name, struct anthropic_model *m)
{
	const char *claude = name ? strcasestr(name, "claude") : "claude";

	*m = (struct anthropic_model){.most = 8192, .budget = 1, .off = "disabled", .forced = 1, .samples = 2};
	if (!claude)
		return;
	enum family f = family_of(claude);
	int v = version_of(claude);
	m->most = most_tokens(f, v);
	m->budget = v >= 307 && v < 407;
	m->adaptive = v >= 406;
	m->effort = v >= 407 ? 3 : v == 406 ? 2 : f == OPUS && v == 405;
	m->display = v >= 307;
	m->off = off_word(f, v);
	m->forced = v < 501 || (v < 505 && f != FABLE) || f == HAIKU;
	m->samples = v >= 407 ? 0 : v >= 401 ? 1 : 2;
	m->mid_system = v >= 408;
}
