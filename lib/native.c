/* SPDX-License-Identifier: ISC */
#include "native.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "models.h"
#include "str.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

/* OpenRouter's slugs of providers, and authors as hosts write them, where that isn't the author's own word. */
static const struct {
	const char *word, *author;
} authors[] = {
    {"google-ai-studio", "google"},
    {"google-vertex", "google"},
    {"mistral", "mistralai"},
    {"xai", "x-ai"},
    {"amazon-bedrock", "amazon"},
    {"meta", "meta-llama"},
    {"deepseek-ai", "deepseek"},
    {"moonshot", "moonshotai"},
    {"zai", "z-ai"},
    {"zai-org", "z-ai"},
};

/* Amazon's inference profiles begin with where they run. */
static const char *const regions[] = {"us.", "eu.", "apac.", "global.", "jp.", "au.", "ca.", "us-gov."};

const char *
native_author(const char *slug)
{
	for (size_t i = 0; slug && i < N(authors); i++)
		if (strcmp(authors[i].word, slug) == 0)
			return authors[i].author;
	return slug;
}

static char
plain(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '.' || c == '_' || c == '@' ? '-' : c;
}

static void
normalise(struct buf *out, const char *s, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_addc(out, plain(s[i]));
}

/* Does s end in this pattern, a 9 being any digit? Its length, or 0. */
static size_t
ends_in(const char *s, size_t n, const char *pattern)
{
	size_t len = strlen(pattern);

	if (n <= len)
		return 0;
	for (size_t i = 0; i < len; i++) {
		char c = s[n - len + i];
		if (pattern[i] == '9' ? c < '0' || c > '9' : c != pattern[i])
			return 0;
	}
	return len;
}

/* Bytes of the name without what is last of a date or version behind it; n where there is nothing. A "-v1" counts as such only behind
 * Amazon's ":0". */
static size_t
shorten(const char *s, size_t n, int versioned)
{
	static const char *const ends[] = {
	    ":9", "-latest", "-9999-99-99", "-99999999", "-99-9999", "-9999", "-999", "-v9"};

	for (size_t i = 0; i < N(ends) - !versioned; i++)
		if (ends_in(s, n, ends[i]))
			return n - strlen(ends[i]);
	return n;
}

/* 2: s is want, 1: with dates and versions behind it, 0: it isn't. */
static int
compare(const char *s, size_t n, const struct buf *want)
{
	int versioned = ends_in(s, n, ":9") > 0, how = 2;

	for (size_t shorter; n > want->len; n = shorter, how = 1)
		if ((shorter = shorten(s, n, versioned)) == n)
			return 0;
	return n == want->len && memcmp(s, buf_str(want), n) == 0 ? how : 0;
}

/* Splits "author/slug" or "author.slug" off; *name is what is behind. NULL: it is a bare name. */
static char *
split_author(const char **name)
{
	const char *slash = strrchr(*name, '/'), *s = *name;

	if (slash) {
		*name = slash + 1;
		return strndup(s, strcspn(s, "/"));
	}
	for (size_t i = 0; i < N(regions); i++)
		if (str_starts(s, regions[i]))
			s += strlen(regions[i]);
	size_t n = strcspn(s, ".");
	if (!s[n] || !n || (s[n + 1] >= '0' && s[n + 1] <= '9')) /* "grok-4.3" has no author */
		return NULL;
	*name = s + n + 1;
	return strndup(s, n);
}

static int
is_author(const char *id, const char *author, size_t n)
{
	const char *known = native_author(id);

	return strlen(known) == n && strncasecmp(known, author, n) == 0;
}

/* 0: it isn't this model, 2: it is, 1: with a date behind it. want: the slug, normalised. */
static int
match(const char *id, const char *host, const char *name, const struct buf *want)
{
	struct buf b = BUF_INIT;
	const char *slug = id;
	char *author = split_author(&slug);
	size_t n_author = strcspn(name, "/");
	int r = 0;

	if (author ? is_author(author, name, n_author) : host && is_author(host, name, n_author)) {
		normalise(&b, slug, strlen(slug));
		r = compare(buf_str(&b), b.len, want);
	}
	free(author);
	buf_release(&b);
	return r;
}

static int
is_newer(const struct model *a, const struct model *b)
{
	if (a->created != b->created)
		return a->created > b->created;
	return strcmp(a->id, b->id) > 0;
}

const struct model *
native_find(const struct models *ms, const char *author, const char *name)
{
	const char *slug = strchr(name, '/');
	const struct model *best = NULL;
	struct buf want = BUF_INIT;
	int how = 0;

	if (!slug)
		return NULL;
	normalise(&want, slug + 1, strlen(slug + 1));
	for (size_t i = 0; i < ms->n; i++) {
		int r = match(ms->v[i].id, author, name, &want);
		if (r && (r > how || (r == how && is_newer(ms->v + i, best)))) {
			how = r;
			best = ms->v + i;
		}
	}
	buf_release(&want);
	return best;
}
