/* SPDX-License-Identifier: ISC */
/* or-embed's texts: from files or standard input, a record at a time. */
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "embed_tool.h"
#include "err.h"
#include "loop.h"
#include "str.h"

#define READ_SIZE 65536

const char *
embed_unit(const struct embed_args *a)
{
	return a->null ? "record" : "line";
}

static int
next_file(struct embed_input *in, struct err *e)
{
	struct stat st;
	const char *name = in->a->n_operand ? in->a->operand[in->n_opened] : "-";

	in->n_opened++;
	in->name = strcmp(name, "-") == 0 ? "standard input" : name;
	in->fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return err_sys(e, ERR_NOINPUT, errno, "%s", name);
	if (fstat(in->fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOINPUT, "%s: Is a directory", name);
	in->may_block = !S_ISREG(st.st_mode);
	in->eof = 0;
	in->offset = 0;
	return 0;
}

int
embed_input_open(struct embed_input *in, const struct embed_args *a, int closed, struct err *e)
{
	in->a = a;
	in->fd = -1;
	if (!a->n_operand && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "standard input is a terminal (or-embed - reads it)");
	if (!a->n_operand && closed & 1)
		return err_set(e, ERR_NOINPUT, "standard input is closed");
	return next_file(in, e);
}

void
embed_input_release(struct embed_input *in)
{
	buf_release(&in->buf);
	buf_release(&in->text);
	buf_release(&in->id);
	json_release(&in->json);
}

/* 1: more is there; 0: not yet; -1. */
static int
read_more(struct embed_input *in, struct err *e)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	if (in->may_block && poll(&p, 1, 0) == 0)
		return 0;
	if (in->at) {
		memmove(in->buf.p, in->buf.p + in->at, in->buf.len - in->at);
		in->buf.len -= in->at;
		in->at = 0;
	}
	char *to = buf_reserve(&in->buf, READ_SIZE);
	ssize_t n = read(in->fd, to, READ_SIZE);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_sys(e, ERR_IO, errno, "%s", in->name);
	in->buf.len += (size_t)n;
	in->eof = n == 0;
	return 1;
}

/* The next record's bytes, without what ends it. */
static enum embed_next
next_record(struct embed_input *in, const char **p, size_t *n, struct err *e)
{
	for (;;) {
		const char *from = in->buf.p + in->at;
		size_t have = in->buf.len - in->at;
		const char *end = have > in->searched
		    ? memchr(from + in->searched, in->a->null ? '\0' : '\n', have - in->searched)
		    : NULL;
		size_t len = end ? (size_t)(end - from) : have;
		if (len > in->a->max_input) {
			err_set(e, ERR_DATA, "%s %" PRId64 ": more than %" PRIu64 " bytes (--max-input)",
			    embed_unit(in->a), in->record + 1, in->a->max_input);
			return EMBED_FAILED;
		}
		if (end || (in->eof && have)) {
			*p = from;
			*n = len;
			in->at += len + (end != NULL);
			in->searched = 0;
			in->record++;
			return EMBED_TEXT;
		}
		in->searched = have;
		if (in->eof) {
			if (in->fd != STDIN_FILENO)
				close(in->fd);
			in->fd = -1;
			if (in->n_opened >= in->a->n_operand)
				return EMBED_END;
			if (next_file(in, e))
				return EMBED_FAILED;
		}
		int r = read_more(in, e);
		if (r <= 0)
			return r ? EMBED_FAILED : EMBED_LATER;
	}
}

static int
bad(const struct embed_input *in, const char *why, struct err *e)
{
	return err_set(e, ERR_DATA, "%s %" PRId64 ": %s", embed_unit(in->a), in->record, why);
}

/* A string, or an object with `text` and maybe `id`. */
static int
take_json(struct embed_input *in, const char *p, size_t n, struct embed_text *t, struct err *e)
{
	struct err why = {0};
	size_t n_raw;

	if (json_parse(&in->json, p, n, &why))
		return bad(in, why.msg, e);
	int object = json_type(&in->json, 0) == JSON_OBJECT, id = json_get(&in->json, 0, "id");
	buf_clear(&in->text);
	buf_clear(&in->id);
	if (json_str(&in->json, object ? json_get(&in->json, 0, "text") : 0, &in->text))
		return bad(in, "neither a string nor an object with a text", e);
	if (json_type(&in->json, id) == JSON_NUMBER) {
		const char *raw = json_raw(&in->json, id, &n_raw);
		buf_add(&in->id, raw, n_raw);
	} else if (id >= 0 && json_type(&in->json, id) != JSON_NULL && json_str(&in->json, id, &in->id)) {
		return bad(in, "an id that is neither a string nor a number", e);
	}
	t->text = buf_str(&in->text);
	t->n_text = in->text.len;
	t->id = in->id.p && json_type(&in->json, id) > JSON_NULL ? in->id.p : NULL;
	t->n_id = in->id.len;
	return 0;
}

static int
take_id(struct embed_input *in, const char **p, size_t *n, struct embed_text *t, struct err *e)
{
	const char *tab = memchr(*p, '\t', *n);

	if (!tab)
		return bad(in, "no tab behind an id (-I)", e);
	t->id = *p;
	t->n_id = (size_t)(tab - *p);
	*n -= t->n_id + 1;
	*p = tab + 1;
	return 0;
}

/* Bytes that aren't UTF-8 are replaced, in a copy. */
static int
check_utf8(struct embedder *x, const char **p, size_t *n, struct err *e)
{
	struct embed_input *in = &x->input;
	size_t at = utf8_valid(*p, *n);

	if (at == *n)
		return 0;
	if (x->a.strict_utf8)
		return err_set(
		    e, ERR_DATA, "%s %" PRId64 ": not UTF-8 at its byte %zu", embed_unit(in->a), in->record, at);
	buf_clear(&in->text);
	utf8_repair(&in->text, *p, *n);
	if (!in->repaired)
		embed_warn(x, "bytes of the input that are not UTF-8: replaced by U+FFFD");
	in->repaired = 1;
	*p = in->text.p;
	*n = in->text.len;
	return 0;
}

static int
is_blank(const char *p, size_t n)
{
	while (n && memchr(" \t\r\n", p[n - 1], 4))
		n--;
	return n == 0;
}

enum embed_next
embed_input_next(struct embedder *x, struct embed_text *t, struct err *e)
{
	struct embed_input *in = &x->input;
	const char *p = NULL;
	size_t n = 0;
	enum embed_next r;

	do
		r = next_record(in, &p, &n, e);
	while (r == EMBED_TEXT && in->a->ndjson && is_blank(p, n));
	if (r != EMBED_TEXT)
		return r;
	t->record = in->record;
	const char *nul = in->a->null ? NULL : memchr(p, '\0', n);
	if (nul)
		return err_set(e, ERR_DATA, "%s %" PRId64 ": a NUL at its byte %td", embed_unit(in->a), in->record,
			   nul - p),
		       EMBED_FAILED;
	if (check_utf8(x, &p, &n, e))
		return EMBED_FAILED;
	if (in->a->ids && take_id(in, &p, &n, t, e))
		return EMBED_FAILED;
	t->text = p;
	t->n_text = n;
	if (in->a->ndjson && take_json(in, p, n, t, e))
		return EMBED_FAILED;
	if (t->n_text == 0) {
		bad(in, "an empty text", e);
		return EMBED_FAILED;
	}
	return EMBED_TEXT;
}
