/* SPDX-License-Identifier: ISC */
#include "eventstream.h"

#include <stdint.h>
#include <string.h>

#include "jsonw.h"

#define PRELUDE 12 /* bytes: length, headers' length, their sum */
#define SUM 4      /* bytes of a sum */

/* CRC-32 as in zlib, four bits at a time. */
static uint32_t
crc32(const unsigned char *p, size_t n)
{
	static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278,
	    0xbdbdf21c};
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The frame's length into *total. */
static int
check_prelude(const struct eventstream *s, const unsigned char *p, size_t *total)
{
	size_t n_headers = get32(p + 4);

	*total = get32(p);
	if (crc32(p, PRELUDE - SUM) != get32(p + PRELUDE - SUM) || *total < PRELUDE + SUM ||
	    n_headers > *total - PRELUDE - SUM)
		return EVENTSTREAM_BAD;
	return *total > (s->max ? s->max : EVENTSTREAM_MAX) ? EVENTSTREAM_TOO_LONG : 0;
}

enum { TYPE_BYTES = 6, TYPE_STRING = 7 };

/* Bytes of a value, with the length in front of it where it has one; -1: no such type, or it isn't whole. */
static long
value_size(unsigned type, const unsigned char *p, size_t n)
{
	/* true, false, byte, short, integer, long, bytes, string, timestamp, uuid */
	static const unsigned char sizes[] = {0, 0, 1, 2, 4, 8, 2, 2, 8, 16};

	if (type >= sizeof(sizes) || n < sizes[type])
		return -1;
	size_t size = sizes[type];
	if (type == TYPE_BYTES || type == TYPE_STRING)
		size += (size_t)p[0] << 8 | p[1];
	return size > n ? -1 : (long)size;
}

static int
is_name(const unsigned char *name, size_t n, const char *s)
{
	return strlen(s) == n && memcmp(name, s, n) == 0;
}

/* Where the header's value is kept; NULL: nowhere. */
static struct buf *
place_of(struct eventstream *s, const unsigned char *name, size_t n)
{
	if (is_name(name, n, ":message-type"))
		return &s->message;
	if (is_name(name, n, ":event-type") || is_name(name, n, ":exception-type") || is_name(name, n, ":error-code"))
		return &s->type;
	return is_name(name, n, ":error-message") ? &s->error : NULL;
}

static int
read_headers(struct eventstream *s, const unsigned char *p, size_t n)
{
	buf_clear(&s->message);
	buf_clear(&s->type);
	buf_clear(&s->error);
	while (n) {
		size_t n_name = *p;
		if (!n_name || n < n_name + 2)
			return EVENTSTREAM_BAD;
		const unsigned char *name = p + 1, *value = name + n_name + 1;
		unsigned type = name[n_name];
		n -= n_name + 2;
		long size = value_size(type, value, n);
		if (size == -1)
			return EVENTSTREAM_BAD;
		struct buf *place = type == TYPE_STRING ? place_of(s, name, n_name) : NULL;
		if (place) {
			buf_clear(place);
			buf_add(place, value + 2, (size_t)size - 2);
		}
		p = value + size;
		n -= (size_t)size;
	}
	return 0;
}

static int
give_error(struct eventstream *s, const struct eventstream_head *h)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "message");
	jsonw_strn(&w, s->error.p, s->error.len);
	jsonw_end_object(&w);
	int r = s->on_frame(s->arg, h, b.p, b.len);
	buf_release(&b);
	return r;
}

/* One frame, whose prelude was right. */
static int
take_frame(struct eventstream *s, const unsigned char *p, size_t total)
{
	size_t n_headers = get32(p + 4);

	if (crc32(p, total - SUM) != get32(p + total - SUM))
		return EVENTSTREAM_BAD;
	int r = read_headers(s, p + PRELUDE, n_headers);
	if (r)
		return r;
	const char *payload = (const char *)p + PRELUDE + n_headers;
	size_t n = total - PRELUDE - n_headers - SUM;
	struct eventstream_head h = {buf_str(&s->message), buf_str(&s->type)};
	return n || !s->error.len ? s->on_frame(s->arg, &h, payload, n) : give_error(s, &h);
}

/* A frame that is whole in the input, without a copy. Returns the bytes used, 0: none is. */
static size_t
fast_frame(struct eventstream *s, const unsigned char *p, size_t n, int *r)
{
	size_t total;

	if (s->pending.len || n < PRELUDE)
		return 0;
	*r = check_prelude(s, p, &total);
	if (*r || total > n)
		return 0;
	*r = take_frame(s, p, total);
	return total;
}

/* Adds to what is pending, up to the end of prelude or frame. Returns the bytes used. */
static size_t
slow_frame(struct eventstream *s, const unsigned char *p, size_t n, int *r)
{
	size_t total = PRELUDE;

	if (s->pending.len >= PRELUDE)
		total = get32((const unsigned char *)s->pending.p);
	size_t take = total - s->pending.len < n ? total - s->pending.len : n;
	buf_add(&s->pending, p, take);
	if (s->pending.len < total)
		return take;
	if (total == PRELUDE) {
		*r = check_prelude(s, (const unsigned char *)s->pending.p, &total);
	} else {
		*r = take_frame(s, (const unsigned char *)s->pending.p, total);
		buf_clear(&s->pending);
	}
	return take;
}

int
eventstream_feed(struct eventstream *s, const char *p, size_t n)
{
	const unsigned char *at = (const unsigned char *)p;
	int r = 0;

	while (n && !r) {
		size_t used = fast_frame(s, at, n, &r);
		if (!used && !r)
			used = slow_frame(s, at, n, &r);
		at += used;
		n -= used;
	}
	return r;
}

int
eventstream_end(const struct eventstream *s)
{
	return s->pending.len ? EVENTSTREAM_CUT : 0;
}

void
eventstream_release(struct eventstream *s)
{
	buf_release(&s->pending);
	buf_release(&s->message);
	buf_release(&s->type);
	buf_release(&s->error);
}

static void
put32(struct buf *b, size_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(b, (char)(v >> shift & 0xff));
}

static void
put_header(struct buf *b, const char *name, const char *value)
{
	size_t n = strlen(value);

	buf_addc(b, (char)strlen(name));
	buf_adds(b, name);
	buf_addc(b, TYPE_STRING);
	buf_addc(b, (char)(n >> 8));
	buf_addc(b, (char)(n & 0xff));
	buf_add(b, value, n);
}

static void
put_sum(struct buf *b, size_t from)
{
	put32(b, crc32((const unsigned char *)b->p + from, b->len - from));
}

void
eventstream_put(struct buf *b, const char *message_type, const char *type, const char *payload, size_t n)
{
	struct buf headers = BUF_INIT;
	size_t from = b->len;

	put_header(&headers, strcmp(message_type, "exception") == 0 ? ":exception-type" : ":event-type", type);
	put_header(&headers, ":content-type", "application/json");
	put_header(&headers, ":message-type", message_type);
	put32(b, PRELUDE + headers.len + n + SUM);
	put32(b, headers.len);
	put_sum(b, from);
	buf_add(b, headers.p, headers.len);
	buf_add(b, payload, n);
	put_sum(b, from);
	buf_release(&headers);
}
