/* SPDX-License-Identifier: ISC */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "str.h"

#define SLOW_MS 10000

static int
is_dash(const char *s)
{
	return strcmp(s, "-") == 0;
}

size_t
prompt_claims(const struct prompt_spec *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_operand; i++)
		n += (size_t)is_dash(s->operand[i]);
	for (size_t i = 0; i < s->n_file; i++)
		n += (size_t)is_dash(s->file[i]);
	return n;
}

int
prompt_text(const struct prompt_spec *s, const char *name, const char *p, size_t n, struct buf *out, size_t *n_repaired,
    struct err *e)
{
	const char *nul = n ? memchr(p, '\0', n) : NULL;
	size_t good;

	if (nul)
		return err_set(e, ERR_DATA, "%s: NUL byte at offset %zu", name, (size_t)(nul - p));
	if (out->len + n > s->max)
		return err_set(e, ERR_DATA, "the input is more than %zu bytes (--max-input)", s->max);
	good = utf8_valid(p, n);
	if (good == n) {
		buf_add(out, p, n);
		return 0;
	}
	if (s->strict_utf8)
		return err_set(e, ERR_DATA, "%s: not UTF-8 at offset %zu", name, good);
	*n_repaired += utf8_repair(out, p, n);
	return 0;
}

int
prompt_file(const struct prompt_spec *s, const char *path, struct buf *out, size_t *n_repaired, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (is_dash(path) && s->stdin_closed)
		return err_set(e, ERR_NOINPUT, "standard input is closed");
	if (is_dash(path))
		r = conf_slurp_fd(STDIN_FILENO, "standard input", s->max, &b, e);
	else
		r = conf_slurp(path, s->max, &b, e);
	if (r && e->kind == ERR_DATA) /* nothing else can be wrong with bytes that were only read */
		err_set(e, ERR_DATA, "%s: the input is more than %zu bytes (--max-input)",
		    is_dash(path) ? "standard input" : path, s->max);
	if (!r)
		r = prompt_text(s, is_dash(path) ? "standard input" : path, buf_str(&b), b.len, out, n_repaired, e);
	buf_release(&b);
	return r;
}

static void
wait_for_first_byte(const struct prompt_spec *s)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	if (s->on_slow && poll(&p, 1, SLOW_MS) == 0)
		s->on_slow();
}

enum source { SOURCE_NOTHING, SOURCE_STDIN, SOURCE_REFUSED };

/* Beside operands or files: is standard input meant? A regular file that was read already belongs to a loop or a shell. */
static enum source
implicit_stdin(const struct prompt_spec *s, struct err *e)
{
	struct stat st;

	if (s->no_stdin || s->stdin_taken || s->stdin_closed || fstat(STDIN_FILENO, &st))
		return SOURCE_NOTHING;
	if (!S_ISFIFO(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISSOCK(st.st_mode))
		return SOURCE_NOTHING;
	if (S_ISREG(st.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) > 0) {
		err_set(e, ERR_USAGE,
		    "standard input is a file that was read already (a loop or script?): "
		    "say -N to leave it alone, or - to read it");
		return SOURCE_REFUSED;
	}
	if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		wait_for_first_byte(s);
	return SOURCE_STDIN;
}

/* Ends a part: its successor begins after one empty line. */
static void
separate(struct buf *out, size_t part_start)
{
	if (out->len > part_start)
		buf_adds(out, out->p[out->len - 1] == '\n' ? "\n" : "\n\n");
}

struct joining {
	const struct prompt_spec *s;
	struct buf *out;
	size_t *n_repaired;
	size_t last; /* where the last part that isn't empty begins */
};

/* Appends a part, from text or from a file, with the separator in front where one is due. */
static int
add_part(struct joining *j, const char *file, const struct buf *text, const char *name, struct err *e)
{
	struct buf part = BUF_INIT;
	int r = file ? prompt_file(j->s, file, &part, j->n_repaired, e)
		     : prompt_text(j->s, name, buf_str(text), text->len, &part, j->n_repaired, e);

	if (!r && part.len) {
		separate(j->out, j->last);
		j->last = j->out->len;
		if (j->out->len + part.len > j->s->max)
			r = err_set(e, ERR_DATA, "the input is more than %zu bytes (--max-input)", j->s->max);
		else
			buf_add(j->out, part.p, part.len);
	}
	buf_release(&part);
	return r;
}

/* Operands up to a "-" are one part, joined by blanks; the "-" is another. */
static int
add_operands(struct joining *j, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < j->s->n_operand && !r; i++) {
		const char *op = j->s->operand[i];
		if (is_dash(op)) {
			r = add_part(j, NULL, &text, "operand", e);
			buf_clear(&text);
			size_t before = j->out->len;
			if (!r)
				r = add_part(j, "-", NULL, NULL, e);
			if (!r && j->out->len == before)
				r = err_set(e, ERR_DATA, "standard input is empty");
			continue;
		}
		if (text.len)
			buf_addc(&text, ' ');
		buf_adds(&text, op);
	}
	if (!r)
		r = add_part(j, NULL, &text, "operand", e);
	buf_release(&text);
	return r;
}

static int
stdin_alone(struct joining *j, struct err *e)
{
	if (j->s->no_stdin)
		return err_set(e, ERR_USAGE, "no prompt: with -N it has to come from operands or -f");
	if (j->s->stdin_closed)
		return err_set(e, ERR_DATA, "no prompt: standard input is closed");
	if (isatty(STDIN_FILENO))
		return err_set(
		    e, ERR_USAGE, "no prompt: give it as operands, or through a pipe (or-chat - reads the terminal)");
	if (add_part(j, "-", NULL, NULL, e))
		return -1;
	return j->out->len ? 0 : err_set(e, ERR_DATA, "standard input is empty: there is no prompt");
}

int
prompt_read(const struct prompt_spec *s, struct buf *out, size_t *n_repaired, struct err *e)
{
	struct joining j = {s, out, n_repaired, 0};

	if (!s->n_operand && !s->n_file && !s->stdin_taken)
		return stdin_alone(&j, e);
	int claims = prompt_claims(s) > 0;
	enum source in = claims || (!s->n_operand && !s->n_file) ? SOURCE_NOTHING : implicit_stdin(s, e);
	if (in == SOURCE_REFUSED || add_operands(&j, e))
		return -1;
	for (size_t i = 0; i < s->n_file; i++)
		if (add_part(&j, s->file[i], NULL, NULL, e))
			return -1;
	return in == SOURCE_STDIN ? add_part(&j, "-", NULL, NULL, e) : 0;
}
