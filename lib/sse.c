/* SPDX-License-Identifier: ISC */
#include "sse.h"

#include <string.h>

static size_t
cap(const struct sse *s)
{
	return s->max ? s->max : SSE_MAX;
}

/* An empty line ends an event. data points into the input where the event was one line in one read. */
static int
dispatch(struct sse *s, const char *data, size_t n)
{
	int r = 0;

	if (s->n_data)
		r = s->on_event(s->arg, buf_str(&s->event), data, n);
	s->n_data = 0;
	buf_clear(&s->data);
	buf_clear(&s->event);
	return r;
}

static int
add_data(struct sse *s, const char *value, size_t n)
{
	if (s->data.len + n + (s->n_data > 0) > cap(s))
		return SSE_TOO_LONG;
	if (s->n_data++)
		buf_addc(&s->data, '\n');
	buf_add(&s->data, value, n);
	return 0;
}

static int
is_field(const char *line, size_t name_len, const char *field)
{
	return strlen(field) == name_len && memcmp(line, field, name_len) == 0;
}

/* One line without its end. */
static int
take_line(struct sse *s, const char *line, size_t n)
{
	if (n == 0)
		return dispatch(s, buf_str(&s->data), s->data.len);
	if (*line == ':')
		return 0;
	const char *colon = memchr(line, ':', n);
	size_t name_len = colon ? (size_t)(colon - line) : n;
	const char *value = colon ? colon + 1 : line + n;
	size_t len = (size_t)(line + n - value);
	if (len && *value == ' ') {
		value++;
		len--;
	}
	if (is_field(line, name_len, "data"))
		return add_data(s, value, len);
	if (is_field(line, name_len, "event")) {
		buf_clear(&s->event);
		buf_add(&s->event, value, len < 256 ? len : 256);
		return 0;
	}
	if (is_field(line, name_len, "id") || is_field(line, name_len, "retry"))
		return 0;
	return s->on_stray ? s->on_stray(s->arg, NULL, line, n) : 0;
}

/* Adds to an incomplete line. */
static int
keep(struct sse *s, const char *p, size_t n)
{
	if (s->line.len + n > cap(s))
		return SSE_TOO_LONG;
	buf_add(&s->line, p, n);
	return 0;
}

/* The common case without a copy: "data: ...\n\n" whole in the input, with nothing pending. Returns the bytes used, 0: not that case. */
static size_t
fast_event(struct sse *s, const char *p, size_t n, int *r)
{
	if (n < 8 || s->line.len || s->n_data || memcmp(p, "data: ", 6) != 0)
		return 0;
	const char *end = memchr(p + 6, '\n', n - 6);
	if (!end || end + 1 == p + n || end[1] != '\n' || end[-1] == '\r')
		return 0;
	size_t len = (size_t)(end - p) - 6;
	if (len + 6 > cap(s) || memchr(p + 6, '\r', len))
		return 0;
	s->n_data = 1;
	*r = dispatch(s, p + 6, len);
	return len + 8;
}

/* Length of the line at p up to LF or CR, or n where neither is there. */
static size_t
line_len(const char *p, size_t n)
{
	const char *lf = memchr(p, '\n', n);
	size_t len = lf ? (size_t)(lf - p) : n;
	const char *cr = memchr(p, '\r', len);

	return cr ? (size_t)(cr - p) : len;
}

static int
feed_line(struct sse *s, const char *p, size_t len, int complete)
{
	int r;

	if (!complete)
		return keep(s, p, len);
	if (!s->line.len)
		return len > cap(s) ? SSE_TOO_LONG : take_line(s, p, len);
	r = keep(s, p, len);
	if (!r)
		r = take_line(s, buf_str(&s->line), s->line.len);
	buf_clear(&s->line);
	return r;
}

/* A BOM may come in pieces: until three bytes are there they wait in `line`. Returns the bytes used. */
static size_t
skip_bom(struct sse *s, const char *p, size_t n)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t i = 0;

	while (i < n && s->line.len < 3 && p[i] == bom[s->line.len])
		buf_addc(&s->line, p[i++]);
	if (s->line.len == 3)
		buf_clear(&s->line);
	else if (i == n)
		return n;
	s->started = 1;
	return i;
}

int
sse_feed(struct sse *s, const char *p, size_t n)
{
	int r = 0;

	if (!s->started) {
		size_t used = skip_bom(s, p, n);
		p += used;
		n -= used;
	}
	while (n && !r) {
		if (s->after_cr && *p == '\n') {
			s->after_cr = 0;
			p++;
			n--;
			continue;
		}
		s->after_cr = 0;
		size_t used = fast_event(s, p, n, &r);
		if (!used) {
			used = line_len(p, n);
			int complete = used < n;
			r = feed_line(s, p, used, complete);
			s->after_cr = complete && p[used] == '\r';
			used += (size_t)complete;
		}
		p += used;
		n -= used;
	}
	return r;
}

int
sse_end(struct sse *s)
{
	int r = 0;

	if (s->line.len) {
		r = take_line(s, buf_str(&s->line), s->line.len);
		buf_clear(&s->line);
	}
	return r ? r : dispatch(s, buf_str(&s->data), s->data.len);
}

void
sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
	buf_release(&s->event);
}
