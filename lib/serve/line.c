/* SPDX-License-Identifier: ISC */
#include "serve/line.h"

#include <string.h>

#include "buf.h"
#include "err.h"

struct head {
	uint32_t length; /* of all */
	uint32_t type;
	uint64_t number;
};

#define LEAST_ROW_BYTES 40
#define KEEP_BYTES (1024 * 1024) /* of a buffer that has become empty */

/* Each field begins with its kind. */
enum { FIELD_INT = 'i', FIELD_STR = 's', FIELD_NULL = 'n' };

size_t
line_begin(struct buf *b, enum line_type type, uint64_t number)
{
	const struct head h = {.type = type, .number = number};
	size_t at = b->len;

	buf_add(b, &h, sizeof(h));
	return at;
}

void
line_make_moot(struct buf *b, size_t at)
{
	struct head h;

	memcpy(&h, b->p + at, sizeof(h));
	h.type = LINE_MOOT;
	memcpy(b->p + at, &h, sizeof(h));
}

void
line_make_again(struct buf *b, size_t at, uint64_t number)
{
	struct head h;

	memcpy(&h, b->p + at, sizeof(h));
	h.type = LINE_SETTLE_AGAIN;
	h.number = number;
	memcpy(b->p + at, &h, sizeof(h));
}

void
line_int(struct buf *b, int64_t n)
{
	char *to = buf_reserve(b, 1 + sizeof(n));

	*to = FIELD_INT;
	memcpy(to + 1, &n, sizeof(n));
	b->len += 1 + sizeof(n);
}

void
line_bytes(struct buf *b, const char *p, size_t n)
{
	uint32_t length = n > LINE_MAX_BYTES ? LINE_MAX_BYTES : (uint32_t)n; /* line_end refuses it */
	char *to = buf_reserve(b, 1 + sizeof(length) + length + 1);

	*to = FIELD_STR;
	memcpy(to + 1, &length, sizeof(length));
	to += 1 + sizeof(length);
	if (length)
		memcpy(to, p, length);
	to[length] = '\0';
	b->len += 1 + sizeof(length) + length + 1;
}

void
line_str(struct buf *b, const char *s)
{
	if (s)
		line_bytes(b, s, strlen(s));
	else
		buf_addc(b, FIELD_NULL);
}

int
line_end(struct buf *b, size_t at)
{
	size_t n = b->len - at;

	if (n > LINE_MAX_BYTES) {
		b->len = at;
		return -1;
	}
	const uint32_t length = (uint32_t)n;
	memcpy(b->p + at + offsetof(struct head, length), &length, sizeof(length));
	return 0;
}

int
line_next(const char *p, size_t n, size_t *used, struct line_msg *m)
{
	struct head h;

	if (n < sizeof(h))
		return 0;
	memcpy(&h, p, sizeof(h));
	if (h.length < sizeof(h) || h.length > LINE_MAX_BYTES)
		return -1;
	if (n < h.length)
		return 0;
	*used = h.length;
	*m = (struct line_msg){.type = h.type > INT32_MAX ? 0 : (int)h.type,
	    .number = h.number,
	    .p = p + sizeof(h),
	    .left = h.length - sizeof(h)};
	return 1;
}

static const char *
take(struct line_msg *m, size_t n)
{
	const char *p = m->p;

	if (m->bad || n > m->left) {
		m->bad = 1;
		return NULL;
	}
	m->p += n;
	m->left -= n;
	return p;
}

int64_t
line_get_int(struct line_msg *m, int64_t min, int64_t max)
{
	const char *p = take(m, 1 + sizeof(int64_t));
	int64_t n = 0;

	if (!p)
		return 0;
	memcpy(&n, p + 1, sizeof(n));
	if (*p == FIELD_INT && n >= min && n <= max)
		return n;
	m->bad = 1;
	return 0;
}

const char *
line_get_bytes(struct line_msg *m, size_t *n)
{
	const char *kind = take(m, 1), *p;
	uint32_t length;

	*n = 0;
	if (!kind || *kind == FIELD_NULL)
		return NULL;
	p = *kind == FIELD_STR ? take(m, sizeof(length)) : NULL;
	if (!p) {
		m->bad = 1;
		return NULL;
	}
	memcpy(&length, p, sizeof(length));
	p = take(m, (size_t)length + 1);
	if (p && p[length] != '\0')
		m->bad = 1;
	if (m->bad)
		return NULL;
	*n = length;
	return p;
}

const char *
line_get_str(struct line_msg *m)
{
	size_t n;

	return line_get_bytes(m, &n);
}

size_t
line_get_count(struct line_msg *m)
{
	return (size_t)line_get_int(m, 0, (int64_t)(m->left / LEAST_ROW_BYTES));
}

int
line_is_whole(const struct line_msg *m)
{
	return !m->bad && m->left == 0;
}

void
line_err(struct buf *b, const struct err *e)
{
	line_int(b, e ? e->kind : ERR_NONE);
	line_int(b, e ? e->http : 0);
	line_int(b, e ? e->sys : 0);
	line_int(b, e ? e->retry_after_ms : 0);
	line_str(b, e && *e->msg ? e->msg : NULL);
}

int
line_get_err(struct line_msg *m, struct err *e)
{
	err_clear(e);
	enum err_kind kind = (enum err_kind)line_get_int(m, 0, ERR_N_KINDS - 1);
	int http = (int)line_get_int(m, INT32_MIN, INT32_MAX), sys = (int)line_get_int(m, INT32_MIN, INT32_MAX);
	int64_t after = line_get_int(m, INT64_MIN, INT64_MAX);
	const char *msg = line_get_str(m);

	if (m->bad || kind == ERR_NONE)
		return 0;
	err_set(e, kind, "%s", msg ? msg : "");
	e->http = http;
	e->sys = sys;
	e->retry_after_ms = after;
	return 1;
}

void
line_drop(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	if (n < b->len) {
		memmove(b->p, b->p + n, b->len - n);
		b->len -= n;
		b->p[b->len] = '\0';
	} else if (b->cap > KEEP_BYTES) {
		buf_release(b);
	} else {
		buf_clear(b);
	}
}
