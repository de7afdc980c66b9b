/* SPDX-License-Identifier: ISC */
#include "opt.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "str.h"

#define COLUMNS 79
#define MAX_LEFT 26 /* columns of the options before their text; a longer one has its text below */

void
opt_init(struct opts *o, const struct opt *table, int argc, char **argv)
{
	*o = (struct opts){.table = table, .argc = argc, .argv = argv, .i = 1};
}

/* The name (n bytes) that was probably meant: one that it begins, or the nearest. */
static const char *
near_name(const struct opt *table, const char *name, size_t n)
{
	char word[32];
	const char *best = NULL;
	size_t limit = n < 5 ? 1 : 2;

	if (n < 2 || n >= sizeof(word))
		return NULL;
	memcpy(word, name, n);
	word[n] = '\0';
	for (const struct opt *p = table; p->c; p++) {
		if (!p->name || !p->help)
			continue;
		if (str_starts(p->name, word))
			return p->name;
		size_t d = str_distance(word, p->name, limit);
		if (d <= limit) {
			limit = d ? d - 1 : 0;
			best = p->name;
		}
	}
	return best;
}

static int
needs_argument(const struct opt *p, struct err *e)
{
	if (p->name)
		return err_set(e, ERR_USAGE, "option --%s needs an argument: %s", p->name, p->arg ? p->arg : "value");
	return err_set(e, ERR_USAGE, "option -%c needs an argument: %s", p->c, p->arg ? p->arg : "value");
}

/* One of the words of an OPT_WORDS option? */
static int
check_word(const struct opt *p, const char *word, struct err *e)
{
	size_t n = strlen(word);
	struct buf all = BUF_INIT;

	for (const char *s = p->arg; s; s = strchr(s, '|')) {
		s += *s == '|';
		if (strcspn(s, "|") == n && memcmp(s, word, n) == 0)
			return 0;
	}
	for (const char *s = p->arg; *s; s++)
		buf_addc(&all, *s == '|' ? ' ' : *s);
	if (p->c < 256)
		err_set(e, ERR_USAGE, "-%c %s: not one of %s", p->c, word, buf_str(&all));
	else
		err_set(e, ERR_USAGE, "--%s %s: not one of %s", p->name, word, buf_str(&all));
	buf_release(&all);
	return -1;
}

/* Hands out the option, with its argument: the text attached to it, else the next word. */
static int
found(struct opts *o, const struct opt *p, const char *attached, struct err *e)
{
	o->now = p;
	o->arg = NULL;
	if (p->kind == OPT_NONE)
		return p->c;
	if (!attached && o->i >= o->argc)
		return needs_argument(p, e);
	o->arg = attached ? attached : o->argv[o->i++];
	if (!*o->arg && !(p->kind == OPT_TEXT && p->c == 's')) {
		if (p->name)
			return err_set(e, ERR_USAGE, "option --%s: its argument is empty", p->name);
		return err_set(e, ERR_USAGE, "option -%c: its argument is empty", p->c);
	}
	if (p->kind == OPT_WORDS && check_word(p, o->arg, e))
		return -1;
	return p->c;
}

static int
next_long(struct opts *o, const char *name, struct err *e)
{
	size_t n = strcspn(name, "=");
	const char *attached = name[n] ? name + n + 1 : NULL;

	for (const struct opt *p = o->table; p->c; p++) {
		if (!p->name || strlen(p->name) != n || memcmp(p->name, name, n) != 0)
			continue;
		if (attached && p->kind == OPT_NONE)
			return err_set(e, ERR_USAGE, "option --%s takes no argument", p->name);
		return found(o, p, attached, e);
	}
	const char *near = near_name(o->table, name, n);
	if (near)
		return err_set(e, ERR_USAGE, "unknown option --%.*s: did you mean --%s?", (int)n, name, near);
	return err_set(e, ERR_USAGE, "unknown option --%.*s", (int)n, name);
}

