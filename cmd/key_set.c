/* SPDX-License-Identifier: ISC */
/* or-key set: a key into a file of its own, and into the table. */
#include <err.h>
#include <errno.h>
#include <readpassphrase.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "key.h"
#include "provider_set.h"

/* A key as it was read: a byte over what a key may have, so that a longer one shows. */
struct secret {
	char text[PROVIDER_KEY_MAX + 2];
	size_t n;
};

static int
ask(struct secret *s, const char *name, struct err *e)
{
	struct buf prompt = BUF_INIT;
	int sys = 0;

	buf_addf(&prompt, "Key for %s, which won't be shown: ", name);
	if (!readpassphrase(prompt.p, s->text, sizeof(s->text), RPP_ECHO_OFF | RPP_REQUIRE_TTY))
		sys = errno;
	buf_release(&prompt);
	if (sys == ENOTTY)
		return err_set(
		    e, ERR_USAGE, "no terminal to ask at: `or-key set %s -` reads the key from standard input", name);
	if (sys)
		return err_sys(e, ERR_IO, sys, "can't read the key from the terminal");
	s->n = strlen(s->text);
	return 0;
}

static int
read_stdin(struct secret *s, struct err *e)
{
	ssize_t got = 1;

	while (got && s->n < sizeof(s->text)) {
		got = read(STDIN_FILENO, s->text + s->n, sizeof(s->text) - s->n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, ERR_IO, errno, "standard input");
		s->n += (size_t)got;
	}
	return 0;
}

/* What a paste and an editor leave behind the key is no part of it. */
static void
trim(struct secret *s)
{
	while (s->n && strchr(" \t\r\n", s->text[s->n - 1]))
		s->n--;
}

static int
check_operands(const struct key_args *a, struct err *e)
{
	if (a->n_operand == 0)
		return err_set(e, ERR_USAGE, "set: the name of a provider is missing");
	if (a->n_operand > 2 || (a->n_operand == 2 && strcmp(a->operand[1], "-") != 0))
		return err_set(e, ERR_USAGE,
		    "set takes one name, and may be `-` behind it for standard input; a key is never an operand");
	return 0;
}

static void
tell(const struct key_args *a, const struct provider_set *done)
{
	if (conf_env("OR_GATEWAY") && !a->quiet)
		warnx("OR_GATEWAY is set: while it is, the table isn't read");
	if (a->verbose)
		warnx("%s: the key is in %s, and %s says so", a->operand[0], done->key_file, done->table);
}

int
key_set(const struct key_args *a, int closed, struct err *e)
{
	struct secret s = {.n = 0};
	struct provider_set done = {0};
	int r;

	(void)closed;
	if (check_operands(a, e) || provider_set_check(a->operand[0], e))
		return -1;
	r = a->n_operand == 2 && !isatty(STDIN_FILENO) ? read_stdin(&s, e) : ask(&s, a->operand[0], e);
	if (r == 0) {
		trim(&s);
		r = provider_set_key(a->operand[0], s.text, s.n, &done, e);
	}
	explicit_bzero(&s, sizeof(s));
	if (r == 0)
		tell(a, &done);
	provider_set_release(&done);
	return r;
}