static int
next_short(struct opts *o, struct err *e)
{
	const char *s = o->in;
	const struct opt *p = o->table;

	while (p->c && p->c != (unsigned char)*s)
		p++;
	if (!p->c) {
		size_t n = utf8_len((const unsigned char *)s, strlen(s));
		return err_set(e, ERR_USAGE, "unknown option -%.*s", (int)(n ? n : 1), s);
	}
	o->in = p->kind == OPT_NONE && s[1] ? s + 1 : NULL;
	return found(o, p, p->kind != OPT_NONE && s[1] ? s + 1 : NULL, e);
}

int
opt_next(struct opts *o, struct err *e)
{
	if (o->in)
		return next_short(o, e);
	if (o->i >= o->argc || o->argv[o->i][0] != '-' || !o->argv[o->i][1])
		return 0;
	const char *word = o->argv[o->i++];
	if (strcmp(word, "--") == 0) {
		o->dashes = 1;
		return 0;
	}
	if (word[1] == '-')
		return next_long(o, word + 2, e);
	o->in = word + 1;
	return next_short(o, e);
}

int
opt_check_operands(const struct opts *o, struct err *e)
{
	for (int i = o->i; i < o->argc && !o->dashes; i++) {
		if (o->argv[i][0] == '-' && o->argv[i][1])
			return err_set(e, ERR_USAGE,
			    "operand %s begins with -: options come first; put -- before such operands", o->argv[i]);
	}
	return 0;
}

/* "  -m, --model chain" */
static void
add_left(struct buf *b, const struct opt *p)
{
	if (p->c < 256)
		buf_addf(b, "  -%c", p->c);
	else
		buf_adds(b, "    ");
	if (p->name)
		buf_addf(b, "%s--%s", p->c < 256 ? ", " : "  ", p->name);
	if (p->kind != OPT_NONE && p->arg)
		buf_addf(b, " %s", p->arg);
}

/* Words of text from column `left` on; b ends at column `at`. */
static void
add_wrapped(struct buf *b, const char *text, size_t at, size_t left)
{
	while (*text) {
		size_t n = strcspn(text, " ");
		if (at > left && at + 1 + n > COLUMNS) {
			buf_addc(b, '\n');
			at = 0;
		}
		if (at < left)
			buf_addf(b, "%*s", (int)(left - at), "");
		else if (at > left)
			buf_addc(b, ' ');
		at = (at < left ? left : at + (at > left)) + n;
		buf_add(b, text, n);
		text += n + strspn(text + n, " ");
	}
	buf_addc(b, '\n');
}

void
opt_help(struct buf *b, const struct opt *table, const char *usage)
{
	struct buf left = BUF_INIT;
	size_t width = 0;

	for (const struct opt *p = table; p->c; p++) {
		buf_clear(&left);
		add_left(&left, p);
		if (p->help && left.len > width && left.len <= MAX_LEFT)
			width = left.len;
	}
	buf_addf(b, "usage: %s\n\n", usage);
	for (const struct opt *p = table; p->c; p++) {
		if (!p->help)
			continue;
		buf_clear(&left);
		add_left(&left, p);
		buf_add(b, left.p, left.len);
		if (left.len > width)
			buf_addc(b, '\n');
		add_wrapped(b, p->help, left.len > width ? 0 : left.len, width + 2);
	}
	buf_release(&left);
}

void
opt_dump(struct buf *b, const struct opt *table)
{
	static const char *const kinds[] = {[OPT_NONE] = "none",
	    [OPT_TEXT] = "text",
	    [OPT_FILE] = "file",
	    [OPT_DIR] = "dir",
	    [OPT_MODEL] = "model",
	    [OPT_PROVIDER] = "provider",
	    [OPT_NUMBER] = "number",
	    [OPT_TIME] = "time",
	    [OPT_WORDS] = "words"};

	for (const struct opt *p = table; p->c; p++) {
		if (!p->help)
			continue;
		buf_addf(b, "%c\t%s\t%s\t%s\t", p->c < 256 ? p->c : '-', p->name ? p->name : "-", kinds[p->kind],
		    p->arg ? p->arg : "-");
		str_tsv(b, p->help, strlen(p->help));
		buf_addc(b, '\n');
	}
}
